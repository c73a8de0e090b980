"""Pictures of a case: who gains and loses on a map, before and after, the curve of what more sites are worth."""

from __future__ import annotations

import html
from collections.abc import Sequence

from locator.coverage.comparison import Comparison
from locator.coverage.siting.explained import Step
from locator.maps.colours import GAINED, GAP, LOST, STATIONS
from locator.maps.difference import DIFFERENCES, difference_of, net_of
from locator.maps.drawing import Drawing
from locator.report.case import Case
from locator.report.pictures import Picture, frame_of
from locator.report.plates import Key, Plate, draw_streets, draw_water, reach_plate, svg_of
from locator.translation import N_, Translator

__all__ = ["change_plate", "curve_plate", "side_plates"]

_WIDE, _HIGH = 720.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 24.0, 24.0, 22.0, 46.0
_DOT = 40.0
_KEYS = ("gained", "lost", "longer", "shorter")


def change_plate(found: Comparison, drawing: Drawing, translate: Translator) -> Plate:
    """Return the map of who gains and who loses, changed stations numbered as in their table."""
    title = translate(N_("Who gains and who loses"))
    picture = Picture(frame_of(drawing.bounds), title)
    draw_water(picture, drawing)
    areas = found["areas"]
    net = net_of(areas)
    shapes = list(areas.shapes or ())
    for sign, colour in ((1, GAINED), (-1, LOST), (0, "")):
        chosen = [shape for shape, value in zip(shapes, net, strict=True) if _sign(value) == sign]
        fill = f'fill="{colour}" fill-opacity=".15"' if colour else 'fill="none"'
        picture.shapes(chosen, f'{fill} stroke="#6f6a60" stroke-width="1"')
    draw_streets(picture, drawing)
    diameter = min(max(drawing.spacing_m * picture.frame.units_per_m * 0.8, 3.0), _DOT)
    points = found["points"]
    codes = difference_of(points)
    for code, (_, colour) in DIFFERENCES.items():
        dots = [shape for shape, one in zip(points.shapes or (), codes, strict=True) if one == code]
        picture.dots(dots, colour, diameter=diameter)
    picture.marks(drawing.station_shapes, fill=STATIONS["usable"], size=3.0)
    places = [(one.shape, str(one.number)) for one in found.changes if not one.shape.is_empty]
    named = [
        (shape, (name, _signed(value) if value else ""))
        for shape, name, value in zip(shapes, areas.columns["name"], net, strict=True)
    ]
    picture.numbers(places, GAP)
    picture.labels(named)
    change = (Key("disc", GAP, translate(N_("a change, by its number in the table"))),) if places else ()
    keys = (
        *(Key("disc", DIFFERENCES[code][1], translate(DIFFERENCES[code][0])) for code in _KEYS),
        *change,
        Key("disc", STATIONS["usable"], translate(N_("station"))),
    )
    return Plate(title, svg_of(picture, translate), keys)


def _sign(value: float | None) -> int:
    return ((value or 0) > 0) - ((value or 0) < 0)


def side_plates(case: Case, translate: Translator) -> tuple[Plate, Plate]:
    """Return the ways to the nearest station before and after, side by side."""
    return (
        reach_plate(case.present, translate, title=translate(N_("At present"))),
        reach_plate(case.supposed, translate, title=translate(N_("In the scenario"))),
    )


def curve_plate(case: Case, translate: Translator) -> Plate | None:
    """Return the curve of people covered against the number of new sites; None: nobody looked."""
    steps = case.proposal.steps
    if len(steps) < 2:
        return None
    title = translate(N_("People covered, by the number of new sites at the best places"))
    plan = case.proposal.plan
    own = (len(plan.opened), plan.value) if plan else None
    keys = [Key("line", GAINED, translate(N_("the best choice of so many sites")))]
    if own:
        keys.append(Key("disc", GAP, translate(N_("this scenario"))))
    return Plate(
        title,
        _curve(
            steps,
            own,
            translate(N_("new sites; the axis of people begins at the lowest figure")),
            title,
        ),
        tuple(keys),
    )


def _curve(steps: Sequence[Step], own: tuple[int, float] | None, label: str, title: str) -> str:
    values = [step.value for step in steps] + ([own[1]] if own else [])
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    low, high = low - span * 0.08, high + span * 0.12
    most = max([step.p for step in steps] + ([own[0]] if own else []))

    def x(count: float) -> float:
        return _LEFT + (_WIDE - _LEFT - _RIGHT) * count / max(most, 1)

    def y(value: float) -> float:
        return _HIGH - _BOTTOM - (_HIGH - _TOP - _BOTTOM) * (value - low) / (high - low)

    base = _HIGH - _BOTTOM
    parts = [
        f'<svg class="picture" viewBox="0 0 {_WIDE:g} {_HIGH:g}" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{html.escape(title, quote=True)}">',
        f'<rect width="{_WIDE:g}" height="{_HIGH:g}" fill="#ffffff"/>',
        f'<path d="M{_LEFT:g} {_TOP:g}V{base:g}H{_WIDE - _RIGHT:g}" fill="none" stroke="#4a5561"/>',
    ]
    for step in steps:
        parts.append(_text(x(step.p), base + 16, f"{step.p:,}"))
        side = "start" if not step.p else "end" if step.p == most else "middle"
        parts.append(_text(x(step.p) + (6 if not step.p else 0), y(step.value) - 9, f"{step.value:,.0f}",
                           anchor=side, size=10))  # fmt: skip
    parts.append(_text((_LEFT + _WIDE - _RIGHT) / 2, _HIGH - 8, label))
    line = "L".join(f"{x(step.p):.1f} {y(step.value):.1f}" for step in steps)
    parts.append(f'<path d="M{line}" fill="none" stroke="{GAINED}" stroke-width="2.5"/>')
    parts += [f'<circle cx="{x(s.p):.1f}" cy="{y(s.value):.1f}" r="3.5" fill="{GAINED}"/>' for s in steps]
    if own:
        parts.append(
            f'<circle cx="{x(own[0]):.1f}" cy="{y(own[1]):.1f}" r="6" fill="{GAP}" stroke="#ffffff" '
            f'stroke-width="1.5"/>'
        )
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str, *, anchor: str = "middle", size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#111111">'
        f"{html.escape(text)}</text>"
    )


def _signed(value: float) -> str:
    return f"{value:+,.0f}"
