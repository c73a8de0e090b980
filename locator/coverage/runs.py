"""Runs: what of a street one can go along without passing a station, across its branches, and how long that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.optional import optional_part
from locator.streets.graph import Floats

__all__ = ["Part", "Run", "runs_of"]

_STEP_M = 25.0
_MOST_STEPS = 2_000
_DECIMALS = 3  # a millimetre: parts of one street end in the very place in which they meet


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a street between two places: stations at it, or ends of its lines.

    Attributes
    ----------
    street
        Its row.
    shape
        A line in a projection in metres.
    goes_on
        Whether the street goes on at the first and at the last place of it, wherever other parts end there.
    """

    street: int
    shape: BaseGeometry
    goes_on: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Run:
    """Connected parts of one street.

    Attributes
    ----------
    shape
        All of them, in metres.
    longest_m
        The longest of the shortest ways along them between two of their places: of two carriageways and of a ring
        not both sides, of branches the two longest.
    """

    street: int
    shape: BaseGeometry
    longest_m: float


def runs_of(parts: Sequence[Part], over_m: float) -> list[Run]:
    """Return the runs that are longer than some metres, in the order of their first parts.

    Parameters
    ----------
    over_m
        A run as long as that is not longer.

    Raises
    ------
    MissingPart
        A run branches, and what searches ways along it is not installed.
    """
    found = []
    for group in _groups(parts):
        some = [parts[row] for row in group]
        # No way is longer than all parts together.
        if sum(part.shape.length for part in some) <= over_m:
            continue
        longest_m = _longest_m(some)
        if longest_m > over_m:
            shape: Any = shapely.line_merge(shapely.multilinestrings([part.shape for part in some]))
            found.append(Run(some[0].street, shape, longest_m))
    return found


def _groups(parts: Sequence[Part]) -> list[list[int]]:
    """Return rows of parts that are connected where they go on."""
    groups: dict[int, list[int]] = {}
    group_at: dict[tuple[Any, ...], int] = {}
    for row, part in enumerate(parts):
        groups[row] = [row]
        own = row
        for end in _ends(part):
            key = (part.street, *end)
            other = group_at.get(key, own)
            if other != own:
                low, high = sorted((own, other))
                groups[low] += groups.pop(high)
                group_at.update({place: low for place, one in group_at.items() if one == high})
                own = low
            group_at[key] = own
    return [sorted(group) for group in groups.values()]


def _ends(part: Part) -> list[tuple[float, ...]]:
    """Return the places at which a part goes on."""
    places = shapely.get_coordinates(part.shape)[[0, -1]].round(_DECIMALS).tolist()
    return [tuple(place) for place, goes_on in zip(places, part.goes_on, strict=True) if goes_on]


def _longest_m(parts: Sequence[Part]) -> float:
    """Return the longest of the shortest ways along connected parts, true to a step of at most 25 m at rings."""
    ends = [end for part in parts for end in _ends(part)]
    if len(parts) == 1 and len(set(ends)) == len(ends):
        return float(parts[0].shape.length)
    sparse, csgraph = (optional_part(f"scipy.sparse{name}", "streets") for name in ("", ".csgraph"))
    step_m = max(_STEP_M, sum(part.shape.length for part in parts) / _MOST_STEPS)
    number = {end: row for row, end in enumerate(dict.fromkeys(ends))}
    size = len(number)
    links: list[tuple[Floats, Floats]] = []
    for part in parts:
        steps = max(int(np.ceil(part.shape.length / step_m)), 2)
        nodes = np.arange(size, size + steps + 1)
        size += steps + 1
        # Where a part goes on, its end is a place that it shares; at a station it is one of its own.
        shared = iter(_ends(part))
        for place, goes_on in zip((0, -1), part.goes_on, strict=True):
            if goes_on:
                nodes[place] = number[next(shared)]
        links.append((np.column_stack([nodes[:-1], nodes[1:]]), np.full(steps, part.shape.length / steps)))
    pairs, metres = (np.concatenate(column) for column in zip(*links, strict=True))
    graph = sparse.coo_array((metres, (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr()
    ways = csgraph.dijkstra(graph, directed=False)
    return float(ways[np.isfinite(ways)].max())
