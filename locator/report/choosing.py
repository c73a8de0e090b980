"""Where the next station goes, worked out for a page: a model and its means in, a scenario out."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from locator.coverage.adopting import adopted
from locator.coverage.scenario import check_name, scenario_records
from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import backup, gradual, linear_credit, lscp, mclp
from locator.coverage.siting.median import p_median
from locator.coverage.siting.of_study import Asked, problem_of_study
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.premises import free_candidates, priced_candidates
from locator.coverage.siting.problem import Problem
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search
from locator.coverage.siting.sought import Sought
from locator.coverage.study import Study
from locator.errors import QueryError
from locator.place import CandidateSite
from locator.report.question import Question
from locator.store import Store
from locator.translation import N_

__all__ = ["MODELS", "Choice", "choose", "keep"]

_Solve = Callable[[Problem, Means, Search, Study], Plan]
_FULL_M = 300.0
_SOLVE: Mapping[str, _Solve] = {
    "mclp": lambda problem, means, search, study: mclp(
        problem, means, radius_m=study.criteria.within_m, search=search
    ),
    "lscp": lambda problem, means, search, study: lscp(
        problem, means=means, radius_m=study.criteria.within_m, search=search
    ),
    "p_median": lambda problem, means, search, study: p_median(
        problem, means, beyond_m=study.distances.limit_m, search=search
    ),
    "p_center": lambda problem, means, search, _: p_center(problem, means, search=search),
    "backup": lambda problem, means, search, study: backup(
        problem, means, radius_m=study.criteria.within_m, first=0.5, search=search
    ),
    "gradual": lambda problem, means, search, study: gradual(
        problem, means, credit=linear_credit(_FULL_M, study.criteria.within_m),
        furthest_m=study.criteria.within_m, search=search,
    ),
}  # fmt: skip
MODELS: Mapping[str, str] = {
    "mclp": N_("Cover the most people"),
    "p_median": N_("Make all ways together the shortest"),
    "p_center": N_("Make the longest way the shortest"),
    "backup": N_("Cover the most people once and again"),
    "gradual": N_("Cover the most, the nearer the better"),
    "lscp": N_("Cover all with the fewest new sites"),
}
"""The models, and what each looks for."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is looked for.

    Attributes
    ----------
    name
        What the scenario is to be called.
    p, budget
        How many new sites, and what they may cost a year (CNY), at most; None: as many, and as much, as it takes.
    """

    name: str
    model: str
    p: int | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.model not in _SOLVE:
            raise QueryError(
                N_("is not one of {choices}"), field="model", value=self.model, choices=", ".join(MODELS),
                mend=N_("choose one of them"),
            )  # fmt: skip
        Means(p=self.p, budget=self.budget)
        if self.model != "lscp" and self.p is None and self.budget is None:
            raise QueryError(
                N_("is missing"), field="p", mend=N_("say how many new sites there are to be, or the budget")
            )

    def record(self) -> dict[str, Any]:
        """Return it as JSON-able values, from which `Choice(**record)` makes it again."""
        return {"name": self.name, "model": self.model, "p": self.p, "budget": self.budget}

    def command(self, question: Question) -> str:
        """Return the command that finds the same."""
        words = ["locator", "site", self.model.replace("_", "-"), *question.options(question.asked())]
        words += [] if self.p is None else ["-p", str(self.p)]
        words += [] if self.budget is None else ["--budget", f"{self.budget:.10g}"]
        return shlex.join(words)

    def asked(self, question: Question) -> dict[str, str]:
        """Return by what the scenario is found, as texts beside its question."""
        sought = Sought(model=self.model, means=Means(p=self.p, budget=self.budget), asked=Asked())
        return question.asked() | sought.texts()


def choose(study: Study, candidates: Sequence[CandidateSite], choice: Choice, search: Search) -> Plan:
    """Return the best choice of sites: none where a station is or is planned, of unknown cost none by a budget.

    Raises
    ------
    QueryError
        There are no candidate sites, or no choice does what is asked.
    MissingPart
        The extra `siting` is not installed.
    """
    usable, _ = free_candidates(study.snapshot, candidates)
    if choice.budget is not None:
        usable, _ = priced_candidates(usable, frozenset())
    problem = problem_of_study(study, usable, Asked())
    return _SOLVE[choice.model](problem, Means(p=choice.p, budget=choice.budget), search, study)


def keep(
    store: Store,
    study: Study,
    plan: Plan,
    choice: Choice,
    question: Question,
    *,
    at: datetime,
) -> None:
    """Keep a plan as a new scenario, with the question that it answers.

    Raises
    ------
    Conflict
        There is a scenario of that name.
    """
    found = adopted(study, store.candidates(), plan, choice.name)
    store.put_scenario(
        choice.name, scenario_records(found), revision=found.revision, note=choice.command(question),
        question=choice.asked(question), at=at,
    )  # fmt: skip
