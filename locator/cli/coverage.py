"""Coverage: `locator coverage audit|reach|hours|gaps|…`, and all of them into one file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, print_json
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.criteria import Criteria
    from locator.coverage.result import Result
    from locator.coverage.study import Study

__all__ = ["ask_study", "coverage", "study_asked"]

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
    click.option("--no-registration", is_flag=True, help=N_("Only stations that need no registration.")),
    click.option("--h24", is_flag=True, help=N_("Only stations that never close.")),
    click.option(
        "--streets",
        "extract",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=N_("An OpenStreetMap extract to measure along; without it the streets of the database."),
    ),
    click.option(
        "--straight-line", "straight", is_flag=True, help=N_("Measure straight lines, not along streets.")
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


def ask_study(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that every measure is asked with."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


@click.group(help=N_("Show where, when and for whom there is no station."))
def coverage() -> None:
    """Hold the measures."""


@coverage.command(
    help=N_(
        "Which areas and streets have a station: several criteria side by side. "
        "Example: locator coverage audit --on 2026-11-20 -o audit.xlsx"
    )
)
@click.option("--min-share", type=float, default=0.9, show_default=True,
              help=N_("The share of an area's people that must be within reach."))  # fmt: skip
@click.option("--street-within", "street_within_m", type=float, default=500, show_default=True,
              help=N_("From every place of a street a station may be so many metres away."))  # fmt: skip
@click.option("--beside", "beside_m", type=float, default=50, show_default=True,
              help=N_("A station so many metres from a street is at it."))  # fmt: skip
@ask_study
def audit(translate: Translator, /, **asked: Any) -> None:
    """Audit the double coverage."""
    _answer("audit", translate, asked)


@coverage.command(
    help=N_(
        "How much is within 300, 500, 1,000 m and 5, 10, 15 min of a station. "
        "Example: locator coverage reach --at 2026-11-20T02:00 --weight night_workers"
    )
)
@click.option("--at", metavar="TIME", help=N_("Only stations usable at that moment, such as 2026-11-20T12:10."))
@click.option("--thresholds", metavar="LIST", default="",
              help=N_("How far, as a list: 300m,500m,1000m,5min,10min,15min"))  # fmt: skip
@ask_study
def reach(translate: Translator, /, at: str | None, **asked: Any) -> None:
    """Measure reach."""
    from locator.coverage.reach import measure_reach
    from locator.query import parse_moment

    def measured(study: Study) -> Result:
        return measure_reach(study, at=parse_moment(at, study.snapshot.zone) if at else None)

    _answer("reach", translate, asked, measured)


@coverage.command(
    help=N_(
        "What is within reach in each of the 168 hours of a week, and on a holiday. "
        "Example: locator coverage hours --weight outdoor_workers --within 10min"
    )
)
@click.option("--minutes", "stay_minutes", type=float, default=0, help=N_("How long one wants to stay."))
@ask_study
def hours(translate: Translator, /, **asked: Any) -> None:
    """Measure reach by hour."""
    _answer("hours", translate, asked)


@coverage.command(
    help=N_(
        "Where nobody is served, why, and how many people times hours. "
        "Example: locator coverage gaps --between 22-6 -o gaps.gpkg"
    )
)
@click.option("--between", metavar="HOURS", default="0-24", show_default=True,
              help=N_("Only these hours of the day: 11-14, 22-6."))  # fmt: skip
@ask_study
def gaps(translate: Translator, /, between: str, **asked: Any) -> None:
    """Find the gaps."""
    from locator.coverage.gaps import measure_gaps

    _answer("gaps", translate, asked, partial(measure_gaps, hours=_hours_of(between)))


@coverage.command(
    help=N_(
        "Reach by facility and way in: toilet, hot water, without registration, without a face scan. "
        "Example: locator coverage facilities --within 500m"
    )
)
@ask_study
def facilities(translate: Translator, /, **asked: Any) -> None:
    """Measure reach by facility."""
    _answer("facilities", translate, asked)


@coverage.command(
    help=N_(
        "Who has a second and a third station, and what would be lost with each. "
        "Example: locator coverage backup --within 10min"
    )
)
@ask_study
def backup(translate: Translator, /, **asked: Any) -> None:
    """Measure backup."""
    _answer("backup", translate, asked)


@coverage.command(
    help=N_("How evenly ways to a station are shared, the worst first. Example: locator coverage equity")
)
@ask_study
def equity(translate: Translator, /, **asked: Any) -> None:
    """Measure equity."""
    _answer("equity", translate, asked)


@coverage.command(
    help=N_("How many places there are for how many. Example: locator coverage capacity --weight residents")
)
@ask_study
def capacity(translate: Translator, /, **asked: Any) -> None:
    """Measure capacity."""
    _answer("capacity", translate, asked)


@coverage.command(
    help=N_(
        "Stations too near each other, and long stretches of street without one. "
        "Example: locator coverage spacing --stretch 800"
    )
)
@click.option("--crowded", "crowded_m", type=float, default=500, show_default=True,
              help=N_("Stations nearer than so many metres are too near."))  # fmt: skip
@click.option("--stretch", "stretch_m", type=float, default=1000, show_default=True,
              help=N_("Streets longer than so many metres without a station are too long."))  # fmt: skip
@ask_study
def spacing(translate: Translator, /, **asked: Any) -> None:
    """Measure spacing."""
    _answer("spacing", translate, asked)


@coverage.command(
    help=N_("What is left from 12 to 15 h with air conditioning and water. Example: locator coverage heat")
)
@ask_study
def heat(translate: Translator, /, **asked: Any) -> None:
    """Measure what is left in the heat."""
    _answer("heat", translate, asked)


@coverage.command("all", help=N_("Every measure into one file. Example: locator coverage all -o coverage.xlsx"))
@ask_study
def all_(translate: Translator, /, **asked: Any) -> None:
    """Write every measure to a file."""
    from locator.coverage.measures import MEASURES

    if asked["output"] is None:
        raise InvalidValue(N_("is missing"), field="output", mend=N_("give -o and the name of a file"))
    study = study_asked(asked)
    _show([measure(study) for measure in MEASURES.values()], study, translate, asked)


def _answer(
    name: str, translate: Translator, asked: dict[str, Any], measure: Callable[[Study], Result] | None = None
) -> None:
    from locator.coverage.measures import MEASURES

    study = study_asked(asked)
    _show([(measure or MEASURES[name])(study)], study, translate, asked)


def study_asked(asked: dict[str, Any]) -> Study:
    """Return the study that the options of `ask_study` ask for."""
    from locator.coverage.study import load_study
    from locator.hours import time_zone
    from locator.query import parse_moment
    from locator.settings import cache_folder
    from locator.snapshot import DEFAULT_ZONE

    criteria = _criteria(asked)
    with opened(asked["database"]) as store:
        zone = store.meta().get("timezone", DEFAULT_ZONE)
        moment = parse_moment(asked["day"], zone) if asked["day"] else now().astimezone(time_zone(zone))
        return load_study(
            store,
            day=moment.date(),
            criteria=criteria,
            extract=asked["extract"],
            straight=asked["straight"],
            cache=asked["cache"] or cache_folder(os.environ.get("LOCATOR_NETWORK_CACHE", ""), os.environ),
        )


def _criteria(asked: dict[str, Any]) -> Criteria:
    from locator.coverage.criteria import Criteria, Terms, parse_threshold
    from locator.exchange.osm_ways import Mode
    from locator.settings import read_settings, speeds_of

    lists = {name: frozenset(_words(asked[name])) for name in _LISTS}
    terms = Terms(**lists, no_registration=asked["no_registration"], h24=asked["h24"])
    named = {name: asked[name] for name in Criteria.__dataclass_fields__ if name in asked}
    if asked.get("thresholds"):
        named["thresholds"] = tuple(
            parse_threshold(word, field="thresholds") for word in _words(asked["thresholds"])
        )
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


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _hours_of(text: str) -> list[int]:
    """Return the hours of the day between two, also over midnight; the second is the end."""
    first, _, last = text.partition("-")
    if not (first.strip().isdecimal() and last.strip().isdecimal() and int(first) < 24 and 0 < int(last) <= 24):
        raise InvalidValue(
            N_("is not two hours of the day"), field="between", value=text, mend=N_("write it like 22-6")
        )
    start, end = int(first), int(last)
    return [hour % 24 for hour in range(start, end if end > start else end + 24)]


def _show(results: list[Result], study: Study, translate: Translator, asked: dict[str, Any]) -> None:
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
