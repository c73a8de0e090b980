"""Maps: data never runs, on the server or in the page, and nothing is asked of the network."""

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from shapely import Point, Polygon

from locator.maps.base import standalone
from locator.maps.stations import station_map
from locator.maps.surroundings import Surroundings
from locator.maps.text import json_block, safe
from locator.place import Area
from locator.snapshot import Snapshot
from locator.station import FACILITIES, Provenance, Station
from locator.translation import translator

AT = datetime(2026, 11, 20, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "${alert(1)}",
    "`backtick`",
    "\"'",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\\u003cscript\\u003e",
    "{# note #}",
    "a\u2028line",
)


def drawn(*stations: Station, **options: object):
    return station_map(Snapshot.of(stations), AT, translator("zh"), **options)


def named(name: str, number: int = 1, **fields: object) -> Station:
    return Station(id=f"s{number}", name=name, geometry=Point(113.07, 28.8), **fields)


def shown(page) -> list[dict]:
    """Return what the page says of each station, put together as static/js/station-map.js does it."""
    data = json.loads(page.data)
    names = ("state_text", "category", "entry", "verified", "illustrative")
    return [
        one | dict(zip(names, (data["texts"][number] for number in one["says"]), strict=True))
        for one in (feature["properties"] for feature in data["stations"]["features"])
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_comes_out_as_it_went_in(name):
    (properties,) = shown(drawn(named(name)))
    assert properties["name"] == name


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_is_in_no_script_of_folium(name):
    page = drawn(named(name), surroundings=Surroundings(about={"name": {"zh": name}, "source": name}))
    assert name not in page.script
    assert name not in page.body
    assert "<" not in page.data


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_title_is_escaped_in_the_file(name):
    page = drawn(named("x"), surroundings=Surroundings(about={"name": {"zh": name}}))
    file = standalone(page, "zh")
    assert "<script>alert(1)" not in file
    assert "<img src=x" not in file


def test_file_has_language_and_title_and_asks_for_nothing():
    file = standalone(drawn(named("归义社区")), "zh")
    assert '<html lang="zh">' in file
    assert re.search("<title>[^<]*驿站地图", file)
    assert not re.search(r"""(?:<\w+[^>]* src|<link[^>]* href)=["']?(?:https?:)?//""", file)
    assert "url(images/" not in file


def test_state_and_sentence_of_the_moment_are_shown():
    (properties,) = shown(drawn(named("a", opening_hours="08:00-20:00")))
    assert properties["state"] == "open"
    assert "20:00" in properties["state_text"]


def test_suspended_station_is_shown_closed_and_one_closed_for_good_not_at_all():
    page = drawn(named("a", 1, status="suspended", opening_hours="24/7"), named("b", 2, status="closed"))
    assert [(p["name"], p["state"]) for p in shown(page)] == [("a", "closed")]


def test_illustrative_stations_are_marked():
    (properties,) = shown(drawn(named("a", provenance=Provenance(source="illustrative"))))
    assert properties["illustrative"]


def test_areas_and_polygons_are_drawn():
    square = Polygon([(113, 28), (113.1, 28), (113.1, 28.1), (113, 28.1)])
    page = drawn(
        Station(id="p", name="院子", geometry=square),
        surroundings=Surroundings(areas=[Area(id="a", name="归义社区", geometry=square)]),
    )
    data = json.loads(page.data)
    assert data["stations"]["features"][0]["geometry"]["type"] == "Polygon"
    assert data["areas"]["features"][0]["properties"] == {"name": "归义社区"}
    assert data["view"]["bounds"] == [[28.0, 113.0], [28.1, 113.1]]


def test_address_of_a_station_is_an_address_whatever_its_code():
    station = Station(id="归义:1", name="a", geometry=Point(113, 28))
    (properties,) = shown(drawn(station, station_url="/stations/{id}?lang=zh"))
    assert properties["url"] == "/stations/%E5%BD%92%E4%B9%89%3A1?lang=zh"


def many(count: int) -> list[Station]:
    return [named(f"站 {n}", n, facilities={"toilet": n % 2 == 0}, opening_hours="24/7") for n in range(count)]


def test_more_than_five_hundred_points_are_gathered():
    few, lots = drawn(*many(500)), drawn(*many(501))
    assert not any("cluster" in name for name in few.scripts + few.styles)
    assert [name for name in lots.scripts if "cluster" in name] == [
        "vendor/leaflet.markercluster-1.5.3/leaflet.markercluster.js",
        "js/marker-clusters.js",
    ]


def test_page_of_ten_thousand_is_small_beside_its_data():
    page = drawn(*many(10_000))
    assert len(page.body) + len(page.script) + len(page.style) < 20_000
    assert len(page.data) < 10_000 * 300


def test_chosen_stations_alone_are_drawn_and_in_view():
    stations = [
        named("a", 1),
        Station(id="s2", name="b", geometry=Point(113.2, 28.9)),
    ]
    page = drawn(*stations, rows=[1])
    assert [one["name"] for one in shown(page)] == ["b"]
    assert json.loads(page.data)["view"]["bounds"] == [[28.9, 113.2], [28.9, 113.2]]


def test_facilities_are_named_by_their_number():
    page = drawn(named("a", facilities={"toilet": True, "aed": False}))
    labels, (properties,) = json.loads(page.data)["facilities"], shown(page)
    say = translator("zh")
    assert [labels[number] for number in properties["has"]] == [say(FACILITIES["toilet"])]
    assert [labels[number] for number in properties["lacks"]] == [say(FACILITIES["aed"])]


def test_map_without_stations_is_drawn():
    assert json.loads(drawn().data)["stations"]["features"] == []


def test_one_map_leaves_nothing_in_the_next():
    assert drawn(named("first")).script.count("L.map(") == drawn(named("second")).script.count("L.map(") == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_escape_leaves_nothing_that_any_reader_acts_on(name):
    assert not set("<>`${}\\\"'") & set(re.sub("&#?[a-z0-9]+;", "", safe(name)))


@pytest.mark.parametrize("name", HOSTILE)
def test_json_block_cannot_end_its_element(name):
    block = json_block({"name": name})
    assert "<" not in block
    assert json.loads(block) == {"name": name}
