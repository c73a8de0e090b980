"""The town of twelve streets (tests/streets/street_town.py) with stations, people and a river.

 800   ┌───⑪ one-way ──►┐
       │                 ▼
 600   ┼ D ─────┼───── p5 ─────────────────┼  ④
       │        │        │                 │
 400   ┼────────┼────────┼────── C ────────┼  ③
       │        │        │        ⑨ bridge │
 200   ┼────────A────────┼────────┊────── p3 ───── p4 ⑩  ②
       │   ⑫ ╱  │        │        │        │
   0   p1 ──────┼────── p2 ───────┴─────── B  ①
       0       200      400      600      800      1000
~~~~~~~~~~~~~~~ the river ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
-300   ── p6 ── the other bank

Ways on foot, in metres: p1 (100 people) A 282.84, B 800, C 882.84 · p2 (50) A 400, B 400, C 600 ·
p3 (200) A 600, B 200, C 400 · p4 (30) A 800, B 400, C 600 · p5 (20) A 600, B 1000, C 400 · p6 (50) nobody.

A: around the clock, open door, no registration, toilet, hot water, air conditioning, for 10.
B: Mo-Fr 08:00-18:00, face scan only, for members, for 20; nobody knows about a toilet.
C: nobody knows its hours nor its room; open door, for everyone; no toilet. D: suspended.
West ends at x = 500: p1, p2, p5. East: p3, p4. p6 is in neither.
"""

from __future__ import annotations

from datetime import date

import shapely
from street_town import STREETS, line, lonlat, town

from locator.coverage.criteria import Criteria, Threshold
from locator.coverage.study import Barrier, Study
from locator.place import Area, DemandPoint, Street
from locator.snapshot import Snapshot
from locator.station import Entry, Provenance, Station

DAY = date(2026, 11, 25)  # a Wednesday, in a week without holidays
NETWORK = town()
PEOPLE = {
    "p1": ((0, 0), 100),
    "p2": ((400, 0), 50),
    "p3": ((800, 200), 200),
    "p4": ((1000, 200), 30),
    "p5": ((400, 600), 20),
    "p6": ((150, -300), 50),
}
DIAGONAL_M = 200 * 2**0.5
METRES = tuple(Threshold("m", value) for value in (300, 500))


def place(x, y):
    (pair,) = lonlat([(x, y)])
    return shapely.Point(pair)


def box(west, south, east, north):
    return shapely.Polygon(lonlat([(west, south), (east, south), (east, north), (west, north)]))


STATIONS = [
    Station(
        id="A", name="甲站", geometry=place(200, 200), opening_hours="24/7", capacity=10,
        facilities={"toilet": True, "hot_water": True, "air_conditioning": True},
        entry=Entry(ways=("open_door",), registration=False, admits="everyone"),
        provenance=Provenance(location_verified=date(2026, 5, 1)),
    ),
    Station(
        id="B", name="乙站", geometry=place(800, 0), opening_hours="Mo-Fr 08:00-18:00", capacity=20,
        facilities={"hot_water": True, "air_conditioning": True},
        entry=Entry(ways=("face",), registration=True, admits="members"),
        provenance=Provenance(location_verified=date(2023, 2, 1)),
    ),
    Station(
        id="C", name="丙站", geometry=place(600, 400), facilities={"toilet": False},
        entry=Entry(ways=("open_door",), admits="everyone"),
    ),
    Station(id="D", name="丁站", geometry=place(0, 600), status="suspended", opening_hours="24/7"),
]  # fmt: skip
AREAS = [
    Area(id="east", name="东社区", geometry=box(500, -50, 1100, 850), valid_from=date(2024, 1, 11)),
    Area(id="west", name="西社区", geometry=box(-50, -50, 500, 850), valid_from=date(2024, 1, 11)),
]
LINES = [
    Street(id=name, name=name, geometry=line(places), must_cover=name in "①⑩", kind="minor")
    for name, places in STREETS.items()
]
RIVER = Barrier("water", "大河", box(-200, -200, 1200, -100))


def study(
    *,
    stations=STATIONS,
    people=PEOPLE,
    areas=AREAS,
    streets=LINES,
    network=NETWORK,
    day=DAY,
    demand_points=(),
    **criteria,
):
    """Return the study of the town; its thresholds 300 and 500 m, within reach 500 m."""
    criteria.setdefault("within", Threshold("m", 500))
    return Study(
        snapshot=Snapshot.of(stations),
        areas=areas,
        streets=streets,
        demand_points=[
            *demand_points,
            *(
                DemandPoint(id=code, geometry=place(*spot), weights={"residents": weight})
                for code, (spot, weight) in people.items()
            ),
        ],
        day=day,
        barriers=[RIVER],
        criteria=Criteria(thresholds=METRES, **criteria),
        network=network,
    )
