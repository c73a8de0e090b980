"""Files of stations into the store: all or nothing, the same file twice changes nothing, nothing is lost."""

import json
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import codes, stations

from locator.datum import Datum, convert
from locator.errors import LocatorError
from locator.exchange.dataset import load_dataset
from locator.exchange.exporting import export_data
from locator.exchange.importing import import_stations
from locator.geodesy import distances_m
from locator.store import open_store
from locator.translation import LANGUAGES, translator

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
HEADINGS = "编号,名称,经度,纬度,地址,开放时间,服务设施,备注\n"


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as opened:
        yield opened


@pytest.fixture
def sheet(tmp_path):
    def write(text: str, name: str = "list.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def imported(store, path, datum="wgs84", **options):
    return import_stations(store, path, at=AT, crs=datum, **options)


def outcomes(report) -> dict[str, int]:
    return {name: number for name, number in report.counts.items() if number and name != "warned"}


def kept(store) -> dict:
    return {k.id: k.station for k in store.stations()}


def document(*features, **members) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | members)


def feature(lon=113.07, lat=28.8, **properties) -> dict:
    place = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": place, "properties": {"name": "甲"} | properties}


# -- real lists


@pytest.mark.shared
def test_zhengzhou_comes_in_whole_shifted_and_only_once(store, real_data):
    path = real_data / "stations" / "zhengzhou_82_gcj02.csv"
    assert outcomes(imported(store, path, "gcj02")) == {"added": 82}
    revision = store.revision
    for station in kept(store).values():
        original = station.provenance.original
        assert station.provenance.datum == "gcj02"
        lon, lat = convert(original.x, original.y, Datum.GCJ02, Datum.WGS84)
        assert (station.geometry.x, station.geometry.y) == (float(lon), float(lat))
        # The shift of that datum, which is 500 to 700 m in Zhengzhou, and never none.
        (moved,) = distances_m(original.x, original.y, station.geometry.x, station.geometry.y).ravel()
        assert 400 < moved < 800
    assert outcomes(imported(store, path, "gcj02")) == {"unchanged": 82}
    assert store.revision == revision


@pytest.mark.shared
def test_zhengzhou_keeps_what_the_sheet_says(store, real_data):
    imported(store, real_data / "stations" / "zhengzhou_82_gcj02.csv", "gcj02")
    (station,) = (s for s in kept(store).values() if "枫杨办事处" in s.name)
    assert station.opening_hours == "08:00-20:00"
    assert station.capacity == 8
    assert {code for code, there in station.facilities.items() if there} == {
        "drinking_water", "air_conditioning", "rest_seating", "phone_charging", "wifi", "first_aid_box",
    }  # fmt: skip
    assert station.extra["所属区"] == "高新区"
    assert station.provenance.original.coords[0] == (113.564525, 34.819187)


@pytest.mark.shared
def test_new_york_comes_in_whole_and_nothing_is_lost(store, real_data):
    path = real_data / "stations" / "nyc_cooling_centers_wgs84.geojson"
    source = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert outcomes(imported(store, path, "")) == {"added": len(source)} == {"added": 146}
    found = kept(store)
    for item in source:
        said = item["properties"]
        station = found[said["NYCEM_ID"]]
        assert station.name == said["FACILITY_NAME"].strip()
        assert list(station.geometry.coords[0]) == item["geometry"]["coordinates"]
        for name in ("BOROUGH", "ZIP_CODE", "EXTENDED_HOURS", "OBJECTID", "FACILITY_TYPE"):
            assert station.extra.get(name, "") == str(said[name] or "").strip()
    assert outcomes(imported(store, path, "")) == {"unchanged": 146}


# -- all or nothing


def test_one_bad_row_keeps_all_out_and_every_bad_row_is_told(store, sheet):
    path = sheet(
        HEADINGS
        + "a,甲,113.07,28.8,,,,\n"
        + "b,乙,east,28.8,,,,\n"
        + "c,丙,28.8,113.07,,,,\n"
        + "d,丁,,28.8,,,,\n"
        + "e e,戊,113.07,28.8,,,,\n"
        + "f,,113.07,28.8,,,,\n"
        + "a,己,113.07,28.8,,,,\n"
    )
    report = imported(store, path)
    assert (report.written, store.count(), store.revision) == (False, 0, 0)
    assert [row.number for row in report.refused] == [3, 4, 5, 6, 7, 8]
    told = [(row.error.field, row.error.value) for row in report.refused]
    assert told[0] == ("lon", "east")
    assert told[2][0] == "lon"
    assert told[3] == ("id", "e e")
    assert told[4][0] == "name"
    assert told[5] == ("id", "a")
    assert all(row.error.mend for row in report.refused)
    for language in LANGUAGES:
        assert all("\n" not in line for line in report.lines(translator(language)))
        assert json.dumps(report.as_json(translator(language)))


def test_dry_run_tells_and_writes_nothing(store, sheet):
    report = imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,,,\n"), dry_run=True)
    assert outcomes(report) == {"added": 1}
    assert (report.written, store.count(), store.revision) == (False, 0, 0)


def test_row_without_a_code_gets_the_same_one_each_time(store, sheet):
    path = sheet("名称,地址,经度,纬度\n甲,人民路,113.07,28.8\n甲,高泉路,113.08,28.8\n")
    assert outcomes(imported(store, path)) == {"added": 2}
    assert outcomes(imported(store, path)) == {"unchanged": 2}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("经度,纬度\n113,28\n", "name"),
        ("名称,经度\n甲,113\n", "lat"),
        ("a,b\n1,2\n", "name"),
    ],
)
def test_table_without_the_needed_columns_is_refused_once(store, sheet, text, named):
    with pytest.raises(LocatorError, match=named):
        imported(store, sheet(text))


def test_table_must_be_told_its_datum(store, sheet):
    with pytest.raises(LocatorError, match="--datum"):
        imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,,,\n"), "")


def test_geojson_is_wgs84_unless_told_otherwise(store, sheet):
    path = sheet(document(feature(id="a")), "a.geojson")
    assert outcomes(imported(store, path, "")) == {"added": 1}
    assert kept(store)["a"].geometry.coords[0] == (113.07, 28.8)
    assert kept(store)["a"].provenance.original is None
    imported(store, path, "gcj02")
    assert kept(store)["a"].provenance.original.coords[0] == (113.07, 28.8)
    assert 400 < distances_m(113.07, 28.8, kept(store)["a"].geometry.x, kept(store)["a"].geometry.y).item() < 800


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [28.8, 113.07]},
        {"type": "Point", "coordinates": [200, 28.8]},
        {"type": "Point", "coordinates": [1e999, 28.8]},
        {"type": "LineString", "coordinates": [[113, 28], [113.1, 28]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_impossible_geometry_refuses_its_row(store, sheet, geometry):
    text = document(feature(id="a"), feature(id="b") | {"geometry": geometry}).replace("Infinity", "1e999")
    report = imported(store, sheet(text, "a.geojson"), "")
    assert [row.number for row in report.refused] == [2]
    assert store.count() == 0


def test_park_may_be_a_station(store, sheet):
    park = {"type": "Polygon", "coordinates": [[[113, 28], [113.01, 28], [113.01, 28.01], [113, 28]]]}
    imported(store, sheet(document(feature(id="a") | {"geometry": park}), "a.geojson"), "")
    assert kept(store)["a"].geometry.geom_type == "Polygon"


# -- a table over what is kept


def test_table_changes_only_the_fields_that_it_speaks_of(store, sheet):
    imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,人民路,24/7,饮水、无空调,老\n"))
    before = kept(store)["a"]
    report = imported(
        store, sheet("编号,名称,经度,纬度,服务设施,区\na,甲站,113.07,28.8,微波炉,东\n", "second.csv")
    )
    after = kept(store)["a"]
    assert set(report.rows[0].changed) == {"name", "facilities", "extra"}
    assert (after.address, after.opening_hours, after.note) == (before.address, "24/7", "老")
    assert dict(after.facilities) == {"drinking_water": True, "microwave": True, "air_conditioning": False}
    assert after.provenance.source == before.provenance.source


def test_empty_cell_says_nothing(store, sheet):
    imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,人民路,24/7,饮水,老\n"))
    assert outcomes(imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,,,\n"))) == {"unchanged": 1}


def test_text_that_was_not_understood_goes_when_it_is_mended(store, sheet):
    report = imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,以现场公告为准,,\n"))
    assert report.rows[0].warnings
    assert kept(store)["a"].opening_hours is None
    assert kept(store)["a"].extra["开放时间"] == "以现场公告为准"
    imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,08:00-20:00,,\n"))
    assert kept(store)["a"].opening_hours == "08:00-20:00"
    assert "开放时间" not in kept(store)["a"].extra


def test_original_coordinates_go_with_the_place_they_belong_to(store, sheet):
    text = HEADINGS + "a,甲,{},28.8,,,,\n"
    imported(store, sheet(text.format(113.07)), "gcj02")
    moved = kept(store)["a"]
    assert moved.provenance.datum == "gcj02"
    # The same place in WGS84: how it was first given is still true.
    precise = HEADINGS + f"a,甲,{moved.geometry.x!r},{moved.geometry.y!r},,,,\n"
    imported(store, sheet(precise))
    assert kept(store)["a"].provenance.original.coords[0] == (113.07, 28.8)
    # Elsewhere: it is not.
    imported(store, sheet(text.format(113.09)))
    assert kept(store)["a"].geometry.coords[0] == (113.09, 28.8)
    assert (kept(store)["a"].provenance.original, kept(store)["a"].provenance.datum) == (None, "wgs84")


def test_nested_property_is_kept_as_json(store, sheet):
    item = feature(id="a", tags={"lit": True, "名": [1, None]}, score=1.5, wet=False)
    imported(store, sheet(document(item), "a.geojson"), "")
    extra = kept(store)["a"].extra
    assert json.loads(extra["tags"]) == {"lit": True, "名": [1, None]}
    assert (extra["score"], extra["wet"]) == ("1.5", "no")


@pytest.mark.parametrize(
    "text",
    [
        "{{7*7}} ${x} `a` <img onerror=alert(1)>",
        "甲\0乙",
        "\ud800",
        "x" * 3_000,
        "{name} {0} %s",
        "'; DROP TABLE stations; --",
    ],
)
def test_hostile_text_is_kept_as_it_is_or_refused(store, sheet, text):
    try:
        report = imported(
            store, sheet(document(feature(id="a") | {"properties": {"id": "a", "name": text}}), "a.geojson"), ""
        )
    except LocatorError:
        return
    for language in LANGUAGES:
        assert list(report.lines(translator(language)))
    if not report.refused:
        assert kept(store)["a"].name == text


# -- out and in again


def round_trip(store, tmp_path, name="out.geojson"):
    path = tmp_path / name
    export_data(store, path, translator("zh"))
    with open_store(":memory:", create=True) as other:
        report = import_stations(other, path, at=AT)
        assert report.refused == ()
        export_data(other, tmp_path / f"again-{name}", translator("zh"))
        return kept(other)


def test_miluo_comes_back_the_same(store, tmp_path):
    from locator.assets import asset_folder

    load_dataset(store, asset_folder("geodata") / "miluo", at=AT)
    assert round_trip(store, tmp_path) == kept(store)
    export_data(store, tmp_path / "second.geojson", translator("zh"))
    assert (tmp_path / "second.geojson").read_bytes() == (tmp_path / "out.geojson").read_bytes()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(codes(), min_size=1, max_size=3, unique=True).flatmap(
    lambda ids: st.tuples(*(stations(ids=st.just(code)) for code in ids))
))  # fmt: skip
def test_any_stations_come_back_the_same(tmp_path, batch):
    with open_store(":memory:", create=True) as store:
        store.write([(station, 0) for station in batch], at=AT)
        before = kept(store)
        after = round_trip(store, tmp_path)
    assert after.keys() == before.keys()
    for code, station in before.items():
        changed = after[code].changes_from(station)
        # A ring may be wound the other way; its shape is the same.
        assert all(name == "geometry" and shapely.equals(*pair) for name, pair in changed.items())


def test_export_that_fails_leaves_the_file_as_it_was(store, sheet, tmp_path, monkeypatch):
    imported(store, sheet(HEADINGS + "a,甲,113.07,28.8,,,,\n"))
    target = tmp_path / "out.geojson"
    target.write_text("before", encoding="utf-8")
    monkeypatch.setattr("locator.exchange.sheets.station_features", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_data(store, target, translator("zh"))
    monkeypatch.undo()
    monkeypatch.setattr("os.fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_data(store, target, translator("zh"))
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["list.csv", "out.geojson"]


def test_export_into_no_folder_is_refused(store, tmp_path):
    with pytest.raises(LocatorError, match="folder"):
        export_data(store, tmp_path / "none" / "out.geojson", translator("zh"))
