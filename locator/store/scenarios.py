"""Scenarios in the embedded store: a name, a note and edits as JSON; the data's revision stays as it is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from locator.errors import Conflict, NotFound
from locator.store.jsontext import json_text
from locator.translation import N_

__all__ = ["KeptScenario", "list_scenarios", "put_scenario", "read_scenario", "remove_scenario"]

_SELECT = "SELECT name, version, revision, note, edits, question, created_at, changed_at FROM scenarios"


@dataclass(frozen=True, slots=True)
class KeptScenario:
    """A scenario as the store keeps it.

    Attributes
    ----------
    version
        Counts its changes from 1.
    revision
        The data's revision that it was made over.
    edits
        Records, whose meaning the store does not know.
    question
        The arguments of the question that it answers, as an address has them; empty: of none.
    """

    name: str
    version: int
    revision: int
    note: str
    edits: tuple[Mapping[str, Any], ...]
    question: Mapping[str, str]
    created_at: datetime
    changed_at: datetime


def list_scenarios(connection: sqlite3.Connection) -> list[KeptScenario]:
    """Return all scenarios by name."""
    return [_kept(row) for row in connection.execute(f"{_SELECT} ORDER BY name")]


def read_scenario(connection: sqlite3.Connection, name: str) -> KeptScenario:
    """Return a scenario.

    Raises
    ------
    NotFound
        There is none of that name.
    """
    row = connection.execute(f"{_SELECT} WHERE name = ?", [name]).fetchone()
    if row is None:
        raise NotFound(
            N_("there is no such scenario"), field="scenario", value=name,
            mend=N_("look at 'locator scenario list'"),
        )  # fmt: skip
    return _kept(row)


def put_scenario(
    connection: sqlite3.Connection,
    name: str,
    edits: Sequence[Mapping[str, Any]],
    *,
    revision: int,
    note: str,
    question: Mapping[str, str] | None,
    expected: int,
    at: datetime,
) -> int:
    """Write a scenario and return its version.

    Parameters
    ----------
    expected
        The version that it replaces; 0: there is none of that name.
    question
        None: that which it had.

    Raises
    ------
    Conflict
        There is one already, or somebody else has changed it.
    NotFound
        There is none any more.
    """
    if expected:
        _check(connection, name, expected)
        asked = None if question is None else json_text(dict(question))
        connection.execute(
            """UPDATE scenarios SET version = ?, revision = ?, note = ?, edits = ?,
               question = coalesce(?, question), changed_at = ? WHERE name = ?""",
            [expected + 1, revision, note, json_text(list(edits)), asked, at.isoformat(), name],
        )
        return expected + 1
    if connection.execute("SELECT 1 FROM scenarios WHERE name = ?", [name]).fetchone():
        raise Conflict(
            N_("is the name of another scenario"), field="scenario", value=name, mend=N_("give another name")
        )
    connection.execute(
        """INSERT INTO scenarios (name, version, revision, note, edits, question, created_at, changed_at)
           VALUES (?, 1, ?, ?, ?, ?, ?, ?)""",
        [
            name,
            revision,
            note,
            json_text(list(edits)),
            json_text(dict(question or {})),
            at.isoformat(),
            at.isoformat(),
        ],
    )
    return 1


def remove_scenario(connection: sqlite3.Connection, name: str, expected: int | None) -> None:
    """Delete a scenario; with `expected` only at that version.

    Raises
    ------
    Conflict, NotFound
        As `put_scenario` does.
    """
    _check(connection, name, expected)
    connection.execute("DELETE FROM scenarios WHERE name = ?", [name])


def _check(connection: sqlite3.Connection, name: str, expected: int | None) -> None:
    version = read_scenario(connection, name).version
    if expected is not None and version != expected:
        raise Conflict(
            N_("is at version {version}, not {expected}"), field="scenario", value=name, version=version,
            expected=expected, mend=N_("read it again, then make the change to what it is now"),
        )  # fmt: skip


def _kept(row: tuple[Any, ...]) -> KeptScenario:
    name, version, revision, note, edits, question, created_at, changed_at = row
    return KeptScenario(
        name=name,
        version=version,
        revision=revision,
        note=note,
        edits=tuple(json.loads(edits)),
        question=json.loads(question),
        created_at=datetime.fromisoformat(created_at),
        changed_at=datetime.fromisoformat(changed_at),
    )
