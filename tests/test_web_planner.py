"""The planner's page: worked out beside the requests, once for all processes, to be stopped; never another's request."""

import csv
import gzip
import io
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import paper_town as town
import pytest
from web_town import station

from locator.errors import StoreError, TooMany
from locator.record import place_to_record
from locator.store import open_store
from locator.web import create_app
from locator.web.planner.jobs import Jobs

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
ASKED = "/planner?on=2026-11-25&within=500m&lang=en"
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
NOTHING = (sys.executable, "-c", "")
DONE = (
    sys.executable,
    "-c",
    "import sys, pathlib; pathlib.Path(sys.argv[1], 'state.json').write_text('{\"state\": \"done\"}')",
)
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{7*7}}{% raw %}`\"'</script><script>alert(3)</script>"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("planner") / "paper.db")
    study = town.study()
    with open_store(path, create=True) as store:
        store.write([(one, 0) for one in town.STATIONS], at=AT)
        store.write([(station("H", 113.0, 28.8, name=HOSTILE, opening_hours="24/7"), 0)], at=AT)
        for layer, places in (("areas", town.AREAS), ("streets", town.LINES), ("demand", study.demand_points)):
            store.replace_places(layer, [(place_to_record(one), one.geometry) for one in places], at=AT)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def served(database, cache, **settings):
    return create_app(
        {
            "DATABASE": database,
            "REPORTS": str(cache / "reports"),
            "NETWORK_CACHE": str(cache / "networks"),
            **settings,
        }
    ).test_client()


def awaited(client, address=ASKED, *, seconds=60):
    """Return the page of an address when its job has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        page = client.get(address)
        if b"data-progress" not in page.data:
            return page
        time.sleep(0.1)
    raise AssertionError("no end")


@pytest.fixture(scope="module")
def client(database, cache):
    client = served(database, cache)
    awaited(client)
    return client


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_first_asking_shows_progress_and_then_the_findings(database, tmp_path):
    client = served(database, tmp_path)
    first = client.get(ASKED)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-store")
    assert '<meta http-equiv="refresh"' in first.text
    told = client.get(ASKED.replace("/planner?", "/planner/progress?")).get_json()
    assert told["goes_on"]
    assert told["of"] == 13
    page = awaited(client)
    assert "<strong>2</strong> / 2" in page.text
    assert "88.9% of the residents have a station within 500 m" in page.text.replace("&#39;", "'")


def test_same_question_is_worked_out_once(client, database, cache):
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("findings.json")}
    assert len(before) == 1
    assert "heat-map" in client.get(ASKED).text
    # The order of arguments, and what is usual anyway, make no other question.
    assert "heat-map" in client.get("/planner?lang=en&within=500m&weight=residents&on=2026-11-25").text
    assert "heat-map" in served(database, cache).get(ASKED).text
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("findings.json")} == before


def test_changed_data_is_worked_out_anew(database, cache, tmp_path):
    copy = tmp_path / "copy.db"
    subprocess.run(["cp", database, str(copy)], check=True)
    client = served(str(copy), tmp_path, REFRESH_S=0)
    awaited(client)
    assert "data-progress" not in client.get(ASKED).text
    with open_store(str(copy)) as store:
        store.write([(station("new", 113.07, 28.807), 0)], at=AT)
    assert "data-progress" in client.get(ASKED).text
    assert "heat-map" in awaited(client).text


def test_page_is_complete_without_scripts(client):
    page = client.get(ASKED).text
    assert page.count("<table") > 10
    assert page.count("data-slice=") == 8 * 24
    assert 'aria-label="Areas: CSV (ZIP)"' in page
    assert '<form method="get" action="/planner">' in page
    assert "style=" not in page.partition('id="map-data"')[0].partition("<main")[2].replace('style="width', "")


def test_head_of_the_page_states_the_question(client):
    page = client.get(ASKED).text
    head = page[page.index("<h1>") : page.index('<form method="get"')]
    assert "Who has a station within 500 m (500 m along the streets), on foot at 4.3 km/h?" in head
    assert "Stations count whatever their facilities" in head
    assert "are of all 450 residents, at 6 places" in head
    asked = awaited(client, ASKED + "&needs=toilet&no_registration=1").text
    assert "Only these stations count: with these facilities: toilet; without registration." in asked
    assert "Share of all 450 residents within 500 m" in page


def test_page_travels_compressed(client):
    answer = client.get(ASKED, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < len(gzip.decompress(answer.data)) / 3


def test_hostile_names_are_text(client):
    page = client.get(ASKED).text
    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_tables_are_files(client):
    answer = client.get("/planner/tables/audit-areas.csv?" + ASKED.partition("?")[2])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="coverage-audit-areas-2026-11-25.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["东社区", "西社区"]
    answer = client.get("/planner/tables/audit-areas.xlsx?" + ASKED.partition("?")[2])
    sheets = openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames
    assert len(sheets) == 2  # the table, and what it means
    answer = client.get("/planner/tables/all.xlsx?" + ASKED.partition("?")[2])
    assert len(openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames) > 20
    assert client.get("/planner/tables/all.gpkg?" + ASKED.partition("?")[2]).data[:6] == b"SQLite"
    assert client.get("/planner/tables/gaps-gaps.geojson?" + ASKED.partition("?")[2]).get_json(force=True)[
        "features"
    ]


def test_a_table_in_csv_comes_with_what_it_means(client):
    """Two files in one: the table, which spreadsheets open as it is, and definition, denominator, date, network."""
    answer = client.get("/planner/tables/audit-areas.zip?" + ASKED.partition("?")[2])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="coverage-audit-areas-2026-11-25.zip"'
    assert answer.mimetype == "application/zip"
    whole = zipfile.ZipFile(io.BytesIO(answer.data))
    assert whole.namelist() == ["coverage-audit-areas.csv", "coverage-audit-about.csv"]
    table, about = (whole.read(name) for name in whole.namelist())
    assert table.startswith(b"\xef\xbb\xbf")  # or Excel takes it for another encoding
    assert about.startswith(b"\xef\xbb\xbf")
    assert [row["Name"] for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig")))] == ["东社区", "西社区"]
    told = [row["What"] for row in csv.DictReader(io.StringIO(about.decode("utf-8-sig")))]
    assert {"Definition", "Measured on", "Day of the lists", "Distances", "Criterion", "Date of the data"} <= {
        *told
    }
    page = client.get(ASKED).text
    assert 'aria-label="Areas: CSV (ZIP)"' in page
    assert "/planner/tables/audit-areas.zip?" in page
    every = zipfile.ZipFile(io.BytesIO(client.get("/planner/tables/all.zip?" + ASKED.partition("?")[2]).data))
    assert len(every.namelist()) > 20


def test_a_plain_table_names_where_its_meaning_is(client):
    answer = client.get("/planner/tables/audit-areas.csv?" + ASKED.partition("?")[2])
    address = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert answer.headers["Link"].endswith('; rel="describedby"; type="text/csv"')
    assert "Definition" in client.get(address).data.decode("utf-8-sig")


@pytest.mark.parametrize(
    "name",
    ["audit-none.csv", "none.xlsx", "audit.csv", "audit-areas.exe", "../../x-y.csv", "audit-summary.geojson",
     "audit-about.xlsx"],
)  # fmt: skip
def test_tables_that_are_not_there(client, name):
    assert client.get(f"/planner/tables/{name}?" + ASKED.partition("?")[2]).status_code == 404


@pytest.mark.parametrize("name", ["report", "report.pdf", "map.html", "tables/all.xlsx"])
def test_files_of_what_is_not_worked_out_lead_to_the_page(client, name):
    answer = client.get(f"/planner/{name}?on=2026-11-26&within=501m")
    assert answer.status_code == 302
    assert answer.location == "/planner?on=2026-11-26&within=501m"


def test_report_is_a_page_under_the_policy(client):
    answer = client.get("/planner/report?" + ASKED.partition("?")[2])
    (nonce,) = {part for part in answer.headers["Content-Security-Policy"].split("'") if part.startswith("nonce-")}
    assert f'<style nonce="{nonce.removeprefix("nonce-")}">' in answer.text
    told = re.sub(r"</?span>", "", answer.text)
    assert "locator coverage report --database paper.db --on 2026-11-25 --within 500m" in told


def test_report_is_a_pdf_made_apart(client):
    pytest.importorskip("weasyprint", exc_type=OSError)
    answer = awaited(client, "/planner/report.pdf?" + ASKED.partition("?")[2])
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")


def test_map_is_a_file(client):
    answer = client.get("/planner/map.html?" + ASKED.partition("?")[2])
    assert "coverageMap" in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]


def test_maps_have_the_base_map_of_the_operator(client, database, cache):
    """The page and the file; what is printed keeps the town's own streets."""
    plain, chosen = client, served(database, cache, BASE_MAP="amap", REVIEW_NUMBER="GS(2026)7")
    arguments = "?" + ASKED.partition("?")[2]
    for address in (ASKED, "/planner/map.html" + arguments):
        page = awaited(chosen, address).text
        assert "autonavi.com" in page
        assert '"review number GS(2026)7"' in page
        assert "autonavi.com" not in awaited(plain, address).text
    policies = [served.get(ASKED).headers["Content-Security-Policy"] for served in (plain, chosen)]
    assert ["autonavi.com" in policy for policy in policies] == [False, True]
    assert "autonavi.com" not in chosen.get("/planner/report" + arguments).text


@pytest.mark.parametrize(
    "wrong",
    [
        "on=x",
        "on=1900-01-01",
        "within=far",
        "mode=car",
        "needs=sauna",
        "min_share=2",
        "between=6-6",
        "minshare=0.8",
    ],
)
def test_wrong_questions_are_refused(client, wrong):
    answer = client.get(f"/planner?{wrong}&lang=en")
    assert answer.status_code == 400
    assert wrong.partition("=")[0] in answer.text


def test_limits_of_the_claims_can_be_asked_for(client):
    limits = "&min_share=0.8&thresholds=300m%2C500m&between=22-6&stretch_m=800"
    page = awaited(client, ASKED + limits).text
    assert "at least 80%" in page
    assert "56 hours of an ordinary week" in page
    assert 'name="min_share" value="0.8"' in page
    assert 'name="between" value="22-6"' in page
    command = client.get("/planner/report?" + ASKED.partition("?")[2] + limits).text
    asked = "--min-share 0.8 --stretch 800 --thresholds 300m,500m --between 22-6"
    assert asked in re.sub(r"<[^>]+>", "", command)
    assert "&min_share=0.8" in page.replace("&amp;", "&")  # and so in the links to files
    assert 'name="min_share" value="0.9"' in client.get(ASKED).text


def test_unknown_weight_is_said_by_the_job(client):
    page = awaited(client, ASKED + "&weight=cats")
    assert "cats" in page.text
    assert "Begin again" in page.text


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
@pytest.mark.parametrize("what", ["stop", "again"])
def test_other_sites_can_neither_stop_nor_begin(client, headers, what):
    assert client.post(f"/planner/{what}?" + ASKED.partition("?")[2], headers=headers).status_code == 403
    assert client.get(f"/planner/{what}").status_code == 405


def test_job_is_stopped_from_another_process_of_the_server(database, tmp_path):
    first, second = served(database, tmp_path), served(database, tmp_path)
    first.application.extensions["planner"]._command = SLEEP
    assert "data-progress" in first.get(ASKED).text
    assert "data-progress" in second.get(ASKED).text
    answer = second.post("/planner/stop?" + ASKED.partition("?")[2], headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    page = first.get(ASKED).text
    assert "It was stopped." in page
    (folder,) = (tmp_path / "reports").iterdir()
    until(lambda: json.loads((folder / "state.json").read_text())["state"] == "stopped")
    second.post("/planner/again?" + ASKED.partition("?")[2])
    assert "heat-map" in awaited(second).text


def test_second_process_waits_for_what_the_first_works_on(tmp_path):
    first = Jobs(tmp_path, at_once=1, waiting=1, kept=5, command=SLEEP)
    second = Jobs(tmp_path, at_once=1, waiting=1, kept=5, command=NOTHING)
    first.start("a", {"n": 1})
    second.start("a", {"n": 2})
    assert json.loads((tmp_path / "a" / "order.json").read_text()) == {"n": 1}
    assert second.look("a").goes_on
    second.stop("a")
    until(lambda: json.loads((tmp_path / "a" / "state.json").read_text())["state"] == "stopped")


def test_job_whose_process_died_is_not_believed(tmp_path):
    code = """
import os, sys, time
from pathlib import Path
from locator.web.planner.jobs import Jobs
jobs = Jobs(Path(sys.argv[1]), at_once=1, waiting=1, kept=5, command=(sys.executable, "-c", "import time; time.sleep(1)"))
jobs.start("a", {})
print(jobs.look("a").goes_on, flush=True)
os._exit(1)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout.strip() == "True"
    jobs = Jobs(tmp_path, at_once=1, waiting=1, kept=5, command=DONE)
    assert jobs.look("a").state == "broken"
    jobs.start("a", {})
    until(lambda: jobs.look("a").state == "done")


def test_work_that_breaks_is_said_to(tmp_path, caplog):
    jobs = Jobs(
        tmp_path, at_once=1, waiting=1, kept=5, command=(sys.executable, "-c", "raise ValueError(113.0742)")
    )
    jobs.start("a", {})
    until(lambda: jobs.look("a").state == "broken")
    assert "113.0742" in (tmp_path / "a" / "trouble.txt").read_text()
    assert "113.0742" not in caplog.text


def test_jobs_wait_for_each_other_and_too_many_are_refused(tmp_path):
    jobs = Jobs(tmp_path, at_once=1, waiting=1, kept=5, command=SLEEP)
    jobs.start("a", {})
    jobs.start("b", {})
    assert jobs.look("b").state == "waiting"
    with pytest.raises(TooMany):
        jobs.start("c", {})
    jobs.stop("b")
    assert jobs.look("b").state == "stopped"
    jobs.stop("a")
    until(lambda: jobs._going == 0)
    jobs.start("c", {})
    jobs.stop("c")
    until(lambda: not jobs.look("c").goes_on)


def test_those_looked_at_last_are_kept(tmp_path):
    jobs = Jobs(tmp_path, at_once=1, waiting=9, kept=2, command=DONE)
    for key in "abc":
        jobs.start(key, {})
        until(lambda key=key: jobs.look(key).state == "done")
        time.sleep(0.05)
        jobs.look("a")
        time.sleep(0.05)
    until(lambda: {path.name for path in tmp_path.iterdir()} == {"a", "c"})


def test_folder_that_others_may_write_is_refused(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(StoreError):
        Jobs(folder, at_once=1, waiting=1, kept=5, command=DONE).start("a", {})


def test_work_ends_with_the_process_that_wanted_it(tmp_path):
    code = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import os; from locator.report import working; working.work = lambda _: __import__('time').sleep(60); working.main()", {str(tmp_path)!r}, str(os.getpid())])
print(child.pid, flush=True)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    child = int(done.stdout)

    def gone():
        # Nobody may have buried it yet.
        try:
            return "Z" in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2][:3]
        except OSError:
            return True

    until(gone)


def test_folder_of_jobs_is_for_us_alone(tmp_path):
    jobs = Jobs(tmp_path / "reports", at_once=1, waiting=1, kept=5, command=DONE)
    jobs.start("a", {})
    until(lambda: jobs.look("a").state == "done")
    assert (tmp_path / "reports" / "a").stat().st_mode & 0o077 == 0


def test_finder_needs_nothing_of_the_planner(database, tmp_path):
    code = f"""
import sys
from locator.web import create_app
client = create_app({{"DATABASE": {database!r}, "REPORTS": {str(tmp_path)!r}}}).test_client()
for path in ("/", "/stations/A", "/api/v1/nearest?lon=113&lat=28"):
    assert client.get(path).status_code == 200, path
heavy = ("folium", "pandas", "scipy", "weasyprint", "locator.coverage", "locator.streets", "locator.maps.drawing")
print("loaded:", [name for name in heavy if name in sys.modules], list({str(tmp_path)!r} and __import__("os").listdir({str(tmp_path)!r})))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=dict(os.environ)
    )
    assert "loaded: [] []" in done.stdout
