"""What the tags of OpenStreetMap mean here: streets that may be walked, areas, premises, stations.

Which ways may be walked is said in `osm_ways`. Meanings are those of the OpenStreetMap wiki, pages "Key:highway",
"Tag:boundary=administrative", "Key:place" and "Key:amenity".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from locator.exchange.osm_ways import directions

__all__ = ["area_record", "background_record", "candidate_record", "station_values", "street_record"]

Tags = Mapping[str, str]

_MAIN = frozenset(
    f"{highway}{link}"
    for highway in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
)
# What is called a path; all that is neither is a minor street.
_PATHS = frozenset({"pedestrian", "footway", "path", "steps", "track", "corridor", "cycleway", "platform"})
# What a walking network needs later, and what tells one stretch from another.
_KEPT_OF_STREETS = (
    "highway", "foot", "access", "sidewalk", "oneway:foot", "foot:backward", "foot:forward", "bridge", "tunnel",
    "layer", "level", "surface", "lit", "wheelchair", "incline", "motorroad",
)  # fmt: skip

_LEVELS = {"4": "province", "5": "city", "6": "district", "8": "town", "9": "community", "10": "community"}
_PLACES = {
    "city": "city", "district": "district", "borough": "district", "town": "town", "suburb": "town",
    "neighbourhood": "community", "quarter": "community", "village": "community",
}  # fmt: skip
_KEPT_OF_AREAS = ("admin_level", "boundary", "place", "wikidata", "population:date")

_PREMISES = {
    "bank": "bank", "fuel": "fuel", "police": "police", "community_centre": "community_centre",
    "social_centre": "community_centre", "post_office": "post_office", "library": "library", "toilets": "toilets",
}  # fmt: skip
_KEPT_OF_PREMISES = ("amenity", "operator", "brand", "phone", "wheelchair", "access", "toilets", "internet_access")

# Streams and ditches are stepped over; a tram or a subway is crossed anywhere.
_WATERWAYS = frozenset({"river", "canal", "riverbank", "dock"})
_RAILWAYS = frozenset({"rail", "light_rail", "narrow_gauge"})

# A name alone makes a station: there is no tag for one. 驿站 by itself is also a parcel shop, an inn or a rest
# stop of a greenway, so a word for whom it is has to stand with it.
_STATION_NAME = re.compile(
    r"(?:户外劳动者|劳动者|工会|职工|环卫工?人?|骑手|快递小哥|小哥|外卖|司机|爱心|暖心|暖蜂|党群).{0,8}(?:驿站|小站|服务站|服务点|之家|港湾)"
    r"|(?:暖心|爱心|暖蜂)小站"
)
_NO_STATION = ("tourism", "shop", "highway", "railway", "public_transport")
_CONDITIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "drinking_water": ("drinking_water", frozenset({"yes"})),
    "toilet": ("toilets", frozenset({"yes"})),
    "wheelchair_access": ("wheelchair", frozenset({"yes", "designated"})),
    "wifi": ("internet_access", frozenset({"yes", "wlan"})),
    "air_conditioning": ("air_conditioning", frozenset({"yes"})),
    "microwave": ("microwave", frozenset({"yes"})),
    "phone_charging": ("device_charging", frozenset({"yes"})),
    "shower": ("shower", frozenset({"yes", "hot", "cold"})),
    "books": ("books", frozenset({"yes"})),
}
"""Facility to the tag that tells of it, and the values that mean yes; `no` means no, all else is unknown."""


def street_record(tags: Tags) -> dict[str, Any] | None:
    """Return the record of a way that may be walked; None: it may not, or is an area."""
    highway = tags.get("highway", "")
    if tags.get("area") == "yes" or not any(directions(tags)):
        return None
    kind = "main" if highway in _MAIN else "path" if highway in _PATHS else "minor"
    record: dict[str, Any] = {"name": _name(tags), "kind": kind, "extra": _kept(tags, _KEPT_OF_STREETS)}
    return record | ({"bridge": True} if tags.get("bridge", "no") != "no" else {})


def area_record(tags: Tags) -> dict[str, Any] | None:
    """Return the record of an administrative area or a named quarter; None: it is another boundary."""
    name = _name(tags)
    if tags.get("boundary") == "administrative":
        kind = _LEVELS.get(tags.get("admin_level", ""))
    else:
        kind = _PLACES.get(tags.get("place", ""))
    if not name or kind is None:
        return None
    record: dict[str, Any] = {"name": name, "kind": kind, "extra": _kept(tags, _KEPT_OF_AREAS)}
    population = tags.get("population", "")
    if population.isascii() and population.isdigit():
        record["residents"] = int(population)
    return record


def candidate_record(tags: Tags) -> dict[str, Any] | None:
    """Return the record of premises that could host a station; None: they could not, or nobody may enter."""
    kind = _PREMISES.get(tags.get("amenity", ""))
    if kind is None or tags.get("access") in ("no", "private"):
        return None
    record: dict[str, Any] = {"name": _name(tags) or tags.get("brand") or kind, "kind": kind}
    record["extra"] = _kept(tags, _KEPT_OF_PREMISES)
    if tags.get("opening_hours"):
        record["opening_hours"] = tags["opening_hours"]
    return record


def background_record(tags: Tags) -> dict[str, Any] | None:
    """Return what nobody crosses but on a bridge: water or a railway on the ground; None for all else."""
    if tags.get("tunnel", "no") != "no" or tags.get("covered", "no") not in ("no", ""):
        return None
    if tags.get("natural") == "water" or tags.get("waterway") in _WATERWAYS:
        kind = "water"
    elif tags.get("railway") in _RAILWAYS and tags.get("bridge", "no") == "no":
        kind = "railway"
    else:
        return None
    return {"kind": kind, "name": _name(tags)}


def station_values(tags: Tags) -> dict[str, str] | None:
    """Return a station as the cells of a row whose headings are the names of fields; None: it is none."""
    name = _name(tags)
    if not _STATION_NAME.search(name) or any(key in tags for key in _NO_STATION):
        return None
    street, number = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
    values = {
        "name": name,
        "opening_hours": tags.get("opening_hours", ""),
        "address": tags.get("addr:full", "") or street + number,
        "street": street,
        "operator": tags.get("operator", ""),
        "phone": tags.get("phone", "") or tags.get("contact:phone", ""),
        "capacity": tags.get("capacity", ""),
        "note": tags.get("description", ""),
        "location_verified": tags.get("check_date", ""),
    }
    for facility, (key, yes) in _CONDITIONS.items():
        said = tags.get(key, "")
        values[facility] = "yes" if said in yes else "no" if said == "no" else ""
    return {name: value for name, value in values.items() if value}


def _name(tags: Tags) -> str:
    return tags.get("name:zh") or tags.get("name") or ""


def _kept(tags: Tags, keys: tuple[str, ...]) -> dict[str, str]:
    return {key: tags[key] for key in keys if tags.get(key)}
