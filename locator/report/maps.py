"""The map of some findings, to be slid through the week in a browser."""

from __future__ import annotations

from collections.abc import Sequence

from locator.coverage.saying import counted_note
from locator.maps.base import MapPage
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.coverage import coverage_map
from locator.maps.themes import Theme
from locator.report.document import place_name, source_line
from locator.report.findings import Findings
from locator.report.sentences import headline
from locator.translation import N_, Translator

__all__ = ["DRAWN", "SHOWN", "map_page"]

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
    place = place_name(findings, translate)
    about = findings.results[measure].about if measure else None
    title = about.title.text(translate) if about else translate(N_("Coverage map"))
    return coverage_map(
        findings.drawing,
        translate,
        gaps=findings.table("gaps", "gaps"),
        uncovered=findings.table("audit", "uncovered"),
        service_areas=findings.table("service_areas", "service_areas"),
        counted=counted_note(criteria.weight).text(translate),
        street_within_m=criteria.street_within_m,
        within=criteria.within.text(translate),
        title=f"{title} · {place}" if place else title,
        attribution=source_line(findings, translate),
        base=base,
        shown=SHOWN.get(measure or "audit", ("points", "stations")),
        at=at,
        theme=theme,
        headline=headline(findings, measure, translate),
    )
