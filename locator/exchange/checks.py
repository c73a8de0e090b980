"""What looks wrong in a batch of stations that are each valid: doubles, strangers, stale facts, a wrong datum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue, LocatorError
from locator.exchange.crs import Reference
from locator.exchange.duplicates import find_duplicates
from locator.exchange.listed import Found
from locator.exchange.suspicion import References, suspect_datum
from locator.place import Area, Street
from locator.station import Station
from locator.translation import N_

__all__ = ["Findings", "checked_batch"]

STALE_DAYS = 365


@dataclass(slots=True)
class Findings:
    """What was found: of single stations (by `id()` of the object), and of the batch as a whole."""

    by_station: dict[int, list[LocatorError]] = field(default_factory=lambda: defaultdict(list))
    of_batch: tuple[LocatorError, ...] = ()


def checked_batch(
    batch: Sequence[tuple[Found, BaseGeometry]],
    *,
    kept: Mapping[str, Station],
    reference: Reference,
    areas: Sequence[Area],
    streets: Sequence[Street],
    today: date,
    progress: Callable[[str, int, int], None],
) -> Findings:
    """Look at stations that were read, each with its geometry as given, and return what a person should look at.

    Parameters
    ----------
    kept
        The stations in the store, by id.
    areas, streets
        What is known of the place; without areas nothing lies outside.
    """
    findings = Findings()
    stations = [station for station, _ in batch]
    progress("compare", 0, len(stations))
    _outside(stations, areas, findings)
    _doubles(stations, kept, findings)
    for station in stations:
        if station.entry.ways or station.provenance.location_verified:
            findings.by_station[id(station)] += _alone(station, today)
    if reference.datum is not None and (kept or streets or areas):
        suspicion = suspect_datum(batch, reference.datum, References.of(kept, streets, areas))
        if suspicion:
            findings.of_batch = (
                InvalidValue(
                    N_(
                        "looks wrong: {compared} stations lie {said_m} m (median) from where their street, "
                        "community or earlier record says; read as {likely} it is {likely_m} m"
                    ),
                    field="datum",
                    value=str(suspicion.said),
                    mend=N_("ask where the coordinates come from, and import again with --datum {likely}"),
                    compared=suspicion.compared,
                    said_m=suspicion.said_m,
                    likely=suspicion.likely,
                    likely_m=suspicion.likely_m,
                ),
            )
    return findings


def _outside(stations: Sequence[Found], areas: Sequence[Area], findings: Findings) -> None:
    if not areas or not stations:
        return
    tree = shapely.STRtree([area.geometry for area in areas])
    inside = set(tree.query([station.geometry for station in stations], predicate="intersects")[0].tolist())
    for row, station in enumerate(stations):
        if row not in inside:
            findings.by_station[id(station)].append(
                InvalidValue(
                    N_("lies outside every area of this data set"),
                    field="geometry",
                    value=_place(station),
                    mend=N_("check the coordinates and their datum"),
                )
            )


def _doubles(stations: Sequence[Found], kept: Mapping[str, Station], findings: Findings) -> None:
    """Compare the batch with itself and with what is kept, but not what is kept with itself."""
    listed = {station.id for station in stations}
    others = [station for code, station in kept.items() if code not in listed and station.status != "closed"]
    everything: list[Found] = [*stations, *others]
    for pair in find_duplicates(everything):
        first, second = everything[pair.first], everything[pair.second]
        if pair.first < len(stations):
            findings.by_station[id(first)].append(_double(second, pair.distance_m, pair.likeness))
        if pair.second < len(stations):
            findings.by_station[id(second)].append(_double(first, pair.distance_m, pair.likeness))


def _double(other: Found, distance_m: float, likeness: float) -> LocatorError:
    return InvalidValue(
        N_("looks like {name} ({code}): {distance} m apart, names {likeness} % alike"),
        field="name",
        name=other.name,
        code=other.id,
        distance=distance_m,
        likeness=round(likeness),
        mend=N_("delete one of the two if they are one station"),
    )


def _alone(station: Found, today: date) -> list[LocatorError]:
    found: list[LocatorError] = []
    if station.entry.face_only:
        found.append(
            InvalidValue(
                N_("a face scan is the only way in, which the rule in force since 2025-06-01 forbids"),
                field="entry.ways",
                mend=N_("record every way in, or ask the operator for another"),
            )
        )
    verified = station.provenance.location_verified
    if verified and today - verified > timedelta(days=STALE_DAYS):
        found.append(
            InvalidValue(
                N_("is more than a year ago"),
                field="location_verified",
                value=verified.isoformat(),
                mend=N_("verify the place again"),
            )
        )
    return found


def _place(station: Found) -> str:
    centre = station.geometry.centroid
    return f"{centre.x:.5f} {centre.y:.5f}"
