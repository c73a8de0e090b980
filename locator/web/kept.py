"""Pieces of pages that many pages share, rendered once for each version of the data: the tag `{% kept key %}`.

    {% kept "week", hours_row, lang %} … {% endkept %}

What stands between the tags may depend on nothing but the data, the settings and the key. Each place of a template
keeps its own pieces; one that keeps too many begins anew, and takes nothing from the others.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app, request
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from locator.web.data import Data

__all__ = ["Kept", "forget_pieces", "keep_pieces"]

_MOST = 1_000
_NAME = "pieces of pages"


class _Pieces:
    """What has been rendered from one version of the data: by place, then by key."""

    def __init__(self, stamp: str) -> None:
        self.stamp = stamp
        self._of: dict[str, dict[object, str]] = {}

    def once(self, place: str, key: object, make: Callable[[], str]) -> str:
        """Return what `make` renders, which is asked for a key it has not been asked for before."""
        kept = self._of.setdefault(place, {})
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST:
                kept = self._of[place] = {}
            found = kept[key] = make()
        return found


class Kept(Extension):
    """The tag."""

    tags = {"kept"}  # noqa: RUF012 - Jinja reads it from the class

    def parse(self, parser: Parser) -> nodes.Node:
        """Return a call of `_kept` with the place of the tag, its key and what stands between the tags."""
        line = next(parser.stream).lineno
        place = nodes.Const(f"{parser.name}:{line}")
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_kept", [place, key]), [], [], body).set_lineno(line)

    @staticmethod
    def _kept(place: str, key: object, caller: Callable[[], str]) -> str:
        data: Data = current_app.extensions["locator"]
        # Of the version at hand: a page that says what is wrong with the database does not ask it.
        stamp = data.stamp
        pieces: _Pieces | None = current_app.extensions.get(_NAME)
        if pieces is None or pieces.stamp != stamp:
            # Two threads may both begin anew: one of them renders what the other has as well.
            pieces = current_app.extensions[_NAME] = _Pieces(stamp)
        # Where an application is mounted under a path, that path stands in every link.
        return pieces.once(place, (request.script_root, key), caller)


def keep_pieces(app: Flask) -> None:
    """Let the templates of an application use the tag."""
    app.jinja_env.add_extension(Kept)


def forget_pieces(app: Flask) -> None:
    """Render everything anew from now on: what all pages depend on is another."""
    app.extensions.pop(_NAME, None)
