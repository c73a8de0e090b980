"""What a scenario was sought by, as texts beside its question: the model, the means, and every rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from locator.coverage.siting.asked import Asked, parse_demand_hours
from locator.coverage.siting.rules import Means

__all__ = ["NAMES", "Sought", "sought_of"]

_NUMBERS = ("close_saves", "extend_cost", "street_share", "per_place")
_LISTS = ("must", "never", "may_close", "may_move", "may_extend", "areas")
_MEANS = ("p", "budget", "changes")
NAMES = ("model", *_MEANS, *_NUMBERS, *_LISTS, "extend_to", "demand_hours", "every_area")
"""What a question may say of a siting, beside `between`."""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """By which model, with which means and under which rules sites were looked for.

    Attributes
    ----------
    asked
        Hours are not among the texts; they are those of the question.
    """

    model: str
    means: Means
    asked: Asked

    @property
    def needs_costs(self) -> bool:
        """Whether sites of unknown cost were left out."""
        return self.means.budget is not None

    def texts(self) -> dict[str, str]:
        """Return it as texts by name; what was not asked is left out."""
        usual, found = Asked(), {"model": self.model}
        for name in _MEANS:
            value = getattr(self.means, name)
            found |= {} if value is None else {name: f"{value:.10g}"}
        for name in _NUMBERS:
            value = getattr(self.asked, name)
            found |= {} if value is None else {name: f"{value:.10g}"}
        for name in _LISTS:
            codes = getattr(self.asked, name)
            found |= {name: ",".join(sorted(codes))} if codes else {}
        if self.asked.extend_to != usual.extend_to:
            found["extend_to"] = self.asked.extend_to
        if self.asked.demand_hours:
            spans = self.asked.demand_hours.items()
            found["demand_hours"] = ",".join(f"{kind}={hours[0]}-{hours[-1] + 1}" for kind, hours in spans)
        if self.asked.every_area:
            found["every_area"] = "1"
        return found

    def among(self, stations: frozenset[str], sites: frozenset[str], areas: frozenset[str]) -> Sought:
        """Return it without what is not there: codes of stations, of stations and candidates, and of areas."""
        asked = self.asked
        here = stations | sites
        return replace(
            self,
            asked=replace(
                asked,
                must=asked.must & here,
                never=asked.never & here,
                may_close=asked.may_close & stations,
                may_move=asked.may_move & stations,
                may_extend=asked.may_extend & stations,
                areas=asked.areas & areas,
            ),
        )


def sought_of(question: Mapping[str, str]) -> Sought | None:
    """Return by what the scenario of a question was sought; None: it was drawn by hand.

    Raises
    ------
    QueryError
        A text of it means nothing.
    """
    if not question.get("model"):
        return None
    said = {name: question[name] for name in NAMES if question.get(name)}
    known = {one.name for one in fields(Asked)}
    given: dict[str, object] = {name: float(said[name]) for name in _NUMBERS if name in said}
    given |= {name: frozenset(said[name].split(",")) for name in _LISTS if name in said}
    given |= {"extend_to": said["extend_to"]} if "extend_to" in said else {}
    given |= {"every_area": True} if "every_area" in said else {}
    if "demand_hours" in said:
        given["demand_hours"] = parse_demand_hours(said["demand_hours"])
    return Sought(
        model=said["model"],
        means=Means(
            p=int(said["p"]) if "p" in said else None,
            budget=float(said["budget"]) if "budget" in said else None,
            changes=int(said["changes"]) if "changes" in said else None,
        ),
        asked=Asked(**{name: value for name, value in given.items() if name in known}),  # type: ignore[arg-type]
    )
