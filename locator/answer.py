"""The answer to a query as GeoJSON: the form that the command line and the API share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from locator.hours import CLOSING_SOON_S, Outlook, State, time_zone
from locator.nearest import Prepared
from locator.query import BASIS, MOST_TRAVEL_S, NETWORK_BASIS, WALKING_M_PER_S, Answer, Match, Query
from locator.sayings import Sayings
from locator.snapshot import Snapshot
from locator.translation import Translator
from locator.wording import ALWAYS, Reason, entry_reasons, entry_text, hours_reason, opens_before_text, state_text

if TYPE_CHECKING:
    from locator.tree import Writer

__all__ = ["Scribe", "answer_to_geojson"]


_FEATURE = b'%b,"distance_m":%.1f,"travel_s":%d,"travel_minutes":%d,"walk_minutes":%d,%b}},'
_BASIS = b'"walk_basis":"%b",' % BASIS.encode()
_BY_STREET = b'"walk_basis":"%b",' % NETWORK_BASIS.encode()
_QUARTER_S = 900  # no day of any zone ends within it
_MOST_TOLD = 20_000
_MOST_QUARTERS = 8
_MOST_ARRIVALS = 8


class _Told(NamedTuple):
    """What is said of some hours, and of which arrivals it holds: from `first_s` until before `until_s`.

    Attributes
    ----------
    is_usable
        Whether one can use it then, so that it may have opened on the way.
    told_s
        When that one set out to whom it was first said.
    quiet_until_s, opens_s
        Who sets out from then until before the first finds no opening ahead; until before the second, this one.
    before
        What is said to the latter, by whole minutes from the opening until they arrive.
    """

    first_s: float
    until_s: float
    is_usable: bool
    members: bytes
    told_s: float
    quiet_until_s: float
    opens_s: float
    before: dict[int, bytes]


class _Quarter(NamedTuple):
    """What was said to those who set out in one quarter of an hour: by kind, latest first, and as arrays."""

    told: dict[int, tuple[_Told, ...]]
    sayings: Sayings


_NOTHING: tuple[_Told, ...] = ()


class Scribe:
    """Write answers from one snapshot in one language; what many stations have in common is written once.

    Stations stand in the snapshot as encoded features, and hundreds of them have the same hours and ways in: what
    is said of these at a moment holds until they change. So an answer is for the most part put together of bytes
    that are there.
    """

    def __init__(self, snapshot: Snapshot, translate: Translator) -> None:
        self.snapshot = snapshot
        self._translate = translate
        self._kinds = _numbered(snapshot.hours_row, snapshot.entry_row)
        self._count_of_kinds = int(self._kinds.max(initial=-1)) + 1
        self._quarters: dict[int, _Quarter] = {}
        self._count = 0

    def geojson(self, answer: Answer, **more: object) -> bytes:
        """Return an answer as a FeatureCollection, nearest first.

        Each feature has the station's record and, beside it, `distance_m`, the time to get there and the minutes
        on foot, all along its `walk_basis` (`straight_line` or `network`), the state on arrival and the moments at
        which it changes, and `reasons`.

        Parameters
        ----------
        more
            Further members of the collection.
        """
        query = answer.query
        head = self.head(query, query.at, matching=answer.matching, stations=answer.stations, **more)
        rows = [match.row for match in answer.matches]
        metres = [match.distance_m for match in answer.matches]
        by_street = [match.basis == NETWORK_BASIS for match in answer.matches]
        return self.collection(head, rows, metres, query.s_per_m, query.at.timestamp(), by_street=by_street)

    def head(self, query: Query, at: datetime, *, matching: int, stations: int, **more: object) -> bytes:
        """Return the beginning of an answer, up to its features; see `geojson`."""
        head = {
            "type": "FeatureCollection",
            "at": _local(at, self.snapshot.zone),
            "timezone": self.snapshot.zone,
            "revision": self.snapshot.revision,
            "mode": query.mode,
            "walk_basis": BASIS,
            "matching": matching,
            "stations": stations,
        }
        return orjson.dumps(head | more)[:-1] + b',"features":['

    def writer(self, prepared: Prepared, at_s: float) -> Writer | None:
        """Return who finds and writes answers at once to those who set out about then; None where there is none.

        What it cannot say yet `collection` says, and from then on it can.
        """
        return prepared.writer(at_s, self._kinds, self._quarter(at_s).sayings)

    def collection(
        self, head: bytes, rows: list[int], metres: list[float], s_per_m: float, at_s: float, *,
        by_street: Sequence[bool] = (),
    ) -> bytes:  # fmt: skip
        """Return an answer from its beginning and its stations, nearest first; see `geojson`.

        Parameters
        ----------
        rows, metres
            Of the stations: where they stand in the snapshot, and how far they are.
        s_per_m, at_s
            Seconds that a metre takes, and the moment one sets out, seconds since 1970.
        by_street
            For each station whether its metres are along the streets; empty: all are in a straight line.
        """
        if not rows:
            return head + b"]}"
        known = self._quarter(at_s).told
        features, kind_of = self.snapshot.features, self._kinds.item
        pieces = [head]
        for row, way_m in zip(rows, metres, strict=True):
            travel_s = way_m * s_per_m
            arrives_s = at_s + min(travel_s, MOST_TRAVEL_S)
            for told in known.get(kind_of(row), _NOTHING):
                if told[0] <= arrives_s < told[1]:
                    break
            else:
                told = self._tell(row, travel_s, at_s)
            members = (
                self._before(told, row, travel_s, at_s) if at_s < told[0] and told.is_usable else told.members
            )
            minutes, walk_minutes = math.ceil(travel_s / 60), math.ceil(way_m / WALKING_M_PER_S / 60)
            pieces.append(_FEATURE % (features[row][:-2], way_m, int(travel_s), minutes, walk_minutes, members))
        if any(by_street):
            pieces[0] = _along_streets(head)
            for number in np.flatnonzero(by_street).tolist():
                pieces[1 + number] = _along_streets(pieces[1 + number])
        pieces[-1] = pieces[-1][:-1]  # no comma after the last
        pieces.append(b"]}")
        return b"".join(pieces)

    def _quarter(self, at_s: float) -> _Quarter:
        """Return what has been said to those who set out in the same quarter of an hour."""
        number = int(at_s // _QUARTER_S)
        found = self._quarters.get(number)
        if found is None:
            if len(self._quarters) >= _MOST_QUARTERS or self._count >= _MOST_TOLD:
                self._quarters, self._count = {}, 0
            found = self._quarters[number] = _Quarter({}, Sayings(self._count_of_kinds))
        return found

    def _tell(self, row: int, travel_s: float, at_s: float) -> _Told:
        """Return what the hours of a station say on arrival, and keep it for the next with the same hours."""
        match = self._match(row, travel_s, at_s)
        outlook, arrives_s = match.outlook, match.arrives.timestamp()
        before = self.snapshot.outlook(row, match.sets_out)
        first_s = at_s if before == outlook else arrives_s
        ends = [m.timestamp() for m in (outlook.next_change, outlook.opens_at) if m is not None]
        if outlook.state.is_usable and outlook.usable_until is not None:
            until_s = outlook.usable_until.timestamp()
            ends += [until_s, until_s - CLOSING_SOON_S + 1e-6, until_s - ALWAYS.total_seconds()]
        # Whether the holidays are known is a matter of the year.
        ends.append(_midnight_after(match.arrives, self.snapshot.zone))
        until_s = min(end for end in ends if end > arrives_s)
        quiet_until_s, opens_s = -math.inf, -math.inf
        if before.opens_at is not None:
            opens_s = before.opens_at.timestamp()
        else:
            quiet_until_s = before.next_change.timestamp() if before.next_change else math.inf
        told = _Told(
            first_s, until_s, outlook.state.is_usable, self._members(match, outlook),
            at_s, quiet_until_s, opens_s, {},
        )  # fmt: skip
        kind, quarter = self._kinds.item(row), self._quarter(at_s)
        quarter.told[kind] = (told, *quarter.told.get(kind, _NOTHING)[: _MOST_ARRIVALS - 1])
        self._count += 1
        sets_out_s = -math.inf
        if told.is_usable:  # else nothing is said of an opening before one arrives
            sets_out_s = at_s if quiet_until_s >= first_s else first_s
        quarter.sayings.add(kind, (first_s, until_s), sets_out_s, told.members)
        return told

    def _before(self, told: _Told, row: int, travel_s: float, at_s: float) -> bytes:
        """Return what is said to somebody at whose setting out a station may have been shut yet."""
        if told.told_s <= at_s < told.quiet_until_s:
            return told.members
        since_s = at_s + min(travel_s, MOST_TRAVEL_S) - told.opens_s
        minutes = int(since_s // 60) if told.told_s <= at_s < told.opens_s and since_s >= 0 else -1
        members = told.before.get(minutes)
        if members is None:
            match = self._match(row, travel_s, at_s)
            text = opens_before_text(match, self.snapshot.zone, self._translate)
            members = self._members(match, match.outlook, opens_before=text)
            if minutes >= 0:
                told.before[minutes] = members
        return members

    def _match(self, row: int, travel_s: float, at_s: float) -> Match:
        return Match(self.snapshot, row, 0.0, travel_s, datetime.fromtimestamp(at_s, UTC))

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
        return _BASIS + orjson.dumps(members)[1:-1]


def _along_streets(piece: bytes) -> bytes:
    """Return the head or a feature of an answer with the network as its basis; the last that it names is ours."""
    before, _, after = piece.rpartition(_BASIS)
    return before + _BY_STREET + after


def answer_to_geojson(answer: Answer, snapshot: Snapshot, translate: Translator) -> dict[str, Any]:
    """Return an answer as plain values; see `Scribe.geojson`."""
    found: dict[str, Any] = orjson.loads(Scribe(snapshot, translate).geojson(answer))
    return found


def _numbered(*columns: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return for each row a number, the same for those that have the same in two columns."""
    first, second = columns
    _, numbers = np.unique(first.astype(np.int64) << 32 | second, return_inverse=True)
    return np.asarray(numbers, dtype=np.int32)


def _local(moment: datetime | None, zone: str) -> str | None:
    return moment.astimezone(time_zone(zone)).isoformat() if moment else None


def _midnight_after(moment: datetime, zone: str) -> float:
    local = moment.astimezone(time_zone(zone))
    return (local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)).timestamp()
