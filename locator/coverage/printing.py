"""Results as lines on a screen: the tables that people look at first, then what the figures mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from locator.coverage.headings import heading, shown
from locator.coverage.result import STRAIGHT, Result, Table
from locator.translation import N_, Translator

__all__ = ["result_lines", "shown_tables"]

MOST_ROWS = 30
_LONGEST = 70
_LONGEST_LIST = 32
_SHOWN: Mapping[str, Mapping[str, Sequence[str]]] = {
    "audit": {
        "summary": (),
        "areas": ("name", "stations_inside", "{weight}", "share", "has_reach", "oldest_verification"),
        "streets": ("name", "length_m", "stations_at_street", "uncovered_m", "share", "longest_uncovered_m"),
    },
    "reach": {
        "total": ("counted", "threshold", "total", "within", "share", "share_possible"),
        "distance": (),
        "areas": ("name", "{weight}", "{weight}_share_", "median_m", "p90_m", "worst_m"),
    },
    "service_areas": {"service_areas": (), "stations": ()},
    "hours": {"week": (), "areas": ()},
    "gaps": {
        "reasons": (),
        "gaps": ("rank", "reason", "because_of", "people", "hours_unserved", "areas", "nearest", "nearest_m"),
        "face_only": (),
    },
    "facilities": {"total": ()},
    "backup": {"total": (), "stations": ()},
    "equity": {"percentiles": (), "figures": (), "areas": ()},
    "capacity": {"figures": (), "areas": ()},
    "spacing": {"pairs": ("station", "other", "distance_m", "straight_m"), "stretches": ()},
    "heat": {"days": (), "areas": ()},
    "comparison": {
        "measures": (),
        "cost": (),
        "changes": (),
        "areas": ("name", "{weight}", "first", "second", "people_gained", "people_lost", "person_hours_more"),
    },
    "proposal": {"edits": (), "sites": (), "alternatives": (), "frontier": (), "radii": ()},
    "siting": {
        "plan": (),
        "sites": ("name", "new", "opening_hours", "cost", "newly", "newly_alone", "alternatives"),
        "frontier": (),
        "radii": (),
    },
}
"""Measure to the tables that a screen shows, and of each the columns, those that begin so where it ends in `_`.

None named: all but codes.
"""
_LISTS = ("areas", "station_names")
_CODES = ("id", "area_id", "station_id", "other_id", "nearest_id")


def result_lines(result: Result, translate: Translator, *, weight: str = "") -> Iterator[str]:
    """Yield a result as lines of text; of long tables the beginning.

    Parameters
    ----------
    weight
        The weight that the study counts, the name of whose column the tables have.
    """
    for table, fields in shown_tables(result, weight=weight):
        straight = f" [{translate(STRAIGHT)}]" if result.about.is_straight else ""
        yield f"## {table.title.text(translate)}{straight}"
        yield from _table_lines(table, fields, translate)
        yield ""
    for label, text in result.about.lines(translate):
        yield translate(N_("{label}: {text}"), label=label, text=text)


def shown_tables(result: Result, *, weight: str) -> Iterator[tuple[Table, list[str]]]:
    """Yield the tables that people look at first, each with its columns that say something to them."""
    tables = {table.name: table for table in result.tables}
    for name, wanted in _SHOWN[result.measure].items():
        if name in tables:  # else it was left out, or not asked for
            yield tables[name], list(_fields(tables[name], [field.format(weight=weight) for field in wanted]))


def _fields(table: Table, wanted: Sequence[str]) -> Iterator[str]:
    if not wanted:
        yield from (field for field in table.columns if field not in _CODES)
    for name in wanted:
        yield from (
            field for field in table.columns if field == name or (name.endswith("_") and field.startswith(name))
        )


def _table_lines(table: Table, fields: Sequence[str], translate: Translator) -> Iterator[str]:
    if not len(table):
        yield translate(N_("none"))
        return
    columns = []
    for field in fields:
        values = table.columns[field][:MOST_ROWS]
        numeric = any(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
        longest = _LONGEST_LIST if field in _LISTS else _LONGEST
        texts = [heading(field, translate), *(_cut(shown(field, value, translate), longest) for value in values)]
        width = max(map(_width, texts))
        columns.append([_filled(text, width, right=numeric) for text in texts])
    for row in zip(*columns, strict=True):
        yield "  ".join(row).rstrip()
    if len(table) > MOST_ROWS:
        yield translate(N_("… and {count} more; a file (-o) has them all"), count=len(table) - MOST_ROWS)


def _cut(text: str, longest: int) -> str:
    if _width(text) <= longest:
        return text
    while _width(text) > longest - 1:
        text = text[:-1]
    return text + "…"


def _width(text: str) -> int:
    """Return the places that a text takes on a screen, where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _filled(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks
