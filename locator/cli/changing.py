"""Changes of a scenario: `locator scenario edit open|close|move|hours|facilities|drop`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, print_json
from locator.cli.study import words_of
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.edits import Edit, Opening
    from locator.coverage.scenario import Scenario
    from locator.snapshot import Snapshot
    from locator.store import Store

__all__ = ["change_scenario", "edit", "scenario_options"]

_COMMON = (database_option, json_option, language_option, click.pass_obj)
_cost_option = click.option(
    "--cost", "cost_cny_year", type=float, metavar="CNY", help=N_("What it costs a year; negative: what it saves.")
)
_at_option = click.option("--at", "at", metavar="LON,LAT", help=N_("The place, WGS84 degrees, longitude first."))


def scenario_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all about scenarios have."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


@click.group(help=N_("Change what a scenario changes."))
def edit() -> None:
    """Hold the edits."""


@edit.command(
    "open",
    help=N_(
        "Open a station: at a place, or at a candidate site or planned station by its code. "
        "Example: locator scenario edit open three --at 113.0742,28.8069 --name 东站 --hours 24/7 --cost 12000"
    ),
)
@click.argument("name")
@_at_option
@click.option("--site", default="", metavar="CODE", help=N_("The candidate site, or planned station, that opens."))
@click.option("--name", "called", default="", help=N_("What the station is called."))
@click.option("--id", "code", default="", help=N_("Its code; without it one is made."))
@click.option("--hours", default="", help=N_("When it is open, as OSM opening hours: 24/7, Mo-Su 08:00-20:00."))
@click.option("--facilities", default="", metavar="LIST", help=N_("What it has and has not: toilet,microwave=no"))
@click.option("--way", "ways", default="", metavar="LIST", help=N_("Ways in: open_door,qr_code"))
@_cost_option
@scenario_options
def open_(translate: Translator, /, name: str, database: str, as_json: bool, **said: Any) -> None:
    """Open a station."""
    _edited(
        translate, database, name, as_json, lambda store, found, snapshot: _opening(store, found, snapshot, said)
    )


@edit.command(help=N_("Close a station. Example: locator scenario edit close three 430681-0007 --cost=-8000"))
@click.argument("name")
@click.argument("station")
@_cost_option
@scenario_options
def close(translate: Translator, /, name: str, station: str, cost_cny_year: float | None,
          database: str, as_json: bool) -> None:  # fmt: skip
    """Close a station."""
    _edit_one(translate, database, name, as_json, station, cost_cny_year=cost_cny_year)


@edit.command(
    help=N_("Move a station. Example: locator scenario edit move three 430681-0007 --at 113.0751,28.8075")
)
@click.argument("name")
@click.argument("station")
@_at_option
@_cost_option
@scenario_options
def move(translate: Translator, /, name: str, station: str, at: str | None, cost_cny_year: float | None,
         database: str, as_json: bool) -> None:  # fmt: skip
    """Move a station."""
    _edit_one(translate, database, name, as_json, station, geometry=_point(at), cost_cny_year=cost_cny_year)


@edit.command(help=N_("Give a station other hours. Example: locator scenario edit hours three 430681-0007 24/7"))
@click.argument("name")
@click.argument("station")
@click.argument("opening_hours")
@_cost_option
@scenario_options
def hours(translate: Translator, /, name: str, station: str, opening_hours: str, cost_cny_year: float | None,
          database: str, as_json: bool) -> None:  # fmt: skip
    """Change hours."""
    text = "" if opening_hours == "unknown" else opening_hours
    _edit_one(translate, database, name, as_json, station, hours=text, cost_cny_year=cost_cny_year)


@edit.command(
    help=N_(
        "Give a station other facilities. "
        "Example: locator scenario edit facilities three 430681-0007 toilet,microwave=no"
    )
)
@click.argument("name")
@click.argument("station")
@click.argument("facilities")
@_cost_option
@scenario_options
def facilities(translate: Translator, /, name: str, station: str, facilities: str, cost_cny_year: float | None,
               database: str, as_json: bool) -> None:  # fmt: skip
    """Change facilities."""
    said = _facilities(facilities)
    _edit_one(translate, database, name, as_json, station, facilities=said, cost_cny_year=cost_cny_year)


@edit.command(
    help=N_("Take one change back, by its number in 'show'. Example: locator scenario edit drop three 2")
)
@click.argument("name")
@click.argument("number", type=int)
@scenario_options
def drop(translate: Translator, /, name: str, number: int, database: str, as_json: bool) -> None:
    """Take an edit out."""
    from locator.coverage.scenario import without_edit

    found = change_scenario(database, name, lambda _store, before, _snapshot: without_edit(before, number))
    _tell(translate, found, as_json)


def _edit_one(translate: Translator, database: str, name: str, as_json: bool, station: str, **parts: Any) -> None:
    from locator.coverage.scenario import new_edit

    _edited(
        translate, database, name, as_json,
        lambda _store, found, snapshot: new_edit(snapshot, found, station, **parts),
    )  # fmt: skip


def _edited(
    translate: Translator,
    database: str,
    name: str,
    as_json: bool,
    make: Callable[[Store, Scenario, Snapshot], Edit],
) -> None:
    from locator.coverage.scenario import check_near, with_edit

    def change(store: Store, before: Scenario, snapshot: Snapshot) -> Scenario:
        made = make(store, before, snapshot)
        check_near(made, snapshot, [*store.areas(), *store.candidates()])
        return with_edit(before, made, snapshot)

    found = change_scenario(database, name, change)
    _tell(translate, found, as_json)


def _tell(translate: Translator, found: Scenario, as_json: bool) -> None:
    if as_json:
        from locator.coverage.scenario import scenario_records

        print_json({"name": found.name, "edits": scenario_records(found)})
        return
    text = N_("{name}: {count} changes over revision {revision}")
    click.echo(translate(text, name=found.name, count=len(found.edits), revision=found.revision))


def _opening(store: Store, found: Scenario, snapshot: Snapshot, said: dict[str, Any]) -> Opening:
    """Return the opening that the options of `open` describe."""
    from dataclasses import replace

    from locator.coverage.adopting import opening_at, opening_of_plan, placed

    site, code = said["site"], said["code"]
    candidate = next((one for one in store.candidates() if one.id == site), None) if site else None
    if candidate is not None:
        made = opening_at(candidate, snapshot, found)
    elif site:
        made = opening_of_plan(snapshot, site)
    else:
        made = placed(_point(said["at"]), snapshot, found)
    station = made.station
    if said["at"] and site:
        station = replace(station, geometry=_point(said["at"]))
    if code:
        station = replace(station, id=code)
    if said["called"]:
        station = replace(station, name=said["called"])
    if said["hours"]:
        station = replace(station, opening_hours=said["hours"])
    if said["ways"]:
        station = replace(station, entry=replace(station.entry, ways=tuple(words_of(said["ways"]))))
    told = {has: value for has, value in _facilities(said["facilities"]).items() if value is not None}
    station = replace(station, facilities={**station.facilities, **told})
    cost = made.cost_cny_year if said["cost_cny_year"] is None else said["cost_cny_year"]
    return replace(made, station=station, cost_cny_year=cost)


def _facilities(text: str) -> dict[str, bool | None]:
    """Return facilities with yes, no or unknown, of a list such as `toilet,microwave=no`."""
    from locator.record import three_values

    found = {}
    for word in words_of(text):
        code, _, value = word.partition("=")
        found[code.strip()] = three_values(value.strip() or "yes", code.strip())
    return found


def _point(text: str | None) -> Any:
    """Return the place of a longitude and a latitude."""
    import shapely

    parts = (text or "").split(",")
    try:
        lon, lat = (float(part) for part in parts)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError
    except ValueError:
        raise InvalidValue(
            N_("is not a longitude and a latitude"), field="at", value=text or None,
            mend=N_("write it like 113.0742,28.8069"),
        ) from None  # fmt: skip
    return shapely.Point(lon, lat)


def change_scenario(database: str, name: str, change: Callable[[Store, Scenario, Snapshot], Scenario]) -> Scenario:
    """Change a scenario as it is kept; refused if somebody else has changed it meanwhile."""
    from locator.coverage.scenario import scenario_of, scenario_records
    from locator.snapshot import load_snapshot

    with opened(database) as store:
        before = scenario_of(store.scenario(name))
        after = change(store, before, load_snapshot(store))
        store.put_scenario(
            name,
            scenario_records(after),
            revision=after.revision,
            note=after.note,
            expected=before.version,
            at=now(),
        )
    return after
