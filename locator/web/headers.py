"""The headers that every answer carries: what a page may load, and who may show it inside a page of theirs."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request

from locator.settings import embedding_sites
from locator.web.forms import is_ogc

__all__ = ["EMBEDS", "NEAREST_HEADERS", "allow_images", "is_embed", "page_nonce", "send_headers"]

EMBEDS = "/embed/v1/"
"""What other sites show inside their pages; nothing else can be."""

_POLICY = (
    "default-src 'none'",
    "script-src 'self' 'nonce-{nonce}'",
    "style-src 'self' 'nonce-{nonce}'",
    "img-src 'self' data:{images}",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-src {frames}",
    "frame-ancestors {ancestors}",
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_DOCUMENT_HEADERS = {
    # OpenStreetMap's tile servers refuse requests that name no referrer.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_EMBED_HEADERS = {
    "Permissions-Policy": "geolocation=(self), fullscreen=(self), camera=(), microphone=()",
    # A page that isolates itself (Cross-Origin-Embedder-Policy) may show it too.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cross-Origin-Embedder-Policy": "credentialless",
}
_API_HEADERS = {
    # An answer holds a moment and may hold a position: nobody between keeps it.
    "Cache-Control": "no-store",
    # Pages of other sites may ask, with JSON in the body, and read what was wrong with a question.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-ID",
}
_PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Headers": "Content-Type, Authorization, X-API-Key, If-None-Match",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}
_OGC_HEADERS = {
    # Kept by anybody, and asked about each time: the answer to that is short while nothing changes.
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
}

NEAREST_HEADERS = tuple((_HEADERS | _API_HEADERS | {"Vary": "Accept-Encoding"}).items())
"""What an answer to a question for the nearest carries beside its type, length and id."""


def send_headers(app: Flask) -> None:
    """Send the headers with every answer, and give templates the `nonce` of their scripts and styles."""
    app.context_processor(lambda: {"nonce": page_nonce(), "meta_policy": meta_policy})
    app.after_request(_headers)


def is_embed(path: str) -> bool:
    """Whether an address is one that other sites show inside their pages."""
    return path.startswith(EMBEDS)


def allow_images(*sources: str) -> None:
    """Let the page that is answered now load pictures from these origins."""
    g.image_sources = sources


def page_nonce() -> str:
    """Return what the scripts and styles of the page that is answered now are known by."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def meta_policy() -> str:
    """Return what the page that is written now says of itself where no header does: nothing in it runs.

    Who may show it inside a page of theirs only a header can say.
    """
    rules = [rule.replace(" 'nonce-{nonce}'", "") for rule in _POLICY if not rule.startswith("frame-")]
    return "; ".join(rules).format(images=_images())


def _images() -> str:
    return "".join(f" {source}" for source in g.get("image_sources", ()))


def _policy() -> str:
    """Return what the page that is answered now may load, and who may show it inside a page of theirs."""
    sites = embedding_sites(str(current_app.config["EMBED_SITES"])) if is_embed(request.path) else ()
    return "; ".join(_POLICY).format(
        nonce=page_nonce(),
        images=_images(),
        # The page that makes embeds shows one.
        frames="'self'" if request.path == "/embed" else "'none'",
        ancestors=("*" if "*" in sites else " ".join(("'self'", *sites))) if is_embed(request.path) else "'none'",
    )


def _own(response: Response) -> dict[str, str]:
    """Return what an answer says of itself: data go nowhere and load nothing, so they say less."""
    if is_embed(request.path):
        framed = {name: value for name, value in _HEADERS.items() if name != "X-Frame-Options"}
        return framed | _DOCUMENT_HEADERS | _EMBED_HEADERS
    return _HEADERS if (response.mimetype or "").endswith("json") else _HEADERS | _DOCUMENT_HEADERS


def _headers(response: Response) -> Response:
    for name, value in _own(response).items():
        response.headers.setdefault(name, value)
    is_page = response.mimetype == "text/html" and request.method != "OPTIONS"
    if request.path.startswith("/api/") and not is_page:
        for name, value in _API_HEADERS.items():
            response.headers.setdefault(name, value)
        if request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT_HEADERS)
    if is_ogc(request.path):
        # The same address answers in several forms; the language may be the one that a page remembered.
        response.vary.update(("Accept", "Accept-Language", "Cookie"))
        if not is_page:
            for name, value in _OGC_HEADERS.items():
                response.headers.setdefault(name, value)
    if is_page:
        response.headers.setdefault("Content-Security-Policy", _policy())
        # Pages hold the state at a moment.
        response.headers.setdefault("Cache-Control", "no-cache")
    return response
