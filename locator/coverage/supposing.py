"""The study of a scenario: any measure runs on it, and what has not changed is not measured again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from locator.coverage.distances import Distances, carried
from locator.coverage.scenario import Scenario, applied
from locator.coverage.study import Laid, Study
from locator.streets.graph import Floats, Numbers

__all__ = ["supposed"]

_KEPT = ("demand", "weight", "members", "snapper", "week", "demand_snaps")


def supposed(study: Study, scenario: Scenario) -> Study:
    """Return a study with the stations as a scenario has them.

    Distances that the study has measured already are kept to all stations that stay where they are.

    Raises
    ------
    NotFound, Conflict, InvalidValue
        An edit cannot be applied to the stations as they are now; see `applied`.
    """
    after = replace(study, snapshot=applied(study.snapshot, scenario.edits), scenario=scenario)
    known = vars(study)
    vars(after).update({name: known[name] for name in _KEPT if name in known})
    now, fresh = _rows(study, after)
    if "distances" in known:
        demand = study.demand
        vars(after)["distances"] = _carried(study.distances, after, now, fresh, (demand.lons, demand.lats))
    for name in ("pieces", "ground"):
        laid: Laid | None = known.get(name)
        if laid is not None:
            places = (laid.demand.lons, laid.demand.lats)
            distances = _carried(laid.distances, after, now, fresh, places)
            vars(after)[name] = Laid(laid.demand, laid.members, distances)
    return after


def _rows(before: Study, after: Study) -> tuple[Numbers, Numbers]:
    """Return for each station before its row if it stays where it is, else -1; and the rows of the others."""
    row = {one: place for place, one in enumerate(_where(after))}
    now = np.array([row.get(one, -1) for one in _where(before)], np.int64)
    return now, np.setdiff1d(np.arange(len(after.supply)), now)


def _where(study: Study) -> list[tuple[str, bytes]]:
    return list(zip(study.supply.ids, shapely.to_wkb(study.supply.shapes).tolist(), strict=True))


def _carried(
    distances: Distances, after: Study, now: Numbers, fresh: Numbers, places: tuple[Floats, Floats]
) -> Distances:
    new = after.distances_to(after.supply.shapes[fresh], places, limit_m=distances.limit_m)
    return carried(distances, now, new, fresh)
