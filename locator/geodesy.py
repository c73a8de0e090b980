"""Metres on the WGS84 ellipsoid: distances, lengths, areas, and a local projection for planar work."""

from __future__ import annotations

import math
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = [
    "area_m2",
    "distance_m",
    "distances_m",
    "ecef_m",
    "ecef_of",
    "length_m",
    "local_crs",
    "pairwise_m",
    "to_local",
]

Floats: TypeAlias = npt.NDArray[np.float64]
_Geometry = TypeVar("_Geometry", bound=BaseGeometry)

_WGS84 = pyproj.Geod(ellps="WGS84")
_A_M, _ES = float(_WGS84.a), float(_WGS84.es)
_QUARTER_M = 10_000_000.0
_DEGREE_M = 111_695.0  # the longest degree on the ellipsoid, rounded up
_PIECE_M = 250.0
_SAGITTA_M = 0.0005
_MAX_PIECES = 200_000  # bounds the work that a hostile geometry can ask for, to 0.1 s


def distances_m(lon: float, lat: float, lons: Floats, lats: Floats) -> Floats:
    """Measure the geodesics from one point to many, in metres on the WGS84 ellipsoid.

    Parameters
    ----------
    lon, lat
        The point; degrees, WGS84.
    lons, lats
        The many, of one shape; degrees, WGS84. What is not finite gives NaN.

    Returns
    -------
    Metres, in the order of `lons`; shortest way round, also over the 180° meridian and the poles.
    """
    return _polar(lon, lat, lons, lats)[1]


def pairwise_m(lons: Floats, lats: Floats, other_lons: Floats, other_lats: Floats) -> Floats:
    """Measure the geodesic from each point to the other in the same place, in metres on the WGS84 ellipsoid.

    Parameters
    ----------
    lons, lats, other_lons, other_lats
        Of one shape; degrees, WGS84. What is not finite gives NaN.
    """
    return np.asarray(_WGS84.inv(lons, lats, other_lons, other_lats)[2], dtype=np.float64)


def distance_m(lon: float, lat: float, geometry: BaseGeometry) -> float:
    """Measure from a point to the nearest place of a geometry, in metres on the WGS84 ellipsoid.

    To a polygon it is the distance to its boundary, and 0 inside or on it. Edges are straight in lon and
    lat, as RFC 7946 (3.1.1) has them; cuts along the 180° meridian (3.1.9) do no harm. Right to 2 mm,
    unless edges that may hold the nearest place are together longer than 50,000 km: then it may be too short.

    Parameters
    ----------
    lon, lat
        The point; degrees, WGS84, longitude within ±180.
    geometry
        Point, LineString, Polygon or their Multi forms; WGS84.

    Raises
    ------
    InvalidValue
        The geometry is empty: there is no distance to nothing.
    """
    if geometry.is_empty:
        raise InvalidValue(N_("is empty"), field="geometry", value=geometry.geom_type, mend=N_("give coordinates"))
    if shapely.intersects_xy(geometry, lon, lat):
        return 0.0
    vertices, starts = _boundary(geometry)
    distances = distances_m(lon, lat, vertices[:, 0], vertices[:, 1])
    nearest = distances.min()
    # A place on an edge is at most its length nearer than both ends together: the other edges need no look.
    sums = distances[starts] + distances[starts + 1]
    starts = starts[sums - _lengths_at_most_m(vertices[starts], vertices[starts + 1]) <= 2 * nearest]
    if not starts.size:
        return float(nearest)
    return float(min(nearest, _to_edges_m(lon, lat, vertices[starts], vertices[starts + 1])))


def to_local(geometry: _Geometry, lon: float, lat: float) -> _Geometry:
    """Project a geometry to metres around a point: the azimuthal equidistant projection of the ellipsoid.

    Distances and directions from the point are exact for every vertex. Between vertices edges are drawn
    straight; across the directions lengths are too long by about d²/6R² (4 mm a kilometre at 1000 km).
    Heights are dropped.

    Parameters
    ----------
    geometry
        Degrees, WGS84; not changed.
    lon, lat
        The point that becomes 0, 0; degrees, WGS84.

    Returns
    -------
    The geometry in metres, x to the east and y to the north (at a pole: of the meridian `lon`).
    """

    def project(pairs: Floats) -> Floats:
        azimuths, distances = _polar(lon, lat, pairs[:, 0], pairs[:, 1])
        return np.column_stack([distances * np.sin(azimuths), distances * np.cos(azimuths)])

    return shapely.transform(geometry, project)


def ecef_m(lons: Floats, lats: Floats) -> Floats:
    """Place points in earth-centred metres on the ellipsoid (height 0; EPSG:4978), for search trees.

    The straight line between two such points is never longer than the geodesic, so whoever is within r
    metres over ground is within r in a tree: a search for candidates by lines misses none.

    Parameters
    ----------
    lons, lats
        Degrees, WGS84, of one length n.

    Returns
    -------
    Shape (n, 3): x, y, z.
    """
    lam, phi = np.radians(lons), np.radians(lats)
    normal = _WGS84.a / np.sqrt(1 - _WGS84.es * np.sin(phi) ** 2)
    x, y = normal * np.cos(phi) * np.cos(lam), normal * np.cos(phi) * np.sin(lam)
    return np.column_stack([x, y, normal * (1 - _WGS84.es) * np.sin(phi)])


def ecef_of(lon: float, lat: float) -> tuple[float, float, float]:
    """Place one point as `ecef_m` does, without arrays."""
    lam, phi = math.radians(lon), math.radians(lat)
    sine = math.sin(phi)
    normal = _A_M / math.sqrt(1 - _ES * sine * sine)
    across = normal * math.cos(phi)
    return across * math.cos(lam), across * math.sin(lam), normal * (1 - _ES) * sine


def length_m(geometry: BaseGeometry) -> float:
    """Measure lines, and the perimeters of polygons with those of their holes, in metres; points are 0.

    Parameters
    ----------
    geometry
        Degrees, WGS84; edges are taken as geodesics.
    """
    return abs(float(_WGS84.geometry_length(geometry)))


def area_m2(geometry: BaseGeometry) -> float:
    """Measure polygons, holes taken out, in square metres on the ellipsoid; points and lines are 0.

    Parameters
    ----------
    geometry
        Degrees, WGS84, valid, wound either way; edges are taken as geodesics.
    """
    if shapely.get_dimensions(geometry) < 2:
        return 0.0
    # The areas come signed by winding: a hole wound like its shell would be added.
    return abs(float(_WGS84.geometry_area_perimeter(shapely.orient_polygons(geometry))[0]))


def local_crs(geometry: BaseGeometry) -> pyproj.CRS:
    """Return a projected CRS in metres for planar work around a geometry, anywhere, poles included.

    Lambert azimuthal equal-area, centred in the geometry's extent: areas are true; lengths are off by
    at most 1 mm a kilometre at 5 km from the centre, 4 mm at 18 km and 5 cm at 100 km (measured).

    Parameters
    ----------
    geometry
        Degrees, WGS84; one cut at the 180° meridian has its centre near the cut.

    Raises
    ------
    InvalidValue
        The geometry is empty.
    """
    if geometry.is_empty:
        raise InvalidValue(N_("is empty"), field="geometry", value=geometry.geom_type, mend=N_("give coordinates"))
    # The middle of longitudes would be on the other side of the earth for what is cut at 180°; the middle
    # of an earth-centred box is not.
    corners = ecef_m(*shapely.get_coordinates(geometry).T)
    x, y, z = (corners.min(axis=0) + corners.max(axis=0)) / 2
    lat = np.degrees(np.arctan2(z, (1 - _WGS84.es) * np.hypot(x, y)))
    return pyproj.CRS.from_dict(
        {
            "proj": "laea",
            "lat_0": round(float(lat), 6),
            "lon_0": round(float(np.degrees(np.arctan2(y, x))), 6),
            "datum": "WGS84",
            "units": "m",
        }
    )


def _polar(lon: float, lat: float, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """Return azimuths in radians and distances in metres from one point to many."""
    azimuths, _, metres = _WGS84.inv(np.full_like(lons, lon), np.full_like(lats, lat), lons, lats)
    return np.radians(azimuths), np.asarray(metres, dtype=np.float64)


def _boundary(geometry: BaseGeometry) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the vertices of points, lines and rings, and the rows where an edge to the next row starts."""
    parts = shapely.get_parts(geometry)
    flat = shapely.get_dimensions(parts) == 2
    parts[flat] = shapely.boundary(parts[flat])
    vertices, part = shapely.get_coordinates(shapely.get_parts(parts), return_index=True)
    return vertices, np.flatnonzero(part[1:] == part[:-1])


def _lengths_at_most_m(starts: Floats, ends: Floats) -> Floats:
    """Return for each edge, straight in lon and lat, metres that it is not longer than."""
    dlon, dlat = np.abs(ends - starts).T
    return np.asarray(_DEGREE_M * np.hypot(dlat, dlon * _widest_cos(starts, ends)))


def _widest_cos(starts: Floats, ends: Floats) -> Floats:
    """Return the cosine of the latitude where each edge is nearest to the equator."""
    nearest = np.where(starts[:, 1] * ends[:, 1] < 0, 0, np.minimum(np.abs(starts[:, 1]), np.abs(ends[:, 1])))
    return np.asarray(np.cos(np.radians(nearest)))


def _to_edges_m(lon: float, lat: float, starts: Floats, ends: Floats) -> float:
    """Return the metres from a point to the nearest of some edges, straight in lon and lat.

    Azimuth and distance of every vertex are the azimuthal equidistant projection around the point, in
    which a chord stands for an edge. Cut into pieces, the chord is off by less than `_SAGITTA_M` for
    the curve of the parallels and, up to a quarter of the earth away, 2 mm for the projection. Beyond
    that the projection folds, and distances over a piece are least at an end.
    """
    pieces = _pieces(starts, ends)
    edge = np.repeat(np.arange(len(pieces)), pieces + 1)
    first = np.cumsum(pieces + 1) - (pieces + 1)
    share = ((np.arange(len(edge)) - first[edge]) / pieces[edge])[:, np.newaxis]
    nodes = starts[edge] * (1 - share) + ends[edge] * share
    azimuths, distances = _polar(lon, lat, nodes[:, 0], nodes[:, 1])
    at = distances * np.exp(1j * azimuths)
    chords = np.flatnonzero((edge[1:] == edge[:-1]) & (np.maximum(distances[1:], distances[:-1]) < _QUARTER_M))
    return float(min(distances.min(), _to_chords_m(at[chords], at[chords + 1]).min(initial=np.inf)))


def _pieces(starts: Floats, ends: Floats) -> npt.NDArray[np.intp]:
    """Return into how many pieces each edge is cut.

    An edge strays from the geodesic between its ends by up to its length times its turn (the difference
    of longitude times the sine of latitude) over 4: little in a street, 40 cm in 20 m around a pole.
    """
    lengths = _lengths_at_most_m(starts, ends)
    turns = np.radians(np.abs(ends[:, 0] - starts[:, 0]))
    wanted = np.maximum(lengths / _PIECE_M, np.sqrt(lengths * turns / (4 * _SAGITTA_M)))
    scale = min(1.0, _MAX_PIECES / max(float(wanted.sum()), 1.0))
    return np.maximum(np.ceil(wanted * scale), 1).astype(np.intp)


def _to_chords_m(starts: npt.NDArray[np.complex128], ends: npt.NDArray[np.complex128]) -> Floats:
    """Return the distance from the origin to each straight chord in the plane."""
    along = ends - starts
    squares = np.abs(along) ** 2
    shares = -(starts * along.conj()).real / np.where(squares > 0, squares, 1)
    return np.asarray(np.abs(starts + np.clip(shares, 0, 1) * along))
