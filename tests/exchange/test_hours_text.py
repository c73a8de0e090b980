"""Opening hours as people write them: understood whole, or unknown with the text kept."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import opening_hours
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locator.exchange.hours_text import read_hours, read_weekday_columns
from locator.hours import Hours, State

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@pytest.mark.parametrize(
    ("text", "osm"),
    [
        ("08:00-12:00,14:00-16:00", "08:00-12:00,14:00-16:00"),
        ("8:00-12:00，14:30-17:30", "08:00-12:00,14:30-17:30"),
        ("８：００—１２：００、14:30～17:30", "08:00-12:00,14:30-17:30"),
        ("24小时", "24/7"),
        ("全天", "24/7"),
        ("全天24小时开放", "24/7"),
        ("7×24小时", "24/7"),
        ("24/7", "24/7"),
        ("周二至周日 9:00—21:00，周一闭馆", "Tu-Su 09:00-21:00; Mo off"),
        ("9:00—16:30，周二闭馆", "09:00-16:30; Tu off"),
        ("周三至周日 9:30—16:30，周一二闭馆", "We-Su 09:30-16:30; Mo,Tu off"),
        ("周一至周五 08:30-12:00,13:00-17:30", "Mo-Fr 08:30-12:00,13:00-17:30"),
        ("星期一到星期五 8:30-17:30", "Mo-Fr 08:30-17:30"),
        ("周一、周三、周五 9:00-17:00", "Mo,We,Fr 09:00-17:00"),
        ("周六日 10:00-16:00", "Sa,Su 10:00-16:00"),
        ("周末 10:00-16:00", "Sa,Su 10:00-16:00"),
        ("周一至周日 07:00-22:00", "07:00-22:00"),
        ("每天 9:00-17:00", "09:00-17:00"),
        ("上午8点到下午5点半", "08:00-17:30"),
        ("早8点至晚10点", "08:00-22:00"),
        ("上午8:30-12:00，下午2:30-5:30", "08:30-12:00,14:30-17:30"),
        ("18:00-次日2:00", "18:00-02:00"),
        ("工作日 8:20—17:00", "Mo-Fr 08:20-17:00; PH off"),
        ("周一至周五8:30-17:30（节假日除外）", "Mo-Fr 08:30-17:30; PH off"),
        ("夏季 8:30—17:30（通常7—8月）", 'unknown "months not said"; Jul-Aug 08:30-17:30'),
        ("Mo-Fr 08:00-17:00; PH off", "Mo-Fr 08:00-17:00; PH off"),
        ("8a-6p", "08:00-18:00"),
        ("8:00 AM–6:00 PM", "08:00-18:00"),
        ("12pm-12am", "12:00-00:00"),
        ("Mon-Fri 9am - 5pm", "Mo-Fr 09:00-17:00"),
        ("休息", "off"),
    ],
)
def test_what_is_understood_becomes_osm(text, osm):
    reading = read_hours(text)
    assert (reading.osm, reading.note) == (osm, "")
    assert opening_hours.validate(reading.osm)


@pytest.mark.parametrize(
    "text",
    [
        "以现场公告为准", "以现场为准", "24小时响应", "工作日开放", "夏季 8:30—17:30", "工作时间内，夏季开放",
        "周二至周日 1层 9:00—21:00，2-4层 9:00—17:30", "地铁运营时间内；夏季纳凉点",
        "自修区 周一至周日 8:00—21:30；借阅区 周二至周日 9:00—21:00", "周二闭馆，周二9:00-17:00",
        "节假日休息", "周一闭馆", "25:00-26:00", "9:00-9:61", "9:00", "9:00-", "早上到晚上", "8-", "?",
        "请电话咨询 0730-5222222", "9:00-17:00 预约", "9点左右", "周八 9:00-17:00", "9:00-17:00（周三除外吗）x",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_unknown_and_kept(text):
    reading = read_hours(text)
    assert reading.osm is None
    assert reading.note == text


def test_remark_is_kept_beside_what_is_understood():
    reading = read_hours("周二至周日 9:00—17:00（16:30停止入馆），周一闭馆")
    assert reading.osm == "Tu-Su 09:00-17:00; Mo off"
    assert "16:30停止入馆" in reading.note


def state(text, moment):
    return Hours(read_hours(text).osm, zone="Asia/Shanghai").state_at(moment)


@pytest.mark.parametrize(
    ("text", "moment", "is_open"),
    [
        ("工作日 8:20—17:00", "2026-02-14T10:00", True),  # a Saturday worked for the Spring Festival
        ("周一至周五 8:20—17:00", "2026-02-14T10:00", False),
        ("工作日 8:20—17:00", "2026-02-17T10:00", False),  # the Spring Festival, a Tuesday
        ("周一至周五 8:20—17:00", "2026-02-17T10:00", True),
        ("18:00-次日2:00", "2026-11-21T01:30", True),
        ("18:00-次日2:00", "2026-11-21T02:30", False),
    ],
)
def test_reading_means_what_its_writer_meant(text, moment, is_open):
    at = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    assert (state(text, at) is not State.CLOSED) == is_open


def test_shared_list_is_read_or_kept(real_data):
    texts = (real_data / "hours" / "chinese_free_text.txt").read_text(encoding="utf-8").split("\n")
    readings = {text: read_hours(text) for text in texts if text.strip()}
    unknown = {text for text, reading in readings.items() if reading.osm is None}
    assert all(readings[text].note == text for text in unknown)
    assert all(re.search("为准|响应|开放$|层|纳凉|自修|^夏季 8:30—17:30$", text) for text in unknown)
    assert len(readings) - len(unknown) >= 30


times = st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30]), st.integers(1, 10)).map(
    lambda t: (t[0] * 60 + t[1], (t[0] * 60 + t[1] + t[2] * 60))
).filter(lambda span: span[1] <= 24 * 60)  # fmt: skip
spellings = st.sampled_from(["{h:02}:{m:02}", "{h}:{m:02}", "{h}点{m:02}分"])


@given(times, st.sampled_from(["-", "—", "～", "至", "到", " - "]), spellings)
def test_clock_times_mean_the_same_however_they_are_written(span, dash, spelling):
    text = dash.join(spelling.format(h=minute // 60, m=minute % 60) for minute in span)
    expected = "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
    assert read_hours(text).osm.replace(" ", "") in (expected, "24/7" if expected == "00:00-24:00" else expected)


@given(st.integers(0, 6), st.integers(0, 6))
def test_range_of_days_opens_just_these(first, last):
    names = "一二三四五六日"
    reading = read_hours(f"周{names[first]}至周{names[last]} 9:00-17:00")
    days = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    monday = datetime(2026, 11, 16, 12, tzinfo=SHANGHAI)
    hours = Hours(reading.osm, zone="Asia/Shanghai")
    assert {day for day in range(7) if hours.state_at(monday + timedelta(days=day)) is State.OPEN} == days


@given(
    st.text(max_size=60)
    | st.text("周一二日至9:0-,;，；.闭馆点半上下午工作日节假()（）夏季月24小时ap ", max_size=40)
)
def test_any_text_is_valid_osm_or_kept(text):
    reading = read_hours(text)
    if reading.osm is None:
        assert reading.note == text.strip()
    else:
        assert opening_hours.validate(reading.osm)


def test_weekday_columns():
    week = dict.fromkeys(DAYS, "8a-6p")
    assert read_weekday_columns(week).osm == "08:00-18:00"
    assert read_weekday_columns(week | {"Sa": None, "Su": ""}).osm == "Mo-Fr 08:00-18:00"
    assert read_weekday_columns(week | {"Sa": "Closed", "Su": "10a-2p"}).osm == "Mo-Fr 08:00-18:00; Su 10:00-14:00"
    assert read_weekday_columns(dict.fromkeys(DAYS, "24 hours")).osm == "24/7"
    assert read_weekday_columns(dict.fromkeys(DAYS, "closed")).osm == "off"
    assert read_weekday_columns({}).osm is None


def test_one_weekday_that_is_not_understood_makes_all_unknown():
    reading = read_weekday_columns({"Mo": "8a-6p", "Tu": "by appointment"})
    assert reading.osm is None
    assert "by appointment" in reading.note
    assert "8a-6p" in reading.note
