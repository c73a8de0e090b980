"""The report on a scenario on a phone: its pictures can be read, and the page does not overflow."""

from test_report_case import made

from locator.report.case_document import case_page
from locator.translation import translator

SIZES = """
() => [...document.querySelectorAll(".picture text")].map((one) => {
  const svg = one.ownerSVGElement;
  return Number(one.getAttribute("font-size")) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
})
"""


def test_pictures_are_read_on_a_phone_and_the_page_does_not_overflow(phone, tmp_path):
    file = tmp_path / "case.html"
    file.write_text(case_page(made(), translator("zh")), encoding="utf-8")
    page = phone(file.as_uri(), viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert min(page.evaluate(SIZES)) >= 9.5
    frames = page.locator(".picture-frame")
    assert frames.count() == 5
    # What is wider than its frame is reached by scrolling within it, by the keyboard too.
    assert frames.first.evaluate("one => one.scrollWidth > one.clientWidth")
    assert frames.first.get_attribute("tabindex") == "0"
