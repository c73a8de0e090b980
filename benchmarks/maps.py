"""Draw 10,000 stations: the server's time, the page's size, and how soon a browser has it ready.

    python benchmarks/maps.py

Prints ours beside what Folium does by itself with the same stations (a marker each, and its own clusters). The browser's part needs
playwright and Chromium and is left out without them.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import gzip
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import folium
from folium.plugins import FastMarkerCluster, MarkerCluster
from shapely import Point
from werkzeug.serving import make_server

from locator.maps.stations import station_map
from locator.snapshot import Snapshot
from locator.station import FACILITIES, Station
from locator.store import open_store
from locator.translation import translator
from locator.web import create_app

COUNT = 10_000
HOURS = ("24/7", "Mo-Su 08:00-20:00", "Mo-Fr 08:30-17:30; PH off", None)


def stations() -> list[Station]:
    """Return made-up stations, each with a name, an address and five facilities."""
    chance = random.Random(7)
    return [
        Station(
            id=f"430681-{number:05}",
            name=f"{chance.choice('归汨罗高荣')}{chance.choice('义新城泉家')}工会驿站 {number}",
            address=f"人民路{chance.randint(1, 900)}号",
            geometry=Point(113 + chance.random() / 2, 28.5 + chance.random() / 2),
            opening_hours=chance.choice(HOURS),
            facilities={code: chance.random() < 0.8 for code in chance.sample(list(FACILITIES), 5)},
        )
        for number in range(COUNT)
    ]


def seconds(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the shortest time that some work takes."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def by_folium(made: list[Station], how: str) -> str:
    """Return the page that Folium makes by itself."""
    drawn = folium.Map([28.75, 113.25], zoom_start=11, tiles=None)
    if how == "FastMarkerCluster":
        FastMarkerCluster([[one.geometry.y, one.geometry.x] for one in made]).add_to(drawn)
    else:
        parent = MarkerCluster().add_to(drawn)
        for one in made:
            folium.Marker([one.geometry.y, one.geometry.x], popup=one.id).add_to(parent)
    return str(drawn.get_root().render())


def in_a_browser(path: str) -> dict[str, float]:
    """Return the seconds from asking to a page that is ready, by address; nothing without a browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return {}
    if chromium is None:
        return {}
    server = make_server("127.0.0.1", 0, create_app({"DATABASE": path}), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found = {}
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for address in ("/map", "/embed/v1/map"):
            times = []
            for _ in range(3):
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}{address}")
                page.wait_for_selector("html[data-map-ready=yes]")
                times.append(page.evaluate("performance.getEntriesByName('map-ready')[0].startTime") / 1000)
                page.close()
            found[address] = min(times)
        browser.close()
    server.shutdown()
    return found


def main() -> None:
    """Measure and print."""
    made, translate, at = stations(), translator("zh"), datetime.now(UTC)
    snapshot = Snapshot.of(made)
    page = station_map(snapshot, at, translate)
    ours = seconds(lambda: station_map(snapshot, at, translate))
    print(f"{COUNT:,} stations        server s     page kB     data kB   data, gzip kB")
    shell = len(page.body) + len(page.script) + len(page.style)
    packed = len(gzip.compress(page.data.encode(), 6))
    print(
        f"{'ours':24} {ours:9.2f} {shell / 1000:11.1f} {len(page.data.encode()) / 1000:11,.0f} {packed / 1000:16,.0f}"
    )
    for how in ("FastMarkerCluster", "MarkerCluster"):
        size = len(by_folium(made, how).encode())
        took = seconds(lambda how=how: by_folium(made, how), rounds=1)  # type: ignore[misc]
        print(f"{'Folium ' + how:24} {took:9.2f} {size / 1000:11,.0f}")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "maps.db")
        with open_store(path, create=True) as store:
            store.write([(one, 0) for one in made], at=at)
        for address, took in in_a_browser(path).items():
            print(f"ready in Chromium, {address}: {took:.2f} s after it was asked for, the server's time in it")


if __name__ == "__main__":
    main()
