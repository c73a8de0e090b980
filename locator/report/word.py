"""A report as a Word document (.docx), to be worked on: the same parts, tables and pictures as on paper."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from locator.maps.colours import GAP
from locator.optional import optional_part
from locator.report.blocks import Change, Changes, Command, Heading, Lines, Part, Plates, Sentences
from locator.report.grids import Grid
from locator.report.plates import Plate
from locator.report.printing import png_of

__all__ = ["docx_of"]

_LATIN, _CHINESE, _CODE = "Noto Sans", "Microsoft YaHei", "Consolas"
_A4_MM, _MARGIN_MM = (210, 297), 18
_WIDE_MM = _A4_MM[0] - 2 * _MARGIN_MM
_SMALL_PT, _TABLE_PT = 8, 7.5
_WORKABLE = 10
"""A table of more columns than this is set smaller."""


def docx_of(title: str, head: Sequence[str], parts: Sequence[Part], language: str) -> bytes:
    """Return a report as a document.

    Parameters
    ----------
    head
        Lines beneath the title.

    Raises
    ------
    MissingPart
        The extra `docx` is not installed.
    """
    return _Writer(title, language).written(head, parts)


class _Writer:
    """Writes one document."""

    def __init__(self, title: str, language: str) -> None:
        docx = optional_part("docx", "docx")
        self._shared = optional_part("docx.shared", "docx")
        self._enum = optional_part("docx.enum.text", "docx")
        self._oxml = optional_part("docx.oxml", "docx")
        self._qn = optional_part("docx.oxml.ns", "docx").qn
        self._document: Any = docx.Document()
        self._title = title
        self._language = language
        self._prepare()

    def written(self, head: Sequence[str], parts: Sequence[Part]) -> bytes:
        """Write all parts and return the file."""
        self._document.add_heading(self._title, 0)
        for line in head:
            self._text(line, style="Subtitle" if line == head[0] else None)
        for number, part in enumerate(parts):
            if number:
                self._document.add_page_break()
            self._document.add_heading(part.title, 1)
            for block in part.blocks:
                self._block(block)
        buffer = io.BytesIO()
        self._document.save(buffer)
        return buffer.getvalue()

    def _prepare(self) -> None:
        """Set A4, fonts for both scripts, the language, and numbers of pages."""
        mm, pt = self._shared.Mm, self._shared.Pt
        section = self._document.sections[0]
        section.page_width, section.page_height = mm(_A4_MM[0]), mm(_A4_MM[1])
        for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
            setattr(section, side, mm(_MARGIN_MM))
        for name in ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "List Bullet", "Caption"):
            self._font(self._document.styles[name])
        self._document.styles["Normal"].font.size = pt(10)
        self._document.styles["Title"].font.size = pt(20)
        told = self._document.core_properties
        told.title, told.author, told.language = self._title, "", "zh-CN" if self._language == "zh" else "en"
        footer = section.footer.paragraphs[0]
        footer.alignment = self._enum.WD_ALIGN_PARAGRAPH.RIGHT
        self._field(footer, "PAGE")

    def _font(self, style: Any) -> None:  # noqa: ANN401 - python-docx has no types
        """Name a font for Latin and one for Chinese letters: Word chooses by the script, each has its own."""
        style.font.name = _LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            if "Theme" in attribute:
                del fonts.attrib[attribute]
        for script, font in (("ascii", _LATIN), ("hAnsi", _LATIN), ("eastAsia", _CHINESE)):
            fonts.set(self._qn(f"w:{script}"), font)

    def _field(self, paragraph: Any, code: str) -> None:  # noqa: ANN401
        field = self._oxml.OxmlElement("w:fldSimple")
        field.set(self._qn("w:instr"), code)
        paragraph._p.append(field)

    def _block(self, block: object) -> None:
        if isinstance(block, Changes):
            self._changes(block.items)
        elif isinstance(block, Sentences):
            for sentence in block.items:
                self._text(sentence, style="List Bullet", size=_SMALL_PT if block.are_warnings else None)
        elif isinstance(block, Heading):
            self._document.add_heading(block.text, 2)
        elif isinstance(block, Lines):
            self._rows([[label, text] for label, text in block.items], widths=(0.28, 0.72))
        elif isinstance(block, Command):
            label = f"{block.label} " if block.label else ""
            run = self._text(label, size=_SMALL_PT).add_run(block.text)
            run.font.name, run.font.size = _CODE, self._shared.Pt(_SMALL_PT)
        elif isinstance(block, Plates):
            self._plates(block)
        elif isinstance(block, Grid):
            self._grid(block)

    def _text(self, text: str, *, style: str | None = None, size: float | None = None) -> Any:  # noqa: ANN401
        paragraph = self._document.add_paragraph(style=style)
        run = paragraph.add_run(text)
        if size:
            run.font.size = self._shared.Pt(size)
        return paragraph

    def _changes(self, items: Sequence[Change]) -> None:
        rows = [[one.text, f"{one.before} → {one.after}", one.difference] for one in items]
        self._rows(rows, widths=(0.6, 0.26, 0.14), numbers=(1, 2), bold=(1,))

    def _plates(self, block: Plates) -> None:
        wide = _WIDE_MM / len(block.items) - (2 if len(block.items) > 1 else 0)
        for plate in block.items:
            self._caption(plate.title)
            if len(block.items) == 1:
                self._picture(self._document.add_paragraph(), plate, wide)
        if len(block.items) > 1:
            paragraph = self._document.add_paragraph()
            for plate in block.items:
                self._picture(paragraph, plate, wide)
        legend = self._document.add_paragraph()
        for key in block.items[0].keys:
            run = legend.add_run("● " if key.shape == "disc" else "■ " if key.shape == "square" else "▬ ")
            run.font.color.rgb = self._shared.RGBColor.from_string(_dark(key.colour))
            run.font.size = self._shared.Pt(_SMALL_PT)
            legend.add_run(f"{key.text}   ").font.size = self._shared.Pt(_SMALL_PT)
        self._text(block.source, size=_SMALL_PT)

    def _picture(self, paragraph: Any, plate: Plate, wide_mm: float) -> None:  # noqa: ANN401
        shape = paragraph.add_run().add_picture(io.BytesIO(png_of(plate.svg)), width=self._shared.Mm(wide_mm))
        # What those hear who do not see the picture.
        shape._inline.docPr.set("descr", plate.title)

    def _caption(self, text: str) -> None:
        paragraph = self._text(text, style="Caption")
        paragraph.paragraph_format.keep_with_next = True

    def _grid(self, grid: Grid) -> None:
        self._caption(grid.title)
        numbers = tuple(sorted(grid.numbers))
        rows = [[one.text for one in row] for row in grid.rows] or [["–"] + [""] * (len(grid.headings) - 1)]
        self._rows([list(grid.headings), *rows], numbers=numbers, has_head=True)

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float] = (),
        numbers: Sequence[int] = (),
        bold: Sequence[int] = (),
        has_head: bool = False,
    ) -> None:
        if not rows:
            return
        table = self._document.add_table(
            rows=0, cols=len(rows[0]), style="Light Grid Accent 1" if has_head else None
        )
        size = self._shared.Pt(_TABLE_PT if len(rows[0]) <= _WORKABLE else _TABLE_PT - 1)
        for place, texts in enumerate(rows):
            row = table.add_row()
            for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                paragraph = cell.paragraphs[0]
                run = paragraph.add_run(text)
                run.font.size = size
                run.font.bold = at in bold or (has_head and place == 0)
                if at in numbers:
                    paragraph.alignment = self._enum.WD_ALIGN_PARAGRAPH.RIGHT
                if widths:
                    cell.width = self._shared.Mm(_WIDE_MM * widths[at])
            if has_head and place == 0:
                self._repeat(row)
        self._document.add_paragraph()

    def _repeat(self, row: Any) -> None:  # noqa: ANN401
        """Let a heading row come again on every page."""
        mark = self._oxml.OxmlElement("w:tblHeader")
        mark.set(self._qn("w:val"), "true")
        row._tr.get_or_add_trPr().append(mark)


def _dark(colour: str) -> str:
    """Return a colour as Word names it; white, which paper would swallow, as that of gaps."""
    return (GAP if colour == "#ffffff" else colour).removeprefix("#").upper()
