"""A search tree over stations, for thousands of them: the nearest that may qualify, under masks and hours.

Every node has the box of its points, the OR of their bits and the half hours in which any of them can be used, so
that whole subtrees are passed over; a leaf has as many points as a word has bits. Needs numba, and so is imported
only where that is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from locator import compiled
from locator.candidates import Box, Candidates, Masks, Place, Table, Trip
from locator.sayings import Bytes, Sayings
from locator.texts import Texts
from locator.timetable import Timetable, slot_base
from locator.written import addresses, written

__all__ = ["Plan", "Tree", "Writer"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int32]
Words: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Plan: TypeAlias = tuple[Any, ...]
"""What many searches have in common, as the compiled loops take it; see `Tree.plan`."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_LEAF = 32  # points, a bit each of one word; with more each leaf takes longer, with fewer there are more nodes
_IN_BOX = np.uint64(1 << 63)
_MOST_KEPT = 8
_ROOM = 1 << 13  # bytes of an answer, at first
_MOST_FILTERS = 256
_WHATEVER = -1
_NO_HOURS = Timetable(math.inf, -math.inf, np.zeros(1, np.int32), np.zeros((0, 2)), np.zeros(0, np.bool_))


class Tree:
    """Stations in a balanced tree; row i of each column is station i.

    Parameters
    ----------
    centres, radii_m
        Earth-centred metres, shape (n, 3), n at least 1, and within how many the whole geometry lies.
    bits
        What each has, as `locator.bits` lays it out.
    hours_row
        The row of its hours in the timetables.
    """

    def __init__(self, centres: Floats, radii_m: Floats, bits: Words, hours_row: Ints) -> None:
        depth = max(0, math.ceil(math.log2(len(centres) / _LEAF)))
        self._rows, boxes, self._starts = compiled.split(centres, radii_m, depth)
        points = np.column_stack([centres[self._rows], radii_m[self._rows]])
        self._arrays = (np.ascontiguousarray(points), self._rows, self._starts, boxes)
        self._centres = centres
        self._bits = bits
        self._hours = np.ascontiguousarray(hours_row[self._rows])
        self._marks: dict[Box | None, tuple[Words, Words]] = {}
        self._seen: dict[tuple[Masks, Box | None], None] = {}
        self._choosing: dict[tuple[Masks, Box | None], Words] = {}
        self._slots: dict[tuple[float, float], Words] = {}

    def plan(
        self, masks: Masks, timetable: Timetable | None, at_s: float, *,
        box: Box | None, in_box: Callable[[Box], Flags],
    ) -> Plan:  # fmt: skip
        """Return what a search needs beside its place, the arrays among it made once and kept.

        Parameters
        ----------
        timetable
            Of the days around the trip; None: whatever one finds there, the caller looks.
        at_s
            The moment, seconds since 1970.
        in_box
            Called for which stations lie in the box.
        """
        known, base_s = timetable or _NO_HOURS, slot_base(at_s)
        planes, node_bits = self._marks.get(box) or self._marked(box, in_box)
        node_slots = self._slots.get((known.start_s, base_s))
        if node_slots is None:
            node_slots = self._node_slots(known, base_s)
        if box is not None:
            masks = masks._replace(all_of=masks.all_of | _IN_BOX)
        exact = self._choosing.get((masks, box))
        if exact is None:
            exact = self._chosen_again(masks, box, planes, node_bits)
        return (
            base_s,
            timetable is not None,
            tuple(masks),
            (planes, exact, node_slots, self._hours),
            known.arrays,
        )

    def search(
        self, place: Place, plan: Plan, trip: Trip, *, wanted: int, count: int, furthest_m: float
    ) -> Candidates:
        """Find the stations nearest to a place that may qualify, at most `count` and none beyond `furthest_m`.

        A station is left out only if it surely does not qualify, whatever way over ground its line stands for.
        """
        base_s, has_hours, masks, marks, hours = plan
        rows, lines, unsure = np.empty(count, np.int32), np.empty(count), np.empty(count, np.bool_)
        found, doubts = compiled.search(
            *place, count, furthest_m, self._arrays, wanted if has_hours else _WHATEVER, (*trip, base_s),
            masks, marks, hours, rows, lines, unsure,
        )  # fmt: skip
        if found < count:
            rows, beyond_m = rows[:found], math.inf
        else:
            beyond_m = lines.item(-1)
        return Candidates(rows.tolist(), beyond_m, unsure[:found].tolist() if doubts else [])

    def nearest(
        self, lon: float, lat: float, plan: Plan, trip: Trip, *,
        wanted: int, count: int, radius_m: float, bounds: Floats,
    ) -> tuple[list[int], list[float]] | None:  # fmt: skip
        """Return rows and metres of the nearest that qualify; None where it takes a closer look to tell.

        Parameters
        ----------
        bounds
            The bounds of stations by row, degrees: a point is its own.
        """
        base_s, has_hours, masks, marks, hours = plan
        if not has_hours:
            return None
        rows, metres = np.empty(count, np.int32), np.empty(count)
        found = compiled.nearest(
            lon,
            lat,
            count,
            radius_m,
            self._arrays,
            self._centres,
            bounds,
            wanted,
            (*trip, base_s),
            masks,
            marks,
            hours,
            rows,
            metres,
        )
        if found < count:
            return None if found < 0 else (rows[:found].tolist(), metres[:found].tolist())
        return rows.tolist(), metres.tolist()

    def writer(
        self, plan: Plan, *,
        s_per_m: float, need_s: float, count: int, radius_m: float, bounds: Floats, texts: Texts, kinds: Ints,
        sayings: Sayings,
    ) -> Writer | None:  # fmt: skip
        """Return who writes answers that name as many as are asked for; None where only the hours tell who counts.

        Parameters
        ----------
        s_per_m, need_s
            Seconds that a metre takes, and how long a station has to stay usable.
        bounds
            The bounds of stations by row, degrees: a point is its own.
        texts, kinds
            Their features, and the kind of which something is said.
        """
        base_s, has_hours, masks, marks, hours = plan
        if not has_hours:
            return None
        arrays = (
            *self._arrays, *marks, *hours, self._centres, bounds, texts.codes, texts.bounds, kinds, sayings.table,
            np.array(masks), np.array([s_per_m, need_s, base_s, radius_m, count]),
        )  # fmt: skip
        return Writer(arrays, sayings)

    def search_many(
        self, places: Floats, plan: Plan, trip: Trip, *, wanted: int, count: int, furthest_m: float
    ) -> Table:
        """Find for each place what `search` finds."""
        base_s, has_hours, masks, marks, hours = plan
        shape = len(places), count
        rows, lines, unsure = np.zeros(shape, np.int32), np.zeros(shape), np.zeros(shape, np.bool_)
        counts = np.empty(len(places), np.int32)
        compiled.search_all(
            places, count, furthest_m, self._arrays, wanted if has_hours else _WHATEVER, (*trip, base_s),
            masks, marks, hours, rows, lines, unsure, counts,
        )  # fmt: skip
        return Table(rows, lines, unsure, counts)

    def _marked(self, box: Box | None, in_box: Callable[[Box], Flags]) -> tuple[Words, Words]:
        """Return the bits of points, by leaf, and of nodes; the highest says whether they lie in a box."""
        bits = self._bits if box is None else self._bits | np.where(in_box(box), _IN_BOX, np.uint64(0))
        ordered = np.ascontiguousarray(bits[self._rows])
        marks = (
            compiled.planes_of(ordered, self._starts),
            compiled.joined(ordered[:, np.newaxis], self._starts),
        )
        _keep(self._marks, box, marks)
        return marks

    def _chosen_again(self, masks: Masks, box: Box | None, planes: Words, node_bits: Words) -> Words:
        """Return the words by which nodes are passed over; for a filter that comes again they are made exact."""
        key = masks, box
        if key in self._seen:
            found: Words = compiled.choosing(planes, tuple(masks))
            _keep(self._choosing, key, found, most=_MOST_FILTERS)
            return found
        _keep(self._seen, key, None, most=_MOST_FILTERS)
        return node_bits

    def _node_slots(self, timetable: Timetable, base_s: float) -> Words:
        """Return for every node the half hours in which one of its points can be used, or perhaps."""
        words = np.zeros((0, 2), np.uint64)
        if timetable is not _NO_HOURS:
            words = compiled.joined(timetable.slots(base_s)[self._hours], self._starts)
        _keep(self._slots, (timetable.start_s, base_s), words)
        return words


class Writer:
    """Finds and writes the answer to one question, wherever it is asked.

    Parameters
    ----------
    arrays
        As `locator.written` takes their addresses.
    sayings
        What is said of the stations.
    """

    def __init__(self, arrays: tuple[npt.NDArray[Any], ...], sayings: Sayings) -> None:
        self._arrays = arrays
        self._sayings = sayings
        self._room = _ROOM
        self._desks: list[_Desk] = []

    def __call__(self, lon: float, lat: float, at_s: float, head: Bytes) -> bytes:
        """Return the answer; nothing where that cannot be said out of hand.

        Parameters
        ----------
        head
            How it begins.
        """
        while True:
            # Threads write at the same time, each at a desk of its own.
            try:
                desk = self._desks.pop()
            except IndexError:
                desk = _Desk(self._arrays, self._room)
            if desk.head is not head or desk.said is not self._sayings.text:
                desk.lay(head, self._sayings.text)
            length = written(lon, lat, at_s, desk.where)
            if length >= 0:
                self._desks.append(desk)
                return desk.view[:length].tobytes()
            self._room = -2 * length


class _Desk:
    """What one answer at a time is written at: the addresses of all that goes into it, and room for it.

    To hand an array over takes a sixth of a microsecond, and an answer takes two dozen.
    """

    __slots__ = ("_addresses", "_arrays", "head", "said", "view", "where")

    def __init__(self, arrays: tuple[npt.NDArray[Any], ...], room: int) -> None:
        out = np.empty(room, np.uint8)
        self.view = out.data
        self.head = self.said = out[:0]
        self._arrays = (*arrays, self.head, self.said, out)  # what is at the addresses stays as long as the desk
        self._addresses = addresses(*self._arrays)
        self.where: int = self._addresses.ctypes.data

    def lay(self, head: Bytes, said: Bytes) -> None:
        """Write with these from now on."""
        self.head, self.said = head, said
        self._addresses[-3:-1] = addresses(head, said)


def _keep(cache: dict[_Key, _Value], key: _Key, value: _Value, *, most: int = _MOST_KEPT) -> None:
    """Put a value into a cache, the oldest giving way; two threads may both do so, with the same."""
    for old in list(cache)[: len(cache) - most + 1] if len(cache) >= most else ():
        cache.pop(old, None)
    cache[key] = value
