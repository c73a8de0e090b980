"""The data-quality board: what is stale, missing, suspect or against the rules, per area."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import shapely

from locator.exchange.duplicates import find_duplicates
from locator.place import Area
from locator.rules import Rule, RuleSet
from locator.station import Station
from locator.translation import N_, Translator

__all__ = ["ISSUES", "Board", "Finding", "Issue", "assess"]

STALE_DAYS = 365


class Issue(StrEnum):
    """What can be wrong with a record that is valid."""

    NEVER_VERIFIED = "never_verified"
    STALE = "stale"
    EXPIRED = "expired"
    NO_HOURS = "no_hours"
    NO_FACILITIES = "no_facilities"
    NO_ENTRY = "no_entry"
    FACE_ONLY = "face_only"
    OUTSIDE = "outside"
    WRONG_COMMUNITY = "wrong_community"
    DUPLICATE = "duplicate"
    ENDED = "ended"


ISSUES: dict[Issue, str] = {
    Issue.NEVER_VERIFIED: N_("place never verified"),
    Issue.STALE: N_("place not verified for a year"),
    Issue.EXPIRED: N_("verification has expired"),
    Issue.NO_HOURS: N_("opening hours missing"),
    Issue.NO_FACILITIES: N_("no facility is known"),
    Issue.NO_ENTRY: N_("way in is not known"),
    Issue.FACE_ONLY: N_("face scan is the only way in"),
    Issue.OUTSIDE: N_("lies outside every area"),
    Issue.WRONG_COMMUNITY: N_("lies in another community than it names"),
    Issue.DUPLICATE: N_("looks like another station"),
    Issue.ENDED: N_("has ended but is still listed as operating"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One issue of one station; `detail` is what it was found by: a date, a name, another code."""

    issue: Issue
    station: Station
    area: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """All findings of a day, and how each station stands against each rule.

    Attributes
    ----------
    stations
        How many records were looked at: those not closed for good.
    areas
        Stations by the name of the area that they lie in; empty name: in none.
    met
        For each rule set, each of its rules: how many stations meet it, fail it, and of how many nobody knows.
    """

    day: date
    stations: int
    areas: Mapping[str, int]
    findings: tuple[Finding, ...]
    met: tuple[tuple[RuleSet, tuple[tuple[int, int, int], ...]], ...]

    def lines(self, translate: Translator) -> Iterator[str]:
        """Yield the board as text: counts first, then each finding, then the checklists."""
        yield translate("{count} stations, looked at on {day}", count=self.stations, day=self.day)
        for issue, count in Counter(finding.issue for finding in self.findings).most_common():
            yield f"  {count:>4}  {translate(ISSUES[issue])}"
        by_area = Counter(finding.area for finding in self.findings)
        for area, count in self.areas.items():
            if by_area[area]:
                name = area or translate("outside every area")
                text = translate("{count} stations, {found} findings", count=count, found=by_area[area])
                yield f"{name}: {text}"
                yield from (f"    {line}" for line in self._of_area(area, translate))
        for rules, counts in self.met:
            yield rules.name[translate.language]
            for rule, (yes, no, unknown) in zip(rules.rules, counts, strict=True):
                text = translate("met {yes}, not met {no}, unknown {unknown}", yes=yes, no=no, unknown=unknown)
                yield f"    {rule.name[translate.language]}: {text}"

    def as_json(self, translate: Translator) -> dict[str, Any]:
        """Return the board as JSON-able values."""
        return {
            "day": self.day.isoformat(),
            "stations": self.stations,
            "areas": dict(self.areas),
            "findings": [
                {"issue": str(f.issue), "text": translate(ISSUES[f.issue]), "id": f.station.id,
                 "name": f.station.name, "area": f.area, "detail": f.detail}
                for f in self.findings
            ],
            "rules": [
                {"name": rules.name[translate.language],
                 "rules": [{"name": rule.name[translate.language], "met": yes, "not_met": no, "unknown": unknown}
                           for rule, (yes, no, unknown) in zip(rules.rules, counts, strict=True)]}
                for rules, counts in self.met
            ],
        }  # fmt: skip

    def _of_area(self, area: str, translate: Translator) -> Iterator[str]:
        for finding in self.findings:
            if finding.area == area:
                detail = f" ({finding.detail})" if finding.detail else ""
                yield f"{finding.station.id} {finding.station.name}: {translate(ISSUES[finding.issue])}{detail}"


def assess(
    stations: Sequence[Station], areas: Sequence[Area], rule_sets: Sequence[RuleSet], *, today: date
) -> Board:
    """Look at every station that is not closed for good; findings are by station, in the order of `Issue`.

    Parameters
    ----------
    areas
        Those that exist on the day; without any nothing lies outside.
    """
    current = [station for station in stations if station.status != "closed"]
    places = _areas_of(current, areas)
    twins = _twins(current)
    findings = [
        Finding(issue, station, place, detail)
        for row, (station, place) in enumerate(zip(current, places, strict=True))
        for issue, detail in _issues(station, place, bool(areas), twins[row], today)
    ]
    counts = tuple((rules, tuple(_counted(rule, current, today) for rule in rules.rules)) for rules in rule_sets)
    return Board(today, len(current), dict(sorted(Counter(places).items())), tuple(findings), counts)


def _counted(rule: Rule, stations: Sequence[Station], today: date) -> tuple[int, int, int]:
    met = Counter(rule.met_by(station, today) for station in stations)
    return met[True], met[False], met[None]


def _areas_of(stations: Sequence[Station], areas: Sequence[Area]) -> list[str]:
    """Return the name of the area that each station lies in (its centre); empty: in none."""
    names = [""] * len(stations)
    if areas and stations:
        tree = shapely.STRtree([area.geometry for area in areas])
        centres = [station.geometry.centroid for station in stations]
        for row, area in zip(*tree.query(centres, predicate="intersects"), strict=True):
            names[row] = names[row] or areas[area].name
    return names


def _twins(stations: Sequence[Station]) -> dict[int, list[str]]:
    twins: dict[int, list[str]] = defaultdict(list)
    for pair in find_duplicates(stations):
        twins[pair.first].append(f"{stations[pair.second].id}, {pair.distance_m:.0f} m")
        twins[pair.second].append(f"{stations[pair.first].id}, {pair.distance_m:.0f} m")
    return twins


def _issues(
    station: Station, place: str, has_areas: bool, twins: Sequence[str], today: date
) -> Iterator[tuple[Issue, str]]:
    provenance = station.provenance
    if provenance.location_verified is None:
        yield Issue.NEVER_VERIFIED, ""
    elif today - provenance.location_verified > timedelta(days=STALE_DAYS):
        yield Issue.STALE, provenance.location_verified.isoformat()
    if provenance.expires and provenance.expires < today:
        yield Issue.EXPIRED, provenance.expires.isoformat()
    if station.opening_hours is None:
        yield Issue.NO_HOURS, ""
    if not station.facilities:
        yield Issue.NO_FACILITIES, ""
    if not station.entry.ways:
        yield Issue.NO_ENTRY, ""
    if station.entry.face_only:
        yield Issue.FACE_ONLY, ""
    if has_areas and not place:
        yield Issue.OUTSIDE, ""
    if place and station.community and place != station.community:
        yield Issue.WRONG_COMMUNITY, f"{station.community} / {place}"
    for twin in twins:
        yield Issue.DUPLICATE, twin
    if station.valid_to and station.valid_to < today and station.status == "operating":
        yield Issue.ENDED, station.valid_to.isoformat()
