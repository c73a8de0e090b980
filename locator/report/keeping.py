"""Findings in a file: JSON, so that reading one can never run anything; shapes as WKB, each once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import About, DataDate, Note
from locator.coverage.criteria import Threshold
from locator.coverage.result import Result, Table
from locator.maps.drawing import Drawing, Ground, Slices
from locator.report.findings import Findings
from locator.report.folder import write_whole
from locator.report.question import Question

__all__ = ["FORM", "load_findings", "save_findings"]

FORM = 3
"""Counts up when the file changes its form; files of another form are not read."""

_KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (About, DataDate, Note, Threshold, Result, Table, Drawing, Slices, Ground)
}
_TAG = "$"


def save_findings(findings: Findings, path: Path) -> None:
    """Write findings; whoever reads meanwhile sees the whole file or none."""
    shapes = _Shapes()
    content = {
        "form": FORM,
        "question": findings.question.record(),
        "results": {name: shapes.packed(_bare(result)) for name, result in findings.results.items()},
        "drawing": shapes.packed(findings.drawing),
        "about": findings.about,
        "weights": list(findings.weights),
        "revision": findings.revision,
    }
    text = json.dumps(content | {"shapes": shapes.texts}, ensure_ascii=False, separators=(",", ":"))
    write_whole(path, text)


def load_findings(path: Path) -> Findings | None:
    """Return the findings of a file; None if it is of another form, or is not there."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(content, dict) or content.get("form") != FORM:
        return None
    shapes = shapely.from_wkb([base64.b64decode(text) for text in content["shapes"]])
    return Findings(
        question=Question.of_record(content["question"]),
        results={name: _unpacked(value, shapes) for name, value in content["results"].items()},
        drawing=_unpacked(content["drawing"], shapes),
        about=content["about"],
        weights=tuple(content["weights"]),
        revision=content["revision"],
    )


def _bare(result: Result) -> Result:
    """Return a result with its tables alone: what else a measure knows is for those who measure."""
    return Result(about=result.about, tables=result.tables)


class _Shapes:
    """Values on their way into a file; the shapes among them are put aside, each once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[bytes, int] = {}

    def packed(self, value: Any) -> Any:  # noqa: ANN401 - whatever findings hold
        """Return a value as JSON has it."""
        if isinstance(value, BaseGeometry):
            return {_TAG: "shape", "at": self._place(shapely.to_wkb(value))}
        if isinstance(value, date):
            return {_TAG: "date", "day": value.isoformat()}
        if isinstance(value, np.ndarray):
            data = base64.b64encode(np.ascontiguousarray(value, np.uint8).tobytes()).decode()
            return {_TAG: "bytes", "shape": list(value.shape), "data": data}
        if type(value).__name__ in _KINDS:
            parts = {one.name: self.packed(getattr(value, one.name)) for one in fields(value)}
            return {_TAG: type(value).__name__} | parts
        if isinstance(value, Mapping):
            return {name: self.packed(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.packed(part) for part in value]
        return value

    def _place(self, wkb: bytes) -> int:
        if wkb not in self._places:
            self._places[wkb] = len(self.texts)
            self.texts.append(base64.b64encode(wkb).decode())
        return self._places[wkb]


def _unpacked(value: Any, shapes: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_unpacked(part, shapes) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_TAG)
    if kind in _PLAIN:
        return _PLAIN[kind](value, shapes)
    parts = {name: _unpacked(part, shapes) for name, part in value.items() if name != _TAG}
    if kind is None:
        return parts
    made = _KINDS[kind]
    if made is Note:
        parts["details"] = {name: tuple(one) if isinstance(one, list) else one
                            for name, one in parts["details"].items()}  # fmt: skip
    # JSON knows no tuples; what a measure made has them.
    return made(**{name: tuple(part) if name in _TUPLES else part for name, part in parts.items()})


_TUPLES = ("criteria", "dates", "notes", "tables")
_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "shape": lambda value, shapes: shapes[value["at"]],
    "date": lambda value, _: date.fromisoformat(value["day"]),
    "bytes": lambda value, _: np.frombuffer(base64.b64decode(value["data"]), np.uint8).reshape(value["shape"]),
}
