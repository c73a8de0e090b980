"""What the map of a measure shows of its own: classes of areas, places and stations, pairs, slices to slide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.backup import Backup
from locator.coverage.capacity import Capacity
from locator.coverage.equity import Equity
from locator.coverage.facilities import Facilities
from locator.coverage.heat import Heat
from locator.coverage.hours import DAYS
from locator.coverage.result import Result, Table
from locator.coverage.saying import counted_note
from locator.coverage.spacing import Spacing
from locator.coverage.spread import Spread
from locator.coverage.study import Study
from locator.maps.colours import AREAS, BEYOND, NOTHING, band_colours
from locator.maps.drawing import Slices, slices_of
from locator.streets.graph import Floats, Numbers
from locator.translation import N_

__all__ = ["Classes", "Pairs", "Sliding", "Theme", "theme_of"]

_MUCH = ("#ffffff", "#fdd49e", "#fc8d59", "#b30000")
"""From nobody to many who would lose a station: ColorBrewer's OrRd."""
_PER = 1000


@dataclass(frozen=True, eq=False, kw_only=True)
class Classes:
    """How what is drawn in one layer is coloured.

    Attributes
    ----------
    title
        What the layer is called.
    names, colours
        Of each class, in the order of the legend.
    of
        For each row of the layer its class.
    texts
        For each row what is said of it, one line each.
    """

    title: Note
    names: Sequence[Note]
    colours: Sequence[str]
    of: Sequence[int]
    texts: Sequence[Sequence[Note]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Lines between stations that are near each other.

    Attributes
    ----------
    near, straight
        Tables of lines: near by the way, and in a straight line only.
    """

    near: Table
    straight: Table
    crowded_m: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Sliding:
    """Slices of a measure's own in place of the hours of the week.

    Attributes
    ----------
    label
        What they are: days, what is asked.
    opens
        The slice with which the map opens.
    """

    slices: Slices
    label: Note
    names: Sequence[Note]
    opens: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Theme:
    """What a measure shows on its map; what is not there is as on every map.

    Attributes
    ----------
    shown
        The layers that are on when the map opens.
    bare
        In place of the streets without a station near: other stretches of street, and what these are.
    is_still
        Nothing of it changes from hour to hour.
    """

    shown: Sequence[str]
    layers: Mapping[str, Classes] | None = None
    pairs: Pairs | None = None
    sliding: Sliding | None = None
    bare: tuple[Table, Note] | None = None
    is_still: bool = False


def theme_of(study: Study, result: Result) -> Theme | None:
    """Return what the map of a measure shows of its own; None: it is one of those that every map shows."""
    for kind, theme in _THEMES.items():
        if isinstance(result, kind):
            return theme(study, result)
    return None


def _heat(study: Study, found: Heat) -> Theme:
    days = [Note(DAYS[place]) for place in range(found.use.sure.shape[1])]
    worst = int(np.nanargmin(found.share)) if np.isfinite(found.share).any() else 0
    names = [Note(N_("{day}, 12 to 15 h, air conditioning and water"), {"day": day}) for day in days]
    sliding = Sliding(slices=slices_of(study, found.use), label=Note(N_("Day")), names=names, opens=worst)
    return Theme(shown=("points", "stations"), sliding=sliding)


def _facilities(study: Study, found: Facilities) -> Theme:
    names = [Note(one.label) for one in found.asked]
    sliding = Sliding(
        slices=slices_of(study, found.use),
        label=Note(N_("What is asked")),
        names=names,
        opens=min(1, len(names) - 1),
    )
    return Theme(shown=("points", "stations"), sliding=sliding)


def _backup(study: Study, found: Backup) -> Theme:
    counted = counted_note(study.criteria.weight)
    rows = np.flatnonzero(study.weight > 0)
    count = np.minimum(found.counts[rows], 3)
    people = Classes(
        title=Note(N_("demand, by the number of stations within reach")),
        names=[
            Note(N_("no station within reach")),
            Note(N_("one station within reach")),
            Note(N_("two stations within reach")),
            Note(N_("three or more stations within reach")),
        ],
        colours=[BEYOND, *reversed(band_colours(3))],
        of=count.tolist(),
        texts=[
            (
                Note(N_("{count} stations within reach"), {"count": int(number)}),
                _people(study.weight[row], counted),
            )
            for row, number in zip(rows.tolist(), found.counts[rows].tolist(), strict=True)
        ],
    )  # fmt: skip
    most = 10.0 ** np.floor(np.log10(max(float(found.lost.max(initial=0)), 10)))
    edges = [0.5, most / 10, most]
    stations = Classes(
        title=Note(N_("stations, by who would lose their only one")),
        names=[
            Note(N_("nobody's only station")),
            Note(N_("the only one of up to {high} {counted}"), {"high": f"{edges[1]:,g}", "counted": counted}),
            Note(N_("the only one of up to {high} {counted}"), {"high": f"{edges[2]:,g}", "counted": counted}),
            Note(N_("the only one of more than {low} {counted}"), {"low": f"{edges[2]:,g}", "counted": counted}),
        ],
        colours=_MUCH,
        of=np.searchsorted(edges, found.lost).tolist(),
        texts=[
            (
                Note(N_("within reach of {people} {counted}"), {"people": f"{near:,.0f}", "counted": counted}),
                Note(N_("the only one of {people} {counted}"), {"people": f"{lost:,.0f}", "counted": counted}),
            )
            for near, lost in zip(found.reached.tolist(), found.lost.tolist(), strict=True)
        ],
    )
    return Theme(shown=("points", "stations"), layers={"points": people, "stations": stations}, is_still=True)


def _equity(study: Study, found: Equity) -> Theme:
    """Return areas in five classes as large as each other, the worst served the darkest."""
    people, counted = study.members.sums(study.weight), counted_note(study.criteria.weight)
    told = [row for row in found.worst_first if people[row] > 0]
    none = [row for row in told if not np.isfinite(found.spread_by_area[row].median)]
    some = [row for row in told if row not in set(none)]
    classes = np.full(len(study.areas), len(AREAS) + 1)
    classes[none] = 0
    parts = [part.tolist() for part in np.array_split(np.array(some, np.int64), len(AREAS)) if len(part)]
    names = [Note(N_("most have no way to a station"))]
    colours = [BEYOND]
    for part, colour in zip(parts, reversed(AREAS[len(AREAS) - len(parts) :]), strict=True):
        classes[part] = len(names)
        medians = [found.spread_by_area[row].median for row in part]
        names.append(
            Note(
                N_("median way {low} to {high} m"),
                {"low": f"{min(medians):,.0f}", "high": f"{max(medians):,.0f}"},
            )
        )
        colours.append(colour)
    classes[people == 0] = len(names)
    rank = {row: place for place, row in enumerate(told, 1)}
    areas = Classes(
        title=Note(N_("areas, the worst served the darkest")),
        names=[*names, Note(N_("nobody to be reached"))],
        colours=[*colours, NOTHING],
        of=np.minimum(classes, len(names)).tolist(),
        texts=[
            _spread_texts(one, rank.get(row), len(told), _people(people[row], counted))
            for row, one in enumerate(found.spread_by_area)
        ],
    )
    return Theme(shown=("areas", "stations"), layers={"areas": areas}, is_still=True)


def _spread_texts(spread: Spread, rank: int | None, of: int, people: Note) -> Sequence[Note]:
    if rank is None:
        return (Note(N_("nobody to be reached")),)
    way = Note(N_("most have no way to a station"))
    if np.isfinite(spread.median):
        way = Note(N_("median way {metres} m"), {"metres": f"{spread.median:,.0f}"})
    return Note(N_("{rank} of {of}, the worst served first"), {"rank": rank, "of": of}), way, people


def _capacity(study: Study, found: Capacity) -> Theme:
    weight = study.weight
    rows = np.flatnonzero(weight > 0)
    total = weight.sum()
    mean = float((found.access * weight).sum() / total * _PER) if total else 0.0
    people = study.members.sums(weight)
    areas = np.where(people > 0, found.access_by_area * _PER, np.nan)
    unknown_areas = (people > 0) & ~np.isfinite(areas)
    stations = Classes(
        title=Note(N_("stations, by their places")),
        names=[Note(N_("capacity unknown, or not on the terms")), Note(N_("capacity known"))],
        colours=["#ffffff", "#111111"],
        of=np.isfinite(found.ratio).astype(int).tolist(),
        texts=[
            (
                Note(N_("{places} places"), {"places": f"{places:,.0f}"})
                if np.isfinite(places)
                else Note(N_("capacity unknown")),
                *(
                    [Note(N_("{places} places for 1,000 people near it"), {"places": f"{ratio * _PER:,.2f}"})]
                    if np.isfinite(ratio)
                    else []
                ),
            )
            for places, ratio in zip(study.supply.capacity.tolist(), found.ratio.tolist(), strict=True)
        ],
    )
    of_points = found.access[rows] * _PER
    return Theme(
        shown=("points", "stations"),
        layers={
            "areas": _places(
                Note(N_("areas, by places for 1,000 people")), areas, (unknown_areas, people == 0), mean
            ),
            "points": _places(
                Note(N_("demand, by places for 1,000 people")), of_points,
                (found.not_known[rows], np.zeros(len(rows), bool)), mean,
            ),
            "stations": stations,
        },
        is_still=True,
    )  # fmt: skip


def _places(title: Note, values: Floats, apart: tuple[Any, Any], mean: float) -> Classes:
    """Return classes of places for 1,000 people around their mean; apart: whose are not known, and nobody's."""
    edges = [0.0, mean / 2, mean, mean * 2]
    of: Numbers = np.searchsorted(edges, np.nan_to_num(values)).astype(np.int64)
    of[apart[0]] = len(edges) + 1
    of[apart[1]] = len(edges) + 2
    known = [f"{edge:,.2f}" for edge in edges]
    texts = [
        Note(N_("not known")) if place == len(edges) + 1
        else Note(N_("nobody to be reached")) if place == len(edges) + 2
        else Note(N_("{places} places for 1,000 people"), {"places": f"{value:,.2f}"})
        for place, value in zip(of.tolist(), values.tolist(), strict=True)
    ]  # fmt: skip
    return Classes(
        title=title,
        names=[
            Note(N_("no place within reach")),
            Note(N_("up to {high} places, half of the mean"), {"high": known[1]}),
            Note(N_("up to {high} places, the mean"), {"high": known[2]}),
            Note(N_("up to {high} places, twice the mean"), {"high": known[3]}),
            Note(N_("more than {low} places"), {"low": known[3]}),
            Note(N_("not known")),
            Note(N_("nobody to be reached")),
        ],
        colours=[BEYOND, *reversed(band_colours(4)), "#b9b4a8", NOTHING],
        of=of.tolist(),
        texts=[(text,) for text in texts],
    )


def _spacing(study: Study, found: Spacing) -> Theme:
    over = f"{study.criteria.stretch_m:g}"
    return Theme(
        shown=("uncovered", "pairs", "stations"),
        pairs=Pairs(
            near=found["pairs"], straight=found["straight_pairs"], crowded_m=study.criteria.crowded_m
        ),
        bare=(found["stretches"], Note(N_("main street over {metres} m without a station"), {"metres": over})),
        is_still=True,
    )  # fmt: skip


def _people(people: float, counted: Note) -> Note:
    return Note(N_("{people} {counted}"), {"people": f"{people:,.0f}", "counted": counted})


_THEMES: Mapping[type[Result], Callable[[Study, Any], Theme]] = {
    Heat: _heat,
    Facilities: _facilities,
    Backup: _backup,
    Equity: _equity,
    Capacity: _capacity,
    Spacing: _spacing,
}
