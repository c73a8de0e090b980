"""The map inside other sites' pages: what may be asked, who may show it, what is remembered (nothing)."""

import html
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from shapely import Point, box

from locator.hours import State
from locator.station import Station
from locator.store import open_store
from locator.web import create_app
from locator.web.embedding import EMBED

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>${alert(3)}{{7*7}}'"
STATIONS = [
    Station(
        id="a", name="常开", geometry=Point(113.070, 28.80), opening_hours="24/7", facilities={"toilet": True}
    ),
    Station(id="b", name="常关", geometry=Point(113.071, 28.80), opening_hours="off", facilities={"toilet": True}),
    Station(id="c", name="不知", geometry=Point(113.072, 28.80), facilities={"toilet": False}),
    Station(id="d", name="院子", geometry=box(113.2, 28.9, 113.21, 28.91), opening_hours="24/7"),
    Station(id="e", name="暂停", geometry=Point(113.073, 28.80), opening_hours="24/7", status="suspended"),
    Station(id="f", name="没了", geometry=Point(113.074, 28.80), opening_hours="24/7", status="closed"),
    Station(id="h", name=HOSTILE, geometry=Point(113.075, 28.80), opening_hours="24/7"),
]
MAP = "/embed/v1/map"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("embed") / "e.db")
    with open_store(path, create=True) as store:
        store.write([(one, 0) for one in STATIONS], at=datetime.now(UTC))
        store.old_codes.add("old-1", "a")
    return path


@pytest.fixture(scope="module")
def client(path):
    return create_app({"DATABASE": path}).test_client()


def block(answer, name: str):
    return json.loads(re.search(rf'id="{name}"[^>]*>(.*?)</script>', answer.text, re.DOTALL).group(1))


def drawn(answer) -> set[str]:
    return {one["properties"]["id"] for one in block(answer, "map-data")["stations"]["features"]}


def listed(answer) -> list[str]:
    return re.findall(r'<li data-id="([^"]+)"', answer.text)


def rules(answer) -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))


# Pages of others have these addresses in them: none may ever stop working or mean something else.
PINNED = [
    "/embed/v1/map",
    "/embed/v1/map?center=113.07,28.80&zoom=15",
    "/embed/v1/map?bbox=113.0,28.7,113.1,28.9&needs=toilet,microwave&open_now=true&h24=true&list=yes&lang=zh",
    "/embed/v1/map?near=113.07,28.80&theme=dark&scroll=true&limit=5&list=only&lang=en",
    "/embed/v1/map?station=a&list=no&theme=light&open_now=1&h24=0&scroll=no",
    "/embed/v1/station-map.js",
    "/embed",
    "/oembed?url=http://localhost/embed/v1/map%3Fneeds%3Dtoilet&format=json&maxwidth=400&maxheight=300",
]
PINNED_NAMES = [
    "center",
    "bbox",
    "near",
    "station",
    "needs",
    "open_now",
    "h24",
    "list",
    "theme",
    "scroll",
    "zoom",
    "limit",
]


@pytest.mark.parametrize("address", PINNED)
def test_addresses_that_others_have_in_their_pages_keep_working(client, address):
    assert client.get(address).status_code == 200


def test_names_that_others_have_in_their_pages_stay(client):
    assert [parameter.name for parameter in EMBED] == PINNED_NAMES
    script = client.get("/embed/v1/station-map.js").text
    names = re.search(r"const NAMES = (\[.*?\]);", script).group(1)
    assert {name.replace("-", "_") for name in json.loads(names)} == {*PINNED_NAMES, "lang"}
    assert 'define("station-map"' in script
    for event in ("ready", "select", "search", "resize", "error"):
        assert f'"{event}"' in script


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("zoom=99", "zoom"),
        ("center=1,2,3", "center"),
        ("center=200,0", "center"),
        ("near=here", "near"),
        ("bbox=1,2,3", "bbox"),
        ("needs=sauna", "needs"),
        ("open_now=perhaps", "open_now"),
        ("list=maybe", "list"),
        ("theme=pink", "theme"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("lang=fr", "lang"),
        ("station=nowhere", "station"),
        ("colour=red", "colour"),
        ("zoom=12&zoom=13", "zoom"),
    ],
)
def test_what_cannot_be_is_said_in_the_frame(client, asked, said):
    answer = client.get(f"{MAP}?{asked}")
    assert answer.status_code in (400, 404)
    assert said in re.search(r"<p>(.*?)</p>", answer.text).group(1)
    assert rules(answer)["frame-ancestors"] == "*"
    assert "X-Frame-Options" not in answer.headers
    assert answer.text.count("<a ") == answer.text.count('target="_blank" rel="noopener"')


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("", "abcdeh"),
        ("needs=toilet", "ab"),
        ("open_now=true", "acdh"),
        ("h24=true", "adh"),
        ("bbox=113.205,28.8,113.3,29", "d"),
        ("bbox=113.0715,28.7,113.3,28.85&open_now=1", "ch"),
    ],
)
def test_map_and_list_show_what_has_been_asked_for(client, asked, ids):
    answer = client.get(f"{MAP}?{asked}")
    assert drawn(answer) == set(ids)
    assert set(listed(answer)) == set(ids)


def test_list_begins_with_what_can_be_used_now(client):
    assert listed(client.get(MAP)) == ["a", "d", "h", "c", "b", "e"]


def test_list_near_a_place_begins_with_the_nearest_of_them_and_says_how_far(client):
    answer = client.get(f"{MAP}?near=113.205,28.905&limit=3")
    assert listed(answer) == ["d", "h", "a"]
    assert "<strong>0 m</strong>" in answer.text
    assert len(drawn(answer)) == 6
    assert block(answer, "map-data")["view"]["near"] == [28.905, 113.205]


def test_state_is_that_of_now(client):
    states = {
        one["properties"]["id"]: one["properties"]["state"]
        for one in block(client.get(MAP), "map-data")["stations"]["features"]
    }
    assert states == {
        "a": State.OPEN, "b": State.CLOSED, "c": State.UNKNOWN, "d": State.OPEN, "e": State.CLOSED, "h": State.OPEN,
    }  # fmt: skip


@pytest.mark.parametrize("address", [MAP, f"{MAP}?lang=en", f"{MAP}?list=only", f"{MAP}?zoom=99&lang=en"])
def test_nothing_is_remembered(client, address):
    client.set_cookie("lang", "en")
    answer = client.get(address, headers={"Accept-Language": "zh-CN"})
    client.delete_cookie("lang")
    assert "Set-Cookie" not in answer.headers
    assert f'<html lang="{"en" if "lang=en" in address else "zh"}"' in answer.text
    assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", answer.text)


def test_scripts_of_the_map_store_nothing(client):
    text = client.get(MAP).text
    for address in [*re.findall(r'<script[^>]* src="([^"]+)"', text), "/embed/v1/station-map.js"]:
        assert not re.search(
            r"localStorage|sessionStorage|indexedDB|document\.cookie", client.get(address).text
        ), address


def test_links_open_a_tab_of_their_own(client):
    text = client.get(MAP).text
    links = re.findall(r"<a [^>]+>", text)
    assert len(links) > 5
    assert all('target="_blank" rel="noopener"' in link for link in links)
    assert block(client.get(MAP), "map-data")["view"]["new_tab"] is True


def test_hostile_names_are_text(client):
    for address in (
        MAP,
        "/embed?needs=",
        f"{MAP}?list=only",
        "/embed/snapshot.html",
        "/oembed?url=http://localhost/stations/h&format=xml",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.text
        assert "<img src=x" not in answer.text
        assert "49" not in re.sub(r"\d{3,}", "", "".join(re.findall(r"<h1.*?</h1>", answer.text)))


# -- who may show it


@pytest.mark.parametrize(
    ("sites", "ancestors"),
    [
        ("*", "*"),
        ("", "'self'"),
        (
            "https://union.example/, http://*.gov.example:8080",
            "'self' https://union.example http://*.gov.example:8080",
        ),
    ],
)
def test_sites_that_may_show_it_are_the_operator_s_choice(path, sites, ancestors):
    client = create_app({"DATABASE": path, "EMBED_SITES": sites}).test_client()
    assert rules(client.get(MAP))["frame-ancestors"] == ancestors
    for address in ("/", "/map", "/stations/a", "/embed", "/embed/snapshot.html", "/nothing"):
        answer = client.get(address)
        assert rules(answer)["frame-ancestors"] == "'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_frame_asks_for_nothing_but_scripts_of_ours_and_may_ask_where_one_is(client):
    answer = client.get(MAP)
    found = rules(answer)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "fullscreen=(self)" in answer.headers["Permissions-Policy"]
    nonce = found["script-src"].partition("'nonce-")[2].rstrip("'")
    inline = re.findall(r"<(?:script|style)(?![^>]*\bsrc=)([^>]*)>", answer.text)
    assert inline
    assert all(f'nonce="{nonce}"' in attributes for attributes in inline)
    assert not re.search(r"<[^>]+ (?:on\w+|style)=", answer.text.split('id="map-data"')[0])


def test_script_is_small_and_any_page_may_load_it(client):
    import gzip

    answer = client.get("/embed/v1/station-map.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age" in answer.headers["Cache-Control"]
    assert len(gzip.compress(answer.data, 9)) <= 6 * 1024
    again = client.get("/embed/v1/station-map.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


# -- the builder


def code(answer, name: str) -> str:
    found = re.search(rf'<textarea id="code-{name}"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL).group(1)
    return html.unescape(found)


def test_builder_gives_code_with_what_was_chosen(client):
    answer = client.get("/embed?needs=toilet&needs=microwave&open_now=true&near=113.07,28.80&map_lang=en&limit=10")
    iframe = code(answer, "iframe")
    for part in (
        'src="http://localhost/embed/v1/map?lang=en&amp;near=113.07,28.8&amp;needs=microwave,toilet&amp;open_now=true"',
        'title="Station map"',
        'loading="lazy"',
        'allow="geolocation; fullscreen"',
        "allowfullscreen",
        "referrerpolicy=",
    ):
        assert part in iframe
    assert re.search(r'</iframe>\s*<p><a href="http://localhost/">', iframe)
    element = code(answer, "component")
    assert '<station-map lang="en" near="113.07,28.8" needs="microwave,toilet" open-now="true"' in element
    assert "limit" not in element
    address = code(answer, "address")
    assert client.get(address).status_code == 200
    oembed = client.get(code(answer, "oembed")).json
    assert html.escape(address) in oembed["html"]


def test_builder_offers_the_list_without_the_script(client):
    assert '<li><a href="http://localhost/stations/a">常开</a></li>' in code(client.get("/embed"), "component")


def test_builder_says_what_is_wrong_and_gives_no_code(client):
    answer = client.get("/embed?zoom=99")
    assert answer.status_code == 400
    assert "<textarea" not in answer.text
    assert 'role="alert"' in answer.text


def test_language_of_the_builder_is_not_that_of_the_map(client):
    answer = client.get("/embed?lang=en&map_lang=zh")
    assert '<html lang="en">' in answer.text
    assert "lang=zh" in code(answer, "address")


def test_data_of_the_same_stations_is_linked(client):
    links = [
        html.unescape(one)
        for one in re.findall(r'href="(http://localhost/api/[^"]+)"', client.get("/embed?needs=toilet").text)
    ]
    features = client.get(links[0]).json["features"]
    assert {one["id"] for one in features} >= {"a", "b"}
    links = [
        html.unescape(one)
        for one in re.findall(
            r'href="(http://localhost/api/v1/nearest[^"]+)"', client.get("/embed?near=113.07,28.8&h24=true").text
        )
    ]
    assert client.get(links[0]).json["features"][0]["id"] == "a"


def test_snapshot_is_one_file_that_asks_for_nothing(client):
    answer = client.get("/embed/snapshot.html?needs=toilet&lang=en")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert '<html lang="en">' in answer.text
    assert not re.search(r"""(?:<\w+[^>]* src|<link[^>]* href)=["']?(?:https?:)?//""", answer.text)
    assert drawn(answer) == {"a", "b"}


def test_snapshot_has_a_list_where_no_script_runs(client):
    text = client.get("/embed/snapshot.html?needs=toilet&lang=en&limit=1").text
    listed = text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert len(re.findall(r'<li class="state-\w+">', listed)) == 2
    assert re.search(r"2 of 2 stations · State at \d{4}-\d\d-\d\d \d\d:\d\d", listed)
    assert (
        "<script"
        not in client.get("/embed/snapshot.html").text.partition("<noscript>")[2].partition("</noscript>")[0]
    )


# -- oEmbed


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("/", ""),
        ("/?needs=toilet&open=1&lang=en", "?lang=en&amp;needs=toilet&amp;open_now=true"),
        ("/map", ""),
        ("/map?station=a", "?station=a"),
        ("/stations/a", "?station=a"),
        ("/embed/v1/map?list=no", "?list=no"),
        ("/s/a", "?station=a"),
        ("/s/A?lang=en", "?lang=en&amp;station=a"),
        ("/s/OLD-1", "?station=a"),
    ],
)
def test_pages_can_be_shown_by_their_address(client, page, query):
    answer = client.get("/oembed", query_string={"url": f"https://localhost{page}"})
    found = answer.json
    assert (found["version"], found["type"]) == ("1.0", "rich")
    assert f'src="http://localhost/embed/v1/map{query}"' in found["html"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("page", ["/", "/map", "/stations/a", "/embed/v1/map?needs=toilet"])
def test_pages_name_their_oembed(client, page):
    links = re.findall(r'<link rel="alternate" type="(\w+/\w+)\+oembed" href="([^"]+)"', client.get(page).text)
    assert [media for media, _ in links] == ["application/json", "text/xml"]
    for media, address in links:
        answer = client.get(html.unescape(address))
        assert answer.status_code == 200
        assert answer.mimetype == media


@pytest.mark.parametrize(
    ("asked", "size"),
    [("", (640, 480)), ("maxwidth=300&maxheight=2000", (300, 480)), ("maxwidth=200&maxheight=150", (200, 150))],
)
def test_sizes_that_are_asked_for_are_kept_to(client, asked, size):
    found = client.get(f"/oembed?url=http://localhost/map&{asked}").json
    assert (found["width"], found["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in found["html"]
    # Beside the frame there is nothing that takes room, and no script of ours takes it for one that may grow.
    assert re.fullmatch(r"<iframe [^>]+></iframe>", found["html"])
    assert "data-station-map" not in found["html"]


@pytest.mark.parametrize("asked", ["maxwidth=199", "maxheight=149", "maxwidth=1&maxheight=1"])
def test_where_there_is_no_room_for_a_map_there_is_a_link(client, asked):
    found = client.get(f"/oembed?url=http://localhost/stations/a&{asked}").json
    assert (found["type"], found["title"]) == ("link", "常开")
    assert not {"html", "width", "height"} & set(found)


def test_what_the_map_cannot_be_asked_is_said(client):
    def answer(page):
        return client.get("/oembed", query_string={"url": f"http://localhost{page}"}).json

    assert answer("/?q=gy&noreg=1&needs=toilet&community=x&lang=en&view=map")["left_out"] == "community,noreg,q"
    assert "left_out" not in answer("/?needs=toilet&open=1&h24=1&lang=en")


def test_xml_says_the_same(client):
    address = "/oembed?url=http://localhost/stations/h"
    root = ET.fromstring(client.get(f"{address}&format=xml").data)
    said = client.get(address).json
    assert {child.tag: child.text for child in root} == {name: str(value) for name, value in said.items()}
    assert said["title"] == HOSTILE
    assert html.escape(HOSTILE, quote=False).split("&gt;")[1] in said["html"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("url=http://elsewhere.example/map", 404),
        ("url=http://localhost.elsewhere.example/map", 404),
        ("url=http://localhost@elsewhere.example/map", 404),
        ("url=javascript:alert(1)//localhost/map", 404),
        ("url=http://localhost/stations/nowhere", 404),
        ("url=http://localhost/api/v1/stations", 404),
        ("url=http://localhost/nothing", 404),
        ("", 400),
        ("url=http://localhost/s/nowhere", 404),
        ("url=http://localhost/map&maxwidth=wide", 400),
        ("url=http://localhost/map&maxwidth=0", 400),
        ("url=http://localhost/embed/v1/map%3Fzoom%3D99", 400),
        ("url=http://localhost/map&format=yaml", 501),
    ],
)
def test_what_cannot_be_shown_is_refused(client, asked, status):
    assert client.get(f"/oembed?{asked}").status_code == status
