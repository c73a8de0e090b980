"""Of which day the data is that a study rests on: stations, streets, areas, demand; unknown where nobody said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from locator.coverage.about import DataDate, Note
from locator.coverage.study import Study
from locator.place import DATA_DATE, Area, DemandPoint, Street
from locator.translation import N_

__all__ = ["LAYERS", "data_dates"]

LAYERS: dict[str, str] = {
    "stations": N_("stations"),
    "streets": N_("streets"),
    "network": N_("streets of the network"),
    "areas": N_("areas"),
    "demand": N_("demand"),
}
"""What a study rests on, in words."""

_OF_EXTRACT = {
    "header": N_("state of the map, as the extract says"),
    "newest": N_("the newest street in the extract; the extract does not say its day"),
}


def data_dates(study: Study) -> tuple[DataDate, ...]:
    """Return the day of each layer that a study rests on; a day that nobody said is unknown, never guessed."""
    return tuple(_dates(study))


def _dates(study: Study) -> Iterator[DataDate]:
    yield _stations(study)
    network = study.network
    if network is not None and "mode" in network.about:  # of an extract
        yield _extract(dict(network.about))
        if study.streets:
            yield _places(study, "streets", study.streets)
    elif network is not None:
        yield _places(study, "network", study.streets)
    if study.areas:
        yield _places(study, "areas", study.areas)
    if study.demand_points:
        yield _places(study, "demand", study.demand_points)


def _stations(study: Study) -> DataDate:
    """Return when the places of the stations that count were verified."""
    days = [day for day in study.supply.verified if day is not None]
    never = len(study.supply) - len(days)
    sources = {str(record.get("provenance", {}).get("source") or "") for record in study.supply.records}
    if not days:
        basis = Note(N_("no place was ever verified"))
    elif never:
        basis = Note(N_("places verified; {count} of {of} never"), {"count": never, "of": len(study.supply)})
    else:
        basis = Note(N_("places verified"))
    return DataDate(
        layer="stations",
        name=Note(LAYERS["stations"]),
        first=min(days, default=None),
        last=max(days, default=None),
        basis=basis,
        source=", ".join(sorted(sources - {""})),
        recorded=study.recorded.get("stations"),
    )


def _extract(about: dict[str, str]) -> DataDate:
    day = _day(about.get("as_of", ""))
    basis = _OF_EXTRACT.get(about.get("as_of_from", ""), "") if day else N_("the extract does not say it")
    return DataDate(
        layer="network",
        name=Note(LAYERS["network"]),
        first=day,
        last=day,
        basis=Note(basis),
        source=about.get("source", ""),
    )


def _places(study: Study, layer: str, places: Iterable[Area | Street | DemandPoint]) -> DataDate:
    """Return the days that were given with places, or that the data set they are of says of itself."""
    source = str(study.about.get("source") or "")
    whole = _day(str(study.about.get("date") or ""))
    given: list[date | None] = []
    sources: set[str] = set()
    own = False
    for one in places:
        day = _day(one.extra.get(DATA_DATE, ""))
        own |= day is not None
        # What came from elsewhere later is not of the day of the data set.
        given.append(day or (whole if one.source in ("", source) else None))
        sources.add(one.source)
    days = [day for day in given if day is not None]
    unknown = len(given) - len(days)
    if not days:
        basis = Note(N_("nobody said it"))
    elif unknown:
        basis = Note(N_("of {count} of {of} nobody said it"), {"count": unknown, "of": len(given)})
    else:
        basis = Note(N_("as given with the file, or as it says") if own else N_("as the data set says of itself"))
    return DataDate(
        layer=layer,
        name=Note(LAYERS[layer]),
        first=min(days, default=None),
        last=max(days, default=None),
        basis=basis,
        source=", ".join(sorted(sources - {""})),
        recorded=study.recorded.get("streets" if layer == "network" else layer),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
