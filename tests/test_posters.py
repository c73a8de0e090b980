"""A poster tells what a person at the door asks, its code leads to the station, and Chinese is text in the PDF."""

import re
from datetime import date

import pytest
from pypdfium2 import PdfDocument
from web_town import small_town, station, written

from locator.errors import MissingPart
from locator.hours import Closure
from locator.posters.fonts import chinese_font
from locator.posters.page import poster_of, posters_page, regular_hours
from locator.posters.pdf import pdf_of
from locator.station import FACILITIES, Entry
from locator.translation import translator
from locator.web import create_app

DAY = date(2026, 11, 25)
EN, ZH = translator("en"), translator("zh")
HOSTILE = "</h1><script>alert(1)</script>{{7*7}}<img src=https://evil.example/x.png>"
needs_font = pytest.mark.skipif(chinese_font() is None, reason="no font with Chinese characters")


def poster(translate=ZH, **fields):
    made = station("GY-01", **{"name": "归义社区工会驿站", "opening_hours": "Mo-Su 08:00-20:00"} | fields)
    return poster_of(made, made.hours(zone="Asia/Shanghai"), DAY, "https://map.example.org/s/GY-01", translate)


def hours(text, staffed=None, **fields):
    made = station("x", opening_hours=text, staffed_hours=staffed, **fields)
    return regular_hours(made.hours(zone="Asia/Shanghai"), DAY, EN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, ()),
        ("24/7", (("Every day", "around the clock"),)),
        ("Mo-Su 08:00-20:00", (("Every day", "08:00–20:00"),)),
        (
            "Mo-Fr 08:30-12:00,14:00-17:30; PH off",
            (("Mon–Fri", "08:30–12:00\n14:00–17:30"), ("Sat–Sun", "closed")),
        ),
        ("Tu 09:00-10:00", (("Mon", "closed"), ("Tue", "09:00–10:00"), ("Wed–Sun", "closed"))),
        ("Fr-Sa 18:00-02:00", (("Mon–Thu", "closed"), ("Fri–Sat", "18:00–02:00 next day"), ("Sun", "closed"))),
        ("Mo-Su 16:00-24:00", (("Every day", "16:00–24:00"),)),
    ],
)
def test_hours_are_told_as_people_say_them(text, told):
    assert hours(text) == told


def test_self_service_is_told():
    assert hours("Mo-Su 08:00-22:00", "Mo-Su 08:00-18:00") == (
        ("Every day", "08:00–18:00\n18:00–22:00 self-service"),
    )


def test_stretches_of_a_day_stand_in_lines_of_their_own_and_break_nowhere_else():
    page = posters_page([poster(opening_hours="24/7", staffed_hours="Mo-Fr 08:30-17:30")], ZH, size="a5", site="")
    days = [
        [re.sub(r"<[^>]+>", "", span) for span in re.findall(r'<span class="span">(.*?)</span></span>', row)]
        for row in re.findall(r"<tr>(.*?)</tr>", page)
    ]
    assert days == [["00:00–08:30 自助", "08:30–17:30", "17:30–24:00 自助"], ["00:00–24:00 自助"]]
    # Only between the figures and the words may a line break.
    assert "<span>17:30–24:00</span> <span>自助</span>" in page
    assert ".poster .span span { white-space: nowrap; }" in page


def test_a_closure_and_a_holiday_make_no_rule():
    shut = Closure(date(2026, 11, 25), date(2026, 12, 10))
    assert hours("Mo-Su 08:00-20:00; PH off", closures=(shut,)) == (("Every day", "08:00–20:00"),)


def text_of(pdf: bytes) -> list[str]:
    return [re.sub(r"\s+", "", page.get_textpage().get_text_range()) for page in PdfDocument(pdf)]


@needs_font
@pytest.mark.parametrize(("size", "width", "height"), [("a4", 595, 842), ("a5", 420, 595)])
def test_chinese_is_text_in_the_pdf_and_every_poster_a_sheet(size, width, height):
    posters = [
        poster(),
        poster(name="汨新社区驿站", facilities=dict.fromkeys(FACILITIES, True), address="长" * 90),
    ]
    pdf = pdf_of(posters_page(posters, ZH, size=size, site="汨罗"))
    first, second = text_of(pdf)
    assert "归义社区工会驿站" in first
    assert "08:00–20:00" in first
    assert "https://map.example.org/s/GY-01" in first
    assert "汨新社区驿站" in second
    assert [round(side) for side in PdfDocument(pdf)[0].get_size()] == [width, height]


@needs_font
def test_the_code_leads_to_the_station():
    """The squares of the picture are those that another drawing of the same text has."""
    import segno

    drawn = segno.make("https://map.example.org/s/GY-01", error="q", micro=False)
    side = drawn.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {side} {side}"' in poster().qr
    assert str(poster().qr) != str(
        poster_of(station("b"), station("b").hours(zone="Asia/Shanghai"), DAY, "https://b", ZH).qr
    )


@needs_font
def test_a_hostile_name_is_text_and_fetches_nothing():
    made = poster(name=HOSTILE, address=HOSTILE, entry=Entry(host=HOSTILE), operator=HOSTILE)
    page = posters_page([made], EN, size="a4", site=HOSTILE)
    assert "<script" not in page
    assert "<img" not in page
    assert "{{7*7}}" in page
    assert "<script>alert(1)</script>" in text_of(pdf_of(page))[0]


def test_without_a_font_no_boxes_are_printed(monkeypatch):
    monkeypatch.setattr("locator.posters.pdf.chinese_font", lambda: None)
    with pytest.raises(MissingPart, match="Chinese"):
        pdf_of("<p>x</p>")


def test_a_browser_shows_the_poster_under_the_policy_of_every_page(tmp_path):
    path = written(str(tmp_path / "p.db"), [*small_town(), station("h", name=HOSTILE)])
    client = create_app({"DATABASE": path, "PUBLIC_URL": "https://map.example.org"}).test_client()
    answer = client.get("/poster/a?size=a5&lang=en")
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]).group(1)
    assert f'<style nonce="{nonce}">' in answer.text
    assert "size: A5" in answer.text
    assert "https://map.example.org/s/a" in answer.text
    assert " style=" not in answer.text
    assert "<script" not in client.get("/poster/h").text
    assert "size: A4" in client.get("/poster/a?size=<b>").text
    assert client.get("/poster/none").status_code == 404
