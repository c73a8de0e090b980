"""The production server: it starts, answers, stops, and says what is wrong in one line."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
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


def nobody_is_left(server: subprocess.Popen) -> bool:
    """Whether every process of a server ends within seconds; the one that minds shared things is the last."""
    for _ in range(100):
        try:
            os.killpg(server.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


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
    assert nobody_is_left(server)


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


# Under load: nobody is refused, whatever happens behind


class Load:
    """Clients that ask without a break, each time over a connection of its own or not, and count what goes wrong."""

    def __init__(self, port: int, clients: int = 3, *, keep: bool = False) -> None:
        self.port, self.asked, self.wrong = port, 0, []
        self._keep = keep
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not self._stop.is_set():
            if not self._keep:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                # As most programs, it opens another connection where the server has said that it closes this one.
                connection.request("GET", "/api/v1/stations")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.wrong.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
                connection.close()
            if not self._keep:
                connection.close()
            self.asked += 1
        connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)


class Lines:
    """What a server writes to standard error, line by line as it comes."""

    def __init__(self, server: subprocess.Popen) -> None:
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(server.stderr,), daemon=True)
        self._thread.start()

    def _read(self, stream) -> None:
        self.lines.extend(iter(stream.readline, ""))

    def wait_for(self, word: str, within_s: float = 30) -> str:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = [line for line in self.lines if word in line]
            if found:
                return found[-1]
            time.sleep(0.02)
        raise AssertionError(f"nobody said {word!r}: {self.lines}")


@pytest.fixture
def town(tmp_path, port):
    """Return a configuration file, its database and a server of it with two processes."""
    path, config = tmp_path / "town.db", tmp_path / "locator.toml"
    with open_store(str(path), create=True) as store:
        store.write(
            [(Station(id=f"s{n}", name="甲", geometry=Point(113, 28)), 0) for n in range(50)], at=datetime.now(UTC)
        )
    settings = (
        f'database = "{path}"\nport = {port}\nworkers = 2\nrate_limit = ""\nrefresh_s = 0.2\nlog_format = "json"\n'
    )
    config.write_text(settings, encoding="utf-8")
    server = started("--config", config)
    lines = Lines(server)
    try:
        fetched(f"http://127.0.0.1:{port}/readyz")
        yield server, lines, config, path
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            raise
        finally:
            server.stdout.close()
            server.stderr.close()
    assert nobody_is_left(server)


def pids(lines: Lines) -> set[int]:
    return {json.loads(line)["pid"] for line in lines.lines if '"request"' in line}


@pytest.mark.parametrize("keep", [False, True], ids=["new connections", "kept connections"])
def test_reload_under_load_fails_nobody_and_brings_new_settings(town, port, keep):
    server, lines, config, _ = town
    with Load(port, clients=6 if keep else 3, keep=keep) as load:
        time.sleep(1)
        before = pids(lines)
        config.write_text(config.read_text() + "max_age_s = 77\n", encoding="utf-8")
        server.send_signal(signal.SIGHUP)
        lines.wait_for("reloaded")
        lines.lines.clear()
        time.sleep(1)
    assert load.wrong == []
    assert load.asked > 50
    assert not before & pids(lines)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/stations", timeout=20) as answer:
        assert "max-age=77" in answer.headers["Cache-Control"]


def test_reload_that_cannot_be_served_is_one_line_and_the_old_one_stays(town, port):
    server, lines, config, path = town
    good = config.read_text()
    with Load(port, clients=1) as load:
        for broken, word in (
            ("refresh_s = -1\n", "REFRESH_S"),
            ("nonsense", "config"),
            (good.replace("town.db", "none.db"), "there is no such database"),
        ):
            config.write_text(broken, encoding="utf-8")
            server.send_signal(signal.SIGHUP)
            line = json.loads(lines.wait_for("not reloaded"))
            assert word in line["event"]
            assert sum("not reloaded" in line for line in lines.lines) == 1
            lines.lines.clear()
    assert load.wrong == []
    assert server.poll() is None
    assert path.exists()


def test_change_of_the_data_is_in_every_process_within_two_seconds(town, port):
    _, _, _, path = town
    with Load(port, clients=2) as load:
        time.sleep(0.3)
        with open_store(str(path)) as store:
            revision = store.write(
                [(Station(id="new", name="新", geometry=Point(113, 28)), 0)], at=datetime.now(UTC)
            )
        time.sleep(2)
        seen = {json.loads(fetched(f"http://127.0.0.1:{port}/api/v1/stations"))["revision"] for _ in range(40)}
    assert seen == {revision}
    assert load.wrong == []


def test_stop_during_a_reload_is_a_stop(town, port):
    server, _, _, _ = town
    server.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    server.send_signal(signal.SIGTERM)
    assert server.wait(15) == 0
