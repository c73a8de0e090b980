"""The findings in plain sentences, as somebody who decides reads them: each with its number and of how many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from locator.coverage.saying import counted_note
from locator.maps.drawing import hour_name
from locator.query import MODES
from locator.report.findings import Findings
from locator.translation import N_, Translator

__all__ = ["Figure", "cautions", "figures", "headline", "listed", "sentences"]

_NAMED = 8
_FURTHEST = 3
_NIGHT, _NOON, _WEDNESDAY = 2, 12, 2


@dataclass(frozen=True, slots=True)
class Figure:
    """One criterion of the audit: so many of so many."""

    text: str
    met: int
    of: int

    @property
    def percent(self) -> int | None:
        """Rounded, but only all are 100 and only none 0; None: there are none to be covered."""
        if not self.of:
            return None
        rounded = round(100 * self.met / self.of)
        return min(max(rounded, 1 if self.met else 0), 100 if self.met == self.of else 99)


def figures(findings: Findings, translate: Translator) -> list[Figure]:
    """Return the criteria of the audit, side by side, without those that have nothing to be covered."""
    return [
        Figure(row["criterion"].text(translate), row["met"], row["of"])
        for row in findings.table("audit", "summary").rows()
        if row["of"]
    ]


def sentences(findings: Findings, translate: Translator) -> list[str]:
    """Return the findings, the most important first; of what is not there nothing is said."""
    return [text for say in _SAYINGS for text in say(findings, translate)]


def headline(findings: Findings, measure: str, translate: Translator) -> str:
    """Return what one measure found, in a sentence; empty: there is nothing to be said, or it was not measured."""
    if measure not in findings.results or measure not in _OF_MEASURE:
        return ""
    return next(_OF_MEASURE[measure](findings, translate), "")


def cautions(findings: Findings, translate: Translator) -> list[str]:
    """Return with what care the figures have to be read, each once: straight lines, unknown hours, and so on."""
    about = findings.results["audit"].about
    notes = [note.text(translate) for result in findings.results.values() for note in result.about.notes]
    shared = [note.text(translate) for note in about.notes]
    first = [about.network.text(translate)] if about.is_straight else []
    return list(dict.fromkeys([*first, *shared, *(note for note in notes if notes.count(note) > 1)]))


def listed(names: Sequence[Any], translate: Translator, *, most: int = _NAMED) -> str:
    """Return names as a list in a sentence; of many the first ones and how many there are."""
    text = translate(N_(", ")).join(str(name) for name in names[:most])
    if len(names) > most:
        return translate(N_("{names} and {count} more"), names=text, count=len(names) - most)
    return text


def _criteria(findings: Findings) -> dict[str, dict[str, Any]]:
    """Return the rows of the audit's criteria by what they ask."""
    rows = findings.table("audit", "summary").rows()
    return dict(zip(("inside", "reached", "both", "beside", "near"), rows, strict=True))


def _say_areas(findings: Findings, translate: Translator) -> Iterator[str]:
    told = _criteria(findings)
    inside, reached, both = (told[code] for code in ("inside", "reached", "both"))
    if not inside["of"]:
        return
    yield translate(
        # Who has no people can be reached by nobody: the second and the third count fewer areas than the first.
        N_("{inside} of {inside_of} areas have a station inside; for {reached} of {reached_of} at least {share} "
           "of the {counted} have one within {within}; for {both} of {both_of} both holds."),
        inside=inside["met"], reached=reached["met"], both=both["met"],
        inside_of=inside["of"], reached_of=reached["of"], both_of=both["of"],
        share=f"{findings.question.criteria.min_share * 100:g}%",
        counted=_counted(findings, translate),
        within=findings.question.criteria.within.text(translate),
    )  # fmt: skip
    bare = [row["name"] for row in findings.table("audit", "areas").rows() if not row["has_station"]]
    if bare:
        yield translate(N_("Without a station: {names}."), names=listed(bare, translate))


def _say_streets(findings: Findings, translate: Translator) -> Iterator[str]:
    told = _criteria(findings)
    beside, near = told["beside"], told["near"]
    if not beside["of"]:
        return
    criteria = findings.question.criteria
    rows = list(findings.table("audit", "streets").rows())
    bare_m, all_m = sum(row["uncovered_m"] for row in rows), sum(row["length_m"] for row in rows)
    yield translate(
        N_("{beside} of {of} main streets have a station within {beside_m} m of them; {near} of {of} have one "
           "within {near_m} m {how} from every place. {bare} of {all} km lie further from any station."),
        beside=beside["met"], near=near["met"], of=beside["of"], beside_m=f"{criteria.beside_m:g}",
        near_m=f"{criteria.street_within_m:g}", how=_how(findings, translate),
        bare=f"{bare_m / 1000:.1f}", all=f"{all_m / 1000:.1f}",
    )  # fmt: skip
    worst = max(rows, key=lambda row: row["longest_uncovered_m"])
    if worst["longest_uncovered_m"] > 0:
        yield translate(
            N_("The longest stretch without a station near is {metres} m of {street}."),
            metres=f"{worst['longest_uncovered_m']:,}", street=worst["name"],
        )  # fmt: skip


def _say_reach(findings: Findings, translate: Translator) -> Iterator[str]:
    slices = findings.drawing.slices
    share = slices.shares[0]
    if share is None:
        return
    criteria = findings.question.criteria
    (spread,) = findings.table("reach", "distance").rows()
    text = translate(
        N_("Whatever the hours, {share} of the {counted} have a station within {within}."),
        share=_share(share, slices.shares_possible[0], translate),
        counted=_counted(findings, translate),
        within=criteria.within.text(translate),
    )
    if spread["median_m"] is not None and spread["p90_m"] is not None:
        text += translate(
            N_(" Half of all {counted} are within {median} m of the nearest one, nine in ten within {p90} m."),
            counted=_counted(findings, translate), median=f"{spread['median_m']:,}", p90=f"{spread['p90_m']:,}",
        )  # fmt: skip
    yield text


def _say_hours(findings: Findings, translate: Translator) -> Iterator[str]:
    slices = findings.drawing.slices
    week = slices.shares[1:169]
    known = [(share, at) for at, share in enumerate(week, 1) if share is not None]
    if not known:
        return
    noon, night = (1 + _WEDNESDAY * 24 + hour for hour in (_NOON, _NIGHT))
    worst = min(known)
    yield translate(
        N_("With the hours: on a Wednesday at noon {noon} ({noon_count} stations), at 2 in the night {night} "
           "({night_count} stations). The least of the week is {worst}, {when}."),
        noon=f"{week[noon - 1]:.1%}", noon_count=slices.stations[noon],
        night=f"{week[night - 1]:.1%}", night_count=slices.stations[night],
        worst=f"{worst[0]:.1%}", when=hour_name(worst[1], translate),
    )  # fmt: skip
    holiday = [share for share in slices.shares[169:] if share is not None]
    if holiday:
        at = holiday[_NOON]
        yield translate(N_("On a public holiday it is {share} at noon."), share=f"{at:.1%}")


def _say_gaps(findings: Findings, translate: Translator) -> Iterator[str]:
    gaps = list(findings.table("gaps", "gaps").rows())
    if not gaps:
        return
    reasons = list(findings.table("gaps", "reasons").rows())
    main = max(reasons, key=lambda row: row["people_hours"])
    yield translate(
        N_("There are {count} gaps. Counted as people times hours, the main reason is: {reason} ({share})."),
        count=len(gaps), reason=main["reason"].text(translate), share=f"{main['share']:.0%}",
    )  # fmt: skip
    row = gaps[0]
    because = translate(N_(" ({name})"), name=row["because_of"]) if row["because_of"] else ""
    yield translate(
        N_("The largest: {people} {counted} in {areas}, {hours} hours a week without a station; "
           "{reason}{because}."),
        people=f"{row['people']:,}", counted=_counted(findings, translate),
        areas=row["areas"].text(translate) or translate(N_("none of the areas")),
        hours=f"{row['hours_unserved']:,}",
        reason=row["reason"].text(translate), because=because,
    )  # fmt: skip


def _say_facilities(findings: Findings, translate: Translator) -> Iterator[str]:
    rows = list(findings.table("facilities", "total").rows())
    said = [
        translate(
            N_("{asked}: {share}"), asked=row["asked"].text(translate),
            share=_share(row["share"], row["share_possible"], translate),
        )
        for row in rows[1:]
        if row["share"] is not None
    ]  # fmt: skip
    if said:
        yield translate(
            N_("Share within {within} of a station with: {list}."),
            within=findings.question.criteria.within.text(translate), list=translate(N_("; ")).join(said),
        )  # fmt: skip


def _say_backup(findings: Findings, translate: Translator) -> Iterator[str]:
    rows = list(findings.table("backup", "total").rows())
    if len(rows) > 1 and rows[1]["share"] is not None:
        yield translate(N_("{share} have a second station within reach."), share=f"{rows[1]['share']:.1%}")
    alone = [row for row in findings.table("backup", "stations").rows() if row["only_this"]]
    if alone:
        worst = max(alone, key=lambda row: row["only_this"])
        yield translate(
            N_("{count} stations are somebody's only one; with {name} {people} {counted} would lose theirs."),
            count=len(alone), name=worst["name"], people=f"{worst['only_this']:,}",
            counted=_counted(findings, translate),
        )  # fmt: skip


def _say_equity(findings: Findings, translate: Translator) -> Iterator[str]:
    counted = findings.question.criteria.weight
    rows = [row for row in findings.table("equity", "areas").rows() if row[counted]]
    # Where most have no way there is no median: nobody is further from a station.
    names = [
        row["name"]
        if row["median_m"] is not None
        else translate(N_("{name} (most have no way)"), name=row["name"])
        for row in rows
    ]
    if any(row["median_m"] is not None for row in rows):
        yield translate(
            N_("Furthest from a station, by the median way: {names}."), names=listed(names[:_FURTHEST], translate)
        )


def _say_capacity(findings: Findings, translate: Translator) -> Iterator[str]:
    mean, without, unknown, _ = (row["value"] for row in findings.table("capacity", "figures").rows())
    if mean is None:
        return
    text = translate(
        N_("There are {mean} places for 1,000 {counted} in the mean; {without} have none within reach that "
           "is known."),
        mean=f"{mean:.2f}", without=f"{without / 100:.1%}", counted=_counted(findings, translate),
    )  # fmt: skip
    if unknown:
        text += translate(
            N_(" {unknown} have stations whose room nobody knows, and no others."), unknown=f"{unknown / 100:.1%}"
        )
    yield text


def _say_heat(findings: Findings, translate: Translator) -> Iterator[str]:
    rows = [row for row in findings.table("heat", "days").rows() if row["share"] is not None]
    if rows:
        worst = min(rows, key=lambda row: row["share"])
        yield translate(
            N_("From 12 to 15 h, in the heat, {share} reach a station with air conditioning and water on the "
               "worst of the days ({day})."),
            share=_share(worst["share"], worst["share_possible"], translate), day=worst["day"].text(translate),
        )  # fmt: skip


def _say_spacing(findings: Findings, translate: Translator) -> Iterator[str]:
    pairs, stretches = findings.table("spacing", "pairs"), findings.table("spacing", "stretches")
    criteria = findings.question.criteria
    if len(pairs):
        yield translate(
            N_("{count} pairs of stations are nearer than {metres} m to each other."),
            count=len(pairs),
            metres=f"{criteria.crowded_m:g}",
        )
    if len(stretches):
        yield translate(
            N_("{count} stretches of main street over {metres} m have no station."),
            count=len(stretches),
            metres=f"{criteria.stretch_m:g}",
        )


def _say_spaces(findings: Findings, translate: Translator) -> Iterator[str]:
    """Yield pairs and stretches in one sentence, also that there are none."""
    criteria = findings.question.criteria
    yield translate(
        N_("{pairs} pairs of stations are nearer than {metres} m to each other, {lines} more in a straight line "
           "only; {stretches} stretches of main street over {over} m have no station."),
        pairs=len(findings.table("spacing", "pairs")), metres=f"{criteria.crowded_m:g}",
        lines=len(findings.table("spacing", "straight_pairs")),
        stretches=len(findings.table("spacing", "stretches")), over=f"{criteria.stretch_m:g}",
    )  # fmt: skip


_SAYINGS: tuple[Callable[[Findings, Translator], Iterator[str]], ...] = (
    _say_areas,
    _say_streets,
    _say_reach,
    _say_hours,
    _say_gaps,
    _say_facilities,
    _say_backup,
    _say_equity,
    _say_capacity,
    _say_heat,
    _say_spacing,
)
_OF_MEASURE: dict[str, Callable[[Findings, Translator], Iterator[str]]] = {
    "audit": _say_areas,
    "hours": _say_hours,
    "gaps": _say_gaps,
    "backup": _say_backup,
    "equity": _say_equity,
    "capacity": _say_capacity,
    "spacing": _say_spaces,
}
"""What is said of one measure above its map; of reach, facilities and heat the line beside the slider says it."""


def _how(findings: Findings, translate: Translator) -> str:
    """Return how the metres are gone: on foot, by e-bike; or that nobody goes so."""
    if findings.is_straight:
        return translate(N_("in a straight line"))
    return translate(MODES[findings.question.criteria.mode.value])


def _counted(findings: Findings, translate: Translator) -> str:
    return counted_note(findings.question.criteria.weight).text(translate)


def _share(sure: float, possible: float | None, translate: Translator) -> str:
    """Return a share; where more is possible than is sure, both."""
    if possible is None or f"{possible:.1%}" == f"{sure:.1%}":
        return f"{sure:.1%}"
    return translate(N_("{sure}, possibly {possible}"), sure=f"{sure:.1%}", possible=f"{possible:.1%}")
