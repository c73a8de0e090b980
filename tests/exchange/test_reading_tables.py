"""A clerk's sheet as text: encodings, delimiters, quotes, and what is no table."""

import pytest

from locator.errors import LocatorError
from locator.exchange.reading import read_file

SHEET = "名称,经度,纬度,地址\n甲站,113.07,28.80,人民路1号\n乙站,113.08,28.81,高泉路\n"


def read(folder, content, name="list.csv"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path)


def cells(file):
    return [dict(row.values) for row in file.rows]


EXPECTED = [
    {"名称": "甲站", "经度": "113.07", "纬度": "28.80", "地址": "人民路1号"},
    {"名称": "乙站", "经度": "113.08", "纬度": "28.81", "地址": "高泉路"},
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings(tmp_path, encoding):
    file = read(tmp_path, SHEET.encode(encoding))
    assert file.headings == ("名称", "经度", "纬度", "地址")
    assert cells(file) == EXPECTED
    assert [row.number for row in file.rows] == [2, 3]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SHEET.replace(",", "\t"), "list.tsv"),
        (SHEET.replace(",", ";"), "list.csv"),
        (SHEET.replace("\n", "\r\n"), "list.csv"),
        (SHEET.rstrip("\n"), "list.CSV"),
        (SHEET.replace("\n", "\n\n") + ",,,\n\n", "list.csv"),
        ("\n\r\n" + SHEET, "list.csv"),
        (SHEET.replace(",", " , "), "list.txt"),
    ],
)
def test_spellings_of_one_table(tmp_path, content, name):
    assert cells(read(tmp_path, content, name)) == EXPECTED


def test_quoted_cells_hold_commas_newlines_and_quotes(tmp_path):
    file = read(tmp_path, '名称,经度,纬度,地址\n"甲, ""东""\n门",113.07,28.80,"a,b"\n乙,1,2,c\n')
    assert cells(file)[0] == {"名称": '甲, "东"\n门', "经度": "113.07", "纬度": "28.80", "地址": "a,b"}
    assert cells(file)[1]["名称"] == "乙"


def test_missing_cells_say_nothing(tmp_path):
    (row,) = cells(read(tmp_path, "名称,经度,纬度,地址\n甲,113.07,28.8\n"))
    assert not row.get("地址")


def test_cells_beyond_the_headings_are_refused_by_line(tmp_path):
    with pytest.raises(LocatorError, match="2"):
        read(tmp_path, "名称,经度,纬度\n甲,113.07,28.8,人民路\n")
    assert len(cells(read(tmp_path, "名称,经度,纬度\n甲,113.07,28.8,, \n"))) == 1


def test_doubled_heading_is_refused(tmp_path):
    with pytest.raises(LocatorError) as caught:
        read(tmp_path, "名称,经度,纬度,名称\n甲,113.07,28.8,乙\n")
    assert "名称" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n  \n",
        b"\xff\xfe\x00\xd8\x01",
        b"PK\x03\x04\x14\x00\x08\x08" + bytes(range(128, 256)) * 4,
        bytes(range(256)) * 20,
        '名称,经度,纬度\n"甲,113.07,28.8\n'.encode(),
        ("名称,经度,纬度\n" + "长" * 200_000 + ",113.07,28.8\n").encode(),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, content):
    with pytest.raises(LocatorError) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_nul_bytes_never_reach_a_station(tmp_path):
    try:
        file = read(tmp_path, "名称,经度,纬度\n甲\0站,113.07,28.8\n")
    except LocatorError:
        return
    assert "\0" in cells(file)[0]["名称"]  # told as it stands; the station refuses it


def test_unknown_kind_of_file_is_refused(tmp_path):
    with pytest.raises(LocatorError, match="picture"):
        read(tmp_path, b"x", "picture.png")
