"""Tables as a page shows them: headings, cells as text and as what they are sorted by, the week as a heat map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from locator.coverage.headings import cell, heading, shown
from locator.coverage.hours import DAYS
from locator.coverage.printing import shown_tables
from locator.coverage.result import STRAIGHT, Result, Table
from locator.maps.colours import AREAS, NOTHING, ink_on, share_class
from locator.report.findings import Findings
from locator.translation import Translator

__all__ = ["Cell", "Grid", "HeatDay", "grids_of", "heat_days", "share_style"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text, and as what it is sorted by: a number or a text; None comes last."""

    text: str
    key: str | float | None
    is_number: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A table to be shown.

    Attributes
    ----------
    measure, name
        Where it is from: what a download names.
    total
        How many rows there are; `rows` may be the first of them.
    """

    measure: str
    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int

    @property
    def numbers(self) -> frozenset[int]:
        """The places of the columns that hold numbers, and nothing else but what is not known."""
        return frozenset(
            at
            for at in range(len(self.headings))
            if any(row[at].is_number for row in self.rows)
            and all(row[at].is_number or row[at].key is None for row in self.rows)
        )


@dataclass(frozen=True, slots=True)
class HeatDay:
    """A day of the heat map: of each hour its slice, its share in per cent and the colour's class."""

    name: str
    hours: Sequence[tuple[int, int | None, str]]


def grids_of(result: Result, translate: Translator, *, weight: str, most: int | None = None) -> Iterator[Grid]:
    """Yield the tables of a result that people look at first.

    Parameters
    ----------
    most
        So many rows of each are shown; None: all.
    """
    straight = f" [{translate(STRAIGHT)}]" if result.about.is_straight else ""
    for table, fields in shown_tables(result, weight=weight):
        if table.name == "week":
            continue
        yield Grid(
            result.measure,
            table.name,
            table.title.text(translate) + straight,
            [heading(field, translate) for field in fields],
            list(_rows(table, fields, translate, most)),
            len(table),
        )


def heat_days(findings: Findings, translate: Translator) -> list[HeatDay]:
    """Return the week, and a public holiday if there is one, hour by hour."""
    shares = findings.drawing.slices.shares
    days = []
    for day in range((len(shares) - 1) // 24):
        hours = [_heat_cell(1 + day * 24 + hour, shares[1 + day * 24 + hour]) for hour in range(24)]
        days.append(HeatDay(translate(DAYS[day]), hours))
    return days


def share_style() -> str:
    """Return the style sheet of the classes `share-0` … `share-4` and `share-none`."""
    classes = [*enumerate(AREAS), ("none", NOTHING)]
    return "\n".join(
        f".share-{name} {{ background: {colour}; color: {ink_on(colour)}; }}" for name, colour in classes
    )


def _heat_cell(at: int, share: float | None) -> tuple[int, int | None, str]:
    place = share_class(share)
    return at, None if share is None else round(100 * share), "share-none" if place is None else f"share-{place}"


def _rows(table: Table, fields: Sequence[str], translate: Translator, most: int | None) -> Iterator[list[Cell]]:
    for at in range(min(len(table), len(table) if most is None else most)):
        yield [_cell(field, table.columns[field][at], translate) for field in fields]


def _cell(field: str, value: Any, translate: Translator) -> Cell:  # noqa: ANN401 - whatever a table holds
    plain = cell(value, translate)
    is_number = isinstance(plain, (int, float))
    key = plain.isoformat() if isinstance(plain, date) else plain
    return Cell(shown(field, value, translate), key, is_number)
