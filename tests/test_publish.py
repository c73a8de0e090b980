"""The site as files: complete, repeatable, whole or not at all, and as exact in cells as the server."""

import gzip
import io
import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from published_phone import Phone, intervals_of
from pyproj import Geod
from shapely import box
from web_town import large_town, small_town, station, written

from locator.cli import cli
from locator.errors import InvalidValue, StoreError
from locator.nearest import nearest
from locator.publish import Plan, publish
from locator.publish.cells import box_distance_m
from locator.publish.doors import door_codes
from locator.publish.folder import MARKER
from locator.publish.packing import packed_hours
from locator.publish.sitemap import sitemaps
from locator.query import Query
from locator.snapshot import Snapshot
from locator.store import open_store
from locator.web import create_app
from locator.web.columns import columns_of

DAY = date(2026, 11, 25)
HOSTILE = "<script>alert(1)</script>\"'${x}{{7*7}}"
URL = "https://example.org/some/where/"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    hostile = station("hostile", name=HOSTILE, community=HOSTILE, address=HOSTILE, opening_hours="24/7")
    return written(str(tmp_path_factory.mktemp("data") / "s.db"), [*small_town(), hostile])


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "site"
    publish(out, Plan({"DATABASE": database}, URL, DAY))
    return out


@pytest.fixture(scope="module")
def town():
    # Yards as well as points, one of them wide; a town on both sides of 180°; many at one place.
    yards = [
        station(f"yard-{i}", geometry=box(113 + i / 9, 28.6, 113.004 + i / 9, 28.61), opening_hours="24/7")
        for i in range(4)
    ]
    wide = station("yard-wide", geometry=box(113.0, 28.9, 113.4, 28.91), opening_hours="Mo-Su 08:00-20:00")
    edge = [
        station(f"edge-{i}", 179.9 + i / 100 if i < 10 else i / 100 - 180.1, -10.0 + i / 300, opening_hours="24/7")
        for i in range(21)
    ]  # fmt: skip
    heap = [station(f"heap-{i:03}", 113.2, 28.75, opening_hours="24/7") for i in range(150)]
    return [*large_town(2_000), *yards, wide, *edge, *heap]


@pytest.fixture(scope="module")
def cells(town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cells")
    plan = Plan(
        {"DATABASE": written(str(folder / "s.db"), town)}, "/", DAY, most_in_one=0, cell_bytes=4_000, processes=2
    )
    assert publish(folder / "site", plan).cells > 20
    return folder / "site"


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.inline = [], []
        self._script = False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.found += [
            given[name] for name in ("href", "src", "action", "data-src", "data-stations") if given.get(name)
        ]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        is_data = given.get("type") in ("application/json", "application/ld+json")
        if tag == "style" or (tag == "script" and not given.get("src") and not is_data):
            self.inline.append(tag)


def read(path: Path) -> Links:
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_every_link_leads_to_a_file(site):
    pages = list(site.rglob("*.html"))
    assert len([page for page in pages if page.parts[-3] != "s"]) == 2 * (8 + 5 + 2)
    for page in pages:
        for link in read(page).found:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("#"):
                continue
            assert parts.path.startswith("/some/where/"), (page, link)
            target = site / unquote(parts.path.removeprefix("/some/where/"))
            assert (target / "index.html" if link.endswith("/") else target).is_file(), (page, link)


def test_photos_of_stations_are_published_beside_their_pages(tmp_path):
    made = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(made, "JPEG")
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "door.jpg").write_bytes(made.getvalue())
    (folder / "unused.jpg").write_bytes(made.getvalue())
    photos = ("/photos/door.jpg", "/photos/lost.jpg", "https://elsewhere.example/x.jpg")
    path = written(str(tmp_path / "s.db"), [station("a", photos=photos)])
    publish(tmp_path / "site", Plan({"DATABASE": path, "PHOTOS": str(folder)}, URL, DAY))
    text = (tmp_path / "site" / "stations" / "a.html").read_text(encoding="utf-8")
    assert re.findall(r'<img src="(/some/where/photos/[^"]+)"', text) == ["/some/where/photos/door.jpg"]
    assert [one.name for one in (tmp_path / "site" / "photos").iterdir()] == ["door.jpg"]
    assert (tmp_path / "site" / "photos" / "door.jpg").read_bytes() == made.getvalue()
    assert 'href="https://elsewhere.example/x.jpg"' in text


def goes_on_to(page: Path) -> str:
    return re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.read_text(encoding="utf-8")).group(1)


def test_codes_on_doors_lead_to_their_stations(site, database):
    with open_store(database) as store:
        ids = [one.id for one in store.stations()]
    # A web server answers /s/<code> with the folder's page.
    for code in ids:
        assert unquote(goes_on_to(site / "s" / code / "index.html")) == f"/some/where/stations/{code}.html"
        assert (site / "stations" / f"{code}.html").is_file()
    assert goes_on_to(site / "s" / "HOSTILE" / "index.html") == "/some/where/stations/hostile.html"
    text = (site / "s" / "hostile" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<title>&lt;script&gt;" in text
    assert 'content="noindex"' in text


def test_codes_of_former_times_lead_to_the_stations_of_today(tmp_path):
    path = written(str(tmp_path / "s.db"), [station("a1"), station("B1"), station("b1"), station("归-x")])
    with open_store(path) as store:
        store.old_codes.add("Old-7", "a1")
        store.old_codes.add("A1", "B1")
    publish(tmp_path / "site", Plan({"DATABASE": path}, "/", DAY))
    led = {page.parent.name: goes_on_to(page) for page in (tmp_path / "site" / "s").rglob("*.html")}
    assert led == {
        "a1": "/stations/a1.html",
        "A1": "/stations/B1.html",  # as it is written, whatever it would be in other letters
        "B1": "/stations/B1.html",
        "b1": "/stations/b1.html",
        **dict.fromkeys(("Old-7", "old-7", "OLD-7"), "/stations/a1.html"),
        **dict.fromkeys(("归-x", "归-X"), "/stations/%E5%BD%92-x.html"),
    }


@given(st.lists(st.text("aAbB1", min_size=1, max_size=3), unique=True), st.data())
def test_no_code_leads_to_two_stations(ids, data):
    old = data.draw(st.dictionaries(st.text("aAbB2", min_size=1, max_size=3), st.sampled_from(ids))) if ids else {}
    old = {code: led for code, led in old.items() if code not in ids}
    found = door_codes(ids, old)
    codes = [code for station_codes in found.values() for code in station_codes]
    assert len(codes) == len(set(codes))
    assert set(codes) >= {*ids, *old}
    assert all(found[code].count(code) == 1 for code in ids)
    assert all(code in found[led] for code, led in old.items())


@pytest.mark.parametrize(("file", "home"), [("404.html", "/some/where/"), ("en/404.html", "/some/where/en/")])
def test_wrong_addresses_have_a_page_that_leads_back(site, file, home):
    text = (site / file).read_text(encoding="utf-8")
    main = text.partition("<main")[2]
    assert f'href="{home}"' in main
    assert f'href="{home}map.html"' in main
    # It is answered at any depth: nothing in it may depend on where that is.
    assert all(
        urlsplit(link).path.startswith(("/some/where/", "#")) or "://" in link
        for link in read(site / file).found
        if not link.startswith("#")
    )
    assert "404.html" not in (site / "sitemap.xml").read_text(encoding="utf-8")


def test_what_needs_a_script_is_hidden_where_none_runs(site):
    for file, form in (
        ("index.html", "search"),
        ("en/index.html", "search"),
        ("embed/v1/map.html", "embed-search"),
    ):
        text = (site / file).read_text(encoding="utf-8")
        assert re.search(rf'<form class="{form} needs-script"', text)
        assert re.search(r'<noscript><link rel="stylesheet" href="[^"]+no-script\.css"></noscript>', text)


def test_nothing_in_a_page_runs(site):
    for page in site.rglob("*.html"):
        assert read(page).inline == []
        text = page.read_text(encoding="utf-8")
        assert "script-src &#39;self&#39;;" in text or "default-src 'none'; img-src data:\"" in text
        assert "<script>alert" not in text


def test_what_the_service_worker_keeps_is_there(site):
    text = (site / "service-worker.js").read_text(encoding="utf-8")
    told = json.loads(text.removeprefix("self.locatorShell = ").partition(";\n")[0])
    kept = [*told["files"], *told["pages"].values(), *told["words"], *told["data"]]
    assert len(kept) > 20
    assert [one for one in kept if not (site / one.removeprefix("/some/where/")).is_file()] == []


def test_no_page_tells_a_state(site):
    for page in [*site.glob("stations/[abcdh]*.html"), site / "index.html", site / "map.html"]:
        assert 'class="state state-' not in page.read_text(encoding="utf-8") or page.stem == "e"
    assert '"state": "open"' not in (site / "map.html").read_text(encoding="utf-8")


def test_same_data_give_the_same_bytes_in_a_week(site, database, tmp_path):
    publish(tmp_path / "again", Plan({"DATABASE": database}, URL, DAY, processes=2))
    assert files(tmp_path / "again") == files(site)
    publish(tmp_path / "friday", Plan({"DATABASE": database}, URL, date(2026, 11, 27)))
    changed = {name for name, content in files(tmp_path / "friday").items() if files(site)[name] != content}
    assert changed == {"index.html", "en/index.html", MARKER}


def test_hours_of_two_weeks_beyond_a_sunday_are_told(site):
    told = json.loads((site / "data" / "snapshot.json").read_text())
    assert told["start"].startswith("2026-11-22")
    assert told["days"] - 1 - 7 >= 14


def test_without_a_server_no_page_speaks_of_one_and_with_one_links_go_there(site, database, tmp_path):
    assert "/api" not in (site / "index.html").read_text(encoding="utf-8")
    publish(tmp_path / "s", Plan({"DATABASE": database}, "/", DAY, server="https://api.example.org/"))
    assert 'href="https://api.example.org/api/v1/docs"' in (tmp_path / "s" / "index.html").read_text(
        encoding="utf-8"
    )


def test_sitemap_names_every_page_by_its_address(site):
    text = (site / "sitemap.xml").read_text()
    assert f"<loc>{URL}</loc>" in text
    assert f"<loc>{URL}en/stations/%E5%BD%92%E4%B9%89-1.html</loc>" in text
    names = dict(sitemaps(URL, [f"{URL}{i}" for i in range(50_001)]))
    assert sorted(names) == ["sitemap-1.xml", "sitemap-2.xml", "sitemap.xml"]
    assert names["sitemap-2.xml"].count(b"<loc>") == 1


def test_sitemap_names_the_other_language_and_nothing_closed_for_good(site):
    root = ElementTree.parse(site / "sitemap.xml").getroot()
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    told = {
        url.findtext("s:loc", namespaces=space): {
            link.get("hreflang"): link.get("href") for link in url.findall("x:link", space)
        }
        for url in root.findall("s:url", space)
    }
    pair = {"zh-CN": f"{URL}stations/a.html", "en": f"{URL}en/stations/a.html"}
    assert told[pair["zh-CN"]] == told[pair["en"]] == pair
    assert told[URL] == {"zh-CN": URL, "en": f"{URL}en/"}
    assert f"{URL}stations/e.html" not in told


def test_a_page_tells_machines_what_the_served_one_does(site, database):
    served = create_app({"DATABASE": database, "PUBLIC_URL": URL}).test_client()
    for code in ("a", "d", "hostile"):
        told, by_server = (
            facts(page)
            for page in (
                (site / "stations" / f"{code}.html").read_text(),
                served.get(f"/stations/{code}?lang=zh").text,
            )
        )
        for machine in (told, by_server):
            for name in ("@id", "url", "openingHoursSpecification"):
                machine.pop(name, None)
        assert told == by_server
    page = (site / "en" / "stations" / "a.html").read_text()
    assert f'<link rel="alternate" hreflang="zh-CN" href="{URL}stations/a.html">' in page
    assert f'<meta property="og:url" content="{URL}en/stations/a.html">' in page
    assert facts(page)["openingHoursSpecification"][0]["validFrom"] == "2026-11-23"


def facts(page):
    (block,) = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    return json.loads(block)


def test_robots_are_told_of_the_sitemap_where_they_look(database, site, tmp_path):
    assert not (site / "robots.txt").exists()
    publish(tmp_path / "s", Plan({"DATABASE": database}, "https://example.org/", DAY))
    assert "Sitemap: https://example.org/sitemap.xml" in (tmp_path / "s" / "robots.txt").read_text()


def test_compressed_files_hold_the_same(database, tmp_path):
    publish(tmp_path / "s", Plan({"DATABASE": database}, "/", DAY, compress=True))
    packed = tmp_path / "s" / "index.html.gz"
    assert gzip.decompress(packed.read_bytes()) == (tmp_path / "s" / "index.html").read_bytes()
    assert (tmp_path / "s" / "index.html.br").is_file()


def test_replaces_its_own_folder_whole_and_nobody_elses(database, tmp_path):
    out, plan = tmp_path / "s", Plan({"DATABASE": database}, "/", DAY)
    out.mkdir()  # an empty one may be taken
    publish(out, plan)
    (out / "old.html").write_text("gone")
    publish(out, plan)
    assert not (out / "old.html").exists()
    with pytest.raises(StoreError):
        publish(out, Plan({"DATABASE": str(tmp_path / "none.db")}, "/", DAY))
    assert (out / "index.html").is_file()
    foreign = tmp_path / "home"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    with pytest.raises(InvalidValue, match="not published by us"):
        publish(foreign, plan)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "s"]


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org/", "//example.org/", "/a?b", "https:///x", "/a b/", ""]
)
def test_refuses_what_is_no_address(url, database, tmp_path):
    with pytest.raises(InvalidValue, match="address"):
        publish(tmp_path / "s", Plan({"DATABASE": database}, url, DAY))


def test_nearest_from_cells_are_those_of_the_server(cells, town):
    snapshot, phone = Snapshot.of(town), Phone(cells)
    chance = np.random.default_rng(4)
    places = [*zip(chance.uniform(112.9, 113.6, 60), chance.uniform(28.4, 29.1, 60), strict=True), (180.0, -10.0),
              (-179.95, -9.97), (179.5, -12.0), (113.2, 28.75), (113.2, 28.905), (113.0, 33.0)]  # fmt: skip
    for hour in (1, 4, 19):
        at = datetime(2026, 11, 25, hour, tzinfo=UTC)
        for lon, lat in places:
            expected = nearest(snapshot, Query(lon=lon, lat=lat, at=at, mode="walk", limit=20))
            found, _ = phone.nearest(lon, lat, at)
            assert [m for _, m in found] == pytest.approx([m.distance_m for m in expected], abs=0.3)
            # Places in the files are whole steps of 0.1 m: two that are as near as that may change places.
            for (code, metres), match in zip(found, expected, strict=True):
                assert code == match.station.id or abs(metres - match.distance_m) < 0.3


def test_cells_hold_every_station_once(cells, town):
    phone = Phone(cells)
    held = [code for key in phone.keys for code in phone.cell(key)[0]["id"]]
    assert sorted(held) == sorted(one.id for one in town if one.status != "closed")
    assert len(list((cells / "data" / "cells").iterdir())) == len(phone.keys)


def test_no_station_is_outside_the_box_of_its_cell(cells, town):
    phone, where = Phone(cells), {one.id: one.geometry.bounds for one in town}
    assert len(phone.index["wide"]) >= 1
    for (west, south, east, north), key in phone.boxes:
        for code in phone.cell(key)[0]["id"]:
            left, low, right, high = where[code]
            assert max(west - left, south - low, right - east, high - north) < 1e-9


def test_hours_by_days_that_are_alike_say_the_same(town):
    whole = columns_of(Snapshot.of(town), DAY, days=16)
    packed = packed_hours(whole)["columns"]["hours"]
    told = [intervals_of(one, packed["patterns"]) for one in packed["values"]]
    assert told == [[tuple(span) for span in one["intervals"]] for one in whole["columns"]["hours"]["values"]]


def test_cells_do_not_depend_on_who_wrote_them(cells, town, tmp_path):
    plan = Plan({"DATABASE": written(str(tmp_path / "s.db"), town)}, "/", DAY, most_in_one=0, cell_bytes=4_000)
    publish(tmp_path / "alone", plan)
    assert files(tmp_path / "alone") == files(cells)


def test_a_phone_fetches_little_wherever_it_is(tmp_path):
    # A hundred thousand stations would be the same: only the index grows, by eight bytes a cell.
    town = large_town(8_000)
    plan = Plan({"DATABASE": written(str(tmp_path / "s.db"), town)}, "/", DAY, most_in_one=0, processes=2)
    publish(tmp_path / "site", plan)
    phone, chance = Phone(tmp_path / "site"), np.random.default_rng(3)
    assert phone.index_bytes < 30_000 / 1_600 * len(phone.keys) + 500
    near = [(one.geometry.x, one.geometry.y) for one in town[::80]]
    anywhere = zip(chance.uniform(112.5, 114, 60), chance.uniform(28, 29.5, 60), strict=True)
    for lon, lat in [*near, *anywhere]:
        for hour in (4, 19):
            assert phone.nearest(lon, lat, datetime(2026, 11, 25, hour, tzinfo=UTC))[1] < 100_000 - 15_000


def test_communities_lead_to_the_cells_that_hold_them(cells, town):
    phone = Phone(cells)
    told = json.loads((cells / "data" / "communities.json").read_text())
    name = town[0].community
    there = told["cells"][told["names"].index(name)]
    held = {code for place in there for code in phone.cell(phone.keys[place])[0]["id"]}
    assert {one.id for one in town if one.community == name} <= held


@given(
    st.tuples(st.floats(-180, 179), st.floats(-90, 89), st.floats(0, 1), st.floats(0, 1)),
    st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_no_place_in_a_box_is_nearer_than_its_distance(corner, lon, lat, east, north):
    west, south, width, height = corner
    metres = Geod(ellps="WGS84").inv(lon, lat, west + width * east, south + height * north)[2]
    assert box_distance_m((west, south, west + width, south + height), lon, lat) <= metres + 1e-6


def test_command_tells_what_it_wrote(database, tmp_path):
    from click.testing import CliRunner

    from locator.translation import translator

    out = tmp_path / "site"
    asked = ["publish", str(out), "--database", database, "--day", "2026-11-25", "--json", "--processes", "1"]
    done = CliRunner().invoke(cli, asked, obj=translator("en"), catch_exceptions=False)
    told = json.loads(done.stdout)
    assert told["stations"] == 7
    # What the codes on doors lead to goes on at once, and is no page of its own.
    assert told["pages"] == len([page for page in out.rglob("*.html") if page.parts[-3] != "s"])
    assert json.loads((out / MARKER).read_text())["published"] == "2026-11-25"
