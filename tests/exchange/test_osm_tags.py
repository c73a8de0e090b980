"""What tags mean: the cases of the wiki's tables that decide whether one may walk, and what a station is."""

import pytest

from locator.exchange.osm_tags import area_record, candidate_record, station_values, street_record


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "footway"}, "path"),
        ({"highway": "steps"}, "path"),
        ({"highway": "residential"}, "minor"),
        ({"highway": "primary"}, "main"),
        ({"highway": "primary", "foot": "no"}, None),
        ({"highway": "motorway"}, None),
        ({"highway": "motorway", "foot": "yes"}, "main"),
        ({"highway": "trunk", "motorroad": "yes"}, None),
        ({"highway": "trunk", "motorroad": "yes", "sidewalk": "both"}, "main"),
        ({"highway": "service", "access": "private"}, None),
        ({"highway": "service", "access": "private", "foot": "permissive"}, "minor"),
        ({"highway": "construction"}, None),
        ({"highway": "proposed"}, None),
        ({"highway": "pedestrian", "area": "yes"}, None),
        ({"highway": "bus_stop"}, None),
        ({"building": "yes"}, None),
    ],
)
def test_whether_a_way_is_walked(tags, kind):
    record = street_record(tags)
    assert (record and record["kind"]) == kind


def test_what_a_network_needs_is_kept():
    tags = {"highway": "footway", "bridge": "viaduct", "layer": "1", "level": "2", "name": "天桥", "colour": "red"}
    record = street_record(tags)
    assert record["bridge"] is True
    assert record["extra"] == {"highway": "footway", "bridge": "viaduct", "layer": "1", "level": "2"}
    assert "bridge" not in street_record({"highway": "footway", "bridge": "no"})


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"boundary": "administrative", "admin_level": "6"}, "district"),
        ({"boundary": "administrative", "admin_level": "10"}, "community"),
        ({"boundary": "administrative"}, None),
        ({"boundary": "protected_area", "admin_level": "6"}, None),
        ({"place": "neighbourhood"}, "community"),
        ({"place": "island"}, None),
    ],
)
def test_areas_are_administrative_or_quarters(tags, kind):
    record = area_record(tags | {"name": "归义"})
    assert (record and record["kind"]) == kind
    assert area_record(tags) is None


def test_residents_of_an_area_are_a_number_or_unsaid():
    tags = {"place": "quarter", "name": "a"}
    assert area_record(tags | {"population": "4200"})["residents"] == 4200
    assert "residents" not in area_record(tags | {"population": "about 4,200"})


def test_premises_have_a_name_and_their_hours():
    record = candidate_record({"amenity": "toilets", "opening_hours": "24/7", "access": "yes"})
    assert (record["name"], record["kind"], record["opening_hours"]) == ("toilets", "toilets", "24/7")
    assert candidate_record({"amenity": "toilets", "access": "private"}) is None
    assert candidate_record({"amenity": "restaurant"}) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("户外劳动者服务站点", True),
        ("归义社区工会驿站", True),
        ("暖心小站", True),
        ("司机之家", True),
        ("环卫工人爱心驿站", True),
        ("菜鸟驿站", False),
        ("长安驿站酒店", False),
        ("绿道驿站", False),
        ("党群服务中心", False),
        ("", False),
    ],
)
def test_a_station_is_known_by_its_name(name, is_one):
    assert (station_values({"name": name}) is not None) == is_one


def test_an_inn_is_no_station():
    assert station_values({"name": "职工驿站", "tourism": "guest_house"}) is None


def test_facilities_are_yes_no_or_unsaid():
    tags = {"name": "工会驿站", "toilets": "yes", "drinking_water": "no", "wheelchair": "limited"}
    values = station_values(tags | {"addr:street": "人民路", "addr:housenumber": "1号", "contact:phone": "110"})
    assert (values["toilet"], values["drinking_water"], values.get("wheelchair_access")) == ("yes", "no", None)
    assert (values["address"], values["phone"]) == ("人民路1号", "110")
