"""The report on a scenario: `locator report --scenario NAME -o report.pdf|html|xlsx|docx`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import check_output, opened, print_json
from locator.cli.study import LIMITS, as_found, ask_criteria, ask_present, present_asked, scenario_kept
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.report.case import Case

__all__ = ["report_on_scenarios"]

_ENDINGS = (".pdf", ".html", ".xlsx", ".docx")


def report_on_scenarios(reports: click.Group) -> None:
    """Let `locator report`, whose commands handle what users report, write the report on a scenario too."""
    reports.params.extend(_propose.params)
    reports.invoke_without_command = True

    def begun(**said: Any) -> None:
        context = click.get_current_context()
        if context.invoked_subcommand is None:
            context.invoke(_propose.callback or begun, **said)
        elif said["name"]:
            raise InvalidValue(
                N_("stands beside the command {command}, which knows no scenarios"), field="scenario",
                value=said["name"], mend=N_("leave one of the two out"), command=context.invoked_subcommand,
            )  # fmt: skip

    reports.callback = begun


@click.command()
@click.option(
    "--scenario", "name", metavar="NAME", help=N_("Write the report on this scenario, to be decided on.")
)
@click.option("--time-limit", "time_limit_s", type=float, default=60, show_default=True,
              help=N_("Seconds after which the best answer until then is given."))  # fmt: skip
@click.option(
    "--between", metavar="HOURS", help=N_("Other sites and the best ones are judged in these hours: 0-24, 22-6.")
)
@ask_criteria(*LIMITS)
@ask_present
def _propose(
    translate: Translator, /, name: str | None, time_limit_s: float, between: str | None, **asked: Any
) -> None:
    """Write the report on a scenario."""
    if not name:
        raise InvalidValue(N_("is missing"), field="scenario", mend=N_("name a scenario, or a command"))
    output: Path | None = asked["output"]
    if output is None:
        raise InvalidValue(N_("is missing"), field="output", mend=N_("give -o and the name of a file"))
    check_output(output, _ENDINGS)
    asked = as_found(asked | {"between": between or ""}, asked["database"], name)
    case = _case(name, time_limit_s, asked["between"], asked)
    _write(case, output, translate, Path(asked["database"]).name)
    told = translate("{file} written", file=output)
    print_json({"file": str(output)}) if asked["as_json"] else click.echo(told)


def _case(name: str, time_limit_s: float, between: str, asked: dict[str, Any]) -> Case:
    from locator.coverage.siting.solving import Search
    from locator.report.case import case_of
    from locator.report.question import Question

    present = present_asked(asked, endings=_ENDINGS)
    scenario = scenario_kept(asked["database"], name)
    with opened(asked["database"]) as store:
        candidates, background = store.candidates(), list(store.places("background"))
    question = Question(
        day=present.day,
        criteria=present.criteria,
        straight=asked["straight"],
        extract=str(asked["extract"]) if asked["extract"] else "",
    )
    search = Search(time_limit_s=time_limit_s, gap=1e-3, started_s=time.monotonic())
    return case_of(
        present, scenario, question, candidates=candidates, background=background, search=search,
        between=between,
    )  # fmt: skip


def _write(case: Case, output: Path, translate: Translator, database: str) -> None:
    from locator.report.case_document import case_head, case_page, case_parts, case_title
    from locator.settings import read_settings

    review_number = str(read_settings(os.environ)["REVIEW_NUMBER"])
    ending = output.suffix.lower()
    if ending == ".xlsx":
        from locator.report.workbook import write_workbook

        parts = case_parts(case, translate, review_number=review_number, database=database)
        write_workbook(
            output, translate, title=case_title(case, translate), head=case_head(case, translate), parts=parts,
            results=case.results,
        )  # fmt: skip
        return
    if ending == ".docx":
        from locator.report.word import docx_of

        parts = case_parts(case, translate, review_number=review_number, database=database)
        output.write_bytes(
            docx_of(case_title(case, translate), case_head(case, translate), parts, translate.language)
        )
        return
    page = case_page(case, translate, review_number=review_number, database=database)
    if ending == ".pdf":
        from locator.report.printing import pdf_of

        output.write_bytes(pdf_of(page))
    else:
        output.write_text(page, encoding="utf-8")
