"""Networks of OpenStreetMap extracts: ways meet at shared nodes, barriers and rules hold, and they are kept."""

from pathlib import Path

import numpy as np
import osmium
import pytest

from locator.errors import InvalidValue, StoreError
from locator.exchange.osm_ways import Mode
from locator.exchange.reading import Limits
from locator.geodesy import pairwise_m
from locator.streets import extract
from locator.streets.extract import background_of_extract, network_of_extract
from locator.streets.graph import network_of_paths
from locator.streets.snapping import main_edges, snap
from locator.streets.travel import nearest_station

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="28.800" lon="113.070"/> <node id="2" lat="28.800" lon="113.071"/>
  <node id="3" lat="28.800" lon="113.072"/> <node id="4" lat="28.799" lon="113.071"/>
  <node id="5" lat="28.801" lon="113.071"/> <node id="6" lat="28.801" lon="113.072"/>
  <node id="7" lat="28.8005" lon="113.072"><tag k="barrier" v="gate"/><tag k="access" v="no"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="人民路"/>
    <tag k="oneway" v="yes"/></way>
  <way id="11"><nd ref="4"/><nd ref="5"/><tag k="highway" v="footway"/><tag k="bridge" v="yes"/>
    <tag k="layer" v="1"/></way>
  <way id="12"><nd ref="5"/><nd ref="6"/><tag k="highway" v="steps"/></way>
  <way id="13"><nd ref="3"/><nd ref="7"/><nd ref="6"/><tag k="highway" v="service"/></way>
  <way id="14"><nd ref="2"/><nd ref="99"/><nd ref="5"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
</osm>
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(TOWN)
    return path


def test_ways_meet_where_they_share_a_node(path):
    network = network_of_extract(path)
    # The bridge passes over 人民路; the gate cuts the service road in two.
    assert sorted(network.code.tolist()) == [10, 11, 12, 13, 13]
    assert network.names == ("", "人民路")
    assert network.islands.nodes.tolist() == [4, 3]
    assert network.forward.all()
    assert network.backward.all()
    assert network.about == {
        "source": "© OpenStreetMap contributors, ODbL",
        "mode": "walk",
        "incomplete": "1",
    }
    length = network.length_m[network.code == 10][0]
    assert length == pytest.approx(pairwise_m(*np.array([[113.070], [28.8], [113.072], [28.8]]))[0], abs=1e-6)


def test_e_bikes_have_rules_of_their_own(path):
    network = network_of_extract(path, Mode.EBIKE)
    assert sorted(network.code.tolist()) == [10, 13, 13]
    assert network.backward[network.code == 10].tolist() == [False]


def same(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in vars(one) if name != "about")


def test_a_network_is_kept_by_content(path, tmp_path, monkeypatch):
    folder = tmp_path / "cache" / "streets"
    first = network_of_extract(path, cache=folder)
    network_of_extract(path, Mode.EBIKE, cache=folder)
    (kept, other) = sorted(folder.iterdir())
    assert {kept.suffix, other.suffix} == {".npz"}
    renamed = path.rename(path.with_name("renamed.osm"))
    monkeypatch.setattr(extract, "read_file", None)
    again = network_of_extract(renamed, cache=folder)
    assert same(first, again)
    assert again.about == first.about
    monkeypatch.undo()
    renamed.write_text(TOWN.replace("人民路", "建设路"))
    assert network_of_extract(renamed, cache=folder).names == ("", "建设路")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no archive", None])
def test_a_damaged_copy_is_made_anew(path, tmp_path, damage):
    folder = tmp_path / "cache"
    whole = network_of_extract(path, cache=folder)
    (kept,) = folder.iterdir()
    content = kept.read_bytes()
    kept.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert same(whole, network_of_extract(path, cache=folder))
    assert kept.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_said(path, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        network_of_extract(path, cache=tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("streets.geojson", "{}"),
        ("none.osm", '<osm version="0.6"></osm>'),
        ("half.osm", "<osm"),
        (
            "motorways.osm",
            TOWN.replace('v="residential"', 'v="motorway"').replace("footway", "proposed")[:1350] + "</osm>",
        ),
    ],
)
def test_what_has_no_streets_is_refused(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InvalidValue):
        network_of_extract(path, cache=tmp_path / "cache")
    with pytest.raises(InvalidValue):
        network_of_extract(tmp_path / "missing.osm")
    assert not (tmp_path / "cache").exists()


def test_limits_of_reading_hold(path):
    with pytest.raises(InvalidValue, match="more than 2 rows"):
        network_of_extract(path, limits=Limits(rows=2))


@pytest.mark.shared
def test_porto_alegre(real_data):
    network = network_of_extract(real_data / "streets" / "porto_alegre.osm.pbf")
    assert 15_000 < len(network.nodes) < len(network.ends) < 40_000
    assert network.islands.share[0] > 0.98
    # Streets are never shorter than the straight line between their ends.
    ends = network.nodes[network.ends]
    straight = pairwise_m(*ends[:, 0].T, *ends[:, 1].T)
    assert (network.length_m >= straight - 1e-6).all()
    # All hexagons' residents are there, whoever is reached.
    table = np.genfromtxt(
        real_data / "streets" / "porto_alegre_hexagons.csv", delimiter=",", names=True, usecols=(1, 2, 3)
    )
    assert table["population"].sum() == 812_935
    points = snap(network, table["lon"], table["lat"], edges=main_edges(network))
    assert len(points.too_far) < 30
    stations = points.chosen(np.arange(0, len(points), 40))
    reached = [
        table["population"][
            np.isfinite(nearest_station(network, stations, points, limit_m=limit).distance_m)
        ].sum()
        for limit in (300, 500, 1_000, 30_000)
    ]
    assert reached == sorted(reached)
    assert 0.95 * 812_935 < reached[-1] <= 812_935


@pytest.mark.shared
def test_changsha(real_data):
    network = network_of_extract(Path(real_data / "streets" / "changsha_patch.osm"))
    assert "桃子湖路" in network.names
    assert network.islands.share[0] > 0.8


def test_a_node_that_comes_twice_and_streets_of_no_length():
    paths = extract.Paths(
        keys=np.array([1, 1, 2, 3, 4, 4]),
        vertices=np.array([[113.0, 28], [113, 28], [113.001, 28], [113.001, 28], [113.002, 28], [113.002, 28]]),
        offsets=np.array([0, 3, 4, 6]),
        forward=np.ones(3, bool),
        backward=np.ones(3, bool),
        codes=np.arange(3),
        names=["", "", ""],
    )
    network = network_of_paths(paths)
    assert (len(network.ends), len(network.nodes)) == (1, 2)


def test_nodes_in_one_place_are_nought_metres_apart():
    paths = extract.Paths(
        keys=np.array([1, 2, 2, 3, 3, 4]),
        vertices=np.array(
            [[113.0, 28], [113.001, 28], [113.001, 28], [113.001, 28], [113.001, 28], [113.002, 28]]
        ),
        offsets=np.array([0, 2, 4, 6]),
        forward=np.ones(3, bool),
        backward=np.ones(3, bool),
        codes=np.arange(3),
        names=["", "", ""],
    )
    network = network_of_paths(paths)
    ends = snap(network, np.array([113.0, 113.002]), np.array([28.0, 28.0]))
    metres = nearest_station(network, ends.chosen(slice(0, 1)), ends.chosen(slice(1, 2)), limit_m=1e4).distance_m[
        0
    ]
    assert metres == pytest.approx(network.length_m.sum(), abs=1e-3)
    assert np.sort(network.length_m)[0] == 0


WATER = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="28.800" lon="113.070" timestamp="2012-07-28T11:01:18Z" version="1"/>
  <node id="2" lat="28.800" lon="113.072" timestamp="2012-07-28T11:01:18Z" version="1"/>
  <node id="3" lat="28.802" lon="113.072" timestamp="2012-07-28T11:01:18Z" version="1"/>
  <node id="4" lat="28.802" lon="113.070" timestamp="2012-07-28T11:01:18Z" version="1"/>
  <way id="10" timestamp="2019-05-20T23:30:00Z" version="3"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
  <way id="11" timestamp="2021-01-01T00:00:00Z" version="1"><nd ref="1"/><nd ref="3"/><tag k="waterway" v="river"/>
    <tag k="name" v="汨罗江"/></way>
  <way id="12" version="1"><nd ref="1"/><nd ref="4"/><tag k="waterway" v="river"/><tag k="tunnel" v="culvert"/></way>
  <way id="13" version="1"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="natural" v="water"/></way>
  <way id="14" version="1"><nd ref="2"/><nd ref="4"/><tag k="railway" v="rail"/><tag k="name" v="京广线"/></way>
  <way id="15" version="1"><nd ref="2"/><nd ref="4"/><tag k="railway" v="subway"/></way>
  <way id="16" version="1"><nd ref="2"/><nd ref="4"/><tag k="waterway" v="ditch"/></way>
  <way id="17" version="1"><nd ref="2"/><nd ref="99"/><tag k="railway" v="rail"/></way>
  <way id="18" version="1"><nd ref="2"/><nd ref="4"/><tag k="railway" v="rail"/><tag k="bridge" v="viaduct"/></way>
  <way id="20" version="1"><nd ref="1"/><nd ref="2"/></way> <way id="21" version="1"><nd ref="2"/><nd ref="3"/><nd ref="1"/></way>
  <relation id="19" version="1"><member type="way" ref="20" role="outer"/><member type="way" ref="21" role="outer"/>
    <tag k="type" v="multipolygon"/><tag k="natural" v="water"/><tag k="name" v="湖"/></relation>
</osm>
"""


def test_water_and_railways_are_what_nobody_crosses(tmp_path):
    path = tmp_path / "water.osm"
    path.write_text(WATER)
    found = background_of_extract(path, cache=tmp_path / "cache")
    told = sorted((record["kind"], record["name"], shape.geom_type) for record, shape in found)
    assert told == [
        ("railway", "京广线", "LineString"),
        ("water", "", "Polygon"),
        ("water", "汨罗江", "LineString"),
        ("water", "湖", "Polygon"),
    ]
    (file,) = (tmp_path / "cache").iterdir()
    assert [(record, shape.wkt) for record, shape in background_of_extract(path, cache=tmp_path / "cache")] == [
        (record, shape.wkt) for record, shape in found
    ]
    file.write_bytes(file.read_bytes()[:100])
    assert len(background_of_extract(path, cache=tmp_path / "cache")) == len(found)


def test_network_has_the_day_of_its_newest_street_or_of_the_header(tmp_path, path):
    newest = tmp_path / "newest.osm"
    newest.write_text(WATER)
    about = network_of_extract(newest, cache=tmp_path / "cache").about
    assert (about["as_of"], about["as_of_from"]) == ("2019-05-20", "newest")
    assert network_of_extract(newest, cache=tmp_path / "cache").about == about
    assert "as_of" not in network_of_extract(path).about  # its objects have no day
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-10-31T20:21:22Z")
    stamped = tmp_path / "stamped.osm.pbf"
    with osmium.SimpleWriter(str(stamped), header=header) as writer:
        for found in osmium.FileProcessor(str(newest)):
            writer.add(found)
    about = network_of_extract(stamped).about
    assert (about["as_of"], about["as_of_from"]) == ("2026-10-31", "header")
