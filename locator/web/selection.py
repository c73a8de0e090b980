"""Which stations a visitor's filters leave: by bits and by distinct hours, so that many thousands take no time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from locator.bits import CAN_QUERY, facilities_mask, registration_mask
from locator.hours import State
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import N_

__all__ = ["CHIPS", "FLAGS", "HEAT_NEEDS", "LOADED_UNASKED", "Filters", "chips"]

CHIPS: tuple[str, ...] = ("toilet", "hot_water", "microwave", "phone_charging", "air_conditioning", "battery_swap")
"""Facilities that the finder offers as filters: what a rider asks for first."""

HEAT_NEEDS: tuple[str, ...] = ("air_conditioning", "drinking_water")
"""What a hot day asks for first."""

LOADED_UNASKED = 3_000
"""Stations, about 90 kB of them, that a phone loads before anybody asks; where there are more it waits."""

FLAGS: Mapping[str, str] = {
    "open": N_("open now"),
    "h24": N_("24 hours"),
    "noreg": N_("no registration"),
}

_MOST_LOOSENED = 6
_WEEK_MINUTES = 7 * 24 * 60
_Rows = npt.NDArray[np.intp]


def chips(*, heat: bool) -> tuple[str, ...]:
    """Return the facilities that are offered as filters, on a hot day what that asks for first."""
    return tuple(dict.fromkeys((*HEAT_NEEDS, *CHIPS))) if heat else CHIPS


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asked the list to leave out.

    Attributes
    ----------
    needs
        Facilities that must be there; an unknown one is not enough.
    flags
        Codes of `FLAGS`. Hours that nobody knows are no reason to leave a station out.
    """

    needs: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    def kept(self, snapshot: Snapshot, rows: _Rows, at: datetime) -> _Rows:
        """Return the rows that have all that is asked for at a moment, in their order."""
        needed = np.uint64(facilities_mask(self.needs) | registration_mask(without="noreg" in self.flags))
        rows = rows[(snapshot.index.bits[rows] & needed) == needed]
        if not self.flags & {"open", "h24"} or not len(rows):
            return rows
        rows = rows[(snapshot.index.bits[rows] & np.uint64(CAN_QUERY)) != 0]
        hours, place = np.unique(snapshot.hours_row[rows], return_inverse=True)
        fitting = np.array([self._fits_hours(snapshot, hour, at) for hour in hours.tolist()], dtype=np.bool_)
        return rows[fitting[place]]

    def loosened(self, snapshot: Snapshot, rows: _Rows, at: datetime) -> list[tuple[tuple[str, ...], int]]:
        """Return the smallest sets of filters without which rows are left, and how many; most first.

        One filter where letting go of one is enough, else two together, and so on. Of rows that miss the fewest
        filters each is left exactly when all that it misses are let go of. At most `_MOST_LOOSENED` sets.
        """
        used = [
            *(code for code in FLAGS if code in self.flags),
            *(code for code in FACILITIES if code in self.needs),
        ]
        if not used or not len(rows):
            return []
        missed = np.zeros((len(rows), len(used)), dtype=np.bool_)
        for place, code in enumerate(used):
            fits = np.zeros(len(snapshot.ids), dtype=np.bool_)
            fits[self.only(code).kept(snapshot, rows, at)] = True
            missed[:, place] = ~fits[rows]
        fewest = missed.sum(axis=1)
        sets, counts = np.unique(missed[fewest == fewest.min()], axis=0, return_counts=True)
        found = [
            (tuple(code for code, is_missed in zip(used, one, strict=True) if is_missed), int(count))
            for one, count in zip(sets.tolist(), counts.tolist(), strict=True)
        ]
        order = {code: place for place, code in enumerate(used)}
        found.sort(key=lambda pair: (-pair[1], [order[code] for code in pair[0]]))
        return [pair for pair in found if pair[0]][:_MOST_LOOSENED]

    def only(self, code: str) -> Filters:
        """Return one of the filters alone."""
        return Filters(self.needs & {code}, self.flags & {code})

    def without(self, *codes: str) -> Filters:
        """Return the filters without some of them."""
        return Filters(self.needs - {*codes}, self.flags - {*codes})

    def arguments(self) -> dict[str, object]:
        """Return what stands in an address for these filters."""
        needs = [code for code in FACILITIES if code in self.needs]
        return {**{code: 1 for code in FLAGS if code in self.flags}, **({"needs": needs} if needs else {})}

    def _fits_hours(self, snapshot: Snapshot, hour: int, at: datetime) -> bool:
        outlook = snapshot.hours[hour].outlook(at)
        if "h24" in self.flags and not outlook.usable_for(at, _WEEK_MINUTES):
            return False
        return "open" not in self.flags or outlook.state.is_usable or outlook.state is State.UNKNOWN
