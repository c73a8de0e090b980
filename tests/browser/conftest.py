"""A real server on the illustrative town, and a phone that refuses to ask anybody else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from phones import CHROMIUM, FLAGS, HOSTILE, PHONE, serving
from shapely import Point
from werkzeug.serving import make_server

from locator.exchange.dataset import load_dataset
from locator.station import Station
from locator.store import open_store
from locator.web import create_app


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "miluo.db"
    with open_store(str(path), create=True) as store:
        load_dataset(store, Path(__file__).parents[2] / "geodata" / "miluo", at=datetime.now(UTC))
        hostile = Station(
            id="hostile", name=HOSTILE, address=HOSTILE, community=HOSTILE, operator=HOSTILE, note=HOSTILE,
            geometry=Point(113.0743, 28.8070), opening_hours="24/7",
        )  # fmt: skip
        store.write([(hostile, 0)], at=datetime.now(UTC))
        store.tickets.add("430681-0004", "locked", at=datetime.now(UTC))
    return path


@pytest.fixture(scope="session")
def app(database, tmp_path_factory):
    return create_app({"DATABASE": str(database), "REPORTS": str(tmp_path_factory.mktemp("reports"))})


@pytest.fixture(scope="session")
def heard():
    """Return what the server was told with each request, of all tests: address, headers and body as one text."""
    return []


@pytest.fixture(scope="session")
def server(app, heard):
    """Return the address of a server that runs as long as the tests."""

    def listening(environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        heard.append(unquote_plus(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']} {environ} {body!r}"))
        return app(environ, start_response)

    running = make_server("127.0.0.1", 0, listening, threaded=True)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def miluo(tmp_path_factory):
    """Return the address of a server with the illustrative town alone, as its people see it."""
    path = tmp_path_factory.mktemp("miluo") / "miluo.db"
    with open_store(str(path), create=True) as store:
        load_dataset(store, Path(__file__).parents[2] / "geodata" / "miluo", at=datetime.now(UTC))
    with serving(create_app({"DATABASE": str(path)})) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser, server):
    """Return a function that opens a page as a phone; at the end it says what went wrong on any of them."""
    contexts, requests, troubles = [], [], []
    ours = [server]

    def opened(path: str, *, allowed=(), prepare=lambda context: None, **options):
        ours.extend([allowed] if isinstance(allowed, str) else allowed)
        context = browser.new_context(**{**PHONE, **options})
        prepare(context)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.troubles, page.home = requests, troubles, server + "/"
        page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - it marks what it is given
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
        page.goto(path if "://" in path else server + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    foreign = [r.url for r in requests if not r.url.startswith((*ours, "data:", "file:", "blob:"))]
    assert foreign == [], "asked somebody else"
    assert troubles == []
