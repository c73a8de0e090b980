"""What the API answers to: one table, which the OpenAPI document and its page are made of."""

from __future__ import annotations

from dataclasses import dataclass

from locator.translation import N_
from locator.web.answers import GEOJSON, JSON
from locator.web.params import AREAS, CHANGES, HOURS, NEAREST, PLAIN, STATIONS, Kind, Parameter

__all__ = ["ENDPOINTS", "Endpoint"]

_ID = Parameter(name="id", kind=Kind.WORD, required=True, example="GY-01", help=N_("the station's code"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address of the API.

    Attributes
    ----------
    path
        As OpenAPI writes it, under `/api/v1`.
    parameters
        What its view reads.
    schema
        Name of what it answers with, among the document's schemas.
    post
        Whether it takes the same parameters as a JSON object too.
    kept
        Whether the answer may be kept, and asked for again by its ETag.
    """

    name: str
    path: str
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = PLAIN
    in_path: tuple[Parameter, ...] = ()
    schema: str
    media: str = JSON
    post: bool = False
    kept: bool = True


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        name="nearest",
        path="/nearest",
        summary=N_("The nearest stations that can be used"),
        about=N_(
            "Nearest first, by metres on the ellipsoid. Stations whose hours are unknown come after the "
            "usable ones. With POST the position stands in no address, and so in nobody's log."
        ),
        parameters=NEAREST,
        schema="NearestCollection",
        media=GEOJSON,
        post=True,
        kept=False,
    ),
    Endpoint(
        name="stations",
        path="/stations",
        summary=N_("Stations, a page at a time"),
        about=N_("Full records by id. Follow `next` until it is null."),
        parameters=STATIONS,
        schema="StationCollection",
        media=GEOJSON,
    ),
    Endpoint(
        name="station",
        path="/stations/{id}",
        summary=N_("One station"),
        in_path=(_ID,),
        schema="Station",
        media=GEOJSON,
    ),
    Endpoint(
        name="hours",
        path="/stations/{id}/hours",
        summary=N_("A station's week"),
        about=N_("Seven days as intervals, holidays and closures considered; between them it is closed."),
        in_path=(_ID,),
        parameters=HOURS,
        schema="Week",
    ),
    Endpoint(
        name="changes",
        path="/changes",
        summary=N_("What changed since a revision"),
        about=N_(
            "For who keeps a copy: each station that changed, as it is now, once, in the order of "
            "revisions; deleted ones too. Follow `next` until it is null, then ask with `since` set to the"
            " last `revision`."
        ),
        parameters=CHANGES,
        schema="Changes",
    ),
    Endpoint(
        name="snapshot",
        path="/snapshot",
        summary=N_("All stations as columns, for search on the device"),
        about=N_(
            "What a phone needs to search without telling where it is: less than 60 bytes a station, "
            "compressed. A column is a list with a value for each station; or `values` and `rows`: the "
            "value of station i is values[rows[i]]; or `deltas` and `scale`: the value of station i is the"
            " sum of deltas[0] to deltas[i], divided by scale. Stations closed for good are left out."
        ),
        schema="Snapshot",
    ),
    Endpoint(
        name="facilities",
        path="/facilities",
        summary=N_("The vocabulary of facilities"),
        schema="Facilities",
    ),
    Endpoint(
        name="areas",
        path="/areas",
        summary=N_("Areas that must be covered, a page at a time"),
        parameters=AREAS,
        schema="AreaCollection",
        media=GEOJSON,
    ),
)
