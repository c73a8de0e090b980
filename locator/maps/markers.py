"""Stations as a map's page has them: what many have in common is said once, for ten thousand fit in one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.hours import STATES, State
from locator.maps.base_maps import BaseMap
from locator.snapshot import Snapshot
from locator.station import FACILITIES, Station
from locator.translation import Translator
from locator.wording import category_text, entry_text, state_text, verified_text

__all__ = ["Markers", "shown_rows"]

_DECIMALS = 6  # of a degree: a decimetre, less than a marker is wide


def shown_rows(snapshot: Snapshot) -> list[int]:
    """Return the rows of the stations that are not closed for good, ascending."""
    return [row for row in range(len(snapshot.ids)) if snapshot.record(row).get("status") != "closed"]


class Markers:
    """What a map says of stations at one moment, in one language.

    Attributes
    ----------
    texts
        Sentences that features name by their number.

    Parameters
    ----------
    at
        The moment, with a time zone.
    station_url
        Address of a station's page with `{id}` in it; empty: there is none.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        at: datetime,
        translate: Translator,
        base: BaseMap,
        *,
        station_url: str = "",
    ) -> None:
        self._snapshot, self._at, self._translate, self._base = snapshot, at, translate, base
        self._station_url = station_url
        self._numbers: dict[str, int] = {}
        self._said: dict[tuple[object, ...], tuple[str, list[int]]] = {}
        self._codes = {code: number for number, code in enumerate(FACILITIES)}

    @property
    def texts(self) -> list[str]:
        """Sentences that features name by their number."""
        return list(self._numbers)

    def features(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Return the stations of rows as GeoJSON, in the datum of the base map.

        `says` are the numbers of state, category, ways in, verification and source among `texts`; `has` and
        `lacks` those of facilities.
        """
        coordinates = self._coordinates(rows)
        return [
            {"type": "Feature", "geometry": geometry, "properties": self._properties(row)}
            for row, geometry in zip(rows, coordinates, strict=True)
        ]

    def _coordinates(self, rows: Sequence[int]) -> Iterable[Mapping[str, Any]]:
        snapshot = self._snapshot
        plain = np.array([row for row in rows if row not in snapshot.others], dtype=np.int64)
        lons, lats = self._base.place_all(snapshot.lons[plain], snapshot.lats[plain])
        points = iter(zip(lons.round(_DECIMALS).tolist(), lats.round(_DECIMALS).tolist(), strict=True))
        others = [row for row in rows if row in snapshot.others]
        shapes = iter(self._base.placed([snapshot.others[row] for row in others]))
        for row in rows:
            if row in snapshot.others:
                yield shapely.geometry.mapping(rounded(next(shapes)))
            else:
                yield {"type": "Point", "coordinates": next(points)}

    def _properties(self, row: int) -> dict[str, Any]:
        record = self._snapshot.record(row)
        state, says = self._says(row, record)
        facilities = record.get("facilities", {})
        found = {
            "id": record["id"],
            "name": record["name"],
            "state": state,
            "address": record.get("address") or record.get("community", ""),
            "says": says,
            "has": [self._codes[code] for code, said in facilities.items() if said == "yes"],
            "lacks": [self._codes[code] for code, said in facilities.items() if said == "no"],
        }
        if self._station_url:
            found["url"] = self._station_url.replace("{id}", quote(record["id"], safe=""))
        return found

    def _says(self, row: int, record: Mapping[str, Any]) -> tuple[str, list[int]]:
        """Return the state, and the numbers of a station's sentences; the same for all that are alike."""
        snapshot = self._snapshot
        alike = (
            int(snapshot.hours_row[row]), int(snapshot.entry_row[row]), record.get("status"),
            record.get("category"), record.get("provenance", {}).get("source"),
        )  # fmt: skip
        if alike not in self._said:
            station, translate = snapshot.stations[row], self._translate
            state, said_of_it = self._state(row, station)
            sentences = (
                said_of_it,
                category_text(station, translate),
                entry_text(station.entry, translate),
                verified_text(station, translate),
                translate("illustrative data") if station.provenance.is_illustrative else "",
            )
            numbers = [self._numbers.setdefault(text, len(self._numbers)) for text in sentences]
            self._said[alike] = str(state), numbers
        return self._said[alike]

    def _state(self, row: int, station: Station) -> tuple[State, str]:
        """Return a station's state, and what is said of it."""
        outlook = self._snapshot.outlook(row, self._at)
        state = outlook.state if station.status == "operating" else State.CLOSED
        if state is not outlook.state:
            return state, self._translate(STATES[state])
        return state, state_text(outlook, self._at, station, self._snapshot.zone, self._translate)


def rounded(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry with as many decimals as a map can show."""
    return shapely.transform(geometry, lambda coordinates: coordinates.round(_DECIMALS))
