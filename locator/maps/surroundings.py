"""What is drawn beneath the stations where no base map is configured: the data's own streets, water and areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.place import Area, Street
from locator.store import Store

__all__ = ["Surroundings", "load_surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Streets, areas and the rest, WGS84.

    `background` is kind (water, railway, boundary) and geometry; `about` is the data's meta: name, source,
    date, licence.
    """

    areas: Iterable[Area] = ()
    streets: Iterable[Street] = ()
    background: Iterable[tuple[str, BaseGeometry]] = ()
    about: Mapping[str, Any] | None = None


def load_surroundings(store: Store) -> Surroundings:
    """Return what a store knows beside its stations."""
    return Surroundings(
        areas=store.areas(),
        streets=store.streets(),
        background=[(record["kind"], geometry) for record, geometry in store.places("background")],
        about=store.meta(),
    )
