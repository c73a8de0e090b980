"""Maps in a real browser: hostile names do nothing, nothing foreign is asked, markers can be reached."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from phones import HOSTILE

from locator.maps.base import standalone
from locator.maps.stations import station_map
from locator.translation import translator

READY = "html[data-map-ready=yes]"  # a script to wait for would need eval, which our pages forbid
PICTURES = os.environ.get("LOCATOR_SCREENSHOTS")


def test_map_page_shows_every_station(phone, app):
    page = phone("/map")
    page.wait_for_selector(READY)
    snapshot = app.extensions["locator"].snapshot()
    points = [s for s in snapshot.stations if s.geometry.geom_type == "Point" and s.status != "closed"]
    assert page.locator(".station-marker").count() == len(points)
    assert page.title().startswith("驿站地图")
    assert page.get_attribute("html", "lang") == "zh"
    assert page.locator(".map-legend .state").count() == 5


def test_hostile_name_in_popup_is_text(phone):
    page = phone("/map?station=hostile")
    page.wait_for_selector(READY)
    page.wait_for_selector(".station-popup h2")
    assert page.text_content(".station-popup h2") == HOSTILE
    assert page.locator(".station-popup img, .station-popup script").count() == 0


def test_popup_leads_to_the_station(phone):
    page = phone("/map?station=430681-0004")
    # By the keyboard: the popup may still be on its way into the picture, where a click would miss it.
    page.press(".station-popup a", "Enter")
    page.wait_for_url("**/stations/430681-0004")


def test_markers_are_reached_by_keyboard_and_have_names(phone):
    page = phone("/map")
    page.wait_for_selector(READY)
    marker = page.locator(".station-marker").first
    assert marker.get_attribute("tabindex") == "0"
    assert marker.get_attribute("title")


def test_file_works_from_a_disk(phone, app, tmp_path):
    snapshot = app.extensions["locator"].snapshot()
    file = tmp_path / "map.html"
    drawn = station_map(snapshot, datetime.now(UTC), translator("en"), focus="hostile")
    file.write_text(standalone(drawn, "en"), encoding="utf-8")
    page = phone(file.as_uri())
    page.wait_for_selector(READY)
    assert page.text_content(".station-popup h2") == HOSTILE
    assert [request.url for request in page.requests if not request.url.startswith("data:")] == [file.as_uri()]


@pytest.mark.skipif(not PICTURES, reason="pictures are taken by: make screenshots")
def test_screenshot(phone):
    page = phone("/map", device_scale_factor=2)
    page.wait_for_selector(READY)
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    page.screenshot(path=Path(PICTURES) / "map.png")
