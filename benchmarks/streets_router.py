"""Distances and service areas on real streets against an outside router, Valhalla.

    python benchmarks/streets_router.py FOLDER EXTRACT.osm.pbf [PAIRS] [AREAS]

FOLDER is the package `valhalla` of the unzipped wheel pyvalhalla 3.9.1 (cp312), whose `bin` holds plain executables;
nothing of it is imported into this process. Bars: over 1,000 random pairs 1 % in the median and 3 % at p99; service
areas of 1 km overlap with the router's isochrones at an intersection over union of at least 0.85 in the mean.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import shapely

from locator.geodesy import local_crs
from locator.streets.extract import network_of_extract
from locator.streets.graph import projected
from locator.streets.service_area import service_areas
from locator.streets.snapping import main_edges, snap
from locator.streets.travel import Heading, nearest_station

LIMIT_M = 1_000
CONFIG = """
import json, sys
sys.path.insert(0, sys.argv[1])
import valhalla_build_config
print(json.dumps(valhalla_build_config.config, default=lambda _: None))
"""


def configured(package, folder):
    """Write the router's configuration; return its file."""
    printed = subprocess.run([sys.executable, "-c", CONFIG, str(package)], capture_output=True, check=True)
    config = without_nothing(json.loads(printed.stdout))
    for outside in (
        "tile_extract",
        "traffic_extract",
        "admin",
        "timezone",
        "landmarks",
        "tile_url",
        "transit_dir",
    ):
        config["mjolnir"].pop(outside, None)
    (folder / "tiles").mkdir()
    config["mjolnir"]["tile_dir"] = str(folder / "tiles")
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    return path


def without_nothing(table):
    """Return a table without the members that are None, at any depth."""
    if not isinstance(table, dict):
        return table
    return {key: without_nothing(value) for key, value in table.items() if value is not None}


def asked(package, config, action, request):
    """Ask the router one thing; None where it has no answer."""
    command = [str(package / "bin" / "valhalla_service"), str(config), action, json.dumps(request)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else None


WALK = {"costing": "pedestrian", "costing_options": {"pedestrian": {"shortest": True}}}


def place(pair):
    """Return a place as the router takes it; it is to enter where it is, not on what it thinks a better road."""
    return {"lon": round(float(pair[0]), 7), "lat": round(float(pair[1]), 7)}


def compare_pairs(package, config, network, count):
    """Print how distances between random places on the streets differ."""
    dice = np.random.default_rng(7)
    allowed = np.flatnonzero(main_edges(network, min_share=0.5))
    weights = network.length_m[allowed] / network.length_m[allowed].sum()
    chosen = dice.choice(allowed, size=(count, 2), p=weights)
    share = dice.random((count, 2))
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(network.lines[chosen.ravel()], share.ravel(), normalized=True)
    )
    at = at.reshape(count, 2, 2)
    ours, theirs, shown = [], [], []
    for start, stop in at:
        answer = asked(
            package, config, "sources_to_targets", WALK | {"sources": [place(start)], "targets": [place(stop)]}
        )
        told = answer and answer["sources_to_targets"][0][0]["distance"]
        if not told:
            continue
        one = snap(network, start[:1], start[1:], edges=main_edges(network))
        other = snap(network, stop[:1], stop[1:], edges=main_edges(network))
        found = nearest_station(network, one, other, limit_m=100_000, heading=Heading.FROM_STATIONS)
        ours.append(float(found.distance_m[0]))
        theirs.append(told * 1_000)
        shown.append((start, stop))
    ours, theirs = np.array(ours), np.array(theirs)
    off = np.abs(ours / theirs - 1)
    print(
        f"pairs: {len(ours)} of {count} answered, differ by {np.median(off):.2%} in the median (bar ≤ 1 %), "
        f"{np.percentile(off, 99):.2%} at p99 (bar ≤ 3 %), {off.max():.1%} at most; ours is longer in "
        f"{(ours > theirs * 1.01).mean():.1%}, shorter in {(ours < theirs * 0.99).mean():.1%}"
    )
    for row in np.argsort(-off)[:5]:
        print(
            f"  {ours[row]:,.0f} m, router {theirs[row]:,.0f} m: {shown[row][0].round(6)} to {shown[row][1].round(6)}"
        )


def compare_areas(package, config, network, count):
    """Print how service areas overlap."""
    dice = np.random.default_rng(11)
    inside = np.flatnonzero(network.islands.label == 0)
    nodes = network.nodes[dice.choice(inside, count)]
    stations = snap(network, *nodes.T, edges=main_edges(network))
    shares = []
    for pair, area in zip(
        nodes, service_areas(network, stations, limit_m=LIMIT_M, heading=Heading.FROM_STATIONS), strict=True
    ):
        request = WALK | {
            "locations": [place(pair)],
            "contours": [{"distance": LIMIT_M / 1_000}],
            "polygons": True,
            "denoise": 0,
            "generalize": 5,
        }
        answer = asked(package, config, "isochrone", request)
        if not answer or not answer.get("features"):
            continue
        theirs = shapely.make_valid(shapely.geometry.shape(answer["features"][0]["geometry"]))
        crs = local_crs(area.polygon)
        ours, theirs = (
            shapely.transform(one, lambda pairs: projected(crs, pairs)) for one in (area.polygon, theirs)
        )
        shares.append((ours.intersection(theirs).area / ours.union(theirs).area, ours.area / theirs.area))
    overlap, ratio = np.array(shares).T
    print(
        f"areas: {len(overlap)} of {count} answered, intersection over union {overlap.mean():.3f} in the mean (bar ≥ 0.85), "
        f"{np.median(overlap):.3f} in the median, {overlap.min():.3f} at least; {ratio.mean():.2f} × the router's area"
    )


def main(package, extract, pairs=1_000, areas=100):
    """Build the router's tiles, and compare."""
    package = Path(package).resolve()
    for program in (package / "bin").iterdir():
        program.chmod(0o755)
    with tempfile.TemporaryDirectory() as name:
        config = configured(package, Path(name))
        build = [
            str(package / "bin" / "valhalla_build_tiles"),
            "-j",
            "1",
            "-c",
            str(config),
            str(Path(extract).resolve()),
        ]
        subprocess.run(build, check=True, capture_output=True)
        network = network_of_extract(Path(extract))
        compare_areas(package, config, network, int(areas))
        compare_pairs(package, config, network, int(pairs))


if __name__ == "__main__":
    main(*sys.argv[1:])
