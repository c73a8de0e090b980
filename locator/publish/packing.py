"""The hours of a cell in a form that is short: what a day is like is told once, however many days are like it.

A third of a cell was its hours before. `static/js/columns.js` reads both forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["packed_hours"]

_DAY_MINUTES = 24 * 60


def packed_hours(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of stations, their hours as the numbers of days that are alike.

    Parameters
    ----------
    document
        As `locator.web.columns.columns_of` returns it.

    Returns
    -------
    The same, but that `hours` has `patterns`, each a list of begin, end and state in minutes from the begin of its
    day, and each of its `values` has `days` in place of `intervals`: the number of a pattern for each day. The
    texts that the hours were read from are left out.
    """
    hours, days = document["columns"]["hours"], int(document["days"])
    numbers: dict[tuple[tuple[int, int, str], ...], int] = {}
    values = []
    for told in hours["values"]:
        of_day: list[list[tuple[int, int, str]]] = [[] for _ in range(days)]
        for begin, end, state in told["intervals"]:
            day = min(begin // _DAY_MINUTES, days - 1)  # clocks that are set back make the last day longer
            of_day[day].append((begin - day * _DAY_MINUTES, end - day * _DAY_MINUTES, state))
        patterns = [numbers.setdefault(tuple(one), len(numbers)) for one in of_day]
        values.append(
            {"days": patterns, "after": told["after"], "holidays_unknown": told["holidays_unknown"]},
        )
    packed = {"patterns": list(numbers), "values": values, "rows": hours["rows"]}
    return {**document, "columns": {**document["columns"], "hours": packed}}
