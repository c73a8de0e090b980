"""What a scenario opens, written into the list of stations as planned ones: all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from locator.coverage.adopting import planned_stations
from locator.coverage.scenario import Scenario, applied
from locator.snapshot import load_snapshot
from locator.store import Store

__all__ = ["Planned", "write_planned"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What was written.

    Attributes
    ----------
    ids
        Codes of the planned stations.
    revision
        The data's revision afterwards; undoing it takes them back.
    is_new
        Whether anything was written: once is enough.
    rest
        How many edits of stations that are there were not written.
    """

    ids: tuple[str, ...]
    revision: int
    is_new: bool
    rest: int


def write_planned(store: Store, scenario: Scenario, *, at: datetime) -> Planned:
    """Write the stations that a scenario opens as planned ones.

    Raises
    ------
    NotFound, Conflict, InvalidValue
        The scenario cannot be applied to the stations as they are; nothing is written.
    """
    applied(load_snapshot(store), scenario.edits)  # what stands in the way is said before anything is written
    planned = planned_stations(scenario)
    kept = {one.id: one.version for one in store.stations(ids=[one.id for one in planned])}
    before = store.revision
    revision = store.write(
        [(one, kept.get(one.id, 0)) for one in planned], at=at, note=f"scenario {scenario.name}"
    )
    ids = tuple(one.id for one in planned)
    return Planned(ids, revision, revision != before, len(scenario.edits) - len(planned))
