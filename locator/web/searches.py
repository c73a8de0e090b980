"""Where the next station goes, asked by a form: a job beside the requests, whose answer is a scenario."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import Conflict, QueryError
from locator.hours import time_zone
from locator.networks import STREETS
from locator.translation import N_
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.origin import allow_scenario_changes

if TYPE_CHECKING:
    from locator.report.choosing import Choice
    from locator.report.question import Question

__all__ = ["blueprint"]

blueprint = Blueprint("searches", __name__, url_prefix="/planner/searches")

_LONGEST = 100
_LOOK_AGAIN_S = 2
_STEP_NAMES = {
    "": N_("waiting for its turn"),
    "loading": N_("reading the data and the streets"),
    "sites": N_("looking for the best sites, for a minute at most"),
}
_ENDED = {
    "none": N_("There is no such search, or not any more."),
    "stopped": N_("It was stopped."),
    "broken": N_("It came to an end without a result; it is not your fault."),
}


@blueprint.post("")
def begin() -> BaseResponse:
    """Begin a search; what cannot be asked is refused at once."""
    allow_scenario_changes()
    choice, question = _choice(), _question()
    with data().store() as store:
        if choice.name in {one.name for one in store.scenarios()}:
            raise Conflict(
                N_("is the name of another scenario"), field="name", value=choice.name,
                mend=N_("choose another name"),
            )  # fmt: skip
    key = uuid.uuid4().hex
    order = {
        "make": "sites",
        "database": str(current_app.config["DATABASE"]),
        "cache": str(current_app.extensions["planner_cache"]),
        "question": question.record(),
        "choice": choice.record(),
        "at": datetime.now(UTC).isoformat(),
    }
    _jobs().start(key, order)
    return redirect(_address("searches.progress", key, choice.name), 303)


@blueprint.get("/<uuid:key>")
def progress(key: uuid.UUID) -> BaseResponse:
    """Show how far a search is, and when it is done its scenario."""
    from locator.report.folder import STEPS

    translate, job, name = page_translator(), _jobs().look(key.hex), request.args.get("name", "")
    if job.state == "done":
        return redirect(url_for("scenarios.editor", name=name or "-", lang=translate.language), 303)
    page = render_template(
        "scenario_job.html",
        job=job,
        key=key,
        name=name,
        steps=len(STEPS["sites"]),
        step=translate(_STEP_NAMES.get(job.step, "")),
        ended=job.error.get(translate.language, "") or translate(_ENDED.get(job.state, "")),
        look_again_s=_LOOK_AGAIN_S,
        about=data().about(),
    )
    response = Response(page, status=404 if job.state == "none" else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/<uuid:key>/stop")
def stop(key: uuid.UUID) -> BaseResponse:
    """Stop a search."""
    allow_scenario_changes()
    _jobs().stop(key.hex)
    return redirect(_address("searches.progress", key.hex, request.args.get("name", "")), 303)


def _choice() -> Choice:
    from locator.report.choosing import Choice

    budget, p = _number("budget"), _number("p")
    if p is not None and p != int(p):
        raise QueryError(N_("is not a whole number"), field="p", value=_said("p"), mend=N_("correct it"))
    return Choice(name=_said("name"), model=_said("model"), p=None if p is None else int(p), budget=budget)


def _question() -> Question:
    from locator.report.question import question_of

    today = datetime.now(UTC).astimezone(time_zone(data().version().snapshot.zone)).date()
    network = str(current_app.config["NETWORK"])
    said = {name: [_said(name)] for name in ("within", "weight") if _said(name)}
    return question_of(said, today=today, speeds=data().speeds, extract=network if network != STREETS else "")


def _said(name: str) -> str:
    text = request.form.get(name, "").strip()
    if len(text) > _LONGEST:
        raise QueryError(N_("is too long"), field=name, value=text, mend=N_("shorten it"))
    return text


def _number(name: str) -> float | None:
    """Return a number of the form that is finite; None: nobody said one."""
    if not _said(name):
        return None
    try:
        found = float(_said(name))
    except ValueError:
        found = float("nan")
    if not 0 <= found < float("inf"):
        raise QueryError(N_("is not a number from 0 up"), field=name, value=_said(name), mend=N_("correct it"))
    return found


def _address(endpoint: str, key: str, name: str) -> str:
    arguments: dict[str, Any] = {"key": uuid.UUID(key), "name": name, "lang": page_translator().language}
    return url_for(endpoint, **arguments)


def _jobs() -> Any:  # noqa: ANN401 - the planner's jobs, of which this page knows no more
    return current_app.extensions["planner"]
