"""Stations that look like one and the same: near each other and called alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from rapidfuzz import fuzz

from locator.exchange.listed import Found
from locator.geodesy import pairwise_m

__all__ = ["Pair", "find_duplicates"]

NEAR_M = 200.0
ALIKE = 85.0  # per cent of rapidfuzz's token-free ratio
SAME_SPOT_M = 5.0
_SAME_SPOT_ALIKE = 60.0
_DEGREE_M = 111_000.0
_BAND = 1_000.0  # more degrees than a band is long
_SAME = str.maketrans({"汩": "汨"})
# Longest first: what every station is called says nothing about which it is.
_EVERYWHERE = (
    "户外劳动者服务站点", "户外劳动者服务站", "工会驿站", "暖心驿站", "爱心驿站", "暖心小站", "驿站", "示意",
)  # fmt: skip

_Pairs: TypeAlias = npt.NDArray[np.float64]
_Places: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two stations that may be one: their places in the sequence, metres apart, likeness of names in per cent."""

    first: int
    second: int
    distance_m: float
    likeness: float


def find_duplicates(stations: Sequence[Found]) -> list[Pair]:
    """Return the pairs of stations that look like one, in the order of the sequence.

    Within 200 m they are called alike, or within 5 m somewhat alike. Names are compared without what every
    station is called (工会驿站), in half width, 汩 as 汨; names of which nothing is left are alike.
    """
    if len(stations) < 2:
        return []
    shapes = np.array([station.geometry for station in stations], dtype=object)
    shaped = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    shapes[shaped] = shapely.centroid(shapes[shaped])
    centres = shapely.get_coordinates(shapes)
    firsts, seconds = _near_pairs(centres)
    apart = pairwise_m(*centres[firsts].T, *centres[seconds].T)
    near = apart <= NEAR_M
    found = []
    for first, second, metres in zip(
        firsts[near].tolist(), seconds[near].tolist(), apart[near].tolist(), strict=True
    ):
        names = _bare(stations[first].name), _bare(stations[second].name)
        likeness = fuzz.ratio(*names) if any(names) else 100.0
        if likeness >= (_SAME_SPOT_ALIKE if metres <= SAME_SPOT_M else ALIKE):
            found.append(Pair(first, second, round(metres, 1), round(likeness)))
    return found


def _near_pairs(centres: _Pairs) -> tuple[_Places, _Places]:
    """Return firsts and seconds of the pairs that may lie within reach: a box in degrees, a little too large."""
    half_lat = NEAR_M / _DEGREE_M
    half_lon = half_lat / _cos(centres[:, 1]) * 1.01
    # In bands as high as the reach, from west to east in each: what is near follows in the same band, or is in the
    # next.
    along = np.floor(centres[:, 1] / half_lat) * _BAND + centres[:, 0]
    order = np.argsort(along, kind="stable")
    along = along[order]
    reach = half_lat / _cos(np.abs(centres[order, 1]) + half_lat) * 1.02
    here = np.arange(1, len(order) + 1), np.searchsorted(along, along + reach, "right")
    above = (np.searchsorted(along, along + _BAND + side * reach) for side in (-1, 1))
    pairs = np.hstack([_spread(*here), _spread(*above)])
    firsts, seconds = np.sort(order[pairs], axis=0)
    apart = np.abs(centres[firsts] - centres[seconds])
    near = (apart[:, 0] <= half_lon[firsts]) & (apart[:, 1] <= half_lat)
    firsts, seconds = firsts[near], seconds[near]
    order = np.lexsort((seconds, firsts))
    return firsts[order], seconds[order]


def _cos(lat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.cos(np.radians(np.abs(lat).clip(max=89))))


def _spread(starts: _Places, ends: _Places) -> _Places:
    """Return each place paired with all from its start to before its end: places in one row, the others below."""
    counts = (ends - starts).clip(min=0)
    places = np.repeat(np.arange(len(counts)), counts)
    first_of = np.cumsum(counts) - counts
    return np.vstack([places, np.arange(len(places)) - first_of[places] + starts[places]])


@lru_cache(maxsize=10_000)
def _bare(name: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", name).casefold().translate(_SAME).split())
    for word in _EVERYWHERE:
        folded = folded.replace(word, "")
    return folded.strip("()·-")
