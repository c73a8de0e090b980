"""Every page for everybody: WCAG 2.2 AA by axe-core, large text, narrow phones, large targets, no jumps."""

import pytest
from phones import AXE, HERE, RULES

LOCATED = {"geolocation": HERE, "permissions": ["geolocation"]}
PAGES = {
    "finder": "/",
    "found": "/?q=gy",
    "empty": "/?needs=toilet&needs=battery_swap&h24=1",
    "nothing": "/?q=zzzz",
    "shell": "/shell",
    "station": "/stations/430681-0004",
    "no hours": "/stations/430681-0003",
    "hostile": "/stations/hostile",
    "report": "/report/430681-0004",
    "ticket": "/report/430681-0004/1",
    "thanks": "/rate/430681-0004/thanks",
    "communities": "/communities",
    "rate": "/rate/430681-0004",
    "poster": "/poster/430681-0004",
    "none": "/stations/none",
    "map": "/map",
    "embed": "/embed/v1/map?near=113.0742,28.8069",
    "embedded list": "/embed/v1/map?list=only",
    "builder": "/embed",
    "api": "/api/v1/docs",
    "ogc": "/ogc/",
    "items": "/ogc/collections/stations/items",
    "collections": "/ogc/collections?f=html",
    "collection": "/ogc/collections/stations",
    "item": "/ogc/collections/stations/items/430681-0004",
    "queryables": "/ogc/collections/stations/queryables",
    "ogc api": "/ogc/api",
    "conformance": "/ogc/conformance",
    "embedded map": "/embed/v1/map?list=no",
    "embed with list": "/embed/v1/map?list=yes&limit=3",
    "embed problem": "/embed/v1/map?zoom=99",
    "code": "/s/nope",
}
TABLES = ["ogc", "items", "collections", "item", "queryables", "builder"]


def violations(page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    # WCAG 2.5.8, "Essential": pins of a map stand where their places are, however close to each other. Their own
    # size is looked at below, and beside most maps is a list of the same stations.
    return [
        f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
        if not (one["id"] == "target-size" and "leaflet-marker-icon" in node["html"])
    ]


def gone_wrong_on_purpose(page):
    """Forget that a page which is not there was not: the browser says so by itself."""
    page.troubles[:] = [text for text in page.troubles if "404" not in text and "400" not in text]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_have_no_violation(phone, name, scheme):
    page = phone(PAGES[name], color_scheme=scheme, locale="zh-CN" if scheme == "light" else "en-GB")
    for closed in page.query_selector_all("details:not([open])"):
        closed.evaluate("one => { one.open = true; }")
    assert violations(page) == []
    gone_wrong_on_purpose(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lists_of_the_phone_have_no_violation(phone, scheme):
    page = phone("/", color_scheme=scheme, **LOCATED)
    page.click("#locate")
    page.wait_for_selector("#list [data-metres]")
    assert violations(page) == []
    page.fill("#q", "430681-0001")
    page.wait_for_selector("#list .handoff")
    assert violations(page) == []
    page.fill("#q", "zzzz")
    page.wait_for_selector("#list .empty")
    assert violations(page) == []


@pytest.mark.parametrize(
    "name",
    [
        "finder",
        "empty",
        "station",
        "ticket",
        "communities",
        "report",
        "rate",
        "map",
        "embed",
        "builder",
        "api",
        "items",
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 360])
def test_pages_fit_a_narrow_phone_with_large_text(phone, name, lang, width):
    if (name, width) == ("builder", 320):
        pytest.skip("the form of the builder asks for 360 px at twice the size")
    path = PAGES[name]
    page = phone(f"{path}{'&' if '?' in path else '?'}lang={lang}", viewport={"width": width, "height": 740})
    # Twice what the page itself has, which is more than 200 % of a browser's 16 px.
    page.evaluate(
        "document.documentElement.style.fontSize = `${2 * parseFloat(getComputedStyle(document.documentElement).fontSize)}px`"
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("size", "width"), [("a4", 360), ("a5", 360), ("a4", 390), ("a5", 390), ("a5", 1440)])
def test_poster_shows_all_of_itself(phone, size, width, lang):
    page = phone(f"/poster/430681-0004?size={size}&lang={lang}", viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = page.evaluate(
        """() => {
             const sheet = document.querySelector(".poster"), { left, right } = sheet.getBoundingClientRect();
             const parts = [...sheet.querySelectorAll("h1, h2, p, li, th, td .span span, svg")].map((one) => one.getBoundingClientRect());
             return {
               ratio: sheet.offsetHeight / sheet.offsetWidth,
               outside: parts.filter((part) => part.left < left || part.right > right + 1).length,
               cut: sheet.querySelector(".facts").scrollHeight - sheet.querySelector(".facts").clientHeight,
               broken: [...sheet.querySelectorAll("td .span")].filter((one) => one.getClientRects().length > 1
                 || one.offsetHeight > 1.9 * parseFloat(getComputedStyle(one).fontSize)).length,
             };
           }"""
    )
    assert found["ratio"] == pytest.approx(2**0.5, abs=0.01)
    assert (found["outside"], found["broken"]) == (0, 0)
    assert found["cut"] <= 1


@pytest.mark.parametrize("name", ["finder", "empty", "station", "report", "rate"])
def test_targets_are_as_large_as_a_finger(phone, name):
    page = phone(PAGES[name])
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
             .filter((one) => one.checkVisibility() && !one.closest(".skip"))
             .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
             .filter(([, box]) => Math.round(box.height) < 44 || Math.round(box.width) < 44)
             .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize(
    ("name", "lists"), [("api", "nav a, .button, summary"), *((name, "main a, summary") for name in TABLES)]
)
def test_links_that_stand_alone_are_as_large_as_a_finger(phone, name, lists):
    page = phone(PAGES[name])
    small = page.evaluate(
        """lists => [...document.querySelectorAll(lists)]
             .filter((one) => one.checkVisibility() && !one.closest("header, footer") && getComputedStyle(one).display !== "inline")
             .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
             .filter(([, box]) => Math.round(box.height) < 44)
             .map(([html, box]) => `${html} ${box.height}`)""",
        lists,
    )
    assert small == []


@pytest.mark.parametrize("name", ["map", "embed", "embedded map"])
def test_pins_are_large_enough(phone, name):
    page = phone(PAGES[name])
    page.wait_for_selector(".station-marker")
    sizes = [pin.bounding_box() for pin in page.query_selector_all(".station-marker")]
    assert len(sizes) > 20
    assert min(min(size["width"], size["height"]) for size in sizes) >= 24


@pytest.mark.parametrize("name", TABLES)
def test_wide_pages_stand_below_their_header(phone, name):
    page = phone(PAGES[name], viewport={"width": 1440, "height": 900})
    left = page.evaluate(
        """() => [".top-line", "main", "footer"].map((one) => {
             const box = document.querySelector(one);
             return Math.round(box.getBoundingClientRect().left + parseFloat(getComputedStyle(box).paddingLeft));
           })"""
    )
    assert len(set(left)) == 1, left


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/stations/430681-0004",
        "/map",
        "/embed/v1/map",
        "/embed/v1/map?list=only",
        "/embed",
        "/poster/430681-0004",
    ],
)
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_moves_without_being_asked(phone, path, width):
    page = phone(path, viewport={"width": width, "height": 740})
    page.wait_for_timeout(2500)  # the stations are loaded in this time
    shift = """new Promise((resolve) => {
      const seen = [];
      new PerformanceObserver((list) => {
        for (const one of list.getEntries()) seen.push([one.value, ...one.sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
      }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(seen), 100);
    })"""
    assert page.evaluate(shift) == []


def test_list_is_there_at_once_on_a_slow_phone(phone):
    page = phone("/stations/none")
    gone_wrong_on_purpose(page)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    waits = []
    for _ in range(3):  # the best of three: others may work on this machine too
        page.goto(page.home)
        page.wait_for_selector("#list .card")
        html = page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        waits.append(painted - html)
    assert min(waits) < 1000
