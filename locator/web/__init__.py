"""The web door: pages for workers and planners, an API for programs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask

from locator.assets import asset_folder
from locator.journal import write_log
from locator.networks import Networks
from locator.settings import read_settings, speeds_of
from locator.web.data import Data

if TYPE_CHECKING:
    from locator.web.published import Published

__all__ = ["create_app", "serve_app"]


def create_app(config: Mapping[str, Any] | None = None, *, site: Published | None = None) -> Flask:
    """Return the application that serves one database.

    Parameters
    ----------
    config
        Settings by name (see `locator.settings`), such as `DATABASE`; the rest have their defaults.
    site
        The site as files for which the pages are written; None: the application itself is asked for them.

    Raises
    ------
    StoreError
        The database is not there or cannot be read.
    """
    from locator.web import (
        answers,
        api,
        changes,
        codes,
        columns,
        documents,
        embed,
        engines,
        finder,
        headers,
        health,
        kept,
        linked,
        lists,
        maps,
        oembed,
        ogc,
        photos,
        pictures,
        planner,
        posters,
        quotas,
        scenarios,
        searches,
        shell,
        stations,
        tickets,
        timetable,
        told,
        watching,
    )
    from locator.web.ahead import answer_ahead
    from locator.web.language import speak_languages
    from locator.web.problems import answer_problems
    from locator.web.published import PublishedApp, offer_addresses

    static = str(asset_folder("static"))
    if site is None:
        app = Flask(__name__, static_folder=static, static_url_path="/static")
    else:
        app = PublishedApp(__name__, site=site, static_folder=static, static_url_path="/static")
    given = {name.lower(): value for name, value in (config or {}).items()}
    app.config.from_mapping(read_settings({}, **given))
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_BODY_BYTES"]
    app.config["TRUSTED_HOSTS"] = [h.strip() for h in app.config["TRUSTED_HOSTS"].split(",") if h.strip()] or None
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    data = Data(
        app.config["DATABASE"],
        refresh_s=app.config["REFRESH_S"],
        speeds=speeds_of(app.config),
        networks=Networks.of(app.config["NETWORK"], cache=app.config["NETWORK_CACHE"]),
    )
    app.extensions["locator"] = data
    pages = (
        finder,
        stations,
        codes,
        posters,
        tickets,
        photos,
        pictures,
        engines,
        maps,
        planner,
        scenarios,
        searches,
        documents,
        health,
        shell,
        embed,
        oembed,
    )
    for part in (*pages, api, lists, timetable, changes, columns, ogc):
        app.register_blueprint(part.blueprint)
    app.extensions["turns"] = quotas.Turns(str(app.config["TICKET_LIMIT"]))
    app.extensions["visits"] = codes.VisitCounter()
    kept.keep_pieces(app)
    told.tell(app)
    linked.link_data(app)
    answer_ahead(app, data)
    planner.keep_reports(app)
    # What is done before a request comes in this order, what is done after it in the reverse.
    watching.watch_requests(app)
    headers.send_headers(app)
    shell.offer_assets(app)
    answers.compress_answers(app)
    speak_languages(app)
    offer_addresses(app)
    answer_problems(app)
    quotas.limit_requests(app, data.keys)
    return app


def serve_app() -> Flask:
    """Return the application with its settings from the environment; what a server process starts."""
    settings = read_settings(os.environ)
    write_log(str(settings["LOG_FORMAT"]))
    app = create_app(settings)
    app.extensions["locator"].follow()
    return app
