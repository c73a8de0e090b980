"""A table read by columns is what it is row by row: stations, search texts, reports, refusals."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box
from strategies import stations

from locator.errors import LocatorError
from locator.exchange import importing
from locator.exchange.blocks import BlockReader
from locator.exchange.importing import import_stations
from locator.exchange.mapping import ColumnMapping
from locator.exchange.reading import Limits, stream
from locator.exchange.reading.headings import write_table
from locator.exchange.reading.stream import Writer, collect
from locator.store import open_store

AT = datetime(2026, 11, 20, tzinfo=UTC)
LIMITS = Limits()

_TEXT = st.sampled_from(
    ["", "归义社区", '"引号"\\', "a\tb", " ", "x" * 2_001, "银行 ＡＢ", "汩罗|站", "\x7f", "=1+1"]
)
_DAY = st.sampled_from(["", "2026-03-01", "2024/3/1", "2026年3月15日", "soon"])
_CELLS = {
    "编号": st.sampled_from(["", "a", "b", "c", "430681-0001", "e e", "站1", "x:1"]),
    "名称": st.one_of(_TEXT, st.sampled_from(["甲", "乙站", "长乐街会计驿站"])),
    "经度": st.sampled_from(["113.07", "113.0700001", "东经113度4分27秒", "", "200", "28.8", "1e-5", "-74.0060"]),
    "纬度": st.sampled_from(["28.8", "28.80001", "", "113", "x", "40.7128", "0"]),
    "地址": _TEXT,
    "社区": _TEXT,
    "街道": _TEXT,
    "类别": st.sampled_from(["", "驿站", "mini_station", "别的"]),
    "状态": st.sampled_from(["", "正常", "closed", "?"]),
    "开放时间": st.sampled_from(
        ["", "24小时", "8:00-18:00", "以现场公告为准", "夏季 8:00-18:00，冬季 8:30-17:30"]
    ),
    "值守时间": st.sampled_from(["", "周一至周五 8:30-17:30", "看情况"]),
    "周一": st.sampled_from(["", "8-18", "9:00-17:00", "歇"]),
    "设施": st.sampled_from(["", "饮水、热水", "热水、饮水", "无空调 饮水", "饮水、飞船", "饮水、无饮水"]),
    "没有的设施": st.sampled_from(["", "空调", "飞船"]),
    "卫生间": st.sampled_from(["", "有", "无", "三楼"]),
    "进入方式": st.sampled_from(["", "刷脸进入", "扫码、身份证", "翻窗"]),
    "服务对象": st.sampled_from(["", "所有人", "熟人"]),
    "所在场所": _TEXT,
    "容纳人数": st.sampled_from(["", "8", "8人", "2.5", "很多", "0", "1e9"]),
    "面积": st.sampled_from(["", "20", "20.5㎡", "nan", "0"]),
    "行政区划代码": st.sampled_from(["", "430681", "4306"]),
    "管理单位": _TEXT,
    "电话": st.sampled_from(["", "0730-5000000"]),
    "备注": _TEXT,
    "启用日期": _DAY,
    "停用日期": _DAY,
    "核实日期": _DAY,
    "核实有效期至": _DAY,
    "来源": _TEXT,
    "来源编号": _TEXT,
    "照片": st.sampled_from(["", "/a.jpg", "x"]),
    "wkt": st.sampled_from(["", "", "POINT (113 28)"]),
    "坐标": st.sampled_from(["", "", "113.07,28.8"]),
    "删除时间": st.sampled_from(["", "", "2026-01-01"]),
    "其他信息(JSON)": st.sampled_from(["", "", '{"x": "y"}', "{"]),
    "原始几何(WKT)": st.sampled_from(["", "", "POINT (1 2)"]),
    "区": _TEXT,
    "颜色": _TEXT,
}
_MAPPINGS = [
    ColumnMapping(),
    ColumnMapping(
        source="某市总工会", constants={"category": "mini_station", "operator": "总工会", "facilities": "饮水"}
    ),
    ColumnMapping(
        values={"status": {"?": "planned", "正常": ""}, "name": {"甲": " 丙 "}}, constants={"note": " "}
    ),
    ColumnMapping(values={"opening_hours": {"以现场公告为准": "24/7"}}, source="a\nb"),
    ColumnMapping(constants={"wkt": "POINT (113 28)", "original": "POINT (1 2)", "ways": "扫码"}),
]


@st.composite
def tables(draw):
    names = draw(
        st.lists(
            st.sampled_from([n for n in _CELLS if n not in ("名称", "经度", "纬度")]), unique=True, max_size=9
        )
    )
    headings = draw(st.permutations(["名称", "经度", "纬度", *names]))
    size = draw(st.integers(1, 7))
    # Mostly what is plain, so that whole tables come in.
    plain = draw(st.booleans())
    rows = [[draw(_CELLS[name]) for name in headings] for _ in range(size)]
    for number, row in enumerate(rows if plain else ()):
        for name, text in (
            ("名称", f"站{number}"),
            ("经度", "113.07"),
            ("纬度", f"28.{number}"),
            ("编号", f"s{number}"),
        ):
            if name in headings:
                row[headings.index(name)] = text
    return [list(headings), *rows]


def outcome(table, by_columns, path, crs, mapping, kept, areas):
    """Return all that an import tells and leaves behind."""

    def read(_path, *, on_block, **_options):
        output = io.BytesIO()
        writer = Writer(output, LIMITS)
        write_table(((number, [cell.strip() for cell in row]) for number, row in enumerate(table, 1)), writer)
        writer.end()
        output.seek(0)
        return collect(output, LIMITS, on_block)

    can_read = BlockReader.can_read if by_columns else lambda _reader: False
    with (
        open_store(":memory:", create=True) as store,
        patch.object(importing, "read_file", read),
        patch.object(BlockReader, "can_read", can_read),
        patch.object(stream, "_BLOCK", 3),
    ):
        store.write([(one, None) for one in kept], at=AT)
        store.replace_places("areas", areas, at=AT)
        try:
            report = import_stations(store, path, at=AT, crs=crs, mapping=mapping)
        except LocatorError as error:
            return str(error)
        rows = [
            (r.number, r.outcome, r.id, r.name, str(r.changed), [*map(str, r.warnings)], str(r.error))
            for r in report.rows
        ]
        columns = "id, version, revision, recorded_at, hex(geometry), record, search, west, south, east, north"
        written = store._connection.execute(f"SELECT {columns} FROM stations ORDER BY id").fetchall()
        assert all(k.station for k in store.stations())
        return rows, report.counts, report.written, [*map(str, report.batch)], written


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables(),
    st.sampled_from(["wgs84", "gcj02", "bd09", "EPSG:4490", "EPSG:2263", ""]),
    st.sampled_from(_MAPPINGS),
    st.lists(stations(), max_size=1),
    st.booleans(),
)
def test_columns_say_what_rows_say(tmp_path, table, crs, mapping, kept, in_area):
    path = tmp_path / "list.csv"
    path.touch()
    known = [replace(one, id=code) for one in kept for code in ("a", "s0")]
    areas = [({"id": "1", "name": "归义社区", "kind": "community"}, box(113, 28, 113.1, 28.5))] if in_area else []
    said = [outcome(table, by_columns, path, crs, mapping, known, areas) for by_columns in (True, False)]
    assert said[0] == said[1]


@pytest.mark.parametrize("crs", ["wgs84", "gcj02"])
def test_plain_rows_are_read_by_columns(tmp_path, crs):
    path = tmp_path / "list.csv"
    path.touch()
    table = [["编号", "名称", "经度", "纬度", "开放时间", "区"]]
    table += [[f"s{n}", f"站{n}", "113.07", f"28.{n}", "24小时", "东"] for n in range(7)]
    with patch.object(importing, "station_of", side_effect=AssertionError):
        rows, counts, written, *_ = outcome(table, True, path, crs, ColumnMapping(), [], [])
    assert (counts["added"], written, len(rows)) == (7, True, 7)
