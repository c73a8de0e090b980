"""Which column is which field, by the headings that people use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.exchange.columns import CATEGORY_WORDS, STATUS_WORDS, find_columns, folded
from locator.station import CATEGORIES, STATUSES


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["驿站名称", "经度", "纬度"], ["name", "lon", "lat"]),
        (["站点名称", "地址", "开放时间", "服务设施"], ["name", "address", "opening_hours", "facilities"]),
        (["Name", "LONGITUDE", "Lat"], ["name", "lon", "lat"]),
        (["名 称", " x ", "Ｙ"], ["name", "lon", "lat"]),
        (["面积（平方米）", "村（社区）"], ["area_m2", "community"]),
    ],
)
def test_headings_as_people_write_them(headings, fields):
    columns = find_columns(headings)
    assert dict(columns.fields) == dict(zip(fields, headings, strict=True))
    assert columns.others == ()


def test_column_of_one_facility():
    columns = find_columns(["名称", "空调", "Microwave", "卫生间"])
    assert dict(columns.facilities) == {"air_conditioning": "空调", "microwave": "Microwave", "toilet": "卫生间"}


def test_first_of_two_columns_for_a_field_counts_and_the_other_is_kept():
    columns = find_columns(["名称", "站名", "所属区"])
    assert columns.fields["name"] == "名称"
    assert columns.others == ("站名", "所属区")


def test_words_for_categories_and_states_mean_codes():
    assert set(CATEGORY_WORDS.values()) <= CATEGORIES.keys()
    assert set(STATUS_WORDS.values()) <= STATUSES.keys()
    assert all(word == folded(word) for word in [*CATEGORY_WORDS, *STATUS_WORDS])


@given(st.lists(st.text(max_size=8), unique=True, max_size=8))
def test_no_heading_is_lost(headings):
    columns = find_columns(headings)
    assert sorted([*columns.described().values(), *columns.others]) == sorted(headings)
