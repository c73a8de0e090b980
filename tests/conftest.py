"""What the tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data, which is kept outside the project; skip where there is none."""
    given = os.environ.get("LOCATOR_REAL_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no collection of real data (set LOCATOR_REAL_DATA to its folder)")
    return folder
