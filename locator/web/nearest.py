"""What a request for the nearest stations asks, and the body that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from locator.nearest import answer
from locator.query import Query
from locator.snapshot import Snapshot
from locator.translation import Translator
from locator.web.data import Data
from locator.web.params import query_of

__all__ = ["Question", "nearest_body", "question_of"]


class Question(NamedTuple):
    """A query, what it is asked of, and whether its limit was lowered to the maximum."""

    snapshot: Snapshot
    query: Query
    lowered: bool


def question_of(data: Data, asked: Mapping[str, Any], *, now: datetime) -> Question:
    """Return what parameters ask of the newest data.

    Raises
    ------
    QueryError
        A parameter is unknown, missing or cannot be right.
    """
    snapshot = data.snapshot()
    return Question(snapshot, *query_of(asked, zone=snapshot.zone, now=now, speeds=data.speeds))


def nearest_body(data: Data, question: Question, translate: Translator) -> bytes:
    """Return the answer to a question as GeoJSON; `limit_lowered` says that the limit was above the maximum."""
    snapshot, query, lowered = question
    found = answer(snapshot, query)
    return data.scribe(snapshot, translate).geojson(found, limit=query.limit, limit_lowered=lowered)
