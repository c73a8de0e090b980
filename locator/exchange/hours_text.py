"""Opening hours as people write them, into OSM `opening_hours`; what is not understood stays unknown.

Nothing is guessed. A text is cut into tokens (days, months, times, off); a single word that is none of them
makes the whole text unknown, for it may change what the others mean. Remarks in brackets are kept as a note.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import opening_hours

__all__ = ["HoursReading", "read_hours", "read_weekday_columns"]

_MAX_TEXT = 500
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEK = tuple(range(7))


@dataclass(frozen=True, slots=True)
class HoursReading:
    """What a text of hours means.

    Attributes
    ----------
    osm
        OSM `opening_hours`; None: not understood, the hours are unknown.
    note
        What of the text is not in `osm`: a remark, or all of it; empty when nothing is lost.
    """

    osm: str | None
    note: str = ""


def read_hours(text: str) -> HoursReading:
    """Return what a text of hours means, Chinese, English or OSM; never raises.

    工作日 (official workdays) becomes `Mo-Fr …; PH off`, 周一至周五 plain `Mo-Fr …`. Outside months that a
    text names nothing is known of the hours, and the result says so.
    """
    stripped = text.strip()
    if not stripped or len(stripped) > _MAX_TEXT:
        return HoursReading(None, stripped[:_MAX_TEXT])
    if stripped.isascii() and _looks_like_osm(stripped):
        return HoursReading(stripped)
    plain, remarks = _without_remarks(_folded(stripped))
    holidays = [remark for remark in remarks if "节假日" in remark]
    plain = ",".join([plain, *holidays])
    remarks = [remark for remark in remarks if remark not in holidays]
    rules = _rules(plain, _months_in(remarks))
    osm = _joined(rules) if rules and _is_enough(rules) else None
    if osm is None or not opening_hours.validate(osm):
        return HoursReading(None, stripped)
    return HoursReading(osm, "; ".join(remark for remark in remarks if not _is_month_remark(remark)))


def read_weekday_columns(days: Mapping[str, str | None]) -> HoursReading:
    """Return the hours that seven columns give, keys Mo to Su; an empty one is a day off if another has hours."""
    parts: list[tuple[str, str]] = []
    for day in _DAYS:
        text = (days.get(day) or "").strip()
        if not text:
            continue
        reading = read_hours(text)
        if reading.osm is None or reading.note or re.match("[A-Z]", reading.osm):
            return HoursReading(None, "; ".join(f"{d} {days[d]}" for d in _DAYS if days.get(d)))
        if reading.osm not in ("off", "closed"):
            parts.append((day, reading.osm.replace("24/7", "00:00-24:00")))
    if not parts:
        said = any((days.get(day) or "").strip() for day in _DAYS)
        return HoursReading("off" if said else None)
    times = list(dict.fromkeys(time for _, time in parts))
    if len(parts) == 7 and times == ["00:00-24:00"]:
        return HoursReading("24/7")
    rules = []
    for time in times:
        selected = frozenset(_DAYS.index(day) for day, own in parts if own == time)
        rules.append(" ".join(part for part in (_day_text(selected), time) if part))
    return HoursReading("; ".join(rules))


# -- the text before it is cut


def _looks_like_osm(text: str) -> bool:
    words = re.findall(r"[A-Za-z]+", text)
    known = {
        *_DAYS,
        *_MONTHS,
        "PH",
        "SH",
        "off",
        "closed",
        "open",
        "unknown",
        "week",
        "sunrise",
        "sunset",
        "easter",
    }
    quoted = re.sub(r'"[^"]*"', "", text)
    if not all(word in known for word in re.findall(r"[A-Za-z]+", quoted)) or re.search(r"(?<!\d)\d:\d\d", quoted):
        return False
    return bool(words or re.fullmatch(r"24/7|[\d:,;+\-\s]+", text)) and opening_hours.validate(text)


_SPELLINGS = (
    (r"[‐-―−~∼〜～至到]|(?<=\d)\s*to\s*(?=\d)|(?<=[a-z])\s*(?:to|thru|through)\s*(?=[a-z])", "-"),
    (r"星期|礼拜", "周"),
    (r"周[日天]", "周7"),
    (r"點", "点"),
    (r"[.。](?=\d\d\b)", ":"),
)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    for pattern, spelled in _SPELLINGS:
        folded = re.sub(pattern, spelled, folded)
    return folded


def _without_remarks(text: str) -> tuple[str, list[str]]:
    remarks = re.findall(r"\(([^()]*)\)", text)
    return re.sub(r"\([^()]*\)", " ", text), [remark.strip() for remark in remarks if remark.strip()]


_MONTH_REMARK = re.compile(r"(?:通常|一般|每年)?\s*(\d{1,2})月?\s*-\s*(\d{1,2})月(?:份)?")


def _is_month_remark(remark: str) -> bool:
    return bool(_MONTH_REMARK.fullmatch(remark))


def _months_in(remarks: list[str]) -> str:
    """Return the months that a remark gives to a season: 夏季…（通常7—8月）."""
    for remark in remarks:
        found = _MONTH_REMARK.fullmatch(remark)
        if found:
            return _month_range(int(found[1]), int(found[2])) or ""
    return ""


def _month_range(first: int, last: int) -> str | None:
    if not (1 <= first <= 12 and 1 <= last <= 12):
        return None
    return _MONTHS[first - 1] if first == last else f"{_MONTHS[first - 1]}-{_MONTHS[last - 1]}"


# -- tokens

_HALF = r"(?:凌晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|晚|夜间)?"
_MINUTES = r"(?:\s*:\s*\d{2}|点半|[点时](?:\d{1,2}分?)?)?"
_CLOCK = rf"(?:次日|翌日|第二天)?{_HALF}\s*\d{{1,2}}{_MINUTES}\s*(?:[ap]\.?m?\.?(?![a-z]))?"
_DAY = r"(?:[一二三四五六七日天]|[1-7](?!\d|\s*:|点|月|时))"
_EN_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
_TOKENS = re.compile(
    rf"""
    (?P<always>24\s*/\s*7|7\s*[x*×/]\s*24(?:小时|h)?|(?:全天)?24\s*(?:小时|h(?:ours?)?|hrs)(?:全天|开放|营业|服务|自助|无休)*(?!响应)|全天候?(?:开放|24小时)?)
    |(?P<workday>工作日)
    |(?P<holiday>(?:法定|国家)?节假日|public\s+holidays?)
    |(?P<weekend>周末|双休日?|weekends?)
    |(?P<everyday>每天|每日|天天|全年|周1-周7|周一-周7|daily|every\s*day)
    |(?P<days>周\s*{_DAY}(?:\s*(?:-\s*周?|、\s*周?|[和及,]\s*周|周?)\s*{_DAY})*)
    |(?P<endays>{_EN_DAY}(?:\s*-\s*{_EN_DAY})?)
    |(?P<months>\d{{1,2}}月\s*-\s*\d{{1,2}}月|\d{{1,2}}\s*-\s*\d{{1,2}}月)
    |(?P<season>春季|夏季|秋季|冬季|春夏|秋冬|夏令时|冬令时)
    |(?P<time>{_CLOCK}\s*-\s*{_CLOCK}|noon|midnight)
    |(?P<off>闭馆|休馆|休息|不开放|不营业|关闭|放假|除外|closed|off)
    |(?P<filler>开放时间?|营业时间?|服务时间?|均?开放|营业|对外|:(?=\s|周|每|\d)|为|[,;、，；。/|]|和|及|以及|and|的)
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Rule:
    """One rule as it is read: which months and days, which times; neither off nor times: nothing said yet."""

    months: str = ""
    days: frozenset[int] = frozenset()
    holidays: bool = False
    workdays: bool = False
    times: list[str] = field(default_factory=list)
    off: bool = False

    @property
    def is_said(self) -> bool:
        return self.off or bool(self.times)


def _rules(text: str, season_months: str) -> list[_Rule] | None:
    """Return the rules of a text in order; None when a word of it is not understood."""
    rules = [_Rule()]
    for kind, word in _tokens(text):
        if kind == "unknown":
            return None
        if kind == "filler":
            continue
        if kind not in ("time", "always", "off") and rules[-1].is_said:
            rules.append(_Rule(months=rules[-1].months))
        if not _take(rules[-1], kind, word, season_months):
            return None
    return rules if all(rule.is_said for rule in rules) else None


def _is_enough(rules: list[_Rule]) -> bool:
    """Whether the rules say when it is open, or that it never is: 周一闭馆 alone says nothing of Tuesday."""
    return any(rule.times for rule in rules) or not any(rule.days or rule.holidays for rule in rules)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TOKENS.match(text, position)
        if not found or not found.group():
            yield "unknown", text[position:]
            return
        yield str(found.lastgroup), found.group()
        position = found.end()


def _take(rule: _Rule, kind: str, word: str, season_months: str) -> bool:
    """Put one token into a rule; False when it cannot be right."""
    if kind in ("days", "endays"):
        selected = _selected(word) if kind == "days" else _selected_english(word)
        rule.days |= selected
        return bool(selected)
    if kind == "weekend":
        rule.days |= {5, 6}
    elif kind == "everyday":
        rule.days |= set(_WEEK)
    elif kind == "workday":
        rule.days, rule.workdays = rule.days | set(range(5)), True
    elif kind == "holiday":
        rule.holidays = True
    elif kind == "months":
        first, last = map(int, re.findall(r"\d+", word))
        rule.months = _month_range(first, last) or ""
        return bool(rule.months)
    elif kind == "season":
        rule.months = season_months
        return bool(season_months)
    elif kind == "off":
        rule.off = not rule.times
        return rule.off
    else:
        span = "00:00-24:00" if kind == "always" else _span(word)
        if span is None or rule.off:
            return False
        rule.times.append(span)
    return True


def _selected(word: str) -> frozenset[int]:
    """Return the days of 周一至周五, 周一、三, 周一二."""
    marks = re.findall(r"[一二三四五六七1-7]|-", re.sub("[日天]", "七", word))
    numbers = "一二三四五六七"
    days: set[int] = set()
    for place, mark in enumerate(marks):
        if mark == "-":
            continue
        day = numbers.index(mark) if mark in numbers else int(mark) - 1
        if place >= 2 and marks[place - 1] == "-":
            first = marks[place - 2]
            start = numbers.index(first) if first in numbers else int(first) - 1
            days |= {(start + step) % 7 for step in range((day - start) % 7 + 1)}
        days.add(day)
    return frozenset(days)


def _selected_english(word: str) -> frozenset[int]:
    names = [day.lower() for day in _DAYS]
    ends = [names.index(part.strip()[:2]) for part in word.split("-")]
    start, end = ends[0], ends[-1]
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _span(word: str) -> str | None:
    start_text, _, end_text = word.partition("-")
    start, end = _minutes(start_text, after=None), _minutes(end_text, after=start_text)
    if start is None or end is None or start >= 24 * 60 or start == end:
        return None
    return f"{_clock(start)}-{_clock(end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


_AFTERNOON = ("中午", "下午", "傍晚", "晚")
_MORNING = ("凌晨", "早", "上午")


def _minutes(text: str, *, after: str | None) -> int | None:
    """Return a clock time as minutes; without a word of its own the second shares the first's afternoon."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not numbers:
        return None
    hour, minute = numbers[0], 30 if "半" in text else numbers[1] if len(numbers) > 1 else 0
    pm = any(word in text for word in _AFTERNOON) or bool(re.search(r"\d\s*p", text))
    am = any(word in text for word in _MORNING) or bool(re.search(r"\d\s*a", text))
    if not pm and not am and after is not None and any(word in after for word in _AFTERNOON):
        pm = hour < 12
    if pm and hour < 12:
        hour += 12 if not ("中午" in text and hour == 11) else 0
    if am and hour == 12:
        hour = 0
    return hour * 60 + minute if hour <= 24 and minute < 60 and hour * 60 + minute <= 24 * 60 else None


# -- OSM


def _joined(rules: list[_Rule]) -> str | None:
    """Return the rules as one OSM text; None when two of them contradict each other."""
    written: list[str] = []
    opened: set[tuple[str, int]] = set()
    shut: set[tuple[str, int]] = set()
    for rule in rules:
        days = rule.days or (frozenset() if rule.holidays else frozenset(_WEEK))
        (shut if rule.off else opened).update((rule.months, day) for day in days)
        written.append(_rule_text(rule))
    all_day = opened and len({day for _, day in opened}) == 7 and not any(rule.months for rule in rules)
    if any(
        rule.days and rule.off and opened & {(rule.months, d) for d in rule.days} and _names_days(rules, rule)
        for rule in rules
    ):
        return None
    if any(rule.workdays and not rule.off for rule in rules) and not any(rule.holidays for rule in rules):
        written.append("PH off")
    if written == ["00:00-24:00"] and all_day:
        return "24/7"
    if any(rule.months for rule in rules):
        said = [rule.months for rule in rules if rule.months]
        if len(said) == len(rules) and len(set(said)) == 1:
            written.insert(0, 'unknown "months not said"')
    return "; ".join(written)


def _names_days(rules: list[_Rule], off: _Rule) -> bool:
    """Whether another rule says by name that a day is open which `off` says is not."""
    named = [rule for rule in rules if not rule.off and rule.days and rule.days != frozenset(_WEEK)]
    return any(rule.days & off.days for rule in named)


def _rule_text(rule: _Rule) -> str:
    selector = _day_text(rule.days)
    if rule.holidays:
        selector = f"{selector},PH" if selector else "PH"
    times = "off" if rule.off else ",".join(sorted(rule.times))
    return " ".join(part for part in (rule.months, selector, times) if part)


def _day_text(days: frozenset[int]) -> str:
    """Return days as OSM writes them: runs of three or more as ranges; all as nothing."""
    if not days or len(days) == 7:
        return ""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        _DAYS[run[0]]
        if len(run) == 1
        else f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}"
        if len(run) > 2
        else ",".join(_DAYS[d] for d in run)
        for run in runs
    )
