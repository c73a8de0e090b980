"""The question of a study, as words: from the arguments of an address, and back as an address and as a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from locator.coverage.criteria import Criteria, Terms, Threshold, parse_threshold
from locator.errors import QueryError
from locator.exchange.osm_ways import Mode
from locator.query import check_range
from locator.translation import N_

__all__ = ["ARGUMENTS", "Question", "question_of"]

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
ARGUMENTS = ("on", "weight", "within", "mode", "area_kind", "scenario", "beside", *_SETS, *_FLAGS)
"""What an address may say."""

_NONE: Mapping[str, str] = {}
_YES = ("1", "true", "on")
_LONGEST = 200
_FURTHEST_M = 20_000


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

    def arguments(self) -> dict[str, str]:
        """Return the arguments of the address that asks this; what is usual is left out, but for the day."""
        beside = {"beside": self.beside} if self.beside else {}
        return {"on": self.day.isoformat()} | dict(self._said()) | beside

    def asked(self) -> dict[str, str]:
        """Return by what is measured as arguments, whatever the day and the scenario; never empty."""
        always = {"weight": self.criteria.weight, "within": _short(self.criteria.within)}
        return always | {name: value for name, value in self._said() if name != "scenario"}

    def options(self, instead_of: Mapping[str, str] = _NONE) -> list[str]:
        """Return the options of a command that ask this, but for the day.

        Parameters
        ----------
        instead_of
            Arguments that the command would take for granted: what differs from them is said though it is usual.
        """
        said, options = dict(self._said()), _OPTIONS | _SETS
        criteria = self.criteria
        usual = {"weight": criteria.weight, "within": _short(criteria.within), "mode": criteria.mode.value}
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
        usual, criteria, terms = Criteria(), self.criteria, self.criteria.terms
        if criteria.weight != usual.weight:
            yield "weight", criteria.weight
        if criteria.within != usual.within:
            yield "within", _short(criteria.within)
        if criteria.mode is not usual.mode:
            yield "mode", criteria.mode.value
        if criteria.area_kind:
            yield "area_kind", criteria.area_kind
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
    flags = {name: said.get(name, "") in _YES for name in _FLAGS}
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
        mode=Mode(mode),
        area_kind=said.get("area_kind", ""),
        terms=terms,
        speed_m_per_s=speeds.get(mode),
    )
    check_range("within", criteria.within_m, 1, _FURTHEST_M)
    return Question(
        day=_day(said["on"]) if "on" in said else today,
        criteria=criteria,
        straight=flags["straight"],
        extract=extract,
        scenario=said.get("scenario", ""),
        beside=said.get("beside", ""),
    )


def _last(arguments: Mapping[str, Sequence[str]], name: str) -> str:
    texts = arguments.get(name, ())
    text = texts[-1].strip() if texts else ""
    if len(text) > _LONGEST:
        raise QueryError(N_("is too long"), field=name, value=text, mend=N_("shorten it"))
    return text


def _words(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (word.strip() for word in text.split(",") if word.strip())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(
            N_("is not a day"), field="on", value=text, mend=N_("write it like {example}"), example="2026-11-20"
        ) from None


def _short(threshold: Threshold) -> str:
    return f"{threshold.value:g}{threshold.unit}"
