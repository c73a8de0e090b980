"""The phone and the server say the same: which stations, in which order, with which words, found by which text."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from web_town import large_town

from locator.hours import Closure
from locator.nearest import nearest
from locator.query import SPEEDS_M_PER_S, Match, Query
from locator.snapshot import Snapshot
from locator.station import ADMITS, WAYS_IN, Entry
from locator.store import open_store
from locator.store.finding import search_text, spoken_forms
from locator.translation import translator
from locator.web.columns import columns_of
from locator.web.selection import Filters
from locator.wording import admission_text, distance_text, opens_before_text, state_text, today_text

TODAY = date(2026, 12, 24)
HOURS = (
    "24/7", "Mo-Su 08:00-20:00", "Mo-Fr 08:30-12:00,14:30-17:30; PH off", "22:00-26:00", "Sa,Su 00:00-24:00", None,
    "Mo-Su 07:00-22:00; Jan 1 off", "off", "Dec 24-Jan 8 00:00-24:00", "2027 Feb 08:00-09:00", "Mo-Su 08:00-20:00 unknown",
)  # fmt: skip
STAFFED = (None, None, "Mo-Fr 09:00-17:00")
NAMES = ("会计路", "重庆小面旁", "24 小时", "ＡＴＭ", "汩罗", "长乐 (东)", "")
NEEDS = (frozenset(), frozenset({"toilet"}), frozenset({"microwave", "hot_water"}))
FLAGS = (frozenset(), frozenset({"open"}), frozenset({"h24"}), frozenset({"noreg"}), frozenset({"open", "noreg"}))

MODULES = """
  const base = document.querySelector("script[type=module]").src.replace("finder.js", "");
  const [{ readStations }, ranking, searching, words, { stateAt, usesBetween }] = await Promise.all(
    ["columns", "ranking", "searching", "words", "state"].map((name) => import(`${base}${name}.js`)));
"""


@pytest.fixture(scope="module")
def town():
    """Return stations such that all that can differ does somewhere."""
    chance = random.Random(11)
    found = []
    for number, one in enumerate(large_town(600)):
        closures = (Closure(date(2026, 12, 25), date(2027, 1, chance.randint(1, 20))),) if number % 23 == 0 else ()
        ways = tuple(chance.sample(list(WAYS_IN), chance.randint(0, 2)))
        found.append(
            replace(
                one,
                name=one.name + chance.choice(NAMES),
                opening_hours=chance.choice(HOURS),
                staffed_hours=chance.choice(STAFFED),
                closures=closures,
                valid_to=date(2026, 12, 30) if number % 31 == 0 else None,
                status="suspended" if number % 41 == 0 else "operating",
                entry=Entry(
                    ways=ways,
                    registration=chance.choice((True, False, None)),
                    admits=chance.choice((*ADMITS, None)),
                    host=chance.choice(("", "建设银行")),
                ),
            )
        )
    return found


@pytest.fixture(scope="module")
def snapshot(town):
    return Snapshot.of(town)


@pytest.fixture(scope="module")
def document(snapshot):
    return json.loads(json.dumps(columns_of(snapshot, TODAY)))


def moments() -> list[datetime]:
    chance = random.Random(5)
    start = datetime(2026, 12, 23, 17, tzinfo=UTC)
    return [start + timedelta(minutes=chance.randint(0, 6 * 24 * 60)) for _ in range(12)]


def minute(moment: datetime) -> float:
    return moment.timestamp() / 60


def test_same_stations_in_the_same_order(phone, snapshot, document):
    chance = random.Random(3)
    questions = [
        (
            chance.uniform(112.9, 113.6),
            chance.uniform(28.4, 29.1),
            at,
            chance.choice(["walk", "ebike"]),
            needs,
            flags,
        )
        for at in moments()
        for needs in NEEDS
        for flags in FLAGS
    ]
    asked = [
        {
            "place": {"lon": lon, "lat": lat}, "now": minute(at), "minutesPerMetre": 1 / SPEEDS_M_PER_S[mode] / 60,
            "limit": 20, "needs": sorted(needs), "flags": sorted(flags),
        }
        for lon, lat, at, mode, needs, flags in questions
    ]  # fmt: skip
    said = phone("/").evaluate(
        f"""async ([columns, asked]) => {{ {MODULES}
          const stations = readStations(columns);
          const rows = stations.id.map((_, row) => row);
          return asked.map((question) => ranking.nearest(stations, rows, question).rows
            .map(({{ row, metres, found }}) => [stations.id[row], metres, found.state]));
        }}""",
        [document, asked],
    )
    assert sum(map(len, said)) > 1_000
    for (lon, lat, at, mode, needs, flags), rows in zip(questions, said, strict=True):
        query = Query(
            lon=lon, lat=lat, at=at, mode=mode, needs=needs, h24="h24" in flags, no_registration="noreg" in flags,
            usable_only="open" in flags, limit=20,
        )  # fmt: skip
        matches = nearest(snapshot, query)
        assert len(rows) == len(matches)
        # Places in the columns are whole steps of 0.1 m: two that are as near as that may change places.
        for (code, metres, state), match in zip(rows, matches, strict=True):
            assert code == match.station.id or abs(metres - match.distance_m) < 0.3
            assert abs(metres - match.distance_m) < 0.3
            if code == match.station.id:
                assert state == match.state


def test_whoever_is_weeks_away_is_told_of_a_week_hence(phone, snapshot, document):
    at = moments()[0]
    place = {"lon": 2.35, "lat": 48.86}  # Paris: two months on foot
    said = phone("/").evaluate(
        f"""async ([columns, question]) => {{ {MODULES}
          const stations = readStations(columns);
          return ranking.nearest(stations, stations.id.map((_, row) => row), question).rows
            .map(({{ row, arrives, found }}) => [stations.id[row], arrives, found.state]);
        }}""",
        [document, {"place": place, "now": minute(at), "minutesPerMetre": 1 / SPEEDS_M_PER_S["walk"] / 60,
                    "limit": 20, "needs": [], "flags": []}],
    )  # fmt: skip
    matches = nearest(snapshot, Query(lon=place["lon"], lat=place["lat"], at=at, mode="walk", limit=20))
    assert [(code, state) for code, _, state in said] == [(m.station.id, str(m.state)) for m in matches]
    assert {arrives for _, arrives, _ in said} == {minute(at) + 7 * 24 * 60}


def test_same_distances(phone):
    metres = [0, 3.2, 99.4, 100.6, 994.4, 995.5, 1_234, 99_949, 99_951, 123_456, 1_234_567.8]
    said = phone("/").evaluate(
        """async (metres) => {
          const base = document.querySelector("script[type=module]").src.replace("finder.js", "");
          const { distanceText } = await import(`${base}distance-text.js`);
          return metres.map(distanceText);
        }""",
        metres,
    )
    assert said == [distance_text(one) for one in metres]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_words(phone, snapshot, document, lang):
    translate = translator(lang)
    zone = snapshot.zone
    walks = [0.0, 600.0, 5_000.0, 60_000.0]
    pairs = [(at, metres) for at in moments() for metres in walks]
    said = phone(f"/?lang={lang}").evaluate(
        f"""async ([columns, pairs, speed, days]) => {{ {MODULES}
          const stations = readStations(columns);
          const zone = stations.zone;
          const told = (row, now, metres) => {{
            const hours = stations.hours[stations.hoursRow[row]];
            const arrives = now + metres / speed / 60;
            return words.stateText({{ found: stateAt(hours, arrives), foundNow: stateAt(hours, now), arrives,
              status: stations.status[row], verified: stations.verified[row], holidaysUnknown: hours.holidaysUnknown }}, now, zone);
          }};
          const today = (row) => days.map((start) => words.todayText({{ status: stations.status[row],
            today: usesBetween(stations.hours[stations.hoursRow[row]], start, start + 1440) }}, zone));
          return Object.fromEntries(stations.id.map((id, row) => [id, {{
            states: pairs.map(([now, metres]) => told(row, now, metres)),
            today: today(row), entry: words.admissionText(stations.entry[row]),
          }}]));
        }}""",
        [
            document,
            [(minute(at), metres) for at, metres in pairs],
            SPEEDS_M_PER_S["walk"],
            [minute(datetime(2026, 12, day, tzinfo=UTC) - timedelta(hours=8)) for day in range(24, 31)],
        ],
    )
    for row, station in enumerate(snapshot.stations):
        mine = said[station.id]
        assert mine["entry"] == admission_text(station.entry, translate)
        if station.status != "operating":
            continue
        for (at, metres), text in zip(pairs, mine["states"], strict=True):
            travel = timedelta(seconds=metres / SPEEDS_M_PER_S["walk"])
            outlook = snapshot.outlook(row, at + travel)
            expected = state_text(outlook, at, station, zone, translate)
            match = nearest_like(snapshot, row, at, metres)
            before = opens_before_text(match, zone, translate)
            assert text == (f"{before} · {expected}" if before else expected), (station, at, metres)
        hours = snapshot.hours[int(snapshot.hours_row[row])]
        for day, text in zip(range(24, 31), mine["today"], strict=True):
            said_today = today_text(hours, date(2026, 12, day), translate)
            assert text == (translate("Today {hours}", hours=said_today) if said_today else "")


def nearest_like(snapshot, row, at, metres):
    return Match(snapshot, row, metres, metres / SPEEDS_M_PER_S["walk"], at)


def test_same_stations_by_text_and_by_filter(phone, town, snapshot, document, tmp_path):
    with open_store(str(tmp_path / "s.db"), create=True) as store:
        store.write([(one, 0) for one in town], at=datetime.now(UTC))
        texts = [
            "gy",
            "guiyi",
            "kuaiji",
            "汩罗",
            "汨罗",
            "430681-00017",
            "建设银行",
            "ａｔｍ",
            "路 驿站",
            "24小时",
            "zzz",
            "cq",
            "|",
        ]
        texts += [one.name[:3] for one in town[:40]] + [one.street for one in town[:20]]
        expected = [[one.id for one in store.search(text, limit=1_000)] for text in texts]
    page = phone("/")
    said = page.evaluate(
        f"""async ([columns, texts]) => {{ {MODULES}
          const stations = readStations(columns);
          const found = searching.searchTexts(stations);
          return [Object.fromEntries(stations.id.map((id, row) => [id, found[row]])),
            texts.map((text) => searching.search(stations, found, text).map((row) => stations.id[row]))];
        }}""",
        [document, texts],
    )
    assert said[0] == {one.id: search_text(one) for one in town}
    assert said[1] == expected
    listed = page.evaluate(
        f"""async ([columns, asked]) => {{ {MODULES}
          const stations = readStations(columns);
          const rows = searching.byCommunity(stations);
          return asked.map((question) => ranking.listed(stations, rows, question).rows.map(({{ row }}) => stations.id[row]));
        }}""",
        [
            document,
            [
                {"now": minute(at), "limit": 600, "needs": sorted(needs), "flags": sorted(flags)}
                for at in moments()
                for needs in NEEDS
                for flags in FLAGS
            ],
        ],
    )
    order = np.array(
        sorted(
            range(len(town)),
            key=lambda row: (
                spoken_forms(snapshot.stations[row].community)[0],
                snapshot.stations[row].community,
                row,
            ),
        )
    )
    wanted = [
        [snapshot.ids[row] for row in Filters(needs, flags).kept(snapshot, order, at).tolist()]
        for at in moments()
        for needs in NEEDS
        for flags in FLAGS
    ]
    assert listed == wanted
