"""What an import did, or would do, with each row, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from locator.errors import LocatorError
from locator.translation import N_, Translator

__all__ = ["Outcome", "Report", "Row"]


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


OUTCOMES: dict[Outcome, str] = {
    Outcome.ADDED: N_("added"),
    Outcome.CHANGED: N_("changed"),
    Outcome.UNCHANGED: N_("unchanged"),
    Outcome.REFUSED: N_("refused"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes
    ----------
    number
        Its place in the file as a reader of the file counts: a table's heading is line 1, the first feature
        of a GeoJSON file is 1.
    warnings
        What was taken but should be looked at.
    changed
        Names of the fields that differ from what is kept.
    error
        Why it was refused.
    """

    number: int
    outcome: Outcome
    id: str = ""
    name: str = ""
    changed: tuple[str, ...] = ()
    warnings: tuple[LocatorError, ...] = ()
    error: LocatorError | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Every row of a file, and how the file was read."""

    file: str
    datum: str
    rows: tuple[Row, ...]
    written: bool
    columns: dict[str, str] = field(default_factory=dict)
    unused_columns: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows had each outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def refused(self) -> tuple[Row, ...]:
        """The rows that cannot be taken."""
        return tuple(row for row in self.rows if row.outcome is Outcome.REFUSED)

    def lines(self, translate: Translator) -> Iterator[str]:
        """Yield the report as text: first the counts, then each row that needs a look."""
        comma = translate(", ")
        counts = comma.join(f"{translate(OUTCOMES[o])} {n}" for o, n in self.counts.items())
        yield f"{self.file} ({self.datum}): {counts}"
        if self.columns:
            pairs = comma.join(f"{heading} → {name}" for name, heading in self.columns.items())
            yield "  " + translate("columns: {pairs}", pairs=pairs)
        if self.unused_columns:
            yield "  " + translate("kept as text: {headings}", headings=comma.join(self.unused_columns))
        for row in self.rows:
            for warning in row.warnings:
                yield f"  {row.number} {row.name}: {warning.text(translate)}"
            if row.error:
                yield f"  {row.number} {row.name}: {translate(OUTCOMES[row.outcome])}: {row.error.text(translate)}"
        if not self.written and self.refused:
            yield translate("Nothing was written: mend the rows above and import again.")

    def as_json(self, translate: Translator) -> dict[str, Any]:
        """Return the report as JSON-able values, every row among them."""
        return {
            "file": self.file,
            "datum": self.datum,
            "written": self.written,
            "counts": {str(outcome): number for outcome, number in self.counts.items()},
            "columns": self.columns,
            "unused_columns": list(self.unused_columns),
            "rows": [_row_as_json(row, translate) for row in self.rows],
        }


def _row_as_json(row: Row, translate: Translator) -> dict[str, Any]:
    return {
        "row": row.number,
        "outcome": str(row.outcome),
        "id": row.id,
        "name": row.name,
        "changed": list(row.changed),
        "warnings": [warning.text(translate) for warning in row.warnings],
        "error": row.error.text(translate) if row.error else None,
    }
