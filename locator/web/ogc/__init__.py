"""OGC API - Features: stations, areas and streets for QGIS, ogr2ogr and whoever else speaks the standard."""

from __future__ import annotations

from locator.web.ogc.pages import blueprint

__all__ = ["blueprint"]
