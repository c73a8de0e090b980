"""The command line as people and programs use it: answers on stdout, one line of error, exit status 2."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from pyproj import Geod

from locator.cli import cli, main

ROOT = Path(__file__).parents[1]


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs `locator …` and returns exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOCATOR_DATABASE", "LOCATOR_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def locator(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["locator", *map(str, words)])
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = stop.code or 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return locator


@pytest.fixture
def town(run):
    assert run("init", "miluo")[0] == 0
    return run


def refused(run, *words: object) -> str:
    status, said, error = run(*words)
    assert status == 2
    assert said == ""
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def test_real_list_comes_in_whole_and_only_once(run, real_data):
    sheet = real_data / "stations" / "zhengzhou_82_gcj02.csv"
    words = ("import", sheet, "--datum", "gcj02", "--database", "zz.db", "--json")
    first, second = (json.loads(run(*words)[1])["counts"] for _ in range(2))
    assert first | {"added": 82, "changed": 0, "unchanged": 0, "refused": 0} == first
    assert second | {"added": 0, "changed": 0, "unchanged": 82, "refused": 0} == second
    status, said, _ = run(
        "nearest", "113.6254", "34.7466", "--at", "2026-11-20T12:10", "-k", 3, "--database", "zz.db", "--json"
    )
    assert status == 0
    features = json.loads(said)["features"]
    distances = [feature["properties"]["distance_m"] for feature in features]
    measured = [
        Geod(ellps="WGS84").inv(113.6254, 34.7466, *feature["geometry"]["coordinates"])[2] for feature in features
    ]
    assert distances == sorted(distances) == [round(m, 1) for m in measured]
    assert [feature["properties"]["state"] for feature in features] == ["open"] * 3


def test_second_init_changes_nothing(town):
    status, said, _ = town("init", "miluo", "--json")
    assert (status, json.loads(said)) == (0, {"stations": 32, "written": False})


def test_answer_in_either_language(town):
    asked = ("nearest", "113.0742", "28.8069", "--at", "2026-11-20T12:10", "-k", 1)
    assert "营业中" in town(*asked)[1]
    assert "open" in town(*asked, "--lang", "en")[1]
    assert "open" in town(*asked, "--lang=en")[1]


def test_longitude_west_of_greenwich(town):
    status, said, _ = town("nearest", "-74.0", "-40.7", "--json")
    assert status == 0
    assert len(json.loads(said)["features"]) == 5


def test_needs_and_around_the_clock(town):
    asked = (
        "nearest",
        "113.07",
        "28.8",
        "--at",
        "2026-11-20T02:00",
        "--need",
        "microwave,toilet",
        "--h24",
        "--json",
    )
    features = json.loads(town(*asked)[1])["features"]
    assert features
    assert all(f["properties"]["facilities"]["toilet"] == "yes" for f in features)
    assert all(f["properties"]["opening_hours"] == "24/7" for f in features)


def test_nothing_found_is_said(town):
    assert "没有符合条件" in town("nearest", "0", "0", "--radius", 10)[1]
    assert "没有找到" in town("search", "zzzzz")[1]


def test_search_by_initials(town):
    listed = json.loads(town("search", "gy", "--json")[1])
    assert listed[0]["community"] == "归义社区"


def test_what_is_exported_comes_back_the_same(town):
    assert town("export", "out.geojson")[0] == 0
    report = json.loads(town("import", "out.geojson", "--json")[1])
    assert report["counts"]["unchanged"] == 32
    assert town("export", "again.geojson")[0] == 0
    assert Path("out.geojson").read_bytes() == Path("again.geojson").read_bytes()


def test_map_is_one_file(town):
    assert json.loads(town("map", "-o", "map.html", "--json")[1])["stations"] == 32
    assert "<title>驿站地图" in Path("map.html").read_text(encoding="utf-8")


def test_dry_run_writes_nothing(run):
    Path("a.csv").write_text("名称,经度,纬度\n甲,113.1,28.8\n", encoding="utf-8")
    report = json.loads(run("import", "a.csv", "--datum", "wgs84", "--dry-run", "--json")[1])
    assert (report["counts"]["added"], report["written"]) == (1, False)
    assert not Path("locator.db").exists()
    assert json.loads(run("import", "a.csv", "--datum", "wgs84", "--json")[1])["counts"]["added"] == 1


def test_one_wrong_row_keeps_all_out_and_is_named(run):
    Path("a.csv").write_text("名称,经度,纬度\n甲,113.1,28.8\n乙,28.8,113.1\n", encoding="utf-8")
    status, said, _ = run("import", "a.csv", "--datum", "wgs84")
    assert status == 2
    assert "3 乙" in said
    assert "经纬度似乎颠倒" in said
    assert json.loads(run("search", "甲", "--json")[1]) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nearest", "113", "28", "--database", "none.db"), "none.db"),
        (("search", "x", "--database", "https://example.org/x"), "https://example.org/x"),
        (("import", "none.csv", "--datum", "gcj02"), "none.csv"),
        (("init", "atlantis"), "atlantis"),
        (("init", "/nowhere/at/all"), "/nowhere/at/all"),
        (("import",), "FILE"),
        (("fly",), "fly"),
        (("nearest", "113", "28", "--database", ""), "database"),
        (("serve", "--database", "none.db", "--port", "8999"), "none.db"),
        (("serve", "--port", "0"), "PORT"),
    ],
)
def test_error_is_one_line_that_names_the_value(run, words, named):
    assert named in refused(run, *words)
    assert not Path("none.db").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("113", "99"), "lat"),
        (("113", "28", "--at", "noon"), "noon"),
        (("113", "28", "--need", "sauna"), "sauna"),
        (("113", "28", "-k", "0"), "limit"),
        (("x", "28"), "x"),
        (("nan", "28"), "lon"),
        (("113", "inf"), "lat"),
        (("113", "28", "--at", "2026-13-01T00:00"), "2026-13-01"),
        (("113", "28", "--at", "9999-12-31T23:59"), "9999"),
        (("113", "28", "--at", "\udcff"), "at"),
        (("113", "28", "--radius", "-1"), "radius"),
        (("113", "28", "--minutes", "nan"), "minutes"),
        (("113", "28", "--category", "castle"), "castle"),
        (("113", "28", "-k", "101"), "limit"),
        (("113",), "LAT"),
        (("113", "28", "--need"), "--need"),
        (("113", "28", "--nearby", "5"), "--nearby"),
        (("113", "28", "--lang", "fr"), "fr"),
    ],
)
def test_wrong_question_is_one_line(town, words, named):
    assert named in refused(town, "nearest", *words)


def test_file_of_a_map_has_tiles_only_if_that_is_asked_for(town):
    town("map", "-o", "plain.html")
    assert "autonavi" not in Path("plain.html").read_text(encoding="utf-8")
    town("map", "-o", "tiles.html", "--base-map", "amap")
    page = Path("tiles.html").read_text(encoding="utf-8")
    assert "autonavi" in page
    assert "GS（2021）6375号" in page
    assert "BASE_MAP_KEY" in refused(town, "map", "-o", "x.html", "--base-map", "tianditu")


@pytest.mark.parametrize("words", [("map", "-o"), ("export",)])
def test_folder_that_is_not_there_is_one_line(town, words):
    assert "nowhere" in refused(town, *words, "nowhere/a.html" if "map" in words else "nowhere/a.geojson")


def test_database_of_another_program_is_one_line(run):
    Path("note.db").write_text("this is a letter, not a database\n" * 50, encoding="utf-8")
    assert "database" in refused(run, "nearest", "113", "28", "--database", "note.db")
    assert Path("note.db").read_text(encoding="utf-8").startswith("this is a letter")


def test_database_may_be_a_url(town):
    assert json.loads(town("search", "gy", "--database", "sqlite:///locator.db", "--json")[1])


def test_datum_must_be_named_for_a_table(run):
    Path("a.csv").write_text("名称,经度,纬度\n甲,113.1,28.8\n", encoding="utf-8")
    assert "--datum" in refused(run, "import", "a.csv")
    assert "moon" in refused(run, "import", "a.csv", "--datum", "moon")


def test_config_shows_every_setting(run, monkeypatch):
    monkeypatch.setenv("LOCATOR_PORT", "9000")
    shown = json.loads(run("config", "--json")[1])
    assert shown["PORT"] == {"value": 9000, "source": "environment"}
    assert shown["HOST"]["source"] == "default"
    assert "LOCATOR_PORT" in run("config")[1]
    monkeypatch.setenv("LOCATOR_PORT", "many")
    assert "LOCATOR_PORT" in refused(run, "config")


def test_config_says_what_came_from_a_file(run):
    Path("locator.toml").write_text('port = 8123\n"log_format" = "json"\n', encoding="utf-8")
    shown = json.loads(run("config", "--config", "locator.toml", "--json")[1])
    assert shown["PORT"] == {"value": 8123, "source": "locator.toml"}
    assert "locator.toml" in run("config", "--config", "locator.toml")[1]
    Path("locator.toml").write_text("prot = 8123\n", encoding="utf-8")
    assert "port" in refused(run, "config", "--config", "locator.toml")


def test_key_is_made_shown_once_listed_and_taken_back(town):
    made = json.loads(town("key", "add", "riders", "--quota", "5 per minute", "--json")[1])
    assert made["key"].startswith("loc_")
    assert len(made["key"]) > 40
    listed = json.loads(town("key", "list", "--json")[1])
    assert [(one["name"], one["quota"], one["revoked_at"]) for one in listed] == [("riders", "5 per minute", None)]
    assert made["key"] not in Path("locator.db").read_bytes().decode("latin-1")
    assert "riders" in refused(town, "key", "add", "riders")
    assert "quota" in refused(town, "key", "add", "other", "--quota", "often")
    town("key", "revoke", "riders")
    assert "riders" in town("key", "list")[1]
    assert json.loads(town("key", "list", "--json")[1])[0]["revoked_at"]
    assert "none" in refused(town, "key", "revoke", "none")


def spoken(*words: object, module=("-m", "locator"), **environment: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own, whose language and streams are its own too."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOCATOR_", "LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, *module, *map(str, words)], capture_output=True, timeout=60, check=False,
        env=clean | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | environment,
    )  # fmt: skip


def test_help_is_in_the_language_asked_for():
    chinese = spoken("--help").stdout.decode()
    english = spoken("--help", LANG="en_GB.UTF-8").stdout.decode()
    assert "户外劳动者" in chinese
    assert "户外劳动者" not in english
    assert "workers' service stations" in english
    assert "最近" in spoken("nearest", "--help", LANG="en_GB.UTF-8", LOCATOR_LANGUAGE="zh").stdout.decode()
    for name in cli.commands:
        assert name in chinese
        assert name in english


def test_terminal_without_chinese_characters_gets_no_traceback():
    done = spoken("config", PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"LOCATOR_PORT" in done.stdout


def test_no_command_shows_the_help():
    done = spoken(LANG="en")
    assert done.returncode == 2
    assert done.stderr.startswith(b"Usage: ")


def test_reader_that_has_enough_is_no_error(town):
    command = f'"{sys.executable}" -m locator nearest 113.07 28.8 -k 32 --json | head -c 1'
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, check=False, env=environment)
    assert (done.stdout, done.stderr) == (b"{", b"")


def commands(group: click.Group, *before: str) -> dict[str, click.Command]:
    """Return every command by its words."""
    found = {}
    for name, command in group.commands.items():
        inner = commands(command, *before, name) if isinstance(command, click.Group) else {}
        found |= inner or {" ".join([*before, name]): command}
    return found


COMMANDS = commands(cli)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_says_what_it_does(name):
    command = COMMANDS[name]
    assert command.help
    assert all(p.help for p in command.params if isinstance(p, click.Option))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"serve"}))
def test_every_command_answers_programs_too(name):
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)


# -- data in, out and back


LIST = "编号,名称,经度,纬度,开放时间\na,甲,113.07,28.8,24小时\nb,乙,113.08,28.8,\n"


@pytest.fixture
def office(run, tmp_path):
    """Return `locator` in a folder with a clerk's list that has been imported."""
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    status, said, _ = run("import", "list.csv", "--datum", "wgs84", "--lang", "en")
    assert status == 0
    assert "locator undo 1" in said
    return run


def ids(run) -> list[str]:
    run("export", "now.geojson")
    return [feature["id"] for feature in json.loads(Path("now.geojson").read_text())["features"]]


def test_import_can_be_undone_and_the_undoing_too(office):
    assert json.loads(office("undo", "1", "--json")[1]) == {"undone": 1, "revision": 2}
    assert ids(office) == []
    assert "3" in office("undo", "2")[1]
    assert ids(office) == ["a", "b"]


def test_undo_of_what_changed_again_or_never_was_is_refused(office):
    Path("list.csv").write_text(LIST.replace("甲", "丙"), encoding="utf-8")
    office("import", "list.csv", "--datum", "wgs84")
    assert "is at version 2" in refused(office, "undo", "1", "--lang", "en")
    assert "no such revision" in refused(office, "undo", "9", "--lang", "en")


def test_rehearsal_leaves_nothing_behind(run, tmp_path):
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    assert run("import", "list.csv", "--datum", "wgs84", "--dry-run")[0] == 0
    assert not Path("locator.db").exists()
    run("import", "list.csv", "--datum", "wgs84")
    before = Path("locator.db").read_bytes()
    Path("list.csv").write_text(LIST.replace("甲", "丙"), encoding="utf-8")
    said = json.loads(run("import", "list.csv", "--datum", "wgs84", "--dry-run", "--json")[1])
    assert (said["counts"]["changed"], said["written"]) == (1, False)
    assert Path("locator.db").read_bytes() == before


def test_report_and_mapping_become_files(office):
    Path("new.csv").write_text(LIST.replace("a,", "c,"), encoding="utf-8")
    words = ("--datum", "wgs84", "--report", "report.xlsx", "--save-mapping", "office.toml")
    assert office("import", "new.csv", *words)[0] == 0
    assert Path("report.xlsx").read_bytes().startswith(b"PK")
    status, said, _ = office("import", "new.csv", "--mapping", "office.toml", "--json")
    assert (status, json.loads(said)["counts"]["unchanged"]) == (0, 2)


def test_list_with_a_bad_row_says_so_in_its_exit_status(run, tmp_path):
    (tmp_path / "list.csv").write_text(LIST.replace("113.08", "east"), encoding="utf-8")
    status, said, _ = run("import", "list.csv", "--datum", "wgs84", "--lang", "en")
    assert status == 2
    assert "lon 'east'" in said
    assert "Nothing was written" in said


def test_check_shows_what_needs_work(office):
    said = office("check", "--on", "2026-11-20", "--lang", "en")[1]
    assert "2 stations, looked at on 2026-11-20" in said
    assert "opening hours missing" in said
    board = json.loads(office("check", "--json")[1])
    assert ("b", "no_hours") in {(finding["id"], finding["issue"]) for finding in board["findings"]}
    Path("mine.toml").write_text(
        'name = {zh = "甲", en = "Mine"}\n[[rule]]\nname = {zh = "一", en = "one"}\nroof = 1'
    )
    assert "mine.toml roof" in refused(office, "check", "--rules", "mine.toml", "--lang", "en")
    Path("mine.toml").write_text(
        'name = {zh = "甲", en = "Mine"}\n[[rule]]\nname = {zh = "一", en = "one"}\nhours = true'
    )
    said = office("check", "--rules", "mine.toml", "--lang", "en")[1]
    assert "Mine\n    one: met 1, not met 1, unknown 0" in said


def test_every_layer_comes_out(town):
    assert "areas" in json.loads(town("export", "all.xlsx", "--json")[1])
    said = json.loads(town("export", "streets.geojson", "--layer", "streets", "--json")[1])
    assert said["streets"] > 0
    assert "stations" not in said
    before = json.loads(town("import", "streets.geojson", "--layer", "streets", "--json")[1])
    assert before["counts"]["unchanged"] == said["streets"]
