"""The case for a scenario: what is found of the present and of the scenario, their comparison, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.coverage.comparison import Comparison, compare
from locator.coverage.criteria import parse_hours
from locator.coverage.measures import MEASURES
from locator.coverage.proposal import Proposal, explain
from locator.coverage.result import Result
from locator.coverage.scenario import Scenario
from locator.coverage.siting.solving import Search
from locator.coverage.study import Study
from locator.coverage.supposing import supposed
from locator.place import CandidateSite
from locator.report.findings import Findings, findings_of
from locator.report.question import Question

__all__ = ["NEEDED", "Case", "case_of", "measured"]

NEEDED = ("audit", "reach", "hours", "gaps")
"""The measures that a case is made of."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """What speaks for a scenario.

    Attributes
    ----------
    present, supposed
        The findings of both.
    between
        The hours in which other sites are judged, as they were asked for; empty: whatever the hours.
    time_limit_s
        How long the best sites were looked for at most; None: nobody looked.
    """

    scenario: Scenario
    question: Question
    present: Findings
    supposed: Findings
    comparison: Comparison
    proposal: Proposal
    between: str = ""
    time_limit_s: float | None = None

    @property
    def results(self) -> Sequence[Result]:
        """Everything as results: comparison, explanation, and the measures of the scenario."""
        return (self.comparison, self.proposal, *self.supposed.results.values())


def case_of(
    present: Study,
    scenario: Scenario,
    question: Question,
    *,
    candidates: Sequence[CandidateSite],
    background: Iterable[tuple[Mapping[str, Any], BaseGeometry]] = (),
    search: Search | None = None,
    between: str = "",
) -> Case:
    """Return the case for a scenario.

    Parameters
    ----------
    present
        The study of the stations as they are, by the question's criteria.
    candidates
        Where else stations could be.
    search
        How long the best sites may be looked for; None: nobody looks.
    between
        The hours of the day in which other sites are judged, such as 22-6; empty: whatever the hours.

    Raises
    ------
    NotFound, Conflict, InvalidValue
        The scenario cannot be applied to the stations as they are.
    QueryError
        `between` is not two hours of the day.
    """
    hours = parse_hours(between) if between else None
    ground = list(background)
    _ = present.distances  # measured once; what the scenario leaves is not measured again
    after = supposed(present, scenario)
    asked = replace(question, scenario="")
    return Case(
        scenario=scenario,
        question=replace(question, scenario=scenario.name),
        present=measured(present, asked, ground),
        supposed=measured(after, replace(question, scenario=scenario.name), ground),
        comparison=compare(present, after),
        proposal=explain(present, after, candidates, search=search, hours=hours),
        between=between,
        time_limit_s=search.time_limit_s if search else None,
    )


def measured(study: Study, question: Question, ground: list[tuple[Mapping[str, Any], BaseGeometry]]) -> Findings:
    """Return the findings of a study that a case is made of."""
    return findings_of(study, question, {name: MEASURES[name](study) for name in NEEDED}, ground)
