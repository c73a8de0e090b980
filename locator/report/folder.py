"""The folder of a job: what its files are called, and how they are read while somebody writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["CASE", "FINDINGS", "ORDER", "PAIR", "PDF", "STATE", "STEPS", "read_json", "write_json", "write_whole"]

ORDER, STATE = "order.json", "state.json"
FINDINGS, PDF, CASE, PAIR = "findings.json", "report.pdf", "case.html", "pair.html"
STEPS: Mapping[str, tuple[str, ...]] = {
    "findings": (
        "loading", "audit", "reach", "service_areas", "hours", "gaps", "facilities", "backup", "equity",
        "capacity", "spacing", "heat", "drawing",
    ),
    "pdf": ("reading", "printing"),
    "case": ("loading", "case", "printing"),
    "pair": ("loading", "pair", "printing"),
    "sites": ("loading", "sites"),
}  # fmt: skip
"""What is made, and what is done for it one after the other."""


def read_json(path: Path) -> dict[str, Any]:
    """Return the object of a file; an empty one if there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an object; see `write_whole`."""
    write_whole(path, json.dumps(value, ensure_ascii=False))


def write_whole(path: Path, text: str) -> None:
    """Write a text; whoever reads meanwhile sees the old file or the new one."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
