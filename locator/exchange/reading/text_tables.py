"""CSV and TSV: the encoding and the delimiter are guessed, and shown."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from locator.exchange.reading.headings import write_table
from locator.exchange.reading.limits import Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["read_text_table"]

_CHUNK = 1 << 20
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 BOM", "utf-16": "UTF-16", "gb18030": "GB18030"}
_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon"}
_RUN = ("=", "+", "-", "@", "'", "\t", "\r")  # what a spreadsheet takes for the start of a formula


def read_text_table(path: Path, writer: Writer) -> None:
    """Read a table in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030."""
    encoding, has_quotes = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(_CHUNK)
        delimiter = _delimiter(start)
        writer.notes |= {"encoding": _NAMES[encoding], "delimiter": _DELIMITERS[delimiter]}
        if "\0" in start:
            raise refused(Refusal.ENCODING)
        file.seek(0)
        try:
            write_table(_rows(file, delimiter, has_quotes=has_quotes), writer)
        except csv.Error as error:
            raise refused(Refusal.TABLE, error=error) from error
    writer.end()


def _encoding(path: Path) -> tuple[str, bool]:
    """Return the first encoding in which the whole file is text, and whether any of that is an apostrophe."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            candidates = ["utf-16"]
        elif start.startswith(codecs.BOM_UTF8):
            candidates = ["utf-8-sig"]
        else:
            candidates = ["utf-8", "gb18030"]
        for encoding in candidates:
            decoder = codecs.getincrementaldecoder(encoding)()
            has_quotes = False
            file.seek(0)
            try:
                while chunk := file.read(_CHUNK):
                    has_quotes |= "'" in decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeError:
                continue
            return encoding, has_quotes
    raise refused(Refusal.ENCODING)


def _delimiter(start: str) -> str:
    """Return the delimiter that the first lines have most; a title above the table has none."""
    lines = "".join(start.splitlines(keepends=True)[:20])
    return max(_DELIMITERS, key=lines.count)


def _rows(file: io.TextIOWrapper, delimiter: str, *, has_quotes: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    for cells in reader:
        stripped = list(map(str.strip, cells))
        # Few cells begin with a quote, and looking at all of them at once is cheap.
        quoted = has_quotes and "\n'" in "\n".join(["", *stripped])
        yield reader.line_num, list(map(_bare, stripped)) if quoted else stripped


def _bare(cell: str) -> str:
    """Return a cell without the quote that keeps a spreadsheet from running it; only text formats need one."""
    return cell[1:].strip() if cell.startswith("'") and cell[1:2] in _RUN else cell
