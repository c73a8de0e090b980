"""What machines read of a station: facts that no name can break out of, pages to be found, a picture of a link."""

import io
import json
import os
import re
import time
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops
from shapely import Point
from web_town import small_town, station, written

from locator.posters.fonts import chinese_font
from locator.posters.picture import SIZE, link_picture
from locator.station import Entry, Provenance
from locator.store import open_store
from locator.web import create_app
from locator.web.linked import _opening

HOSTILE = "</script><script>alert(1)</script><!--'\"\u2028]]>&"
SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
needs_font = pytest.mark.skipif(chinese_font() is None, reason="no font with Chinese characters")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    stations = [
        *small_town(),
        station("h", name=HOSTILE, address=HOSTILE, community=HOSTILE, phone=HOSTILE),
        station("open", opening_hours="Mo-Su 08:00-12:00,14:00-24:00", entry=Entry(admits="everyone"), capacity=7,
                facilities={"toilet": True, "aed": False}, address="山水路 1 号", phone="0730-5200000"),
        station("made-up", provenance=Provenance(source="illustrative")),
    ]  # fmt: skip
    return written(str(tmp_path_factory.mktemp("linked") / "l.db"), stations)


@pytest.fixture
def client(path):
    return create_app({"DATABASE": path, "LANGUAGE": "en", "PUBLIC_URL": "https://map.example.org/"}).test_client()


def linked(client, code):
    page = client.get(f"/stations/{code}").text
    (block,) = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(block)


def test_facts_of_a_station(client):
    found = linked(client, "open")
    assert (found["@context"], found["@type"]) == ("https://schema.org", "CivicStructure")
    assert found["url"] == "https://map.example.org/stations/open"
    assert found["geo"] == {"@type": "GeoCoordinates", "latitude": 28.8, "longitude": 113.07}
    assert found["address"]["streetAddress"] == "山水路 1 号"
    assert (found["telephone"], found["publicAccess"], found["maximumAttendeeCapacity"]) == (
        "0730-5200000",
        True,
        7,
    )
    assert [(f["name"], f["value"]) for f in found["amenityFeature"]] == [("toilet", True), ("AED", False)]


def told_hours(specifications):
    """Return the dates, opening and closing times that specifications say."""
    found = set()
    for one in specifications:
        day, last = (date.fromisoformat(one[name]) for name in ("validFrom", "validThrough"))
        while day <= last:
            if f"https://schema.org/{day:%A}" in one["dayOfWeek"]:
                found.add((day, one["opens"], one["closes"]))
            day += timedelta(days=1)
    return found


def test_hours_are_those_of_the_coming_days_each_for_its_date(client):
    told = told_hours(linked(client, "open")["openingHoursSpecification"])
    days = sorted({day for day, _, _ in told})
    assert len(days) == 7
    assert days[-1] - days[0] == timedelta(days=6)
    assert told == {(day, *times) for day in days for times in (("08:00", "12:00"), ("14:00", "23:59"))}


def test_a_holiday_is_another_week_than_those_before(path):
    hours = station("x", opening_hours="Mo-Fr 08:30-17:30; PH off").hours(zone="Asia/Shanghai", country="CN")
    first = date(2026, 9, 21)  # the Mid-Autumn Festival is on Friday, the 25th; the National Day's week follows
    told = told_hours(_opening(hours, first, 2)["openingHoursSpecification"])
    expected = {first + timedelta(days=n) for n in range(14) if hours.intervals(first + timedelta(days=n), 1)}
    assert {day for day, _, _ in told} == expected
    assert date(2026, 9, 24) in expected
    assert date(2026, 9, 25) not in expected


def test_what_is_not_known_is_not_said(client):
    found = linked(client, "b")
    assert not {"telephone", "publicAccess", "openingHoursSpecification", "aggregateRating"} & found.keys()
    assert "openingHoursSpecification" not in linked(client, "归义-1")


def test_a_mean_is_told_to_machines_when_people_see_it(path):
    app = create_app({"DATABASE": path, "RATINGS_SHOWN_FROM": 2})
    with open_store(path) as store:
        store.ratings.add("d", 5, day=date.today() + timedelta(days=9), token="x")
        assert "aggregateRating" not in linked(app.test_client(), "d")
        store.ratings.add("d", 4, day=date.today() + timedelta(days=9), token="y")
    rating = linked(app.test_client(), "d")["aggregateRating"]
    assert (rating["ratingValue"], rating["ratingCount"]) == (4.5, 2)


def test_what_was_told_is_read_again_when_somebody_wrote(path, monkeypatch):
    app = create_app({"DATABASE": path, "RATINGS_SHOWN_FROM": 1})
    data, opened = app.extensions["locator"], []
    store = data.store
    monkeypatch.setattr(data, "store", lambda **asked: opened.append(1) or store(**asked))
    pages = app.test_client()
    pages.get("/stations/d")
    past = time.time() - 60
    for name in (path, f"{path}-wal"):
        if Path(name).exists():
            os.utime(name, (past, past))
    before = pages.get("/stations/d").text
    opened.clear()
    assert pages.get("/stations/d").text.count("aggregateRating") == before.count("aggregateRating")
    assert opened == []
    with open_store(path) as written_to:
        written_to.ratings.add("d", 2, day=date.today() + timedelta(days=9), token="z")
    count = linked(pages, "d")["aggregateRating"]["ratingCount"]
    with open_store(path) as written_to:
        assert count == written_to.ratings.of("d").count


def test_no_name_breaks_out(client):
    assert linked(client, "h")["name"] == HOSTILE.strip()
    page = client.get("/stations/h").text
    assert "<script>alert" not in page
    assert page.count("</script>") == page.count("<script")


def test_made_up_stations_are_not_to_be_found(client):
    assert 'name="robots" content="noindex"' in client.get("/stations/made-up").text
    assert "noindex" not in client.get("/stations/open").text


def test_sitemap_lists_what_is_there_in_both_languages(client):
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    places = [e.text for e in ElementTree.fromstring(answer.text).findall("s:url/s:loc", SPACE)]
    assert places[0] == "https://map.example.org/"
    assert "https://map.example.org/stations/open" in places
    assert "https://map.example.org/stations/%E5%BD%92%E4%B9%89-1" in places
    assert not [place for place in places if place.endswith(("/e", "/made-up"))]
    assert 'hreflang="zh-CN" href="https://map.example.org/stations/open?lang=zh"' in answer.text
    assert client.get("/sitemap.xml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_long_sitemap_is_a_list_of_lists(client, monkeypatch):
    monkeypatch.setattr("locator.web.engines._PART", 4)
    root = ElementTree.fromstring(client.get("/sitemap.xml").text)
    parts = [e.text for e in root.findall("s:sitemap/s:loc", SPACE)]
    assert len(parts) == 3
    found = [
        e.text
        for part in parts
        for e in ElementTree.fromstring(client.get(part.removeprefix("https://map.example.org")).text).findall(
            "s:url/s:loc", SPACE
        )
    ]
    assert len(found) == len(set(found)) == 7
    assert client.get("/sitemap-0.xml").status_code == client.get("/sitemap-4.xml").status_code == 404


def test_robots_stay_away_from_codes_and_forms(client):
    text = client.get("/robots.txt").text
    for path in ("/s/", "/report/", "/rate/", "/api/"):
        assert f"Disallow: {path}\n" in text
    assert "Sitemap: https://map.example.org/sitemap.xml" in text


def test_a_chat_finds_title_and_picture(client):
    page = client.get("/stations/open").text
    assert '<meta property="og:title" content="站open">' in page
    assert 'content="https://map.example.org/picture/open.png?lang=en"' in page
    assert '<link rel="canonical" href="https://map.example.org/stations/open">' in page
    assert client.get("/picture/none.png").status_code == 404


@needs_font
@pytest.mark.parametrize("code", ["open", "h", "归义-1"])
def test_the_picture_is_a_picture(client, code):
    answer = client.get(f"/picture/{code}.png")
    assert answer.mimetype == "image/png"
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert picture.size == SIZE
    assert len(answer.data) < 60_000


@needs_font
def test_chinese_characters_are_drawn_and_not_boxes():
    one, other = (Image.open(io.BytesIO(link_picture(name, (), ""))).convert("L") for name in ("汨", "罗"))
    assert ImageChops.difference(one, other).getbbox()


@needs_font
def test_a_long_name_is_cut_and_stays_inside():
    with Image.open(io.BytesIO(link_picture("很长的名字" * 40, ("地址" * 200,), "x" * 300))) as picture:
        right = picture.convert("L").crop((1120, 0, *SIZE))
    assert right.getextrema()[0] > 200


def test_without_a_font_the_icon_stands_for_it(client, monkeypatch):
    monkeypatch.setattr("locator.web.pictures.link_picture", lambda *_: None)
    with Image.open(io.BytesIO(client.get("/picture/open.png").data)) as picture:
        assert picture.size == (512, 512)


def test_points_are_where_they_are(client):
    assert linked(client, "a")["geo"]["longitude"] == pytest.approx(Point(113.07, 28.8).x)


@pytest.mark.parametrize("address", ["/", "/map"])
def test_links_to_finder_and_map_have_a_picture(client, address):
    page = client.get(address).text
    said = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)"', page))
    assert said["og:title"]
    assert said["og:description"]
    assert said["og:url"] == f"https://map.example.org{address}"
    assert said["og:image"] == "https://map.example.org/picture.png?lang=en"
    answer = client.get("/picture.png?lang=en")
    assert answer.mimetype == "image/png"
    picture = Image.open(io.BytesIO(answer.data))
    if chinese_font() is not None:
        assert picture.size == (int(said["og:image:width"]), int(said["og:image:height"]))
