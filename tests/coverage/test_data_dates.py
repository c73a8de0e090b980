"""Of which day the data is: verified, said by the extract, given with a file, or unknown; in every output."""

import csv
import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType

import openpyxl
import paper_town as town
import pytest
import shapely

from locator.cli import main
from locator.coverage.dates import data_dates
from locator.coverage.measures import MEASURES
from locator.coverage.printing import result_lines
from locator.coverage.study import load_study
from locator.coverage.writing import write_results
from locator.exchange.places import import_places
from locator.place import DATA_DATE, Area
from locator.record import place_to_record
from locator.store import open_store
from locator.translation import translator

EN, ZH = translator("en"), translator("zh")
MONDAY, LATER = datetime(2026, 11, 23, 17, tzinfo=UTC), datetime(2026, 11, 25, 4, tzinfo=UTC)


def told(study):
    return {one.layer: one for one in data_dates(study)}


def test_stations_are_as_old_as_their_verifications():
    """A in May 2026, B in February 2023, C never; D does not count."""
    one = told(town.study())["stations"]
    assert (one.first, one.last) == (date(2023, 2, 1), date(2026, 5, 1))
    assert one.text(EN) == "stations: 2023-02-01 to 2026-05-01 · places verified; 1 of 3 never"
    never = told(town.study(stations=town.STATIONS[2:3]))["stations"]
    assert never.text(EN) == "stations: date unknown · no place was ever verified"


def test_what_nobody_dated_is_unknown_and_not_of_today():
    for layer in ("network", "areas", "demand"):
        one = told(town.study())[layer]
        assert (one.first, one.last) == (None, None)
        assert "date unknown · nobody said it" in one.text(EN)


def test_a_data_set_speaks_for_what_is_its_own_alone():
    about = {"source": "town", "date": "2026-11-01"}
    areas = [
        Area(id="a", name="甲", geometry=town.box(0, 0, 9, 9), source="town"),
        Area(id="b", name="乙", geometry=town.box(9, 0, 18, 9), source="elsewhere"),
    ]
    one = told(replace(town.study(areas=areas), about=about))["areas"]
    assert (one.first, one.last) == (date(2026, 11, 1), date(2026, 11, 1))
    assert "of 1 of 2 nobody said it" in one.text(EN)
    given = replace(areas[1], extra={DATA_DATE: "2020-12-31"})
    one = told(replace(town.study(areas=[areas[0], given]), about=about))["areas"]
    assert one.when(EN) == "2020-12-31 to 2026-11-01"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"as_of": "2026-10-31", "as_of_from": "header"}, "2026-10-31 · state of the map, as the extract says"),
        ({"as_of": "2020-08-12", "as_of_from": "newest"}, "2020-08-12 · the newest street in the extract"),
        ({}, "date unknown · the extract does not say it"),
    ],
)
def test_streets_of_an_extract_are_as_old_as_it_says(state, said):
    about = MappingProxyType({"source": "© OSM", "mode": "walk"} | state)
    found = told(town.study(network=replace(town.NETWORK, about=about)))
    assert said in found["network"].text(EN)
    assert "© OSM" in found["network"].text(EN)
    assert "streets" in found  # those that must be covered are the data's own
    assert "network" not in told(town.study(network=None))


def test_day_of_the_last_change_is_told_beside_in_the_data_s_own_calendar():
    """At 17:00 in Greenwich it is Tuesday in Miluo."""
    areas = [(place_to_record(one), one.geometry) for one in town.AREAS]
    with open_store(":memory:", create=True) as store:
        assert store.recorded() == {}
        store.replace_places("areas", areas, at=MONDAY)
        store.write([(one, 0) for one in town.STATIONS], at=LATER)
        store.replace_places("areas", areas, at=LATER)  # nothing is changed
        assert store.recorded() == {"areas": MONDAY, "stations": LATER}
        found = told(load_study(store, day=town.DAY))
    assert found["areas"].recorded == date(2026, 11, 24)
    assert found["areas"].text(EN).endswith("changed here on 2026-11-24")
    assert found["stations"].recorded == date(2026, 11, 25)


def test_day_of_a_file_is_given_at_its_import(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("lon,lat,residents\n113.07,28.81,10\n", encoding="utf-8")
    with open_store(":memory:", create=True) as store:
        import_places(store, path, "demand", at=LATER, crs="wgs84", data_date=date(2020, 12, 31))
        (kept,) = store.demand()
        assert kept.extra[DATA_DATE] == "2020-12-31"
        revision = store.revision
        import_places(store, path, "demand", at=LATER, crs="wgs84", data_date=date(2020, 12, 31))
        assert store.revision == revision
        assert told(load_study(store, day=town.DAY))["demand"].when(ZH) == "2020-12-31"


def test_streets_that_come_in_from_an_extract_keep_its_day(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(
        """<osm version="0.6"><node id="1" lat="28.8" lon="113.07"/><node id="2" lat="28.8" lon="113.08"/>
        <way id="1" version="2" timestamp="2019-05-20T23:30:00Z"><nd ref="1"/><nd ref="2"/>
        <tag k="highway" v="residential"/></way></osm>"""
    )
    with open_store(":memory:", create=True) as store:
        import_places(store, path, "streets", at=LATER)
        study = load_study(store, day=town.DAY)
    assert told(study)["network"].when(EN) == "2019-05-20"


def test_every_output_of_every_measure_says_it(tmp_path):
    study = replace(town.study(), recorded={"areas": date(2026, 11, 24)})
    results = [measure(study) for measure in MEASURES.values()]
    line = "Date of the data: stations: 2023-02-01 to 2026-05-01 · places verified; 1 of 3 never"
    for result in results:
        assert line in list(result_lines(result, EN, weight="residents"))
        days = {one["layer"]: one for one in result.about.as_json(EN)["dates"]}
        assert days["stations"]["last"] == "2026-05-01"
        assert (days["areas"]["first"], days["areas"]["recorded"]) == (None, "2026-11-24")
    write_results(results, tmp_path / "all.xlsx", EN)
    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx")["Method"]
    labels = [row[0].value for row in sheet.iter_rows()]
    assert labels.count("Date of the data") == len(results) * len(results[0].about.dates)
    write_results(results[:1], tmp_path / "audit.geojson", EN)
    (file, *_) = sorted(tmp_path.glob("audit-*.geojson"))
    assert json.loads(file.read_text(encoding="utf-8"))["locator"]["dates"][0]["layer"] == "stations"
    write_results(results[:1], tmp_path / "audit.csv", ZH)
    with (tmp_path / "audit-about.csv").open(encoding="utf-8-sig", newline="") as opened:
        assert any("日期不明" in " ".join(row) for row in csv.reader(opened))


def test_a_hostile_date_is_no_date():
    area = Area(id="a", name="甲", geometry=shapely.box(113, 28, 113.1, 28.1), extra={DATA_DATE: "<script>"})
    assert told(town.study(areas=[area]))["areas"].first is None


@pytest.mark.parametrize(("day", "layer"), [("yesterday", "demand"), ("2020-12-31", "stations")])
def test_wrong_days_are_refused_by_the_door(tmp_path, monkeypatch, capsys, day, layer):
    path = tmp_path / "people.csv"
    path.write_text("lon,lat,residents\n113.07,28.81,10\n", encoding="utf-8")
    words = ["import", str(path), "--layer", layer, "--datum", "wgs84", "--date", day]
    monkeypatch.setattr(sys, "argv", ["locator", *words, "--database", str(tmp_path / "town.db"), "--lang", "en"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert (stop.value.code, day in capsys.readouterr().err) == (2, True)
    assert not (tmp_path / "town.db").exists()
