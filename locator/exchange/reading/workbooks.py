"""XLSX: a sheet as the texts that it shows; formulas are never evaluated."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from locator.exchange.reading.archive import feed_xml, open_archive, refuse_entities
from locator.exchange.reading.headings import Merge, write_table
from locator.exchange.reading.limits import Limits, Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["read_workbook"]

_LAST_ROW = 1_048_576
_MAX_MERGES = 50_000
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
# Dates in Chinese, Japanese and Korean spreadsheets, whose patterns no file states (ECMA-376, 18.8.30).
_CJK_DATES = frozenset({*range(27, 37), *range(50, 59)})


@dataclass(slots=True)
class _Facts:
    """What of a sheet is known before its cells are read."""

    merges: list[Merge] = field(default_factory=list)
    formulas: int = 0
    unvalued: int = 0


def read_workbook(path: Path, writer: Writer, sheet: str | None) -> None:
    """Read the sheet of that name, or else the first that is not hidden."""
    limits = writer.limits
    with open_archive(path, limits, limits.workbook_members) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                refuse_entities(member)
        # The paths of a workbook's parts are the library's business; it is given the archive that was checked.
        book = _load(path)
        chosen = _chosen(book, sheet)
        writer.notes["sheet"] = str(chosen.title)
        others = [ws.title for ws in book.worksheets if ws is not chosen]
        if others:
            writer.notes["other sheets"] = ", ".join(others)[:500]
        facts = _facts(archive, _part(chosen), limits)
        if facts.formulas:
            writer.notes["formulas"] = str(facts.formulas)
        if facts.unvalued:
            writer.notes["formulas without a value"] = str(facts.unvalued)
        write_table(_rows(chosen), writer, merges=facts.merges, surplus=True)
    writer.end()


def _load(path: Path) -> Any:  # noqa: ANN401 - openpyxl is not typed
    from openpyxl import load_workbook

    # data_only: of a formula, the value that the spreadsheet program saved with it.
    book: Any = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    book._date_formats |= {index for index, style in enumerate(book._cell_styles) if style.numFmtId in _CJK_DATES}
    return book


def _chosen(book: Any, sheet: str | None) -> Any:  # noqa: ANN401
    if sheet is not None:
        for candidate in book.worksheets:
            if candidate.title == sheet:
                return candidate
        names = ", ".join(ws.title for ws in book.worksheets)
        raise refused(Refusal.NO_SHEET, sheet=sheet, sheets=names)
    shown = [ws for ws in book.worksheets if ws.sheet_state == "visible"] or book.worksheets
    if not shown:
        raise refused(Refusal.NO_ROWS)
    return shown[0]


def _part(sheet: Any) -> str:  # noqa: ANN401
    return str(sheet._worksheet_path).lstrip("/")


def _facts(archive: zipfile.ZipFile, part: str, limits: Limits) -> _Facts:
    """Look through a sheet for merged cells and formulas; a sheet of absurd extent goes no further than here."""
    facts = _Facts()
    formula = inside = valued = False
    last = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal formula, inside, valued, last
        inside = name == "v"
        if name == "c":
            formula = valued = False
            place = attributes.get("r")
            if place is not None and _place(place)[1] > limits.columns:
                raise refused(Refusal.COLUMNS, limit=limits.columns)
        elif name == "row":
            number = attributes.get("r", str(last + 1))
            if not (number.isascii() and number.isdigit() and last < int(number) <= _LAST_ROW):
                raise refused(Refusal.XML, error=f"row {number[:20]}")
            last = int(number)
        elif name == "f":
            formula = True
        elif name == "mergeCell":
            facts.merges.append(_merge(attributes.get("ref", ""), limits))
            if len(facts.merges) > _MAX_MERGES:
                raise refused(Refusal.XML, error=f"{_MAX_MERGES} merges")

    def text(text: str) -> None:
        nonlocal valued
        valued = valued or (inside and not text.isspace())

    def end(name: str) -> None:
        if name == "c" and formula:
            facts.formulas += 1
            facts.unvalued += not valued

    with archive.open(part) as member:
        feed_xml(member, start=start, end=end, text=text)
    return facts


def _place(text: str) -> tuple[int, int]:
    """Return row and column of a cell such as B3."""
    found = _CELL.fullmatch(text)
    if not found:
        raise refused(Refusal.XML, error=f"cell {text[:20]}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _merge(text: str, limits: Limits) -> Merge:
    first, _, last = text.partition(":")
    (top, left), (bottom, right) = _place(first), _place(last or first)
    # A title is often merged as wide as sheets go; no column lies beyond the limit.
    return Merge(top, min(left, limits.columns), bottom, min(right, limits.columns))


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401
    sheet.reset_dimensions()  # what the file says of its extent is only said
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [_text(value) for value in cells]


def _text(value: object) -> str:
    """Return a cell as the text that a person would type for it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # A spreadsheet stores 113.07 as 113.06999999999999, which is the same number.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return str(value)
