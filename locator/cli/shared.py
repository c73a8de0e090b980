"""What commands share: options, the opened database, the moment, JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from locator.translation import LANGUAGES, N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from locator.store import Store

__all__ = [
    "EXIT_REFUSED",
    "LAYERS",
    "base_map_option",
    "check_output",
    "database_option",
    "json_option",
    "language_option",
    "local_text",
    "now",
    "opened",
    "padded",
    "print_json",
    "zone_of",
]

EXIT_REFUSED = 2
LAYERS = ("stations", "areas", "streets", "demand", "candidates")

base_map_option = click.option(
    "--base-map",
    metavar="NAME",
    default="none",
    help=N_("What lies beneath, as in LOCATOR_BASE_MAP; without it the town's own streets, and nothing is asked."),
)
database_option = click.option(
    "--database",
    envvar="LOCATOR_DATABASE",
    default="locator.db",
    show_default=True,
    metavar="FILE|URL",
    help=N_("The database: a file, or sqlite:/// and a file."),
)
json_option = click.option("--json", "as_json", is_flag=True, help=N_("Answer as JSON, for programs."))
language_option = click.option(
    "--lang", type=click.Choice(list(LANGUAGES)), expose_value=False, help=N_("The language of the answer.")
)


@contextmanager
def opened(database: str, *, create: bool = False) -> Iterator[Store]:
    """Open a database for the time of a command."""
    from locator.store import open_store

    with open_store(database, create=create) as store:
        yield store


def now() -> datetime:
    """Return this moment, in UTC."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


def check_output(path: Path, endings: Sequence[str]) -> None:
    """Refuse a file that cannot be written, before anything is worked out for it.

    Raises
    ------
    InvalidValue
        Its name has none of the endings, or its folder is not there.
    """
    from locator.errors import InvalidValue

    if path.suffix.lower() not in endings:
        raise InvalidValue(
            N_("is a format that cannot be written"), field="output", value=path.name,
            mend=N_("end the name with one of {endings}"), endings=" ".join(endings),
        )  # fmt: skip
    if not path.resolve().parent.is_dir():
        raise InvalidValue(
            N_("there is no such folder"), field="output", value=str(path.parent), mend=N_("make the folder first")
        )


def print_json(value: object) -> None:
    """Write a value to standard output as JSON that people can read too."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def padded(text: str, width: int) -> str:
    """Return a text filled up to a width on the screen, where a Chinese character takes two places."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, width - taken)


def zone_of(store: Store) -> str:
    """Return the time zone of the data."""
    from locator.snapshot import DEFAULT_ZONE

    return str(store.meta().get("timezone", DEFAULT_ZONE))


def local_text(moment: datetime, zone: str) -> str:
    """Return a moment as a clock shows it in a time zone: 2026-11-20 12:10."""
    from locator.hours import time_zone

    return f"{moment.astimezone(time_zone(zone)):%Y-%m-%d %H:%M}"
