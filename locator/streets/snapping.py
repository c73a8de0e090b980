"""Places beside the streets: where each enters the nearest edge, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from locator.errors import InvalidValue
from locator.geodesy import pairwise_m
from locator.streets.graph import Floats, Mask, Network, Numbers
from locator.translation import N_

__all__ = ["FINE_M", "SAME_M", "Snaps", "main_edges", "snap"]

FINE_M = 1e-6
"""Metres by which sums of the same lengths in another order may differ."""
SAME_M = 0.01
"""Metres within which two places on a street are one, whichever way the street goes."""


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


def snap(
    network: Network, lons: Floats, lats: Floats, *, max_access_m: float = 250.0, edges: Mask | None = None
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
    rows, number = _nearest(network, places, max_access_m, edges)
    flat = shapely.points(network.flattened(places[rows]))
    lines = network.flat_lines[number]
    along = shapely.line_locate_point(lines, flat)
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


def main_edges(network: Network, *, min_share: float = 0.01) -> Mask:
    """Return which edges lie on islands that have at least a share of all street."""
    large = network.islands.share >= min_share
    return np.asarray(large[network.islands.label[network.ends[:, 0]]])


def _nearest(network: Network, places: Floats, max_access_m: float, edges: Mask | None) -> tuple[Numbers, Numbers]:
    """Return the rows of places that have an edge about near enough, and the edge."""
    numbers = np.arange(len(network.ends)) if edges is None else np.flatnonzero(edges)
    tree = network.tree if edges is None else shapely.STRtree(network.flat_lines[numbers])
    points = shapely.points(network.flattened(places))
    # The projection stretches a little; how far it is to be taken is measured afterwards.
    reach = max_access_m * 1.01 + 0.01
    rows, found = tree.query_nearest(points, max_distance=reach, all_matches=True)
    order = np.lexsort((numbers[found], rows))
    rows, found = rows[order], numbers[found[order]]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    return rows[first], found[first]
