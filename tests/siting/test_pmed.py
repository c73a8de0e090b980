"""The published optima of OR-Library's p-median instances, from the collection kept outside the project."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from siting_oracle import simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.median import p_median
from locator.coverage.siting.rules import Means

pytestmark = pytest.mark.shared


@pytest.mark.parametrize(
    ("name", "median", "center"), [("pmed1", 5819, 127), ("pmed10", 1255, 20), ("pmed30", 1989, 9)]
)
def test_published_optimum_is_found_and_proven(name, median, center, real_data):
    numbers = np.array((real_data / "bench" / f"{name}.txt").read_text().split(), int)
    n, edges, p = numbers[:3].tolist()
    # Of a repeated edge the last one counts.
    length = {
        (min(a, b) - 1, max(a, b) - 1): metres
        for a, b, metres in numbers[3 : 3 + 3 * edges].reshape(edges, 3).tolist()
    }
    row, column = np.array(list(length)).T
    graph = csr_array((np.array(list(length.values()), float), (row, column)), shape=(n, n))
    problem = simple_problem(shortest_path(graph, directed=False))
    for plan, value in ((p_median(problem, Means(p=p)), median), (p_center(problem, Means(p=p)), center)):
        assert plan.value == value
        assert plan.is_proven
        assert len(plan.opened) <= p
