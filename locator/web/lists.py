"""What there is, for programs: stations, areas and the vocabulary of facilities."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from flask import Blueprint, Response, request, url_for

from locator.bits import categories_mask, facilities_mask
from locator.place import Area
from locator.record import place_to_record
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import LANGUAGES, translator
from locator.web.answers import GEOJSON, answer, json_bytes
from locator.web.data import Version, data
from locator.web.params import AREAS, PLAIN, STATIONS, Asked, body_or_arguments, read_parameters

__all__ = ["blueprint", "station_page"]

blueprint = Blueprint("lists", __name__, url_prefix="/api/v1")


@blueprint.get("/stations")
def stations() -> Response:
    """Answer with the stations that pass the filters, by id, a page at a time."""
    version = data().version()
    asked = read_parameters(body_or_arguments(request), STATIONS, zone=version.snapshot.zone)
    return answer(lambda: station_page(version.snapshot, asked), version, media=GEOJSON)


@blueprint.get("/stations/<code>")
def station(code: str) -> Response:
    """Answer with one station."""
    version = data().version()
    read_parameters(body_or_arguments(request), PLAIN, zone=version.snapshot.zone)
    row = version.snapshot.known_row(code)
    return answer(lambda: version.snapshot.features[row], version, media=GEOJSON)


@blueprint.get("/areas")
def areas() -> Response:
    """Answer with the areas that must be covered, by id, a page at a time."""
    version = data().version()
    asked = read_parameters(body_or_arguments(request), AREAS, zone=version.snapshot.zone)
    return answer(lambda: _area_page(version, asked), version, media=GEOJSON)


@blueprint.get("/facilities")
def facilities() -> Response:
    """Answer with the vocabulary of facilities: code, and its label in each language."""
    version = data().version()
    read_parameters(body_or_arguments(request), PLAIN, zone=version.snapshot.zone)
    labels = {code: {lang: translator(lang)(label) for lang in LANGUAGES} for code, label in FACILITIES.items()}
    listed = [{"code": code, "label": label} for code, label in labels.items()]
    return answer(lambda: json_bytes({"facilities": listed}), version)


def station_page(snapshot: Snapshot, asked: Asked) -> bytes:
    """Return the stations that pass the filters as GeoJSON, put together of features that are encoded already."""
    passing = _passing(snapshot, asked.values)
    first = bisect_right(passing, asked.values.get("after", ""), key=lambda row: snapshot.ids[row])
    rows = passing[first : first + asked.values["limit"]].tolist()
    more = first + len(rows) < len(passing)
    return _collection(
        snapshot,
        [snapshot.features[row] for row in rows],
        asked,
        matched=len(passing),
        last=snapshot.ids[rows[-1]] if more and rows else None,
    )


def _passing(snapshot: Snapshot, values: Mapping[str, Any]) -> npt.NDArray[np.intp]:
    """Return the rows of the stations that pass the filters, ascending."""
    index = snapshot.index
    rows = index.rows_in_box(values["bbox"]) if "bbox" in values else np.arange(len(index.bits))
    bits = index.bits[rows]
    needed = facilities_mask(values.get("needs", frozenset()))
    category = categories_mask(values.get("categories", frozenset()))
    return np.asarray(rows[((bits & needed) == needed) & ((bits & category) != 0)])


def _area_page(version: Version, asked: Asked) -> bytes:
    def read() -> list[Area]:
        with data().store() as store:
            return store.areas()

    day, after, limit = asked.values.get("on"), asked.values.get("after", ""), asked.values["limit"]
    there = [area for area in version.once("areas", read) if day is None or area.exists_on(day)]
    rest = [area for area in there if area.id > after]
    shown = rest[:limit]
    return _collection(
        version.snapshot,
        [_area_feature(area) for area in shown],
        asked,
        matched=len(there),
        last=shown[-1].id if len(shown) < len(rest) else None,
    )


def _area_feature(area: Area) -> bytes:
    geometry = shapely.geometry.mapping(area.geometry)
    return json_bytes(
        {"type": "Feature", "id": area.id, "geometry": geometry, "properties": place_to_record(area)}
    )


def _collection(
    snapshot: Snapshot, features: Sequence[bytes], asked: Asked, *, matched: int, last: str | None
) -> bytes:
    """Return a page of features that are encoded already; `last` is the id after which the next one begins."""
    head = {
        "type": "FeatureCollection",
        "revision": snapshot.revision,
        "timezone": snapshot.zone,
        "numberMatched": matched,
        "numberReturned": len(features),
        "limit": asked.values["limit"],
        "limit_lowered": "limit" in asked.lowered,
        "next": None if last is None else _address(after=last),
    }
    return b"".join((json_bytes(head)[:-1], b',"features":[', b",".join(features), b"]}"))


def _address(**changed: str) -> str:
    """Return the address that is asked now, some of its parameters changed."""
    arguments: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for(str(request.endpoint), **arguments)
