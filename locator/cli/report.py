"""The report and the map of coverage: `locator coverage report`, and `-o map.html` of every measure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import opened, print_json
from locator.cli.study import ask_criteria, ask_report, study_asked
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.comparison import Comparison
    from locator.coverage.result import Result
    from locator.coverage.siting.telling import Siting
    from locator.coverage.study import Study
    from locator.maps.base import MapPage
    from locator.maps.base_maps import BaseMap
    from locator.report.findings import Findings

__all__ = ["report", "write_map"]


@click.command(
    help=N_(
        "The whole report, to be handed up: findings, maps, the week, tables, method; as a page or as PDF. "
        "Example: locator coverage report --within 10min -o report.pdf"
    )
)
@ask_criteria()
@ask_report
def report(translate: Translator, /, **asked: Any) -> None:
    """Write the report."""
    from locator.coverage.measures import MEASURES
    from locator.report.document import report_page

    output: Path | None = asked["output"]
    if output is None:
        raise InvalidValue(N_("is missing"), field="output", mend=N_("give -o and the name of a file"))
    study = study_asked(asked, endings=(".html", ".pdf"))
    findings = _findings({name: measure(study) for name, measure in MEASURES.items()}, study, asked)
    page = report_page(findings, translate, review_number=_review_number(), database=Path(asked["database"]).name)
    if output.suffix.lower() == ".pdf":
        from locator.report.printing import pdf_of

        output.write_bytes(pdf_of(page))
    else:
        output.write_text(page, encoding="utf-8")
    told = translate("{file} written", file=output)
    print_json({"file": str(output)}) if asked["as_json"] else click.echo(told)


def write_map(results: Sequence[Result], study: Study, asked: dict[str, Any], translate: Translator) -> Path:
    """Write the map of a study as one file; the layers of what was measured are on when it opens.

    Of a comparison, and of what siting found, it is the map of who gains and who loses.
    """
    from locator.coverage.comparison import Comparison
    from locator.coverage.siting.telling import Siting
    from locator.maps.base import standalone
    from locator.settings import base_map_of, read_settings

    (first, *_) = results
    base = base_map_of(read_settings(os.environ, base_map=asked.get("base_map") or "none"))
    if isinstance(first, Comparison):
        drawn = _change_page(first, study, asked, translate, base)
    elif isinstance(first, Siting):
        drawn = _siting_page(first, study, asked, translate, base)
    else:
        drawn = _coverage_page(results, study, asked, translate, base)
    output: Path = asked["output"]
    output.write_text(standalone(drawn, translate.language), encoding="utf-8")
    return output


def _coverage_page(
    results: Sequence[Result], study: Study, asked: dict[str, Any], translate: Translator, base: BaseMap
) -> MapPage:
    from locator.coverage.measures import MEASURES
    from locator.coverage.service_areas import measure_service_areas
    from locator.query import parse_moment
    from locator.report.maps import DRAWN, map_page

    at = parse_moment(asked["at"], study.snapshot.zone) if asked.get("at") else None
    measures = dict(MEASURES) | {"service_areas": partial(measure_service_areas, at=at)}
    found = {result.measure: result for result in results}
    needed = {name: found.get(name) or measures[name](study) for name in DRAWN}
    measure = "audit" if len(results) > 1 else results[0].measure
    return map_page(_findings(needed | found, study, asked, at), translate, base=base, measure=measure)


def _change_page(
    found: Comparison,
    after: Study,
    asked: dict[str, Any],
    translate: Translator,
    base: BaseMap,
    *,
    sides: tuple[str, str] = ("", ""),
) -> MapPage:
    from locator.coverage.measures import MEASURES
    from locator.report.maps import change_page

    needed = {name: MEASURES[name](after) for name in ("audit", "hours")}
    return change_page(_findings(needed, after, asked), found, translate, base=base, sides=sides)


def _siting_page(
    found: Siting, study: Study, asked: dict[str, Any], translate: Translator, base: BaseMap
) -> MapPage:
    """Return the map of a plan beside the stations that it was made for: as the scenario that it would be."""
    from dataclasses import replace

    from locator.coverage.adopting import adopted
    from locator.coverage.comparison import compare
    from locator.coverage.supposing import supposed

    with opened(asked["database"]) as store:
        candidates = store.candidates()
    # What a scenario has changed already is no change of the plan: it is as if the stations were so.
    before = replace(study, scenario=None) if study.scenario else study
    after = supposed(before, adopted(before, candidates, found.plan, "plan"))
    sides = (study.scenario.name if study.scenario else "", asked.get("adopt") or translate(N_("The plan")))
    return _change_page(compare(before, after), after, asked, translate, base, sides=sides)


def _findings(
    results: dict[str, Result], study: Study, asked: dict[str, Any], at: datetime | None = None
) -> Findings:
    from locator.report.findings import findings_of
    from locator.report.question import Question

    extract = str(asked["extract"]) if asked["extract"] else ""
    question = Question(
        day=study.day,
        criteria=study.criteria,
        straight=asked["straight"],
        extract=extract,
        scenario=asked.get("scenario") or "",
    )
    with opened(asked["database"]) as store:
        background = list(store.places("background"))
    return findings_of(study, question, results, background, at=at)


def _review_number() -> str:
    from locator.settings import read_settings

    return str(read_settings(os.environ)["REVIEW_NUMBER"])
