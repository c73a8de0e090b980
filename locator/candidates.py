"""What a search for the nearest is asked, and what it finds: stations that may qualify."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = [
    "EARTH_M",
    "MARGIN_S",
    "ROUNDING_M",
    "Box",
    "Candidates",
    "Masks",
    "Place",
    "Table",
    "Trip",
    "detour_m",
    "least_way_m",
]

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north; degrees. A west greater than the east spans 180°."""

Place: TypeAlias = tuple[float, float, float]
"""Earth-centred metres."""

EARTH_M = 6_356_000.0
"""The smallest radius of the earth: with it what lies over ground is longest beside the line."""

MARGIN_S = 0.002
"""So near to a change nobody relies on what was reckoned from a line."""


_FLATTEST_M = 6_400_000.0

ROUNDING_M = 1e-6
"""By so much two ways to measure one distance may differ."""


class Masks(NamedTuple):
    """Which bits a station has to have: all of the first, and one at least of each of the others."""

    all_of: np.uint64
    any_1: np.uint64
    any_2: np.uint64
    any_3: np.uint64


class Trip(NamedTuple):
    """When somebody sets out, how long a metre takes, how long the station has to stay usable; seconds."""

    at_s: float
    s_per_m: float
    need_s: float


class Candidates(NamedTuple):
    """What may qualify, nearest first by the least distance that it can have, ties to the lower row.

    Attributes
    ----------
    beyond_m
        What is not named is no nearer than this; infinite when everything is named.
    unsure
        For each row whether only its exact distance tells if it qualifies; empty: all are sure.
    """

    rows: list[int]
    beyond_m: float
    unsure: list[bool]


class Table(NamedTuple):
    """The candidates of many places, a row each.

    Attributes
    ----------
    lines_m
        Straight lines through the earth less the radius of the geometry: the way over ground is not shorter.
    counts
        How many of each row count.
    """

    rows: npt.NDArray[np.int32]
    lines_m: npt.NDArray[np.float64]
    unsure: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.int32]


def least_way_m(line_m: float) -> float:
    """Return metres that the way over ground is at least long, by the straight line through the earth.

    A chord of the flattest circle: no curve on the ellipsoid has a greater radius than 6,399,594 m, that of the
    meridians at the poles, so none is shorter beside its chord.
    """
    return 2 * _FLATTEST_M * math.asin(min(1.0, line_m / (2 * _FLATTEST_M))) if line_m < math.inf else line_m


def detour_m(lines_m: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return metres by which the way over ground is longer than the line through the earth, at most.

    An arc over a chord c of a circle of radius r is c³/24r² longer to first order, c³/21r² up to c = r, and π/2
    times as long at most.
    """
    shares = lines_m / EARTH_M
    return np.asarray(lines_m * np.where(shares < 1, 0.05 * shares**2, 0.6))
