"""A datum that looks wrong: a batch of stations that fits what is known better when read in another datum.

At Miluo a mistaken datum moves every station by about 660 m (GCJ-02) or 1.1 km (BD-09), the same way. One
station proves nothing; a batch that falls into place when read differently does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.datum import Datum, convert_geometry
from locator.exchange.listed import Found
from locator.geodesy import distance_m
from locator.place import Area, Street
from locator.station import Station

__all__ = ["References", "Suspicion", "suspect_datum"]

_CANDIDATES = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
_LEAST = 3  # stations with something known of their place
_MOVED_M = 150.0  # less is a sloppy position, not a datum
_BETTER = 3.0  # times nearer to what is known


@dataclass(frozen=True, slots=True)
class References:
    """What is known of where things are, all of it WGS84: by name, and the stations kept by id."""

    stations: Mapping[str, Station]
    streets: Mapping[str, Sequence[BaseGeometry]]
    areas: Mapping[str, BaseGeometry]

    @classmethod
    def of(cls, stations: Mapping[str, Station], streets: Sequence[Street], areas: Sequence[Area]) -> References:
        """Return the references that a store's layers give; only what has a name can be one."""
        named: dict[str, list[BaseGeometry]] = {}
        for street in streets:
            if street.name:
                named.setdefault(street.name, []).append(street.geometry)
        return cls(stations, named, {area.name: area.geometry for area in areas})


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The evidence that a batch is in another datum than was said.

    Attributes
    ----------
    said, likely
        The datum named, and the one in which the batch fits.
    compared
        How many stations there was something to compare with.
    said_m, likely_m
        Median metres to what is known, read as said and read as likely.
    """

    said: Datum
    likely: Datum
    compared: int
    said_m: float
    likely_m: float


def suspect_datum(batch: Sequence[tuple[Found, BaseGeometry]], said: Datum, known: References) -> Suspicion | None:
    """Return the evidence that a batch is in another datum than `said`; None when there is none.

    Each station is compared with the same station as it is kept, else with the street, else with the area
    that it names. The median distance to these is computed for the batch read in each datum.

    Parameters
    ----------
    batch
        Stations, and for each its geometry as it was given.
    """
    pairs = [(given, place) for station, given in batch if (place := _known_place(station, known))]
    if len(pairs) < _LEAST:
        return None
    apart = {datum: _median_m(pairs, datum) for datum in _CANDIDATES}
    as_said = apart[Datum.WGS84 if said is Datum.CGCS2000 else said]
    likely = min(_CANDIDATES, key=apart.__getitem__)
    if as_said < _MOVED_M or apart[likely] * _BETTER > as_said:
        return None
    return Suspicion(said, likely, len(pairs), round(as_said), round(apart[likely]))


def _known_place(station: Found, known: References) -> Sequence[BaseGeometry]:
    """Return what a station should be at or on: the surest that is known."""
    kept = known.stations.get(station.id)
    if kept is not None:
        return [kept.geometry]
    if station.street in known.streets:
        return known.streets[station.street]
    return [known.areas[station.community]] if station.community in known.areas else []


def _median_m(pairs: Sequence[tuple[BaseGeometry, Sequence[BaseGeometry]]], datum: Datum) -> float:
    distances = []
    for given, places in pairs:
        point = convert_geometry(given.centroid, datum, Datum.WGS84)
        distances.append(min(distance_m(point.x, point.y, place) for place in places))
    return float(np.median(distances))
