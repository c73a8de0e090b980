"""The other bank of the town is an island of streets, and so is a lane of fifty metres: who lives there is told true.

A lane of 50 m is less than a hundredth of all street. BESIDE it is 60 m from the end of ⑩, FAR 300 m.
"""

import numpy as np
import pytest
from paper_town import AREAS, DAY, PEOPLE, STATIONS, box, place, study
from street_town import STREETS, line, lonlat

from locator.coverage.backup import measure_backup
from locator.coverage.equity import measure_equity
from locator.coverage.gaps import measure_gaps
from locator.coverage.islands import apart
from locator.coverage.measures import MEASURES
from locator.coverage.reach import measure_reach
from locator.exchange.osm_ways import Mode
from locator.place import Area, Street
from locator.report.findings import find
from locator.report.question import Question
from locator.report.sentences import sentences
from locator.station import Station
from locator.streets.lines import street_network
from locator.streets.snapping import Snapper, main_edges
from locator.translation import translator

EN = translator("en")
FAR = [(1300, 200), (1350, 200)]
BESIDE = [(1060, 200), (1110, 200)]


def network(**lanes):
    """Return the network of the town with lanes beside it, without the bridge."""
    drawn = {name: places for name, places in STREETS.items() if name != "⑨"} | lanes
    return street_network(
        [Street(id=name, name=name, geometry=line(places), kind="minor") for name, places in drawn.items()],
        Mode.WALK,
    )


def town(people, stations=STATIONS, *, lane, **options):
    return study(people=people, stations=stations, network=network(lane=lane), **options)


def told(result):
    return [note.text(EN) for note in result.about.notes]


def test_a_lane_beside_the_streets_is_passed_over_and_one_further_away_is_entered():
    """At (1065, 205) the lane is 5 m away and ⑩ 65.2 m; at (1305, 205) ⑩ is 305 m away; at (1150, 205) both 150."""
    cases = (BESIDE, 1065, "⑩", np.hypot(65, 5)), (FAR, 1305, "lane", 5), (FAR, 1150, "⑩", np.hypot(150, 5))
    for lane, x, name, metres in cases:
        streets = network(lane=lane)
        snapper = Snapper(streets, main_edges(streets), beside_m=100)
        found = snapper.snap(*lonlat([(x, 205)]).T, max_access_m=500)
        assert streets.names[streets.name[found.edge[0]]] == name
        assert found.access_m[0] == pytest.approx(metres, abs=0.01)


def test_where_only_a_lane_is_near_it_is_the_street_that_there_is():
    people = {"near": ((1320, 205), 30), "p1": PEOPLE["p1"]}
    keeper = Station(id="E", name="戊站", geometry=place(1340, 205), opening_hours="24/7")
    found = measure_reach(town(people, [*STATIONS, keeper], lane=FAR, max_access_m=200))
    assert found.reached["residents"].within[-1, 0] == 130  # 5 + 20 + 5 m along the lane
    assert not any("any street" in note for note in told(found))


def test_every_measure_along_streets_says_what_lies_apart():
    """The other bank (300 m, 50 people of p6) and the lane (50 m, 30 people, E) are two islands."""
    people = PEOPLE | {"lane": ((1320, 205), 30)}
    keeper = Station(id="E", name="戊站", geometry=place(1340, 205), opening_hours="24/7")
    of_town = town(people, [*STATIONS, keeper], lane=FAR)
    found = apart(of_town)
    assert (found.islands, round(found.length_m)) == (2, 350)
    assert (found.people, found.cut_off) == (80, 50)
    assert [of_town.supply.ids[row] for row in found.stations] == ["E"]
    for measure in MEASURES.values():
        notes = told(measure(of_town))
        assert any(note.startswith("2 islands of streets, 0.3") for note in notes)
        assert "80 residents are on islands of streets" in notes
        assert "50 residents have no way along the streets to any station: they count as not reached" in notes
        assert "1 stations stand on islands of streets and are reached from there only: 戊站" in notes
    assert apart(study(network=None)) is None


def test_who_is_on_an_island_is_told_so_among_the_gaps():
    """p6 has a street and no way: A is 502.5 m away in a straight line, no station is within 500 m."""
    (gap,) = [gap for gap in measure_gaps(town(PEOPLE, lane=FAR)).gaps if gap.station < 0]
    assert (gap.reason, gap.people, gap.nearest_m) == ("island", 50, np.inf)
    nobody = measure_gaps(town(PEOPLE, [], lane=FAR))
    assert {gap.reason for gap in nobody.gaps} == {"no_station"}


def test_an_area_without_any_way_is_the_furthest():
    areas = [*AREAS, Area(id="bank", name="对岸", geometry=box(-50, -400, 500, -210)),
             Area(id="bare", name="空地", geometry=box(2000, 2000, 2100, 2100))]  # fmt: skip
    of_town = study(areas=areas)
    found = measure_equity(of_town)
    assert of_town.areas[found.worst_first[0]].id == "bank"
    findings = find(of_town, Question(day=DAY, criteria=of_town.criteria))
    (said,) = [text for text in sentences(findings, EN) if text.startswith("Furthest")]
    assert said == "Furthest from a station, by the median way: 对岸 (most have no way), 西社区, 东社区."


def test_means_say_whom_they_leave_out():
    """Of 450 the 50 on the other bank have no way: the mean is of 400, the ninth tenth (405 of 450) is 400 m."""
    for measure in (measure_equity, measure_reach):
        assert any(note.startswith("50 of 450 residents have no way") for note in told(measure(study())))
    figures = measure_equity(study())["figures"].columns
    assert figures["of"] == [400, 450]
    here = {code: spot for code, spot in PEOPLE.items() if code != "p6"}
    assert not any("have no way" in note for note in told(measure_equity(study(people=here))))


def test_backup_of_a_station_on_an_island_is_its_own():
    people = {"lane": ((1320, 205), 30)}
    keeper = Station(id="E", name="戊站", geometry=place(1340, 205), opening_hours="24/7")
    found = measure_backup(town(people, [*STATIONS, keeper], lane=FAR))
    assert found.lost.tolist() == [0, 0, 0, 30]
