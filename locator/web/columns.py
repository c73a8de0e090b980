"""All stations as columns: what a phone needs to search by itself, small enough to be sent to it.

The layout, which the OpenAPI document tells to others:

- a column is a list with a value for each station; or `values` and `rows`: the value of station i is
  `values[rows[i]]`; or `deltas` and `scale`: the value of station i is the sum of the first i + 1 deltas,
  divided by the scale;
- facilities are bits of a hexadecimal number, bit i for the i-th of `facilities`;
- hours are minutes from `start`.

Stations are ordered along a Hilbert curve: what is near is alike, in its numbers and in its texts, and so takes
a quarter less than by id.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from flask import Blueprint, Response, request

from locator.hours import Hours, time_zone
from locator.snapshot import Snapshot
from locator.station import FACILITIES, Station
from locator.web.answers import answer, json_text
from locator.web.data import data
from locator.web.params import PLAIN, body_or_arguments, read_parameters

__all__ = ["DAYS", "LAYOUT", "SCALE", "blueprint", "columns_of", "hilbert"]

blueprint = Blueprint("columns", __name__, url_prefix="/api/v1")

LAYOUT = 1
"""Number of the layout; another one will have another number."""

SCALE = 1_000_000
"""Steps of a degree: 0.11 m of latitude."""

DAYS = 9
"""Days of which the hours are told, from yesterday, whose night may still last."""

_BITS = 20
_MINUTE = timedelta(minutes=1)


@blueprint.get("/snapshot")
def snapshot_columns() -> Response:
    """Answer with all stations but those closed for good, as columns."""
    version = data().version()
    snapshot = version.snapshot
    read_parameters(body_or_arguments(request), PLAIN, zone=snapshot.zone)
    zone = time_zone(snapshot.zone)
    today = datetime.now(UTC).astimezone(zone).date()
    return answer(
        lambda: json_text(columns_of(snapshot, today)),
        version,
        until=datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone),
        moment=today,
        keep="columns",
    )


def columns_of(snapshot: Snapshot, today: date) -> dict[str, Any]:
    """Return all stations but those closed for good as columns; the module tells how they are read."""
    rows = [row for row, station in enumerate(snapshot.stations) if station.status != "closed"]
    places = np.array([_place(snapshot.stations[row]) for row in rows], dtype=np.int64).reshape(-1, 2)
    order = np.lexsort((np.array(rows, dtype=np.int64), hilbert(places)))
    rows, places = [rows[place] for place in order], places[order]
    stations = [snapshot.stations[row] for row in rows]
    hours = [snapshot.hours[int(snapshot.hours_row[row])] for row in rows]
    start = datetime.combine(today - timedelta(days=1), time(0), tzinfo=time_zone(snapshot.zone))
    return {
        "layout": LAYOUT,
        "revision": snapshot.revision,
        "timezone": snapshot.zone,
        "start": start.isoformat(),
        "days": DAYS,
        "count": len(stations),
        "facilities": list(FACILITIES),
        "columns": {
            "id": [one.id for one in stations],
            "name": [one.name for one in stations],
            "lon": _deltas(places[:, 0]),
            "lat": _deltas(places[:, 1]),
            "category": _distinct(one.category for one in stations),
            "status": _distinct(one.status for one in stations),
            "community": _distinct(one.community for one in stations),
            "street": _distinct(one.street for one in stations),
            "address": [one.address for one in stations],
            "has": [_bits(one, there=True) for one in stations],
            "lacks": [_bits(one, there=False) for one in stations],
            "hours": _distinct(hours, lambda one: _hours(one, start)),
            "entry": _distinct((_entry_key(one) for one in stations), _entry),
            "verified": _distinct(_day(one.provenance.location_verified) for one in stations),
            "source": _distinct(one.provenance.source for one in stations),
        },
        "shapes": [
            {"row": row, "geometry": _rounded(one)}
            for row, one in enumerate(stations)
            if one.geometry.geom_type != "Point"
        ],
    }


def hilbert(places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return how far along a Hilbert curve over the whole earth places lie, in cells of about 40 m.

    Parameters
    ----------
    places
        Shape (n, 2): longitude and latitude in steps of `SCALE`.

    References
    ----------
    J. Skilling, "Programming the Hilbert curve", AIP Conference Proceedings 707 (2004), 381–387;
    doi:10.1063/1.1751381. In two dimensions it is the loop that turns a quadrant at a time.
    """
    side = 1 << _BITS
    x = ((places[:, 0] + 180 * SCALE) * (side - 1)) // (360 * SCALE)
    y = ((places[:, 1] + 90 * SCALE) * (side - 1)) // (180 * SCALE)
    along = np.zeros(len(places), dtype=np.int64)
    step = side >> 1
    while step:
        east, north = (x & step) > 0, (y & step) > 0
        along += step * step * ((3 * east) ^ north)
        turned = east & ~north
        x, y = np.where(turned, side - 1 - x, x), np.where(turned, side - 1 - y, y)
        x, y = np.where(north, x, y), np.where(north, y, x)
        step >>= 1
    return along


def _place(station: Station) -> tuple[int, int]:
    """Return where a station is, in steps: of a polygon a point that is surely in it."""
    point = station.geometry.representative_point()
    return round(point.x * SCALE), round(point.y * SCALE)


def _deltas(steps: npt.NDArray[np.int64]) -> dict[str, Any]:
    return {"scale": SCALE, "deltas": np.diff(steps, prepend=0).tolist()}


def _distinct(values: Iterable[Hashable], shown: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """Return the distinct values, in the order in which they come first, and the place of each station's own."""
    places: dict[Hashable, int] = {}
    rows = [places.setdefault(value, len(places)) for value in values]
    return {"values": [shown(value) for value in places], "rows": rows}


def _bits(station: Station, *, there: bool) -> str:
    return format(sum(1 << bit for bit, code in enumerate(FACILITIES) if station.has(code) is there), "x")


def _hours(hours: Hours, start: datetime) -> dict[str, Any]:
    return {
        "opening_hours": hours.opening,
        "staffed_hours": hours.staffed,
        "intervals": [
            [_minutes(start, one.start), _minutes(start, one.end), str(one.state)]
            for one in hours.intervals(start.date(), DAYS)
        ],
    }


def _minutes(start: datetime, moment: datetime) -> int:
    # In UTC: moments of one zone are subtracted as its clocks show them, which are set back in some.
    return (moment.astimezone(UTC) - start.astimezone(UTC)) // _MINUTE


def _entry_key(station: Station) -> tuple[Any, ...]:
    return station.entry.ways, station.entry.registration, station.entry.admits


def _entry(key: tuple[Any, ...]) -> dict[str, Any]:
    ways, registration, admits = key
    return {"ways": list(ways), "registration": registration, "admits": admits}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rounded(station: Station) -> dict[str, Any]:
    """Return a geometry as GeoJSON, its coordinates in whole steps."""
    steps = shapely.transform(station.geometry, lambda points: np.round(points * SCALE) / SCALE)
    return dict(shapely.geometry.mapping(steps))
