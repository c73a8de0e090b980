"""Reach: how much of the demand, streets and ground has a station within each threshold, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from locator.coverage.about import About, Note
from locator.coverage.criteria import Threshold
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import COUNTED, about_study, beyond_notes, pieces_note
from locator.coverage.spread import Spread, spread_of
from locator.coverage.study import Laid, Study
from locator.coverage.supply import Use
from locator.streets.graph import Floats, Mask
from locator.translation import N_

__all__ = ["Reach", "Reached", "measure_reach", "reached"]


@dataclass(frozen=True, eq=False)
class Reached:
    """How much of one kind of weight is within each threshold.

    Attributes
    ----------
    counted
        residents, …, street_m, area_m2.
    total, by_area
        All there is: of the whole, and of each area.
    within, within_by_area
        Shape (thresholds, sets) and (areas, thresholds, sets): what has a station of a set within reach.
    """

    counted: str
    total: float
    by_area: Floats
    within: Floats
    within_by_area: Floats

    @property
    def share(self) -> Floats:
        """Of the whole, shape (thresholds, sets); NaN where there is nothing."""
        return _share(self.within, np.asarray(self.total))

    @property
    def share_by_area(self) -> Floats:
        """Of each area, shape (areas, thresholds, sets); NaN where there is nothing."""
        return _share(self.within_by_area, self.by_area[:, np.newaxis, np.newaxis])


@dataclass(frozen=True, eq=False, kw_only=True)
class Reach(Result):
    """How much has a station within each threshold.

    Attributes
    ----------
    thresholds
        In the order of the arrays.
    reached
        By what is counted; of each two sets: sure and possible.
    distance_m
        For each demand point the metres to the nearest station that is sure (`Study.nearest_of`).
    spread, spread_by_area
        Of `distance_m`, over people.
    """

    thresholds: tuple[Threshold, ...]
    reached: dict[str, Reached]
    distance_m: Floats
    spread: Spread
    spread_by_area: tuple[Spread, ...]


def measure_reach(study: Study, *, at: datetime | None = None, use: Use | None = None) -> Reach:
    """Measure who has a station within each threshold, in total and by area.

    Parameters
    ----------
    at
        Only stations usable at that moment count; None: all, whatever their hours.
    use
        The stations that count, one set; None: those of the study's terms.
    """
    use = use or study.terms_use
    if at is not None:
        use = use & study.supply.usable([at], minutes=study.criteria.stay_minutes)
    sets = np.concatenate([use.sure[:, :1], use.possible[:, :1]], axis=1)
    found = {kind: reached(study, kind, laid, sets) for kind, laid in study.laid()}
    distance_m = study.nearest_of(sets[:, 0])
    by_area = study.members.by_area(study.weight)
    spreads = tuple(spread_of(distance_m[points], weight) for points, weight in by_area)
    spread = spread_of(distance_m, study.weight)
    return Reach(
        about=_about(study, at, use, tuple(beyond_notes(study, distance_m))),
        tables=(
            Table("total", Note(N_("Reach in total")), _total_columns(study, found)),
            _distance_table(study, spread),
            Table(
                "areas",
                Note(N_("Reach by area")),
                _area_columns(study, found, spreads),
                [area.geometry for area in study.areas],
            ),
        ),
        thresholds=study.criteria.thresholds,
        reached=found,
        distance_m=distance_m,
        spread=spread,
        spread_by_area=spreads,
    )


def reached(study: Study, kind: str, laid: Laid, sets: Mask) -> Reached:
    """Return how much of a weight has a station of each set within each threshold of a study."""
    weight = laid.demand.weight(kind)
    metres = [threshold.metres(study.criteria.speed) for threshold in study.criteria.thresholds]
    near = np.stack([laid.distances.within(one, sets) for one in metres], axis=1)
    within = near * weight[:, np.newaxis, np.newaxis]
    sums = laid.members.sums
    return Reached(kind, float(weight.sum()), sums(weight), within.sum(axis=0), sums(within))


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def _about(study: Study, at: datetime | None, use: Use, beyond: tuple[Note, ...]) -> About:
    definition = Note(
        N_("Share that has a station within each threshold, {when}; and how far the nearest is, over people"),
        {"when": Note(N_("at {moment}"), {"moment": f"{at:%Y-%m-%d %H:%M}"}) if at else Note(N_("at any hour"))},
    )
    uncertain = int(use.uncertain[0])
    notes = beyond
    if uncertain:
        notes = (
            *beyond,
            Note(
                N_("{count} stations may be usable, but nobody knows: they count in the possible figure only"),
                {"count": uncertain},
            ),
        )
    return about_study(study, "reach", N_("Reach"), definition, criteria=(pieces_note(),), notes=notes)


def _total_columns(study: Study, found: dict[str, Reached]) -> dict[str, list[Any]]:
    rows = [
        {
            "counted": Note(COUNTED.get(kind, kind)),
            "threshold": threshold,
            "total": round(one.total, 1),
            "within": round(float(one.within[place, 0]), 1),
            "share": plain(one.share[place, 0], 4)[0],
            "within_possible": round(float(one.within[place, 1]), 1),
            "share_possible": plain(one.share[place, 1], 4)[0],
        }
        for kind, one in found.items()
        for place, threshold in enumerate(study.criteria.thresholds)
    ]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _distance_table(study: Study, spread: Spread) -> Table:
    columns = {name: plain([value], 0) for name, value in _spread_fields(spread)}
    return Table("distance", Note(N_("Distance to the nearest station, over people")), columns)


def _spread_fields(spread: Spread) -> Iterator[tuple[str, float]]:
    yield "mean_m", spread.mean
    yield "median_m", spread.median
    yield "p90_m", spread.p90
    yield "worst_m", spread.worst
    yield "beyond_search", spread.beyond


def _area_columns(study: Study, found: dict[str, Reached], spreads: tuple[Spread, ...]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
    }
    for kind in (study.criteria.weight, "street_m", "area_m2"):
        if kind not in found:
            continue
        one = found[kind]
        columns[kind] = plain(one.by_area, 0)
        shares = one.share_by_area
        for place, threshold in enumerate(study.criteria.thresholds):
            columns[f"{kind}_share_{threshold.code}"] = plain(shares[:, place, 0], 4)
    pairs = [dict(_spread_fields(spread)) for spread in spreads]
    for name in ("mean_m", "median_m", "p90_m", "worst_m", "beyond_search"):
        columns[name] = plain([pair[name] for pair in pairs], 0)
    return columns
