"""What the commands that study coverage share: options, the study they ask for, how results are shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from locator.cli.shared import (
    base_map_option,
    check_output,
    database_option,
    json_option,
    language_option,
    now,
    opened,
    print_json,
    zone_of,
)
from locator.errors import LocatorError
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.criteria import Criteria
    from locator.coverage.result import Result
    from locator.coverage.scenario import Scenario
    from locator.coverage.study import Study

__all__ = [
    "LIMITS",
    "OUTPUTS",
    "as_found",
    "ask_criteria",
    "ask_present",
    "ask_report",
    "ask_study",
    "present_asked",
    "scenario_kept",
    "show_results",
    "study_asked",
    "words_of",
]

OUTPUTS = (".xlsx", ".gpkg", ".geojson", ".csv", ".html")
"""Endings of what a measure is written as: tables, and a map."""

_LISTS = ("needs", "ways", "who", "categories")
_COMMON = (
    click.option("--on", "day", metavar="DATE", help=N_("The day of the lists, such as 2026-11-20; else today.")),
    click.option(
        "--weight",
        default="residents",
        show_default=True,
        help=N_("What is counted of the demand: residents, outdoor_workers, night_workers, orders."),
    ),
    click.option(
        "--within",
        metavar="HOW FAR",
        default="15min",
        show_default=True,
        help=N_("What is within reach: 500m, 1km, 10min."),
    ),
    click.option(
        "--mode",
        type=click.Choice(["walk", "ebike"]),
        default="walk",
        show_default=True,
        help=N_("On foot or by e-bike."),
    ),
    click.option("--area-kind", default="", help=N_("The kind of areas; without it communities.")),
    click.option(
        "--need",
        "needs",
        metavar="LIST",
        default="",
        help=N_("Facilities that must be there: microwave,toilet"),
    ),
    click.option("--way", "ways", metavar="LIST", default="", help=N_("Ways in that one can use: staff,qr_code")),
    click.option("--who", metavar="LIST", default="", help=N_("Whom one belongs to: outdoor_workers,members")),
    click.option(
        "--category", "categories", metavar="LIST", default="", help=N_("Only these categories: station,mobile")
    ),
    click.option("--no-registration/--registration", help=N_("Only stations that need no registration.")),
    click.option("--h24/--no-h24", help=N_("Only stations that never close.")),
    click.option(
        "--streets",
        "extract",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=N_("An OpenStreetMap extract to measure along; without it the streets of the database."),
    ),
    click.option(
        "--straight-line/--along-streets", "straight", help=N_("Measure straight lines, not along streets.")
    ),
    click.option(
        "--cache",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help=N_("Where street networks are kept; without it the user's cache."),
    ),
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        help=N_("Write to a file: all tables (.xlsx .gpkg .geojson .csv) or a map (.html)"),
    ),
    database_option,
    json_option,
    language_option,
    click.pass_obj,
)
"""What every measure is asked with."""


_CRITERIA = {
    "min_share": click.option(
        "--min-share", type=float, default=0.9, show_default=True,
        help=N_("The share of an area's people that must be within reach."),
    ),
    "street_within_m": click.option(
        "--street-within", "street_within_m", type=float, default=500, show_default=True,
        help=N_("From every place of a street a station may be so many metres away."),
    ),
    "beside_m": click.option(
        "--beside", "beside_m", type=float, default=50, show_default=True,
        help=N_("A station so many metres from a street is at it."),
    ),
    "crowded_m": click.option(
        "--crowded", "crowded_m", type=float, default=500, show_default=True,
        help=N_("Stations nearer than so many metres are too near."),
    ),
    "stretch_m": click.option(
        "--stretch", "stretch_m", type=float, default=1000, show_default=True,
        help=N_("Streets longer than so many metres without a station are too long."),
    ),
    "stay_minutes": click.option(
        "--minutes", "stay_minutes", type=float, default=0, help=N_("How long one wants to stay."),
    ),
    "thresholds": click.option(
        "--thresholds", metavar="LIST", default="",
        help=N_("How far, as a list: 300m,500m,1000m,5min,10min,15min"),
    ),
    "between": click.option(
        "--between", "gaps_between", metavar="HOURS", default="0-24", show_default=True,
        help=N_("Only these hours of the day: 11-14, 22-6."),
    ),
}  # fmt: skip
"""What some measures have a limit for, by what it is; those that work out several measures have them all."""
LIMITS = tuple(name for name in _CRITERIA if name != "between")
"""All of them but the hours of gaps, for commands whose `--between` is that of sites."""

_SCENARIO = click.option(
    "--scenario", metavar="NAME", help=N_("The stations as this scenario has them, not as they are.")
)


def ask_study(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every measure is asked with."""
    return ask_report(base_map_option(command))


def ask_report(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a measure but the base map: pictures have the town's own streets."""
    return ask_present(_SCENARIO(command))


def ask_criteria(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of some limits (`min_share`, `between`, …); without names of all."""

    def asked(command: Callable[..., None]) -> Callable[..., None]:
        for name, option in reversed(_CRITERIA.items()):
            command = option(command) if name in names or not names else command
        return command

    return asked


def ask_present(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a study, without that of a scenario."""
    command = _naming_options(command)
    for option in reversed(_COMMON):
        command = option(command)
    return command


def _naming_options(command: Callable[..., None]) -> Callable[..., None]:
    """Have what is wrong with an option called by the option's name, not by that of a field within."""

    @wraps(command)
    def named(*given: Any, **asked: Any) -> None:
        try:
            command(*given, **asked)
        except LocatorError as error:
            for parameter in click.get_current_context().command.params:
                option = max(parameter.opts, key=len)
                if isinstance(parameter, click.Option) and error.field in (parameter.name, option.lstrip("-")):
                    error.field = option
            raise

    return named


def study_asked(asked: dict[str, Any], present: Study | None = None, *, endings: Sequence[str] = OUTPUTS) -> Study:
    """Return the study that the options of `ask_study` ask for; `present` is that without a scenario, if known."""
    from locator.coverage.supposing import supposed

    study = present or present_asked(asked, endings=endings)
    name = asked.get("scenario")
    return supposed(study, scenario_kept(asked["database"], name)) if name else study


def as_found(asked: dict[str, Any], database: str, *names: str) -> dict[str, Any]:
    """Return options as they were given; those that were not, as the scenarios were found by.

    Several scenarios say what all of them say.
    """
    from locator.coverage.scenario import shared_question

    shared = shared_question([scenario_kept(database, name).question for name in names])
    given = click.get_current_context().get_parameter_source
    return asked | {
        name: True if isinstance(asked[name], bool) else text
        for name, text in shared.items()
        if name in asked and given(name) is not ParameterSource.COMMANDLINE
    }


def scenario_kept(database: str, name: str) -> Scenario:
    """Return a scenario of a database."""
    from locator.coverage.scenario import scenario_of

    with opened(database) as store:
        return scenario_of(store.scenario(name))


def present_asked(asked: dict[str, Any], *, endings: Sequence[str] = OUTPUTS) -> Study:
    """Return the study of the present that the options of `ask_present` ask for.

    Parameters
    ----------
    endings
        Of the names of files that can be written.
    """
    from locator.coverage.study import load_study
    from locator.settings import cache_folder

    if asked["output"] is not None:
        check_output(asked["output"], endings)
    criteria = _criteria(asked)
    with opened(asked["database"]) as store:
        return load_study(
            store,
            day=_day(asked["day"], zone_of(store)),
            criteria=criteria,
            extract=asked["extract"],
            straight=asked["straight"],
            cache=asked["cache"] or cache_folder(os.environ.get("LOCATOR_NETWORK_CACHE", ""), os.environ),
        )


def _day(text: str | None, zone: str) -> date:
    """Return the day that is asked for, also as a moment of it; without any today."""
    from locator.coverage.criteria import check_day, parse_day
    from locator.errors import QueryError
    from locator.hours import time_zone
    from locator.query import parse_moment

    if not text:
        return now().astimezone(time_zone(zone)).date()
    try:
        moment = parse_moment(text, zone)
    except QueryError:
        return parse_day(text)  # which says what is wrong with it as a day
    return check_day(moment.astimezone(time_zone(zone)).date())


def _criteria(asked: dict[str, Any]) -> Criteria:
    from locator.coverage.criteria import Criteria, Terms, parse_hours, parse_threshold
    from locator.exchange.osm_ways import Mode
    from locator.settings import read_settings, speeds_of

    lists = {name: frozenset(words_of(asked[name])) for name in _LISTS}
    terms = Terms(**lists, no_registration=asked["no_registration"], h24=asked["h24"])
    named = {name: asked[name] for name in Criteria.__dataclass_fields__ if name in asked}
    named |= {name: float(asked[name]) for name in _CRITERIA if name in named and name != "thresholds"}
    if asked.get("thresholds"):
        thresholds = (parse_threshold(word, field="thresholds") for word in words_of(asked["thresholds"]))
        named["thresholds"] = tuple(dict.fromkeys(thresholds))  # 500m and 0.5km are one
    else:
        named.pop("thresholds", None)
    if "gaps_between" in asked:
        named["gap_hours"] = parse_hours(asked["gaps_between"])
    speed = speeds_of(read_settings(os.environ)).get(asked["mode"])
    return Criteria(
        **named
        | {
            "within": parse_threshold(asked["within"]),
            "mode": Mode(asked["mode"]),
            "terms": terms,
            "speed_m_per_s": speed,
        }
    )


def words_of(text: str) -> list[str]:
    """Return the words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def show_results(results: list[Result], study: Study, translate: Translator, asked: dict[str, Any]) -> None:
    """Print results as tables or as JSON, and write them to the file that was asked for."""
    from locator.coverage.printing import result_lines
    from locator.coverage.writing import table_as_json, write_results

    files: list[Path] = []
    if asked["output"] is not None and asked["output"].suffix.lower() == ".html":
        from locator.cli.report import write_map

        files = [write_map(results, study, asked, translate)]
    elif asked["output"]:
        files = write_results(results, asked["output"], translate)
    if asked["as_json"]:
        told = [
            {
                "about": result.about.as_json(translate),
                "tables": {table.name: table_as_json(table, translate) for table in result.tables},
            }
            for result in results
        ]
        print_json({"results": told, "files": [str(file) for file in files]})
        return
    if len(results) == 1:
        click.echo("\n".join(result_lines(results[0], translate, weight=study.criteria.weight)))
    for file in files:
        click.echo(translate("{file} written", file=file))
