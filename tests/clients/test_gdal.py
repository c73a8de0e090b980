"""GDAL's OAPIF driver: ogrinfo and ogr2ogr against a running server."""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from locator.store import COLLECTIONS

pytestmark = pytest.mark.skipif(
    shutil.which("ogr2ogr") is None, reason="GDAL's programs are not installed (apt-get install gdal-bin)"
)


def run(program: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"no_proxy": "127.0.0.1"} | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


def fetched(server: str, name: str, *options: str, **environment: str) -> list[str]:
    """Return the ids of the features that ogr2ogr reads, in their order."""
    text = run("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"OAPIF:{server}", name, *options, **environment)
    return [feature["properties"]["id"] for feature in json.loads(text)["features"]]


def chosen(features, name, keep) -> list[str]:
    return [one.id for one in features(name) if keep(one.properties)]


def test_layers_are_the_collections_each_of_one_kind_of_geometry(server):
    text = run("ogrinfo", f"OAPIF:{server}")
    for name, kind in {"stations": "Point", "station-areas": "Polygon", "areas": "Polygon", "streets": "Line String"}.items():  # fmt: skip
        (line,) = [line for line in text.splitlines() if f": {name} (" in line]
        assert line.endswith(f"({kind})")


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_feature_is_read(server, features, name):
    expected = [one.id for one in features(name)]
    assert f"Feature Count: {len(expected)}" in run("ogrinfo", "-so", f"OAPIF:{server}", name)
    assert fetched(server, name, "-oo", "PAGE_SIZE=100") == expected


def test_pages_are_followed_to_the_last(server, features, asked):
    assert fetched(server, "stations", "-oo", "PAGE_SIZE=6") == [one.id for one in features("stations")]
    pages = [address for address in asked if "/items?" in address and "limit=6" in address]
    assert len({address for address in pages if "after=" in address}) == 5


def test_columns_have_their_kinds_whatever_the_first_page_holds(server):
    text = run("ogrinfo", "-so", f"OAPIF:{server}", "stations")
    for column in ("valid_from: Date", "toilet: Integer(Boolean)", "capacity: Integer", "area_m2: Real",
                   "recorded_at: DateTime", "name: String"):  # fmt: skip
        assert f"\n{column}" in text
    assert text.count("\nid: ") == 1


@pytest.mark.parametrize(
    ("box", "count"),
    [(("113.06", "28.80", "113.08", "28.82"), None), (("170", "-20", "180", "0"), 1), (("0", "0", "1", "1"), 0)],
)
def test_box_is_asked_of_the_server(server, features, asked, box, count):
    west, south, east, north = map(float, box)
    expected = [
        one.id for one in features("stations")
        if one.geometry.bounds[2] >= west and one.geometry.bounds[0] <= east
        and one.geometry.bounds[3] >= south and one.geometry.bounds[1] <= north
    ]  # fmt: skip
    assert fetched(server, "stations", "-spat", *box) == expected
    assert len(expected) == count or (count is None and expected)
    assert any("bbox=" in address for address in asked)


@pytest.mark.parametrize(
    ("where", "keep"),
    [
        ("category = 'station'", lambda p: p["category"] == "station"),
        ("name = 'O''Neil \"x\" 100% 𠮷\n次行'", lambda p: p["id"] == "x-1"),
        ("name LIKE '%社区%'", lambda p: "社区" in p["name"]),
        ("name ILIKE 'ONLY%'", lambda p: p["id"] == "x-2"),
        ("toilet = 1", lambda p: p["toilet"] is True),
        ("NOT (toilet = 0) OR toilet IS NULL", lambda p: p["toilet"] is not False),
        ("capacity > 20 AND capacity <= 30", lambda p: p["capacity"] is not None and 20 < p["capacity"] <= 30),
        ("capacity BETWEEN 10 AND 20", lambda p: p["capacity"] is not None and 10 <= p["capacity"] <= 20),
        ("area_m2 < 2.75", lambda p: p["area_m2"] is not None and p["area_m2"] < 2.75),
        ("valid_from >= '2026-03-01'", lambda p: (p["valid_from"] or "") >= "2026-03-01"),
        ("location_verified < '2026-01-01'", lambda p: (p["location_verified"] or "9") < "2026-01-01"),
        ("recorded_at = '2026-11-20T05:10:00Z'", lambda p: p["id"].startswith("x-")),
        ("opening_hours IS NULL AND operator IS NULL", lambda p: not p["opening_hours"] and not p["operator"]),
    ],
)  # fmt: skip
def test_where_is_asked_of_the_server(server, features, asked, where, keep):
    expected = chosen(features, "stations", keep)
    assert fetched(server, "stations", "-where", where, OGR_OAPIF_ALLOW_CQL_TEXT="YES") == expected
    assert expected
    said = [unquote_plus(address) for address in asked if "filter=" in address]
    assert said
    assert all("filter-lang=cql-text" in address for address in said)


def test_where_by_id_is_the_feature_itself(server, asked):
    assert fetched(server, "stations", "-where", "id = 'x-2'") == ["x-2"]
    assert any(address.startswith("/ogc/collections/stations/items/x-2") for address in asked)


def test_geopackage_has_every_feature_with_every_value(server, features, tmp_path):
    file = tmp_path / "town.gpkg"
    run("ogr2ogr", str(file), f"OAPIF:{server}", "-oo", "PAGE_SIZE=100")
    with sqlite3.connect(file) as package:
        for name, collection in COLLECTIONS.items():
            columns = ", ".join(f'"{column}"' for column in collection.properties)
            rows = package.execute(f'SELECT {columns} FROM "{name}" ORDER BY id').fetchall()
            expected = [
                tuple(map(in_geopackage, one.properties, one.properties.values())) for one in features(name)
            ]
            assert rows == expected
    package.close()


GUIDE = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^ogr.*OAPIF:.*$", GUIDE, re.MULTILINE))
def test_commands_of_the_guide_work(server, tmp_path, command):
    program, *arguments = shlex.split(command.replace("http://127.0.0.1:8000/ogc", server))
    run(program, *(str(tmp_path / word) if word.endswith((".gpkg", ".geojson")) else word for word in arguments))


def in_geopackage(name: str, value: object) -> object:
    """Return a value as a GeoPackage has it: moments in UTC with milliseconds, no word for yes and no."""
    if name == "recorded_at":
        return str(value).replace("+00:00", ".000Z")
    return int(value) if isinstance(value, bool) else value
