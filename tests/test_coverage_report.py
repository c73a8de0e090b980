"""The report: true sentences, maps to scale, hostile names as text, the same again from its command and its file."""

import html
import json
import re
import shlex
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from zoneinfo import ZoneInfo

import paper_town as town
import pytest
import shapely

from locator.cli import cli
from locator.coverage.criteria import Criteria, Terms, Threshold
from locator.coverage.measures import MEASURES
from locator.coverage.reach import measure_reach
from locator.errors import QueryError
from locator.exchange.osm_ways import Mode
from locator.geodesy import pairwise_m
from locator.place import Area
from locator.report.document import report_page, source_line
from locator.report.findings import find, findings_of
from locator.report.grids import grids_of, heat_days
from locator.report.keeping import load_findings, save_findings
from locator.report.maps import map_page
from locator.report.pictures import Picture, frame_of
from locator.report.plates import audit_plate, gap_plate, hour_plates, reach_plate
from locator.report.printing import pdf_of
from locator.report.question import Question, check_arguments, question_of
from locator.report.sentences import cautions, figures, sentences
from locator.report.statement import question_sentences
from locator.station import Station
from locator.translation import LANGUAGES, translator

EN, ZH = translator("en"), translator("zh")
HOSTILE = "<img src=x onerror=alert(1)>${alert(2)}{{7*7}}{% raw %}`\"'</script><script>alert(3)</script>"


def found(study=None, **parts):
    study = study or town.study(**parts)
    straight = study.network is None
    return find(study, Question(day=study.day, criteria=study.criteria, straight=straight))


@pytest.fixture(scope="module")
def paper():
    return found()


@pytest.fixture(scope="module")
def hostile():
    areas = [Area(id="a", name=HOSTILE, geometry=town.box(-50, -50, 1100, 850))]
    stations = [Station(id="s", name=HOSTILE, geometry=town.place(200, 200), opening_hours="Mo 08:00-10:00")]
    return found(areas=areas, stations=stations)


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def asked_study():
    """Stations with a toilet, to be entered without registration by an open door, at 15 km/h."""
    terms = Terms(needs=frozenset({"toilet"}), ways=frozenset({"open_door"}), no_registration=True)
    return town.study(terms=terms, mode=Mode.EBIKE, stay_minutes=30.0, gap_hours=(22, 23))


def test_page_one_states_the_question_and_of_how_many():
    page = report_page(found(asked_study()), EN)
    first = html.unescape(page[: page.index('class="report-maps"')])
    for said in ("within 500 m (500 m along the streets), by e-bike at 15.0 km/h?",
                 "with these facilities: toilet; by these ways in: open door; without registration",
                 "Usable means for at least 30 min more.", "Gaps are looked for from 22-24 h only.",
                 "Lists of 2026-11-25; stations as they are.", "are of all 450 residents, at 6 places"):  # fmt: skip
        assert said in first, said
    usual = html.unescape(report_page(found(), EN))
    assert "Stations count whatever their facilities, ways in and registration." in usual
    assert "m in a STRAIGHT LINE, not along streets), on foot" in report_page(found(network=None), EN)
    assert "Nobody is counted" in report_page(found(people={}, areas=[]), EN)


def test_areas_are_called_what_they_are():
    park = Area(id="p", name="公园", geometry=town.box(900, 900, 1000, 1000), kind="park")
    for areas, said in (
        (town.AREAS, "名单上有 2 个社区"),
        ([park], "名单上有 1 个公园"),
        ([*town.AREAS, park], "3 个区域"),
    ):
        study = replace(town.study(), areas=areas)
        told = find(study, Question(day=study.day, criteria=study.criteria))
        assert said in question_sentences(told, ZH)[-1]


def test_scenario_is_named_where_the_question_is():
    study = town.study()
    told = find(study, Question(day=study.day, criteria=study.criteria, scenario="three"))
    assert "Lists of 2026-11-25; stations as in SCENARIO three, not as they are." in question_sentences(told, EN)


def test_map_carries_what_it_shows():
    """Definition, denominator, terms, mode and speed, dates, network and revision, whatever it is drawn for."""
    told = found(asked_study())
    data = json.loads(map_page(told, EN).data)
    assert data["question"] == question_sentences(told, EN)
    assert data["said"]["total"] == "450"
    titles = [one["title"] for one in data["method"]]
    assert titles == ["Double coverage", "Reach", "Service areas", "Reach by hour", "Gaps", "Common to all"]
    assert all(dict(one["lines"])["Definition"] for one in data["method"][:-1])
    shared = data["method"][-1]["lines"]
    assert {"Revision of the data", "Distances", "Day of the lists", "Date of the data", "Criterion"} <= {
        label for label, _ in shared
    }
    texts = [text for _, text in shared]
    assert "with these facilities: toilet" in texts
    assert any("by e-bike, at 15.0 km/h" in text for text in texts)
    denominators = [text for one in data["method"] for label, text in one["lines"] if label == "Measured on"]
    assert any("450 residents" in text for text in denominators)


def test_map_says_for_what_it_is_drawn_and_what_it_does_not_show(paper):
    for measure, title, shows in (("audit", "Coverage map: Double coverage", True), ("reach", "Coverage map: Reach", True),
                                  ("heat", "Coverage map: Heat", False)):  # fmt: skip
        made = map_page(paper, EN, measure=measure)
        assert made.title.split(" · ")[0] == title
        said = 'The figures of "Heat" are in its tables; this map shows reach on the terms above.'
        assert (said in json.loads(made.data)["question"]) != shows


def test_map_of_a_moment_agrees_with_its_table():
    """At 02:00 A alone is open, and nobody knows of C: p1 and p2, perhaps p3 and p5 too."""
    study = town.study()
    at = datetime(2026, 11, 25, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    reach = measure_reach(study, at=at)
    question = Question(day=study.day, criteria=study.criteria)
    results = {name: measure(study) for name, measure in MEASURES.items()} | {"reach": reach}
    told = findings_of(study, question, results, [], at=at)
    (row,) = (
        row for row in reach["total"].rows()
        if (row["threshold"].code, row["counted"].message) == ("500_m", "residents")
    )  # fmt: skip
    assert row["share"] == told.drawing.slices.shares[0] == pytest.approx(150 / 450, abs=1e-4)
    assert row["share_possible"] == told.drawing.slices.shares_possible[0]
    data = json.loads(map_page(told, EN, measure="reach").data)
    assert data["words"]["any_hour"] == "2026-11-25 02:00"
    assert "Only stations usable at 2026-11-25 02:00 count." in data["question"]


def test_sentences_say_what_is_on_the_paper(paper):
    told = "\n".join(sentences(paper, EN))
    assert "2 of 2 areas have a station inside" in told
    assert "Whatever the hours, 88.9% of the residents have a station within 500 m." in told  # 400 of 450
    # Wednesday at noon A and B: p1, p2, p3, p4; at night A alone: p1, p2.
    assert "on a Wednesday at noon 84.4%" in told
    assert "at 2 in the night 33.3% (1 stations)" in told
    assert "with 乙站 30 residents would lose theirs" in told or "would lose theirs" in told


def test_each_figure_of_areas_has_its_own_denominator():
    """A third area, where nobody lives: it counts where a station is inside, not where people are reached."""
    empty = Area(id="north", name="北社区", geometry=town.box(-50, 900, 500, 1200))
    (told, *_) = sentences(found(areas=[*town.AREAS, empty]), EN)
    assert "2 of 3 areas have a station inside; for 2 of 2 at least" in told
    assert told.endswith("for 2 of 2 both holds.")


def test_sentences_say_how_one_goes_and_of_whom():
    """No study by e-bike, and none in straight lines, says that somebody walks."""
    from locator.exchange.osm_ways import Mode

    for options, how in (
        ({}, "500 m on foot"), ({"mode": Mode.EBIKE}, "500 m by e-bike"),
        ({"network": None}, "500 m in a straight line"),
    ):  # fmt: skip
        said = " ".join(sentences(found(**options), EN))
        assert f"have one within {how} from every place" in said
        assert "walking" not in said
        assert ("步行" in " ".join(sentences(found(**options), ZH))) == (how == "500 m on foot")
    here = {code: spot for code, spot in town.PEOPLE.items() if code != "p6"}
    assert "Half of all residents are within 200 m" in " ".join(sentences(found(people=here), EN))


def test_figures_are_the_criteria_of_the_audit(paper):
    assert [(one.met, one.of, one.percent) for one in figures(paper, EN)][:3] == [(2, 2, 100)] * 3


def test_cautions_come_once_and_name_straight_lines():
    told = cautions(found(network=None), EN)
    assert told[0].startswith("STRAIGHT LINE")
    assert len(told) == len(set(told))


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_has_its_parts_in_their_order(paper, language):
    page = report_page(paper, translator(language), review_number="GS(2026)1")
    parts = re.findall(r'<section class="report-(\w+)"', page)
    assert parts == ["summary", "maps", "week", "gaps", "tables", "method"]
    assert f'<html lang="{language}">' in page
    assert page.count('<svg class="picture"') == 6
    assert "GS(2026)1" in page
    method = html.unescape(page[page.index('class="report-method"') :])
    assert all(result.about.definition.text(translator(language)) in method for result in paper.results.values())


def test_straight_lines_are_called_so_on_page_one_and_under_every_map():
    page = report_page(found(network=None), EN)
    first = page[: page.index('class="report-maps"')]
    assert "STRAIGHT LINES, not ways along streets" in first
    sources = re.findall(r'<p class="source">([^<]*revision[^<]*)</p>', page)
    assert len(sources) >= 3
    assert all("STRAIGHT LINES" in source for source in sources)


def test_hostile_names_are_text_in_the_report(hostile):
    page = report_page(hostile, ZH)
    tags = Tags(page).seen
    assert not [tag for tag, _ in tags if tag in ("img", "script")]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    assert "49" not in html.unescape(page).partition("{{7*7}}")[0][-3:]
    assert html.unescape(page).count(HOSTILE) > 5


def test_report_asks_for_nothing(paper):
    page = report_page(paper, ZH)
    asking = [attrs for tag, attrs in Tags(page).seen if tag in ("link", "script", "img", "iframe", "object")]
    assert asking == [{"rel": "icon", "href": "data:,"}]  # else a browser asks for one
    assert "url(" not in page
    assert "@import" not in page


def test_source_of_an_extract_stands_under_the_maps():
    study = town.study()
    question = Question(day=study.day, criteria=study.criteria, extract="town.osm.pbf")
    network = replace(study.network, about={"source": "© OpenStreetMap contributors, ODbL"})
    told = find(replace(study, network=network), question)
    assert "streets: © OpenStreetMap contributors, ODbL" in source_line(told, EN)
    assert "streets:" not in source_line(found(), EN)


def test_notes_with_several_parts_come_back_from_their_file(tmp_path):
    """What is asked, where the data is from, in which areas a gap lies: each is a list of notes or texts."""
    terms = Terms(needs=frozenset({"toilet", "hot_water"}))
    areas = [replace(area, source=source) for area, source in zip(town.AREAS, ("illustrative", "市"), strict=True)]
    told = found(town.study(terms=terms, areas=areas))
    save_findings(told, tmp_path / "f.json")
    again = load_findings(tmp_path / "f.json")
    lines = list(again.results["audit"].about.lines(ZH))
    assert lines == list(told.results["audit"].about.lines(ZH))
    assert ("来源", "示意数据、市") in lines
    assert "东社区" in {row["areas"].text(ZH) for row in again.table("gaps", "gaps").rows()}
    assert report_page(again, ZH) == report_page(told, ZH)


def test_findings_come_back_from_their_file(paper, tmp_path):
    path = tmp_path / "f.json"
    save_findings(paper, path)
    again = load_findings(path)
    assert again.question.arguments() == paper.question.arguments()
    assert (again.revision, again.weights) == (paper.revision, paper.weights)
    for name, result in paper.results.items():
        assert again.results[name].about == result.about
        for table, other in zip(result.tables, again.results[name].tables, strict=True):
            assert (table.name, table.title) == (other.name, other.title)
            assert [list(column) for column in table.columns.values()] == list(map(list, other.columns.values()))
            assert (table.shapes is None) == (other.shapes is None)
            assert all(shapely.equals(list(table.shapes or []), list(other.shapes or [])))
    assert report_page(again, ZH) == report_page(paper, ZH)


@pytest.mark.parametrize("content", ["", "[]", '{"form": 0}', "{"])
def test_file_of_another_form_is_none(tmp_path, content):
    path = tmp_path / "f.json"
    path.write_text(content)
    assert load_findings(path) is None
    assert load_findings(tmp_path / "none.json") is None


def test_map_is_to_scale(paper):
    """The bar is as long as it says: checked by two stations, whose distance is measured on the ellipsoid."""
    svg = reach_plate(paper, EN).svg
    (bar,) = re.findall(r'v5h([\d.]+)v-5".*?>(\d+) m</text>', svg)
    units_per_m = float(bar[0]) / float(bar[1])
    spots = {(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3.6"', svg)}
    (x1, y1), *_, (x2, y2) = sorted(spots)
    west, east = town.STATIONS[0].geometry, town.STATIONS[1].geometry
    (metres,) = pairwise_m(*([value] for value in (west.x, west.y, east.x, east.y)))
    assert ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 / units_per_m == pytest.approx(metres, rel=0.01)
    assert x1 < x2
    assert y1 < y2  # B lies south of A, and y grows downwards


def test_map_shows_places_in_the_middle_of_its_bounds():
    frame = frame_of((113.0, 28.7, 113.1, 28.8))
    (middle,) = frame.flat([shapely.Point(113.05, 28.75)])
    assert middle.x == pytest.approx(frame.width / 2, abs=1)
    assert middle.y == pytest.approx(frame.height / 2, abs=1)


def test_what_lies_outside_a_picture_is_cut_off():
    frame = frame_of((113.0, 28.7, 113.1, 28.8))
    (line,) = frame.flat([shapely.LineString([(112, 28.75), (114, 28.75)])])
    assert line.bounds[0] >= -21
    assert line.bounds[2] <= frame.width + 21


def test_labels_do_not_overlap_and_are_escaped():
    picture = Picture(frame_of((113.0, 28.7, 113.1, 28.8)), "t")
    spot = shapely.Point(113.05, 28.75)
    picture.labels([(spot, (HOSTILE,)), *[(spot, (f"other {number}",)) for number in range(9)]])
    svg = picture.svg(metres="{value} m", kilometres="{value} km", north="N")
    # The next ones step aside, and where no room is left they are left out.
    lines = sorted(float(y) for y in re.findall(r'y="([\d.]+)" font-size="11" [^>]*fill="#1d1d1d"', svg))
    assert 1 < len(lines) < 10
    assert min(b - a for a, b in pairwise(lines)) >= 11
    assert "<img" not in svg
    assert html.escape(HOSTILE) in svg


def test_every_map_has_a_legend_scale_and_north(paper):
    for plate in (audit_plate(paper, EN), gap_plate(paper, EN), *hour_plates(paper, EN)):
        assert plate.keys
        assert plate.title in html.unescape(plate.svg)
        assert re.search(r">\d+ k?m</text>", plate.svg)
        assert ">N</text>" in plate.svg


def test_week_is_the_hours(paper):
    days = heat_days(paper, EN)
    assert [day.name for day in days][2:] == [
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "public holiday",
    ]
    night, noon = days[2].hours[2], days[2].hours[12]
    assert (night[1], night[2]) == (33, "share-1")
    assert (noon[1], noon[2]) == (84, "share-4")


def test_cells_sort_by_number_and_missing_ones_have_no_key(paper):
    grids = {grid.name: grid for grid in grids_of(paper.results["audit"], EN, weight="residents")}
    (first, *_) = grids["areas"].rows
    by_heading = dict(zip(grids["areas"].headings, first, strict=True))
    assert (by_heading["Share"].text, by_heading["Share"].key) == ("100.0%", 1.0)
    assert by_heading["Oldest verification"].text == "2023-02-01"


QUESTION = {
    "on": ["2026-11-20"], "weight": ["night_workers"], "within": ["500米"], "mode": ["ebike"], "needs": ["toilet", "aed,books"],
    "ways": ["staff"], "who": ["members"], "categories": ["station"], "no_registration": ["1"], "h24": ["1"], "straight": ["on"],
    "area_kind": ["district"], "min_share": ["0.805"], "street_within_m": ["400"], "beside_m": ["30"],
    "crowded_m": ["300"], "stretch_m": ["800"], "stay_minutes": ["30"], "thresholds": ["400m,8min", "1km"],
    "between": ["22-6"],
}  # fmt: skip


def test_question_is_the_same_from_address_and_record():
    asked = question_of(QUESTION, today=date(2026, 1, 1), speeds={"ebike": 5.0})
    assert asked.day == date(2026, 11, 20)
    assert asked.criteria.within == Threshold("m", 500)
    assert asked.criteria.speed == 5.0
    assert asked.criteria.terms.needs == {"toilet", "aed", "books"}
    assert (asked.criteria.min_share, asked.criteria.stretch_m, asked.criteria.stay_minutes) == (0.805, 800, 30)
    assert asked.criteria.thresholds == (Threshold("m", 400), Threshold("min", 8), Threshold("m", 1000))
    assert asked.criteria.gap_hours == (22, 23, 0, 1, 2, 3, 4, 5)
    assert asked.between == "22-6"
    again = question_of({k: [v] for k, v in asked.arguments().items()}, today=date(1, 1, 1), speeds={"ebike": 5.0})
    assert again == asked == Question.of_record(asked.record())


def test_usual_question_says_its_day_alone():
    asked = question_of({}, today=date(2026, 1, 1), speeds={})
    assert asked.arguments() == {"on": "2026-01-01"}
    assert asked.criteria == Criteria()


def test_command_asks_the_same():
    asked = question_of(QUESTION, today=date(2026, 1, 1), speeds={}, extract="a town.osm.pbf")
    words = shlex.split(asked.command("my town.db", "report.pdf"))
    assert words[:3] == ["locator", "coverage", "report"]
    command = cli.commands["coverage"].commands["report"]
    given = command.make_context("report", words[3:]).params
    assert given["extract"].name == "a town.osm.pbf"
    assert (given["database"], given["output"].name, given["day"]) == ("my town.db", "report.pdf", "2026-11-20")
    assert (given["weight"], given["within"], given["mode"]) == ("night_workers", "500m", "ebike")
    assert (given["needs"], given["ways"], given["who"]) == ("aed,books,toilet", "staff", "members")
    assert (given["straight"], given["h24"], given["no_registration"]) == (True, True, True)
    assert (given["area_kind"], given["categories"]) == ("district", "station")
    assert (given["min_share"], given["street_within_m"], given["beside_m"]) == (0.805, 400, 30)
    assert (given["crowded_m"], given["stretch_m"], given["stay_minutes"]) == (300, 800, 30)
    assert (given["thresholds"], given["gaps_between"]) == ("400m,8min,1000m", "22-6")


def test_gaps_are_found_in_the_hours_of_the_question():
    """At night A alone is open: p3 to p5 (300) are not served; with the whole day the gaps are more hours."""
    whole, night = found(), found(gap_hours=(2,))
    said = [note.text(EN) for note in night.results["gaps"].about.criteria]
    assert "7 hours of an ordinary week are asked for" in said
    hours = [sum(row["people_hours"] for row in one.table("gaps", "gaps").rows()) for one in (night, whole)]
    assert hours == [300 * 7, pytest.approx(hours[1])]
    assert hours[1] > hours[0]


def test_what_is_no_argument_is_refused():
    check_arguments(["on", "min_share", "lang"], ["lang"])
    with pytest.raises(QueryError) as refusal:
        check_arguments(["on", "minshare", "lang"], ["lang"])
    assert refusal.value.field == "minshare"
    assert "min_share" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("on", "tomorrow"),
        ("within", "far"),
        ("within", "21km"),
        ("mode", "car"),
        ("needs", "sauna"),
        ("weight", "x" * 300),
        ("on", "1900-01-01"),
        ("on", "9999-01-01"),
        ("min_share", "2"),
        ("min_share", "most"),
        ("stay_minutes", "nan"),
        ("thresholds", "5min,far"),
        ("between", "6-6"),
        ("h24", "perhaps"),
    ],
)
def test_question_that_means_nothing_is_refused(name, text):
    with pytest.raises(QueryError) as refusal:
        question_of({name: [text]}, today=date(2026, 1, 1), speeds={})
    assert refusal.value.field == name


def test_pdf_has_chinese_as_text_and_findings_on_page_one(paper, hostile):
    pytest.importorskip("weasyprint", exc_type=OSError)
    pdfium = pytest.importorskip("pypdfium2")
    pdf = pdfium.PdfDocument(pdf_of(report_page(paper, ZH)))
    pages = [one.get_textpage().get_text_range() for one in pdf]
    assert "主要结论" in pages[0]
    assert "地图" not in pages[0].splitlines()
    assert "甲站" in "".join(pages)
    assert "locator coverage report" in pages[-1]
    assert f"{len(pages)} / {len(pages)}" in pages[-1]
    text = "".join(
        one.get_textpage().get_text_range() for one in pdfium.PdfDocument(pdf_of(report_page(hostile, ZH)))
    )
    assert "onerror=alert" in re.sub(r"\s", "", text)


def test_findings_and_cautions_stay_on_page_one_with_a_long_question():
    pytest.importorskip("weasyprint", exc_type=OSError)
    pdfium = pytest.importorskip("pypdfium2")
    pdf = pdfium.PdfDocument(pdf_of(report_page(found(asked_study()), EN)))
    first, second = (pdf[at].get_textpage().get_text_range() for at in (0, 1))
    assert "To be read with care" in first
    assert second.startswith("Maps")


def test_stations_that_open_to_a_face_scan_only_are_listed_beside_the_gaps(paper):
    page = report_page(paper, EN)
    beside = page[page.index("Stations that open to a face scan only") :]
    assert "乙站" in beside[: beside.index("</table>")]
    title = "Stations that open to a face scan only"
    assert title not in report_page(found(stations=[]), EN)


@pytest.mark.parametrize(
    "lacking", [{"stations": []}, {"people": {}}, {"areas": []}, {"streets": []},
                {"stations": [], "people": {}, "areas": [], "streets": [], "network": None},
                {"stations": town.STATIONS[:1], "people": {}, "areas": [], "streets": [], "network": None},
                {"stations": [replace(one, geometry=town.place(0, 0)) for one in town.STATIONS],
                 "people": {}, "areas": [], "streets": [], "network": None},
                {"stations": town.STATIONS[:1], "people": {"p": ((200, 200), 5)}, "areas": []},
                {"stations": [], "people": {"p": ((0, 0), 0)}, "areas": [], "streets": [], "network": None}],
)  # fmt: skip
def test_report_of_a_town_that_lacks_something(lacking, tmp_path):
    told = found(**lacking)
    page = report_page(told, ZH)
    assert "nan" not in page.lower().replace("finance", "")
    assert "None" not in page
    save_findings(told, tmp_path / "f.json")
    assert report_page(load_findings(tmp_path / "f.json"), ZH) == page
