"""Questions: `locator nearest`, `search`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, padded, print_json
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from datetime import datetime

    from locator.query import Match

__all__ = ["nearest", "search"]


@click.command(
    help=N_(
        "Find the nearest usable stations to a place, WGS84 degrees. "
        "Example: locator nearest 113.0742 28.8069 --at 2026-11-20T12:10 --need toilet -k 3"
    ),
    # Longitudes west of Greenwich begin with a minus sign.
    context_settings={"ignore_unknown_options": True},
)
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--at", metavar="TIME", help=N_("The moment, such as 2026-11-20T12:10; without it now."))
@click.option("--minutes", type=float, default=0, help=N_("How long one wants to stay."))
@click.option(
    "--need", "needs", metavar="LIST", default="", help=N_("Facilities that must be there: microwave,toilet")
)
@click.option("--h24", is_flag=True, help=N_("Only stations that never close."))
@click.option(
    "--category", "categories", metavar="LIST", default="", help=N_("Only these categories: station,mobile")
)
@click.option("--radius", "radius_m", type=float, help=N_("No further than so many metres."))
@click.option("-k", "--limit", type=int, default=5, show_default=True, help=N_("At most so many answers."))
@database_option
@json_option
@language_option
@click.pass_obj
def nearest(
    translate: Translator, /, lon: float, lat: float, at: str | None, needs: str, categories: str, database: str,
    as_json: bool, **asked: Any,
) -> None:  # fmt: skip
    """Answer where to go."""
    from locator.answer import answer_to_geojson
    from locator.nearest import nearest as nearest_stations
    from locator.query import Query, parse_moment
    from locator.snapshot import load_snapshot

    with opened(database) as store:
        snapshot = load_snapshot(store)
    query = Query(
        lon=lon,
        lat=lat,
        at=parse_moment(at, snapshot.zone) if at else now(),
        needs=_words(needs),
        categories=_words(categories),
        **asked,
    )
    matches = nearest_stations(snapshot, query)
    if as_json:
        print_json(
            answer_to_geojson(matches, query, zone=snapshot.zone, revision=snapshot.revision, translate=translate)
        )
        return
    if not matches:
        click.echo(translate("No station qualifies: ask for fewer facilities, another time or a larger radius."))
    for number, match in enumerate(matches, start=1):
        click.echo("\n".join(_match_lines(number, match, query.at, snapshot.zone, translate)))


def _match_lines(number: int, match: Match, at: datetime, zone: str, translate: Translator) -> Iterator[str]:
    from locator.wording import distance_text, entry_text, state_text

    walk = translate("about {minutes} min on foot (straight line)", minutes=match.walk_minutes)
    mark = translate("illustrative data") if match.station.provenance.is_illustrative else ""
    yield f"{number}. {padded(match.station.name, 34)} {distance_text(match.distance_m):>7}  {walk}"
    parts = [
        state_text(match.outlook, at, match.station, zone, translate),
        entry_text(match.station.entry, translate),
        mark,
    ]
    yield "   " + " | ".join(part for part in parts if part)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


@click.command(
    help=N_("Find stations by name, community, street, pinyin or initials. Example: locator search guiyi")
)
@click.argument("text")
@click.option(
    "-k",
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help=N_("At most so many answers."),
)
@database_option
@json_option
@language_option
@click.pass_obj
def search(translate: Translator, /, text: str, limit: int, database: str, as_json: bool) -> None:
    """Answer which stations a text means."""
    from locator.record import station_to_record
    from locator.wording import category_text

    with opened(database) as store:
        found = store.search(text, limit=limit)
    if as_json:
        print_json([station_to_record(station) for station in found])
        return
    for station in found:
        category = category_text(station, translate)
        click.echo(f"{padded(station.id, 16)} {padded(station.name, 34)} {category}  {station.address}")
    if not found:
        click.echo(translate("Nothing is called that."))
