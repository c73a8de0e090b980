"""What planners see: who is covered, where, when and why not; worked out beside the requests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import NotFound
from locator.report.folder import CASE, FINDINGS, PAIR, PDF, STEPS
from locator.settings import base_map_of, cache_folder
from locator.translation import N_
from locator.web.bases import map_base
from locator.web.data import data
from locator.web.headers import page_nonce
from locator.web.language import page_translator
from locator.web.origin import refuse_other_sites
from locator.web.planner.asking import Asked, asked_now, choices, database_name
from locator.web.planner.jobs import Job, Jobs
from locator.web.planner.keeping import findings_in

__all__ = ["blueprint", "keep_reports"]

blueprint = Blueprint("planner", __name__, url_prefix="/planner", template_folder="../../report/templates")

_MOST_ROWS = 200
_PAGES = {"findings": ".page", "pdf": ".report_pdf", "case": ".case", "pair": ".compared"}
"""What is made, and the page that shows it."""

_LOOK_AGAIN_S = 3
_MOST_WAITING = 8

_STEP_NAMES = {
    "": N_("waiting for its turn"),
    "loading": N_("reading the data and the streets"),
    "audit": N_("Double coverage"),
    "reach": N_("Reach"),
    "service_areas": N_("Service areas"),
    "hours": N_("Reach by hour"),
    "gaps": N_("Gaps"),
    "facilities": N_("Reach by facility and way in"),
    "backup": N_("Backup"),
    "equity": N_("Equity"),
    "capacity": N_("Capacity"),
    "spacing": N_("Spacing"),
    "heat": N_("Heat"),
    "drawing": N_("drawing the maps"),
    "case": N_("comparing with the present, looking for better sites"),
    "pair": N_("comparing the two scenarios"),
    "reading": N_("reading the findings"),
    "printing": N_("setting the pages"),
}
_ENDED = {
    "stopped": N_("It was stopped."),
    "broken": N_("It came to an end without a result; it is not your fault."),
}


def keep_reports(app: Flask) -> None:
    """Give an application the folder where its networks and reports are kept; made when the first is wanted."""
    cache = cache_folder("", os.environ)
    app.extensions["planner_cache"] = Path(str(app.config["NETWORK_CACHE"] or cache))
    app.extensions["planner"] = Jobs(
        Path(str(app.config["REPORTS"] or cache / "reports")),
        at_once=int(app.config["REPORTS_AT_ONCE"]),
        waiting=_MOST_WAITING,
        kept=int(app.config["REPORTS_KEPT"]),
    )


@blueprint.get("")
def page() -> str | Response:
    """Show the findings of a question; until they are there, how far they are."""
    asked = asked_now()
    job = _begun(asked.key, lambda: asked.order)
    if job.state != "done":
        return _progress(job, asked, "findings")
    return _findings_page(asked)


@blueprint.get("/progress")
def progress() -> Response:
    """Tell how far a job is, for the page's script."""
    asked, make, translate = asked_now(), _make_asked(), page_translator()
    job = _jobs().look(_key(asked, make))
    told = {
        "state": job.state,
        "goes_on": job.goes_on,
        "done": job.done,
        "of": len(STEPS[make]),
        "text": translate(_STEP_NAMES.get(job.step, "")),
    }
    response = jsonify(told)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/stop")
def stop() -> BaseResponse:
    """Stop a job."""
    refuse_other_sites()
    asked, make = asked_now(), _make_asked()
    _jobs().stop(_key(asked, make))
    return redirect(_address(_PAGES[make], asked), 303)


@blueprint.post("/again")
def again() -> BaseResponse:
    """Begin a job again that was stopped or went wrong."""
    refuse_other_sites()
    asked, make = asked_now(), _make_asked()
    _jobs().start(_key(asked, make), _order(asked, make))
    return redirect(_address(_PAGES[make], asked), 303)


@blueprint.get("/case")
def case() -> str | BaseResponse:
    """Show the report on a scenario: compared with the present, explained, made to be printed."""
    asked = asked_now()
    if not asked.question.scenario:
        return redirect(_address(".page", asked))
    return _kept_page(asked, "case", CASE)


@blueprint.get("/compare")
def compared() -> str | BaseResponse:
    """Show two scenarios side by side: who gains and loses from the one to the other, at what cost, on maps."""
    asked = asked_now()
    question = asked.question
    if not question.scenario:
        return redirect(_address(".page", asked))
    if question.beside in ("", question.scenario):
        return redirect(_address(".case", asked))
    return _kept_page(asked, "pair", PAIR)


def _kept_page(asked: Asked, make: str, name: str) -> str | BaseResponse:
    """Return a page that a job keeps as a file, or how far the job is."""
    from locator.report.blocks import NONCE

    key = _key(asked, make)
    job = _begun(key, lambda: _order(asked, make))
    if job.state != "done":
        return _progress(job, asked, make)
    text = (_jobs().path(key) / name).read_text(encoding="utf-8")
    return text.replace(f'<style nonce="{NONCE}">', f'<style nonce="{page_nonce()}">', 1)


@blueprint.get("/report")
def report() -> str | BaseResponse:
    """Show the report, made to be printed."""
    from locator.report.document import report_page

    asked = asked_now()
    if not _is_done(asked):
        return redirect(_address(".page", asked))
    return report_page(
        findings_in(_jobs().path(asked.key) / FINDINGS),
        page_translator(),
        review_number=str(current_app.config["REVIEW_NUMBER"]),
        database=database_name(),
        nonce=page_nonce(),
    )


@blueprint.get("/report.pdf")
def report_pdf() -> str | BaseResponse:
    """Hand out the report as PDF, which is made when somebody asks for it."""
    asked, language = asked_now(), page_translator().language
    if not _is_done(asked):
        return redirect(_address(".page", asked))
    key = asked.pdf_key(language)
    job = _begun(key, lambda: _order(asked, "pdf"))
    if job.state != "done":
        return _progress(job, asked, "pdf")
    name = f"coverage-{asked.question.day.isoformat()}-{language}.pdf"
    response = Response((_jobs().path(key) / PDF).read_bytes(), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@blueprint.get("/map.html")
def map_file() -> BaseResponse:
    """Hand out the map as one file that opens from a disk."""
    from locator.maps.base import standalone
    from locator.report.maps import map_page

    asked, translate = asked_now(), page_translator()
    if not _is_done(asked):
        return redirect(_address(".page", asked))
    findings = findings_in(_jobs().path(asked.key) / FINDINGS)
    drawn = map_page(findings, translate, base=base_map_of(current_app.config))
    response = Response(standalone(drawn, translate.language), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="coverage-{asked.arguments["on"]}.html"'
    return response


@blueprint.get("/tables/<measure>.<ending>")
@blueprint.get("/tables/<measure>-<name>.<ending>")
def table_file(measure: str, ending: str, name: str = "") -> BaseResponse:
    """Hand out one table, all tables of a measure, or all of them (`all`)."""
    from locator.web.planner.files import ABOUT, table_answer

    asked, translate = asked_now(), page_translator()
    if not _is_done(asked):
        return redirect(_address(".page", asked))
    findings = findings_in(_jobs().path(asked.key) / FINDINGS)
    answer = table_answer(findings, measure, name, ending, translate)
    if answer is None:
        raise NotFound(
            N_("there is no such table"), field="table", value=measure, mend=N_("choose one of the page")
        )
    if ending == "csv" and name != ABOUT:
        arguments: dict[str, Any] = dict(asked.arguments) | {"lang": translate.language}
        about = url_for(".table_file", measure=measure, name=ABOUT, ending=ending, **arguments)
        answer.headers["Link"] = f'<{about}>; rel="describedby"; type="text/csv"'
    return answer


def _findings_page(asked: Asked) -> str:
    from locator.report.document import source_line
    from locator.report.grids import grids_of, heat_days, share_style
    from locator.report.maps import map_page
    from locator.report.sentences import cautions, figures, sentences
    from locator.report.statement import question_sentences, week_caption

    translate = page_translator()
    findings = findings_in(_jobs().path(asked.key) / FINDINGS)
    review_number = str(current_app.config["REVIEW_NUMBER"])
    criteria = findings.question.criteria
    return render_template(
        "planner.html",
        asked=asked,
        choices=choices(),
        findings=findings,
        figures=figures(findings, translate),
        sentences=sentences(findings, translate),
        cautions=cautions(findings, translate),
        page=map_page(findings, translate, base=map_base()),
        days=heat_days(findings, translate),
        question=question_sentences(findings, translate),
        week_caption=week_caption(findings, translate),
        measures=[
            (result, list(grids_of(result, translate, weight=criteria.weight, most=_MOST_ROWS)))
            for result in findings.results.values()
        ],
        source=source_line(findings, translate, review_number),
        share_style=share_style(),
        about=data().about(),
    )


def _progress(job: Job, asked: Asked, make: str) -> Response:
    """Return the page that tells how a job stands; it comes again by itself, with a script or without."""
    translate = page_translator()
    response = Response(
        render_template(
            "planner_job.html",
            asked=asked,
            choices=choices(),
            job=job,
            make=make,
            steps=len(STEPS[make]),
            step=translate(_STEP_NAMES.get(job.step, "")),
            ended=job.error.get(translate.language, "") or translate(_ENDED.get(job.state, "")),
            look_again_s=_LOOK_AGAIN_S,
            about=data().about(),
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _begun(key: str, order: Callable[[], dict[str, object]]) -> Job:
    """Return how a job stands; if nobody has asked for it yet, it begins."""
    jobs = _jobs()
    job = jobs.look(key)
    if job.state == "none":
        jobs.start(key, order())
        job = jobs.look(key)
    return job


def _is_done(asked: Asked) -> bool:
    return _jobs().look(asked.key).state == "done"


def _make_asked() -> str:
    make = request.args.get("make", "")
    return make if make in _PAGES else "findings"


def _key(asked: Asked, make: str) -> str:
    language = page_translator().language
    keys = {"findings": asked.key, "pdf": asked.pdf_key(language), "case": asked.case_key(language)}
    return (keys | {"pair": asked.pair_key(language)})[make]


def _order(asked: Asked, make: str) -> dict[str, object]:
    if make == "findings":
        return asked.order
    common = {"language": page_translator().language, "review_number": current_app.config["REVIEW_NUMBER"]}
    if make in ("case", "pair"):
        return asked.order | common | {"make": make}
    findings = str(_jobs().path(asked.key) / FINDINGS)
    return common | {"make": "pdf", "findings": findings, "database": database_name()}


def _jobs() -> Jobs:
    found: Jobs = current_app.extensions["planner"]
    return found


def _address(endpoint: str, asked: Asked) -> str:
    """Return the address of a page about the same question."""
    arguments: dict[str, Any] = dict(asked.arguments)
    return url_for(endpoint, **arguments)
