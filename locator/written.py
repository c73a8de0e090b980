"""An answer to the nearest, found and written in one compiled loop, by numba.

For what is asked most: the text of a station stands in the snapshot, what is said of its hours has been said to
somebody before, and what is left to write are four numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from locator.compiled import nearest
from locator.query import MOST_TRAVEL_S, WALKING_M_PER_S

__all__ = ["addresses", "written"]

_DISTANCE = np.frombuffer(b',"distance_m":', np.uint8)
_TRAVEL = np.frombuffer(b',"travel_s":', np.uint8)
_MINUTES = np.frombuffer(b',"travel_minutes":', np.uint8)
_WALK = np.frombuffer(b',"walk_minutes":', np.uint8)
_COMMA, _POINT, _ZERO = 44, 46, 48
_CLOSE, _LIST, _END = np.frombuffer(b"}}", np.uint8), np.frombuffer(b"]}", np.uint8), 2
_USABLE = 0
_ARRAYS = 23
_ROOM = 160  # for the four numbers, their names and what closes a feature


@intrinsic
def _pointer(_context, address):
    """Return an address as a pointer."""

    def generate(_, builder, __, arguments):
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


def addresses(*arrays: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return where arrays are, shape (arrays, 3): address and lengths. They must stay where they are."""
    return np.array([(array.ctypes.data, *array.shape, 0, 0)[:3] for array in arrays], np.int64)


@njit(cache=True, nogil=True, inline="always")
def _codes(where):
    return carray(_pointer(where[0]), (where[1],), np.uint8)


@njit(cache=True, nogil=True, inline="always")
def _ints(where):
    return carray(_pointer(where[0]), (where[1],), np.int32)


@njit(cache=True, nogil=True, inline="always")
def _longs(where):
    return carray(_pointer(where[0]), (where[1],), np.int64)


@njit(cache=True, nogil=True, inline="always")
def _row(where):
    return carray(_pointer(where[0]), (where[1],), np.float64)


@njit(cache=True, nogil=True, inline="always")
def _floats(where, width):
    return carray(_pointer(where[0]), (where[1], width), np.float64)


@njit(cache=True, nogil=True, inline="always")
def _words(where, width):
    return carray(_pointer(where[0]), (where[1], width), np.uint64)


@njit(cache=True, nogil=True)
def written(lon, lat, at_s, where):
    """Write an answer, and return how many bytes it has; less than 0: so many it has to have room for.

    0 where it has to be looked at closely, or something is to be said anew.

    Parameters
    ----------
    where
        Where the `addresses` are of the arrays of a `locator.tree.Writer`, in its order, and behind them of how
        the answer begins, of what is said of stations, and of the room for the answer.
    """
    arrays = carray(_pointer(where), (_ARRAYS, 3), np.int64)
    tree = (
        _floats(arrays[0], 4), _ints(arrays[1]), _ints(arrays[2]), _floats(arrays[3], 6),
    )  # fmt: skip
    marks = _words(arrays[4], 64), _words(arrays[5], 1), _words(arrays[6], 2), _ints(arrays[7])
    certain = carray(_pointer(arrays[10, 0]), (arrays[10, 1],), np.bool_)
    timetable = _ints(arrays[8]), _floats(arrays[9], 2), certain, _row(arrays[11])
    centres, bounds = _floats(arrays[12], 3), _floats(arrays[13], 4)
    text, text_bounds, kinds = _codes(arrays[14]), _longs(arrays[15]), _ints(arrays[16])
    sayings = carray(_pointer(arrays[17, 0]), (arrays[17, 1], arrays[17, 2], 5), np.float64)
    mask, pace = _words(arrays[18], 1), _row(arrays[19])
    masks = mask[0, 0], mask[1, 0], mask[2, 0], mask[3, 0]
    s_per_m, need_s, base_s, radius_m, count = pace[0], pace[1], pace[2], pace[3], int(pace[4])
    head, said, out = _codes(arrays[20]), _codes(arrays[21]), _codes(arrays[22])
    rows, metres, slots = np.empty(count, np.int32), np.empty(count), np.empty(count, np.int64)
    found = nearest(
        lon, lat, count, radius_m, tree, centres, bounds, _USABLE, (at_s, s_per_m, need_s, base_s), masks, marks,
        timetable, rows, metres,
    )  # fmt: skip
    if found != count:
        return 0
    size = head.shape[0] + _END
    if not _fetched(text, text_bounds, rows):
        return 0
    for place in range(count):
        row = rows[place]
        slots[place] = _slot(sayings[kinds[row]], said.shape[0], at_s, metres[place] * s_per_m)
        if slots[place] < 0:
            return 0
        saying = sayings[kinds[row], slots[place]]
        size += text_bounds[row + 1] - text_bounds[row] + int(saying[4] - saying[3]) + _ROOM
    if size > out.shape[0]:
        return -size
    spot = _copied(out, 0, head, 0, head.shape[0])
    for place in range(count):
        row, way_m = rows[place], metres[place]
        saying, travel_s = sayings[kinds[row], slots[place]], way_m * s_per_m
        if place:
            out[spot] = _COMMA
            spot += 1
        spot = _copied(out, spot, text, text_bounds[row], text_bounds[row + 1] - 2)
        spot = _tenths(out, _copied(out, spot, _DISTANCE, 0, _DISTANCE.shape[0]), way_m)
        spot = _digits(out, _copied(out, spot, _TRAVEL, 0, _TRAVEL.shape[0]), int(travel_s))
        spot = _digits(out, _copied(out, spot, _MINUTES, 0, _MINUTES.shape[0]), math.ceil(travel_s / 60))
        walk = math.ceil(way_m / WALKING_M_PER_S / 60)
        spot = _digits(out, _copied(out, spot, _WALK, 0, _WALK.shape[0]), walk)
        out[spot] = _COMMA
        spot = _copied(out, spot + 1, said, int(saying[3]), int(saying[4]))
        spot = _copied(out, spot, _CLOSE, 0, 2)
    return _copied(out, spot, _LIST, 0, 2)


@njit(cache=True, nogil=True, inline="always")
def _fetched(text, bounds, rows):
    """Read the beginning of each text, and return whether any is there.

    They lie far apart in much memory: all are on their way while the first is copied, and not one after the other.
    """
    seen, last = np.uint8(0), text.shape[0] - 1
    for row in rows:
        begin = bounds[row]
        seen |= (
            text[begin] | text[min(begin + 64, last)] | text[min(begin + 128, last)] | text[min(begin + 192, last)]
        )
    return seen != 0


@njit(cache=True, nogil=True)
def _slot(sayings, length, at_s, travel_s):
    """Return where it stands what is said to somebody who sets out and arrives then; -1: nowhere yet."""
    arrives_s = at_s + min(travel_s, MOST_TRAVEL_S)
    for slot in range(sayings.shape[0]):
        saying = sayings[slot]
        if saying[0] <= arrives_s < saying[1]:
            return slot if at_s >= saying[2] and saying[4] <= length else -1
    return -1


@njit(cache=True, nogil=True)
def _copied(out, spot, codes, begin, end):
    """Copy some bytes, and return where the next belong."""
    # Slices that begin at 0: their places cannot be negative, and so many bytes are copied at a time.
    target, source = out[spot : spot + end - begin], codes[begin:end]
    for place in range(end - begin):
        target[place] = source[place]
    return spot + end - begin


@njit(cache=True, nogil=True)
def _digits(out, spot, number):
    """Write a whole number from 0 up, and return where the next belongs."""
    length, rest = 1, number // 10
    while rest:
        length, rest = length + 1, rest // 10
    for place in range(length - 1, -1, -1):
        out[spot + place] = _ZERO + number % 10
        number //= 10
    return spot + length


@njit(cache=True, nogil=True)
def _tenths(out, spot, number):
    """Write a number from 0 up to one digit behind the point, a half to the even one as Python does."""
    tenths = int(np.rint(number * 10))
    spot = _digits(out, spot, tenths // 10)
    out[spot], out[spot + 1] = _POINT, _ZERO + tenths % 10
    return spot + 2
