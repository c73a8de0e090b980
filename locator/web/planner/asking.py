"""What a planner asks: the question of an address, its key, and what the form offers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import current_app, request

import locator
from locator.hours import time_zone
from locator.networks import STREETS
from locator.query import MODES
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN
from locator.translation import N_
from locator.web.data import data

if TYPE_CHECKING:
    from locator.report.question import Question

__all__ = ["Asked", "asked_now", "choices", "database_name"]

_OF_PAGES = ("lang", "make")
"""What an address may say beside its question."""

_OFFERED_WITHIN = ("300m", "500m", "1000m", "5min", "10min", "15min")
_OFFERED_NEEDS = (
    "toilet", "drinking_water", "hot_water", "microwave", "air_conditioning", "heating", "phone_charging",
    "rest_seating",
)  # fmt: skip

_AREA_KINDS = {"community": N_("communities"), "district": N_("districts"), "park": N_("parks")}
"""The kinds that are known by name; others are called as the list calls them."""

_LIMITS = {
    "min_share": (N_("Least share of an area's people within reach, from 0 to 1"), "0", "1", "any"),
    "street_within_m": (N_("From every place of a street at most so many metres"), "1", "200000", "any"),
    "beside_m": (N_("At a street is what is at most so many metres from it"), "1", "200000", "any"),
    "crowded_m": (N_("Too near each other below so many metres"), "1", "200000", "any"),
    "stretch_m": (N_("Too long without a station above so many metres"), "1", "200000", "any"),
    "stay_minutes": (N_("Usable for at least so many minutes"), "0", "1440", "any"),
    "thresholds": (N_("Reach is told for these distances and times"), "", "", ""),
    "between": (N_("Gaps in these hours of the day: 11-14, 22-6"), "", "", ""),
}
"""Label, least, most and step of the fields of a form; without a step it is a text."""


@dataclass(frozen=True)
class Asked:
    """A question to a server.

    Attributes
    ----------
    stamp
        The version of the data that it is asked of.
    """

    question: Question
    stamp: str
    database: str
    cache: str
    scenario_version: int = 0
    beside_version: int = 0

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of the address that asks this."""
        return self.question.arguments()

    @cached_property
    def key(self) -> str:
        """A text that is the same for the same question to the same data, for all processes of a server."""
        extract = self.question.extract
        parts: list[object] = [
            locator.__version__,
            self.database,
            self.stamp,
            self.question.record(),
            _trace(extract),
        ]
        if self.question.scenario:
            parts.append(self.scenario_version)
        if self.question.beside:
            parts.append(self.beside_version)
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def pdf_key(self, language: str) -> str:
        """Return the key of the report as PDF in a language."""
        review = str(current_app.config["REVIEW_NUMBER"])
        return hashlib.sha256(f"{self.key} {language} {review}".encode()).hexdigest()[:32]

    def case_key(self, language: str) -> str:
        """Return the key of the report on the question's scenario in a language."""
        return hashlib.sha256(f"case {self.pdf_key(language)}".encode()).hexdigest()[:32]

    def pair_key(self, language: str) -> str:
        """Return the key of the comparison of the question's two scenarios in a language."""
        return hashlib.sha256(f"pair {self.pdf_key(language)}".encode()).hexdigest()[:32]

    @property
    def order(self) -> dict[str, Any]:
        """What a job is told to do."""
        return {
            "make": "findings",
            "database": self.database,
            "cache": self.cache,
            "question": self.question.record(),
        }


def asked_now() -> Asked:
    """Return what the request that is answered now asks.

    Raises
    ------
    QueryError
        An argument means nothing, or there is no such argument.
    """
    # Imported here: the finder does without it.
    from locator.report.question import check_arguments, question_of

    check_arguments(request.args, _OF_PAGES)
    version = data().version()
    today = datetime.now(UTC).astimezone(time_zone(version.snapshot.zone)).date()
    config = current_app.config
    question = question_of(
        request.args.to_dict(flat=False),
        today=today,
        speeds=data().speeds,
        extract=str(config["NETWORK"]) if config["NETWORK"] != STREETS else "",
    )
    names = question.scenario, question.beside
    with data().store() as store:
        versions = [store.scenario(name).version if name else 0 for name in names]
    cache = str(current_app.extensions["planner_cache"])
    return Asked(question, version.stamp, str(config["DATABASE"]), cache, *versions)


def database_name() -> str:
    """Return the database as a command names it: without the folders of this machine."""
    return Path(str(current_app.config["DATABASE"])).name


def choices() -> Mapping[str, Any]:
    """Return what the form offers, as codes and labels in English."""
    from locator.coverage.saying import COUNTED

    version = data().version()

    def read() -> dict[str, tuple[str, ...]]:
        with data().store() as store:
            weights = {kind: None for point in store.demand() for kind in point.weights}
            kinds = {area.kind: None for area in store.areas()}
        return {"weights": tuple(weights) or ("residents",), "area_kinds": tuple(kinds)}

    found = version.once("planner choices", read)
    return {
        "weights": {kind: COUNTED.get(kind, kind) for kind in found["weights"]},
        "area_kinds": {kind: _AREA_KINDS.get(kind, kind) for kind in found["area_kinds"]},
        "within": _OFFERED_WITHIN,
        "modes": {code: MODES[code] for code in ("walk", "ebike")},
        "needs": {code: FACILITIES[code] for code in _OFFERED_NEEDS},
        "ways": WAYS_IN,
        "who": ADMITS,
        "categories": CATEGORIES,
        "limits": _LIMITS,
    }


def _trace(extract: str) -> list[int]:
    """Return what changes when a file does; nothing if there is none."""
    try:
        found = Path(extract).stat() if extract else None
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns] if found else []
