"""What a study measures by: thresholds, the way of going, on what terms a station is used, limits of a claim."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from locator.errors import QueryError
from locator.exchange.osm_ways import Mode
from locator.query import SPEEDS_M_PER_S, check_range
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN
from locator.translation import N_, Translator

__all__ = [
    "ALL_DAY", "Criteria", "Terms", "Threshold", "check_day", "hours_text", "parse_day", "parse_hours",
    "parse_threshold",
]  # fmt: skip

ALL_DAY = tuple(range(24))
"""The hours of a day."""

_THRESHOLD = re.compile(r"(\d+(?:\.\d+)?)\s*(m|km|min|米|公里|分钟)")
_NEAREST_M, _FURTHEST_M = 1, 20_000
_DAYS = date(1901, 1, 1), date(9990, 12, 31)
"""A study looks at the weeks after its day for an ordinary one; hours are known from 1900 to 9995."""
_UNITS = {"m": ("m", 1.0), "米": ("m", 1.0), "km": ("m", 1000.0), "公里": ("m", 1000.0), "min": ("min", 1.0),
          "分钟": ("min", 1.0)}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """How far counts as within reach: metres, or minutes at the speed of the study. It counts itself.

    Attributes
    ----------
    unit
        `m` or `min`.
    """

    unit: str
    value: float

    def __post_init__(self) -> None:
        if self.unit not in ("m", "min") or not 0 < self.value < math.inf:
            raise QueryError(
                N_("is no distance and no time above 0"),
                field="within",
                value=f"{self.value:g} {self.unit}",
                mend=N_("write it like 500m or 15min"),
            )

    @property
    def short(self) -> str:
        """As a command and an address write it: 500m, 15min."""
        return f"{self.value:.15g}{self.unit}"

    @property
    def code(self) -> str:
        """What stands in the names of columns: `500_m`, `15_min`."""
        return f"{self.value:g}_{self.unit}"

    def metres(self, speed_m_per_s: float) -> float:
        """Return the metres that it is at a speed."""
        return self.value if self.unit == "m" else self.value * 60 * speed_m_per_s

    def text(self, translate: Translator) -> str:
        """Return it as people write it."""
        return translate(N_("{value} m") if self.unit == "m" else N_("{value} min"), value=f"{self.value:g}")


def parse_threshold(text: str, *, field: str = "within") -> Threshold:
    """Return the threshold that a text names: 500m, 1km, 15min, 15分钟.

    Raises
    ------
    QueryError
        It names none.
    """
    found = _THRESHOLD.fullmatch(text.strip().lower())
    if found is None or not 0 < float(found[1]) < math.inf:
        raise QueryError(
            N_("is no distance and no time above 0"),
            field=field,
            value=text,
            mend=N_("write it like 500m or 15min"),
        )
    unit, factor = _UNITS[found[2]]
    return Threshold(unit, float(found[1]) * factor)


def parse_hours(text: str, *, field: str = "between") -> tuple[int, ...]:
    """Return the hours of the day between two, also over midnight; the second is the end: 0-24, 22-6.

    Raises
    ------
    QueryError
        It is not two hours of the day, or twice the same.
    """
    first, _, last = text.partition("-")
    if not (first.strip().isdecimal() and last.strip().isdecimal() and int(first) < 24 and 0 < int(last) <= 24):
        raise QueryError(N_("is not two hours of the day"), field=field, value=text, mend=N_("write it like 22-6"))
    start, end = int(first), int(last)
    if start == end:
        raise QueryError(
            N_("begins and ends at the same hour"), field="between", value=text,
            mend=N_("write 0-24 for the whole day"),
        )  # fmt: skip
    return tuple(hour % 24 for hour in range(start, end if end > start else end + 24))


def hours_text(hours: tuple[int, ...]) -> str:
    """Return hours of the day as `parse_hours` reads them."""
    return f"{hours[0]}-{hours[-1] + 1}"


def parse_day(text: str, *, field: str = "on") -> date:
    """Return the day that a text names: 2026-11-20.

    Raises
    ------
    QueryError
        It names none, or one that nothing is known of.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise QueryError(
            N_("is not a day"), field=field, value=text, mend=N_("write it like {example}"), example="2026-11-20"
        ) from None
    return check_day(day, field=field)


def check_day(day: date, *, field: str = "on") -> date:
    """Return a day that a study can be of, or raise QueryError."""
    if not _DAYS[0] <= day <= _DAYS[1]:
        raise QueryError(
            N_("is not between {low} and {high}"), field=field, value=day.isoformat(), mend=N_("correct it"),
            low=_DAYS[0].isoformat(), high=_DAYS[1].isoformat(),
        )  # fmt: skip
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms somebody uses a station; without any, every station will do.

    Attributes
    ----------
    needs
        Codes of facilities all of which must be there.
    ways
        Codes of the ways in that somebody can use; empty: any.
    who
        Codes of `ADMITS` that somebody belongs to; empty: not asked.
    no_registration
        Whether the first visit may not need registration.
    h24
        Whether it must be usable in every hour of the week.
    """

    needs: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    who: frozenset[str] = frozenset()
    no_registration: bool = False
    categories: frozenset[str] = frozenset()
    h24: bool = False

    def __post_init__(self) -> None:
        choices: Mapping[str, Mapping[str, str]] = {
            "needs": FACILITIES, "ways": WAYS_IN, "who": ADMITS, "categories": CATEGORIES
        }  # fmt: skip
        for field, known in choices.items():
            for code in sorted(getattr(self, field) - known.keys()):
                raise QueryError(
                    N_("is not one of {choices}"), field=field, value=code, choices=", ".join(known),
                    mend=N_("choose one of them"),
                )  # fmt: skip


METRES = tuple(Threshold("m", value) for value in (300, 500, 1000))
MINUTES = tuple(Threshold("min", value) for value in (5, 10, 15))


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """What a study measures by; two studies with equal criteria of equal data are equal.

    Attributes
    ----------
    weight
        What of the demand is counted: residents, outdoor_workers, night_workers, orders, ….
    mode, speed_m_per_s
        How one goes; None: the usual speed of `locator.query`.
    thresholds
        All those that reach is told for.
    within
        The one by which everything else is told.
    min_share
        The share of an area's demand that must be within reach for the area to count as covered.
    street_within_m
        From every place of a street that must be covered a station may be at most this far.
    beside_m
        A station so near a street, in a straight line, is at it.
    crowded_m, stretch_m
        Stations nearer than the first are too near each other, streets longer than the second without a station
        are a stretch without one.
    stay_minutes
        How long a station has to stay usable from the full hour on.
    gap_hours
        The hours of the day in which gaps are looked for.
    terms
        On what terms somebody uses a station.
    area_kind
        The kind of areas that is studied; empty: communities, or all where there are none.
    search_m
        No station further than this is looked at, but for the nearest of all.
    max_access_m
        The longest straight leg between a place and a street.
    """

    weight: str = "residents"
    mode: Mode = Mode.WALK
    speed_m_per_s: float | None = None
    thresholds: tuple[Threshold, ...] = METRES + MINUTES
    within: Threshold = Threshold("min", 15)
    min_share: float = 0.9
    street_within_m: float = 500.0
    beside_m: float = 50.0
    crowded_m: float = 500.0
    stretch_m: float = 1000.0
    stay_minutes: float = 0.0
    gap_hours: tuple[int, ...] = ALL_DAY
    terms: Terms = Terms()
    area_kind: str = ""
    search_m: float = 5000.0
    max_access_m: float = 500.0

    def __post_init__(self) -> None:
        check_range("min_share", self.min_share, 0, 1)
        for field in ("street_within_m", "beside_m", "crowded_m", "stretch_m", "search_m", "max_access_m"):
            check_range(field, getattr(self, field), 0.1, 200_000)
        check_range("stay_minutes", self.stay_minutes, 0, 24 * 60)
        if self.speed_m_per_s is not None:
            check_range("speed_m_per_s", self.speed_m_per_s, 0.1, 100)
        if not self.thresholds:
            raise QueryError(N_("is empty"), field="thresholds", mend=N_("write it like 500m or 15min"))
        for field, one in (("within", self.within), *(("thresholds", one) for one in self.thresholds)):
            _check_far(field, one, self.speed)

    @property
    def speed(self) -> float:
        """Metres a second."""
        return self.speed_m_per_s or SPEEDS_M_PER_S[self.mode.value]

    @cached_property
    def within_m(self) -> float:
        """The metres that `within` is."""
        return self.within.metres(self.speed)

    @cached_property
    def furthest_m(self) -> float:
        """The longest distance that any measure asks for, but for the nearest of all."""
        asked = [threshold.metres(self.speed) for threshold in (*self.thresholds, self.within)]
        return max(*asked, self.street_within_m)


def _check_far(field: str, threshold: Threshold, speed_m_per_s: float) -> None:
    if not _NEAREST_M <= threshold.metres(speed_m_per_s) <= _FURTHEST_M:
        raise QueryError(
            N_("is not between {low} and {high}"), field=field, value=threshold.short, mend=N_("correct it"),
            low=f"{_NEAREST_M} m", high=f"{_FURTHEST_M // 1000} km",
        )  # fmt: skip
