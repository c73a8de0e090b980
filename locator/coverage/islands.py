"""Islands of a network, which no street connects to its largest part: who lives and which stations stand there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from locator.coverage.about import Note
from locator.coverage.study import Study
from locator.streets.entrances import inside_of
from locator.streets.graph import Network, Numbers
from locator.streets.snapping import BESIDE_M, Snaps
from locator.translation import N_

__all__ = ["Apart", "apart", "island_notes"]

_SOMEBODY = 0.5
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Apart:
    """What lies apart from the largest part of a network.

    Attributes
    ----------
    islands, length_m
        How many parts there are beside the largest, and how much street they have.
    people
        What is counted there.
    cut_off
        What is counted wherever there is a street, but no way along streets to any station that counts.
    stations
        Rows of the stations all of whose entrances are there.
    """

    islands: int
    length_m: float
    people: float
    cut_off: float
    stations: Numbers


def apart(study: Study) -> Apart | None:
    """Return what lies apart; None where distances are straight."""
    network, homes, doors = study.network, study.demand_snaps, study.station_snaps
    if network is None or homes is None or doors is None:
        return None
    islands = network.islands
    home, door = _island_of(network, homes), _island_of(network, doors)
    rows = study.entrances.row
    connected = np.isin(home, door[door >= 0])
    # Who is within a station's yard is there, wherever the streets lead.
    connected[inside_of(study.supply.shapes, study.demand.lons, study.demand.lats)[0]] = True
    return Apart(
        islands=len(islands.length_m) - 1,
        length_m=float(islands.length_m[1:].sum()),
        people=float(study.weight[home > 0].sum()),
        cut_off=float(study.weight[(home >= 0) & ~connected].sum()),
        stations=np.setdiff1d(rows[door > 0], rows[door == 0]),
    )


def _island_of(network: Network, snaps: Snaps) -> Numbers:
    """Return on which island each place enters a network; the largest is 0, -1: no street is near enough."""
    label = network.islands.label[network.ends[np.maximum(snaps.edge, 0), 0]]
    return np.where(snaps.edge < 0, -1, label)


def island_notes(study: Study, counted: Note) -> Iterator[Note]:
    """Yield what lies apart from the largest part of the network, and how much of what is counted."""
    found = apart(study)
    if found is None or study.network is None:
        return
    if found.islands:
        yield Note(
            N_(
                "{count} islands of streets, {km} of {all} km, are connected to nothing else; a place enters a "
                "small one only where it is over {metres} m nearer than any larger part"
            ),
            {
                "count": found.islands,
                "km": f"{found.length_m / 1000:,.1f}",
                "all": f"{study.network.length_m.sum() / 1000:,.1f}",
                "metres": f"{BESIDE_M:g}",
            },
        )
    if found.people >= _SOMEBODY:
        yield Note(
            N_("{total} {counted} are on islands of streets"),
            {"total": f"{found.people:,.0f}", "counted": counted},
        )
    if found.cut_off >= _SOMEBODY and len(study.supply):
        yield Note(
            N_("{total} {counted} have no way along the streets to any station: they count as not reached"),
            {"total": f"{found.cut_off:,.0f}", "counted": counted},
        )
    if len(found.stations):
        names = tuple(study.supply.names[row] for row in found.stations[:_NAMED].tolist())
        yield Note(
            N_("{count} stations stand on islands of streets and are reached from there only: {names}"),
            {"count": len(found.stations), "names": names},
        )
