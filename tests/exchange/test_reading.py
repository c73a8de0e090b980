"""Any list that an office has is read: encodings, headings, sheets, layers, each as the file has it."""

import json
import sqlite3
import struct
import zipfile
from dataclasses import replace
from datetime import date, datetime, time

import geopandas
import pytest
import shapely
from openpyxl import Workbook

from locator.errors import InvalidValue
from locator.exchange.reading import ENDINGS, Limits, read_file
from locator.exchange.reading.headings import Merge, write_table
from locator.exchange.reading.wkb import BadGeometry, geojson_of

HEADINGS = ("名称", "经度", "纬度")
ROW = {"名称": "汨罗驿站", "经度": "113.07", "纬度": "28.81"}
POINT = {"type": "Point", "coordinates": [113.07, 28.81]}


def text_file(tmp_path, text, name="list.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path, **given):
    with pytest.raises(InvalidValue) as caught:
        read_file(path, **given)
    assert caught.value.value == path.name
    return str(caught.value)


# -- CSV


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 BOM"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), ("\t", "tab"), (";", "semicolon")])
def test_table_in_any_encoding(tmp_path, encoding, shown, delimiter, name):
    lines = [HEADINGS, ROW.values()]
    file = read_file(text_file(tmp_path, "\r\n".join(map(delimiter.join, lines)), encoding=encoding))
    assert file.headings == HEADINGS
    assert [(row.number, row.values, row.geometry, row.id) for row in file.rows] == [(2, ROW, None, None)]
    assert file.notes == {"format": "CSV", "encoding": shown, "delimiter": name}
    assert file.crs is None
    assert file.about is None


def test_numbers_are_lines_of_the_file(tmp_path):
    file = read_file(text_file(tmp_path, '名称,备注\n\n甲,"一\n二"\n,\n乙,\n'))
    assert [(row.number, row.values["名称"]) for row in file.rows] == [(4, "甲"), (6, "乙")]


def test_cells_beyond_the_headings_are_refused_in_text(tmp_path):
    assert "line 2 has more cells" in refusal(text_file(tmp_path, "名称,地址\n甲,一路,3号\n"))


def test_short_rows_are_filled_and_columns_without_heading_passed_over(tmp_path):
    file = read_file(text_file(tmp_path, "名称,,地址\n甲,x,一路\n乙\n"))
    assert [row.values for row in file.rows] == [{"名称": "甲", "地址": "一路"}, {"名称": "乙", "地址": ""}]


def test_titles_above_the_headings_are_passed_over(tmp_path):
    file = read_file(
        text_file(tmp_path, "一览表,,,,\n单位：总工会,,,,8月\n名称,经度,纬度,电话,备注\n甲,1,2,3,4\n")
    )
    assert file.headings == (*HEADINGS, "电话", "备注")
    assert file.rows[0].number == 4
    assert file.notes["heading row"] == "3"


@pytest.mark.parametrize("text", ["名称\n甲\n", "名称,地址\n甲,\n", "名称,lon,lat\n甲,1,2\n", "名称,备注\n"])
def test_first_line_is_the_headings_of_a_plain_table(tmp_path, text):
    file = read_file(text_file(tmp_path, text))
    assert file.headings == tuple(text.split("\n", maxsplit=1)[0].split(","))
    assert "heading row" not in file.notes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        (" ,\n,\n", "has no rows"),
        ("名称,名称\n1,2\n", "has the heading 名称 twice"),
        ('名称,地址\n"甲,一路\n', "cannot be read as a table"),
    ],
)
def test_text_that_is_no_table(tmp_path, text, said):
    assert said in refusal(text_file(tmp_path, text))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"name,x\n\xff\xff\xff,1\n")
    assert "is neither UTF-8 nor GB18030 text" in refusal(path)


# -- XLSX


def workbook(tmp_path, rows, *, merges=(), name="list.xlsx"):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    path = tmp_path / name
    book.save(path)
    return path


def edited(path, member, *changes):
    """Change a part of a workbook as text."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    # openpyxl writes by lxml where that is installed, which spells what is empty otherwise.
    for written, usual in ((b"/>", b" />"), (b"  />", b" />"), (b"<v></v>", b"<v />")):
        parts[member] = parts[member].replace(written, usual)
    for old, new in changes:
        assert old.encode() in parts[member]
        parts[member] = parts[member].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_of_a_sheet_are_what_a_person_would_type(tmp_path):
    values = {
        "文本": " 007 ", "整数": 3, "大": 13_812_345_678.0, "小数": 113.07, "长": 113.06999999999999,
        "是": True, "日期": date(2026, 3, 1), "时刻": datetime(2026, 3, 1, 8, 30), "开": time(8, 0), "空": None,
    }  # fmt: skip
    file = read_file(workbook(tmp_path, [list(values), list(values.values())]))
    assert file.headings == tuple(values)
    assert list(file.rows[0].values.values()) == [
        "007", "3", "13812345678", "113.07", "113.07",
        "yes", "2026-03-01", "2026-03-01T08:30:00", "08:00", "",
    ]  # fmt: skip
    assert file.notes == {"format": "XLSX", "sheet": "Sheet"}


def test_dates_in_the_format_of_chinese_spreadsheets(tmp_path):
    path = workbook(tmp_path, [["名称", "日期"], ["甲", date(2026, 3, 1)]])
    # Number format 31 is yyyy年m月d日 in Chinese Excel, and no file says so.
    stated = '<numFmt numFmtId="164" formatCode="yyyy-mm-dd" />'
    edited(path, "xl/styles.xml", (stated, ""), ('numFmtId="164"', 'numFmtId="31"'))
    assert read_file(path).rows[0].values["日期"] == "2026-03-01"


def test_sheet_is_the_first_shown_or_the_named(tmp_path):
    book = Workbook()
    book.active.title = "隐藏"
    book.active.sheet_state = "hidden"
    for title in ("驿站", "说明"):
        book.create_sheet(title).append([title, "b"])
        book[title].append([1, 2])
    path = tmp_path / "list.xlsx"
    book.save(path)
    first, named = read_file(path), read_file(path, sheet="说明")
    assert (first.headings[0], first.notes["sheet"], first.notes["other sheets"]) == ("驿站", "驿站", "隐藏, 说明")
    assert named.headings[0] == "说明"
    assert "has no sheet 没有; give one of 隐藏, 驿站, 说明" in refusal(path, sheet="没有")


def test_title_and_headings_in_two_lines(tmp_path):
    rows = [
        ["汨罗市户外劳动者驿站一览表"],
        ["序号", "名称", "位置", None, "备注"],
        [None, None, "经度", "纬度"],
        [1, "甲", 113.07, 28.81, "x"],
    ]
    file = read_file(workbook(tmp_path, rows, merges=["A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"]))
    assert file.headings == ("序号", "名称", "经度", "纬度", "备注")
    assert file.rows[0].number == 4
    assert file.notes["heading row"] == "3"


def test_sub_headings_that_would_be_the_same_keep_what_stands_above(tmp_path):
    rows = [["名称", "工作日", None, "周末", None], [None, "开", "关", "开", "关"], ["甲", 8, 17, 9, 12]]
    file = read_file(workbook(tmp_path, rows, merges=["B1:C1", "D1:E1"]))
    assert file.headings == ("名称", "工作日 开", "工作日 关", "周末 开", "周末 关")
    assert file.rows[0].values["周末 关"] == "12"


def test_heading_merged_over_columns_of_data_is_numbered(tmp_path):
    file = read_file(workbook(tmp_path, [["名称", "坐标", None], ["甲", 113, 28]], merges=["B1:C1"]))
    assert file.headings == ("名称", "坐标", "坐标 2")
    assert [row.values["坐标 2"] for row in file.rows] == ["28"]


def test_what_is_merged_over_rows_counts_for_each(tmp_path):
    rows = [["区", "名称", "备注"], ["天心区", "甲", "a"], [None, "乙", None], ["雨花区", "丙", None]]
    file = read_file(workbook(tmp_path, rows, merges=["A2:A3"]))
    assert [row.values["区"] for row in file.rows] == ["天心区", "天心区", "雨花区"]
    assert [row.values["备注"] for row in file.rows] == ["a", "", ""]


def test_cells_beside_the_table_are_passed_over_and_counted(tmp_path):
    file = read_file(workbook(tmp_path, [["名称", "地址"], ["甲", "一路", "问小王"]]))
    assert file.rows[0].values == {"名称": "甲", "地址": "一路"}
    assert file.notes["rows with cells that have no heading"] == "1"


def test_formulas_have_the_value_saved_with_them(tmp_path):
    path = workbook(tmp_path, [["名称", "经度", "纬度"], ["甲", "=100+13", "=1+1"]])
    edited(path, SHEET, ("<f>100+13</f><v />", "<f>100+13</f><v>113</v>"), ("<f>1+1</f><v />", "<f>1+1</f>"))
    file = read_file(path)
    assert file.rows[0].values == {"名称": "甲", "经度": "113", "纬度": ""}
    assert (file.notes["formulas"], file.notes["formulas without a value"]) == ("2", "1")


def test_old_workbooks_are_named(tmp_path):
    for name in ("list.xls", "list.xlsx"):
        path = tmp_path / name
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
        assert "save it again as .xlsx" in refusal(path)


# -- the table's beginning, without a file


class Kept:
    def __init__(self):
        self.notes = {}
        self.names = []
        self.rows = []

    def headings(self, headings):
        self.names = headings

    def cells(self, number, cells):
        self.rows.append((number, cells))


def test_merges_reaching_beyond_the_rows_do_no_harm():
    kept = Kept()
    rows = [(1, ["a", "b", "c"]), (2, ["1"]), (5, [])]
    write_table(rows, kept, merges=[Merge(2, 3, 9, 4), Merge(1, 1, 1, 1), Merge(2, 1, 900, 1), Merge(7, 1, 3, 1)])
    assert kept.names == ["a", "b", "c"]
    assert kept.rows == [(2, ["1", "", ""])]


# -- GeoJSON


def feature(**given):
    return {"type": "Feature", "properties": {"名称": "甲"}, "geometry": POINT} | given


def collection(*features, **given):
    return json.dumps({"type": "FeatureCollection", "features": features} | given, ensure_ascii=False)


def test_geojson_as_it_stands(tmp_path):
    odd = {"type": "Feature", "properties": {"b": [1, {"c": None}], "d": 1.5}, "geometry": {"type": "Nothing"}}
    text = collection(feature(id=7), odd, "none", feature(properties=None, geometry=None), locator={"format": "x"})
    file = read_file(text_file(tmp_path, text, "a.geojson"))
    assert file.headings == ("名称", "b", "d")
    assert [row.number for row in file.rows] == [1, 2, 3, 4]
    assert [row.values for row in file.rows] == [{"名称": "甲"}, odd["properties"], {}, {}]
    assert [row.geometry for row in file.rows] == [POINT, {"type": "Nothing"}, None, None]
    assert [row.id for row in file.rows] == [7, None, None, None]
    assert file.about == {"format": "x"}


def test_members_may_stand_in_any_order(tmp_path):
    text = ' { "features" : [ %s , %s ] , "type" : "FeatureCollection", "name":"x" }\n' % (
        (json.dumps(feature()),) * 2
    )
    assert len(read_file(text_file(tmp_path, text, "a.json", "utf-8-sig")).rows) == 2
    single = read_file(text_file(tmp_path, json.dumps(feature(id="s")), "a.json"))
    assert [(row.id, row.values) for row in single.rows] == [("s", {"名称": "甲"})]
    assert read_file(text_file(tmp_path, collection(), "a.json")).rows == ()


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490", "urn:ogc:def:crs:EPSG::4326"])
def test_stated_crs_is_handed_on(tmp_path, name):
    crs = {"type": "name", "properties": {"name": name}}
    assert read_file(text_file(tmp_path, collection(crs=crs), "a.geojson")).crs == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not JSON"),
        ('{"type": "FeatureCollection", "features": [{}', "is not JSON"),
        ('{"type": "FeatureCollection", "features": []} x', "is not JSON: Extra data"),
        ('{"type": "FeatureCollection", "features": [,]}', "is not JSON"),
        ('{"type": "FeatureCollection"}', "is not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": {}}', "is not a GeoJSON FeatureCollection"),
        ('{"type": "Point", "coordinates": [1, 2]}', "is not a GeoJSON FeatureCollection"),
        ("{}", "is not a GeoJSON FeatureCollection"),
        (collection(crs={"type": "link"}), "coordinate reference system"),
        (collection(crs={"properties": {"name": "+init=/etc/passwd:1"}}), "coordinate reference system"),
        (collection(feature(geometry={"coordinates": [float("nan")]})), "has NaN in the place of a number"),
        (collection(feature(geometry={"coordinates": [float("-inf")]})), "has -Infinity in the place of a number"),
    ],
)
def test_text_that_is_no_geojson(tmp_path, text, said):
    assert said in refusal(text_file(tmp_path, text, "a.geojson"))


@pytest.mark.parametrize("name", ["a.geojsonl", "a.ndjson", "a.geojsons"])
@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_geojson_one_feature_a_line(tmp_path, name, mark):
    text = "\n\n".join(mark + json.dumps(feature(id=i)) for i in range(3))
    file = read_file(text_file(tmp_path, text, name))
    assert [(row.number, row.id, row.geometry) for row in file.rows] == [(i + 1, i, POINT) for i in range(3)]


def test_line_that_is_no_json_is_named(tmp_path):
    assert "is not JSON: line 2" in refusal(text_file(tmp_path, json.dumps(feature()) + "\n{\n", "a.ndjson"))


# -- KML

KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>图</name>
<Placemark><name>甲</name><description>有&amp;水</description><ExtendedData><Data name="电话"><displayName>T</displayName>
<value>0731</value></Data></ExtendedData><Point><coordinates> 113.07,28.81,9 </coordinates></Point></Placemark>
<Folder><name>驿站</name><Folder><name>城区</name>
<Placemark><ExtendedData><SchemaData><SimpleData name="地址">一路</SimpleData></SchemaData></ExtendedData>
<MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry>
</Placemark></Folder><Placemark><LineString><coordinates>1,2 3, 4
5,6</coordinates></LineString></Placemark></Folder>
<Placemark><Polygon><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs>
<outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><gx:Track><gx:coord>1 2 3</gx:coord></gx:Track></Placemark>
<Placemark><Point><coordinates>x,2</coordinates></Point></Placemark><Placemark/>
</Document></kml>"""


def test_kml_with_folders_data_and_every_geometry(tmp_path):
    file = read_file(text_file(tmp_path, KML, "a.kml"))
    assert [row.values for row in file.rows] == [
        {"name": "甲", "description": "有&水", "电话": "0731"},
        {"地址": "一路", "folder": "驿站 / 城区"},
        {"folder": "驿站"},
        {}, {}, {}, {},
    ]  # fmt: skip
    assert [row.geometry for row in file.rows] == [
        POINT,
        {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
        {"type": "LineString", "coordinates": [[1, 2], [3, 4], [5, 6]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]]},
        {"type": "Track"},
        {"type": "Point", "coordinates": ["x", 2]},
        None,
    ]


def test_kml_in_gb18030_and_in_an_archive(tmp_path):
    gb = text_file(tmp_path, KML.replace("UTF-8", "GB2312", 1), "a.kml", "gb18030")
    assert read_file(gb).rows[0].values["name"] == "甲"
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as archive:
        archive.writestr("files/icon.png", b"PNG")
        archive.writestr("doc.kml", KML)
    assert len(read_file(tmp_path / "a.kmz").rows) == 7


def test_folder_of_kml_is_a_layer(tmp_path):
    path = text_file(tmp_path, KML, "a.kml")
    assert [row.number for row in read_file(path, layer="驿站").rows] == [2, 3]
    assert "has no layer 公园; give one of 驿站, 城区" in refusal(path, layer="公园")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<kml>", "is not the XML"),
        ("<html></html>", "inside it is <html>"),
        ('<?xml version="1.0" encoding="UTF-7"?><kml/>', "encoding UTF-7"),
        ("{}", "inside it is JSON"),
    ],
)
def test_xml_that_is_no_kml(tmp_path, text, said):
    assert said in refusal(text_file(tmp_path, text, "a.kml"))


# -- GeoPackage and Shapefile


def frame(crs=2263):
    shapes = [shapely.Point(1, 2), None, shapely.Point(), shapely.MultiPoint([(1, 2, 3), (4, 5, 6)])]
    return geopandas.GeoDataFrame(
        {
            "名称": ["甲", "乙", "丙", None],
            "数": [1, 2, 3, 4],
            "比": [0.5, None, 1, 2],
            "是": [True, False, True, True],
        },
        geometry=shapes,
        crs=crs,
    )


def test_geopackage_with_its_values_and_crs(tmp_path):
    path = tmp_path / "a.gpkg"
    frame().to_file(path, layer="驿 站")
    frame(4326)[:1].to_file(path, layer="other")
    file = read_file(path)
    assert file.headings == ("名称", "数", "比", "是")
    assert file.crs == "EPSG:2263"
    assert (file.notes["layer"], file.notes["other layers"]) == ("驿 站", "other")
    assert file.rows[0].values == {"名称": "甲", "数": 1, "比": 0.5, "是": True}
    assert file.rows[1].values == {"名称": "乙", "数": 2, "比": None, "是": False}
    assert [row.geometry for row in file.rows] == [
        {"type": "MultiPoint", "coordinates": [[1, 2]]},
        None,
        {"type": "MultiPoint", "coordinates": [[]]},
        {"type": "MultiPoint", "coordinates": [[1, 2], [4, 5]]},
    ]
    assert read_file(path, layer="other").crs == "EPSG:4326"
    assert "has no layer x; give one of 驿 站, other" in refusal(path, layer="x")


def shapefile(tmp_path, *, encoding="utf-8", drop=(), layer="驿站", crs="EPSG:2263"):
    folder = tmp_path / f"parts-{layer}"
    folder.mkdir()
    rows = frame(crs)[["名称", "数", "比", "geometry"]][:2]
    rows.to_file(folder / f"{layer}.shp", encoding=encoding)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "a") as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in drop:
                archive.write(part, f"数据/{part.name}")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("drop", [(), (".cpg",)])
def test_zipped_shapefile_in_either_encoding(tmp_path, encoding, drop):
    file = read_file(shapefile(tmp_path, encoding=encoding, drop=drop))
    assert file.headings == ("名称", "数", "比")
    assert [row.values for row in file.rows] == [
        {"名称": "甲", "数": 1, "比": 0.5},
        {"名称": "乙", "数": 2, "比": None},
    ]
    assert [row.geometry for row in file.rows] == [{"type": "Point", "coordinates": [1, 2]}, None]
    assert file.crs == "EPSG:2263"
    assert file.notes == {"format": "Shapefile", "layer": "驿站", "encoding": encoding.upper()}


def test_shapefile_without_prj_states_no_crs(tmp_path):
    assert read_file(shapefile(tmp_path, drop=(".prj",))).crs is None


@pytest.mark.parametrize("missing", [".shp", ".shx", ".dbf"])
def test_missing_part_of_a_shapefile_is_named(tmp_path, missing):
    assert f"is an archive without {missing}" in refusal(shapefile(tmp_path, drop=(missing,)))


def test_several_shapefiles_in_an_archive(tmp_path):
    shapefile(tmp_path, layer="b")
    path = shapefile(tmp_path, layer="a")
    assert read_file(path).notes["other layers"] == "b"
    assert read_file(path, layer="b").notes["layer"] == "b"
    assert "give one of a, b" in refusal(path, layer="c")


# -- WKB

SHAPES = [
    "POINT (1 2)", "LINESTRING (1 2, 3 4)", "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
    "MULTIPOINT (1 2, 3 4)", "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))", "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4))", "POINT Z (1 2 3)", "LINESTRING ZM (1 2 3 4, 5 6 7 8)",
    "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY",
]  # fmt: skip


@pytest.mark.parametrize("wkt", SHAPES)
@pytest.mark.parametrize("form", [{"flavor": "iso"}, {"flavor": "extended"}, {"byte_order": 0}])
def test_wkb_means_what_geos_says(wkt, form):
    geometry = shapely.from_wkt(wkt)
    ours = geojson_of(shapely.to_wkb(geometry, **form), depth=8)
    assert shapely.geometry.shape(ours) == shapely.force_2d(geometry)


def test_wkb_with_an_identifier():
    data = shapely.to_wkb(shapely.set_srid(shapely.Point(1, 2), 4326), include_srid=True)
    assert geojson_of(data, depth=1) == {"type": "Point", "coordinates": [1, 2]}


@pytest.mark.parametrize("data", [b"", b"\1", struct.pack("<BII", 1, 2, 2**32 - 1), struct.pack("<BI", 1, 17)])
def test_bytes_that_are_no_wkb(data):
    with pytest.raises(BadGeometry):
        geojson_of(data, depth=8)


# -- what may not pass


def test_content_has_to_agree_with_the_name(tmp_path):
    frame().to_file(tmp_path / "a.gpkg")
    contents = {
        "XML": b"<a/>", "JSON": b'\xef\xbb\xbf{"type": 1}', "SQLite": (tmp_path / "a.gpkg").read_bytes(),
        "ZIP": workbook(tmp_path, [["a", "b"]]).read_bytes(), "binary data": b"\x89PNG\0\0\0",
    }  # fmt: skip
    expected = {"csv": "text JSON", "xlsx": "ZIP", "geojson": "JSON", "gpkg": "SQLite", "zip": "ZIP", "kml": "XML"}
    for ending, taken in expected.items():
        for found, content in contents.items():
            if found not in taken:
                path = tmp_path / f"given.{ending}"
                path.write_bytes(content)
                assert f"inside it is {found}" in refusal(path)


def test_unknown_ending_names_those_that_are_read(tmp_path):
    message = refusal(text_file(tmp_path, "x", "a.vrt"))
    assert all(ending in message for ending in ENDINGS)


def test_file_that_is_not_there_or_no_file(tmp_path):
    assert "there is no such file" in refusal(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    assert "b.csv" in refusal(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"file_bytes": 10}, "is larger than 10 bytes"),
        ({"rows": 2}, "has more than 2 rows"),
        ({"columns": 2}, "has more than 2 columns"),
        ({"cell_characters": 4}, "row 2 has a text longer than 4 characters: 地址"),
        ({"output_bytes": 20}, "holds more than is taken"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_limits_of_a_table(tmp_path, kind, limits, said):
    rows = [["名称", "地址", "x"], ["甲", "一二三四五", "1"], ["乙", "", "2"], ["丙", "", "3"]]
    path = text_file(tmp_path, "\n".join(map(",".join, rows))) if kind == "csv" else workbook(tmp_path, rows)
    assert said in refusal(path, limits=Limits(**limits))


LIMITS = Limits(rows=4, columns=4, cell_characters=20, vertices=3, total_vertices=5, depth=4)


def test_limits_are_inclusive(tmp_path):
    rows = [["a" * 20, "b", "c", "d"], *[["x" * 20, 1, 2, 3]] * 4]
    assert len(read_file(workbook(tmp_path, rows), limits=LIMITS).rows) == 4
    line = {"type": "LineString", "coordinates": [[1, 2]] * 3}
    text = collection(feature(geometry=line), feature(geometry=line | {"coordinates": [[1, 2]] * 2}))
    assert len(read_file(text_file(tmp_path, text, "a.json"), limits=LIMITS).rows) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"geometry": {"type": "LineString", "coordinates": [[1, 2]] * 4}}, "row 1 has a geometry of more than 3"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[[1, 2]]]]}}, "is nested more than 4 deep"),
        ({"properties": {"a": [[[[[1]]]]]}}, "is nested more than 4 deep"),
        ({"properties": {"a": {"b": "x" * 21}}}, "row 1 has a text longer than 20 characters: a"),
        ({"properties": {"a": {"x" * 21: 1}}}, "row 1 has a text longer than 20 characters: a"),
        ({"properties": {"x" * 21: 1}}, "has a text longer than 20 characters"),
        ({"properties": dict.fromkeys("abcde")}, "has more than 4 columns"),
        ({"id": "x" * 21}, "row 1 has a text longer than 20 characters: id"),
    ],
)
def test_limits_of_a_feature(tmp_path, given, said):
    for name in ("a.geojson", "a.ndjson"):
        text = collection(feature(**given)) if name == "a.geojson" else json.dumps(feature(**given))
        assert said in refusal(text_file(tmp_path, text, name), limits=LIMITS)


def test_limits_of_all_features(tmp_path):
    assert "has more than 4 rows" in refusal(
        text_file(tmp_path, collection(*[feature()] * 5), "a.json"), limits=LIMITS
    )
    shape = {"type": "LineString", "coordinates": [[1, 2]] * 3}
    text = collection(*[feature(geometry=shape)] * 2)
    assert "has more than 5 vertices" in refusal(text_file(tmp_path, text, "a.json"), limits=LIMITS)


def test_limits_of_layers(tmp_path):
    many = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.LineString([(i, i) for i in range(4)])], crs=4326)
    many.to_file(tmp_path / "a.gpkg")
    (tmp_path / "s").mkdir()
    many.to_file(tmp_path / "s/a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in (tmp_path / "s").iterdir():
            archive.write(part, part.name)
    kml = "<kml><Placemark><LineString><coordinates>1,1 2,2 3,3 4,4</coordinates></LineString></Placemark></kml>"
    for path in (tmp_path / "a.gpkg", tmp_path / "a.zip", text_file(tmp_path, kml, "a.kml")):
        assert "row 1 has a geometry of more than 3 vertices" in refusal(path, limits=LIMITS)
        assert len(read_file(path, limits=replace(LIMITS, vertices=4)).rows) == 1


def test_geopackage_of_rows_without_geometry(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE gpkg_contents (table_name TEXT, srs_id INTEGER)")
        database.execute("CREATE TABLE list (fid INTEGER PRIMARY KEY, name TEXT, picture BLOB)")
        database.execute("INSERT INTO gpkg_contents VALUES ('list', 0)")
        database.execute("INSERT INTO list VALUES (1, '甲', x'00ff')")
    database.close()
    file = read_file(path)
    assert [row.values for row in file.rows] == [{"name": "甲", "picture": None}]
    assert file.crs is None
