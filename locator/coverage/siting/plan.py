"""The answer to a siting question: which options to choose, what that is worth, and how good any answer can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from locator.coverage.siting.losses import Loss
from locator.coverage.siting.problem import Mask, Numbers, Problem
from locator.coverage.siting.rules import Means
from locator.translation import N_

__all__ = ["MODELS", "PROVEN_GAP", "Plan"]

PROVEN_GAP = 1e-6
MODELS: dict[str, str] = {
    "lscp": N_("Set covering: the fewest new sites that cover all"),
    "mclp": N_("Maximal covering: the most demand covered"),
    "p_median": N_("p-median: the least total walking"),
    "p_center": N_("p-center: the shortest longest walk"),
    "backup": N_("Backup covering: the most demand covered once and again"),
    "gradual": N_("Gradual covering: the most demand covered, the nearer the better"),
}
"""The models, and what each looks for."""
_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """What one model found.

    Attributes
    ----------
    model
        lscp, mclp, p_median, p_center, backup, gradual.
    chosen
        Shape (options,): what is open afterwards, and at which hours; existing stations that stay included.
    value, bound
        The objective of the answer, and what no answer can surpass.
    is_most
        Whether the objective is to be as large as possible, or else as small.
    terms
        The model's own numbers: radius_m and the like.
    loss
        What any choice of options loses; None where the model has no such loss.
    loss_offset
        The value is this minus the loss where it is to be large, and the loss itself where it is to be small.
    """

    model: str
    problem: Problem
    means: Means
    chosen: Mask
    value: float
    bound: float
    is_most: bool
    seconds: float
    terms: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    loss: Loss | None = None
    loss_offset: float = 0.0

    @property
    def gap(self) -> float:
        """How far the answer may be from the best, as a part of its value; 0: it is the best."""
        apart = abs(self.value - self.bound)
        return apart / max(abs(self.value), 1e-9) if apart > 1e-9 else 0.0

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no answer is better."""
        return self.gap <= PROVEN_GAP

    @cached_property
    def options(self) -> Numbers:
        """The chosen options, ascending."""
        return np.flatnonzero(self.chosen)

    @cached_property
    def opened(self) -> Numbers:
        """The chosen options that are new sites."""
        return np.flatnonzero(self.chosen & self.problem.new_options)

    @cached_property
    def changed(self) -> Numbers:
        """The chosen options that are other hours of an existing site."""
        return np.flatnonzero(self.chosen & self.problem.change_options)

    @cached_property
    def closed(self) -> Numbers:
        """The existing sites that close."""
        kept = np.zeros(len(self.problem.site_ids), bool)
        kept[self.problem.options.site[self.chosen]] = True
        return np.flatnonzero(self.problem.existing & ~kept)

    @property
    def cost(self) -> float:
        """What the chosen options cost together, less what is saved by sites that close."""
        return self.problem.cost_of(self.chosen)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        problem, options = self.problem, self.problem.options

        def told(rows: Numbers) -> list[dict[str, Any]]:
            return [
                {
                    "site": problem.site_ids[options.site[row]],
                    "hours": options.names[row],
                    "cost": float(options.cost[row]),
                }
                for row in rows.tolist()
            ]

        return {
            "model": self.model,
            "terms": dict(self.terms),
            "p": self.means.p,
            "budget": self.means.budget,
            "changes": self.means.changes,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "proven_optimal": self.is_proven,
            "seconds": round(self.seconds, 3),
            "open": told(self.opened),
            "change_hours": told(self.changed),
            "close": [problem.site_ids[row] for row in self.closed.tolist()],
            "cost": self.cost,
        }
