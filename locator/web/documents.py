"""The API's description: the OpenAPI document for programs, and a page made of it for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, render_template, request
from markupsafe import Markup

from locator.web.answers import answer, json_bytes
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.openapi import openapi_document
from locator.web.params import PLAIN, body_or_arguments, read_parameters

__all__ = ["blueprint"]

blueprint = Blueprint("documents", __name__)

_BASE = "/api/v1"


@blueprint.get(f"{_BASE}/openapi.json")
def openapi() -> Response:
    """Answer with the OpenAPI document, its descriptions in the reader's language."""
    version = data().version()
    read_parameters(body_or_arguments(request), PLAIN, zone=version.snapshot.zone)
    return answer(lambda: json_bytes(_document()), version, by_language=True)


@blueprint.get("/api")
@blueprint.get("/api/")
@blueprint.get(f"{_BASE}/docs")
def docs() -> str:
    """Show what the API answers to."""
    document = _document()
    return render_template(
        "documents.html", document=document, examples=_examples(document), marked=_marked, about=data().about()
    )


def _document() -> dict[str, Any]:
    return openapi_document(page_translator(), base=request.script_root + _BASE)


def _examples(document: dict[str, Any]) -> dict[str, str]:
    """Return a command that asks each operation, by its id."""
    base = request.url_root.rstrip("/") + _BASE
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            given = {one["name"]: one.get("example") for one in operation["parameters"]}
            address = base + path.replace("{id}", str(given.pop("id", "")))
            if method == "post":
                body = operation["requestBody"]["content"]["application/json"]["schema"]["example"]
                text = f"curl -H 'Content-Type: application/json' -d '{json.dumps(body)}' {address}"
            else:
                query = urlencode(
                    {name: _plain(value) for name, value in given.items() if value is not None}, safe=",:"
                )
                text = f"curl '{address}{'?' if query else ''}{query}'"
            found[operation["operationId"]] = text
    return found


def _marked(text: str) -> Markup:
    """Return a description as HTML: what stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in parts)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
