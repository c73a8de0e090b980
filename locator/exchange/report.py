"""What an import did, or would do, with each row, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from locator.errors import LocatorError, shortened
from locator.exchange.columns import Columns
from locator.exchange.files import whole_file
from locator.translation import N_, Translator

__all__ = ["Outcome", "Report", "Row", "write_report"]


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    REFUSED = "refused"


OUTCOMES: dict[Outcome, str] = {
    Outcome.ADDED: N_("added"),
    Outcome.CHANGED: N_("changed"),
    Outcome.UNCHANGED: N_("unchanged"),
    Outcome.REMOVED: N_("removed"),
    Outcome.REFUSED: N_("refused"),
}


class Row(NamedTuple):
    """One row of a file.

    Attributes
    ----------
    number
        Its place in the file as a reader of the file counts: a table's heading is line 1, the first feature
        of a GeoJSON file is 1.
    warnings
        What was taken but should be looked at.
    changed
        The fields that differ from what is kept: name to what was and what is.
    error
        Why it was refused.
    """

    number: int
    outcome: Outcome
    id: str = ""
    name: str = ""
    changed: Mapping[str, tuple[Any, Any]] = MappingProxyType({})
    warnings: tuple[LocatorError, ...] = ()
    error: LocatorError | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Every row of a file, and how the file was read.

    Attributes
    ----------
    reference
        What its coordinates were taken to mean.
    revision
        The data revision after the import, which `locator undo` takes back.
    found
        What each column was taken for.
    notes
        How the file was read: encoding, sheet.
    batch
        What looks wrong with the file as a whole.
    left_out
        How many objects of an extract are none of what was asked for.
    incomplete
        How many have no geometry, for the file lacks parts of them.
    absent
        Codes of kept stations that a full list lacks: they are closed.
    """

    file: str
    reference: str
    rows: tuple[Row, ...]
    written: bool
    revision: int = 0
    found: Columns = field(default_factory=Columns)
    notes: Mapping[str, str] = field(default_factory=dict)
    batch: tuple[LocatorError, ...] = ()
    absent: tuple[str, ...] = ()
    left_out: int = 0
    incomplete: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many rows had each outcome, and how many of those taken should be looked at (`warned`)."""
        counted = Counter(row.outcome for row in self.rows)
        return {str(o): counted[o] for o in Outcome} | {"warned": sum(bool(row.warnings) for row in self.rows)}

    @property
    def changes(self) -> int:
        """How many stations the import added, changed, removed or closed (or would)."""
        counts = self.counts
        return counts["added"] + counts["changed"] + counts["removed"] + len(self.absent)

    @property
    def refused(self) -> tuple[Row, ...]:
        """The rows that cannot be taken."""
        return tuple(row for row in self.rows if row.outcome is Outcome.REFUSED)

    def lines(self, translate: Translator) -> Iterator[str]:
        """Yield the report as text: first the counts, then each row that needs a look."""
        comma = translate(", ")
        names = {str(outcome): label for outcome, label in OUTCOMES.items()} | {"warned": N_("to be looked at")}
        counts = comma.join(f"{translate(names[name])} {n}" for name, n in self.counts.items())
        yield f"{self.file} ({comma.join([self.reference, *self.notes.values()])}): {counts}"
        if self.found.described():
            pairs = comma.join(f"{heading} → {name}" for name, heading in self.found.described().items())
            yield "  " + translate("columns: {pairs}", pairs=pairs)
        if self.found.others:
            yield "  " + translate("kept as text: {headings}", headings=comma.join(self.found.others))
        if self.left_out:
            yield "  " + translate("left out, for they are something else: {count}", count=self.left_out)
        if self.incomplete:
            yield "  " + translate("left out, for the file lacks parts of them: {count}", count=self.incomplete)
        yield from (f"  ! {finding.text(translate)}" for finding in self.batch)
        for row in self.rows:
            yield from (f"  {line}" for line in _row_lines(row, translate))
        if self.absent:
            yield "  " + translate("closed, for the full list lacks them: {codes}", codes=comma.join(self.absent))
        if not self.written and self.refused:
            yield translate("Nothing was written: mend the rows above and import again.")
        elif self.written and self.changes:
            yield translate("To take it back: locator undo {revision}", revision=self.revision)

    def as_json(self, translate: Translator) -> dict[str, Any]:
        """Return the report as JSON-able values, every row among them."""
        return {
            "file": self.file,
            "reference": self.reference,
            "written": self.written,
            "revision": self.revision,
            "counts": self.counts,
            "notes": dict(self.notes),
            "columns": self.found.described(),
            "unused_columns": list(self.found.others),
            "batch": [finding.text(translate) for finding in self.batch],
            "absent": list(self.absent),
            "left_out": self.left_out,
            "incomplete": self.incomplete,
            "rows": [_row_as_json(row, translate) for row in self.rows],
        }


def write_report(report: Report, path: Path, translate: Translator) -> None:
    """Write a report as a spreadsheet, a row for each row of the file."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(translate("Report"))
    sheet.freeze_panes = "A2"
    headings = (
        N_("Row"),
        N_("Outcome"),
        N_("Code"),
        N_("Name"),
        N_("Changed"),
        N_("To be looked at"),
        N_("Refused"),
    )
    sheet.append([translate(heading) for heading in headings])
    for row in report.rows:
        said = _row_as_json(row, translate)
        changed = "; ".join(f"{name}: {before} → {now}" for name, (before, now) in said["changed"].items())
        texts = [
            translate(OUTCOMES[row.outcome]),
            row.id,
            row.name,
            changed,
            "\n".join(said["warnings"]),
            said["error"] or "",
        ]
        cells = [WriteOnlyCell(sheet, text) for text in texts]
        for cell in cells:
            cell.data_type = "s"  # never a formula, whatever a file said
        sheet.append([row.number, *cells])
    with whole_file(path) as unfinished:
        book.save(unfinished)


def _row_lines(row: Row, translate: Translator) -> Iterator[str]:
    if row.changed:
        differences = _shown(row).items()
        for name, (before, now) in differences:
            yield f"{row.number} {row.name}: {name}: {before} → {now}"
    for warning in row.warnings:
        yield f"{row.number} {row.name}: {warning.text(translate)}"
    if row.error:
        yield f"{row.number} {row.name}: {translate(OUTCOMES[row.outcome])}: {row.error.text(translate)}"


def _row_as_json(row: Row, translate: Translator) -> dict[str, Any]:
    return {
        "row": row.number,
        "outcome": str(row.outcome),
        "id": row.id,
        "name": row.name,
        "changed": {name: list(pair) for name, pair in _shown(row).items()},
        "warnings": [warning.text(translate) for warning in row.warnings],
        "error": row.error.text(translate) if row.error else None,
    }


def _shown(row: Row) -> dict[str, tuple[str, str]]:
    return {name: (_text(before), _text(now)) for name, (before, now) in row.changed.items()}


def _text(value: object) -> str:
    """Return a field's value as a person reads it in a list of changes."""
    if isinstance(value, Mapping):
        value = dict(value)
    return "–" if value in (None, "", (), {}) else shortened(str(value), 120).strip("'")
