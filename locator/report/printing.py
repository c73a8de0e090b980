"""A report on paper: PDF through WeasyPrint, which asks nothing of any network."""

from __future__ import annotations

from locator.errors import MissingPart
from locator.optional import optional_part
from locator.translation import N_

__all__ = ["pdf_of"]


def pdf_of(page: str) -> bytes:
    """Return a page as PDF.

    Raises
    ------
    MissingPart
        The extra `pdf` is not installed, or the system's Pango that it draws letters with.
    """
    try:
        weasyprint = optional_part("weasyprint", "pdf")
    except OSError as error:
        # It is there, but cannot load a library of the system.
        raise MissingPart(
            N_("needs Pango, a library of the system"), field="pdf", mend=N_("apt-get install libpangoft2-1.0-0")
        ) from error

    def refused(url: str, *_: object, **__: object) -> object:
        raise ValueError(f"a report asks for nothing: {url}")

    return bytes(weasyprint.HTML(string=page, url_fetcher=refused).write_pdf())
