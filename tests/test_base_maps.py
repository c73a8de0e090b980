"""Base maps: a table that says whose tiles lie beneath, in which datum, and what must stand beside them."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from shapely import LineString, Point, box

from locator.datum import Datum, convert
from locator.errors import InvalidValue
from locator.maps.base_maps import NO_BASE, choose_base_map
from locator.maps.stations import View, station_map
from locator.maps.surroundings import Surroundings
from locator.place import Area, Street
from locator.snapshot import Snapshot
from locator.station import Station
from locator.translation import translator

AT = datetime(2026, 11, 20, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
OWN = """[town]
label = { zh = "本市底图", en = "Town" }
tiles = ["https://tiles.town.example:8443/{z}/{x}/{y}.png"]
datum = "wgs84"
attribution = "© Town <b>hall</b>"
"""


def test_without_a_base_map_nothing_is_asked_of_anybody():
    assert choose_base_map("none") == NO_BASE
    assert NO_BASE.sources == ()


def test_key_stands_in_every_address_and_cannot_change_it():
    base = choose_base_map("tianditu", key="a&T=x/{z}")
    assert len(base.tiles) == 2
    assert all(address.endswith("&tk=a%26T%3Dx%2F%7Bz%7D") for address in base.tiles)


@pytest.mark.parametrize(
    ("name", "sources"),
    [
        ("osm", ("https://tile.openstreetmap.org",)),
        ("amap", tuple(f"https://webrd0{n}.is.autonavi.com" for n in "1234")),
        ("tianditu", tuple(f"https://t{n}.tianditu.gov.cn" for n in range(8))),
    ],
)
def test_sources_are_the_hosts_of_the_tiles_alone(name, sources):
    assert choose_base_map(name, key="k").sources == sources


@pytest.mark.parametrize("name", ["tianditu", "tianditu_imagery", "amap"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_maps_published_in_china_carry_their_review_number(name, language):
    said = choose_base_map(name, key="k").credits(translator(language))
    assert any("GS（20" in one["text"] for one in said)
    changed = choose_base_map(name, key="k", review_number="GS（2026）1号").credits(translator(language))
    assert "GS（2026）1号" in changed[-1]["text"]


def test_review_number_stands_on_the_own_map_too():
    said = choose_base_map("none", review_number="湘S（2026）1号").credits(translator("zh"))
    assert [one["text"] for one in said] == ["审图号：湘S（2026）1号"]


def test_everything_is_drawn_where_the_base_map_has_it():
    place, square = (113.0742, 28.8069), box(113.07, 28.80, 113.08, 28.81)
    snapshot = Snapshot.of(
        [
            Station(id="a", name="点", geometry=Point(place)),
            Station(id="b", name="院", geometry=square),
        ]
    )
    page = station_map(
        snapshot, AT, translator("zh"), base=choose_base_map("amap"), view=View(center=place, near=place),
        surroundings=Surroundings(areas=[Area(id="a", name="区", geometry=square)]),
    )  # fmt: skip
    data = json.loads(page.data)
    lon, lat = convert(*place, Datum.WGS84, Datum.GCJ02)
    point, yard = (feature["geometry"]["coordinates"] for feature in data["stations"]["features"])
    assert point == pytest.approx([lon, lat], abs=1e-6)
    corner = convert(113.08, 28.80, Datum.WGS84, Datum.GCJ02)
    assert yard[0][0] == pytest.approx(list(corner), abs=1e-6)
    assert data["areas"]["features"][0]["geometry"]["coordinates"][0][0] == yard[0][0]
    assert data["view"]["center"] == data["view"]["near"] == pytest.approx([lat, lon])
    west, south = convert(113.07, 28.80, Datum.WGS84, Datum.GCJ02)
    assert data["view"]["bounds"][0] == pytest.approx([south, west])


def test_own_streets_are_drawn_only_where_no_tiles_are():
    street = Street(id="s", name="路", kind="main", geometry=LineString([(113, 28), (114, 29)]))

    def background(name: str) -> list:
        page = station_map(
            Snapshot.of([]),
            AT,
            translator("zh"),
            base=choose_base_map(name),
            surroundings=Surroundings(streets=[street]),
        )
        return json.loads(page.data)["background"]["features"]

    assert len(background("none")) == 1
    assert background("osm") == []


def test_file_adds_a_base_map_of_the_operator(tmp_path):
    file = tmp_path / "maps.toml"
    file.write_text(OWN, encoding="utf-8")
    base = choose_base_map("town", file=str(file))
    assert base.sources == ("https://tiles.town.example:8443",)
    assert base.credits(translator("zh")) == [{"text": "© Town <b>hall</b>", "url": ""}]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "https://tiles.town.example:8443/{z}/{x}/{y}.png",
            "https://tiles.town.example; script-src */{z}/{x}/{y}",
            "tiles",
        ),
        ("https://tiles", "javascript://tiles", "tiles"),
        ("{z}/{x}/{y}", "{z}/{x}", "tiles"),
        ("https://tiles", "https://{s}.tiles", "tiles"),
        ("https://tiles", "https://user:pass@tiles", "tiles"),
        ('"wgs84"', '"bd09"', "datum"),
        ('"wgs84"', '"wgs84"\nmax_zoom = "x"', "max_zoom"),
        ('"wgs84"', '"wgs84"\ncolour = "x"', "colour"),
        ('attribution = "© Town <b>hall</b>"', "", "attribution"),
        ('"wgs84"', '"wgs84"\nattribution_url = "javascript:alert(1)"', "attribution_url"),
        ("[town]", "[town", "BASE_MAP_FILE"),
    ],
)
def test_file_that_cannot_be_right_is_refused_by_name(tmp_path, old, new, said):
    file = tmp_path / "maps.toml"
    file.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidValue, match=said):
        choose_base_map("town", file=str(file))


@pytest.mark.parametrize(("name", "said"), [("mars", "tianditu"), ("tianditu", "BASE_MAP_KEY")])
def test_base_map_that_cannot_be_had_is_refused(name, said):
    with pytest.raises(InvalidValue, match=said):
        choose_base_map(name)
