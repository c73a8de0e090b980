"""What there is, for programs: stations, areas and the vocabulary of facilities."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from flask import Blueprint, Response, request, url_for

from locator.errors import NotFound
from locator.place import Area
from locator.record import place_to_record, station_to_record
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import LANGUAGES, N_, translator
from locator.web.answers import GEOJSON, answer, json_text
from locator.web.data import Version, data
from locator.web.params import AREAS, PLAIN, STATIONS, Asked, body_or_arguments, read_parameters

__all__ = ["blueprint"]

blueprint = Blueprint("lists", __name__, url_prefix="/api/v1")


@blueprint.get("/stations")
def stations() -> Response:
    """Answer with the stations that pass the filters, by id, a page at a time."""
    version = data().version()
    asked = read_parameters(body_or_arguments(request), STATIONS, zone=version.snapshot.zone)
    return answer(lambda: _station_page(version, asked), version, media=GEOJSON)


@blueprint.get("/stations/<code>")
def station(code: str) -> Response:
    """Answer with one station."""
    version = data().version()
    read_parameters(body_or_arguments(request), PLAIN, zone=version.snapshot.zone)
    row = version.snapshot.row_of(code)
    if row is None:
        raise NotFound(
            N_("there is no such station"), field="id", value=code, mend=N_("look its code up in the list")
        )
    return answer(lambda: _feature(version, row), version, media=GEOJSON)


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
    return answer(lambda: json_text({"facilities": listed}), version)


def _station_page(version: Version, asked: Asked) -> str:
    snapshot = version.snapshot
    passing = np.flatnonzero(_passing(version, asked.values))
    first = bisect_right(passing, asked.values.get("after", ""), key=lambda row: snapshot.stations[row].id)
    rows = passing[first : first + asked.values["limit"]].tolist()
    more = first + len(rows) < len(passing)
    return _collection(
        snapshot,
        [_feature(version, row) for row in rows],
        asked,
        matched=len(passing),
        last=snapshot.stations[rows[-1]].id if more and rows else None,
    )


def _passing(version: Version, values: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Return for each station whether it passes the filters."""
    snapshot = version.snapshot
    passing = snapshot.having(values.get("needs", ()))
    if values.get("categories"):
        passing &= np.isin(snapshot.categories, sorted(values["categories"]))
    if "bbox" in values:
        boxes = version.once("boxes", lambda: shapely.bounds([one.geometry for one in snapshot.stations]))
        passing &= _in_box(boxes.reshape(-1, 4), values["bbox"])
    return passing


def _in_box(boxes: npt.NDArray[np.float64], box: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
    west, south, east, north = box
    reach_west, reach_east = boxes[:, 2] >= west, boxes[:, 0] <= east
    across = reach_west | reach_east if west > east else reach_west & reach_east
    return np.asarray(across & (boxes[:, 3] >= south) & (boxes[:, 1] <= north))


def _feature(version: Version, row: int) -> str:
    """Return a station as GeoJSON text; made once for each version, when it is first asked for."""
    texts: dict[int, str] = version.once("features", dict)
    if row not in texts:
        station = version.snapshot.stations[row]
        geometry = shapely.geometry.mapping(station.geometry)
        texts[row] = json_text(
            {"type": "Feature", "id": station.id, "geometry": geometry, "properties": station_to_record(station)}
        )
    return texts[row]


def _area_page(version: Version, asked: Asked) -> str:
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


def _area_feature(area: Area) -> str:
    geometry = shapely.geometry.mapping(area.geometry)
    return json_text({"type": "Feature", "id": area.id, "geometry": geometry, "properties": place_to_record(area)})


def _collection(
    snapshot: Snapshot, features: Sequence[str], asked: Asked, *, matched: int, last: str | None
) -> str:
    """Return a page of features that are texts already; `last` is the id after which the next one begins."""
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
    return f'{json_text(head)[:-1]},"features":[{",".join(features)}]}}'


def _address(**changed: str) -> str:
    """Return the address that is asked now, some of its parameters changed."""
    arguments: dict[str, Any] = {**request.args.to_dict(), **changed}
    return url_for(str(request.endpoint), **arguments)
