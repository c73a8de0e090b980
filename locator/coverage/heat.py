"""Heat: what is left from 12 to 15 h, when nobody should be outside, with air conditioning and water."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.criteria import Terms
from locator.coverage.hours import DAYS
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, week_notes
from locator.coverage.study import Study
from locator.coverage.supply import Use
from locator.coverage.week import Week, hot_week
from locator.streets.graph import Floats
from locator.translation import N_

__all__ = ["Heat", "measure_heat"]

FROM, MINUTES = time(12), 180.0
"""The hottest three hours, in which outdoor work rests from 37 °C on (安监总安健〔2012〕89号, §8)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Heat(Result):
    """What one reaches in the hottest hours.

    Attributes
    ----------
    use
        A set of stations for each day of the week from Monday, and for the public holiday if there is one.
    share, share_possible
        Of the study's weight within reach, on each of these days.
    share_by_area
        Shape (areas, days); sure.
    """

    use: Use
    share: Floats
    share_possible: Floats
    share_by_area: Floats


def measure_heat(study: Study) -> Heat:
    """Measure reach of stations usable from 12 to 15 h without a break, with air conditioning and with water."""
    week = _week(study)
    moments = [moment for moment in week.moments if moment.hour == FROM.hour]
    equipped = _equipped(study)
    use = study.supply.usual.usable(moments, minutes=MINUTES) & equipped & study.terms_use
    limit_m, total = study.criteria.within_m, study.weight.sum() or np.nan
    sure = study.distances.within(limit_m, use.sure)
    possible = study.distances.within(limit_m, use.possible)
    people = study.members.sums(study.weight)[:, np.newaxis]
    within = study.members.sums(sure * study.weight[:, np.newaxis])
    found = Heat(
        about=about_study(
            study,
            "heat",
            N_("Heat"),
            Note(
                N_("Share that has a station within reach with air conditioning and water, open from 12 to 15 h")
            ),
            notes=(
                *_season_notes(study, week),
                *week_notes(study, week),
                Note(N_("what nobody knows of a station counts in the possible figure only")),
            ),
        ),
        tables=(),
        use=use,
        share=study.weight @ sure / total,
        share_possible=study.weight @ possible / total,
        share_by_area=np.where(people > 0, within / np.where(people > 0, people, 1), np.nan),
    )
    return replace(found, tables=_tables(study, found, moments))


def _season_notes(study: Study, week: Week) -> Iterator[Note]:
    if week.first != study.week.first:
        yield Note(N_("the hours are those of the next hot season, when some stations have hours of their own"))


def _week(study: Study) -> Week:
    """Return the week by which the heat is judged: one of the hot season where the stations are."""
    is_south = bool(len(study.supply)) and float(np.median(study.supply.lats)) < 0
    return hot_week(study.week, country=study.snapshot.country, is_south=is_south)


def _equipped(study: Study) -> Use:
    """Return who has air conditioning and either kind of water."""
    cool, cold, hot = (
        study.supply.on(Terms(needs=frozenset({code})))
        for code in ("air_conditioning", "drinking_water", "hot_water")
    )
    return cool & Use(cold.sure | hot.sure, cold.possible | hot.possible)


def _tables(study: Study, found: Heat, moments: list[datetime]) -> tuple[Table, ...]:
    supply = study.supply
    days: dict[str, list[Any]] = {
        "day": [Note(DAYS[place]) for place in range(len(moments))],
        "date": [moment.date() for moment in moments],
        "stations": found.use.sure.sum(axis=0).tolist(),
        "stations_possible": found.use.possible.sum(axis=0).tolist(),
        "within": plain(found.share * study.weight.sum(), 0),
        "share": plain(found.share, 4),
        "share_possible": plain(found.share_possible, 4),
    }
    areas: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
        study.criteria.weight: plain(study.members.sums(study.weight), 0),
        "share_weekdays": plain(found.share_by_area[:, :5].min(axis=1), 4),
        "share_weekend": plain(found.share_by_area[:, 5:7].min(axis=1), 4),
    }
    some = np.flatnonzero(found.use.possible.any(axis=1)).tolist()
    stations: dict[str, list[Any]] = {
        "id": [supply.ids[row] for row in some],
        "name": [supply.names[row] for row in some],
        "days_sure": found.use.sure[some, :7].sum(axis=1).tolist(),
        "days_possible": found.use.possible[some, :7].sum(axis=1).tolist(),
    }
    shapes = supply.shapes[some].tolist()
    return (
        Table("days", Note(N_("Reach from 12 to 15 h, by day")), days),
        Table(
            "areas", Note(N_("By area, on the worst of the days")), areas, [area.geometry for area in study.areas]
        ),
        Table("stations", Note(N_("Stations for the hottest hours")), stations, shapes),
    )
