"""A case in plain sentences: what a scenario brings and costs, and whom each of its changes serves or leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from locator.coverage.about import Note
from locator.coverage.comparison import Changed, Comparison
from locator.coverage.edits import Moving
from locator.coverage.proposal import Serving
from locator.coverage.saying import counted_note
from locator.geodesy import distance_m
from locator.report.case import Case
from locator.report.sentences import listed
from locator.translation import N_, Translator

__all__ = ["change_sentences", "cost_sentences", "hours_sentence", "summary_sentences", "who_sentences"]

_CHANGES = (
    ("open", N_("1 station opens"), N_("{count} stations open")),
    ("close", N_("1 closes"), N_("{count} close")),
    ("move", N_("1 moves"), N_("{count} move")),
    ("hours", N_("1 has other hours"), N_("{count} have other hours")),
    ("facilities", N_("1 has other facilities"), N_("{count} have other facilities")),
)
_NAMED = 5


def summary_sentences(case: Case, translate: Translator) -> Iterator[str]:
    """Yield what a scenario brings, to whom, and what it costs."""
    found, criteria = case.comparison, case.question.criteria
    kinds = [edit.kind for edit in case.scenario.edits]
    changes = [
        Note(one) if kinds.count(kind) == 1 else Note(several, {"count": kinds.count(kind)})
        for kind, one, several in _CHANGES
        if kind in kinds
    ]
    if changes:
        yield Note(N_("In the scenario {changes}."), {"changes": tuple(changes)}).text(translate)
    more = found.people_more
    yield translate(
        N_("{gained} {counted} gain a station within {within}, {lost} lose theirs: {more} more of {total}.")
        if more >= 0
        else N_("{gained} {counted} gain a station within {within}, {lost} lose theirs: {more} fewer of {total}."),
        gained=f"{found.gained:,.0f}", lost=f"{found.lost:,.0f}", more=f"{abs(more):,.0f}",
        counted=counted_note(criteria.weight).text(translate), within=criteria.within.text(translate),
        total=f"{_total(case):,.0f}",
    )  # fmt: skip
    yield hours_sentence(found, translate)
    yield from cost_sentences(found, translate)
    yield from who_sentences(found, translate)
    yield from _met_sentences(case, translate)


def hours_sentence(found: Comparison, translate: Translator) -> str:
    """Return what person-hours a week there are more, or fewer."""
    return translate(
        N_("Counted by the hours in which a station can be used it is {hours} person-hours a week more.")
        if found.person_hours >= 0
        else N_("Counted by the hours in which a station can be used it is {hours} person-hours a week fewer."),
        hours=f"{abs(found.person_hours):,.0f}",
    )


def who_sentences(found: Comparison, translate: Translator) -> Iterator[str]:
    """Yield where most of those are who gain, and who lose."""
    for text, field in (
        (N_("Most of those who gain live or work in: {names}."), "people_gained"),
        (N_("Most of those who lose live or work in: {names}."), "people_lost"),
    ):
        most = sorted((row for row in found["areas"].rows() if row[field]), key=lambda row: -row[field])
        names = [f"{row['name']} ({row[field]:,})" for row in most]
        if names:
            yield translate(text, names=listed(names, translate, most=_NAMED))


def change_sentences(case: Case, translate: Translator) -> Iterator[str]:
    """Yield what each change does, by its number: whom it serves, and whom it leaves without a station."""
    servings = {one.id: one for one in case.proposal.servings}
    for change in case.comparison.changes:
        told, *more = _told(change, servings.get(change.edit.id), case, translate)
        for sentence in more:
            told = translate(N_("{first} {second}"), first=told, second=sentence)
        yield f"{change.number}. {told}"


def _told(change: Changed, serving: Serving | None, case: Case, translate: Translator) -> Iterator[str]:
    """Yield what a change is, then what it brings, then what it takes."""
    details: dict[str, Any] = {
        "name": change.name,
        "detail": change.detail.text(translate),
        "metres": f"{_way_m(change):,.0f}",
    }
    yield translate(_WHAT[change.edit.kind], **details)
    counted = counted_note(case.question.criteria.weight).text(translate)
    if serving is not None:
        yield from _brought(serving, counted, translate)
    if change.lost >= _SOMEBODY:
        yield translate(
            N_("{lost} {counted} have no station within {within} any more."),
            lost=f"{change.lost:,.0f}", counted=counted, within=case.question.criteria.within.text(translate),
        )  # fmt: skip
    if change.hours_lost >= _SOMEBODY:
        yield translate(N_("{hours} person-hours a week are lost."), hours=f"{change.hours_lost:,.0f}")
    elif change.edit.kind == "close" and change.lost < _SOMEBODY:
        yield translate(N_("Nobody loses a station by it: others are within reach at all its hours."))


_WHAT = {
    "open": N_("{name} opens."),
    "close": N_("{name} closes."),
    "move": N_("{name} moves by {metres} m."),
    "hours": N_("{name} has other hours: {detail}."),
    "facilities": N_("{name} has other facilities: {detail}."),
}
_SOMEBODY = 0.5


def _brought(serving: Serving, counted: str, translate: Translator) -> Iterator[str]:
    if serving.newly >= _SOMEBODY:
        yield translate(
            N_("It serves {newly} {counted} whom no station serves today, {alone} of them alone."),
            newly=f"{serving.newly:,.0f}", counted=counted, alone=f"{serving.alone:,.0f}",
        )  # fmt: skip
    hours = float(serving.by_hour.sum())
    if hours >= _SOMEBODY:
        yield translate(N_("{hours} person-hours a week without a usable station end."), hours=f"{hours:,.0f}")
    elif serving.newly < _SOMEBODY:
        yield translate(N_("It serves nobody who has no station today."))


def _way_m(change: Changed) -> float:
    """Return how far a station moves."""
    if not isinstance(change.edit, Moving) or change.came_from is None:
        return 0.0
    at, was = change.shape.centroid, change.came_from.centroid
    return distance_m(at.x, at.y, was)


def _total(case: Case) -> float:
    """Return how much of the counted there is in all."""
    rows, counted = case.supposed.table("reach", "total").rows(), counted_note(case.question.criteria.weight)
    return float(next((row["total"] for row in rows if row["counted"] == counted), 0.0))


def cost_sentences(found: Comparison, translate: Translator) -> Iterator[str]:
    """Yield what the change costs, and what each person or person-hour more does."""
    if found.cost is None:
        yield translate(N_("What it costs is not known of all stations that open."))
        return
    if found.cost_per_person is not None:
        yield translate(
            N_("It costs {cost} CNY a year: {each} CNY for each person more."),
            cost=f"{found.cost:,.0f}", each=f"{found.cost_per_person:,.2f}",
        )  # fmt: skip
    elif found.cost_per_person_hour is not None:
        yield translate(
            N_("It costs {cost} CNY a year: {each} CNY for each weekly person-hour more."),
            cost=f"{found.cost:,.0f}", each=f"{found.cost_per_person_hour:,.2f}",
        )  # fmt: skip
    elif found.cost < 0:
        yield translate(N_("It saves {cost} CNY a year."), cost=f"{-found.cost:,.0f}")
    else:
        yield translate(N_("It costs {cost} CNY a year."), cost=f"{found.cost:,.0f}")


def _met_sentences(case: Case, translate: Translator) -> Iterator[str]:
    before, after = (findings.table("audit", "summary").rows() for findings in (case.present, case.supposed))
    for one, two in zip(before, after, strict=True):
        if one["of"] and one["met"] != two["met"]:
            yield translate(
                N_("{criterion}: {after} of {of} instead of {before}."),
                criterion=two["criterion"].text(translate), before=one["met"], after=two["met"], of=two["of"],
            )  # fmt: skip
