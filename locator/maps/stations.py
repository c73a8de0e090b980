"""The map of stations: where each is, what state it is in, what it offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import folium

from locator.hours import STATES, Outlook, State
from locator.maps.base import LocalMap, MapPage, Start, empty_layer, extent, feature
from locator.maps.surroundings import Surroundings
from locator.snapshot import Snapshot
from locator.station import Station
from locator.translation import Translator
from locator.wording import category_text, entry_text, facility_lists, state_text, verified_text

__all__ = ["station_map"]


def station_map(
    snapshot: Snapshot,
    at: datetime,
    translate: Translator,
    *,
    surroundings: Surroundings | None = None,
    station_url: str = "",
    focus: str = "",
) -> MapPage:
    """Draw every station that is not closed for good, with its state at a moment.

    Parameters
    ----------
    at
        The moment, with a time zone.
    surroundings
        What lies beneath: streets, water, areas.
    station_url
        Address of a station's page with `{id}` in it; empty: popups have no link.
    focus
        Id of the station to begin with; empty: all are in view.
    """
    surroundings = surroundings or Surroundings()
    shown = [(row, s) for row, s in enumerate(snapshot.stations) if s.status != "closed"]
    west, south, east, north = extent([station.geometry for _, station in shown])
    drawn = LocalMap(tiles=None, zoom_control=True, maxZoom=20)
    layers = {
        "background": empty_layer(translate("streets and water"), "ground"),
        "areas": empty_layer(translate("communities"), "area"),
        "stations": empty_layer(translate("stations"), "station"),
    }
    for layer in layers.values():
        layer.add_to(drawn)
    folium.LayerControl(collapsed=True).add_to(drawn)
    drawn.add_child(Start(layers))
    about = surroundings.about or {}
    name = (about.get("name") or {}).get(translate.language, "")
    data = {
        "background": _ground(surroundings),
        "areas": _collection(feature(area.geometry, name=area.name) for area in surroundings.areas),
        "stations": _collection(
            _station_feature(
                station,
                snapshot.outlook(row, at),
                at,
                zone=snapshot.zone,
                translate=translate,
                station_url=station_url,
            )
            for row, station in shown
        ),
        "bounds": [[south, west], [north, east]],
        "focus": focus,
        "states": {str(state): translate(label) for state, label in STATES.items()},
        "words": {
            "details": translate("details"),
            "legend": translate("State at {time}", time=f"{at:%Y-%m-%d %H:%M}"),
            "not_there": translate("not there"),
        },
        "attribution": _attribution(about, translate),
    }
    return MapPage.of(
        drawn, title=" · ".join(part for part in (translate("Station map"), name) if part), data=data
    )


def _station_feature(
    station: Station, outlook: Outlook, at: datetime, *, zone: str, translate: Translator, station_url: str
) -> dict[str, Any]:
    facilities = facility_lists(station, translate)
    state = outlook.state if station.status == "operating" else State.CLOSED
    return feature(
        station.geometry,
        id=station.id,
        name=station.name,
        category=category_text(station, translate),
        state=str(state),
        state_text=state_text(outlook, at, station, zone, translate)
        if state is outlook.state
        else translate(STATES[state]),
        address=station.address or station.community,
        entry=entry_text(station.entry, translate),
        facilities=facilities["yes"],
        missing=facilities["no"],
        verified=verified_text(station, translate),
        illustrative=translate("illustrative data") if station.provenance.is_illustrative else "",
        url=station_url.replace("{id}", station.id) if station_url else "",
    )


def _ground(surroundings: Surroundings) -> dict[str, Any]:
    below = [feature(geometry, kind=kind) for kind, geometry in surroundings.background]
    lines = [feature(s.geometry, kind=s.kind, name=s.name) for s in surroundings.streets]
    return _collection([*below, *lines])


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _attribution(about: Mapping[str, Any], translate: Translator) -> str:
    """Return where the data is from, as one line of plain text."""
    source = translate("illustrative data") if about.get("illustrative") else about.get("source")
    return " · ".join(str(part) for part in (source, about.get("date"), about.get("licence")) if part)
