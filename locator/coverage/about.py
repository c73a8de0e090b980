"""What stands beside every table: what is measured, of how much, on which day, along what, by which criteria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from locator.translation import N_, Translator

__all__ = ["About", "DataDate", "Note", "source_name"]


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence: a message id and what fills its placeholders; what is a note too, or several, is translated."""

    message: str
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def text(self, translate: Translator) -> str:
        """Return the sentence in a language."""
        filled = {name: _filled(value, translate) for name, value in self.details.items()}
        return translate(self.message, **filled) if filled else translate(self.message)


def _filled(value: Any, translate: Translator) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return translate(", ").join(_filled(one, translate) for one in value)
    return value.text(translate) if hasattr(value, "text") else value


def source_name(source: str) -> str | Note:
    """Return what a source is called, where its name is a code of ours."""
    return Note(N_("illustrative data")) if source == "illustrative" else source


@dataclass(frozen=True, slots=True, kw_only=True)
class DataDate:
    """Of which day a layer of the data is.

    Attributes
    ----------
    layer, name
        Its code (stations, network, streets, areas, demand), and what it is called.
    first, last
        The days, both included; None: the day is unknown.
    basis
        What the days are: of verification, of the map, as said by the data; or why there are none.
    source
        Where the layer is from.
    recorded
        When it last changed in this database, which says nothing of how old it was then; None: not known.
    """

    layer: str
    name: Note
    basis: Note
    first: date | None = None
    last: date | None = None
    source: str = ""
    recorded: date | None = None

    def when(self, translate: Translator) -> str:
        """Return the days, or that they are unknown."""
        if self.first is None or self.last is None:
            return translate(N_("date unknown"))
        if self.first == self.last:
            return self.first.isoformat()
        return translate(N_("{first} to {last}"), first=self.first.isoformat(), last=self.last.isoformat())

    def text(self, translate: Translator) -> str:
        """Return all of it as one line."""
        changed = self.recorded and translate(N_("changed here on {day}"), day=self.recorded.isoformat())
        sources = [_filled(source_name(one), translate) for one in self.source.split(", ")]
        parts = [self.when(translate), self.basis.text(translate), ", ".join(sources), changed]
        said = " · ".join(part for part in parts if part)
        return translate(N_("{label}: {text}"), label=self.name.text(translate), text=said)

    def as_json(self, translate: Translator) -> dict[str, Any]:
        """Return it as plain values; days as ISO 8601, or None."""
        days = {name: getattr(self, name) for name in ("first", "last", "recorded")}
        return {
            "layer": self.layer,
            **{name: day.isoformat() if day else None for name, day in days.items()},
            "basis": self.basis.text(translate),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a result means.

    Attributes
    ----------
    measure
        Its code: audit, reach, ….
    definition
        What is measured, and how.
    denominator
        Of how much: people, metres of street, areas.
    day
        On which the lists of areas and stations are taken.
    network
        Along what the distances are measured; a straight line is always called one.
    criteria
        What was chosen.
    notes
        What was left out, is not known, or has to be read with care.
    source
        Where the data is from, its date and licence.
    dates
        Of which day each layer of the data is.
    """

    measure: str
    title: Note
    definition: Note
    denominator: Note
    day: date
    revision: int
    network: Note
    is_straight: bool
    criteria: tuple[Note, ...]
    notes: tuple[Note, ...] = ()
    source: Note = Note("")
    dates: tuple[DataDate, ...] = ()

    def lines(self, translate: Translator) -> Iterator[tuple[str, str]]:
        """Yield label and text of each part."""
        yield translate(N_("Measure")), self.title.text(translate)
        yield translate(N_("Definition")), self.definition.text(translate)
        yield translate(N_("Measured on")), self.denominator.text(translate)
        yield translate(N_("Day of the lists")), self.day.isoformat()
        yield translate(N_("Revision of the data")), str(self.revision)
        yield translate(N_("Distances")), self.network.text(translate)
        for one in self.dates:
            yield translate(N_("Date of the data")), one.text(translate)
        for note in self.criteria:
            yield translate(N_("Criterion")), note.text(translate)
        for note in self.notes:
            yield translate(N_("Note")), note.text(translate)
        source = self.source.text(translate) if self.source.message else ""
        if source:
            yield translate(N_("Source")), source

    def as_json(self, translate: Translator) -> dict[str, Any]:
        """Return it as plain values, texts in a language."""
        return {
            "measure": self.measure,
            "title": self.title.text(translate),
            "definition": self.definition.text(translate),
            "denominator": self.denominator.text(translate),
            "day": self.day.isoformat(),
            "revision": self.revision,
            "network": self.network.text(translate),
            "dates": [one.as_json(translate) for one in self.dates],
            "straight_line": self.is_straight,
            "criteria": [note.text(translate) for note in self.criteria],
            "notes": [note.text(translate) for note in self.notes],
            "source": self.source.text(translate) if self.source.message else "",
        }
