"""What the map inside another site's page may be asked, as one table, and the stations that it then shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from locator.errors import QueryError
from locator.hours import Outlook, State
from locator.maps.markers import shown_rows
from locator.nearest import metres_to
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import LANGUAGES, N_
from locator.web.params import Kind, Parameter, read_parameters
from locator.wording import ALWAYS

__all__ = ["EMBED", "LISTS", "THEMES", "Embedded", "Shown", "choose_stations", "read_embedded"]

LISTS = ("yes", "no", "only")
THEMES = ("auto", "light", "dark")
_CLOSEST_ZOOM, _WIDEST_ZOOM = 20, 3
_ALWAYS_MINUTES = ALWAYS.total_seconds() / 60

EMBED: tuple[Parameter, ...] = (
    Parameter(
        name="center", kind=Kind.PLACE, example="113.0742,28.8069",
        help=N_("the middle of the map, lon,lat in WGS84 degrees"),
    ),
    Parameter(
        name="bbox", kind=Kind.BOX, example="113.0,28.7,113.2,28.9",
        help=N_("west,south,east,north in WGS84 degrees: only stations that meet it, and it is in view"),
    ),
    Parameter(
        name="near", kind=Kind.PLACE, example="113.0742,28.8069",
        help=N_("a place, lon,lat: it is marked, and the list begins with what is nearest to it"),
    ),
    Parameter(
        name="station", kind=Kind.WORD, example="430681-0001",
        help=N_("the code of a station that is opened"),
    ),
    Parameter(
        name="needs", kind=Kind.CODES, choices=FACILITIES, example="toilet,microwave",
        help=N_("facilities that must be there, separated by commas; an unknown one is not enough"),
    ),
    Parameter(
        name="open_now", kind=Kind.FLAG, default=False,
        help=N_("leave out what is closed now; unknown hours stay"),
    ),
    Parameter(name="h24", kind=Kind.FLAG, default=False, help=N_("only stations that never close")),
    Parameter(
        name="list", kind=Kind.CHOICE, choices=LISTS, default="yes",
        help=N_("whether there is a list beside the map: yes, no, or only the list"),
    ),
    Parameter(
        name="theme", kind=Kind.CHOICE, choices=THEMES, default="auto",
        help=N_("light or dark; auto: as the reader's device has it"),
    ),
    Parameter(
        name="scroll", kind=Kind.FLAG, default=False,
        help=N_("whether the wheel zooms the map; otherwise it scrolls the page around it"),
    ),
    Parameter(
        name="zoom", kind=Kind.COUNT, low=_WIDEST_ZOOM, high=_CLOSEST_ZOOM, example="15",
        help=N_("how close: 3 is a continent, 13 a town, 17 a street"),
    ),
    Parameter(
        name="limit", kind=Kind.COUNT, low=1, high=100, default=10,
        help=N_("at most so many stations in the list; the map has all of them"),
    ),
)  # fmt: skip
"""What `/embed/v1/map` can be asked, beside `lang`. Pages of others use these names: they stay."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What a map inside another page was asked; the members are the parameters of `EMBED`."""

    center: tuple[float, float] | None = None
    bbox: tuple[float, float, float, float] | None = None
    near: tuple[float, float] | None = None
    station: str = ""
    needs: frozenset[str] = frozenset()
    open_now: bool = False
    h24: bool = False
    list: str = "yes"
    theme: str = "auto"
    scroll: bool = False
    zoom: int | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """The stations that a map inside another page shows.

    Attributes
    ----------
    asked, at
        What was asked, and when; None: the page's script brings the stations and their states.
    rows
        Of all of them in the snapshot, ascending.
    listed
        Rows of those in the list, in its order, each with its metres from the place that was asked for or None.
    """

    asked: Embedded
    at: datetime | None
    rows: list[int]
    listed: list[tuple[int, float | None]]


def read_embedded(values: Mapping[str, Any], *, zone: str) -> Embedded:
    """Return what was asked.

    Raises
    ------
    QueryError
        A parameter is unknown or cannot be right.
    """
    language = values.get("lang", "")
    if language and language not in LANGUAGES:
        raise QueryError(
            N_("is not one of {choices}"), field="lang", value=language, choices=", ".join(LANGUAGES),
            mend=N_("choose one of them"),
        )  # fmt: skip
    return Embedded(**read_parameters(values, EMBED, zone=zone).values)


def choose_stations(snapshot: Snapshot, asked: Embedded, at: datetime) -> Shown:
    """Return the stations that have what was asked, at a moment with a time zone.

    The list begins with those that can be used now; among these, where a place was asked for, with the nearest.
    """
    outlooks: dict[int, Outlook] = {}

    def outlook(row: int) -> Outlook:
        hours = int(snapshot.hours_row[row])
        if hours not in outlooks:
            outlooks[hours] = snapshot.outlook(row, at)
        return outlooks[hours]

    inside = snapshot.index.in_box(asked.bbox) if asked.bbox else None
    rows, ranks = [], []
    for row in shown_rows(snapshot):
        if inside is not None and not inside[row]:
            continue
        record = snapshot.record(row)
        is_operating = record.get("status", "operating") == "operating"
        state = outlook(row).state if is_operating else State.CLOSED
        facilities = record.get("facilities", {})
        if (
            all(facilities.get(code) == "yes" for code in asked.needs)
            and not (asked.open_now and state is State.CLOSED)
            and not (asked.h24 and not (is_operating and outlook(row).usable_for(at, _ALWAYS_MINUTES)))
        ):
            rows.append(row)
            ranks.append(0 if state.is_usable else 1 if state is State.UNKNOWN else 2)
    return Shown(asked, at, rows, _listed(snapshot, asked, rows, ranks))


def _listed(
    snapshot: Snapshot, asked: Embedded, rows: list[int], ranks: list[int]
) -> list[tuple[int, float | None]]:
    place = asked.near or asked.center
    if place is None or not rows:
        order = sorted(range(len(rows)), key=lambda number: (ranks[number], rows[number]))
        return [(rows[number], None) for number in order[: asked.limit]]
    metres = np.array(metres_to(snapshot, *place, rows))
    order = np.lexsort((np.array(rows), metres, np.array(ranks)))[: asked.limit].tolist()
    return [(rows[number], float(metres[number]) if asked.near else None) for number in order]
