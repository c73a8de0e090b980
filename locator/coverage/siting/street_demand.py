"""Main streets as demand of their own kind: their pieces, each with its metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.coverage.siting.problem import Floats
from locator.coverage.stretches import main_streets, pieces_of
from locator.coverage.study import Study
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["STREET_M", "StreetDemand", "street_demand"]

STREET_M = "main_streets"
"""The kind of demand that streets are, counted in metres."""


@dataclass(frozen=True, eq=False)
class StreetDemand:
    """The places where streets are cut, each with half of the pieces that meet there; WGS84.

    Attributes
    ----------
    metres
        Of each place the length that counts there; together the length of all main streets.
    """

    lons: Floats
    lats: Floats
    metres: Floats


def street_demand(study: Study) -> StreetDemand:
    """Return the main streets of a study as demand.

    Raises
    ------
    QueryError
        There are none.
    """
    lines = main_streets(study)
    if not lines:
        raise QueryError(N_("is missing"), field="streets", mend=N_("import the main streets first"))
    pieces = pieces_of(lines)
    metres = np.zeros(len(pieces.lons))
    for row, piece_m in enumerate(pieces.piece_m.tolist()):
        ends = pieces.offsets[row], pieces.offsets[row + 1]
        metres[slice(*ends)] = piece_m
        metres[[ends[0], ends[1] - 1]] = piece_m / 2
    return StreetDemand(pieces.lons, pieces.lats, metres)
