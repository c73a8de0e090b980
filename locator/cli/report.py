"""The report and the map of coverage: `locator coverage report`, and `-o map.html` of every measure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import opened, print_json
from locator.cli.study import ask_report, study_asked
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.result import Result
    from locator.coverage.study import Study
    from locator.report.findings import Findings

__all__ = ["report", "write_map"]


@click.command(
    help=N_(
        "The whole report, to be handed up: findings, maps, the week, tables, method; as a page or as PDF. "
        "Example: locator coverage report --within 10min -o report.pdf"
    )
)
@ask_report
def report(translate: Translator, /, **asked: Any) -> None:
    """Write the report."""
    from locator.coverage.measures import MEASURES
    from locator.report.document import report_page

    output: Path | None = asked["output"]
    if output is None:
        raise InvalidValue(N_("is missing"), field="output", mend=N_("give -o and the name of a file"))
    if output.suffix.lower() not in (".html", ".pdf"):
        raise InvalidValue(
            N_("is not one of {choices}"), field="output", value=output.name, choices=".html, .pdf",
            mend=N_("choose one of them"),
        )  # fmt: skip
    study = study_asked(asked)
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
    """Write the map of a study as one file; the layers of what was measured are on when it opens."""
    from locator.coverage.measures import MEASURES
    from locator.maps.base import standalone
    from locator.maps.themes import theme_of
    from locator.report.maps import DRAWN, map_page
    from locator.settings import base_map_of, read_settings

    found = {result.measure: result for result in results}
    needed = {name: found.get(name) or MEASURES[name](study) for name in DRAWN}
    drawn = map_page(
        _findings(needed | found, study, asked),
        translate,
        base=base_map_of(read_settings(os.environ, base_map=asked.get("base_map") or "none")),
        measure="" if len(results) > 1 else results[0].measure,
        theme=None if len(results) > 1 else theme_of(study, results[0]),
    )
    output: Path = asked["output"]
    output.write_text(standalone(drawn, translate.language), encoding="utf-8")
    return output


def _findings(results: dict[str, Result], study: Study, asked: dict[str, Any]) -> Findings:
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
    return findings_of(study, question, results, background)


def _review_number() -> str:
    from locator.settings import read_settings

    return str(read_settings(os.environ)["REVIEW_NUMBER"])
