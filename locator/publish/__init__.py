"""The whole finder as static files, for any web server or CDN: nothing has to run behind them."""

from __future__ import annotations

from locator.publish.site import Plan, Written, publish

__all__ = ["Plan", "Written", "publish"]
