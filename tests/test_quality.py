"""The data-quality board: each issue where it is, and only there; checklists met, failed or unknown."""

from dataclasses import replace
from datetime import date

import pytest
from shapely import Point, box

from locator.assets import asset_folder
from locator.errors import InvalidValue
from locator.place import Area
from locator.quality import Issue, assess
from locator.rules import read_rules
from locator.station import Entry, Provenance, Station
from locator.translation import LANGUAGES, translator

TODAY = date(2026, 11, 20)
AREA = Area(id="a", name="归义", geometry=box(113.0, 28.7, 113.1, 28.9))
SOUND = Station(
    id="s", name="归义社区工会驿站", geometry=Point(113.07, 28.8), community="归义", opening_hours="24/7",
    facilities={"toilet": True}, entry=Entry(ways=("open_door",)),
    provenance=Provenance(location_verified=date(2026, 6, 1)),
)  # fmt: skip


def issues(*stations, areas=(AREA,)):
    return [(finding.issue, finding.detail) for finding in assess(stations, areas, (), today=TODAY).findings]


def test_sound_record_has_no_issue():
    assert issues(SOUND) == []


@pytest.mark.parametrize(
    ("wrong", "issue", "detail"),
    [
        ({"opening_hours": None}, Issue.NO_HOURS, ""),
        ({"facilities": {}}, Issue.NO_FACILITIES, ""),
        ({"entry": Entry()}, Issue.NO_ENTRY, ""),
        ({"entry": Entry(ways=("face",))}, Issue.FACE_ONLY, ""),
        ({"provenance": Provenance()}, Issue.NEVER_VERIFIED, ""),
        ({"provenance": Provenance(location_verified=date(2025, 11, 19))}, Issue.STALE, "2025-11-19"),
        ({"community": "友谊"}, Issue.WRONG_COMMUNITY, "友谊 / 归义"),
        ({"valid_to": date(2026, 11, 19)}, Issue.ENDED, "2026-11-19"),
        ({"geometry": Point(113.2, 28.8)}, Issue.OUTSIDE, ""),
    ],
)
def test_each_issue_is_found_alone(wrong, issue, detail):
    assert issues(replace(SOUND, **wrong)) == [(issue, detail)]


def test_verified_a_year_ago_to_the_day_is_not_stale():
    assert issues(replace(SOUND, provenance=Provenance(location_verified=date(2025, 11, 20)))) == []


def test_expired_verification_is_told_with_its_day():
    provenance = Provenance(location_verified=date(2026, 6, 1), expires=date(2026, 11, 19))
    assert issues(replace(SOUND, provenance=provenance)) == [(Issue.EXPIRED, "2026-11-19")]


def test_without_areas_nothing_lies_outside():
    assert issues(replace(SOUND, geometry=Point(0, 0)), areas=()) == []


def test_closed_stations_are_not_looked_at():
    board = assess([replace(SOUND, status="closed", opening_hours=None)], [AREA], (), today=TODAY)
    assert (board.stations, board.findings) == (0, ())


def test_twins_are_found_with_their_distance_but_not_strangers():
    twin = replace(SOUND, id="t", name="归義社区工会驿站 ", geometry=Point(113.0701, 28.8))
    misspelt = replace(SOUND, id="m", name="汩罗驿站", geometry=Point(113.09, 28.8))
    right = replace(SOUND, id="r", name="汨罗驿站", geometry=Point(113.09, 28.8001))
    far = replace(SOUND, id="f", geometry=Point(113.08, 28.8))
    found = assess([SOUND, twin, misspelt, right, far], [AREA], (), today=TODAY).findings
    pairs = {(f.station.id, f.detail.split(",")[0]) for f in found if f.issue is Issue.DUPLICATE}
    assert ("m", "r") in pairs
    assert ("r", "m") in pairs
    assert not any("f" in pair for pair in pairs)


def test_board_is_by_area_in_both_languages():
    stations = [replace(SOUND, opening_hours=None), replace(SOUND, id="o", geometry=Point(0, 0))]
    rules = [read_rules(path) for path in sorted((asset_folder("geodata") / "rules").glob("*.toml"))]
    board = assess(stations, [AREA], rules, today=TODAY)
    assert board.areas == {"": 1, "归义": 1}
    for language in LANGUAGES:
        translate = translator(language)
        text = "\n".join(board.lines(translate))
        assert "归义" in text
        assert rules[0].name[language] in text
        said = board.as_json(translate)
        assert said["stations"] == 2
        assert [finding["issue"] for finding in said["findings"]] == ["no_hours", "outside"]


def rules_file(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(f'name = {{ zh = "甲", en = "A" }}\n{text}', encoding="utf-8")
    return path


NAMED = '[[rule]]\nname = { zh = "一", en = "one" }\n'


@pytest.mark.parametrize(
    ("condition", "facts", "met"),
    [
        ('facilities = ["toilet", "microwave"]', {"facilities": {"toilet": True, "microwave": True}}, True),
        ('facilities = ["toilet", "microwave"]', {"facilities": {"toilet": True}}, None),
        ('facilities = ["toilet", "microwave"]', {"facilities": {"toilet": False}}, False),
        ('any_of = ["toilet", "microwave"]', {"facilities": {"toilet": True}}, True),
        ('any_of = ["toilet", "microwave"]', {"facilities": {"toilet": False}}, None),
        ('any_of = ["toilet"]', {"facilities": {"toilet": False}}, False),
        ("min_area_m2 = 12", {"area_m2": 12.0}, True),
        ("min_area_m2 = 12", {"area_m2": 11.9}, False),
        ("min_area_m2 = 12", {}, None),
        ("min_capacity = 20", {"capacity": 19}, False),
        ("hours = true", {"opening_hours": None}, False),
        ("entry = true", {"entry": Entry(ways=("face",))}, False),
        ("entry = true", {"entry": Entry()}, None),
        ("photo = true", {"photos": ("/a.jpg",)}, True),
        ("verified_within_days = 365", {"provenance": Provenance(location_verified=date(2024, 1, 1))}, False),
        ("verified_within_days = 365", {"provenance": Provenance()}, False),
        ("min_capacity = 5\nhours = true", {"opening_hours": None}, False),
        ("min_capacity = 5\nhours = true", {}, None),
    ],
)
def test_rule_is_met_failed_or_unknown(tmp_path, condition, facts, met):
    (rule,) = read_rules(rules_file(tmp_path, NAMED + condition)).rules
    assert rule.met_by(replace(SOUND, **facts), TODAY) is met


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rule = 3",
        "rule = [1]",
        NAMED,
        "[[rule]]\nhours = true",
        '[[rule]]\nname = "one"\nhours = true',
        NAMED + "roof = true",
        NAMED + 'facilities = "toilet"',
        NAMED + "facilities = []",
        NAMED + 'facilities = ["roof"]',
        NAMED + 'min_area_m2 = "12"',
        NAMED + "min_area_m2 = nan",
        NAMED + "min_capacity = true",
        NAMED + "verified_within_days = -1",
        NAMED + "hours = 1",
        "[[",
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(tmp_path, text):
    with pytest.raises(InvalidValue) as refusal:
        read_rules(rules_file(tmp_path, text))
    assert "rules" in str(refusal.value)
    assert refusal.value.mend
