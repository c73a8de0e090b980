"""What tags of OpenStreetMap mean; none of them yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def area_record(tags: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the record of an area."""
    return None


street_record = candidate_record = area_record
