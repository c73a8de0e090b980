"""The editor of scenarios in a real browser: a click, a drag, a hostile name, and the keyboard alone."""

from datetime import UTC, datetime

import pytest
from phones import HOSTILE
from test_access import violations
from test_planner import READY

from locator.store import open_store

ADDRESS = "/planner/scenarios/drawn?lang=en"


@pytest.fixture
def drawn(app, database):
    """Let scenarios be changed, and return a function that tells the edits of an empty one."""
    app.config["EDIT_SCENARIOS"] = 1
    with open_store(str(database)) as store:
        store.put_scenario("drawn", [], revision=store.revision, at=datetime.now(UTC))

    def edits():
        with open_store(str(database)) as store:
            return [dict(one) for one in store.scenario("drawn").edits]

    yield edits
    app.config["EDIT_SCENARIOS"] = 0
    with open_store(str(database)) as store:
        store.remove_scenario("drawn")


def opened(phone):
    page = phone(ADDRESS, locale="en-GB", viewport={"width": 1200, "height": 900})
    page.wait_for_selector(READY)
    return page


def test_station_is_opened_by_a_click_and_moved_by_a_drag(phone, drawn):
    page = opened(phone)
    frame = page.locator("#scenario-map")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 60)
    assert page.evaluate("document.activeElement.id") == "open-name"
    page.fill("#open-name", "新站")
    page.fill("#open-hours", "24/7")
    page.keyboard.press("Enter")
    page.wait_for_selector(".scenario-station.is-open")
    (edit,) = drawn()
    assert (edit["kind"], edit["station"]["name"]) == ("open", "新站")

    page.wait_for_selector(READY)
    marker = page.locator(".scenario-station.is-open")
    marker.scroll_into_view_if_needed()
    spot = marker.bounding_box()
    page.mouse.move(spot["x"] + 8, spot["y"] + 8)
    page.mouse.down()
    page.mouse.move(spot["x"] + 128, spot["y"] + 88, steps=8)
    with page.expect_navigation():
        page.mouse.up()
    (moved,) = drawn()
    assert moved["station"]["geometry"]["coordinates"][0] > edit["station"]["geometry"]["coordinates"][0]
    assert moved["station"]["geometry"]["coordinates"][1] < edit["station"]["geometry"]["coordinates"][1]


def test_forms_do_without_the_map_and_names_stay_text(phone, drawn):
    page = opened(phone)
    page.select_option("#close-station", "hostile")
    page.focus("#form-close button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [(one["kind"], one["id"]) for one in drawn()] == [("close", "hostile")]
    assert HOSTILE in page.text_content(".scenario-edits")
    assert page.locator(".scenario-edits img, .scenario-edits script").count() == 0
    page.wait_for_selector(READY)
    page.locator(".scenario-station.is-close").dispatch_event("click")
    assert page.input_value("#hours-station") == "hostile"
    assert HOSTILE in page.text_content("#scenario-status")
    # Where a station stands is essential (WCAG 2.2, 2.5.8), and the forms do the same with targets large enough.
    wrong = [text for text in violations(page) if not ("target-size" in text and "leaflet-marker-icon" in text)]
    assert wrong == []


def test_what_lies_far_away_does_not_make_the_town_a_dot(phone, app, database):
    edit = {"kind": "open", "site": "", "station": {"id": "far", "name": "far",
            "geometry": {"type": "Point", "coordinates": [0, 0]}}}  # fmt: skip
    with open_store(str(database)) as store:
        store.put_scenario("wide", [edit], revision=store.revision, at=datetime.now(UTC))
    page = phone("/planner/scenarios/wide?lang=en", locale="en-GB", viewport={"width": 1200, "height": 900})
    page.wait_for_selector(READY)
    spots = [one.bounding_box() for one in page.locator(".scenario-station:not(.is-open)").all()]
    assert max(one["x"] for one in spots) - min(one["x"] for one in spots) > 100
