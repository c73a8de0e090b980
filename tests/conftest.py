"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# What passed once passes again; `make explore` looks where nobody has looked yet.
settings.register_profile("repeatable", derandomize=True, database=None)
settings.register_profile("explore", derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data, which is kept outside the project; skip where there is none."""
    given = os.environ.get("LOCATOR_REAL_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no collection of real data (set LOCATOR_REAL_DATA to its folder)")
    return folder
