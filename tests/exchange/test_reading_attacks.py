"""Hostile files: nothing but the file is opened, nobody is called, and it ends soon, in a message."""

import ctypes
import io
import json
import os
import resource
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import geopandas
import numpy as np
import osmium
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from rasterio.transform import Affine

from locator.errors import InvalidValue, LocatorError
from locator.exchange.raw import RawFile
from locator.exchange.reading import Limits, child, door, geojson, geopackage, kml, read_file, text_tables
from locator.exchange.reading.stream import Writer, collect
from locator.exchange.reading.wkb import BadGeometry, geojson_of

# Loaded before anything is drawn: hypothesis draws constants of what is loaded.
LOADED = (geojson, geopackage, kml, text_tables)
SECRET = "canary-7391"
ROOT = str(Path(child.__file__).parents[3])


@pytest.fixture(scope="module")
def listener():
    """Give the port of a server that must not be called."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    calls.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], calls
    assert calls == []


@pytest.fixture
def canary(tmp_path):
    """Give a file that must not be opened; the kernel tells whether it was."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    file = folder / "canary.csv"
    file.write_text(f"name,x,y\n{SECRET},1,2\n")
    with sqlite3.connect(folder / "canary.sqlite") as database:
        database.execute("CREATE TABLE t (name TEXT)")
        database.execute("INSERT INTO t VALUES (?)", (SECRET,))
    database.close()
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert libc.inotify_add_watch(watch, os.fsencode(folder), 0x21) >= 0  # IN_ACCESS, IN_OPEN
    yield file
    opened = b""
    try:
        opened = os.read(watch, 4096)
    except BlockingIOError:
        pass
    finally:
        os.close(watch)
    assert b"canary" not in opened


def test_the_watch_sees_what_another_process_opens(tmp_path):
    (tmp_path / "f").write_text("x")
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(tmp_path), 0x21)
    subprocess.run(["cat", str(tmp_path / "f")], check=True, capture_output=True)
    assert b"f" in os.read(watch, 4096)
    os.close(watch)


def refusal(path, **given):
    with pytest.raises(InvalidValue) as caught:
        read_file(path, **given)
    assert caught.value.value == path.name
    assert SECRET not in str(caught.value)
    return str(caught.value)


def written(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path, members, **given):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **given) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def vrt(source, layer="canary"):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="{layer}"><SrcDataSource relativeToVRT="0">{source}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


# -- other files and addresses

DRESSED = ["a.geojson", "a.json", "a.ndjson", "a.kml", "a.gpkg", "a.csv", "a.txt", "a.xlsx", "a.zip", "a.kmz"]


@pytest.mark.parametrize("name", DRESSED)
def test_vrt_by_another_name_reads_nothing(tmp_path, canary, listener, name):
    port, _ = listener
    refusal(written(tmp_path / name, vrt(canary)))
    refusal(written(tmp_path / name, vrt(f"/vsicurl/http://127.0.0.1:{port}/a.csv")))
    refusal(written(tmp_path / name, '\ufeff<?xml version="1.0"?>\n' + vrt(canary.with_suffix(".sqlite"))))


@pytest.mark.parametrize(
    "names", [["l.shp", "l.shx", "l.dbf"], ["l.vrt"], ["a.kml"], ["l.shp"], ["doc.kml", "l.vrt"]]
)
@pytest.mark.parametrize("ending", [".zip", ".kmz", ".xlsx"])
def test_vrt_in_an_archive_reads_nothing(tmp_path, canary, listener, names, ending):
    port, _ = listener
    for source in (canary, f"/vsicurl/http://127.0.0.1:{port}/a.csv"):
        refusal(zipped(tmp_path / f"a{ending}", [(name, vrt(source)) for name in names]))


def shapefile(tmp_path, **extra):
    folder = tmp_path / "parts"
    folder.mkdir(exist_ok=True)
    frame = geopandas.GeoDataFrame({"a": ["x"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    frame.to_file(folder / "l.shp")
    parts = {part.suffix: part.read_bytes() for part in folder.iterdir()} | extra
    return zipped(tmp_path / "a.zip", [(f"l{suffix}", content) for suffix, content in parts.items()])


def test_sidecar_files_of_a_shapefile_are_not_read(tmp_path, canary, listener):
    port, _ = listener
    side = {
        ".shp.xml": f'<!DOCTYPE a SYSTEM "file://{canary}"><a/>', ".vrt": vrt(canary), ".qix": b"junk", ".sbn": b"junk",
        ".shp.aux.xml": f"<PAMDataset><SRS>/vsicurl/http://127.0.0.1:{port}</SRS></PAMDataset>", ".cpg": b"zlib",
    }  # fmt: skip
    assert [row.values for row in read_file(shapefile(tmp_path, **side)).rows] == [{"a": "x"}]


GRID = 'GEOGCS["x",DATUM["d",SPHEROID["s",6378137,298.25]],PRIMEM["g",0],UNIT["degree",0.0174],{}]'


@pytest.mark.parametrize("text", ['EXTENSION["PROJ4","+proj=longlat +nadgrids={} +no_defs"]'])
def test_definition_that_names_a_grid_file_is_not_handed_on(tmp_path, canary, text):
    wkt = GRID.format(text.format(canary))
    assert "coordinate reference system" in refusal(shapefile(tmp_path, **{".prj": wkt}))
    gpkg = database_file(tmp_path)
    with sqlite3.connect(gpkg) as database:
        change = "UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = ? WHERE srs_id = 4326"
        database.execute(change, (wkt,))
    database.close()
    assert "coordinate reference system" in refusal(gpkg)
    crs = {"properties": {"name": f"+proj=longlat +nadgrids={canary}"}}
    geojson = json.dumps({"type": "FeatureCollection", "features": [], "crs": crs})
    assert "coordinate reference system" in refusal(written(tmp_path / "a.json", geojson))


ENTITIES = [
    '<!DOCTYPE {root} [<!ENTITY c SYSTEM "file://{canary}">]>',
    '<!DOCTYPE {root} SYSTEM "http://127.0.0.1:{port}/x.dtd">',
    '<!DOCTYPE {root} [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/x">%p;]>',
    "<!DOCTYPE {root} [<!ENTITY c 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY c{i} '{f'&c{i - 1 or str()};' * 10}'>" for i in range(1, 10))
    + "]>",
]


@pytest.mark.parametrize("entity", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_they_mean_anything(tmp_path, canary, listener, entity, encoding):
    entity = entity.format(root="kml", canary=canary, port=listener[0])
    kml = "<kml><Placemark><name>&c;&c9;</name></Placemark></kml>"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{entity}{kml}'.encode(encoding)
    for path in (written(tmp_path / "a.kml", text), zipped(tmp_path / "a.kmz", [("doc.kml", text)])):
        assert "XML" in refusal(path)
    book = workbook(tmp_path, [["a", "b"], [1, 2]])
    some = {"utf-8": ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")}
    for part in some.get(encoding, ("xl/workbook.xml", "[Content_Types].xml")):
        with zipfile.ZipFile(book) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
        old = parts.get(part, b"<sst/>").decode()
        start = old.index("?>") + 2 if old.startswith("<?xml") else 0
        parts[part] = (f'<?xml version="1.0" encoding="{encoding}"?>' + entity + old[start:]).encode(encoding)
        assert "XML" in refusal(zipped(tmp_path / "b.xlsx", parts.items()))


def test_links_in_kml_are_not_followed(tmp_path, canary, listener):
    link = f"<href>http://127.0.0.1:{listener[0]}/a.kml</href>"
    text = (
        f"<kml><Document><NetworkLink><Link>{link}</Link></NetworkLink><Style><IconStyle><Icon>{link}</Icon></IconStyle>"
        f"</Style><Placemark><name>n</name><Model><Link><href>{canary}</href></Link></Model></Placemark></Document></kml>"
    )
    assert [row.values for row in read_file(written(tmp_path / "a.kml", text)).rows] == [{"name": "n"}]


# -- databases


def database_file(tmp_path, *statements, schema=()):
    path = tmp_path / "a.gpkg"
    frame = geopandas.GeoDataFrame({"a": ["x"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    frame.to_file(path, layer="l")
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    if schema:
        database.execute("PRAGMA writable_schema = ON")
        database.executemany("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", schema)
        database.execute("PRAGMA writable_schema = OFF")
    database.commit()
    database.close()
    return path


TAKE = "UPDATE gpkg_contents SET table_name = 'bad'"


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE VIEW bad AS SELECT 1 AS a"],
        ["CREATE VIEW bad AS SELECT load_extension('/tmp/x.so') AS a"],
        ["CREATE VIRTUAL TABLE bad USING rtree(id, x0, x1)"],
        ["CREATE VIRTUAL TABLE bad USING fts5(a)"],
        ["CREATE TABLE bad (a TEXT, b TEXT GENERATED ALWAYS AS (printf('%.*c', 1000000000, 'x')))"],
    ],
)
def test_layer_that_is_computed_is_refused(tmp_path, statements):
    path = database_file(tmp_path, *statements, "PRAGMA foreign_keys = OFF", TAKE)
    assert "in the place of a plain table" in refusal(path)


def test_tables_of_a_geopackage_that_are_views_are_refused(tmp_path):
    rename = "ALTER TABLE gpkg_contents RENAME TO other"
    view = "CREATE VIEW gpkg_contents AS SELECT * FROM other"
    assert "in the place of a plain table: gpkg_contents" in refusal(database_file(tmp_path, rename, view))


@pytest.mark.parametrize("module", ["VirtualText", "VirtualShape", "VirtualOGR", "csv", "zipfile"])
def test_virtual_tables_of_other_modules_open_nothing(tmp_path, canary, module):
    create = f"CREATE VIRTUAL TABLE bad USING {module}('{canary}', 'UTF-8', 1, COMMA, DOUBLEQUOTE, ',')"
    path = database_file(tmp_path, TAKE, schema=[("table", "bad", "bad", create)])
    assert "in the place of a plain table" in refusal(path)
    path.unlink()
    path = database_file(tmp_path, TAKE, schema=[("table", "bad", "bad", create.replace(" V", " /**/ V", 1))])
    refusal(path)
    path.unlink()
    # One that nobody reads is no reason to refuse the layer.
    path = database_file(tmp_path, schema=[("table", "bad", "bad", create)])
    assert [row.values for row in read_file(path).rows] == [{"a": "x"}]


def test_journals_beside_a_database_are_not_opened(tmp_path):
    path = database_file(tmp_path)
    libc = ctypes.CDLL(None)
    for ending in ("-journal", "-wal", "-shm"):
        written(tmp_path / f"a.gpkg{ending}", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(tmp_path), 0x21)
    assert len(read_file(path).rows) == 1
    opened = os.read(watch, 8192)
    os.close(watch)
    assert b"a.gpkg" in opened
    assert not any(ending in opened for ending in (b"-journal", b"-wal", b"-shm"))


def blob(wkb):
    return b"GP\0\1" + struct.pack("<i", 4326) + wkb


def nested(depth):
    return struct.pack("<BII", 1, 7, 1) * depth + shapely.to_wkb(shapely.Point(1, 2))


@pytest.mark.parametrize(
    "geometry",
    [
        blob(nested(12_000)),  # 108 kB, which overflow the stack of GEOS
        blob(nested(8)),
        blob(struct.pack("<BII", 1, 4, 2**32 - 1)),
        blob(struct.pack("<BII", 1, 2, 2**32 - 1) + bytes(64)),
        blob(struct.pack("<BII", 1, 3, 2**31) + bytes(64)),
        blob(struct.pack("<BII", 1, 10, 1) + bytes(64)),
        blob(b""), b"GP", b"xx" + bytes(30), b"GP\0\x0f" + bytes(60), b"GP\0\x21" + bytes(60),
        "text",
    ],
)  # fmt: skip
def test_hostile_geometry_in_a_database(tmp_path, geometry):
    path = database_file(tmp_path)
    database = sqlite3.connect(path)
    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{trigger}"')
    database.execute("UPDATE l SET geom = ?", (geometry,))
    database.commit()
    database.close()
    assert "row 1 has a geometry that cannot be read" in refusal(path)


# -- archives


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, str(target)


@pytest.mark.parametrize("ending", [".zip", ".kmz", ".xlsx"])
def test_archive_with_links_or_names_that_lead_out(tmp_path, canary, ending):
    path = tmp_path / f"a{ending}"
    assert "holds a link: l.shp" in refusal(zipped(path, [link("l.shp", canary)]))
    names = ["../l.shp", "/l.shp", "a/../../l.shp", "..\\l.shp", "C:/l.shp"]
    for name in names if ending == ".kmz" else names[:2]:
        message = refusal(zipped(path, [(name, "x"), ("l.shp", "x")]))
        assert "leads out of the archive" in message
    assert not (tmp_path.parent / "l.shp").exists()


def test_archive_in_an_archive(tmp_path):
    inner = shapefile(tmp_path).read_bytes()
    for name in ("inner.zip", "l.shp"):
        assert f"holds an archive in the archive: {name}" in refusal(zipped(tmp_path / "b.zip", [(name, inner)]))


def test_archives_that_grow(tmp_path):
    path = tmp_path / "a.zip"
    assert "more than 50 files" in refusal(zipped(path, [(f"{i}.shp", "") for i in range(51)]))
    assert "expands to more than 200 times" in refusal(zipped(path, [("l.shp", bytes(20_000_000))]))
    assert "expands to more than 1000 bytes" in refusal(
        zipped(path, [("l.shp", os.urandom(1001))]), limits=Limits(expanded_bytes=1000)
    )
    assert "more than 1000 files" in refusal(zipped(tmp_path / "a.xlsx", [(str(i), "") for i in range(1001)]))


def test_archive_that_lies_about_sizes(tmp_path):
    content = zipped(tmp_path / "a.zip", [("l.shp", b"x" * 900_000), ("l.shx", ""), ("l.dbf", "")]).read_bytes()
    small = content.replace(struct.pack("<I", 900_000), struct.pack("<I", 10))
    assert "a.zip" in refusal(written(tmp_path / "a.zip", small))


def test_locked_and_broken_archives(tmp_path):
    content = shapefile(tmp_path).read_bytes()
    locked = bytearray(content)
    locked[content.index(b"PK\1\2") + 8] |= 1
    assert "locked with a password" in refusal(written(tmp_path / "a.zip", bytes(locked)))
    assert "damaged archive" in refusal(written(tmp_path / "a.zip", content[: len(content) // 2]))
    rare = tmp_path / "b.zip"
    with zipfile.ZipFile(rare, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("l.shp", b"x")
    assert "damaged archive: compression 14" in refusal(rare)


# -- workbooks


def workbook(tmp_path, rows, name="a.xlsx"):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def sheet(tmp_path, xml):
    book = workbook(tmp_path, [["a", "b"], [1, 2]], "plain.xlsx")
    with zipfile.ZipFile(book) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {space}>{xml}</worksheet>".encode()
    return zipped(tmp_path / "a.xlsx", parts.items())


ROWS = '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c><c r="B2"><v>4</v></c></row>'


@pytest.mark.parametrize(
    "xml",
    [
        f'<dimension ref="A1:XFD1048576"/><sheetData>{ROWS}</sheetData>',
        f'<sheetData>{ROWS}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        f'<cols><col min="1" max="16384" width="9"/></cols><sheetData>{ROWS}<row r="1048576"><c r="A1048576"><v>9</v></c></row></sheetData>',
    ],
)
def test_small_sheets_of_great_extent_cost_little(tmp_path, xml):
    path = sheet(tmp_path, xml)
    assert path.stat().st_size < 10_000
    begun = time.monotonic()
    file = read_file(path, limits=Limits(memory_bytes=150_000_000))
    assert len(file.headings) in (2, 300)
    assert len(file.rows) in (0, 1, 2)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "has more than 300 columns"),
        ("<row>" + "".join(f"<c><v>{i}</v></c>" for i in range(301)) + "</row>", "has more than 300 columns"),
        ('<row r="99999999999"><c><v>1</v></c></row>', "is not the XML"),
        ('<row r="1e9"><c><v>1</v></c></row>', "is not the XML"),
        ('<row r="2"/><row r="1"/>', "is not the XML"),
        ('<row r="1"><c r="A-1"><v>1</v></c></row>', "is not the XML"),
        ('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>', "cannot be read"),
        ('<row r="1"><c r="A1"><v>x</v></c></row>', "cannot be read"),
        ("<row><c>", "is not the XML"),
    ],
)
def test_sheets_that_make_no_sense(tmp_path, xml, said):
    assert said in refusal(sheet(tmp_path, f"<sheetData>{xml}</sheetData>"))


def test_formulas_are_never_evaluated(tmp_path, canary, listener):
    formulas = [
        f'=WEBSERVICE("http://127.0.0.1:{listener[0]}/")',
        f"='file://{canary}'#$a.A1",
        "=cmd|'/c x'!A1",
        "=1+1",
    ]
    file = read_file(workbook(tmp_path, [list("abcd"), formulas, ["x"] * 4]))
    assert [list(row.values.values()) for row in file.rows] == [["x"] * 4]
    assert file.notes["formulas without a value"] == "4"


# -- text


DEEP = 100_000


@pytest.mark.parametrize("name", ["a.geojson", "a.ndjson"])
@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP, '{"a":' * DEEP, '{"features": ' + "[" * DEEP,
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": %s}}]}'
        % ("[" * 400 + "]" * 400),
        '{"type": "Feature", "geometry": {"coordinates": %s}}' % ("[" * 90 + "]" * 90),
        '{"type": "Feature", "properties": {"a": %s}}' % ("9" * 5_000),
        '{"type": "Feature", "properties": {"a": "\\ud800"}}',
        '{"type": "Feature", "properties": {"a": NaN}}', '{"type": "Feature", "id": Infinity}',
        "{", "\ufeff", "{}{}", '{"type": "Feature", "properties": {"a": "' + "x" * 420_000 + '"}}',
    ],
)  # fmt: skip
def test_hostile_json(tmp_path, name, text):
    refusal(written(tmp_path / name, text))


def test_numbers_beyond_floats_are_left_to_the_check_of_geometries(tmp_path):
    text = '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1e400, -1e400]}}'
    (row,) = read_file(written(tmp_path / "a.geojson", text)).rows
    assert row.geometry["coordinates"] == [float("inf"), float("-inf")]


@pytest.mark.parametrize(
    "text",
    ["name,wkt\nx,\"" + "GEOMETRYCOLLECTION (" * 21_000 + "\"\n", "name\n" + "x" * 200_000, "a" * 200_000, "a\0b,c\n1,2\n"],
)  # fmt: skip
def test_hostile_text(tmp_path, text):
    refusal(written(tmp_path / "a.csv", text))


def test_formulas_in_text_stay_text(tmp_path):
    (row,) = read_file(written(tmp_path / "a.csv", "a,b\n=1+1,{x}\n")).rows
    assert row.values == {"a": "=1+1", "b": "{x}"}


def test_braces_in_names_do_no_harm_in_messages(tmp_path):
    assert "{0.__class__}" in refusal(written(tmp_path / "a.csv", "{0.__class__},{0.__class__}\n1,2\n"))


@pytest.mark.parametrize(
    "text",
    [
        "<kml>" + "<Folder>" * 70, "<kml>" + "<Placemark><MultiGeometry>" * 40,
        "<kml><Placemark><Point><coordinates>" + "1,2 " * 300_000 + "</coordinates></Point></Placemark></kml>",
        "<kml><Placemark><name>" + "x" * 10_001 + "</name></Placemark></kml>",
        "<kml><Placemark><ExtendedData>" + "".join(f'<Data name="{i}"><value/></Data>' for i in range(301))
        + "</ExtendedData></Placemark></kml>",
    ],
)  # fmt: skip
def test_hostile_kml(tmp_path, text):
    refusal(written(tmp_path / "a.kml", text))


# -- the process


def test_only_one_driver_is_left():
    code = (
        "import sys; sys.path.append(sys.argv[1]); from locator.exchange.reading.shapefiles import only_shapefiles; "
        "only_shapefiles(); import pyogrio; print(sorted(pyogrio.list_drivers()))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, ROOT], env={}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "['ESRI Shapefile']\n"


@pytest.mark.parametrize(
    ("deed", "stopped"),
    [
        ("open(sys.argv[2])", True),
        ("open('/etc/passwd')", True),
        ("import socket; socket.socket().connect(('127.0.0.1', 9))", True),
        ("import subprocess; subprocess.run(['true'])", True),
        ("import os; os.system('true')", True),
        ("import os; os.fork()", True),
        ("import colorsys; open('mine', 'w').close()", False),
    ],
)
def test_locked_process_opens_no_other_file_and_calls_nobody(tmp_path, deed, stopped):
    (tmp_path / "folder").mkdir()
    written(tmp_path / "canary", "x")
    code = (
        "import sys, pathlib; sys.path.append(sys.argv[1]); from locator.exchange.reading.child import _lock; "
        f"_lock(pathlib.Path.cwd())\ntry:\n    {deed}\nexcept PermissionError: print('stopped')\nelse: print('done')"
    )
    command = [sys.executable, "-I", "-c", code, ROOT, str(tmp_path / "canary")]
    done = subprocess.run(command, cwd=tmp_path / "folder", capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ("stopped\n" if stopped else "done\n")


@pytest.mark.parametrize(
    ("code", "said", "limits"),
    [
        ("import os; os.kill(os.getpid(), 9)", "needs too much memory", {}),
        ("import os; os.kill(os.getpid(), 11)", "made the reader stop", {}),
        ("pass", "made the reader stop", {}),
        ("raise SystemExit(3)", "made the reader stop", {}),
        ("import time; time.sleep(60)", "takes too long", {"wall_seconds": 0.5}),
        ("import os, time; os.close(1); time.sleep(60)", "made the reader stop", {}),
        ("import resource; resource.setrlimit(0, (1, 2))\nwhile True: pass", "takes too long", {}),
        ("while True: print('[]')", "holds more than is taken", {"output_bytes": 10_000}),
        ("print('x' * 10**7)", "holds more than is taken", {"output_bytes": 10_000}),
        (
            "import json; print(json.dumps([[i, {}, None, None] for i in range(9)]))",
            "has more than 8 rows",
            {"rows": 8},
        ),
        ("print('not json')", "made the reader stop", {}),
        ("print('[' * 10**6)", "made the reader stop", {}),
        ("print('[[1]]')", "made the reader stop", {}),
        ("print('[[1, 2]]')", "made the reader stop", {}),
        ("print('[[null, {}, null, null]]')", "made the reader stop", {}),
        ("print('3')", "made the reader stop", {}),
        ("print('{}')", "made the reader stop", {}),
        ("print('{\"columns\": 3}')", "made the reader stop", {}),
        ('print(\'{"refusal": "NEW", "details": {}}\')', "made the reader stop", {}),
        ('print(\'{"refusal": "ROWS", "details": [1]}\')', "made the reader stop", {}),
    ],
)
def test_whatever_becomes_of_the_process_is_a_message(tmp_path, monkeypatch, code, said, limits):
    monkeypatch.setattr(door, "_START", code)
    assert said in refusal(written(tmp_path / "a.csv", "a,b\n1,2\n"), limits=Limits(**limits))


def test_process_inherits_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", SECRET)
    monkeypatch.setenv("PYTHONPATH", SECRET)
    code = (
        "import os, sys, json; "
        "notes = dict(os.environ) | {'fds': os.listdir('/proc/self/fd'), 'arguments': sys.argv[2:]}; "
        "print(json.dumps({'headings': [], 'crs': None, 'about': None, 'incomplete': 0, 'notes': notes}))"
    )
    monkeypatch.setattr(door, "_START", code)
    with (tmp_path / "open").open("w"):
        notes = read_file(written(tmp_path / f"{SECRET}.csv", "a,b\n1,2\n")).notes
    assert SECRET not in str(notes)
    assert len(json.loads(notes["fds"].replace("'", '"'))) <= 4
    assert not Path(notes["TMPDIR"]).exists()


def test_memory_is_bounded(tmp_path):
    path = written(tmp_path / "a.geojson", "{" + " " * 30_000_000)
    assert "needs too much memory" in refusal(path, limits=Limits(memory_bytes=60_000_000))


def test_bounds_hold_in_the_process(tmp_path):
    code = (
        "import sys; sys.path.append(sys.argv[1]); from locator.exchange.reading import Limits; "
        "from locator.exchange.reading.child import _bound; import resource as r; _bound(Limits()); "
        "print([r.getrlimit(w) for w in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, ROOT], capture_output=True, text=True, check=True, timeout=60
    )
    limits = Limits()
    cpu = limits.cpu_seconds
    bounds = [(limits.memory_bytes,) * 2, (cpu, cpu + 1), (limits.expanded_bytes,) * 2, (0, 0)]
    assert done.stdout == f"{bounds}\n"
    assert resource.getrlimit(resource.RLIMIT_CORE) is not None


def test_pipe_or_device_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    (tmp_path / "b.csv").symlink_to("/dev/zero")
    (tmp_path / "c.csv").mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        assert "is not a plain file" in refusal(tmp_path / name)
    assert "cannot be opened" in refusal(Path("a\0.csv"))


EXTRACT = (
    b'<osm version="0.6"><node id="1" lat="1" lon="2"/><node id="2" lat="1" lon="3">'
    b'<tag k="name" v="a"/></node><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
)


def extract(folder):
    path = folder / "a.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(written(folder / "a.osm", EXTRACT))):
            writer.add(thing)
    return path


def grid(folder):
    path = folder / "a.tif"
    profile = {"driver": "GTiff", "height": 1, "width": 2, "count": 1, "dtype": "uint8", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", **profile, transform=Affine(1, 0, 1, 0, -1, 1)) as file:
        file.write(np.array([[[0, 7]]], dtype="uint8"))
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm", '<!DOCTYPE osm SYSTEM "{path}"><osm version="0.6"/>'),
        ("b.osm", '<!DOCTYPE osm [<!ENTITY % a SYSTEM "{path}">%a;]><osm version="0.6"/>'),
        (
            "c.osm",
            '<osm version="0.6" xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{path}"/></osm>',
        ),
        ("d.osm", '<!DOCTYPE osm SYSTEM "http://127.0.0.1:{port}/a.dtd"><osm version="0.6"/>'),
        (
            "a.tif",
            "<VRTDataset><SRS>{path}</SRS><VRTRasterBand><SourceFilename>{path}</SourceFilename></VRTRasterBand></VRTDataset>",
        ),
        ("b.tif", "http://127.0.0.1:{port}/a.tif"),
    ],
)
def test_extract_or_grid_leads_nowhere(tmp_path, canary, listener, name, content):
    path = written(tmp_path / name, content.format(path=canary, port=listener[0]).encode())
    with suppress(InvalidValue):
        assert read_file(path).rows == ()


# -- anything at all

LIMITS = Limits(rows=50, columns=20, cell_characters=200, memory_bytes=1 << 30, cpu_seconds=20, wall_seconds=30)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Give a good file of each kind, as bytes."""
    folder = tmp_path_factory.mktemp("samples")
    point = '{"type": "Feature", "id": 1, "properties": {"a": "甲"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}'
    kml = "<kml><Folder><name>f</name><Placemark><name>a</name><Point><coordinates>1,2</coordinates></Point></Placemark></Folder></kml>"
    return {
        "table": '名称,b\n甲,"2"\n乙,3\n'.encode(),
        "geojson": f'{{"type": "FeatureCollection", "features": [{point}, {point}]}}'.encode(),
        "lines": f"{point}\n{point}\n".encode(),
        "kml": kml.encode(),
        "kmz": zipped(folder / "a.kmz", [("doc.kml", kml)]).read_bytes(),
        "gpkg": database_file(folder).read_bytes(),
        "shapefile": shapefile(folder).read_bytes(),
        "xlsx": workbook(folder, [["a", "b"], [1, "x"]]).read_bytes(),
        "osm": EXTRACT,
        "osm.pbf": extract(folder).read_bytes(),
        "grid": grid(folder).read_bytes(),
    }


edits = st.lists(
    st.tuples(
        st.floats(0, 1), st.integers(0, 20), st.binary(max_size=20) | st.sampled_from([b"\0" * 4, b"\xff" * 4])
    ),
    min_size=1,
    max_size=6,
)


def mutated(content, changes):
    for place, width, new in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + width :]
    return content


def ends_well(read):
    """Whether something gives a file, or says in a sentence why not; anything else is an error of ours."""
    try:
        return isinstance(read(), RawFile)
    except LocatorError as error:
        return bool(str(error))


QUIET = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("kind", ["table", "geojson", "lines", "kml", "kmz", "gpkg"])
@QUIET
@given(data=st.data())
def test_our_own_readers_raise_nothing_else(tmp_path, samples, kind, data):
    content = data.draw(st.binary(max_size=200) | edits.map(lambda changes: mutated(samples[kind], changes)))
    path = written(tmp_path / "input", content)
    output = io.BytesIO()
    try:
        child._reader(kind)(path, Writer(output, LIMITS), None, None)
    except InvalidValue:
        return
    output.seek(0)
    assert isinstance(collect(output, LIMITS), RawFile)


@pytest.mark.parametrize("kind", ["xlsx", "shapefile", "gpkg", "osm", "osm.pbf", "grid"])
@settings(QUIET, max_examples=8)
@given(changes=edits)
def test_files_with_libraries_end_well(tmp_path, samples, kind, changes):
    ending = next(ending for ending, name in door.ENDINGS.items() if name == kind)
    path = written(tmp_path / f"a{ending}", mutated(samples[kind], changes))
    assert ends_well(lambda: read_file(path, limits=LIMITS))


@pytest.mark.parametrize("kind", ["xlsx", "shapefile"])
@settings(QUIET, max_examples=8)
@given(data=st.data())
def test_parts_of_archives_end_well(tmp_path, samples, kind, data):
    ending = next(ending for ending, name in door.ENDINGS.items() if name == kind)
    with zipfile.ZipFile(io.BytesIO(samples[kind])) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    parts[name] = mutated(parts[name], data.draw(edits))
    path = zipped(tmp_path / f"b{ending}", parts.items())
    assert ends_well(lambda: read_file(path, limits=LIMITS))


@settings(QUIET, max_examples=300)
@given(
    edits,
    st.sampled_from(["POINT (1 2)", "MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0)))", "GEOMETRYCOLLECTION (POINT (1 2))"]),
)
def test_any_bytes_are_wkb_or_not(changes, wkt):
    with suppress(BadGeometry):
        assert geojson_of(mutated(shapely.to_wkb(shapely.from_wkt(wkt)), changes), depth=8)["type"]


@settings(QUIET, max_examples=200)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["columns", "headings", "refusal", "details", "notes", "crs"]) | st.text(), x
            )
        ),
    ).map(lambda x: json.dumps(x).encode())
)
def test_any_stream_is_a_file_or_a_message(content):
    assert ends_well(lambda: collect(io.BytesIO(content), LIMITS))
