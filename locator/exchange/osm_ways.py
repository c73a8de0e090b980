"""Who may use a way of OpenStreetMap, on foot or by e-bike, in which direction: the table osm_ways.toml, read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["TABLE", "Directions", "Mode", "directions", "passes"]

TABLE = Path(__file__).with_suffix(".toml")
"""The table: values of `highway`, the tags that decide beside it, and their source."""

Tags = Mapping[str, str]


class Mode(Enum):
    """How somebody goes."""

    WALK = "walk"
    EBIKE = "ebike"


class Directions(NamedTuple):
    """Whether a way may be used as it is drawn, and against it."""

    forward: bool
    backward: bool


@dataclass(frozen=True, slots=True)
class _Rules:
    """The part of the table for one mode; each member as the table names it."""

    highway: frozenset[str]
    known: frozenset[str]
    barred: frozenset[str]
    own_keys: tuple[str, ...]
    wider_keys: tuple[str, ...]
    yes: frozenset[str]
    no: frozenset[str]
    gate_yes: frozenset[str]
    shut_by: Mapping[str, frozenset[str]]
    allowed_by: Mapping[str, frozenset[str]]
    forbidden_by: Mapping[str, frozenset[str]]
    oneway_keys: tuple[str, ...]
    oneway_implied_by: Mapping[str, frozenset[str]]
    forward_key: str
    backward_key: str
    contraflow: Mapping[str, frozenset[str]]
    one_forward: frozenset[str]
    one_backward: frozenset[str]


def directions(tags: Tags, mode: Mode = Mode.WALK) -> Directions:
    """Return in which directions a way may be used; in none where `highway` is no value of the table.

    The tag of the mode itself (`foot=*`) decides first; then a pavement, which allows; then what forbids; then
    the wider tags (`access=*`); at last the default for the kind of way.
    """
    rules = _rules(mode)
    may = tags.get("highway") in rules.known and _may_use(tags, rules)
    if not may:
        return Directions(False, False)
    oneway = _oneway(tags, rules)
    # What is said of one direction opens what oneway=yes closes.
    return Directions(
        _said(tags, (rules.forward_key,), rules, default=oneway >= 0),
        _said(tags, (rules.backward_key,), rules, default=oneway <= 0),
    )


def passes(tags: Tags, mode: Mode = Mode.WALK) -> bool:
    """Whether one gets past a point of a way: a gate, a bollard, a wall.

    Gates that are private let those through who live or work behind them; locked ones only where a tag says so.
    """
    rules = _rules(mode)
    shut = tags.get("barrier", "") in rules.barred or _any(tags, rules.shut_by)
    return _said(tags, rules.own_keys + rules.wider_keys, rules, default=not shut, at_gate=True)


def _may_use(tags: Tags, rules: _Rules) -> bool:
    default = tags["highway"] in rules.highway
    if _any(tags, rules.allowed_by):
        default = True
    elif _any(tags, rules.forbidden_by):
        default = False
    elif default:
        default = _said(tags, rules.wider_keys, rules, default=True)
    return _said(tags, rules.own_keys, rules, default=default)


def _said(tags: Tags, keys: tuple[str, ...], rules: _Rules, *, default: bool, at_gate: bool = False) -> bool:
    """Return what the first of some tags says that says yes or no; of several values one yes is enough."""
    for key in keys:
        values = {value.strip() for value in tags.get(key, "").split(";")}
        if at_gate and values & rules.gate_yes:
            return default
        if values & rules.yes:
            return True
        if values & rules.no:
            return False
    return default


def _oneway(tags: Tags, rules: _Rules) -> int:
    """Return 1 for one-way as it is drawn, -1 against it, 0 for both."""
    first, *others = rules.oneway_keys
    keys = [first] if _any(tags, rules.contraflow) else [first, *others]
    for key in keys:
        value = tags.get(key)
        if value in rules.one_forward:
            return 1
        if value in rules.one_backward:
            return -1
        if value == "no":
            return 0
    return 1 if len(keys) > 1 and _any(tags, rules.oneway_implied_by) else 0


def _any(tags: Tags, wanted: Mapping[str, frozenset[str]]) -> bool:
    return any(tags.get(key) in values for key, values in wanted.items())


@lru_cache
def _rules(mode: Mode) -> _Rules:
    table: dict[str, Any] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    own = table[mode.value]
    sets = {
        name: {key: frozenset(values) for key, values in own[name].items()}
        for name in ("allowed_by", "forbidden_by", "oneway_implied_by", "contraflow")
    }
    return _Rules(
        highway=frozenset(value for value, modes in table["highway"].items() if mode.value in modes),
        known=frozenset(table["highway"]),
        barred=frozenset(value for value, modes in table["barrier"].items() if mode.value not in modes),
        own_keys=tuple(own["own_keys"]),
        wider_keys=tuple(own["wider_keys"]),
        yes=frozenset(own["yes"]),
        no=frozenset(own["no"]),
        gate_yes=frozenset(table["gate"]["yes"]),
        shut_by={key: frozenset(values) for key, values in table["gate"]["shut_by"].items()},
        oneway_keys=tuple(own["oneway_keys"]),
        forward_key=own["forward_key"],
        backward_key=own["backward_key"],
        one_forward=frozenset(table["oneway"]["forward"]),
        one_backward=frozenset(table["oneway"]["backward"]),
        **sets,
    )
