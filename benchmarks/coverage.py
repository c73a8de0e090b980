"""All measures of coverage in a city, cold and with a kept network; 168 hours against one.

    python benchmarks/coverage.py [part …]       parts: city, hours
    LOCATOR_REAL_DATA=folder                     the collection of real data: Porto Alegre, 43,264 nodes

The city: 1,227 hexagons with 812,935 people, 40 stations drawn among them by a fixed seed, six kinds of hours, squares of
2 km as areas, the streets of the 20 longest names as those that must be covered. Cold is a process that has loaded the
measures with their libraries and the data set, and then reads the extract and computes every measure; kept finds the
network in a folder.
Without the real data the part city says that it is skipped; the part hours then takes a grid of its own.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import csv
import os
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import scipy.sparse.csgraph
import scipy.spatial  # noqa: F401 - loaded before the clock starts, as a server has it
import shapely

from locator.coverage.hours import measure_hours
from locator.coverage.measures import MEASURES
from locator.coverage.reach import measure_reach
from locator.coverage.study import Study
from locator.place import Area, DemandPoint, Street
from locator.snapshot import Snapshot
from locator.station import Station
from locator.streets.extract import network_of_extract
from locator.streets.lines import network_of_lines

DAY = date(2026, 11, 25)
HOURS = (
    "24/7",
    "Mo-Fr 08:00-18:00",
    "Mo-Su 07:00-22:00",
    "Mo-Fr 07:30-12:00,14:00-18:00; PH off",
    None,
    "Mo-Sa 09:00-21:00",
)


def folder():
    """Return where the streets of the real data are; None: nowhere."""
    given = os.environ.get("LOCATOR_REAL_DATA", Path(__file__).parents[2] / "shared" / "data")
    found = Path(given) / "streets"
    return found if (found / "porto_alegre.osm.pbf").is_file() else None


def city_parts(streets_folder):
    """Return stations, demand points and areas of the city."""
    with (streets_folder / "porto_alegre_hexagons.csv").open() as file:
        rows = list(csv.DictReader(file))
    places = np.array([[float(row["lon"]), float(row["lat"])] for row in rows])
    people = np.array([int(row["population"]) for row in rows])
    points = [
        DemandPoint(id=row["id"], geometry=shapely.Point(*place), weights={"residents": int(count)})
        for row, place, count in zip(rows, places, people, strict=True)
    ]
    return stations_at(places, people), points, squares(places)


def stations_at(places, people):
    """Return forty stations, more of them where more people are."""
    dice = np.random.default_rng(40)
    at = dice.choice(len(places), 40, replace=False, p=people / people.sum())
    return [
        Station(
            id=f"s{row:02d}", name=f"s{row:02d}", geometry=shapely.Point(*places[spot]), opening_hours=HOURS[row % 6],
            capacity=10 + row, facilities={"toilet": row % 2 == 0, "hot_water": True, "air_conditioning": row % 3 > 0},
        )
        for row, spot in enumerate(at)
    ]  # fmt: skip


def squares(places):
    """Return squares of about 2 km over some places."""
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    return [
        Area(id=f"{x:.2f} {y:.2f}", name=f"{x:.2f} {y:.2f}", geometry=shapely.box(x, y, x + 0.02, y + 0.018))
        for x in np.arange(west, east, 0.02)
        for y in np.arange(south, north, 0.018)
    ]


def main_streets(network):
    """Return the streets of the 20 longest names."""
    length = np.bincount(network.name, network.length_m, len(network.names))
    chosen = [name for name in np.argsort(-length) if name][:20]
    return [
        Street(id=str(edge), name=network.names[name], geometry=network.lines[edge], must_cover=True)
        for name in chosen
        for edge in np.flatnonzero(network.name == name)
    ]


def one_run(cache):
    """Print the seconds of the network and of each measure."""
    streets_folder = folder()
    stations, points, areas = city_parts(streets_folder)
    snapshot = Snapshot.of(stations)
    begin, worked = time.perf_counter(), cpu_seconds()
    network = network_of_extract(streets_folder / "porto_alegre.osm.pbf", cache=Path(cache))
    told = [("network", time.perf_counter() - begin)]
    told_cpu = cpu_seconds()
    streets = main_streets(network)
    begin, prepared = time.perf_counter(), cpu_seconds() - told_cpu
    study = Study(
        snapshot=snapshot, areas=areas, streets=streets, demand_points=points, day=DAY, network=network
    )  # fmt: skip
    for name, measure in MEASURES.items():
        before = time.perf_counter()
        measure(study)
        told.append((name, time.perf_counter() - before))
    total = told[0][1] + time.perf_counter() - begin
    cpu = cpu_seconds() - worked - prepared
    print(
        f"{total:.2f} s ({cpu:.2f} s of one processor): "
        + ", ".join(f"{name} {seconds:.2f}" for name, seconds in told)
    )


def cpu_seconds():
    """Return the seconds of processor that this process and its children have taken: what others do does not count."""
    return sum(os.times()[:4])


def city():
    """Run all measures cold, and with the network kept."""
    if folder() is None:
        print("city: skipped, there is no collection of real data (LOCATOR_REAL_DATA)")
        return
    with tempfile.TemporaryDirectory() as cache:
        for label in ("cold", "kept", "kept again"):
            command = [sys.executable, __file__, "--run", cache]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(f"city, {label}: {done.stdout.strip()}")


def hours():
    """Compute one hour, and 168 of a week and 24 of a holiday, each from the start: distances included, and without."""
    make = city_study if folder() is not None else grid_study
    first = make()
    measure_reach(first)  # everything is loaded
    ones, weeks, ones_alone, weeks_alone, arrays = [], [], [], [], []
    for _ in range(5):
        study = make(network=first.network)
        ones.append(seconds(lambda study=study: measure_one(study)))
        arrays.append(seconds(lambda study=study: measure_one(study)))
        ones_alone.append(seconds(lambda study=study: measure_reach(study, at=study.week.moments[34])))
        study = make(network=first.network)
        weeks.append(seconds(lambda study=study: measure_hours(study)))
        vars(study).pop("week_use"), vars(study).pop("week_columns")
        weeks_alone.append(seconds(lambda study=study: measure_hours(study)))
    distinct = first.week_columns.sets.shape[1]
    label = make.__name__.partition("_")[0]
    one, week = min(ones), min(weeks)
    print(
        f"hours, {label}: one hour {one:.3f} s, a week and a holiday {week:.3f} s: {week / one:.2f} times (search included)"
    )
    one, week = min(ones_alone), min(weeks_alone)
    print(
        f"hours, {label}: distances known, one hour {one * 1000:.0f} ms (measure_reach at it), a week and a holiday "
        f"{week * 1000:.0f} ms: {week / one:.2f} times; {distinct} of 384 sets of stations differ; "
        f"the arrays of one hour and one threshold alone take {min(arrays) * 1000:.1f} ms"
    )


def measure_one(study):
    """Return what is within reach at one hour, of people, streets and ground, in total and by area: as for a week."""
    moment = study.week.moments[34]
    use = study.supply.usable([moment]) & study.terms_use
    sets = np.concatenate([use.sure, use.possible], axis=1)
    for kind, laid in study.laid():
        near = laid.distances.within(study.criteria.within_m, sets)
        laid.demand.weight(kind) @ near
    study.members.sums(study.distances.within(study.criteria.within_m, sets) * study.weight[:, np.newaxis])


def city_study(network=None):
    """Return the study of the city."""
    stations, points, areas = city_parts(folder())
    network = network or network_of_extract(folder() / "porto_alegre.osm.pbf")
    return Study(
        snapshot=Snapshot.of(stations), areas=areas, streets=[], demand_points=points, day=DAY, network=network
    )


def grid_study(network=None):
    """Return the study of a grid of 60 by 60 streets, 150 m apart."""
    ticks = np.arange(60) * 0.0015
    places = np.stack(np.meshgrid(113 + ticks, 28 + ticks), axis=-1).reshape(-1, 2)[::3]
    if network is None:
        lines = [shapely.LineString([(113 + t, 28), (113 + t, 28 + ticks[-1])]) for t in ticks]
        lines += [shapely.LineString([(113, 28 + t), (113 + ticks[-1], 28 + t)]) for t in ticks]
        network = network_of_lines(lines)
    points = [
        DemandPoint(id=str(n), geometry=shapely.Point(*spot), weights={"residents": 100})
        for n, spot in enumerate(places)
    ]
    stations = stations_at(places, np.ones(len(places)))
    return Study(
        snapshot=Snapshot.of(stations),
        areas=squares(places),
        streets=[],
        demand_points=points,
        day=DAY,
        network=network,
    )


def seconds(job):
    """Return how long a job takes."""
    begin = time.perf_counter()
    job()
    return time.perf_counter() - begin


PARTS = {"city": city, "hours": hours}


def main(parts):
    """Run each part in a process of its own."""
    for part in parts or PARTS:
        subprocess.run([sys.executable, __file__, "--part", part], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        PARTS[sys.argv[2]]()
    elif sys.argv[1:2] == ["--run"]:
        one_run(sys.argv[2])
    else:
        main(sys.argv[1:])
