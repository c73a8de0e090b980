"""Facilities as people list them: 饮水、微波炉/热饭, 无卫生间."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from locator.station import FACILITIES
from locator.translation import LANGUAGES, translator

__all__ = ["FacilityReading", "facility_code", "read_facilities"]

_WORDS: dict[str, str] = {
    "drinking_water": "饮水 饮用水 饮水机 直饮水 喝水 接水 茶水 矿泉水 凉白开 纯净水 drinking_fountain water",
    "hot_water": "热水 开水 热水壶 烧水壶 电热水壶 开水器 温水",
    "microwave": "微波炉 热饭 加热饭菜 饭菜加热 加热 热餐 microwave_oven",
    "refrigerator": "冰箱 冷藏 冰柜 fridge",
    "rest_seating": "座椅 休息 休息座椅 桌椅 椅子 沙发 歇脚 休息区 休憩 座位 凳子 seats seating rest",
    "air_conditioning": "空调 冷气 纳凉 制冷 air_conditioner ac",
    "heating": "取暖 暖气 取暖器 供暖 暖风 电暖器",
    "toilet": "卫生间 厕所 洗手间 如厕 公厕 公共厕所 wc toilets restroom",
    "shower": "淋浴 洗澡 淋浴间",
    "phone_charging": "充电 手机充电 充电器 充电插座 充电线 手机充电器 插座 charging",
    "power_bank": "充电宝 共享充电宝",
    "ebike_charging": "电动车充电 电瓶车充电 电动自行车充电 充电桩",
    "battery_swap": "换电 换电柜 电池更换",
    "ebike_parking": "电动车停放 电瓶车停放 停车 停车位 非机动车停车",
    "tyre_pump": "打气筒 充气 打气 气泵",
    "tool_kit": "工具箱 维修工具 修车工具 工具",
    "sewing_kit": "针线包 针线 针线盒 缝补",
    "umbrella": "雨伞 雨衣 雨具 爱心伞 便民伞 爱心雨伞",
    "first_aid_box": "药箱 医药箱 急救箱 急救包 应急药品 药品 常用药品 应急药箱 first_aid",
    "aed": "除颤仪 自动体外除颤器 自动体外除颤仪",
    "blood_pressure_meter": "血压计 血压仪 测血压 量血压",
    "oxygen": "氧气 吸氧 制氧机",
    "wifi": "无线网 无线网络 无线上网 免费wifi wlan wi-fi 网络",
    "books": "图书 书籍 书报 报刊 阅读 报纸 杂志 图书角 阅览",
    "television": "电视 电视机 tv",
    "printing": "打印 复印 打印机",
    "lockers": "储物柜 寄存 储物 寄存柜",
    "laundry": "洗衣 洗衣机 烘干",
    "nursing_room": "母婴室 哺乳室 母婴",
    "womens_room": "女职工休息室 爱心妈妈小屋 女工休息室 女性专区",
    "wheelchair_access": "无障碍 无障碍通道 无障碍设施 轮椅通道 坡道 wheelchair",
    "wheelchair_loan": "轮椅 轮椅借用 轮椅租借",
    "legal_aid": "法律援助 法律咨询 维权",
    "counselling": "心理咨询 心理疏导 心理辅导 咨询",
    "haircut": "理发 免费理发",
    "union_desk": "入会 工会入会 入会登记 扫码入会",
    "cheap_meals": "平价餐 爱心餐 优惠餐 用餐 就餐 简餐",
    "shared_shelf": "共享货架 爱心货架 共享物品 爱心冰柜",
}

_CODES = {word: code for code, words in _WORDS.items() for word in words.split()}
_BETWEEN = re.compile(r"[、，,;；/／|+＋\n\t]+|\s{2,}|(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")
_NO = r"没有|暂无|无|不提供|不含|未配备"
_NOT = re.compile(rf"^(?:{_NO}|no\s+|without\s+)(?!障碍|线)", re.IGNORECASE)
_NOT_APART = re.compile(rf"({_NO})\s+(?=[\u4e00-\u9fff])")
_NOT_BEHIND = re.compile(r"\((?:没有|暂无|无|否|×)\)$")
_IN_DOUBT = re.compile(r"\([^()]*(?:坏|故障|停用|暂停|停止|[待报维]修|不可|不能|不开放|未)[^()]*\)")
_WITH = re.compile(r"^(?:免费|提供|有|配备|可|设有|能)(?=.)")
_CLOSERS = re.compile(r"[。.！!]+$|(?:设施|服务|设备|处)$|[（(][^）)]*[）)]")


_MAX_WORD = 50


@dataclass(frozen=True, slots=True)
class FacilityReading:
    """What a list says: code to True or False, and the words that mean nothing to us."""

    facilities: dict[str, bool]
    unread: tuple[str, ...]


def read_facilities(text: str) -> FacilityReading:
    """Read a free list of facilities, Chinese or English; a word for "without" before one makes it a no.

    If a list says both, the no stands: a worker who is sent there in vain loses more. What is said to be out
    of order, 空调(维修中), is neither.
    """
    found: dict[str, bool] = {}
    unread: list[str] = []
    for piece in text.split("、"):  # which no word goes across
        for word, code, there in _read_piece(piece):
            if code is None:
                unread.append(word)
            else:
                found[code] = found.get(code, True) and there
    return FacilityReading(found, tuple(unread))


@lru_cache(maxsize=10_000)
def _read_piece(text: str) -> list[tuple[str, str | None, bool]]:
    """Return the words of a list, the facility that each means, and whether that is there."""
    read: list[tuple[str, str | None, bool]] = []
    for word in _BETWEEN.split(_NOT_APART.sub(r"\1", unicodedata.normalize("NFKC", text))):
        word = word.strip().strip("。.")  # noqa: PLW2901 - the bare word
        if not word:
            continue
        bare = _NOT_BEHIND.sub("", _NOT.sub("", word))
        code = None if len(word) > _MAX_WORD or _IN_DOUBT.search(word) else facility_code(bare)
        read.append((word, code, bare == word))
    return read


@lru_cache(maxsize=10_000)
def facility_code(word: str) -> str | None:
    """Return the code of one facility by any of its names; None if nobody calls a facility that."""
    if len(word) > _MAX_WORD:
        return None
    folded = unicodedata.normalize("NFKC", word).strip().casefold()
    for spelled in (folded, _CLOSERS.sub("", folded), _WITH.sub("", _CLOSERS.sub("", folded))):
        for form in (spelled, spelled.replace(" ", "_"), spelled.replace(" ", "")):
            if form in _codes():
                return _codes()[form]
    return None


@lru_cache
def _codes() -> dict[str, str]:
    """Return code by word: those above, the codes themselves, and their labels in every language."""
    labels = {
        translator(language)(label).casefold(): code
        for code, label in FACILITIES.items()
        for language in LANGUAGES
    }
    return labels | {code: code for code in FACILITIES} | _CODES
