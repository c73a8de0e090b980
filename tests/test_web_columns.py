"""The snapshot for the device: small, and read back by what the document says it is the same as the records."""

import json
import sys
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from web_town import large_town, small_town, written
from web_town import station as placed

from locator.hours import time_zone
from locator.snapshot import Snapshot
from locator.store.finding import normalised, search_text
from locator.store.spelling import spelling_of
from locator.web import create_app
from locator.web.answers import compressed, json_bytes
from locator.web.columns import DAYS, SCALE, columns_of, hilbert

TODAY = date(2026, 11, 20)


def decoded(document: dict) -> list[dict]:
    """Return the stations, by the three sentences of the document alone."""

    def values(column):
        if isinstance(column, list):
            return column
        if "rows" in column:
            return [column["values"][row] for row in column["rows"]]
        sums, total = [], 0
        for delta in column["deltas"]:
            total += delta
            sums.append(total / column["scale"])
        return sums

    columns = {name: values(column) for name, column in document["columns"].items()}
    assert {len(column) for column in columns.values()} == {document["count"]}
    found = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    for name in ("has", "lacks"):
        for one in found:
            number = int(one[name], 16)
            one[name] = {code for bit, code in enumerate(document["facilities"]) if number >> bit & 1}
    return found


@pytest.mark.parametrize("town", [small_town(), large_town(200)], ids=["small", "large"])
def test_columns_say_what_the_records_say(town):
    snapshot = Snapshot.of(town, revision=3)
    document = json.loads(json.dumps(columns_of(snapshot, TODAY)))
    there = {one.id: one for one in town if one.status != "closed"}
    found = {one["id"]: one for one in decoded(document)}
    assert found.keys() == there.keys()
    shapes = {decoded(document)[one["row"]]["id"]: one["geometry"] for one in document["shapes"]}
    start = datetime.fromisoformat(document["start"])
    assert start.date() == TODAY - timedelta(days=1)
    for code, station in there.items():
        one = found[code]
        for name in ("name", "category", "status", "community", "street", "address"):
            assert one[name] == getattr(station, name)
        centre = station.geometry.centroid
        assert one["lon"] == pytest.approx(centre.x, abs=0.5 / SCALE + 1e-12)
        assert one["lat"] == pytest.approx(centre.y, abs=0.5 / SCALE + 1e-12)
        assert one["has"] == {facility for facility, has_it in station.facilities.items() if has_it}
        assert one["lacks"] == {facility for facility, has_it in station.facilities.items() if not has_it}
        assert one["entry"]["ways"] == list(station.entry.ways)
        assert one["verified"] == (
            str(station.provenance.location_verified) if station.provenance.location_verified else None
        )
        assert one["source"] == station.provenance.source
        assert (one["hours"]["opening_hours"], one["hours"]["staffed_hours"]) == (
            station.opening_hours,
            station.staffed_hours,
        )
        expected = station.hours(zone="Asia/Shanghai").intervals(start.date(), DAYS)
        assert (one["operator"], one["host"]) == (station.operator, station.entry.host)
        assert [
            (start + timedelta(minutes=a), start + timedelta(minutes=b), state)
            for a, b, state in one["hours"]["intervals"]
        ] == [(i.start, i.end, str(i.state)) for i in expected]
        assert (code in shapes) == (station.geometry.geom_type != "Point")
        if code in shapes:
            assert shapely.geometry.shape(shapes[code]).equals_exact(station.geometry, 1e-6)


def spelled(document: dict, text: str) -> tuple[str, str]:
    form = normalised(text).replace(" ", "")
    syllables = [document["spelling"]["characters"].get(char, "") for char in form]
    plain = "".join(syllables), "".join(syllable[:1] for syllable in syllables)
    return tuple(document["spelling"]["texts"].get(form, plain))


def test_names_can_be_spelled_as_the_server_does():
    names = ["归义社区工会驿站", "会计路 24 小时站", "重庆路", "ＡＴＭ 站(建行)", "长乐会计", "plain", "汩罗站"]
    town = [placed(f"s{row}", name=name, community=name[:2]) for row, name in enumerate(names)]
    document = json.loads(json.dumps(columns_of(Snapshot.of(town), TODAY)))
    assert spelled(document, "会计路 24 小时站") == ("kuaijiluxiaoshizhan", "kjlxsz")
    for one in town:
        whole, initials = spelled(document, one.name)
        assert f"|{whole}|{initials}|" in search_text(one) + "|" or not whole


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"opening_hours": "24/7"}, [DAYS * 1440, None]),
        ({"opening_hours": "Mo-Su 08:00-20:00"}, [DAYS * 1440 + 480, DAYS * 1440 + 1200]),
        ({"opening_hours": "24/7", "valid_to": date(2026, 12, 31)}, [DAYS * 1440, 43 * 1440]),
        ({"opening_hours": "24/7", "valid_to": date(2026, 11, 25)}, None),
        ({"opening_hours": "Dec 24 08:00-09:00"}, [35 * 1440 + 480, 35 * 1440 + 540]),
        ({}, None),
    ],
)
def test_hours_tell_what_comes_after_their_days(fields, after):
    document = columns_of(Snapshot.of([placed("a", **fields)]), TODAY)
    assert document["columns"]["hours"]["values"][0]["after"] == after


def test_hours_tell_of_which_years_the_holidays_are_not_known():
    town = [placed("a", opening_hours="Mo-Fr 08:00-17:00; PH off"), placed("b", opening_hours="24/7")]
    values = columns_of(Snapshot.of(town), date(2098, 12, 25))["columns"]["hours"]["values"]
    assert [value["holidays_unknown"] for value in values] == [[2098, 2099], []]


def test_twenty_thousand_stations_take_less_than_sixty_bytes_each():
    document = columns_of(Snapshot.of(large_town(20_000)), TODAY)
    assert document["count"] == 20_000
    each = len(compressed(json_bytes(document), "gzip")) / 20_000
    assert each < 60
    # Measured: 29. What makes it grow by a quarter is worth a look.
    assert each < 36


def test_columns_are_another_tomorrow(tmp_path):
    client = create_app(
        {"DATABASE": written(str(tmp_path / "s.db"), small_town()), "MAX_AGE_S": 86_400}
    ).test_client()
    zone = time_zone("Asia/Shanghai")
    before = datetime.now(UTC).astimezone(zone)
    answer = client.get("/api/v1/snapshot")
    midnight = datetime.combine(before.date() + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    assert answer.cache_control.max_age <= (midnight - before).total_seconds()


def test_nothing_is_a_snapshot_too():
    document = columns_of(Snapshot.of([]), TODAY)
    assert (document["count"], decoded(document)) == (0, [])


def test_neighbours_on_the_curve_are_neighbours_on_the_ground():
    side = 32
    cell = 360 * SCALE // 2**20 + 1
    steps = np.array([(x * cell, y * (cell // 2 + 1)) for x in range(side) for y in range(side)], dtype=np.int64)
    along = hilbert(steps)
    assert len(set(along.tolist())) == side * side
    walked = steps[np.argsort(along)]
    jumps = np.abs(np.diff(walked // [cell, cell // 2 + 1], axis=0)).sum(axis=1)
    assert np.median(jumps) == 1
    assert jumps.max() <= side


def test_process_without_dictionaries_has_texts_spelled_by_another(monkeypatch):
    texts = ["归义社区", "会计路 2 号", "toilet", "汩罗", "归义社区"]
    expected = spelling_of(texts)
    monkeypatch.delitem(sys.modules, "pypinyin")
    assert spelling_of(texts) == expected
    assert "pypinyin" not in sys.modules
    assert expected.texts["会计路2号"] == ("kuaijiluhao", "kjlh")
