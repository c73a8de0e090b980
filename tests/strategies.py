"""Stations as nobody would think them up, for tests that hold for every station."""

from datetime import UTC, date, datetime, timedelta

import shapely
from hypothesis import assume
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon

from locator.hours import Closure
from locator.place import PLACES
from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN, Entry, Provenance, Station

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
"""A Friday, 12:10 in Shanghai."""

HOURS = (
    None,
    "24/7",
    "Mo-Su 08:00-20:00",
    "Mo-Fr 08:30-12:00,14:00-17:30; PH off",
    "Sa,Su 09:00-17:00",
    "Mo-Su 20:00-02:00",
    "Fr 08:00-12:30",
    "Mo-Su 00:00-24:00",
    "Jun-Sep 06:00-22:00",
    "unknown",
    "off",
)

_HARD = (
    "汨罗",
    "归义社区站",
    "🛵 驿站",
    'O\'Neil "x"',
    "100% *",
    "{{7*7}} {name}",
    "</script>",
    "a\nb\tc",
    "𠮷",
    "é",
    "e\u0301",
)
_LETTERS = st.characters(exclude_categories=("Cs", "Cc"))


def texts(max_size=20):
    return st.one_of(st.just(""), st.sampled_from(_HARD), st.text(_LETTERS, max_size=max_size))


def names():
    return st.one_of(st.sampled_from(_HARD), st.text(_LETTERS, min_size=1, max_size=20).filter(str.strip))


def codes():
    return st.from_regex(r"[A-Za-z0-9\u4e00-\u9fff](?:[A-Za-z0-9._:-]{0,8}[A-Za-z0-9])?", fullmatch=True)


def _degrees(most):
    # Nothing stands 1e-40 degrees off the equator, where single precision ends.
    return st.floats(-most, most).map(lambda value: round(value, 12))


def lons():
    edges = st.sampled_from([-180.0, -179.9999, 179.9999, 180.0, 0.0, -0.0, 113.07])
    return st.one_of(edges, _degrees(180))


def lats():
    return st.one_of(st.sampled_from([-90.0, -89.9, 89.9, 90.0, 0.0, 28.8]), _degrees(90))


def points():
    return st.builds(Point, lons(), lats())


@st.composite
def polygons(draw, max_size=0.5):
    """Return a valid polygon within the range of degrees, now and then with a hole."""
    size = draw(st.floats(1e-4, max_size))
    lon, lat = draw(st.floats(-180, 180 - size)), draw(st.floats(-90, 90 - size))
    share = draw(st.floats(0.2, 0.8))
    box = Polygon([(lon, lat), (lon + size, lat), (lon + size * share, lat + size * share), (lon, lat + size)])
    if draw(st.booleans()):
        box = box.difference(Point(lon + size * 0.2, lat + size * 0.2).buffer(size * 0.05, quad_segs=2))
    return shapely.orient_polygons(box)


@st.composite
def multi_polygons(draw):
    first, second = draw(polygons()), draw(polygons())
    return MultiPolygon([first, second] if not first.intersects(second) else [first])


def geometries():
    several = st.lists(points(), min_size=1, max_size=3).map(MultiPoint)
    return st.one_of(points(), polygons(), multi_polygons(), several)


def days():
    return st.dates(date(2000, 1, 1), date(2100, 12, 31))


def closures():
    span = st.tuples(days(), st.integers(0, 60), texts())
    return st.lists(
        span.map(lambda s: Closure(s[0], s[0] + timedelta(days=s[1]), s[2])), max_size=2, unique=True
    ).map(tuple)


def entries():
    return st.builds(
        Entry,
        ways=st.lists(st.sampled_from(sorted(WAYS_IN)), max_size=3).map(tuple),
        registration=st.sampled_from([True, False, None]),
        admits=st.sampled_from([None, *ADMITS]),
        door=texts(),
        floor=texts(),
        host=texts(),
        parking=texts(),
    )


@st.composite
def provenances(draw):
    original = draw(
        st.one_of(st.none(), geometries(), st.builds(Point, st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)))
    )
    return Provenance(
        source=draw(st.one_of(texts(), st.just("illustrative"))),
        source_id=draw(texts()),
        original=original,
        datum="wgs84" if original is None else draw(st.sampled_from(["wgs84", "gcj02", "bd09", "EPSG:4547"])),
        location_verified=draw(st.none() | days()),
        facilities_verified=draw(st.none() | days()),
        expires=draw(st.none() | days()),
    )


@st.composite
def stations(draw, ids=None, geometry=None):
    """Return any station that the record allows."""
    valid_from = draw(st.none() | days())
    valid_to = draw(st.none() | days())
    if valid_from and valid_to and valid_to < valid_from:
        valid_from, valid_to = valid_to, valid_from
    return Station(
        id=draw(ids if ids is not None else codes()),
        name=draw(names()),
        geometry=draw(geometry if geometry is not None else geometries()),
        category=draw(st.sampled_from(sorted(CATEGORIES))),
        status=draw(st.sampled_from(sorted(STATUSES))),
        address=draw(texts()),
        adcode=draw(st.sampled_from(["", "430681", "430681001", "430681001002"])),
        community=draw(texts()),
        street=draw(texts()),
        opening_hours=draw(st.sampled_from(HOURS)),
        staffed_hours=draw(st.sampled_from(HOURS)),
        closures=draw(closures()),
        entry=draw(entries()),
        facilities=draw(st.dictionaries(st.sampled_from(sorted(FACILITIES)), st.booleans(), max_size=5)),
        capacity=draw(st.none() | st.integers(0, 1_000_000)),
        area_m2=draw(st.none() | st.floats(0, 1_000_000)),
        operator=draw(texts()),
        phone=draw(texts()),
        photos=draw(st.lists(st.sampled_from(["https://example.org/a.jpg", "/b.png"]), max_size=2).map(tuple)),
        valid_from=valid_from,
        valid_to=valid_to,
        note=draw(texts()),
        extra=draw(st.dictionaries(texts(), texts(), max_size=2)),
        provenance=draw(provenances()),
    )


def any_json():
    """Return whatever a JSON file can hold, with what Python's reader lets through: NaN, half characters."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(),
        st.text(st.characters(), max_size=8), st.sampled_from(["", "\x00", "\ud800", "yes", "24/7", "2026-11-20"]),
    )  # fmt: skip
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    )


@st.composite
def lines(draw):
    """Return a line or two of some kilometres."""
    west, south = draw(st.integers(-179, 178)), draw(st.integers(-89, 88))
    share = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)
    offsets = st.lists(st.tuples(share, share), min_size=2, max_size=5, unique=True)
    corners = draw(st.lists(offsets, min_size=1, max_size=2))
    parts = [LineString([(west + x, south + y) for x, y in part]) for part in corners]
    line = parts[0] if len(parts) == 1 else MultiLineString(parts)
    assume(line.is_valid and all(part.length > 1e-6 for part in parts))
    return line


def places(layer, ids):
    """Return places of a layer; texts as any table keeps them."""
    tidy = texts().map(str.strip)
    shared = {"id": ids, "source": tidy, "extra": st.dictionaries(names(), names().map(str.strip), max_size=2)}
    dates = {"valid_from": st.none() | days().filter(lambda day: day.year < 2050)}
    dates["valid_to"] = st.none() | days().filter(lambda day: day.year >= 2050)
    named = {"name": names().map(str.strip)}
    amounts = st.integers(0, 10**6) | st.floats(0, 1e9)
    areas, sites = polygons() | multi_polygons(), points() | polygons() | multi_polygons()
    kinds = st.sampled_from(["community", "main", "bank", "x"])
    fields = {
        "areas": named | dates | {"geometry": areas, "kind": kinds, "residents": st.none() | st.integers(0, 10**6)},
        "streets": {"name": tidy, "geometry": lines(), "kind": kinds} | dates
        | {"must_cover": st.booleans(), "bridge": st.booleans()},
        "demand": {"geometry": sites, "weights": st.dictionaries(
            st.sampled_from(["residents", "outdoor_workers", "night_workers", "jobs", "orders", "weight"]),
            amounts, min_size=1)},
        "candidates": named | {"geometry": sites, "kind": kinds | st.just(""), "opening_hours": st.none() | st.just("Mo-Fr 08:00-17:00"),
            "cost_cny_year": st.none() | amounts},
    }  # fmt: skip
    return st.builds(PLACES[layer], **(shared | fields[layer]))
