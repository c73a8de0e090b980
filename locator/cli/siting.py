"""Where the next station goes: `locator site lscp|mclp|p-median|p-center|backup|gradual`."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import now, opened
from locator.cli.study import ask_study, present_asked, show_results, study_asked, words_of
from locator.cli.watching import watched
from locator.errors import QueryError
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.about import Note
    from locator.coverage.scenario import Scenario
    from locator.coverage.siting.asked import Asked
    from locator.coverage.siting.explained import Step
    from locator.coverage.siting.plan import Plan
    from locator.coverage.siting.problem import Problem
    from locator.coverage.siting.rules import Means
    from locator.coverage.siting.solving import Search
    from locator.coverage.study import Study
    from locator.place import CandidateSite
    from locator.report.question import Question

__all__ = ["site"]

_Solve = Callable[["Problem", "Means", "Search", "Study"], "Plan"]
_NOTED = (
    "budget", "between", "demand_hours", "extend_cost", "extend_to", "may_extend", "changes", "must", "never",
    "may_close", "may_move", "close_saves", "area", "street_share", "per_place", "first", "full",
)  # fmt: skip
_NOTED_FLAGS = ("cheapest", "every_area", "planned")
"""What a note tells of the means."""

_SITING = (
    click.option("-p", "--new", "p", type=click.IntRange(0), help=N_("So many new sites at most.")),
    click.option("--budget", type=float, help=N_("So much at most a year, in CNY.")),
    click.option("--between", metavar="HOURS", help=N_("Only what is open in these hours counts: 0-24, 22-6.")),
    click.option("--demand-hours", metavar="LIST", default="",
                 help=N_("What counts in which hours: residents=6-22,night_workers=22-6.")),
    click.option("--extend-cost", type=float,
                 help=N_("Stations may keep longer hours, at this cost a year each; without --extend-to 24/7.")),
    click.option("--extend-to", metavar="HOURS",
                 help=N_("Which hours these are: 6-24, or opening hours as OpenStreetMap writes them.")),
    click.option("--may-extend", metavar="LIST", default="",
                 help=N_("Only these stations may keep longer hours, by code.")),
    click.option("--changes", type=click.IntRange(0),
                 help=N_("So many stations at most may change their hours; no new site without -p or --budget.")),
    click.option("--must", metavar="LIST", default="", help=N_("Candidates that have to open, by code.")),
    click.option("--never", metavar="LIST", default="", help=N_("Candidates and stations that are out, by code.")),
    click.option("--may-close", metavar="LIST", default="", help=N_("Stations that may close, by code.")),
    click.option("--may-move", metavar="LIST", default="",
                 help=N_("Stations that may close, each for one more new site beside -p, by code.")),
    click.option("--close-saves", type=float,
                 help=N_("What closing such a station saves a year, in CNY; the budget is so much larger.")),
    click.option("--every-area", is_flag=True, help=N_("Every area without a station gets one.")),
    click.option("--area", "area", metavar="LIST", default="",
                 help=N_("These areas have to have a station, by code or name.")),
    click.option("--planned", is_flag=True, help=N_("Planned stations count as if they were there.")),
    click.option("--street-share", type=click.FloatRange(0, 1), metavar="SHARE",
                 help=N_("Such a share of the main streets, by length, must be within reach: 0.8.")),
    click.option("--per-place", type=float, metavar="NUMBER",
                 help=N_("In each hour a site serves so many for each person who finds room there.")),
    click.option("--frontier", "most", type=click.IntRange(1), help=N_("What up to so many sites are worth.")),
    click.option("--gap", type=click.FloatRange(0, 1), default=1e-6, help=N_("A gap that is small enough: 0.01.")),
    click.option("--time-limit", "time_limit_s", type=float, default=300, show_default=True,
                 help=N_("Seconds after which the best answer until then is given.")),
    click.option("--progress", is_flag=True,
                 help=N_("Say how far the search is, also where no terminal shows it.")),
    click.option("--adopt", metavar="NAME", help=N_("Keep the answer as a scenario of that name.")),
)  # fmt: skip


def _sited(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SITING):
        command = option(command)
    return ask_study(command)


@click.group(help=N_("Say where the next station goes: the best of all choices, and why."))
def site() -> None:
    """Hold the models."""


@site.command(
    help=N_(
        "Cover all with the fewest new sites. Example: locator site lscp --within 1km --weight outdoor_workers"
    )
)
@click.option("--cheapest", is_flag=True, help=N_("With the least cost, not with the fewest sites."))
@_sited
def lscp(translate: Translator, /, cheapest: bool, **asked: Any) -> None:
    """Solve set covering."""
    from locator.coverage.siting.covering import lscp as model

    _answer(
        translate, asked | {"cheapest": cheapest},
        lambda problem, means, search, study: model(
            problem, means=means, radius_m=study.criteria.within_m, cheapest=cheapest, search=search
        ),
    )  # fmt: skip


@site.command(help=N_("Cover the most demand. Example: locator site mclp -p 3 --within 500m --frontier 8"))
@_sited
def mclp(translate: Translator, /, **asked: Any) -> None:
    """Solve maximal covering."""
    from locator.coverage.siting.covering import mclp as model

    _answer(
        translate, asked,
        lambda problem, means, search, study: model(
            problem, means, radius_m=study.criteria.within_m, search=search
        ),
    )  # fmt: skip


@site.command("p-median", help=N_("Make all ways together the shortest. Example: locator site p-median -p 3"))
@_sited
def p_median(translate: Translator, /, **asked: Any) -> None:
    """Solve the p-median problem."""
    from locator.coverage.siting.median import p_median as model

    _answer(
        translate, asked,
        lambda problem, means, search, study: model(
            problem, means, beyond_m=study.distances.limit_m, search=search
        ),
    )  # fmt: skip


@site.command("p-center", help=N_("Make the longest way the shortest. Example: locator site p-center -p 3"))
@_sited
def p_center(translate: Translator, /, **asked: Any) -> None:
    """Solve the p-center problem."""
    from locator.coverage.siting.center import p_center as model

    _answer(translate, asked, lambda problem, means, search, _: model(problem, means, search=search))


@site.command(help=N_("Cover the most demand once and again. Example: locator site backup -p 3 --within 1km"))
@click.option("--first", type=float, default=0.5, show_default=True,
              help=N_("How much being covered at all counts; being covered twice counts the rest."))  # fmt: skip
@_sited
def backup(translate: Translator, /, first: float, **asked: Any) -> None:
    """Solve backup covering."""
    from locator.coverage.siting.covering import backup as model

    _answer(
        translate, asked,
        lambda problem, means, search, study: model(
            problem, means, radius_m=study.criteria.within_m, first=first, search=search
        ),
    )  # fmt: skip


@site.command(help=N_("Cover the most, the nearer the better. Example: locator site gradual -p 3 --full 300"))
@click.option("--full", "full_m", type=float, default=300, show_default=True,
              help=N_("Up to so many metres all of the demand counts."))  # fmt: skip
@_sited
def gradual(translate: Translator, /, full_m: float, **asked: Any) -> None:
    """Solve gradual covering."""
    from locator.coverage.siting.covering import gradual as model
    from locator.coverage.siting.covering import linear_credit

    _answer(
        translate, asked,
        lambda problem, means, search, study: model(
            problem, means, credit=linear_credit(full_m, study.criteria.within_m),
            furthest_m=study.criteria.within_m, search=search,
        ),
    )  # fmt: skip


def _answer(translate: Translator, asked: dict[str, Any], solve: _Solve) -> None:
    from locator.coverage.adopting import adopted
    from locator.coverage.scenario import check_name
    from locator.coverage.siting.of_study import problem_of_study
    from locator.coverage.siting.premises import with_planned
    from locator.coverage.siting.telling import siting_result

    if asked["adopt"]:
        check_name(asked["adopt"])
    wanted, means = _wanted(asked)
    present = present_asked(asked)
    study = study_asked(asked, with_planned(present) if asked["planned"] else present)
    candidates, notes = _candidates(study, asked, wanted.must)
    problem = problem_of_study(study, candidates, wanted)
    plan, steps = _searched(translate, asked, lambda some, search: solve(problem, some, search, study), means)
    if asked["adopt"]:
        found = adopted(study, candidates, plan, asked["adopt"], snapshot=present.snapshot)
        _keep(found, study, asked, plan.model, means, wanted)
    result = siting_result(
        study, candidates, plan, steps=steps, per_place=asked["per_place"], demand_hours=wanted.demand_hours,
        notes=notes,
    )  # fmt: skip
    show_results([result], study, translate, asked)
    if asked["adopt"]:
        click.echo(translate(N_("kept as scenario {name}"), name=asked["adopt"]), err=True)


def _searched(
    translate: Translator, asked: dict[str, Any], solve: Callable[[Means, Search], Plan], means: Means
) -> tuple[Plan, list[Step] | None]:
    """Return the plan, and the frontier if it is asked for; the user sees how far that is, and may end it."""
    from locator.coverage.siting.explained import frontier
    from locator.coverage.siting.solving import Search

    with watched(translate, always=asked["progress"]) as watch:

        def search() -> Search:
            return Search(
                time_limit_s=asked["time_limit_s"], gap=asked["gap"], started_s=time.monotonic(),
                progress=watch.tell, cancelled=watch.cancelled,
            )  # fmt: skip

        plan = solve(means, search())
        if not asked["most"]:
            return plan, None
        return plan, frontier(solve, asked["most"], means=means, search=search())


def _wanted(asked: dict[str, Any]) -> tuple[Asked, Means]:
    """Return what is allowed and demanded, and the means."""
    from locator.coverage.criteria import parse_hours
    from locator.coverage.siting.asked import ROUND_THE_CLOCK, Asked, parse_demand_hours, parse_hours_text
    from locator.coverage.siting.rules import Means

    for name in ("extend_to", "may_extend", "changes"):
        if asked[name] not in (None, "") and asked["extend_cost"] is None:
            raise QueryError(
                N_("is missing"), field="extend_cost",
                mend=N_("say what longer hours of a station cost a year, 0 if nothing"),
            )  # fmt: skip
    may_close, may_move, never = (_codes(asked, name) for name in ("may_close", "may_move", "never"))
    if asked["close_saves"] is not None and not may_close | may_move | never:
        raise QueryError(
            N_("is missing"),
            field="may_close",
            mend=N_("name the stations that may close: --may-close or --may-move"),
        )
    wanted = Asked(
        hours=parse_hours(asked["between"]) if asked["between"] else None,
        demand_hours=parse_demand_hours(asked["demand_hours"]), close_saves=asked["close_saves"],
        extend_cost=asked["extend_cost"],
        extend_to=parse_hours_text(asked["extend_to"]) if asked["extend_to"] else ROUND_THE_CLOCK,
        every_area=asked["every_area"], areas=_codes(asked, "area"),
        street_share=asked["street_share"], per_place=asked["per_place"], must=_codes(asked, "must"), never=never,
        may_close=may_close, may_move=may_move, may_extend=_codes(asked, "may_extend"),
    )  # fmt: skip
    p = asked["p"]
    is_hours_only = asked["changes"] is not None and asked["budget"] is None and not _is_covering_all()
    if p is None and is_hours_only:
        p = len(wanted.must)
    return wanted, Means(p=p, budget=asked["budget"], changes=asked["changes"])


def _is_covering_all() -> bool:
    return click.get_current_context().info_name == "lscp"


def _candidates(
    study: Study, asked: dict[str, Any], must: frozenset[str]
) -> tuple[list[CandidateSite], list[Note]]:
    """Return the candidates that are to be had, and who is left out and why."""
    from locator.coverage.about import Note
    from locator.coverage.siting.premises import free_candidates, priced_candidates

    with opened(asked["database"]) as store:
        candidates, taken = free_candidates(study.snapshot, store.candidates())
    for one in taken:
        if one.id in must:
            raise QueryError(
                N_("is taken by a station already, in use or planned"), field="must", value=one.id,
                mend=N_("take it out of the list"),
            )  # fmt: skip
    notes = [Note(N_("left out, a station in use or planned being there: {names}"), {"names": _named(taken)})]
    unknown: list[CandidateSite] = []
    if asked["budget"] is not None or asked.get("cheapest"):
        candidates, unknown = priced_candidates(candidates, must)
        notes.append(Note(N_("left out, their cost not being known: {names}"), {"names": _named(unknown)}))
    return candidates, [note for note in notes if note.details["names"]]


def _named(sites: Sequence[CandidateSite]) -> tuple[str, ...]:
    return tuple(f"{one.name} ({one.id})" for one in sites)


def _keep(found: Scenario, study: Study, asked: dict[str, Any], model: str, means: Means, wanted: Asked) -> None:
    """Keep an answer as a scenario, and of which question it is the answer."""
    from locator.coverage.scenario import scenario_records
    from locator.coverage.siting.sought import Sought
    from locator.report.question import Question

    question = Question(day=study.day, criteria=study.criteria, straight=asked["straight"])
    told = question.asked() | ({"between": asked["between"]} if asked["between"] else {})
    told |= Sought(model=model, means=means, asked=wanted).texts()
    with opened(asked["database"]) as store:
        store.put_scenario(
            found.name, scenario_records(found), revision=found.revision, note=_note(asked, question),
            question=told, at=now(),
        )  # fmt: skip


def _codes(asked: dict[str, Any], name: str) -> frozenset[str]:
    return frozenset(words_of(asked[name]))


def _note(asked: dict[str, Any], question: Question) -> str:
    """Return of which question a scenario is the answer, as the command that asks it."""
    context = click.get_current_context()
    told = context.params | {"full": context.params.get("full_m")}
    options = {
        "-p": asked["p"],
        **{f"--{name.replace('_', '-')}": told.get(name) for name in _NOTED},
        "--scenario": asked["scenario"],
    }
    words = [
        word
        for name, value in options.items()
        if value not in (None, "")
        for word in (name, f"{value:.10g}" if isinstance(value, float) else str(value))
    ]
    flags = [f"--{name.replace('_', '-')}" for name in _NOTED_FLAGS if asked.get(name)]
    model = context.info_name or ""
    return shlex.join(["locator", "site", model, *question.options(question.asked()), *words, *flags])
