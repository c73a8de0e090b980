"""The production server: it starts, answers, stops, and says what is wrong in one line."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime

import pytest
from shapely import Point

from locator.station import Station
from locator.store import open_store


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "s.db"
    with open_store(str(path), create=True) as store:
        store.write([(Station(id="a", name="甲", geometry=Point(113, 28)), 0)], at=datetime.now(UTC))
    return path


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(*words: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "locator", "serve", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"LANG": "en"},
    )  # fmt: skip


def fetched(address: str) -> bytes:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("does not answer")


@pytest.mark.parametrize("workers", [1, 2])
def test_starts_answers_and_stops(database, port, workers):
    server = started("--port", port, "--database", database, "--workers", workers)
    try:
        assert b"<html" in fetched(f"http://127.0.0.1:{port}/")
        assert b'"a"' in fetched(f"http://127.0.0.1:{port}/api/v1/nearest?lon=113.123456&lat=28")
    finally:
        server.send_signal(signal.SIGTERM)
    said, errors = server.communicate(timeout=20)
    assert server.returncode == 0
    assert "113.123456" not in said + errors
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)


def test_taken_port_is_one_line_that_says_what_to_do(database):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = started("--port", port, "--database", database)
        _, errors = server.communicate(timeout=20)
    assert server.returncode == 2
    assert errors.count("\n") == 1
    assert str(port) in errors
    assert "--port" in errors


def test_missing_database_is_one_line(port, tmp_path):
    server = started("--port", port, "--database", tmp_path / "none.db")
    _, errors = server.communicate(timeout=20)
    assert (server.returncode, errors.count("\n")) == (2, 1)
    assert "none.db" in errors
    assert not (tmp_path / "none.db").exists()
