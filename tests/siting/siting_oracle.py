"""Siting by trying everything: an oracle that shares no code with the models, and problems small enough for it."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from locator.coverage.siting.problem import Group, Options, Problem, Rule, Share, pairs_of
from locator.coverage.siting.rules import Means


def simple_problem(distance_m, weight=None, **more):
    """Return a problem of candidates alone, always open, without costs; distances are sites by demand points."""
    distance_m = np.asarray(distance_m, float)
    sites, points = distance_m.shape
    weight = np.ones(points) if weight is None else np.asarray(weight, float)
    given = {
        "site_ids": tuple(f"s{row}" for row in range(sites)),
        "demand_ids": tuple(f"d{row}" for row in range(points)),
        "existing": np.zeros(sites, bool),
        "rule": np.zeros(sites, np.int64),
        "weight": weight.reshape(points, -1),
        "pairs": pairs_of(distance_m),
        "options": Options(np.arange(sites), np.ones((sites, 1), bool), np.zeros(sites), ("",) * sites),
        "capacity": np.full(sites, np.inf),
    }
    return Problem(**(given | more))


class Oracle:
    """Every answer that keeps the rules, looked at one by one."""

    def __init__(self, problem: Problem, means: Means = Means()) -> None:  # noqa: B008
        self.problem, self.means = problem, means
        self.far = np.full((len(problem.site_ids), len(problem.demand_ids)), np.inf)
        self.far[problem.pairs.site, problem.pairs.demand] = problem.pairs.distance_m

    def choices(self):
        """Yield lists of options."""
        problem = self.problem
        per_site = [
            [None, *(o for o, s in enumerate(problem.options.site) if s == site)]
            for site in range(len(problem.site_ids))
        ]
        for picked in product(*per_site):
            if self.is_allowed(picked):
                yield [option for option in picked if option is not None]

    def is_allowed(self, picked):
        problem, means = self.problem, self.means
        new = moved = changes = 0
        for site, option in enumerate(picked):
            rule, existing = problem.rule[site], problem.existing[site]
            if (rule == Rule.MUST and option is None) or (rule == Rule.NEVER and option is not None):
                return False
            if option is None:
                moved += rule == Rule.MOVES
                continue
            new += not existing
            first = min(o for o, s in enumerate(problem.options.site) if s == site)
            changes += bool(existing and option != first)
        if moved > new or (means.p is not None and new > means.p + moved):
            return False
        if (
            means.budget is not None
            and self.cost([one for one in picked if one is not None]) > means.budget + 1e-9
        ):
            return False
        if means.changes is not None and changes > means.changes:
            return False
        if any(sum(picked[s] is not None for s in group.sites) < group.least for group in problem.groups):
            return False
        chosen = [option for option in picked if option is not None]
        for share in problem.shares:
            total = reached = 0.0
            for point, t, weight in self.cells(problem.kinds.index(share.kind)):
                total += weight
                reached += weight * (self.nearest(chosen, point, t) <= share.radius_m)
            if reached < share.least * total - 1e-9:
                return False
        return True

    def cost(self, chosen):
        """Return what options cost, less what is saved where a station closes."""
        problem = self.problem
        open_sites = {problem.options.site[option] for option in chosen}
        saved = sum(
            problem.saves[site] for site, there in enumerate(problem.existing) if there and site not in open_sites
        )
        return sum(problem.options.cost[option] for option in chosen) - saved

    def cells(self, kind=0):
        problem = self.problem
        for point in range(len(problem.demand_ids)):
            if problem.kind[point] != kind:
                continue
            for t in range(problem.weight.shape[1]):
                if problem.weight[point, t] > 0:
                    yield point, t, problem.weight[point, t]

    def distances(self, chosen, point, t):
        options = self.problem.options
        return sorted(self.far[options.site[o], point] for o in chosen if options.open[o, t])

    def nearest(self, chosen, point, t):
        return next(iter(self.distances(chosen, point, t)), np.inf)

    def covered(self, chosen, radius_m, times=1):
        return sum(
            weight * (sum(far <= radius_m for far in self.distances(chosen, point, t)) >= times)
            for point, t, weight in self.cells()
        )

    def credit(self, chosen, credit):
        return sum(w * float(credit(np.array([self.nearest(chosen, p, t)]))[0]) for p, t, w in self.cells())

    def walked(self, chosen, beyond_m):
        return sum(w * min(self.nearest(chosen, p, t), beyond_m) for p, t, w in self.cells())

    def longest(self, chosen):
        return max((self.nearest(chosen, p, t) for p, t, _ in self.cells()), default=0.0)

    def counted(self, chosen):
        """Return new sites, changes of hours and stations that might close and stay."""
        problem, count = self.problem, 0
        for option in chosen:
            site = problem.options.site[option]
            first = min(o for o, s in enumerate(problem.options.site) if s == site)
            closable = problem.existing[site] and problem.rule[site] in (Rule.FREE, Rule.MOVES)
            count += not problem.existing[site]
            count += bool(closable) + bool(problem.existing[site] and option != first)
        return count


@st.composite
def problems(draw, *, capacities=False):
    """Draw a small problem with hours, existing sites, rules, groups and shares."""
    sites, points, slices = draw(st.integers(2, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 3))
    numbers = st.integers(0, 9)
    far = np.array(draw(st.lists(numbers, min_size=sites * points, max_size=sites * points)), float)
    far[far == 9] = np.inf
    existing = np.array(draw(st.lists(st.booleans(), min_size=sites, max_size=sites)))
    rules = st.sampled_from([Rule.FREE, Rule.FREE, Rule.FREE, Rule.MUST, Rule.NEVER, Rule.MOVES])
    rule = np.array([draw(rules) for _ in range(sites)])
    rule[(rule == Rule.MOVES) & ~existing] = Rule.FREE
    many = [draw(st.integers(1, 2)) for _ in range(sites)]
    site = np.repeat(np.arange(sites), many)
    hours = np.array(draw(st.lists(st.booleans(), min_size=len(site) * slices, max_size=len(site) * slices)))
    cost = np.array([draw(st.integers(0, 4)) for _ in site], float)
    weight = np.array([draw(st.integers(0, 5)) for _ in range(points * slices)], float)
    kind = np.array([draw(st.sampled_from([0, 0, 1])) for _ in range(points)])
    groups = [
        Group("g", np.array(sorted(draw(st.sets(st.integers(0, sites - 1), min_size=1)))))
        for _ in range(draw(st.integers(0, 1)))
    ]
    shares = [Share("street", draw(st.sampled_from([0.3, 0.5])), 5.0)] if draw(st.booleans()) else []
    saves = np.array([draw(st.sampled_from([0.0, 0.0, 1.0, 3.0])) for _ in range(sites)])
    full = np.array([draw(st.sampled_from([2.0, 6.0, np.inf])) for _ in range(sites)])
    return simple_problem(
        far.reshape(sites, points),
        weight.reshape(points, slices),
        existing=existing,
        rule=rule,
        options=Options(site, hours.reshape(len(site), slices), cost, tuple(f"h{n}" for n in range(len(site)))),
        groups=tuple(groups),
        shares=tuple(shares),
        kinds=("people", "street"),
        kind=kind,
        slices=tuple(f"t{n}" for n in range(slices)),
        saves=saves,
        capacity=full if capacities else np.full(sites, np.inf),
    )


means_drawn = st.builds(
    Means,
    p=st.integers(0, 3),
    budget=st.one_of(st.none(), st.integers(0, 8).map(float)),
    changes=st.one_of(st.none(), st.integers(0, 2)),
)
