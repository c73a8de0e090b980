"""The illustrative pilot dataset is what its README says, and comes out of its script byte for byte."""

import json
import re
import subprocess
import sys
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from opening_hours import OpeningHours, validate
from pyproj import Geod, Transformer
from shapely import LineString, Polygon
from shapely.geometry import shape

from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN

FOLDER = Path(__file__).parent.parent / "geodata" / "miluo"
NAMES = [
    *("广场", "高泉", "归义", "汨新", "荣家坪", "大路铺", "罗城", "车站", "上马", "龙舟", "友谊河"),
    *("高塘", "山塘", "茶园", "老街", "百丈口", "石桥坝", "窑洲", "双塘", "南江", "航运", "新港"),
]
NORTHWARDS = ["罗城路", "小汨新路", "荣家路", "人民路", "建设东路", "汨罗江大道"]
MAIN_STREETS = [*NORTHWARDS, "山水路", "骆驼大道", "青春大道"]
DATASET = json.loads((FOLDER / "dataset.json").read_text("utf-8"))
METRES = Transformer.from_crs("EPSG:4326", "EPSG:32649", always_xy=True)
GEOD = Geod(ellps="WGS84")
NIGHT = datetime(2026, 11, 4, 2, 0)


def read(layer):
    return json.loads((FOLDER / DATASET["layers"][layer]).read_text("utf-8"))


def features(layer):
    return [(f["properties"], shape(f["geometry"])) for f in read(layer)["features"]]


def in_metres(geometry):
    return shapely.transform(geometry, METRES.transform, interleaved=False)


def street(name):
    lines = [line for properties, line in STREETS if properties["name"] == name]
    return shapely.line_merge(shapely.union_all(lines))


def area_km2(polygon):
    return abs(GEOD.geometry_area_perimeter(polygon)[0]) / 1e6


AREAS, STREETS, STATIONS, DEMAND, CANDIDATES, WATER = (
    features(layer) for layer in ("areas", "streets", "stations", "demand", "candidates", "water")
)
TOWN = features("boundary")[0][1]
STATION_OF = {properties["id"]: properties for properties, _ in STATIONS}


def test_script_makes_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, FOLDER / "make.py", tmp_path], check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {*DATASET["layers"].values(), "dataset.json"}
    assert made == {name: (FOLDER / name).read_bytes() for name in made}


def test_readme_gives_the_figures_as_measured():
    script = [sys.executable, "-X", "utf8", FOLDER / "measure.py"]
    measured = subprocess.run(script, check=True, timeout=60, capture_output=True, encoding="utf-8").stdout
    assert f"```\n{measured}```" in (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("layer", DATASET["layers"])
def test_every_layer_states_source_licence_and_date(layer):
    collection = read(layer)
    about = collection["locator"]
    assert (about["source"], about["licence"]) == ("illustrative", "CC0-1.0")
    assert date.fromisoformat(about["date"])
    assert "示意数据" in about["note"]
    assert "made up" in about["note"]
    for feature in collection["features"]:
        properties = feature["properties"]
        assert properties.get("source") == "illustrative" or (properties["provenance"]["source"] == "illustrative")
        assert feature["id"] == properties["id"]


@pytest.mark.parametrize("layer", DATASET["layers"])
def test_layers_are_valid_small_and_rounded(layer):
    text = (FOLDER / DATASET["layers"][layer]).read_text("utf-8")
    assert not re.search(r"\d\.\d{7}", text)
    assert "\\u" not in text
    assert len({properties["id"] for properties, _ in features(layer)}) == len(features(layer))
    for _, geometry in features(layer):
        assert geometry.is_valid
        assert not geometry.is_empty
        if isinstance(geometry, Polygon):
            assert geometry.exterior.is_ccw


def test_whole_dataset_is_small_and_marked():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.geojson")) < 1_500_000
    assert DATASET["illustrative"] is True
    assert DATASET["datum"] == "wgs84"
    assert all((FOLDER / name).is_file() for name in DATASET["layers"].values())


# The town


def test_town_has_the_published_area_and_place():
    assert area_km2(TOWN) == pytest.approx(35.01, abs=0.05)
    assert GEOD.line_length(*zip(TOWN.centroid.coords[0], (113.07, 28.808), strict=True)) < 500


def test_communities_are_the_22_of_the_list():
    assert sorted(p["name"] for p, _ in AREAS) == sorted(f"{name}社区" for name in NAMES)
    assert {p["valid_from"] for p, _ in AREAS} == {"2024-01-11"}


def test_communities_share_the_town_without_gap_or_overlap():
    polygons = [polygon for _, polygon in AREAS]
    assert {polygon.geom_type for polygon in polygons} == {"Polygon"}
    assert shapely.coverage_is_valid(polygons)
    assert shapely.coverage_union_all(polygons).normalize() == TOWN.normalize()
    assert sum(map(area_km2, polygons)) == pytest.approx(area_km2(TOWN), rel=1e-9)


def test_communities_are_small_in_the_middle_and_large_at_the_edge():
    size = {p["name"]: area_km2(polygon) for p, polygon in AREAS}
    assert max(size[f"{name}社区"] for name in ("广场", "归义", "汨新", "荣家坪")) < 1
    assert min(size[f"{name}社区"] for name in ("南江", "新港", "窑洲")) > 2


def test_residents_add_up():
    assert sum(p["residents"] for p, _ in DEMAND) == 107_000
    for area, _ in AREAS:
        assert area["residents"] == sum(p["residents"] for p, _ in DEMAND if p["community"] == area["name"])
        assert area["residents"] > 0


def test_cells_do_not_overlap_and_lie_in_their_community():
    polygons = [polygon for _, polygon in DEMAND]
    assert 500 <= len(polygons) <= 1_000
    assert sum(p.area for p in polygons) == pytest.approx(shapely.union_all(polygons).area, rel=1e-6)
    community = {p["name"]: polygon for p, polygon in AREAS}
    assert all(community[p["community"]].intersects(polygon) for p, polygon in DEMAND)
    assert shapely.union_all(polygons).difference(TOWN.buffer(3e-6)).is_empty


# The streets


def test_street_names_are_the_known_ones_only():
    assert {p["name"] for p, _ in STREETS if p["name"]} == set(MAIN_STREETS)
    assert {p["class"] for p, _ in STREETS} == {"main", "minor", "path"}
    for properties, _ in STREETS:
        assert properties["must_cover"] == properties["main"] == (properties["name"] is not None)


@pytest.mark.parametrize("name", MAIN_STREETS)
def test_main_street_is_one_line(name):
    assert street(name).geom_type == "LineString"


def test_shanshui_road_crosses_the_known_streets_northwards():
    road = street("山水路")
    if road.coords[0][1] > road.coords[-1][1]:
        road = road.reverse()
    meetings = {name: road.intersection(street(name)) for name in NORTHWARDS}
    assert {point.geom_type for point in meetings.values()} == {"Point"}
    assert sorted(meetings, key=lambda name: road.project(meetings[name])) == NORTHWARDS
    assert road.boundary.geoms[0] == meetings["罗城路"]
    assert road.boundary.geoms[1] == meetings["汨罗江大道"]


def test_luotuo_avenue_runs_from_qingchun_avenue_to_luocheng_road():
    ends = street("骆驼大道").boundary
    assert shapely.intersects(street("青春大道"), ends.geoms).sum() == 1
    assert shapely.intersects(street("罗城路"), ends.geoms).sum() == 1


def test_streets_meet_at_their_ends_only():
    lines = [line for _, line in STREETS]
    tree = shapely.STRtree(lines)
    for a, b in zip(*tree.query(lines, predicate="intersects"), strict=True):
        if a < b:
            shared = shapely.get_parts(lines[a].intersection(lines[b]))
            assert all(lines[a].boundary.intersects(p) and lines[b].boundary.intersects(p) for p in shared)


def test_street_network_is_connected():
    neighbours = {}
    for _, line in STREETS:
        first, last = line.coords[0], line.coords[-1]
        neighbours.setdefault(first, set()).add(last)
        neighbours.setdefault(last, set()).add(first)
    start = next(iter(neighbours))
    reached, waiting = {start}, [start]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting += new
    assert reached == set(neighbours)


def test_junctions_are_not_crowded():
    assert min(in_metres(line).length for _, line in STREETS) > 9


def test_only_bridges_cross_river_stream_and_railway():
    barriers = [shape_ for p, shape_ in WATER if p["kind"] != "pond"] + [features("railway")[0][1]]
    barrier = shapely.union_all(barriers)
    for properties, line in STREETS:
        assert properties["bridge"] == barrier.intersects(line)
    assert sum(p["crosses"] == "river" for p, _ in STREETS) == 2
    over_rails = [p["name"] for p, _ in STREETS if p["crosses"] == "railway"]
    assert {name for name in over_rails if name} == {"罗城路", "人民路", "汨罗江大道"}


# The stations


def test_stations_are_32_inside_the_town_in_their_community():
    assert len(STATION_OF) == 32
    community = {p["name"]: polygon for p, polygon in AREAS}
    for properties, geometry in STATIONS:
        assert community[properties["community"]].contains(geometry)


def test_stations_use_the_vocabularies():
    for station in STATION_OF.values():
        entry = station.get("entry", {})
        assert station["category"] in CATEGORIES
        assert station["status"] in STATUSES
        assert set(entry.get("ways", [])) <= set(WAYS_IN)
        assert entry.get("admits", "everyone") in ADMITS
        assert entry.get("registration", "unknown") in {"yes", "no", "unknown"}
        facilities = station.get("facilities", {})
        assert set(facilities) <= set(FACILITIES)
        assert set(facilities.values()) <= {"yes", "no"}
        assert "phone" not in station


def test_stations_and_candidates_stand_on_streets_not_in_water():
    streets = in_metres(shapely.union_all([line for _, line in STREETS]))
    water = shapely.union_all([polygon for _, polygon in WATER])
    for properties, geometry in [*STATIONS, *CANDIDATES]:
        assert in_metres(geometry).distance(streets) < 25, properties["id"]
        assert not geometry.intersects(water)
        if properties.get("street"):
            assert in_metres(geometry).distance(in_metres(street(properties["street"]))) < 25


def test_hours_are_valid():
    texts = [p.get(key) for p, _ in [*STATIONS, *CANDIDATES] for key in ("opening_hours", "staffed_hours")]
    assert all(validate(text) for text in texts if text)


def test_facilities_of_the_named_stations_are_those_made_public():
    facilities = {
        name: next(p for p in STATION_OF.values() if p["name"].startswith(f"{name}社区")).get("facilities", {})
        for name in ("归义", "广场", "汨新")
    }
    assert facilities["归义"] == dict.fromkeys(["hot_water", "rest_seating"], "yes")
    assert set(facilities["广场"]) == {
        "rest_seating", "microwave", "drinking_water", "hot_water", "heating", "first_aid_box", "toilet",
    }  # fmt: skip
    assert facilities["汨新"] == {}


def test_all_other_names_say_that_they_are_illustrative():
    assert all("示意" in p["name"] for p, _ in [*STATIONS, *CANDIDATES])


def test_kinds_of_station_are_mixed():
    assert {p["category"] for p in STATION_OF.values()} == set(CATEGORIES)
    assert sum(geometry.geom_type == "Polygon" for _, geometry in STATIONS) == 1
    assert sum("closures" in p for p in STATION_OF.values()) == 1
    assert [p["status"] for p in STATION_OF.values()].count("suspended") == 1
    temporary = [p for p in STATION_OF.values() if p["category"] == "temporary"]
    assert all(p["valid_from"] < p["valid_to"] for p in temporary)
    self_service = [p for p in STATION_OF.values() if p["category"] == "self_service"]
    assert all(p["opening_hours"] == "24/7" and p["staffed_hours"] for p in self_service)


def test_candidates_offer_a_way_out():
    assert len(CANDIDATES) == 30
    assert {p["kind"] for p, _ in CANDIDATES} == {"bank", "petrol_station", "community_centre", "post_office"}
    assert all(1_000 < p["cost_cny_year"] < 15_000 for p, _ in CANDIDATES)
    assert {f"{name}社区" for name in ("石桥坝", "山塘", "窑洲", "百丈口")} <= {
        p["community"] for p, _ in CANDIDATES
    }
    assert "青春大道" in {p["street"] for p, _ in CANDIDATES}


# The weaknesses that are there to be found


def test_four_communities_have_no_station():
    served = {p["community"] for p in STATION_OF.values()}
    missing = {p["name"] for p, _ in AREAS} - served
    assert missing == {f"{name}社区" for name in ("石桥坝", "山塘", "窑洲", "百丈口")}


def test_one_main_street_has_no_station_near():
    places = [in_metres(geometry) for _, geometry in STATIONS]
    nearest = {name: min(map(in_metres(street(name)).distance, places)) for name in MAIN_STREETS}
    assert nearest.pop("青春大道") > 400
    assert max(nearest.values()) < 25


def test_at_two_at_night_few_are_open_and_all_in_one_part():
    awake = [
        in_metres(geometry).centroid
        for p, geometry in STATIONS
        if p.get("opening_hours") and OpeningHours(p["opening_hours"]).is_open(NIGHT)
    ]
    assert len(awake) == 3
    assert LineString(awake).minimum_clearance > 0
    assert all(a.distance(b) < 1_700 for a, b in pairwise([*awake, awake[0]]))
    workers = [(in_metres(cell).centroid, p["night_workers"]) for p, cell in DEMAND]
    far = sum(weight for cell, weight in workers if min(map(cell.distance, awake)) > 1_000)
    assert far / sum(weight for _, weight in workers) > 0.3


def test_records_have_the_faults_of_real_ones():
    everyone = STATION_OF.values()
    assert [p["id"] for p in everyone if p.get("entry", {}).get("ways") == ["face"]] == ["430681-0006"]
    assert sum(p["provenance"]["location_verified"] < "2024" for p in everyone) == 4
    assert sum("opening_hours" not in p for p in everyone) == 3
    assert sum(not p.get("facilities") for p in everyone) == 2
    fresh = [p["provenance"]["location_verified"] for p in everyone]
    assert all("2025" <= day < DATASET["date"] for day in fresh if day > "2024")
