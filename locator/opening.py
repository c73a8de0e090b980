"""One OSM `opening_hours` text over one year: when it is open, when nobody can tell.

A library evaluates the text; what it does not know is added here: China's holidays, make-up workdays,
open ends, fallback rules, and hours that run past midnight into a day off.

`Mo-Fr 08:30-17:30; PH off` is how OSM writes 工作日 (workdays): on a make-up Saturday or Sunday it has the
hours of a workday. Plain `Mo-Fr 08:30-17:30` means 周一至周五 and follows the weekdays alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar

import opening_hours

from locator.errors import InvalidValue
from locator.holidays import HolidayYear, holiday_year, ordinary_workday_near
from locator.translation import N_

__all__ = ["Span", "checked_hours", "mentions_holidays", "spans_of_year", "without", "year_bounds"]

MAX_TEXT = 1_000
_T = TypeVar("_T")
_MIDNIGHT = time(0)

Span = tuple[datetime, datetime, bool]
"""Start, end (naive, local) and whether it is surely open (else: unknown). A list of spans ascends and does
not overlap; what lies between is closed."""


@lru_cache(maxsize=1_000)
def checked_hours(text: str | None, *, field: str = "opening_hours") -> str | None:
    """Return the text if it is OSM `opening_hours` (or None).

    Raises
    ------
    InvalidValue
        It is not.
    """
    if text is None:
        return None
    if len(text) > MAX_TEXT:
        raise InvalidValue(
            N_("is longer than {limit} characters"),
            field=field,
            value=text,
            limit=MAX_TEXT,
            mend=N_("shorten it"),
        )
    parts = _split(text, "||")
    if not parts or not all(_only_comment(part) or opening_hours.validate(part) for part in parts):
        raise InvalidValue(
            N_("is not OSM opening_hours"),
            field=field,
            value=text,
            mend=N_("write it like 'Mo-Fr 08:30-17:30; PH off' or '24/7', or leave it empty"),
        )
    return text


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """Return the first moment of a year and of the next, local."""
    return datetime(year, 1, 1), datetime(year + 1, 1, 1) if year < datetime.max.year else datetime.max


def without(
    stretch: tuple[datetime, datetime, _T], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, _T]]:
    """Yield what is left of a stretch of time when the part from `start` to `end` is cut out."""
    begins, ends, what = stretch
    if begins < min(ends, start):
        yield begins, min(ends, start), what
    if max(begins, end) < ends:
        yield max(begins, end), ends, what


def mentions_holidays(text: str) -> bool:
    """Whether a text speaks of public or school holidays."""
    return bool(re.search(r"\b[PS]H\b", _unquoted(text)))


@lru_cache(maxsize=4_096)
def spans_of_year(text: str, year: int, country: str) -> list[Span]:
    """Return when a text is open or unknown in one year, fallback parts (`||`) filling the gaps before them."""
    found: list[Span] = []
    for part in _split(text, "||"):
        if _only_comment(part):
            extra: list[Span] = [(*year_bounds(year), False)]
        else:
            extra = _evaluate_part(part, year, country)
        for start, end, _ in list(found):
            extra = [piece for span in extra for piece in without(span, start, end)]
        found = sorted(found + extra)
    return found


def _evaluate_part(text: str, year: int, country: str) -> list[Span]:
    first, last = year_bounds(year)
    evening_before = first - timedelta(days=1) if year > 1 else first
    evaluator = _evaluator(text, year, country)
    kinds = {opening_hours.State.OPEN: True, opening_hours.State.UNKNOWN: False}
    spans = [
        (start, end, kinds[state])
        for start, end, state, _comment in evaluator.intervals(evening_before, last)
        if state in kinds
    ]
    spans = _with_open_ends(_past_midnight(spans, text), text)
    if country == "CN":
        spans = _with_make_up_days(spans, text, holiday_year(year))
    return [
        (max(start, first), min(end, last), state)
        for start, end, state in _joined(spans)
        if start < last and end > first
    ]


def _evaluator(text: str, year: int, country: str) -> opening_hours.OpeningHours:
    if country == "CN":
        return opening_hours.OpeningHours(_with_holiday_dates(text, holiday_year(year)))
    try:
        return opening_hours.OpeningHours(text, country=country)
    except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]  # missing from its stub
        return opening_hours.OpeningHours(text)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, touching ones of one state as one, overlaps going to the earlier."""
    joined: list[Span] = []
    for start, end, state in sorted(spans):
        if joined and start <= joined[-1][1]:
            before = joined[-1]
            if before[2] == state:
                joined[-1] = (before[0], max(before[1], end), state)
                continue
            start = before[1]  # noqa: PLW2901 - what is left of this span
        if start < end:
            joined.append((start, end, state))
    return joined


_SPAN = re.compile(r"(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)(?!\s*\+)")


def _past_midnight(spans: list[Span], text: str) -> list[Span]:
    """Keep hours past midnight with the day they begin on: `Mo-Fr 18:00-02:00; PH off` serves until 02:00.

    The library gives the hours after midnight to the day they end on: it cuts them on a day off, and
    grants them on the morning after one.
    """
    written = [(int(a), int(b), int(c), int(d)) for a, b, c, d in _SPAN.findall(_unquoted(text))]
    tails: dict[time, timedelta] = {}
    for h1, m1, h2, m2 in written:
        starts, ends = h1 * 60 + m1, h2 * 60 + m2
        over = ends if ends < starts else ends - 24 * 60
        if h1 < 24 and over > 0:
            tails[time(h1, m1)] = timedelta(minutes=over)
    if not tails:
        return spans
    begins_at_midnight = any((h1, m1) == (0, 0) for h1, m1, _, _ in written)
    kept: list[Span] = []
    for start, end, state in spans:
        if start.time() == _MIDNIGHT and not begins_at_midnight:
            start += max(tails.values())  # noqa: PLW2901 - the tail of a day that did not begin
        if end.time() == _MIDNIGHT and start.time() in tails:
            end += tails[start.time()]  # noqa: PLW2901
        if start < end:
            kept.append((start, end, state))
    return _joined(kept)


_OPEN_END = re.compile(r"(?:(\d\d:\d\d)\s*-\s*)?(\d\d:\d\d)\s*\+")


def _with_open_ends(spans: list[Span], text: str) -> list[Span]:
    """Mark what an open end leaves open as unknown: after B in `A-B+`, after A in `A+`, until midnight."""
    ends: set[time] = set()
    starts: set[time] = set()
    for start_text, end_text in _OPEN_END.findall(_unquoted(text)):
        if end_text < "24:00" and time.fromisoformat(end_text) != _MIDNIGHT:
            (ends if start_text else starts).add(time.fromisoformat(end_text))
    marked: list[Span] = []
    for start, end, state in spans:
        if start.time() in starts:
            marked.append((start, end, False))
            continue
        marked.append((start, end, state))
        if end.time() in ends:
            midnight = datetime.combine(end.date(), _MIDNIGHT) + timedelta(days=1)
            marked.append((end, midnight, False))
    return _joined(marked) if ends or starts else spans


# -- China's holidays

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))?(?:\[[^\]]*\])?"
_DAYS = re.compile(rf"{_DAY}(?:\s*,\s*{_DAY})*")


def _with_holiday_dates(text: str, year: HolidayYear) -> str:
    """Return the text with `PH` written out as the year's days off.

    The library's own table of China's holidays has one day of each. A rule that combines `PH` with more
    than times (months, an offset in days) is left out.
    """
    text = re.sub(r"(\d|off|closed)\s*,\s*(?=PH\b)", r"\1; ", text)
    if "PH" not in _unquoted(text):
        return text
    dates = ",".join(f"{day.year} {day:%b} {day:%d}" for day in year.days_off)
    rules = [new for rule in _split(text, ";") for new in _rule_with_dates(rule, dates)]
    return "; ".join(rules) or "off"


def _rule_with_dates(rule: str, dates: str) -> Iterator[str]:
    found = next((m for m in _DAYS.finditer(rule) if re.search(r"\bPH\b", m.group())), None)
    if '"' in rule.split("PH", maxsplit=1)[0] or found is None:
        yield rule
        return
    before, after = rule[: found.start()], rule[found.end() :]
    others = [day for day in re.split(r"\s*,\s*", found.group()) if day != "PH"]
    if others:
        yield f"{before}{','.join(others)}{after}"
    plain = not before.strip() and not re.match(r"\s*(?:[+-]\s*\d|[A-Z])", after)
    if plain and dates:
        yield f"{dates}{after}"


def _means_workdays(text: str) -> bool:
    """Whether a text says 工作日: open Monday to Friday, shut on holidays, nothing said of open weekends."""
    rules = [rule.strip() for rule in _split(_unquoted(text), ";")]
    off = [rule for rule in rules if re.search(r"\b(?:off|closed)$", rule)]
    opening = [rule for rule in rules if rule not in off]
    return (
        any(re.search(r"\bPH\b", rule) for rule in off)
        and any(re.search(r"\bMo\s*-\s*Fr\b", rule) for rule in opening)
        and not any(re.search(r"\b(?:Sa|Su|PH)\b", rule) for rule in opening)
        and all(re.search(r"\bMo\s*-\s*Fr\b", rule) for rule in opening)
    )


def _with_make_up_days(spans: list[Span], text: str, year: HolidayYear) -> list[Span]:
    """Give every make-up workday the hours of the ordinary workday nearest to it, if the text means workdays."""
    if not year.make_up or not _means_workdays(text):
        return spans
    extra: list[Span] = []
    for day in year.make_up:
        model = ordinary_workday_near(day, year)
        if model is not None:
            shift = day - model
            extra.extend((s + shift, e + shift, state) for s, e, state in spans if s.date() == model)
    return _joined(spans + extra)


# -- the text itself


def _split(text: str, separator: str) -> list[str]:
    """Return the parts of a text between separators that stand outside quotes, stripped, without empty ones."""
    quoted = re.split(r'("[^"]*")', text)
    marked = "".join(piece if piece.startswith('"') else piece.replace(separator, "\0") for piece in quoted)
    return [part.strip() for part in marked.split("\0") if part.strip()]


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"', "", text)


def _only_comment(part: str) -> bool:
    return bool(re.fullmatch(r'(?:unknown\s*)?"[^"]*"|unknown', part.strip()))
