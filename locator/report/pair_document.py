"""The page that sets two scenarios side by side: findings first, maps, tables, the method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from locator.coverage.result import Result
from locator.coverage.saying import counted_note
from locator.coverage.scenario import shared_question
from locator.report.blocks import Block, Changes, Command, Heading, Lines, Part, Plates, Sentences
from locator.report.case_document import FORMULAS, head_lines, page_of_parts, told_changes
from locator.report.case_plates import change_plate
from locator.report.case_sentences import cost_sentences, hours_sentence, who_sentences
from locator.report.document import place_name, source_line
from locator.report.grids import Grid, grids_of
from locator.report.pair import Pair
from locator.report.plates import reach_plate
from locator.report.sentences import cautions
from locator.translation import N_, Translator

__all__ = ["pair_page", "pair_parts"]

_MOST_ROWS = 60
_OF_ONE = 4
"""So many of the formulas of the report on a scenario are those of a comparison."""


def pair_page(
    pair: Pair, translate: Translator, *, review_number: str = "", database: str = "locator.db", nonce: str = ""
) -> str:
    """Return the comparison as one HTML page with everything in it.

    Parameters
    ----------
    nonce
        What a server's policy asks of the page's own styles; empty: no server asks.
    """
    first, second = (one.name for one in pair.scenarios)
    place = place_name(pair.findings[1], translate)
    title = translate(N_("Scenario {second} beside scenario {first}"), first=first, second=second)
    return page_of_parts(
        translate,
        title=f"{place} · {title}" if place else title,
        head=head_lines(pair.findings[1], translate),
        parts=pair_parts(pair, translate, review_number=review_number, database=database),
        nonce=nonce,
    )


def pair_parts(
    pair: Pair, translate: Translator, *, review_number: str = "", database: str = "locator.db"
) -> list[Part]:
    """Return the parts of the page in their order."""
    source = source_line(pair.findings[1], translate, review_number)
    return [
        Part("summary", translate(N_("Findings")), list(_summary(pair, translate))),
        Part("maps", translate(N_("Maps")), list(_maps(pair, translate, source))),
        Part("tables", translate(N_("Tables")), list(_tables(pair, translate))),
        Part("method", translate(N_("Method")), list(_method(pair, translate, database))),
    ]


def _summary(pair: Pair, translate: Translator) -> Iterator[Block]:
    found, criteria = pair.comparison, pair.question.criteria
    yield Changes(told_changes(found, translate))
    counted = counted_note(criteria.weight).text(translate)
    told = [
        translate(
            N_("From {first} to {second}: {gained} {counted} gain a station within {within}, {lost} lose theirs."),
            first=pair.scenarios[0].name, second=pair.scenarios[1].name, gained=f"{found.gained:,.0f}",
            lost=f"{found.lost:,.0f}", counted=counted, within=criteria.within.text(translate),
        ),
        hours_sentence(found, translate),
        *cost_sentences(found, translate),
        *who_sentences(found, translate),
    ]  # fmt: skip
    yield Sentences(told)
    notes = [note.text(translate) for note in found.about.notes]
    yield Heading(translate(N_("To be read with care")))
    careful = [*cautions(pair.findings[1], translate), *notes]
    yield Sentences(list(dict.fromkeys(careful)), are_warnings=True)


def _maps(pair: Pair, translate: Translator, source: str) -> Iterator[Block]:
    yield Plates([change_plate(pair.comparison, pair.findings[1].drawing, translate)], source)
    sides = zip(pair.findings, pair.scenarios, strict=True)
    yield Plates([reach_plate(findings, translate, title=one.name) for findings, one in sides], source)


def _tables(pair: Pair, translate: Translator) -> Iterator[Block]:
    yield from _grids(pair.comparison, pair, translate)
    told = replace(pair.comparison.about, measure="proposal")  # where such a table is told in full
    for edits, one in zip(pair.edits, pair.scenarios, strict=True):
        yield Heading(translate(N_("What {name} changes"), name=one.name))
        yield from _grids(Result(about=told, tables=(edits,)), pair, translate)


def _grids(result: Result, pair: Pair, translate: Translator) -> Iterator[Grid]:
    tables = tuple(table for table in result.tables if table.name != "points")
    weight = pair.question.criteria.weight
    yield from grids_of(replace(result, tables=tables), translate, weight=weight, most=_MOST_ROWS)


def _method(pair: Pair, translate: Translator, database: str) -> Iterator[Block]:
    yield Lines([line for line in pair.comparison.about.lines(translate) if line[0] != translate(N_("Note"))])
    yield Heading(translate(N_("Formulas")))
    yield Lines([(translate(label), translate(text)) for label, text in FORMULAS[:_OF_ONE]])
    yield Heading(translate(N_("The same comparison again")))
    names = [one.name for one in pair.scenarios]
    question = replace(pair.question, scenario="", beside="")
    found = shared_question([one.question for one in pair.scenarios])
    verbs = ("scenario", "compare", *names, "--lang", translate.language)
    yield Command(question.command(database, "compared.xlsx", verbs=verbs, instead_of=found))
