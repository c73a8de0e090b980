"""Lists of areas, streets, demand and candidate sites: whole or not at all, again the same, and back again."""

import csv
import json
from datetime import UTC, date, datetime

import h3
import pytest
import shapely
from pyproj import Transformer

from locator.errors import InvalidValue
from locator.exchange.mapping import ColumnMapping
from locator.exchange.places import import_places
from locator.store import open_store

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
SQUARE = "POLYGON ((113.07 28.8, 113.08 28.8, 113.08 28.81, 113.07 28.81, 113.07 28.8))"


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as store:
        yield store


def table(tmp_path, headings, *rows, name="list.csv"):
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def features(tmp_path, *pairs, name="list.geojson"):
    """Write pairs of properties and WKT."""
    path = tmp_path / name
    made = [
        {"type": "Feature", "properties": said, "geometry": shapely.geometry.mapping(shapely.from_wkt(wkt))}
        for said, wkt in pairs
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}))
    return path


def load(store, path, layer, **how):
    return import_places(store, path, layer, at=AT, **({"crs": "wgs84"} | how))


def problems(report):
    return [row.error.text() for row in report.refused]


def test_areas_have_dates_and_residents(tmp_path, store):
    path = table(
        tmp_path,
        ["社区名称", "人口", "设立日期", "几何", "网格长"],
        ["归义", "4,200人", "2024-01-11", SQUARE, "王"],
    )
    assert problems(load(store, path, "areas")) == []
    (area,) = store.areas()
    assert (area.name, area.residents, area.valid_from, area.source) == (
        "归义",
        4200,
        date(2024, 1, 11),
        "list.csv",
    )
    assert area.extra == {"网格长": "王"}
    assert store.areas(on=date(2024, 1, 10)) == []


def test_streets_are_lines_with_what_must_be_covered(tmp_path, store):
    line = "LINESTRING (113.07 28.8, 113.08 28.8)"
    path = features(tmp_path, ({"路名": "人民路", "等级": "主干道", "纳入双覆盖": "是", "桥梁": "也许"}, line))
    report = load(store, path, "streets")
    (street,) = store.streets()
    assert (street.name, street.kind, street.must_cover, street.bridge) == ("人民路", "main", True, False)
    assert street.extra == {"桥梁": "也许"}
    assert [warning.field for warning in report.rows[0].warnings] == ["bridge"]


def test_demand_has_weights_at_points_cells_and_hexagons(tmp_path, store):
    cell = h3.latlng_to_cell(28.8, 113.07, 9)
    points = table(tmp_path, ["经度", "纬度", "人口", "订单"], ["113.07", "28.8", "12", ""], name="points.csv")
    cells = table(tmp_path, ["wkt", "权重"], [SQUARE, "3.5"], name="cells.csv")
    hexagons = table(tmp_path, ["h3", "workers"], [cell, "7"], name="hexagons.csv")
    for path in (points, cells):
        assert problems(load(store, path, "demand")) == []
    assert problems(load(store, hexagons, "demand", crs="")) == []
    found = {point.source: point for point in store.demand()}
    assert found["points.csv"].weights == {"residents": 12}
    assert found["cells.csv"].weights == {"weight": 3.5}
    hexagon = found["hexagons.csv"]
    assert (hexagon.id, hexagon.weights) == (cell, {"outdoor_workers": 7})
    lat, lon = h3.cell_to_latlng(cell)
    assert hexagon.geometry.centroid.distance(shapely.Point(lon, lat)) < 1e-6


@pytest.mark.parametrize("cell", ["89a901291ab", "zz", "8928308280fffff0"])
def test_word_that_is_no_hexagon_is_refused(tmp_path, store, cell):
    assert (
        "is not a cell of the H3 grid"
        in problems(load(store, table(tmp_path, ["h3", "jobs"], [cell, "1"]), "demand"))[0]
    )


def test_candidates_have_hours_and_costs(tmp_path, store):
    row = ["农商行人民路支行", "银行", "113.07", "28.8", "工作日 9:00-17:00", "12,000元"]
    path = table(tmp_path, ["场所名称", "类别", "经度", "纬度", "营业时间", "年成本"], row)
    assert problems(load(store, path, "candidates")) == []
    (site,) = store.candidates()
    assert (site.kind, site.cost_cny_year) == ("bank", 12_000)
    assert site.opening_hours == "Mo-Fr 09:00-17:00; PH off"


@pytest.mark.parametrize(
    ("layer", "headings", "row", "field"),
    [
        ("areas", ["name", "wkt"], ["", SQUARE], "name"),
        ("areas", ["name", "wkt"], ["a", "POINT (1 2)"], "geometry"),
        ("areas", ["name", "wkt", "residents"], ["a", SQUARE, "many"], "residents"),
        (
            "areas",
            ["name", "wkt", "valid_from", "valid_to"],
            ["a", SQUARE, "2026-01-02", "2026-01-01"],
            "valid_to",
        ),
        ("streets", ["name", "wkt"], ["a", "LINESTRING (1 2)"], "geometry"),
        ("demand", ["lon", "lat", "jobs"], ["113", "28", ""], "weights"),
        ("demand", ["lon", "lat", "jobs"], ["113", "28", "-1"], "jobs"),
        ("demand", ["lon", "lat", "jobs"], ["113", "98", "1"], "geometry"),
        ("demand", ["lon", "lat", "jobs"], ["", "", "1"], "geometry"),
        ("candidates", ["name", "lon", "lat", "cost"], ["a", "113", "28", "-1"], "cost_cny_year"),
    ],
)
def test_row_that_cannot_be_right_is_refused_by_field_and_nothing_is_written(
    tmp_path, store, layer, headings, row, field
):
    report = load(store, table(tmp_path, headings, row), layer)
    (refused,) = report.refused
    assert refused.error.field == field
    assert (report.written, store.revision, store.layer(layer)) == (False, 0, [])


def test_two_rows_with_one_code_are_both_refused(tmp_path, store):
    path = table(tmp_path, ["id", "lon", "lat", "jobs"], ["a", "113", "28", "1"], ["a", "114", "28", "2"])
    assert problems(load(store, path, "demand")) == ["id 'a': stands in 2 rows; delete all but one, or give each place its own code"] * 2  # fmt: skip


def test_same_file_again_changes_nothing_and_a_change_is_told_by_field(tmp_path, store):
    headings = ["name", "wkt", "residents"]
    load(store, table(tmp_path, headings, ["归义", SQUARE, "10"]), "areas")
    again = load(store, table(tmp_path, headings, ["归义", SQUARE, "10"]), "areas")
    assert (again.counts["unchanged"], again.revision, store.revision) == (1, 1, 1)
    changed = load(store, table(tmp_path, headings, ["归义", SQUARE, "11"]), "areas")
    assert changed.rows[0].changed == {"residents": (10, 11)}
    assert [area.residents for area in store.areas()] == [11]
    store.undo(changed.revision, at=AT)
    assert [area.residents for area in store.areas()] == [10]


def test_full_list_removes_only_what_its_own_source_lacks(tmp_path, store):
    headings = ["id", "lon", "lat", "jobs"]
    load(
        store, table(tmp_path, headings, ["a", "113", "28", "1"], ["b", "113", "28", "1"]), "demand", source="one"
    )
    load(store, table(tmp_path, headings, ["c", "113", "28", "1"]), "demand", source="two")
    fewer = table(tmp_path, headings, ["a", "113", "28", "1"])
    assert load(store, fewer, "demand", source="one").absent == ()
    assert [point.id for point in store.demand()] == ["a", "b", "c"]
    report = load(store, fewer, "demand", source="one", full_list=True)
    assert report.absent == ("b",)
    assert [point.id for point in store.demand()] == ["a", "c"]
    store.undo(report.revision, at=AT)
    assert [point.id for point in store.demand()] == ["a", "b", "c"]


def test_dry_run_writes_nothing(tmp_path, store):
    report = load(store, table(tmp_path, ["name", "wkt"], ["a", SQUARE]), "areas", dry_run=True)
    assert (report.counts["added"], report.written, store.revision, store.areas()) == (1, False, 0, [])


def test_projected_and_shifted_coordinates_come_to_the_same_place(tmp_path, store):
    x, y = Transformer.from_crs(4326, 4547, always_xy=True).transform(113.07, 28.8)
    metres = table(tmp_path, ["x", "y", "jobs"], [repr(x), repr(y), "1"], name="metres.csv")
    assert problems(load(store, metres, "demand", crs="EPSG:4547")) == []
    shifted = table(tmp_path, ["x", "y", "jobs"], ["113.07", "28.8", "1"], name="shifted.csv")
    assert problems(load(store, shifted, "demand", crs="gcj02")) == []
    found = {point.source: point.geometry for point in store.demand()}
    assert found["metres.csv"].distance(shapely.Point(113.07, 28.8)) < 1e-8
    assert 0.003 < found["shifted.csv"].distance(shapely.Point(113.07, 28.8)) < 0.01


def test_what_coordinates_mean_must_be_said(tmp_path, store):
    with pytest.raises(InvalidValue) as refusal:
        load(store, table(tmp_path, ["lon", "lat", "jobs"], ["113", "28", "1"]), "demand", crs="")
    assert refusal.value.field == "datum"


def test_mapping_says_what_headings_do_not(tmp_path, store):
    path = table(tmp_path, ["hex", "POP"], [h3.latlng_to_cell(28.8, 113.07, 8), "5"])
    mapping = ColumnMapping(columns={"h3": "hex", "night_workers": "POP"}, source="census")
    assert problems(load(store, path, "demand", mapping=mapping)) == []
    assert [(point.weights, point.source) for point in store.demand()] == [({"night_workers": 5}, "census")]


EXTRACT = """<osm version="0.6">
  <node id="1" lat="28.80" lon="113.07"/><node id="2" lat="28.80" lon="113.08"/>
  <node id="3" lat="28.81" lon="113.08"><tag k="amenity" v="fuel"/><tag k="name" v="加油站"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="人民路"/></way>
  <way id="11"><nd ref="1"/><nd ref="2"/><tag k="highway" v="motorway"/></way>
  <way id="12"><nd ref="1"/><nd ref="9"/><tag k="highway" v="path"/></way>
</osm>"""


def test_extract_gives_streets_and_premises_and_tells_what_it_left_out(tmp_path, store):
    path = tmp_path / "town.osm"
    path.write_text(EXTRACT)
    streets = load(store, path, "streets", crs="")
    assert (streets.counts["added"], streets.left_out, streets.incomplete) == (1, 1, 1)
    assert [(s.id, s.name, s.source) for s in store.streets()] == [
        ("way/10", "人民路", "© OpenStreetMap contributors, ODbL")
    ]
    assert load(store, path, "candidates", crs="").counts["added"] == 1
    assert load(store, path, "streets", crs="").counts["unchanged"] == 1
    with pytest.raises(InvalidValue, match="is not in OpenStreetMap extracts"):
        load(store, path, "demand", crs="")


def test_layer_that_there_is_not_is_refused(tmp_path, store):
    with pytest.raises(InvalidValue, match="is not one of areas, streets"):
        load(store, tmp_path / "a.csv", "roofs")


@pytest.mark.shared
def test_real_extracts_load(real_data, store):
    folder = real_data / "streets"
    streets = load(store, folder / "porto_alegre.osm.pbf", "streets", crs="")
    assert problems(streets) == []
    assert len(streets.rows) > 10_000
    load(store, folder / "porto_alegre.osm.pbf", "candidates", crs="")
    assert sum(site.kind == "toilets" for site in store.candidates()) == 11
    changsha = load(store, folder / "changsha_patch.osm", "streets", crs="")
    assert changsha.counts["added"] == 56
    assert any("路" in street.name for street in store.streets())


@pytest.mark.shared
def test_real_hexagons_load_with_everybody_in_them(real_data, store):
    mapping = ColumnMapping(columns={"h3": "id"})
    report = load(store, real_data / "streets" / "porto_alegre_hexagons.csv", "demand", crs="", mapping=mapping)
    assert problems(report) == []
    assert len(store.demand()) == 1227
    assert sum(point.weights["residents"] for point in store.demand()) == 812_935
