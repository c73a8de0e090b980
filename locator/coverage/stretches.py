"""Streets that must be covered, cut into short pieces, and the stretches of them that have no station near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from locator.coverage.about import Note
from locator.coverage.result import Table, plain
from locator.coverage.study import Study
from locator.geodesy import length_m, local_crs
from locator.place import Street
from locator.streets.graph import Floats, Numbers, projected

__all__ = ["Line", "Pieces", "Stretch", "main_streets", "pieces_of", "stretch_table", "uncovered"]

PIECE_M = 25.0
_FINE_M = 0.01


@dataclass(frozen=True, slots=True)
class Line:
    """A street, its stretches put together.

    Attributes
    ----------
    name
        What the stretches have in common; of a street without a name its id.
    """

    name: str
    geometry: BaseGeometry
    length_m: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a street, WGS84."""

    street: int
    geometry: BaseGeometry
    length_m: float


@dataclass(frozen=True, eq=False)
class Pieces:
    """Lines of streets cut at equal shares, none of their pieces longer than `PIECE_M`.

    Attributes
    ----------
    flat
        The lines in `crs`, in metres.
    street
        The street of each line.
    lons, lats
        The places where lines are cut, their ends included, one line behind the other; WGS84.
    offsets
        Where the places of each line begin, and the end of the last.
    piece_m
        The length of each piece of a line.
    """

    crs: pyproj.CRS
    flat: Sequence[Any]
    street: Numbers
    lons: Floats
    lats: Floats
    offsets: Numbers
    piece_m: Floats


def main_streets(study: Study) -> list[Line]:
    """Return the streets that must be covered, by name; where none is marked so, those of kind `main`."""
    chosen = [street for street in study.streets if street.must_cover]
    chosen = chosen or [street for street in study.streets if street.kind == "main"]
    named: dict[str, list[Street]] = {}
    for street in chosen:
        named.setdefault(street.name or street.id, []).append(street)
    lines = []
    for name, parts in sorted(named.items()):
        # A stretch that stands on the list twice counts once.
        shape = shapely.line_merge(shapely.union_all([part.geometry for part in parts]))
        lines.append(Line(name, shape, length_m(shape)))
    return lines


def pieces_of(lines: Sequence[Line]) -> Pieces:
    """Cut streets into pieces of equal length."""
    crs = local_crs(shapely.GeometryCollection([line.geometry for line in lines]))
    parts = [(row, part) for row, line in enumerate(lines) for part in shapely.get_parts(line.geometry)]
    flat = [shapely.transform(part, lambda pairs: projected(crs, pairs)) for _, part in parts]
    lengths = np.array([length_m(part) for _, part in parts])
    count = np.maximum(np.ceil(lengths / PIECE_M), 1).astype(np.int64)
    places = [
        shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.linspace(0, 1, pieces + 1), normalized=True)
        )
        for line, pieces in zip(flat, count.tolist(), strict=True)
    ]
    pairs = projected(crs, np.concatenate(places), back=True)
    return Pieces(
        crs=crs,
        flat=flat,
        street=np.array([row for row, _ in parts], dtype=np.int64),
        lons=pairs[:, 0],
        lats=pairs[:, 1],
        offsets=np.concatenate([[0], np.cumsum(count + 1)]),
        piece_m=lengths / count,
    )


def uncovered(pieces: Pieces, metres: Floats, within_m: float) -> list[Stretch]:
    """Return the stretches all places of which are further than a distance from any station; by street.

    From a place on a piece one goes to one of its ends and on, so of a piece that much is covered from each end
    as is left of the distance there. Exact where ways follow the street.

    Parameters
    ----------
    metres
        For each place of `pieces` how far the nearest station is.
    """
    found: dict[int, list[Any]] = {}
    for row, line in enumerate(pieces.flat):
        some = metres[pieces.offsets[row] : pieces.offsets[row + 1]]
        for start, end in _intervals(some, float(pieces.piece_m[row]), within_m):
            found.setdefault(int(pieces.street[row]), []).append(substring(line, start, end, normalized=True))
    stretches = []
    for street, parts in found.items():
        # Parts that meet where two lines of one street meet are one stretch.
        for part in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts))):
            shape = shapely.transform(part, lambda pairs: projected(pieces.crs, pairs, back=True))
            stretches.append(Stretch(street, shape, length_m(shape)))
    return sorted(stretches, key=lambda one: (one.street, -one.length_m, one.geometry.wkt))


def _intervals(metres: Floats, piece_m: float, within_m: float) -> list[tuple[float, float]]:
    """Return the uncovered intervals of a line as shares of its length; those that touch are one."""
    count = len(metres) - 1
    left = np.clip(within_m - metres, 0, piece_m)
    starts = np.arange(count) * piece_m + left[:-1]
    ends = np.arange(1, count + 1) * piece_m - left[1:]
    bare = ends - starts > _FINE_M
    joined: list[tuple[float, float]] = []
    for start, end in zip(starts[bare].tolist(), ends[bare].tolist(), strict=True):
        if joined and start - joined[-1][1] <= _FINE_M:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    total = count * piece_m
    return [(max(start / total, 0.0), min(end / total, 1.0)) for start, end in joined]


def stretch_table(name: str, title: Note, streets: Sequence[Line], stretches: Sequence[Stretch]) -> Table:
    """Return stretches as a table of lines, each with its street and its metres."""
    columns: dict[str, list[Any]] = {
        "street": [streets[one.street].name for one in stretches],
        "length_m": plain([one.length_m for one in stretches], 0),
    }
    return Table(name, title, columns, [one.geometry for one in stretches])
