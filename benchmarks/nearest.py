"""The nearest usable station, in process and over HTTP, against the peers that one would take instead.

    python benchmarks/nearest.py [part …]        parts: search, many, exact, box, load, http, postgis, pygeoapi

Every line is a ratio within one run, on 200,000 made-up stations (the same each time) in 300 towns of China. Filters
ask for one, two or three of ten facilities that each a tenth of the stations has: 10, 1 and 0.1 % of them qualify.
All ask for usable on arrival on foot. What a part compares with is started where it is installed, and named
where it is not: `wrk` and PostgreSQL with PostGIS are Debian packages, pygeoapi (with granian and psycopg2-binary
beside it) is found by its command.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

STATIONS = 200_000
K = 5
PORT = "55499"
NOON = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
SELECTIVITIES = {"100 %": 0, "10 %": 1, "1 %": 2, "0.1 %": 3}
PEER = """
import os
import numpy as np, orjson
from flask import Flask, Response, request
from scipy.spatial import cKDTree
from locator.geodesy import ecef_m
from locator.snapshot import load_snapshot
from locator.store import open_store
with open_store(os.environ["LOCATOR_DATABASE"]) as store:
    snapshot = load_snapshot(store)
tree = cKDTree(snapshot.index.centres)
records = [orjson.loads(feature) for feature in snapshot.features]
def empty(environ, start):
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
flask = Flask(__name__)
@flask.get("/nearest")
def nearest():
    here = ecef_m(np.array([float(request.args["lon"])]), np.array([float(request.args["lat"])]))[0]
    lines, rows = tree.query(here, 5)
    features = [dict(records[row], properties=records[row]["properties"] | {"distance_m": line})
                for line, row in zip(lines.tolist(), rows.tolist())]
    return Response(orjson.dumps({"type": "FeatureCollection", "features": features}), mimetype="application/geo+json")
"""


# -- the town


def made_up(count=STATIONS):
    """Return lons, lats, and rows of the store for so many stations; the same for the same number."""
    import orjson
    import shapely

    from locator.station import FACILITIES

    chance = np.random.default_rng(1)
    towns = chance.uniform([100, 22], [122, 42], (300, 2))
    places = (towns[chance.integers(0, 300, count)] + chance.normal(0, 0.08, (count, 2))).round(6)
    facilities = list(FACILITIES)[:10]
    has = chance.random((count, 10)) < 0.1
    hours = [
        f"Mo-Su {chance.integers(5, 10):02}:{chance.integers(0, 4) * 15:02}"
        f"-{chance.integers(17, 24):02}:{chance.integers(0, 4) * 15:02}"
        for _ in range(150)
    ] + ["24/7"] * 30 + [None] * 5  # fmt: skip
    chosen = chance.integers(0, len(hours), count).tolist()
    wkbs = shapely.to_wkb(shapely.points(places))

    def rows():
        for row in range(count):
            record = {"id": f"{row:07}", "name": f"驿站{row}", "category": "station", "status": "operating"}
            if hours[chosen[row]]:
                record["opening_hours"] = hours[chosen[row]]
            record["entry"] = {"ways": ["qr_code"], "registration": "no", "admits": "everyone"}
            record["facilities"] = {facilities[i]: "yes" for i in np.flatnonzero(has[row]).tolist()}
            yield record["id"], orjson.dumps(record), wkbs[row]

    return places[:, 0], places[:, 1], rows()


def snapshot_of(count=STATIONS):
    """Return the snapshot of so many made-up stations, and their lons and lats."""
    from locator.garbage import uncollected
    from locator.snapshot import Snapshot

    lons, lats, rows = made_up(count)
    with uncollected():
        return Snapshot.of_rows(rows, revision=1, zone="Asia/Shanghai", country="CN"), lons, lats


def places_near(lons, lats, count, seed=2):
    """Return lons and lats of places within a kilometre or so of stations."""
    chance = np.random.default_rng(seed)
    rows = chance.integers(0, len(lons), count)
    return lons[rows] + chance.normal(0, 0.01, count), lats[rows] + chance.normal(0, 0.01, count)


def filters(level):
    """Return the filters of a level of selectivity: every combination of so many facilities."""
    from locator.station import FACILITIES

    return [frozenset(some) for some in itertools.combinations(list(FACILITIES)[:10], level)]


def micros(call, asked):
    """Return the median and the 99th percentile of single calls, microseconds."""
    spent = []
    for one in asked:
        start = time.perf_counter_ns()
        call(one)
        spent.append(time.perf_counter_ns() - start)
    return np.median(spent) / 1e3, np.percentile(spent, 99) / 1e3


# -- in process


def search():
    """One query at a time, against a bare cKDTree that knows no filter and no hours."""
    from scipy.spatial import cKDTree

    from locator.geodesy import ecef_m
    from locator.nearest import nearest
    from locator.query import Query

    snapshot, lons, lats = snapshot_of()
    x, y = places_near(lons, lats, 5_000)
    tree, centres = cKDTree(ecef_m(lons, lats)), ecef_m(x, y)
    chance = np.random.default_rng(3)
    for name, level in SELECTIVITIES.items():
        some = filters(level)
        repeated = [
            Query(lon=a, lat=b, at=NOON, needs=some[0], limit=K)
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
        ]
        new = [
            Query(
                lon=a, lat=b, limit=K, needs=some[chance.integers(len(some))], minutes=float(chance.integers(0, 60)),
                at=NOON + timedelta(minutes=int(chance.integers(0, 2_880))),
            )
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
        ]  # fmt: skip
        for query in new[:200]:
            nearest(snapshot, query)
        bare = micros(lambda here: tree.query(here, K), centres)
        for label, asked, bar in (("repeated", repeated, 1.5), ("new each time", new, 4)):
            median, p99 = micros(lambda query: nearest(snapshot, query), asked)
            print(
                f"search {name:>5} {label:13}: {median / bare[0]:.2f} × cKDTree unfiltered (bar ≤ {bar}), "
                f"{median:.1f} µs against {bare[0]:.1f}; p99 {p99 / median:.1f} × the median (bar ≤ 10)"
            )
    big, bigger_lons, bigger_lats = snapshot_of(10 * STATIONS)
    a, b = places_near(bigger_lons, bigger_lats, 5_000)
    asked = [Query(lon=a, lat=b, at=NOON, limit=K) for a, b in zip(a.tolist(), b.tolist(), strict=True)]
    small = [Query(lon=a, lat=b, at=NOON, limit=K) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    nearest(big, asked[0])
    many, few = micros(lambda q: nearest(big, q), asked)[0], micros(lambda q: nearest(snapshot, q), small)[0]
    print(f"search, {10 * STATIONS} stations: {many / few:.2f} × the time of {STATIONS} (bar ≤ 2), {many:.1f} µs")


def many():
    """A planner's 100,000 points, against cKDTree's own batch."""
    from scipy.spatial import cKDTree

    from locator.geodesy import ecef_m
    from locator.nearest import nearest_many
    from locator.query import Query

    snapshot, lons, lats = snapshot_of()
    x, y = places_near(lons, lats, 100_000)
    tree, centres = cKDTree(ecef_m(lons, lats)), ecef_m(x, y)
    query = Query(lon=0, lat=0, at=NOON, limit=K)
    nearest_many(snapshot, x[:100], y[:100], query)
    bare = min(seconds(lambda: tree.query(centres, K)) for _ in range(3))
    for threads in (1, 2):
        ours = min(seconds(lambda: nearest_many(snapshot, x, y, query, threads=threads)) for _ in range(3))
        print(
            f"many, {threads} thread(s): {bare / ours:.2f} × cKDTree's batch (bar ≥ 0.7), {ours:.2f} s against {bare:.2f}"
        )


def exact():
    """Ten thousand queries, each against measuring with pyproj whatever can be among the nearest."""
    from scipy.spatial import cKDTree

    from locator.geodesy import ecef_m
    from locator.nearest import nearest
    from locator.query import Query
    from locator.station import FACILITIES

    snapshot, lons, lats = snapshot_of()
    tree, chance = cKDTree(ecef_m(lons, lats)), np.random.default_rng(5)
    facilities = list(FACILITIES)[:10]
    has = {
        code: snapshot.index.bits >> np.uint64(place) & np.uint64(1) == 1 for place, code in enumerate(facilities)
    }
    x, y = places_near(lons, lats, 10_000)
    x[::500], y[::500] = chance.uniform(-180, 180, 20), chance.uniform(-90, 90, 20)
    right = 0
    for lon, lat in zip(x.tolist(), y.tolist(), strict=True):
        needs = frozenset(chance.choice(facilities, chance.integers(0, 4), replace=False).tolist())
        query = Query(
            lon=lon,
            lat=lat,
            at=NOON + timedelta(minutes=int(chance.integers(0, 2_880))),
            mode="ebike",
            needs=needs,
            limit=K,
        )
        here, reach, expected = ecef_m(np.array([lon]), np.array([lat]))[0], 500, []
        while len(expected) < K and reach < 16 * len(lons):
            count = min(reach, len(lons))
            lines, rows = tree.query(here, count)
            for code in needs:
                rows = rows[has[code][rows]]
            expected = _measured(snapshot, query, rows, lines[-1] if count < len(lons) else np.inf)
            reach *= 16
        found = nearest(snapshot, query)
        apart = [abs(match.distance_m - metres) for match, (_, metres) in zip(found, expected, strict=False)]
        right += [match.row for match in found] == [row for row, _ in expected] and max(apart, default=0) < 1e-6
    print(
        f"exact: {right / 100:.2f} % of 10,000 queries are the brute force's stations in its order, within 1 µm (bar 100 %)"
    )


def _measured(snapshot, query, rows, bound):
    """Return those of some rows that are usable on arrival, nearest first, as far as nothing else can be nearer."""
    import pyproj

    from locator.query import MOST_TRAVEL_S

    lons, lats = np.full(len(rows), query.lon), np.full(len(rows), query.lat)
    metres = pyproj.Geod(ellps="WGS84").inv(lons, lats, snapshot.lons[rows], snapshot.lats[rows])[2]
    found = []
    for distance, row in sorted(zip(metres.tolist(), rows.tolist(), strict=True)):
        if distance >= bound or len(found) == K:
            break
        moment = query.at + timedelta(seconds=min(distance * query.s_per_m, MOST_TRAVEL_S))
        if snapshot.outlook(row, moment).usable_for(moment, 0):
            found.append((row, distance))
    return found


def box():
    """GeoJSON of a box of some 350 stations, against dictionaries that orjson writes."""
    import orjson

    from locator.web.lists import station_page
    from locator.web.params import STATIONS as TABLE
    from locator.web.params import read_parameters

    snapshot, lons, lats = snapshot_of()
    west, south = float(lons[0]) - 0.11, float(lats[0]) - 0.11
    bbox = f"{west},{south},{west + 0.22},{south + 0.22}"
    asked = read_parameters({"bbox": bbox, "limit": "1000"}, TABLE, zone="Asia/Shanghai")
    rows = snapshot.index.rows_in_box(asked.values["bbox"]).tolist()
    stations = [snapshot.stations[row] for row in rows]

    def peer():
        from shapely.geometry import mapping

        from locator.record import station_to_record

        features = [
            {"type": "Feature", "id": s.id, "geometry": mapping(s.geometry), "properties": station_to_record(s)}
            for s in stations
        ]
        return orjson.dumps({"type": "FeatureCollection", "features": features})

    ours, _ = micros(lambda _: station_page(snapshot, asked), range(300))
    theirs, _ = micros(lambda _: peer(), range(100))
    ready = [orjson.loads(snapshot.features[row]) for row in rows]
    bare, _ = micros(lambda _: orjson.dumps({"type": "FeatureCollection", "features": ready}), range(300))
    print(
        f"box of {len(rows)}: {theirs / ours:.1f} × orjson from dictionaries made of records (bar ≥ 10), "
        f"{ours:.0f} µs against {theirs:.0f}; dictionaries that stand ready, nothing looked up: {bare:.0f} µs"
    )


# -- a process


def load():
    """How long a process needs to be ready, and what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        database = written(Path(folder) / "many.db")
        told = child(
            "import time, locator.web, gc; start = time.perf_counter();"
            "from locator.snapshot import load_snapshot; from locator.store import open_store;"
            f"store = open_store({str(database)!r}); snapshot = load_snapshot(store); ready = time.perf_counter() - start"
        )
        print(
            f"load: {STATIONS} stations ready in {told['ready']:.1f} s (bar ≤ 4), {told['mib']:.0f} MiB (bar ≤ 400)"
        )
        small = Path(folder) / "miluo.db"
        subprocess.run(
            [sys.executable, "-m", "locator", "init", "miluo", "--database", small],
            check=True,
            capture_output=True,
        )
        told = child(
            "import time; start = time.perf_counter(); import locator.web; ready = time.perf_counter() - start;"
            f"app = locator.web.create_app({{'DATABASE': {str(small)!r}}});"
            "app.test_client().get('/api/v1/nearest?lon=113.07&lat=28.8')"
        )
        print(f"load: imported in {told['ready']:.2f} s (bar ≤ 0.5); with Miluo {told['mib']:.0f} MiB (bar ≤ 90)")


def child(code):
    """Run code in a process of its own; return its `ready`, and the MiB that it holds then."""
    code += "; import json; mib = int(open('/proc/self/statm').read().split()[1]) * 4096 / 2**20; print(json.dumps({'ready': ready, 'mib': mib}))"
    return json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)


def written(path, count=STATIONS):
    """Write a database of made-up stations."""
    from locator.store import Store

    lons, lats, rows = made_up(count)
    with Store(str(path), create=True) as store:
        connection = store._connection
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO stations (id, version, revision, recorded_at, geometry, record, search, west, south, east, north)"
            " VALUES (?, 1, 1, '2026-01-01T00:00:00+00:00', ?, ?, '|', ?, ?, ?, ?)",
            (
                (code, wkb, record.decode(), x, y, x, y)
                for (code, record, wkb), x, y in zip(rows, lons.tolist(), lats.tolist(), strict=True)
            ),
        )
        connection.execute("INSERT INTO revisions VALUES (1, '2026-01-01T00:00:00+00:00', '')")
        connection.execute("COMMIT")
    return path


def seconds(call):
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


# -- over HTTP


def http():
    """Thirty-two connections to one process, against an empty WSGI answer and a plain Flask route on granian."""
    if not shutil.which("wrk"):
        print("http: skipped, wrk is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = written(folder / "many.db")
        (folder / "peer.py").write_text(PEER)
        told = {}
        for label, target, path in (
            ("empty WSGI", "peer:empty", "/"),
            ("Flask, cKDTree, orjson", "peer:flask", "/nearest"),
            ("ours", "locator.web:serve_app", "/api/v1/nearest"),
        ):
            with granian(target, path, database, folder) as (port, pid):
                told[label] = pressed(port, pid, path, folder, places())
        ours, peer, empty = told["ours"], told["Flask, cKDTree, orjson"], told["empty WSGI"]
        for label, (rate, cpu) in told.items():
            print(f"http {label:22}: {rate:,.0f} requests/s, {cpu:.0f} µs of processor each")
        print(f"http: {ours[0] / peer[0]:.2f} × the requests/s of Flask, cKDTree and orjson (bar ≥ 3)")
        print(f"http: {ours[1] / empty[1]:.2f} × the processor time of an empty WSGI answer (bar ≤ 2)")


@contextmanager
def granian(target, path, database, folder, *, python=sys.executable, **more):
    """Serve an application with one process and one thread of Python; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "LOCATOR_DATABASE": str(database), "LOCATOR_RATE_LIMIT": "", "LOCATOR_LOG_REQUESTS": "0", "PYTHONPATH": str(folder), **more,
    }  # fmt: skip
    factory = ["--factory"] if target.endswith("serve_app") else []
    command = [
        python, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1",
        "--no-access-log", "--log-level", "error", "--port", str(port), *factory, target,
    ]  # fmt: skip
    server = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=True)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?lon=113&lat=28", timeout=30).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, server.pid
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def places(more=""):
    """Return a thousand questions for the nearest."""
    lons, lats, _ = made_up(1_000)
    x, y = places_near(lons, lats, 1_000)
    return [f"?lon={a:.5f}&lat={b:.5f}&limit={K}&at=2026-11-20T12:10{more}" for a, b in zip(x, y, strict=True)]


def pressed(port, pid, path, folder, asked):
    """Press a server for some seconds; return its requests a second, and microseconds of processor for each."""
    script = folder / "ask.lua"
    listed = ",".join(f'"{query}"' for query in asked)
    script.write_text(
        f"local asked = {{{listed}}}\nlocal i = 0\n"
        # Whole requests, made once: what presses has the processors in common with what is pressed.
        "init = function()\n"
        f"  for n, query in ipairs(asked) do asked[n] = wrk.format('GET', '{path}' .. query) end\nend\n"
        "request = function() i = i % #asked + 1; return asked[i] end\n"
    )

    def press(duration):
        command = ["wrk", "-t1", "-c32", f"-d{duration}s", "-s", str(script), f"http://127.0.0.1:{port}"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    press(3)
    before = processor_s(pid)
    out = press(8)
    spent = processor_s(pid) - before
    requests = int(next(line for line in out.splitlines() if " requests in " in line).split()[0])
    assert "Non-2xx" not in out, out
    rate = float(next(line for line in out.splitlines() if line.startswith("Requests/sec")).split()[1])
    return rate, spent / requests * 1e6


def processor_s(pid):
    """Return the seconds of processor that a process and those that it started have used."""
    tick = os.sysconf("SC_CLK_TCK")
    total, todo = 0.0, [pid]
    while todo:
        one = todo.pop()
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / tick
        todo += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return total


def postgis():
    """Requests a second over HTTP against PostGIS' geography on its own wire, thirty-two clients each."""
    if missing := _missing("wrk", "runuser"):
        print(f"postgis: skipped, {missing} not installed")
        return
    needs = ",".join(sorted(filters(2)[0]))
    with temporary() as folder:
        with postgres(folder) as run:
            theirs = {"all": _knn_rate(run, folder, 0), "1 %": _knn_rate(run, folder, 2)}
        with granian("locator.web:serve_app", "/api/v1/nearest", written(folder / "many.db"), folder) as (
            port,
            pid,
        ):
            ours = {"all": pressed(port, pid, "/api/v1/nearest", folder, places())[0]}
            ours["1 %"] = pressed(port, pid, "/api/v1/nearest", folder, places(f"&needs={needs}"))[0]
    for label, bar in (("all", 3), ("1 %", 10)):
        print(
            f"postgis, {label}: {ours[label] / theirs[label]:.1f} × geography KNN (bar ≥ {bar}), "
            f"{ours[label]:,.0f} requests/s against {theirs[label]:,.0f} queries/s"
        )


def pygeoapi():
    """Requests a second for five stations of a box, against pygeoapi on PostGIS, thirty-two connections each."""
    if missing := _missing("pygeoapi", "wrk", "runuser"):
        print(f"pygeoapi: skipped, {missing} not installed")
        return
    lons, lats, _ = made_up(1_000)
    boxes = [f"{x - 0.1:.4f},{y - 0.1:.4f},{x + 0.1:.4f},{y + 0.1:.4f}" for x, y in zip(lons, lats, strict=True)]
    asked = [f"?f=json&limit={K}&bbox={box}" for box in boxes]
    with temporary() as folder:
        with postgres(folder):
            settings, document = folder / "pygeoapi.yml", folder / "openapi.yml"
            settings.write_text(json.dumps(_pygeoapi_settings(folder)))
            environment = {"PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(document)}
            program = Path(shutil.which("pygeoapi"))
            command = [program, "openapi", "generate", settings, "--output-file", document]
            subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
            peer = granian(
                "pygeoapi.flask_app:APP", "/", folder, folder, python=program.with_name("python"), **environment
            )
            with peer as (port, pid):
                theirs, _ = pressed(port, pid, "/collections/stations/items", folder, asked)
        with granian("locator.web:serve_app", "/api/v1/stations", written(folder / "many.db"), folder) as (
            port,
            pid,
        ):
            ours = {
                "/api/v1": pressed(port, pid, "/api/v1/stations", folder, [query.replace("f=json&", "") for query in asked])[0],
                "/ogc": pressed(port, pid, "/ogc/collections/stations/items", folder, asked)[0],
            }  # fmt: skip
    for label, rate in ours.items():
        print(
            f"pygeoapi: {label} answers {rate / theirs:.0f} × the requests/s for a box (bar ≥ 50), "
            f"{rate:,.0f} against {theirs:,.1f}"
        )


def _missing(*commands):
    """Return what is not installed of PostGIS and some commands, in words."""
    found = [name for name in commands if not shutil.which(name)]
    if not programs_of_postgres() or not any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        found.append("PostgreSQL with PostGIS")
    return f"{', '.join(found)} {'is' if len(found) == 1 else 'are'}" if found else ""


def programs_of_postgres():
    """Return the folder of PostgreSQL's programs; None without."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def temporary():
    """Yield a folder that everybody may write to, for PostgreSQL does not run as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


@contextmanager
def postgres(folder):
    """Start PostGIS with the made-up stations; yield what runs its programs, their options first."""
    from locator.bits import bits_of

    lons, lats, rows = made_up()
    table = folder / "stations.copy"
    with table.open("w") as file:
        for (code, record, _), x, y in zip(rows, lons.tolist(), lats.tolist(), strict=True):
            file.write(f"{int(code)}\t{bits_of(json.loads(record))}\tSRID=4326;POINT({x} {y})\n")
    data, programs = folder / "data", programs_of_postgres()

    def run(program, *arguments, **options):
        command = ["runuser", "-u", "postgres", "--", str(programs / program), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", **options).stdout

    options = f"-p {PORT} -c listen_addresses= -k {folder}"
    run("initdb", "-N", "-D", str(data), "-A", "trust")
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        run(
            "psql", "-h", str(folder), "-p", PORT, "-v", "ON_ERROR_STOP=1", "-d", "postgres", input=(
                "CREATE EXTENSION postgis;"
                "CREATE TABLE stations (id int PRIMARY KEY, bits bigint, place geography);"
                f"\n\\copy stations FROM '{table}'\n"
                "CREATE INDEX ON stations USING gist (place); ANALYZE stations;"
                "CREATE TABLE flat AS SELECT id, bits, place::geometry(Point, 4326) AS place FROM stations;"
                "ALTER TABLE flat ADD PRIMARY KEY (id); CREATE INDEX ON flat USING gist (place); ANALYZE flat;"
            ),
        )  # fmt: skip
        yield run
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _knn_rate(run, folder, level):
    """Return the queries a second that PostGIS answers on geography, with as selective a filter as ours."""
    from locator.bits import facilities_mask

    lons, lats, _ = made_up(1_000)
    mask = facilities_mask(filters(level)[0])
    x, y = places_near(lons, lats, 50)
    scripts = []
    for number, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        script = folder / f"ask{number}.sql"
        script.write_text(
            f"SELECT id FROM stations WHERE bits & {mask} = {mask} ORDER BY place <-> 'SRID=4326;POINT({a} {b})'::geography"
            f" LIMIT {K};"
        )
        scripts += ["-f", str(script)]
    press = (
        "pgbench",
        "-h",
        str(folder),
        "-p",
        PORT,
        "-n",
        "-c",
        "32",
        "-j",
        "2",
        "-M",
        "prepared",
        *scripts,
        "-T",
    )
    run(*press, "3", "postgres")
    out = run(*press, "8", "postgres")
    return float(next(line for line in out.splitlines() if line.startswith("tps")).split()[2])


def _pygeoapi_settings(folder):
    """Return pygeoapi's settings for the table of stations."""
    words = {"title": "stations", "description": "stations", "keywords": ["stations"]}
    provider = {
        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": "flat", "geom_field": "place",
        "data": {"host": str(folder), "port": PORT, "dbname": "postgres", "user": "postgres", "search_path": ["public"]},
    }  # fmt: skip
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5000}, "url": "http://127.0.0.1:5000", "mimetype": "application/json",
            "encoding": "utf-8", "language": "en-US", "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": "https://example.org/{z}/{x}/{y}.png", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": words | {"keywords_type": "theme", "terms_of_service": "none", "url": "https://example.org"},
            "license": {"name": "none", "url": "https://example.org"}, "provider": {"name": "none", "url": "https://example.org"}, "contact": {"name": "none"},
        },
        "resources": {
            "stations": {"type": "collection"} | words | {
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
                "providers": [provider],
            },
        },
    }  # fmt: skip


PARTS = {
    "search": search,
    "many": many,
    "exact": exact,
    "box": box,
    "load": load,
    "http": http,
    "postgis": postgis,
    "pygeoapi": pygeoapi,
}


def main(parts):
    """Run each part in a process of its own."""
    for part in parts or PARTS:
        subprocess.run([sys.executable, __file__, "--part", part], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        PARTS[sys.argv[2]]()
    else:
        main(sys.argv[1:])
