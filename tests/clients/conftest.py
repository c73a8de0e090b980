"""A real server for real clients, on the illustrative town and a few stations that are hard to carry over."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from shapely import MultiPoint, Point
from werkzeug.serving import WSGIRequestHandler, make_server

from locator.exchange.dataset import load_dataset
from locator.station import Station
from locator.store import open_store
from locator.web import create_app


class Silent(WSGIRequestHandler):
    """Serve without a line for each request."""

    def log_request(self, *_: object) -> None:
        pass


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.clients)


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("clients") / "town.db")
    at = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
    hard = [
        Station(id="x-1", name='O\'Neil "x" 100% 𠮷\n次行', note="a;b,c\t=1+1", geometry=Point(113.5, 28.5)),
        Station(id="x-2", name="only day", geometry=Point(113.5, 28.6), valid_from=date(2026, 3, 1), capacity=0),
        Station(id="x-3", name="two doors", geometry=MultiPoint([(113.6, 28.6), (113.61, 28.61)]), area_m2=2.5),
        Station(id="x-4", name="far east", geometry=Point(179.9, -10), facilities={"toilet": False}),
    ]
    with open_store(path, create=True) as store:
        load_dataset(store, Path(__file__).parents[2] / "geodata" / "miluo", at=at)
        store.write([(one, 0) for one in hard], at=at.replace(hour=5))
    return path


@pytest.fixture(scope="session")
def app(database):
    return create_app({"DATABASE": database, "RATE_LIMIT": ""})


@pytest.fixture(scope="session")
def serving(app):
    """Return the address of a server that runs as long as the tests, and the addresses that it was asked for."""
    asked: list[str] = []

    def noted(environ, start_response):
        asked.append(f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        return app(environ, start_response)

    running = make_server("127.0.0.1", 0, noted, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}/ogc", asked
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def asked(serving):
    """Return the addresses that a test makes the server be asked for."""
    _, addresses = serving
    addresses.clear()
    return addresses


@pytest.fixture(scope="session")
def server(serving):
    address, _ = serving
    return address


@pytest.fixture(scope="session")
def features(database):
    """Return a function that lists the features of a collection as the store has them."""
    from locator.store import COLLECTIONS

    with open_store(database) as store:
        yield lambda name: store.features.page(COLLECTIONS[name], limit=10_000)
