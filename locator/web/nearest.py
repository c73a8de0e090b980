"""What a request for the nearest stations asks, and the body that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from locator.nearest import answer
from locator.translation import Translator
from locator.web.data import Data
from locator.web.params import query_of

__all__ = ["NEAREST_TYPE", "nearest_body"]

NEAREST_TYPE = "application/geo+json"


def nearest_body(data: Data, asked: Mapping[str, Any], translate: Translator, *, now: datetime) -> bytes:
    """Return the answer to parameters as GeoJSON; `limit_lowered` says that the limit was above the maximum.

    Raises
    ------
    QueryError
        A parameter is unknown, missing or cannot be right.
    """
    snapshot = data.snapshot()
    query, lowered = query_of(asked, zone=snapshot.zone, now=now, speeds=data.speeds)
    found = answer(snapshot, query)
    return data.scribe(snapshot, translate).geojson(found, limit=query.limit, limit_lowered=lowered)
