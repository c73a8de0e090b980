"""Links to map apps: each names the place in its own datum, and no name breaks out of one."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from locator.datum import Datum, convert
from locator.navigation import APPS, navigation_links

LON, LAT = 113.0742, 28.8069
NAME = 'A,B&x=1#"><script>汨罗'


def place(link: str) -> tuple[float, float]:
    """Return lon, lat as each app writes them."""
    parts = urlsplit(link)
    if parts.scheme == "geo":
        lat, lon = parts.path.split(",")
        return float(lon), float(lat)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "to" in asked and "tocoord" not in asked:
        lon, lat, _ = asked["to"].split(",")
    else:
        lat, lon = (asked.get("location") or asked.get("tocoord") or asked["daddr"]).split(",")
    return float(lon), float(lat)


@pytest.mark.parametrize(
    ("app", "datum"),
    [("amap", "gcj02"), ("baidu", "bd09"), ("tencent", "gcj02"), ("apple", "gcj02"), ("geo", "wgs84")],
)
def test_each_app_is_told_the_place_in_its_datum(app, datum):
    expected = convert(LON, LAT, Datum.WGS84, Datum(datum))
    assert place(navigation_links(LON, LAT, NAME)[app]) == pytest.approx(expected, abs=1e-6)


def test_abroad_all_are_told_the_same():
    assert {place(link) for link in navigation_links(2.35, 48.85, "x").values()} == {(2.35, 48.85)}


@pytest.mark.parametrize("app", APPS)
def test_name_stays_a_name(app):
    link = navigation_links(LON, LAT, NAME)[app]
    assert not set('"<> #') & set(link)
    assert "汨罗" in unquote(link)
    assert "x" not in parse_qs(urlsplit(link).query)


def test_baidu_is_told_which_datum_it_is():
    link = navigation_links(LON, LAT, NAME)["baidu"]
    assert parse_qs(urlsplit(link).query)["coord_type"] == ["bd09ll"]


def test_riding_is_asked_of_the_app_that_documents_it():
    walking, riding = navigation_links(113.07, 28.8, "驿站"), navigation_links(113.07, 28.8, "驿站", "ebike")
    assert "mode=walk" in walking["amap"]
    assert riding["amap"] == walking["amap"].replace("mode=walk", "mode=ride")
    assert {app: link for app, link in riding.items() if app != "amap"} == {
        app: link for app, link in walking.items() if app != "amap"
    }
