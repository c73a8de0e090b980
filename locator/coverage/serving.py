"""Whom each station of a scenario serves that changes, as siting counts it, and within which distances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from locator.coverage.distances import distinct
from locator.coverage.edits import Edit
from locator.coverage.siting.asked import Asked
from locator.coverage.siting.of_study import weight_by_slice
from locator.coverage.siting.sought import Sought
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.streets.graph import Floats, Mask, Numbers
from locator.streets.snapping import FINE_M

__all__ = ["Counts", "Serving", "radii_of", "servings_of"]

_RADII = (0.5, 0.75, 1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False)
class Serving:
    """Whom one station serves that is new, moved, or open at other hours.

    Attributes
    ----------
    id, name
        The station's.
    newly
        People within its reach who today have no station within reach, as `locator site` counts them: whatever the
        hours, or the mean over the hours that are asked for.
    alone
        Those of them whom no other station of the scenario serves.
    by_hour
        For each of the 168 hours people whom it serves then and who today have no usable station then.
    """

    id: str
    name: str
    newly: float
    alone: float
    by_hour: Floats

    @property
    def by_day_hour(self) -> Floats:
        """The mean over the seven days, for each hour of the day."""
        return np.asarray(self.by_hour.reshape(7, 24).mean(axis=0))


@dataclass(frozen=True, eq=False)
class Counts:
    """In which hours people count as served, and how many are where then.

    Attributes
    ----------
    hours
        Of the week, from 0 to 167; None: whatever the hours.
    weight
        Shape (places, hours), or (places, 1): together the mean over the hours.
    """

    hours: Sequence[int] | None
    weight: Floats

    @classmethod
    def of(cls, study: Study, sought: Sought | None, hours: Sequence[int] | None) -> Counts:
        """Return them as the siting counts them."""
        if hours is None:
            return cls(None, study.weight[:, np.newaxis])
        spans = sought.asked.demand_hours if sought else {}
        asked = Asked(hours=tuple(hours), demand_hours=spans)
        return cls([hour for hour in range(HOURS) if hour % 24 in hours], weight_by_slice(study, asked))

    def usable(self, study: Study) -> Mask:
        """Return which stations serve in each of the hours; shape (stations, hours)."""
        return study.terms_use.sure[:, :1] if self.hours is None else study.week_use.sure[:, self.hours]

    def covered(self, study: Study, radius_m: float) -> Mask:
        """Return which places have a usable station within a radius; shape (places, hours)."""
        sets = distinct(self.usable(study))
        return np.asarray(study.distances.within(radius_m, sets.sets)[:, sets.column])

    def many(self, study: Study, radius_m: float) -> Numbers:
        """Return how many usable stations each place has within a radius; shape (places, hours)."""
        sets = distinct(self.usable(study))
        counts = [study.distances.counts(radius_m, one) for one in sets.sets.T]
        return np.asarray(np.stack(counts, axis=1)[:, sets.column])


def servings_of(before: Study, after: Study, edits: Sequence[Edit], counts: Counts) -> Iterator[Serving]:
    """Yield whom each changed station serves, in the order of the edits."""
    limit_m, weight = after.criteria.within_m, after.weight
    today = counts.covered(before, limit_m)
    columns = before.week_columns
    today_by_hour = before.distances.within(limit_m, columns.sets)[:, columns.column[:HOURS]]
    count, usable = counts.many(after, limit_m), counts.usable(after)
    row_of = {code: row for row, code in enumerate(after.supply.ids)}
    for code in dict.fromkeys(edit.id for edit in edits):
        row = row_of.get(code)
        if row is None:
            continue
        near = _near(after, row)
        newly = near[:, np.newaxis] & usable[row] & ~today
        hours = after.week_use.sure[row, :HOURS]
        by_hour = (weight[near] @ ~today_by_hour[near]) * hours
        yield Serving(
            code, after.supply.names[row], float(counts.weight[newly].sum()),
            float(counts.weight[newly & (count == 1)].sum()), np.asarray(by_hour),
        )  # fmt: skip


def _near(study: Study, row: int) -> Mask:
    """Return which demand points have one station within reach."""
    only = np.zeros((len(study.supply), 1), bool)
    only[row] = True
    return np.asarray(study.distances.within(study.criteria.within_m, only)[:, 0])


def radii_of(before: Study, after: Study, counts: Counts) -> Iterator[tuple[float, float, float]]:
    """Yield within other distances, as far as they are measured, how many are covered before and after."""
    for part in _RADII:
        radius_m = before.criteria.within_m * part
        if radius_m <= before.distances.limit_m + FINE_M:
            first, second = (float(counts.weight[counts.covered(one, radius_m)].sum()) for one in (before, after))
            yield radius_m, first, second
