"""How an answer of the API is sent: validators, how long it may be kept, and compressed where that is worth it."""

from __future__ import annotations

import gzip
import hashlib
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Accept

from locator import __version__
from locator.web.data import Version
from locator.web.language import page_translator

__all__ = [
    "GEOJSON",
    "JSON",
    "WORTH_IT",
    "answer",
    "best_encoding",
    "compress_answers",
    "compressed",
    "json_bytes",
]

JSON = "application/json"
GEOJSON = "application/geo+json"

WORTH_IT = 1_024
"""Bytes; what is shorter fits one packet either way."""

_COMPRESSIBLE = frozenset(
    {
        JSON,
        GEOJSON,
        "application/problem+json",
        "application/openapi+json",
        "application/manifest+json",
        "application/xml",
        # No page has a secret that could be guessed from its compressed length: a nonce is another each time.
        "text/html",
    }
)


def json_bytes(value: object) -> bytes:
    """Return a value as compact JSON."""
    return orjson.dumps(value)


def answer(
    make: Callable[[], bytes],
    version: Version,
    *,
    media: str = JSON,
    until: datetime | None = None,
    moment: object = "",
    keep: str = "",
    by_language: bool = False,
) -> Response:
    """Return what a version of the data says, or 304 to who has it already.

    Parameters
    ----------
    make
        Returns the body; not called for who has it.
    until
        The moment at which the answer will be another though the data stays; None: there is none.
    moment
        What the body depends on beside the data, the address and the language, such as a day.
    keep
        A name by which the body and its compressed forms are kept as long as the version is served, for what
        many ask and little depends on.
    by_language
        Whether the body is in the reader's language.
    """
    language = page_translator().language if by_language else ""
    # RFC 9110, section 8.8.3: a tag speaks of one address alone, so what the address says need not be in it.
    tag = hashlib.sha256(f"{__version__} {version.stamp} {language} {moment}".encode()).hexdigest()[:24]
    encoding = best_encoding(request.accept_encodings)
    response = _not_modified(tag) or _with_body(
        make, version, tag, encoding, f"{keep} {moment} {language}" if keep else ""
    )
    response.mimetype = media
    response.headers["Cache-Control"] = f"public, max-age={_max_age_s(until)}, must-revalidate"
    response.vary.update(["Accept-Encoding", *(["Accept-Language", "Cookie"] if by_language else [])])
    return response


def best_encoding(accepted: Accept) -> str:
    """Return `br`, `gzip` or nothing, as a client's Accept-Encoding likes best."""
    liked = [(accepted[name], name) for name in _encoders() if accepted[name] > 0]
    # Of those liked the same the first, which is the smaller.
    return max(liked, key=lambda one: one[0])[1] if liked else ""


def compressed(body: bytes, encoding: str) -> bytes:
    """Return bytes in an encoding that `best_encoding` names."""
    return _encoders()[encoding](body)


def compress_answers(app: Flask) -> None:
    """Compress what else an application answers: pages, and what has no tag of its own under /api."""
    app.after_request(_compress)


def _with_body(make: Callable[[], bytes], version: Version, tag: str, encoding: str, keep: str) -> Response:
    def encoded() -> bytes:
        return compressed(body, encoding)

    body = version.once(keep, make) if keep else make()
    if not encoding or len(body) < WORTH_IT:
        response = Response(body)
        response.set_etag(tag)
        return response
    response = Response(version.once(f"{keep} {encoding}", encoded) if keep else encoded())
    response.headers["Content-Encoding"] = encoding
    # Other bytes, another strong tag (RFC 9110, section 8.8.3.3).
    response.set_etag(f"{tag}-{encoding}")
    return response


def _not_modified(tag: str) -> Response | None:
    """Return 304 when the request names a tag of this text, in an encoding that it still accepts."""
    if request.method not in ("GET", "HEAD") or not request.if_none_match:
        return None
    tags = [tag, *(f"{tag}-{name}" for name in _encoders() if request.accept_encodings[name] > 0)]
    known = next((one for one in tags if request.if_none_match.contains_weak(one)), None)
    if known is None:
        return None
    response = Response(status=304)
    response.set_etag(known)
    return response


def _max_age_s(until: datetime | None) -> int:
    longest = int(current_app.config["MAX_AGE_S"])
    if until is None:
        return longest
    return max(0, min(longest, math.floor((until - datetime.now(UTC)).total_seconds())))


@cache
def _encoders() -> dict[str, Callable[[bytes], bytes]]:
    """Return the encodings that can be made here, the smallest first; brotli is an optional part."""
    encoders: dict[str, Callable[[bytes], bytes]] = {}
    if find_spec("brotli"):
        import brotli

        # Quality 5 takes as long as gzip's 6; the default of 11 takes a hundred times that.
        encoders["br"] = lambda body: bytes(brotli.compress(body, quality=5))
    # The same bytes for the same text: without the time in the header.
    encoders["gzip"] = lambda body: gzip.compress(body, 6, mtime=0)
    return encoders


def _compress(response: Response) -> Response:
    """Compress an answer that is not yet, and that has no tag which its bytes would belie."""
    if response.mimetype not in _COMPRESSIBLE:
        return response
    response.vary.add("Accept-Encoding")
    encoding = best_encoding(request.accept_encodings)
    untouched = "Content-Encoding" not in response.headers and "ETag" not in response.headers
    if encoding and untouched and not response.is_streamed:
        body: Any = response.get_data()
        if len(body) >= WORTH_IT:
            response.set_data(compressed(body, encoding))
            response.headers["Content-Encoding"] = encoding
    return response
