"""Coverage: `locator coverage audit|reach|service-areas|hours|…`, and all of them into one file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from locator.cli.study import ask_criteria, ask_study, show_results, study_asked
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.result import Result
    from locator.coverage.study import Study

__all__ = ["coverage"]

_at_option = click.option(
    "--at", metavar="TIME", help=N_("Only stations usable at that moment, such as 2026-11-20T12:10.")
)


@click.group(help=N_("Show where, when and for whom there is no station."))
def coverage() -> None:
    """Hold the measures."""


@coverage.command(
    help=N_(
        "Which areas and streets have a station: several criteria side by side. "
        "Example: locator coverage audit --on 2026-11-20 -o audit.xlsx"
    )
)
@ask_criteria("min_share", "street_within_m", "beside_m")
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
@_at_option
@ask_criteria("thresholds")
@ask_study
def reach(translate: Translator, /, at: str | None, **asked: Any) -> None:
    """Measure reach."""
    from locator.coverage.reach import measure_reach

    _answer_at("reach", measure_reach, translate, asked, at)


@coverage.command(
    "service-areas",
    help=N_(
        "What is reached along the streets, as polygons: one for each threshold. "
        "Example: locator coverage service-areas --thresholds 5min,10min,15min -o areas.gpkg"
    ),
)
@_at_option
@ask_criteria("thresholds")
@click.option("--each", is_flag=True, help=N_("Also what each station reaches by itself, within --within."))
@ask_study
def service_areas(translate: Translator, /, at: str | None, each: bool, **asked: Any) -> None:
    """Draw service areas."""
    from locator.coverage.service_areas import measure_service_areas

    _answer_at("service_areas", partial(measure_service_areas, each=each), translate, asked, at)


@coverage.command(
    help=N_(
        "What is within reach in each of the 168 hours of a week, and on a holiday. "
        "Example: locator coverage hours --weight outdoor_workers --within 10min"
    )
)
@ask_criteria("stay_minutes")
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
@ask_criteria("between")
@ask_study
def gaps(translate: Translator, /, **asked: Any) -> None:
    """Find the gaps."""
    _answer("gaps", translate, asked)


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
@ask_criteria("crowded_m", "stretch_m")
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
@ask_criteria()
@ask_study
def all_(translate: Translator, /, **asked: Any) -> None:
    """Write every measure to a file."""
    from locator.coverage.measures import MEASURES

    if asked["output"] is None:
        raise InvalidValue(N_("is missing"), field="output", mend=N_("give -o and the name of a file"))
    study = study_asked(asked)
    show_results([measure(study) for measure in MEASURES.values()], study, translate, asked)


def _answer(
    name: str, translate: Translator, asked: dict[str, Any], measure: Callable[[Study], Result] | None = None
) -> None:
    from locator.coverage.measures import MEASURES

    study = study_asked(asked)
    show_results([(measure or MEASURES[name])(study)], study, translate, asked)


def _answer_at(
    name: str, measure: Callable[..., Result], translate: Translator, asked: dict[str, Any], at: str | None
) -> None:
    """Answer with a measure that may be asked of a moment."""
    from locator.query import parse_moment
    from locator.snapshot import DEFAULT_ZONE

    def measured(study: Study) -> Result:
        return measure(study, at=parse_moment(at, study.snapshot.zone) if at else None)

    if at:
        parse_moment(at, DEFAULT_ZONE)  # refused by its own name, not as the day of the lists
    # Who exists today says nothing of another day.
    _answer(name, translate, asked | {"day": asked["day"] or at, "at": at}, measured)
