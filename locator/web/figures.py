"""Figures for Prometheus: what was answered and how fast, over all processes of one server.

The processes of `locator serve` count into files of one folder, which whoever is asked adds up; an application
that runs elsewhere counts for its own process alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from locator.optional import optional_part

if TYPE_CHECKING:
    from locator.web.data import Data

__all__ = ["Figures"]

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


class Figures:
    """The counters of one process.

    Raises
    ------
    MissingPart
        The package that counts is not installed.
    """

    def __init__(self) -> None:
        prometheus = optional_part("prometheus_client", "metrics", field="METRICS")
        multiprocess = optional_part("prometheus_client.multiprocess", "metrics", field="METRICS")
        self._prometheus, self._multiprocess = prometheus, multiprocess
        self._registry = prometheus.CollectorRegistry()
        self._seconds = prometheus.Histogram(
            "locator_request_seconds",
            "Time to answer, by route and status.",
            ("method", "route", "status"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._revision = prometheus.Gauge(
            "locator_snapshot_revision",
            "Revision of the data that is served, by the process that was asked last.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._age = prometheus.Gauge(
            "locator_snapshot_age_seconds",
            "Time since the data that is served was read, by the process that was asked last.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )

    def note(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        # A method is whatever a client sends: only those that there are make a row of their own.
        self._seconds.labels(method if method in _METHODS else "OTHER", route, str(status)).observe(seconds)

    def text(self, data: Data) -> bytes:
        """Return the figures in Prometheus' text format."""
        self._revision.set(data.snapshot().revision)
        self._age.set(data.age_s())
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = self._prometheus.CollectorRegistry()
            self._multiprocess.MultiProcessCollector(registry)
        return bytes(self._prometheus.generate_latest(registry))
