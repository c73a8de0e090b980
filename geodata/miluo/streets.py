"""The street plan: large blocks halved again and again, so that streets meet as they do where towns grew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import dist

import numpy as np
import shapely
from plane import GRID_M, generator, noded, on_grid
from shapely import LineString, Point, Polygon, STRtree
from shapely.affinity import rotate
from shapely.ops import substring
from town import Town

__all__ = ["Plan", "Segment", "plan_streets"]

_TOUCH_M = 3 * GRID_M
_SAME_JUNCTION_M = 45
_STUB_M = 10


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of street between two junctions."""

    line: LineString
    name: str | None
    kind: str
    crosses: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Streets, the blocks between them, and ponds inside some blocks; metres."""

    segments: list[Segment]
    blocks: list[Polygon]
    ponds: list[Polygon]


def plan_streets(town: Town) -> Plan:
    """Fill the town with streets, then thin them out, cut them at the barriers and keep what is connected."""
    rng = generator(2)
    fixed = [*town.main_streets.values(), *town.links.values()]
    barriers = [town.railway, town.centre_lines["stream"], town.river.exterior]
    frame = [town.boundary.exterior, *fixed]
    frame += [part for line in barriers for part in _clipped(line, town.boundary)]
    blocks = _faces(frame)
    junctions = [Point(xy) for line in noded(frame) for xy in (line.coords[0], line.coords[-1])]
    cuts, leaves = _halve_all([b for b in blocks if not _in_river(b, town)], junctions, rng)
    ponds = _ponds(leaves, rng)
    paths = _paths([leaf for leaf in leaves if not any(leaf.contains(p) for p in ponds)], rng)
    segments = _without_stubs(_classified(town, cuts, paths))
    segments = _connected(_over_barriers(_thinned(segments, town, rng), town))
    return Plan(segments=segments, blocks=_faces([*frame, *cuts]), ponds=ponds)


def _clipped(line: LineString, area: Polygon) -> list[LineString]:
    return [on_grid(part) for part in shapely.get_parts(line.intersection(area))]


def _faces(lines: list[LineString]) -> list[Polygon]:
    faces = shapely.get_parts(shapely.polygonize(noded(lines)))
    return sorted((face.normalize() for face in faces), key=lambda face: face.exterior.coords[:])


def _in_river(block: Polygon, town: Town) -> bool:
    return town.river.contains(block.representative_point())


# Halving


def _halve_all(
    blocks: list[Polygon], junctions: list[Point], rng: np.random.Generator
) -> tuple[list[LineString], list[Polygon]]:
    cuts: list[LineString] = []
    leaves: list[Polygon] = []
    ends = list(junctions)
    waiting = list(blocks)
    while waiting:
        block = waiting.pop(0)
        halves = _halved(block, ends, rng) if block.area > _target_m2(block, rng) else None
        if halves is None:
            leaves.append(block)
            continue
        cut, parts = halves
        cuts.append(cut)
        ends += [Point(cut.coords[0]), Point(cut.coords[-1])]
        waiting += parts
    return cuts, leaves


def _target_m2(block: Polygon, rng: np.random.Generator) -> float:
    """Return how large a block may stay: 190 m square in the middle, 400 m square at the edge."""
    edge = np.clip((np.hypot(block.centroid.x, block.centroid.y) - 700) / 2100, 0, 1)
    return float((48_000 + 135_000 * edge) * rng.uniform(0.85, 1.35))


def _halved(
    block: Polygon, ends: list[Point], rng: np.random.Generator
) -> tuple[LineString, list[Polygon]] | None:
    for attempt in range(6):
        cut = _cut(block, ends, rng, turned=attempt > 3)
        if cut is None:
            continue
        parts = _faces([block.exterior, cut])
        if len(parts) == 2 and all(_is_fit(part) for part in parts):
            return cut, parts
    return None


def _is_fit(block: Polygon) -> bool:
    """Whether a block is wide enough to build on, and no wedge."""
    long_m, short_m = _sides(block)
    return short_m > 105 and block.area > 0.55 * long_m * short_m


def _cut(block: Polygon, ends: list[Point], rng: np.random.Generator, *, turned: bool) -> LineString | None:
    """Draw a slightly bent line across a block's longer side."""
    angle, _ = _box(block)
    long_m, _ = _sides(block)
    angle += 90 * turned + rng.normal(0, 5)
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    middle = np.array(block.centroid.coords[0]) + along * long_m * rng.uniform(-0.12, 0.12)
    across = np.array([-along[1], along[0]]) * 5000
    chord = LineString([middle - across, middle + across]).intersection(block)
    pieces = [piece for piece in shapely.get_parts(chord) if piece.distance(Point(middle)) < 1]
    if not pieces:
        return None
    first, last = (_joined(Point(end), block, ends) for end in pieces[0].coords[:])
    bend = along * pieces[0].length * np.clip(rng.normal(0, 0.04), -0.08, 0.08)
    bent = _bent(first, last, bend)
    return bent if block.buffer(_TOUCH_M).covers(bent) else _bent(first, last, 0 * bend)


def _joined(end: Point, block: Polygon, ends: list[Point]) -> Point:
    """Meet a street on the other side of the road, where one is close, in one crossing."""
    near = [other for other in ends if other.distance(end) < _SAME_JUNCTION_M]
    near = [other for other in near if block.exterior.distance(other) < _TOUCH_M]
    return min(near, key=end.distance, default=end)


def _bent(first: Point, last: Point, bend: np.ndarray) -> LineString:
    a, b = np.array(first.coords[0]), np.array(last.coords[0])
    points = [a + (b - a) * t + bend * 4 * t * (1 - t) for t in (0, 0.25, 0.5, 0.75, 1)]
    return on_grid(LineString(points if bend.any() else [a, b]))


def _box(block: Polygon) -> tuple[float, Polygon]:
    """Return the angle of the smallest box round a block (to 5 degrees), its longer side lying flat."""
    turned = [(angle, rotate(block, -angle, origin=(0, 0))) for angle in range(0, 180, 5)]

    def size(item: tuple[int, Polygon]) -> tuple[float, bool]:
        west, south, east, north = item[1].bounds
        return round((east - west) * (north - south), 1), east - west < north - south

    return min(turned, key=size)


def _sides(block: Polygon) -> tuple[float, float]:
    west, south, east, north = _box(block)[1].bounds
    return max(east - west, north - south), min(east - west, north - south)


# What lies inside blocks


def _ponds(leaves: list[Polygon], rng: np.random.Generator) -> list[Polygon]:
    """Lay ponds into five of the large outer blocks."""
    outer = [leaf for leaf in leaves if leaf.area > 110_000 and leaf.buffer(-105).geom_type == "Polygon"]
    chosen = rng.permutation(len(outer))[:5]
    return [on_grid(outer[i].buffer(-105).buffer(40).simplify(4)) for i in sorted(chosen)]


def _paths(leaves: list[Polygon], rng: np.random.Generator) -> list[LineString]:
    """Lead a dead-end path from the street into one block of six."""
    paths = []
    for leaf in leaves:
        if rng.random() > 0.17 or leaf.area < 40_000:
            continue
        start = leaf.exterior.interpolate(rng.random(), normalized=True)
        centre = np.array(leaf.representative_point().coords[0])
        path = LineString([start, centre + rng.normal(0, 15, 2)])
        if leaf.covers(path) and 70 < path.length < 220:
            paths.append(on_grid(path))
    return paths


# From lines to a network


def _classified(town: Town, cuts: list[LineString], paths: list[LineString]) -> list[Segment]:
    sources = [(line, name, "main") for name, line in town.main_streets.items()]
    sources += [(line, None, "minor") for line in [*town.links.values(), *cuts]]
    sources += [(line, None, "path") for line in paths]
    tree = STRtree([line for line, _, _ in sources])
    segments = []
    for line in noded([line for line, _, _ in sources]):
        _, name, kind = sources[int(tree.nearest(line.interpolate(0.5, normalized=True)))]
        segments.append(Segment(line=line, name=name, kind=kind))
    return segments


def _without_stubs(segments: list[Segment]) -> list[Segment]:
    """Make one junction of two that are closer than 10 m along a street."""
    order = sorted(segments, key=lambda segment: (segment.kind, segment.line.coords[:]))
    moved: dict[tuple[float, float], tuple[float, float]] = {}
    for segment in order:
        first, last = (moved.get(end, end) for end in _ends(segment))
        if segment.line.length < _STUB_M and first != last:
            moved |= {end: first for end, to in moved.items() if to == last} | {last: first}
    return [_led_to(segment, moved) for segment in order if segment.line.length >= _STUB_M]


def _led_to(segment: Segment, moved: dict[tuple[float, float], tuple[float, float]]) -> Segment:
    ends = _ends(segment)
    first, last = (moved.get(end, end) for end in ends)
    if (first, last) == ends:
        return segment
    far = [xy for xy in segment.line.coords[1:-1] if min(dist(xy, first), dist(xy, last)) > _STUB_M]
    return replace(segment, line=LineString([first, *far, last]))


def _thinned(segments: list[Segment], town: Town, rng: np.random.Generator) -> list[Segment]:
    """Leave out some minor streets, and most of those that would run out of the town."""
    links = shapely.union_all(list(town.links.values())).buffer(_TOUCH_M)
    kept = []
    for segment in segments:
        odds = 0.09 + 0.5 * (town.boundary.exterior.distance(segment.line) < _TOUCH_M)
        chance = rng.random()
        if segment.kind == "main" or links.contains(segment.line) or chance > odds:
            kept.append(segment)
    return kept


def _over_barriers(segments: list[Segment], town: Town) -> list[Segment]:
    """Make bridges of what crosses a barrier, and stop short what only reaches it."""
    banks = {"river": town.river.buffer(8), "stream": town.stream.buffer(8), "railway": town.railway.buffer(22)}
    result = []
    for segment in segments:
        parts = [segment]
        for name, zone in banks.items():
            parts = [piece for part in parts for piece in _cut_at(part, name, zone, town)]
        result += parts
    return result


def _cut_at(segment: Segment, name: str, zone: Polygon, town: Town) -> list[Segment]:
    if segment.crosses or not zone.intersects(segment.line):
        return [segment]
    line = segment.line
    wet = shapely.get_parts(line.intersection(zone))
    stretch = sorted(line.project(Point(end)) for part in wet for end in (part.coords[0], part.coords[-1]))
    start, stop = stretch[0], stretch[-1]
    ends_here = town.barriers[name].distance(line.boundary) < 2 * _TOUCH_M
    if ends_here:
        rest = substring(line, 0, start) if start > line.length - stop else substring(line, stop, line.length)
        return [replace(segment, line=on_grid(rest))] if rest.length > 60 else []
    return _three(segment, name, start, stop)


def _three(segment: Segment, name: str, start: float, stop: float) -> list[Segment]:
    """Cut a segment into the approach, the bridge and the way off it."""
    cuts = [0, start, stop, segment.line.length]
    parts = [on_grid(substring(segment.line, a, b)) for a, b in pairwise(cuts) if b - a > 1]
    bridge = 0 if start <= 1 else 1
    return [replace(segment, line=p, crosses=name if i == bridge else None) for i, p in enumerate(parts)]


def _connected(segments: list[Segment]) -> list[Segment]:
    """Keep the largest connected part."""
    group = {end: end for segment in segments for end in _ends(segment)}

    def root(end: tuple[float, float]) -> tuple[float, float]:
        while group[end] != end:
            end = group[end]
        return end

    for segment in segments:
        first, last = _ends(segment)
        group[root(first)] = root(last)
    roots = [root(_ends(segment)[0]) for segment in segments]
    largest = max(sorted(set(roots)), key=roots.count)
    return [segment for segment, r in zip(segments, roots, strict=True) if r == largest]


def _ends(segment: Segment) -> tuple[tuple[float, float], tuple[float, float]]:
    first, last = np.round(shapely.get_coordinates(segment.line)[[0, -1]], 1).tolist()
    return tuple(first), tuple(last)
