"""A scenario: named edits of the stations at a revision, and the stations as they would be; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.edits import (
    Closing,
    Edit,
    Moving,
    NewFacilities,
    NewHours,
    Opening,
    edit_from_record,
    edit_to_record,
    mark_of,
    place_of,
)
from locator.errors import Conflict, InvalidValue, LocatorError, NotFound, QueryError
from locator.geodesy import distances_m
from locator.place import Place
from locator.snapshot import Snapshot
from locator.station import Station, is_code, no_such_station
from locator.store import KeptScenario
from locator.translation import N_

__all__ = [
    "Scenario",
    "applied",
    "check_name",
    "check_near",
    "free_code",
    "new_edit",
    "renewed",
    "scenario_of",
    "scenario_records",
    "shared_question",
    "troubles",
    "with_edit",
    "without_edit",
]


_FAR_M = 100_000


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Edits with a name.

    Attributes
    ----------
    edits
        Of each station at most one of each kind; what opens is edited in its opening.
    revision
        The data's revision that was looked at last.
    version
        Counts the changes of the scenario as it is kept; 0: it is not kept yet.
    question
        The arguments of the question that it was found for, as an address has them; empty: for none.
    """

    name: str
    edits: tuple[Edit, ...] = ()
    revision: int = 0
    note: str = ""
    version: int = 0
    question: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """The edits that open a station."""
        return tuple(edit for edit in self.edits if isinstance(edit, Opening))


def check_name(name: str) -> str:
    """Return a scenario's name; refuse what cannot stand in a command or an address as it is.

    Raises
    ------
    InvalidValue
        It has other characters, or too many.
    """
    if not is_code(name):
        raise InvalidValue(
            N_("cannot be a name"), field="scenario", value=name,
            mend=N_("use 1 to 64 letters, digits, '.', '_', ':' or '-', such as three-new"),
        )  # fmt: skip
    return name


def scenario_of(kept: KeptScenario) -> Scenario:
    """Return the scenario that a store keeps."""
    edits = tuple(edit_from_record(record) for record in kept.edits)
    return Scenario(name=kept.name, edits=edits, revision=kept.revision, note=kept.note, version=kept.version,
                    question=kept.question)  # fmt: skip


def shared_question(questions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return by what scenarios were found, of the question of each, as far as all were found by the same."""
    first, *others = (one.items() for one in questions)
    return dict(sorted(set(first).intersection(*others)))


def scenario_records(scenario: Scenario) -> list[dict[str, object]]:
    """Return a scenario's edits as a store keeps them."""
    return [edit_to_record(edit) for edit in scenario.edits]


def applied(snapshot: Snapshot, edits: Sequence[Edit]) -> Snapshot:
    """Return the stations as they would be; without edits the same snapshot.

    What closes stays in the list, as closed for good. The revision stays that of the data.

    Raises
    ------
    NotFound
        A station that is edited is not there, or not any more.
    Conflict
        It is no longer as it was when the edit was made; or what opens has the code of another station.
    InvalidValue
        A station is closed twice, opened twice, or edited though it closes.
    """
    changed: dict[str, Station] = {}
    for edit in edits:
        changed[edit.id] = _edited(snapshot, changed, edit)
    return snapshot.replacing(changed.values()) if changed else snapshot


def troubles(snapshot: Snapshot, edits: Sequence[Edit]) -> Iterator[tuple[int, LocatorError]]:
    """Yield what stands in the way of a scenario: the place of each edit that cannot be applied, and why."""
    changed: dict[str, Station] = {}
    for place, edit in enumerate(edits):
        try:
            changed[edit.id] = _edited(snapshot, changed, edit)
        except LocatorError as error:
            yield place, error


def new_edit(
    snapshot: Snapshot,
    scenario: Scenario,
    code: str,
    *,
    geometry: BaseGeometry | None = None,
    facilities: dict[str, bool | None] | None = None,
    hours: str | None = None,
    cost_cny_year: float | None = None,
) -> Edit:
    """Return an edit of a station as it is now, or of one that the scenario opens.

    With a geometry it moves, with facilities it has these, with hours (empty: unknown) it has those; with none of
    them it closes.

    Raises
    ------
    NotFound
        There is no such station.
    """
    row = snapshot.row_of(code)
    opens = any(edit.id == code for edit in scenario.openings)
    if row is None and not opens:
        raise no_such_station(code)
    seen = "" if row is None or opens else mark_of(snapshot, row)
    if geometry is not None:
        return Moving(id=code, seen=seen, geometry=geometry, cost_cny_year=cost_cny_year)
    if facilities is not None:
        return NewFacilities(id=code, seen=seen, facilities=facilities, cost_cny_year=cost_cny_year)
    if hours is not None:
        return NewHours(id=code, seen=seen, opening_hours=hours or None, cost_cny_year=cost_cny_year)
    return Closing(id=code, seen=seen, cost_cny_year=cost_cny_year)


def with_edit(scenario: Scenario, edit: Edit, snapshot: Snapshot) -> Scenario:
    """Return a scenario with one edit more, which is checked against the stations as they are.

    An edit takes the place of an earlier one of the same kind of the same station, and to close it that of all
    others. A candidate site opens once. What the scenario opens is
    edited in its opening; to close it takes the opening back.

    Raises
    ------
    NotFound, Conflict, InvalidValue
        As `applied` does.
    """
    edits = list(scenario.edits)
    _check_site(edits, edit)
    opened = next((place for place, one in enumerate(edits) if one.id == edit.id and one.kind == "open"), None)
    if opened is not None and not isinstance(edit, Opening):
        before = edits[opened]
        assert isinstance(before, Opening)  # noqa: S101 - found by its kind
        if isinstance(edit, Closing):
            del edits[opened]
        else:
            cost = before.cost_cny_year if edit.cost_cny_year is None else edit.cost_cny_year
            edits[opened] = replace(before, station=_changed(before.station, edit), cost_cny_year=cost)
    else:
        if isinstance(edit, Closing):
            # What closes does not move or change first, and that costs nothing.
            edits = [one for one in edits if one.id != edit.id or one.kind == edit.kind]
        same = next((place for place, one in enumerate(edits) if (one.id, one.kind) == (edit.id, edit.kind)), None)
        if same is None or isinstance(edit, (Opening, Closing)):
            edits.append(edit)
        else:
            edits[same] = _merged(edits[same], edit)
    _check(snapshot, edits, edit)
    return replace(scenario, edits=tuple(edits), revision=snapshot.revision)


def without_edit(scenario: Scenario, number: int) -> Scenario:
    """Return a scenario without one of its edits, counted from 1.

    Raises
    ------
    QueryError
        There is no such edit.
    """
    if not 1 <= number <= len(scenario.edits):
        raise QueryError(
            N_("is not the number of an edit"), field="edit", value=number,
            mend=N_("choose one from 1 to {count}"), count=len(scenario.edits),
        )  # fmt: skip
    edits = (*scenario.edits[: number - 1], *scenario.edits[number:])
    return replace(scenario, edits=edits)


def renewed(scenario: Scenario, snapshot: Snapshot) -> tuple[Scenario, tuple[Edit, ...]]:
    """Return a scenario over the stations as they are now, and the edits that it had to give up.

    Edits of stations that have changed are kept, and now mean these as they are; those of stations that are gone,
    and what else cannot be, are given up.
    """
    kept: list[Edit] = []
    lost: list[Edit] = []
    for edit in scenario.edits:
        row = snapshot.row_of(edit.id)
        if not isinstance(edit, Opening) and row is not None:
            edit = replace(edit, seen=mark_of(snapshot, row))  # noqa: PLW2901
        place = len(kept)
        stands = all(at != place for at, _ in troubles(snapshot, [*kept, edit]))
        (kept if stands else lost).append(edit)
    return replace(scenario, edits=tuple(kept), revision=snapshot.revision), tuple(lost)


def free_code(wanted: str, snapshot: Snapshot, scenario: Scenario) -> str:
    """Return a code for what opens: the one that is wanted, or else one made of the scenario's name."""
    taken = {edit.id for edit in scenario.edits}
    if is_code(wanted) and wanted not in taken and snapshot.row_of(wanted) is None:
        return wanted
    number = 1
    while True:
        code = f"{scenario.name[:56]}-{number}"
        if code not in taken and snapshot.row_of(code) is None:
            return code
        number += 1


def check_near(edit: Edit, snapshot: Snapshot, places: Sequence[Place]) -> None:
    """Refuse an edit that puts a station far from everything that is known, as a slip of the pen does.

    Parameters
    ----------
    places
        Areas and candidate sites; with the stations they are what is known. Nothing: every place is as good.

    Raises
    ------
    InvalidValue
        All are further away than 100 km.
    """
    place = place_of(edit)
    if place is None or place.is_empty:
        return
    others = shapely.get_coordinates(shapely.centroid([one.geometry for one in places])).reshape(-1, 2)
    lons, lats = np.append(snapshot.lons, others[:, 0]), np.append(snapshot.lats, others[:, 1])
    at = place.centroid
    nearest_m = float(np.nanmin(distances_m(at.x, at.y, lons, lats))) if len(lons) else 0.0
    if nearest_m > _FAR_M:
        raise InvalidValue(
            N_("is {km} km from everything in the data"), field="at", value=f"{at.x:.10g},{at.y:.10g}",
            mend=N_("check it: degrees, longitude first, such as 113.0742,28.8069"), km=f"{nearest_m / 1000:,.0f}",
        )  # fmt: skip


def _check_site(edits: Sequence[Edit], edit: Edit) -> None:
    """Refuse to open a candidate site that is open already."""
    if not isinstance(edit, Opening) or not edit.site:
        return
    same = next((one for one in edits if isinstance(one, Opening) and one.site == edit.site), None)
    if same is not None:
        raise InvalidValue(
            N_("is opened already, as {name} ({id})"), field="site", value=edit.site,
            mend=N_("choose another, or take that edit out"), name=same.station.name, id=same.id,
        )  # fmt: skip


def _check(snapshot: Snapshot, edits: Sequence[Edit], edit: Edit) -> None:
    """Raise what stands in the way of an edit's station; what is wrong with others is said where they are used."""
    for place, error in troubles(snapshot, edits):
        if edits[place].id == edit.id:
            raise error


def _edited(snapshot: Snapshot, changed: dict[str, Station], edit: Edit) -> Station:
    """Return a station after an edit, `changed` being what earlier edits have made."""
    if isinstance(edit, Opening):
        return _opened(snapshot, changed, edit)
    row, station = snapshot.row_of(edit.id), changed.get(edit.id)
    if row is None and station is None:
        raise NotFound(
            N_("there is no such station, or not any more"), field="id", value=edit.id,
            mend=N_("take the edit out of the scenario"),
        )  # fmt: skip
    if row is not None and edit.seen and edit.seen != mark_of(snapshot, row):
        raise Conflict(
            N_("has changed since the scenario was made"), field="id", value=edit.id,
            mend=N_("look at the station, then renew the scenario or take the edit out"),
        )  # fmt: skip
    if station is None:
        station = snapshot.stations[row or 0]
    if station.status == "closed":
        raise InvalidValue(
            N_("is closed already"), field="id", value=edit.id, mend=N_("take one of the edits out")
        )
    return _changed(station, edit)


def _opened(snapshot: Snapshot, changed: dict[str, Station], edit: Opening) -> Station:
    row = snapshot.row_of(edit.id)
    if edit.id in changed:
        raise InvalidValue(
            N_("is opened or edited already"), field="id", value=edit.id, mend=N_("give it another code")
        )
    if row is not None and not _is_plan_of(snapshot.stations[row], edit.station):
        raise Conflict(
            N_("is the code of another station"), field="id", value=edit.id, mend=N_("give it another code")
        )
    return edit.station


def _is_plan_of(kept: Station, opened: Station) -> bool:
    """Return whether a station of the data is what is to be opened, and is planned."""
    same = replace(kept, status="operating", provenance=opened.provenance, note=opened.note)
    return kept.status == "planned" and not same.changes_from(opened)


def _changed(station: Station, edit: Edit) -> Station:
    if isinstance(edit, Closing):
        return replace(station, status="closed")
    if isinstance(edit, Moving):
        # What was given in another datum was the place before.
        told = replace(station.provenance, original=None, datum="wgs84")
        return replace(station, geometry=edit.geometry, provenance=told)
    if isinstance(edit, NewHours):
        return replace(station, opening_hours=edit.opening_hours)
    if isinstance(edit, NewFacilities):
        known = {code: has for code, has in {**station.facilities, **edit.facilities}.items() if has is not None}
        return replace(station, facilities=known)
    return edit.station


def _merged(before: Edit, after: Edit) -> Edit:
    if after.cost_cny_year is None:
        after = replace(after, cost_cny_year=before.cost_cny_year)
    if isinstance(before, NewFacilities) and isinstance(after, NewFacilities):
        return replace(after, facilities={**before.facilities, **after.facilities})
    return after
