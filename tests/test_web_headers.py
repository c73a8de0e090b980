"""The headers that every answer carries."""

import re
from datetime import UTC, datetime

import pytest
from shapely import Point

from locator.errors import InvalidValue
from locator.station import Station
from locator.store import open_store
from locator.web import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("headers") / "h.db")
    with open_store(path, create=True) as store:
        store.write([(Station(id="a", name="甲", geometry=Point(113, 28)), 0)], at=datetime.now(UTC))
    return create_app({"DATABASE": path})


@pytest.fixture
def client(app):
    return app.test_client()


PAGES = ["/", "/map", "/stations/a", "/stations/none", "/nothing"]
UNKEPT = ["/api/v1/nearest?lon=113&lat=28", "/api/v1/nearest", "/api/v1/nothing"]
KEPT = ["/api/v1/facilities", "/api/v1/stations", "/api/v1/snapshot", "/api/v1/openapi.json"]
ANSWERS = [*UNKEPT, *KEPT]


@pytest.mark.parametrize("address", [*PAGES, *ANSWERS, "/finder/stations.json"])
def test_every_answer_is_what_it_says_and_framed_by_nobody(client, address):
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", PAGES)
def test_page_says_what_it_may_use_and_tells_others(client, address):
    headers = client.get(address).headers
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_page_loads_from_this_server_only(client, address):
    answer = client.get(address)
    rules = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-cache"
    nonce = rules["script-src"].partition("'nonce-")[2].rstrip("'")
    assert len(nonce) > 20
    inline = re.findall(r"<(?:script|style)(?![^>]*\bsrc=)([^>]*)>", answer.text)
    assert all(f'nonce="{nonce}"' in attributes or "application/json" in attributes for attributes in inline)


def test_every_page_has_a_nonce_of_its_own(client):
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


@pytest.mark.parametrize("address", ANSWERS)
def test_answer_of_the_api_is_read_by_any_site_and_kept_by_nobody_unless_it_says_so(client, address):
    headers = client.get(address).headers
    assert headers["Cache-Control"] == ("public, max-age=5, must-revalidate" if address in KEPT else "no-store")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_browser_of_another_site_may_post_json(client):
    asked = {
        "Origin": "https://union.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = client.options("/api/v1/nearest", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_for_no_other_site(client, address):
    assert "Access-Control-Allow-Origin" not in client.get(address).headers


def test_pictures_come_from_the_base_map_that_was_chosen_on_pages_with_a_map(app):
    other = create_app({"DATABASE": app.config["DATABASE"], "BASE_MAP": "osm"}).test_client()
    policy = {address: other.get(address).headers["Content-Security-Policy"] for address in ("/", "/map")}
    assert "img-src 'self' data: https://tile.openstreetmap.org;" in policy["/map"]
    assert "http" not in policy["/"]
    # OpenStreetMap's tile servers refuse who names no referrer.
    assert other.get("/map").headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    "wrong", [{"BASE_MAP": "mars"}, {"BASE_MAP": "tianditu"}, {"EMBED_SITES": "*; script-src *"}]
)
def test_settings_that_would_break_a_page_are_refused_at_the_start(app, wrong):
    with pytest.raises(InvalidValue):
        create_app({"DATABASE": app.config["DATABASE"], **wrong})
