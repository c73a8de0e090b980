"""Tables of stations: a clerk's sheet saved as CSV, with Chinese or English headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["Table", "read_csv"]

_ENCODINGS = ("utf-8-sig", "gb18030")
_MAX_CELL = 10_000


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows as (line number, heading to cell); cells are stripped text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_csv(path: Path) -> Table:
    """Read a CSV or TSV file in UTF-8 (with or without BOM) or GB18030; empty lines are passed over.

    Raises
    ------
    InvalidValue
        It is no text, has no headings, a heading stands twice, or a row has more cells than headings.
    """
    text = _decoded(path.read_bytes())
    first = text.partition("\n")[0]
    delimiter = max("\t,;", key=first.count)
    try:
        lines = list(_lines(text, delimiter))
    except csv.Error as error:
        raise InvalidValue(
            N_("cannot be read as a table: {error}"), field="file", error=error, mend=N_("save it again as CSV")
        ) from error
    if not lines:
        raise InvalidValue(N_("has no rows"), field="file", value=path.name, mend=N_("give a table with headings"))
    headings = tuple(cell.strip() for cell in lines[0][1])
    _check_headings(headings)
    return Table(headings, tuple((number, _row(number, headings, cells)) for number, cells in lines[1:]))


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidValue(
        N_("is neither UTF-8 nor GB18030 text"), field="file", mend=N_("save it as CSV UTF-8 in the spreadsheet")
    )


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _check_headings(headings: tuple[str, ...]) -> None:
    for heading in headings:
        if heading and headings.count(heading) > 1:
            raise InvalidValue(
                N_("stands twice among the headings"),
                field="file",
                value=heading,
                mend=N_("rename one of the two"),
            )


def _row(number: int, headings: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    surplus = [cell for cell in cells[len(headings) :] if cell.strip()]
    if surplus:
        raise InvalidValue(
            N_("line {number} has more cells than there are headings"),
            field="file",
            value=surplus[0],
            number=number,
            mend=N_("put cells that hold a comma in quotes"),
        )
    row = {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False) if heading}
    for heading, cell in row.items():
        if len(cell) > _MAX_CELL:
            raise InvalidValue(
                N_("is longer than {limit} characters"),
                field=heading,
                value=cell,
                limit=_MAX_CELL,
                mend=N_("shorten it"),
            )
    return row
