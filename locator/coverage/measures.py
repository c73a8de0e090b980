"""All measures by name, in the order of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from locator.coverage.audit import measure_audit
from locator.coverage.backup import measure_backup
from locator.coverage.capacity import measure_capacity
from locator.coverage.equity import measure_equity
from locator.coverage.facilities import measure_facilities
from locator.coverage.gaps import measure_gaps
from locator.coverage.heat import measure_heat
from locator.coverage.hours import measure_hours
from locator.coverage.reach import measure_reach
from locator.coverage.result import Result
from locator.coverage.service_areas import measure_service_areas
from locator.coverage.spacing import measure_spacing
from locator.coverage.study import Study

__all__ = ["MEASURES"]

MEASURES: Mapping[str, Callable[[Study], Result]] = {
    "audit": measure_audit,
    "reach": measure_reach,
    "service_areas": measure_service_areas,
    "hours": measure_hours,
    "gaps": measure_gaps,
    "facilities": measure_facilities,
    "backup": measure_backup,
    "equity": measure_equity,
    "capacity": measure_capacity,
    "spacing": measure_spacing,
    "heat": measure_heat,
}
