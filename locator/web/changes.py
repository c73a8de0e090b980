"""What has changed since a revision, for programs that keep a copy."""

from __future__ import annotations

import json
import re
from typing import Any

import shapely
from flask import Blueprint, Response, request, url_for

from locator.errors import QueryError
from locator.store import Kept, Store
from locator.translation import N_
from locator.web.answers import answer, json_bytes
from locator.web.data import Version, data
from locator.web.params import CHANGES, Asked, body_or_arguments, read_parameters

__all__ = ["blueprint"]

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1")

_AFTER = re.compile(r"(\d{1,15}):(.{0,200})", re.ASCII)


@blueprint.get("/changes")
def changes() -> Response:
    """Answer with the stations that changed, as they are now, in the order of their revisions, then ids.

    A station that changes while pages are read moves to the end of the order: it may come twice, never not.
    """
    version = data().version()
    asked = read_parameters(body_or_arguments(request), CHANGES, zone=version.snapshot.zone)
    after = _after(asked.values.get("after"))
    with data().store() as store:
        # Not the snapshot's: the store may be ahead of it.
        ahead = Version(version.snapshot, store.stamp())
        return answer(lambda: _page(store, asked, after), ahead)


def _page(store: Store, asked: Asked, after: tuple[int, str] | None) -> bytes:
    since, limit = asked.values["since"], asked.values["limit"]
    # Read first: what comes in between is told now and again, not left out.
    revision = store.revision
    if since > revision:
        raise QueryError(
            N_("is after the last revision, {last}"),
            field="since",
            value=since,
            last=revision,
            mend=N_("the data was put back from a backup: begin again with since=0"),
        )
    found = store.changes(since, after=after, limit=limit + 1)
    shown, more = found[:limit], len(found) > limit
    following = f"{shown[-1].revision}:{shown[-1].id}" if more else None
    return json_bytes(
        {
            "since": since,
            # Halfway through, all that is surely told is what came before the last one's revision.
            "revision": max(since, shown[-1].revision - 1) if more else revision,
            "limit": limit,
            "limit_lowered": "limit" in asked.lowered,
            "next": None if following is None else _address(after=following),
            "changes": [_change(kept) for kept in shown],
        }
    )


def _change(kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "version": kept.version,
        "revision": kept.revision,
        "recorded_at": kept.recorded_at.isoformat(),
        "deleted": kept.record is None,
        "station": None
        if kept.record is None or kept.geometry is None
        else {
            "type": "Feature",
            "id": kept.id,
            "geometry": shapely.geometry.mapping(kept.geometry),
            "properties": json.loads(kept.record),
        },
    }


def _after(text: str | None) -> tuple[int, str] | None:
    """Return the revision and the id that a page ended with."""
    if text is None:
        return None
    found = _AFTER.fullmatch(text)
    if not found:
        raise QueryError(
            N_("is no place in the order of changes"), field="after", value=text, mend=N_("follow `next`")
        )
    return int(found[1]), found[2]


def _address(**changed: str) -> str:
    arguments: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for("changes.changes", **arguments)
