"""What a report is made of, whatever it is written as: sentences, figures, tables, pictures, lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from locator.report.grids import Grid
from locator.report.plates import Plate

__all__ = ["NONCE", "Block", "Change", "Changes", "Command", "Heading", "Lines", "Part", "Plates", "Sentences"]

NONCE = "nonce-of-whoever-serves-it"
"""Stands in a page that is kept where a server puts its own nonce."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of the first page: before, after, and the difference, as texts; and as they are (`values`)."""

    text: str
    before: str
    after: str
    difference: str
    values: tuple[Any, Any, Any] = (None, None, None)


@dataclass(frozen=True, slots=True)
class Changes:
    """Figures side by side."""

    items: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences, one a line; warnings are to be read with care."""

    items: Sequence[str]
    are_warnings: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Labels and texts."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that can be copied; a label says what it did."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Plates:
    """One picture, or two side by side that share the legend of the first; beneath it where they are from."""

    items: Sequence[Plate]
    source: str


Block: TypeAlias = Changes | Sentences | Lines | Heading | Command | Plates | Grid


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a report."""

    code: str
    title: str
    blocks: Sequence[Block]
