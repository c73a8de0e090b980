"""The planner's page in a real browser: an hour of the week on the map, a sorted table, files, hostile names."""

import json

import pytest
from phones import HOSTILE
from test_access import violations

READY = "html[data-map-ready=yes]"
ASKED = "/planner?on=2026-11-25&lang=en"


def opened(phone, address=ASKED, **options):
    page = phone(address, **options)
    page.wait_for_selector(READY, timeout=90_000)
    return page


def test_planner_slides_through_the_week_and_takes_a_table_home(phone):
    page = opened(phone)
    assert page.locator(".figures li").count() == 5
    status = page.locator(".map-status")
    assert "whatever the hours" in status.text_content()
    whole_day = status.text_content()
    page.locator(".heat-map tbody tr").nth(2).locator("td").nth(2).click()
    assert status.text_content().startswith("Wednesday 02:00: ")
    page.focus("#map-hour")
    page.keyboard.press("ArrowRight")
    assert status.text_content().startswith("Wednesday 03:00: ")
    assert page.get_attribute("#map-hour", "aria-valuetext") == "Wednesday 03:00"
    page.click(".map-reset")
    assert status.text_content() == whole_day

    table = page.locator("#audit ~ .grid table").nth(1)
    head = table.locator("thead th", has_text="Share")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    column = [text.rstrip("%") for text in table.locator("tbody tr td:nth-child(4)").all_text_contents()]
    numbers = [float(text) for text in column if text != "–"]
    assert numbers == sorted(numbers)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"

    with page.expect_download() as download:
        page.click("a[aria-label='Areas: CSV (ZIP)']")
    assert download.value.suggested_filename == "coverage-audit-areas-2026-11-25.zip"


def test_hostile_station_is_text_on_the_map_of_coverage(phone):
    page = opened(phone, locale="en-GB", viewport={"width": 1200, "height": 900})
    row = json.loads(page.text_content("#map-data"))["stations"]["names"].index(HOSTILE)
    page.locator(".leaflet-coverage-stations-pane path").nth(row).dispatch_event("click")
    page.wait_for_selector(".station-popup h2")
    assert page.text_content(".station-popup h2") == HOSTILE
    assert page.locator(".station-popup img, .station-popup script").count() == 0


def test_service_areas_are_shown_by_band_with_the_streets_reached(phone):
    page = opened(phone, locale="en-GB", viewport={"width": 1200, "height": 900})
    reach = json.loads(page.text_content("#map-data"))["reach"]
    page.hover(".leaflet-control-layers")
    page.get_by_role("checkbox", name="Service areas along the streets").check()
    paths = page.locator(".leaflet-coverage-reach-pane path")
    assert paths.count() == len(reach["bands"]) == 3
    # The nearest lies on the others, and is what one points at.
    nearest = page.evaluate("coverageMap.reach.style({ properties: { row: 0 } }).fillColor")
    assert paths.last.get_attribute("fill") == nearest
    paths.last.dispatch_event("click")
    said = page.text_content(".station-popup")
    assert said.startswith("within 5 min")
    km = float(f"{reach['streets'][0] / 1000:.3g}")
    assert f"{km:g} km of streets" in said
    legend = page.text_content(".map-legend")
    assert "km of streets" in legend
    assert "true to 5 m" in legend


def test_file_on_a_base_map_shows_the_whole_town_when_it_opens(phone, app, tmp_path):
    """A base map that lacks the level with which a map begins led to the middle of the Atlantic."""
    address = "/planner/map.html" + ASKED.partition("/planner")[2]
    opened(phone)  # until the findings are there
    app.config["BASE_MAP"] = "amap"
    try:
        file = app.test_client().get(address).data
    finally:
        app.config["BASE_MAP"] = "none"
    (tmp_path / "map.html").write_bytes(file)
    page = phone(
        (tmp_path / "map.html").as_uri(),
        allowed="https://webrd0",
        prepare=lambda context: context.route("https://webrd0*/**", lambda route: route.fulfill(body=b"")),
        viewport={"width": 1200, "height": 900},
    )
    page.wait_for_selector(READY)
    frame = page.locator(".leaflet-container").bounding_box()
    boxes = [one.bounding_box() for one in page.locator(".leaflet-coverage-areas-pane path").all()]
    assert len(boxes) == 22
    west, east = min(box["x"] for box in boxes), max(box["x"] + box["width"] for box in boxes)
    north, south = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    assert frame["x"] <= west < east <= frame["x"] + frame["width"]
    assert frame["y"] <= north < south <= frame["y"] + frame["height"]
    assert south - north > 0.8 * frame["height"]


def test_map_in_a_file_says_what_it_shows_and_leaves_a_phone_its_map(phone, app, tmp_path):
    opened(phone)  # until the findings are there
    file = app.test_client().get("/planner/map.html" + ASKED.partition("/planner")[2]).data
    (tmp_path / "map.html").write_bytes(file)
    page = phone((tmp_path / "map.html").as_uri(), viewport={"width": 390, "height": 844})
    page.wait_for_selector(READY)
    question = page.locator(".map-question")
    assert question.text_content().startswith(
        "Who has a station within 15 min (1,080 m along the streets), on foot"
    )
    assert "are of all 107,000 residents" in question.text_content()
    assert page.locator(".map-status").text_content().endswith("of 107,000 residents within 15 min")
    assert page.locator(".leaflet-container").bounding_box()["height"] > 400
    assert not page.locator(".map-method dl").first.is_visible()
    page.locator(".map-method > summary").click()
    assert page.locator(".map-method dt", has_text="Definition").first.is_visible()
    assert page.locator(".leaflet-container").bounding_box()["height"] > 150
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []


def test_page_fits_a_narrow_phone(phone):
    page = opened(phone, viewport={"width": 360, "height": 740})
    box = page.locator("main").bounding_box()
    assert box["width"] <= 360
    assert page.locator("footer").bounding_box()["width"] <= 360
    page.locator("summary", has_text="What is studied").click()
    assert page.locator("#within").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_and_report_have_no_violation(phone, scheme):
    page = opened(phone, color_scheme=scheme)
    for closed in page.query_selector_all("main details:not([open])"):
        closed.evaluate("one => { one.open = true; }")
    assert violations(page) == []
    assert violations(phone(ASKED.replace("/planner", "/planner/report"), color_scheme=scheme)) == []


def test_page_of_a_job_has_no_violation_and_is_stopped(phone):
    page = phone("/planner?on=2026-11-25&within=700m&lang=en")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Begin again").wait_for()
    assert "It was stopped." in page.text_content("main")
    assert violations(page) == []
