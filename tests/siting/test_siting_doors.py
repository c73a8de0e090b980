"""`locator site` with every rule and means on the illustrative town, in this process."""

import csv
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from locator.cli import main

ON = ("--on", "2026-11-20", "--lang", "en")
NEAR = ("--within", "500m")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doors")
    made = [sys.executable, "-m", "locator", "init", "miluo", "--database", str(folder / "town.db")]
    subprocess.run(made, check=True, capture_output=True, timeout=300)
    return folder / "town.db"


@pytest.fixture
def locator(town, monkeypatch, capsys, tmp_path):
    """Return a function that runs `locator …` on a copy of the town and returns exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOCATOR_DATABASE", str(shutil.copy(town, tmp_path / "town.db")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(town.parent / "cache"))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["locator", *map(str, words)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def answer(locator):
    """Return a function that asks `locator site` and returns its tables and notes."""

    def ask(*words):
        status, out, error = locator("site", *words, *ON, "--json")
        assert status == 0, error
        (result,) = json.loads(out)["results"]
        tables = result["tables"]
        return tables | {"plan": tables["plan"][0], "notes": result["about"]["notes"]}

    return ask


@pytest.fixture
def refused(locator):
    """Return a function that asks `locator site` what it refuses, and returns the one line that it says."""

    def ask(*words):
        status, out, error = locator("site", *words, *ON)
        assert (status, out) == (2, "")
        assert error.count("\n") == 1
        return error

    return ask


def within(tables, radius_m=500):
    return next((row["before"], row["after"]) for row in tables["radii"] if row["radius_m"] == radius_m)


def test_every_area_gets_a_station_or_the_number_that_it_takes_is_told(answer, refused):
    assert "is too small: 5 new sites are needed" in refused("mclp", "-p", 3, *NEAR, "--every-area")
    assert answer("mclp", "-p", 5, *NEAR, "--every-area")["plan"]["opened"] == 5
    assert "has no candidate" not in refused("mclp", "-p", 1, *NEAR, "--area", "茶园社区,山塘社区")
    one = answer("mclp", "-p", 1, *NEAR, "--area", "茶园社区")
    free = answer("mclp", "-p", 1, *NEAR)
    assert one["sites"] != free["sites"]
    assert one["plan"]["value"] < free["plan"]["value"]


def test_what_is_covered_today_counts_stations_that_have_to_close(answer):
    free = answer("mclp", "-p", 1, *NEAR)
    shut = answer("mclp", "-p", 1, *NEAR, "--never", "430681-0002,430681-0003")
    assert within(shut)[0] == within(free)[0]
    assert within(shut)[1] < within(shut)[0]
    assert "430681-0002" in shut["plan"]["closed"]
    assert any("whom a station covers today would have none" in note for note in shut["notes"])


def test_closing_pays_for_new_sites_and_moving_frees_a_place(answer, refused, locator):
    words = ("mclp", *NEAR, "--budget", 5000)
    kept = answer(*words, "--may-close", "430681-0002,430681-0004")
    paid = answer(*words, "--may-close", "430681-0002,430681-0004", "--close-saves", 8000)
    assert kept["plan"]["closed"] == ""
    assert paid["plan"]["closed"] != ""
    assert paid["plan"]["value"] > kept["plan"]["value"]
    assert paid["plan"]["cost"] <= 5000
    moved = answer("mclp", "-p", 1, *NEAR, "--may-move", "430681-0002,430681-0004", "--adopt", "moved")
    gone = moved["plan"]["closed"].count("430681-")
    assert gone > 0
    assert moved["plan"]["opened"] == 1 + gone
    locator("site", *words, "--may-close", "430681-0004", "--close-saves", 8000, "--adopt", "closing", *ON)
    edits = json.loads(locator("scenario", "show", "closing", "--json")[1])["edits"]
    assert [one["cost_cny_year"] for one in edits if one["kind"] == "close"] == [-8000]
    assert "name the stations that may close" in refused(*words, "--close-saves", 8000)


def test_changes_of_hours_open_no_new_site_unless_asked(answer, refused):
    night = (*NEAR, "--between", "22-6", "--weight", "night_workers", "--extend-cost", 0)
    alone = answer("mclp", "--changes", 2, *night)
    assert (alone["plan"]["opened"], alone["plan"]["changed"]) == (0, 2)
    both = answer("mclp", "--changes", 2, "-p", 1, *night)
    assert (both["plan"]["opened"], both["plan"]["changed"]) == (1, 2)
    some = answer("mclp", "--changes", 2, *night, "--may-extend", "430681-0002", "--extend-to", "6-24")
    assert [(row["id"], row["opening_hours"]) for row in some["sites"]] == [
        ("430681-0002", "Mo-Su 06:00-24:00"),
    ]  # fmt: skip
    assert some["plan"]["value"] < alone["plan"]["value"]
    assert refused("mclp", "--changes", 2, *NEAR).startswith("locator: --extend-cost: is missing")
    assert refused("mclp", "-p", 1, "--extend-cost", 1, *NEAR).startswith("locator: --between: is missing")


def test_demand_by_hour_is_asked_for_by_name(answer):
    spans = "residents=6-22,night_workers=22-6"
    found = answer("mclp", "-p", 2, *NEAR, "--demand-hours", spans)
    assert found["plan"]["unit"] == "residents 6-22 h, night workers 22-6 h"
    day = answer("mclp", "-p", 2, *NEAR, "--between", "6-22")
    night = answer("mclp", "-p", 2, *NEAR, "--between", "22-6", "--weight", "night_workers")
    parts = day["plan"]["value"] * 16 / 24 + night["plan"]["value"] * 8 / 24
    assert found["plan"]["value"] <= parts + 0.1  # one choice for both is no better than one for each
    assert within(found)[0] == pytest.approx((within(day)[0] * 16 + within(night)[0] * 8) / 24, abs=0.2)


def test_gap_ends_the_search_early_and_is_kept(answer):
    best, loose = (answer("p-median", "-p", 4, "--gap", gap)["plan"] for gap in (1e-6, 0.3))
    assert best["proven"]
    assert loose["gap"] <= 0.3
    assert loose["bound"] <= best["value"] <= loose["value"]
    assert loose["unit"] == "metres × residents"


def test_frontier_under_a_budget_ends_where_the_plan_is(answer):
    found = answer("mclp", *NEAR, "--budget", 20000, "--frontier", 10)
    assert found["frontier"][-1]["value"] == found["plan"]["value"]
    values = [row["value"] for row in found["frontier"]]
    assert values == sorted(values)
    assert found["plan"]["opened"] <= len(values) - 1
    bound = answer("lscp", "--within", "5km", "--frontier", 4)
    assert bound["frontier"][0]["value"] == bound["plan"]["value"]


def test_money_is_not_spent_for_nothing(answer):
    many, enough = answer("mclp", "-p", 100, *NEAR), answer("mclp", "--budget", 1_000_000, *NEAR)
    assert many["plan"]["value"] == enough["plan"]["value"]
    assert many["plan"]["cost"] == enough["plan"]["cost"]
    assert all(row["newly_alone"] > 0 for row in many["sites"])
    nothing = answer("mclp", "-p", 3, "--within", "20km", "--straight-line")
    assert (nothing["plan"]["opened"], nothing["plan"]["cost"]) == (0, 0)
    fewest, cheapest = (answer("lscp", "--within", "3km", *more)["plan"] for more in ((), ("--cheapest",)))
    assert cheapest["cost"] <= fewest["cost"]
    assert (cheapest["unit"], fewest["unit"]) == ("CNY a year", "new sites and changes")


def test_shares_of_streets_bind_alternatives_and_capacities_are_said_to_have_none(answer):
    words = ("mclp", "-p", 6, *NEAR)
    free, bound = answer(*words), answer(*words, "--street-share", 0.5)
    assert [row["id"] for row in free["sites"]] == [row["id"] for row in bound["sites"]]
    pairs = [{(row["instead_of"], row["id"]) for row in one["alternatives"]} for one in (free, bound)]
    assert pairs[1]
    assert pairs[1] <= pairs[0]
    assert all(row["share_of_gain"] > 0 for row in free["alternatives"])
    for model in (("p-median",), ("gradual", "--full", 200)):
        full = answer(*model, "-p", 2, *NEAR, "--weight", "outdoor_workers", "--per-place", 1)
        assert "alternatives" not in full
        assert any("not computed where sites serve only so much" in note for note in full["notes"])
        loose = answer(*model, "-p", 2, *NEAR, "--weight", "outdoor_workers")
        worse = full["plan"]["value"] - loose["plan"]["value"]
        assert worse >= -0.1 if model == ("p-median",) else worse <= 0.1


def test_candidates_of_unknown_cost_are_left_out_under_a_budget_and_named(answer, locator, refused):
    locator("export", "sites.csv", "--layer", "candidates")
    with Path("sites.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    (cost,) = [name for name in rows[0] if "成本" in name]
    best = answer("mclp", "-p", 1, *NEAR)["sites"][0]["id"]
    code = next(name for name, value in rows[0].items() if value.startswith("miluo-k"))
    with Path("sites.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(row | ({cost: ""} if row[code] == best else {}) for row in rows)
    assert locator("import", "sites.csv", "--layer", "candidates", "--datum", "wgs84")[0] == 0
    free = answer("mclp", "-p", 1, *NEAR)
    assert (free["sites"][0]["id"], free["sites"][0]["cost"], free["plan"]["cost"]) == (best, None, None)
    paid = answer("mclp", "--budget", 0, *NEAR)
    assert paid["plan"]["opened"] == 0
    assert any("their cost not being known" in note and best in note for note in paid["notes"])
    assert "has no known cost" in refused("mclp", "--budget", 9000, "--must", best, *NEAR)


def test_planned_stations_take_their_sites_and_may_count_as_there(answer, locator, refused):
    words = ("mclp", "-p", 2, *NEAR)
    first = answer(*words, "--adopt", "two")
    locator("scenario", "stations", "two")
    chosen = {row["id"] for row in first["sites"]}
    second = answer(*words)
    assert not chosen & {row["id"] for row in second["sites"]}
    assert within(second)[0] == within(first)[0]
    assert any("a station in use or planned being there" in note for note in second["notes"])
    there = answer(*words, "--planned")
    assert within(there)[0] == first["plan"]["value"]
    assert "is taken by a station already" in refused(*words, "--must", min(chosen))


def test_explanation_judges_by_the_rules_of_the_siting_and_counts_alike(answer, locator):
    words = ("mclp", "-p", 3, "--budget", 24000, "--between", "6-22", "--extend-cost", 8000, "--changes", 1, *NEAR,
             "--weight", "outdoor_workers")  # fmt: skip
    sited = answer(*words, "--adopt", "mixed")
    kept = json.loads(locator("scenario", "show", "mixed", "--json")[1])["question"]
    assert kept == {
        "weight": "outdoor_workers", "within": "500m", "between": "6-22", "model": "mclp", "p": "3",
        "budget": "24000", "changes": "1", "extend_cost": "8000",
    }  # fmt: skip
    (told,) = json.loads(locator("scenario", "explain", "mixed", *ON, "--json")[1])["results"]
    tables, notes = told["tables"], told["about"]["notes"]
    newly = {row["id"]: (row["newly"], row["newly_alone"]) for row in sited["sites"]}
    assert {row["id"]: (row["newly"], row["newly_alone"]) for row in tables["sites"]} == newly
    assert [(row["first"], row["second"]) for row in tables["radii"]] == [
        (row["before"], row["after"]) for row in sited["radii"]
    ]
    assert any("that is proven" in note for note in notes)
    assert any("keep the means and rules" in note for note in notes)
    assert all(row["difference"] <= 0 for row in tables["alternatives"])
    step = next(row for row in tables["frontier"] if row["opened"] == sited["plan"]["opened"])
    assert step["value"] == pytest.approx(sited["plan"]["value"], abs=0.1)


def test_explanation_of_a_scenario_drawn_by_hand_says_that_cost_does_not_matter(locator):
    locator("scenario", "new", "own")
    locator("scenario", "edit", "open", "own", "--site", "miluo-k21")
    (told,) = json.loads(locator("scenario", "explain", "own", *NEAR, *ON, "--json")[1])["results"]
    assert any("by coverage alone, whatever they cost" in note for note in told["about"]["notes"])
    better = [row for row in told["tables"]["alternatives"] if row["difference"] > 0]
    assert better
    assert all(row["share_of_gain"] is None or row["share_of_gain"] > 1 for row in better)


def test_the_note_of_a_scenario_is_a_command_that_finds_it_again(answer, locator):
    words = ("lscp", "--within", "3km", "--cheapest", "--area", "茶园社区", "--demand-hours", "residents=8-10")
    first = answer(*words, "--adopt", "again")
    note = json.loads(locator("scenario", "show", "again", "--json")[1])["note"]
    assert note.startswith("locator site lscp ")
    assert answer(*shlex.split(note)[2:])["sites"] == first["sites"]
