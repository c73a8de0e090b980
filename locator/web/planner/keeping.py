"""Findings that were read lately: a page and its downloads are of the same file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from locator.errors import StoreError
from locator.translation import N_

if TYPE_CHECKING:
    from locator.report.findings import Findings

__all__ = ["findings_in"]


def findings_in(path: Path) -> Findings:
    """Return the findings of a file; the last few are kept in memory until their files change.

    Raises
    ------
    StoreError
        The file is gone, or another version of the program wrote it.
    """
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        raise _gone(path) from None


@lru_cache(maxsize=4)
def _read(path: Path, _: int) -> Findings:
    from locator.report.keeping import load_findings

    found = load_findings(path)
    if found is None:
        raise _gone(path)
    return found


def _gone(path: Path) -> StoreError:
    return StoreError(N_("is no longer there"), field=path.name, mend=N_("ask once more"))
