"""Pieces of pages that many share: rendered once for each version of the data, and never for another."""

from datetime import UTC, datetime

import pytest
from flask import render_template_string
from web_town import small_town, station, written

from locator.store import open_store
from locator.web import create_app
from locator.web.kept import forget_pieces

PIECE = "{% kept 'piece', key %}{{ render() }}{% endkept %}"


@pytest.fixture
def path(tmp_path):
    return written(str(tmp_path / "k.db"), small_town())


@pytest.fixture
def app(path):
    return create_app({"DATABASE": path, "REFRESH_S": 0, "LANGUAGE": "en"})


def rendered(app, key, text, **environ):
    times = []
    with app.test_request_context("/", **environ):
        said = render_template_string(PIECE, key=key, render=lambda: times.append(1) or text)
    return said, len(times)


def test_is_rendered_once_for_a_key_and_a_version(app, path):
    assert rendered(app, 1, "one") == ("one", 1)
    assert rendered(app, 1, "another") == ("one", 0)
    assert rendered(app, 2, "two") == ("two", 1)
    with open_store(path) as store:
        store.write([(station("new"), 0)], at=datetime.now(UTC))
    app.extensions["locator"].version()
    assert rendered(app, 1, "another") == ("another", 1)
    forget_pieces(app)
    assert rendered(app, 1, "a third") == ("a third", 1)


def test_text_is_escaped_as_anywhere(app):
    assert rendered(app, 1, "<b>") == ("&lt;b&gt;", 1)


def test_a_place_that_keeps_too_many_begins_anew(app):
    for key in range(1_001):
        rendered(app, key, str(key))
    assert rendered(app, 1_000, "x") == ("1000", 0)
    assert rendered(app, 0, "again") == ("again", 1)


def test_an_application_under_a_path_has_links_of_its_own(app):
    assert rendered(app, 1, "at the root") == ("at the root", 1)
    assert rendered(app, 1, "below", environ_overrides={"SCRIPT_NAME": "/below"}) == ("below", 1)


def test_stations_that_are_alike_keep_what_is_their_own(app):
    pages = app.test_client()
    assert "face scan" in pages.get("/stations/c").text
    for code in ("a", "b", "c", "d", "a"):
        page = pages.get(f"/stations/{code}").text
        assert ("face scan is the only way in" in page) == (code == "c")
        assert ("<h3>What is not there</h3>" in page) == (code == "b")
        assert ("Closed from 2026-11-21" in page) == (code == "d")
        assert ("Self-service: nobody is there" in page) == (code == "a")
