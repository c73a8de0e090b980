"""Service areas: what is reached within each threshold along the streets, as polygons that follow them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import About, Note
from locator.coverage.criteria import Threshold
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study
from locator.coverage.study import Study
from locator.coverage.supply import Use
from locator.geodesy import area_m2, local_crs
from locator.streets.graph import Mask, Numbers, projected
from locator.streets.service_area import BESIDE_M, GAP_M, ServiceArea, service_area_bands, service_areas
from locator.translation import N_

__all__ = ["OUTLINE_M", "Band", "ServiceAreas", "measure_service_areas"]

OUTLINE_M = 5.0
"""An outline is drawn with as few corners as keep it so near to the exact one."""

_CIRCLE = 72  # corners: 0.1 % of the radius short between two of them
_ELLIPSOID = pyproj.Geod(ellps="WGS84")
_DRAWN_DEGREES = 1e-7  # a centimetre


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """What has a station within one threshold; the nearer ones are part of it.

    Attributes
    ----------
    polygon
        The outline, WGS84; empty where nothing is reached.
    area_m2
        Of the exact outline.
    street_m
        The length of the reached streets, cut at the threshold exactly; NaN where distances are straight lines.
    """

    threshold: Threshold
    polygon: MultiPolygon
    street_m: float
    area_m2: float


@dataclass(frozen=True, eq=False, kw_only=True)
class ServiceAreas(Result):
    """What is reached of all stations together, the nearest band first."""

    bands: tuple[Band, ...]


def measure_service_areas(study: Study, *, at: datetime | None = None, each: bool = False) -> ServiceAreas:
    """Draw what is within each threshold of a station: the ground beside the reached parts of streets.

    Without streets they are circles around the stations, and the result says so.

    Parameters
    ----------
    at
        Only stations usable at that moment count; None: all, whatever their hours.
    each
        Draw also what each station reaches by itself within the study's `within`.
    """
    use = study.terms_use
    if at is not None:
        use = use & study.supply.usable([at], minutes=study.criteria.stay_minutes)
    counted = use.sure[:, 0]
    bands = _bands(study, counted)
    tables = [_band_table(study, bands)]
    if each:
        tables.append(_station_table(study, counted))
    return ServiceAreas(about=_about(study, at, use), tables=tuple(tables), bands=bands)


def _bands(study: Study, counted: Mask) -> tuple[Band, ...]:
    criteria = study.criteria
    by_metres = {one.metres(criteria.speed): one for one in (criteria.within, *criteria.thresholds)}
    limits_m = sorted(by_metres)
    if study.network is None:
        exact = [(*_united(_circles(study, counted, limit_m)), np.nan) for limit_m in limits_m]
    else:
        found = service_area_bands(study.network, study.entering(counted), limits_m=limits_m)
        exact = [(study.network.crs, one.polygon, one.street_m) for one in found]
    return tuple(
        Band(by_metres[limit_m], _simple(polygon, crs), street_m, area_m2(polygon))
        for limit_m, (crs, polygon, street_m) in zip(limits_m, exact, strict=True)
    )


def _circles(study: Study, counted: Mask, limit_m: float) -> list[BaseGeometry]:
    """Return circles on the ellipsoid around the stations; around parks and yards what is so near to them."""
    rows = np.flatnonzero(counted)
    shapes = study.supply.shapes[rows]
    wide = np.flatnonzero(shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    azimuths = np.linspace(0, 360, _CIRCLE, endpoint=False)
    lons, lats = (np.repeat(values[rows], _CIRCLE) for values in (study.supply.lons, study.supply.lats))
    around = _ELLIPSOID.fwd(lons, lats, np.tile(azimuths, len(rows)), np.full(len(lons), limit_m))
    corners = np.column_stack(around[:2]).reshape(len(rows), _CIRCLE, 2)
    circles: list[BaseGeometry] = [shapely.Polygon(ring) for ring in corners]
    for place in wide.tolist():
        circles[place] = _buffered(shapes[place], limit_m)
    return circles


def _buffered(shape: BaseGeometry, limit_m: float) -> BaseGeometry:
    crs = local_crs(shape)
    flat = shapely.transform(shape, lambda pairs: projected(crs, pairs)).buffer(limit_m, quad_segs=_CIRCLE // 4)
    return shapely.transform(flat, lambda pairs: projected(crs, pairs, back=True))


def _united(circles: Sequence[BaseGeometry]) -> tuple[pyproj.CRS, BaseGeometry]:
    """Return circles as one outline, and the projected CRS around them."""
    crs = local_crs(shapely.GeometryCollection([shapely.Point(0, 0)] if not circles else list(circles)))
    flat = shapely.transform(np.array([None, *circles], dtype=object)[1:], lambda pairs: projected(crs, pairs))
    return crs, shapely.transform(shapely.union_all(flat), lambda pairs: projected(crs, pairs, back=True))


def _simple(shape: BaseGeometry, crs: pyproj.CRS) -> MultiPolygon:
    """Return an outline with fewer corners."""
    flat = shapely.simplify(shapely.transform(shape, lambda pairs: projected(crs, pairs)), OUTLINE_M)
    drawn = shapely.transform(flat, lambda pairs: projected(crs, pairs, back=True))
    # An outline that is valid in metres need not be so in degrees where its corners nearly touch.
    parts = shapely.get_parts(shapely.set_precision(drawn, _DRAWN_DEGREES)).tolist()
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon" and not part.is_empty])


def _band_table(study: Study, bands: Sequence[Band]) -> Table:
    columns: dict[str, list[Any]] = {
        "threshold": [band.threshold for band in bands],
        "limit_m": plain([band.threshold.metres(study.criteria.speed) for band in bands], 0),
        "street_m": plain(np.array([band.street_m for band in bands], float), 0),
        "street_m_share": plain(np.array([band.street_m for band in bands], float) / _streets_m(study), 4),
        "area_m2": plain([band.area_m2 for band in bands], 0),
    }
    return Table("service_areas", Note(_title(study)), columns, [band.polygon for band in bands])


def _station_table(study: Study, counted: Mask) -> Table:
    """Return what each station reaches by itself; streets that several reach count for each of them."""
    supply, rows = study.supply, np.flatnonzero(counted)
    limit_m = study.criteria.within_m
    if study.network is None:
        each = [(*_united([one]), np.nan) for one in _circles(study, counted, limit_m)]
    else:
        each = [(study.network.crs, one.polygon, one.street_m) for one in _own_areas(study, rows, limit_m)]
    columns: dict[str, list[Any]] = {
        "station_id": [supply.ids[row] for row in rows.tolist()],
        "station": [supply.names[row] for row in rows.tolist()],
        "threshold": [study.criteria.within] * len(rows),
        "street_m": plain(np.array([street_m for *_, street_m in each], float), 0),
        "area_m2": plain(np.array([area_m2(exact) for _, exact, _ in each], float), 0),
    }
    outlines = [_simple(exact, crs) for crs, exact, _ in each]
    return Table("stations", Note(N_("What each station reaches by itself")), columns, outlines)


def _own_areas(study: Study, rows: Numbers, limit_m: float) -> list[ServiceArea]:
    """Return what some stations reach by themselves, from wherever they are entered."""
    if study.network is None:
        return []
    found = []
    shapes = study.supply.shapes[rows]
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    some = np.zeros(len(study.supply), bool)
    some[rows[is_point]] = True
    points = iter(service_areas(study.network, study.entering(some), limit_m=limit_m))
    for row, alone in zip(rows.tolist(), is_point.tolist(), strict=True):
        if alone:
            found.append(next(points))
        else:
            (one,) = service_area_bands(
                study.network, study.entering(np.arange(len(some)) == row), limits_m=[limit_m]
            )
            found.append(one)
    return found


def _streets_m(study: Study) -> float:
    return np.nan if study.network is None else float(study.network.length_m.sum())


def _title(study: Study) -> str:
    if study.is_straight:
        return N_("Service areas in a straight line")
    return N_("Service areas along the streets")


def _about(study: Study, at: datetime | None, use: Use) -> About:
    details = {
        "when": Note(N_("at {moment}"), {"moment": f"{at:%Y-%m-%d %H:%M}"}) if at else Note(N_("at any hour")),
        "beside": f"{BESIDE_M:g}",
        "gap": f"{GAP_M:g}",
        "outline": f"{OUTLINE_M:g}",
    }
    definition = (
        N_(
            "Circles around the stations, {when}: the ground within each threshold in a straight line, outlines "
            "true to {outline} m"
        )
        if study.is_straight
        else N_(
            "Parts of streets from which a station is within each threshold, {when}, cut exactly there; "
            "drawn with the ground up to {beside} m beside them, gaps of less than {gap} m closed, outlines "
            "true to {outline} m"
        )
    )
    denominator = (
        Note(N_("square metres of ground"))
        if study.network is None
        else Note(N_("{km} km of streets"), {"km": f"{study.network.length_m.sum() / 1000:,.1f}"})
    )
    uncertain = int(use.uncertain[0])
    notes = (
        Note(
            N_("{count} stations may be usable, but nobody knows: they are left out of the areas"),
            {"count": uncertain},
        ),
    )
    return about_study(
        study,
        "service_areas",
        N_("Service areas"),
        Note(definition, details),
        denominator=denominator,
        notes=notes if uncertain else (),
    )
