"""Siting: published p-median instances to proven optimum, a large maximal covering, and spopt with the same solver.

    python benchmarks/siting.py [part …]         parts: pmed, like, mclp, spopt; as like-900: those of 900 nodes
    LOCATOR_REAL_DATA=folder                     the collection of real data, for the part pmed

`like` are seeded instances of the sizes of OR-Library's forty, made by their rule (n nodes, n² / 50 edges of 1 to 100):
for each the value, whether it is proven or else the gap, and seconds, at most 120. spopt is compared where it is installed, with HiGHS through pulp, on the same instances; otherwise it says so.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import os
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import mclp
from locator.coverage.siting.median import p_median
from locator.coverage.siting.problem import Options, Pairs, Problem, pairs_of
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search

PUBLISHED = {"pmed1": (5819, 127, 2), "pmed10": (1255, 20, 30), "pmed30": (1989, 9, 300)}
LIKE = {
    100: (5, 10, 20, 33), 200: (5, 10, 20, 40, 67), 300: (5, 10, 30, 60, 100), 400: (5, 10, 40, 80, 133),
    500: (5, 10, 50, 100, 167), 600: (5, 10, 60, 120, 200), 700: (5, 10, 70, 140), 800: (5, 10, 80), 900: (5, 10, 90),
}  # fmt: skip


def problem_of(distance_m: np.ndarray, weight: np.ndarray | None = None, pairs: Pairs | None = None) -> Problem:
    """Return the problem of candidates alone, always open; distances are sites by demand points."""
    sites, points = distance_m.shape
    return Problem(
        site_ids=tuple(map(str, range(sites))), demand_ids=tuple(map(str, range(points))),
        existing=np.zeros(sites, bool), rule=np.zeros(sites, np.int64),
        weight=(np.ones(points) if weight is None else weight).reshape(-1, 1), pairs=pairs or pairs_of(distance_m),
        options=Options(np.arange(sites), np.ones((sites, 1), bool), np.zeros(sites), ("",) * sites),
        capacity=np.full(sites, np.inf),
    )  # fmt: skip


def lengths(n: int, edges: list[list[int]]) -> np.ndarray:
    """Return the shortest paths of a graph; of a repeated edge the last one counts."""
    length = {(min(a, b), max(a, b)): metres for a, b, metres in edges}
    row, column = np.array(list(length)).T
    graph = csr_array((np.array(list(length.values()), float), (row, column)), shape=(n, n))
    return shortest_path(graph, directed=False)


def read(name: str) -> tuple[np.ndarray, int]:
    """Return a published instance."""
    folder = Path(os.environ["LOCATOR_REAL_DATA"]) / "bench"
    numbers = np.array((folder / f"{name}.txt").read_text().split(), int)
    n, edges, p = numbers[:3].tolist()
    return lengths(n, [[a - 1, b - 1, m] for a, b, m in numbers[3 : 3 + 3 * edges].reshape(-1, 3).tolist()]), p


def made(n: int) -> np.ndarray:
    """Return the distances of a seeded instance."""
    dice = np.random.default_rng(n)
    edges = [[i - 1, i, int(dice.integers(1, 101))] for i in range(1, n)]
    pairs = dice.integers(0, n, (n * n // 50 - n + 1, 2))
    edges += [[a, b, int(dice.integers(1, 101))] for a, b in pairs.tolist() if a != b]
    return lengths(n, edges)


def timed(work):
    """Return seconds and what came of it."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def pmed() -> None:
    """Published instances: optimum, proof, seconds."""
    if "LOCATOR_REAL_DATA" not in os.environ:
        print("pmed: skipped, LOCATOR_REAL_DATA is not set")
        return
    for name, (median, center, bar_s) in PUBLISHED.items():
        distance, p = read(name)
        problem = problem_of(distance)
        for model, optimum in ((p_median, median), (p_center, center)):
            seconds, plan = timed(lambda: model(problem, Means(p=p)))
            assert plan.is_proven, (name, plan.gap)
            assert plan.value == optimum, (name, plan.value)
            print(f"{name} {plan.model}: {plan.value:.0f} proven, {seconds:.2f} s (bar ≤ {bar_s})")


def like(only: int | None = None) -> None:
    """Instances made alike."""
    for n in LIKE if only is None else (only,):
        problem = problem_of(made(n))
        for p in LIKE[n]:
            for model in (p_median, p_center):
                seconds, plan = timed(lambda: model(problem, Means(p=p), search=Search(time_limit_s=120)))
                proven = "proven" if plan.is_proven else f"gap {plan.gap:.2%}"
                print(f"n {n}, p {p}, {plan.model}: {plan.value:.0f} {proven}, {seconds:.2f} s", flush=True)


def town(points: int, sites: int) -> tuple[np.ndarray, np.ndarray]:
    """Return distances and weights of a seeded town of 10 by 10 km."""
    dice = np.random.default_rng(1)
    demand, site = dice.uniform(0, 10_000, (points, 2)), dice.uniform(0, 10_000, (sites, 2))
    weight = dice.integers(1, 100, points).astype(float)
    return np.sqrt(((site[:, None] - demand[None]) ** 2).sum(axis=2)), weight


def large() -> None:
    """Maximal covering of 10,000 demand points by 500 candidates, to 1 %."""
    distance, weight = town(10_000, 500)
    distance[distance > 2_000] = np.inf
    problem = problem_of(distance, weight)
    for radius_m, p in ((500, 20), (500, 100), (1000, 20), (1000, 50), (2000, 10)):
        seconds, plan = timed(lambda: mclp(problem, Means(p=p), radius_m=radius_m, search=Search(gap=0.01)))
        print(f"mclp 10,000 × 500, {radius_m} m, p {p}: gap {plan.gap:.2%}, {seconds:.1f} s (bar ≤ 30)")


def peer() -> None:
    """Run the same instances by spopt with HiGHS through pulp, if both are installed."""
    if not (find_spec("spopt") and find_spec("pulp")):
        print("spopt: skipped, it is not installed")
        return
    import pulp
    from spopt.locate import MCLP, PMedian

    solver = pulp.HiGHS(msg=False)
    distance = made(200)
    problem = problem_of(distance)
    ours_s, ours = timed(lambda: p_median(problem, Means(p=10)))
    theirs_s, theirs = timed(
        lambda: PMedian.from_cost_matrix(distance, np.ones(200), p_facilities=10).solve(solver)
    )
    assert abs(pulp.value(theirs.problem.objective) - ours.value) < 1e-3
    print(f"p-median, n 200, p 10: {ours_s / theirs_s:.3f} × spopt's {theirs_s:.2f} s (bar ≤ 1)")
    distance, weight = town(1_000, 100)
    problem = problem_of(distance, weight)
    ours_s, ours = timed(lambda: mclp(problem, Means(p=10), radius_m=1000))
    theirs_s, theirs = timed(
        lambda: MCLP.from_cost_matrix(distance.T, weight, service_radius=1000, p_facilities=10).solve(solver)
    )
    assert abs(pulp.value(theirs.problem.objective) - ours.value) < 1e-3
    print(f"MCLP, 1,000 × 100, p 10: {ours_s / theirs_s:.3f} × spopt's {theirs_s:.2f} s (bar ≤ 1)")


PARTS = {"pmed": pmed, "like": like, "mclp": large, "spopt": peer}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        name, _, size = part.partition("-")
        like(int(size)) if size else PARTS[name]()
