"""Log lines: text for people, JSON for machines, and in neither where somebody is or who asked."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

__all__ = ["LOGGER", "note_request", "write_log"]

LOGGER = logging.getLogger("locator")
"""What the program logs goes through it and its children."""

_FIELDS = "fields"
_SERVER = "_granian"  # the logger of the server that answers


def write_log(form: str) -> None:
    """Write log lines to standard error, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Text())
    for logger, level in ((LOGGER, logging.INFO), (logging.getLogger(_SERVER), logging.WARNING)):
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False


def note_request(*, method: str, route: str, status: int, seconds: float, request_id: str) -> None:
    """Log one request.

    Parameters
    ----------
    route
        The template of its address, such as `/stations/<code>`: an address itself may hold a position.
    """
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
    }
    LOGGER.info("request", extra={_FIELDS: fields})


class _Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "pid": record.process,
        }
        line |= getattr(record, _FIELDS, {})
        if record.exc_info:
            line["error"] = _failure(record)
        return json.dumps(line, ensure_ascii=False)


class _Text(logging.Formatter):
    """Time, level, event and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        fields = " ".join(str(value) for value in getattr(record, _FIELDS, {}).values())
        line = f"{moment:%Y-%m-%d %H:%M:%S} {record.levelname.lower()} {record.getMessage()} {fields}".rstrip()
        return f"{line}\n{_failure(record)}" if record.exc_info else line


def _failure(record: logging.LogRecord) -> str:
    """Return where an error happened and its kind, without its message: that may repeat what was asked."""
    kind, _, trace = record.exc_info or (None, None, None)
    frames = "".join(traceback.format_tb(trace)).rstrip()
    return f"{frames}\n{kind.__name__ if kind else ''}"
