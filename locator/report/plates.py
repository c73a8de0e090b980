"""The maps of a report: which layers each shows, and the legend that stands beneath it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.maps.colours import (
    AREAS,
    BEYOND,
    GAP,
    GROUND,
    NOTHING,
    STATIONS,
    UNCOVERED,
    band_colours,
    share_class,
)
from locator.maps.drawing import ANY_HOUR, NO_SHARE, Drawing, band_names, hour_name, share_names
from locator.report.findings import Findings
from locator.report.pictures import WIDTH, Frame, Picture, frame_of
from locator.translation import N_, Translator

__all__ = [
    "MOST_GAPS",
    "Key",
    "Plate",
    "audit_plate",
    "draw_streets",
    "draw_water",
    "gap_plate",
    "hour_plates",
    "reach_plate",
    "service_area_plate",
    "svg_of",
]

MOST_GAPS = 15
"""So many gaps have a number on the map, and a row in the table beside it."""

_LINES: Mapping[str, str] = {
    "boundary": f'fill="none" stroke="{GROUND["boundary"]}" stroke-width="1.2" stroke-dasharray="2 5"',
    "water": f'fill="{GROUND["water"]}" stroke="{GROUND["water"]}" stroke-width="2"',
    "railway": f'fill="none" stroke="{GROUND["railway"]}" stroke-width="1.5" stroke-dasharray="6 4"',
    "minor": f'fill="none" stroke="{GROUND["minor"]}" stroke-width=".9"',
    "path": f'fill="none" stroke="{GROUND["path"]}" stroke-width=".7"',
    "main": f'fill="none" stroke="{GROUND["main"]}" stroke-width="2"',
}
_OVER_BANDS = 'fill="none" stroke="#2b2721" stroke-opacity=".45" stroke-width=".8"'
_SMALL = WIDTH / 2
_NOON, _NIGHT, _WEDNESDAY = 12, 2, 2


@dataclass(frozen=True, slots=True)
class Key:
    """A line of a legend: a shape (square, line, disc), its colour, what it means."""

    shape: str
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Plate:
    """A map with its title and its legend."""

    title: str
    svg: str
    keys: tuple[Key, ...]


def audit_plate(findings: Findings, translate: Translator) -> Plate:
    """Return the map of areas by share, uncovered stretches of streets and stations."""
    drawing = findings.drawing
    title = translate(
        N_("Areas by the share of {counted} within {within} of a station, and streets without one near"),
        counted=_counted(findings, translate),
        within=findings.question.criteria.within.text(translate),
    )
    picture = Picture(frame_of(drawing.bounds), title)
    draw_water(picture, drawing)
    shares = drawing.slices.area_shares[:, ANY_HOUR].tolist() if len(drawing.areas) else []
    for place, colour in enumerate((*AREAS, NOTHING)):
        chosen = [
            shape
            for shape, share in zip(drawing.area_shapes, shares, strict=True)
            if colour == (NOTHING if share == NO_SHARE else AREAS[share_class(share / 100) or 0])
            and (place < len(AREAS) or share == NO_SHARE)
        ]
        picture.shapes(chosen, f'fill="{colour}" fill-opacity=".8" stroke="#6f6a60" stroke-width="1"')
    draw_streets(picture, drawing)
    bare = findings.table("audit", "uncovered").shapes or ()
    picture.shapes(bare, f'fill="none" stroke="{UNCOVERED}" stroke-width="4" stroke-linecap="round"')
    picture.marks(drawing.station_shapes, fill=STATIONS["usable"], size=3.6)
    named = zip(drawing.area_shapes, drawing.areas, shares, strict=True)
    picture.labels((shape, (name, "" if share == NO_SHARE else f"{share}%")) for shape, name, share in named)
    criteria = findings.question.criteria
    keys = [Key("square", colour, name) for colour, name in zip(AREAS, share_names(translate), strict=True)]
    if NO_SHARE in shares:
        keys.append(Key("square", NOTHING, translate(N_("nobody to be reached"))))
    keys.append(
        Key("line", UNCOVERED, translate(N_("street without a station within {metres} m"),
            metres=f"{criteria.street_within_m:g}"))
    )  # fmt: skip
    keys.append(Key("disc", STATIONS["usable"], translate(N_("station"))))
    return Plate(title, svg_of(picture, translate), tuple(keys))


def reach_plate(findings: Findings, translate: Translator, *, title: str = "") -> Plate:
    """Return the map of demand by how far it is to the nearest station, whatever its hours.

    With a title of its own it is half as wide, to stand beside another, and without names.
    """
    width = WIDTH / 2 if title else WIDTH
    shown = title or translate(N_("Way to the nearest station, whatever its hours"))
    picture = _band_picture(findings, ANY_HOUR, shown, frame_of(findings.drawing.bounds, width=width))
    if not title:
        picture.labels((shape, (name,)) for shape, name in _named(findings.drawing))
    title = shown
    return Plate(title, svg_of(picture, translate), _band_keys(findings, translate))


def service_area_plate(findings: Findings, translate: Translator) -> Plate:
    """Return the map of what is reached within each band: parts of streets with the ground beside them."""
    drawing, areas = findings.drawing, findings.table("service_areas", "service_areas")
    title = areas.title.text(translate)
    picture = Picture(frame_of(drawing.bounds), title)
    draw_water(picture, drawing)
    names = dict(zip(drawing.bands, band_names(drawing, translate), strict=False))
    colours = dict(zip(drawing.bands, band_colours(len(drawing.bands)), strict=True))
    shown = [
        (row["threshold"], row["street_m"], shape)
        for row, shape in zip(areas.rows(), areas.shapes or (), strict=True)
        if row["threshold"] in colours
    ]
    for band, _, shape in reversed(shown):
        picture.shapes([shape], f'fill="{colours[band]}" fill-opacity="1" stroke="none"')
    picture.shapes(drawing.area_shapes, 'fill="none" stroke="#6f6a60" stroke-width=".8"')
    for kind in ("path", "minor", "main"):
        picture.shapes(of_kind(drawing, kind), _OVER_BANDS)
    picture.marks(drawing.station_shapes, fill=STATIONS["usable"], size=3.6)
    keys = [
        Key(
            "square",
            colours[band],
            names[band] if street_m is None else _with_streets(names[band], street_m, translate),
        )
        for band, street_m, _ in shown
    ]
    return Plate(
        title, svg_of(picture, translate), (*keys, Key("disc", STATIONS["usable"], translate(N_("station"))))
    )


def _with_streets(name: str, street_m: float, translate: Translator) -> str:
    return f"{name} · {translate(N_('{km} km of streets'), km=f'{street_m / 1000:,.1f}')}"


def hour_plates(findings: Findings, translate: Translator) -> list[Plate]:
    """Return two small maps: who has a usable station near at noon, and at night, on a Wednesday."""
    frame = frame_of(findings.drawing.bounds, width=_SMALL)
    plates = []
    for hour in (_NOON, _NIGHT):
        at = 1 + _WEDNESDAY * 24 + hour
        share = findings.drawing.slices.shares[at]
        name = hour_name(at, translate)
        title = name if share is None else translate(
            N_("{when}: {share} within reach"), when=name, share=f"{share:.1%}"
        )  # fmt: skip
        picture = _band_picture(findings, at, title, frame)
        plates.append(Plate(title, svg_of(picture, translate), _band_keys(findings, translate)))
    return plates


def gap_plate(findings: Findings, translate: Translator) -> Plate:
    """Return the map of the largest gaps, numbered as in their table."""
    drawing, gaps = findings.drawing, findings.table("gaps", "gaps")
    title = translate(N_("The largest gaps"))
    picture = Picture(frame_of(drawing.bounds), title)
    draw_water(picture, drawing)
    picture.shapes(drawing.area_shapes, 'fill="none" stroke="#8a8478" stroke-width="1" stroke-dasharray="4 3"')
    shapes = list(gaps.shapes or ())
    picture.shapes(shapes[MOST_GAPS:], f'fill="{GAP}" fill-opacity=".12" stroke="none"')
    picture.shapes(shapes[:MOST_GAPS], f'fill="{GAP}" fill-opacity=".35" stroke="{GAP}" stroke-width="1.2"')
    draw_streets(picture, drawing)
    picture.marks(drawing.station_shapes, fill=STATIONS["usable"], size=3.6)
    picture.numbers(
        (
            (shape, str(rank))
            for shape, rank in list(zip(shapes, gaps.columns["rank"], strict=True))[:MOST_GAPS][::-1]
        ),
        GAP,
    )
    keys = (
        Key("square", _mixed(GAP, 0.35), translate(N_("gap, by rank in the table"))),
        Key("square", _mixed(GAP, 0.12), translate(N_("smaller gap"))),
        Key("disc", STATIONS["usable"], translate(N_("station"))),
    )
    return Plate(title, svg_of(picture, translate), keys)


def _band_picture(findings: Findings, at: int, title: str, frame: Frame) -> Picture:
    drawing = findings.drawing
    picture = Picture(frame, title)
    draw_water(picture, drawing)
    slices = drawing.slices
    band = slices.point_bands[:, slices.band_set[at]] if len(drawing.points) else np.zeros(0, np.uint8)
    colours = [*band_colours(len(drawing.bands)), BEYOND]
    diameter = min(max(drawing.spacing_m * frame.units_per_m, 2.0), 40.0)
    for place in reversed(range(len(colours))):
        chosen = [drawing.points[row] for row in np.flatnonzero(band == place).tolist()]
        cells = [one for one in chosen if one.geom_type != "Point"]
        picture.shapes(cells, f'fill="{colours[place]}" fill-opacity=".85" stroke="none"')
        picture.dots([one for one in chosen if one.geom_type == "Point"], colours[place], diameter=diameter)
    picture.shapes(drawing.area_shapes, 'fill="none" stroke="#6f6a60" stroke-width=".8"')
    picture.shapes(of_kind(drawing, "main"), _OVER_BANDS)
    states = slices.station_states[:, at] if len(drawing.stations) else np.zeros(0, np.uint8)
    small = frame.width < WIDTH
    for state, fill in enumerate((STATIONS["not"], STATIONS["possible"], STATIONS["usable"])):
        chosen = [drawing.station_shapes[row] for row in np.flatnonzero(states == state).tolist()]
        picture.marks(chosen, fill=fill, size=2.6 if small else 3.6)
    return picture


def _band_keys(findings: Findings, translate: Translator) -> tuple[Key, ...]:
    drawing = findings.drawing
    colours = [*band_colours(len(drawing.bands)), BEYOND]
    bands = [
        Key("square", colour, name) for colour, name in zip(colours, band_names(drawing, translate), strict=True)
    ]
    return (
        *bands,
        Key("disc", STATIONS["usable"], translate(N_("station, usable"))),
        Key("disc", STATIONS["possible"], translate(N_("station, nobody knows"))),
        Key("disc", STATIONS["not"], translate(N_("station, not usable"))),
    )


def draw_water(picture: Picture, drawing: Drawing) -> None:
    """Draw the boundary, water and railways."""
    for kind in ("boundary", "water", "railway"):
        picture.shapes(of_kind(drawing, kind), _LINES[kind])


def draw_streets(picture: Picture, drawing: Drawing) -> None:
    """Draw streets, main ones on top."""
    for kind in ("path", "minor", "main"):
        picture.shapes(of_kind(drawing, kind), _LINES[kind])


def of_kind(drawing: Drawing, kind: str) -> list[BaseGeometry]:
    ground = drawing.ground
    return [shape for shape, one in zip(ground.shapes, ground.kinds, strict=True) if one == kind]


def _named(drawing: Drawing) -> Iterable[tuple[BaseGeometry, str]]:
    return zip(drawing.area_shapes, drawing.areas, strict=True)


def _counted(findings: Findings, translate: Translator) -> str:
    from locator.coverage.saying import counted_note

    return counted_note(findings.question.criteria.weight).text(translate)


def _mixed(colour: str, opacity: float) -> str:
    """Return a colour as it looks on white paper when one sees through it."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - c) * opacity):02x}" for c in channels)


def svg_of(picture: Picture, translate: Translator) -> str:
    """Return a picture with scale and north arrow."""
    return picture.svg(
        metres=translate(N_("{value} m")),
        kilometres=translate(N_("{value} km")),
        north=translate(N_("N")),
    )
