"""A study: stations, areas, streets and demand on one day; what it is measured by; distances, measured once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.criteria import Criteria
from locator.coverage.demand import Demand, demand_of, ground_of, pieces_of_network
from locator.coverage.distances import (
    Columns,
    Distances,
    distinct,
    nearest_along,
    nearest_straight,
    network_distances,
    straight_distances,
)
from locator.coverage.membership import Membership, membership, shared_membership
from locator.coverage.scenario import Scenario, scenario_records
from locator.coverage.supply import Supply, Use, supply_of
from locator.coverage.week import Week, week_from
from locator.errors import QueryError
from locator.geodesy import local_crs
from locator.hours import time_zone
from locator.place import Area, DemandPoint, Street
from locator.snapshot import Snapshot, load_snapshot
from locator.store import Store
from locator.streets.entrances import Entrances, entrances_of, inside_of
from locator.streets.extract import background_of_extract, network_of_extract
from locator.streets.graph import Floats, Mask, Network, Numbers, projected
from locator.streets.lines import street_network
from locator.streets.snapping import BESIDE_M, Snapper, Snaps, main_edges
from locator.streets.travel import Nearest
from locator.translation import N_

__all__ = ["Barrier", "Laid", "Study", "load_study"]

_MIN_ISLAND = 0.01
_BARRIERS = ("water", "railway")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Barrier:
    """What streets cross on bridges only: its kind (water, railway), its name and geometry, WGS84."""

    kind: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, eq=False)
class Laid:
    """Points with weights, the areas in which they lie, and how far from them the stations are."""

    demand: Demand
    members: Membership
    distances: Distances


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """All that the measures of one study are computed from; what is costly is computed once, when it is asked for.

    Attributes
    ----------
    snapshot
        Every station; which of them count on the day says `supply`.
    areas, streets
        Those on their lists on the day, by id. Areas are of the kind that is studied.
    demand_points
        The demand as it is stored; as points with weights it is `demand`.
    barriers
        Rivers and railways, where they are known.
    day
        On which the lists are taken.
    network
        Along what distances are measured; None: in a straight line, and every result says so.
    about
        The data's own description: name, source, date, licence.
    recorded
        When each layer last changed in the store, by its name; `stations` too.
    scenario
        What the stations are supposed to be (`supposing.supposed`); None: they are as they are.
    """

    snapshot: Snapshot
    areas: Sequence[Area]
    streets: Sequence[Street]
    demand_points: Sequence[DemandPoint]
    day: date
    barriers: Sequence[Barrier] = ()
    criteria: Criteria = field(default_factory=Criteria)
    network: Network | None = None
    about: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    recorded: Mapping[str, date] = field(default_factory=lambda: _NOTHING)
    scenario: Scenario | None = None

    @property
    def is_straight(self) -> bool:
        """Whether distances are straight lines."""
        return self.network is None

    @cached_property
    def key(self) -> str:
        """A text that is the same for two studies of the same data by the same criteria, for caches."""
        network = None if self.network is None else [len(self.network.ends), float(self.network.length_m.sum())]
        parts = [self.snapshot.revision, self.day.isoformat(), repr(self.criteria_record), network]
        if self.scenario is not None:
            parts.append(json.dumps(scenario_records(self.scenario), sort_keys=True))
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    @property
    def criteria_record(self) -> list[tuple[str, Any]]:
        """The criteria by name, sets ascending."""
        criteria, terms = self.criteria, self.criteria.terms
        named = [(name, getattr(criteria, name)) for name in criteria.__dataclass_fields__ if name != "terms"]
        return named + [
            (name, sorted(value) if isinstance(value, frozenset) else value)
            for name, value in ((name, getattr(terms, name)) for name in terms.__dataclass_fields__)
        ]

    @cached_property
    def supply(self) -> Supply:
        """The stations that count on the day."""
        return supply_of(self.snapshot, self.day)

    @cached_property
    def terms_use(self) -> Use:
        """Who can be used on the study's terms, whatever the hours: one set."""
        return self.supply.on(self.criteria.terms)

    @cached_property
    def week(self) -> Week:
        """The week and the holiday that stand for all."""
        return week_from(self.day, zone=self.snapshot.zone, country=self.snapshot.country)

    @cached_property
    def week_use(self) -> Use:
        """Who can be used in each hour of `week`, on the study's terms: 168 sets, and 24 of the holiday."""
        hours = self.supply.usual.usable(self.week.moments, minutes=self.criteria.stay_minutes)
        return hours & self.terms_use

    @cached_property
    def week_columns(self) -> Columns:
        """The sets of `week_use`, first all that are sure, then all that are possible, only the distinct ones."""
        return distinct(np.concatenate([self.week_use.sure, self.week_use.possible], axis=1))

    @cached_property
    def demand(self) -> Demand:
        """The demand as points with weights."""
        return demand_of(self.demand_points, self.areas)

    @cached_property
    def weight(self) -> Floats:
        """Of each point of `demand` what is counted."""
        return self.demand.weight(self.criteria.weight)

    @cached_property
    def members(self) -> Membership:
        """Which demand lies in which areas."""
        demand = self.demand
        apart = {code for code, is_spread in zip(demand.ids, demand.spread.tolist(), strict=True) if is_spread}
        return shared_membership(
            self.areas,
            sorted(self.demand_points, key=lambda one: one.id),
            (demand.lons, demand.lats),
            np.array([area.id in apart for area in self.areas], dtype=bool),
        )

    @cached_property
    def snapper(self) -> Snapper | None:
        """What finds where places enter the network: its larger parts, or where none is beside them any street."""
        if self.network is None:
            return None
        return Snapper(self.network, main_edges(self.network, min_share=_MIN_ISLAND), beside_m=BESIDE_M)

    @cached_property
    def entrances(self) -> Entrances:
        """Where the stations are entered: a park or a yard from all around it."""
        shapes = self.supply.shapes
        if self.network is not None:
            return entrances_of(shapes, self.network.flattened, self.network)
        crs = local_crs(shapely.GeometryCollection(list(shapes)) if len(shapes) else shapely.Point(0, 0))
        return entrances_of(shapes, partial(projected, crs))

    @cached_property
    def station_snaps(self) -> Snaps | None:
        """Where the stations' entrances meet the network."""
        return self.snapped(self.entrances.lons, self.entrances.lats)

    def entering(self, stations: Mask) -> Snaps:
        """Return where the entrances of some stations meet the network, by station; nowhere without one."""
        if self.station_snaps is None:
            nothing = np.zeros(0)
            return Snaps(np.zeros(0, np.int64), nothing, nothing, np.zeros((0, 2)))
        return self.station_snaps.chosen(np.flatnonzero(stations[self.entrances.row]))

    @cached_property
    def off_street(self) -> Numbers:
        """Rows of the stations that have no street near any of their entrances; without a network none."""
        if self.station_snaps is None:
            return np.zeros(0, np.int64)
        return np.setdiff1d(np.arange(len(self.supply)), self.entrances.row[self.station_snaps.edge >= 0])

    @cached_property
    def demand_snaps(self) -> Snaps | None:
        """Where the demand points meet the network."""
        return self.snapped(self.demand.lons, self.demand.lats)

    @cached_property
    def distances(self) -> Distances:
        """From every demand point to the stations within `search_m`, or the furthest threshold if that is more."""
        limit_m = max(self.criteria.search_m, self.criteria.furthest_m)
        if self.network is None or self.station_snaps is None or self.demand_snaps is None:
            return self.distances_from(self.demand.lons, self.demand.lats, limit_m=limit_m)
        demand = self.demand
        return self._along(
            (self.network, self.station_snaps, self.demand_snaps), (demand.lons, demand.lats), limit_m
        )

    @cached_property
    def nearest(self) -> Nearest:
        """For every demand point the nearest of all stations that count, however far, whatever the hours."""
        return self._nearest_among(np.ones(len(self.supply), bool), np.arange(len(self.demand)))

    def nearest_of(self, stations: Mask) -> Floats:
        """Return for each demand point how far the nearest of some stations is, in metres; infinite: no way."""
        if stations.all():
            return self.nearest.distance_m
        metres = self.distances.nearest(stations[:, np.newaxis])[0][:, 0]
        beyond = np.flatnonzero(np.isinf(metres))
        if len(beyond) and stations.any():
            metres[beyond] = self._nearest_among(stations, beyond).distance_m
        return metres

    def _nearest_among(self, stations: Mask, points: Numbers) -> Nearest:
        """Search the nearest of some stations, however far, for some demand points."""
        rows, places = np.flatnonzero(stations), (self.demand.lons[points], self.demand.lats[points])
        shapes = self.supply.shapes[rows]
        if self.network is None or self.station_snaps is None or self.demand_snaps is None:
            found = nearest_straight(shapes, places)
            return Nearest(found.distance_m, np.where(found.station < 0, -1, np.append(rows, -1)[found.station]))
        row = self.entrances.row
        point, inside = inside_of(shapes, *places)
        return nearest_along(
            self.network, self.entering(stations), self.demand_snaps.chosen(points),
            row=row[stations[row]], inside=(point, rows[inside]),
        )  # fmt: skip

    @cached_property
    def pieces(self) -> Laid | None:
        """The network's streets as points with metres, to the furthest threshold; None without one."""
        if self.network is None or self.station_snaps is None:
            return None
        pieces, snaps = pieces_of_network(self.network)
        return Laid(
            pieces,
            membership(self.areas, pieces.lons, pieces.lats),
            self._along(
                (self.network, self.station_snaps, snaps), (pieces.lons, pieces.lats), self.criteria.furthest_m
            ),
        )

    @cached_property
    def ground(self) -> Laid | None:
        """The areas' ground as points with square metres, to the furthest threshold; None without areas."""
        if not self.areas:
            return None
        ground, area = ground_of(self.areas)
        return Laid(
            ground,
            Membership(area, np.arange(len(ground)), len(self.areas)),
            self.distances_from(ground.lons, ground.lats, limit_m=self.criteria.furthest_m),
        )

    def laid(self) -> Iterator[tuple[str, Laid]]:
        """Yield what is counted, and the points with that weight: people of each kind, streets, ground."""
        people = Laid(self.demand, self.members, self.distances)
        for kind in dict.fromkeys([*self.demand.weights, self.criteria.weight]):
            yield kind, people
        if self.pieces is not None:
            yield "street_m", self.pieces
        if self.ground is not None:
            yield "area_m2", self.ground

    def snapped(self, lons: Floats, lats: Floats) -> Snaps | None:
        """Return where places meet the network; None without one."""
        if self.snapper is None:
            return None
        return self.snapper.snap(lons, lats, max_access_m=self.criteria.max_access_m)

    def distances_from(self, lons: Floats, lats: Floats, *, limit_m: float) -> Distances:
        """Measure from some places to the stations within a limit."""
        points = self.snapped(lons, lats)
        if self.network is None or self.station_snaps is None or points is None:
            return straight_distances(self.supply.shapes, (lons, lats), limit_m=limit_m)
        return self._along((self.network, self.station_snaps, points), (lons, lats), limit_m)

    def distances_to(
        self, shapes: npt.NDArray[Any], places: tuple[Floats, Floats], *, limit_m: float
    ) -> Distances:
        """Measure from some places (lons, lats) to other geometries (WGS84) than the stations', as to stations."""
        network, points = self.network, self.snapped(*places)
        if network is None or points is None:
            return straight_distances(shapes, places, limit_m=limit_m)
        ways_in = entrances_of(shapes, network.flattened, network)
        stations = self.snapped(ways_in.lons, ways_in.lats)
        if stations is None:
            return straight_distances(shapes, places, limit_m=limit_m)
        inside = inside_of(shapes, *places)
        return network_distances(network, stations, points, limit_m=limit_m, row=ways_in.row, inside=inside)

    def _along(
        self, ways: tuple[Network, Snaps, Snaps], places: tuple[Floats, Floats], limit_m: float
    ) -> Distances:
        """Measure along a network, from places to the stations: where the stations meet it, and the places."""
        row, inside = self.entrances.row, inside_of(self.supply.shapes, *places)
        return network_distances(*ways, limit_m=limit_m, row=row, inside=inside)


def load_study(
    store: Store,
    *,
    day: date,
    criteria: Criteria = Criteria(),  # noqa: B008 - frozen
    extract: Path | None = None,
    straight: bool = False,
    cache: Path | None = None,
    snapshot: Snapshot | None = None,
) -> Study:
    """Return the study of what a store holds.

    Parameters
    ----------
    extract
        An OpenStreetMap extract to measure along; None: along the streets of the store.
    straight
        Measure straight lines whatever streets there are; so it is done also where there are none.
    cache
        A folder where networks are kept and found again by content; None: nowhere.
    snapshot
        The store's stations, where somebody has them already.

    Raises
    ------
    InvalidValue
        The extract is none.
    QueryError
        The demand does not have the weight that is to be counted, or no area, of whatever day, is of the kind.
    """
    kinds = dict.fromkeys(area.kind for area in store.areas()) if criteria.area_kind else {}
    if kinds and criteria.area_kind not in kinds:
        raise _no_choice("area_kind", criteria.area_kind, kinds)
    streets = [street for street in store.streets() if street.exists_on(day)]
    network = None
    if not straight and extract is not None:
        network = network_of_extract(extract, criteria.mode, cache=cache)
    elif not straight and streets:
        network = street_network(streets, criteria.mode, cache=cache)
    snapshot = snapshot or load_snapshot(store)
    study = Study(
        snapshot=snapshot,
        areas=_studied(store.areas(on=day), criteria.area_kind),
        streets=streets,
        demand_points=store.demand(),
        day=day,
        barriers=_barriers(store, None if straight else extract, cache),
        criteria=criteria,
        network=network,
        about=store.meta(),
        recorded=_recorded(store, snapshot.zone),
    )
    known = study.demand.weights
    if known and criteria.weight not in known:
        raise _no_choice("weight", criteria.weight, known)
    return study


def _recorded(store: Store, zone: str) -> dict[str, date]:
    """Return the day of the last change of each layer, as the data's own calendar has it."""
    return {name: moment.astimezone(time_zone(zone)).date() for name, moment in store.recorded().items()}


def _barriers(store: Store, extract: Path | None, cache: Path | None) -> list[Barrier]:
    """Return the rivers and railways of a store; where it has none, those of the extract of the streets."""
    found = [(record, shape) for record, shape in store.places("background") if record.get("kind") in _BARRIERS]
    if not found and extract is not None:
        found = list(background_of_extract(extract, cache=cache))
    return [Barrier(str(record["kind"]), str(record.get("name") or ""), shape) for record, shape in found]


def _no_choice(field: str, value: str, choices: Iterable[str]) -> QueryError:
    return QueryError(
        N_("is not one of {choices}"), field=field, value=value, choices=", ".join(choices),
        mend=N_("choose one of them"),
    )  # fmt: skip


def _studied(areas: Sequence[Area], kind: str) -> list[Area]:
    """Return the areas of a kind; of none the communities, or all where there are none."""
    wanted = kind or "community"
    chosen = [area for area in areas if area.kind == wanted]
    return chosen if chosen or kind else list(areas)
