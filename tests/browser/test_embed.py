"""The map inside two foreign pages: a plain one, and one with a strict policy of its own."""

from __future__ import annotations

import html
import re
from contextlib import contextmanager

import pytest
from phones import HERE, HOSTILE, serving
from werkzeug.wrappers import Request, Response

READY = "html[data-map-ready=yes]"
STRICT = "default-src 'none'; script-src {server} 'nonce-n'; frame-src {server}; img-src data:"
EVENTS = """
<script nonce="n">
  window.told = [];
  for (const name of ["ready", "select", "search", "resize", "error"]) {
    document.querySelector("station-map")?.addEventListener(name, ({ detail }) => told.push([name, detail]));
  }
</script>
"""


@contextmanager
def foreign(body: str, policy: str = ""):
    """Serve a page of another site: another host and port than the map's."""

    @Request.application
    def app(_request):
        page = f"<!doctype html><html lang=zh><meta charset=utf-8><link rel=icon href='data:,'><title>别站</title>{body}"
        headers = {"Content-Security-Policy": policy} if policy else {}
        return Response(page, mimetype="text/html", headers=headers)

    with serving(app, host="localhost") as address:
        yield address


@pytest.fixture
def visit(phone, server):
    """Return a function that opens a foreign page around a body, with a policy or without one."""
    sites = []

    def opened(body: str, *, policy: str = "", **options):
        site = foreign(body + EVENTS, policy.format(server=server))
        sites.append(site)
        address = site.__enter__()
        page = phone(address, allowed=address, **options)
        page.site = address
        return page

    yield opened
    for site in sites:
        site.__exit__(None, None, None)


def element(server: str, attributes: str = "") -> str:
    return (
        f'<script async src="{server}/embed/v1/station-map.js"></script>'
        f"<station-map {attributes}><ul id=fallback><li>列表</li></ul></station-map>"
    )


def frame_of(page):
    page.wait_for_selector("iframe")
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_selector(READY)
    return frame


def told(page, name: str) -> list[dict]:
    return [detail for event, detail in page.evaluate("told") if event == name]


def wait_for(page, name: str) -> dict:
    for _ in range(100):
        if found := told(page, name):
            return found[-1]
        page.wait_for_timeout(100)
    raise AssertionError(f"never told: {name}; {page.evaluate('told')}")


@pytest.mark.parametrize("policy", ["", STRICT])
def test_element_in_a_foreign_page(visit, server, policy):
    page = visit(element(server, 'lang="zh" limit="3"'), policy=policy)
    frame = frame_of(page)
    assert wait_for(page, "ready")["stations"] > 20
    height = wait_for(page, "resize")["height"]
    box = page.query_selector("iframe").bounding_box()
    assert box["height"] == pytest.approx(height, abs=1)
    assert 300 < height < 1500
    assert frame.locator("#embed-list li").count() == 3
    assert page.is_hidden("#fallback")
    page.evaluate("document.querySelector('station-map').select('hostile')")
    assert wait_for(page, "select")["name"] == HOSTILE
    assert frame.text_content(".station-popup h2") == HOSTILE
    assert frame.get_attribute(".station-popup a", "target") == "_blank"


@pytest.mark.parametrize("policy", ["", STRICT])
def test_code_of_the_builder_works_in_a_foreign_page(visit, phone, server, policy):
    builder = phone("/embed?list=only&limit=4&map_lang=en")
    code = builder.input_value("#code-iframe")
    script = f'<script async src="{server}/embed/v1/station-map.js"></script>'
    page = visit(code + script, policy=policy, viewport={"width": 280, "height": 600})
    frame = page.query_selector("iframe").content_frame()
    frame.wait_for_selector("#embed-list li")
    for _ in range(50):
        height = page.query_selector("iframe").bounding_box()["height"]
        if height != 480:
            break
        page.wait_for_timeout(100)
    assert height == pytest.approx(frame.evaluate("document.body.getBoundingClientRect().height"), abs=1)
    assert frame.get_attribute("html", "lang") == "en"
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_frame_of_oembed_keeps_the_size_that_was_asked_for(visit, server, app):
    asked = {"url": f"{server}/map?lang=en", "maxwidth": "280", "maxheight": "200"}
    code = app.test_client().get("/oembed", query_string=asked, base_url=server).json["html"]
    page = visit(f'<script async src="{server}/embed/v1/station-map.js"></script><div id=room>{code}</div>')
    frame = frame_of(page)
    page.wait_for_timeout(500)
    assert page.query_selector("iframe").bounding_box() | {"x": 0, "y": 0} == {
        "x": 0,
        "y": 0,
        "width": 280,
        "height": 200,
    }
    # So low as it is, both are within reach: the map, and by scrolling the whole list.
    assert frame.query_selector(".embed-map").bounding_box()["height"] >= 120
    assert frame.is_hidden(".map-legend")
    frame.locator("#embed-list li").last.scroll_into_view_if_needed()
    assert frame.evaluate("document.scrollingElement.scrollTop") > 500


@pytest.mark.parametrize("code", ["430681-0003", "nowhere"])
def test_station_that_the_map_does_not_show_is_an_error(visit, server, code):
    page = visit(element(server, 'lang="en" h24="true"'))
    frame_of(page)
    wait_for(page, "ready")
    page.evaluate("code => document.querySelector('station-map').select(code)", code)
    message = wait_for(page, "error")["message"]
    assert code in message
    assert "filter" in message
    # It is no reason to take the map away.
    assert page.is_visible("station-map iframe")
    assert page.is_hidden("#fallback")
    assert told(page, "select") == []


def test_list_inside_is_shown_where_the_page_forbids_frames(visit, server):
    page = visit(element(server), policy=STRICT.replace("frame-src {server}", "frame-src 'none'"))
    assert "frame-src" in wait_for(page, "error")["message"]
    assert page.is_visible("#fallback")
    page.troubles[:] = [text for text in page.troubles if "frame-src" not in text]


def test_hostile_name_in_the_code_of_the_builder_is_text_in_the_foreign_page(visit, phone):
    code = phone(f"/embed?near={HERE['longitude']},{HERE['latitude']}").input_value("#code-component")
    page = visit(code, java_script_enabled=False)
    assert HOSTILE in page.locator("station-map li").all_text_contents()
    page = visit(code)
    frame_of(page)
    wait_for(page, "ready")
    assert page.locator("station-map img, station-map script").count() == 0


def test_list_inside_is_there_without_javascript(visit, server):
    page = visit(element(server), java_script_enabled=False)
    assert page.is_visible("#fallback")


def test_frame_has_its_list_without_javascript(phone):
    page = phone("/embed/v1/map?limit=100", java_script_enabled=False, viewport={"width": 280, "height": 500})
    assert page.locator("#embed-list li").count() > 20
    assert page.locator("#embed-list .state", has_text=re.compile("营业中|已关门|自助|未知|即将关门")).count() > 20
    assert page.is_hidden("#embed-locate")


def test_nobody_else_sets_the_height_or_gives_orders(visit, server):
    page = visit(element(server, 'limit="3"'))
    frame = frame_of(page)
    height = wait_for(page, "resize")["height"]
    forged = "postMessage({ type: 'station-map', name: 'resize', detail: { height: 3333 } }, '*')"
    page.evaluate(forged)
    # Another frame of the page is not the one that was asked, whoever it belongs to.
    page.evaluate(
        """() => { const other = document.createElement("iframe");
        other.srcdoc = ""; document.body.append(other); other.contentWindow.parent.postMessage(
          { type: "station-map", name: "resize", detail: { height: 3333 } }, "*"); }"""
    )
    # What the frame itself says in its own window is no order of the page around it.
    frame.evaluate("postMessage({ type: 'station-map', name: 'select', detail: { id: 'hostile' } }, '*')")
    page.wait_for_timeout(400)
    assert page.query_selector("station-map iframe").bounding_box()["height"] == pytest.approx(height, abs=1)
    assert told(page, "select") == []
    frame.evaluate("parent.postMessage({ type: 'station-map', name: 'resize', detail: { height: 1e9 } }, '*')")
    frame.evaluate("parent.postMessage({ type: 'station-map', name: 'resize', detail: { height: 'x' } }, '*')")
    page.wait_for_timeout(400)
    assert page.query_selector("station-map iframe").bounding_box()["height"] == pytest.approx(4000, abs=1)


def test_position_is_used_in_the_frame_and_told_to_nobody(visit, server, heard):
    before = len(heard)  # of the tests before this one
    page = visit(element(server, 'limit="5"'), geolocation=HERE, permissions=["geolocation"])
    frame = frame_of(page)
    wait_for(page, "ready")
    frame.click("#embed-locate")
    frame.wait_for_selector("#embed-list strong")
    assert frame.get_attribute("#embed-list li", "data-id") == "hostile"
    assert frame.locator(".place-you").count() == 1
    assert set(wait_for(page, "search")) == {"by", "found"}
    assert "113.07" not in str(page.evaluate("told"))
    assert [one for one in heard[before:] if "113.0742" in one or "28.8069" in one] == []


def test_search_in_the_frame(visit, server):
    page = visit(element(server))
    frame = frame_of(page)
    wait_for(page, "ready")
    frame.fill("#embed-q", "归义")
    frame.press("#embed-q", "Enter")
    assert wait_for(page, "search") == {"by": "text", "found": frame.locator("#embed-list li").count()}
    assert "归义" in frame.text_content("#embed-list li a")


def test_frame_keeps_nothing(visit, phone, server):
    page = visit(element(server, 'lang="en"'))
    frame_of(page)
    wait_for(page, "ready")
    assert page.context.cookies() == []
    # In another site's page the browser itself forbids it; on its own the map has every chance to, and does not.
    page = phone("/embed/v1/map?lang=en")
    page.wait_for_selector(READY)
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


@pytest.mark.parametrize("path", ["/", "/map", "/embed"])
def test_other_pages_are_shown_in_no_frame(visit, server, path):
    page = visit(f'<iframe src="{server}{path}"></iframe>')
    page.wait_for_timeout(500)
    frame = page.query_selector("iframe").content_frame()
    assert frame.query_selector(".brand") is None
    assert frame.url.startswith("chrome-error:")
    assert page.troubles
    page.troubles.clear()


def test_error_is_said_in_the_frame_and_to_the_page(visit, server):
    page = visit(element(server, 'zoom="99"'))
    assert "zoom" in wait_for(page, "error")["message"]
    frame = page.query_selector("iframe").content_frame()
    assert "zoom" in frame.text_content(".embed-problem")
    page.troubles[:] = [text for text in page.troubles if "400" not in text]


def test_preview_has_three_widths_and_follows_what_is_chosen(phone):
    page = phone("/embed", viewport={"width": 1440, "height": 900})
    widths = []
    for number in (1, 2, 3):
        page.check(f".width-{number}", force=True)
        widths.append(page.query_selector(".preview iframe").bounding_box()["width"])
    assert widths == [280, 360, 640]
    page.check("input[name=h24]", force=True)
    for _ in range(50):
        if "h24=true" in page.input_value("#code-address"):
            break
        page.wait_for_timeout(100)
    assert "h24=true" in page.input_value("#code-address")
    assert "h24=true" in html.unescape(page.get_attribute(".preview iframe", "src"))
    assert page.is_checked(".width-3")
    assert "h24=true" in page.url


def test_preview_is_what_a_page_of_that_width_would_show(phone):
    page = phone("/embed", viewport={"width": 1440, "height": 900})
    for number in (3, 1):
        page.check(f".width-{number}", force=True)
        page.wait_for_timeout(200)
        frame = page.query_selector(".preview iframe").content_frame()
        frame.wait_for_selector(READY)
    outside = frame.evaluate(
        """() => [...document.querySelectorAll(".station-marker")].map((one) => one.getBoundingClientRect())
             .filter(({ left, right }) => left < 0 || right > innerWidth).length"""
    )
    assert frame.evaluate("innerWidth") in (278, 280)
    assert outside == 0


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
def test_what_is_chosen_in_the_builder_can_be_read(phone, width):
    page = phone("/embed?lang=en", viewport={"width": width, "height": 900})
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".builder-form select")].flatMap((select) => {
             const style = getComputedStyle(select), canvas = document.createElement("canvas").getContext("2d");
             canvas.font = style.font;
             const arrow = 20, room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrow;
             return [...select.options].filter(({ text }) => canvas.measureText(text).width > room).map(({ text }) => text);
           })"""
    )
    assert cut == []


@pytest.mark.parametrize(
    ("width", "lang"), [(280, "zh"), (280, "en"), (360, "zh"), (360, "en"), (768, "zh"), (768, "en")]
)
def test_hint_in_the_search_of_the_frame_is_not_cut(phone, width, lang):
    page = phone(f"/embed/v1/map?list=only&lang={lang}", viewport={"width": width, "height": 600})
    fits = page.evaluate(
        """() => {
             const input = document.getElementById("embed-q"), style = getComputedStyle(input);
             const canvas = document.createElement("canvas").getContext("2d");
             canvas.font = style.font;
             const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
             return [canvas.measureText(input.placeholder).width, room];
           }"""
    )
    assert fits[0] <= fits[1]


def test_datum_of_the_page_is_that_of_the_server(phone):
    from locator.datum import Datum, convert

    page = phone("/embed")
    script = "([lon, lat]) => import(document.querySelector('script[type=module]').src.replace('embed-builder', 'datum')).then((m) => m.toGcj02(lon, lat))"
    for place in ((113.0742, 28.8069), (116.4, 39.9), (2.35, 48.85)):
        assert page.evaluate(script, place) == pytest.approx(convert(*place, Datum.WGS84, Datum.GCJ02), abs=1e-9)
