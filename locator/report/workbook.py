"""A report as a workbook (.xlsx): findings first, the maps, how it was found and by which command, every table."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from locator.coverage.result import Result
from locator.coverage.writing import sheets_of
from locator.errors import MissingPart
from locator.exchange.files import whole_file
from locator.exchange.writing import fill_page
from locator.report.blocks import Block, Changes, Command, Heading, Lines, Part, Plates, Sentences
from locator.report.grids import Grid
from locator.report.printing import png_of
from locator.translation import N_, Translator

__all__ = ["write_workbook"]

_WIDTHS = (58, 16, 16, 16, 22, 14, 14, 14, 18)
_PICTURE_PX = 720
_ROW_PX = 20
_SHEETS = {"summary": N_("Findings"), "maps": N_("Maps"), "method": N_("Method and formulas")}
"""The parts that have sheets of their own; what others tell stands in the tables."""


def write_workbook(
    path: Path,
    translate: Translator,
    *,
    title: str,
    head: Sequence[str],
    parts: Sequence[Part],
    results: Sequence[Result],
) -> None:
    """Write a report as a workbook; it is there whole or not at all.

    Figures are numbers, and no text is a formula, whatever it begins with.

    Parameters
    ----------
    head
        Lines beneath the title.
    results
        Those whose tables follow, a sheet each.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    told = {part.code: part for part in parts}
    for code, name in _SHEETS.items():
        page = _Page(book.create_sheet(translate(name)), translate)
        if code == "summary":
            page.line(title, bold=True)
            for line in head:
                page.line(line)
        for block in told[code].blocks:
            page.block(block)
        if code == "summary" and "sites" in told:
            # What each change does is told in sentences there, and what is read with care before.
            page.line(told["sites"].title, bold=True)
            for block in told["sites"].blocks:
                if isinstance(block, Sentences):
                    page.block(block)
    for sheet in sheets_of(results, translate, taken=[one.title for one in book.worksheets]):
        fill_page(book.create_sheet(sheet.title), sheet)
    with whole_file(path) as unfinished:
        book.save(unfinished)


class _Page:
    """A sheet that is written from above to below."""

    def __init__(self, page: Any, translate: Translator) -> None:  # noqa: ANN401 - openpyxl has no types
        from openpyxl.utils import get_column_letter

        self._page = page
        self._translate = translate
        self._row = 1
        for at, width in enumerate(_WIDTHS, start=1):
            page.column_dimensions[get_column_letter(at)].width = width

    def block(self, block: Block) -> None:
        """Write a block of a report."""
        if isinstance(block, Changes):
            self._changes(block)
        elif isinstance(block, Sentences):
            for sentence in block.items:
                self.line(sentence)
        elif isinstance(block, Heading):
            self.line(block.text, bold=True)
        elif isinstance(block, Lines):
            for label, text in block.items:
                self.cells(label, text)
        elif isinstance(block, Command):
            self.cells(*([block.label] if block.label else []), block.text)
        elif isinstance(block, Plates):
            self._plates(block)
        elif isinstance(block, Grid):
            self._grid(block)
        self._row += not isinstance(block, Heading)

    def line(self, text: str, *, bold: bool = False) -> None:
        """Write a text in a row of its own, across all columns."""
        self.cells(text, bold=bold)

    def cells(self, *values: Any, bold: bool = False) -> None:  # noqa: ANN401 - what a cell holds
        """Write a row."""
        from openpyxl.styles import Font

        for at, value in enumerate(values, start=1):
            cell = self._page.cell(self._row, at)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
            if bold:
                cell.font = Font(bold=True)
        self._row += 1

    def _changes(self, block: Changes) -> None:
        headings = (N_("Figure"), N_("Before"), N_("After"), N_("Difference"))
        self.cells(*map(self._translate, headings), bold=True)
        for one in block.items:
            self.cells(one.text, *one.values)

    def _grid(self, grid: Grid) -> None:
        self.line(grid.title, bold=True)
        self.cells(*grid.headings, bold=True)
        for row in grid.rows:
            self.cells(*(one.key if one.is_number else one.text for one in row))

    def _plates(self, block: Plates) -> None:
        for plate in block.items:
            self.line(plate.title, bold=True)
            self._picture(plate.svg)
        for key in block.items[0].keys:
            self._key(key.colour, key.text)
        self.line(block.source)

    def _picture(self, svg: str) -> None:
        """Put a picture into the sheet; where none can be made, say so."""
        from openpyxl.drawing.image import Image

        try:
            picture = Image(io.BytesIO(png_of(svg)))
        except MissingPart as missing:
            self.line(missing.text(self._translate))
            return
        picture.height = round(picture.height * _PICTURE_PX / picture.width)
        picture.width = _PICTURE_PX
        self._page.add_image(picture, f"A{self._row}")
        self._row += int(picture.height / _ROW_PX) + 2

    def _key(self, colour: str, text: str) -> None:
        from openpyxl.styles import Font

        self.line(f"● {text}")
        shown = colour.removeprefix("#") if colour != "#ffffff" else "999999"
        self._page.cell(self._row - 1, 1).font = Font(color=shown)
