"""The finder in a real browser: one tap, no position sent, no connection needed, no JavaScript needed."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from phones import HERE, HOSTILE, serving
from PIL import Image
from shapely import Point

from locator.album import add_photo
from locator.exchange.dataset import load_dataset
from locator.navigation import navigation_links
from locator.nearest import nearest
from locator.query import Query
from locator.station import Station
from locator.store import open_store
from locator.web import create_app

LOCATED = {"geolocation": HERE, "permissions": ["geolocation"]}
PICTURES = os.environ.get("LOCATOR_SCREENSHOTS")


def cards(page) -> list[dict]:
    page.wait_for_selector("#list [data-metres]")
    return page.eval_on_selector_all("#list .card", "all => all.map(c => ({...c.dataset}))")


def ids(page) -> list[str]:
    return page.eval_on_selector_all("#list .card", "all => all.map(c => c.dataset.id)")


def found_here(page) -> list[dict]:
    page.click("#locate")
    return cards(page)


def tick(page, box):
    # By the keyboard: where the page scrolls to its list, a click may miss.
    page.press(box, "Space")
    assert page.is_checked(box)


def told(page, text):
    page.wait_for_selector(f"#results-title:has-text('{text}')")


def test_one_tap_lists_the_nearest(phone):
    page = phone("/", **LOCATED)
    listed = found_here(page)
    ranks = [{"closed": 2, "unknown": 1}.get(card["state"], 0) for card in listed]
    assert ranks == sorted(ranks)
    assert listed[0]["id"] == "hostile"
    assert len(listed) == 20
    assert "显示 20 家" in page.text_content("#count")
    page.press("#list button:has-text('再显示')", "Enter")
    page.wait_for_selector("#list .card:nth-child(25)")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(360, 740), (390, 844)])
def test_first_station_stands_in_the_first_view(phone, miluo, size, lang):
    """Its name and its state, before and after one says where one is."""
    page = phone(f"{miluo}/?lang={lang}", allowed=miluo, viewport={"width": size[0], "height": size[1]}, **LOCATED)
    for _ in range(2):
        top, state = page.evaluate(
            """() => [document.querySelector("#list .card"), document.querySelector("#list .card .state")]
                 .map((one) => one.getBoundingClientRect()).map((box, place) => place ? box.bottom : box.top)"""
        )
        assert 0 <= top < state <= size[1] - 16
        found_here(page)
        page.wait_for_timeout(700)  # it glides there


def test_filters_are_one_line_that_is_moved_within_itself(phone, miluo):
    page = phone(f"{miluo}/?lang=en", allowed=miluo, viewport={"width": 360, "height": 740})
    line = page.locator(".chip-line")
    tops = page.eval_on_selector_all(".chip", "all => all.map(one => Math.round(one.getBoundingClientRect().top))")
    assert len(tops) == 9
    assert len(set(tops)) == 1
    assert line.evaluate("one => one.scrollWidth > one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "›" in line.evaluate("one => getComputedStyle(one, '::after').content")
    # By the keyboard the last one comes into view, free of the arrow.
    page.focus(".chip:last-child input")
    page.wait_for_timeout(300)
    assert page.eval_on_selector(".chip:last-child", "one => one.getBoundingClientRect().right <= innerWidth")


@pytest.mark.parametrize("path", ["/", "/shell"])
def test_filter_without_a_chip_of_its_own_gets_one_and_is_kept(phone, path):
    page = phone("/")
    if path == "/shell":
        page.evaluate("navigator.serviceWorker.ready")
        page.context.set_offline(True)
    page.goto(page.home + "?needs=shower&lang=zh")
    chip = page.locator(".chip:has(input[value=shower])")
    chip.wait_for()
    assert chip.locator("input").is_checked()
    assert "淋浴" in chip.text_content()
    assert page.locator(".chip").first.locator("input[value=shower]").count() == 1
    tick(page, "input[value=toilet]")
    page.wait_for_url("**needs=toilet**")
    assert "needs=shower" in page.url
    page.press("input[value=shower]", "Space")
    page.wait_for_url(lambda url: "shower" not in url)
    assert "needs=toilet" in page.url


def test_empty_list_names_the_filters_that_help_only_together(phone):
    page = phone("/?needs=battery_swap&needs=shower&h24=1&lang=zh")
    offered = page.locator("#list .empty a:has-text('去掉')")
    said = offered.first.text_content()
    assert "”和“" in said
    tick(page, "input[value=toilet]")
    page.wait_for_selector("#list .empty button:has-text('”和“')")
    page.press("#list .empty button >> nth=0", "Enter")
    page.wait_for_selector("#list .card")


def test_list_of_the_phone_stands_as_the_servers(phone):
    page = phone("/?lang=zh", viewport={"width": 1440, "height": 900})
    before = page.text_content("#list .cards"), ids(page)
    title = page.text_content("#results-title")
    tick(page, "input[value=toilet]")
    page.wait_for_selector("#list .card[data-state]")
    page.press("input[value=toilet]", "Space")
    page.wait_for_selector("#list .card:nth-child(20)")
    assert page.text_content("#results-title") == title
    assert ids(page) == before[1][:20]
    assert page.locator("#list > .cards").count() == 1


def test_stations_out_of_service_are_counted_when_they_are_left_out(phone, miluo):
    page = phone(f"{miluo}/?lang=zh", allowed=miluo, **LOCATED)
    assert "共 32 家" in page.text_content("#count")
    found_here(page)
    assert "共 31 家 · 另有 1 家暂停服务，未列出" in page.text_content("#count")


def test_position_never_leaves_the_phone(phone, heard):
    before = len(heard)
    page = phone("/", **LOCATED)
    found_here(page)
    tick(page, "input[value=toilet]")
    cards(page)
    page.check("input[value=ebike]", force=True)
    page.fill("#q", "归义")
    told(page, "归义")
    page.press("#list .card h3 a", "Enter")
    page.wait_for_url("**/stations/*")
    page.go_back()
    page.goto(page.url.split("?")[0] + "map")
    assert len(heard) - before > 10
    # All that the server was told, by the page, its workers and what they load; other tests embed maps of a place.
    for said in heard[before:]:
        assert "113.0" not in said
        assert "28.8" not in said


@pytest.mark.parametrize("place", [(113.0742, 28.8069), (113.05, 28.82), (113.2, 28.9)])
@pytest.mark.parametrize("mode", ["walk", "ebike"])
def test_phone_and_server_agree(phone, app, place, mode):
    lon, lat = place
    page = phone(f"/?mode={mode}", geolocation={"longitude": lon, "latitude": lat}, permissions=["geolocation"])
    listed = found_here(page)
    snapshot = app.extensions["locator"].snapshot()
    query = Query(lon=lon, lat=lat, at=datetime.now(UTC), mode=mode, limit=20, usable_only=False)
    matches = nearest(snapshot, query)
    assert [card["id"] for card in listed] == [match.station.id for match in matches]
    for card, match in zip(listed, matches, strict=True):
        assert abs(float(card["metres"]) - match.distance_m) < 0.3 + match.distance_m / 10_000
        assert card["state"] == match.state


def test_polygon_counts_from_its_boundary_and_inside_as_nothing(phone, app):
    snapshot = app.extensions["locator"].snapshot()
    (yard,) = [s for s in snapshot.stations if s.geometry.geom_type == "Polygon"]
    inside = yard.geometry.representative_point()
    page = phone("/", geolocation={"longitude": inside.x, "latitude": inside.y}, permissions=["geolocation"])
    found_here(page)
    if page.locator("#list button:has-text('再显示')").count():
        page.press("#list button:has-text('再显示')", "Enter")
        page.wait_for_selector("#list .card:nth-child(25)")
    listed = {card["id"]: float(card["metres"]) for card in cards(page)}
    assert listed[yard.id] == 0


def test_denied_position_leads_to_the_search_that_needs_none(phone):
    page = phone("/", permissions=[])
    page.click("#locate")
    page.wait_for_selector("#nearby-status:has-text('无法获得位置')")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.locator("#list .card").count() > 20
    for text in ("gy", "guiyi", "归义", "430681-0001", "gy 430681-0001"):
        page.fill("#q", text)
        told(page, text)
        assert "430681-0001" in ids(page)
    page.fill("#q", "鸿源小区")  # whose premises it is in
    told(page, "鸿源小区")
    assert ids(page) == ["430681-0002"]


@pytest.mark.parametrize("size", [(1600, 1200), (800, 1600)])
def test_photo_is_shown_and_moves_nothing(phone, tmp_path, size):
    made = io.BytesIO()
    Image.new("RGB", size, "green").save(made, "JPEG")
    path = str(tmp_path / "photo.db")
    with open_store(path, create=True) as store:
        shown = Station(
            id="p",
            name="站",
            geometry=Point(113.07, 28.8),
            photos=(add_photo(tmp_path / "photos", made.getvalue()),),
        )
        store.write([(shown, 0)], at=datetime.now(UTC))
    with serving(create_app({"DATABASE": path, "PHOTOS": str(tmp_path / "photos")})) as address:
        page = phone(address + "/stations/p", allowed=address, service_workers="block")
        held = []
        page.route("**/photos/*", lambda route: held.append(route))  # noqa: PLW0108 - it marks what it is given
        page.reload(wait_until="commit")
        page.wait_for_selector("#record")
        page.wait_for_function("[...document.querySelectorAll('link[rel=stylesheet]')].every(one => one.sheet)")
        box = page.locator(".photo img").bounding_box()
        page.wait_for_timeout(300)
        for route in held:
            route.continue_()
        page.wait_for_selector(".photo img")
        page.wait_for_timeout(500)
        assert page.eval_on_selector(".photo img", "one => one.naturalWidth") == size[0]
        assert page.locator(".photo img").bounding_box() == box
        assert box["width"] > 300
        assert box["height"] <= 0.75 * 844 + 1
        assert "站" in page.get_attribute(".photo img", "alt")


def test_code_on_a_door_is_typed_or_pasted(phone, tmp_path):
    path = str(tmp_path / "codes.db")
    with open_store(path, create=True) as store:
        load_dataset(store, Path(__file__).parents[2] / "geodata" / "miluo", at=datetime.now(UTC))
        store.old_codes.add("GY-1", "430681-0007")
    with serving(create_app({"DATABASE": path})) as address:
        page = phone(address, allowed=address)
        for text in ("GY-1", "gy-1", "https://old.example/s/gy-1", f"{address}/s/430681-0007"):
            page.fill("#q", text)
            told(page, text)
            page.wait_for_selector("#list .card[data-state]")
            assert ids(page) == ["430681-0007"]


def test_filters_stand_in_the_url_and_hold_with_and_without_a_position(phone, app):
    with_microwave = {s.id for s in app.extensions["locator"].snapshot().stations if s.has("microwave")}
    page = phone("/", **LOCATED)
    tick(page, "input[value=microwave]")
    page.wait_for_selector("#list .card[data-state]", state="attached")
    told(page, "全部驿站，按社区")
    assert "needs=microwave" in page.url
    assert ids(page)
    assert set(ids(page)) <= with_microwave
    found_here(page)
    assert set(ids(page)) <= with_microwave
    assert "needs=microwave" in page.url


def test_empty_list_offers_what_to_loosen(phone):
    page = phone("/?needs=toilet&needs=battery_swap&h24=1", **LOCATED)
    page.click("#locate")
    page.wait_for_selector("#list .empty button:has-text('去掉')")
    page.click("#list .empty button >> nth=0")
    page.wait_for_selector("#list .card")
    assert page.evaluate("document.activeElement.id") == "results-title"


def test_list_needs_no_javascript(phone):
    page = phone("/", java_script_enabled=False)
    assert page.is_hidden("#locate")
    assert "今天" in page.text_content("#list")
    page.fill("#q", "gy")
    page.click("button[type=submit]")
    assert "归义" in page.text_content("#list .card h3")
    tick(page, "input[value=toilet]")
    page.click("button[type=submit]")
    assert "needs=toilet" in page.url


def test_keyboard_alone_finds_a_station(phone):
    page = phone("/", **LOCATED)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "locate":
            break
    page.keyboard.press("Enter")
    cards(page)
    page.wait_for_selector("#results-title:focus")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.card').dataset.id") == "hostile"
    page.keyboard.press("Enter")
    page.wait_for_url("**/stations/hostile")


def test_whoever_is_at_a_card_stays_there_when_states_are_renewed(phone):
    page = phone("/", **LOCATED, service_workers="block")
    page.clock.install()
    page.reload()
    found_here(page)
    link = page.locator("#list .card h3 a").nth(2)
    link.focus()
    kept = page.evaluate("document.activeElement.closest('.card').dataset.id")
    page.evaluate("document.activeElement.id = 'before'")
    page.clock.run_for(61_000)
    page.wait_for_selector("#list:not(:has(#before))")
    assert page.evaluate("document.activeElement.closest('.card')?.dataset.id") == kept


def test_works_without_a_connection_after_the_first_visit(phone, app):
    page = phone("/?lang=zh", **LOCATED)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_selector("html")
    kept = "caches.open('data').then(c => c.keys()).then(all => all.map(r => r.url.replace(location.origin, '')))"
    for _ in range(100):
        if {"/map?lang=zh", "/map?lang=en", "/api/v1/snapshot"} <= set(page.evaluate(kept)):
            break
        page.wait_for_timeout(100)
    page.context.set_offline(True)
    page.goto(page.url)
    page.wait_for_selector("#list .card")
    assert "没有网络" in page.text_content("#count")
    assert found_here(page)[0]["id"] == "hostile"
    page.goto(page.url.split("?")[0] + "?q=gy")
    told(page, "gy")
    page.goto(page.url.split("?")[0] + "stations/430681-0001")
    page.wait_for_selector(".card[data-id='430681-0001'] .apps")
    assert page.locator(".card .week tr").count() == 7
    assert page.locator(".card .steps li").count() >= 2
    there = sum(app.extensions["locator"].snapshot().stations[0].facilities.values())
    assert page.locator(".card .facilities.yes li").count() == there > 0
    assert "归义" in page.title()
    home = page.url.split("stations")[0]
    page.goto(home + "map?station=430681-0004")
    page.wait_for_selector("html[data-map-ready=yes]")
    page.wait_for_selector(".station-popup")
    page.goto(home + "map?lang=en")
    page.wait_for_selector("html[data-map-ready=yes]")
    assert page.get_attribute("html", "lang") == "en"
    for path in ("communities", "report/430681-0004", "rate/430681-0004"):
        page.goto(home + path + "?lang=zh")
        assert page.text_content("h1") == "没有网络"
        assert page.get_attribute("main .button", "href") == "/"
    page.troubles[:] = [text for text in page.troubles if "ERR_INTERNET_DISCONNECTED" not in text]


def test_shell_without_stations_says_so_and_stays(phone):
    page = phone("/", service_workers="block")
    page.route("**/api/v1/snapshot", lambda route: route.abort())
    page.goto(page.home + "shell?lang=zh")
    page.wait_for_selector("#nearby-status:has-text('有网络时')")
    assert "/shell" in page.url
    page.troubles[:] = [text for text in page.troubles if "ERR_FAILED" not in text]


def test_server_searches_where_the_phone_cannot(phone):
    page = phone("/", service_workers="block")
    page.route("**/station-worker.js", lambda route: route.abort())
    page.reload()
    page.fill("#q", "gy")
    page.press("#q", "Enter")
    page.wait_for_url("**/?*q=gy*")
    page.wait_for_selector("#list .card[data-id='430681-0001']")
    page.troubles[:] = [text for text in page.troubles if "ERR_FAILED" not in text]


def test_hand_off_is_the_same_on_the_phone(phone):
    page = phone("/")
    places = [[113.0742, 28.8069], [116.4, 39.9], [121.47, 31.23], [2.35, 48.85], [87.6, 43.8]]
    script = """async (places) => {
      const { navigationLinks } = await import(document.querySelector("script[type=module]").src.replace("finder", "navigation"));
      return places.map(([lon, lat]) => Object.fromEntries(navigationLinks(lon, lat, "甲, 乙 (1)")));
    }"""
    for (lon, lat), links in zip(places, page.evaluate(script, places), strict=True):
        expected = navigation_links(lon, lat, "甲, 乙 (1)")
        assert links.keys() == expected.keys()
        for app, link in links.items():
            assert _parts(link) == _parts(expected[app])


def _parts(link: str):
    if link.startswith("geo:"):
        return unquote(link)
    parts = urlsplit(link)
    return parts.netloc, parts.path, parse_qs(parts.query)


def test_station_is_shared_by_a_link(phone):
    page = phone("/stations/430681-0004", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("delete Navigator.prototype.share")
    page.click("#share")
    page.wait_for_selector("#share-status:has-text('已复制')")
    assert page.evaluate("navigator.clipboard.readText()").endswith("/stations/430681-0004")


def test_hostile_texts_are_shown_as_they_are(phone):
    page = phone("/", **LOCATED)
    assert page.locator("#list h3", has_text="<img src=x").count() == 1
    found_here(page)
    assert page.text_content("#list .card h3") == HOSTILE
    page.fill("#q", "<img src=x")
    told(page, "<img src=x")
    page = phone("/stations/hostile")
    assert page.text_content("h1") == HOSTILE
    page.click(".handoff summary")
    assert HOSTILE in page.text_content(".station")


@pytest.mark.skipif(not PICTURES, reason="pictures are taken by: make screenshots")
def test_screenshot(phone):
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    page = phone("/", **LOCATED, device_scale_factor=2, reduced_motion="reduce", service_workers="block")
    # Noon of yesterday: the first of the days of which the hours are told.
    noon = datetime.now(ZoneInfo("Asia/Shanghai")).replace(hour=12, minute=10) - timedelta(days=1)
    page.evaluate(f"Date.now = () => {int(noon.timestamp() * 1000)}")
    found_here(page)
    page.evaluate("document.querySelector('[data-id=hostile]').remove()")
    page.evaluate("document.querySelector('#results').scrollIntoView()")
    page.wait_for_timeout(300)
    page.screenshot(path=folder / "finder.png")
