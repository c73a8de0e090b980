"""Code that others paste into their pages to have the map there: made in one place, escaped by templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from locator.web.embedding import EMBED, Embedded

__all__ = [
    "HEIGHT_PX",
    "WIDTH_PX",
    "FallbackLink",
    "arguments_of",
    "component_code",
    "frame_address",
    "iframe_code",
]

WIDTH_PX, HEIGHT_PX = 640, 480


@dataclass(frozen=True, slots=True)
class FallbackLink:
    """A station as the list says it where the map cannot be shown."""

    name: str
    url: str


def arguments_of(asked: Embedded, language: str = "") -> dict[str, str]:
    """Return what differs from the defaults, as it stands in an address; the language first."""
    found = {"lang": language} if language else {}
    for parameter in EMBED:
        value = getattr(asked, parameter.name)
        if value not in (None, "", frozenset(), parameter.default):
            found[parameter.name] = _written(value)
    return found


def frame_address(arguments: Mapping[str, str]) -> str:
    """Return the address of the map with these parameters."""
    return url_for("embed.map_frame", _external=True, **arguments)


def iframe_code(
    arguments: Mapping[str, str], title: str, *, width: int | None = None, height: int = HEIGHT_PX
) -> str:
    """Return an iframe with the map; without a width it is as wide as there is room.

    One of a given width has nothing beside it and keeps its size: no script makes it higher.
    """
    address = frame_address(arguments)
    return render_template("embed_iframe.html", address=address, title=title, width=width, height=height).strip()


def component_code(arguments: Mapping[str, str], title: str, links: Sequence[FallbackLink]) -> str:
    """Return the element `station-map` with its script, and the list inside that is there without it."""
    attributes = [(name.replace("_", "-"), value) for name, value in arguments.items()]
    return render_template("embed_component.html", attributes=attributes, title=title, links=links).strip()


def _written(value: Any) -> str:  # noqa: ANN401 - by kind
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in value)
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)
