"""Where a table begins: titles above it passed over, headings in two lines or over several columns made one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from locator.exchange.reading.limits import Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["Merge", "write_table"]

_LOOK = 20
_MAX_HEADING_ROWS = 3
_NUMBER = re.compile(r"[-+]?[\d.,:：/年月日-]*")


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells merged into one: rows and columns from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


def write_table(
    rows: Iterable[tuple[int, list[str]]],
    writer: Writer,
    *,
    merges: Sequence[Merge] = (),
    surplus: bool = False,
) -> None:
    """Find the headings of a table and write it, without its empty rows and its columns that have no heading.

    A heading merged over several columns stands over each of them: before the sub-headings below it where these
    alone would not do, else with a number. What is merged over several rows counts for each of them.

    Parameters
    ----------
    rows
        Number and cells as stripped text, of unequal length.
    merges
        Of the sheet, in any order.
    surplus
        Whether cells beyond the last heading are passed over, and counted in the notes; else they are refused.
    """
    filled = ((number, cells) for number, cells in rows if any(cells))
    spread = _spread_down(filled, merges) if merges else filled
    head = list(islice(spread, _LOOK))
    if not head:
        raise refused(Refusal.NO_ROWS)
    first = _heading_row(head, merges)
    count = _heading_rows(head[first:], merges)
    headings = _headings(head[first : first + count], merges)
    if first or count > 1:
        writer.notes["heading row"] = str(head[first + count - 1][0])
    columns = [index for index, heading in enumerate(headings) if heading]
    writer.headings([headings[index] for index in columns])
    width, dense, passed_over = len(headings), len(columns) == len(headings), 0
    for number, cells in chain(head[first + count :], spread):
        if len(cells) > width and any(cells[width:]):
            if not surplus:
                raise refused(Refusal.SURPLUS, number=number)
            passed_over += 1
        if len(cells) != width:
            cells = cells[:width] + [""] * (width - len(cells))  # noqa: PLW2901 - made as long as the headings
        writer.cells(number, cells if dense else [cells[index] for index in columns])
    if passed_over:
        writer.notes["rows with cells that have no heading"] = str(passed_over)


def _spread_down(
    rows: Iterable[tuple[int, list[str]]], merges: Sequence[Merge]
) -> Iterator[tuple[int, list[str]]]:
    """Give the text of cells merged over rows to each of their rows."""
    waiting = sorted((m for m in merges if m.bottom > m.top), key=lambda m: m.top, reverse=True)
    active: list[tuple[Merge, str]] = []
    for number, cells in rows:
        while waiting and waiting[-1].top <= number:
            merge = waiting.pop()
            if merge.top == number and merge.left <= len(cells):
                active.append((merge, cells[merge.left - 1]))
        active = [(merge, text) for merge, text in active if merge.bottom >= number]
        for merge, text in active:
            if merge.top < number:
                cells.extend([""] * (merge.left - len(cells)))
                cells[merge.left - 1] = cells[merge.left - 1] or text
        yield number, cells


def _heading_row(head: Sequence[tuple[int, list[str]]], merges: Sequence[Merge]) -> int:
    """Return the first row that is no title: of three texts or more, or of two that cover half of the table."""
    covered = [_across(number, cells, merges) for number, cells in head]
    widest = max(sum(map(bool, cells)) for cells in covered)
    for index, (_, cells) in enumerate(head):
        texts = sum(map(bool, cells))
        if texts > 2 or (texts == 2 and 2 * sum(map(bool, covered[index])) >= widest):
            return index
    return 0


def _heading_rows(head: Sequence[tuple[int, list[str]]], merges: Sequence[Merge]) -> int:
    """Return how many rows the headings take: as far down as one is merged, or one more for sub-headings."""
    number, cells = head[0]
    here = [m for m in merges if m.top == number]
    down = max((m.bottom for m in here if _cell(cells, m.left)), default=number)
    rows = sum(1 for n, _ in head[:_MAX_HEADING_ROWS] if n <= down)
    wide = [m for m in here if m.right > m.left and m.bottom == m.top and _cell(cells, m.left)]
    if rows > 1 or not wide or len(head) < 2 or head[1][0] != number + 1:
        return max(rows, 1)
    below = head[1][1]
    under = {column for m in wide for column in range(m.left, min(m.right, len(below) + 1) + 1)}
    texts = [_cell(below, column) for column in under]
    beside = [_cell(below, c) for c in range(1, len(cells) + 1) if c not in under and _cell(cells, c)]
    are_names = all(text and not _NUMBER.fullmatch(text) for text in texts)
    return 2 if are_names and (not beside or not all(beside)) else 1


def _headings(rows: Sequence[tuple[int, list[str]]], merges: Sequence[Merge]) -> list[str]:
    """Return one heading a column, from one row of headings or several."""
    lines = [_across(number, cells, merges) for number, cells in rows]
    width = max(map(len, lines))
    above = [[_cell(line, column + 1) for line in lines] for column in range(width)]
    lowest = [next((text for text in reversed(texts) if text), "") for texts in above]
    headings = []
    for texts, name in zip(above, lowest, strict=True):
        parts = list(dict.fromkeys(text for text in texts if text))
        headings.append(" ".join(parts) if lowest.count(name) > 1 else name)
    seen: dict[str, int] = {}
    for column, heading in enumerate(headings):
        merged = any(m.top <= n <= m.bottom and m.left < column + 1 <= m.right for m in merges for n, _ in rows)
        if merged and heading in seen:
            headings[column] = f"{heading} {seen[heading] + 1}"
        seen[heading] = seen.get(heading, 0) + 1
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _across(number: int, cells: Sequence[str], merges: Sequence[Merge]) -> list[str]:
    """Return cells with each text that is merged over columns standing in all of them."""
    spread = list(cells)
    for merge in merges:
        if merge.top <= number <= merge.bottom and merge.right > merge.left:
            text = _cell(cells, merge.left)
            spread.extend([""] * (merge.right - len(spread)))
            for column in range(merge.left - 1, merge.right):
                spread[column] = spread[column] or text
    return spread


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column - 1] if column <= len(cells) else ""
