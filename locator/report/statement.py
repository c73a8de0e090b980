"""What findings and maps are about: the question in sentences, of how many, and how it was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from locator.coverage.about import Note
from locator.coverage.result import Result
from locator.coverage.saying import counted_note, terms_notes
from locator.query import MODES
from locator.report.findings import Findings
from locator.report.question import Question
from locator.translation import N_, Translator

__all__ = ["Method", "method_of", "question_sentences", "week_caption"]

_AREAS = {"community": N_("{count} communities"), "district": N_("{count} districts"), "park": N_("{count} parks")}
Lines = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Method:
    """How some measures were made.

    Attributes
    ----------
    shared
        Label and text of what all of them have in common.
    measures
        Of each its title, and label and text of what is its own: definition, denominator, criteria.
    """

    shared: Lines
    measures: list[tuple[str, Lines]]


def method_of(results: Iterable[Result], translate: Translator) -> Method:
    """Return how results came about, what they have in common once."""
    told = [list(result.about.lines(translate)) for result in results]
    shared = [line for line in told[0] if all(line in lines for lines in told)] if len(told) > 1 else []
    return Method(shared, [(lines[0][1], [line for line in lines[1:] if line not in shared]) for lines in told])


def question_sentences(findings: Findings, translate: Translator) -> list[str]:
    """Return what was asked: within what, how, on which terms, of which day and stations, of how many."""
    return [note.text(translate) for note in _question(findings)]


def week_caption(findings: Findings, translate: Translator) -> str:
    """Return what the figures of the week's heat map are, of how many."""
    if not findings.drawing.total:
        return translate(
            N_("Share within {within} of a usable station, in per cent, by day and hour"),
            within=findings.question.criteria.within.text(translate),
        )
    return translate(
        N_("Share of all {total} {counted} within {within} of a usable station, in per cent, by day and hour"),
        total=f"{findings.drawing.total:,.0f}",
        counted=counted_note(findings.question.criteria.weight).text(translate),
        within=findings.question.criteria.within.text(translate),
    )


def _question(findings: Findings) -> Iterator[Note]:
    criteria = findings.question.criteria
    yield Note(
        N_(
            "Who has a station within {within} ({metres} m in a STRAIGHT LINE, not along streets), "
            "{mode} at {speed} km/h?"
        )
        if findings.is_straight
        else N_("Who has a station within {within} ({metres} m along the streets), {mode} at {speed} km/h?"),
        {
            "within": criteria.within,
            "metres": f"{criteria.within_m:,.0f}",
            "mode": Note(MODES[criteria.mode.value]),
            "speed": f"{criteria.speed * 3.6:.1f}",
        },
    )
    terms = tuple(terms_notes(criteria.terms))
    if terms:
        yield Note(N_("Only these stations count: {terms}."), {"terms": Joined(terms)})
    else:
        yield Note(N_("Stations count whatever their facilities, ways in and registration."))
    yield from _hours(findings)
    yield _lists(findings.question)
    yield _of_how_many(findings)


def _hours(findings: Findings) -> Iterator[Note]:
    """Yield at what hours a station counts, where something was asked of them."""
    stay, moment = findings.question.criteria.stay_minutes, findings.drawing.moment
    if moment:
        yield Note(N_("Only stations usable at {moment} count."), {"moment": moment})
    if stay:
        yield Note(N_("Usable means for at least {minutes} min more."), {"minutes": f"{stay:g}"})
    if findings.question.between:
        yield Note(N_("Gaps are looked for from {between} h only."), {"between": findings.question.between})


def _lists(question: Question) -> Note:
    day = question.day.isoformat()
    if question.scenario:
        return Note(
            N_("Lists of {day}; stations as in SCENARIO {name}, not as they are."),
            {"day": day, "name": question.scenario},
        )
    return Note(N_("Lists of {day}; stations as they are."), {"day": day})


def _of_how_many(findings: Findings) -> Note:
    drawing = findings.drawing
    if not drawing.total:
        return Note(N_("Nobody is counted: shares of people are empty."))
    return Note(
        N_("Percentages of people are of all {total} {counted}, at {places} places; {areas} are on the list."),
        {
            "total": f"{drawing.total:,.0f}",
            "counted": counted_note(findings.question.criteria.weight),
            "places": f"{len(drawing.points):,}",
            "areas": Note(_AREAS.get(drawing.area_kind, N_("{count} areas")), {"count": len(drawing.areas)}),
        },
    )


@dataclass(frozen=True, slots=True)
class Joined:
    """Notes as one list, parted more strongly than the lists within them."""

    notes: tuple[Note, ...]

    def text(self, translate: Translator) -> str:
        """Return the list in a language."""
        return translate(N_("; ")).join(note.text(translate) for note in self.notes)
