"""Two scenarios side by side: what is found of each, and what the second brings beyond the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.coverage.comparison import Comparison, compare
from locator.coverage.proposal import edit_table
from locator.coverage.result import Table
from locator.coverage.scenario import Scenario
from locator.coverage.study import Study
from locator.coverage.supposing import supposed
from locator.report.case import measured
from locator.report.findings import Findings
from locator.report.question import Question

__all__ = ["Pair", "pair_of"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pair:
    """Two scenarios, the first what the second is compared with.

    Attributes
    ----------
    scenarios
        Both.
    findings
        Of each.
    comparison
        The second less the first.
    edits
        What each changes.
    """

    scenarios: tuple[Scenario, Scenario]
    question: Question
    findings: tuple[Findings, Findings]
    comparison: Comparison
    edits: tuple[Table, Table]


def pair_of(
    present: Study,
    first: Scenario,
    second: Scenario,
    question: Question,
    *,
    background: Iterable[tuple[Mapping[str, Any], BaseGeometry]] = (),
) -> Pair:
    """Compare two scenarios over the same stations.

    Raises
    ------
    NotFound, Conflict, InvalidValue
        One of them cannot be applied to the stations as they are.
    """
    ground = list(background)
    _ = present.distances  # measured once; what a scenario leaves is not measured again
    studies = supposed(present, first), supposed(present, second)
    questions = [replace(question, scenario=one.name, beside="") for one in (first, second)]
    before, after = (measured(study, asked, ground) for study, asked in zip(studies, questions, strict=True))
    return Pair(
        scenarios=(first, second),
        question=replace(question, scenario=second.name, beside=first.name),
        findings=(before, after),
        comparison=compare(*studies),
        edits=(edit_table(present.snapshot, first.edits), edit_table(present.snapshot, second.edits)),
    )
