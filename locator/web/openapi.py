"""The OpenAPI 3.0.3 document of the API, made of the tables that its views read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locator import __version__
from locator.translation import N_, Translator
from locator.web.endpoints import ENDPOINTS, Endpoint
from locator.web.params import LANG, Kind, Parameter
from locator.web.schemas import SCHEMAS, ref

__all__ = ["openapi_document"]

_PROBLEM = "application/problem+json"

_REFUSALS: Mapping[str, str] = {
    "400": N_("a parameter is unknown, missing or wrong"),
    "401": N_("the key is not known, or no longer"),
    "404": N_("there is no such station"),
    "413": N_("the body is too large"),
    "429": N_("too many requests; `Retry-After` says how many seconds to wait"),
    "503": N_("the database cannot be read"),
}

_ABOUT = N_(
    "The open map of workers' service stations. Coordinates are WGS84, longitude first. Answers carry an "
    "ETag and say how long they may be used; unknown parameters are refused; errors are RFC 9457 problems "
    "that name the parameter. Nobody needs a key; a key raises how often one may ask, and stands in "
    "`Authorization: Bearer` or `X-API-Key`."
)


def openapi_document(translate: Translator, *, base: str) -> dict[str, Any]:
    """Return the document in a language; `base` is the address under which the API answers."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": translate("Locator, the open map of workers' service stations"),
            "version": __version__,
            "description": translate(_ABOUT),
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "security": [{}, {"bearer": []}, {"key": []}],
        "paths": {endpoint.path: _path(endpoint, translate) for endpoint in ENDPOINTS},
        "components": {
            "schemas": _translated(SCHEMAS, translate),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _path(endpoint: Endpoint, translate: Translator) -> dict[str, Any]:
    in_path = [_parameter(parameter, translate, "path") for parameter in endpoint.in_path]
    asked = [_parameter(parameter, translate, "query") for parameter in endpoint.parameters]
    lang = _parameter(LANG, translate, "query")
    path = {"get": _operation(endpoint, translate) | {"parameters": [*in_path, *asked, lang]}}
    if endpoint.post:
        body = {"required": True, "content": {"application/json": {"schema": _body(endpoint, translate)}}}
        path["post"] = _operation(endpoint, translate, post=True) | {"parameters": [lang], "requestBody": body}
    return path


def _operation(endpoint: Endpoint, translate: Translator, *, post: bool = False) -> dict[str, Any]:
    content = {endpoint.media: {"schema": ref(endpoint.schema)}}
    answer: dict[str, Any] = {"description": translate(endpoint.summary), "content": content}
    responses: dict[str, Any] = {"200": answer}
    if endpoint.kept:
        answer["headers"] = {"ETag": {"required": True, "schema": {"type": "string"}}}
        responses["304"] = {"description": translate("what the request has is still so")}
    for status, reason in _REFUSALS.items():
        if (status == "404" and not endpoint.in_path) or (status == "413" and not post):
            continue
        responses[status] = {
            "description": translate(reason),
            "content": {_PROBLEM: {"schema": ref("Problem")}},
        }
    return {
        "operationId": endpoint.name + ("_post" if post else ""),
        "summary": translate(endpoint.summary),
        **({"description": translate(endpoint.about)} if endpoint.about else {}),
        "responses": responses,
    }


def _parameter(parameter: Parameter, translate: Translator, place: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": place,
        "required": parameter.required,
        "description": translate(parameter.help),
        "schema": _schema(parameter),
    }
    if parameter.kind is Kind.CODES:
        found |= {"style": "form", "explode": False}
    if parameter.example:
        found["example"] = _example(parameter)
    return found


def _example(parameter: Parameter) -> Any:  # noqa: ANN401 - by kind
    if parameter.kind is Kind.CODES:
        return parameter.example.split(",")
    if parameter.kind in (Kind.NUMBER, Kind.COUNT):
        return float(parameter.example) if parameter.kind is Kind.NUMBER else int(parameter.example)
    return parameter.example


def _body(endpoint: Endpoint, translate: Translator) -> dict[str, Any]:
    described = [(one, {"description": translate(one.help)}) for one in (*endpoint.parameters, LANG)]
    return {
        "type": "object",
        "properties": {one.name: _schema(one) | about for one, about in described},
        "required": [one.name for one in endpoint.parameters if one.required],
        "additionalProperties": False,
        "example": {one.name: _example(one) for one in endpoint.parameters if one.example},
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema = dict(_KINDS[parameter.kind])
    if parameter.low is not None:
        schema["minimum"] = parameter.low
    if parameter.high is not None and not parameter.lowered:
        schema["maximum"] = parameter.high
    if parameter.kind is Kind.CODES:
        schema["items"] = {"type": "string", "enum": list(parameter.choices)}
    elif parameter.choices and parameter is not LANG:
        schema["enum"] = list(parameter.choices)
    if parameter.default is not None:
        schema["default"] = parameter.default
    if parameter.lowered:
        schema["x-lowered-to"] = parameter.high
    return schema


_KINDS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.NUMBER: {"type": "number"},
    Kind.COUNT: {"type": "integer"},
    Kind.FLAG: {"type": "boolean"},
    Kind.CODES: {"type": "array"},
    Kind.WORD: {"type": "string"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.BOX: {"type": "string"},
    Kind.PLACE: {"type": "string"},
    Kind.CHOICE: {"type": "string"},
}


def _translated(value: Any, translate: Translator) -> Any:  # noqa: ANN401 - any part of the document
    """Return a part of the document with its descriptions in a language."""
    if isinstance(value, dict):
        return {
            name: translate(item)
            if name == "description" and isinstance(item, str)
            else _translated(item, translate)
            for name, item in value.items()
        }
    return [_translated(item, translate) for item in value] if isinstance(value, list) else value
