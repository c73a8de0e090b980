"""Set covering made smaller: rows covered whenever another is, options that cover no more than another."""

from __future__ import annotations

import numpy as np

from locator.coverage.siting.covers import Covers
from locator.coverage.siting.problem import Mask, Numbers

__all__ = ["reduced"]

_LARGEST = 3e9
_ROUNDS = 4


def reduced(covers: Covers, wanted: Mask, free: Mask) -> tuple[Numbers, Mask]:
    """Return the rows that still have to be looked at, and which options may be left out.

    C. Toregas and C. ReVelle, "Binary logic solutions to a class of location problem" (1973).

    Parameters
    ----------
    wanted
        Which rows have to be covered.
    free
        Which options are as good as each other but for the rows that they cover.

    Returns
    -------
    Rows, ascending; a mask by option. Where the matrix is too large to compare all with all, nothing is left out.
    """
    rows, out = np.flatnonzero(wanted), np.zeros(len(free), bool)
    if not len(rows) or float(len(rows)) ** 2 * len(free) > _LARGEST:
        return rows, out
    matrix = np.zeros((len(covers), len(free)), np.float32)
    matrix[covers.row, covers.option] = 1
    for _ in range(_ROUNDS):
        before = len(rows), int(out.sum())
        part = matrix[rows]
        part[:, out] = 0
        rows = rows[~_contains_another(part)]
        options = np.flatnonzero(free & ~out)
        out[options[_contained(matrix[rows][:, options].T)]] = True
        if (len(rows), int(out.sum())) == before:
            break
    return rows, out


def _contains_another(sets: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Mask:
    """Return which sets hold all of another one; of equal ones all but the first."""
    size = sets.sum(axis=1)
    # [i, j]: j lies within i.
    inside = sets @ sets.T == size[None, :]
    return _beside_itself(inside)


def _contained(sets: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Mask:
    """Return which sets lie within another one; of equal ones all but the first."""
    size = sets.sum(axis=1)
    return _beside_itself(sets @ sets.T == size[:, None])


def _beside_itself(related: Mask) -> Mask:
    """Return which have a relation to another one; if that is mutual, to an earlier one."""
    earlier = np.tri(len(related), k=-1, dtype=bool)
    return np.asarray((related & (~related.T | earlier)).any(axis=1))
