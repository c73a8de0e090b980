"""OpenStreetMap extracts: each layer's objects with their tags and a whole geometry, or counted as left out."""

import bz2
import gzip

import osmium
import pytest
from shapely.geometry import shape

from locator.errors import InvalidValue
from locator.exchange.reading import Limits, read_file

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="28.80" lon="113.07"/>
  <node id="2" lat="28.80" lon="113.08"/>
  <node id="3" lat="28.81" lon="113.08"/>
  <node id="4" lat="28.81" lon="113.07"/>
  <node id="5" lat="28.803" lon="113.073"/>
  <node id="6" lat="28.803" lon="113.076"/>
  <node id="7" lat="28.806" lon="113.076"/>
  <node id="8" lat="28.805" lon="113.075"><tag k="amenity" v="toilets"/><tag k="name" v="公厕"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="人民路"/></way>
  <way id="11"><nd ref="1"/><nd ref="99"/><tag k="highway" v="footway"/></way>
  <way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
  <way id="13"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/></way>
  <way id="14"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="amenity" v="bank"/><tag k="name" v="银行"/></way>
  <relation id="20"><member type="way" ref="12" role="outer"/><member type="way" ref="13" role="inner"/>
    <tag k="type" v="boundary"/><tag k="boundary" v="administrative"/><tag k="admin_level" v="9"/>
    <tag k="name" v="归义社区"/></relation>
  <relation id="21"><member type="way" ref="77" role="outer"/>
    <tag k="type" v="boundary"/><tag k="boundary" v="administrative"/><tag k="name" v="不全"/></relation>
</osm>
"""

GATE = '<node id="5" lat="28.803" lon="113.073"><tag k="barrier" v="gate"/></node>'


def packed(tmp_path, ending, text=TOWN):
    """Return an extract in one of the formats."""
    path = tmp_path / f"town{ending}"
    if ending == ".osm.pbf":
        plain = packed(tmp_path, ".osm", text)
        with osmium.SimpleWriter(str(path)) as writer:
            for thing in osmium.FileProcessor(str(plain)):
                writer.add(thing)
    else:
        pack = {".osm": bytes, ".osm.gz": gzip.compress, ".osm.bz2": bz2.compress}[ending]
        path.write_bytes(pack(text.encode()))
    return path


def found(file):
    return {row.id: (row.values["tags"], shape(row.geometry)) for row in file.rows}


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_streets_are_lines_and_what_lacks_nodes_is_counted(tmp_path, ending):
    file = read_file(packed(tmp_path, ending), layer="streets")
    ((code, (tags, line)),) = found(file).items()
    assert (code, tags) == ("way/10", {"highway": "residential", "name": "人民路"})
    assert list(line.coords) == [(113.07, 28.8), (113.08, 28.8)]
    assert file.incomplete == 1
    assert file.crs == "EPSG:4326"


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_network_has_nodes_barriers_and_what_is_left_of_cut_ways(tmp_path, ending):
    text = TOWN.replace(
        "</osm>",
        '<way id="30"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="3"/><nd ref="4"/>'
        '<tag k="highway" v="path"/></way>'
        '<way id="31"><nd ref="1"/><nd ref="2"/><tag k="barrier" v="wall"/></way></osm>',
    ).replace('<node id="5" lat="28.803" lon="113.073"/>', GATE)
    file = read_file(packed(tmp_path, ending, text), layer="network")
    assert [(row.id, row.values["tags"], row.values.get("nodes")) for row in file.rows] == [
        ("node/5", {"barrier": "gate"}, None),
        ("way/10", {"highway": "residential", "name": "人民路"}, [1, 2]),
        ("way/30", {"highway": "path"}, [1, 2]),
        ("way/30", {"highway": "path"}, [3, 4]),
    ]
    assert shape(file.rows[3].geometry).coords[:] == [(113.08, 28.81), (113.07, 28.81)]
    assert file.incomplete == 2


@pytest.mark.parametrize("ending", [".osm", ".osm.pbf"])
def test_areas_are_put_together_with_their_holes(tmp_path, ending):
    file = read_file(packed(tmp_path, ending), layer="areas")
    ((code, (tags, area)),) = found(file).items()
    assert (code, tags["name"], area.geom_type) == ("relation/20", "归义社区", "Polygon")
    assert area.area == pytest.approx(0.01 * 0.01 - 0.003 * 0.003 / 2)
    assert len(area.interiors) == 1
    assert file.incomplete == 1


def test_premises_are_points_and_polygons(tmp_path):
    premises = found(read_file(packed(tmp_path, ".osm"), layer="candidates"))
    assert {code: place.geom_type for code, (_, place) in premises.items()} == {
        "node/8": "Point",
        "way/14": "Polygon",
    }


def test_other_headings_are_not_limited_by_a_city_of_keys(tmp_path):
    nodes = "".join(
        f'<node id="{n}" lat="1" lon="2"><tag k="amenity" v="bank"/><tag k="k{n}" v="v"/></node>'
        for n in range(1, 30)
    )
    path = packed(tmp_path, ".osm", f'<osm version="0.6">{nodes}</osm>')
    assert len(read_file(path, layer="candidates", limits=Limits(columns=5)).rows) == 29


ENTITY = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE osm [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "text",
    [
        "<osm",
        '<osm version="0.6"><node id="x" lat="1" lon="2"/></osm>',
        '<osm version="0.6"><node id="1" lat="north" lon="2"/></osm>',
        '<osm version="0.3"></osm>',
        "<kml></kml>",
        f'{ENTITY}<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="name" v="&b;"/></node></osm>',
        f'{OUTSIDE}<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="name" v="&a;"/></node></osm>',
        '<osm version="0.6"><node id="1" lat="1" lon="2"><tag k="amenity" v="' + "x" * 300 + '"/></node></osm>',
    ],
)
def test_broken_or_hostile_xml_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "a.osm"
    path.write_text(text)
    with pytest.raises(InvalidValue) as refusal:
        read_file(path, layer="candidates", limits=Limits(cell_characters=200))
    assert "passwd" not in str(refusal.value)


@pytest.mark.parametrize(("ending", "cut"), [(".osm.gz", 60), (".osm.bz2", 60), (".osm.pbf", 120)])
def test_half_a_file_is_refused(tmp_path, ending, cut):
    path = packed(tmp_path, ending)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InvalidValue):
        read_file(path, layer="streets")


@pytest.mark.parametrize(("ending", "pack"), [(".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)])
def test_bomb_of_nothing_is_refused_in_time(tmp_path, ending, pack):
    path = tmp_path / f"a{ending}"
    path.write_bytes(pack(b'<osm version="0.6">' + b" " * 60_000_000))
    with pytest.raises(InvalidValue):
        read_file(path, layer="streets", limits=Limits(cpu_seconds=5, wall_seconds=20))


def test_name_and_content_must_agree(tmp_path):
    path = tmp_path / "a.osm.pbf"
    path.write_text(TOWN)
    with pytest.raises(InvalidValue, match="inside it is XML"):
        read_file(path)


def test_huge_and_negative_numbers_are_left_out_or_read(tmp_path):
    text = TOWN.replace('id="1"', 'id="-1"').replace('ref="1"', 'ref="-1"').replace('id="2"', f'id="{2**62}"')
    file = read_file(packed(tmp_path, ".osm", text.replace('ref="2"', f'ref="{2**62}"')), layer="streets")
    assert len(file.rows) + file.incomplete == 2


def test_too_many_rows_are_refused(tmp_path):
    with pytest.raises(InvalidValue, match="more than 1 rows"):
        read_file(packed(tmp_path, ".osm"), layer="candidates", limits=Limits(rows=1))
