"""What a query can ask of a station, as bits of one word: facilities, ways in, whom it admits, category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN

__all__ = [
    "ALL",
    "CAN_QUERY",
    "admits_mask",
    "bits_of",
    "categories_mask",
    "facilities_mask",
    "registration_mask",
    "ways_mask",
]

ALL = (1 << 64) - 1
"""Bits one of which every station has."""

_UNKNOWN = ""


def _laid_out(groups: Mapping[str, Iterable[str]]) -> dict[str, dict[str, int]]:
    """Return for each group the bit of each code, one after the other."""
    place = iter(range(64))
    return {group: {code: 1 << next(place) for code in codes} for group, codes in groups.items()}


_BITS = _laid_out(
    {
        "facilities": FACILITIES,
        "ways": (*WAYS_IN, _UNKNOWN),
        "admits": (*ADMITS, _UNKNOWN),
        "registration": ("yes", "no", _UNKNOWN),
        "category": CATEGORIES,
        "status": ("operating",),
    }
)

CAN_QUERY = _BITS["status"]["operating"]
"""The bit of the stations that are in operation; no other is ever an answer."""


def bits_of(record: Mapping[str, Any]) -> int:
    """Return the bits of a station's record; a facility counts only if it is known to be there."""
    word = _BITS["status"].get(record["status"], 0) | _BITS["category"][record["category"]]
    facilities = _BITS["facilities"]
    for code, said in record.get("facilities", {}).items():
        if said == "yes":
            word |= facilities[code]
    entry = record.get("entry", {})
    for way in entry.get("ways", (_UNKNOWN,)):
        word |= _BITS["ways"][way]
    word |= _BITS["admits"][entry.get("admits", _UNKNOWN)]
    return word | _BITS["registration"][entry.get("registration", _UNKNOWN)]


@lru_cache(maxsize=1_000)
def facilities_mask(needs: frozenset[str]) -> int:
    """Return the bits all of which a station with these facilities has."""
    return sum(_BITS["facilities"][code] for code in needs)


@lru_cache(maxsize=1_000)
def ways_mask(ways: frozenset[str]) -> int:
    """Return the bits one of which a station has that one enters by one of these ways, or nobody knows how."""
    return sum(_BITS["ways"][way] for way in (*ways, _UNKNOWN)) if ways else ALL


@lru_cache(maxsize=1_000)
def admits_mask(who: frozenset[str]) -> int:
    """Return the bits one of which a station has that admits these people, or nobody knows whom."""
    return sum(_BITS["admits"][code] for code in who | {"everyone", _UNKNOWN}) if who else ALL


@lru_cache(maxsize=1_000)
def categories_mask(categories: frozenset[str]) -> int:
    """Return the bits one of which a station of these categories has."""
    return sum(_BITS["category"][code] for code in categories) if categories else ALL


def registration_mask(*, without: bool) -> int:
    """Return the bits all of which a station has that is known to need no registration."""
    return _BITS["registration"]["no"] if without else 0
