"""Codes on doors: `locator visits` through them, and `code` for those that are no longer a station's."""

from __future__ import annotations

from collections import Counter

import click

from locator.cli.shared import (
    database_option,
    json_option,
    language_option,
    local_text,
    opened,
    padded,
    print_json,
    zone_of,
)
from locator.translation import N_, Translator

__all__ = ["code", "visits"]


@click.command(
    help=N_("Count the visits through QR codes. Example: locator visits --since 2026-11-01 --by day --json")
)
@click.option("--station", metavar="CODE", help=N_("Only of this station."))
@click.option("--since", metavar="TIME", help=N_("From this moment on."))
@click.option("--until", metavar="TIME", help=N_("Before this moment."))
@click.option(
    "--by", type=click.Choice(["station", "day", "hour"]), default="station", show_default=True,
    help=N_("What is counted together."),
)  # fmt: skip
@database_option
@json_option
@language_option
@click.pass_obj
def visits(
    _translate: Translator, /, station: str | None, since: str | None, until: str | None, by: str, database: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Show how many visits there were."""
    from locator.query import parse_moment

    with opened(database) as store:
        zone = zone_of(store)
        bounds = [parse_moment(text, zone) if text else None for text in (since, until)]
        found = store.visits.all(station=station, since=bounds[0], until=bounds[1])
    length = {"station": 0, "day": 10, "hour": 13}[by]
    counts: Counter[tuple[str, str]] = Counter()
    for one in found:
        counts[one.station, local_text(one.hour, zone)[:length]] += one.count
    if as_json:
        print_json(
            [
                {"station": code, **({by: when.replace(" ", "T")} if when else {}), "visits": count}
                for (code, when), count in sorted(counts.items())
            ]
        )
        return
    for (code, when), count in sorted(counts.items()):
        click.echo(" ".join(part for part in (padded(code, 24), when, f"{count:>6}") if part))


@click.group(help=N_("Let codes that are printed and no longer a station's lead to the station of today."))
def code() -> None:
    """Hold the commands."""


@code.command("add", help=N_("Let an old code lead to a station. Example: locator code add GY-1 430681-0001"))
@click.argument("old")
@click.argument("station")
@database_option
@json_option
@language_option
@click.pass_obj
def add_code(translate: Translator, /, old: str, station: str, database: str, as_json: bool) -> None:
    """Keep an old code."""
    with opened(database) as store:
        store.old_codes.add(old, station)
    print_json({"code": old, "station": station}) if as_json else click.echo(
        translate("{code} leads to {station}", code=old, station=station)
    )


@code.command("list", help=N_("Show the old codes and where they lead."))
@database_option
@json_option
@language_option
@click.pass_obj
def list_codes(_translate: Translator, /, database: str, as_json: bool) -> None:
    """Show the old codes."""
    with opened(database) as store:
        found = store.old_codes.all()
    if as_json:
        print_json([{"code": old, "station": station} for old, station in found.items()])
        return
    for old, station in found.items():
        click.echo(f"{padded(old, 24)} {station}")


@code.command("remove", help=N_("Let an old code lead nowhere. Example: locator code remove GY-1"))
@click.argument("old")
@database_option
@json_option
@language_option
@click.pass_obj
def remove_code(translate: Translator, /, old: str, database: str, as_json: bool) -> None:
    """Forget an old code."""
    with opened(database) as store:
        store.old_codes.remove(old)
    print_json({"code": old, "removed": True}) if as_json else click.echo(
        translate("{code} leads nowhere now", code=old)
    )
