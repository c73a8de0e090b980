"""The map of a difference in a real browser: numbered marks, a legend that names both sides, hostile names."""

import paper_town as town
from phones import HOSTILE
from test_map import READY
from test_maps_difference import closing, edited, opening, page

from locator.coverage.supposing import supposed
from locator.maps.base import standalone


def test_changes_are_numbered_and_named_as_text(phone, tmp_path):
    present = town.study(network=None)
    drawn, _ = page(present, supposed(present, edited(present, "two", opening(HOSTILE), closing("B"))))
    file = tmp_path / "difference.html"
    file.write_text(standalone(drawn, "en"), encoding="utf-8")
    shown = phone(file.as_uri(), viewport={"width": 1200, "height": 900})
    shown.wait_for_selector(READY)
    assert shown.locator(".leaflet-marker-icon.change-mark").all_text_contents() == ["1", "2"]
    assert shown.locator(".map-side").all_text_contents() == ["Before: a", "After: b"]
    assert HOSTILE in shown.text_content(".map-legend ol li")
    shown.locator(".leaflet-marker-icon.change-mark.is-open").press("Enter")
    assert shown.text_content(".station-popup h2") == f"1 {HOSTILE}"
    assert shown.locator(".station-popup img, .map-legend img").count() == 0
    # A layer that is taken off is gone from the legend too.
    count = shown.locator(".map-legend .key-mark").count()
    shown.locator(".leaflet-control-layers-toggle").focus()
    shown.locator(".leaflet-control-layers label", has_text="gain a station within reach").locator(
        "input"
    ).dispatch_event("click")
    assert shown.locator(".map-legend .key-mark").count() == count - 1
