"""The production server: it starts, answers, stops, and says what is wrong in one line."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from shapely import Point

from locator.station import Station
from locator.store import open_store

ROOT = Path(__file__).parents[1]


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
        env=os.environ | {"LANG": "en", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def stopped(server: subprocess.Popen) -> tuple[str, str]:
    server.send_signal(signal.SIGTERM)
    try:
        return server.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        raise


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
        said, errors = stopped(server)
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


def test_missing_database_is_one_line(port, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = started("--port", port, "--database", "none.db")
    _, errors = server.communicate(timeout=20)
    assert (server.returncode, errors.count("\n")) == (2, 1)
    assert "none.db" in errors
    assert not (tmp_path / "none.db").exists()


def test_host_may_be_a_name(database, port):
    server = started("--host", "localhost", "--port", port, "--database", database)
    try:
        assert b'"a"' in fetched(f"http://localhost:{port}/api/v1/nearest?lon=113&lat=28")
    finally:
        stopped(server)


@pytest.mark.parametrize("host", ["", "300.1.2.3", "203.0.113.7", "a" * 70])
def test_host_that_is_not_this_machine_is_one_line(database, port, host):
    server = started("--host", host, "--port", port, "--database", database)
    _, errors = server.communicate(timeout=20)
    assert (server.returncode, errors.count("\n")) == (2, 1)
    assert errors.startswith("locator: ")
