"""The models against spopt's with the same solver: seeded random instances, and a real one that comes with spopt.

The real instance is 16 candidate stores and 205 census tracts of San Francisco with network distances; its figures
are those that spopt's own tests state.
"""

import csv
import warnings
from importlib.resources import files

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from siting_oracle import simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import lscp, mclp
from locator.coverage.siting.median import p_median
from locator.coverage.siting.remainder import Remainder
from locator.coverage.siting.rules import Means

with warnings.catch_warnings():
    # pulp 3 tells of what pulp 4 will change.
    warnings.simplefilter("ignore")
    import pulp
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning"
)


def solved(model):
    """Return the objective that spopt finds."""
    model.solve(pulp.HiGHS(msg=False))
    assert model.problem.status == pulp.LpStatusOptimal
    return pulp.value(model.problem.objective)


def town(seed, *, sites=25, points=80):
    """Return metres in a plane, sites by demand points, and whole weights."""
    dice = np.random.default_rng(seed)
    site, point = dice.uniform(0, 1000, (sites, 2)), dice.uniform(0, 1000, (points, 2))
    metres = np.sqrt(((site[:, None] - point[None]) ** 2).sum(axis=2))
    return metres, dice.integers(1, 100, points).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_set_covering(seed):
    metres, _ = town(seed)
    radius_m = float(metres.min(axis=0).max()) + 60
    plan = lscp(simple_problem(metres), radius_m=radius_m)
    assert plan.is_proven
    assert plan.value == solved(LSCP.from_cost_matrix(metres.T, radius_m))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("p", [2, 6])
def test_maximal_covering(seed, p):
    metres, weight = town(seed)
    plan = mclp(simple_problem(metres, weight), Means(p=p), radius_m=180)
    assert plan.is_proven
    assert plan.value == pytest.approx(solved(MCLP.from_cost_matrix(metres.T, weight, 180, p_facilities=p)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("p", [2, 7])
def test_p_median(seed, p):
    metres, weight = town(seed)
    plan = p_median(simple_problem(metres, weight), Means(p=p))
    assert plan.is_proven
    theirs = solved(PMedian.from_cost_matrix(metres.T, weight, p_facilities=p))
    assert plan.value == pytest.approx(theirs, rel=1e-6)


def walks(seed, nodes):
    """Return the shortest ways of a seeded graph made as OR-Library's are: n² / 50 edges of 1 to 100."""
    dice = np.random.default_rng(seed)
    ends = np.column_stack([np.arange(nodes - 1), np.arange(1, nodes)])
    more = dice.integers(0, nodes, (nodes * nodes // 50 - nodes + 1, 2))
    length = {(a, b): m for (a, b), m in zip(
        np.vstack([ends, more[more[:, 0] != more[:, 1]]]).tolist(), dice.integers(1, 101, nodes**2).tolist(), strict=False
    )}  # fmt: skip
    row, column = np.array(list(length)).T
    return shortest_path(csr_array((np.array(list(length.values()), float), (row, column)), shape=(nodes, nodes)),
                         directed=False)  # fmt: skip


@pytest.mark.parametrize(("seed", "p"), [(2, 15), (3, 20)])
def test_p_median_of_which_a_program_solves_what_bounds_leave(seed, p, monkeypatch):
    metres, solved_parts, solve = walks(seed, 120), [], Remainder.solved
    monkeypatch.setattr(
        Remainder, "solved", lambda left, *more, **named: solved_parts.append(left) or solve(left, *more, **named)
    )
    plan = p_median(simple_problem(metres), Means(p=p))
    assert solved_parts
    assert plan.is_proven
    assert plan.value == pytest.approx(solved(PMedian.from_cost_matrix(metres, np.ones(120), p_facilities=p)))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("p", [2, 6])
def test_p_center(seed, p):
    metres, _ = town(seed, sites=15, points=40)
    plan = p_center(simple_problem(metres), Means(p=p))
    assert plan.is_proven
    assert plan.value == pytest.approx(solved(PCenter.from_cost_matrix(metres.T, p_facilities=p)), rel=1e-6)


@pytest.fixture(scope="module")
def san_francisco():
    """Return network metres, stores by tracts, and the people of each tract."""
    folder = files("spopt").joinpath("tests/test_locate/data")
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with folder.joinpath(name).open() as lines:
        rows = list(csv.DictReader(lines))
    with folder.joinpath("SF_demand_205_centroid_uniform_weight.csv").open() as lines:
        people = {row["NAME"]: float(row["POP2000"]) for row in csv.DictReader(lines)}
    stores, tracts = sorted({row["name"] for row in rows}), sorted(people)
    metres = np.full((len(stores), len(tracts)), np.inf)
    for row in rows:
        metres[stores.index(row["name"]), tracts.index(row["DestinationName"])] = float(row["distance"])
    assert metres.shape == (16, 205)
    return metres, np.array([people[tract] for tract in tracts])


def test_stated_figures_of_a_real_town(san_francisco):
    metres, people = san_francisco
    plan = mclp(simple_problem(metres, people), Means(p=4), radius_m=5000)
    near = (metres[plan.chosen] <= 5000).any(axis=0)
    assert (~near).sum() == 21
    plan = p_median(simple_problem(metres, people), Means(p=4))
    assert plan.value / people.sum() == pytest.approx(2982.1268579890657, rel=1e-9)


def test_models_of_a_real_town(san_francisco):
    metres, people = san_francisco
    problem = simple_problem(metres, people)
    assert lscp(problem, radius_m=5000).value == solved(LSCP.from_cost_matrix(metres.T, 5000))
    covered = solved(MCLP.from_cost_matrix(metres.T, people, 5000, p_facilities=4))
    assert mclp(problem, Means(p=4), radius_m=5000).value == pytest.approx(covered)
    longest = solved(PCenter.from_cost_matrix(metres.T, p_facilities=4))
    assert p_center(problem, Means(p=4)).value == pytest.approx(longest)


def test_sites_are_worth_what_is_said_where_a_start_is_given():
    """HiGHS may hand back the start beside the value of a better answer; what is told fits the sites."""
    metres, _ = town(3)
    plan = lscp(simple_problem(metres), radius_m=float(metres.min(axis=0).max()) + 60)
    assert (len(plan.opened), plan.value, plan.bound) == (6, 6, 6)
