"""The report: findings in sentences first, then maps, the week, tables, and last how it was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from locator.assets import asset_folder
from locator.report.findings import Findings
from locator.report.grids import Grid, grids_of, heat_days, share_style
from locator.report.plates import (
    MOST_GAPS,
    Plate,
    audit_plate,
    gap_plate,
    hour_plates,
    reach_plate,
    service_area_plate,
)
from locator.report.sentences import cautions, figures, sentences
from locator.report.statement import method_of, question_sentences, week_caption
from locator.translation import N_, Translator

__all__ = ["SECTIONS", "Section", "dates_line", "page_environment", "place_name", "report_page", "source_line"]

_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its title and its HTML."""

    code: str
    title: str
    body: Markup


def report_page(
    findings: Findings,
    translate: Translator,
    *,
    review_number: str = "",
    database: str = "locator.db",
    nonce: str = "",
) -> str:
    """Return the report as one HTML page with everything in it, made to be printed.

    Parameters
    ----------
    review_number
        The number under which the map was reviewed (审图号); empty: none is shown.
    database
        What the command that makes the same report names.
    nonce
        What a server's policy asks of the page's own styles; empty: no server asks.
    """
    pages = _Pages(findings, translate, review_number, database)
    style = (asset_folder("static") / "css" / "report.css").read_text(encoding="utf-8")
    return pages.render(
        "report.html",
        lang=translate.language,
        title=translate(N_("Coverage report")),
        place=place_name(findings, translate),
        dates=dates_line(findings, translate),
        sections=[section(pages) for section in SECTIONS],
        style=Markup(style + share_style()),  # noqa: S704 - ours
        nonce=nonce,
    )


def page_environment(translate: Translator) -> Environment:
    """Return where the templates of reports are found; what they are given is text until it says otherwise."""
    environment = Environment(
        loader=PackageLoader("locator.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["_"] = translate
    return environment


def place_name(findings: Findings, translate: Translator) -> str:
    """Return what the data calls its place; empty: nothing."""
    name = findings.about.get("name")
    return str(name.get(translate.language, "")) if isinstance(name, dict) else str(name or "")


def source_line(findings: Findings, translate: Translator, review_number: str = "") -> str:
    """Return where maps and figures are from, for the line beneath each: source, date, licence, revision."""
    about = findings.about
    source = translate(N_("illustrative data")) if about.get("illustrative") else about.get("source")
    parts = [
        source,
        about.get("licence"),
        dates_line(findings, translate),
        _network_source(findings, translate),
        translate(N_("revision {number}"), number=findings.revision),
        translate(N_("lists of {day}"), day=findings.question.day.isoformat()),
        translate(N_("STRAIGHT LINES, not ways along streets")) if findings.is_straight else "",
        translate(N_("map review number {number}"), number=review_number) if review_number else "",
    ]
    return " · ".join(str(part) for part in parts if part)


def dates_line(findings: Findings, translate: Translator) -> str:
    """Return of which days the data is, layers of one day together."""
    layers: dict[str, list[str]] = {}
    for one in findings.results["audit"].about.dates:
        layers.setdefault(one.when(translate), []).append(one.name.text(translate))
    said = [f"{translate(N_(', ')).join(names)} {when}" for when, names in layers.items()]
    return translate(N_("data of: {dates}"), dates=translate(N_("; ")).join(said)) if said else ""


def _network_source(findings: Findings, translate: Translator) -> str:
    """Return whose streets it was measured along, where they are not the data's own."""
    if not findings.question.extract or findings.is_straight:
        return ""
    source = findings.results["audit"].about.network.details.get("source")
    source = source if isinstance(source, str) else ""
    return translate(N_("streets: {source}"), source=source) if source.strip("-") else ""


class _Pages:
    """What the sections of one report share."""

    def __init__(self, findings: Findings, translate: Translator, review_number: str, database: str) -> None:
        self.findings = findings
        self.translate = translate
        self.database = database
        self.source = source_line(findings, translate, review_number)
        self._environment = page_environment(translate)

    def render(self, template: str, **values: object) -> str:
        return self._environment.get_template(template).render(
            findings=self.findings, source=self.source, **values
        )

    def section(self, code: str, title: str, **values: object) -> Section:
        return Section(code, title, Markup(self.render(f"{code}.html", **values)))  # noqa: S704 - escaped there

    def grids(self, measure: str, *names: str) -> list[Grid]:
        weight = self.findings.question.criteria.weight
        found = grids_of(self.findings.results[measure], self.translate, weight=weight, most=_MOST_ROWS)
        return [grid for grid in found if not names or grid.name in names]


def _summary(pages: _Pages) -> Section:
    """Return page one: what was found, in sentences."""
    findings, translate = pages.findings, pages.translate
    return pages.section(
        "summary",
        translate(N_("Findings")),
        asked=question_sentences(findings, translate),
        figures=figures(findings, translate),
        sentences=sentences(findings, translate),
        cautions=cautions(findings, translate),
        about=findings.results["audit"].about,
        network=findings.results["audit"].about.network.text(translate),
    )


def _maps(pages: _Pages) -> Section:
    findings, translate = pages.findings, pages.translate
    listed = findings.drawing.areas or len(findings.table("audit", "streets"))
    big: Sequence[Plate] = [
        *([audit_plate(findings, translate)] if listed else []),
        reach_plate(findings, translate),
        service_area_plate(findings, translate),
    ]
    return pages.section("maps", translate(N_("Maps")), plates=big, small=hour_plates(findings, translate))


def _week(pages: _Pages) -> Section:
    """Return the heat map of all hours of the week."""
    translate = pages.translate
    title = translate(N_("The week, hour by hour"))
    common = pages.findings.results["audit"].about.notes
    notes = [note for note in pages.findings.results["hours"].about.notes if note not in common]
    return pages.section(
        "week",
        title,
        days=heat_days(pages.findings, translate),
        caption=week_caption(pages.findings, translate),
        notes=[note.text(translate) for note in notes],
    )


def _gaps(pages: _Pages) -> Section:
    translate = pages.translate
    reasons, gaps, face_only = pages.grids("gaps", "reasons", "gaps", "face_only")
    first = Grid(gaps.measure, gaps.name, gaps.title, gaps.headings, gaps.rows[:MOST_GAPS], gaps.total)
    plate = gap_plate(pages.findings, translate)
    return pages.section(
        "gaps", translate(N_("Gaps")), plate=plate, reasons=reasons, gaps=first, face_only=face_only
    )


def _tables(pages: _Pages) -> Section:
    chosen = [
        *pages.grids("audit", "areas", "streets"),
        *pages.grids("reach", "total"),
        *pages.grids("service_areas"),
        *pages.grids("hours", "areas"),
        *pages.grids("facilities"),
        *pages.grids("backup"),
        *pages.grids("equity"),
        *pages.grids("capacity"),
        *pages.grids("spacing"),
        *pages.grids("heat"),
    ]
    return pages.section("tables", pages.translate(N_("Tables")), grids=chosen)


def _method(pages: _Pages) -> Section:
    """Return how it was measured: definitions, denominators, dates, network, and the command to do it again."""
    findings, translate = pages.findings, pages.translate
    method = method_of(findings.results.values(), translate)
    return pages.section(
        "method",
        translate(N_("Method")),
        shared=method.shared,
        measures=method.measures,
        command=findings.question.command(pages.database, "report.pdf"),
    )


SECTIONS: tuple[Callable[[_Pages], Section], ...] = (_summary, _maps, _week, _gaps, _tables, _method)
"""The parts of the report in their order."""
