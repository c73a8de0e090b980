"""The map of coverage: every figure on paper, any hour from data that stands in the page once, names as text."""

import base64
import json
from dataclasses import replace

import numpy as np
import paper_town as town
import pytest
import shapely
from street_town import line

from locator.coverage.gaps import measure_gaps
from locator.coverage.hours import measure_hours
from locator.coverage.measures import MEASURES
from locator.coverage.service_areas import measure_service_areas
from locator.coverage.study import Study
from locator.datum import Datum, convert
from locator.geodesy import length_m
from locator.maps.base import standalone
from locator.maps.base_maps import BaseMap, choose_base_map
from locator.maps.colours import AREAS, NOTHING, ink_on, share_class
from locator.maps.coverage import LAYERS, coverage_map
from locator.maps.drawing import ANY_HOUR, NO_SHARE, drawing_of, hour_name
from locator.place import Area, DemandPoint
from locator.station import Station
from locator.translation import translator

WEDNESDAY = 1 + 2 * 24
NIGHT, MORNING = WEDNESDAY + 2, WEDNESDAY + 10
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{7*7}}{% raw %}`\"'</script><script>alert(3)</script>"


def drawn(study):
    return drawing_of(study, measure_hours(study))


def page(study, **options):
    drawing = drawn(study)
    options = {
        "counted": "residents", "within": "500 m", "street_within_m": 500, "title": "t", "attribution": "a",
    } | options  # fmt: skip
    audit = MEASURES["audit"](study)
    return coverage_map(
        drawing,
        translator("en"),
        gaps=measure_gaps(study)["gaps"],
        uncovered=audit["uncovered"],
        service_areas=measure_service_areas(study)["service_areas"],
        **options,
    )


def test_slices_are_those_of_the_paper():
    """B is open from 8 to 18 h, nobody knows the hours of C; p5 has only C within 500 m."""
    drawing = drawn(town.study())
    slices = drawing.slices
    assert drawing.areas == ["东社区", "西社区"]
    assert slices.area_shares[:, ANY_HOUR].tolist() == [100, 100]
    assert slices.area_shares[:, NIGHT].tolist() == [0, 88]  # 150 of 170
    assert slices.area_shares[:, MORNING].tolist() == [100, 88]
    states = dict(zip(drawing.stations, slices.station_states[:, [NIGHT, MORNING]].tolist(), strict=True))
    assert states == {"甲站": [2, 2], "乙站": [0, 2], "丙站": [1, 1]}
    assert [slices.stations[at] for at in (ANY_HOUR, NIGHT, MORNING)] == [3, 1, 2]
    assert slices.shares[NIGHT] == pytest.approx(150 / 450, abs=1e-4)
    assert slices.shares_possible[NIGHT] == pytest.approx(370 / 450, abs=1e-4)  # C may be open: p5, and p3


def test_demand_is_in_the_band_of_its_way():
    drawing = drawn(town.study())
    assert [band.code for band in drawing.bands] == ["300_m", "500_m"]
    slices = drawing.slices
    by_people = dict(zip(drawing.point_people, slices.point_bands.tolist(), strict=True))
    night = slices.band_set[NIGHT]
    # p1 has 282.84 m to A, p3 600 m; B is nearer but closed.
    assert (by_people[100][night], by_people[200][night]) == (0, 2)
    assert by_people[200][slices.band_set[MORNING]] == 0


def test_page_holds_the_data_once_and_as_it_is():
    drawing = drawn(town.study())
    data = json.loads(page(town.study()).data)
    count = len(drawing.slices)
    shares = np.frombuffer(base64.b64decode(data["slices"]["areas"]), np.uint8).reshape(-1, count)
    assert shares.tolist() == drawing.slices.area_shares.tolist()
    assert count == 1 + 168 + 24
    assert len(data["slices"]["sets"]) == count
    # The sets of stations that differ, not the hours: a week is a handful.
    assert len(base64.b64decode(data["slices"]["bands"])) == len(drawing.points) * (
        max(data["slices"]["sets"]) + 1
    )
    assert data["gaps"]["ranks"] == list(range(1, len(data["gaps"]["ranks"]) + 1))


def test_page_beside_its_data_is_light():
    made = page(town.study())
    assert len(made.body + made.script + made.style) < 20_000
    assert made.script.count("L.map(") == 1


def test_file_asks_for_nothing_and_has_its_layers():
    made = page(town.study(), shown=("gaps",), at=NIGHT)
    file = standalone(made, "en")
    assert "https://" not in made.script + made.body
    assert all(name in made.script for name in ("uncovered", "gaps"))
    data = json.loads(made.data)
    assert (data["shown"], data["at"]) == (["ground", "gaps"], NIGHT)
    assert "coverageMap" in file
    assert set(LAYERS) < set(data) | {"stations"}


def test_hostile_names_are_data_alone():
    areas = [Area(id="a", name=HOSTILE, geometry=town.box(-50, -50, 1100, 850))]
    stations = [Station(id="s", name=HOSTILE, geometry=town.place(200, 200), opening_hours="Mo 08:00-10:00")]
    made = page(town.study(areas=areas, stations=stations), title=HOSTILE, attribution=HOSTILE, counted=HOSTILE)
    data = json.loads(made.data)
    assert data["areas"]["names"] == [HOSTILE] == data["stations"]["names"]
    assert HOSTILE in data["gaps"]["because"]
    assert "<" not in made.data
    assert HOSTILE not in made.script + made.body
    assert "<img src=x" not in standalone(made, "zh")


def test_cells_are_drawn_as_cells_and_nobody_is_no_share():
    study = town.study(people={"p1": ((0, 0), 100)})
    cell = DemandPoint(id="c", geometry=town.box(0, 0, 100, 100), weights={"residents": 5})
    with_cell = Study(
        snapshot=study.snapshot, areas=study.areas, streets=[], demand_points=[*study.demand_points, cell],
        day=study.day, criteria=study.criteria, network=study.network,
    )  # fmt: skip
    drawing = drawn(with_cell)
    assert {shape.geom_type for shape in drawing.points} == {"Point", "Polygon"}
    assert drawing.slices.area_shares[0].tolist() == [NO_SHARE] * len(drawing.slices)


def test_nothing_at_all_is_a_map():
    made = page(town.study(stations=[], people={}, areas=[], streets=[], network=None))
    assert json.loads(made.data)["points"]["lons"] == []


@pytest.mark.parametrize(
    ("share", "place"), [(0, 0), (0.2, 0), (0.21, 1), (0.6, 2), (0.999, 4), (1, 4), (None, None)]
)
def test_edge_of_a_class_belongs_below(share, place):
    assert share_class(share) == place


def test_numbers_on_colours_can_be_read():
    """At least 4.5 to 1, WCAG 2.2, 1.4.3."""

    def luminance(colour):
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    for colour in (*AREAS, NOTHING):
        light, dark = sorted((luminance(colour), luminance(ink_on(colour))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


def test_hours_have_names():
    assert hour_name(NIGHT, translator("en")) == "Wednesday 02:00"
    assert hour_name(ANY_HOUR, translator("zh")) == "不论开放时间"


def test_bounds_hold_what_is_studied():
    west, south, east, north = drawn(town.study()).bounds
    everything = shapely.box(west, south, east, north)
    assert all(everything.covers(area.geometry) for area in town.AREAS)


def test_streets_of_an_extract_are_drawn_where_the_data_has_none():
    """Twelve streets in the network, each once, with its name; the longest come first on paper: ① of 800 m."""
    drawing = drawn(replace(town.study(streets=[]), barriers=()))
    assert sorted(drawing.ground.names) == sorted({name for name in town.NETWORK.names if name})
    assert set(drawing.ground.kinds) == {"main"}
    whole = dict(zip(drawing.ground.names, drawing.ground.shapes, strict=True))
    told = town.NETWORK.length_m[town.NETWORK.name == town.NETWORK.names.index("①")].sum()
    assert length_m(whole["①"]) == pytest.approx(told, rel=1e-3)


def pairs_of(value):
    """Return all coordinates of a page's data, lon before lat, by the layer that they are of."""
    layers = ("areas", "reach", "stations", "ground", "gaps", "uncovered")
    found = {name: shapely.get_coordinates(list(map(shapely.geometry.shape, value[name]["shapes"])))
             for name in layers}  # fmt: skip
    points = value["points"]
    found["points"] = np.column_stack([points["lons"], points["lats"]])
    found["cells"] = shapely.get_coordinates(list(map(shapely.geometry.shape, points["cells"].values())))
    found["bounds"] = np.array(value["bounds"])[:, ::-1]
    return found


def test_a_base_map_with_another_datum_shifts_every_layer():
    cell = DemandPoint(id="c", geometry=town.box(120, 120, 280, 280), weights={"residents": 10})
    study = town.study(street_within_m=100.0)
    study = replace(study, demand_points=[*study.demand_points, cell])
    background = [({"kind": "water"}, town.box(300, 0, 350, 800))]
    drawing = drawing_of(study, measure_hours(study), background=background)
    options = {"counted": "c", "within": "w", "street_within_m": 100, "title": "t", "attribution": "a"}
    tables = {
        "gaps": measure_gaps(study)["gaps"],
        "uncovered": MEASURES["audit"](study)["uncovered"],
        "service_areas": measure_service_areas(study)["service_areas"],
    }
    here, there = (
        pairs_of(json.loads(coverage_map(drawing, translator("en"), **tables, **options, base=base).data))
        for base in (BaseMap(), BaseMap(name="shifted", datum=Datum.GCJ02))
    )
    assert all(len(pairs) for pairs in here.values()), "an empty layer shows nothing"
    for name, pairs in here.items():
        shifted = np.column_stack(convert(*pairs.T, Datum.WGS84, Datum.GCJ02))
        assert np.abs(there[name] - shifted).max() < 2.1e-5, name  # two roundings to a metre
        assert np.abs(there[name] - pairs).max() > 1e-3, name


def test_a_base_map_with_tiles_says_whose_it_is_and_shows_the_ground_itself():
    data = json.loads(page(town.study(), base=choose_base_map("amap"), attribution="ours").data)
    assert data["ground"]["shapes"] == []
    assert "autonavi" in data["base"]["tiles"][0]
    texts = [credit["text"] for credit in data["credits"]]
    assert "高德" in texts[0]
    assert "6375" in texts[1]
    assert texts[-1] == "ours"
    plain = json.loads(page(town.study()).data)
    assert (plain["base"]["tiles"], len(plain["ground"]["shapes"])) == ([], len(town.LINES) + 1)  # and the river


def test_service_areas_are_drawn_by_band_with_what_they_reach():
    study = town.study()
    found = measure_service_areas(study)["service_areas"]
    reach = json.loads(page(study).data)["reach"]
    assert [found.columns["threshold"][band].code for band in reach["bands"]] == ["300_m", "500_m"]
    assert (reach["streets"], reach["ground"]) == (found.columns["street_m"], found.columns["area_m2"])
    straight = json.loads(page(town.study(network=None)).data)["reach"]
    assert straight["streets"] == [None, None]
    assert '"Service areas in a straight line"' in page(town.study(network=None)).script


def test_water_of_the_study_is_drawn_where_the_background_has_none():
    study = town.study()
    kinds = [drawing_of(study, measure_hours(study), background=given).ground.kinds for given in (
        [], [({"kind": "railway"}, line([(0, 0), (5, 5)]))], [({"kind": "boundary"}, town.box(0, 0, 9, 9))],
    )]  # fmt: skip
    assert [sorted(set(some) - {"main", "minor", "path"}) for some in kinds] == [
        ["water"], ["railway"], ["boundary", "water"],
    ]  # fmt: skip
