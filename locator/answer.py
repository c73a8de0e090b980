"""The answer to a query as GeoJSON: the form that the command line and the API share."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from locator.hours import CLOSING_SOON_S, Outlook, State, time_zone
from locator.query import BASIS, WALKING_M_PER_S, Answer, Match
from locator.snapshot import Snapshot
from locator.translation import Translator
from locator.wording import Reason, entry_reasons, entry_text, hours_reason, opens_before_text, state_text

__all__ = ["Scribe", "answer_to_geojson"]


_BASIS = BASIS.encode()
_FEATURE = b'%b,"distance_m":%.1f,"travel_s":%d,"travel_minutes":%d,"walk_minutes":%d,"walk_basis":"%b",%b%b}}'
_MOST_TOLD = 20_000


class _Told(NamedTuple):
    """What is said of some hours, and of which arrivals it holds: from `first_s` until before `until_s`."""

    first_s: float
    until_s: float
    outlook: Outlook
    members: bytes


class Scribe:
    """Write answers from one snapshot in one language; what many stations have in common is written once.

    Stations stand in the snapshot as encoded features, and hundreds of them have the same hours: what these say at
    a moment holds until they change. So an answer is for the most part put together of bytes that are there.
    """

    def __init__(self, snapshot: Snapshot, translate: Translator) -> None:
        self.snapshot = snapshot
        self._translate = translate
        self._told: dict[tuple[int, int], _Told] = {}
        self._entered: dict[tuple[int, bool], bytes] = {}

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
        features = b",".join([self._feature(match) for match in answer.matches])
        return b'%b,"features":[%b]}' % (orjson.dumps(head | more)[:-1], features)

    def _feature(self, match: Match) -> bytes:
        snapshot, row, sets_out_s = self.snapshot, match.row, match.sets_out.timestamp()
        arrives_s = sets_out_s + match.travel_s
        hours, entry = int(snapshot.hours_row[row]), int(snapshot.entry_row[row])
        day = int(sets_out_s // 900)  # no day of any zone ends within a quarter of an hour
        told = self._told.get((hours, day))
        if told is None or not told.first_s <= arrives_s < told.until_s:
            told = self._tell(match, day)
        outlook, members = told.outlook, told.members
        if outlook.state is State.UNKNOWN or (outlook.state.is_usable and sets_out_s < told.first_s):
            members = self._members(match, outlook)
        return _FEATURE % (
            snapshot.features[row][:-2],
            match.distance_m,
            match.travel_s,
            math.ceil(match.travel_s / 60),
            math.ceil(match.distance_m / WALKING_M_PER_S / 60),
            _BASIS,
            members,
            self._entry_members(entry, match, is_self_service=outlook.state is State.SELF_SERVICE),
        )

    def _tell(self, match: Match, day: int) -> _Told:
        """Return what the hours of a station say on arrival, and keep it for the next with the same hours."""
        outlook, sets_out_s = match.outlook, match.sets_out.timestamp()
        arrives_s = sets_out_s + match.travel_s
        first_s = sets_out_s if self.snapshot.outlook(match.row, match.sets_out) == outlook else arrives_s
        ends = [m.timestamp() for m in (outlook.next_change, outlook.opens_at) if m is not None]
        if outlook.state.is_usable and outlook.usable_until is not None:
            until_s = outlook.usable_until.timestamp()
            ends += [until_s, until_s - CLOSING_SOON_S + 1e-6]
        # Whether the holidays are known is a matter of the year.
        ends.append(_midnight_after(match.arrives, self.snapshot.zone))
        until_s = min(end for end in ends if end > arrives_s)
        told = _Told(first_s, until_s, outlook, self._members(match, outlook))
        if len(self._told) > _MOST_TOLD:
            self._told.clear()
        self._told[int(self.snapshot.hours_row[match.row]), day] = told
        return told

    def _members(self, match: Match, outlook: Outlook) -> bytes:
        """Return what the state on arrival makes of a feature, up to the middle of the list of reasons."""
        zone, translate, at = self.snapshot.zone, self._translate, match.sets_out
        station = match.station
        reasons = [hours_reason(outlook, at, station, zone, translate)]
        before = opens_before_text(match, zone, translate)
        if before:
            reasons.insert(0, Reason("opens_before_arrival", before))
        members = {
            "state": outlook.state,
            "state_text": state_text(outlook, at, station, zone, translate),
            "next_change": _local(outlook.next_change, zone),
            "usable_until": _local(outlook.usable_until, zone),
            "opens_at": _local(outlook.opens_at, zone),
            "holidays_known": outlook.holidays_known,
            "reasons": [reason._asdict() for reason in reasons],
        }
        return orjson.dumps(members)[1:-2]

    def _entry_members(self, entry: int, match: Match, *, is_self_service: bool) -> bytes:
        """Return the rest of the reasons, how one gets in, and what is said of that as a whole."""
        found = self._entered.get((entry, is_self_service))
        if found is None:
            of, translate = match.station.entry, self._translate
            reasons = entry_reasons(of, translate, is_self_service=is_self_service)
            listed = b"".join([b"," + orjson.dumps(reason._asdict()) for reason in reasons])
            found = b'%b],"entry_summary":%b' % (listed, orjson.dumps(entry_text(of, translate)))
            if len(self._entered) > _MOST_TOLD:
                self._entered.clear()
            self._entered[entry, is_self_service] = found
        return found


def answer_to_geojson(answer: Answer, snapshot: Snapshot, translate: Translator) -> dict[str, Any]:
    """Return an answer as plain values; see `Scribe.geojson`."""
    found: dict[str, Any] = orjson.loads(Scribe(snapshot, translate).geojson(answer))
    return found


def _local(moment: datetime | None, zone: str) -> str | None:
    return moment.astimezone(time_zone(zone)).isoformat() if moment else None


def _midnight_after(moment: datetime, zone: str) -> float:
    local = moment.astimezone(time_zone(zone))
    return (local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)).timestamp()
