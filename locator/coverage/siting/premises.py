"""Which candidate sites are still to be had, and which of them can be counted on under a budget."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from locator.coverage.study import Study
from locator.errors import QueryError
from locator.place import CandidateSite
from locator.snapshot import Snapshot
from locator.translation import N_

__all__ = ["free_candidates", "priced_candidates", "with_planned"]

_GONE = "closed"
_FROM_SCENARIO = "scenario "


def free_candidates(
    snapshot: Snapshot, candidates: Sequence[CandidateSite]
) -> tuple[list[CandidateSite], list[CandidateSite]]:
    """Return the candidates that no station takes, planned ones included, and those that one does.

    A station takes the candidate whose code it has, or of which a scenario made it.
    """
    taken = {
        code
        for station in snapshot.stations
        if station.status != _GONE
        for code in (station.id, _site_of(station.provenance.source, station.provenance.source_id))
    }
    return [one for one in candidates if one.id not in taken], [one for one in candidates if one.id in taken]


def _site_of(source: str, code: str) -> str:
    return code if source.startswith(_FROM_SCENARIO) else ""


def priced_candidates(
    candidates: Sequence[CandidateSite], must: Collection[str]
) -> tuple[list[CandidateSite], list[CandidateSite]]:
    """Return the candidates whose cost is known, and those whose is not.

    Raises
    ------
    QueryError
        One that has to open has no known cost, or none has.
    """
    known = [one for one in candidates if one.cost_cny_year is not None]
    unknown = [one for one in candidates if one.cost_cny_year is None]
    for one in unknown:
        if one.id in must:
            raise QueryError(
                N_("has no known cost, which a budget needs"), field="must", value=one.id,
                mend=N_("add its cost to the list of candidates"),
            )  # fmt: skip
    if candidates and not known:
        raise QueryError(
            N_("is not known of any candidate"), field="cost_cny_year",
            mend=N_("add a column of costs to the list of candidates, or do not ask for a budget"),
        )  # fmt: skip
    return known, unknown


def with_planned(study: Study) -> Study:
    """Return a study in which the planned stations are there already."""
    planned = [replace(one, status="operating") for one in study.snapshot.stations if one.status == "planned"]
    return replace(study, snapshot=study.snapshot.replacing(planned)) if planned else study
