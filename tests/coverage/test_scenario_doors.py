"""Scenarios at the command line: made, changed, compared, adopted from siting, turned into planned stations."""

import html
import json
import re
import shlex
import sys
from dataclasses import replace
from datetime import UTC, datetime

import paper_town as town
import pytest
import shapely

from locator.cli import main
from locator.place import CandidateSite
from locator.record import place_to_record
from locator.store import open_store

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
ASKED = ("--on", "2026-11-25", "--within", "500m")


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs `locator …` on the town and returns exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOCATOR_DATABASE", "LOCATOR_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sites = [
        CandidateSite(
            id="k1", name="东口", geometry=town.place(1000, 200), opening_hours="24/7", cost_cny_year=300
        ),
        CandidateSite(id="k2", name="远处", geometry=town.place(0, 800)),
    ]
    layers = {
        "areas": town.AREAS,
        "streets": town.LINES,
        "candidates": sites,
        "demand": town.study().demand_points,
    }
    with open_store("locator.db", create=True) as store:
        store.write([(one, 0) for one in town.STATIONS], at=AT)
        for layer, places in layers.items():
            store.replace_places(layer, [(place_to_record(one), one.geometry) for one in places], at=AT)

    def locator(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["locator", *map(str, words)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return locator


def at(x, y):
    spot = town.place(x, y)
    return f"{spot.x},{spot.y}"


def test_scenario_is_made_changed_shown_and_measured(run):
    assert run("scenario", "new", "two", "--note", "for 2027")[0] == 0
    assert run("scenario", "edit", "close", "two", "B", "--cost=-500")[0] == 0
    assert run("scenario", "edit", "open", "two", "--at", at(400, 0), "--name", "新站", "--hours", "24/7",
               "--facilities", "toilet,wifi=no", "--cost", 2000)[0] == 0  # fmt: skip
    assert run("scenario", "edit", "hours", "two", "C", "Mo-Su 08:00-20:00")[0] == 0
    assert run("scenario", "edit", "move", "two", "C", "--at", at(600, 200))[0] == 0
    assert run("scenario", "edit", "facilities", "two", "A", "microwave,toilet=unknown")[0] == 0
    told = json.loads(run("scenario", "show", "two", "--json")[1])
    assert [one["kind"] for one in told["edits"]] == ["close", "open", "hours", "move", "facilities"]
    assert told["edits"][1]["station"]["facilities"] == {"toilet": "yes", "wifi": "no"}
    assert told["troubles"] == {}
    shown = run("scenario", "show", "two")[1]
    assert "2  opens  two-1  新站" in shown
    assert "for 2027" in shown
    assert "two  " in run("scenario", "list")[1]

    compared = json.loads(run("scenario", "compare", "two", *ASKED, "--json")[1])["results"][0]["tables"]
    (cost,) = compared["cost"]
    # p5 (20) was 400 m from C; p4 has C now, which was 600 m away, instead of B.
    assert (cost["cost"], cost["people_lost"]) == (1500, 20)
    measured = json.loads(run("coverage", "reach", *ASKED, "--scenario", "two", "--json")[1])["results"][0]
    assert any("SCENARIO two" in note for note in measured["about"]["notes"])
    total = [
        row for row in measured["tables"]["total"] if (row["counted"], row["threshold"]) == ("residents", "500 m")
    ]
    assert total[0]["within"] == 380
    with open_store("locator.db") as store:
        assert store.station("B").station.status == "operating"
        assert store.revision == 5


def test_what_closes_does_not_move_first_and_costs_no_more(run):
    run("scenario", "new", "s")
    run("scenario", "edit", "move", "s", "B", "--at", at(300, 0), "--cost", 900)
    run("scenario", "edit", "hours", "s", "B", "24/7", "--cost", 700)
    run("scenario", "edit", "hours", "s", "A", "24/7")
    run("scenario", "edit", "close", "s", "B", "--cost=-500")
    edits = json.loads(run("scenario", "show", "s", "--json")[1])["edits"]
    assert [(one["kind"], one["id"], one["cost_cny_year"]) for one in edits] == [
        ("hours", "A", None),
        ("close", "B", -500),
    ]


def test_candidate_opens_once_and_is_named(run):
    run("scenario", "new", "s")
    assert run("scenario", "edit", "open", "s", "--site", "k1", "--id", "mine")[0] == 0
    status, _, error = run("scenario", "edit", "open", "s", "--site", "k1")
    assert status == 2
    assert "site 'k1': is opened already, as 东口 (mine)" in error
    assert len(json.loads(run("scenario", "show", "s", "--json")[1])["edits"]) == 1


@pytest.mark.parametrize("words", [("open", "s"), ("move", "s", "A")])
def test_place_far_from_everything_is_refused(run, words):
    run("scenario", "new", "s")
    status, _, error = run("scenario", "edit", *words, "--at", "0,0")
    assert status == 2
    assert "km from everything in the data; check it" in error
    assert run("scenario", "edit", *words, "--at", at(50_000, 0))[0] == 0


def test_every_place_is_as_good_where_nothing_is_known(run):
    with open_store("empty.db", create=True):
        pass
    run("scenario", "new", "s", "--database", "empty.db")
    assert run("scenario", "edit", "open", "s", "--at", "0,0", "--database", "empty.db")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("coverage", "reach", "-o", "x.pdf"), "文件名请以其中之一结尾：.xlsx .gpkg .geojson .csv .html"),
        (("scenario", "compare", "s", "-o", "x.doc"), ".html"),
        (("report", "--scenario", "s", "-o", "x.doc"), ".pdf .html .xlsx .docx"),
        (("report", "--scenario", "s", "-o", "none/x.pdf"), "output 'none': 没有这个文件夹"),
        (("coverage", "report", "-o", "none/x.pdf"), "output 'none': 没有这个文件夹"),
        (("coverage", "reach", "-o", "none/x.html"), "output 'none': 没有这个文件夹"),
        (("report", "--scenario", "s", "list"), "与命令 list 同时给出"),
        (("site", "mclp", "-p", "x"), "'-p' / '--new' 的值不对"),
        (("scenario", "show", "s", "t"), "多出了参数"),
        (("scenario", "shw"), "没有命令 'shw'"),
    ],
)
def test_errors_speak_chinese_and_name_the_mend(run, words, said):
    run("scenario", "new", "s")
    status, out, error = run(*words, "--lang", "zh")
    assert (status, out) == (2, "")
    assert said in error
    assert error.count("\n") == 1


def map_data(path):
    """Return the title and the data of a map that is one file."""
    text = path.read_text(encoding="utf-8")
    (title,) = re.findall(r"<title>(.*?)</title>", text)
    (data,) = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', text)
    return html.unescape(title), json.loads(data)


def test_maps_of_scenarios_say_what_they_show(run, tmp_path):
    run("scenario", "new", "one")
    run("scenario", "edit", "close", "one", "B")
    run("scenario", "new", "two")
    run("scenario", "edit", "open", "two", "--site", "k1")
    path = tmp_path / "d.html"
    assert run("scenario", "compare", "one", *ASKED, "-o", path)[0] == 0
    title, data = map_data(path)
    assert "At present → one" in title
    assert data["sides"] == ["Before: At present", "After: one"]
    assert [one["properties"]["kind"] for one in data["changes"]] == ["close"]
    assert data["lost"]
    assert run("scenario", "compare", "one", "two", *ASKED, "-o", path)[0] == 0
    title, data = map_data(path)
    assert "one → two" in title
    assert run("coverage", "reach", "--scenario", "one", *ASKED, "-o", path)[0] == 0
    title, data = map_data(path)
    assert "Scenario one" in title
    assert data["scenario"] == "Scenario one"


def test_map_of_a_siting_shows_the_chosen_sites_and_whom_they_newly_serve(run, tmp_path):
    path = tmp_path / "s.html"
    asked = (*ASKED[:2], "--within", "300m", "-p", 1)
    assert run("site", "mclp", *asked, "-o", path)[0] == 0
    _, data = map_data(path)
    assert [(one["properties"]["kind"], one["properties"]["name"]) for one in data["changes"]] == [
        ("open", "东口")
    ]
    assert [one["properties"]["people"] for one in data["gained"]] == [30]
    # On top of a scenario only what the plan adds to it is a change.
    run("scenario", "new", "one")
    run("scenario", "edit", "close", "one", "C")
    assert run("site", "mclp", *asked, "--scenario", "one", "-o", path)[0] == 0
    _, data = map_data(path)
    assert data["sides"][0] == "Before: one"
    assert [one["properties"]["kind"] for one in data["changes"]] == ["open"]


def test_scenarios_are_dropped_copied_and_deleted(run):
    run("scenario", "new", "one")
    run("scenario", "edit", "close", "one", "A")
    run("scenario", "edit", "close", "one", "B")
    assert run("scenario", "edit", "drop", "one", 1)[0] == 0
    run("scenario", "new", "copy", "--copy", "one")
    assert [one["id"] for one in json.loads(run("scenario", "show", "copy", "--json")[1])["edits"]] == ["B"]
    assert run("scenario", "delete", "one")[0] == 0
    assert [one["name"] for one in json.loads(run("scenario", "list", "--json")[1])] == ["copy"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "none"), "there is no such scenario"),
        (("new", "a b"), "cannot be a name"),
        (("edit", "close", "s", "Z"), "there is no such station"),
        (("edit", "hours", "s", "A", "noon"), "opening_hours"),
        (("edit", "move", "s", "A"), "is not a longitude and a latitude"),
        (("edit", "move", "s", "A", "--at", "200,95"), "is not a longitude and a latitude"),
        (("edit", "open", "s", "--site", "k9"), "is no candidate site and no planned station"),
        (("edit", "facilities", "s", "A", "sauna"), "is not one of"),
        (("edit", "drop", "s", "1"), "is not the number of an edit"),
        (("new", "s"), "is the name of another scenario"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(run, words, said):
    run("scenario", "new", "s")
    status, out, error = run("scenario", *words)
    assert (status, out) == (2, "")
    assert said in error
    assert error.count("\n") == 1


def test_siting_is_adopted_and_becomes_planned_stations_that_can_be_undone(run):
    status, _, error = run("site", "mclp", "-p", 1, "--weight", "residents", *ASKED[:2], "--within", "300m",
                           "--adopt", "best")  # fmt: skip
    assert (status, error) == (0, "kept as scenario best\n")
    told = json.loads(run("scenario", "show", "best", "--json")[1])
    assert [(one["kind"], one["site"], one["cost_cny_year"]) for one in told["edits"]] == [("open", "k1", 300)]
    assert "mclp" in told["note"]
    found = json.loads(run("scenario", "compare", "best", *ASKED[:2], "--within", "300m", "--json")[1])
    (cost,) = found["results"][0]["tables"]["cost"]
    assert (cost["people_gained"], cost["cost_per_person"]) == (30, 10)

    written = json.loads(run("scenario", "stations", "best", "--json")[1])
    assert (written["planned"], written["not_written"]) == (["k1"], 0)
    with open_store("locator.db") as store:
        assert store.station("k1").station.status == "planned"
    # The scenario still means what it meant, and once is enough.
    assert json.loads(run("scenario", "show", "best", "--json")[1])["troubles"] == {}
    assert json.loads(run("scenario", "stations", "best", "--json")[1])["revision"] == written["revision"]
    assert run("undo", written["revision"])[0] == 0
    with open_store("locator.db") as store:
        assert store.count() == 4


def test_nothing_is_written_when_one_station_cannot_be(run):
    run("scenario", "new", "s")
    run("scenario", "edit", "open", "s", "--site", "k1")
    run("scenario", "edit", "open", "s", "--site", "k2")
    with open_store("locator.db") as store:
        store.write([(town.Station(id="k2", name="别的", geometry=shapely.Point(113, 28)), 0)], at=AT)
        before = store.revision
    status, _, error = run("scenario", "stations", "s")
    assert status == 2
    assert "k2" in error
    with open_store("locator.db") as store:
        assert (store.revision, store.count()) == (before, 5)


def test_changed_data_is_said_until_the_scenario_is_renewed(run):
    run("scenario", "new", "s")
    run("scenario", "edit", "hours", "s", "A", "Mo-Su 08:00-10:00")
    with open_store("locator.db") as store:
        before = store.station("A")
        store.write([(replace(before.station, phone="1"), before.version)], at=AT)
    status, _, error = run("scenario", "compare", "s", *ASKED)
    assert status == 2
    assert "has changed since the scenario was made" in error
    assert "! id 'A'" in run("scenario", "show", "s")[1]
    assert run("scenario", "renew", "s")[0] == 0
    assert run("scenario", "compare", "s", *ASKED)[0] == 0


def test_explanation_names_sites_and_what_more_would_be_worth(run):
    run("scenario", "new", "s")
    run("scenario", "edit", "open", "s", "--site", "k2")
    told = json.loads(run("scenario", "explain", "s", "--on", "2026-11-25", "--within", "300m", "--json")[1])
    tables = told["results"][0]["tables"]
    assert [row["id"] for row in tables["alternatives"]] == ["k1"]
    assert [row["opened"] for row in tables["frontier"]][:2] == [0, 1]


def test_report_measures_by_what_the_sites_were_chosen_for(run):
    """Sites for 300 m that a report measured by the usual 15 minutes would seem to serve hardly anybody."""
    run("site", "mclp", "-p", 1, "--within", "300m", "--need", "toilet", "--between", "8-12", "--adopt", "best")
    kept = json.loads(run("scenario", "show", "best", "--json")[1])
    measured = {"weight": "residents", "within": "300m", "needs": "toilet", "between": "8-12"}
    assert kept["question"] == measured | {"model": "mclp", "p": "1"}
    assert kept["note"] == ("locator site mclp --weight residents --within 300m --need toilet -p 1 --between 8-12")

    def compared(*more):
        about = json.loads(run("scenario", "compare", "best", *ASKED[:2], *more, "--json")[1])["results"][0][
            "about"
        ]
        return str(about)

    assert "300 m" in compared()
    assert "oilet" in compared()
    assert "1000 m" in compared("--within", "1km")
    # Changing or copying it does not change what it was found for.
    run("scenario", "edit", "close", "best", "A")
    run("scenario", "new", "copy", "--copy", "best")
    for name in ("best", "copy"):
        assert json.loads(run("scenario", "show", name, "--json")[1])["question"] == kept["question"]


def test_report_that_measures_by_something_else_says_so_and_how_to_make_it_again(run, tmp_path):
    run("site", "mclp", "-p", 1, "--within", "300m", "--h24", "--adopt", "best")
    paper = tmp_path / "r.html"
    status, _, error = run(
        "report", "--scenario", "best", *ASKED[:2], "--within", "15min", "--no-h24", "-o", paper
    )
    assert (status, error) == (0, "")
    told = html.unescape(re.sub(r"<[^>]+>", " ", paper.read_text(encoding="utf-8")))
    told = re.sub(r"\s+", " ", told)
    assert (
        "The sites were chosen by --weight residents --within 300m --h24, "
        "this report measures by --weight residents --within 15min --no-h24."
    ) in told
    (command,) = re.findall(r"locator report [^\n]*?-o report\.pdf", told)
    again = tmp_path / "again.html"
    words = shlex.split(command)[1:]
    words[words.index("-o") + 1] = str(again)
    assert run(*words)[0] == 0
    assert again.read_text(encoding="utf-8") == paper.read_text(encoding="utf-8")
