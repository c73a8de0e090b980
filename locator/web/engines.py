"""What search engines ask for: which pages there are, and which are not for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from locator.snapshot import Snapshot
from locator.web.addresses import alternates, public_address
from locator.web.data import data

__all__ = ["blueprint"]

blueprint = Blueprint("engines", __name__)

# The protocol allows 50,000 addresses and 50 MB a file; each of ours names its other languages too.
_PART = 10_000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NOT_FOR_ENGINES = ("/api/", "/assets/", "/s/", "/report/", "/rate/", "/poster/", "/shell", "/ogc/", "/planner")


@blueprint.get("/robots.txt")
def robots() -> BaseResponse:
    """Keep engines from what is no page to be found, and from codes: a visit of theirs would be counted."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ENGINES)]
    lines += ["", f"Sitemap: {public_address('engines.sitemap')}", ""]
    return _kept(Response("\n".join(lines), mimetype="text/plain"))


@blueprint.get("/sitemap.xml")
def sitemap() -> BaseResponse:
    """List the pages; where there are many, the lists of them."""
    snapshot = data().snapshot()
    parts = -(-len(snapshot.ids) // _PART)
    if parts <= 1:
        finder = _entry("finder.finder_page")
        return _xml(_urls([finder, *_entries(snapshot, 0)]))
    listed = "".join(
        f"<sitemap><loc>{escape(public_address('engines.sitemap_part', number=number))}</loc></sitemap>\n"
        for number in range(1, parts + 1)
    )
    return _xml(f'<sitemapindex xmlns="{_SPACE}">\n{listed}</sitemapindex>\n')


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> BaseResponse:
    """List the pages of some stations."""
    snapshot = data().snapshot()
    if not 1 <= number <= -(-len(snapshot.ids) // _PART):
        abort(404)
    return _xml(_urls(_entries(snapshot, number - 1)))


def _entries(snapshot: Snapshot, part: int) -> Iterator[str]:
    """Yield the stations of a part; not those that are closed for good, or made up."""
    for row in range(part * _PART, min((part + 1) * _PART, len(snapshot.ids))):
        record = snapshot.record(row)
        if record["status"] == "closed" or record.get("provenance", {}).get("source") == "illustrative":
            continue
        yield _entry("stations.station_page", code=snapshot.ids[row])


def _entry(endpoint: str, **values: str) -> str:
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href={quoteattr(address)}/>'
        for tag, address in alternates(endpoint, **values)
    )
    return f"<url><loc>{escape(public_address(endpoint, **values))}</loc>{others}</url>\n"


def _urls(entries: Iterable[str]) -> str:
    space = f'xmlns="{_SPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f"<urlset {space}>\n{''.join(entries)}</urlset>\n"


def _xml(text: str) -> BaseResponse:
    return _kept(Response(_HEAD + text, mimetype="application/xml"))


def _kept(response: Response) -> BaseResponse:
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
