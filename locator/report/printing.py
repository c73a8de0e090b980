"""A report on paper: PDF through WeasyPrint, which asks nothing of any network."""

from __future__ import annotations

import re
from typing import Any

from locator.errors import MissingPart
from locator.optional import optional_part
from locator.translation import N_

__all__ = ["pdf_of", "png_of"]

_FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif"


def pdf_of(page: str) -> bytes:
    """Return a page as PDF.

    Raises
    ------
    MissingPart
        The extra `pdf` is not installed, or the system's Pango that it draws letters with.
    """
    return bytes(_document(page).write_pdf())


def png_of(svg: str, *, width_px: int = 1600) -> bytes:
    """Return a picture as PNG, for documents that take no SVG.

    Raises
    ------
    MissingPart
        The extra `docx` is not installed, or the system's Pango.
    """
    import io

    pdfium = optional_part("pypdfium2", "docx")
    found = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    wide, high = (float(part) for part in found.groups()) if found else (720.0, 480.0)
    style = (
        f"@page {{ size: {wide:g}px {high:g}px; margin: 0 }} body {{ margin: 0 }} "
        f"svg {{ display: block; width: {wide:g}px; height: {high:g}px; font-family: {_FONTS} }}"
    )
    pages = pdfium.PdfDocument(_document(f"<style>{style}</style>{svg}", "docx").write_pdf())
    picture = pages[0].render(scale=width_px / (wide * 0.75)).to_pil()
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    pages.close()
    return buffer.getvalue()


def _document(page: str, extra: str = "pdf") -> Any:  # noqa: ANN401 - WeasyPrint has no types
    try:
        weasyprint = optional_part("weasyprint", extra)
    except OSError as error:
        # It is there, but cannot load a library of the system.
        raise MissingPart(
            N_("needs Pango, a library of the system"), field=extra, mend=N_("apt-get install libpangoft2-1.0-0")
        ) from error

    def refused(url: str, *_: object, **__: object) -> object:
        raise ValueError(f"a report asks for nothing: {url}")

    return weasyprint.HTML(string=page, url_fetcher=refused)
