"""A folder that is written beside the old one and put in its place whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["MARKER", "Folder", "swapped"]

MARKER = "locator-site.json"
"""The file that says a folder is one of ours; without it nothing that is there is replaced."""

_COMPRESSIBLE = {".html", ".js", ".css", ".json", ".svg", ".xml", ".webmanifest", ".txt"}
_WORTH_IT = 1_024


@dataclass(frozen=True)
class Folder:
    """Where a site is written.

    Attributes
    ----------
    encoders
        What makes the compressed file beside each text, by the ending of its name, such as `.gz`.
    """

    path: Path
    encoders: dict[str, Callable[[bytes], bytes]]

    def write(self, name: str, content: bytes) -> None:
        """Write a file, and the compressed ones beside it."""
        path = self.path / name
        try:
            path.write_bytes(content)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if self.encoders and len(content) >= _WORTH_IT and path.suffix in _COMPRESSIBLE:
            for ending, encode in self.encoders.items():
                path.with_name(path.name + ending).write_bytes(encode(content))


@contextmanager
def swapped(out: Path, encoders: dict[str, Callable[[bytes], bytes]]) -> Iterator[Folder]:
    """Give a new folder to write to; at the end it takes the place of `out`, after an error nothing has changed.

    Raises
    ------
    InvalidValue
        `out` is there, is not empty and is no site of ours.
    """
    out = out.resolve()
    _check(out)
    fresh, old = (out.with_name(f".{out.name}.{word}-{os.getpid()}") for word in ("new", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield Folder(fresh, encoders)
        _check(out)
        if out.exists():
            out.rename(old)
        try:
            fresh.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check(out: Path) -> None:
    is_ours = False
    if out.is_dir() and (out / MARKER).is_file():
        try:
            is_ours = "locator" in orjson.loads((out / MARKER).read_bytes())
        except (orjson.JSONDecodeError, TypeError):
            is_ours = False
    if out.exists() and not is_ours and not (out.is_dir() and not any(out.iterdir())):
        raise InvalidValue(
            N_("is there already, and was not published by us"),
            field="OUT",
            value=out,
            mend=N_("name a new folder, or empty it first"),
        )
