"""The map of some findings, to be slid through the week in a browser."""

from __future__ import annotations

from collections.abc import Sequence

from locator.coverage.comparison import Comparison
from locator.coverage.saying import counted_note
from locator.maps.base import MapPage
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.coverage import coverage_map
from locator.maps.difference import difference_map
from locator.report.document import place_name, source_line
from locator.report.findings import Findings
from locator.translation import N_, Translator

__all__ = ["DRAWN", "SHOWN", "change_page", "map_page"]

DRAWN = ("audit", "service_areas", "hours", "gaps")
"""The measures whose results a map is drawn from."""

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
    measure: str = "audit",
    at: int = 0,
) -> MapPage:
    """Draw findings on a map.

    Parameters
    ----------
    base
        The base map; its review number stands on the map.
    measure
        What it is drawn for: its layers are on when it opens.
    at
        The slice of the week that it opens with.
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
        title=_titled(translate(N_("Coverage map")), supposed, place_name(findings, translate)),
        scenario=supposed,
        attribution=_titled(supposed, source_line(findings, translate)),
        base=base,
        shown=SHOWN.get(measure, ("points", "stations")),
        at=at,
    )


def change_page(
    findings: Findings, found: Comparison, translate: Translator, *, base: BaseMap = NO_BASE, after: str = ""
) -> MapPage:
    """Draw on a map who gains and who loses from one state of the stations to another.

    Parameters
    ----------
    findings
        Those of the second state; the measures audit and hours are enough.
    after
        What the second is called; empty: as the comparison calls it.
    """
    criteria = findings.question.criteria
    counted = counted_note(criteria.weight).text(translate)
    first, second = (name.text(translate) for name in found.names)
    second = after or second
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
