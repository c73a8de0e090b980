"""A Folium map with local assets only, as parts of a page of ours or as one file that stands alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import shapely
from branca.element import Element, Figure, MacroElement
from folium import JsCode
from folium.template import Template
from jinja2 import Environment, PackageLoader
from shapely.geometry.base import BaseGeometry

from locator.assets import asset_folder
from locator.maps.text import json_block, safe

__all__ = ["Line", "LocalMap", "MapPage", "Start", "empty_layer", "extent", "feature", "standalone"]

LEAFLET = "vendor/leaflet-1.9.4"
STYLES = (f"{LEAFLET}/leaflet.css", "css/map.css")
SCRIPTS = (f"{LEAFLET}/leaflet.js", "js/state-shapes.js", "js/base-map.js", "js/station-map.js")
"""The files of the map of stations, under `static/`; a map of another kind names its own."""
_DECIMALS = 6  # of a degree: a decimetre, less than a line is wide
_WORLD = (-180.0, -60.0, 180.0, 75.0)


class LocalMap(folium.Map):
    """A Folium map that brings no scripts and styles of its own: the page has ours, from `static/`."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium reads it from the class
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Start(MacroElement):
    """Hand a map and its layers to the function `start` of a script of ours, which fills them."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this.script }}.start({{ this._parent.get_name() }}, { {% for name, layer in this.layers.items() -%}
            {{ name }}: {{ layer.get_name() }}, {% endfor %} });
        {% endmacro %}
        """
    )

    def __init__(self, layers: Mapping[str, MacroElement], script: str = "locatorMap") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.layers = layers
        self.script = script


@dataclass(frozen=True, slots=True)
class Line:
    """A station in the list beside a map: its name, its state (code and text), where it is and how one gets in."""

    name: str
    state: str
    state_text: str
    where: str
    entry: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """A map in parts: `body` is its HTML, `script` draws it, `data` is what it shows, as JSON.

    `styles` and `scripts` are the files under `static/` that it needs, in their order.
    """

    title: str
    body: str
    style: str
    script: str
    data: str
    styles: tuple[str, ...] = STYLES
    scripts: tuple[str, ...] = SCRIPTS

    @classmethod
    def of(
        cls,
        drawn: folium.Map,
        *,
        title: str,
        data: Mapping[str, Any],
        styles: tuple[str, ...] = STYLES,
        scripts: tuple[str, ...] = SCRIPTS,
    ) -> MapPage:
        """Return the parts of a Folium map; `data` is what the script's `start` finds in the page."""
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
            styles=styles,
            scripts=scripts,
        )


def _parts(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():
        yield from _parts(child)


def empty_layer(name: str, kind: str, script: str = "locatorMap") -> folium.GeoJson:
    """Return a layer that is filled from the page's data block; the script has a member of its kind."""
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": []},
        name=safe(name),
        style=JsCode(f"{script}.{kind}.style"),
        pointToLayer=JsCode(f"{script}.{kind}.marker"),
        on_each_feature=JsCode(f"{script}.{kind}.describe"),
    )


def extent(geometries: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    """Return west, south, east, north of some geometries; of none those of the world."""
    if not geometries:
        return _WORLD
    west, south, east, north = shapely.total_bounds(geometries)
    return float(west), float(south), float(east), float(north)


def feature(geometry: BaseGeometry, **properties: object) -> dict[str, Any]:
    """Return a geometry as GeoJSON."""
    rounded = shapely.transform(geometry, lambda coordinates: coordinates.round(_DECIMALS))
    return {"type": "Feature", "geometry": shapely.geometry.mapping(rounded), "properties": properties}


def standalone(page: MapPage, language: str, *, listed: Sequence[Line] = (), heading: str = "") -> str:
    """Return one HTML file with everything in it: it opens from a disk and asks the network for nothing.

    Parameters
    ----------
    listed
        What is read where no script runs; nothing: the map is all that there is.
    heading
        What stands above it.
    """
    static = asset_folder("static")
    environment = Environment(loader=PackageLoader("locator.maps"), autoescape=True)
    return environment.get_template("standalone.html").render(
        page=page,
        lang=language,
        listed=listed,
        heading=heading,
        styles=[_with_pictures(static / name) for name in page.styles],
        scripts=[(static / name).read_text(encoding="utf-8") for name in page.scripts],
    )


def _with_pictures(path: Path) -> str:
    """Return a style sheet with the pictures that it names inside it."""

    def picture(found: re.Match[str]) -> str:
        file = path.parent / found.group(1)
        return f"url(data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()})"

    return re.sub(r"url\((images/[\w.-]+\.png)\)", picture, path.read_text(encoding="utf-8"))
