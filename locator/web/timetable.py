"""A station's week as intervals, for programs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, request

from locator.hours import time_zone
from locator.snapshot import Snapshot
from locator.web.answers import answer, json_bytes
from locator.web.data import data
from locator.web.params import HOURS, body_or_arguments, read_parameters

__all__ = ["blueprint"]

blueprint = Blueprint("timetable", __name__, url_prefix="/api/v1")

_DAYS = 7


@blueprint.get("/stations/<code>/hours")
def hours(code: str) -> Response:
    """Answer with when a station is open, self-service or unknown on seven days."""
    version = data().version()
    snapshot = version.snapshot
    asked = read_parameters(body_or_arguments(request), HOURS, zone=snapshot.zone)
    row = snapshot.known_row(code)
    zone = time_zone(snapshot.zone)
    today = datetime.now(UTC).astimezone(zone).date()
    first: date = asked.values.get("from", today)
    # Without a first day the answer is another one tomorrow.
    until = None if "from" in asked.values else datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone)
    return answer(lambda: _week(snapshot, row, first), version, until=until, moment=first)


def _week(snapshot: Snapshot, row: int, first: date) -> bytes:
    station, zone = snapshot.stations[row], time_zone(snapshot.zone)
    hours = snapshot.hours[int(snapshot.hours_row[row])]
    noons = [datetime.combine(first + timedelta(days=day), time(12), tzinfo=zone) for day in range(_DAYS)]
    return json_bytes(
        {
            "id": station.id,
            "revision": snapshot.revision,
            "timezone": snapshot.zone,
            "from": first.isoformat(),
            "to": (first + timedelta(days=_DAYS)).isoformat(),
            "status": station.status,
            "opening_hours": station.opening_hours,
            "staffed_hours": station.staffed_hours,
            "holidays_known": all(hours.outlook(noon).holidays_known for noon in (noons[0], noons[-1])),
            "intervals": [
                {"start": one.start.isoformat(), "end": one.end.isoformat(), "state": str(one.state)}
                for one in hours.intervals(first, _DAYS)
            ],
        }
    )
