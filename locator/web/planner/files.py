"""Tables of the planner's page as files."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from flask import Response

from locator.coverage.result import Result
from locator.coverage.writing import write_about, write_results
from locator.report.findings import Findings
from locator.translation import Translator

__all__ = ["ABOUT", "table_answer"]

_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_OF_MANY = ("xlsx", "gpkg", "zip")
ABOUT = "about"
"""Called like a table, as CSV: what the tables of a measure mean."""


def table_answer(
    findings: Findings, measure: str, name: str, ending: str, translate: Translator
) -> Response | None:
    """Return tables as a file to be kept; None: there is no such table, or no such form of it.

    Parameters
    ----------
    measure
        Its code, or `all`.
    name
        One table of the measure, or `ABOUT`; empty: all of them, which CSV and GeoJSON cannot hold.
    ending
        `zip` holds CSV, and what it means; a table in CSV alone cannot say it.
    """
    results = _chosen(findings, measure, name)
    if not results or ending not in _MEDIA or (not name and ending not in _OF_MANY):
        return None
    if (name == ABOUT and ending != "csv") or (ending == "geojson" and results[0].tables[0].shapes is None):
        return None
    with tempfile.TemporaryDirectory(prefix="locator-") as folder:
        content = _content(results, Path(folder) / f"coverage-{measure}", name, ending, translate)
    response = Response(content, content_type=_MEDIA[ending])
    stem = f"coverage-{measure}" + (f"-{name}" if name else "")
    named = f"{stem}-{findings.question.day.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _content(results: list[Result], stem: Path, name: str, ending: str, translate: Translator) -> bytes:
    """Return what stands in the file, written in a folder of its own."""
    path = stem.with_name(f"{stem.name}.{'csv' if ending == 'zip' else ending}")
    if name == ABOUT:
        return write_about(results, path, translate).read_bytes()
    files = write_results(results, path, translate)
    if ending == "zip":
        whole = BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return whole.getvalue()
    return files[0].read_bytes()


def _chosen(findings: Findings, measure: str, name: str) -> list[Result]:
    if measure == "all":
        return list(findings.results.values())
    result = findings.results.get(measure)
    if result is None:
        return []
    if name == ABOUT:
        return [result]
    tables = tuple(table for table in result.tables if name in ("", table.name))
    return [replace(result, tables=tables)] if tables else []
