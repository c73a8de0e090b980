"""All stations as columns: what a phone needs to search by itself, small enough to be sent to it.

The layout, which the OpenAPI document tells to others:

- a column is a list with a value for each station; or `values` and `rows`: the value of station i is
  `values[rows[i]]`; or `deltas` and `scale`: the value of station i is the sum of the first i + 1 deltas,
  divided by the scale;
- facilities are bits of a hexadecimal number, bit i for the i-th of `facilities`;
- hours are minutes from `start`; `after` is the use that lasts at the end of the days or comes next, its end null
  where it never ends;
- Chinese is read in pinyin by `spelling.characters`, save the texts in `spelling.texts`.

Stations are ordered along a Hilbert curve: what is near is alike, in its numbers and in its texts, and so takes
a quarter less than by id.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from flask import Blueprint, Response, request
from shapely.geometry.base import BaseGeometry

from locator.hours import Hours, time_zone
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.store.spelling import spelling_of
from locator.web.answers import answer, json_bytes
from locator.web.data import data
from locator.web.params import PLAIN, body_or_arguments, read_parameters

__all__ = ["DAYS", "LAYOUT", "SCALE", "blueprint", "columns_of", "hilbert"]

blueprint = Blueprint("columns", __name__, url_prefix="/api/v1")

LAYOUT = 1
"""Number of the layout; another one will have another number."""

SCALE = 1_000_000
"""Steps of a degree: 0.11 m of latitude."""

DAYS = 16
"""Days of which the hours are told, from yesterday, whose night may still last: two weeks without a connection."""

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
        lambda: json_bytes(columns_of(snapshot, today)),
        version,
        until=datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone),
        moment=today,
        keep="columns",
    )


def columns_of(
    snapshot: Snapshot, today: date, *, rows: npt.NDArray[np.intp] | None = None, days: int = DAYS
) -> dict[str, Any]:
    """Return stations but those closed for good as columns; the module tells how they are read.

    Parameters
    ----------
    rows
        Rows of the snapshot; None: all of them.
    days
        How many days of hours are told, from the day before `today`.
    """
    start = datetime.combine(today - timedelta(days=1), time(0), tzinfo=time_zone(snapshot.zone))
    among = np.arange(len(snapshot.ids)) if rows is None else rows
    places = np.round(np.column_stack((snapshot.lons[among], snapshot.lats[among])) * SCALE).astype(np.int64)
    order = np.lexsort((among, hilbert(places)))
    columns: dict[str, list[Any]] = {name: [] for name in (*_WRITTEN, "row")}
    for row in among[order].tolist():
        # One after the other: all records at once would take more than the snapshot itself.
        record = snapshot.record(row)
        if record["status"] != "closed":
            columns["row"].append(row)
            for name, value in _WRITTEN.items():
                columns[name].append(value(record))
    kept = np.array(columns.pop("row"), dtype=np.int64)
    steps = np.round(np.column_stack((snapshot.lons[kept], snapshot.lats[kept])) * SCALE).astype(np.int64)
    hours = snapshot.hours_row[kept].tolist()
    spelling = spelling_of(text for name in _SPOKEN for text in columns[name])
    return {
        "layout": LAYOUT,
        "revision": snapshot.revision,
        "timezone": snapshot.zone,
        "start": start.isoformat(),
        "days": days,
        "count": len(kept),
        "facilities": list(FACILITIES),
        "spelling": {"characters": spelling.characters, "texts": spelling.texts},
        "columns": {
            **{name: _distinct(values) if name in _DISTINCT else values for name, values in columns.items()},
            "lon": _deltas(steps[:, 0]),
            "lat": _deltas(steps[:, 1]),
            "hours": _distinct(hours, lambda row: _hours(snapshot.hours[row], start, days)),
            "entry": _distinct(columns["entry"], _entry),
        },
        "shapes": [
            {"row": place, "geometry": _rounded(snapshot.others[row])}
            for place, row in enumerate(kept.tolist())
            if row in snapshot.others
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


def _deltas(steps: npt.NDArray[np.int64]) -> dict[str, Any]:
    return {"scale": SCALE, "deltas": np.diff(steps, prepend=0).tolist()}


def _distinct(values: Iterable[Hashable], shown: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """Return the distinct values, in the order in which they come first, and the place of each station's own."""
    places: dict[Hashable, int] = {}
    rows = [places.setdefault(value, len(places)) for value in values]
    return {"values": [shown(value) for value in places], "rows": rows}


@lru_cache(maxsize=4_096)  # every cell of a large site has much the same hours
def _hours(hours: Hours, start: datetime, days: int) -> Mapping[str, Any]:
    end = start + timedelta(days=days)
    years = sorted({start.year, end.year})
    return {
        "opening_hours": hours.opening,
        "staffed_hours": hours.staffed,
        "intervals": [
            [_minutes(start, one.start), _minutes(start, one.end), str(one.state)]
            for one in hours.intervals(start.date(), days)
        ],
        "after": _use_from(hours, start, end),
        "holidays_unknown": [
            year for year in years if not hours.outlook(start.replace(year=year, month=7, day=1)).holidays_known
        ],
    }


def _use_from(hours: Hours, start: datetime, moment: datetime) -> list[int | None] | None:
    """Return the use that lasts at a moment or comes next, as minutes from `start`; an end of None never comes."""
    outlook = hours.outlook(moment)
    if not outlook.state.is_usable:
        if outlook.opens_at is None:
            return None
        moment = outlook.opens_at
        outlook = hours.outlook(moment)
    until = outlook.usable_until
    return [_minutes(start, moment), None if until is None else _minutes(start, until)]


def _minutes(start: datetime, moment: datetime) -> int:
    # In UTC: moments of one zone are subtracted as its clocks show them, which are set back in some.
    return (moment.astimezone(UTC) - start.astimezone(UTC)) // _MINUTE


def _entry_key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    entry = record.get("entry", {})
    return tuple(entry.get("ways", ())), entry.get("registration"), entry.get("admits")


def _entry(key: tuple[Any, ...]) -> dict[str, Any]:
    ways, registration, admits = key
    return {"ways": list(ways), "registration": registration, "admits": admits}


def _bits(word: str) -> Callable[[Mapping[str, Any]], str]:
    """Return what writes the facilities of which a record says a word, as a hexadecimal number."""
    bits = {code: 1 << bit for bit, code in enumerate(FACILITIES)}

    def written(record: Mapping[str, Any]) -> str:
        said = record.get("facilities", {})
        return format(sum(bits[code] for code, value in said.items() if value == word), "x")

    return written


def _rounded(geometry: BaseGeometry) -> dict[str, Any]:
    """Return a geometry as GeoJSON, its coordinates in whole steps."""
    steps = shapely.transform(shapely.force_2d(geometry), lambda points: np.round(points * SCALE) / SCALE)
    return dict(shapely.geometry.mapping(steps))


_WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "id": lambda record: record["id"],
    "name": lambda record: record["name"],
    "category": lambda record: record["category"],
    "status": lambda record: record["status"],
    "community": lambda record: record.get("community", ""),
    "street": lambda record: record.get("street", ""),
    "address": lambda record: record.get("address", ""),
    "operator": lambda record: record.get("operator", ""),
    "host": lambda record: record.get("entry", {}).get("host", ""),
    "has": _bits("yes"),
    "lacks": _bits("no"),
    "entry": _entry_key,
    "verified": lambda record: record.get("provenance", {}).get("location_verified"),
    "source": lambda record: record.get("provenance", {}).get("source", ""),
}
"""What a column has of a station's record."""

_DISTINCT = ("category", "status", "community", "street", "operator", "host", "verified", "source")
_SPOKEN = ("name", "community", "street")
