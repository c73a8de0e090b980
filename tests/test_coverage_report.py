"""The report: true sentences, maps to scale, hostile names as text, the same again from its command and its file."""

import html
import re
import shlex
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import paper_town as town
import pytest
import shapely

from locator.cli import cli
from locator.coverage.criteria import Criteria, Terms, Threshold
from locator.errors import QueryError
from locator.geodesy import pairwise_m
from locator.place import Area
from locator.report.document import report_page, source_line
from locator.report.findings import find
from locator.report.grids import grids_of, heat_days
from locator.report.keeping import load_findings, save_findings
from locator.report.pictures import Picture, frame_of
from locator.report.plates import audit_plate, gap_plate, hour_plates, reach_plate
from locator.report.printing import pdf_of
from locator.report.question import Question, question_of
from locator.report.sentences import cautions, figures, sentences
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
    "area_kind": ["district"],
}  # fmt: skip


def test_question_is_the_same_from_address_and_record():
    asked = question_of(QUESTION, today=date(2026, 1, 1), speeds={"ebike": 5.0})
    assert asked.day == date(2026, 11, 20)
    assert asked.criteria.within == Threshold("m", 500)
    assert asked.criteria.speed == 5.0
    assert asked.criteria.terms.needs == {"toilet", "aed", "books"}
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("on", "tomorrow"),
        ("within", "far"),
        ("within", "21km"),
        ("mode", "car"),
        ("needs", "sauna"),
        ("weight", "x" * 300),
    ],
)
def test_question_that_means_nothing_is_refused(name, text):
    with pytest.raises(QueryError) as refusal:
        question_of({name: [text]}, today=date(2026, 1, 1), speeds={})
    assert refusal.value.field in (name, "on")


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


def test_stations_that_open_to_a_face_scan_only_are_listed_beside_the_gaps(paper):
    page = report_page(paper, EN)
    beside = page[page.index("Stations that open to a face scan only") :]
    assert "乙站" in beside[: beside.index("</table>")]
    title = "Stations that open to a face scan only"
    assert title not in report_page(found(stations=[]), EN)


@pytest.mark.parametrize(
    "lacking", [{"stations": []}, {"people": {}}, {"areas": []}, {"streets": []},
                {"stations": [], "people": {}, "areas": [], "streets": [], "network": None}],
)  # fmt: skip
def test_report_of_a_town_that_lacks_something(lacking, tmp_path):
    told = found(**lacking)
    page = report_page(told, ZH)
    assert "nan" not in page.lower().replace("finance", "")
    assert "None" not in page
    save_findings(told, tmp_path / "f.json")
    assert report_page(load_findings(tmp_path / "f.json"), ZH) == page
