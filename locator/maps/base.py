"""A Folium map with local assets only, as parts of a page of ours or as one file that stands alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from jinja2 import Environment, PackageLoader

from locator.assets import asset_folder
from locator.maps.text import json_block

__all__ = ["LocalMap", "MapPage", "Start", "standalone"]

LEAFLET = "vendor/leaflet-1.9.4"
STYLES = (f"{LEAFLET}/leaflet.css", "css/map.css")
SCRIPTS = (f"{LEAFLET}/leaflet.js", "js/state-shapes.js", "js/station-map.js")


class LocalMap(folium.Map):
    """A Folium map that brings no scripts and styles of its own: the page has ours, from `static/`."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium reads it from the class
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Start(MacroElement):
    """Hand a map and its layers to `locatorMap.start` in static/js/station-map.js, which fills them."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        locatorMap.start({{ this._parent.get_name() }}, { {% for name, layer in this.layers.items() -%}
            {{ name }}: {{ layer.get_name() }}, {% endfor %} });
        {% endmacro %}
        """
    )

    def __init__(self, layers: Mapping[str, MacroElement]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.layers = layers


@dataclass(frozen=True, slots=True)
class MapPage:
    """A map in parts: `body` is its HTML, `script` draws it, `data` is what it shows, as JSON."""

    title: str
    body: str
    style: str
    script: str
    data: str

    @classmethod
    def of(cls, drawn: folium.Map, *, title: str, data: Mapping[str, Any]) -> MapPage:
        """Return the parts of a Folium map; `data` is what `locatorMap.start` finds in the page."""
        figure: Figure = drawn.get_root()  # type: ignore[assignment]  # a map's root is a figure
        # Folium names things by chance; the same map is to be the same bytes, and one that stands in a page alone.
        for number, part in enumerate(_parts(figure)):
            part._id = f"{number:x}"
        figure.render()
        name = drawn.get_name()
        return cls(
            title=title,
            body=figure.html.render(),
            # Folium's own header forbids zooming by hand and loads what we have.
            style=f"#{name} {{ position: absolute; inset: 0; }}",
            script=figure.script.render(),
            data=json_block(data),
        )


def _parts(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _parts(child)


def standalone(page: MapPage, language: str) -> str:
    """Return one HTML file with everything in it: it opens from a disk and asks the network for nothing."""
    static = asset_folder("static")
    environment = Environment(loader=PackageLoader("locator.maps"), autoescape=True)
    return environment.get_template("standalone.html").render(
        page=page,
        lang=language,
        styles=[_with_pictures(static / name) for name in STYLES],
        scripts=[(static / name).read_text(encoding="utf-8") for name in SCRIPTS],
    )


def _with_pictures(path: Path) -> str:
    """Return a style sheet with the pictures that it names inside it."""

    def picture(found: re.Match[str]) -> str:
        file = path.parent / found.group(1)
        return f"url(data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()})"

    return re.sub(r"url\((images/[\w.-]+\.png)\)", picture, path.read_text(encoding="utf-8"))
