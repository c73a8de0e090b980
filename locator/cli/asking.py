"""Questions: `locator nearest`, `search`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, padded, print_json
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.query import Answer, Match, Query

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
@click.option("--mode", metavar="MODE", default="walk", show_default=True, help=N_("walk, ebike, car or there."))
@click.option("--way", "ways", metavar="LIST", default="", help=N_("Ways in that one can use: staff,qr_code"))
@click.option("--who", metavar="LIST", default="", help=N_("Whom one belongs to: outdoor_workers,members"))
@click.option("--no-registration", is_flag=True, help=N_("Only stations that need no registration."))
@click.option("--bbox", metavar="W,S,E,N", default="", help=N_("Only stations within these degrees."))
@click.option("--radius", "radius_m", type=float, help=N_("No further than so many metres."))
@click.option("--network", metavar="FILE", help=N_("Measure along an OpenStreetMap extract, or along `streets`."))
@click.option("-k", "--limit", type=int, default=5, show_default=True, help=N_("At most so many answers."))
@database_option
@json_option
@language_option
@click.pass_obj
def nearest(
    translate: Translator, /, lon: float, lat: float, at: str | None, mode: str, needs: str, ways: str, who: str,
    categories: str, bbox: str, network: str | None, database: str, as_json: bool, **asked: Any,
) -> None:  # fmt: skip
    """Answer where to go."""
    from locator.answer import answer_to_geojson
    from locator.nearest import answer
    from locator.networks import Networks
    from locator.query import Query, parse_bbox, parse_moment
    from locator.settings import read_settings, speeds_of
    from locator.snapshot import load_snapshot

    values = read_settings(os.environ, network=network)
    # Who names the streets here wants them; a setting holds for databases that have none, too.
    networks = Networks.of(
        str(values["NETWORK"]), cache=str(values["NETWORK_CACHE"]), is_required=network is not None
    )
    with opened(database) as store:
        snapshot = load_snapshot(store)
        streets = networks and networks.on_streets(snapshot, mode, store)
    query = Query(
        lon=lon,
        lat=lat,
        at=parse_moment(at, snapshot.zone) if at else now(),
        mode=mode,
        speed_m_per_s=speeds_of(values).get(mode),
        needs=_words(needs),
        ways=_words(ways),
        who=_words(who),
        categories=_words(categories),
        bbox=parse_bbox("bbox", bbox) if bbox else None,
        **asked,
    )
    found = streets.answer(query) if streets else answer(snapshot, query)
    if as_json:
        print_json(answer_to_geojson(found, snapshot, translate))
        return
    if not found.matches:
        click.echo(translate("No station qualifies: ask for fewer facilities, another time or a larger radius."))
    for number, match in enumerate(found.matches, start=1):
        click.echo("\n".join(_match_lines(number, match, query, snapshot.zone, translate)))
    click.echo(_count_line(found, translate))


_TRAVEL = {
    "walk": N_("about {minutes} min on foot (straight line)"),
    "ebike": N_("about {minutes} min by e-bike (straight line)"),
    "car": N_("about {minutes} min by car (straight line)"),
}
_TRAVEL_BY_STREET = {
    "walk": N_("about {minutes} min on foot (by the streets)"),
    "ebike": N_("about {minutes} min by e-bike (by the streets)"),
}


def _match_lines(number: int, match: Match, query: Query, zone: str, translate: Translator) -> Iterator[str]:
    from locator.query import BASIS
    from locator.wording import distance_text, entry_text, opens_before_text, state_text

    texts = _TRAVEL if match.basis == BASIS else _TRAVEL_BY_STREET
    travel = translate(texts.get(query.mode, texts["walk"]), minutes=match.travel_minutes or match.walk_minutes)
    mark = translate("illustrative data") if match.station.provenance.is_illustrative else ""
    yield f"{number}. {padded(match.station.name, 34)} {distance_text(match.distance_m):>7}  {travel}"
    parts = [
        opens_before_text(match, zone, translate),
        state_text(match.outlook, query.at, match.station, zone, translate),
        entry_text(match.station.entry, translate),
        mark,
    ]
    yield "   " + " | ".join(part for part in parts if part)


def _count_line(found: Answer, translate: Translator) -> str:
    """Return of how many the told ones are the nearest, as the finder says it."""
    return translate(
        N_("{count} of {matching} stations that have what is asked for; {stations} in operation"),
        count=len(found.matches), matching=found.matching, stations=found.stations,
    )  # fmt: skip


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
