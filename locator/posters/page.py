"""A poster for the door of a station: its name, the QR code of its page, hours, how one gets in, what it offers.

One page of HTML for a browser and for WeasyPrint alike; it stands alone and asks nobody for anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup

from locator.assets import asset_folder
from locator.hours import Hours, Interval, State
from locator.optional import optional_part
from locator.posters.fonts import FAMILIES
from locator.station import FACILITIES, Station
from locator.translation import Translator
from locator.wording import WEEKDAYS, admission_text, category_text, span_text

__all__ = ["SIZES", "Poster", "poster_of", "posters_page", "regular_hours"]

SIZES = {"a4": "A4", "a5": "A5"}
"""Sizes of paper, as CSS calls them."""

_WEEKS = 8
_DAY = timedelta(days=1)
_DAYS_OF_WEEK = 7
_MOST_FACILITIES = 16


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on the poster of one station, in one language.

    Attributes
    ----------
    hours
        Days and the hours of those days, a stretch a line; nothing where nobody knows them.
    facilities
        What it offers; `more` says how many more.
    """

    code: str
    name: str
    category: str
    where: str
    admission: str
    steps: tuple[str, ...]
    hours: tuple[tuple[str, str], ...]
    facilities: tuple[str, ...]
    more: int
    operator: str
    is_illustrative: bool
    url: str
    qr: Markup


def poster_of(station: Station, hours: Hours, day: date, url: str, translate: Translator) -> Poster:
    """Return the poster of a station.

    Parameters
    ----------
    day
        The day from which on its hours are looked at.
    url
        What its QR code holds: the address `/s/<code>` of the site.

    Raises
    ------
    MissingPart
        segno is not installed: the extra `print` brings it.
    """
    offered = [translate(FACILITIES[code]) for code, there in station.facilities.items() if there]
    entry = station.entry
    return Poster(
        code=station.id,
        name=station.name,
        category=category_text(station, translate),
        where=" · ".join(dict.fromkeys(t for t in (station.address or station.street, station.community) if t)),
        admission=admission_text(entry, translate),
        steps=tuple(text for text in (entry.host, entry.door, entry.floor) if text),
        hours=regular_hours(hours, day, translate) if station.status == "operating" else (),
        facilities=tuple(offered[:_MOST_FACILITIES]),
        more=max(0, len(offered) - _MOST_FACILITIES),
        operator=station.operator,
        is_illustrative=station.provenance.is_illustrative,
        url=url,
        qr=_qr(url),
    )


def regular_hours(hours: Hours, day: date, translate: Translator) -> tuple[tuple[str, str], ...]:
    """Return the hours as they are in most weeks, days that are alike together: 周一–周五 08:00–18:00.

    Several stretches of a day stand in lines of their own.

    What each weekday has most often in the eight weeks from `day` on: a holiday or a closure among them does not
    make a rule. Nothing where the hours are not known.
    """
    if hours.opening is None:
        return ()
    usual = [_usual(hours, day, weekday, translate) for weekday in range(_DAYS_OF_WEEK)]
    if set(usual) == {"00:00–24:00"}:
        return ((translate("Every day"), translate("around the clock")),)
    found = []
    for text, group in groupby(range(_DAYS_OF_WEEK), key=usual.__getitem__):
        days = list(group)
        first, last = (translate(WEEKDAYS[number]) for number in (days[0], days[-1]))
        name = (
            translate("Every day") if len(days) == _DAYS_OF_WEEK else first if first == last else f"{first}–{last}"
        )
        found.append((name, text))
    return tuple(found)


def _usual(hours: Hours, day: date, weekday: int, translate: Translator) -> str:
    first = day + timedelta(days=(weekday - day.weekday()) % _DAYS_OF_WEEK)
    seen = Counter(_day_text(_of_day(hours, first + timedelta(weeks=week)), translate) for week in range(_WEEKS))
    return seen.most_common(1)[0][0]


def _of_day(hours: Hours, day: date) -> list[Interval]:
    """Return the stretches of a day as people say them: a night belongs to the day on which it begins."""
    clipped = hours.intervals(day, 1)
    around = hours.intervals(day - timedelta(days=1), 3)
    begun = [interval for interval in around if interval.start.date() == day]
    is_all_day = sum((interval.end - interval.start for interval in clipped), timedelta()) >= _DAY
    return clipped if is_all_day or any(one.end - one.start >= _DAY for one in begun) else begun


def _day_text(intervals: Sequence[Interval], translate: Translator) -> str:
    texts = []
    for interval in intervals:
        text = "–".join(span_text(interval))
        if interval.end.date() > interval.start.date() and f"{interval.end:%H:%M}" != "00:00":
            end = f"{interval.end:%H:%M}"
            text = translate("{begin}–{end} next day", begin=f"{interval.start:%H:%M}", end=end)
        if interval.state is State.SELF_SERVICE:
            text = translate("{hours} self-service", hours=text)
        elif not interval.state.is_usable:
            text = translate("{hours} not sure", hours=text)
        texts.append(text)
    return "\n".join(texts) or translate("closed")


def posters_page(
    posters: Iterable[Poster], translate: Translator, *, size: str, site: str, nonce: str = "", home: str = ""
) -> str:
    """Return posters as one HTML page, a sheet of paper each.

    Parameters
    ----------
    size
        One of `SIZES`.
    site
        Whose stations these are.
    nonce
        What the policy of a web page asks its styles for.
    home
        Where a browser leads back to; empty: the page is for a printer alone.
    """
    return _template().render(
        posters=posters,
        size=SIZES[size],
        size_code=size,
        sizes=SIZES,
        site=site,
        nonce=nonce,
        home=home,
        lang=translate.language,
        _=translate,
        families=Markup(", ").join(Markup('"{}"').format(name) for name in FAMILIES),
        style=Markup((asset_folder("static") / "css" / "poster.css").read_text(encoding="utf-8")),  # noqa: S704
        mark=Markup((asset_folder("static") / "icons" / "locator.svg").read_text(encoding="utf-8")),  # noqa: S704
    )


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("locator.posters"), autoescape=True)
    return environment.get_template("posters.html")


def _qr(text: str) -> Markup:
    """Return a QR code as SVG; a quarter of it may be scratched off."""
    made = optional_part("segno", "print").make(text, error="q", micro=False)
    drawn: str = made.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    # Numbers and colours alone: what the code says is in its squares.
    return Markup(drawn)  # noqa: S704
