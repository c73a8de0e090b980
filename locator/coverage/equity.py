"""Equity: how evenly the way to a station is shared among people, and which areas are served worst."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, beyond_notes, counted_note
from locator.coverage.spread import Spread, gini, percentiles, spread_of
from locator.coverage.study import Study
from locator.streets.graph import Floats
from locator.translation import N_

__all__ = ["Equity", "measure_equity"]

RANKS = (10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 100.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Equity(Result):
    """How evenly access is shared.

    Attributes
    ----------
    distance_m
        For each demand point to the nearest station (`Study.nearest_of`).
    percentiles_m
        Of `distance_m` over people, at `RANKS`.
    gini_distance, gini_choice
        Of `distance_m` over people who have a way to a station, and of the number of stations within reach over
        all.
    spread_by_area
        In the order of the study's areas; `worst_first` has their rows, the worst served first.
    """

    distance_m: Floats
    percentiles_m: Floats
    gini_distance: float
    gini_choice: float
    spread_by_area: tuple[Spread, ...]
    worst_first: tuple[int, ...]


def measure_equity(study: Study) -> Equity:
    """Measure how the way to the nearest station, whatever its hours, is spread over people."""
    counted = study.terms_use.sure
    distance_m = study.nearest_of(counted[:, 0])
    choice = study.distances.counts(study.criteria.within_m, counted[:, 0]).astype(np.float64)
    by_area = study.members.by_area(study.weight)
    spreads = tuple(spread_of(distance_m[points], weight) for points, weight in by_area)
    worst = sorted(range(len(spreads)), key=lambda row: _badness(spreads[row], study.areas[row].id))
    found = Equity(
        about=about_study(
            study,
            "equity",
            N_("Equity"),
            Note(
                N_(
                    "Way to the nearest station over people, whatever its hours; Gini coefficient: 0 all have the "
                    "same, 1 one has all"
                )
            ),
            notes=tuple(beyond_notes(study, distance_m)),
        ),
        tables=(),
        distance_m=distance_m,
        percentiles_m=percentiles(distance_m, study.weight, RANKS),
        gini_distance=gini(distance_m, study.weight),
        gini_choice=gini(choice, study.weight),
        spread_by_area=spreads,
        worst_first=tuple(worst),
    )
    return replace(found, tables=_tables(study, found, choice))


def _badness(spread: Spread, code: str) -> tuple[bool, float, float, str]:
    """Return what sorts the worst first: by the median, then the mean, of which no way at all is the worst."""
    empty = np.isnan(spread.median)
    mean = np.inf if np.isnan(spread.mean) else spread.mean
    return (bool(empty), -spread.median if not empty else 0.0, -mean, code)


def _tables(study: Study, found: Equity, choice: Floats) -> tuple[Table, ...]:
    speed = study.criteria.speed
    ranks: dict[str, list[Any]] = {
        "people_percent": [int(rank) for rank in RANKS],
        "distance_m": plain(found.percentiles_m, 0),
        "minutes": plain(found.percentiles_m / speed / 60, 1),
    }
    total, with_way = study.weight.sum(), study.weight[np.isfinite(found.distance_m)].sum()
    figures: dict[str, list[Any]] = {
        "figure": [
            Note(N_("Gini coefficient of the way to the nearest station")),
            Note(N_("Gini coefficient of the number of stations within reach")),
        ],
        "value": plain([found.gini_distance, found.gini_choice], 3),
        "of": plain([with_way, total], 0),
        "counted": [counted_note(study.criteria.weight)] * 2,
    }
    rows = list(found.worst_first)
    spreads = [found.spread_by_area[row] for row in rows]
    people = study.members.sums(study.weight)
    within = study.members.sums(study.weight * (choice > 0))
    areas: dict[str, list[Any]] = {
        "rank": list(range(1, len(rows) + 1)),
        "id": [study.areas[row].id for row in rows],
        "name": [study.areas[row].name for row in rows],
        study.criteria.weight: plain(people[rows], 0),
        "median_m": plain([one.median for one in spreads], 0),
        "mean_m": plain([one.mean for one in spreads], 0),
        "p90_m": plain([one.p90 for one in spreads], 0),
        "worst_m": plain([one.worst for one in spreads], 0),
        "beyond_search": plain([one.beyond for one in spreads], 0),
        "share": plain(np.divide(within, people, out=np.full(len(people), np.nan), where=people > 0)[rows], 4),
    }
    shapes = [study.areas[row].geometry for row in rows]
    return (
        Table("percentiles", Note(N_("So many per cent of the people have at most so far")), ranks),
        Table("figures", Note(N_("Inequality")), figures),
        Table("areas", Note(N_("Areas, the worst served first")), areas, shapes),
    )
