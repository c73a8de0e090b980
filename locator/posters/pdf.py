"""Posters as PDF, by WeasyPrint; nothing is fetched, from nowhere."""

from __future__ import annotations

from typing import NoReturn

from locator.errors import MissingPart
from locator.optional import optional_part
from locator.posters.fonts import chinese_font
from locator.translation import N_

__all__ = ["pdf_of"]


def pdf_of(page: str) -> bytes:
    """Return an HTML page of posters as PDF, its text as text.

    Raises
    ------
    MissingPart
        WeasyPrint is not installed (the extra `print` brings it), or Pango is not, or no font here has Chinese
        characters.
    """
    try:
        weasyprint = optional_part("weasyprint", "print")
    except OSError as error:
        raise MissingPart(
            N_("Pango, which sets the text, is not installed"), field="poster",
            mend=N_("install it, such as the Debian package libpangoft2-1.0-0"),
        ) from error  # fmt: skip
    if chinese_font() is None:
        raise MissingPart(
            N_("no font here has Chinese characters"), field="poster",
            mend=N_("install one, such as the Debian package fonts-noto-cjk"),
        )  # fmt: skip
    made: bytes = weasyprint.HTML(string=page, url_fetcher=_refuse).write_pdf()
    return made


def _refuse(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"posters fetch nothing: {url[:80]}")
