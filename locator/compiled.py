"""The inner loops of the search tree, compiled by numba: how it is split, and how it is searched.

The k-d tree of J. L. Bentley, "Multidimensional binary search trees used for associative searching" (1975),
doi:10.1145/361002.361007, balanced, as arrays: the children of node i are 2i + 1 and 2i + 2. What the arguments
are is told where they are put together, in `locator.tree` and `locator.index`.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from locator.candidates import EARTH_M, MARGIN_S, ROUNDING_M
from locator.ellipsoid import FAR_M, NEAR_M, earth_centred, metres_beside, metres_between
from locator.query import MOST_TRAVEL_S
from locator.timetable import SLOT_S

__all__ = ["choosing", "joined", "nearest", "planes_of", "search", "search_all", "split"]

_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ONE = np.uint64(1)


@njit(cache=True, nogil=True)
def split(centres, radii_m, depth):
    """Return rows in the order of the leaves, the box of every node, and where each leaf starts."""
    count = centres.shape[0]
    order = np.arange(count).astype(np.int32)
    columns = centres.T.copy()
    inner = (1 << depth) - 1
    lows = np.zeros(2 * inner + 1, np.int32)
    highs = np.zeros(2 * inner + 1, np.int32)
    highs[0] = count
    boxes = np.empty((2 * inner + 1, 6))
    spread = np.empty(3)
    for node in range(2 * inner + 1):
        if node:
            parent = (node - 1) >> 1
            middle = (lows[parent] + highs[parent]) >> 1
            lows[node] = lows[parent] if node & 1 else middle
            highs[node] = middle if node & 1 else highs[parent]
        for axis in range(3):
            least, most, inmost, outmost = np.inf, -np.inf, np.inf, -np.inf
            for place in range(lows[node], highs[node]):
                value, radius = columns[axis, order[place]], radii_m[order[place]]
                least, most = min(least, value - radius), max(most, value + radius)
                inmost, outmost = min(inmost, value), max(outmost, value)
            boxes[node, axis], boxes[node, 3 + axis] = least, most
            spread[axis] = outmost - inmost
        if node < inner and highs[node] - lows[node] > 1:
            middle = (lows[node] + highs[node]) >> 1
            _select(columns[np.argmax(spread)], order, lows[node], highs[node], middle)
    starts = np.empty(inner + 2, np.int32)
    starts[:-1] = lows[inner:]
    starts[-1] = count
    return order, boxes, starts


@njit(cache=True, nogil=True)
def _select(values, order, low, high, place):
    """Bring the row of the `place`-th smallest value to its place, none larger before and none smaller behind it.

    C. A. R. Hoare, "Algorithm 65: find" (1961), doi:10.1145/366622.366647.
    """
    high -= 1
    while low < high:
        pivot = values[order[(low + high) >> 1]]
        i, j = low, high
        while i <= j:
            while values[order[i]] < pivot:
                i += 1
            while values[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i += 1
                j -= 1
        if place <= j:
            high = j
        elif place >= i:
            low = i
        else:
            return


@njit(cache=True, nogil=True)
def joined(words, starts):
    """Return for every node the OR of its points' words: shape (n, columns) in, (nodes, columns) out."""
    inner = starts.shape[0] - 2
    found = np.zeros((2 * inner + 1, words.shape[1]), np.uint64)
    for column in range(words.shape[1]):
        for leaf in range(inner + 1):
            word = np.uint64(0)
            for place in range(starts[leaf], starts[leaf + 1]):
                word |= words[place, column]
            found[inner + leaf, column] = word
        for node in range(inner - 1, -1, -1):
            found[node, column] = found[2 * node + 1, column] | found[2 * node + 2, column]
    return found


@njit(cache=True, nogil=True)
def planes_of(words, starts):
    """Return for every leaf 64 words: in word b, bit i says whether its i-th point has bit b."""
    planes = np.zeros((starts.shape[0] - 1, 64), np.uint64)
    for leaf in range(starts.shape[0] - 1):
        for place in range(starts[leaf], starts[leaf + 1]):
            point = _ONE << np.uint64(place - starts[leaf])
            for bit in range(64):
                if (words[place] >> np.uint64(bit)) & _ONE:
                    planes[leaf, bit] |= point
    return planes


@njit(cache=True, nogil=True)
def _listed(masks, bits):
    """Write the bits of four masks after each other into `bits`, and return where those of each end.

    A mask of all bits asks for nothing, and has none.
    """
    count = 0
    ends = np.empty(4, np.int64)
    for place in range(4):
        if masks[place] != _ALL:
            for bit in range(64):
                if (masks[place] >> np.uint64(bit)) & _ONE:
                    bits[count] = bit
                    count += 1
        ends[place] = count
    return ends


@njit(cache=True, nogil=True)
def _chosen(planes, bits, ends):
    """Return which points of a leaf have all bits that the first mask lists, and one of each of the others."""
    chosen = _ALL
    for place in range(ends[0]):
        chosen &= planes[bits[place]]
    for mask in range(1, 4):
        if ends[mask] > ends[mask - 1] and chosen:
            either = np.uint64(0)
            for place in range(ends[mask - 1], ends[mask]):
                either |= planes[bits[place]]
            chosen &= either
    return chosen


@njit(cache=True, nogil=True)
def choosing(planes, masks):
    """Return for every node all bits or none: whether any of its points has what the masks ask for together.

    Shape (nodes, 1). The OR of bits says less: three points of a node may have one of three things each.
    """
    inner = planes.shape[0] - 1
    listed = np.empty(256, np.int64)
    ends = _listed(masks, listed)
    found = np.zeros((2 * inner + 1, 1), np.uint64)
    for leaf in range(inner + 1):
        if _chosen(planes[leaf], listed, ends):
            found[inner + leaf, 0] = _ALL
    for node in range(inner - 1, -1, -1):
        found[node, 0] = found[2 * node + 1, 0] | found[2 * node + 2, 0]
    return found


@njit(cache=True, nogil=True, inline="always")
def _fits(word, all_of, any_1, any_2, any_3):
    return (word & all_of) == all_of and (word & any_1) != 0 and (word & any_2) != 0 and (word & any_3) != 0


@njit(cache=True, nogil=True)
def _class_at(moment, need_s, begin, end, spans, certain, window):
    """Return what one finds at a moment (0 usable, 1 nobody knows, 2 neither), and seconds until it may change."""
    if moment < window[0] or moment + need_s > window[1]:
        return 2, 0.0
    low, high = begin, end
    while low < high:
        middle = (low + high) >> 1
        if spans[middle, 0] <= moment:
            low = middle + 1
        else:
            high = middle
    if low > begin:
        ends = spans[low - 1, 1]
        if ends > moment:
            if not certain[low - 1]:
                return 1, ends - moment
            if ends - moment >= need_s:
                return 0, ends - need_s - moment
            return 2, ends - moment
    # What comes after the window is not known either.
    return 2, (spans[low, 0] if low < end else window[1]) - moment


@njit(cache=True, nogil=True, inline="always")
def _outside(box, x, y, z):
    """Return the square of the distance from a place to a box, 0 inside."""
    dx = max(box[0] - x, 0.0, x - box[3])
    dy = max(box[1] - y, 0.0, y - box[4])
    dz = max(box[2] - z, 0.0, z - box[5])
    return dx * dx + dy * dy + dz * dz


@njit(cache=True, nogil=True, inline="always")
def _across(box, x, y, z):
    """Return the distance from a place to the furthest corner of a box."""
    dx, dy, dz = max(box[3] - x, x - box[0]), max(box[4] - y, y - box[1]), max(box[5] - z, z - box[2])
    return math.sqrt(dx * dx + dy * dy + dz * dz)


@njit(cache=True, nogil=True, inline="always")
def _detour(line_m):
    """Return metres by which the way over ground is longer than the line, at most."""
    return line_m * (0.05 * (line_m / EARTH_M) ** 2 if line_m < EARTH_M else 0.6)


@njit(cache=True, nogil=True, inline="always")
def _travel(metres, s_per_m):
    """Return the seconds from setting out to the moment for which hours are asked."""
    return min(metres * s_per_m, MOST_TRAVEL_S)


@njit(cache=True, nogil=True)
def _arrival_slots(box, x, y, z, near2, at_s, s_per_m):
    """Return the half hours in which one can arrive in a box; all of them where the word does not reach.

    `at_s` counts from where the half hours begin.
    """
    first = int((at_s + _travel(math.sqrt(near2), s_per_m)) // SLOT_S)
    far = _across(box, x, y, z)
    last = int((at_s + _travel(far + _detour(far), s_per_m) + MARGIN_S) // SLOT_S)
    if first < 0 or last > 63:
        return _ALL
    return (_ALL << np.uint64(first)) & (_ALL >> np.uint64(63 - last))


@njit(cache=True, nogil=True)
def search(
    x, y, z, count, furthest_m, tree, wanted, when, masks, marks, timetable, rows, lines, unsure,
):  # fmt: skip
    """Fill `rows`, `lines` and `unsure` with the nearest that qualify.

    Return how many there are, and whether any is unsure.
    """
    points, row_of, starts, boxes = tree
    planes, node_bits, node_slots, hours = marks
    offsets, spans, certain, window = timetable
    at_s, s_per_m, need_s, base_s = when
    all_of, any_1, any_2, any_3 = masks
    inner = starts.shape[0] - 2
    listed = np.empty(256, np.int64)
    ends = _listed(masks, listed)
    stack = np.empty(64, np.int32)
    near2 = np.empty(64)
    stack[0], near2[0] = 0, 0.0
    top, found, doubts = 1, 0, False
    worst = furthest_m
    worst2 = worst * worst
    by_slots = wanted == 0 or wanted == 1
    column = wanted if by_slots else 0
    # What can be used in all of the coming hours is not looked at more closely.
    soon = min(int((at_s - base_s) // SLOT_S), 58)
    coming = np.uint64(0x3F) << np.uint64(soon) if soon >= 0 else _ALL
    while top:
        top -= 1
        node = stack[top]
        if near2[top] > worst2:
            continue
        if node >= inner:
            chosen = _chosen(planes[node - inner], listed, ends)
            place = starts[node - inner] - 1
            while chosen:
                place += 1
                is_chosen, chosen = chosen & _ONE, chosen >> _ONE
                if not is_chosen:
                    continue
                dx, dy, dz = points[place, 0] - x, points[place, 1] - y, points[place, 2] - z
                line = math.sqrt(dx * dx + dy * dy + dz * dz)
                radius = points[place, 3]
                least = max(line - radius, 0.0)
                if least > worst:
                    continue
                row = row_of[place]
                spot = found if found < count else count - 1
                if found == count and least == lines[spot] and row > rows[spot]:
                    continue
                doubt = radius > 0.0 or wanted < 0
                if not doubt:
                    hour = hours[place]
                    travel = _travel(line, s_per_m)
                    kind, until = _class_at(
                        at_s + travel, need_s, offsets[hour], offsets[hour + 1], spans, certain, window
                    )
                    doubt = until <= _travel(line + _detour(line), s_per_m) - travel + MARGIN_S
                    if kind != wanted and not doubt:
                        continue
                while spot > 0 and (
                    lines[spot - 1] > least or (lines[spot - 1] == least and rows[spot - 1] > row)
                ):
                    lines[spot], rows[spot], unsure[spot] = lines[spot - 1], rows[spot - 1], unsure[spot - 1]
                    spot -= 1
                lines[spot], rows[spot], unsure[spot] = least, row, doubt
                doubts |= doubt
                found = min(found + 1, count)
                if found == count:
                    worst = min(furthest_m, lines[count - 1])
                    worst2 = worst * worst
            continue
        nearer, nearer2 = 0, -1.0
        for child in range(2 * node + 1, 2 * node + 3):
            if not _fits(node_bits[child, 0], all_of, any_1, any_2, any_3):
                continue
            child2 = _outside(boxes[child], x, y, z)
            if child2 > worst2:
                continue
            if by_slots:
                slots = node_slots[child, column]
                if (slots & coming) != coming:
                    arrival = _arrival_slots(boxes[child], x, y, z, child2, at_s - base_s, s_per_m)
                    # Beyond the word nothing is known of a node, and nothing in it says little.
                    if arrival != _ALL and not slots & arrival:
                        continue
            # Of two the nearer one goes on top, to be looked at first.
            if nearer2 >= 0.0 and nearer2 < child2:
                stack[top], near2[top] = nearer, nearer2
                stack[top - 1], near2[top - 1] = child, child2
            else:
                stack[top], near2[top] = child, child2
                nearer, nearer2 = child, child2
            top += 1
    return found, doubts


@njit(cache=True, nogil=True)
def nearest(
    lon, lat, count, radius_m, tree, centres, bounds, wanted, when, masks, marks, timetable, rows, metres,
):  # fmt: skip
    """Fill `rows` and `metres` with the nearest that qualify, by the way over ground, ties to the lower row.

    Return how many there are; -1 where that does not do: one of them is no point or unsure, only pyproj may tell
    two of them apart or one from the radius, or the lines did not reach far enough.
    """
    x, y, z = earth_centred(lon, lat)
    asked = count + 1
    near, lines, unsure = np.empty(asked, np.int32), np.empty(asked), np.empty(asked, np.bool_)
    found, doubts = search(
        x, y, z, asked, radius_m + ROUNDING_M, tree, wanted, when, masks, marks, timetable, near, lines, unsure
    )
    if doubts or (found and lines[found - 1] > FAR_M):
        return -1
    for place in range(min(found, count)):
        row, spot = near[place], place
        if lines[place] < NEAR_M:
            way = metres_beside(x, y, z, centres[row, 0] - x, centres[row, 1] - y, centres[row, 2] - z)
        else:
            way = metres_between(lon, lat, bounds[row, 0], bounds[row, 1])
        while spot > 0 and (metres[spot - 1] > way or (metres[spot - 1] == way and rows[spot - 1] > row)):
            rows[spot], metres[spot] = rows[spot - 1], metres[spot - 1]
            spot -= 1
        rows[spot], metres[spot] = row, way
    known = min(found, count)
    if not known:
        return 0
    furthest = metres[known - 1] + ROUNDING_M
    if furthest > radius_m or (found == asked and furthest >= lines[count]):
        return -1
    for place in range(1, known):
        if metres[place] - metres[place - 1] <= ROUNDING_M:
            here, before = bounds[rows[place]], bounds[rows[place - 1]]
            if here[0] != before[0] or here[1] != before[1]:
                return -1
    return known


@njit(cache=True, nogil=True)
def search_all(
    places, count, furthest_m, tree, wanted, when, masks, marks, timetable, rows, lines, unsure, found,
):  # fmt: skip
    """Search for each place; what was found of place i stands in row i, `found[i]` of them."""
    for i in range(places.shape[0]):
        found[i], _ = search(
            places[i, 0], places[i, 1], places[i, 2], count, furthest_m, tree, wanted, when, masks, marks,
            timetable, rows[i], lines[i], unsure[i],
        )  # fmt: skip
