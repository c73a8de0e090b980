"""Stations that look like one and the same: near each other and called alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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


def _near_pairs(centres: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return firsts and seconds of the pairs that may lie within reach: a box in degrees, a little too large."""
    lat = np.radians(np.abs(centres[:, 1]).clip(max=89))
    half_lat = np.full(len(centres), NEAR_M / _DEGREE_M)
    half_lon = NEAR_M / (_DEGREE_M * np.cos(lat)) * 1.01
    boxes = shapely.box(
        centres[:, 0] - half_lon, centres[:, 1] - half_lat, centres[:, 0] + half_lon, centres[:, 1] + half_lat
    )
    boxed, inside = shapely.STRtree(np.asarray(shapely.points(centres))).query(boxes)
    once = boxed < inside
    boxed, inside = boxed[once], inside[once]
    order = np.lexsort((inside, boxed))
    return boxed[order], inside[order]


@lru_cache(maxsize=10_000)
def _bare(name: str) -> str:
    folded = "".join(unicodedata.normalize("NFKC", name).casefold().translate(_SAME).split())
    for word in _EVERYWHERE:
        folded = folded.replace(word, "")
    return folded.strip("()·-")
