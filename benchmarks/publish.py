"""Publishing: how long a site of many stations takes, and how much of it a phone fetches for its surroundings.

    python benchmarks/publish.py [stations]        200,000 without a number

The stations are made up (the same each time) in 300 towns of China, with names, communities, streets and hours as lists
have them. The phone asks for the 20 nearest usable on arrival on foot, on a working day at noon and at three in the
morning, at 1,000 places each: within kilometres of a station, anywhere between the towns, and beyond them. What it fetches is the
index and the cells, compressed by gzip, until nothing that it did not fetch can be nearer.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import importlib.util
import os
import shutil
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

BAR_S, BAR_KB = 300, 100
DAY = date(2026, 11, 25)
MOMENTS = {
    "noon": datetime(2026, 11, 25, 4, tzinfo=UTC),
    "3 o'clock at night": datetime(2026, 11, 25, 19, tzinfo=UTC),
}
CHARACTERS = "归义城东江北汨新市红花长乐高泉罗屈子祠文化建设人民解放友谊和平光明胜利团结幸福安康永兴大荆白水川山坪三神鼎桃林"
KINDS = ("工会驿站", "劳动者港湾", "户外劳动者服务站", "爱心驿站", "司机之家")


def made_up(count):
    """Return stations in towns: half of them in the centre, each in a community, on a street."""
    from shapely import Point

    from locator.station import FACILITIES, Entry, Provenance, Station

    chance = np.random.default_rng(1)

    def word(length):
        return "".join(chance.choice(list(CHARACTERS), length))

    towns = chance.uniform([100, 22], [122, 42], (300, 2))
    communities = [
        (word(2) + "社区", *(towns[number % 300] + chance.normal(0, 0.08, 2)), [word(2) + "路" for _ in range(8)])
        for number in range(max(300, count // 60))
    ]
    hours = [
        f"Mo-Su {chance.integers(6, 10):02}:{chance.integers(0, 2) * 30:02}-{chance.integers(17, 23):02}:{chance.integers(0, 2) * 30:02}"
        for _ in range(40)
    ] + ["24/7"] * 3 + ["Mo-Fr 08:30-12:00,14:30-17:30; PH off", "Mo-Fr 08:30-17:30; PH off", None]  # fmt: skip
    codes = list(FACILITIES)
    equipments = [
        {code: bool(chance.random() < 0.85) for code in codes if chance.random() < 0.5} for _ in range(60)
    ]
    for number in range(count):
        name, lon, lat, streets = communities[chance.integers(len(communities))]
        street = streets[chance.integers(8)]
        facilities = dict(equipments[chance.integers(60)])
        for place in chance.integers(0, len(codes), 2).tolist():
            facilities[codes[place]] = not facilities.get(codes[place], False)
        yield Station(
            id=f"{number:07}",
            name=name[:2] + street + KINDS[chance.integers(5)],
            geometry=Point(lon + chance.normal(0, 0.006), lat + chance.normal(0, 0.006)),
            community=name,
            street=street,
            address=f"{street}{chance.integers(1, 300)}号",
            opening_hours=hours[chance.integers(len(hours))],
            facilities=facilities,
            entry=Entry(ways=("qr_code",), registration=False, admits="everyone"),
            provenance=Provenance(source="工会名录", location_verified=date(2026, int(chance.integers(1, 11)), 1)),
        )


def places(lons, lats, count=1_000):
    """Return places near stations, anywhere between the towns, and beyond the border."""
    chance = np.random.default_rng(2)
    rows = chance.integers(0, len(lons), count)
    near = np.column_stack((lons[rows], lats[rows])) + chance.normal(0, 0.02, (count, 2))
    anywhere = chance.uniform([100, 22], [122, 42], (count, 2))
    beyond = np.column_stack((chance.uniform(95, 100.3, count), chance.uniform(20, 44, count)))
    return {"near stations": near, "anywhere": anywhere, "beyond the border": beyond}


def phone_of(folder):
    """Return the tests' phone, which reads a site as static/js/cells.js does."""
    path = Path(__file__).parents[1] / "tests" / "published_phone.py"
    spec = importlib.util.spec_from_file_location("published_phone", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Phone(folder), module.packed


def main(count):
    """Print the figures, each beside its bar."""
    from locator.publish import Plan, publish
    from locator.store import open_store

    with tempfile.TemporaryDirectory() as folder:
        database, out = str(Path(folder) / "stations.db"), Path(folder) / "site"
        with open_store(database, create=True) as store:
            store.write([(one, 0) for one in made_up(count)], at=datetime(2026, 11, 20, tzinfo=UTC))
        began, spent = time.perf_counter(), cpu_s()
        plan = Plan({"DATABASE": database}, "https://example.org/stations/", DAY, most_in_one=0, processes=2)
        written = publish(out, plan)
        took = time.perf_counter() - began
        print(f"{count} stations on {written.pages} pages in {written.cells} cells")
        print(f"seconds: {took:.0f} (bar: {BAR_S}); of a processor: {cpu_s() - spent:.0f}")
        began = time.perf_counter()
        shutil.copytree(out, Path(folder) / "copy")
        copied = time.perf_counter() - began
        print(f"copying the same files takes {copied:.0f} s; publishing {took / copied:.1f} times that")
        phone, packed = phone_of(out)
        print(
            f"index: {phone.index_bytes / 1e3:.1f} kB; communities: {packed(out / 'data/communities.json') / 1e3:.0f} kB"
        )
        page = out / "stations" / "0000000.html"
        print(f"a station's page: {page.stat().st_size / 1e3:.1f} kB, compressed {packed(page) / 1e3:.1f} kB")
        sizes = [phone.cell(key)[1] for key in phone.keys]
        print(f"a cell: median {np.median(sizes) / 1e3:.1f} kB, largest {max(sizes) / 1e3:.1f} kB")
        lons, lats = (np.concatenate([phone.cell(key)[0][name] for key in phone.keys]) for name in ("lon", "lat"))
        for where, some in places(lons, lats).items():
            for when, at in MOMENTS.items():
                fetched = [phone.nearest(lon, lat, at)[1] / 1e3 for lon, lat in some.tolist()]
                print(
                    f"a phone {where} at {when}: median {np.median(fetched):.0f} kB, most {max(fetched):.0f} kB (bar: {BAR_KB})"
                )


def cpu_s():
    """Return the seconds of processors that this process and those that it waited for have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
