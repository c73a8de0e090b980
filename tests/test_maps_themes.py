"""What the map of each measure shows of its own, on paper: see tests/coverage/paper_town.py."""

import json

import paper_town as town
import pytest

from locator.coverage.criteria import Threshold
from locator.coverage.measures import MEASURES
from locator.maps.themes import theme_of
from locator.place import Area
from locator.report.findings import find
from locator.report.maps import map_page
from locator.report.question import Question
from locator.translation import translator

EN = translator("en")
HERE = {code: spot for code, spot in town.PEOPLE.items() if code != "p6"}
OWN = ("heat", "facilities", "backup", "equity", "capacity", "spacing")


def drawn(measure, study=None, **options):
    """Return the data of the map of one measure and its title."""
    study = study or town.study(**{"people": HERE} | options)
    question = Question(day=study.day, criteria=study.criteria, straight=study.network is None)
    findings = find(study, question)
    theme = theme_of(study, findings.results[measure])
    page = map_page(findings, EN, measure=measure, theme=theme)
    return json.loads(page.data), page.title


def classes(data, layer):
    """Return of each row of a layer the name of its class."""
    one = data["classes"][layer]
    return [one["names"][row] for row in one["of"]]


@pytest.mark.parametrize("measure", MEASURES)
def test_each_map_bears_the_name_of_its_measure(measure):
    data, title = drawn(measure)
    about = MEASURES[measure](town.study(people=HERE)).about
    assert title == f"Coverage map: {about.title.text(EN)}"
    assert (theme_of(town.study(people=HERE), MEASURES[measure](town.study(people=HERE))) is None) is (
        measure not in OWN
    )
    assert bool(data["headline"]) is (measure not in ("reach", "service_areas", "facilities", "heat"))


def test_heat_slides_through_days_and_opens_with_the_worst():
    """A alone on Saturday: 150 of 400; A and B from Monday to Friday: 380. C perhaps."""
    data, _ = drawn("heat")
    slices = data["slices"]
    assert slices["shares"][:7] == [0.95] * 5 + [0.375] * 2
    assert slices["possible"][:7] == [1.0] * 5 + [0.925] * 2
    assert slices["counts"][:7] == [2] * 5 + [1] * 2
    assert data["at"] == 5
    assert data["sliding"]["names"][5] == "Saturday, 12 to 15 h, air conditioning and water"
    assert not data["still"]


def test_facilities_slide_through_what_is_asked():
    """A has a toilet: p1 and p2, 150 of 400; of B nobody knows: p3 and p4 too."""
    data, _ = drawn("facilities")
    place = data["sliding"]["names"].index("toilet")
    assert place == data["at"]
    assert (data["slices"]["shares"][place], data["slices"]["possible"][place]) == (0.375, 0.95)
    assert data["slices"]["counts"][place] == 1


def test_backup_shows_how_many_and_whose_only_one():
    """Within 500 m: p1 A; p2 A, B; p3 B, C; p4 B; p5 C. Alone: A has 100, B 30, C 20."""
    data, _ = drawn("backup")
    one, two = "one station within reach", "two stations within reach"
    assert classes(data, "points") == [one, two, two, one, one]
    assert classes(data, "stations") == [
        "the only one of up to 100 residents", "the only one of up to 100 residents",
        "the only one of up to 100 residents",
    ]  # fmt: skip
    assert data["classes"]["stations"]["texts"][0] == [
        "within reach of 150 residents", "the only one of 100 residents",
    ]  # fmt: skip
    assert data["headline"] == "62.5% have a second station within reach."
    assert data["still"]


def test_equity_shows_the_worst_first_and_who_has_no_way():
    areas = [
        *town.AREAS,
        Area(id="bank", name="对岸", geometry=town.box(-50, -400, 500, -210)),
        Area(id="bare", name="空地", geometry=town.box(2000, 2000, 2100, 2100)),
    ]
    data, _ = drawn("equity", people=town.PEOPLE, areas=areas)
    assert classes(data, "areas") == [
        "median way 200 to 200 m", "median way 283 to 283 m", "most have no way to a station",
        "nobody to be reached",
    ]  # fmt: skip
    assert data["classes"]["areas"]["texts"][2][0] == "1 of 3, the worst served first"
    assert "对岸" in data["headline"]


def test_capacity_shows_places_and_what_nobody_knows():
    """Within 500 m p5 has C alone, whose room nobody knows."""
    data, _ = drawn("capacity")
    assert classes(data, "points")[4] == "not known"
    assert classes(data, "stations") == [
        "capacity known",
        "capacity known",
        "capacity unknown, or not on the terms",
    ]
    assert "5.0% have stations whose room nobody knows" in data["headline"]


def test_spacing_draws_its_pairs_and_stretches():
    """A and C, B and C: 447 m in a straight line, 600 by the way. ① has no station for 800 m."""
    data, _ = drawn("spacing", crowded_m=500, stretch_m=700)
    assert data["pairs"]["kinds"] == [1, 1]
    assert (data["pairs"]["metres"], data["pairs"]["straight"]) == ([600, 600], [447, 447])
    assert [one["type"] for one in data["pairs"]["shapes"]] == ["LineString", "LineString"]
    assert data["uncovered"]["streets"] == ["①"]
    assert data["words"]["bare"] == "main street over 700 m without a station"
    assert data["shown"] == ["ground", "uncovered", "pairs", "stations"]
    assert data["headline"] == (
        "0 pairs of stations are nearer than 500 m to each other, 2 more in a straight line only; "
        "1 stretches of main street over 700 m have no station."
    )


@pytest.mark.parametrize("measure", OWN)
@pytest.mark.parametrize(
    "lacking",
    [{"stations": []}, {"people": {}}, {"areas": []}, {"streets": []}, {"network": None},
     {"stations": town.STATIONS[:1], "people": {}, "areas": [], "streets": [], "network": None},
     {"stations": [], "people": {}, "areas": [], "streets": [], "network": None},
     {"stations": town.STATIONS[2:3], "people": {"p": ((0, 0), 0)}},
     {"people": {"p6": town.PEOPLE["p6"]}, "within": Threshold("m", 1)}],
)  # fmt: skip
def test_whatever_is_lacking_there_is_a_map(measure, lacking):
    data, _ = drawn(measure, **lacking)
    for layer, one in data["classes"].items():
        rows = {"areas": data["areas"]["names"], "points": data["points"]["lons"]}.get(
            layer, data["stations"]["names"]
        )
        assert len(one["of"]) == len(one["texts"]) == len(rows)
        assert all(0 <= row < len(one["names"]) == len(one["colours"]) for row in one["of"])
