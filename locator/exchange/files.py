"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a name to write to; it becomes `path` when all went well, and goes away when not."""
    path = path.resolve()
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        # The ending stays: a vector library chooses what it writes by it.
        unfinished = Path(folder) / f"unfinished{path.suffix.lower()}"
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
