"""The map of each measure as a file in a real browser: what it shows, what one reads of it, no error, no overflow."""

import pytest
from click.testing import CliRunner

from locator.cli import cli
from locator.translation import translator

READY = "html[data-map-ready=yes]"
LEGENDS = {
    "backup": ["three or more stations within reach", "nobody's only station"],
    "equity": ["median way "],
    "capacity": ["no place within reach", "capacity known"],
    "spacing": ["main street over 1000 m without a station", "stations nearer than 500 m to each other"],
    "heat": ["within 15 min", "station, usable"],
    "facilities": ["within 15 min", "station, usable"],
}


@pytest.fixture(scope="module")
def files(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    for measure in LEGENDS:
        asked = ["coverage", measure, "--database", str(database), "--on", "2026-11-20", "--lang", "en"]
        found = CliRunner().invoke(cli, [*asked, "-o", str(folder / f"{measure}.html")], obj=translator("en"))
        assert found.exit_code == 0, found.output
    return folder


def opened(phone, files, measure, **options):
    page = phone((files / f"{measure}.html").as_uri(), locale="en-GB", **options)
    page.wait_for_selector(READY)
    return page


@pytest.mark.parametrize("measure", LEGENDS)
def test_each_measure_has_a_map_of_its_own(phone, files, measure):
    page = opened(phone, files, measure, viewport={"width": 1440, "height": 900})
    legend = page.text_content(".map-legend")
    assert all(text in legend for text in LEGENDS[measure])
    slides = measure in ("heat", "facilities")
    assert page.locator("#map-hour").count() == slides
    assert page.locator(".map-reset").count() == 0
    assert page.locator(".map-status" if slides else ".map-headline").text_content()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_belongs_to_a_measure_is_said_where_one_points(phone, files):
    page = opened(phone, files, "spacing", viewport={"width": 1440, "height": 900})
    page.locator(".leaflet-coverage-pairs-pane path").first.dispatch_event("click")
    assert page.text_content(".station-popup p").startswith("way ")
    page = opened(phone, files, "equity", viewport={"width": 1440, "height": 900})
    page.locator(".leaflet-coverage-areas-pane path").first.dispatch_event("click")
    assert "the worst served first" in page.text_content(".station-popup")


def test_heat_slides_through_days(phone, files):
    page = opened(phone, files, "heat", viewport={"width": 1440, "height": 900})
    status = page.locator(".map-status")
    assert status.text_content().startswith("Sunday, 12 to 15 h")
    page.focus("#map-hour")
    page.keyboard.press("Home")
    assert status.text_content().startswith("Monday, 12 to 15 h")
