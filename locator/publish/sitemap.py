"""The sitemap: every page that a search engine may show (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

__all__ = ["sitemaps"]

_MOST = 50_000  # "no more than 50,000 URLs" in a file, by the protocol
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemaps(base_url: str, addresses: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the sitemap's files; `sitemap.xml` is the one to tell of."""
    parts = [addresses[first : first + _MOST] for first in range(0, len(addresses), _MOST)]
    if len(parts) <= 1:
        yield "sitemap.xml", _file("urlset", "url", addresses)
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield "sitemap.xml", _file("sitemapindex", "sitemap", [base_url + name for name in names])
    for name, part in zip(names, parts, strict=True):
        yield name, _file("urlset", "url", part)


def _file(around: str, each: str, addresses: Sequence[str]) -> bytes:
    lines = "".join(f"<{each}><loc>{escape(address)}</loc></{each}>\n" for address in addresses)
    return f'{_HEAD}<{around} xmlns="{_SPACE}">\n{lines}</{around}>\n'.encode()
