"""Which network ways are measured along, as a setting names it: an extract, the streets in the data, or none."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from locator.errors import QueryError
from locator.snapshot import Snapshot
from locator.store import Store
from locator.translation import N_

if TYPE_CHECKING:
    from locator.exchange.osm_ways import Mode
    from locator.streets.graph import Network
    from locator.walking import OnStreets

__all__ = ["STREETS", "Networks"]

STREETS = "streets"
"""Names the streets of the data themselves."""

_MODES = {"walk": "walk", "there": "walk", "ebike": "ebike"}


class Networks:
    """The network for each mode, made when it is first asked for.

    Parameters
    ----------
    source
        A file that is an OpenStreetMap extract; or `STREETS`: the layer of that name in the store, whose lines
        meet where they cross.
    cache
        A folder where networks of extracts are kept; None: nowhere.
    is_required
        Whether it is refused where the store has no streets; else distances are straight lines there, and said so.
    """

    def __init__(self, source: str, *, cache: Path | None = None, is_required: bool = False) -> None:
        self._source = source
        self._cache = cache
        self._is_required = is_required
        self._read: dict[str, Network] = {}
        self._at_hand: dict[str, OnStreets | None] = {}
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, source: str, *, cache: str = "", is_required: bool = False) -> Networks | None:
        """Return what a setting names; None where it names nothing."""
        return cls(source, cache=Path(cache) if cache else None, is_required=is_required) if source else None

    def on_streets(self, snapshot: Snapshot, mode: str, store: Store) -> OnStreets | None:
        """Return the stations of a snapshot on the network for a mode.

        None where there is no network: by car, or where no streets are in the store.

        Raises
        ------
        InvalidValue
            The extract cannot be read, or has no street for the mode.
        QueryError
            No streets are in the store, and they are required.
        MissingPart
            What reads or searches networks is not installed.
        """
        if mode not in _MODES:
            return None
        with self._lock:
            if self._snapshot is not snapshot:
                self._snapshot, self._at_hand = snapshot, {}
            if mode not in self._at_hand:
                self._at_hand[mode] = self._made(snapshot, mode, store)
            return self._at_hand[mode]

    def _made(self, snapshot: Snapshot, mode: str, store: Store) -> OnStreets | None:
        # Imported here: who measures in straight lines needs none of it.
        from locator.exchange.osm_ways import Mode
        from locator.walking import OnStreets

        network = self._network(Mode(_MODES[mode]), store)
        return OnStreets(snapshot, network) if network is not None else None

    def _network(self, mode: Mode, store: Store) -> Network | None:
        if self._source == STREETS:
            from locator.streets.lines import network_of_streets

            streets = store.streets()
            if not streets and self._is_required:
                raise QueryError(
                    N_("cannot be measured along: the database has no streets"), field="network", value=STREETS,
                    mend=N_(
                        "import them with `locator import FILE --layer streets`, name an OpenStreetMap extract, "
                        "or leave the option out for straight lines"
                    ),
                )  # fmt: skip
            return network_of_streets(streets, mode) if streets else None
        if mode.value not in self._read:
            from locator.streets.extract import network_of_extract

            self._read[mode.value] = network_of_extract(Path(self._source), mode, cache=self._cache)
        return self._read[mode.value]
