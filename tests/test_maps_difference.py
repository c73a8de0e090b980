"""The map of a difference: every place by what changes there, numbered changes, both sides named, names as text."""

import json

import paper_town as town
from test_coverage_report import HOSTILE

from locator.coverage.comparison import compare
from locator.coverage.edits import Opening
from locator.coverage.hours import measure_hours
from locator.coverage.scenario import Scenario, new_edit, with_edit
from locator.coverage.supposing import supposed
from locator.maps.base import standalone
from locator.maps.difference import difference_map
from locator.maps.drawing import drawing_of
from locator.place import Area
from locator.station import Station
from locator.translation import translator


def edited(present, name, *edits):
    scenario = Scenario(name=name)
    for make in edits:
        scenario = with_edit(scenario, make(present.snapshot, scenario), present.snapshot)
    return scenario


def opening(name="新站"):
    opened = Station(id="N", name=name, geometry=town.place(150, -300), opening_hours="24/7")
    return lambda snapshot, scenario: Opening(station=opened)


def closing(code):
    return lambda snapshot, scenario: new_edit(snapshot, scenario, code)


def moving(code, x, y):
    return lambda snapshot, scenario: new_edit(snapshot, scenario, code, geometry=town.place(x, y))


def page(before, after):
    found = compare(before, after)
    drawn = difference_map(
        found, drawing_of(after, measure_hours(after)), translator("en"), title="t", sides=("a", "b"), summary="s",
        counted="residents", attribution="x",
    )  # fmt: skip
    return drawn, json.loads(drawn.data)


def test_places_lie_in_the_layer_of_what_changes_there():
    """In straight lines p6 (50) gains the new station; p5 (20) loses A or C, and with B there are fewer hours."""
    present = town.study(network=None)

    def people(*edits):
        _, data = page(present, supposed(present, edited(present, "two", *edits)))
        codes = ("gained", "lost", "longer", "shorter")
        found = {code: sorted(one["properties"]["people"] for one in data[code]) for code in codes}
        return found, [(one["properties"]["number"], one["properties"]["kind"]) for one in data["changes"]]

    found, changes = people(opening(), closing("A"), closing("C"))
    assert found == {"gained": [50], "lost": [20], "longer": [], "shorter": []}
    assert changes == [(1, "open"), (2, "close"), (3, "close")]
    found, _ = people(closing("B"))
    assert found == {"gained": [], "lost": [], "longer": [], "shorter": [30, 200]}


def test_of_two_scenarios_what_both_do_alike_is_no_change():
    present = town.study(network=None)
    first = supposed(present, edited(present, "one", closing("B"), closing("C")))
    second = supposed(present, edited(present, "two", closing("B"), opening()))
    found = compare(first, second)
    told = [(one.number, one.edit.id, one.scenario.text(translator("en"))) for one in found.changes]
    assert told == [(1, "N", "two"), (2, "C", "one")]
    assert [row["number"] for row in found["changes"].rows()] == [1, 2]
    _, data = page(first, second)
    assert [one["properties"]["scenario"] for one in data["changes"]] == ["two", "one"]


def test_what_moves_is_told_with_where_it_was():
    present = town.study(network=None)
    _, data = page(present, supposed(present, edited(present, "two", moving("C", 600, 200))))
    (change,) = data["changes"]
    row = present.snapshot.row_of("C")
    was = present.snapshot.geometry(row)
    assert change["properties"]["from"] == [round(was.y, 5), round(was.x, 5)]
    assert change["geometry"]["coordinates"] != [round(was.x, 5), round(was.y, 5)]


def test_hostile_names_stand_in_the_data_alone():
    areas = [Area(id="a", name=HOSTILE, geometry=town.box(-50, -400, 1100, 850))]
    present = town.study(network=None, areas=areas)
    drawn, data = page(present, supposed(present, edited(present, "two", opening(HOSTILE))))
    assert data["changes"][0]["properties"]["name"] == HOSTILE
    assert HOSTILE not in standalone(drawn, "en")
    assert "onerror" not in drawn.body + drawn.script
