"""The report on a scenario: true sentences, pictures, hostile names as text, the same parts on paper and in Word."""

import io
import re
import shlex
from dataclasses import replace

import docx
import openpyxl
import paper_town as town
import pypdfium2
import pytest
import shapely
from test_coverage_report import HOSTILE, Tags

from locator.cli import cli
from locator.coverage.edits import Opening
from locator.coverage.scenario import Scenario, new_edit, with_edit
from locator.coverage.siting.solving import Search
from locator.errors import MissingPart
from locator.maps.colours import GAINED, LONGER, LOST, SHORTER
from locator.place import Area, CandidateSite
from locator.report.case import case_of
from locator.report.case_document import case_head, case_page, case_parts, case_title
from locator.report.case_plates import change_plate
from locator.report.case_sentences import change_sentences, summary_sentences
from locator.report.pictures import Picture, frame_of
from locator.report.printing import pdf_of, png_of
from locator.report.question import Question, question_of
from locator.report.word import docx_of
from locator.report.workbook import write_workbook
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
    assert "In the scenario 1 station opens, 1 closes." in told
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
    page = case_page(replace(case, time_limit_s=90.0), EN, database="a b.db")
    (command,) = re.findall(r"<code>(.*?)</code>", page)
    # A line breaks between words alone.
    assert "<span>--scenario</span>" in command
    words = shlex.split(re.sub(r"</?span>", "", command).replace("&#39;", "'"))
    assert words[:2] == ["locator", "report"]
    context = cli.commands["report"].make_context("report", words[2:])
    assert context.params["name"] == "two"
    assert (context.params["straight"], context.params["within"]) == (True, "500m")
    assert context.params["time_limit_s"] == 90
    assert words[words.index("--lang") + 1] == "en"


def edited(*edits):
    """Return the case for some edits of the town in straight lines: each is the parts of `new_edit`."""
    present = town.study(network=None)
    scenario = Scenario(name="two")
    for code, parts in edits:
        scenario = with_edit(scenario, new_edit(present.snapshot, scenario, code, **parts), present.snapshot)
    question = Question(day=present.day, criteria=present.criteria, straight=True)
    return case_of(present, scenario, question, candidates=[])


def test_every_change_has_its_sentence_also_what_closes_and_moves():
    case = edited(("B", {}), ("C", {"geometry": town.place(150, -300)}), ("A", {"hours": "Mo 08:00-08:30"}))
    told = list(change_sentences(case, EN))
    assert told[0].startswith("1. 乙站 closes. 230 residents have no station within 500 m any more. ")
    assert re.match(r"2\. 丙站 moves by [\d,]+ m\. It serves 50 residents whom no station serves today", told[1])
    assert told[2].startswith("3. 甲站 has other hours: Mo 08:00-08:30.")
    assert "person-hours a week are lost" in told[2]
    # 50 hours a week of 230 people; C is there then, but nobody knows when.
    assert list(change_sentences(edited(("B", {})), EN)) == [
        "1. 乙站 closes. 11,500 person-hours a week are lost."
    ]
    page = text_of(case_page(case, EN))
    assert all(sentence in page for sentence in told)
    chinese = case_page(case, translator("zh"))
    assert "主要在 无" not in chinese
    assert "净减 180 名" in chinese
    assert "净增 -" not in chinese


def test_first_table_has_the_numbers_of_the_map(case):
    first, maps = case_page(case, EN).split('id="maps"')
    rows = re.findall(r"<tr><td[^>]*>(\d+)</td><td[^>]*>(\w+)</td>", first)
    assert rows == [("1", "opens"), ("2", "closes")]
    assert re.findall(r'text-anchor="middle" fill="#ffffff">(\d+)</text>', maps)[:2] == ["1", "2"]
    # One gap may become two: how many there are is no finding.
    assert "Gaps, whatever" not in first


def test_how_it_was_found_is_a_command_and_no_sentence(case):
    scenario = replace(case.scenario, note="locator site mclp --within 500m -p 3")
    first = case_page(replace(case, scenario=scenario), translator("zh")).split('id="maps"')[0]
    assert "选址命令： <code><span>locator</span>" in first
    assert "<li>locator site" not in first


def test_labels_are_drawn_above_stations_and_clear_of_numbers():
    picture = Picture(frame_of((113.0, 28.0, 113.1, 28.1)), "t")
    at = shapely.Point(113.05, 28.05)
    picture.marks([at], fill="#111111", size=3)
    picture.numbers([(at, "1"), (at, "2")], "#b2182b")
    picture.labels([(at, ("名称", "93%"))])
    svg = picture.svg(metres="{value}", kilometres="{value}", north="N")
    discs = [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="[\d.]+" r="8.5"', svg)]
    assert discs[1] - discs[0] >= 17
    assert svg.rindex("<circle") < svg.index("93%")
    disc_y = float(re.search(r'cy="([\d.]+)" r="8.5"', svg)[1])
    lines = [float(y) for y in re.findall(r'y="([\d.]+)" font-size="11" text-anchor="middle" fill="#1d1d1d"', svg)]
    assert min(abs(y - disc_y) for y in lines) > 8.5


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_workbook_holds_findings_maps_method_and_every_table(hostile, tmp_path, language):
    translate = translator(language)
    parts = case_parts(hostile, translate, review_number="GS(2026)1", database="a b.db")
    path = tmp_path / "r.xlsx"
    head = case_head(hostile, translate)
    title = case_title(hostile, translate)
    write_workbook(path, translate, title=title, head=head, parts=parts, results=hostile.results)
    book = openpyxl.load_workbook(path)
    findings, maps, method, *tables = book.worksheets
    assert [one.title for one in (findings, maps, method)] == [
        translate("Findings"), translate("Maps"), translate("Method and formulas")
    ]  # fmt: skip
    cells = [[cell for cell in row if cell is not None] for row in findings.iter_rows(values_only=True)]
    told = [row[0] for row in cells if row]
    assert told[0] == case_title(hostile, translate)
    # The day of the lists, the revision, the date of the data where it is known.
    assert told[1] == head[0]
    assert all(sentence in told for sentence in summary_sentences(hostile, translate))
    assert all(sentence in told for sentence in change_sentences(hostile, translate))
    figures = {row[0]: row[1:] for row in cells if len(row) == 4}
    measures = list(hostile.comparison["measures"].rows())
    row = next(one for one in measures if one["difference"])
    assert figures[row["figure"].text(translate)] == [row["first"], row["second"], row["difference"]]
    assert len(maps._images) == 4
    assert any("GS(2026)1" in str(row[0]) for row in maps.iter_rows(values_only=True) if row[0])
    texts = [str(cell) for row in method.iter_rows(values_only=True) for cell in row if cell is not None]
    assert any("10.1007/BF01942293" in text for text in texts)
    assert any(text.startswith("locator report") and "--scenario two" in text for text in texts)
    assert sum(len(result.tables) for result in hostile.results) + 1 == len(tables)
    assert HOSTILE in {cell for sheet in tables for row in sheet.iter_rows(values_only=True) for cell in row}


def test_nothing_in_a_workbook_is_a_formula(tmp_path):
    case = made(name="=1+1", note="=cmd|' /C calc'!A0")
    path = tmp_path / "r.xlsx"
    write_workbook(path, EN, title="=2", head=["=3"], parts=case_parts(case, EN), results=case.results)
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= {"=1+1", "=2", "=3", "=cmd|' /C calc'!A0"}
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_workbook_without_the_part_that_makes_pictures_says_so(case, tmp_path, monkeypatch):
    def missing(svg):
        raise MissingPart("is not installed", field="docx", mend="install it")

    monkeypatch.setattr("locator.report.workbook.png_of", missing)
    path = tmp_path / "r.xlsx"
    write_workbook(path, EN, title="t", head=["h"], parts=case_parts(case, EN), results=case.results)
    maps = openpyxl.load_workbook(path)["Maps"]
    assert maps._images == []
    assert "docx: is not installed; install it" in [row[0] for row in maps.iter_rows(values_only=True)]
