"""Reach by facility and by way in: what is left for who needs a toilet, or will not register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.criteria import Terms
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study
from locator.coverage.spread import Spread, spread_of
from locator.coverage.study import Study
from locator.coverage.supply import Use
from locator.station import FACILITIES, WAYS_IN
from locator.streets.graph import Floats
from locator.translation import N_

__all__ = ["ASKED", "Asked", "Facilities", "measure_facilities"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked of a station."""

    code: str
    label: str
    terms: Terms


def _facility(code: str) -> Asked:
    return Asked(code, FACILITIES[code], Terms(needs=frozenset({code})))


ASKED: tuple[Asked, ...] = (
    Asked("any", N_("any station"), Terms()),
    *map(_facility, ("toilet", "drinking_water", "hot_water", "microwave", "air_conditioning", "phone_charging")),
    Asked("h24", N_("around the clock"), Terms(h24=True)),
    Asked("no_registration", N_("without registration"), Terms(no_registration=True)),
    Asked("no_face", N_("without a face scan"), Terms(ways=frozenset(WAYS_IN) - {"face"})),
    Asked("not_members_only", N_("not for members alone"), Terms(who=frozenset({"outdoor_workers"}))),
)
"""What is asked, in the order of the table."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Facilities(Result):
    """Reach of the stations that have what is asked.

    Attributes
    ----------
    asked
        In the order of the arrays.
    use
        A set of stations for each.
    share, share_possible
        Of the study's weight within reach.
    share_by_area
        Shape (areas, asked); sure.
    spread
        Over people, of the metres to the nearest station that surely has it.
    """

    asked: tuple[Asked, ...]
    use: Use
    share: Floats
    share_possible: Floats
    share_by_area: Floats
    spread: tuple[Spread, ...]


def measure_facilities(study: Study, asked: tuple[Asked, ...] = ASKED) -> Facilities:
    """Measure reach of the stations with each of some facilities and ways in, whatever their hours."""
    use = study.supply.on(*(one.terms for one in asked)) & study.terms_use
    limit_m = study.criteria.within_m
    sure = study.distances.within(limit_m, use.sure)
    total = study.weight.sum() or np.nan
    by_area = study.members.sums(study.weight)[:, np.newaxis]
    within = study.members.sums(sure * study.weight[:, np.newaxis])
    share = study.weight @ sure / total
    possible = study.weight @ study.distances.within(limit_m, use.possible) / total
    by_area = np.where(by_area > 0, within / np.where(by_area > 0, by_area, 1), np.nan)
    spreads = tuple(spread_of(study.nearest_of(stations), study.weight) for stations in use.sure.T)
    columns: dict[str, list[Any]] = {
        "asked": [Note(one.label) for one in asked],
        "stations": use.sure.sum(axis=0).tolist(),
        "stations_possible": use.possible.sum(axis=0).tolist(),
        "within": plain(study.weight @ sure, 0),
        "share": plain(share, 4),
        "share_possible": plain(possible, 4),
        "median_m": plain([one.median for one in spreads], 0),
        "p90_m": plain([one.p90 for one in spreads], 0),
    }
    areas: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
    } | {f"share_{one.code}": plain(by_area[:, place], 4) for place, one in enumerate(asked)}
    return Facilities(
        about=about_study(
            study,
            "facilities",
            N_("Reach by facility and way in"),
            Note(N_("Share that has a station within reach with what is asked, whatever its hours")),
            notes=(Note(N_("what nobody knows of a station counts in the possible figure only")),),
        ),
        tables=(
            Table("total", Note(N_("Reach by facility and way in")), columns),
            Table("areas", Note(N_("By area")), areas, [area.geometry for area in study.areas]),
        ),
        asked=asked,
        use=use,
        share=share,
        share_possible=possible,
        share_by_area=by_area,
        spread=spreads,
    )
