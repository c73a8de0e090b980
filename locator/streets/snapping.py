"""Places beside the streets: where each enters the nearest edge, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from locator.errors import InvalidValue
from locator.geodesy import pairwise_m
from locator.streets.graph import Floats, Mask, Network, Numbers
from locator.translation import N_

__all__ = ["BESIDE_M", "FINE_M", "MAX_ACCESS_M", "SAME_M", "Snapper", "Snaps", "main_edges", "snap"]

MAX_ACCESS_M = 250.0
"""Metres in a straight line to the nearest street, at most, unless somebody says otherwise."""
BESIDE_M = 100.0
"""Metres by which a small island has to be nearer than any larger part of a network to be entered.

A footpath that is connected to nothing is mostly one whose last metres nobody has drawn: whoever stands beside it
goes to the street. Further away there may be a river or a railway between, which nobody crosses straight.
"""
FINE_M = 1e-6
"""Metres by which sums of the same lengths in another order may differ."""
SAME_M = 0.01
"""Metres within which two places on a street are one, whichever way the street goes."""


Points: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Snaps:
    """Where places meet a network, in the order in which they were given.

    Attributes
    ----------
    edge
        The edge that each enters; -1: no street is near enough.
    offset_m
        Metres along the edge from its first end.
    access_m
        Metres in a straight line from the place to the edge; infinite where no street is near enough.
    entries
        Shape (n, 2): lon, lat of the places on the edges; WGS84, NaN where there is none.
    """

    edge: Numbers
    offset_m: Floats
    access_m: Floats
    entries: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def too_far(self) -> Numbers:
        """Which places are too far from any street."""
        return np.flatnonzero(self.edge < 0)

    def chosen(self, which: Numbers | slice) -> Snaps:
        """Return some of them."""
        return Snaps(self.edge[which], self.offset_m[which], self.access_m[which], self.entries[which])


class Snapper:
    """Finds where places enter a network; what it needs for that is made once.

    Parameters
    ----------
    edges
        For each edge whether it may be entered, such as `main_edges(network)`; None: all may.
    beside_m
        An edge that may not be entered is all the same where it is nearer by more than this: a small island, which
        is all the street that there is. Infinite: never.
    """

    def __init__(self, network: Network, edges: Mask | None = None, *, beside_m: float = np.inf) -> None:
        self._network = network
        all_may = edges is None or bool(edges.all())
        self._numbers = np.arange(len(network.ends)) if edges is None or all_may else np.flatnonzero(edges)
        self._tree = network.tree if all_may else shapely.STRtree(network.flat_lines[self._numbers])
        self._beside_m = np.inf if all_may else beside_m

    def snap(self, lons: Floats, lats: Floats, *, max_access_m: float = MAX_ACCESS_M) -> Snaps:
        """Find for each place the nearest edge; see the function `snap`."""
        found = self._snap(lons, lats, max_access_m)
        away = np.flatnonzero(found.access_m > self._beside_m + FINE_M)
        if not len(away):
            return found
        any_edge = Snapper(self._network)
        other = any_edge.snap(np.asarray(lons)[away], np.asarray(lats)[away], max_access_m=max_access_m)
        nearer = other.access_m + self._beside_m < found.access_m[away]
        rows, chosen = away[nearer], other.chosen(np.flatnonzero(nearer))
        found.edge[rows], found.offset_m[rows] = chosen.edge, chosen.offset_m
        found.access_m[rows], found.entries[rows] = chosen.access_m, chosen.entries
        return found

    def _snap(self, lons: Floats, lats: Floats, max_access_m: float) -> Snaps:
        network = self._network
        places = _checked(lons, lats, max_access_m)
        flat: Points = np.asarray(shapely.points(network.flattened(places)))
        rows, number = self._nearest(flat, max_access_m)
        lines = network.flat_lines[number]
        along = shapely.line_locate_point(lines, flat[rows])
        entered = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
        entries = np.full((len(places), 2), np.nan)
        entries[rows] = network.flattened(entered, back=True)
        access = np.full(len(places), np.inf)
        access[rows] = pairwise_m(*places[rows].T, *entries[rows].T)
        edge = np.full(len(places), -1)
        edge[rows] = number
        offset = np.full(len(places), np.nan)
        flat_length = np.maximum(shapely.length(lines), FINE_M)
        offset[rows] = np.clip(along / flat_length, 0, 1) * network.length_m[number]
        far = access > max_access_m + FINE_M
        edge[far], offset[far], access[far], entries[far] = -1, np.nan, np.inf, np.nan
        return Snaps(edge, offset, access, entries)

    def _nearest(self, points: Points, max_access_m: float) -> tuple[Numbers, Numbers]:
        """Return the rows of places that have an edge about near enough, and the edge."""
        # The projection stretches a little; how far it is to be taken is measured afterwards.
        reach = max_access_m * 1.01 + 0.01
        rows, found = self._tree.query_nearest(points, max_distance=reach, all_matches=True)
        order = np.lexsort((self._numbers[found], rows))
        rows, found = rows[order], self._numbers[found[order]]
        first = np.flatnonzero(np.diff(rows, prepend=-1))
        return rows[first], found[first]


def snap(
    network: Network, lons: Floats, lats: Floats, *, max_access_m: float = MAX_ACCESS_M, edges: Mask | None = None
) -> Snaps:
    """Find for each place the nearest edge, where on it, and how far away.

    What is nearest is found in the network's projected CRS, in which lengths are true to a millimetre in a
    town; the access leg is then measured on the ellipsoid. From its place on the edge one goes on in both
    directions, as far as the edge may be used so. Of edges that are equally near the first is taken.

    Parameters
    ----------
    lons, lats
        Degrees, WGS84; finite.
    max_access_m
        The longest access leg; it counts itself.
    edges
        For each edge whether it may be entered, such as `main_edges(network)`; None: all may.

    Raises
    ------
    InvalidValue
        A coordinate is no number, or the longest access leg is none from 0 up.
    """
    return Snapper(network, edges).snap(lons, lats, max_access_m=max_access_m)


def main_edges(network: Network, *, min_share: float = 0.01) -> Mask:
    """Return which edges lie on islands that have at least a share of all street."""
    large = network.islands.share >= min_share
    return np.asarray(large[network.islands.label[network.ends[:, 0]]])


def _checked(lons: Floats, lats: Floats, max_access_m: float) -> Floats:
    """Return places as pairs."""
    if not 0 <= max_access_m < np.inf:
        raise InvalidValue(
            N_("is not a number from 0 up"), field="max_access_m", value=max_access_m, mend=N_("correct it")
        )
    places = np.column_stack([np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)])
    if not (np.isfinite(places).all() and (np.abs(places) <= (180, 90)).all()):
        raise InvalidValue(
            N_("is outside the longitudes and latitudes of the earth"),
            field="lons, lats",
            mend=N_("give degrees, longitude first"),
        )
    return places
