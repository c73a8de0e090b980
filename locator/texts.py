"""Many encoded texts in one piece of memory, where slices and compiled loops read them alike."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

__all__ = ["Texts"]


class Texts(Sequence[bytes]):
    """Texts one after the other.

    Attributes
    ----------
    codes
        Their bytes.
    bounds
        Where each begins, and behind them where the last one ends.
    """

    def __init__(self, texts: Iterable[bytes]) -> None:
        whole, bounds = bytearray(), array("q", [0])
        for text in texts:
            whole += text
            bounds.append(len(whole))
        # numpy asks for large pages: who reads here and there finds each page without a search for it.
        self.codes: npt.NDArray[np.uint8] = np.frombuffer(whole, np.uint8).copy()
        self.codes.flags.writeable = False
        self._view = memoryview(self.codes.data)
        self.bounds: npt.NDArray[np.int64] = np.frombuffer(bounds, np.int64)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        """Return one text, or those of a slice."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            place = range(len(self))[place]
        return self._view[self.bounds.item(place) : self.bounds.item(place + 1)].tobytes()
