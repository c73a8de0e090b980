"""Reach by hour: all 168 hours of a week and a public holiday, from distances that are measured once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from locator.coverage.about import About, Note
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, pieces_note, week_notes
from locator.coverage.study import Study
from locator.coverage.week import HOURS, Week
from locator.streets.graph import Floats, Mask, Numbers
from locator.translation import N_

__all__ = ["DAYS", "Hours", "measure_hours"]

DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"),
    N_("public holiday"),
)  # fmt: skip


_DAY_FIELDS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday")
_TOLD_HOURS = (2, 7, 12, 18, 22)  # a night cleaner, the morning shift, lunch, the evening meal, late deliveries


@dataclass(frozen=True, eq=False, kw_only=True)
class Hours(Result):
    """What is within reach in each hour.

    Row h of 168 is hour h % 24 of day h // 24 from Monday; 24 more are the holiday's, where there is one.

    Attributes
    ----------
    stations, stations_possible
        How many stations are usable in each hour.
    within, within_possible
        By what is counted: how much has a station within reach in each hour.
    within_by_area, within_by_area_possible
        Of the study's weight: shape (areas, hours).
    totals, totals_by_area
        By what is counted how much there is; of the study's weight, of each area.
    """

    week: Week
    stations: Numbers
    stations_possible: Numbers
    within: dict[str, Floats]
    within_possible: dict[str, Floats]
    within_by_area: Floats
    within_by_area_possible: Floats
    totals: dict[str, float]
    totals_by_area: Floats

    def share(self, kind: str, *, possible: bool = False) -> Floats:
        """Return the share within reach in each hour; NaN where there is nothing."""
        within = (self.within_possible if possible else self.within)[kind]
        return within / self.totals[kind] if self.totals[kind] else np.full(len(within), np.nan)

    def share_by_area(self, *, possible: bool = False) -> Floats:
        """Return of each area the share within reach in each hour, as `share` does; shape (areas, hours)."""
        within = self.within_by_area_possible if possible else self.within_by_area
        totals = self.totals_by_area[:, np.newaxis]
        return np.where(totals > 0, within / np.where(totals > 0, totals, 1), np.nan)


def measure_hours(study: Study) -> Hours:
    """Measure how much has a station within reach in each hour of a week, and of a holiday.

    A station counts in an hour if it can be used on the full hour (and `stay_minutes` from then on).
    """
    use, columns = study.week_use, study.week_columns
    count = use.sure.shape[1]
    sure, possible = columns.column[:count], columns.column[count:]
    limit_m = study.criteria.within_m
    kinds: dict[str, Floats] = {}
    totals: dict[str, float] = {}
    masks: dict[int, Mask] = {}
    for kind, laid in study.laid():
        if id(laid.distances) not in masks:
            masks[id(laid.distances)] = laid.distances.within(limit_m, columns.sets)
        kinds[kind] = laid.demand.weight(kind) @ masks[id(laid.distances)]
        totals[kind] = float(laid.demand.weight(kind).sum())
    people = study.distances.within(limit_m, columns.sets)
    by_area = study.members.sums(people * study.weight[:, np.newaxis])
    found = Hours(
        about=_about(study),
        tables=(),
        week=study.week,
        stations=use.sure.sum(axis=0),
        stations_possible=use.possible.sum(axis=0),
        within={kind: values[sure] for kind, values in kinds.items()},
        within_possible={kind: values[possible] for kind, values in kinds.items()},
        within_by_area=by_area[:, sure],
        within_by_area_possible=by_area[:, possible],
        totals=totals,
        totals_by_area=study.members.sums(study.weight),
    )
    return replace(
        found,
        tables=(
            _week_table(study, found),
            _hour_table(found),
            _area_table(study, found),
            _area_hours(study, found),
        ),
    )


def _about(study: Study) -> About:
    definition = Note(N_("What has a station within reach that can be used on the full hour, hour by hour"))
    return about_study(
        study, "hours", N_("Reach by hour"), definition, criteria=(pieces_note(),), notes=tuple(week_notes(study))
    )


def _week_table(study: Study, found: Hours) -> Table:
    """Return a row for each hour of the day, a column for each day: the share of the study's weight."""
    shares = found.share(study.criteria.weight).reshape(-1, 24)
    columns: dict[str, list[Any]] = {"hour": list(range(24))}
    columns |= {day: plain(share, 4) for day, share in zip(_DAY_FIELDS, shares, strict=False)}
    return Table("week", Note(N_("Share within reach, by hour and day")), columns)


def _hour_table(found: Hours) -> Table:
    count = len(found.stations)
    columns: dict[str, list[Any]] = {
        "day": [_day(hour) for hour in range(count)],
        "date": [moment.date() for moment in found.week.moments[:count]],
        "hour": (np.arange(count) % 24).tolist(),
        "stations": found.stations.tolist(),
        "stations_possible": found.stations_possible.tolist(),
    }
    for kind in found.within:
        columns[f"{kind}_within"] = plain(found.within[kind], 0)
        columns[f"{kind}_share"] = plain(found.share(kind), 4)
        columns[f"{kind}_share_possible"] = plain(found.share(kind, possible=True), 4)
    return Table("hours", Note(N_("Reach in each hour")), columns)


def _area_table(study: Study, found: Hours) -> Table:
    """Return a row for each area: its share over the week, and at some hours on the mean of the seven days."""
    shares = found.share_by_area()[:, :HOURS].reshape(len(study.areas), 7, 24)
    columns: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
        study.criteria.weight: plain(found.totals_by_area, 0),
        "share_mean_of_week": plain(shares.mean(axis=(1, 2)), 4),
        "share_worst_hour": plain(shares.min(axis=(1, 2), initial=1), 4),
    }
    for hour in _TOLD_HOURS:
        columns[f"share_{hour:02d}_h"] = plain(shares[:, :, hour].mean(axis=1), 4)
    return Table("areas", Note(N_("Reach by area and hour")), columns, [area.geometry for area in study.areas])


def _area_hours(study: Study, found: Hours) -> Table:
    """Return a row for each area and hour."""
    count = len(found.stations)
    hours = np.tile(np.arange(count), len(study.areas))
    columns: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas for _ in range(count)],
        "name": [area.name for area in study.areas for _ in range(count)],
        "day": [_day(hour) for hour in range(count)] * len(study.areas),
        "hour": (hours % 24).tolist(),
        "within": plain(found.within_by_area, 0),
        "share": plain(found.share_by_area(), 4),
        "share_possible": plain(found.share_by_area(possible=True), 4),
    }
    return Table("area_hours", Note(N_("Reach of each area in each hour")), columns)


def _day(hour: int) -> Note:
    return Note(DAYS[min(hour // 24, len(DAYS) - 1)])
