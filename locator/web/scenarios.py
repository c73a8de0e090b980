"""Scenarios in a browser: a list, and an editor by forms and on a map; every change is the POST of a form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import shapely
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import Conflict, QueryError
from locator.maps.text import json_block
from locator.query import check_range
from locator.record import three_values
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.store import Store
from locator.translation import N_
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.origin import allow_scenario_changes, may_change_scenarios

if TYPE_CHECKING:
    from locator.coverage.edits import Edit
    from locator.coverage.scenario import Scenario

__all__ = ["blueprint"]

blueprint = Blueprint("scenarios", __name__, url_prefix="/planner/scenarios")

_OFFERED = (
    "toilet", "drinking_water", "hot_water", "microwave", "air_conditioning", "heating", "phone_charging",
    "rest_seating",
)  # fmt: skip
_WITHIN = ("300m", "500m", "1000m", "5min", "10min", "15min")
_GROUND = ("boundary", "water", "railway")
_MOST_STREETS = 3_000
_LONGEST = 500


@blueprint.get("")
def listed() -> str:
    """Show the scenarios, and a form for a new one."""
    from locator.coverage.criteria import parse_threshold
    from locator.coverage.scenario import shared_question

    translate = page_translator()
    with data().store() as store:
        kept, about = store.scenarios(), store.meta()
        candidates = len(store.candidates()) if may_change_scenarios() else 0
    return render_template(
        "scenarios.html",
        kept=kept,
        about=about,
        may_edit=may_change_scenarios(),
        within={code: parse_threshold(code).text(translate) for code in _WITHIN},
        weights=_weights() if len(kept) > 1 or candidates else {},
        candidates=candidates,
        models=_models() if candidates else {},
        usual={"within": "15min"} | (shared_question([one.question for one in kept]) if kept else {}),
    )


def _models() -> Mapping[str, str]:
    """Return what sites can be looked for by, as codes and texts in English."""
    from locator.report.choosing import MODELS

    return MODELS


def _weights() -> Mapping[str, str]:
    """Return what the demand counts, as codes and texts in English."""
    from locator.coverage.saying import COUNTED

    def read() -> dict[str, str]:
        with data().store() as store:
            found = {kind: COUNTED.get(kind, kind) for point in store.demand() for kind in point.weights}
        return found or {"residents": COUNTED["residents"]}

    return data().version().once("scenario weights", read)


@blueprint.post("")
def new() -> BaseResponse:
    """Make a scenario."""
    from locator.coverage.scenario import check_name

    allow_scenario_changes()
    name = check_name(_said("name"))
    with data().store() as store:
        store.put_scenario(name, (), revision=store.revision, note=_said("note"), at=_now())
    return redirect(url_for(".editor", name=name, lang=page_translator().language), 303)


@blueprint.get("/<name>")
def editor(name: str) -> str:
    """Show one scenario: what it changes, what stands in its way, forms for the next change, the map."""
    from locator.coverage.proposal import edit_table
    from locator.coverage.scenario import scenario_of, troubles
    from locator.coverage.writing import table_as_json
    from locator.report.question import ARGUMENTS

    translate, snapshot = page_translator(), data().snapshot()
    with data().store() as store:
        found, about = scenario_of(store.scenario(name)), store.meta()
        candidates = store.candidates()
        ground = _ground(store)
    wrong = {place + 1: error.text(translate) for place, error in troubles(snapshot, found.edits)}
    rows = table_as_json(edit_table(snapshot, found.edits), translate)
    return render_template(
        "scenario.html",
        scenario=found,
        rows=rows,
        wrong=wrong,
        stations=_choices(snapshot, found),
        candidates=candidates,
        facilities={code: FACILITIES[code] for code in _OFFERED},
        about=about,
        may_edit=may_change_scenarios(),
        told=_planned_sentences(),
        measured={name: text for name, text in found.question.items() if name in ARGUMENTS and name != "between"},
        map_data=json_block(_drawn(snapshot, found, ground, may_edit=may_change_scenarios())),
    )


@blueprint.post("/<name>")
def change(name: str) -> BaseResponse:
    """Make one change: what it is says the field `change`."""
    from locator.coverage.scenario import scenario_of, scenario_records

    allow_scenario_changes()
    with data().store() as store:
        before = scenario_of(store.scenario(name))
        if _said("change") == "delete":
            store.remove_scenario(name, expected=before.version)
            return redirect(url_for(".listed", lang=page_translator().language), 303)
        # The version that the page was made of: who looked at an older one does not overwrite a newer one.
        expected = _version(before.version)
        if _said("change") == "stations":
            return _planned(store, before, expected)
        after = _changed(store, before)
        store.put_scenario(
            name,
            scenario_records(after),
            revision=after.revision,
            note=after.note,
            expected=expected,
            at=_now(),
        )
    return redirect(url_for(".editor", name=name, lang=page_translator().language), 303)


def _planned(store: Store, before: Scenario, expected: int) -> BaseResponse:
    """Write what the scenario opens as planned stations, if it is still what the page has shown."""
    from locator.coverage.planned import write_planned

    if expected != before.version:
        raise Conflict(
            N_("has changed since the page was made"), field="scenario", value=before.name,
            mend=N_("look at it again"),
        )  # fmt: skip
    done = write_planned(store, before, at=_now())
    revision = done.revision if done.is_new else 0
    told: dict[str, Any] = {"planned": len(done.ids), "revision": revision, "rest": done.rest}
    return redirect(url_for(".editor", name=before.name, lang=page_translator().language, **told), 303)


def _planned_sentences() -> list[str]:
    """Return what the form before this page has written, as its address says."""
    count, revision, rest = (request.args.get(name, type=int) for name in ("planned", "revision", "rest"))
    if count is None:
        return []
    translate = page_translator()
    told = [
        translate(
            N_("{count} planned stations are in the list, in revision {revision}; "
               "'locator undo {revision}' takes them back."), count=count, revision=revision,
        )
        if revision
        else translate(N_("Nothing new: all of it is in the list of stations."))
    ]  # fmt: skip
    if rest:
        text = N_("{count} changes of stations that are there are not written: change these in their list.")
        told.append(translate(text, count=rest))
    return told


def _changed(store: Store, before: Scenario) -> Scenario:
    from locator.coverage.scenario import check_near, renewed, with_edit, without_edit
    from locator.snapshot import load_snapshot

    # Not the snapshot that pages are made of, which may be a moment behind.
    snapshot = load_snapshot(store)
    kind = _said("change")
    if kind == "drop":
        return without_edit(before, _whole("number"))
    if kind == "renew":
        return renewed(before, snapshot)[0]
    if kind == "note":
        return replace(before, note=_said("note"))
    edit = _edit(store, before, snapshot, kind)
    check_near(edit, snapshot, [*store.areas(), *store.candidates()])
    return with_edit(before, edit, snapshot)


def _edit(store: Store, before: Scenario, snapshot: Snapshot, kind: str) -> Edit:
    from locator.coverage.scenario import new_edit

    cost = _number("cost") if _said("cost") else None
    if kind == "open":
        return _opening(store, before, snapshot, cost)
    code = _said("station")
    if kind == "close":
        return new_edit(snapshot, before, code, cost_cny_year=cost)
    if kind == "move":
        return new_edit(snapshot, before, code, geometry=_place(), cost_cny_year=cost)
    if kind == "hours":
        return new_edit(snapshot, before, code, hours=_said("hours"), cost_cny_year=cost)
    if kind == "facilities":
        told = {one: _said(f"has_{one}") for one in _OFFERED}
        said = {one: three_values(word, one) for one, word in told.items() if word not in ("", "same")}
        return new_edit(snapshot, before, code, facilities=said, cost_cny_year=cost)
    raise QueryError(
        N_("is not one of {choices}"), field="change", value=kind,
        choices="open, close, move, hours, facilities, stations", mend=N_("choose one of them"),
    )  # fmt: skip


def _opening(store: Store, before: Scenario, snapshot: Snapshot, cost: float | None) -> Edit:
    from locator.coverage.adopting import opening_at, placed

    site = _said("site")
    candidate = next((one for one in store.candidates() if one.id == site), None) if site else None
    made = opening_at(candidate, snapshot, before) if candidate else placed(_place(), snapshot, before)
    station = made.station
    if _said("name"):
        station = replace(station, name=_said("name"))
    if _said("hours"):
        station = replace(station, opening_hours=_said("hours"))
    has = dict.fromkeys(request.form.getlist("has")[: len(FACILITIES)], True)
    station = replace(station, facilities={**station.facilities, **has})
    return replace(made, station=station, cost_cny_year=made.cost_cny_year if cost is None else cost)


def _choices(snapshot: Snapshot, scenario: Scenario) -> list[tuple[str, str]]:
    """Return code and name of each station that an edit can be of, what the scenario opens first."""
    opened = [(edit.id, edit.station.name) for edit in scenario.openings]
    there = [(code, str(snapshot.record(row)["name"])) for row, code in enumerate(snapshot.ids)]
    taken = {code for code, _ in opened}
    return [*opened, *(one for one in there if one[0] not in taken)]


def _drawn(snapshot: Snapshot, scenario: Scenario, ground: list[Any], *, may_edit: bool) -> Mapping[str, Any]:
    """Return what the map shows: stations as the scenario has them, as far as it can be applied."""
    from locator.coverage.scenario import applied, troubles

    wrong = {place for place, _ in troubles(snapshot, scenario.edits)}
    edits = [edit for place, edit in enumerate(scenario.edits) if place not in wrong]
    kinds = {edit.id: edit.kind for edit in edits}
    after = applied(snapshot, edits)
    stations = [
        {
            "id": code,
            "name": str(after.record(row)["name"]),
            "lon": round(float(after.lons[row]), 6),
            "lat": round(float(after.lats[row]), 6),
            "edit": kinds.get(code, ""),
        }
        for row, code in enumerate(after.ids)
    ]
    translate = page_translator()
    words = {
        "open": translate(N_("opens")),
        "close": translate(N_("closes")),
    }
    return {"stations": stations, "ground": ground, "edit": may_edit, "words": words}


def _ground(store: Store) -> list[Any]:
    """Return what lies beneath: water, railways, the boundary, main streets and as many others as are light."""
    # Imported here: it brings Folium, and the finder does without it.
    from locator.maps.base import feature

    found = [feature(shape, kind=record["kind"]) for record, shape in store.places("background")
             if record.get("kind") in _GROUND]  # fmt: skip
    streets = sorted(store.streets(), key=lambda one: one.kind != "main")[:_MOST_STREETS]
    return found + [feature(one.geometry, kind=one.kind) for one in streets]


def _said(name: str) -> str:
    text = request.form.get(name, "").strip()
    if len(text) > _LONGEST:
        raise QueryError(N_("is too long"), field=name, value=text, mend=N_("shorten it"))
    return text


def _number(name: str) -> float:
    try:
        found = float(_said(name))
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise QueryError(N_("is not a number"), field=name, value=_said(name), mend=N_("correct it"))
    return found


def _whole(name: str) -> int:
    return int(_number(name))


def _version(now: int) -> int:
    return _whole("version") if _said("version") else now


def _place() -> shapely.Point:
    lon, lat = _number("lon"), _number("lat")
    check_range("lon", lon, -180, 180)
    check_range("lat", lat, -90, 90)
    return shapely.Point(lon, lat)


def _now() -> datetime:
    return datetime.now(UTC)
