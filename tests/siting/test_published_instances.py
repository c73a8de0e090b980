"""Covering problems whose answers are published, each made here by its rule: no data but the rule is needed."""

import numpy as np
import pytest
from siting_oracle import simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import lscp, mclp
from locator.coverage.siting.rules import Means


def covering(reaches):
    """Return the problem in which a site reaches what is true in its row, at no distance, and nothing else."""
    return simple_problem(np.where(reaches, 0.0, np.inf))


def affine_lines(dimension):
    """Return the lines of the affine space over three elements, as triples of its points: x + y + z = 0."""
    points = np.array(list(np.ndindex(*(3,) * dimension)))
    place = 3 ** np.arange(dimension)[::-1]
    triples = set()
    for a in range(len(points)):
        for b in range(a):
            third = int(((-points[a] - points[b]) % 3) @ place)
            triples.add(tuple(sorted((a, b, third))))
    return np.array(sorted(triples))


@pytest.mark.parametrize(("dimension", "lines", "fewest"), [(2, 12, 5), (3, 117, 18)])
def test_steiner_triple_systems(dimension, lines, fewest):
    """The instances A9 and A27 of set covering.

    D. R. Fulkerson, G. L. Nemhauser and L. E. Trotter, "Two computationally difficult set covering problems that
    arise in computing the 1-width of incidence matrices of Steiner triple systems", Mathematical Programming Study
    2, 72-81 (1974): 5 and 18.
    """
    triples = affine_lines(dimension)
    assert len(triples) == lines
    reaches = np.zeros((3**dimension, lines), bool)
    reaches[triples.T, np.arange(lines)] = True
    plan = lscp(covering(reaches), radius_m=0)
    assert plan.is_proven
    assert plan.value == len(plan.opened) == fewest
    assert reaches[plan.chosen].any(axis=0).all()


def town_of_blocks(side):
    """Return the steps between the crossings of a square town, as a matrix."""
    across, up = np.divmod(np.arange(side * side), side)
    return np.abs(across[:, None] - across) + np.abs(up[:, None] - up).astype(float)


@pytest.mark.parametrize(("side", "fewest"), [(2, 2), (3, 3), (4, 4), (5, 7), (6, 10), (7, 12)])
def test_domination_of_square_grids(side, fewest):
    """Each crossing has a site on it or one step away: the domination numbers of square grids.

    S. Alanko, S. Crevals, A. Isopoussu, P. Östergård and V. Pettersson, "Computing the domination number of grid
    graphs", Electronic Journal of Combinatorics 18 (2011), P141; the squares are sequence A104519 of the OEIS.
    """
    problem = simple_problem(town_of_blocks(side))
    plan = lscp(problem, radius_m=1)
    assert (plan.value, plan.is_proven) == (fewest, True)
    # What so many can do with one step, a center finds; and one fewer cannot.
    assert p_center(problem, Means(p=fewest)).value == 1
    assert p_center(problem, Means(p=fewest - 1)).value == 2
    assert mclp(problem, Means(p=fewest), radius_m=1).value == side * side
    assert mclp(problem, Means(p=fewest - 1), radius_m=1).value < side * side


def test_queens_on_a_chessboard():
    """Five queens reach every square of a chessboard, and no fewer do: C. F. de Jaenisch (1862)."""
    across, up = np.divmod(np.arange(64), 8)
    dx, dy = across[:, None] - across, up[:, None] - up
    problem = covering((dx == 0) | (dy == 0) | (np.abs(dx) == np.abs(dy)))
    assert lscp(problem, radius_m=0).value == 5
    assert mclp(problem, Means(p=5), radius_m=0).value == 64
