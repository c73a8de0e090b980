"""The setting NETWORK: what the API and the command say, and what they measure along."""

import json
import sys
from datetime import UTC, datetime

import pytest
from shapely import LineString, Point

from locator.assets import asset_folder
from locator.cli import main
from locator.errors import InvalidValue
from locator.exchange.dataset import load_dataset
from locator.networks import Networks
from locator.snapshot import load_snapshot
from locator.station import Station
from locator.store import open_store
from locator.web import create_app

NOON = "2026-11-20T12:10"
HERE = {"lon": "113.0742", "lat": "28.8069", "at": NOON}
# Two streets that meet at their eastern end, and a third on the other bank.
EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="28.800" lon="113.070"/> <node id="2" lat="28.800" lon="113.076"/>
  <node id="3" lat="28.802" lon="113.070"/> <node id="4" lat="28.802" lon="113.076"/>
  <node id="5" lat="28.798" lon="113.070"/> <node id="6" lat="28.798" lon="113.076"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
  <way id="11"><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <way id="13"><nd ref="5"/><nd ref="6"/><tag k="highway" v="residential"/></way>
</osm>
"""


@pytest.fixture(scope="module")
def miluo(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("networks") / "miluo.db")
    with open_store(path, create=True) as store:
        load_dataset(store, asset_folder("geodata") / "miluo", at=datetime(2026, 11, 1, tzinfo=UTC))
    return path


@pytest.fixture
def bank(tmp_path):
    """A database with two stations, and the extract beside it."""
    database, extract = str(tmp_path / "bank.db"), tmp_path / "town.osm"
    extract.write_text(EXTRACT)
    stations = [
        Station(id="a", name="a", geometry=Point(113.071, 28.802), opening_hours="24/7"),
        Station(id="b", name="b", geometry=Point(113.071, 28.798), opening_hours="24/7"),
    ]
    with open_store(database, create=True) as store:
        store.write([(one, 0) for one in stations], at=datetime.now(UTC))
    return database, str(extract)


def asked(app, **query):
    answer = app.test_client().get("/api/v1/nearest", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def bases(found):
    return [feature["properties"]["walk_basis"] for feature in found["features"]]


def distances(found):
    return {feature["id"]: feature["properties"]["distance_m"] for feature in found["features"]}


def test_along_the_streets_of_the_data_nothing_is_nearer_than_in_a_line(miluo):
    plain = {"DATABASE": miluo, "RATE_LIMIT": "", "LOG_REQUESTS": 0}
    line = asked(create_app(plain), **HERE, limit=100)
    streets = asked(create_app(plain | {"NETWORK": "streets"}), **HERE, limit=100)
    assert (line["walk_basis"], streets["walk_basis"]) == ("straight_line", "network")
    assert set(bases(line)) == {"straight_line"}
    assert set(bases(streets)) == {"network"}
    assert len(bases(streets)) > 20
    straight = distances(line)
    assert all(metres >= straight[code] for code, metres in distances(streets).items() if code in straight)
    for feature in streets["features"]:
        told = feature["properties"]
        assert told["travel_minutes"] == -(-told["distance_m"] // 72) or told["distance_m"] % 72 < 0.1
    nobody = asked(create_app(plain | {"NETWORK": "streets"}), lon="110", lat="28", at=NOON)
    assert nobody["walk_basis"] == "straight_line"
    assert set(bases(nobody)) == {"straight_line"}


def test_across_the_railway_the_way_is_much_longer(miluo):
    # The line runs west of 车站 community from north to south; streets pass under it in a few places.
    with open_store(miluo) as store:
        snapshot = load_snapshot(store)
        on = Networks("streets").on_streets(snapshot, "walk", store)
    from locator.nearest import answer
    from locator.query import Query

    ratios = []
    for lat in (28.798, 28.802, 28.806, 28.810, 28.814):
        for lon in (113.05, 113.054, 113.058, 113.062):
            query = Query(lon=lon, lat=lat, at=datetime(2026, 11, 20, 4, tzinfo=UTC), limit=1)
            by_street, by_line = on.answer(query).matches[0], answer(snapshot, query).matches[0]
            ratios.append(by_street.distance_m / max(by_line.distance_m, 1))
    assert min(ratios) >= 1
    assert max(ratios) > 1.5


def test_what_is_asked_plainly_and_what_is_not_are_answered_alike(miluo):
    app = create_app({"DATABASE": miluo, "NETWORK": "streets", "RATE_LIMIT": "", "LOG_REQUESTS": 0})
    client = app.test_client()
    plain = client.get("/api/v1/nearest", query_string=HERE)
    posted = client.post("/api/v1/nearest", json=HERE | {"lon": 113.0742, "lat": 28.8069})
    assert plain.data == posted.data


def test_an_extract_by_mode(bank, tmp_path):
    database, extract = bank
    app = create_app(
        {"DATABASE": database, "NETWORK": extract, "NETWORK_CACHE": str(tmp_path / "kept"), "RATE_LIMIT": ""}
    )
    here = {"lon": "113.071", "lat": "28.8", "at": NOON, "radius_m": "5000"}
    # On foot along one street and back along the other, some 1,200 m; to the other bank there is no way.
    walk = asked(app, **here)
    assert bases(walk) == ["network", "straight_line"]
    assert distances(walk) == {"a": pytest.approx(1_197, abs=5), "b": pytest.approx(222, abs=1)}
    # An e-bike may not take the footway.
    assert bases(asked(app, **here, mode="ebike")) == ["straight_line"] * 2
    assert bases(asked(app, **here, mode="car")) == ["straight_line"] * 2
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_a_network_that_cannot_be_read_is_said_at_the_start(bank, tmp_path):
    database, _ = bank
    for wrong in (tmp_path / "missing.osm", tmp_path / "bank.db"):
        with pytest.raises(InvalidValue):
            create_app({"DATABASE": database, "NETWORK": str(wrong)})


def test_streets_that_somebody_asks_for_and_are_not_there_are_refused(bank, monkeypatch, capsys):
    """A line instead of the way that was asked for would be taken for it; a setting holds for any database."""
    database, _ = bank
    monkeypatch.setenv("LOCATOR_DATABASE", database)
    words = ["nearest", "113.071", "28.8", "--at", NOON, "--lang", "en"]

    def said(*more):
        monkeypatch.setattr(sys, "argv", ["locator", *words, *more])
        main()
        return capsys.readouterr().out

    with pytest.raises(SystemExit) as left:
        said("--network", "streets")
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the database has no streets" in line
    assert "--layer streets" in line
    assert "(straight line)" in said("--network", "streets", "--mode", "car")
    monkeypatch.setenv("LOCATOR_NETWORK", "streets")
    assert "(straight line)" in said()


def test_streets_come_with_the_data(bank):
    database, _ = bank
    app = create_app({"DATABASE": database, "NETWORK": "streets", "REFRESH_S": 0, "RATE_LIMIT": ""})
    here = {"lon": "113.07", "lat": "28.802", "at": NOON}
    assert asked(app, **here)["walk_basis"] == "straight_line"
    line = LineString([(113.07, 28.802), (113.072, 28.802)])
    with open_store(database) as store:
        store.replace_places("streets", [({"id": "x", "name": "x"}, line)], at=datetime.now(UTC))
    assert asked(app, **here)["walk_basis"] == "network"


def test_the_command_measures_along_streets(miluo, monkeypatch, capsys):
    monkeypatch.setenv("LOCATOR_DATABASE", miluo)
    words = ["nearest", "113.0742", "28.8069", "--at", NOON, "-k", "1"]

    def said(*more):
        monkeypatch.setattr(sys, "argv", ["locator", *words, *more])
        main()
        return capsys.readouterr().out

    assert "straight line" in said("--lang", "en")
    assert "min on foot (by the streets)" in said("--lang", "en", "--network", "streets")
    assert "骑电动车" in said("--mode", "ebike", "--network", "streets")
    monkeypatch.setenv("LOCATOR_NETWORK", "streets")
    assert json.loads(said("--json"))["walk_basis"] == "network"
