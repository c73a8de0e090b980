"""Base maps as data: whose tiles lie under the stations, in which datum, with which words beside them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from locator.datum import Datum, convert, convert_geometries, parse_datum
from locator.errors import InvalidValue
from locator.translation import N_, Translator

__all__ = ["NO_BASE", "BaseMap", "choose_base_map", "read_base_maps"]

Degrees: TypeAlias = npt.NDArray[np.float64]

NONE = "none"
_TABLE = Path(__file__).with_name("base_maps.toml")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?")
_PLACEHOLDERS = {"x", "y", "z", "s", "key"}
_MEMBERS = {
    "label", "tiles", "subdomains", "datum", "attribution", "attribution_url", "review_number", "min_zoom",
    "max_zoom",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """What lies under the stations.

    Attributes
    ----------
    tiles
        Addresses of the layers, lowest first, with the key in them; none: the data's own streets and water are
        drawn.
    datum
        What the map's coordinates mean. Everything that is drawn on it is converted from WGS84.
    attribution, attribution_url
        Whom it is from, as plain text, and where that leads.
    review_number
        审图号; empty: it has none.
    """

    name: str = NONE
    label: Mapping[str, str] | None = None
    tiles: tuple[str, ...] = ()
    subdomains: str = ""
    datum: Datum = Datum.WGS84
    attribution: str = ""
    attribution_url: str = ""
    review_number: str = ""
    min_zoom: int = 0
    max_zoom: int = 20

    @property
    def sources(self) -> tuple[str, ...]:
        """The origins that its tiles come from, as a Content-Security-Policy names them."""
        found = {}
        for address in self.tiles:
            for letter in self.subdomains or "-":
                parts = urlsplit(address.replace("{s}", letter))
                found[f"{parts.scheme}://{parts.netloc}"] = True
        return tuple(found)

    def placed(self, geometries: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Return WGS84 geometries where this map has them."""
        if self.datum in (Datum.WGS84, Datum.CGCS2000):
            return list(geometries)
        return convert_geometries(geometries, Datum.WGS84, self.datum)

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where this map has a WGS84 place: lon, lat in its datum."""
        return convert(lon, lat, Datum.WGS84, self.datum)

    def place_all(self, lons: Degrees, lats: Degrees) -> tuple[Degrees, Degrees]:
        """Return where this map has WGS84 places, as arrays."""
        return convert(lons, lats, Datum.WGS84, self.datum)

    def drawn(self) -> dict[str, Any]:
        """Return what static/js/base-map.js needs to draw it."""
        return {
            "tiles": self.tiles,
            "options": {"subdomains": self.subdomains, "minZoom": self.min_zoom, "maxNativeZoom": self.max_zoom},
            "datum": str(self.datum),
        }

    def credits(self, translate: Translator) -> list[dict[str, str]]:
        """Return what always stands on a map, each a text and, if it leads anywhere, an address."""
        said = [{"text": self.attribution, "url": self.attribution_url}]
        if self.review_number:
            said.append({"text": translate("review number {number}", number=self.review_number), "url": ""})
        return [one for one in said if one["text"]]


NO_BASE = BaseMap()
"""No tiles: the data's own streets and water are drawn."""


def choose_base_map(name: str, *, key: str = "", file: str = "", review_number: str = "") -> BaseMap:
    """Return the base map of a name, ready to be drawn.

    Parameters
    ----------
    name
        `none`, or one of the table or of the file.
    key
        What the provider gave the operator; whoever sees the map can read it.
    file
        A TOML file of further base maps, of the form of locator/maps/base_maps.toml; empty: none.
    review_number
        审图号 that takes the place of the table's; empty: the table's.

    Raises
    ------
    InvalidValue
        There is no base map of that name, it needs a key, or the file cannot be right.
    """
    known = {NONE: NO_BASE} | read_base_maps(_TABLE) | (read_base_maps(Path(file)) if file else {})
    if name not in known:
        raise InvalidValue(
            N_("is not one of {choices}"), field="LOCATOR_BASE_MAP", value=name, choices=", ".join(known),
            mend=N_("choose one of them"),
        )  # fmt: skip
    found = known[name]
    if any("{key}" in address for address in found.tiles) and not key:
        raise InvalidValue(
            N_("is missing"), field="LOCATOR_BASE_MAP_KEY", name=name,
            mend=N_("set the key that the provider of {name} gave you"),
        )  # fmt: skip
    tiles = tuple(address.replace("{key}", quote(key, safe="")) for address in found.tiles)
    return replace(found, tiles=tiles, review_number=review_number or found.review_number)


@lru_cache(maxsize=4)
def read_base_maps(path: Path) -> dict[str, BaseMap]:
    """Return the base maps of a TOML file by name.

    Raises
    ------
    InvalidValue
        The file cannot be read, or a base map in it cannot be right.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(
            N_("cannot be read as settings: {error}"),
            field="LOCATOR_BASE_MAP_FILE",
            value=str(path),
            error=error.strerror if isinstance(error, OSError) else error,
            mend=N_("write {form}"),
            form='[name] tiles = ["https://…/{z}/{x}/{y}.png"] datum = "wgs84" attribution = "…"',
        ) from error
    return {name: _base_map(name, entry) for name, entry in document.items()}


def _base_map(name: str, entry: object) -> BaseMap:
    if not isinstance(entry, dict) or not entry.keys() <= _MEMBERS:
        unknown = ", ".join(sorted(entry.keys() - _MEMBERS)) if isinstance(entry, dict) else str(entry)
        raise _wrong(name, unknown, N_("is not known"), use=", ".join(sorted(_MEMBERS)))
    for member in ("tiles", "attribution", "datum"):
        if not entry.get(member):
            raise _wrong(f"{name} {member}", "", N_("is missing"), use="tiles, attribution, datum")
    tiles, subdomains = entry["tiles"], str(entry.get("subdomains", ""))
    if not isinstance(tiles, list) or not subdomains.isascii() or (subdomains and not subdomains.isalnum()):
        raise _wrong(f"{name} subdomains", subdomains, N_("is not text"), use='"abc"')
    for address in tiles:
        _check_address(name, str(address), subdomains)
    datum = parse_datum(str(entry["datum"]))
    if datum is Datum.BD09:
        raise _wrong(f"{name} datum", datum, N_("has tiles that fit no other map"), use="wgs84, cgcs2000, gcj02")
    return BaseMap(
        name=name,
        label=dict(entry.get("label") or {}),
        tiles=tuple(map(str, tiles)),
        subdomains=subdomains,
        datum=datum,
        attribution=str(entry["attribution"]),
        attribution_url=_link(name, str(entry.get("attribution_url", ""))),
        review_number=str(entry.get("review_number", "")),
        min_zoom=_zoom(name, entry, "min_zoom", 0),
        max_zoom=_zoom(name, entry, "max_zoom", 20),
    )


def _check_address(name: str, address: str, subdomains: str) -> None:
    """Refuse an address that is no template of tiles, and one whose host would be more than a host in a policy."""
    named = set(re.findall(r"\{([^{}]*)\}", address))
    parts = urlsplit(address.replace("{s}", subdomains[:1] or "-"))
    if (
        parts.scheme not in ("https", "http")
        or not _HOST.fullmatch(parts.netloc)
        or not {"x", "y", "z"} <= named <= _PLACEHOLDERS
        or ("s" in named) != bool(subdomains)
    ):
        raise _wrong(
            f"{name} tiles", address, N_("is no address of tiles"), use="https://{s}.example.org/{z}/{x}/{y}.png"
        )


def _zoom(name: str, entry: Mapping[str, Any], member: str, default: int) -> int:
    level = entry.get(member, default)
    if not isinstance(level, int) or not 0 <= level <= 24:
        raise _wrong(f"{name} {member}", str(level), N_("is no level of zoom"), use="18")
    return level


def _link(name: str, address: str) -> str:
    if address and urlsplit(address).scheme not in ("https", "http"):
        raise _wrong(f"{name} attribution_url", address, N_("is no address of a page"), use="https://…")
    return address


def _wrong(field: str, value: str, problem: str, *, use: str) -> InvalidValue:
    return InvalidValue(
        problem, field=f"LOCATOR_BASE_MAP_FILE {field}", value=value, mend=N_("write {form}"), form=use
    )
