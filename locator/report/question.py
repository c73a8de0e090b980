"""The question of a study, as words: from the arguments of an address, and back as an address and as a command."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from locator.coverage.criteria import (
    ALL_DAY,
    Criteria,
    Terms,
    Threshold,
    check_day,
    hours_text,
    parse_day,
    parse_hours,
    parse_threshold,
)
from locator.errors import QueryError
from locator.exchange.osm_ways import Mode
from locator.translation import N_

__all__ = ["ARGUMENTS", "NUMBERS", "Question", "check_arguments", "question_of"]

_SETS = {"needs": "--need", "ways": "--way", "who": "--who", "categories": "--category"}
_OPTIONS = {
    "weight": "--weight",
    "within": "--within",
    "mode": "--mode",
    "area_kind": "--area-kind",
    "scenario": "--scenario",
}
_FLAGS = {
    "no_registration": ("--no-registration", "--registration"),
    "h24": ("--h24", "--no-h24"),
    "straight": ("--straight-line", "--along-streets"),
}
NUMBERS = {
    "min_share": "--min-share",
    "street_within_m": "--street-within",
    "beside_m": "--beside",
    "crowded_m": "--crowded",
    "stretch_m": "--stretch",
    "stay_minutes": "--minutes",
}
"""Criteria that are a number, by the option that sets them."""

_LISTS = {"thresholds": "--thresholds", "between": "--between"}
ARGUMENTS = (
    "on", "weight", "within", "mode", "area_kind", "scenario", "beside", *_SETS, *NUMBERS, *_LISTS, *_FLAGS,
)  # fmt: skip
"""What an address may say."""

_NONE: Mapping[str, str] = {}
_YES, _NO = ("1", "true", "on"), ("", "0", "false", "off")
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is studied.

    Attributes
    ----------
    straight
        Whether distances are straight lines whatever streets there are.
    extract
        The OpenStreetMap extract to measure along; empty: the streets of the database.
    scenario
        The scenario that says where the stations are supposed to be; empty: they are as they are.
    beside
        The scenario that it is compared with; empty: the stations as they are.
    """

    day: date
    criteria: Criteria = field(default_factory=Criteria)
    straight: bool = False
    extract: str = ""
    scenario: str = ""
    beside: str = ""

    @property
    def between(self) -> str:
        """The hours in which gaps are looked for, as a text; empty: all of the day."""
        return "" if self.criteria.gap_hours == ALL_DAY else hours_text(self.criteria.gap_hours)

    def arguments(self) -> dict[str, str]:
        """Return the arguments of the address that asks this; what is usual is left out, but for the day."""
        beside = {"beside": self.beside} if self.beside else {}
        return {"on": self.day.isoformat()} | dict(self._said()) | beside

    def limits(self) -> dict[str, str]:
        """Return the criteria that have a usual value as texts by argument, said or not."""
        return dict(_texts(self.criteria))

    def asked(self) -> dict[str, str]:
        """Return by what is measured as arguments, whatever the day and the scenario; never empty."""
        always = {"weight": self.criteria.weight, "within": self.criteria.within.short}
        return always | {name: value for name, value in self._said() if name != "scenario"}

    def options(self, instead_of: Mapping[str, str] = _NONE) -> list[str]:
        """Return the options of a command that ask this, but for the day.

        Parameters
        ----------
        instead_of
            Arguments that the command would take for granted: what differs from them is said though it is usual.
        """
        said, options = dict(self._said()), _OPTIONS | _SETS | NUMBERS | _LISTS
        usual = self.limits()
        words: list[str] = []
        for name, option in options.items():
            if name in said or name in instead_of:
                words += [option, said.get(name, usual.get(name, ""))]
        for name, (yes, no) in _FLAGS.items():
            if name in said or name in instead_of:
                words.append(yes if name in said else no)
        return words

    def command(
        self,
        database: str,
        output: str,
        *,
        verbs: Sequence[str] = ("coverage", "report"),
        instead_of: Mapping[str, str] = _NONE,
    ) -> str:
        """Return the command that asks this, the database and the file named as given; see `options`."""
        words = ["locator", *verbs, "--database", database, "--on", self.day.isoformat()]
        streets = ["--streets", self.extract] if self.extract else []
        return shlex.join([*words, *self.options(instead_of), *streets, "-o", output])

    def record(self) -> dict[str, Any]:
        """Return it as JSON-able values, from which `Question.of_record` makes it again."""
        speed = self.criteria.speed_m_per_s
        return {"arguments": self.arguments(), "extract": self.extract, "speed_m_per_s": speed}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Question:
        """Return the question of a record."""
        arguments = {name: [value] for name, value in record["arguments"].items()}
        mode = record["arguments"].get("mode", Mode.WALK.value)
        speeds = {mode: record["speed_m_per_s"]} if record["speed_m_per_s"] else {}
        day = date.fromisoformat(record["arguments"]["on"])
        return question_of(arguments, today=day, speeds=speeds, extract=record["extract"])

    def _said(self) -> Iterator[tuple[str, str]]:
        terms, usual = self.criteria.terms, dict(_texts(Criteria()))
        yield from ((name, text) for name, text in _texts(self.criteria) if text != usual[name])
        if self.scenario:
            yield "scenario", self.scenario
        for name in _SETS:
            if codes := getattr(terms, name):
                yield name, ",".join(sorted(codes))
        flags = {"no_registration": terms.no_registration, "h24": terms.h24, "straight": self.straight}
        yield from ((name, "1") for name, value in flags.items() if value)


def question_of(
    arguments: Mapping[str, Sequence[str]],
    *,
    today: date,
    speeds: Mapping[str, float],
    extract: str = "",
) -> Question:
    """Return the question that the arguments of an address ask; what they do not say is as usual.

    Parameters
    ----------
    arguments
        Texts by name (`ARGUMENTS`), each given as often as one likes; lists also with commas.
    speeds
        Metres a second by mode of travel, where they are not the usual ones.

    Raises
    ------
    QueryError
        One of them means nothing.
    """
    said = {name: text for name in ARGUMENTS if (text := _last(arguments, name))}
    sets = {name: frozenset(_words(arguments.get(name, ()))) for name in _SETS}
    flags = {name: _flag(name, said.get(name, "")) for name in _FLAGS}
    terms = Terms(**sets, no_registration=flags["no_registration"], h24=flags["h24"])
    mode = said.get("mode", Mode.WALK.value)
    if mode not in {one.value for one in Mode}:
        raise QueryError(
            N_("is not one of {choices}"), field="mode", value=mode, choices=", ".join(one.value for one in Mode),
            mend=N_("choose one of them"),
        )  # fmt: skip
    usual = Criteria()
    criteria = Criteria(
        weight=said.get("weight", usual.weight),
        within=parse_threshold(said["within"]) if "within" in said else usual.within,
        thresholds=_thresholds(arguments["thresholds"]) if "thresholds" in said else usual.thresholds,
        gap_hours=parse_hours(said["between"]) if "between" in said else usual.gap_hours,
        mode=Mode(mode),
        area_kind=said.get("area_kind", ""),
        terms=terms,
        speed_m_per_s=speeds.get(mode),
        **{name: _number(name, said[name]) for name in NUMBERS if name in said},
    )
    return Question(
        day=parse_day(said["on"]) if "on" in said else check_day(today),
        criteria=criteria,
        straight=flags["straight"],
        extract=extract,
        scenario=said.get("scenario", ""),
        beside=said.get("beside", ""),
    )


def check_arguments(names: Iterable[str], known: Collection[str] = ()) -> None:
    """Raise QueryError if an address says something that is no argument; `known` are those of its page."""
    for name in names:
        if name not in ARGUMENTS and name not in known:
            raise QueryError(
                N_("is not a parameter"), field=name[:_LONGEST], mend=N_("use {choices}"),
                choices=", ".join((*ARGUMENTS, *known)),
            )  # fmt: skip


def _last(arguments: Mapping[str, Sequence[str]], name: str) -> str:
    texts = arguments.get(name, ())
    text = texts[-1].strip() if texts else ""
    if len(text) > _LONGEST:
        raise QueryError(N_("is too long"), field=name, value=text, mend=N_("shorten it"))
    return text


def _words(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip() for word in text.split(",") if word.strip())


def _flag(name: str, text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise QueryError(
            N_("is not one of {choices}"), field=name, value=text, choices=", ".join((*_YES, *_NO[1:])),
            mend=N_("choose one of them"),
        )  # fmt: skip
    return text.lower() in _YES


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise QueryError(N_("is not a number"), field=name, value=text, mend=N_("correct it")) from None


def _thresholds(texts: Sequence[str]) -> tuple[Threshold, ...]:
    return tuple(dict.fromkeys(parse_threshold(word, field="thresholds") for word in _words(texts)))


def _texts(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Yield the criteria that have a usual value, as texts by argument."""
    yield "weight", criteria.weight
    yield "within", criteria.within.short
    yield "mode", criteria.mode.value
    yield "area_kind", criteria.area_kind
    for name in NUMBERS:
        yield name, f"{getattr(criteria, name):.10g}"
    yield "thresholds", ",".join(one.short for one in criteria.thresholds)
    yield "between", hours_text(criteria.gap_hours)
