"""The site as files: `locator publish`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click

from locator.cli.doors import config_option
from locator.cli.shared import json_option, language_option, now, opened, print_json, zone_of
from locator.translation import N_, Translator

__all__ = ["publish"]


@click.command(
    help=N_(
        "Write the whole finder as files for any web server. "
        "Example: locator publish site/ --base-url https://example.org/stations/"
    )
)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--base-url", default="/", show_default=True, metavar="URL", help=N_("Where the site will stand, or its path.")
)
@click.option(
    "--server", default="", metavar="URL", help=N_("A running server that pages link to for what files cannot do.")
)
@click.option(
    "--day", metavar="DATE", help=N_("The day of publishing, whose week's hours are told; without it today.")
)
@click.option(
    "--most-in-one",
    type=click.IntRange(0),
    default=20_000,
    show_default=True,
    help=N_("Above so many stations a phone loads those around it, not all."),
)
@click.option(
    "--compress", is_flag=True, help=N_("Write a .gz beside each text, and a .br where brotli is installed.")
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help=N_("How many processes make pages; without it one a processor."),
)
@click.option("--database", metavar="FILE|URL", help=N_("The database: a file, or sqlite:/// and a file."))
@config_option
@json_option
@language_option
@click.pass_obj
def publish(
    translate: Translator,
    /,
    out: Path,
    base_url: str,
    server: str,
    day: str | None,
    most_in_one: int,
    compress: bool,
    processes: int | None,
    database: str | None,
    file: str,
    as_json: bool,
) -> None:
    """Publish."""
    from locator.hours import time_zone
    from locator.publish import Plan
    from locator.publish import publish as publish_site
    from locator.query import parse_moment
    from locator.settings import read_settings

    began = time.monotonic()
    given: dict[str, Any] = {} if database is None else {"database": database}
    settings = read_settings(os.environ, file=file, **given)
    with opened(str(settings["DATABASE"])) as store:
        zone = zone_of(store)
    moment = parse_moment(f"{day}T12:00", zone) if day else now().astimezone(time_zone(zone))
    plan = Plan(
        settings=settings,
        base_url=base_url,
        day=moment.date(),
        server=server,
        most_in_one=most_in_one,
        compress=compress,
        processes=processes or os.cpu_count() or 1,
    )
    written = publish_site(out, plan)
    told = {"stations": written.stations, "pages": written.pages, "cells": written.cells,
            "seconds": round(time.monotonic() - began, 1), "folder": str(out)}  # fmt: skip
    text = translate("{stations} stations on {pages} pages in {folder}, {seconds} s", **told)
    print_json(told) if as_json else click.echo(text)
