"""How a measure is spread over people: weighted mean and percentiles, and the Gini coefficient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.streets.graph import Floats

__all__ = ["Spread", "gini", "percentiles", "spread_of"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Over people, each counted once; infinite where those of that rank have no way.

    Attributes
    ----------
    mean
        Of those for whom there is a value.
    beyond
        The weight of those for whom there is none.
    """

    mean: float
    median: float
    p90: float
    worst: float
    beyond: float


def spread_of(values: Floats, weights: Floats) -> Spread:
    """Return how values are spread over weights; NaN where nothing has a weight."""
    there = weights > 0
    values, weights = values[there], weights[there]
    known = np.isfinite(values)
    beyond = float(weights[~known].sum())
    total = float(weights[known].sum())
    mean = float((values[known] * weights[known]).sum() / total) if total else np.nan
    if not len(values):
        return Spread(np.nan, np.nan, np.nan, np.nan, beyond)
    median, p90 = percentiles(values, weights, (50, 90)).tolist()
    return Spread(mean, median, p90, float(values.max()), beyond)


def percentiles(values: Floats, weights: Floats, ranks: tuple[float, ...]) -> Floats:
    """Return the smallest values that at least so many per cent of the weight do not exceed."""
    there = weights > 0
    values, weights = values[there], weights[there]
    if not len(values):
        return np.full(len(ranks), np.nan)
    order = np.argsort(values, kind="stable")
    shares = np.cumsum(weights[order])
    # Sums may miss a share by their last digit.
    wanted = np.asarray(ranks) / 100 * shares[-1] * (1 - 1e-12)
    return np.asarray(values[order][np.minimum(np.searchsorted(shares, wanted), len(order) - 1)])


def gini(values: Floats, weights: Floats) -> float:
    """Return the Gini coefficient of values over weights: 0 all have the same, towards 1 few have all.

    Twice the area between the Lorenz curve, drawn straight from value to value, and the diagonal. NaN where
    nothing has a weight; 0 where all values are 0.
    """
    there = (weights > 0) & np.isfinite(values)
    values, weights = values[there], weights[there]
    if not len(values):
        return float("nan")
    order = np.argsort(values, kind="stable")
    people = np.concatenate([[0.0], np.cumsum(weights[order])])
    held = np.concatenate([[0.0], np.cumsum((values * weights)[order])])
    if held[-1] == 0:
        return 0.0
    people, held = people / people[-1], held / held[-1]
    return float(1 - ((held[1:] + held[:-1]) * np.diff(people)).sum())
