"""The map of some findings, to be slid through the week in a browser."""

from __future__ import annotations

from collections.abc import Sequence

from locator.coverage.comparison import Comparison
from locator.coverage.saying import counted_note
from locator.maps.base import MapPage
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.coverage import coverage_map
from locator.maps.difference import difference_map
from locator.maps.themes import Theme
from locator.report.document import place_name, source_line
from locator.report.findings import Findings
from locator.report.sentences import headline
from locator.report.statement import method_of, question_sentences
from locator.translation import N_, Translator

__all__ = ["DRAWN", "SHOWN", "change_page", "map_page"]

DRAWN = ("audit", "service_areas", "hours", "gaps")
"""The measures whose results a map is drawn from."""

_TOLD = ("audit", "reach", "service_areas", "hours", "gaps")
"""The measures whose figures every map shows; of another those alone that it is drawn for."""

SHOWN: dict[str, Sequence[str]] = {
    "audit": ("areas", "uncovered", "stations"),
    "service_areas": ("reach", "stations"),
    "gaps": ("gaps", "stations"),
    "spacing": ("uncovered", "stations"),
}
"""The layers that are on when a map opens, by the measure that it is drawn for; of others demand and stations."""


def map_page(
    findings: Findings,
    translate: Translator,
    *,
    base: BaseMap = NO_BASE,
    measure: str = "",
    at: int = 0,
    theme: Theme | None = None,
) -> MapPage:
    """Draw findings on a map.

    Parameters
    ----------
    base
        The base map; its review number stands on the map.
    measure
        What it is drawn for: its layers are on when it opens, its name and its figures stand above. Empty: all.
    at
        The slice of the week that it opens with.
    theme
        What that measure shows of its own.
    """
    criteria = findings.question.criteria
    scenario = findings.question.scenario
    supposed = translate(N_("Scenario {name}"), name=scenario) if scenario else ""
    return coverage_map(
        findings.drawing,
        translate,
        gaps=findings.table("gaps", "gaps"),
        uncovered=findings.table("audit", "uncovered"),
        service_areas=findings.table("service_areas", "service_areas"),
        counted=counted_note(criteria.weight).text(translate),
        street_within_m=criteria.street_within_m,
        within=criteria.within.text(translate),
        question=_question(findings, measure, translate, is_drawn=theme is not None),
        method=_method(findings, measure, translate),
        title=_titled(_title(findings, measure, translate), supposed, place_name(findings, translate)),
        scenario=supposed,
        attribution=_titled(supposed, source_line(findings, translate)),
        base=base,
        shown=SHOWN.get(measure or "audit", ("points", "stations")),
        at=at,
        theme=theme,
        headline=headline(findings, measure, translate),
    )


def _title(findings: Findings, measure: str, translate: Translator) -> str:
    if not measure:
        return translate(N_("Coverage map"))
    name = findings.results[measure].about.title.text(translate)
    return translate(N_("Coverage map: {measure}"), measure=name)


def _question(findings: Findings, measure: str, translate: Translator, *, is_drawn: bool) -> list[str]:
    """Return what was asked; of a measure that is not drawn also that its figures are not on the map."""
    told = question_sentences(findings, translate)
    if is_drawn or measure in ("", *_TOLD):
        return told
    name = findings.results[measure].about.title.text(translate)
    return [
        *told,
        translate(
            N_('The figures of "{measure}" are in its tables; this map shows reach on the terms above.'),
            measure=name,
        ),
    ]


def _method(findings: Findings, measure: str, translate: Translator) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return how what is drawn was measured, measure by measure; last what all share."""
    names = dict.fromkeys((measure, *_TOLD))
    method = method_of([findings.results[name] for name in names if name in findings.results], translate)
    return [*method.measures, (translate(N_("Common to all")), method.shared)]


def change_page(
    findings: Findings,
    found: Comparison,
    translate: Translator,
    *,
    base: BaseMap = NO_BASE,
    sides: tuple[str, str] = ("", ""),
) -> MapPage:
    """Draw on a map who gains and who loses from one state of the stations to another.

    Parameters
    ----------
    findings
        Those of the second state; the measures audit and hours are enough.
    sides
        What the two are called; empty: as the comparison calls them.
    """
    criteria = findings.question.criteria
    counted = counted_note(criteria.weight).text(translate)
    first, second = (given or name.text(translate) for given, name in zip(sides, found.names, strict=True))
    summary = translate(
        N_("From {first} to {second}: {gained} {counted} gain a station within {within}, {lost} lose theirs."),
        first=first, second=second, gained=f"{found.gained:,.0f}", lost=f"{found.lost:,.0f}", counted=counted,
        within=criteria.within.text(translate),
    )  # fmt: skip
    return difference_map(
        found,
        findings.drawing,
        translate,
        title=_titled(translate(N_("Difference map")), f"{first} → {second}", place_name(findings, translate)),
        sides=(first, second),
        summary=summary,
        counted=counted,
        attribution=source_line(findings, translate),
        base=base,
    )


def _titled(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
