"""`locator site` on the illustrative town: what it prints, writes and refuses."""

import csv
import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("siting")
    run(folder, "init", "miluo")
    return folder


def run(folder, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "locator", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def site(folder, *words, code=0):
    return run(folder, "site", *words, "--on", "2026-11-20", "--cache", "cache", "--lang", "en", code=code)


def test_json_is_nothing_but_json_and_tells_who_is_newly_covered(town):
    words = ("mclp", "-p", "3", "--within", "500m", "--weight", "outdoor_workers", "--frontier", "4", "--json")
    (result,) = json.loads(site(town, *words))["results"]
    (plan,) = result["tables"]["plan"]
    assert plan["proven"]
    assert plan["opened"] == 3
    frontier = [step["value"] for step in result["tables"]["frontier"]]
    assert frontier == sorted(frontier)
    assert frontier[3] == plan["value"]
    radii = {row["radius_m"]: row for row in result["tables"]["radii"]}
    assert radii[500]["before"] == frontier[0]
    assert radii[500]["after"] == plan["value"]
    assert sum(row["newly_alone"] for row in result["tables"]["sites"]) <= plan["value"] - frontier[0] + 0.1


def test_longer_hours_compete_with_new_sites(town):
    words = (
        "mclp", "--budget", "16000", "--between", "22-6", "--extend-cost", "8000",
        "--weight", "night_workers", "--within", "1km", "--json",
    )  # fmt: skip
    (result,) = json.loads(site(town, *words))["results"]
    (plan,) = result["tables"]["plan"]
    assert plan["changed"] == 2
    assert plan["cost"] <= 16000
    assert all(row["opening_hours"] == "24/7" for row in result["tables"]["sites"] if not row["new"])


@pytest.mark.parametrize("model", [("p-median", "-p", "2"), ("p-center", "-p", "2"), ("backup", "-p", "2"),
                                   ("gradual", "-p", "2", "--full", "300"), ("mclp", "-p", "2")])  # fmt: skip
def test_every_model_answers_for_people(model, town):
    assert "The plan" in site(town, *model)


def test_what_cannot_be_is_refused_in_one_line(town):
    assert "no permitted site within reach" in site(town, "lscp", "--within", "300m", code=2)
    assert "nowhere" in site(town, "mclp", "-p", "1", "--must", "nowhere", code=2)
    assert len(site(town, "mclp", code=2).splitlines()) == 1


def answer(town, *words):
    (result,) = json.loads(site(town, *words, "--json"))["results"]
    return result


def test_a_share_of_the_main_streets_is_kept_and_told(town):
    words = ("mclp", "-p", "3", "--within", "500m", "--weight", "outdoor_workers")
    free, bound = answer(town, *words), answer(town, *words, "--street-share", "0.5")
    assert "at least 50.0 % was asked for" in json.dumps(bound["about"])
    assert bound["tables"]["plan"][0]["proven"]
    assert bound["tables"]["plan"][0]["value"] <= free["tables"]["plan"][0]["value"]
    assert "share of main streets" in site(town, *words, "--street-share", "0.99", code=2)


def test_candidates_have_a_capacity_and_serve_no_more(town):
    run(town, "init", "miluo", "--database", "full.db")
    run(town, "export", "sites.csv", "--layer", "candidates", "--database", "full.db")
    with (town / "sites.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with (town / "sites.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(row | {"容纳人数": "4"} for row in rows)
    run(town, "import", "sites.csv", "--layer", "candidates", "--datum", "wgs84", "--database", "full.db")
    words = ("mclp", "-p", "3", "--within", "500m", "--weight", "outdoor_workers", "--database", "full.db")
    free, tight = answer(town, *words), answer(town, *words, "--per-place", "2")
    assert tight["tables"]["plan"][0]["value"] < free["tables"]["plan"][0]["value"]
    assert "at most 2 outdoor workers" in json.dumps(tight["about"])
