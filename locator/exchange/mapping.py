"""A mapping file: what the columns of one office's list are, written once and used again.

```toml
crs = "EPSG:2263"                   # or datum = "gcj02"
source = "NYC Open Data"
[columns]                           # field = heading
name = "FACILITY_NAME"
lon = "X"
[weekdays]                          # a column of hours for each day
Mo = "Monday"
[facilities]                        # a column of yes and no for one facility
wheelchair_access = "HANDICAP_ACCESS"
[values.status]                     # what a cell says = what it means
OPEN = "operating"
[constants]                         # what every row has
category = "station"
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from locator.errors import InvalidValue
from locator.exchange.columns import FIELDS, Columns, find_columns
from locator.station import FACILITIES
from locator.translation import N_

__all__ = ["ColumnMapping", "apply_mapping", "read_mapping", "write_mapping"]

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_PARTS = ("crs", "datum", "source", "columns", "weekdays", "facilities", "values", "constants")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a mapping file says; every part may be empty."""

    crs: str = ""
    datum: str = ""
    source: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    weekdays: Mapping[str, str] = field(default_factory=dict)
    facilities: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


def read_mapping(path: Path, fields: Iterable[str] = FIELDS) -> ColumnMapping:
    """Read a mapping file.

    Parameters
    ----------
    fields
        What a column can be: a station's fields, or a place's.

    Raises
    ------
    InvalidValue
        It is no TOML, or names a part, field, facility or weekday that there is not.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(
            N_("cannot be read as a mapping: {error}"),
            field="mapping",
            value=path.name,
            error=error,
            mend=N_("write it as TOML, with a part [columns]"),
        ) from error
    _only(document, _PARTS, "mapping")
    _only(_table(document, "columns"), fields, "columns")
    _only(_table(document, "constants"), fields, "constants")
    _only(_table(document, "values"), fields, "values")
    _only(_table(document, "weekdays"), _WEEKDAYS, "weekdays")
    _only(_table(document, "facilities"), FACILITIES, "facilities")
    texts = {name: str(document.get(name, "")) for name in ("crs", "datum", "source")}
    tables = {name: _texts(document, name) for name in ("columns", "weekdays", "facilities", "constants")}
    values = {name: _texts(_table(document, "values"), name) for name in _table(document, "values")}
    return ColumnMapping(**texts, **tables, values=values)  # type: ignore[arg-type]


def write_mapping(path: Path, columns: Columns, *, crs: str, source: str) -> None:
    """Write what was found of a list's columns as a mapping file, to be corrected and used again."""
    import json

    def line(name: str, text: str) -> str:
        # A JSON string is a TOML basic string.
        return f"{name} = {json.dumps(text, ensure_ascii=False)}"

    lines = [line("crs", crs), line("source", source)]
    for part, pairs in (
        ("columns", columns.fields),
        ("weekdays", columns.weekdays),
        ("facilities", columns.facilities),
    ):
        if pairs:
            lines += ["", f"[{part}]", *(line(name, heading) for name, heading in pairs.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def apply_mapping(
    headings: Iterable[str],
    mapping: ColumnMapping | None,
    find: Callable[[Iterable[str]], Columns] = find_columns,
) -> Columns:
    """Return what each column is: what the mapping says, and for the other columns what their headings say.

    Parameters
    ----------
    find
        What says what a heading means.

    Raises
    ------
    InvalidValue
        The mapping names a heading that the file does not have.
    """
    headings = list(headings)
    if mapping is None:
        return find(headings)
    named = [mapping.columns, mapping.weekdays, mapping.facilities]
    taken = {heading for part in named for heading in part.values()}
    for heading in sorted(taken):
        if heading not in headings:
            raise InvalidValue(
                N_("is no heading of the file: {headings}"),
                field="mapping",
                value=heading,
                headings=", ".join(headings),
                mend=N_("correct the mapping file"),
            )
    found = find(heading for heading in headings if heading not in taken)
    spare = {name: h for name, h in found.fields.items() if name in mapping.columns}
    return replace(
        found,
        fields={**{n: h for n, h in found.fields.items() if n not in spare}, **mapping.columns},
        weekdays={**found.weekdays, **mapping.weekdays},
        facilities={**found.facilities, **mapping.facilities},
        others=tuple(h for h in headings if h in set(found.others) | set(spare.values())),
        values=mapping.values,
        constants=mapping.constants,
    )


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise InvalidValue(
            N_("is not a table"),
            field=f"mapping {name}",
            value=table,
            mend=N_("write it as a part [{name}]"),
            name=name,
        )
    return table


def _texts(document: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in _table(document, name).items()}


def _only(names: Iterable[str], known: Iterable[str], part: str) -> None:
    choices = list(known)
    for name in names:
        if name not in choices:
            raise InvalidValue(
                N_("is not one of {choices}"),
                field=f"mapping {part}",
                value=name,
                choices=", ".join(choices),
                mend=N_("choose one of them"),
            )
