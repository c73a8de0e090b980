"""Forms that only our own pages send: what another site makes a browser send is refused.

Two things are asked for. The browser says where a form comes from (see `locator.web.origin`). And the form carries
a token, signed with a key of the database over a random cookie that the page with the form has set: who cannot
read the page and its cookie cannot make one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from flask import Response, g, request

from locator.web.data import data

__all__ = ["COOKIE", "device_token", "form_once", "form_token", "remember_device"]

COOKIE = "form"
FIELD = "token"
"""The field of a form that carries the token."""

_DAY_S = 24 * 3600
_FORM_S = 12 * 3600
_SHORTEST = 20


def device_token() -> str:
    """Return the random text that this browser has for a day; one that has none is given it with the answer."""
    if "device" not in g:
        shown = request.cookies.get(COOKIE, "")
        g.device = shown if len(shown) >= _SHORTEST else secrets.token_urlsafe(16)
    return str(g.device)


def remember_device(response: Response) -> Response:
    """Set the cookie on the page of a form, unless the browser has it."""
    if request.cookies.get(COOKIE) != device_token():
        response.set_cookie(
            COOKIE, device_token(), max_age=_DAY_S, secure=request.is_secure, httponly=True, samesite="Strict"
        )
    response.headers["Cache-Control"] = "no-store"  # a token is for one browser
    return response


def form_token(purpose: str) -> str:
    """Return the token of a form that is shown now; `purpose` says which form it is."""
    stated = f"{int(time.time()):x}.{secrets.token_urlsafe(12)}"
    return f"{stated}.{_signed(purpose, stated)}"


def form_once(purpose: str) -> str | None:
    """Return what tells the form that was sent from any other; None: its token is missing, old or wrong."""
    stated, _, signature = request.form.get(FIELD, "").rpartition(".")
    moment, _, once = stated.partition(".")
    if not hmac.compare_digest(signature.encode(), _signed(purpose, stated).encode()):
        return None
    return once if 0 <= time.time() - int(moment, 16) < _FORM_S else None


def _signed(purpose: str, stated: str) -> str:
    message = f"{purpose}\0{stated}\0{device_token()}".encode("utf-8", "replace")
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()


def _key() -> bytes:
    if "form_key" not in g:
        with data().store() as store:
            g.form_key = store.form_key()
    return bytes(g.form_key)
