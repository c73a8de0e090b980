"""Lists of facilities as clerks write them: what is there, what is not, and what nobody understands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.exchange.facility_words import facility_code, read_facilities
from locator.station import FACILITIES
from locator.translation import LANGUAGES, translator


@pytest.mark.parametrize(
    ("text", "there"),
    [
        (
            "饮水、空调、座椅、充电、WiFi、药箱",
            ["drinking_water", "air_conditioning", "rest_seating", "phone_charging", "wifi", "first_aid_box"],
        ),
        ("微波炉/热饭", ["microwave"]),
        ("饮用水；冰箱;充电宝|图书，雨伞", ["drinking_water", "refrigerator", "power_bank", "books", "umbrella"]),
        ("热水 卫生间", ["hot_water", "toilet"]),
        ("免费WiFi、提供热水、手机充电设施。", ["wifi", "hot_water", "phone_charging"]),
        ("ＷｉＦｉ、ＡＥＤ", ["wifi", "aed"]),
        ("无线网、无障碍通道", ["wifi", "wheelchair_access"]),
        ("卫生间（无障碍）", ["toilet"]),
        ("Drinking water, Microwave; air conditioning / Wi-Fi", ["drinking_water", "microwave", "air_conditioning", "wifi"]),
        ("充电\n电动车充电", ["phone_charging", "ebike_charging"]),
    ],
)  # fmt: skip
def test_what_is_there(text, there):
    reading = read_facilities(text)
    assert reading.facilities == dict.fromkeys(there, True)
    assert reading.unread == ()


@pytest.mark.parametrize(
    "text",
    [
        "无卫生间",
        "没有卫生间",
        "无 卫生间",
        "无\u3000卫生间",
        "暂无厕所",
        "不提供洗手间",
        "卫生间（无）",
        "No toilet",
        "without toilets",
        "卫生间、无厕所",
        "无卫生间、卫生间",
    ],
)
def test_what_is_not_there(text):
    assert read_facilities(text).facilities == {"toilet": False}
    assert read_facilities(text).unread == ()


def test_a_no_reaches_one_facility_only():
    assert read_facilities("饮水 无 空调 冰箱").facilities == {
        "drinking_water": True,
        "air_conditioning": False,
        "refrigerator": True,
    }


@pytest.mark.parametrize("text", ["空调（维修中）", "空调(坏)", "空调（暂停使用）", "空调(未开放)"])
def test_out_of_order_is_neither_yes_nor_no_and_is_told(text):
    reading = read_facilities(text)
    assert reading.facilities == {}
    assert len(reading.unread) == 1


def test_words_for_nothing_we_know_are_told():
    reading = read_facilities("饮水、飞碟、spaceship，无蹦床")
    assert reading.facilities == {"drinking_water": True}
    assert reading.unread == ("飞碟", "spaceship", "无蹦床")


@pytest.mark.parametrize("text", ["", "  ", "、，,;", "。", "\n\t"])
def test_nothing_said_is_nothing_known(text):
    assert read_facilities(text).facilities == {}
    assert read_facilities(text).unread == ()


@pytest.mark.parametrize("code", FACILITIES)
def test_every_facility_answers_to_its_code_and_labels(code):
    for word in (code, FACILITIES[code], *(translator(language)(FACILITIES[code]) for language in LANGUAGES)):
        assert facility_code(word) == code
        assert facility_code(word.upper()) == code


@given(st.text())
def test_any_text_is_read_or_told(text):
    reading = read_facilities(text)
    assert reading.facilities.keys() <= FACILITIES.keys()
    assert all(word.strip() for word in reading.unread)


@pytest.mark.parametrize("piece", ["(", "无 ", "（未", "no ", "、", "饮水、", "a", "\u3000无", "{0}"])
def test_long_text_takes_no_long_time(piece):
    began = time.perf_counter()
    read_facilities(piece * 50_000)
    assert time.perf_counter() - began < 5
