"""When many stations can be used in the coming weeks, as arrays: a row of spans for each distinct hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from locator.hours import Hours, State, time_zone

__all__ = ["SLOTS", "SLOT_S", "Timetable", "compiled", "same_until", "slot_base", "window_of"]

Floats: TypeAlias = npt.NDArray[np.float64]
Words: TypeAlias = npt.NDArray[np.uint64]

SLOT_S = 1_800.0
SLOTS = 64
"""A word of 64 half hours says when something can be used, roughly."""

_BASE_S = 16 * 3600  # a word begins at most 16 hours before the moment, so it reaches 16 hours beyond
_DAYS = 21  # a week of travel at most, a week of use around the clock, and some
_EVERY_DAYS = 3
_EVERY_S = _EVERY_DAYS * 86_400


@dataclass(frozen=True, eq=False)
class Timetable:
    """The spans of use within a window of time; seconds since 1970.

    Attributes
    ----------
    start_s, end_s
        The window: what is asked before or after it, the hours themselves have to answer.
    offsets
        Where the spans of each row begin, and the end of the last.
    spans
        Shape (n, 2): start and end; ascending within a row, those that touch are one.
    certain
        For each span whether it can surely be used; else nobody knows.
    """

    start_s: float
    end_s: float
    offsets: npt.NDArray[np.int32]
    spans: Floats
    certain: npt.NDArray[np.bool_]

    @cached_property
    def _row_of_span(self) -> npt.NDArray[np.int64]:
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def slots(self, base_s: float) -> Words:
        """Return for each row two words: the half hours from `base_s` in which it can be used, or perhaps.

        Shape (rows, 2). A half hour counts when any moment of it does.
        """
        first = np.floor((self.spans[:, 0] - base_s) / SLOT_S).clip(0, SLOTS).astype(np.uint64)
        last = np.ceil((self.spans[:, 1] - base_s) / SLOT_S).clip(0, SLOTS).astype(np.uint64)
        words = np.where(first < last, _ones(last) & ~_ones(first), np.uint64(0))
        found = np.zeros((len(self.offsets) - 1, 2), dtype=np.uint64)
        np.bitwise_or.at(found, (self._row_of_span, (~self.certain).astype(np.intp)), words)
        return found

    def classes(
        self, rows: npt.NDArray[np.int32], moments: Floats, need_s: float
    ) -> tuple[npt.NDArray[np.int8], Floats]:
        """Return what one finds in each row at a moment of its own: 0 usable, 1 nobody knows, 2 neither.

        Beside it the seconds until that may be otherwise; none where the window does not tell.

        Parameters
        ----------
        need_s
            How long it has to stay usable.
        """
        at = _rank(self, rows, moments)
        before = np.maximum(at - 1, 0)
        inside = (at > self.offsets[rows]) & (self._padded[before, 1] > moments)
        ends = self._padded[before, 1]
        sure = inside & self.certain_padded[before]
        enough = sure & (ends - moments >= need_s)
        found = np.where(enough, 0, np.where(inside & ~sure, 1, 2)).astype(np.int8)
        # What comes after the window is not known either.
        following = np.where(
            at < self.offsets[rows + 1], self._padded[np.minimum(at, len(self._padded) - 1), 0], self.end_s
        )
        until = np.where(enough, ends - need_s, np.where(inside, ends, following)) - moments
        told = (moments >= self.start_s) & (moments + need_s <= self.end_s)
        return found, np.where(told, until, 0.0)

    @cached_property
    def arrays(self) -> tuple[npt.NDArray[np.int32], Floats, npt.NDArray[np.bool_], Floats]:
        """Offsets, spans, certain, and the window's start and end."""
        return self.offsets, self.spans, self.certain, np.array([self.start_s, self.end_s])

    @property
    def length_s(self) -> float:
        """Seconds of the window, and some."""
        return self.end_s - self.start_s + 2

    @cached_property
    def keys(self) -> Floats:
        """The starts of all spans as one ascending column, those of each row moved behind the row before."""
        return self._row_of_span * self.length_s + (self.spans[:, 0] - self.start_s)

    @cached_property
    def _padded(self) -> Floats:
        return self.spans if len(self.spans) else np.full((1, 2), -np.inf)

    @cached_property
    def certain_padded(self) -> npt.NDArray[np.bool_]:
        """As `certain`, and never empty."""
        return self.certain if len(self.certain) else np.zeros(1, dtype=bool)


def _rank(timetable: Timetable, rows: npt.NDArray[np.int32], moments: Floats) -> npt.NDArray[np.int64]:
    """Return for each row how many spans of the whole table stand before the first that begins after a moment."""
    wanted = rows * timetable.length_s + (moments - timetable.start_s).clip(-0.5, timetable.length_s - 1.5)
    return np.asarray(np.searchsorted(timetable.keys, wanted, side="right"), dtype=np.int64)


def _ones(count: Words) -> Words:
    """Return words with so many lowest bits set, 64 at most."""
    full = count >= SLOTS
    return np.where(full, ~np.uint64(0), (np.uint64(1) << np.where(full, np.uint64(0), count)) - np.uint64(1))


def slot_base(moment_s: float) -> float:
    """Return where the half hours begin in which a moment lies, seconds since 1970."""
    return moment_s // _BASE_S * _BASE_S


def window_of(moment_s: float) -> int:
    """Return the number of the window for a moment, seconds since 1970: some days before it, weeks to come."""
    return int(moment_s // _EVERY_S)


def same_until(moment_s: float) -> float:
    """Return until when the window and the half hours of a moment hold for later ones, seconds since 1970."""
    return min((window_of(moment_s) + 1) * _EVERY_S, slot_base(moment_s) + _BASE_S)


def compiled(hours: Sequence[Hours], zone: str, window: int) -> Timetable | None:
    """Return the timetable of some hours for a window, meant in a zone; None where the clocks change then.

    Where an hour comes twice, or not at all, only the hours themselves tell which is meant.
    """
    tz = time_zone(zone)
    first = date(1970, 1, 1) + timedelta(days=window * _EVERY_DAYS - 2)
    start = datetime.combine(first, time(0), tzinfo=tz)
    end = start + timedelta(days=_DAYS)
    offsets_of = {(start + timedelta(days=day)).utcoffset() for day in range(-1, _DAYS + 2)}
    if len(offsets_of) > 1:
        return None
    spans: list[tuple[float, float]] = []
    certain: list[bool] = []
    offsets = [0]
    for one in hours:
        for begins, ends, sure in _spans(one, first):
            spans.append((begins, ends))
            certain.append(sure)
        offsets.append(len(spans))
    return Timetable(
        start.timestamp(),
        end.timestamp(),
        np.array(offsets, dtype=np.int32),
        np.array(spans, dtype=np.float64).reshape(-1, 2),
        np.array(certain, dtype=bool),
    )


@lru_cache(maxsize=4_096)
def _spans(hours: Hours, first: date) -> tuple[tuple[float, float, bool], ...]:
    found: list[tuple[float, float, bool]] = []
    for interval in hours.intervals(first, _DAYS):
        begins, ends = interval.start.timestamp(), interval.end.timestamp()
        sure = interval.state is not State.UNKNOWN
        if found and found[-1][1] == begins and found[-1][2] == sure:
            begins = found.pop()[0]
        found.append((begins, ends, sure))
    return tuple(found)
