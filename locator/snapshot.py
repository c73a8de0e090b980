"""One version of all stations in memory: never changed, swapped whole when the data changes."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from locator.bits import bits_of
from locator.garbage import uncollected
from locator.geodesy import distances_m, ecef_m
from locator.hours import Hours, Outlook
from locator.index import Index
from locator.record import restored_station, station_to_record
from locator.station import Station, no_such_station
from locator.store import Store
from locator.texts import Texts
from locator.timetable import Timetable, compiled, window_of

__all__ = ["DEFAULT_COUNTRY", "DEFAULT_ZONE", "Row", "Snapshot", "load_snapshot"]

DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_COUNTRY = "CN"
_MOST_AT_HAND = 2_000
_MOST_TIMETABLES = 4


class _NotYet:
    """What stands for a timetable that was not asked for before."""


_NOT_YET = _NotYet()

Row: TypeAlias = tuple[str, bytes, bytes]
"""A station as the store keeps it: id, record as JSON, geometry as WKB."""

_Key = TypeVar("_Key")
_Said: TypeAlias = tuple[str | None, str | None, str | None, str | None, bytes | None]
_FEATURE = b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}'
_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
_POINT_HEAD = b"\x01\x01\x00\x00\x00"
_PLACE = struct.Struct("<dd")


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
        For each station a number that those have in common whose ways in are the same, and verified in one month.
    others
        The geometries that are no plain point, by row.
    """

    revision: int
    zone: str
    country: str
    ids: tuple[str, ...]
    features: Texts
    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    index: Index
    hours: tuple[Hours, ...]
    hours_row: npt.NDArray[np.int32]
    entry_row: npt.NDArray[np.int32]
    others: Mapping[int, BaseGeometry]
    _timetables: dict[int, Timetable | None] = field(default_factory=dict, repr=False)

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
        ordered = sorted(stations, key=lambda station: station.id)
        wkbs = shapely.to_wkb([station.geometry for station in ordered])
        rows = [
            (station.id, orjson.dumps(station_to_record(station)), wkb)
            for station, wkb in zip(ordered, wkbs, strict=True)
        ]
        return cls.of_rows(rows, revision=revision, zone=zone, country=country)

    @classmethod
    def of_rows(cls, rows: Iterable[Row], *, revision: int, zone: str, country: str) -> Snapshot:
        """Return the snapshot of stations as the store keeps them, ascending by id.

        Each record is looked at once and let go, for hundreds of thousands would not fit beside each other.
        """
        ids: list[str] = []
        wkbs: list[bytes] = []
        bits: list[int] = []
        hours, entries = _Numbers[_Said](), _Numbers[bytes]()
        hours_row, entry_row = array("i"), array("i")

        def read() -> Iterator[bytes]:
            for code, record, wkb in rows:
                said = orjson.loads(record)
                ids.append(code)
                wkbs.append(wkb)
                bits.append(bits_of(said))
                hours_row.append(hours[_hours_said(said)])
                entry_row.append(entries[_entry_said(said)])
                yield _FEATURE % (orjson.dumps(code), _geometry_of(wkb), record)

        features = Texts(read())
        shapes = _Shapes.of(wkbs)
        rows_of_hours = np.array(hours_row, dtype=np.int32)
        return cls(
            revision=revision,
            zone=zone,
            country=country,
            ids=tuple(ids),
            features=features,
            lons=shapes.lons,
            lats=shapes.lats,
            index=Index(
                centres=ecef_m(shapes.lons, shapes.lats),
                radii_m=shapes.radii_m,
                bounds=shapes.bounds,
                bits=np.array(bits, dtype=np.uint64),
                hours_row=rows_of_hours,
            ),
            hours=tuple([_hours_of(said, zone, country) for said in hours]),
            hours_row=rows_of_hours,
            entry_row=np.array(entry_row, dtype=np.int32),
            others=shapes.others,
        )

    def replacing(self, stations: Iterable[Station]) -> Snapshot:
        """Return the snapshot with some stations in place of those with their codes, or beside them."""
        new = {station.id: station for station in stations}
        kept = [row for row, code in enumerate(self.ids) if code not in new]
        shapes = np.asarray(shapely.points(self.lons, self.lats), dtype=object)
        for row, shape in self.others.items():
            shapes[row] = shape
        rows: list[Row] = [
            (self.ids[row], orjson.dumps(self.record(row)), wkb)
            for row, wkb in zip(kept, shapely.to_wkb(shapes[kept]), strict=True)
        ]
        rows += [
            (code, orjson.dumps(station_to_record(one)), shapely.to_wkb(one.geometry)) for code, one in new.items()
        ]
        rows.sort(key=itemgetter(0))
        return self.of_rows(rows, revision=self.revision, zone=self.zone, country=self.country)

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

    def known_row(self, code: str) -> int:
        """Return the row of the station with an id.

        Raises
        ------
        NotFound
            There is none.
        """
        row = self.row_of(code)
        if row is None:
            raise no_such_station(code)
        return row

    def outlook(self, row: int, at: datetime) -> Outlook:
        """Return the state of station `row` at a moment with a time zone, and what comes next."""
        return self.hours[int(self.hours_row[row])].outlook(at)

    def timetable(self, moment_s: float) -> Timetable | None:
        """Return when the distinct hours can be used in the weeks around a moment, seconds since 1970.

        None where only the hours themselves can tell.
        """
        window = window_of(moment_s)
        found = self._timetables.get(window, _NOT_YET)
        if isinstance(found, _NotYet):
            # Two threads may both compile it: the same twice, and the later one stays.
            found = compiled(self.hours, self.zone, window)
            for old in list(self._timetables)[: 1 - _MOST_TIMETABLES]:
                self._timetables.pop(old, None)
            self._timetables[window] = found
        return found


def load_snapshot(store: Store) -> Snapshot:
    """Return the snapshot of what a store holds now.

    The revision is read first: a change that comes in between makes the next look-up load again.
    """
    revision, meta = store.revision, store.meta()
    with uncollected():
        return Snapshot.of_rows(
            store.rows(),
            revision=revision,
            zone=meta.get("timezone", DEFAULT_ZONE),
            country=meta.get("country", DEFAULT_COUNTRY),
        )


class _Numbers(dict[_Key, int]):
    """Give every key a number, equal ones the same, in the order in which they first come."""

    def __missing__(self, key: _Key) -> int:
        number = self[key] = len(self)
        return number


def _hours_said(record: Mapping[str, Any]) -> _Said:
    """Return all that a record says of when the station can be used."""
    get = record.get
    closures = get("closures")
    return (
        get("opening_hours"), get("staffed_hours"), get("valid_from"), get("valid_to"),
        orjson.dumps(closures) if closures else None,
    )  # fmt: skip


def _entry_said(record: Mapping[str, Any]) -> bytes:
    """Return all that a record says of how one gets in, and the month in which its place was verified."""
    verified = record.get("provenance", {}).get("location_verified", "")
    return orjson.dumps((record.get("entry"), verified[:7]))


def _hours_of(said: _Said, zone: str, country: str) -> Hours:
    opening, staffed, valid_from, valid_to, closures = said
    record = {"opening_hours": opening, "staffed_hours": staffed, "valid_from": valid_from, "valid_to": valid_to,
              "closures": orjson.loads(closures) if closures else None}  # fmt: skip
    known = {name: value for name, value in record.items() if value is not None}
    return restored_station(known, shapely.Point()).hours(zone=zone, country=country)


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Geometries as columns: a point of each, how far from it all of it lies, its bounds, and what is no point."""

    lons: npt.NDArray[np.float64]
    lats: npt.NDArray[np.float64]
    radii_m: npt.NDArray[np.float64]
    bounds: npt.NDArray[np.float64]
    others: dict[int, BaseGeometry]

    @classmethod
    def of(cls, wkbs: Sequence[bytes]) -> _Shapes:
        """Return geometries given as WKB; plain points, which nearly all are, without making an object of each."""
        plain = np.array([_is_plain(wkb) for wkb in wkbs], dtype=bool)
        points = np.zeros(len(wkbs), dtype=_POINT)
        points[plain] = np.frombuffer(
            b"".join(wkb for wkb, is_plain in zip(wkbs, plain, strict=True) if is_plain), _POINT
        )
        others = {row: shapely.from_wkb(wkbs[row]) for row in np.flatnonzero(~plain).tolist()}
        lons, lats = points["lon"].copy(), points["lat"].copy()
        radii_m = np.zeros(len(wkbs))
        bounds = np.column_stack([lons, lats, lons, lats])
        for row, shape in others.items():
            centre = shape.centroid
            lons[row], lats[row], radii_m[row], bounds[row] = centre.x, centre.y, _radius_m(shape), shape.bounds
        return cls(lons, lats, radii_m, bounds, others)


def _is_plain(wkb: bytes) -> bool:
    return len(wkb) == _POINT.itemsize and wkb.startswith(_POINT_HEAD)


def _geometry_of(wkb: bytes) -> bytes:
    """Return WKB as GeoJSON, coordinates to every digit."""
    if _is_plain(wkb):
        return b'{"type":"Point","coordinates":%b}' % orjson.dumps(_PLACE.unpack_from(wkb, len(_POINT_HEAD)))
    return orjson.dumps(shapely.geometry.mapping(shapely.from_wkb(wkb)))


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
