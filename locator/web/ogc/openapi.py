"""The description of /ogc as OpenAPI 3.0: made of the same tables that check requests and make answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from locator import __version__
from locator.store import COLLECTIONS, Collection
from locator.translation import Translator
from locator.web.ogc.answering import JSON, SCHEMA, address
from locator.web.ogc.asking import EVERYWHERE, ITEMS, Parameter
from locator.web.ogc.descriptions import GEOJSON, OPENAPI
from locator.web.ogc.schemas import property_schema

__all__ = ["openapi"]

_LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
}
_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "string"},
        "geometry": {"type": "object", "required": ["type", "coordinates"]},
        "properties": {"type": "object"},
        "links": _LINKS,
    },
}
_FEATURES = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        "links": _LINKS,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
        "limit": {"type": "integer"},
        "limit_lowered": {"type": "boolean"},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
    },
}
_SCHEMAS = {
    "link": _LINK,
    "feature": _FEATURE,
    "features": _FEATURES,
    "problem": _PROBLEM,
    "document": {"type": "object", "required": ["links"], "properties": {"links": _LINKS}},
}
_PAGE = {"text/html": {"schema": {"type": "string"}}}


def openapi(translate: Translator) -> dict[str, Any]:
    """Return the document.

    Every collection has paths of its own: a client may filter by equality only with the parameters that it finds
    there.
    """
    paths = {
        "/": _operation("landing", translate("Landing page"), JSON, "document"),
        "/conformance": _operation("conformance", translate("Classes of the standards"), JSON, "document"),
        "/api": _operation("api", translate("Description of the interface"), OPENAPI, None),
        "/collections": _operation("collections", translate("Collections"), JSON, "document"),
    }
    for collection in COLLECTIONS.values():
        paths |= _paths(collection, translate)
    about = translate("Workers' service stations, the areas and streets around them, for GIS.")
    return {
        "openapi": "3.0.3",
        "info": {"title": translate("Stations"), "description": about, "version": __version__},
        "servers": [{"url": address("landing_page")}],
        "paths": paths,
        "components": {
            "schemas": _SCHEMAS,
            "parameters": {one.name: _parameter(one, translate) for one in (*EVERYWHERE, *ITEMS)},
            "responses": {"problem": _problem(translate)},
        },
    }


def _problem(translate: Translator) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/problem"}}
    return {
        "description": translate("What was wrong, and with which parameter"),
        "content": {"application/problem+json": schema, **_PAGE},
    }


def _paths(collection: Collection, translate: Translator) -> dict[str, Any]:
    """Return the paths of one collection."""
    root, key = f"/collections/{collection.name}", collection.name.replace("-", "_")

    def operation(
        suffix: str, what: str, mimetype: str, schema: str | None, parameters: Iterable[dict[str, Any]] = ()
    ) -> dict[str, Any]:
        return _operation(key + suffix, f"{translate(collection.title)}: {what}", mimetype, schema, parameters)

    schema = {"type": "string", "title": translate("Code")}
    code = {"name": "featureId", "in": "path", "required": True, "schema": schema}
    asked = [*(_reference(one) for one in ITEMS), *_equalities(collection, translate)]
    return {
        root: operation("", translate("Collection"), JSON, "document"),
        f"{root}/queryables": operation("_queryables", translate("What can be asked for"), SCHEMA, None),
        f"{root}/schema": operation("_schema", translate("What is answered"), SCHEMA, None),
        f"{root}/geojson-schema": operation("_feature_schema", translate("A feature as GeoJSON"), SCHEMA, None),
        f"{root}/items": operation("_items", translate("Features"), GEOJSON, "features", asked),
        f"{root}/items/{{featureId}}": operation("_item", translate("One feature"), GEOJSON, "feature", [code]),
    }


def _equalities(collection: Collection, translate: Translator) -> list[dict[str, Any]]:
    """Return a parameter for each property: what it must be equal to."""
    shared = {"in": "query", "style": "form", "explode": False}
    return [
        {"name": one.name, **shared, "schema": property_schema(one, translate)}
        for one in collection.properties.values()
    ]


def _operation(
    name: str, summary: str, mimetype: str, schema: str | None, parameters: Iterable[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return a path that is read, with its parameters and answers."""
    content = {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "object"}}
    failures = {
        str(status): {"$ref": "#/components/responses/problem"} for status in (400, 401, 404, 405, 429, 503)
    }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": [*parameters, *(_reference(one) for one in EVERYWHERE)],
            "responses": {"200": {"description": summary, "content": {mimetype: content, **_PAGE}}, **failures},
        }
    }


def _reference(one: Parameter) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{one.name}"}


def _parameter(one: Parameter, translate: Translator) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "in": "query",
        "description": translate(one.title),
        "schema": dict(one.schema),
    }
    return said | ({"style": "form", "explode": False} if one.schema["type"] == "array" else {})
