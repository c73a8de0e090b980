"""Addresses of our own pages as the public knows them: for posters, search engines and pictures of links."""

from __future__ import annotations

from flask import current_app, url_for

from locator.translation import LANGUAGES
from locator.web.published import published

__all__ = ["LANGUAGE_TAGS", "alternates", "public_address"]

LANGUAGE_TAGS = {"zh": "zh-CN"}
"""What search engines call our languages (BCP 47), where that is another word."""


def public_address(endpoint: str, **values: object) -> str:
    """Return the full address of a page: under `PUBLIC_URL`, else under the name by which it was asked for.

    On a site of files it is where the file stands: a path, where nobody said on which host.
    """
    if published() is not None:
        return url_for(endpoint, _external=True, **values)  # type: ignore[arg-type]
    base = str(current_app.config["PUBLIC_URL"]).rstrip("/")
    if not base:
        return url_for(endpoint, _external=True, **values)  # type: ignore[arg-type]
    return base + url_for(endpoint, **values)  # type: ignore[arg-type]


def alternates(endpoint: str, **values: object) -> list[tuple[str, str]]:
    """Return the tag of each language that a page is there in, and its address in it."""
    return [
        (LANGUAGE_TAGS.get(language, language), public_address(endpoint, **values, lang=language))
        for language in LANGUAGES
    ]
