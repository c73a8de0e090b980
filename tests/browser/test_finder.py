"""The finder in a real browser: one tap, no position sent, no JavaScript needed."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from phones import HERE, HOSTILE

from locator.nearest import nearest
from locator.query import Query

LOCATED = {"geolocation": HERE, "permissions": ["geolocation"]}
PICTURES = os.environ.get("LOCATOR_SCREENSHOTS")


def cards(page) -> list[dict]:
    page.wait_for_selector("#nearest-list .card")
    return page.eval_on_selector_all("#nearest-list .card", "all => all.map(c => ({...c.dataset}))")


def found_here(page) -> list[dict]:
    page.click("#locate")
    return cards(page)


def tick(page, box):
    # By the keyboard: where the page scrolls to its list, a click may miss.
    page.press(box, "Space")
    assert page.is_checked(box)


def test_one_tap_lists_the_nearest(phone):
    listed = found_here(phone("/", **LOCATED))
    ranks = [{"closed": 2, "unknown": 1}.get(card["state"], 0) for card in listed]
    assert ranks == sorted(ranks)
    assert listed[0]["id"] == "hostile"


def test_position_never_leaves_the_phone(phone):
    page = phone("/", **LOCATED)
    found_here(page)
    tick(page, "#show-closed")
    tick(page, "input[value=toilet]")
    cards(page)
    for request in page.requests:
        said = unquote(request.url) + str(request.post_data) + json.dumps(request.all_headers())
        assert not re.search(r"113\.0|28\.8", said)


@pytest.mark.parametrize("place", [(113.0742, 28.8069), (113.05, 28.82), (113.0935, 28.8102), (113.2, 28.9)])
def test_phone_and_server_agree(phone, app, place):
    lon, lat = place
    page = phone("/", geolocation={"longitude": lon, "latitude": lat}, permissions=["geolocation"])
    listed = found_here(page)
    snapshot = app.extensions["locator"].snapshot()
    matches = nearest(snapshot, Query(lon=lon, lat=lat, at=datetime.now(UTC), limit=20))
    assert [card["id"] for card in listed] == [match.station.id for match in matches]
    for card, match in zip(listed, matches, strict=True):
        assert abs(float(card["metres"]) - match.distance_m) < 1 + match.distance_m / 10_000
        assert card["state"] == match.state


def test_polygon_counts_from_its_boundary_and_inside_as_nothing(phone, app):
    snapshot = app.extensions["locator"].snapshot()
    (yard,) = [s for s in snapshot.stations if s.geometry.geom_type == "Polygon"]
    inside = yard.geometry.representative_point()
    page = phone("/", geolocation={"longitude": inside.x, "latitude": inside.y}, permissions=["geolocation"])
    found_here(page)
    tick(page, "#show-closed")
    listed = {card["id"]: float(card["metres"]) for card in cards(page)}
    assert listed[yard.id] == 0


def test_states_of_the_phone_are_those_of_the_server_at_any_time(phone, app, server):
    page = phone("/")
    snapshot = app.extensions["locator"].snapshot()
    now = int(datetime.now(UTC).timestamp() // 60)
    script = """async ([address, minutes]) => {
      const { stateAt } = await import("/static/js/state.js");
      const { stations } = await (await fetch(address)).json();
      return stations.map(s => [s.id, minutes.map(m => stateAt(s.hours, m).state)]);
    }"""
    minutes = [now + step for step in range(0, 6 * 24 * 60, 7 * 60 + 13)]
    rows = {station.id: row for row, station in enumerate(snapshot.stations)}
    for code, states in page.evaluate(script, ["/finder/stations.json", minutes]):
        moments = [datetime.fromtimestamp(minute * 60, UTC) for minute in minutes]
        assert states == [str(snapshot.outlook(rows[code], moment).state) for moment in moments], code


def test_denied_position_leaves_the_list(phone):
    page = phone("/", permissions=[])
    page.click("#locate")
    page.wait_for_selector("#nearby-status:has-text('无法获得位置')")
    assert page.is_hidden("#nearest")
    assert page.locator("#all .card").count() > 20


def test_filters_stand_in_the_url_and_hold_for_both_lists(phone):
    page = phone("/", **LOCATED)
    found_here(page)
    tick(page, "input[value=microwave]")
    assert "needs=microwave" in page.url
    assert {card["id"] for card in cards(page)} <= set(
        page.evaluate(
            "fetch('/finder/stations.json').then(r => r.json()).then(d => d.stations.filter(s => s.has.includes('microwave')).map(s => s.id))"
        )
    )


def test_list_needs_no_javascript(phone):
    page = phone("/", java_script_enabled=False)
    assert page.is_hidden("#nearby")
    page.fill("#q", "gy")
    page.click("button[type=submit]")
    assert "归义" in page.text_content("#all .card h3")
    tick(page, "input[value=toilet]")
    page.click("button[type=submit]")
    assert "needs=toilet" in page.url


def test_hostile_texts_are_shown_as_they_are(phone):
    page = phone("/", **LOCATED)
    found_here(page)
    assert page.text_content("#nearest-list .card h3") == HOSTILE
    assert page.locator("#all h3", has_text="<img src=x").count() == 1
    page = phone("/stations/hostile")
    assert page.text_content("h1") == HOSTILE


@pytest.mark.parametrize("path", ["/", "/stations/430681-0004", "/?lang=en", "/map"])
def test_pages_fit_a_narrow_phone_with_large_text(phone, path):
    page = phone(path, viewport={"width": 320, "height": 640})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


@pytest.mark.skipif(not PICTURES, reason="pictures are taken by: make screenshots")
def test_screenshot(phone):
    folder = Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    page = phone("/", **LOCATED, device_scale_factor=2, reduced_motion="reduce")
    page.evaluate("Date.now = () => new Date('2026-11-24T12:10:00+08:00').getTime()")
    found_here(page)
    page.evaluate("document.querySelector('[data-id=hostile]').remove()")
    page.evaluate("document.querySelector('.chips').scrollIntoView()")
    page.wait_for_timeout(300)
    page.screenshot(path=folder / "finder.png")
