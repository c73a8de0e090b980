"""What has been said of hours on arrival, as arrays that a compiled loop reads while others add to them."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Bytes", "Sayings"]

Bytes: TypeAlias = npt.NDArray[np.uint8]

_SLOTS = 4
_ROOM = 1 << 16


class Sayings:
    """What is said to those who set out in one quarter of an hour.

    Nothing that is there is changed: who reads it at the same time finds a saying whole, or not yet.

    Parameters
    ----------
    kinds
        How many kinds of stations there are: those of one kind have the same said of them.

    Attributes
    ----------
    table
        Shape (kinds, slots, 5): the first arrival of which it holds, the arrival from which it does not, the first
        moment of setting out, and where in `text` it begins and ends. Infinite where nothing is said.
    text
        The bytes of all that is said.
    """

    def __init__(self, kinds: int) -> None:
        self.table: npt.NDArray[np.float64] = np.full((kinds, _SLOTS, 5), math.inf)
        self.text: Bytes = np.empty(_ROOM, np.uint8)
        self._length = 0

    def add(self, kind: int, arrivals: tuple[float, float], sets_out_s: float, members: bytes) -> None:
        """Keep what is said of a kind, if there is room for it.

        Parameters
        ----------
        arrivals
            The first of which it holds, and the one from which it does not; seconds since 1970.
        sets_out_s
            When one sets out at the earliest.
        """
        slots = self.table[kind]
        free = np.flatnonzero(np.isinf(slots[:, 0]))
        if not len(free):
            return
        begin, end = self._length, self._length + len(members)
        if end > len(self.text):
            # Where the text was before it stays readable to whoever reads it.
            wider = np.empty(2 * end, np.uint8)
            wider[:begin] = self.text[:begin]
            self.text = wider
        self.text[begin:end] = np.frombuffer(members, np.uint8)
        self._length = end
        slot = slots[free[0]]
        slot[1:] = arrivals[1], sets_out_s, begin, end
        slot[0] = arrivals[0]  # from here on it is found
