"""The answer to a query as GeoJSON: the form that the command line and the API share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely

from locator.hours import time_zone
from locator.query import Match, Query
from locator.record import station_to_record
from locator.translation import Translator
from locator.wording import entry_text, state_text

__all__ = ["answer_to_geojson"]


def answer_to_geojson(
    matches: Sequence[Match], query: Query, *, zone: str, revision: int, translate: Translator
) -> dict[str, Any]:
    """Return matches as a FeatureCollection, nearest first.

    Each feature has the station's record and, beside it, `distance_m` on the ellipsoid, `walk_minutes`
    estimated from the straight line, the state at the query's moment and the moments at which it changes.
    """
    return {
        "type": "FeatureCollection",
        "at": _local(query.at, zone),
        "timezone": zone,
        "revision": revision,
        "walk_basis": "straight_line",
        "features": [_feature(match, query, zone, translate) for match in matches],
    }


def _feature(match: Match, query: Query, zone: str, translate: Translator) -> dict[str, Any]:
    station, outlook = match.station, match.outlook
    return {
        "type": "Feature",
        "id": station.id,
        "geometry": shapely.geometry.mapping(station.geometry),
        "properties": {
            **station_to_record(station),
            "distance_m": round(match.distance_m, 1),
            "walk_minutes": match.walk_minutes,
            "walk_basis": "straight_line",
            "state": str(match.state),
            "state_text": state_text(outlook, query.at, station, zone, translate),
            "next_change": _local(outlook.next_change, zone),
            "usable_until": _local(outlook.usable_until, zone),
            "opens_at": _local(outlook.opens_at, zone),
            "holidays_known": outlook.holidays_known,
            "entry_summary": entry_text(station.entry, translate),
        },
    }


def _local(moment: datetime | None, zone: str) -> str | None:
    return moment.astimezone(time_zone(zone)).isoformat() if moment else None
