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
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from locator.errors import InvalidValue
from locator.holidays import HolidayYear, holiday_year, ordinary_workday_near
from locator.translation import N_

if TYPE_CHECKING:
    import opening_hours

__all__ = ["Span", "checked_hours", "mentions_holidays", "spans_of_year", "without", "year_bounds"]

MAX_TEXT = 1_000
_CHARACTERS = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")
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
    import opening_hours

    parts = _split(text, "||") if _CHARACTERS.fullmatch(text) else []
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


@lru_cache(maxsize=1_024)
def spans_of_year(text: str, year: int, country: str) -> list[Span]:
    """Return when a text is open or unknown in one year, fallback parts (`||`) filling the gaps before them."""
    found: list[Span] = []
    for part in _split(text, "||"):
        if _only_comment(part):
            found = _filled(found, [(*year_bounds(year), False)])
        else:
            found = _filled(found, _evaluate_part(part, year, country))
    return found


def _evaluate_part(text: str, year: int, country: str) -> list[Span]:
    first, last = year_bounds(year)
    # Hours past midnight on New Year's Eve follow the holidays of the year that they begin in.
    eve = _begun_in(text, year - 1, country) if year > 1 else []
    begun = [*(hours for hours in eve if hours[1] > first), *_begun_in(text, year, country)]
    layers = [
        _joined((start, end, said is _Said.OPEN) for start, end, said in begun if said is layer) for layer in _Said
    ]
    spans: list[Span] = []
    for layer in layers:
        spans = _filled(spans, layer)
    return [
        (max(start, first), min(end, last), state) for start, end, state in spans if start < last and end > first
    ]


def _evaluator(text: str, year: int, country: str) -> opening_hours.OpeningHours:
    # Imported where hours are evaluated: it takes a sixth of a second, and most commands need none.
    import opening_hours

    if country == "CN":
        return opening_hours.OpeningHours(_with_holiday_dates(text, holiday_year(year)))
    try:
        return opening_hours.OpeningHours(text, country=country)
    except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]  # missing from its stub
        return opening_hours.OpeningHours(text)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans of one state in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end, state in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end), state)
        elif start < end:
            joined.append((start, end, state))
    return joined


def _filled(spans: list[Span], more: list[Span]) -> list[Span]:
    """Return the spans and, in the gaps between them, what `more` says."""
    filled = list(spans)
    passed = 0
    for start, end, state in more:
        while passed < len(spans) and spans[passed][1] <= start:
            passed += 1
        reached, ahead = start, passed
        while reached < end and ahead < len(spans) and spans[ahead][0] < end:
            if reached < spans[ahead][0]:
                filled.append((reached, spans[ahead][0], state))
            reached = spans[ahead][1]
            ahead += 1
        if reached < end:
            filled.append((reached, end, state))
    return sorted(filled)


# -- hours that belong to the day they begin on


class _Said(IntEnum):
    """What a text says of a stretch of time; where two overlap the lower one holds."""

    UNKNOWN = 0
    OPEN = 1
    OPEN_END = 2


_Begun = tuple[datetime, datetime, _Said]
_STATES = {"open": _Said.OPEN, "unknown": _Said.UNKNOWN}
_DAY_LONG = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_TIMES = re.compile(r'"[^"]*"|(\d{1,2}):(\d\d)(?:\s*-\s*(\d{1,2}):(\d\d))?(\s*\+)?')
_UNMARKED = re.compile(r"sunrise|sunset|dawn|dusk|:\d\d\s*/|:\d\d\s*\+?\s*(?:off|closed)\b", re.IGNORECASE)


@lru_cache(maxsize=1_024)
def _begun_in(text: str, year: int, country: str) -> list[_Begun]:
    """Return the hours that begin on the days of one year, each day's apart and whole.

    The library gives the hours after midnight to the day they end on: it cuts them on a day off, and
    grants them on the morning after one; and it forgets open ends. So it is asked on which days each
    written stretch begins, by a text in which a minute of its own stands for it.
    """
    marked, written = _with_marks(_canonical(text))
    found = [
        (start, end, _STATES[str(state)])
        for start, end, state, _comment in _evaluator(marked, year, country).intervals(*year_bounds(year))
        if str(state) in _STATES
    ]
    if written is None:
        loose = [(*year_bounds(year), _Said.OPEN_END)] if re.search(r":\d\d\s*\+", _unquoted(text)) else []
        begun = found + loose
    else:
        begun = [hours for interval in found for hours in _unmarked(interval, written)]
    if country == "CN":
        begun += _on_make_up_days(begun, text, holiday_year(year))
    return begun


class _Written(NamedTuple):
    """A stretch of time as it is written, measured from the midnight before it."""

    opens: timedelta
    closes: timedelta | None
    open_until: timedelta | None
    """When an open end (`+`) ends: at the next midnight."""


def _with_marks(text: str) -> tuple[str, list[_Written] | None]:
    """Return the text with an odd minute after midnight for each stretch of time, and the stretches.

    A text with times that are not written out (sunset), or that takes hours away, stays as it is.
    """
    if _UNMARKED.search(_unquoted(text)):
        return text, None
    written: list[_Written] = []

    def mark(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group()
        written.append(_read_times(match))
        hour, minute = divmod(2 * len(written) - 1, 60)
        return f"{hour:02}:{minute:02}-{hour:02}:{minute + 1:02}"

    return _TIMES.sub(mark, text), written


def _read_times(match: re.Match[str]) -> _Written:
    h1, m1, h2, m2, open_end = match.groups()
    opens = timedelta(hours=int(h1), minutes=int(m1))
    if h2 is None:
        return _Written(opens, None, _DAY_LONG)
    closes = timedelta(hours=int(h2), minutes=int(m2))
    if closes <= opens:
        closes += _DAY_LONG
    return _Written(opens, closes, -(-closes // _DAY_LONG) * _DAY_LONG if open_end else None)


def _unmarked(interval: _Begun, written: list[_Written]) -> Iterator[_Begun]:
    """Yield what an interval of the marked text stands for: one written stretch, or whole days."""
    start, end, said = interval
    day = datetime.combine(start.date(), _MIDNIGHT)
    mark = start.hour * 60 + start.minute
    if end - start == _MINUTE and mark % 2 and mark // 2 < len(written):
        opens, closes, open_until = written[mark // 2]
        if closes is not None:
            yield day + opens, day + closes, said
        if open_until is not None:
            yield day + (closes or opens), day + open_until, _Said.OPEN_END
        return
    while day < end:
        yield day, day + _DAY_LONG, said
        day += _DAY_LONG


# -- China's holidays

_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))?(?:\[[^\]]*\])?"
_DAYS = re.compile(rf"{_DAY}(?:\s*,\s*{_DAY})*")


def _with_holiday_dates(text: str, year: HolidayYear) -> str:
    """Return the text with `PH` written out as the year's days off.

    The library's own table of China's holidays has one day of each. Where a rule combines `PH` with more
    than times (months, an offset in days), nobody can tell on a day off.
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
    if dates:
        yield f"{dates}{after}" if plain else f"{dates} unknown"


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


def _on_make_up_days(begun: list[_Begun], text: str, year: HolidayYear) -> list[_Begun]:
    """Return the hours of make-up workdays, those of the ordinary workday nearest, if the text means workdays."""
    if not year.make_up or not _means_workdays(_canonical(text)):
        return []
    extra: list[_Begun] = []
    for day in year.make_up:
        model = ordinary_workday_near(day, year)
        if model is not None:
            shift = day - model
            extra.extend((s + shift, e + shift, said) for s, e, said in begun if s.date() == model)
    return extra


# -- the text itself


def _split(text: str, separator: str) -> list[str]:
    """Return the parts of a text between separators that stand outside quotes, stripped, without empty ones."""
    quoted = re.split(r'("[^"]*")', text)
    marked = "".join(piece if piece.startswith('"') else piece.replace(separator, "\0") for piece in quoted)
    return [part.strip() for part in marked.split("\0") if part.strip()]


def _canonical(text: str) -> str:
    """Return the text with its words as the library prints them: it reads `MO-FR` and `Closed` too."""
    words = r'"[^"]*"|\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|closed)\b'
    usual = {word.lower(): word for word in re.findall(r"[A-Za-z]+", words)}
    return re.sub(words, lambda m: usual.get(m.group().lower(), m.group()), text, flags=re.IGNORECASE)


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"', "", text)


def _only_comment(part: str) -> bool:
    return bool(re.fullmatch(r'(?:unknown\s*)?"[^"]*"|unknown', part.strip()))
