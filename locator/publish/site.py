"""Writing a site: what it consists of, in which order, and how much of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
from flask import Flask

from locator import __version__, album
from locator.assets import asset_folder
from locator.errors import InvalidValue
from locator.publish.cell_index import cell_index
from locator.publish.cells import Cell, Rows, cut, named, quarters
from locator.publish.doors import door_codes, door_page
from locator.publish.element import element_script
from locator.publish.folder import MARKER, Folder, swapped
from locator.publish.packing import packed_hours
from locator.publish.pages import chunks, page, shared_out, station_pages
from locator.publish.sitemap import sitemaps
from locator.settings import Value
from locator.store import pinyin
from locator.store.spelling import spelling_of
from locator.translation import LANGUAGES, N_
from locator.web import create_app
from locator.web.addresses import LANGUAGE_TAGS
from locator.web.answers import compressed, json_bytes
from locator.web.columns import columns_of
from locator.web.data import Data
from locator.web.finder import MOST_ON_A_PAGE, communities
from locator.web.published import CELLS, COMMUNITIES, NOT_FOUND, Published, PublishedApp, community_file
from locator.web.shell import asset_url

__all__ = ["CELL_BYTES", "MOST_IN_ONE", "Plan", "Written", "publish"]

MOST_IN_ONE = 20_000
"""Stations that a phone can well load as one file; of more it loads the cells around it."""

CELL_BYTES = 11_000
"""The most that a cell's file takes, compressed by gzip."""

EMBEDDED = "embed/v1/map.html"
_DAYS = 22  # from the day before a Monday: on its Sunday two weeks are still to come
_PAGES_A_PIECE = 500
_ROWS_A_PIECE = 20_000
_NO_LIMIT_S = 86_400.0
_NOT_SERVED = (".md", ".py", ".pyc")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a site is published.

    Attributes
    ----------
    settings
        Settings of the application by name, such as `DATABASE`; the rest have their defaults.
    base_url
        Where the site will stand, such as `https://example.org/stations/`; a path, such as `/`, where the host
        does not matter: there is no sitemap then, which has to name it.
    day
        The day of publishing, in the data's time zone: the hours of its week and of the two after it are told.
    server
        Address of a running server for what no file does, such as the API; empty: nothing links to it.
    most_in_one
        Stations up to which a phone loads all in one file.
    compress
        Whether a `.gz` stands beside each text, and a `.br` where brotli is installed.
    processes
        How many processes make pages.
    """

    settings: dict[str, Value]
    base_url: str
    day: date
    server: str = ""
    most_in_one: int = MOST_IN_ONE
    cell_bytes: int = CELL_BYTES
    compress: bool = False
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was published: stations, pages, and cells (0: one file holds all stations)."""

    stations: int
    pages: int
    cells: int


def publish(out: Path, plan: Plan) -> Written:
    """Write the finder, the pages of all stations, the map and the data as files; the folder is swapped in whole.

    The same data on a day of the same week gives the same bytes, but for the day itself, which the finder tells.

    Raises
    ------
    InvalidValue
        The address is none, or `out` is there and no site of ours.
    StoreError
        The database is not there or cannot be read.
    """
    plan = replace(plan, base_url=_address(plan.base_url, "base-url", is_path=True) + "/")
    if plan.server:
        plan = replace(plan, server=_address(plan.server, "server", is_path=False))
    with swapped(out, _encoders() if plan.compress else {}) as folder:
        return _Site(folder, plan).write()


class _Site:
    """A site while it is written: the application that makes the pages, and what they are made for."""

    def __init__(self, folder: Folder, plan: Plan) -> None:
        self.folder, self.plan = folder, plan
        # One version of the data from the first page to the last, and nobody to be limited.
        settings = plan.settings | {"REFRESH_S": _NO_LIMIT_S, "RATE_LIMIT": "", "LOG_REQUESTS": 0, "METRICS": 0}
        self.site = Published(plan.base_url, plan.day, str(settings.get("LANGUAGE", "zh")), plan.server)
        self.app: Flask = create_app(settings, site=self.site)
        data: Data = self.app.extensions["locator"]
        self.snapshot = data.snapshot()
        with self.app.test_request_context("/"):
            self.groups = communities()
            with data.store() as store:
                self.old_codes = store.old_codes.all()
        self.monday = plan.day - timedelta(days=plan.day.weekday())
        self.addresses: list[str] = []

    def write(self) -> Written:
        """Write everything."""
        # Loaded before the processes part, or each of them asks another one for every cell (`spelling_of`).
        pinyin.load()
        cells = self._cells() if len(self.snapshot.ids) > self.plan.most_in_one else self._one_file()
        self._assets()
        pages = sum(self._around(language) for language in self._languages())
        # Only now is it known which files the map's pages have beside them.
        self.folder.write("service-worker.js", page(self.app, "/service-worker.js"))
        self._photos()
        pages += self._stations()
        if urlsplit(self.plan.base_url).netloc:
            for name, content in sitemaps(self.plan.base_url, self.addresses, self._alternates):
                self.folder.write(name, content)
            if self.site.base_path == "/":  # nowhere else does anybody look for it
                text = f"User-agent: *\nAllow: /\n\nSitemap: {self.plan.base_url}sitemap.xml\n"
                self.folder.write("robots.txt", text.encode())
        self._marker()
        return Written(len(self.snapshot.ids), pages, cells)

    def _languages(self) -> list[str]:
        return sorted(LANGUAGES, key=lambda language: language != self.site.language)

    def _columns(self, rows: Rows) -> dict[str, Any]:
        document = columns_of(self.snapshot, self.monday, rows=rows, days=_DAYS)
        # A change anywhere would make every file another.
        del document["revision"]
        return document

    def _cell_content(self, rows: Rows) -> bytes:
        return json_bytes(packed_hours(self._columns(rows)))

    def _rows(self) -> Rows:
        return np.sort(np.array([row for rows in self.groups.values() for row in rows], dtype=np.intp))

    def _one_file(self) -> int:
        self.folder.write("data/snapshot.json", json_bytes(self._columns(self._rows())))
        return 0

    def _cells(self) -> int:
        """Write the cells, their index and in which of them each community is; return how many there are."""

        def write(piece: tuple[str, Rows]) -> list[tuple[Cell, str]]:
            found = []
            for cell in cut(self.snapshot, *piece, self._cell_content, most_bytes=self.plan.cell_bytes):
                self.folder.write(f"data/cells/{cell.key}.json", cell.content)
                found.append((replace(cell, content=b""), cell.digest))
            return found

        pieces = list(_pieces(self._rows(), lambda key, rows: quarters(self.snapshot, key, rows)))
        cells = [one for found in shared_out(write, pieces, processes=self.plan.processes) for one in found]
        self._measured(CELLS, cell_index(self.snapshot, cells))
        in_cells = named([(cell.key, cell.rows) for cell, _ in cells], self.groups)
        names = [name for name in in_cells if name]
        spelling = spelling_of(names)
        told = {
            "names": names,
            "cells": [in_cells[name] for name in names],
            "spelling": {"characters": spelling.characters, "texts": spelling.texts},
        }
        self._measured(COMMUNITIES, told)
        ids = self.snapshot.ids
        cell_of = {ids[row]: cell.key for cell, _ in cells for row in cell.rows.tolist()}
        self.site = replace(self.site, cell_of=cell_of)
        if isinstance(self.app, PublishedApp):
            self.app.publish_as(self.site)
        return len(cells)

    def _measured(self, name: str, document: dict[str, object]) -> None:
        """Write a document that tells how many bytes it takes itself, compressed."""
        packed = len(compressed(json_bytes(document), "gzip"))
        self.folder.write(name, json_bytes({"bytes": packed, **document}))

    def _assets(self) -> None:
        static = asset_folder("static")
        with self.app.test_request_context("/"):
            for path in sorted(static.rglob("*")):
                if path.is_file() and path.suffix not in _NOT_SERVED:
                    self._write_at(asset_url(path.relative_to(static).as_posix()), path.read_bytes())
        self.folder.write("embed/v1/station-map.js", element_script())

    def _write_at(self, address: str, content: bytes) -> None:
        self.folder.write(address.removeprefix(self.site.base_path), content)

    def _around(self, language: str) -> int:
        """Write all pages in a language but those of the stations; return how many there are."""
        root = self.site.root(language)
        self._page(f"{root}index.html", "/", language, listed=root)
        self._page(f"{root}shell.html", "/shell", language)
        self._page(f"{root}communities/index.html", "/communities", language, listed=f"{root}communities/")
        self.folder.write(f"{root}words.json", page(self.app, "/words.json", lang=language))
        self.folder.write(f"{root}manifest.webmanifest", page(self.app, "/manifest.webmanifest", lang=language))
        self._page(f"{root}map.html", "/map", language, listed=f"{root}map.html")
        self._page(f"{root}{NOT_FOUND}", f"/{NOT_FOUND}", language)
        self._page(f"{root}{EMBEDDED}", "/embed/v1/map", language)
        for name, content in self.site.beside.items():
            if not (self.folder.path / name).exists():
                self.folder.write(name, content)
        lists = [
            (name, number)
            for name, rows in self.groups.items()
            for number in range(1, -(-len(rows) // MOST_ON_A_PAGE) + 1)
        ]
        for name, number in lists:
            file = f"{root}communities/{community_file(name, number)}"
            self._page(file, "/", language, listed=file, community=name, page=number)
        return len(lists) + 6

    def _page(self, file: str, path: str, language: str, *, listed: str | None = None, **asked: object) -> None:
        self.folder.write(file, page(self.app, path, **asked, lang=language))
        if listed is not None:
            self.addresses.append(self.plan.base_url + listed)

    def _stations(self) -> int:
        """Write the page of every station in every language; return how many there are."""

        def write(rows: list[int]) -> int:
            codes = [self.snapshot.ids[row] for row in rows]
            self._doors(rows, leading)
            for language in languages:
                folder = f"{self.site.root(language)}stations/"
                for code, content in zip(codes, station_pages(self.app, codes, language), strict=True):
                    self.folder.write(f"{folder}{code}.html", content)
            return len(rows) * len(languages)

        languages = self._languages()
        leading = door_codes(self.snapshot.ids, self.old_codes)
        pieces = chunks(range(len(self.snapshot.ids)), _PAGES_A_PIECE)
        self.addresses += [
            f"{self.plan.base_url}{self.site.root(language)}stations/{quote(self.snapshot.ids[row])}.html"
            for language in languages
            for row in self._found_by_engines()
        ]
        return sum(shared_out(write, pieces, processes=self.plan.processes))

    def _photos(self) -> None:
        """Write the photos of stations that are files of ours."""
        folder = str(self.app.config["PHOTOS"])
        for row in range(len(self.snapshot.ids)):
            for address in self.snapshot.record(row).get("photos", ()):
                name = album.named(address)
                found = album.photo_file(folder, name) if name else None
                if found:
                    self.folder.write(f"photos/{name}", found[0].read_bytes())

    def _doors(self, rows: list[int], leading: dict[str, list[str]]) -> None:
        """Write what the codes of stations lead to: the page in the site's own language, which has the other."""
        folder = f"{self.site.base_path}{self.site.root(self.site.language)}stations/"
        for row in rows:
            station = self.snapshot.ids[row]
            content = door_page(
                self.snapshot.record(row)["name"], f"{folder}{quote(station)}.html", self.site.language
            )
            for code in leading[station]:
                self.folder.write(f"s/{code}/index.html", content)

    def _found_by_engines(self) -> list[int]:
        """Return the rows of the stations that search engines may show: none closed for good, none made up."""
        records = map(self.snapshot.record, range(len(self.snapshot.ids)))
        return [
            row
            for row, record in enumerate(records)
            if record["status"] != "closed" and record.get("provenance", {}).get("source") != "illustrative"
        ]

    def _alternates(self, address: str) -> list[tuple[str, str]]:
        """Return the tag of each language, and where the page of an address stands in it."""
        path = address.removeprefix(self.plan.base_url)
        other = next(
            (code for code in LANGUAGES if code != self.site.language and path.startswith(f"{code}/")), ""
        )
        path = path.removeprefix(f"{other}/") if other else path
        return [
            (LANGUAGE_TAGS.get(language, language), f"{self.plan.base_url}{self.site.root(language)}{path}")
            for language in LANGUAGES
        ]

    def _marker(self) -> None:
        told = {
            "locator": __version__,
            "base_url": self.plan.base_url,
            "published": self.plan.day,
            "revision": self.snapshot.revision,
            "stations": len(self.snapshot.ids),
        }
        self.folder.write(MARKER, json_bytes(told))


def _pieces(
    rows: Rows, quarters_of: Callable[[str, Rows], list[tuple[str, Rows]]], key: str = ""
) -> Iterable[tuple[str, Rows]]:
    """Cut the world into pieces of work, whole cells each."""
    if len(rows) <= _ROWS_A_PIECE or len(key) > 12:
        yield key, rows
        return
    for quarter, inside in quarters_of(key, rows):
        yield from _pieces(inside, quarters_of, quarter)


def _address(given: str, field: str, *, is_path: bool) -> str:
    """Return an address without the slash at its end."""
    parts = urlsplit(given)
    is_http = parts.scheme in ("http", "https") and bool(parts.hostname)
    is_right = is_http or (is_path and not parts.scheme and not parts.netloc and given.startswith("/"))
    if (
        not is_right
        or parts.query
        or parts.fragment
        or not given.isascii()
        or not given.isprintable()
        or " " in given
    ):
        raise InvalidValue(
            N_("is no address of a folder on a web server"),
            field=field,
            value=given,
            mend=N_("write it like {example}"),
            example="https://example.org/stations/",
        )
    return given.rstrip("/")


def _encoders() -> dict[str, Callable[[bytes], bytes]]:
    found: dict[str, Callable[[bytes], bytes]] = {".gz": lambda body: compressed(body, "gzip")}
    if find_spec("brotli"):
        found[".br"] = lambda body: compressed(body, "br")
    return found
