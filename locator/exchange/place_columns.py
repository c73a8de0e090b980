"""Which column of a list of places is which field: areas, streets, demand and candidate sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from locator.exchange.columns import Columns, folded

__all__ = ["KIND_WORDS", "PLACE_FIELDS", "WEIGHTS", "place_columns"]

_SHARED: dict[str, str] = {
    "id": "编号 编码 代码 区划代码 行政区划代码 id code adcode fid",
    "name": "名称 name title",
    "kind": "类别 类型 种类 等级 kind type class category highway",
    "source": "来源 source",
    "extra": "其他信息(json) more(json) extra",
    "wkt": "wkt 几何wkt 几何(wkt) geometry(wkt) geometry geom 几何",
}
_POINT: dict[str, str] = {
    "coordinates": "坐标 经纬度 coordinates lonlat lnglat",
    "lon": "经度 lon lng long longitude x 坐标x",
    "lat": "纬度 lat latitude y 坐标y",
}
_DATES: dict[str, str] = {
    "valid_from": "启用日期 生效日期 设立日期 existsfrom valid_from",
    "valid_to": "停用日期 失效日期 撤销日期 existsuntil valid_to",
}
_WEIGHT_WORDS: dict[str, str] = {
    "residents": "人口 居民 居民数 常住人口 人口数 residents population pop people",
    "outdoor_workers": "户外劳动者 户外劳动者人数 outdoor_workers outdoorworkers workers",
    "night_workers": "夜间劳动者 夜班人数 night_workers nightworkers",
    "jobs": "岗位 就业岗位 就业人数 jobs employment",
    "orders": "订单 订单量 单量 orders",
    "weight": "权重 weight value",
}
WEIGHTS = tuple(_WEIGHT_WORDS)
"""What can be counted at a demand point."""

_HEADINGS: dict[str, dict[str, str]] = {
    "areas": {
        **_SHARED,
        **_DATES,
        "name": "名称 社区 社区名称 村社区 区域 区域名称 name community title",
        "residents": _WEIGHT_WORDS["residents"],
    },
    "streets": {
        **_SHARED,
        **_DATES,
        "name": "名称 街道 街道名称 道路 道路名称 路名 name street road",
        "must_cover": "主要街道 必须覆盖 纳入双覆盖 must_cover mustbecovered",
        "bridge": "桥 桥梁 bridge",
    },
    "demand": {
        **{name: words for name, words in _SHARED.items() if name not in ("name", "kind")},
        **_POINT,
        **_WEIGHT_WORDS,
        "h3": "h3 h3编号 h3_index h3index h3_id h3id h3cell",
    },
    "candidates": {
        **_SHARED,
        **_POINT,
        "name": "名称 场所 场所名称 单位 name title",
        "opening_hours": "开放时间 营业时间 服务时间 opening_hours openinghours hours",
        "cost_cny_year": "年成本 年费用 每年成本 年成本(元) 成本 cost cost_cny_year cost(cnyayear)",
        "capacity": "容纳人数 可容纳人数 容量 capacity",
    },
}
PLACE_FIELDS: dict[str, tuple[str, ...]] = {layer: tuple(headings) for layer, headings in _HEADINGS.items()}
"""Layer to every field that a column of it can be."""

KIND_WORDS: dict[str, dict[str, str]] = {
    "areas": {
        "社区": "community", "村": "community", "行政村": "community", "乡镇": "town", "街道办": "town",
        "镇": "town", "区": "district", "县": "district", "市": "city", "公园": "park", "园区": "park",
    },
    "streets": {
        "主干道": "main", "主干路": "main", "主要街道": "main", "次干道": "main", "次干路": "main",
        "支路": "minor", "背街小巷": "minor", "巷": "minor", "步道": "path", "人行道": "path", "小路": "path",
    },
    "candidates": {
        "银行": "bank", "加油站": "fuel", "派出所": "police", "警务室": "police",
        "社区服务中心": "community_centre", "党群服务中心": "community_centre",
        "邮局": "post_office", "邮政": "post_office", "图书馆": "library",
        "公厕": "toilets", "公共厕所": "toilets",
    },
}  # fmt: skip
"""Layer to what its kinds are called, and their codes."""


def place_columns(layer: str) -> Callable[[Iterable[str]], Columns]:
    """Return what finds the columns of a layer by their headings."""
    return partial(_find, _HEADINGS[layer])


def _find(known: dict[str, str], headings: Iterable[str]) -> Columns:
    field_of = {heading: name for name, words in known.items() for heading in words.split()}
    fields: dict[str, str] = {}
    others = []
    for heading in headings:
        name = field_of.get(folded(heading))
        if name is None or name in fields:
            others.append(heading)
        else:
            fields[name] = heading
    return Columns(fields=fields, others=tuple(others))
