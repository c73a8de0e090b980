"""JSON as the store keeps it: compact, readable, and nothing that cannot be read back."""

from __future__ import annotations

import json

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["json_text"]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def json_text(value: object) -> str:
    """Return a value as JSON.

    Raises
    ------
    InvalidValue
        It has what JSON or UTF-8 does not: NaN, infinity, half a character.
    """
    try:
        text = _encode(value)
        text.encode()
    except ValueError as error:
        raise InvalidValue(
            N_("cannot be kept: {error}"), field="record", error=error, mend=N_("correct it or leave it out")
        ) from error
    return text
