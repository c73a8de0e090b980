"""Stations in and out of files, against pyogrio writing the same frame to a GeoPackage.

    python benchmarks/exchange.py [rows]

The peer is handed a GeoDataFrame in memory (for the import the columns of the CSV, for an export the columns of
the export) and checks nothing; ours reads a CSV in a process apart, checks every
row, and keeps it with its history, its search text and its index. Each task runs in a process of its own, which
tells its seconds and its peak memory; both sides take the better of two runs.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import csv
import json
import random
import resource
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

BAR = 0.25
MEMORY_MIB = 1024
RUNS = 2
HEADINGS = ["编号", "名称", "经度", "纬度", "地址", "社区", "街道", "开放时间", "设施", "管理单位", "电话"]
HOURS = [
    "周一至周五 8:30-17:30", "24小时", "工作日 8:20—17:00", "8:00-12:00,14:30-17:30",
    "周二至周日 9:00—21:00，周一闭馆", "每天 7:00-22:00", "夏季 8:00-18:00，冬季 8:30-17:30",
]  # fmt: skip
FACILITIES = [
    "饮水",
    "热水",
    "微波炉",
    "冰箱",
    "休息座椅",
    "空调",
    "卫生间",
    "手机充电",
    "充电宝",
    "药箱",
    "雨伞",
    "图书",
    "无线网",
]
SYLLABLES = "归义罗城建设友谊大众荣家西湖新市人民高泉长乐弼时白水川山桃林黄柏屈子祠东井石江沙溪红花神鼎大荆"
KINDS = ["社区", "街道", "广场", "公园", "银行", "物流园", "加油站", "农贸市场", "产业园", "便民服务中心"]


def write_rows(path, rows):
    """Write a list of stations as a city keeps it; the same for the same number of rows."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for row in range(rows):
            place = "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 4))))
            writer.writerow(
                [
                    f"43{row % 20:02d}81-{row:06d}",
                    f"{place}{chance.choice(KINDS)}{row % 97 + 1}号工会驿站",
                    f"{chance.uniform(109, 114):.6f}",
                    f"{chance.uniform(25, 30):.6f}",
                    f"{place}路{row % 900 + 1}号",
                    f"{''.join(chance.choices(SYLLABLES, k=2))}社区",
                    f"{''.join(chance.choices(SYLLABLES, k=2))}路",
                    chance.choice(HOURS),
                    "、".join(chance.sample(FACILITIES, chance.randint(1, 6))),
                    f"{''.join(chance.choices(SYLLABLES, k=2))}总工会",
                    f"0730-{5000000 + row % 999999}",
                ]
            )


def peer(folder, table):
    """Write the rows of a CSV and their points with pyogrio; only the writing is timed."""
    import geopandas
    import pandas
    import pyogrio

    frame = pandas.read_csv(folder / table, dtype=object).astype({"经度": float, "纬度": float})
    frame = geopandas.GeoDataFrame(
        frame, geometry=geopandas.points_from_xy(frame["经度"], frame["纬度"]), crs=4326
    )
    target = folder / "peer.gpkg"
    target.unlink(missing_ok=True)
    return timed(lambda: pyogrio.write_dataframe(frame, target, driver="GPKG"))


def import_csv(folder):
    """Import the CSV into a fresh database."""
    from locator.exchange.importing import import_stations
    from locator.store import Store

    path = folder / "stations.db"
    path.unlink(missing_ok=True)
    with Store(str(path), create=True) as store:

        def run():
            at = datetime(2026, 3, 1, tzinfo=UTC)
            report = import_stations(store, folder / "stations.csv", at=at, crs="wgs84")
            assert report.written, report.counts

        return timed(run)


def export(folder, ending):
    """Write every station of the database to one file."""
    from locator.exchange.exporting import export_data
    from locator.store import Store
    from locator.translation import translator

    target = folder / f"export{ending}"
    with Store(str(folder / "stations.db")) as store:
        return timed(lambda: export_data(store, target, translator("zh_CN")))


def timed(run):
    """Return the seconds that a call takes, and the peak memory of this process and of those that it started."""
    start, cpu = time.perf_counter(), cpu_s()
    run()
    seconds, cpu = time.perf_counter() - start, cpu_s() - cpu
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"seconds": seconds, "cpu": cpu, "self_mib": peaks[0], "child_mib": peaks[1]}


def cpu_s():
    """Return the seconds of processor that this process and those that it started have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


TASKS = {
    "pyogrio, columns of the list": lambda folder: peer(folder, "stations.csv"),
    "import": import_csv,
    "export .csv": lambda folder: export(folder, ".csv"),
    "pyogrio, columns of the export": lambda folder: peer(folder, "export.csv"),
    "export .geojson": lambda folder: export(folder, ".geojson"),
    "export .gpkg": lambda folder: export(folder, ".gpkg"),
}


def measured(task, folder):
    """Run a task in processes of their own, and return what the quickest of them tells."""
    command = [sys.executable, __file__, "--task", task, str(folder)]
    told = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(RUNS)]
    return min(told, key=lambda run: run["seconds"])


def main(rows=200_000):
    """Print each task's rows a second, and its ratio against the peer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "stations.csv", rows)
        runs = {task: measured(task, folder) for task in TASKS}
        for task, run in runs.items():
            if task.startswith("pyogrio"):
                print(f"{rows} rows; {task}: {rows / run['seconds']:,.0f} rows/s ({run['seconds']:.1f} s)")
        for task, run in runs.items():
            if task.startswith("pyogrio"):
                continue
            base = runs[f"pyogrio, columns of the {'list' if task == 'import' else 'export'}"]
            print(
                f"{task:16} {base['seconds'] / run['seconds']:.2f} × pyogrio GPKG (bar {BAR}); "
                f"{base['cpu'] / run['cpu']:.2f} × by processor time; "
                f"{rows / run['seconds']:,.0f} rows/s ({run['seconds']:.1f} s); "
                f"peak {run['self_mib']:,.0f} MiB, reading process {run['child_mib']:,.0f} MiB (bar {MEMORY_MIB})"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--task"]:
        print(json.dumps(TASKS[sys.argv[2]](Path(sys.argv[3]))))
    else:
        main(*map(int, sys.argv[1:2]))
