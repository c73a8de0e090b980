"""The words that every result has in common: what it was measured along, by which criteria, what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from locator.coverage.about import About, Note, source_name
from locator.coverage.criteria import Terms
from locator.coverage.dates import data_dates
from locator.coverage.study import Study
from locator.holidays import holiday_year
from locator.query import MODES
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN
from locator.translation import N_

__all__ = [
    "COUNTED",
    "about_study",
    "barrier_notes",
    "counted_note",
    "people_note",
    "pieces_note",
    "terms_notes",
    "week_notes",
]

COUNTED: dict[str, str] = {
    "residents": N_("residents"),
    "outdoor_workers": N_("outdoor workers"),
    "night_workers": N_("night workers"),
    "jobs": N_("jobs"),
    "orders": N_("orders"),
    "weight": N_("weight"),
    "street_m": N_("metres of street"),
    "area_m2": N_("square metres of ground"),
}
"""What is counted, in words; of other weights of demand points their own name."""

_SOMEBODY = 0.5

_LEFT_OUT = {
    "planned": N_("{count} planned stations are left out"),
    "suspended": N_("{count} suspended stations are left out"),
    "closed": N_("{count} stations closed for good are left out"),
    "not_valid": N_("{count} stations that do not exist on that day are left out"),
    "shut": N_("{count} stations shut on that day are left out"),
}


def counted_note(kind: str) -> Note:
    """Return what a weight counts, in words."""
    return Note(COUNTED.get(kind, kind))


def people_note(study: Study) -> Note:
    """Return how much demand there is, and in how many areas."""
    return Note(
        N_("{total} {counted} at {points} places; {areas} areas on the list"),
        {
            "total": f"{study.weight.sum():,.0f}",
            "counted": counted_note(study.criteria.weight),
            "points": f"{int((study.weight > 0).sum()):,}",
            "areas": len(study.areas),
        },
    )


def pieces_note() -> Note:
    """Return how streets and ground are counted."""
    return Note(
        N_("streets count by pieces of at most 50 m, each by its middle, and ground by the points of a grid")
    )


def week_notes(study: Study) -> Iterator[Note]:
    """Yield which week stands for all, and which holiday."""
    week = study.week
    yield Note(
        N_("the week from {first}, which has no public holiday and no make-up workday")
        if week.ordinary
        else N_("the week from {first}; none without a public holiday was found"),
        {"first": week.first.isoformat()},
    )
    if week.holiday:
        yield Note(N_("the public holiday is {day}"), {"day": week.holiday.isoformat()})
        if not holiday_year(week.holiday.year).known:
            yield Note(
                N_("the list of holidays of {year} is not published yet: only fixed days are known"),
                {"year": week.holiday.year},
            )


def barrier_notes(study: Study) -> Iterator[Note]:
    """Yield whether it is known what lies between."""
    if study.is_straight:
        yield Note(N_("in straight lines nothing is seen to lie between: no water, no railway, no long way round"))
    elif not study.barriers:
        yield Note(
            N_("no water and no railways are in the data: what lies between is told as a long way round only")
        )


def about_study(
    study: Study,
    measure: str,
    title: str,
    definition: Note,
    *,
    denominator: Note | None = None,
    criteria: tuple[Note, ...] = (),
    notes: tuple[Note, ...] = (),
) -> About:
    """Return what a result of a study means, with the words that all have in common."""
    return About(
        measure=measure,
        title=Note(title),
        definition=definition,
        denominator=denominator or people_note(study),
        day=study.day,
        revision=study.snapshot.revision,
        network=_network_note(study),
        is_straight=study.is_straight,
        criteria=(*_common_criteria(study), *criteria),
        notes=(*_common_notes(study), *notes),
        source=_source_note(study),
        dates=data_dates(study),
    )


def _network_note(study: Study) -> Note:
    if study.network is None:
        return Note(
            N_("STRAIGHT LINE, not along streets ({why}): real ways are longer"),
            {"why": Note(N_("there are no streets, or it was asked for"))},
        )
    return Note(
        N_("along {km} km of streets, {mode}, at {speed} km/h (source: {source})"),
        {
            "km": f"{study.network.length_m.sum() / 1000:,.1f}",
            "mode": Note(MODES[study.criteria.mode.value]),
            "speed": f"{study.criteria.speed * 3.6:.1f}",
            "source": source_name(study.network.about.get("source") or "-"),
        },
    )


def _common_criteria(study: Study) -> Iterator[Note]:
    criteria = study.criteria
    yield Note(
        N_("within reach: {within}, to the door, the straight leg to the street included")
        if criteria.within.unit == "m"
        else N_("within reach: {within} ({metres} m), to the door, the straight leg to the street included"),
        {"within": criteria.within, "metres": f"{criteria.within_m:,.0f}"},
    )
    if criteria.stay_minutes:
        yield Note(N_("usable for at least {minutes} min"), {"minutes": f"{criteria.stay_minutes:g}"})
    yield from _terms_notes(study)


def _terms_notes(study: Study) -> Iterator[Note]:
    terms = study.criteria.terms
    if not terms.ways and study.supply.face_only.any():
        yield Note(
            N_("every way in counts, also a face scan, the only one of {count} stations"),
            {"count": int(study.supply.face_only.sum())},
        )
    yield from terms_notes(terms)


def terms_notes(terms: Terms) -> Iterator[Note]:
    """Yield on what terms a station counts; without any, nothing."""
    for message, codes in (
        (N_("with these facilities: {codes}"), terms.needs),
        (N_("by these ways in: {codes}"), terms.ways),
        (N_("for: {codes}"), terms.who),
        (N_("of these categories: {codes}"), terms.categories),
    ):
        if codes:
            yield Note(message, {"codes": _labels(codes)})
    if terms.no_registration:
        yield Note(N_("without registration"))
    if terms.h24:
        yield Note(N_("around the clock"))


def _labels(codes: frozenset[str]) -> tuple[Note, ...]:
    known = {**FACILITIES, **WAYS_IN, **ADMITS, **CATEGORIES}
    return tuple(Note(known[code]) for code in sorted(codes))


def _common_notes(study: Study) -> Iterator[Note]:
    supply = study.supply
    if study.scenario is not None:
        yield Note(
            N_("SCENARIO {name}: stations as they would be after {count} changes, not as they are"),
            {"name": study.scenario.name, "count": len(study.scenario.edits)},
        )
    yield Note(N_("{count} stations count"), {"count": len(supply)})
    for reason, count in supply.left_out.items():
        if count:
            yield Note(_LEFT_OUT[reason], {"count": count})
    unknown = int(supply.unknown_hours.sum())
    if unknown:
        yield Note(
            N_("of {count} stations nobody knows the hours: they are never counted as open"), {"count": unknown}
        )
    illustrative = sum(record.get("provenance", {}).get("source") == "illustrative" for record in supply.records)
    if illustrative:
        yield Note(N_("{count} stations are illustrative: no real places"), {"count": illustrative})
    yield from _demand_notes(study)
    yield from _network_notes(study)


def _demand_notes(study: Study) -> Iterator[Note]:
    if not study.weight.any():
        yield Note(N_("there is no demand and no area with residents: shares of people are empty"))
    if not study.areas:
        yield Note(N_("there is no area on the list of that day"))
    spread = study.demand.spread
    if study.criteria.weight == "residents" and spread.any():
        areas = {code for code, is_spread in zip(study.demand.ids, spread.tolist(), strict=True) if is_spread}
        yield Note(
            N_("the residents of {count} areas without demand points are spread evenly over them"),
            {"count": len(areas)},
        )
    yield from _member_notes(study)


def _member_notes(study: Study) -> Iterator[Note]:
    """Yield how demand was given to areas."""
    members, weight = study.members, study.weight
    split = members.split[weight[members.split] > 0]
    if len(split):
        yield Note(
            N_("{count} cells on borders ({total} {counted}) are shared out by ground over the areas they touch"),
            {
                "count": f"{len(split):,}",
                "total": f"{weight[split].sum():,.0f}",
                "counted": counted_note(study.criteria.weight),
            },
        )
    named = int((weight[members.named] > 0).sum())
    if named:
        yield Note(N_("{count} places of demand count in the area that the list names"), {"count": f"{named:,}"})
    outside = float((weight * (1 - members.inside(len(weight)))).sum())
    if study.areas and outside >= _SOMEBODY:
        yield Note(
            N_("{total} {counted} live or work in none of the areas; they count in the total only"),
            {"total": f"{outside:,.0f}", "counted": counted_note(study.criteria.weight)},
        )


def _network_notes(study: Study) -> Iterator[Note]:
    if study.network is None:
        return
    if study.demand_snaps is not None and study.weight[study.demand_snaps.edge < 0].sum():
        yield Note(
            N_("{total} {counted} are further than {metres} m from any street: they count as not reached"),
            {
                "total": f"{study.weight[study.demand_snaps.edge < 0].sum():,.0f}",
                "counted": counted_note(study.criteria.weight),
                "metres": f"{study.criteria.max_access_m:g}",
            },
        )
    if len(study.off_street):
        names = [study.supply.names[row] for row in study.off_street[:5].tolist()]
        yield Note(
            N_("{count} stations are further than {metres} m from any street and reach nobody: {names}"),
            {
                "count": len(study.off_street),
                "metres": f"{study.criteria.max_access_m:g}",
                "names": ", ".join(names),
            },
        )
    if study.network.about.get("incomplete", "0") not in ("", "0"):
        yield Note(
            N_("{count} ways of the extract are incomplete and left out"),
            {"count": study.network.about["incomplete"]},
        )


def _source_note(study: Study) -> Note:
    sources = sorted({*study.demand.sources, *(area.source for area in study.areas)} - {""})
    said = study.about.get("date")
    parts: list[str | tuple[str | Note, ...]] = [
        tuple(map(source_name, sources)),
        str(said) if isinstance(said, (str, date)) and said else "",
        str(study.about.get("licence") or ""),
    ]
    named = {f"part{place}": part for place, part in enumerate(parts) if part}
    return Note(" · ".join(f"{{{name}}}" for name in named), named)
