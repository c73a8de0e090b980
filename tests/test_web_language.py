"""The language of a page: asked for, remembered, the browser's, or the house's."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point

from locator.station import Station
from locator.store import open_store
from locator.web import create_app


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("language") / "l.db")
    with open_store(path, create=True) as store:
        store.write([(Station(id="a", name="甲", geometry=Point(113, 28)), 0)], at=datetime.now(UTC))
    return path


@pytest.fixture(scope="module")
def app(database):
    return create_app({"DATABASE": database})


@pytest.fixture
def client(app):
    return app.test_client()


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.lang, self.links = "", {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "html":
            self.lang = found["lang"]
        if "hreflang" in found:
            self.links[found["hreflang"]] = found["href"]


def language(answer) -> str:
    return Links(answer.text).lang


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("zh;q=0.1, en;q=0.9", "en"),
    ],
)
def test_browser_is_asked(client, header, expected):
    headers = {} if header is None else {"Accept-Language": header}
    assert language(client.get("/", headers=headers)) == expected


def test_address_goes_before_the_browser_and_is_remembered(client):
    answer = client.get("/?lang=en", headers={"Accept-Language": "zh"})
    assert language(answer) == "en"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert language(client.get("/")) == "en"
    assert language(client.get("/?lang=zh")) == "zh"
    assert language(client.get("/")) == "zh"


@pytest.mark.parametrize("asked", ["fr", "", "EN", "../en", "zh_CN", "en\n"])
def test_language_that_there_is_not_changes_nothing(client, asked):
    answer = client.get("/", query_string={"lang": asked})
    assert (answer.status_code, language(answer)) == (200, "zh")
    assert "Set-Cookie" not in answer.headers


def test_default_is_a_setting(database):
    other = create_app({"DATABASE": database, "LANGUAGE": "en"}).test_client()
    assert language(other.get("/")) == "en"


def test_other_language_keeps_the_question(client):
    assert Links(client.get("/?q=归义&needs=toilet&needs=microwave").text).links["en"] == (
        "/?q=%E5%BD%92%E4%B9%89&needs=toilet&needs=microwave&lang=en"
    )


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "///evil.example", "/a?b#c\"'<", "/\\evil.example", "/%2F", "/é/甲"]
)
def test_link_to_the_other_language_stays_on_this_server(client, path):
    answer = client.get("/", environ_overrides={"PATH_INFO": path.encode().decode("latin-1")})
    assert answer.status_code == 404
    link = Links(answer.text).links["en"]
    assert link.startswith("/")
    assert not link.startswith(("//", "/\\"))
    assert link.count("?") == 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60))
@pytest.mark.parametrize("before", ["", "en;q=", "zh-", "*;", ",,"])
def test_no_header_of_a_browser_breaks_a_page(app, before, text):
    answer = app.test_client().get("/api/v1/facilities", headers={"Accept-Language": before + text})
    assert answer.status_code == 200
    answer = app.test_client().get(
        "/nothing", headers={"Accept-Language": before + text, "Cookie": f"lang={text}"}
    )
    assert answer.status_code == 404


def test_long_header_takes_no_long_time(client):
    assert client.get("/", headers={"Accept-Language": "en-" * 20_000}).status_code == 200
