"""A search that is watched: what is told of it, and what Ctrl-C gives."""

import subprocess
import sys
import time

from locator.cli.watching import Watch
from locator.coverage.siting.solving import Progress
from locator.translation import translator

HARD = """
import os, signal, threading, time
import numpy as np
from siting_oracle import simple_problem
from locator.cli.watching import watched
from locator.coverage.siting.median import p_median
from locator.coverage.siting.problem import Options
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search
from locator.translation import translator

dice = np.random.default_rng(3)
site, point = dice.uniform(0, 10_000, (200, 2)), dice.uniform(0, 10_000, (800, 2))
cost = dice.integers(50, 150, 200).astype(float)
problem = simple_problem(
    np.sqrt(((site[:, None] - point[None]) ** 2).sum(axis=2)), dice.integers(1, 100, 800),
    options=Options(np.arange(200), np.ones((200, 1), bool), cost, ("",) * 200),
)
with watched(translator("en"), always=True) as watch:
    watch.next_s = 0.0
    threading.Timer(4, os.kill, (os.getpid(), signal.SIGINT)).start()
    search = Search(time_limit_s=200, progress=watch.tell, cancelled=watch.cancelled)
    plan = p_median(problem, Means(budget=2500.0), search=search)
assert watch.is_cancelled
assert plan.cost <= 2500
assert np.isfinite(plan.value)
assert not plan.is_proven
print(plan.seconds)
"""


def test_ctrl_c_gives_the_best_answer_until_then():
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HARD], capture_output=True, text=True, timeout=150, check=False,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - start < 100
    assert "Ctrl-C" in done.stderr.splitlines()[0]


def told(watch, *found):
    for one in found:
        watch.next_s = 0.0
        watch.tell(one)


def test_progress_is_told_in_words(capsys):
    watch = Watch(translator("en"), is_told=True, is_screen=False)
    told(watch, Progress(3.2, None, None), Progress(5, 1200.0, None), Progress(7, 1200.0, 1260.0))
    assert capsys.readouterr().err.splitlines() == [
        "3 s: no answer yet; Ctrl-C ends the search",
        "5 s: best 1,200; Ctrl-C takes it",
        "7 s: best 1,200, at most 5.00 % from the optimum; Ctrl-C takes it",
    ]
    watch.tell(Progress(7.1, 1200.0, 1250.0))  # too soon to be told again
    told(Watch(translator("en"), is_told=False, is_screen=False), Progress(9, 1.0, 1.0))
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_line_that_is_gone_at_the_end(capsys):
    watch = Watch(translator("zh"), is_told=True, is_screen=True)
    told(watch, Progress(3, 1200.0, 1260.0), Progress(5, None, None))
    watch.end()
    said = capsys.readouterr().err
    assert "\n" not in said
    first, second, blank, rest = said.split("\r")[1:]
    assert first.startswith("3 秒：目前最好 1,200")
    assert second.rstrip() != second  # what is left of a longer line is written over
    assert (blank.strip(), rest) == ("", "")
