"""Staff handle what users tell from the command line, and programs read it as JSON."""

import csv
import json

import pytest
from click.testing import CliRunner
from pypdfium2 import PdfDocument
from web_town import AT, small_town, written

from locator.cli import cli
from locator.posters.fonts import chinese_font
from locator.store import hour_of, open_store
from locator.translation import translator


@pytest.fixture
def path(tmp_path):
    path = written(str(tmp_path / "r.db"), small_town())
    with open_store(path) as store:
        store.tickets.add("a", "locked", at=AT, text="=cmd()|x\n门锁着", photo=b"JPEG")
        store.tickets.add("a", "broken", at=AT)
        store.tickets.add("b", "other", at=AT)
    return path


@pytest.fixture
def run(path):
    def run(*words, lang="en", code=0):
        done = CliRunner().invoke(cli, [*words, "--database", path], obj=translator(lang))
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_reports_are_listed_newest_first_and_by_what_is_asked(run):
    assert [line.split()[0] for line in run("report", "list").splitlines()] == ["3", "2", "1"]
    run("report", "reject", "3")
    assert [one["number"] for one in json.loads(run("report", "list", "--json", "--open"))] == [2, 1]
    assert [one["number"] for one in json.loads(run("report", "list", "--json", "--state", "rejected"))] == [3]
    assert [one["number"] for one in json.loads(run("report", "list", "--json", "--station", "b"))] == [3]


def test_a_report_goes_its_way(run):
    assert json.loads(run("report", "confirm", "1", "--answer", "周五换锁", "--json"))["state"] == "confirmed"
    assert "corrected" in run("report", "correct", "1")
    shown = run("report", "show", "1", lang="zh")
    assert "门锁着" in shown
    assert "周五换锁" in shown
    told = json.loads(run("report", "show", "1", "--json"))
    assert [step["state"] for step in told["steps"]] == ["received", "confirmed", "corrected"]
    assert json.loads(run("report", "duplicate", "2", "--of", "1", "--json"))["duplicate_of"] == 1
    assert json.loads(run("report", "reopen", "2", "--json"))["state"] == "received"


def test_what_cannot_be_is_one_error(run):
    run("report", "correct", "1")
    run("report", "confirm", "1", code=1)
    run("report", "confirm", "99", code=1)
    run("report", "confirm", "0", code=2)
    run("report", "export", "-o", "x.pdf", code=1)


def test_photos_are_for_staff_to_look_at_and_to_forget(run, tmp_path):
    run("report", "show", "1", "--photo", str(tmp_path / "one.jpg"))
    assert (tmp_path / "one.jpg").read_bytes() == b"JPEG"
    run("report", "export", "-o", str(tmp_path / "r.json"), "--photos", str(tmp_path / "photos"))
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["1.jpg"]
    run("report", "forget-photo", "1")
    assert not json.loads(run("report", "show", "1", "--json"))["photo"]


def test_photos_of_what_was_handled_long_ago_are_forgotten(run, path):
    with open_store(path) as store:
        store.tickets.add("a", "other", at=AT, photo=b"JPEG")
        store.tickets.move(1, "corrected", at=AT)
    assert json.loads(run("report", "forget-photos", "--handled-before", "2026-11-20T12:00", "--json")) == {
        "photos": 0
    }
    assert "photos deleted: 1" in run("report", "forget-photos", "--handled-before", "2026-11-21")
    assert [one["number"] for one in json.loads(run("report", "list", "--json")) if one["photo"]] == [4]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_an_export_has_every_report_and_runs_no_formula(run, tmp_path, ending):
    run("report", "reject", "3")
    file = tmp_path / f"r.{ending}"
    assert "3 reports" in run("report", "export", "-o", str(file))
    if ending == "json":
        texts = [one["text"] for one in json.loads(file.read_text("utf-8"))]
        assert texts[0].startswith("=cmd")
    elif ending == "csv":
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines(keepends=True)))
        assert (len(rows), rows[1][4][:2]) == (4, "'=")
    else:
        from openpyxl import load_workbook

        cell = load_workbook(file).active.cell(2, 5)
        assert (cell.data_type, cell.value[:4]) == ("s", "=cmd")


def test_ratings_and_visits_are_numbers(run, path):
    with open_store(path) as store:
        store.ratings.add("a", 4, day=AT.date(), token="x" * 22)
        store.visits.add({("a", hour_of(AT)): 5, ("b", hour_of(AT)): 1})
    assert json.loads(run("ratings", "--json")) == [{"station": "a", "ratings": 1, "mean": 4.0}]
    assert "4.0 of 5" in run("ratings")
    assert json.loads(run("visits", "--json")) == [{"station": "a", "visits": 5}, {"station": "b", "visits": 1}]
    # The hour is told as it is where the stations are: 04 UTC is noon in Shanghai.
    assert json.loads(run("visits", "--station", "a", "--by", "hour", "--json")) == [
        {"station": "a", "hour": "2026-11-20T12", "visits": 5}
    ]
    assert run("visits", "--by", "day").split() == ["a", "2026-11-20", "5", "b", "2026-11-20", "1"]
    assert run("visits", "--since", "2026-11-20T13:00") == run("visits", "--until", "2026-11-20T12:00") == ""


def test_old_codes(run):
    run("code", "add", "OLD-1", "b")
    assert json.loads(run("code", "list", "--json")) == [{"code": "OLD-1", "station": "b"}]
    assert run("code", "list").split() == ["OLD-1", "b"]
    run("code", "add", "a", "b", code=1)
    run("code", "remove", "OLD-1")
    assert run("code", "list") == ""


@pytest.mark.skipif(chinese_font() is None, reason="no font with Chinese characters")
def test_posters_of_one_or_all(run, tmp_path):
    address = ("--address", "https://map.example.org/")
    assert "5 posters" in run("poster", "-o", str(tmp_path / "all.pdf"), *address)
    assert len(PdfDocument(tmp_path / "all.pdf")) == 5  # the one that is closed for good has none
    run("poster", "归义-1", "-o", str(tmp_path / "one.html"), "--size", "a5", *address)
    assert "https://map.example.org/s/%E5%BD%92%E4%B9%89-1" in (tmp_path / "one.html").read_text("utf-8")
    run("poster", "a", "b", "-o", str(tmp_path / "folder"), *address)
    assert sorted(p.name for p in (tmp_path / "folder").iterdir()) == ["a.pdf", "b.pdf"]
    run("poster", "none", "-o", str(tmp_path / "x.pdf"), *address, code=1)
    run("poster", "-o", str(tmp_path / "x.docx"), *address, code=1)
    run("poster", "-o", str(tmp_path / "x.pdf"), "--address", "map.example.org", code=1)
