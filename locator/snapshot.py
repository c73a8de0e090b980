"""One version of all stations in memory: never changed, swapped whole when the data changes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import shapely

from locator.geodesy import distances_m, ecef_m
from locator.hours import Hours, Outlook
from locator.station import FACILITIES, Station
from locator.store import Store

__all__ = ["DEFAULT_COUNTRY", "DEFAULT_ZONE", "Snapshot", "load_snapshot"]

DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_COUNTRY = "CN"
_FACILITY_COLUMN = {code: column for column, code in enumerate(FACILITIES)}


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One version of all stations, as records and as columns; row i of every column is station i.

    Attributes
    ----------
    stations
        Ascending by id, so that the lower row is the lower id.
    centres
        Shape (n, 3): a point of each station in earth-centred metres.
    radii_m
        Distance from that point within which the whole geometry lies; 0 for a point.
    has
        Shape (n, facilities): True where the facility is known to be there.
    hours, hours_row
        The distinct opening times, and for each station the row of its own.
    """

    revision: int
    zone: str
    country: str
    stations: tuple[Station, ...]
    centres: npt.NDArray[np.float64]
    radii_m: npt.NDArray[np.float64]
    has: npt.NDArray[np.bool_]
    operating: npt.NDArray[np.bool_]
    categories: npt.NDArray[np.str_]
    hours: tuple[Hours, ...]
    hours_row: npt.NDArray[np.intp]

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
        ordered = tuple(sorted(stations, key=lambda station: station.id))
        points = [station.geometry.centroid for station in ordered]
        has = np.zeros((len(ordered), len(FACILITIES)), dtype=bool)
        rows: dict[Hours, int] = {}
        hours_row = np.empty(len(ordered), dtype=np.intp)
        for row, station in enumerate(ordered):
            for code, there in station.facilities.items():
                has[row, _FACILITY_COLUMN[code]] = there
            hours_row[row] = rows.setdefault(station.hours(zone=zone, country=country), len(rows))
        return cls(
            revision=revision,
            zone=zone,
            country=country,
            stations=ordered,
            centres=ecef_m(np.array([p.x for p in points]), np.array([p.y for p in points])),
            radii_m=np.array([_radius_m(station) for station in ordered]),
            has=has,
            operating=np.array([station.status == "operating" for station in ordered], dtype=bool),
            categories=np.array([station.category for station in ordered], dtype=np.str_),
            hours=tuple(rows),
            hours_row=hours_row,
        )

    def having(self, needs: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Return for each station whether all the facilities are known to be there."""
        return np.asarray(self.has[:, [_FACILITY_COLUMN[code] for code in sorted(needs)]].all(axis=1))

    def row_of(self, code: str) -> int | None:
        """Return the row of the station with an id; None: there is none."""
        row = bisect_left(self.stations, code, key=lambda station: station.id)
        return row if row < len(self.stations) and self.stations[row].id == code else None

    def outlook(self, row: int, at: datetime) -> Outlook:
        """Return the state of station `row` at a moment with a time zone, and what comes next."""
        return self.hours[int(self.hours_row[row])].outlook(at)


def load_snapshot(store: Store) -> Snapshot:
    """Return the snapshot of what a store holds now.

    The revision is read first: a change that comes in between makes the next look-up load again.
    """
    revision, meta = store.revision, store.meta()
    return Snapshot.of(
        (kept.station for kept in store.stations() if kept.station),
        revision=revision,
        zone=meta.get("timezone", DEFAULT_ZONE),
        country=meta.get("country", DEFAULT_COUNTRY),
    )


def _radius_m(station: Station) -> float:
    """Return a distance from its centroid within which a geometry surely lies, in metres.

    An edge that is straight in degrees bulges beyond the vertices: by centimetres on a kilometre, by some
    per cent on a thousand. A bound may be too wide, never too narrow.
    """
    geometry = station.geometry
    if geometry.geom_type == "Point":
        return 0.0
    centroid = geometry.centroid
    vertices = shapely.get_coordinates(geometry)
    furthest = distances_m(centroid.x, centroid.y, vertices[:, 0], vertices[:, 1]).max()
    return float(furthest) * 1.05 + 1.0
