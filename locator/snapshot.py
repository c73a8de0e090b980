"""One version of all stations in memory: never changed, swapped whole when the data changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from locator.bits import bits_of
from locator.geodesy import distances_m, ecef_m
from locator.hours import Hours, Outlook
from locator.index import Index
from locator.record import restored_station, station_to_record
from locator.station import Station
from locator.store import Store
from locator.timetable import Timetable, compiled

__all__ = ["DEFAULT_COUNTRY", "DEFAULT_ZONE", "Row", "Snapshot", "load_snapshot"]

DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_COUNTRY = "CN"
_MOST_AT_HAND = 2_000
_MOST_TIMETABLES = 4

Row = tuple[str, str, BaseGeometry]
"""A station as the store keeps it: id, record as JSON, geometry."""


class Stations(Sequence[Station]):
    """Every station of a snapshot, made from its record when it is asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._at_hand: dict[int, Station] = {}

    def __len__(self) -> int:
        return len(self._snapshot.features)

    @overload
    def __getitem__(self, row: int) -> Station: ...
    @overload
    def __getitem__(self, row: slice) -> list[Station]: ...
    def __getitem__(self, row: int | slice) -> Station | list[Station]:
        """Return the station of a row."""
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        found = self._at_hand.get(row)
        if found is None:
            row = range(len(self))[row]
            found = restored_station(self._snapshot.record(row), self._snapshot.geometry(row))
            if len(self._at_hand) >= _MOST_AT_HAND:
                self._at_hand.clear()
            self._at_hand[row] = found
        return found

    def __iter__(self) -> Iterator[Station]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One version of all stations, as records and as columns; row i of every column is station i.

    Attributes
    ----------
    ids
        Ascending, so that the lower row is the lower id.
    features
        Each station as a GeoJSON feature, encoded; its record is the member `properties`.
    lons, lats
        A point of each station, WGS84 degrees: of what is no point, its centroid.
    index
        Where the nearest are found.
    hours, hours_row
        The distinct opening times, and for each station the row of its own.
    entry_row
        For each station a number that those have in common whose ways in are the same.
    others
        The geometries that are no plain point, by row.
    """

    revision: int
    zone: str
    country: str
    ids: tuple[str, ...]
    features: tuple[bytes, ...]
    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    index: Index
    hours: tuple[Hours, ...]
    hours_row: npt.NDArray[np.int32]
    entry_row: npt.NDArray[np.int32]
    others: Mapping[int, BaseGeometry]
    _timetables: dict[date, Timetable | None] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        stations: Iterable[Station],
        *,
        revision: int = 0,
        zone: str = DEFAULT_ZONE,
        country: str = DEFAULT_COUNTRY,
    ) -> Snapshot:
        """Return the snapshot of some stations, whose hours are meant in a time zone and a country."""
        rows = [(s.id, orjson.dumps(station_to_record(s)).decode(), s.geometry) for s in stations]
        return cls.of_rows(sorted(rows, key=lambda row: row[0]), revision=revision, zone=zone, country=country)

    @classmethod
    def of_rows(cls, rows: Sequence[Row], *, revision: int, zone: str, country: str) -> Snapshot:
        """Return the snapshot of stations as the store keeps them, ascending by id."""
        shapes = np.array([shape for _, _, shape in rows], dtype=object)
        plain = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.has_z(shapes)
        places = np.where(plain, shapes, shapely.centroid(shapes))
        lons, lats = shapely.get_x(places), shapely.get_y(places)
        records = [orjson.loads(text) for _, text, _ in rows]
        hours, hours_row = _distinct_hours(records, zone, country)
        others = {row: shapes[row] for row in np.flatnonzero(~plain).tolist()}
        radii_m = np.zeros(len(rows))
        for row, shape in others.items():
            radii_m[row] = _radius_m(shape)
        return cls(
            revision=revision,
            zone=zone,
            country=country,
            ids=tuple([code for code, _, _ in rows]),
            features=tuple(_features(rows, lons, lats, others)),
            lons=lons,
            lats=lats,
            index=Index(
                centres=ecef_m(lons, lats),
                radii_m=radii_m,
                bounds=shapely.bounds(shapes).reshape(-1, 4),
                bits=np.array([bits_of(record) for record in records], dtype=np.uint64),
                hours_row=hours_row,
            ),
            hours=hours,
            hours_row=hours_row,
            entry_row=_distinct([str(record.get("entry")) for record in records]),
            others=others,
        )

    @cached_property
    def stations(self) -> Stations:
        """The stations as records of Python, ascending by id."""
        return Stations(self)

    def record(self, row: int) -> dict[str, Any]:
        """Return the record of station `row` as plain values, without its geometry."""
        found: dict[str, Any] = orjson.loads(self.features[row])["properties"]
        return found

    def geometry(self, row: int) -> BaseGeometry:
        """Return the geometry of station `row`, WGS84."""
        return self.others.get(row) or shapely.Point(self.lons[row], self.lats[row])

    def row_of(self, code: str) -> int | None:
        """Return the row of the station with an id; None: there is none."""
        row = bisect_left(self.ids, code)
        return row if row < len(self.ids) and self.ids[row] == code else None

    def outlook(self, row: int, at: datetime) -> Outlook:
        """Return the state of station `row` at a moment with a time zone, and what comes next."""
        return self.hours[int(self.hours_row[row])].outlook(at)

    def timetable(self, first: date) -> Timetable | None:
        """Return when the distinct hours can be used in the weeks from a day; None where only they can tell."""
        if first not in self._timetables:
            # Two threads may both compile it: the same twice, and the later one stays.
            found = compiled(self.hours, self.zone, first)
            for old in list(self._timetables)[: 1 - _MOST_TIMETABLES]:
                self._timetables.pop(old, None)
            self._timetables[first] = found
            return found
        return self._timetables.get(first)


def load_snapshot(store: Store) -> Snapshot:
    """Return the snapshot of what a store holds now.

    The revision is read first: a change that comes in between makes the next look-up load again.
    """
    revision, meta = store.revision, store.meta()
    return Snapshot.of_rows(
        store.rows(),
        revision=revision,
        zone=meta.get("timezone", DEFAULT_ZONE),
        country=meta.get("country", DEFAULT_COUNTRY),
    )


def _features(
    rows: Sequence[Row],
    lons: npt.NDArray[np.float64],
    lats: npt.NDArray[np.float64],
    others: Mapping[int, BaseGeometry],
) -> Iterator[bytes]:
    """Yield stations as GeoJSON features, around the text of their records; coordinates to every digit."""
    for row, ((code, record, _), lon, lat) in enumerate(zip(rows, lons.tolist(), lats.tolist(), strict=True)):
        shape = others.get(row)
        if shape is None:
            geometry = f'{{"type":"Point","coordinates":[{lon!r},{lat!r}]}}'
        else:
            geometry = orjson.dumps(shapely.geometry.mapping(shape)).decode()
        name = orjson.dumps(code).decode()
        yield f'{{"type":"Feature","id":{name},"geometry":{geometry},"properties":{record}}}'.encode()


def _distinct(values: Sequence[str]) -> npt.NDArray[np.int32]:
    """Return for each value a number; equal ones have the same."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int32)


def _distinct_hours(
    records: Sequence[Mapping[str, Any]], zone: str, country: str
) -> tuple[tuple[Hours, ...], npt.NDArray[np.int32]]:
    """Return the distinct hours, and for each record the row of its own."""
    rows: dict[tuple[str, ...], int] = {}
    hours: list[Hours] = []
    found = np.empty(len(records), dtype=np.int32)
    for row, record in enumerate(records):
        said = (record.get("opening_hours", ""), record.get("staffed_hours", ""), str(record.get("closures", "")),
             record.get("valid_from", ""), record.get("valid_to", ""))  # fmt: skip
        known = rows.setdefault(said, len(rows))
        if known == len(hours):
            hours.append(restored_station(record, shapely.Point()).hours(zone=zone, country=country))
        found[row] = known
    return tuple(hours), found


def _radius_m(geometry: BaseGeometry) -> float:
    """Return a distance from its centroid within which a geometry surely lies, in metres.

    An edge that is straight in degrees bulges beyond the vertices: by centimetres on a kilometre, by some
    per cent on a thousand. A bound may be too wide, never too narrow.
    """
    if geometry.geom_type == "Point":
        return 0.0
    centroid = geometry.centroid
    vertices = shapely.get_coordinates(geometry)
    furthest = distances_m(centroid.x, centroid.y, vertices[:, 0], vertices[:, 1]).max()
    return float(furthest) * 1.05 + 1.0
