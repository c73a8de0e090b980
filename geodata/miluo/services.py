"""The 32 stations and the candidate sites, as a table that is easy to change, put onto the streets.

Real: that there are 32, and the facilities of 归义社区 and 广场社区 that the local news named.
All else is made up, with weaknesses to be found: communities and a main street without a station, few open at
night and only in the middle, face entry alone, stale records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import numpy as np
import shapely
from plane import generator, on_grid
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring
from streets import Segment

__all__ = ["CANDIDATES", "STATIONS", "Row", "Site", "place_candidates", "place_stations"]

DAY = "08:00-20:00"
OFFICE = "Mo-Fr 08:30-17:30; PH off"
LUNCH = "Mo-Fr 08:30-12:00,14:30-17:30; PH off"
ALWAYS = "24/7"

FACILITIES = {
    "named 归义": "hot_water rest_seating",
    "named 广场": "rest_seating microwave drinking_water hot_water heating first_aid_box toilet",
    "none known": "",
    "mini": "drinking_water hot_water rest_seating phone_charging first_aid_box -toilet -shower -microwave",
    "basic": "drinking_water hot_water microwave rest_seating air_conditioning phone_charging "
    "first_aid_box -shower",
    "toilet": "drinking_water hot_water microwave rest_seating air_conditioning heating phone_charging toilet "
    "first_aid_box umbrella sewing_kit wifi -shower -wheelchair_access",
    "full": "drinking_water hot_water microwave refrigerator rest_seating air_conditioning heating toilet "
    "phone_charging power_bank ebike_parking tool_kit sewing_kit umbrella first_aid_box aed wifi books television "
    "lockers wheelchair_access union_desk legal_aid nursing_room -shower",
    "rider": "drinking_water hot_water microwave rest_seating air_conditioning toilet phone_charging "
    "ebike_charging battery_swap ebike_parking tyre_pump tool_kit umbrella first_aid_box -nursing_room",
    "bank": "drinking_water hot_water rest_seating air_conditioning phone_charging umbrella blood_pressure_meter "
    "wheelchair_access -microwave -toilet",
    "night": "drinking_water hot_water microwave rest_seating air_conditioning heating phone_charging toilet "
    "first_aid_box wifi lockers -haircut",
    "yard": "drinking_water rest_seating toilet ebike_charging ebike_parking tyre_pump -air_conditioning -heating",
    "van": "drinking_water hot_water phone_charging first_aid_box umbrella -toilet -microwave -rest_seating",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One station of the table: where (community, main street, how far along it), when, what, and what else.

    `along` is a share of the street's stretch inside the community; without a street, of its minor streets.
    """

    community: str
    street: str | None
    along: float
    hours: str | None
    offers: str
    more: dict[str, Any] = field(default_factory=dict)


def _self_service(*ways: str, staffed: str, registration: str) -> dict[str, Any]:
    """Return what differs at a 24 h self-service station."""
    entry = {"ways": list(ways), "registration": registration, "admits": "outdoor_workers"}
    return {"category": "self_service", "staffed_hours": staffed, "entry": entry}


STATIONS = [
    Row("归义", "人民路", 0.45, DAY, "named 归义", {"name": "归义社区工会驿站（示意）"}),
    Row("广场", None, 0.5, "07:00-22:00", "named 广场",
        {"name": "广场社区暖心驿站（示意）",
         "entry": {"ways": ["open_door"], "host": "鸿源小区", "door": "原门卫室"}}),
    Row("汨新", "荣家路", 0.5, None, "none known", {"name": "汨新社区暖心驿站（示意）"}),
    Row("广场", "人民路", 0.4, ALWAYS, "night",
        _self_service("qr_code", "id_card", staffed="Mo-Fr 08:30-17:30", registration="yes")),
    Row("高泉", "人民路", 0.7, ALWAYS, "night",
        _self_service("keypad", staffed="Mo-Sa 08:00-18:00", registration="no")),
    Row("龙舟", "山水路", 0.3, ALWAYS, "night",
        _self_service("face", staffed="Mo-Fr 09:00-17:00", registration="yes")),
    Row("归义", "建设东路", 0.35, "Mo-Su 07:00-23:00", "full", {"capacity": 40, "area_m2": 85.0}),
    Row("老街", None, 0.35, "Mo-Su 16:00-01:30", "rider", {}),
    Row("老街", "汨罗江大道", 0.5, "Mo-Su 07:30-18:00", "toilet", {}),
    Row("高泉", "建设东路", 0.5, OFFICE, "bank", {"entry": {"ways": ["open_door"], "host": "银行网点（示意）"}}),
    Row("高泉", None, 0.6, LUNCH, "basic", {}),
    Row("荣家坪", "荣家路", 0.4, "Mo-Sa 07:30-19:30", "toilet", {}),
    Row("荣家坪", "人民路", 0.85, LUNCH, "bank", {"entry": {"ways": ["open_door"], "host": "银行网点（示意）"}}),
    Row("汨新", "小汨新路", 0.55, "Mo-Su 06:30-21:00", "full", {"capacity": 35, "area_m2": 66.0}),
    Row("汨新", "山水路", 0.5, OFFICE, "mini", {"category": "mini_station"}),
    Row("友谊河", "人民路", 0.5, DAY, "rider", {}),
    Row("友谊河", None, 0.5, "Apr-Sep 06:30-21:00; Oct-Mar 07:30-19:30", "yard",
        {"shape": "yard", "name": "工会驿站·院落（示意）", "area_m2": 1_200.0}),
    Row("友谊河", "小汨新路", 0.4, "Mo-Fr 08:30-17:30", "mini", {"category": "mini_station"}),
    Row("罗城", "罗城路", 0.5, "Mo-Su 07:00-21:30", "full", {}),
    Row("罗城", "小汨新路", 0.5, LUNCH, "basic", {"entry": {"ways": ["key"], "admits": "members"}}),
    Row("罗城", None, 0.4, "Mo-Sa 08:00-12:00,13:30-18:00; PH off", "mini", {"category": "mini_station"}),
    Row("车站", "荣家路", 0.2, "Mo-Su 06:00-22:30", "full", {"capacity": 50, "area_m2": 120.0}),
    Row("车站", "人民路", 0.3, "Mo-Sa 17:00-22:00", "van", {"category": "mobile", "name": "流动工会驿站（示意）"}),
    Row("大路铺", "骆驼大道", 0.05, DAY, "rider",
        {"closures": [{"first": "2026-12-01", "last": "2026-12-10", "reason": "设备检修（示意）"}]}),
    Row("大路铺", "罗城路", 0.75, OFFICE, "bank", {"entry": {"ways": ["open_door"], "host": "邮政网点（示意）"}}),
    Row("上马", "罗城路", 0.5, OFFICE, "basic", {}),
    Row("高塘", "罗城路", 0.5, None, "mini", {"category": "mini_station"}),
    Row("茶园", "小汨新路", 0.6, DAY, "toilet", {"status": "suspended", "note": "房屋维修，暂停使用（示意）"}),
    Row("双塘", "人民路", 0.4, "Mo-Su 07:00-22:00", "rider",
        {"category": "temporary", "valid_from": "2026-10-15", "valid_to": "2026-11-30",
         "name": "快递高峰临时驿站（示意）"}),
    Row("南江", "汨罗江大道", 0.4, "Mo-Fr 08:00-17:30; Sa 08:00-12:00; PH off", "toilet", {}),
    Row("航运", "汨罗江大道", 0.5, None, "none known", {}),
    Row("新港", "汨罗江大道", 0.6, "Mo-Sa 07:30-16:30", "basic", {}),
]  # fmt: skip
STALE = {12: "2023-02-20", 19: "2023-02-20", 25: "2023-05-11", 30: "2023-03-08"}


@dataclass(frozen=True, slots=True)
class Site:
    """One candidate of the table; `kind` is what uses the premises now."""

    kind: str
    community: str
    street: str | None
    along: float


CANDIDATES = [
    *(Site("community_centre", name, None, 0.5) for name in ("石桥坝", "山塘", "窑洲", "百丈口", "茶园", "双塘")),
    *(Site("community_centre", name, None, 0.3) for name in ("南江", "上马", "高塘", "航运", "新港", "友谊河")),
    Site("bank", "广场", "建设东路", 0.5), Site("bank", "归义", "人民路", 0.8),
    Site("bank", "高塘", "青春大道", 0.5), Site("bank", "龙舟", "建设东路", 0.4),
    Site("bank", "汨新", "小汨新路", 0.9), Site("bank", "大路铺", "罗城路", 0.3),
    Site("bank", "双塘", "建设东路", 0.3), Site("bank", "石桥坝", "人民路", 0.6),
    Site("petrol_station", "上马", "青春大道", 0.6), Site("petrol_station", "山塘", "青春大道", 0.4),
    Site("petrol_station", "新港", "汨罗江大道", 0.3), Site("petrol_station", "茶园", "罗城路", 0.6),
    Site("petrol_station", "百丈口", "罗城路", 0.5), Site("petrol_station", "南江", "汨罗江大道", 0.8),
    Site("post_office", "车站", "荣家路", 0.7), Site("post_office", "山塘", "骆驼大道", 0.9),
    Site("post_office", "龙舟", "汨罗江大道", 0.6), Site("post_office", "双塘", "人民路", 0.8),
]  # fmt: skip
_PREMISES = {
    "community_centre": ("社区服务中心", "Mo-Fr 08:30-12:00,14:30-17:30; PH off", 3_000),
    "bank": ("银行网点", "Mo-Fr 09:00-17:00; PH off", 6_500),
    "petrol_station": ("加油站", "24/7", 9_000),
    "post_office": ("邮政网点", "Mo-Sa 08:30-17:30", 5_000),
}

Placed = Iterator[tuple[BaseGeometry, dict[str, Any]]]


def place_stations(segments: list[Segment], communities: dict[str, Polygon]) -> Placed:
    """Yield each station's geometry (metres) and properties, in the table's order."""
    rng = generator(4)
    for number, row in enumerate(STATIONS, 1):
        spot, angle = _spot(row, segments, communities, rng)
        more = dict(row.more)
        geometry = _yard(spot, angle) if more.pop("shape", None) == "yard" else spot
        yield geometry, _station(number, row, more, rng)


def place_candidates(segments: list[Segment], communities: dict[str, Polygon]) -> Placed:
    """Yield each candidate's geometry (metres) and properties, in the table's order."""
    rng = generator(5)
    numbers = {kind: count(1) for kind in _PREMISES}
    for number, site in enumerate(CANDIDATES, 1):
        spot, _ = _spot(site, segments, communities, rng)
        title, hours, cost = _PREMISES[site.kind]
        yield (
            spot,
            {
                "id": f"miluo-k{number:02d}",
                "name": f"{title}（示意 {next(numbers[site.kind]):02d}）",
                "kind": site.kind,
                "community": f"{site.community}社区",
                "street": site.street,
                "opening_hours": hours,
                "cost_cny_year": int(cost + rng.integers(-10, 11) * 100),
                "source": "illustrative",
            },
        )


# Where


def _spot(
    row: Row | Site, segments: list[Segment], communities: dict[str, Polygon], rng: np.random.Generator
) -> tuple[Point, float]:
    """Return a place beside a street inside a community, and the street's direction there in degrees."""
    community = communities[row.community]
    well_inside = community.buffer(-22)
    if row.street is None:
        line, share = _side_street(well_inside, row.along, segments), 0.5
    else:
        line, share = _stretch(row.street, segments, community.buffer(14)), row.along
    at, ahead = (line.interpolate(share * line.length + d) for d in (0, 1))
    direction = np.array([ahead.x - at.x, ahead.y - at.y])
    aside = np.array([-direction[1], direction[0]]) * rng.uniform(12, 20)
    sides = [Point(np.array(at.coords[0]) + sign * aside) for sign in (1, -1)]
    spot = max(sides, key=lambda side: community.contains(side) - well_inside.distance(side) / 1000)
    return on_grid(spot), float(np.degrees(np.arctan2(direction[1], direction[0])))


def _stretch(street: str, segments: list[Segment], area: Polygon) -> LineString:
    lines = [segment.line for segment in segments if segment.name == street]
    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)).intersection(area)).tolist()
    return substring(max(parts, key=lambda part: part.length), 25, -25)


def _side_street(area: Polygon, along: float, segments: list[Segment]) -> LineString:
    inside = [s.line for s in segments if s.kind == "minor" and not s.crosses and area.contains(s.line)]
    centre = area.centroid
    near = sorted((line for line in inside if line.length > 60), key=centre.distance)
    return near[int(along * 5)]


def _yard(spot: Point, angle: float) -> Polygon:
    yard = shapely.box(spot.x - 20, spot.y - 15, spot.x + 20, spot.y + 15)
    return on_grid(rotate(yard, angle, origin=spot))


# What


def _station(number: int, row: Row, more: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    capacity = int(rng.integers(6, 25))
    usual = {
        "id": f"430681-{number:04d}",
        "name": f"工会驿站（示意 {number:02d}）",
        "category": "station",
        "status": "operating",
        "address": f"{row.street}旁（示意位置）" if row.street else f"{row.community}社区内（示意位置）",
        "adcode": "430681",
        "community": f"{row.community}社区",
        "street": row.street,
        "opening_hours": row.hours,
        "staffed_hours": None,
        "entry": _usual_entry(row, number),
        "facilities": _facilities(row.offers),
        "capacity": capacity if row.offers != "none known" else None,
        "area_m2": float(capacity * 2 + rng.integers(0, 9)) if row.offers not in ("none known", "van") else None,
        "operator": "示意运营方",
    }
    known = {**usual, **more, "provenance": _provenance(number, row, rng)}
    return {name: value for name, value in known.items() if value not in (None, {})}


def _usual_entry(row: Row, number: int) -> dict[str, Any]:
    """Return the entry of an ordinary station: mostly an open door; unknown where nothing is known."""
    if row.offers == "none known":
        return {}
    if number % 4 == 0:
        return {"ways": ["staff"], "registration": "no", "admits": "outdoor_workers"}
    if number % 7 == 0:
        return {"ways": ["union_app", "staff"], "registration": "yes", "admits": "members"}
    return {"ways": ["open_door"], "registration": "no", "admits": "everyone"}


def _facilities(offers: str) -> dict[str, str]:
    codes = FACILITIES[offers].split()
    return {code.lstrip("-"): "no" if code.startswith("-") else "yes" for code in codes}


def _provenance(number: int, row: Row, rng: np.random.Generator) -> dict[str, str]:
    days = int(rng.integers(0, 540))
    located = STALE.get(number) or str(date(2025, 3, 1) + timedelta(days=days))
    dates = {"source": "illustrative", "location_verified": located}
    if row.offers != "none known":
        later = date.fromisoformat(located) + timedelta(days=int(rng.integers(0, 30)))
        dates["facilities_verified"] = str(later)
    if number in STALE:
        dates["expires"] = "2024-12-31"
    elif number % 3 == 0:
        dates["expires"] = "2027-06-30"
    return dates
