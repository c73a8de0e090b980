"""What a pair of coordinates means: WGS84, GCJ-02, BD-09, CGCS2000, both ways.

GCJ-02, the datum of maps published in China, is not published itself. What everybody computes with is the
formula that was found by comparing coordinates and published by several hands (eviltransform, 2013, and
its many descendants): two smooth series in metres, made into degrees on the Krasovsky 1940 ellipsoid, for
places inside a rectangle around China. What the map providers themselves convert lies 0.6 to 0.75 m to the
north-east of it everywhere (664 published pairs), which is not corrected here. BD-09 adds Baidu's own small
turn and shift. CGCS2000 and WGS84 differ by less than a metre and are treated as equal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["CHINA", "Datum", "convert", "convert_geometries", "convert_geometry", "parse_datum"]

Degrees: TypeAlias = npt.NDArray[np.float64]
_Geometry = TypeVar("_Geometry", bound=BaseGeometry)

CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the customary rectangle, edges included; outside of it nothing is shifted."""

_KRASOVSKY_A_M = 6378245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BAIDU_WAVE = np.pi * 3000.0 / 180.0
_MARGIN = 0.1  # degrees; more than any shift, so that no preimage is missed
_ROUNDING = 1e-9  # degrees; or a place on the very edge would be lost by the last digit of its way back
_ROUNDS = 10  # each makes the error at least 40 times smaller (measured); the first guess is 0.02 degrees off


class Datum(StrEnum):
    """A datum that coordinates from China come in; lon before lat in all of them."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


_SPELLINGS: dict[Datum, str] = {
    Datum.WGS84: (
        "wgs84 wgs1984 wgs epsg4326 4326 crs84 ogccrs84 ogc13crs84 urnogcdefcrsogc13crs84 urnogcdefcrsepsg4326 "
        "httpwwwopengisnetdefcrsogc13crs84 httpwwwopengisnetdefcrsepsg04326 gps 地球 osm openstreetmap"
    ),
    Datum.GCJ02: (
        "gcj02 gcj gcj02ll gcj2 火星 mars 国测局 高德 gaode amap autonavi 腾讯 tencent qq 高德腾讯 腾讯高德"
    ),
    Datum.BD09: "bd09 bd09ll bd9 百度 baidu bdmap baidumap",
    Datum.CGCS2000: (
        "cgcs2000 cgcs epsg4490 4490 urnogcdefcrsepsg4490 httpwwwopengisnetdefcrsepsg04490 "
        "国家2000 2000国家 国家2000大地 2000国家大地 国家大地2000 国家大地坐标系2000 "
        "中国2000 大地2000 天地图 tianditu"
    ),
}
_DATUM_OF = {spelling: datum for datum, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_TAIL = re.compile(r"(?:经纬度|坐标系?统?|地图)+$")


def parse_datum(text: str) -> Datum:
    """Return the datum that a text names.

    Takes the usual spellings (`GCJ-02`, `火星坐标`, `高德`, `BD-09`, `百度`, `EPSG:4326`, `国家2000`,
    `天地图`, …), whatever the case, the spaces, the hyphens and the width of the letters.

    Parameters
    ----------
    text
        A name as people and programs write it.

    Raises
    ------
    InvalidValue
        No datum is known by that name; Baidu's Mercator metres (`bd09mc`) are none of these either.
    """
    plain = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())
    datum = _DATUM_OF.get(plain) or _DATUM_OF.get(_TAIL.sub("", plain))
    if datum is None:
        raise InvalidValue(
            N_("is not a datum that is known here"),
            field="datum",
            value=text,
            mend=N_("give one of {kinds}"),
            kinds=", ".join(Datum),
        )
    return datum


@overload
def convert(lon: float, lat: float, source: Datum, target: Datum) -> tuple[float, float]: ...
@overload
def convert(lon: Degrees, lat: Degrees, source: Datum, target: Datum) -> tuple[Degrees, Degrees]: ...
def convert(
    lon: float | Degrees, lat: float | Degrees, source: Datum, target: Datum
) -> tuple[float, float] | tuple[Degrees, Degrees]:
    """Convert coordinates from one datum to another; floats give floats, arrays give arrays.

    Everything goes through WGS84, and the way back is solved to less than 1e-9 degrees (0.1 mm). A place
    is inside China where its WGS84 coordinates lie in `CHINA`; elsewhere all datums are taken to be
    equal, BD-09 too. Who is inside comes back exactly from every round trip; a place outside comes back
    exactly unless it lies within one shift of the rectangle's edge (at most about 2 km, all of it
    abroad or at sea), where two places share one pair and the one inside is taken.

    Parameters
    ----------
    lon, lat
        Degrees in `source`, of one shape. What is not finite or out of range is handed back as it is.
    source, target
        What the coordinates mean, and what the result is to mean.

    Returns
    -------
    Longitudes and latitudes in `target`, in the shape of the input.
    """
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if _FORWARD.get(source) is not _FORWARD.get(target):
        lons, lats = _to_wgs84(lons, lats, source)
        lons, lats = _from_wgs84(lons, lats, target)
    if isinstance(lon, np.ndarray) or isinstance(lat, np.ndarray):
        return lons.copy(), lats.copy()
    return float(lons), float(lats)


def convert_geometry(geometry: _Geometry, source: Datum, target: Datum) -> _Geometry:
    """Convert a geometry vertex by vertex; heights are dropped.

    Parameters
    ----------
    geometry
        Lon, lat in degrees in `source`; not changed.
    source, target
        As in `convert`.
    """

    def vertices(pairs: Degrees) -> Degrees:
        return np.column_stack(convert(pairs[:, 0], pairs[:, 1], source, target))

    return shapely.transform(geometry, vertices)


def convert_geometries(geometries: Sequence[BaseGeometry], source: Datum, target: Datum) -> list[BaseGeometry]:
    """Convert geometries as `convert_geometry` does, all of them in one go."""
    if source is target:
        return list(geometries)
    array = np.array([None, *geometries], dtype=object)[1:]
    return list(
        shapely.transform(array, lambda pairs: np.column_stack(convert(pairs[:, 0], pairs[:, 1], source, target)))
    )


def _from_wgs84(lons: Degrees, lats: Degrees, target: Datum) -> tuple[Degrees, Degrees]:
    """Convert WGS84 inside China and hand the rest back."""
    forward = _FORWARD.get(target)
    inside = _inside(lons, lats)
    if forward is None or not inside.any():
        return lons, lats
    return _replaced(lons, lats, inside, *forward(lons[inside], lats[inside]))


def _to_wgs84(lons: Degrees, lats: Degrees, source: Datum) -> tuple[Degrees, Degrees]:
    """Find the WGS84 pair inside China that becomes the given one; where there is none, hand it back.

    Fixed-point iteration: the shift hardly changes over its own length, so subtracting the shift at the
    last guess converges. The formula is continued a little over the edge, or guesses would jump there.
    """
    forward = _FORWARD.get(source)
    near = _inside(lons, lats, margin=_MARGIN)
    if forward is None or not near.any():
        return lons, lats
    given_lon, given_lat = lons[near], lats[near]
    lon, lat = given_lon, given_lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(lon, lat)
        lon, lat = lon + (given_lon - there_lon), lat + (given_lat - there_lat)
    found = _inside(lon, lat, margin=_ROUNDING)
    return _replaced(lons, lats, near, np.where(found, lon, given_lon), np.where(found, lat, given_lat))


def _inside(lons: Degrees, lats: Degrees, *, margin: float = 0.0) -> npt.NDArray[np.bool_]:
    west, south, east, north = CHINA
    return np.asarray(
        (lons >= west - margin) & (lons <= east + margin) & (lats >= south - margin) & (lats <= north + margin)
    )


def _replaced(
    lons: Degrees, lats: Degrees, where: npt.NDArray[np.bool_], new_lons: Degrees, new_lats: Degrees
) -> tuple[Degrees, Degrees]:
    lons, lats = lons.copy(), lats.copy()
    lons[where], lats[where] = new_lons, new_lats
    return lons, lats


def _gcj02(lons: Degrees, lats: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS84 to GCJ-02 by the published formula, wherever the place is."""
    x, y = lons - 105.0, lats - 35.0
    ripple = _waves(x, (20, 6), (20, 2))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east_m += ripple + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north_m += ripple + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))

    phi = np.radians(lats)
    w2 = 1 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_m = _KRASOVSKY_A_M * (1 - _KRASOVSKY_E2) / w2**1.5
    parallel_m = _KRASOVSKY_A_M / np.sqrt(w2) * np.cos(phi)
    return lons + np.degrees(east_m / parallel_m), lats + np.degrees(north_m / meridian_m)


def _waves(degrees: Degrees, *waves: tuple[float, float]) -> Degrees:
    """Add up sine waves, each an amplitude (in 2/3 m) and half its cycles per degree."""
    total = np.zeros_like(degrees)
    for amplitude, frequency in waves:
        total += amplitude * np.sin(frequency * np.pi * degrees)
    return total * (2 / 3)


def _bd09(lons: Degrees, lats: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS84 to BD-09: GCJ-02 first, then a small turn about 0, 0 and a fixed shift."""
    lons, lats = _gcj02(lons, lats)
    radius = np.hypot(lons, lats) + 0.00002 * np.sin(lats * _BAIDU_WAVE)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * _BAIDU_WAVE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_FORWARD: dict[Datum, Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]] = {
    Datum.GCJ02: _gcj02,
    Datum.BD09: _bd09,
}
