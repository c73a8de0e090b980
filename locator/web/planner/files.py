"""Tables of the planner's page as files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from flask import Response

from locator.coverage.result import Result
from locator.coverage.writing import write_results
from locator.report.findings import Findings
from locator.translation import Translator

__all__ = ["table_answer"]

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_OF_MANY = ("xlsx", "gpkg")


def table_answer(
    findings: Findings, measure: str, name: str, ending: str, translate: Translator
) -> Response | None:
    """Return tables as a file to be kept; None: there is no such table, or no such form of it.

    Parameters
    ----------
    measure
        Its code, or `all`.
    name
        One table of the measure; empty: all of them, which CSV and GeoJSON cannot hold.
    """
    results = _chosen(findings, measure, name)
    if not results or ending not in _MEDIA or (not name and ending not in _OF_MANY):
        return None
    stem = f"coverage-{measure}" + (f"-{name}" if name else "")
    with tempfile.TemporaryDirectory(prefix="locator-") as folder:
        path = Path(folder) / f"{stem}.{ending}"
        files = write_results(results, path, translate)
        # Of one table in CSV there are two files: the table, and what it means.
        chosen = next((file for file in files if not file.stem.endswith("-about")), files[0])
        content = chosen.read_bytes()
    response = Response(content, content_type=_MEDIA[ending])
    named = f"{stem}-{findings.question.day.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _chosen(findings: Findings, measure: str, name: str) -> list[Result]:
    if measure == "all":
        return list(findings.results.values())
    result = findings.results.get(measure)
    if result is None:
        return []
    tables = tuple(table for table in result.tables if name in ("", table.name))
    return [replace(result, tables=tables)] if tables else []
