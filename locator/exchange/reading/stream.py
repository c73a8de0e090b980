"""What the reading process hands over: rows as lines of JSON, within the limits; and back into a RawFile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, TypeAlias

import orjson

from locator.errors import InvalidValue
from locator.exchange.raw import RawBlock, RawFile, RawRow, TableRows
from locator.exchange.reading.limits import Limits, Refusal, refused

__all__ = ["OnBlock", "Writer", "collect"]

OnBlock: TypeAlias = Callable[[Sequence[str], RawBlock], None]
"""Called with the headings of a table and each block of it as it comes."""

_BATCH = 1 << 20
"""Characters after which a line is sent: large enough that lines cost nothing, small enough to bound memory."""
_BLOCK = 2_500
"""Rows of a table that are sent together at most."""
_BLOCK_START = b'{"numbers":'
_CODE = re.compile(r"(?:(?:EPSG|ESRI|OGC):|urn:(?:x-)?ogc:def:crs:(?:EPSG|ESRI|OGC):[\w.]{0,8}:)\w{1,12}", re.I)
_WKT = re.compile(r"\s*[A-Z_]{6,14}\s*[\[(]", re.I)
# Each of these makes PROJ open a file that the text names, later, in the process of whoever uses the CRS.
_OPENS_FILES = re.compile(r"EXTENSION|PARAMETERFILE|BOUNDCRS|GRIDS|\+INIT", re.I)
_MAX_WKT = 20_000


class Writer:
    """Check rows against the limits, and write them; nothing larger leaves the reading process."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.limits = limits
        self.notes: dict[str, str] = {}
        self._file = file
        self._encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
        self._batch: list[str] = []
        self._numbers: list[int] = []
        self._cells: list[Sequence[str]] = []
        self._size = 0
        self._rows = 0
        self._vertices = 0
        self._headings: dict[str, None] = {}

    def headings(self, headings: Sequence[str]) -> None:
        """Name the columns of the cells that follow."""
        for heading in headings:
            if heading in self._headings:
                raise refused(Refusal.HEADING_TWICE, heading=heading[:100])
            self._heading(heading)
        self._send({"columns": list(headings)})

    def column(self, heading: str) -> None:
        """Name a column that features may have, and none need have."""
        if heading not in self._headings:
            self._heading(heading)

    def cells(self, number: int, cells: Sequence[str]) -> None:
        """Write one row of a table: a text for each heading."""
        limit = self.limits.cell_characters
        length = sum(map(len, cells))
        if length > limit and max(map(len, cells)) > limit:
            column = next(h for h, cell in zip(self._headings, cells, strict=True) if len(cell) > limit)
            raise refused(Refusal.CELL, number=number, limit=limit, column=column[:100])
        self._count()
        self._numbers.append(number)
        self._cells.append(cells)
        self._size += length
        if len(self._numbers) == _BLOCK or self._size > _BATCH:
            self._flush()

    def feature(
        self, number: int, values: Mapping[str, Any], geometry: object = None, code: object = None
    ) -> None:
        """Write one feature: any JSON as values, a geometry object as in GeoJSON, and its identifier."""
        for heading, value in values.items():
            if heading not in self._headings:
                self._heading(heading)
            if value.__class__ is str:
                if len(value) > self.limits.cell_characters:
                    self._text(value, number, heading)
            else:
                self._measure(value, number, heading)
        self._measure(code, number, "id")
        vertices = self._measure(geometry, number, "geometry")
        if vertices > self.limits.vertices:
            raise refused(Refusal.VERTICES, number=number, limit=self.limits.vertices)
        self._vertices += vertices
        if self._vertices > self.limits.total_vertices:
            raise refused(Refusal.TOTAL_VERTICES, limit=self.limits.total_vertices)
        self._row([number, values, geometry, code])

    def end(self, *, crs: str | None = None, about: object = None, incomplete: int = 0) -> None:
        """Write the rest, what the file says of itself, and how many objects it has but in parts."""
        self._measure(about, 0, "locator")
        self._flush()
        self._send(
            {"headings": list(self._headings), "crs": crs, "notes": self.notes, "about": about}
            | {"incomplete": incomplete}
        )
        self._file.flush()

    def refuse(self, error: InvalidValue) -> None:
        """Write why the file is not read; the rows that were sent before do not count."""
        try:
            refusal = Refusal((error.reason, error.mend))
            details = error.details
        except ValueError:
            refusal, details = Refusal.UNREADABLE, {"error": error.text()}
        shown = {k: v if isinstance(v, int) else _printable(v) for k, v in details.items()}
        self._send({"refusal": refusal.name, "details": shown})
        self._file.flush()

    def _heading(self, heading: str) -> None:
        self._text(heading, 1, heading)
        self._headings[heading] = None
        if len(self._headings) > self.limits.columns:
            raise refused(Refusal.COLUMNS, limit=self.limits.columns)

    def _count(self) -> None:
        self._rows += 1
        if self._rows > self.limits.rows:
            raise refused(Refusal.ROWS, limit=self.limits.rows)

    def _row(self, row: list[Any]) -> None:
        self._count()
        text = self._encode(row)
        self._batch.append(text)
        self._size += len(text)
        if self._size > _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._write("[" + ",".join(self._batch) + "]\n")
            self._batch, self._size = [], 0
        if self._numbers:
            block = {"numbers": self._numbers, "cells": list(zip(*self._cells, strict=True))}
            try:
                # Texts and row numbers alone: of what orjson writes otherwise than json there is nothing.
                self._file.write(orjson.dumps(block, option=orjson.OPT_APPEND_NEWLINE))
            except orjson.JSONEncodeError:  # half of a pair
                raise refused(Refusal.NOT_TEXT) from None
            self._numbers, self._cells, self._size = [], [], 0

    def _send(self, message: Mapping[str, Any]) -> None:
        self._write(self._encode(message) + "\n")

    def _write(self, text: str) -> None:
        try:
            self._file.write(text.encode())
        except UnicodeEncodeError:  # half of a pair, which JSON can spell and nothing can store
            raise refused(Refusal.NOT_TEXT) from None

    def _text(self, text: str, number: int, heading: str) -> None:
        if len(text) > self.limits.cell_characters:
            raise refused(Refusal.CELL, number=number, limit=self.limits.cell_characters, column=heading[:100])

    def _measure(self, value: object, number: int, heading: str) -> int:
        """Check depth and texts of a JSON value; return how many innermost lists (positions) it has."""
        if not isinstance(value, str | dict | list | tuple):
            return 0
        if isinstance(value, dict) and value.get("type") == "Point" and len(value) == 2:
            # Nine of ten geometries: seen to be flat without the walk below.
            place = value.get("coordinates")
            if isinstance(place, list) and all(number.__class__ is float for number in place):
                return 1
        positions = 0
        todo: list[tuple[Any, int]] = [(value, 1)]
        while todo:
            item, depth = todo.pop()
            if isinstance(item, str):
                self._text(item, number, heading)
            if not isinstance(item, dict | list | tuple):
                continue
            if depth > self.limits.depth:
                raise refused(Refusal.DEPTH, limit=self.limits.depth)
            inner = list(item.values()) + list(item) if isinstance(item, dict) else item
            inner = [x for x in inner if isinstance(x, str | dict | list | tuple)]
            if not inner and not isinstance(item, dict):
                positions += 1
            todo.extend((x, depth + 1) for x in inner)
        return positions


def collect(file: IO[bytes], limits: Limits, on_block: OnBlock = lambda _headings, _block: None) -> RawFile:
    """Read what a `Writer` wrote, trusting nothing of it: the process that wrote it has met the file.

    Parameters
    ----------
    on_block
        What it is called with counts only once the whole file is returned; it raises nothing.

    Raises
    ------
    InvalidValue
        The writer refused the file, or what it wrote is too much or not to be understood.
    """
    try:
        return _collected(file, limits, on_block)
    except InvalidValue:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise refused(Refusal.CRASH) from None


def _collected(file: IO[bytes], limits: Limits, on_block: OnBlock) -> RawFile:
    rows: list[RawRow] = []
    blocks: list[RawBlock] = []
    headings: list[str] | None = None
    count = 0
    left = limits.output_bytes
    while line := file.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise refused(Refusal.OUTPUT)
        message = (orjson if line.startswith(_BLOCK_START) else json).loads(line)
        if isinstance(message, list):
            rows += [RawRow(int(number), _object(values), *more) for number, values, *more in message]
            count += len(message)
        elif "numbers" in message:
            blocks.append(_block(message, headings or []))
            count += len(blocks[-1].numbers)
        elif "columns" in message:
            headings = list(map(str, message["columns"]))
        elif "refusal" in message:
            raise refused(Refusal[message["refusal"]], **message["details"])
        else:
            return _finished(message, tuple(rows) if headings is None else TableRows(blocks))
        if count > limits.rows:
            raise refused(Refusal.ROWS, limit=limits.rows)
        if blocks:
            on_block(headings or (), blocks[-1])
    raise refused(Refusal.CRASH)


def _block(message: Mapping[str, Any], headings: Sequence[str]) -> RawBlock:
    """Return a part of a table; every cell of it is text, and every column as long as the others."""
    numbers = list(map(int, message["numbers"]))
    columns = dict(zip(headings, message["cells"], strict=True))
    for cells in columns.values():
        if len(cells) != len(numbers) or not set(map(type, cells)) <= {str}:
            raise TypeError
    return RawBlock(numbers, columns)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _finished(message: Mapping[str, Any], rows: Sequence[RawRow]) -> RawFile:
    about = message["about"]
    return RawFile(
        tuple(map(str, message["headings"])),
        rows,
        crs=_stated_crs(message["crs"]),
        notes={str(key): str(note) for key, note in message["notes"].items()},
        about=about if isinstance(about, dict) else None,
        incomplete=int(message["incomplete"]),
    )


def _stated_crs(text: object) -> str | None:
    """Return a CRS that a file states, if it is a code or a definition that cannot make PROJ open files."""
    if text is None:
        return None
    if isinstance(text, str) and (
        _CODE.fullmatch(text) or (len(text) <= _MAX_WKT and _WKT.match(text) and not _OPENS_FILES.search(text))
    ):
        return text
    raise refused(Refusal.CRS)


def _printable(value: object) -> str:
    return str(value)[:300].encode(errors="replace").decode()
