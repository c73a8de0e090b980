"""What is told of requests: probes, figures and log lines, and in none of them where somebody is."""

import json
import logging
import os
import subprocess
import sys
import time

import pytest
from web_town import small_town, written

from locator.errors import StoreError
from locator.journal import LOGGER, write_log
from locator.web import create_app

SECRET = ("113.4242", "28.4242", "203.0.113.77", "loc_secret")


@pytest.fixture
def database(tmp_path):
    return written(str(tmp_path / "w.db"), small_town())


@pytest.fixture
def log():
    """Return the lines that are logged, and put the logger back."""
    before = (LOGGER.handlers[:], LOGGER.level, LOGGER.propagate)
    yield write_log
    LOGGER.handlers[:], LOGGER.level, LOGGER.propagate = before[0], before[1], before[2]


def ask_everything(client):
    headers = {"X-Request-ID": SECRET[0], "Referer": f"http://x/?lon={SECRET[0]}"}
    place = f"lon={SECRET[0]}&lat={SECRET[1]}"
    base = {"REMOTE_ADDR": SECRET[2]}
    for path in (f"/api/v1/nearest?{place}", f"/api/v1/nearest?{place}x", f"/api/v1/stations?bbox={SECRET[0]},1,2,3",
                 f"/api/v1/stations/{SECRET[0]}", f"/{SECRET[0]}", f"/api/v1/{SECRET[1]}?{place}", f"/?{place}"):  # fmt: skip
        client.get(path, headers=headers, environ_base=base)
    client.post("/api/v1/nearest", json={"lon": 113.4242, "lat": 28.4242, "x": SECRET[0]}, environ_base=base)
    client.get("/api/v1/facilities", headers={"X-API-Key": SECRET[3]}, environ_base=base)


@pytest.mark.parametrize("form", ["text", "json"])
def test_log_line_tells_what_not_where_nor_who(database, capsys, log, form):
    log(form)
    client = create_app({"DATABASE": database}).test_client()
    ask_everything(client)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 9
    assert [secret for secret in SECRET if secret in "\n".join(lines)] == []
    if form == "json":
        first = json.loads(lines[0])
        assert (first["event"], first["method"], first["route"], first["status"]) == (
            "request", "GET", "/api/v1/nearest", 200,
        )  # fmt: skip
        assert first["ms"] >= 0
        assert len(first["request_id"]) == 16
    else:
        assert "GET /api/v1/nearest 200" in lines[0]


def test_error_of_ours_is_logged_without_what_was_asked(database, capsys, log, monkeypatch):
    log("json")
    app = create_app({"DATABASE": database, "LOG_REQUESTS": 0})

    def broken(*_, **__):
        raise ValueError(f"could not convert {SECRET[0]}")

    monkeypatch.setattr("locator.web.nearest.Prepared", broken)
    answer = app.test_client().get(f"/api/v1/nearest?lon={SECRET[0]}&lat=1")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert SECRET[0] not in answer.text
    (line,) = capsys.readouterr().err.splitlines()
    assert SECRET[0] not in line
    said = json.loads(line)
    assert "ValueError" in said["error"]
    assert "broken" in said["error"]
    assert said["request_id"] == answer.headers["X-Request-ID"]


def test_nothing_that_any_logger_says_holds_a_position(database, caplog):
    caplog.set_level(logging.DEBUG)
    ask_everything(create_app({"DATABASE": database}).test_client())
    assert [secret for secret in SECRET if secret in caplog.text] == []


def test_id_of_a_request_is_a_proxys_or_ours(database):
    given = {"X-Request-ID": "abcdef-0123456789"}
    own = create_app({"DATABASE": database}).test_client().get("/healthz", headers=given)
    assert own.headers["X-Request-ID"] != given["X-Request-ID"]
    behind = create_app({"DATABASE": database, "TRUSTED_PROXIES": 1}).test_client()
    assert behind.get("/healthz", headers=given).headers["X-Request-ID"] == given["X-Request-ID"]
    assert behind.get("/healthz", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"] != "a b"


def test_probes(database, tmp_path):
    client = create_app({"DATABASE": database, "REFRESH_S": 1000}).test_client()
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]
    (tmp_path / "w.db").rename(tmp_path / "elsewhere.db")
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]
    assert "w.db" not in client.get("/readyz").text
    (tmp_path / "elsewhere.db").rename(tmp_path / "w.db")
    assert client.get("/readyz").status_code == 200


def test_figures_when_asked_for(database):
    assert create_app({"DATABASE": database}).test_client().get("/metrics").status_code == 404
    client = create_app({"DATABASE": database, "METRICS": 1}).test_client()
    for path in ("/api/v1/facilities", "/api/v1/facilities", "/api/v1/stations/none", "/nothing/113.4242"):
        client.get(path)
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert 'locator_request_seconds_count{method="GET",route="/api/v1/facilities",status="200"} 2.0' in answer.text
    assert 'route="/api/v1/stations/<code>",status="404"} 1.0' in answer.text
    assert "locator_snapshot_revision 1.0" in answer.text
    assert "113.4242" not in answer.text


def test_lost_database_is_said_in_the_log_and_the_last_version_served(database, tmp_path, capsys, log):
    from locator.web.data import Data

    log("text")
    data = Data(database, refresh_s=0)
    (tmp_path / "w.db").rename(tmp_path / "elsewhere.db")
    with pytest.raises(StoreError):
        data.version()
    stop = data.follow()
    assert "cannot be read" in heard(capsys)
    time.sleep(0.2)
    assert capsys.readouterr().err == ""  # said once
    assert len(data.snapshot().ids) == 6
    (tmp_path / "elsewhere.db").rename(tmp_path / "w.db")
    assert "can be read again" in heard(capsys)
    stop.set()


def heard(capsys) -> str:
    """Return what is logged next, within five seconds."""
    for _ in range(100):
        time.sleep(0.05)
        if said := capsys.readouterr().err:
            return said
    return ""


def test_serving_needs_no_heavy_part(database):
    code = f"""
import sys
from locator.web import create_app
client = create_app({{"DATABASE": {database!r}}}).test_client()
for path in ("/", "/stations/a", "/api/v1/nearest?lon=113&lat=28", "/api/v1/stations", "/api/v1/snapshot",
             "/api/v1/changes?since=0", "/api/v1/docs", "/readyz"):
    assert client.get(path).status_code == 200, path
heavy = {{"folium", "geopandas", "pandas", "sqlite_utils", "prometheus_client", "granian"}}
print("loaded:", sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=dict(os.environ)
    )
    assert "loaded: []" in done.stdout
