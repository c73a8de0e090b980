"""Addresses of our own pages as the public knows them: for posters, search engines and pictures of links."""

from __future__ import annotations

from flask import current_app, url_for

__all__ = ["public_address"]


def public_address(endpoint: str, **values: object) -> str:
    """Return the full address of a page: under `PUBLIC_URL`, else under the name by which it was asked for."""
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    if not base:
        return url_for(endpoint, _external=True, **values)  # type: ignore[arg-type]
    return base + url_for(endpoint, **values)  # type: ignore[arg-type]
