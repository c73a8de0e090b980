"""The sitemap: every page that a search engine may show (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

__all__ = ["sitemaps"]

_MOST = 50_000  # "no more than 50,000 URLs" in a file, by the protocol; with their languages 35 MB of the 50
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XHTML = "http://www.w3.org/1999/xhtml"
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemaps(
    base_url: str, addresses: Sequence[str], alternates: Callable[[str], Iterable[tuple[str, str]]] = lambda _: ()
) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of the sitemap's files; `sitemap.xml` is the one to tell of.

    Parameters
    ----------
    alternates
        Returns for the address of a page the tag of each language that it is there in, and its address in it.
    """
    parts = [addresses[first : first + _MOST] for first in range(0, len(addresses), _MOST)]
    if len(parts) <= 1:
        yield "sitemap.xml", _file("urlset", "url", addresses, alternates)
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield "sitemap.xml", _file("sitemapindex", "sitemap", [base_url + name for name in names], lambda _: ())
    for name, part in zip(names, parts, strict=True):
        yield name, _file("urlset", "url", part, alternates)


def _file(
    around: str, each: str, addresses: Sequence[str], alternates: Callable[[str], Iterable[tuple[str, str]]]
) -> bytes:
    lines = "".join(
        f"<{each}><loc>{escape(address)}</loc>{''.join(map(_alternate, alternates(address)))}</{each}>\n"
        for address in addresses
    )
    return f'{_HEAD}<{around} xmlns="{_SPACE}" xmlns:xhtml="{_XHTML}">\n{lines}</{around}>\n'.encode()


def _alternate(told: tuple[str, str]) -> str:
    tag, address = told
    return f'<xhtml:link rel="alternate" hreflang="{tag}" href={quoteattr(address)}/>'
