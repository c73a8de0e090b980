"""The form of an answer: a page for people, or JSON for programs."""

from __future__ import annotations

from flask import request

__all__ = ["is_ogc", "wants_page"]

_JSON = (
    "application/json",
    "application/geo+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
    "application/problem+json",
)


def is_ogc(path: str) -> bool:
    """Whether an address is one of those that answer in both forms."""
    return path == "/ogc" or path.startswith("/ogc/")


def wants_page() -> bool:
    """Whether the request that is answered now is to be answered with a page.

    `f=json` and `f=html` go before what the client says that it accepts. Who accepts anything is a program.
    """
    if not is_ogc(request.path):
        return not request.path.startswith("/api/")
    asked = request.args.get("f")
    if asked in ("json", "html"):
        return asked == "html"
    return request.accept_mimetypes.best_match((*_JSON, "text/html"), default=_JSON[0]) == "text/html"
