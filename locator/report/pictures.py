"""Maps as pictures for paper: SVG, drawn in metres of a local projection, with scale bar and north arrow."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from locator.geodesy import local_crs
from locator.streets.graph import projected

__all__ = ["Picture", "frame_of"]

WIDTH = 720.0
_MOST_HEIGHT = 620.0
_MARGIN = 0.03
_DIGITS = 1
_FINE = 0.2  # of a unit: less than the eye sees on paper
_LABEL_SIZE = 11.0
_HALO = 3.0
_DISC = 8.5
_LEAST_SPAN_M = 200.0


@dataclass(frozen=True)
class Frame:
    """How places come onto paper: a projection in metres, and how many units a metre is.

    Attributes
    ----------
    west_m, north_m
        Where the picture's upper left corner is, in the projection.
    """

    crs: pyproj.CRS
    west_m: float
    north_m: float
    units_per_m: float
    width: float
    height: float

    def flat(self, shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Return shapes (WGS84) in units of the picture, y downwards, cut off at its edge."""
        if not shapes:
            return []

        def moved(pairs: np.ndarray) -> np.ndarray:
            metres = projected(self.crs, pairs)
            east, north = metres[:, 0] - self.west_m, self.north_m - metres[:, 1]
            return np.column_stack([east, north]) * self.units_per_m

        there = shapely.transform(np.array([None, *shapes], dtype=object)[1:], moved)
        edge = 20.0
        cut = shapely.clip_by_rect(there, -edge, -edge, self.width + edge, self.height + edge)
        return list(shapely.simplify(cut, _FINE).tolist())


def frame_of(bounds: tuple[float, float, float, float] | None, *, width: float = WIDTH) -> Frame:
    """Return the frame that shows all within some bounds (west, south, east, north; WGS84)."""
    box = shapely.box(*(bounds or (0, 0, 0.01, 0.01)))
    crs = local_crs(box)
    corners = projected(crs, shapely.get_coordinates(shapely.segmentize(box, max(box.length / 40, 1e-6))))
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle, span = (low + high) / 2, np.maximum(high - low, _LEAST_SPAN_M) * (1 + 2 * _MARGIN)
    units = min(width / span[0], _MOST_HEIGHT * width / WIDTH / span[1])
    height = float(span[1] * units)
    return Frame(
        crs,
        float(middle[0] - width / units / 2),
        float(middle[1] + span[1] / 2),
        float(units),
        width,
        height,
    )


@dataclass
class Picture:
    """A picture that is drawn from the ground up."""

    frame: Frame
    title: str
    _parts: list[str] = field(default_factory=list)
    _taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def shapes(self, shapes: Sequence[BaseGeometry], style: str) -> None:
        """Draw lines and polygons in one style (SVG attributes)."""
        path = "".join(_path(shape) for shape in self.frame.flat(shapes))
        if path:
            self._parts.append(f'<path d="{path}" {style}/>')

    def dots(self, places: Sequence[BaseGeometry], colour: str, *, diameter: float) -> None:
        """Draw points as dots, all in one path."""
        at = shapely.get_coordinates([one for one in self.frame.flat(places) if one.geom_type == "Point"])
        if len(at):
            path = "".join(f"M{_number(x)} {_number(y)}h.01" for x, y in at.tolist())
            self._parts.append(
                f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{_number(diameter)}" '
                f'stroke-linecap="round"/>'
            )

    def marks(self, places: Sequence[BaseGeometry], *, fill: str, size: float) -> None:
        """Draw stations: discs with a rim; one that is no point at a place inside it."""
        inside = [one.representative_point() for one in self.frame.flat(places) if not one.is_empty]
        for x, y in shapely.get_coordinates(inside).tolist():
            self._parts.append(
                f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(size)}" fill="{fill}" '
                f'stroke="#ffffff" stroke-width="3"/>'
                f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(size)}" fill="{fill}" '
                f'stroke="#111111" stroke-width="1.4"/>'
            )

    def labels(self, named: Iterable[tuple[BaseGeometry, Sequence[str]]], *, size: float = _LABEL_SIZE) -> None:
        """Write names, each in lines, at places inside shapes; where two would overlap the second steps aside.

        One that finds no room is left out. What is drawn later lies upon them: draw stations before.
        """
        pairs = [(shape, lines) for shape, lines in named if any(lines)]
        for shape, (_, lines) in zip(self.frame.flat([one for one, _ in pairs]), pairs, strict=True):
            if not shape.is_empty:
                point = shape.representative_point()
                self._label(float(point.x), float(point.y), [line for line in lines if line], size)

    def numbers(self, numbered: Iterable[tuple[BaseGeometry, str]], colour: str) -> None:
        """Write numbers in discs at places inside shapes; names that are written later keep clear of them."""
        pairs = list(numbered)
        for shape, (_, text) in zip(self.frame.flat([one for one, _ in pairs]), pairs, strict=True):
            if shape.is_empty:
                continue
            at = shape.representative_point()
            east, north = self._beside(float(at.x), float(at.y))
            x, y = _number(east), _number(north)
            self._parts.append(
                f'<circle cx="{x}" cy="{y}" r="{_DISC}" fill="{colour}" stroke="#ffffff" stroke-width="1.5"/>'
                f'<text x="{x}" y="{_number(north + 3.8)}" font-size="10.5" font-weight="700" '
                f'text-anchor="middle" fill="#ffffff">{html.escape(text)}</text>'
            )

    def svg(self, *, metres: str, kilometres: str, north: str) -> str:
        """Return the picture; what a scale of so much is called is given with `{value}`."""
        frame = self.frame
        width, height = _number(frame.width), _number(frame.height)
        return (
            f'<svg class="picture" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" '
            f'role="img" aria-label="{html.escape(self.title, quote=True)}">'
            f'<rect width="{width}" height="{height}" fill="#f6f4ef"/>'
            + "".join(self._parts)
            + self._scale(metres, kilometres)
            + self._north(north)
            + f'<rect x=".5" y=".5" width="{_number(frame.width - 1)}" height="{_number(frame.height - 1)}" '
            f'fill="none" stroke="#8a8478"/></svg>'
        )

    def _label(self, x: float, y: float, lines: Sequence[str], size: float) -> None:
        wide = max(map(_places, lines)) * size / 2
        high = len(lines) * size * 1.15
        aside = ((0.0, 0.0), (0.0, -0.7), (0.0, 0.7), (-0.6, 0.0), (0.6, 0.0), (0.0, -1.2), (0.0, 1.2))
        for east, south in aside:
            left, top = x + east * wide - wide / 2, y + south * high - high / 2
            box = (left, top, left + wide, top + high)
            if self._is_free(box):
                break
        else:
            return
        self._taken.append(box)
        x, y = left + wide / 2, top + high / 2
        for place, line in enumerate(lines):
            base = _number(y - high / 2 + size * (place * 1.15 + 0.9))
            where = f'x="{_number(x)}" y="{base}" font-size="{_number(size)}" text-anchor="middle"'
            text = html.escape(line)
            self._parts.append(
                f'<text {where} fill="#ffffff" stroke="#ffffff" stroke-width="{_HALO}" stroke-linejoin="round">'
                f'{text}</text><text {where} fill="#1d1d1d">{text}</text>'
            )

    def _beside(self, x: float, y: float) -> tuple[float, float]:
        """Return where a disc has room that is to stand at a place: there, or beside those that are there."""
        for step in range(len(self._taken) + 1):
            box = (x - _DISC, y - _DISC, x + _DISC, y + _DISC)
            if self._is_free(box) or step == len(self._taken):
                break
            x += 2 * _DISC + 1
        self._taken.append(box)
        return x, y

    def _is_free(self, box: tuple[float, float, float, float]) -> bool:
        """Return whether nothing is written within a box."""
        return not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in self._taken)

    def _scale(self, metres: str, kilometres: str) -> str:
        """Return a bar of a round length, about a fifth of the width."""
        most_m = self.frame.width / 5 / self.frame.units_per_m
        power = 10 ** np.floor(np.log10(most_m))
        length_m = float(max(step * power for step in (1, 2, 5) if step * power <= most_m))
        text = metres.format(value=f"{length_m:g}") if length_m < 1000 else kilometres.format(
            value=f"{length_m / 1000:g}"
        )  # fmt: skip
        left, base = 14.0, self.frame.height - 14
        wide = length_m * self.frame.units_per_m
        return (
            f'<rect x="{_number(left - 6)}" y="{_number(base - 22)}" width="{_number(wide + 12)}" height="30" '
            f'fill="#ffffff" fill-opacity=".8"/>'
            f'<path d="M{_number(left)} {_number(base - 5)}v5h{_number(wide)}v-5" fill="none" stroke="#111111" '
            f'stroke-width="1.5"/><text x="{_number(left + wide / 2)}" y="{_number(base - 7)}" font-size="11" '
            f'text-anchor="middle" fill="#111111">{html.escape(text)}</text>'
        )

    def _north(self, north: str) -> str:
        x = self.frame.width - 24
        return (
            f'<path d="M{_number(x)} 14l7 22l-7 -5l-7 5z" fill="#111111"/><text x="{_number(x)}" y="49" '
            f'font-size="12" font-weight="700" text-anchor="middle" fill="#111111">{html.escape(north)}</text>'
        )


def _path(shape: BaseGeometry) -> str:
    """Return lines and rings as path data."""
    parts = []
    for part in shapely.get_parts(shape).tolist():
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            parts += [_line(shapely.get_coordinates(ring), closed=True) for ring in rings if not ring.is_empty]
        elif part.geom_type in ("LineString", "LinearRing"):
            parts.append(_line(shapely.get_coordinates(part), closed=False))
    return "".join(parts)


def _line(pairs: np.ndarray, *, closed: bool) -> str:
    rounded = np.round(pairs, _DIGITS)
    keep = np.ones(len(rounded), bool)
    keep[1:] = (rounded[1:] != rounded[:-1]).any(axis=1)
    texts = [f"{_number(x)} {_number(y)}" for x, y in rounded[keep].tolist()]
    if not texts:
        return ""
    return "M" + "L".join(texts) + ("z" if closed else "")


def _number(value: float) -> str:
    return f"{round(value, _DIGITS):g}" if abs(value) < 1e5 else f"{value:.0f}"


def _places(text: str) -> int:
    """Return the half widths of a character that a text takes, where a Chinese one takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
