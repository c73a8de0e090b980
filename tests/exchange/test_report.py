"""What an import says of a list: every row, in plain words, and what looks wrong with the whole of it."""

import csv
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from shapely import LineString, Point, box

from locator.datum import Datum, convert
from locator.errors import LocatorError
from locator.exchange.exporting import export_data
from locator.exchange.importing import import_stations
from locator.exchange.mapping import read_mapping, write_mapping
from locator.exchange.report import write_report
from locator.place import Area, Street
from locator.record import place_to_record
from locator.station import Provenance, Station
from locator.store import open_store
from locator.translation import LANGUAGES, translator

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
HEADINGS = ["编号", "名称", "经度", "纬度", "社区", "道路", "开放时间", "进入方式", "核实日期"]


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as store:
        yield store


def sheet(tmp_path, *rows, headings=HEADINGS, name="list.csv"):
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([*row, *[""] * (len(headings) - len(row))] for row in rows)
    return path


def load(store, path, **how):
    return import_stations(store, path, at=AT, **({"crs": "wgs84"} | how))


def warned(report):
    return {row.id: [warning.field for warning in row.warnings] for row in report.rows if row.warnings}


def set_places(store, layer, *places):
    store.replace_places(layer, [(place_to_record(place), place.geometry) for place in places], at=AT)


# -- what is found


def test_suspicious_rows_are_taken_and_pointed_at(tmp_path, store):
    set_places(store, "areas", Area(id="a", name="归义", geometry=box(113.0, 28.7, 113.1, 28.9)))
    path = sheet(
        tmp_path,
        ["face", "甲站", 113.01, 28.8, "", "", "", "刷脸"],
        ["stale", "乙站", 113.02, 28.8, "", "", "", "", "2024-01-01"],
        ["hours", "丙站", 113.03, 28.8, "", "", "以现场公告为准"],
        ["outside", "丁站", 113.5, 28.8],
        ["one", "汩罗大道工会驿站", 113.05, 28.8],
        ["two", "汨罗大道（工会驿站）", 113.0501, 28.8],
        ["sound", "戊站", 113.06, 28.8, "归义", "", "24小时", "扫码", "2026-10-01"],
    )
    report = load(store, path)
    assert report.written
    assert warned(report) == {
        "face": ["entry.ways"],
        "stale": ["location_verified"],
        "hours": ["opening_hours"],
        "outside": ["geometry"],
        "one": ["name"],
        "two": ["name"],
    }
    assert report.counts["warned"] == 6
    (unread,) = (kept.station for kept in store.stations() if kept.id == "hours")
    assert unread.opening_hours is None
    assert "以现场公告为准" in str([unread.note, dict(unread.extra)])


def test_double_of_what_is_kept_is_found_and_the_same_code_is_none(tmp_path, store):
    load(store, sheet(tmp_path, ["a", "人民路工会驿站", 113.05, 28.8]))
    assert warned(load(store, sheet(tmp_path, ["b", "人民路　工会驿站", 113.0501, 28.8]))) == {"b": ["name"]}
    assert warned(load(store, sheet(tmp_path, ["c", "人民路工会驿站", 113.06, 28.8]))) == {}


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        ("", "28.8", "lon"),
        ("113", "", "lat"),
        ("28.8", "113", "geometry"),
        ("nan", "28", "lon"),
        ("200", "28", "geometry"),
    ],
)
def test_coordinates_that_cannot_be_are_refused(tmp_path, store, lon, lat, field):
    (row,) = load(store, sheet(tmp_path, ["a", "甲", lon, lat])).refused
    assert row.error.field == field
    assert store.revision == 0


def test_swapped_coordinates_are_called_so(tmp_path, store):
    (row,) = load(store, sheet(tmp_path, ["a", "甲", "28.8", "113.07"])).refused
    assert "swap" in row.error.text()


# -- a datum that looks wrong

TRUE = [(113.05 + 0.004 * number, 28.80 + 0.003 * (number % 4)) for number in range(12)]


def as_given(datum):
    """Return a clerk's rows whose coordinates are those of a datum."""
    rows = []
    for number, (lon, lat) in enumerate(TRUE):
        x, y = convert(lon, lat, Datum.WGS84, datum)
        rows.append([f"n{number}", f"站{number}", repr(float(x)), repr(float(y)), f"社区{number}", f"路{number}"])
    return rows


def known(store, what):
    if what == "streets":
        streets = [
            Street(id=f"w{n}", name=f"路{n}", geometry=LineString([(lon - 1e-4, lat), (lon + 1e-4, lat)]))
            for n, (lon, lat) in enumerate(TRUE)
        ]
        set_places(store, "streets", *streets)
    elif what == "areas":
        areas = [
            Area(id=f"c{n}", name=f"社区{n}", geometry=Point(lon, lat).buffer(0.001))
            for n, (lon, lat) in enumerate(TRUE)
        ]
        set_places(store, "areas", *areas)
    else:
        stations = [
            (Station(id=f"n{n}", name=f"站{n}", geometry=Point(*place)), 0) for n, place in enumerate(TRUE)
        ]
        store.write(stations, at=AT)


@pytest.mark.parametrize("what", ["streets", "areas", "stations"])
@pytest.mark.parametrize(("datum", "least", "most"), [("gcj02", 400, 800), ("bd09", 800, 1_600)])
def test_wrong_datum_is_suspected_with_its_metres(tmp_path, store, what, datum, least, most):
    known(store, what)
    report = load(store, sheet(tmp_path, *as_given(Datum(datum))), dry_run=True)
    (finding,) = report.batch
    assert finding.field == "datum"
    assert finding.details["likely"] == datum
    assert finding.details["compared"] == 12
    assert least < finding.details["said_m"] < most
    assert finding.details["likely_m"] < 100
    assert f"--datum {datum}" in finding.text()


@pytest.mark.parametrize("what", ["streets", "areas", "stations"])
@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "cgcs2000"])
def test_right_datum_is_not_suspected(tmp_path, store, what, datum):
    known(store, what)
    assert load(store, sheet(tmp_path, *as_given(Datum(datum))), crs=datum, dry_run=True).batch == ()


def test_one_station_that_moved_proves_nothing(tmp_path, store):
    known(store, "stations")
    report = load(store, sheet(tmp_path, *as_given(Datum.GCJ02)[:2]), dry_run=True)
    assert report.batch == ()


# -- what is told


def test_report_in_text_json_and_workbook_says_the_same(tmp_path, store):
    load(store, sheet(tmp_path, ["a", "甲", 113.05, 28.8], ["c", "丙", 113.06, 28.8]))
    rows = (
        ["a", "=甲", 113.05, 28.8, "归义"],
        ["b", "乙", 113.07, 28.8, "", "", "看门口"],
        ["c", "丙", 113.06, 28.8],
    )
    report = load(store, sheet(tmp_path, *rows, ["d", "丁", "x", 28.8]))
    for language in LANGUAGES:
        translate = translator(language)
        text = "\n".join(report.lines(translate))
        for word in ("list.csv", "归义", "lon 'x'", "看门口"):
            assert word in text, word
        said = report.as_json(translate)
        assert [row["outcome"] for row in said["rows"]] == ["changed", "added", "unchanged", "refused"]
        assert said["rows"][0]["changed"] == {"name": ["甲", "=甲"], "community": ["–", "归义"]}
        assert said["written"] is False
        write_report(report, tmp_path / "report.xlsx", translate)
        page = load_workbook(tmp_path / "report.xlsx").active
        cells = list(page.iter_rows(min_row=2))
        assert [row[0].value for row in cells] == [2, 3, 4, 5]
        assert cells[0][3].value == "=甲"
        assert {cell.data_type for row in cells for cell in row[1:]} <= {"s", "inlineStr", "n"}
        assert "lon" in cells[3][6].value


def test_how_to_take_it_back_is_told_only_where_something_changed(tmp_path, store):
    path = sheet(tmp_path, ["a", "甲", 113.05, 28.8])
    told = ["\n".join(load(store, path).lines(translator("en"))) for _ in range(2)]
    assert "locator undo 1" in told[0]
    assert "undo" not in told[1]


# -- the whole list, and mappings


def test_only_a_full_list_closes_what_it_lacks_of_its_source(tmp_path, store):
    load(store, sheet(tmp_path, ["a", "甲", 113.05, 28.8], ["b", "乙", 113.06, 28.8]), source="总工会")
    load(store, sheet(tmp_path, ["c", "丙", 113.07, 28.8]), source="银行")
    one = sheet(tmp_path, ["a", "甲", 113.05, 28.8])
    assert load(store, one, source="总工会").absent == ()
    report = load(store, one, source="总工会", full_list=True)
    assert report.absent == ("b",)
    assert {kept.id: kept.station.status for kept in store.stations()} == {
        "a": "operating", "b": "closed", "c": "operating",
    }  # fmt: skip
    assert load(store, one, source="总工会", full_list=True).changes == 0


def test_mapping_that_was_saved_gives_the_same_again(tmp_path, store):
    headings = ["编号", "名称", "经度", "纬度", "周一", "周二", "微波炉", "谁"]
    path = sheet(tmp_path, ["a", "甲", 113.05, 28.8, "8:00-12:00", "休息", "有", "王"], headings=headings)
    first = load(store, path, dry_run=True)
    write_mapping(tmp_path / "office.toml", first.found, crs="wgs84", source="")
    mapping = read_mapping(tmp_path / "office.toml")
    load(store, path)
    second = load(store, path, crs="", mapping=mapping)
    assert second.found.described() == first.found.described()
    assert second.counts["unchanged"] == 1


NYC = """OBJECTID,NYCEM_ID,FACILITY_NAME,ADDRESS,BOROUGH,ZIP_CODE,PHONE,HANDICAP_ACCESS,EXTENDED_HOURS,STATUS,\
Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday,X,Y,FACILITY_TYPE,Entrance_info
1,A1,North Library,1 MAIN ST,Manhattan,10001,,Yes,,OPEN,9a-5p,9a-5p,9a-7p,9a-5p,9a-5p,,,981135.68371,196012.926593,Library,
2,A2,South Hall,2 MAIN ST,Brooklyn,11201,,No,,OPEN,12p-8:30p,12p-8:30p,,,,10a-2p,10a-2p,990000,190000,Hall,side door
"""


def test_feet_and_weekday_columns_come_in_by_a_mapping(tmp_path, store, request):
    mapping = read_mapping(request.path.parents[1] / "fixtures" / "mapping_nyc_cooling_centers.toml")
    path = tmp_path / "centers.csv"
    path.write_text(NYC, encoding="utf-8-sig")
    assert load(store, path, crs="EPSG:2263", mapping=mapping).counts["added"] == 2
    north, south = (kept.station for kept in store.stations())
    assert north.geometry.distance(Point(-74.0112324, 40.7046864)) < 1e-7
    assert north.opening_hours == "Mo,Tu,Th,Fr 09:00-17:00; We 09:00-19:00"
    assert south.opening_hours == "Mo,Tu 12:00-20:30; Sa,Su 10:00-14:00"
    assert (north.has("wheelchair_access"), south.has("wheelchair_access")) == (True, False)
    assert south.entry.door == "side door"
    assert north.provenance.datum == "EPSG:2263"


@pytest.mark.shared
def test_new_york_in_feet_agrees_with_new_york_in_degrees(real_data, store, request):
    mapping = read_mapping(request.path.parents[1] / "fixtures" / "mapping_nyc_cooling_centers.toml")
    folder = real_data / "stations"
    feet = load(store, folder / "nyc_cooling_centers_epsg2263.csv", crs="EPSG:2263", mapping=mapping)
    assert (feet.counts["added"], feet.refused) == (146, ())
    with open_store(":memory:", create=True) as other:
        import_stations(other, folder / "nyc_cooling_centers_wgs84.geojson", at=AT)
        degrees = {kept.id: kept.station for kept in other.stations()}
    for kept in store.stations():
        there = degrees[kept.id].geometry
        metres = 111_000 * kept.station.geometry.distance(there)  # a degree of latitude; one of longitude is less
        assert metres < 1
        assert kept.station.opening_hours == degrees[kept.id].opening_hours


@pytest.mark.shared
def test_invalid_geojson_ends_in_a_message_or_a_load(real_data, tmp_path):
    files = sorted((real_data / "geojson_invalid").rglob("*.geojson"))
    assert len(files) >= 70
    for path in files:
        with open_store(":memory:", create=True) as store, suppress(LocatorError):
            assert all(row.error.text() for row in load(store, path).refused)


# -- what was deleted


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".geojson", ".gpkg", ".kml"])
def test_changes_since_a_revision_bring_another_store_up_to_date(tmp_path, store, ending):
    stations = [
        Station(
            id=code, name=code, geometry=Point(113, 28), provenance=Provenance(location_verified=date(2026, 1, 2))
        )
        for code in "abc"
    ]
    store.write([(station, 0) for station in stations], at=AT)
    with open_store(":memory:", create=True) as other:
        other.write([(station, 0) for station in stations], at=AT)
        since = store.revision
        store.write([(replace(stations[0], phone="110"), 1)], [("b", 1)], at=AT)
        written = export_data(store, tmp_path / f"new{ending}", translator("zh"), updated_since=since)
        assert (written.stations, written.deleted) == (1, 1)
        report = load(other, tmp_path / f"new{ending}")
        assert [row.error.text() for row in report.refused] == []
        assert (report.counts["changed"], report.counts["removed"]) == (1, 1)
        assert [k.station for k in other.stations()] == [k.station for k in store.stations()]
        again = load(other, tmp_path / f"new{ending}")
        assert (again.changes, again.counts["unchanged"]) == (0, 2)
        other.undo(report.revision, at=AT)
        assert [k.id for k in other.stations()] == ["a", "b", "c"]


def test_deletion_without_a_code_is_refused(tmp_path, store):
    path = sheet(tmp_path, ["", "甲", 113.05, 28.8, "2026-01-01"], headings=[*HEADINGS[:4], "删除时间"])
    (row,) = load(store, path).refused
    assert row.error.field == "id"
