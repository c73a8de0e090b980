"""Where the nearest stations that may qualify are found: by a search tree where it pays, else by a look at all."""

from __future__ import annotations

import importlib.util
import math
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from locator.bits import ALL
from locator.candidates import MARGIN_S, Box, Candidates, Masks, Place, Table, Trip, detour_m
from locator.query import MOST_TRAVEL_S
from locator.sayings import Sayings
from locator.texts import Texts
from locator.timetable import Timetable

if TYPE_CHECKING:
    from locator.tree import Plan, Tree, Writer

__all__ = ["Index"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]
Flags: TypeAlias = npt.NDArray[np.bool_]

_TREE_FROM = 2_000  # stations: below it a look at all takes no longer
_MOST_BY_TREE = 500  # it keeps what it finds in order one by one


class Index:
    """The columns by which stations are found; row i of each is station i. Nothing of it changes.

    Parameters
    ----------
    centres, radii_m
        Earth-centred metres, shape (n, 3), and within how many the whole geometry lies.
    bounds
        Shape (n, 4): west, south, east, north of each geometry, degrees.
    bits
        What each has, as `locator.bits` lays it out.
    hours_row
        The row of its hours in the timetables.
    """

    def __init__(
        self, *, centres: Floats, radii_m: Floats, bounds: Floats, bits: npt.NDArray[np.uint64], hours_row: Ints
    ) -> None:
        self.centres = centres
        self.radii_m = radii_m
        self.bounds = bounds
        self.bits = bits
        self.hours_row = hours_row
        self._tree = self._grown()
        self.matching = lru_cache(maxsize=1_000)(self._matching)

    def _grown(self) -> Tree | None:
        if len(self.centres) < _TREE_FROM or not importlib.util.find_spec("numba"):
            return None
        try:
            from locator.tree import Tree
        except RuntimeError:  # numba finds no folder that it may keep compiled code in
            return None

        return Tree(self.centres, self.radii_m, self.bits, self.hours_row)

    def candidates(
        self, place: Place, masks: Masks, trip: Trip, timetable: Timetable | None, *,
        wanted: int, count: int, furthest_m: float = math.inf, box: Box | None = None,
    ) -> Candidates:  # fmt: skip
        """Return the stations nearest to a place that may qualify; none that does is left out.

        Parameters
        ----------
        timetable
            Of the days around the trip; None: only the hours themselves tell, and everything is unsure.
        wanted
            What one must find on arrival: 0 usable, 1 nobody knows, 2 neither.
        count, furthest_m
            At most so many, and none beyond; one exactly so far counts.
        box
            Only those whose bounds meet it.
        """
        if self._tree is not None and count <= _MOST_BY_TREE:
            plan = self._tree.plan(masks, timetable, trip.at_s, box=box, in_box=self.in_box)
            return self._tree.search(place, plan, trip, wanted=wanted, count=count, furthest_m=furthest_m)
        rows, lines, unsure = self._looked_through(place, masks, trip, timetable, wanted=wanted, box=box)
        near = _nearest(lines, count, furthest_m)
        beyond_m = float(lines[near[-1]]) if len(near) == count else math.inf
        return Candidates(rows[near].tolist(), beyond_m, unsure[near].tolist())

    def plan(self, masks: Masks, timetable: Timetable | None, at_s: float, box: Box | None = None) -> Plan | None:
        """Return what searches for the same at about the same moment have in common; None without a tree."""
        if self._tree is None:
            return None
        return self._tree.plan(masks, timetable, at_s, box=box, in_box=self.in_box)

    def nearest(
        self, lon: float, lat: float, plan: Plan, trip: Trip, *, wanted: int, count: int, radius_m: float
    ) -> tuple[list[int], list[float]] | None:
        """Return rows and metres of the nearest that qualify, nearest first, ties to the lower row.

        None where only a closer look at `candidates` tells; see `candidates` for what is asked.
        """
        if self._tree is None or count >= _MOST_BY_TREE:
            return None
        return self._tree.nearest(
            lon, lat, plan, trip, wanted=wanted, count=count, radius_m=radius_m, bounds=self.bounds
        )

    def writer(
        self, plan: Plan, *,
        s_per_m: float, need_s: float, count: int, radius_m: float, texts: Texts, kinds: Ints, sayings: Sayings,
    ) -> Writer | None:  # fmt: skip
        """Return who writes whole answers; see `locator.tree.Tree.writer`."""
        if self._tree is None:
            return None
        return self._tree.writer(
            plan, s_per_m=s_per_m, need_s=need_s, count=count, radius_m=radius_m, bounds=self.bounds, texts=texts,
            kinds=kinds, sayings=sayings,
        )  # fmt: skip

    def candidates_of_many(
        self, places: Floats, masks: Masks, trip: Trip, timetable: Timetable | None, *,
        wanted: int, count: int, furthest_m: float = math.inf, box: Box | None = None,
    ) -> Table:  # fmt: skip
        """Return the candidates of many places, a row each; see `candidates`."""
        if self._tree is not None:
            plan = self._tree.plan(masks, timetable, trip.at_s, box=box, in_box=self.in_box)
            return self._tree.search_many(places, plan, trip, wanted=wanted, count=count, furthest_m=furthest_m)
        shape = len(places), count
        table = Table(
            np.zeros(shape, np.int32), np.zeros(shape), np.zeros(shape, np.bool_), np.zeros(len(places), np.int32)
        )
        for number, (x, y, z) in enumerate(places.tolist()):
            found = self._looked_through((x, y, z), masks, trip, timetable, wanted=wanted, box=box)
            near = _nearest(found[1], count, furthest_m)
            table.counts[number] = len(near)
            table.rows[number, : len(near)] = found[0][near]
            table.lines_m[number, : len(near)] = found[1][near]
            table.unsure[number, : len(near)] = found[2][near]
        return table

    def rows_in_box(self, box: Box) -> npt.NDArray[np.intp]:
        """Return the rows of the stations whose bounds meet a box, edges included; ascending."""
        rows, lons, lats, others = self._by_lat
        # Of points only those between two parallels are looked at; of what has a size, all.
        between = slice(np.searchsorted(lats, box[1], "left"), np.searchsorted(lats, box[3], "right"))
        near = rows[between][_within(lons[between], lons[between], box)]
        if len(others):
            near = np.concatenate([near, others[_meet(self.bounds[others], box)]])
        return np.asarray(np.sort(near))

    def in_box(self, box: Box) -> Flags:
        """Return for each station whether its bounds meet a box, edges included."""
        found = np.zeros(len(self.bounds), dtype=bool)
        found[self.rows_in_box(box)] = True
        return found

    @cached_property
    def _by_lat(self) -> tuple[npt.NDArray[np.intp], Floats, Floats, npt.NDArray[np.intp]]:
        """The rows of points from south to north, their lons and lats, and the rows of what is no point."""
        is_point = (self.bounds[:, 0] == self.bounds[:, 2]) & (self.bounds[:, 1] == self.bounds[:, 3])
        points = np.flatnonzero(is_point)
        points = points[np.argsort(self.bounds[points, 1], kind="stable")]
        return points, self.bounds[points, 0], self.bounds[points, 1], np.flatnonzero(~is_point)

    def eligible(self, masks: Masks, box: Box | None = None) -> Flags:
        """Return for each station whether it has what the masks ask for, and lies in a box."""
        found = (self.bits & masks.all_of) == masks.all_of
        for some in masks[1:]:
            if some != ALL:
                found &= (self.bits & some) != 0
        return np.asarray(found if box is None else found & self.in_box(box))

    def _matching(self, masks: Masks, box: Box | None = None) -> int:
        """Return how many stations have what the masks ask for."""
        return int(np.count_nonzero(self.eligible(masks, box)))

    def _looked_through(
        self, place: Place, masks: Masks, trip: Trip, timetable: Timetable | None, *, wanted: int, box: Box | None
    ) -> tuple[Ints, Floats, Flags]:  # fmt: skip
        """Return the rows of all that may qualify, the lines to them less their radii, and who is unsure."""
        rows = np.flatnonzero(self.eligible(masks, box)).astype(np.int32)
        lines = np.linalg.norm(self.centres[rows] - place, axis=1)
        unsure = (self.radii_m[rows] > 0) | (timetable is None)
        fits = unsure
        if timetable is not None:
            first, last = (
                np.minimum(ways * trip.s_per_m, MOST_TRAVEL_S) for ways in (lines, lines + detour_m(lines))
            )
            kinds, until = timetable.classes(self.hours_row[rows], trip.at_s + first, trip.need_s)
            unsure = unsure | (until <= last - first + MARGIN_S)
            fits = unsure | (kinds == wanted)
        lines = np.maximum(lines - self.radii_m[rows], 0.0)
        return rows[fits], lines[fits], unsure[fits]


def _meet(bounds: Floats, box: Box) -> Flags:
    """Return whether each of some bounds meets a box."""
    in_lon = _within(bounds[:, 0], bounds[:, 2], box)
    return np.asarray(in_lon & (bounds[:, 3] >= box[1]) & (bounds[:, 1] <= box[3]))


def _within(wests: Floats, easts: Floats, box: Box) -> Flags:
    """Return whether what lies between two meridians each meets a box, whatever its latitude."""
    west, _, east, _ = box
    from_west, to_east = easts >= west, wests <= east
    return np.asarray(from_west | to_east if west > east else from_west & to_east)


def _nearest(lines: Floats, count: int, furthest_m: float) -> npt.NDArray[np.intp]:
    """Return where the shortest lines stand, shortest first, ties to the lower place."""
    near = np.flatnonzero(lines <= furthest_m)
    return np.asarray(near[np.argsort(lines[near], kind="stable")[:count]])
