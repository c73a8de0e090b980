"""Coverage at the command line, of the illustrative town and of a real city."""

import csv
import json
import re
import sys
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from locator.cli import main
from locator.coverage.criteria import Criteria, Threshold
from locator.coverage.measures import MEASURES
from locator.coverage.study import Study, load_study
from locator.place import DemandPoint
from locator.snapshot import Snapshot
from locator.station import Station
from locator.store import open_store
from locator.streets.extract import network_of_extract
from locator.streets.service_area import reached_streets

DAY = "2026-11-25"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("coverage")
    sys.argv = ["locator", "init", "miluo", "--database", str(folder / "town.db")]
    main()
    return folder


@pytest.fixture
def run(monkeypatch, capsys, folder):
    """Return a function that runs `locator coverage …` and returns exit status, stdout and stderr."""
    monkeypatch.chdir(folder)
    for name in ("LOCATOR_DATABASE", "LOCATOR_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    def coverage(*words: object) -> tuple[int, str, str]:
        day = () if "--on" in words else ("--on", DAY)
        told = ["locator", "coverage", *map(str, words), "--database", "town.db", *day]
        monkeypatch.setattr(sys, "argv", told)
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        said = capsys.readouterr()
        return status, said.out, said.err

    return coverage


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_answers_in_both_languages(run, measure):
    for language, label in (("zh", "名单日期：2026-11-25"), ("en", "Day of the lists: 2026-11-25")):
        status, said, error = run(measure.replace("_", "-"), "--lang", language)
        assert (status, error) == (0, "")
        assert label in said.splitlines()
        assert language == "en" or "illustrative" not in said.lower()


def test_people_of_all_communities_are_the_people_of_the_town(run):
    told = json.loads(run("reach", "--json", "--lang", "en")[1])["results"][0]
    areas = told["tables"]["areas"]
    assert len(areas) == 22
    assert sum(area["residents"] for area in areas) == 107_000
    within = {row["threshold"]: row["within"] for row in told["tables"]["total"] if row["counted"] == "residents"}
    for threshold, field in (("500 m", "residents_share_500_m"), ("15 min", "residents_share_15_min")):
        assert sum(area["residents"] * area[field] for area in areas) == pytest.approx(within[threshold], abs=2)
    assert sum(area["area_m2"] for area in areas) == pytest.approx(35.01e6, rel=1e-3)


def test_audit_finds_what_was_hidden_in_the_town(run):
    """Four communities without a station and one with a suspended one; 青春大道 without any."""
    told = json.loads(run("audit", "--json")[1])["results"][0]["tables"]
    bare = [area["name"] for area in told["areas"] if not area["has_station"]]
    assert bare == ["山塘社区", "茶园社区", "百丈口社区", "石桥坝社区", "窑洲社区"]
    assert [street["name"] for street in told["streets"] if not street["has_station"]] == ["青春大道"]
    assert sum(one["length_m"] for one in told["uncovered"]) == pytest.approx(
        sum(street["uncovered_m"] for street in told["streets"]), abs=15
    )


def test_uncovered_stretches_are_what_a_search_along_the_streets_leaves(run, folder):
    """Another way: the parts of the network's edges within 500 m of a station, by the street's name."""
    with open_store(str(folder / "town.db")) as store:
        study = load_study(store, day=date(2026, 11, 25))
    network = study.network
    found = reached_streets(network, study.station_snaps, limit_m=500)
    bare = network.length_m - np.bincount(found.edge, found.end_m - found.start_m, len(network.ends))
    for row in MEASURES["audit"](study)["streets"].rows():
        edges = network.name == network.names.index(row["name"])
        assert row["uncovered_m"] == pytest.approx(bare[edges].sum(), abs=1)
    reach = MEASURES["reach"](study)
    for threshold, within in zip(reach.thresholds, reach.reached["street_m"].within[:, 0], strict=True):
        exact = reached_streets(
            network, study.station_snaps, limit_m=threshold.metres(study.criteria.speed)
        ).length_m
        assert within == pytest.approx(exact, rel=0.01)


def test_guide_shows_what_the_audit_says(run):
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    lines = run("audit", "--on", "2026-11-20", "--lang", "en")[1].splitlines()
    assert "\n".join(lines[:7]) in guide


def test_night_is_worse_than_noon(run):
    rows = json.loads(run("hours", "--weight", "night_workers", "--json")[1])["results"][0]["tables"]["hours"]
    by_hour = {(row["date"], row["hour"]): row for row in rows}
    assert by_hour["2026-11-25", 2]["stations"] == 3
    assert by_hour["2026-11-25", 2]["night_workers_share"] < by_hour["2026-11-25", 12]["night_workers_share"]


def test_everything_goes_into_one_file(run, folder):
    status, said, _ = run("all", "-o", "all.xlsx", "--lang", "en")
    assert status == 0
    assert said == "all.xlsx written\n"
    assert (folder / "all.xlsx").stat().st_size > 10_000


def test_map_of_a_measure_is_one_file(run, folder):
    status, said, _ = run("gaps", "--between", "22-6", "-o", "gaps.html", "--lang", "en")
    assert status == 0
    assert said.rstrip().endswith("gaps.html written")
    page = (folder / "gaps.html").read_text(encoding="utf-8")
    assert '"shown":["ground","gaps","stations"]' in page
    assert not re.search(r"""(?:<\w+[^>]* src|<link[^>]* href)=["']?(?:https?:)?//""", page)


def test_map_of_a_moment_shows_that_moment(run, folder):
    """The table says 49.6 % at 02:00; so does the map that is written with it."""
    moment = ("--at", "2026-11-20T02:00", "--weight", "night_workers", "--lang", "en")
    told = json.loads(run("reach", *moment, "-o", "moment.html", "--json")[1])["results"][0]["tables"]["total"]
    (row,) = (row for row in told if (row["counted"], row["threshold"]) == ("night workers", "15 min"))
    page = (folder / "moment.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', page)[1])
    assert data["slices"]["shares"][0] == row["share"]
    assert data["words"]["any_hour"] == "2026-11-20 02:00"
    run("service-areas", *moment, "-o", "moment.geojson")
    areas = json.loads((folder / "moment-service-areas.geojson").read_text(encoding="utf-8"))["features"]
    streets = {one["properties"]["threshold"]: one["properties"]["street_m"] for one in areas}
    assert data["reach"]["streets"] == [streets["5 min"], streets["10 min"], streets["15 min"]]


def test_service_areas_are_a_layer_of_a_geopackage(run, folder):
    asked = ("--thresholds", "5min,10min", "--each", "-o", "areas.gpkg", "--lang", "en")
    assert run("service-areas", *asked)[0] == 0
    bands = geopandas.read_file(folder / "areas.gpkg", layer="service_areas")
    assert list(bands["Within"]) == ["5 min", "10 min", "15 min"]
    assert bands.geometry.is_valid.all()
    assert len(geopandas.read_file(folder / "areas.gpkg", layer="service_areas_stations")) == 31
    assert run("service-areas", "--straight-line", "-o", "straight.geojson")[0] == 0
    told = json.loads((folder / "straight-service-areas.geojson").read_text(encoding="utf-8"))
    assert told["locator"]["straight_line"] is True
    assert [one["properties"]["street_m"] for one in told["features"]] == [None] * 6
    assert {one["properties"]["basis"] for one in told["features"]} == {"直线距离"}


def test_map_has_tiles_only_if_it_is_told_so(run, folder, monkeypatch):
    monkeypatch.setenv("LOCATOR_BASE_MAP", "osm")
    monkeypatch.setenv("LOCATOR_REVIEW_NUMBER", "GS(2026)1")
    for name, options in (("plain.html", ()), ("tiles.html", ("--base-map", "amap"))):
        assert run("audit", "-o", name, *options, "--lang", "en")[0] == 0
        page = (folder / name).read_text(encoding="utf-8")
        assert ("autonavi.com" in page, "tile.openstreetmap.org" in page) == (bool(options), False)
        assert page.count("review number GS(2026)1") == 1
    status, _, error = run("audit", "-o", "wrong.html", "--base-map", "moon")
    assert (status, "moon" in error, (folder / "wrong.html").exists()) == (2, True, False)


def test_report_is_written_as_a_page(run, folder, monkeypatch):
    monkeypatch.setenv("LOCATOR_REVIEW_NUMBER", "GS(2026)1")
    status, said, _ = run("report", "-o", "report.html", "--weight", "night_workers", "--lang", "zh")
    assert (status, said) == (0, "已写入 report.html\n")
    page = re.sub(r"<[^>]+>", "", (folder / "report.html").read_text(encoding="utf-8"))
    assert "审图号：GS(2026)1" in page
    assert f"locator coverage report --database town.db --on {DAY} --weight night_workers -o report.pdf" in page


def test_lists_are_those_of_the_moment_that_is_asked(run):
    """Without a day of their own; late in the afternoon at Greenwich it is the next day in Miluo."""
    for moment, day in (
        ("2026-09-21T12:10", "2026-09-21"),
        ("2026-10-15T01:00+08:00", "2026-10-15"),
        ("2026-10-14T17:00Z", "2026-10-15"),
    ):
        about = json.loads(run("reach", "--at", moment, "--json", "--on", "")[1])["results"][0]["about"]
        assert about["day"] == day


def test_gaps_are_drawn_as_valid_polygons(run, folder):
    """Cells of neighbours touch at corners; what is valid in metres need not be so in degrees."""
    run("gaps", "-o", "drawn.geojson")
    found = json.loads((folder / "drawn-gaps.geojson").read_text(encoding="utf-8"))["features"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in found]
    assert len(shapes) > 50
    assert [shapely.is_valid_reason(shape) for shape in shapes if not shape.is_valid] == []


def test_criteria_are_told_as_they_were_asked(run):
    assert "at least 90.5% have a station" in run("audit", "--min-share", "0.905", "--lang", "en")[1]
    found = json.loads(run("reach", "--thresholds", "500m,0.5km,5min", "--json")[1])["results"][0]["tables"][
        "total"
    ]
    assert [row["threshold"] for row in found if row["counted"] == "居民"] == ["500 米", "5 分钟"]


def test_report_and_all_tables_are_of_any_criteria(run, folder):
    """What one measure can be asked for, all of them together can: a report for 80 % and another spacing."""
    asked = ("--min-share", "0.8", "--street-within", "400", "--beside", "30", "--crowded", "300", "--stretch", "800",
             "--minutes", "30", "--thresholds", "400m,8min", "--between", "22-6", "--lang", "en")  # fmt: skip
    assert run("report", *asked, "-o", "limits.html")[0] == 0
    page = (folder / "limits.html").read_text(encoding="utf-8")
    for said in ("at least 80% have a station", "within 400 m", "within 30 m", "nearer than 300 m",
                 "main street over 800 m", "usable for at least 30 min", "within 400 m", "within 8 min",
                 "56 hours of an ordinary week"):  # fmt: skip
        assert said in page, said
    again = re.sub(r"<[^>]+>", "", page)
    for option in ("--min-share 0.8", "--street-within 400", "--beside 30", "--crowded 300", "--stretch 800",
                   "--minutes 30", "--thresholds 400m,8min", "--between 22-6"):  # fmt: skip
        assert option in again, option
    assert run("all", *asked, "--json", "-o", "limits.csv")[0] == 0
    about = (folder / "limits-about.csv").read_text(encoding="utf-8-sig")
    assert "at least 80% have a station" in about
    assert "56 hours of an ordinary week" in about


def test_second_time_the_network_is_there(run, folder):
    run("heat")
    kept = list((folder / "cache" / "station-locator").glob("streets-*.npz"))
    assert len(kept) == 1
    run("heat")
    assert list((folder / "cache" / "station-locator").glob("streets-*.npz")) == kept


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("reach", "--within", "far"), "--within 'far': "),
        (("reach", "--within", "999999999km"), "--within '999999999000m': "),
        (("reach", "--thresholds", "5min,x"), "--thresholds 'x': "),
        (("reach", "--thresholds", "0m"), "--thresholds '0m': "),
        (("reach", "--thresholds", "500m,21km"), "--thresholds '21000m': "),
        (("reach", "--weight", "cats"), "--weight 'cats': "),
        (("reach", "--need", "sauna"), "--need 'sauna': "),
        (("audit", "--area-kind", "galaxy"), "--area-kind 'galaxy': "),
        (("reach", "--on", "tomorrow"), "--on 'tomorrow': "),
        (
            ("reach", "--on", "2026-13-40", "--lang", "en"),
            "--on '2026-13-40': is not a day; write it like 2026-11-20",
        ),
        (("reach", "--on", "1900-01-01"), "--on '1900-01-01': "),
        (("reach", "--at", "tomorrow", "--on", ""), "--at 'tomorrow': "),
        (("gaps", "--between", "9"), "--between '9': "),
        (("gaps", "--between", "9-25"), "--between '9-25': "),
        (
            ("gaps", "--between", "6-6", "--lang", "en"),
            "--between '6-6': begins and ends at the same hour; write 0-24",
        ),
        (("audit", "--min-share", "2"), "--min-share 2.0: "),
        (("report", "--street-within", "0", "-o", "x.html"), "--street-within 0.0: "),
        (("all", "--minutes", "-1", "-o", "x.xlsx"), "--minutes -1.0: "),
        (("audit", "-o", "x.pdf"), ".xlsx .gpkg .geojson .csv .html"),
        (("all", "-o", "x.docx"), "--output 'x.docx': "),
        (("all",), "--output: "),
        (("report",), "--output: "),
        (("report", "-o", "x.docx"), "--output 'x.docx': "),
        (("heat", "--streets", "town.db"), "file"),
    ],
)
def test_wrong_words_are_one_line_that_names_the_option(run, words, named):
    status, said, error = run(*words)
    assert status == 2
    assert said == ""
    assert error.count("\n") == 1
    assert named in error


def test_a_store_without_streets_is_measured_straight(tmp_path):
    with open_store(str(tmp_path / "x.db"), create=True) as store:
        study = load_study(store, day=date(2026, 11, 25))
    assert study.is_straight
    for measure in MEASURES.values():
        found = measure(study)
        assert found.about.is_straight
        assert any("no area" in note.message for note in found.about.notes)


@pytest.mark.shared
def test_people_of_a_city_add_up(real_data, tmp_path):
    """812,935 people in the hexagons of Porto Alegre: whoever is reached or not, nobody is lost."""
    with (real_data / "streets" / "porto_alegre_hexagons.csv").open() as file:
        rows = list(csv.DictReader(file))
    dice = np.random.default_rng(40)
    spots = dice.choice(len(rows), 40, replace=False)
    stations = [
        Station(id=f"s{n}", name="x", opening_hours="Mo-Fr 08:00-18:00" if n % 2 else "24/7",
                geometry=shapely.Point(float(rows[row]["lon"]), float(rows[row]["lat"])))
        for n, row in enumerate(spots)
    ]  # fmt: skip
    points = [
        DemandPoint(id=row["id"], geometry=shapely.Point(float(row["lon"]), float(row["lat"])),
                    weights={"residents": int(row["population"])})
        for row in rows
    ]  # fmt: skip
    study = Study(
        snapshot=Snapshot.of(stations),
        areas=[],
        streets=[],
        demand_points=points,
        day=date(2026, 11, 25),
        criteria=Criteria(thresholds=(Threshold("m", 500), Threshold("m", 1000), Threshold("m", 5000))),
        network=network_of_extract(real_data / "streets" / "porto_alegre.osm.pbf", cache=tmp_path),
    )
    reach = MEASURES["reach"](study)
    people = reach.reached["residents"]
    assert people.total == 812_935
    assert people.within[:, 0].tolist() == sorted(people.within[:, 0].tolist())
    gaps = MEASURES["gaps"](study)
    served = study.weight[gaps.unserved == 0].sum()
    assert served + sum(gap.people for gap in gaps.gaps) == 812_935
    hours = MEASURES["hours"](study)
    night, day = hours.within["residents"][[2, 10]]
    assert 0 < night < day < 812_935
    total = (study.weight * (168 - gaps.unserved)).sum()
    assert hours.within["residents"][:168].sum() == pytest.approx(total)
