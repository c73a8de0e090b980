"""What a request for the nearest stations asks, and the body that answers it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from locator.nearest import Prepared
from locator.query import Query
from locator.sayings import Bytes
from locator.snapshot import Snapshot
from locator.translation import Translator
from locator.web.data import Data
from locator.web.params import query_of

if TYPE_CHECKING:
    from locator.tree import Writer

__all__ = ["Question"]


class Question:
    """A query made ready to be answered in one language, from the place where it was asked or from another.

    Parameters
    ----------
    is_now
        Whether it is asked of the moment at which it comes in.
    """

    def __init__(
        self, data: Data, snapshot: Snapshot, query: Query, translate: Translator, *, lowered: bool, is_now: bool
    ) -> None:
        self.snapshot = snapshot
        self.query = query
        self.is_now = is_now
        self._lowered = lowered
        self._prepared = Prepared(snapshot, query)
        self._scribe = data.scribe(snapshot, translate)
        self._streets = data.on_streets(snapshot, query.mode)
        self._moment = self._at(query.at)

    @classmethod
    def of(cls, data: Data, asked: Mapping[str, Any], translate: Translator, *, now: datetime) -> Question:
        """Return what parameters ask of the newest data.

        Raises
        ------
        QueryError
            A parameter is unknown, missing or cannot be right.
        """
        snapshot = data.snapshot()
        now = now.replace(microsecond=0)  # whoever asks in the same second is answered for the same moment
        query, lowered = query_of(asked, zone=snapshot.zone, now=now, speeds=data.speeds)
        return cls(data, snapshot, query, translate, lowered=lowered, is_now=not asked.get("at"))

    def body(self) -> bytes:
        """Return the answer as GeoJSON; `limit_lowered` says that the limit was above the maximum."""
        return self._answered(self.query.lon, self.query.lat, self._moment)

    def body_from(self, lon: float, lat: float) -> bytes:
        """Return the answer for another place, WGS84 degrees in range; of a question of now, for this second."""
        moment = self._moment
        if self.is_now:
            second = int(time.time())
            if second != moment.at_s:
                moment = self._moment = self._at(datetime.fromtimestamp(second, UTC))
        return self._answered(lon, lat, moment)

    def _at(self, at: datetime) -> _Moment:
        prepared = self._prepared
        head = self._scribe.head(
            self.query, at, matching=prepared.matching, stations=prepared.stations,
            limit=self.query.limit, limit_lowered=self._lowered,
        )  # fmt: skip
        return _Moment(at.timestamp(), np.frombuffer(head, np.uint8))

    def _answered(self, lon: float, lat: float, moment: _Moment) -> bytes:
        s_per_m, at_s, head = self._prepared.s_per_m, moment.at_s, moment.head
        if self._streets is not None:
            near = self._streets.near(self._prepared, lon, lat, at_s)
            return self._scribe.collection(
                head.tobytes(), near.rows, near.metres, s_per_m, at_s, by_street=near.by_street
            )
        write = moment.write or self._scribe.writer(self._prepared, at_s)
        whole = write(lon, lat, at_s, head) if write else b""
        # The same writes again, for as long as there is nothing new to say.
        moment.write = write if whole and write is moment.wrote else None
        moment.wrote = write
        if whole:
            return whole
        rows, metres = self._prepared.near(lon, lat, at_s)
        return self._scribe.collection(head.tobytes(), rows, metres, s_per_m, at_s)


class _Moment:
    """What answers to one question for one moment have in common.

    Attributes
    ----------
    at_s
        Seconds since 1970.
    head
        How they begin.
    write, wrote
        Who writes the next, where that is known, and who wrote the last.
    """

    __slots__ = ("at_s", "head", "write", "wrote")

    def __init__(self, at_s: float, head: Bytes) -> None:
        self.at_s = at_s
        self.head = head
        self.write: Writer | None = None
        self.wrote: Writer | None = None
