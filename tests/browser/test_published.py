"""The site as files, behind nothing but a plain file server, under a path of its own."""

import json
import re
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from phones import AXE, HERE, HOSTILE, PHONE, RULES
from web_town import large_town, written

from locator.nearest import nearest
from locator.publish import Plan, publish
from locator.query import Query
from locator.snapshot import Snapshot

FAR = {"longitude": 113.3, "latitude": 28.7}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder that is served as it is, and its address."""
    folder = tmp_path_factory.mktemp("host")
    running = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(scope="module")
def small(files, database):
    folder, host = files
    publish(folder / "small" / "town", Plan({"DATABASE": str(database)}, f"{host}/small/town/", today()))
    return f"{host}/small/town/"


@pytest.fixture(scope="module")
def town():
    return large_town(900)


@pytest.fixture(scope="module")
def large(files, town):
    folder, host = files
    database = written(str(folder / "large.db"), town)
    plan = Plan({"DATABASE": database}, f"{host}/large/", today(), most_in_one=0, cell_bytes=4_000)
    assert publish(folder / "large", plan).cells > 10
    return f"{host}/large/"


def today():
    return datetime.now(UTC).date()


@pytest.fixture
def visitor(browser, files):
    """Return a function that opens a page; at the end it says what went wrong on any of them."""
    contexts, requests, troubles = [], [], []

    def opened(address, **options):
        context = browser.new_context(**{**PHONE, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
        page.on(
            "response",
            lambda response: response.status >= 400 and troubles.append(f"{response.status} {response.url}"),
        )
        page.goto(address)
        return page

    opened.requests, opened.troubles = requests, troubles
    yield opened
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith((files[1], "data:", "blob:"))] == [], (
        "asked somebody else"
    )
    assert troubles == []


def test_few_stations_are_listed_with_their_states_at_once(visitor, small):
    page = visitor(small)
    page.wait_for_selector(".card .state")
    assert page.locator(".card .state").count() == 20
    page.locator(".card", has_text="归义").first.locator("h3 a").click()
    page.wait_for_selector("#state-now .state")
    assert page.locator("tr.today[aria-current=date]").count() == 1
    assert page.locator(".week .badge:visible").all_inner_texts() == ["今天"]
    assert page.locator("tr.today .badge:visible").count() == 1
    assert page.url.startswith(f"{small}stations/")
    page.locator("a.language").click()
    page.wait_for_selector("#state-now .state")
    assert page.url.startswith(f"{small}en/stations/")
    assert page.locator("h2#hours").inner_text().startswith("Hours of the week from")


def test_nearest_by_one_tap_and_nobody_is_told_where(visitor, small):
    page = visitor(small, permissions=["geolocation"], geolocation=HERE)
    page.click("#locate")
    page.wait_for_selector(".card[data-metres]")
    assert "28.8" not in "".join(visitor.requests)
    assert page.locator(".card[data-metres]").first.get_attribute("data-id")


def test_hostile_names_stay_text(visitor, small):
    for address in (f"{small}stations/hostile.html", f"{small}en/communities/", small):
        page = visitor(address)
        page.wait_for_load_state("networkidle")
        assert page.get_by_text(HOSTILE).count() or address == small


def test_map_tells_states_of_now(visitor, small):
    page = visitor(f"{small}map.html?station=hostile")
    page.wait_for_selector("html[data-map-ready=yes]")
    page.wait_for_selector(".station-popup .state")
    # Open around the clock, which the file does not say and the script does.
    assert page.locator(".station-popup .state-open").count() == 1
    assert page.locator(".station-popup h2").inner_text() == HOSTILE


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["", "en/", "communities/", "stations/430681-0004.html", "en/stations/hostile.html", "map.html", "404.html",
             "en/404.html", "embed/v1/map.html"],
)  # fmt: skip
def test_pages_that_are_files_have_no_violation(visitor, small, path, scheme):
    page = visitor(f"{small}{path}", color_scheme=scheme, bypass_csp=True, service_workers="block")
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    wrong = [
        f"{one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
        # Pins of a map: see test_access.py.
        if not (one["id"] == "target-size" and "leaflet-marker-icon" in node["html"])
    ]
    assert wrong == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_address_keeps_the_question(visitor, small):
    page = visitor(f"{small}en/?q=gy&open=1")
    page.wait_for_selector("#list .card, #list .empty")
    assert page.input_value("#q") == "gy"
    assert page.is_checked("[name=open]")


def test_works_without_a_connection(visitor, small):
    page = visitor(small)
    page.wait_for_selector(".card .state")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.goto(f"{small}en/")
    page.wait_for_selector(".card .state")
    page.context.set_offline(True)
    for address in (f"{small}en/?q=gy", f"{small}", f"{small}stations/430681-0001.html"):
        page.goto(address)
        page.wait_for_selector(".card .state, #state-now .state")
    visitor.troubles[:] = [t for t in visitor.troubles if "ERR_INTERNET_DISCONNECTED" not in t]


@pytest.mark.parametrize("path", ["s/430681-0001", "s/HOSTILE"])
def test_code_on_a_door_leads_to_its_station(visitor, small, path):
    page = visitor(f"{small}{path}")
    page.wait_for_url(f"{small}stations/{path.rpartition('/')[2].lower()}.html")
    page.wait_for_selector("#state-now .state")


def test_code_on_a_door_leads_there_where_the_service_worker_stands_between(visitor, small):
    page = visitor(small)
    page.wait_for_selector(".card .state")
    page.evaluate("navigator.serviceWorker.ready")
    page.goto(f"{small}en/")
    assert page.evaluate("navigator.serviceWorker.controller !== null")
    page.goto(f"{small}s/430681-0001")
    page.wait_for_url(f"{small}stations/430681-0001.html")


def test_code_on_a_door_leads_there_without_a_script(visitor, small):
    page = visitor(f"{small}s/430681-0004", java_script_enabled=False)
    page.wait_for_url(f"{small}stations/430681-0004.html")
    assert page.locator("tr[data-day]").count() == 7
    assert page.locator(".week .badge:visible").count() == 0


def test_without_a_script_nothing_is_offered_that_needs_one(visitor, small):
    page = visitor(small, java_script_enabled=False)
    assert page.locator("#q, .chip, #locate").count() > 0
    assert page.locator("#q:visible, .chip:visible, #locate:visible").count() == 0
    assert page.locator("ul.communities a:visible").count() > 10
    page = visitor(f"{small}embed/v1/map.html", java_script_enabled=False)
    assert page.locator("#embed-q:visible, #embed-locate:visible").count() == 0


def test_without_a_script_there_are_lists_and_weeks(visitor, small):
    page = visitor(small, java_script_enabled=False)
    page.locator("ul.communities a").first.click()
    page.locator("ul.communities a").first.click()
    assert page.locator("table.week tr[data-day]").count() in (0, 7)
    assert page.locator(".state").count() == 0


@pytest.mark.parametrize("place", [FAR, {"longitude": 113.02, "latitude": 28.98}])
def test_nearest_from_cells_are_the_servers(visitor, large, town, place):
    page = visitor(large, permissions=["geolocation"], geolocation=place)
    assert page.locator(".card").count() == 0
    page.click("#locate")
    page.wait_for_selector(".card[data-metres]")
    query = Query(lon=place["longitude"], lat=place["latitude"], at=datetime.now(UTC), mode="walk", limit=20)
    expected = [(m.station.id, m.distance_m) for m in nearest(Snapshot.of(town), query)]
    found = [
        (card.get_attribute("data-id"), float(card.get_attribute("data-metres")))
        for card in page.locator(".card").all()
    ]
    assert len(found) == 20
    assert [code for code, _ in found] == [code for code, _ in expected]
    assert [metres for _, metres in found] == pytest.approx([metres for _, metres in expected], abs=0.3)
    fetched = {url for url in visitor.requests if "/data/cells/" in url}
    assert 0 < len(fetched) < 10


def test_text_finds_communities_and_what_is_in_them(visitor, large, town):
    page = visitor(large)
    name = town[0].community
    page.fill("#q", name)
    page.wait_for_selector(".card")
    assert {card.get_attribute("data-id") for card in page.locator(".card").all()} <= {
        station.id for station in town if name in station.community + station.name + station.street
    }


def test_station_page_of_a_large_site_tells_its_state(visitor, large, town):
    one = next(station for station in town if station.opening_hours == "24/7")
    page = visitor(f"{large}stations/{one.id}.html")
    page.wait_for_selector("#state-now .state-open")


def test_map_of_a_large_site_draws_what_is_around_the_person(visitor, large, town):
    page = visitor(f"{large}map.html", permissions=["geolocation"], geolocation=place_of(town[0]))
    page.wait_for_selector("html[data-map-ready=yes]")
    page.click("#map-locate")
    page.wait_for_selector(".place-you")
    page.wait_for_selector(".station-marker")
    assert re.match(r"\d\d:\d\d ", page.locator(".map-legend summary").inner_text())
    shown = {one["properties"]["id"]: one for one in page.evaluate("locatorMap.data.stations.features")}
    assert town[0].id in shown
    # While the map still flies to where one is, it may part its clusters anew beneath a popup.
    opened = "id => locatorMap.select(id) && document.querySelector('.station-popup .state') !== null"
    page.wait_for_function(opened, arg=town[0].id, polling=1_000)
    assert page.locator(".station-popup h2").inner_text() == town[0].name


def test_station_of_a_large_site_is_shown_on_its_map(visitor, large, town):
    page = visitor(f"{large}en/map.html?station={town[3].id}")
    page.wait_for_selector(".station-popup .state")
    assert page.locator(".station-popup h2").inner_text() == town[3].name


def place_of(one):
    return {"longitude": one.geometry.x, "latitude": one.geometry.y}


HOST_PAGE = """<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,"><body><h1>Another site</h1>
<script async src="{site}embed/v1/station-map.js"></script>
<station-map {attributes}><ul><li>without the map</li></ul></station-map></body></html>"""


@pytest.fixture
def hosted(files, visitor):
    """Return a function that opens a page of another path with the element in it, and returns it and its frame."""

    def opened(site, attributes, **options):
        (files[0] / "host.html").write_text(HOST_PAGE.format(site=site, attributes=attributes), encoding="utf-8")
        page = visitor(f"{files[1]}/host.html", **options)
        page.wait_for_function("document.querySelector('station-map')?.shadowRoot.querySelector('iframe')")
        frame = page.locator("station-map").element_handle().evaluate_handle(
            "element => element.shadowRoot.querySelector('iframe')").as_element().content_frame()  # fmt: skip
        frame.wait_for_selector("#embed-list li, .embed-problem")
        return page, frame

    return opened


def test_embed_shows_what_its_attributes_ask_for(hosted, small, app):
    _, frame = hosted(small, 'lang="en" needs="toilet" near="113.0742,28.8069" limit="5" theme="dark"')
    assert frame.evaluate("document.documentElement.lang") == "en"
    assert frame.url.startswith(f"{small}en/embed/v1/map.html?")
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"
    served = app.test_client().get("/embed/v1/map?lang=en&needs=toilet&near=113.0742,28.8069&limit=5").text
    expected = re.findall(r'<li data-id="([^"]+)"', served)
    assert len(expected) == 5
    assert [line.get_attribute("data-id") for line in frame.locator("#embed-list li").all()] == expected
    distances = re.findall(r"<strong>([^<]+ k?m)</strong>", served)
    assert frame.locator("#embed-list strong").all_inner_texts() == distances
    frame.wait_for_selector("html[data-map-ready=yes] .place-near")
    shown = set(frame.evaluate("locatorMap.data.stations.features.map((one) => one.properties.id)"))
    block = re.search(r'id="map-data"[^>]*>(.*?)</script>', served, re.DOTALL).group(1)
    assert shown == {one["properties"]["id"] for one in json.loads(block)["stations"]["features"]}


def test_embed_says_what_it_cannot_read_and_keeps_the_list_alone(hosted, small):
    _, frame = hosted(small, 'lang="en" zoom="99"')
    assert "zoom" in frame.locator(".embed-problem").inner_text()
    _, frame = hosted(small, 'lang="zh" list="only"')
    assert frame.locator("#embed-list li").count() == 10
    assert frame.locator(".leaflet-container").count() == 0


def test_embed_of_a_large_site_is_around_a_place(hosted, large, town):
    one = town[5]
    _, frame = hosted(large, f'near="{one.geometry.x:.5f},{one.geometry.y:.5f}" limit="3"')
    assert frame.locator("#embed-list li").count() == 3
    _, frame = hosted(large, f'station="{one.id}"')
    frame.wait_for_selector(".station-popup h2")
    assert frame.locator(".station-popup h2").inner_text() == one.name


def test_embed_works_without_a_connection(visitor, small):
    page = visitor(small)
    page.wait_for_selector(".card .state")
    page.evaluate("navigator.serviceWorker.ready")
    page.goto(f"{small}en/")
    page.wait_for_selector(".card .state")
    page.context.set_offline(True)
    page.goto(f"{small}embed/v1/map.html?lang=zh&list=only")
    page.wait_for_selector("#embed-list li")
    visitor.troubles[:] = [t for t in visitor.troubles if "ERR_INTERNET_DISCONNECTED" not in t]
