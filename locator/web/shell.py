"""What makes the finder an app: files under addresses that name their content, a service worker, a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, json, render_template, request, url_for
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as BaseResponse

from locator.assets import asset_folder
from locator.translation import LANGUAGES
from locator.web.answers import best_encoding, compressed
from locator.web.data import data
from locator.web.door_codes import old_codes
from locator.web.icons import FACILITY_ICONS, icon, sprite
from locator.web.language import page_translator
from locator.web.published import Published, PublishedApp, published
from locator.web.selection import LOADED_UNASKED

__all__ = ["blueprint", "offer_assets"]

blueprint = Blueprint("shell", __name__)

_YEAR_S = 365 * 24 * 3600
_MEDIA = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
    ".md": "text/plain",
}  # fmt: skip
_TEXT = ("text/css", "text/javascript", "image/svg+xml")
_SETTINGS = ("WALK_M_PER_S", "EBIKE_M_PER_S", "HEAT_C")
# Scripts that work apart from a page have no policy but their own: data from here, and nothing else from anywhere.
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"

MODULES = (
    "js/finder.js", "js/address.js", "js/asking.js", "js/card.js", "js/elements.js", "js/results.js",
    "js/state.js", "js/words.js", "js/distance-text.js", "js/installing.js", "js/navigation.js", "js/datum.js",
    "js/whole-station.js",
)  # fmt: skip
"""The modules that the finder loads at once; named in its head, so that none waits for another."""

_SHELL = (
    "css/locator.css", "icons/locator.svg", "icons/icon-192.png", "js/state-shapes.js", *MODULES,
    "js/sharing.js", "js/station-worker.js", "js/columns.js", "js/distance.js",
    "js/ranking.js", "js/searching.js", "js/cells.js",
)  # fmt: skip
_PUBLISHED = (
    "css/no-script.css", "css/embed.css", "js/published-station.js", "js/published-map.js",
    "js/published-stations.js", "js/station-features.js", "js/published-embed.js", "js/embed.js",
)  # fmt: skip
_MAP = (
    "css/map.css", "js/base-map.js", "js/station-map.js", "js/map-page.js",
    "js/map-locating.js", "js/marker-clusters.js",
    "vendor/leaflet.markercluster-1.5.3/MarkerCluster.css",
    "vendor/leaflet.markercluster-1.5.3/leaflet.markercluster.js",
    "vendor/leaflet-1.9.4/leaflet.css", "vendor/leaflet-1.9.4/leaflet.js",
    "vendor/leaflet-1.9.4/images/layers.png", "vendor/leaflet-1.9.4/images/layers-2x.png",
)  # fmt: skip


def offer_assets(app: Flask) -> None:
    """Give templates `asset`, which returns a file's address, and the icons."""
    # Of a site of files no address depends on who asks.
    address = cache(asset_url) if isinstance(app, PublishedApp) else asset_url
    app.context_processor(
        lambda: {
            "asset": address,
            "icon": icon,
            "sprite": sprite,
            "facility_icons": FACILITY_ICONS,
            "modules": MODULES,
        }
    )


def asset_url(name: str) -> str:
    """Return the address of a file of `static/`; another content has another address."""
    return url_for("shell.asset", version=_version(), name=name)


@blueprint.get("/assets/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """Answer with a file of `static/`, to be kept for good under the address that names its content."""
    found = _file(name)
    if found is None:
        abort(404)
    body, media = found
    encoding = best_encoding(request.accept_encodings) if media in _TEXT else ""
    response = Response(_packed(name, encoding) if encoding else body, mimetype=media)
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if media in _TEXT:
        response.vary.add("Accept-Encoding")
    # An address of yesterday's is answered with today's file: nobody may keep that.
    response.headers["Cache-Control"] = (
        f"public, max-age={_YEAR_S}, immutable" if version == _version() else "no-cache"
    )
    if media == "text/javascript":
        response.headers["Content-Security-Policy"] = _WORKER_POLICY
    return response


@blueprint.get("/service-worker.js")
def service_worker() -> BaseResponse:
    """Answer with the service worker, which has the addresses of what it keeps: new ones make it a new one."""
    site = published()
    if site is not None:
        return _worker(_told_of_files(site), "published-worker.js")
    pages = [url_for("finder.shell_page", lang=language) for language in LANGUAGES]
    told = {
        "files": [asset_url(name) for name in (*_SHELL, *_MAP)],
        "pages": pages,
        "offline": [url_for("shell.offline_page", lang=language) for language in LANGUAGES],
        "assets": url_for("shell.asset", version="", name="").rstrip("/") + "/",
        "finder": url_for("finder.finder_page"),
        "map": url_for("maps.station_map_page"),
        "station": url_for("stations.station_page", code="{id}").replace("%7Bid%7D", ""),
        "code": url_for("codes.station_by_code", code="-")[:-1],
        "snapshot": url_for("columns.snapshot_columns"),
        "load_at_once": len(data().snapshot().ids) <= LOADED_UNASKED,
    }
    return _worker(told, "service-worker.js").make_conditional(request)


def _told_of_files(site: Published) -> dict[str, object]:
    """Return what the service worker of a site of files keeps, and where its pages are."""
    return {
        "files": [
            *(asset_url(name) for name in (*_SHELL, *_MAP, *_PUBLISHED)),
            *(site.base_path + name for name in sorted(site.beside)),
        ],
        "pages": {language: url_for("finder.shell_page", lang=language) for language in LANGUAGES},
        "homes": {language: url_for("finder.finder_page", lang=language) for language in LANGUAGES},
        "words": [
            url_for(endpoint, lang=language)
            for endpoint in ("finder.words", "embed.map_frame")
            for language in LANGUAGES
        ],
        "for_good": [f"{site.base_path}assets/"],
        "cells": f"{site.base_path}data/cells/" if site.cells else None,
        "data": [site.cells["index"] if site.cells else url_for("columns.snapshot_columns")],
        "load_at_once": bool(site.cells) or len(data().snapshot().ids) <= LOADED_UNASKED,
    }


def _worker(told: dict[str, object], name: str) -> Response:
    told["version"] = hashlib.sha256(json.dumps([told, *_page_version()], default=str).encode()).hexdigest()[:16]
    script = (asset_folder("static") / "js" / name).read_text(encoding="utf-8")
    response = Response(f"self.locatorShell = {json.dumps(told)};\n{script}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = _WORKER_POLICY
    response.add_etag()
    return response


@blueprint.get("/offline")
def offline_page() -> str:
    """Say that there is no connection and what works without one: a phone shows it for a page that it has not."""
    return render_template("offline.html", about=data().about())


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Answer with what a phone needs to install the finder."""
    translate = page_translator()
    icons = [
        {"src": asset_url("icons/locator.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
        *(
            {"src": asset_url(f"icons/icon-{size}.png"), "type": "image/png", "sizes": f"{size}x{size}",
             "purpose": "any"}
            for size in (192, 512)
        ),
        {"src": asset_url("icons/maskable.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "maskable"},
        {"src": asset_url("icons/maskable-512.png"), "type": "image/png", "sizes": "512x512",
         "purpose": "maskable"},
    ]  # fmt: skip
    told = {
        "id": url_for("finder.finder_page"),
        "name": translate("Station finder"),
        "short_name": translate("Stations"),
        "description": translate("Find a station you can use now"),
        "lang": {"zh": "zh-CN"}.get(translate.language, translate.language),
        "start_url": url_for("finder.finder_page"),
        "scope": url_for("finder.finder_page"),
        "display": "standalone",
        "background_color": "#f4f6f8",
        "theme_color": "#0b5cad",
        "icons": icons,
    }
    response = Response(json.dumps(told), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _page_version() -> list[object]:
    """Return what the pages without stations are made of, beside the addresses of their files."""
    return [data().about(), old_codes(), {name: current_app.config[name] for name in _SETTINGS}, _texts_version()]


@cache
def _texts_version() -> str:
    """Return a text that is another when a template or a catalogue is."""
    package = Path(__file__).parents[1]
    return _digest([*(package / "web" / "templates").glob("*.html"), *(package / "translations").rglob("*.po")])


@cache
def _version() -> str:
    """Return a text that is another when any file of `static/` is."""
    return _digest(path for path in asset_folder("static").rglob("*") if path.is_file())


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def _packed(name: str, encoding: str) -> bytes:
    found = _file(name)
    return compressed(found[0], encoding) if found else b""


def _file(name: str) -> tuple[bytes, str] | None:
    """Return the bytes and the media type of a file of `static/`; None: there is none."""
    path = safe_join(str(asset_folder("static")), name)
    if path is None or not Path(path).is_file():
        return None
    return Path(path).read_bytes(), _MEDIA.get(Path(path).suffix, "application/octet-stream")
