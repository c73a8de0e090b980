"""Whether a request comes from a page of ours: others may not make a browser change anything here."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request

__all__ = ["refuse_other_sites"]


def refuse_other_sites() -> None:
    """Refuse what a page of another site has sent: browsers say which one that was."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != request.host):
        abort(403)
