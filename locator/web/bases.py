"""The base map that the operator chose, for every page that has a map."""

from __future__ import annotations

from flask import current_app

from locator.maps.base_maps import BaseMap
from locator.settings import base_map_of
from locator.web.headers import allow_images

__all__ = ["map_base"]


def map_base() -> BaseMap:
    """Return the base map, and let the page that is answered now load its tiles."""
    base = base_map_of(current_app.config)
    allow_images(*base.sources)
    return base
