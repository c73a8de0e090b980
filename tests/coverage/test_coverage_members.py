"""Cells on the border between West and East (x = 500): whose people they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_town import AREAS, box, place, study

from locator.coverage.audit import measure_audit
from locator.coverage.equity import measure_equity
from locator.coverage.reach import measure_reach
from locator.place import Area, DemandPoint

NEAR = pytest.approx


def cell(code, corners, people=100, **extra):
    return DemandPoint(id=code, geometry=box(*corners), weights={"residents": people}, extra=extra)


def town(*cells, areas=AREAS):
    return study(people={}, areas=areas, demand_points=list(cells))


def people(found):
    """Return residents by area: East, West."""
    return found.members.sums(found.weight)


def test_a_cell_on_a_border_is_shared_out_by_area():
    """A quarter of it lies in the west: 25 of its 100 people; the centre of all of it is in the east."""
    found = town(cell("x", (400, 0, 800, 200)))
    assert people(found) == NEAR([75, 25], abs=1e-3)
    reach = measure_reach(found)
    assert reach["areas"].columns["residents"] == [75, 25]
    assert reach.reached["residents"].total == 100
    assert [spread.beyond for spread in measure_equity(found).spread_by_area] == [0, 0]
    notes = [note for note in reach.about.notes if "shared out" in note.message]
    assert [(note.details["count"], note.details["total"]) for note in notes] == [("1", "100")]


def test_a_cell_that_names_its_community_counts_there():
    for word in ("西社区", " west "):
        found = town(cell("x", (400, 0, 800, 200), community=word))
        assert people(found).tolist() == [0, 100]
        said = [note.message for note in measure_audit(found).about.notes]
        assert "{count} places of demand count in the area that the list names" in said
        assert not any("shared out" in one for one in said)
    # A name that none of the areas has, such as of a community where districts are studied, says nothing.
    assert people(town(cell("x", (400, 0, 800, 200), community="别处"))) == NEAR([75, 25], abs=1e-3)


def test_what_lies_in_no_area_counts_in_the_total_only():
    """The west ends at x = -50."""
    found = town(cell("x", (-150, 0, 50, 200)))
    assert people(found) == NEAR([0, 50], abs=1e-3)
    (note,) = [note for note in measure_reach(found).about.notes if "none of the areas" in note.message]
    assert note.details["total"] == "50"


def test_people_of_an_area_that_are_known_apart_are_not_counted_twice():
    """The east has no cell of its own, so its 1,000 are spread over it, and the cell stays where its middle is."""
    east = Area(id="east", name="东社区", geometry=AREAS[0].geometry, residents=1000)
    found = town(cell("x", (300, 0, 600, 200)), areas=[east, AREAS[1]])
    assert people(found) == NEAR([1000, 100], abs=1e-6)


def test_areas_that_overlap_have_no_more_than_there_is():
    over = Area(id="over", name="重社区", geometry=box(400, -50, 700, 850))
    found = town(cell("x", (300, 0, 700, 200)), areas=[*AREAS, over])
    assert people(found).sum() == NEAR(100)
    assert (people(found) > 0).all()


CELLS = st.lists(
    st.tuples(
        st.integers(-200, 1100), st.integers(-200, 800), st.integers(10, 500), st.integers(10, 500),
        st.integers(0, 10_000), st.sampled_from(["", "", "west", "东社区", "别处"]),
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(CELLS)
def test_nobody_is_lost_and_nobody_counts_twice(cells):
    """In the areas and outside of them there are together all, to the last person."""
    found = town(
        *(
            cell(f"c{number}", (x, y, x + width, y + height), count, **({"community": word} if word else {}))
            for number, (x, y, width, height, count, word) in enumerate(cells)
        )
    )
    inside = found.members.inside(len(found.demand))
    assert ((inside >= 0) & (inside <= 1)).all()
    assert people(found).sum() + (found.weight * (1 - inside)).sum() == NEAR(sum(one[4] for one in cells))
    assert people(found).sum() == NEAR(sum(weight.sum() for _, weight in found.members.by_area(found.weight)))


@settings(deadline=None, max_examples=20)
@given(CELLS, st.integers(-40, 1090))
def test_where_a_border_runs_does_not_change_the_sum_of_both_sides(cells, border):
    west = Area(id="w", name="w", geometry=box(-50, -50, border, 850))
    east = Area(id="e", name="e", geometry=box(border, -50, 1100, 850))
    some = [
        cell(f"c{number}", (x, y, x + wide, y + high), n) for number, (x, y, wide, high, n, _) in enumerate(cells)
    ]
    whole = Area(id="a", name="a", geometry=box(-50, -50, 1100, 850))
    assert people(town(*some, areas=[east, west])).sum() == NEAR(people(town(*some, areas=[whole])).sum(), abs=0.5)


def test_points_count_where_they_are():
    found = study()
    assert people(found).tolist() == [230, 170]
    assert len(found.members.split) == 0
    assert np.array_equal(found.members.inside(6), [1, 1, 1, 1, 1, 0])
    assert place(0, 0).geom_type == "Point"
