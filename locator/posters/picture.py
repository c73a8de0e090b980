"""The picture that a chat shows of a link to a station: its name, what it is and where, drawn here as PNG."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

from locator.assets import asset_folder
from locator.posters.fonts import chinese_font

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

__all__ = ["SIZE", "link_picture"]

SIZE = (1200, 630)
"""Pixels, as Open Graph's readers crop least."""

_PAPER, _ACCENT, _INK, _QUIET = "#f4f6f8", "#0b5cad", "#16202b", "#4a5561"
_LEFT, _RIGHT = 90, 1110
_NAME_LINES, _MOST_CHARACTERS = 3, 120


@lru_cache(maxsize=256)
def link_picture(name: str, lines: tuple[str, ...], place: str) -> bytes | None:
    """Return the picture of a station as PNG; None: no font here has Chinese characters.

    Parameters
    ----------
    lines
        What stands below its name, a line each, shortened to fit.
    place
        Whose stations these are.
    """
    bold, regular = chinese_font(bold=True), chinese_font()
    if bold is None or regular is None:
        return None
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", SIZE, _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 30, SIZE[1]), fill=_ACCENT)
    title = ImageFont.truetype(bold[0], 76, index=bold[1])
    text = ImageFont.truetype(regular[0], 38, index=regular[1])
    top = 60
    for line in _wrapped(name, title):
        draw.text((_LEFT, top), line, font=title, fill=_INK)
        top += 104
    top += 16
    for line in lines:
        if line and top < 450:
            draw.text((_LEFT, top), _fitted(line, text), font=text, fill=_QUIET)
            top += 58
    with Image.open(asset_folder("static") / "icons" / "icon-192.png", formats=("PNG",)) as icon:
        mark = icon.convert("RGBA").resize((72, 72))
    picture.paste(mark, (_LEFT, 522), mark)
    draw.text((_LEFT + 92, 532), _fitted(place, text, _RIGHT - _LEFT - 92), font=text, fill=_ACCENT)
    written = io.BytesIO()
    picture.quantize(64).save(written, "PNG", optimize=True)
    return written.getvalue()


def _wrapped(text: str, font: FreeTypeFont) -> list[str]:
    """Return a text in lines that fit, broken between any two characters as Chinese is; the last one shortened."""
    lines: list[str] = []
    rest = _plain(text)
    while rest and len(lines) < _NAME_LINES - 1:
        length = _fits(rest, font, _RIGHT - _LEFT)
        lines.append(rest[:length])
        rest = rest[length:].lstrip()
    return [*lines, _fitted(rest, font)] if rest else lines


def _fitted(text: str, font: FreeTypeFont, width: int = _RIGHT - _LEFT) -> str:
    text = _plain(text)
    if font.getlength(text) <= width:
        return text
    return text[: _fits(text, font, width - font.getlength("…"))] + "…"


def _fits(text: str, font: FreeTypeFont, width: float) -> int:
    """Return how many characters of a text fit into a width; at least one."""
    length = len(text)
    while length > 1 and font.getlength(text[:length]) > width:
        length -= 1
    return length


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text[:_MOST_CHARACTERS]).split())
