"""Checklists for stations, such as 七个一: a readable file of rules, each met, not met, or nobody knows."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from locator.errors import InvalidValue
from locator.station import FACILITIES, Station
from locator.translation import N_

__all__ = ["Rule", "RuleSet", "read_rules"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a checklist: its name by language, and the conditions that must all hold."""

    name: Mapping[str, str]
    conditions: Mapping[str, Any]

    def met_by(self, station: Station, today: date) -> bool | None:
        """Return whether a station meets the rule on a day; None: nobody knows.

        One condition that fails is enough to fail; else one that nobody knows is enough not to know.
        """
        return _all(_holds(name, asked, station, today) for name, asked in self.conditions.items())


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A checklist: its name by language, and its rules in order."""

    name: Mapping[str, str]
    rules: tuple[Rule, ...]


def read_rules(path: Path) -> RuleSet:
    """Read a checklist from a TOML file; see those in geodata/rules.

    Raises
    ------
    InvalidValue
        It is no such file, or a rule asks for something that there is not.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(
            N_("cannot be read as rules: {error}"),
            field="rules",
            value=path.name,
            error=error,
            mend=N_("write it like geodata/rules/seven_ones.toml"),
        ) from error
    rules = document.get("rule")
    if not isinstance(rules, list) or not rules:
        raise InvalidValue(N_("has no rules"), field="rules", value=path.name, mend=N_("add a [[rule]]"))
    return RuleSet(_names(document, path), tuple(_rule(item, path) for item in rules))


def _rule(item: object, path: Path) -> Rule:
    if not isinstance(item, dict):
        raise InvalidValue(N_("is no rule"), field=path.name, value=item, mend=N_("begin it with [[rule]]"))
    conditions = {name: value for name, value in item.items() if name != "name"}
    for name, value in conditions.items():
        if name not in _CONDITIONS:
            raise InvalidValue(
                N_("is not one of {choices}"),
                field=f"{path.name} {name}",
                choices=", ".join(_CONDITIONS),
                mend=N_("choose one of them"),
            )
        _CONDITIONS[name](value, f"{path.name} {name}")
    if not conditions:
        raise InvalidValue(
            N_("asks for nothing"), field=path.name, value=item, mend=N_("give the rule a condition")
        )
    return Rule(_names(item, path), conditions)


def _names(item: Mapping[str, Any], path: Path) -> Mapping[str, str]:
    name = item.get("name")
    if not isinstance(name, dict) or not all(isinstance(name.get(language), str) for language in ("zh", "en")):
        raise InvalidValue(
            N_("has no name in both languages"),
            field=path.name,
            value=name,
            mend=N_("write {form}"),
            form='name = { zh = "…", en = "…" }',
        )
    return name


def _check_codes(codes: object, field: str) -> None:
    if not isinstance(codes, list) or not codes:
        raise InvalidValue(
            N_("is no list of facilities"), field=field, value=codes, mend=N_("write {form}"), form='["toilet"]'
        )
    for code in codes:
        if code not in FACILITIES:
            raise InvalidValue(
                N_("is not one of {choices}"),
                field=field,
                value=code,
                choices=", ".join(FACILITIES),
                mend=N_("choose one of them"),
            )


def _check_amount(amount: object, field: str) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < math.inf:
        raise InvalidValue(
            N_("is not a number from 0 up"), field=field, value=amount, mend=N_("write a number without quotes")
        )


def _check_flag(flag: object, field: str) -> None:
    if not isinstance(flag, bool):
        raise InvalidValue(
            N_("is neither true nor false"), field=field, value=flag, mend=N_("write true or false")
        )


_CONDITIONS: Mapping[str, Callable[[object, str], None]] = {
    "facilities": _check_codes,
    "any_of": _check_codes,
    "min_area_m2": _check_amount,
    "min_capacity": _check_amount,
    "hours": _check_flag,
    "entry": _check_flag,
    "photo": _check_flag,
    "verified_within_days": _check_amount,
}
"""What a rule can ask for, and what refuses a value that it cannot have."""


def _all(values: Iterable[bool | None]) -> bool | None:
    seen = list(values)
    return False if False in seen else None if None in seen else True


def _any(values: Iterable[bool | None]) -> bool | None:
    seen = list(values)
    return True if True in seen else None if None in seen else False


def _holds(name: str, asked: Any, station: Station, today: date) -> bool | None:  # noqa: ANN401 - by condition
    if name == "facilities":
        return _all(station.has(code) for code in asked)
    if name == "any_of":
        return _any(station.has(code) for code in asked)
    if name == "min_area_m2":
        return None if station.area_m2 is None else bool(station.area_m2 >= asked)
    if name == "min_capacity":
        return None if station.capacity is None else bool(station.capacity >= asked)
    if name == "hours":
        return bool((station.opening_hours is not None) == asked)
    if name == "entry":
        return None if not station.entry.ways else bool((not station.entry.face_only) == asked)
    if name == "photo":
        return bool(bool(station.photos) == asked)
    verified = station.provenance.location_verified
    return verified is not None and bool((today - verified).days <= asked)
