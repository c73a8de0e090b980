"""Coverage in files: every table reads back, and says what it means."""

import csv
import json
import pickle
import subprocess
import sys

import geopandas
import openpyxl
import pyogrio
import pytest
from paper_town import STATIONS, place, study

from locator.coverage.headings import heading, shown
from locator.coverage.measures import MEASURES
from locator.coverage.printing import result_lines
from locator.coverage.writing import table_as_json, write_results
from locator.errors import InvalidValue
from locator.station import Station
from locator.translation import translator

EN, ZH = translator("en"), translator("zh")
HOSTILE = '=HYPERLINK("http://x")<script>{{7*7}}'


@pytest.fixture(scope="module")
def results():
    hostile = Station(id="H", name=HOSTILE, geometry=place(400, 200), opening_hours="24/7")
    town = study(stations=[*STATIONS, hostile])
    return [measure(town) for measure in MEASURES.values()]


def test_every_measure_tells_what_it_means(results):
    for result in results:
        lines = dict(result.about.lines(ZH))
        assert {"指标", "定义", "统计范围", "名单日期", "数据版本", "距离"} <= lines.keys()
        assert lines["名单日期"] == "2026-11-25"
        assert "公里道路" in lines["距离"]


def test_results_can_be_kept(results):
    for result in results:
        again = pickle.loads(pickle.dumps(result))
        assert [*again.about.lines(ZH)] == [*result.about.lines(ZH)]
        assert [len(table) for table in again.tables] == [len(table) for table in result.tables]


def test_tables_are_frames_with_units_in_their_names(results):
    for result in results:
        for name, frame in result.frames().items():
            assert len(frame) == len(result[name])
            assert frame.attrs["about"] is result.about
            if result[name].shapes is not None:
                assert frame.crs == "EPSG:4326"
                assert frame.geometry.is_valid.all()


def test_workbook_has_a_sheet_for_each_table_and_the_method(results, tmp_path):
    (path,) = write_results(results, tmp_path / "all.xlsx", ZH)
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == sum(len(result.tables) for result in results) + 1
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book.sheetnames[-1] == "方法说明"
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert HOSTILE in [cell.value for cell in cells]


def test_geopackage_has_a_layer_for_each_table(results, tmp_path):
    (path,) = write_results(results, tmp_path / "all.gpkg", EN)
    layers = {name for name, _ in pyogrio.list_layers(path)}
    named = {(result.measure, table.name) for result in results for table in result.tables}
    assert layers == {"_".join(dict.fromkeys(names)) for names in named} | {"about"}
    areas = geopandas.read_file(path, layer="audit_areas")
    assert areas["Stations inside"].tolist() == [2, 2]
    assert areas.crs == "EPSG:4326"
    meaning = pyogrio.read_dataframe(path, layer="about")
    assert "Definition" in meaning["What"].tolist()


def test_geojson_has_its_meaning_with_it(results, tmp_path):
    files = write_results(results[:1], tmp_path / "audit.geojson", EN)
    assert [file.name for file in files] == [
        "audit-summary.csv",
        "audit-areas.geojson",
        "audit-streets.geojson",
        "audit-uncovered.geojson",
        "audit-covering.csv",
        "audit-about.csv",
    ]
    whole = json.loads(files[1].read_text())
    assert whole["locator"]["measure"] == "audit"
    assert whole["locator"]["straight_line"] is False
    first = whole["features"][0]
    assert first["properties"]["name"] == "东社区"
    assert first["properties"]["has_station"] is True
    assert first["geometry"]["type"] == "Polygon"


def test_tables_without_geometries_are_not_lost_in_geojson(results, tmp_path):
    """The totals of reach and the 168 hours have none: they stand in CSV beside, with what they mean."""
    files = {file.name for file in write_results(results, tmp_path / "all.geojson", EN)}
    tables = {(result.measure, table.name, table.shapes is None) for result in results for table in result.tables}
    assert len(files) == len(tables) + 1
    assert {"all-reach-total.csv", "all-hours.csv", "all-about.csv", "all-gaps.geojson"} <= files
    assert sum(name.endswith(".csv") for name in files) == sum(lacking for *_, lacking in tables) + 1
    with (tmp_path / "all-reach-total.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(next(r for r in results if r.measure == "reach")["total"])


def test_csv_has_a_file_for_each_table(results, tmp_path):
    files = write_results(results[:1], tmp_path / "audit.csv", EN)
    assert {file.name for file in files} == {
        "audit-summary.csv", "audit-areas.csv", "audit-streets.csv", "audit-uncovered.csv", "audit-covering.csv",
        "audit-about.csv",
    }  # fmt: skip
    with (tmp_path / "audit-covering.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["Area"] for row in rows} == {"东社区", "西社区"}
    assert f"'{HOSTILE}" in {row["Station"] for row in rows}


def test_straight_lines_are_labelled_in_every_table(tmp_path):
    results = [measure(study(network=None)) for measure in MEASURES.values()]
    for file in write_results(results, tmp_path / "all.csv", EN)[:-1]:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
        assert {row["Distances"] for row in rows} <= {"straight line"}, file.name
    assert all("[straight line]" in next(result_lines(result, EN)) for result in results)
    assert all(result.about.as_json(ZH)["network"].startswith("直线距离") for result in results)


def test_every_column_has_a_heading_in_chinese(results):
    for result in results:
        for table in result.tables:
            for field in table.columns:
                said = heading(field, ZH)
                assert any("一" <= char <= "鿿" for char in said), (result.measure, table.name, field)
            headings = [heading(field, ZH) for field in table.columns]
            assert len(set(headings)) == len(headings), (result.measure, table.name)


def test_screen_shows_shares_in_per_cent_and_nothing_as_a_dash():
    assert shown("share_12_h", 0.8524, EN) == "85.2%"
    assert shown("worst_m", None, EN) == "–"
    assert shown("length_m", 12_345, EN) == "12,345"
    assert shown("has_station", True, ZH) == "是"


def test_json_has_plain_values(results):
    for result in results:
        for table in result.tables:
            json.dumps(table_as_json(table, ZH), allow_nan=False)


@pytest.mark.parametrize("name", ["x.pdf", "x", "nowhere/x.csv"])
def test_files_that_cannot_be_written_are_refused(results, tmp_path, name):
    with pytest.raises(InvalidValue):
        write_results(results, tmp_path / name, EN)


def test_measures_load_no_frames():
    code = "import sys, locator.coverage.measures, locator.coverage.writing; print({'geopandas', 'openpyxl'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"
