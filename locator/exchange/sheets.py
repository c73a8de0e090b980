"""A layer as a sheet: headings and rows for tables, features for GeoJSON, geometries for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.exchange.flat import COLUMNS, flat_columns
from locator.exchange.flat_places import flat_place, place_feature, place_headings
from locator.exchange.geojson import station_features
from locator.place import Place
from locator.store import Kept
from locator.translation import N_, Translator

__all__ = ["TITLES", "Sheet", "place_sheet", "station_sheet"]

TITLES: Mapping[str, str] = {
    "stations": N_("Stations"),
    "areas": N_("Areas"),
    "streets": N_("Streets"),
    "demand": N_("Demand"),
    "candidates": N_("Candidate sites"),
}
"""Layer to the name of its sheet, a message id."""

_BLOCK = 5_000  # parsed records take five times the room of their texts
_NUMBERS = frozenset({"capacity", "area_m2", "lon", "lat", "residents", "cost_cny_year"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One layer that is to be written; features can be gone through once.

    Attributes
    ----------
    headings
        Name of a field to the heading of its column.
    blocks
        Yields some rows after others, each time the values of each column in the order of the headings.
    features
        The text of a GeoJSON feature for each row of what is there.
    shapes
        A geometry for each row, None in the rows of what was deleted.
    numbers
        Names of the fields that are numbers.
    deleted
        Codes of what was deleted; their rows are the last.
    is_drawn
        Whether its rows have geometries; else it is a plain table.
    """

    layer: str
    title: str
    headings: Mapping[str, str]
    blocks: Callable[[], Iterator[Sequence[Sequence[Any]]]]
    features: Iterable[str]
    shapes: Sequence[BaseGeometry | None]
    numbers: frozenset[str] = _NUMBERS
    deleted: tuple[str, ...] = ()
    is_drawn: bool = True

    @property
    def rows(self) -> Iterator[Sequence[Any]]:
        """The rows, each as long as there are headings."""
        for columns in self.blocks():
            yield from zip(*columns, strict=True)


def station_sheet(
    records: Sequence[str], shapes: Sequence[BaseGeometry], deleted: Sequence[Kept], translate: Translator
) -> Sheet:
    """Return stations, their records as the store keeps them, with geometries in the datum that is written.

    What was deleted comes last.
    """
    headings = {column.field: translate(column.heading) for column in COLUMNS}
    if deleted:
        headings["deleted"] = translate(N_("Deleted at"))
    return Sheet(
        layer="stations",
        title=translate(TITLES["stations"]),
        headings=headings,
        blocks=lambda: _station_blocks(records, shapes, deleted, translate),
        features=station_features(records, shapes),
        shapes=[*shapes, *([None] * len(deleted))],
        deleted=tuple(kept.id for kept in deleted),
    )


def place_sheet(layer: str, places: Sequence[tuple[Place, BaseGeometry]], translate: Translator) -> Sheet:
    """Return the places of a layer, each with its geometry in the datum that is written."""
    weights = tuple(dict.fromkeys(kind for place, _ in places for kind in getattr(place, "weights", ())))
    headings = place_headings(layer, weights, translate)

    def blocks() -> Iterator[list[list[Any]]]:
        flat = [flat_place(*one, translate) for one in places]
        yield [[row.get(name) for row in flat] for name in headings]

    return Sheet(
        layer=layer,
        title=translate(TITLES[layer]),
        headings=headings,
        blocks=blocks,
        features=(place_feature(*one) for one in places),
        shapes=[shape for _, shape in places],
        numbers=_NUMBERS | set(weights),
    )


def _station_blocks(
    records: Sequence[str], shapes: Sequence[BaseGeometry], deleted: Sequence[Kept], translate: Translator
) -> Iterator[list[Sequence[Any]]]:
    for start in range(0, len(records), _BLOCK):
        end = start + _BLOCK
        columns = flat_columns(records[start:end], shapes[start:end], translate)
        yield [*columns.values(), *([[None] * len(columns["id"])] if deleted else [])]
    if deleted:
        nothing = [[None] * len(deleted)] * (len(COLUMNS) - 1)
        yield [[kept.id for kept in deleted], *nothing, [kept.recorded_at.isoformat() for kept in deleted]]
