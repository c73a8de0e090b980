"""Stations that look like one and the same: near each other and called alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from rapidfuzz import fuzz

from locator.geodesy import distances_m
from locator.station import Station

__all__ = ["Pair", "find_duplicates"]

NEAR_M = 200.0
ALIKE = 85.0  # per cent of rapidfuzz's token-free ratio
SAME_SPOT_M = 5.0
_SAME_SPOT_ALIKE = 60.0
_DEGREE_M = 111_000.0
_SAME = str.maketrans({"汩": "汨"})
# Longest first: what every station is called says nothing about which it is.
_EVERYWHERE = (
    "户外劳动者服务站点", "户外劳动者服务站", "工会驿站", "暖心驿站", "爱心驿站", "暖心小站", "驿站", "示意",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two stations that may be one: their places in the sequence, metres apart, likeness of names in per cent."""

    first: int
    second: int
    distance_m: float
    likeness: float


def find_duplicates(stations: Sequence[Station]) -> list[Pair]:
    """Return the pairs of stations that look like one, in the order of the sequence.

    Within 200 m they are called alike, or within 5 m somewhat alike. Names are compared without what every
    station is called (工会驿站), in half width, 汩 as 汨; names of which nothing is left are alike.
    """
    if len(stations) < 2:
        return []
    centres = shapely.get_coordinates([station.geometry.centroid for station in stations])
    names = [_bare(station.name) for station in stations]
    found = []
    for first, second in _near_pairs(centres):
        lon, lat = centres[first]
        apart = float(distances_m(lon, lat, centres[second, :1], centres[second, 1:])[0])
        likeness = fuzz.ratio(names[first], names[second]) if names[first] or names[second] else 100.0
        needed = _SAME_SPOT_ALIKE if apart <= SAME_SPOT_M else ALIKE
        if apart <= NEAR_M and likeness >= needed:
            found.append(Pair(first, second, round(apart, 1), round(likeness)))
    return found


def _near_pairs(centres: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the pairs that may lie within reach of each other: a box in degrees, a little too large."""
    lat = np.radians(np.abs(centres[:, 1]).clip(max=89))
    half_lat = np.full(len(centres), NEAR_M / _DEGREE_M)
    half_lon = NEAR_M / (_DEGREE_M * np.cos(lat)) * 1.01
    boxes = shapely.box(
        centres[:, 0] - half_lon, centres[:, 1] - half_lat, centres[:, 0] + half_lon, centres[:, 1] + half_lat
    )
    tree = shapely.STRtree([shapely.Point(centre) for centre in centres])
    boxed, inside = tree.query(boxes, predicate="intersects")
    return sorted((int(a), int(b)) for a, b in zip(boxed, inside, strict=True) if a < b)


def _bare(name: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", name).casefold().translate(_SAME).split())
    for word in _EVERYWHERE:
        folded = folded.replace(word, "")
    return folded.strip("()·-")
