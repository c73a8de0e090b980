"""Backup: who has a second and a third station within reach, and what would be lost with each single one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, week_notes
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.streets.graph import Floats, Numbers
from locator.translation import N_

__all__ = ["Backup", "measure_backup"]

MOST = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class Backup(Result):
    """How many stations there are within reach.

    Attributes
    ----------
    counts
        For each demand point.
    within
        The weight with at least 1, 2, 3 stations within reach.
    share_by_area
        Shape (areas, 3).
    reached, lost
        For each station the weight that has it within reach, and that has it alone: its loss.
    lost_hours
        For each station the weight times the hours of a week in which it is the only one that can be used.
    lost_hours_possible
        The same, also over hours in which it may be usable, but nobody knows, and no other surely is.
    """

    counts: Numbers
    within: Floats
    share_by_area: Floats
    reached: Floats
    lost: Floats
    lost_hours: Floats
    lost_hours_possible: Floats


def measure_backup(study: Study) -> Backup:
    """Measure how many stations are within reach, whatever their hours, and what each single one adds."""
    limit_m, weight = study.criteria.within_m, study.weight
    counted = study.terms_use.sure[:, 0]
    entries = study.distances.entries(limit_m, counted)
    counts = study.distances.counts(limit_m, counted)
    enough = counts[:, np.newaxis] >= np.arange(1, MOST + 1)
    people = study.members.sums(weight)[:, np.newaxis]
    by_area = study.members.sums(enough * weight[:, np.newaxis])
    point, station = study.distances.point[entries], study.distances.station[entries]
    size = len(study.supply)
    reached = np.asarray(np.bincount(station, weight[point], size), dtype=np.float64)
    alone = counts[point] == 1
    found = Backup(
        about=about_study(
            study,
            "backup",
            N_("Backup"),
            Note(N_("Who has at least 1, 2 and 3 stations within reach, and whom each station reaches alone")),
            notes=(
                *week_notes(study),
                Note(N_("what nobody knows of a station counts in the possible figure only")),
            ),
        ),
        tables=(),
        counts=counts,
        within=weight @ enough,
        share_by_area=np.where(people > 0, by_area / np.where(people > 0, people, 1), np.nan),
        reached=reached,
        lost=np.asarray(np.bincount(station[alone], weight[point[alone]], size), dtype=np.float64),
        lost_hours=_lost_hours(study, entries, possibly=False),
        lost_hours_possible=_lost_hours(study, entries, possibly=True),
    )
    return replace(found, tables=_tables(study, found))


def _lost_hours(study: Study, entries: Numbers, *, possibly: bool) -> Floats:
    """Return for each station the weight times the hours in which nobody else surely is there.

    Parameters
    ----------
    entries
        Of the study's distances, those of who counts and is within reach.
    possibly
        Count also the hours in which the station itself may be usable, but nobody knows.
    """
    columns, size = study.week_columns, len(study.demand)
    point, station = study.distances.point[entries], study.distances.station[entries]
    lost = np.zeros(len(study.supply))
    hours = study.week.moments
    pairs = np.column_stack([columns.column[:HOURS], columns.column[len(hours) : len(hours) + HOURS]])
    # Each pair of sets, of those that surely and those that perhaps can be used, once.
    for (sure, perhaps), times in zip(*np.unique(pairs, axis=0, return_counts=True), strict=True):
        usable = columns.sets[station, sure]
        others = np.bincount(point[usable], minlength=size)[point] - usable
        there = (columns.sets[station, perhaps] if possibly else usable) & (others == 0)
        weight = study.weight[point[there]] * times
        lost += np.bincount(station[there], weights=weight, minlength=len(lost))
    return lost


def _tables(study: Study, found: Backup) -> tuple[Table, ...]:
    total = study.weight.sum()
    supply = study.supply
    columns: dict[str, list[Any]] = {
        "stations_at_least": list(range(1, MOST + 1)),
        "within": plain(found.within, 0),
        "share": plain(found.within / total if total else np.full(MOST, np.nan), 4),
    }
    order = np.argsort(-found.lost, kind="stable")
    stations: dict[str, list[Any]] = {
        "id": [supply.ids[row] for row in order.tolist()],
        "name": [supply.names[row] for row in order.tolist()],
        "within": plain(found.reached[order], 0),
        "only_this": plain(found.lost[order], 0),
        # Where nobody knows the hours, nobody knows what is lost.
        "only_this_hours_a_week": plain(np.where(supply.unknown_hours, np.nan, found.lost_hours)[order], 0),
        "only_this_hours_a_week_possible": plain(found.lost_hours_possible[order], 0),
    }
    areas: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
    } | {f"share_{count + 1}_or_more": plain(found.share_by_area[:, count], 4) for count in range(MOST)}
    shapes = supply.shapes[order].tolist()
    return (
        Table("total", Note(N_("How many stations are within reach")), columns),
        Table("stations", Note(N_("What would be lost with each station")), stations, shapes),
        Table("areas", Note(N_("By area")), areas, [area.geometry for area in study.areas]),
    )
