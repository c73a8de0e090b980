"""The site as files: which file stands for each page, and what a page links to where only a web server answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, current_app, request, url_for

from locator.translation import LANGUAGES
from locator.web.kept import forget_pieces
from locator.web.language import page_translator

__all__ = [
    "CELLS",
    "COMMUNITIES",
    "NOT_FOUND",
    "Published",
    "PublishedApp",
    "community_file",
    "offer_addresses",
    "published",
]

CELLS = "data/cells.json"
COMMUNITIES = "data/communities.json"
NOT_FOUND = "404.html"
"""What web servers answer with where there is no file, most of them without being told to."""

_MOST_KNOWN = 1_000


@dataclass(frozen=True)
class Published:
    """A site that is written as files.

    Attributes
    ----------
    base_url
        Where the site will stand: a path or an address, with a slash at its end.
    day
        The day of publishing: of its week the hours are told.
    language
        The language of the pages at the root; those in another stand in a folder of its code.
    server
        Address of a server of ours for what no file can do, without a slash at its end; empty: there is none.
    cell_of
        Name of the cell that holds a station, by its id; None: all stations are in one file.
    beside
        What pages need in files of their own, by path: no script stands in a page.
    """

    base_url: str
    day: date
    language: str = "zh"
    server: str = ""
    cell_of: Mapping[str, str] | None = None
    beside: dict[str, bytes] = field(default_factory=dict)

    @property
    def base_path(self) -> str:
        """The path of the site, from its host's root; `/` at both ends."""
        return urlsplit(self.base_url).path

    def root(self, language: str) -> str:
        """Return the folder of the pages in a language, from the site's own; `/` at its end if any."""
        return "" if language == self.language else f"{language}/"

    def path(self, endpoint: str, values: Mapping[str, Any], language: str) -> tuple[str, dict[str, Any]] | None:
        """Return the path of the file that stands for a page, and what its address asks beside; None: no file."""
        rest = {name: value for name, value in values.items() if value is not None and name != "lang"}
        name = _NAMES.get(endpoint)
        if name is None:
            return None
        return name(self.root(str(values.get("lang") or language)), rest), rest

    def beside_page(self, text: str, kind: str) -> str:
        """Return the address of a file that holds a script or a style; the same text is the same file."""
        content = text.encode()
        path = f"assets/pages/{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
        self.beside[path] = content
        return self.base_path + path

    def stations_file(self, code: str) -> str:
        """Return the address of the file whose columns tell the hours of a station."""
        if self.cell_of is None:
            return self.base_path + "data/snapshot.json"
        return f"{self.base_path}data/cells/{self.cell_of[code]}.json" if code in self.cell_of else ""

    @property
    def cells(self) -> dict[str, str] | None:
        """What a phone fetches first where stations are in cells; None: they are in one file."""
        if self.cell_of is None:
            return None
        return {"index": self.base_path + CELLS, "communities": self.base_path + COMMUNITIES}


class PublishedApp(Flask):
    """The application, whose addresses are those of files."""

    def __init__(self, name: str, *, site: Published, static_folder: str, static_url_path: str) -> None:
        super().__init__(name, static_folder=static_folder, static_url_path=static_url_path)
        self._known: dict[object, str] = {}
        self.publish_as(site)

    def publish_as(self, site: Published) -> None:
        """Write what comes for a site from now on."""
        self.site = site
        self._known.clear()
        forget_pieces(self)

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,  # noqa: ANN401 - Flask's own
    ) -> str:
        """Return the address of the file that stands for a page, or of the server that has no file for it.

        Raises
        ------
        LookupError
            There is neither; whoever links asks `offered` first.
        """
        key = (endpoint, page_translator().language, _anchor, _external, str(values))
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._address(endpoint, _anchor, bool(_external), values)
        return self._known[key]

    def _address(self, endpoint: str, anchor: str | None, is_external: bool, values: dict[str, Any]) -> str:
        site = self.site
        found = site.path(endpoint, values, page_translator().language)
        if found is None:
            if not site.server:
                raise LookupError(f"no file stands for {endpoint}: ask offered() before linking to it")
            return site.server + super().url_for(endpoint, _anchor=anchor, _external=False, **values)
        path, rest = found
        address = (site.base_url if is_external else site.base_path) + quote(path, safe="/{}")
        query = urlencode(rest, doseq=True)
        return address + (f"?{query}" if query else "") + (f"#{anchor}" if anchor else "")


def published() -> Published | None:
    """Return the site that the pages are written for; None: they are answered by a server."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return app.site if isinstance(app, PublishedApp) else None


def offer_addresses(app: Flask) -> None:
    """Give templates `published`, and `offered`, which says whether there is a page of an endpoint."""

    def offered(endpoint: str) -> bool:
        site = published()
        if endpoint not in app.view_functions:
            return False
        return site is None or bool(site.server) or site.path(endpoint, {}, site.language) is not None

    app.context_processor(lambda: {"published": published(), "offered": offered})
    if isinstance(app, PublishedApp):
        app.context_processor(_other_language)


def _other_language() -> dict[str, str]:
    """Return where the page that is written now stands in the other language; see `speak_languages`."""
    other = next(code for code in LANGUAGES if code != page_translator().language)
    asked = {**(request.view_args or {}), **request.args, "lang": other}
    return {"other_language_url": url_for(str(request.endpoint), **asked)}


def community_file(name: str, page: int) -> str:
    """Return the name of the file that lists a community's stations, safe whatever the community is called."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}{f'-{page}' if page > 1 else ''}.html"


def _finder(root: str, rest: dict[str, Any]) -> str:
    if "community" in rest:
        return f"{root}communities/{community_file(str(rest.pop('community')), int(rest.pop('page', 1)))}"
    return root


def _station(root: str, rest: dict[str, Any]) -> str:
    return f"{root}stations/{rest.pop('code', '-')}.html"


def _asset(root: str, rest: dict[str, Any]) -> str:
    return f"assets/{rest.pop('version', '')}/{rest.pop('name', '')}"


_NAMES: Mapping[str, Callable[[str, dict[str, Any]], str]] = {
    "finder.finder_page": _finder,
    "finder.shell_page": lambda root, rest: f"{root}shell.html",
    "finder.communities_page": lambda root, rest: f"{root}communities/",
    "finder.words": lambda root, rest: f"{root}words.json",
    "maps.station_map_page": lambda root, rest: f"{root}map.html",
    "nothing_there": lambda root, rest: f"{root}{NOT_FOUND}",
    "embed.map_frame": lambda root, rest: f"{root}embed/v1/map.html",
    "embed.element_script": lambda root, rest: "embed/v1/station-map.js",
    "stations.station_page": _station,
    "photos.photo": lambda root, rest: f"photos/{rest.pop('name', '')}",
    "shell.asset": _asset,
    "shell.manifest": lambda root, rest: f"{root}manifest.webmanifest",
    "shell.service_worker": lambda root, rest: "service-worker.js",
    "columns.snapshot_columns": lambda root, rest: "data/snapshot.json",
}
