"""Which column of a table is which field, by the headings that people use, Chinese and English."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from locator.exchange.facility_words import facility_code

__all__ = ["CATEGORY_WORDS", "FIELDS", "STATUS_WORDS", "Columns", "find_columns", "folded"]

_HEADINGS: dict[str, str] = {
    "id": "编号 编码 站点编号 站点编码 驿站编号 代码 id code station_id nycem_id",
    "name": "名称 站点名称 驿站名称 站名 站点 驿站 服务站名称 name station_name facility_name title",
    "category": "类别 类型 站点类型 驿站类型 category type",
    "status": "状态 运行状态 运营状态 status",
    "address": "地址 详细地址 站点地址 位置 具体位置 地点 所在位置 address addr",
    "adcode": "行政区划代码 区划代码 adcode divisioncode",
    "community": "社区 所属社区 所在社区 村社区 村(社区) community",
    "street": "街道 道路 路段 所在道路 street road",
    "wkt": "wkt 几何wkt 几何(wkt) geometry(wkt) geometry geom 几何",
    "coordinates": "坐标 经纬度 坐标(经度,纬度) coordinates coordinate lonlat lnglat location",
    "lon": "经度 lon lng long longitude x 坐标x 经度(e) x坐标",
    "lat": "纬度 lat latitude y 坐标y 纬度(n) y坐标",
    "opening_hours": "开放时间 营业时间 服务时间 开放时段 运营时间 工作时间 "
    "opening_hours hours open_hours openinghours",
    "closures": "临时关闭 closures",
    "missing": "没有的设施 facilitiesthatarenotthere missing",
    "door": "入口 door",
    "floor": "楼层 floor",
    "host": "所在场所 host",
    "parking": "停车 parking",
    "photos": "照片 photos photo",
    "source": "来源 source",
    "source_id": "来源编号 codeatthesource source_id",
    "original": "原始几何(wkt) geometryasgiven(wkt) original",
    "original_datum": "原始坐标系 datumasgiven original_datum",
    "expires": "核实有效期至 verificationexpires expires",
    "deleted": "删除时间 deletedat",
    "extra": "其他信息(json) more(json) extra",
    "staffed_hours": "值守时间 有人值守时间 人工服务时间 staffed_hours staffedhours",
    "facilities": "服务设施 设施 设施设备 服务项目 服务内容 配套设施 提供服务 设备 facilities amenities services",
    "ways": "进入方式 进门方式 入站方式 开门方式 entry ways waysin",
    "registration": "首次登记 需登记 是否登记 是否需登记 registration registrationfirst",
    "admits": "服务对象 开放对象 admits whomayenter",
    "capacity": "容纳人数 可容纳人数 容量 capacity",
    "area_m2": "面积 建筑面积 面积(平方米) 面积(㎡) 面积㎡ area area_m2 area(m2) area(m²) 面积(m2)",
    "operator": "管理单位 主管单位 建设单位 运营单位 责任单位 所属单位 operator manager",
    "phone": "电话 联系电话 联系方式 服务电话 phone tel telephone",
    "note": "备注 说明 note notes remark remarks",
    "valid_from": "启用日期 开放日期 valid_from existsfrom",
    "valid_to": "停用日期 截止日期 valid_to existsuntil",
    "location_verified": "位置核实日期 核实日期 核实时间 location_verified verified placeverified",
    "facilities_verified": "设施核实日期 facilities_verified facilitiesverified",
}
FIELDS = tuple(_HEADINGS)
"""Every field that a column can be."""

_WEEKDAYS: dict[str, str] = {
    "Mo": "周一 星期一 monday mon", "Tu": "周二 星期二 tuesday tue", "We": "周三 星期三 wednesday wed",
    "Th": "周四 星期四 thursday thu", "Fr": "周五 星期五 friday fri", "Sa": "周六 星期六 saturday sat",
    "Su": "周日 星期日 周天 星期天 sunday sun",
}  # fmt: skip


def _by_heading(headings: dict[str, str]) -> dict[str, str]:
    return {heading: name for name, words in headings.items() for heading in words.split()}


_FIELD_OF = _by_heading(_HEADINGS)
_WEEKDAY_OF = _by_heading(_WEEKDAYS)

CATEGORY_WORDS: dict[str, str] = {
    "工会驿站": "station", "驿站": "station", "标准站": "station", "服务站": "station", "暖心驿站": "station",
    "小站": "mini_station", "暖心小站": "mini_station", "微驿站": "mini_station",
    "24小时": "self_service", "24小时驿站": "self_service", "自助": "self_service", "无人值守": "self_service",
    "24小时自助": "self_service",
    "临时": "temporary", "临时站点": "temporary", "流动": "mobile", "流动驿站": "mobile", "移动驿站": "mobile",
}  # fmt: skip
WAY_WORDS: dict[str, str] = {
    "直接进": "open_door", "敞开": "open_door", "敞开式": "open_door", "自由进入": "open_door",
    "无门禁": "open_door",
    "工作人员": "staff", "人工": "staff", "值班人员": "staff", "工作人员开门": "staff",
    "扫码": "qr_code", "扫码进入": "qr_code", "扫码开门": "qr_code", "二维码": "qr_code", "扫二维码": "qr_code",
    "身份证": "id_card", "密码": "keypad", "密码开门": "keypad", "指纹识别": "fingerprint", "工会app": "union_app",
    "app": "union_app", "会员": "member_code", "人脸": "face", "人脸识别": "face", "刷脸进入": "face",
    "钥匙": "key",
}  # fmt: skip
ADMITS_WORDS: dict[str, str] = {
    "所有人": "everyone", "不限": "everyone", "全部人群": "everyone", "社会公众": "everyone", "公众": "everyone",
    "户外工作者": "outdoor_workers", "新就业形态劳动者": "outdoor_workers",
    "会员": "members", "仅会员": "members",
}  # fmt: skip
STATUS_WORDS: dict[str, str] = {
    "正常": "operating", "运营": "operating", "运营中": "operating", "开放": "operating", "在用": "operating",
    "open": "operating",
    "规划": "planned", "在建": "planned", "筹建": "planned",
    "暂停": "suspended", "暂停服务": "suspended", "停用": "suspended", "整改": "suspended",
    "关闭": "closed", "撤销": "closed", "已撤销": "closed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a table is.

    Attributes
    ----------
    fields
        Field to heading.
    facilities
        Facility code to heading, for columns that each tell of one facility.
    weekdays
        Mo … Su to heading, for columns that each tell the hours of one day.
    others
        Headings that are no field of ours; what they say is kept as text.
    values
        Field to what its cells say and what that means.
    constants
        Field to what every row has.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    facilities: Mapping[str, str] = field(default_factory=dict)
    weekdays: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, str]:
        """Return field, facility or weekday to heading, for people to check."""
        return {**self.fields, **self.facilities, **self.weekdays}


def find_columns(headings: Iterable[str]) -> Columns:
    """Return what each column is, by its heading; of two columns for one field the first counts."""
    found: dict[str, dict[str, str]] = {"fields": {}, "facilities": {}, "weekdays": {}}
    others: list[str] = []
    for heading in headings:
        for kind, name in (
            ("fields", _FIELD_OF.get(folded(heading))),
            ("weekdays", _WEEKDAY_OF.get(folded(heading))),
            ("facilities", facility_code(heading)),
        ):
            if name is not None and name not in found[kind]:
                found[kind][name] = heading
                break
        else:
            others.append(heading)
    return Columns(found["fields"], found["facilities"], found["weekdays"], tuple(others))


def folded(heading: str) -> str:
    """Return a heading or word as it is compared: half width, lower case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())
