"""What the commands that study coverage share: options, the study they ask for, how results are shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
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
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.criteria import Criteria
    from locator.coverage.result import Result
    from locator.coverage.scenario import Scenario
    from locator.coverage.study import Study

__all__ = [
    "OUTPUTS",
    "as_found",
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


_SCENARIO = click.option(
    "--scenario", metavar="NAME", help=N_("The stations as this scenario has them, not as they are.")
)


def ask_study(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every measure is asked with."""
    return ask_report(base_map_option(command))


def ask_report(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a measure but the base map: pictures have the town's own streets."""
    return ask_present(_SCENARIO(command))


def ask_present(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a study, without that of a scenario."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


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
    from locator.hours import time_zone
    from locator.query import parse_moment
    from locator.settings import cache_folder

    if asked["output"] is not None:
        check_output(asked["output"], endings)
    criteria = _criteria(asked)
    with opened(asked["database"]) as store:
        zone = zone_of(store)
        moment = parse_moment(asked["day"], zone, field="on") if asked["day"] else now()
        return load_study(
            store,
            day=moment.astimezone(time_zone(zone)).date(),
            criteria=criteria,
            extract=asked["extract"],
            straight=asked["straight"],
            cache=asked["cache"] or cache_folder(os.environ.get("LOCATOR_NETWORK_CACHE", ""), os.environ),
        )


def _criteria(asked: dict[str, Any]) -> Criteria:
    from locator.coverage.criteria import Criteria, Terms, parse_threshold
    from locator.exchange.osm_ways import Mode
    from locator.settings import read_settings, speeds_of

    lists = {name: frozenset(words_of(asked[name])) for name in _LISTS}
    terms = Terms(**lists, no_registration=asked["no_registration"], h24=asked["h24"])
    named = {name: asked[name] for name in Criteria.__dataclass_fields__ if name in asked}
    if asked.get("thresholds"):
        thresholds = (parse_threshold(word, field="thresholds") for word in words_of(asked["thresholds"]))
        named["thresholds"] = tuple(dict.fromkeys(thresholds))  # 500m and 0.5km are one
    else:
        named.pop("thresholds", None)
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
