"""The report on a scenario, for those who decide: findings first, maps, each site and why, tables, the method."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from locator.assets import asset_folder
from locator.coverage.about import Note
from locator.coverage.comparison import GAPS, Comparison
from locator.coverage.edits import KINDS
from locator.coverage.headings import shown
from locator.coverage.result import Result, Table
from locator.report.blocks import Block, Change, Changes, Command, Heading, Lines, Part, Plates, Sentences
from locator.report.case import Case
from locator.report.case_plates import change_plate, curve_plate, side_plates
from locator.report.case_sentences import change_sentences, summary_sentences
from locator.report.document import page_environment, place_name, source_line
from locator.report.findings import Findings
from locator.report.grids import Cell, Grid, grids_of, share_style
from locator.report.plates import audit_plate
from locator.report.question import question_of
from locator.report.sentences import cautions
from locator.translation import N_, Translator

__all__ = [
    "FORMULAS",
    "case_head",
    "case_page",
    "case_parts",
    "case_title",
    "head_lines",
    "page_of_parts",
    "told_changes",
]

_MOST_ROWS = 60
_MOST_ALTERNATIVES = 12
_FIGURES = 6
_USUAL_S = 60.0
_FOUND_BY = "locator site "
_MADE_UP = N_(
    "Illustrative data: names of communities and main streets are real; "
    "positions, hours and facilities are made up."
)
FORMULAS = (
    (
        N_("People within reach"),
        N_("C = sum over demand points i of w(i), where the nearest station that surely counts is at most r "
           "metres away, along streets and to the door; denominator: the sum of all w(i)"),
    ),
    (
        N_("Gained, lost, more"),
        N_("gained = sum of w(i) within reach after and not before; lost = the reverse; more = gained - lost"),
    ),
    (
        N_("Person-hours a week"),
        N_("H = sum of w(i) x hours h of 168 in which a station within r is surely usable on the full hour; "
           "what is told is H after less H before"),
    ),
    (
        N_("Cost per person more"),
        N_("the costs of all changes a year, divided by the people more; none where nobody is gained or a cost is "
           "missing"),
    ),
    (
        N_("Newly served"),
        N_("of one station: the sum of w(i) within its reach who have no station within reach today; by it alone: "
           "no other station of the scenario reaches them either"),
    ),
    (
        N_("Nearly as good"),
        N_("exchanges of one site that cover at most 2 % less: 1 - C(exchange) / C(scenario); maximal covering "
           "location problem: largest C with p new sites (Church & ReVelle 1974, doi:10.1007/BF01942293)"),
    ),
)  # fmt: skip


def case_page(
    case: Case, translate: Translator, *, review_number: str = "", database: str = "locator.db", nonce: str = ""
) -> str:
    """Return the report on a scenario as one HTML page with everything in it, made to be printed.

    Parameters
    ----------
    nonce
        What a server's policy asks of the page's own styles; empty: no server asks.
    """
    return page_of_parts(
        translate,
        title=case_title(case, translate),
        head=case_head(case, translate),
        parts=case_parts(case, translate, review_number=review_number, database=database),
        nonce=nonce,
    )


def page_of_parts(
    translate: Translator, *, title: str, head: Sequence[str], parts: Sequence[Part], nonce: str = ""
) -> str:
    """Return parts as one HTML page with everything in it; see `case_page`."""
    style = (asset_folder("static") / "css" / "report.css").read_text(encoding="utf-8")
    return (
        page_environment(translate)
        .get_template("case.html")
        .render(
            lang=translate.language,
            nonce=nonce,
            title=title,
            head=head,
            parts=parts,
            style=Markup(style + share_style()),  # noqa: S704 - ours
        )
    )


def case_title(case: Case, translate: Translator) -> str:
    """Return what the report is called: the place and the scenario."""
    place = place_name(case.supposed, translate)
    title = translate(N_("Scenario {name}"), name=case.scenario.name)
    return f"{place} · {title}" if place else title


def case_head(case: Case, translate: Translator) -> list[str]:
    """Return the lines beneath the title: the day, the data, and what warns of both."""
    return head_lines(case.supposed, translate)


def head_lines(findings: Findings, translate: Translator) -> list[str]:
    """Return the day and the data of findings, and what warns of both."""
    label = N_("{label}: {text}")
    lines = [
        translate(label, label=translate(N_("Day of the lists")), text=findings.question.day.isoformat()),
        translate(label, label=translate(N_("Revision of the data")), text=findings.revision),
    ]
    if findings.about.get("date"):
        lines.append(translate(label, label=translate(N_("Date of the data")), text=findings.about["date"]))
    warnings = []
    if findings.about.get("illustrative"):
        warnings.append(translate(_MADE_UP))
    if findings.is_straight:
        warnings.append(translate(N_("STRAIGHT LINES, not ways along streets")))
    return [" · ".join(lines), *warnings]


def case_parts(
    case: Case, translate: Translator, *, review_number: str = "", database: str = "locator.db"
) -> list[Part]:
    """Return the parts of the report in their order, whatever it is written as."""
    source = source_line(case.supposed, translate, review_number)
    made: Sequence[tuple[str, str, Callable[..., Iterator[Block]]]] = (
        ("summary", N_("Findings"), _summary),
        ("maps", N_("Maps"), _maps),
        ("sites", N_("Each station that changes, and why"), _sites),
        ("tables", N_("Tables"), _tables),
        ("method", N_("Method"), _method),
    )
    return [
        Part(code, translate(title), list(make(case, translate, source=source, database=database)))
        for code, title, make in made
    ]


def _summary(case: Case, translate: Translator, **_: object) -> Iterator[Block]:
    note = " ".join(case.scenario.note.split())
    if note.startswith(_FOUND_BY):
        yield Command(note, translate(N_("Found by:")))
    elif note:
        yield Sentences([note])
    yield Changes(told_changes(case.comparison, translate))
    yield Sentences(list(summary_sentences(case, translate)))
    yield from _grids(replace(case.proposal, tables=(_numbered(case),)), case, translate, "sites")
    careful = [*_other_question(case, translate), *cautions(case.supposed, translate)]
    notes = [note.text(translate) for note in case.comparison.about.notes]
    yield Heading(translate(N_("To be read with care")))
    yield Sentences(list(dict.fromkeys([*careful, *notes])), are_warnings=True)


def _numbered(case: Case) -> Table:
    """Return the changes with the numbers that they have on the map, and what each brings and takes."""
    changes, sites = case.comparison.changes, {row["id"]: row for row in case.proposal["sites"].rows()}

    def told(field: str) -> list[Any]:
        return [sites[one.edit.id][field] if one.edit.id in sites else None for one in changes]

    columns: dict[str, list[Any]] = {
        "number": [one.number for one in changes],
        "change": [Note(KINDS[one.edit.kind]) for one in changes],
        "name": [one.name for one in changes],
        "opening_hours": told("opening_hours"),
        "cost": [one.edit.cost_cny_year for one in changes],
        "newly": told("newly"),
        "newly_alone": told("newly_alone"),
        "people_lost": [round(one.lost) for one in changes],
        "person_hours_more": told("person_hours_more"),
    }
    return Table("sites", Note(N_("What changes, by its number on the map")), columns)


def _other_question(case: Case, translate: Translator) -> Iterator[str]:
    """Yield by what else the sites were chosen, if it is not by what the report measures."""
    found = {name: [text] for name, text in case.scenario.question.items() if name != "between"}
    if not found:
        return
    asked = replace(case.question, scenario="")
    sited = question_of(found, today=asked.day, speeds={})
    if sited.asked() != asked.asked():
        yield translate(
            N_("The sites were chosen by {found}, this report measures by {asked}."),
            found=shlex.join(sited.options(asked.asked())), asked=shlex.join(asked.options(sited.asked())),
        )  # fmt: skip


def told_changes(comparison: Comparison, translate: Translator) -> list[Change]:
    """Return the figures that differ, the first of them; if none does, the first."""
    rows = [row for row in comparison["measures"].rows() if row["figure"].message != GAPS]
    told = [row for row in rows if row["difference"]] or rows
    return [
        Change(
            row["figure"].text(translate),
            shown("first", row["first"], translate),
            shown("second", row["second"], translate),
            _signed(row["difference"], translate),
            (row["first"], row["second"], row["difference"]),
        )
        for row in told[:_FIGURES]
    ]


def _signed(value: Any, translate: Translator) -> str:  # noqa: ANN401 - a figure
    text = shown("difference", value, translate)
    return f"+{text}" if isinstance(value, (int, float)) and value > 0 else text


def _maps(case: Case, translate: Translator, *, source: str, **_: object) -> Iterator[Block]:
    yield Plates([change_plate(case.comparison, case.supposed.drawing, translate)], source)
    yield Plates(side_plates(case, translate), source)
    drawing = case.supposed.drawing
    if drawing.areas or len(case.supposed.table("audit", "streets")):
        yield Plates([audit_plate(case.supposed, translate)], source)


def _sites(case: Case, translate: Translator, *, source: str, **_: object) -> Iterator[Block]:
    own = case.proposal.about.notes
    common = {note.text(translate) for note in case.supposed.results["audit"].about.notes}
    # Those that tell of one station are told here, of all that changes.
    told = [note.text(translate) for note in own if "busiest" not in note.details]
    yield Sentences([*change_sentences(case, translate), *(text for text in told if text not in common)])
    yield from _grids(case.proposal, case, translate, "edits", "sites")
    yield from _hour_grid(case, translate)
    curve = curve_plate(case, translate)
    if curve is not None:
        yield Plates([curve], source)
    yield from _grids(case.proposal, case, translate, "alternatives", most=_MOST_ALTERNATIVES)
    yield from _grids(case.proposal, case, translate, "radii")


def _hour_grid(case: Case, translate: Translator) -> Iterator[Grid]:
    """Yield whom each station newly serves by the hour of the day: a row a station, a column every two hours."""
    servings = [one for one in case.proposal.servings if one.by_hour.any()]
    if not servings:
        return
    rows = []
    for one in servings:
        pairs = one.by_day_hour.reshape(12, 2).mean(axis=1).tolist()
        rows.append([Cell(one.name, one.name, False), *(Cell(f"{value:,.0f}", value, True) for value in pairs)])
    headings = [translate(N_("Name")), *(f"{hour}" for hour in range(0, 24, 2))]
    title = translate(N_("Newly served by hour of the day, mean of the week; every two hours"))
    yield Grid("proposal", "by_hour", title, headings, rows, len(rows))


def _tables(case: Case, translate: Translator, **_: object) -> Iterator[Block]:
    yield from _grids(case.comparison, case, translate, "measures", "cost", "areas")
    yield from _grids(case.proposal, case, translate, "frontier")
    yield from _grids(case.supposed.results["audit"], case, translate, "areas", "streets")


def _method(case: Case, translate: Translator, *, database: str, **_: object) -> Iterator[Block]:
    results = [case.comparison, case.proposal, *case.supposed.results.values()]
    told = [list(result.about.lines(translate)) for result in results]
    shared = [line for line in told[0] if all(line in lines for lines in told)]
    yield Lines(shared)
    yield Heading(translate(N_("Formulas")))
    yield Lines([(translate(label), translate(text)) for label, text in FORMULAS])
    for lines in told:
        yield Heading(lines[0][1])
        skip = (translate(N_("Note")),)
        yield Lines([line for line in lines[1:] if line not in shared and line[0] not in skip])
    yield Heading(translate(N_("The same report again")))
    found = case.scenario.question
    between = ("--between", case.between) if case.between or found.get("between") else ()
    limit = () if case.time_limit_s in (None, _USUAL_S) else ("--time-limit", f"{case.time_limit_s:g}")
    verbs = ("report", *between, *limit, "--lang", translate.language)
    yield Command(case.question.command(database, "report.pdf", verbs=verbs, instead_of=found))


def _grids(
    result: Result,
    case: Case,
    translate: Translator,
    *names: str,
    most: int = _MOST_ROWS,
    leave: Sequence[str] = (),
) -> Iterator[Grid]:
    weight = case.question.criteria.weight
    tables = [
        replace(table, columns={field: values for field, values in table.columns.items() if field not in leave})
        for table in result.tables
        if table.name in names
    ]
    yield from grids_of(replace(result, tables=tuple(tables)), translate, weight=weight, most=most)
