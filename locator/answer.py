"""The answer to a query as GeoJSON: the form that the command line and the API share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from locator.hours import CLOSING_SOON_S, Outlook, State, time_zone
from locator.query import BASIS, WALKING_M_PER_S, Answer, Match
from locator.snapshot import Snapshot
from locator.translation import Translator
from locator.wording import ALWAYS, Reason, entry_reasons, entry_text, hours_reason, opens_before_text, state_text

__all__ = ["Scribe", "answer_to_geojson"]


_NUMBERS = (
    b',"distance_m":%%.1f,"travel_s":%%d,"travel_minutes":%%d,"walk_minutes":%%d,"walk_basis":"%b",'
    % BASIS.encode()
)
_WALK_M_PER_MINUTE = 60 * WALKING_M_PER_S
_MOST_TOLD = 20_000


class _Told(NamedTuple):
    """What is said of some hours, and of which arrivals it holds: from `first_s` until before `until_s`."""

    first_s: float
    until_s: float
    is_usable: bool
    members: bytes


class Scribe:
    """Write answers from one snapshot in one language; what many stations have in common is written once.

    Stations stand in the snapshot as encoded features, and hundreds of them have the same hours and ways in: what
    is said of these at a moment holds until they change. So an answer is for the most part put together of bytes
    that are there.
    """

    def __init__(self, snapshot: Snapshot, translate: Translator) -> None:
        self.snapshot = snapshot
        self._translate = translate
        self._told: dict[tuple[int, int, int], _Told] = {}

    def geojson(self, answer: Answer, **more: object) -> bytes:
        """Return an answer as a FeatureCollection, nearest first.

        Each feature has the station's record and, beside it, `distance_m` on the ellipsoid, the time to get there
        and the minutes on foot as the straight line lets one guess, the state on arrival and the moments at which
        it changes, and `reasons`.

        Parameters
        ----------
        more
            Further members of the collection.
        """
        query, zone = answer.query, self.snapshot.zone
        head = {
            "type": "FeatureCollection",
            "at": _local(query.at, zone),
            "timezone": zone,
            "revision": answer.revision,
            "mode": query.mode,
            "walk_basis": BASIS,
            "matching": answer.matching,
            "stations": answer.stations,
        }
        pieces = [orjson.dumps(head | more)[:-1], b',"features":[', *self._features(answer)]
        if answer.matches:
            pieces[-1] = b"}}"  # no comma after the last
        pieces.append(b"]}")
        return b"".join(pieces)

    def _features(self, answer: Answer) -> Iterator[bytes]:
        """Yield the features in pieces: the record, the numbers, what is said of hours and entry, and an end."""
        sets_out_s = answer.query.at.timestamp()
        quarter = int(sets_out_s // 900)  # no day of any zone ends within a quarter of an hour
        encoded, hours_row, entry_row = self.snapshot.features, self.snapshot.hours_row, self.snapshot.entry_row
        for match in answer.matches:
            row, metres, travel_s = match.row, match.distance_m, match.travel_s
            entry = entry_row.item(row)
            told = self._told.get((hours_row.item(row), entry, quarter))
            if told is None or not told.first_s <= sets_out_s + travel_s < told.until_s:
                told = self._tell(match, quarter)
            members = told.members
            if told.is_usable and sets_out_s < told.first_s:
                # It may open on the way, which is said of this one alone.
                before = opens_before_text(match, self.snapshot.zone, self._translate)
                members = self._members(match, match.outlook, opens_before=before)
            yield encoded[row][:-2]
            yield _NUMBERS % (metres, travel_s, -(-travel_s // 60), -(-metres // _WALK_M_PER_MINUTE))
            yield members
            yield b"}},"

    def _tell(self, match: Match, quarter: int) -> _Told:
        """Return what the hours of a station say on arrival, and keep it for the next with the same hours."""
        outlook, sets_out_s = match.outlook, match.sets_out.timestamp()
        arrives_s = sets_out_s + match.travel_s
        first_s = sets_out_s if self.snapshot.outlook(match.row, match.sets_out) == outlook else arrives_s
        ends = [m.timestamp() for m in (outlook.next_change, outlook.opens_at) if m is not None]
        if outlook.state.is_usable and outlook.usable_until is not None:
            until_s = outlook.usable_until.timestamp()
            ends += [until_s, until_s - CLOSING_SOON_S + 1e-6, until_s - ALWAYS.total_seconds()]
        # Whether the holidays are known is a matter of the year.
        ends.append(_midnight_after(match.arrives, self.snapshot.zone))
        until_s = min(end for end in ends if end > arrives_s)
        told = _Told(first_s, until_s, outlook.state.is_usable, self._members(match, outlook))
        if len(self._told) > _MOST_TOLD:
            self._told.clear()
        hours, entry = self.snapshot.hours_row.item(match.row), self.snapshot.entry_row.item(match.row)
        self._told[hours, entry, quarter] = told
        return told

    def _members(self, match: Match, outlook: Outlook, *, opens_before: str = "") -> bytes:
        """Return what a feature says of the state on arrival, of how one gets in, and why."""
        zone, translate, at = self.snapshot.zone, self._translate, match.sets_out
        station = match.station
        reasons = [hours_reason(outlook, at, station, zone, translate)]
        if opens_before:
            reasons.insert(0, Reason("opens_before_arrival", opens_before))
        reasons += entry_reasons(station.entry, translate, is_self_service=outlook.state is State.SELF_SERVICE)
        members = {
            "state": outlook.state,
            "state_text": state_text(outlook, at, station, zone, translate),
            "next_change": _local(outlook.next_change, zone),
            "usable_until": _local(outlook.usable_until, zone),
            "opens_at": _local(outlook.opens_at, zone),
            "holidays_known": outlook.holidays_known,
            "reasons": [reason._asdict() for reason in reasons],
            "entry_summary": entry_text(station.entry, translate),
        }
        return orjson.dumps(members)[1:-1]


def answer_to_geojson(answer: Answer, snapshot: Snapshot, translate: Translator) -> dict[str, Any]:
    """Return an answer as plain values; see `Scribe.geojson`."""
    found: dict[str, Any] = orjson.loads(Scribe(snapshot, translate).geojson(answer))
    return found


def _local(moment: datetime | None, zone: str) -> str | None:
    return moment.astimezone(time_zone(zone)).isoformat() if moment else None


def _midnight_after(moment: datetime, zone: str) -> float:
    local = moment.astimezone(time_zone(zone))
    return (local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)).timestamp()
