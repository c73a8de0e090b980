"""What a planner allows and demands of a siting: hours, what may close or stay open longer, what must be kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from types import MappingProxyType

import numpy as np

from locator.coverage.criteria import parse_hours
from locator.errors import QueryError
from locator.opening import checked_hours
from locator.translation import N_

__all__ = ["ROUND_THE_CLOCK", "Asked", "parse_demand_hours", "parse_hours_text"]

ROUND_THE_CLOCK = "24/7"
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_NO_HOURS: Mapping[str, tuple[int, ...]] = MappingProxyType({})
_NO_COSTS: Mapping[str, float] = MappingProxyType({})
_SPAN = re.compile(r"\s*\d{1,2}\s*-\s*\d{1,2}\s*")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a planner allows and demands.

    Attributes
    ----------
    hours
        The hours of the day (0 to 23) that count, on each day of the week; None: those of `demand_hours`, or
        whatever the hours.
    demand_hours
        By what is counted the hours of the day in which it counts: residents by day, night workers by night.
        Empty: the study's weight in every hour.
    must, never
        Codes of candidates, and of stations that have to close.
    may_close, may_move
        Codes of stations; what is named nowhere stays.
    close_saves
        What is saved a year by each of the stations that may close, move or never stay, if it closes.
    extend_cost
        What it costs to let an existing station keep `extend_to`; None: hours stay as they are.
    extend_to
        The hours that stations may keep instead of theirs, OSM `opening_hours`.
    may_extend
        Codes of the stations that may; empty: all.
    other_hours, hours_cost
        For stations by code other hours that they may keep, beside those they keep now, and what that costs.
    every_area
        Whether each area without a station that stays inside has to get one.
    areas
        Codes or names of the areas of which that is asked, if not of every one.
    street_share
        Which share of the main streets, by length, must be within the study's reach; None: it does not matter.
    per_place
        How many of the demand a site serves for each person who finds room there (its capacity), in each of the
        hours; what has no capacity serves any number. None: capacities do not matter.
    """

    hours: tuple[int, ...] | None = None
    demand_hours: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: _NO_HOURS)
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    may_close: frozenset[str] = frozenset()
    may_move: frozenset[str] = frozenset()
    close_saves: float | None = None
    extend_cost: float | None = None
    extend_to: str = ROUND_THE_CLOCK
    may_extend: frozenset[str] = frozenset()
    other_hours: Mapping[str, str] = field(default_factory=lambda: _NO_TEXTS)
    hours_cost: Mapping[str, float] = field(default_factory=lambda: _NO_COSTS)
    every_area: bool = False
    areas: frozenset[str] = frozenset()
    street_share: float | None = None
    per_place: float | None = None

    def __post_init__(self) -> None:
        if self.hours is None and self.demand_hours:
            every = {hour for hours in self.demand_hours.values() for hour in hours}
            object.__setattr__(self, "hours", tuple(sorted(every)))
        if self.street_share is not None and not 0 <= self.street_share <= 1:
            raise QueryError(
                N_("is not a share from 0 to 1"), field="street_share", value=self.street_share,
                mend=N_("correct it"),
            )  # fmt: skip
        if self.per_place is not None and not 0 < self.per_place < np.inf:
            raise QueryError(
                N_("is not a number above 0"), field="per_place", value=self.per_place, mend=N_("correct it")
            )
        for name in ("close_saves", "extend_cost"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise QueryError(N_("is not a number from 0 up"), field=name, value=value, mend=N_("correct it"))
        checked_hours(self.extend_to, field="extend_to")
        self._check_codes()

    def _check_codes(self) -> None:
        """Refuse what is asked to be two things at once."""
        for first, second in combinations(("must", "never", "may_close", "may_move"), 2):
            for code in sorted(getattr(self, first) & getattr(self, second)):
                raise QueryError(
                    N_("is named by both --{first} and --{second}"), field=first, value=code,
                    first=first.replace("_", "-"), second=second.replace("_", "-"),
                    mend=N_("take it out of one of them"),
                )  # fmt: skip
        for code in sorted(self.may_extend & self.never):
            raise QueryError(
                N_("is named by both --{first} and --{second}"), field="may_extend", value=code,
                first="may-extend", second="never", mend=N_("take it out of one of them"),
            )  # fmt: skip


def parse_hours_text(text: str, *, field: str = "extend_to") -> str:
    """Return the opening hours that a text names: 6-24 (each day), or OSM `opening_hours` as they are.

    Raises
    ------
    InvalidValue
        It names none.
    """
    if _SPAN.fullmatch(text):
        hours = parse_hours(text, field=field)
        if len(hours) == 24:
            return ROUND_THE_CLOCK
        return f"Mo-Su {hours[0]:02d}:00-{hours[-1] + 1:02d}:00"
    checked_hours(text, field=field)
    return text


def parse_demand_hours(text: str) -> dict[str, tuple[int, ...]]:
    """Return by what is counted the hours in which it counts: residents=6-22,night_workers=22-6.

    Raises
    ------
    QueryError
        It is no such list, or names a kind twice.
    """
    found: dict[str, tuple[int, ...]] = {}
    for word in filter(None, (one.strip() for one in text.split(","))):
        kind, is_told, hours = word.partition("=")
        if not is_told or not kind.strip() or kind.strip() in found:
            raise QueryError(
                N_("does not say what counts in which hours"), field="demand_hours", value=word,
                mend=N_("write it like residents=6-22,night_workers=22-6"),
            )  # fmt: skip
        found[kind.strip()] = parse_hours(hours, field="demand_hours")
    return found
