"""The report on a scenario: true sentences, pictures, hostile names as text, the same parts on paper and in Word."""

import io
import re
import shlex
from dataclasses import replace

import docx
import paper_town as town
import pypdfium2
import pytest
from test_coverage_report import HOSTILE, Tags

from locator.cli import cli
from locator.coverage.edits import Opening
from locator.coverage.scenario import Scenario, new_edit, with_edit
from locator.coverage.siting.solving import Search
from locator.maps.colours import GAINED, LONGER, LOST, SHORTER
from locator.place import Area, CandidateSite
from locator.report.case import case_of
from locator.report.case_document import case_head, case_page, case_parts, case_title
from locator.report.case_plates import change_plate
from locator.report.printing import pdf_of, png_of
from locator.report.question import Question, question_of
from locator.report.word import docx_of
from locator.station import Station
from locator.translation import LANGUAGES, translator

EN = translator("en")


def made(*, name="新站", areas=town.AREAS, note="for 2027"):
    """Return the case for a station in place of B: p4 (30) loses, p6 (50) gains in a straight line."""
    present = town.study(network=None, areas=areas)
    scenario = Scenario(name="two", note=note)
    opened = Station(id="N", name=name, geometry=town.place(150, -300), opening_hours="Mo-Su 08:00-12:00")
    for edit in (
        Opening(station=opened, site="k", cost_cny_year=2_500),
        new_edit(present.snapshot, scenario, "B", cost_cny_year=-500),
    ):
        scenario = with_edit(scenario, edit, present.snapshot)
    question = Question(day=present.day, criteria=present.criteria, straight=True)
    sites = [
        CandidateSite(id="k", name=name, geometry=town.place(150, -300)),
        CandidateSite(id="k2", name=f"{name}2", geometry=town.place(160, -320)),
    ]
    return case_of(present, scenario, question, candidates=sites, search=Search(time_limit_s=20))


@pytest.fixture(scope="module")
def case():
    return made()


@pytest.fixture(scope="module")
def hostile():
    return made(
        name=HOSTILE, areas=[Area(id="a", name=HOSTILE, geometry=town.box(-50, -400, 1100, 850))], note=HOSTILE
    )


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_first_page_says_who_gains_who_loses_and_at_what_cost(case):
    told = text_of(case_page(case, EN))
    assert "In the scenario 1 stations open, 1 close." in told
    assert "50 residents gain a station within 500 m" in told
    assert f"{case.comparison.people_more:,.0f} more of 450." in told
    assert "It costs 2,000 CNY a year" in told
    assert "for 2027" in told


@pytest.mark.parametrize(("hours", "colour"), [("24/7", LONGER), ("Mo 08:00-08:30", SHORTER)])
def test_places_are_coloured_where_only_the_hours_change(hours, colour):
    present = town.study(network=None)
    codes = present.snapshot.ids
    scenario = Scenario(name="two")
    for code in codes:
        scenario = with_edit(scenario, new_edit(present.snapshot, scenario, code, hours=hours), present.snapshot)
    question = Question(day=present.day, criteria=present.criteria, straight=True)
    found = case_of(present, scenario, question, candidates=[])
    picture = change_plate(found.comparison, found.supposed.drawing, EN).svg
    assert {one for one in (LONGER, SHORTER, GAINED, LOST) if one in picture} == {colour}


def test_people_more_are_told_of_those_who_are_counted():
    """Of 450 outdoor workers, not of the 4,500 residents that the demand counts too."""
    study = town.study(network=None)
    points = [
        replace(
            one, weights={"residents": 10 * one.weights["residents"], "outdoor_workers": one.weights["residents"]}
        )
        for one in study.demand_points
    ]
    present = replace(study, demand_points=points, criteria=replace(study.criteria, weight="outdoor_workers"))
    scenario = with_edit(
        Scenario(name="two"), new_edit(present.snapshot, Scenario(name="two"), "B"), present.snapshot
    )
    question = Question(day=present.day, criteria=present.criteria, straight=True)
    told = text_of(case_page(case_of(present, scenario, question, candidates=[]), EN))
    assert "more of 450." in told


def test_what_is_saved_is_no_price_of_anybody(case):
    saving = replace(case, comparison=replace(case.comparison, cost=-500.0, gained=80.0, lost=30.0))
    told = text_of(case_page(saving, EN))
    assert "It saves 500 CNY a year." in told
    assert "for each person more" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_parts_come_in_their_order_with_pictures(case, language):
    page = case_page(case, translator(language), review_number="GS(2026)1")
    assert re.findall(r'<section class="report-(\w+)"', page) == ["summary", "maps", "sites", "tables", "method"]
    # Who gains and loses; before and after; the areas; the curve.
    assert page.count('<svg class="picture"') == 5
    assert "GS(2026)1" in page
    assert "10.1007/BF01942293" in page


def test_straight_lines_are_said_on_the_first_page(case):
    assert "STRAIGHT LINES" in case_page(case, EN).split('id="maps"')[0]


def test_command_makes_the_same_report(case):
    (command,) = re.findall(r"<code>(.*?)</code>", case_page(case, EN, database="a b.db"))
    words = shlex.split(command.replace("&#39;", "'"))
    assert words[:2] == ["locator", "report"]
    context = cli.commands["report"].make_context("report", words[2:])
    assert context.params["name"] == "two"
    assert (context.params["straight"], context.params["within"]) == (True, "500m")


def test_question_keeps_its_scenario():
    question = Question(day=town.DAY, scenario="two")
    assert Question.of_record(question.record()).scenario == "two"
    assert question_of({"scenario": ["two"]}, today=town.DAY, speeds={}).arguments()["scenario"] == "two"


def test_hostile_names_stay_text(hostile):
    page = case_page(hostile, EN)
    tags = Tags(page).seen
    assert not [tag for tag, _ in tags if tag in ("script", "img")]
    assert not [attrs for _, attrs in tags if any(name.startswith("on") for name in attrs)]
    assert "{{7*7}}" in page
    assert "<img src=x" not in page


def test_page_is_printed_on_a4(case):
    paper = pypdfium2.PdfDocument(pdf_of(case_page(case, translator("zh"))))
    assert len(paper) >= 5
    assert [round(side) for side in paper[0].get_size()] == [595, 842]
    text = "".join(page.get_textpage().get_text_range() for page in paper)
    assert "新站" in text
    paper.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_document_has_the_same_parts_and_fonts_for_both_scripts(hostile, language):
    translate = translator(language)
    parts = case_parts(hostile, translate)
    file = docx_of(case_title(hostile, translate), case_head(hostile, translate), parts, language)
    found = docx.Document(io.BytesIO(file))
    headings = [one.text for one in found.paragraphs if one.style.name == "Heading 1"]
    assert headings == [part.title for part in parts]
    assert len(found.inline_shapes) == 5
    assert (found.sections[0].page_width.mm, found.sections[0].page_height.mm) == pytest.approx(
        (210, 297), abs=0.1
    )
    fonts = found.styles["Normal"].element.rPr.rFonts.attrib
    assert [value for name, value in fonts.items() if name.endswith("eastAsia")] == ["Microsoft YaHei"]
    cells = {cell.text for table in found.tables for row in table.rows for cell in row.cells}
    assert HOSTILE in cells


def test_pictures_have_the_size_of_their_svg():
    picture = png_of(
        '<svg viewBox="0 0 300 150" xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'
    )
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    wide, high = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert wide / high == pytest.approx(2, abs=0.01)


def test_scenario_that_opens_nothing_has_no_curve():
    present = town.study()
    scenario = with_edit(
        Scenario(name="s"), new_edit(present.snapshot, Scenario(name="s"), "C", hours="24/7"), present.snapshot
    )
    question = Question(day=present.day, criteria=present.criteria)
    found = case_of(present, scenario, question, candidates=[])
    page = case_page(replace(found), EN)
    assert page.count('<svg class="picture"') == 4
    assert "What it costs" in page
