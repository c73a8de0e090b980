"""Schemas of a collection: what can be asked for, and what is answered; both from one table of properties."""

from __future__ import annotations

from typing import Any

from locator.store import Collection, Property
from locator.translation import Translator

__all__ = ["feature_schema", "property_schema", "queryables", "returnables"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KINDS: dict[str, dict[str, str]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string", "format": "date-time"},
}


def property_schema(one: Property, translate: Translator) -> dict[str, Any]:
    """Return the JSON schema of a property's values."""
    schema: dict[str, Any] = {"title": translate(one.title), **_KINDS[one.kind]}
    if one.choices:
        schema["enum"] = list(one.choices)
        schema["description"] = "; ".join(f"{code}: {translate(label)}" for code, label in one.choices.items())
    return schema


def queryables(collection: Collection, address: str, translate: Translator) -> dict[str, Any]:
    """Return the schema of what a filter can ask for; nothing else can be (`additionalProperties`)."""
    return _schema(collection, address, translate) | {"additionalProperties": False}


def returnables(collection: Collection, address: str, translate: Translator) -> dict[str, Any]:
    """Return the schema of the features that are answered."""
    return _schema(collection, address, translate)


def feature_schema(collection: Collection, address: str, translate: Translator) -> dict[str, Any]:
    """Return the schema of one feature as GeoJSON has it.

    GDAL takes from it the kinds of columns, which it would otherwise guess from the first few features. The id it
    adds by itself.
    """
    columns = [one for one in collection.properties.values() if one.role != "id"]
    return {
        "$schema": _DIALECT,
        "$id": address,
        "type": "object",
        "title": translate(collection.title),
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object"},
            "properties": {
                "type": "object",
                "properties": {one.name: property_schema(one, translate) for one in columns},
            },
        },
    }


def _schema(collection: Collection, address: str, translate: Translator) -> dict[str, Any]:
    """Return the schema, the order of its members kept (`x-ogc-propertySeq`) where JSON keeps none."""
    members: dict[str, Any] = {}
    for place, one in enumerate(collection.properties.values(), start=1):
        members[one.name] = property_schema(one, translate) | {"x-ogc-propertySeq": place}
        if one.role:
            members[one.name]["x-ogc-role"] = one.role
    members["geometry"] = {
        "title": translate("Geometry"),
        "format": collection.geometry,
        "x-ogc-role": "primary-geometry",
        "x-ogc-propertySeq": len(members) + 1,
    }
    return {
        "$schema": _DIALECT,
        "$id": address,
        "type": "object",
        "title": translate(collection.title),
        "description": translate(collection.description),
        "properties": members,
    }
