"""Work on a report in a process of its own: a folder holds what is asked, how far it is, and what came of it.

    order.json     what to do, written by whoever wants it
    state.json     how far it is, written here
    findings.json  what was found; or report.pdf, case.html, pair.html; sites become a scenario of the database

`python -m locator.report.working FOLDER PARENT` does it, and stops when its parent is gone.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.coverage.criteria import ALL_DAY
from locator.coverage.scenario import scenario_of
from locator.coverage.siting.solving import Search
from locator.coverage.study import Study
from locator.errors import LocatorError
from locator.report.findings import find, load
from locator.report.folder import (
    CASE,
    FINDINGS,
    ORDER,
    PAIR,
    PDF,
    STATE,
    STEPS,
    read_json,
    write_json,
    write_whole,
)
from locator.report.keeping import load_findings, save_findings
from locator.report.question import Question
from locator.store import Store, open_store
from locator.translation import LANGUAGES, translator

__all__ = ["work"]

_NICE = 10
_LOOK_S = 0.5
_SEARCH_S = 60.0


def work(folder: Path) -> None:
    """Do what the order in a folder says; what goes wrong that somebody can mend stands in the state."""
    order = read_json(folder / ORDER)

    def tell(step: str) -> None:
        write_json(folder / STATE, {"state": "working", "step": step, "done": STEPS[order["make"]].index(step)})

    try:
        _MAKERS[order["make"]](folder, order, tell)
    except LocatorError as error:
        texts = {language: error.text(translator(language)) for language in LANGUAGES}
        write_json(folder / STATE, {"state": "failed", "error": texts})
    else:
        write_json(folder / STATE, {"state": "done"})


def _make_findings(folder: Path, order: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    tell("loading")
    question = Question.of_record(order["question"])
    with open_store(order["database"]) as store:
        study, background = load(store, question, cache=_cache(order))
    save_findings(find(study, question, background=background, told=tell), folder / FINDINGS)


def _make_pdf(folder: Path, order: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    # Imported here: it brings the extra `pdf`.
    from locator.report.document import report_page
    from locator.report.printing import pdf_of

    tell("reading")
    findings = load_findings(Path(order["findings"]))
    if findings is None:
        raise FileNotFoundError(order["findings"])
    tell("printing")
    page = report_page(findings, translator(order["language"]), review_number=order["review_number"])
    beside = folder / f"{PDF}.new"
    beside.write_bytes(pdf_of(page))
    beside.replace(folder / PDF)


def _make_case(folder: Path, order: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    # Imported here: the others do without it.
    from locator.report.blocks import NONCE
    from locator.report.case import case_of
    from locator.report.case_document import case_page

    tell("loading")
    question = Question.of_record(order["question"])
    # A report on a scenario judges its sites in those hours, and its gaps by all the day.
    between = question.between
    question = replace(question, criteria=replace(question.criteria, gap_hours=ALL_DAY))
    with open_store(order["database"]) as store:
        scenario = scenario_of(store.scenario(question.scenario))
        candidates = store.candidates()
        study, background = _present(store, question, order)
    tell("case")
    search = Search(time_limit_s=_SEARCH_S, gap=1e-3, started_s=time.monotonic())
    case = case_of(
        study, scenario, question, candidates=candidates, background=background, search=search,
        between=between or scenario.question.get("between", ""),
    )  # fmt: skip
    tell("printing")
    page = case_page(
        case,
        translator(order["language"]),
        review_number=order["review_number"],
        database=Path(order["database"]).name,
        nonce=NONCE,
    )
    write_whole(folder / CASE, page)


def _make_pair(folder: Path, order: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    # Imported here: the others do without it.
    from locator.report.blocks import NONCE
    from locator.report.pair import pair_of
    from locator.report.pair_document import pair_page

    tell("loading")
    question = Question.of_record(order["question"])
    with open_store(order["database"]) as store:
        first, second = (scenario_of(store.scenario(name)) for name in (question.beside, question.scenario))
        study, background = _present(store, question, order)
    tell("pair")
    pair = pair_of(study, first, second, question, background=background)
    tell("printing")
    page = pair_page(
        pair,
        translator(order["language"]),
        review_number=order["review_number"],
        database=Path(order["database"]).name,
        nonce=NONCE,
    )
    write_whole(folder / PAIR, page)


def _make_sites(folder: Path, order: Mapping[str, Any], tell: Callable[[str], None]) -> None:
    # Imported here: it brings the extra `siting`.
    from locator.report.choosing import Choice, choose, keep

    tell("loading")
    question, choice = Question.of_record(order["question"]), Choice(**order["choice"])
    with open_store(order["database"]) as store:
        candidates = store.candidates()
        study, _ = _present(store, question, order)
    tell("sites")
    search = Search(time_limit_s=_SEARCH_S, gap=1e-6, started_s=time.monotonic())
    plan = choose(study, candidates, choice, search)
    with open_store(order["database"]) as store:
        keep(store, study, plan, choice, question, at=datetime.fromisoformat(order["at"]))


def _present(
    store: Store, question: Question, order: Mapping[str, Any]
) -> tuple[Study, list[tuple[Any, BaseGeometry]]]:
    """Return the study of things as they are, which scenarios are set against, and what lies beneath its maps."""
    return load(store, replace(question, scenario=""), cache=_cache(order))


def _cache(order: Mapping[str, Any]) -> Path | None:
    return Path(order["cache"]) if order["cache"] else None


_MAKERS = {
    "findings": _make_findings,
    "pdf": _make_pdf,
    "case": _make_case,
    "pair": _make_pair,
    "sites": _make_sites,
}


def main() -> None:
    """Work for a parent, and rest when it is gone."""
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    os.nice(_NICE)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    work(folder)


def _end_with(parent: int) -> None:
    """End this process when its parent has ended: nobody else would stop it."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


if __name__ == "__main__":
    main()
