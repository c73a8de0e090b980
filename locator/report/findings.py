"""All findings of one question: every measure, what maps draw, and how to find the same again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.coverage.hours import Hours
from locator.coverage.measures import MEASURES
from locator.coverage.result import Result, Table
from locator.coverage.scenario import scenario_of
from locator.coverage.study import Study, load_study
from locator.coverage.supposing import supposed
from locator.maps.drawing import Drawing, drawing_of
from locator.report.question import Question
from locator.store import Store

__all__ = ["Findings", "find", "findings_of", "load"]

Told = Callable[[str], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """What was found.

    Attributes
    ----------
    results
        By measure, in the order of a report.
    about
        The data's own description: name, source, date, licence, illustrative.
    weights
        What the demand could be counted by.
    """

    question: Question
    results: Mapping[str, Result]
    drawing: Drawing
    about: Mapping[str, Any]
    weights: tuple[str, ...]
    revision: int

    @property
    def is_straight(self) -> bool:
        """Whether distances are straight lines."""
        return self.results["audit"].about.is_straight

    def table(self, measure: str, name: str) -> Table:
        """Return one table."""
        return self.results[measure][name]


def load(store: Store, question: Question, *, cache: Path | None) -> tuple[Study, list[tuple[Any, BaseGeometry]]]:
    """Return the study that answers a question, and what lies beneath its maps; the store may be closed then."""
    study = load_study(
        store,
        day=question.day,
        criteria=question.criteria,
        extract=Path(question.extract) if question.extract else None,
        straight=question.straight,
        cache=cache,
    )
    if question.scenario:
        study = supposed(study, scenario_of(store.scenario(question.scenario)))
    return study, list(store.places("background"))


def find(
    study: Study,
    question: Question,
    *,
    background: Iterable[tuple[Mapping[str, Any], BaseGeometry]] = (),
    told: Told = lambda _: None,
) -> Findings:
    """Return every measure of a study.

    Parameters
    ----------
    told
        Called with the name of each step before it is done; what it raises ends the work.
    """
    results: dict[str, Result] = {}
    for name, measure in MEASURES.items():
        told(name)
        results[name] = measure(study)
    told("drawing")
    return findings_of(study, question, results, background)


def findings_of(
    study: Study,
    question: Question,
    results: Mapping[str, Result],
    background: Iterable[tuple[Mapping[str, Any], BaseGeometry]],
    *,
    at: datetime | None = None,
) -> Findings:
    """Return the findings that some results are; `hours` is among them.

    Parameters
    ----------
    at
        The moment that results were asked of, which the map opens with; None: none.
    """
    hours = results["hours"]
    if not isinstance(hours, Hours):
        raise TypeError("the result of the measure hours is needed")
    return Findings(
        question=question,
        results=results,
        drawing=drawing_of(study, hours, background=list(background), at=at),
        about=dict(study.about),
        weights=tuple(study.demand.weights),
        revision=study.snapshot.revision,
    )
