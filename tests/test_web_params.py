"""The table of parameters: what is read, what is refused, and that it says what a query says."""

from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from locator.errors import QueryError
from locator.query import Query
from locator.web.params import AREAS, CHANGES, HOURS, NEAREST, STATIONS, Kind, query_of, read_parameters

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


def read(values, table):
    return read_parameters(values, table, zone="Asia/Shanghai")


def test_nearest_asks_just_what_a_query_has_with_its_defaults():
    # How fast one is follows from the mode and the settings.
    assert {p.name for p in NEAREST} == {field.name for field in fields(Query)} - {"speed_m_per_s"}
    query, lowered = query_of({"lon": "1", "lat": "2"}, zone="Asia/Shanghai", now=NOW)
    assert (query, lowered) == (Query(lon=1, lat=2, at=NOW, speed_m_per_s=query.speed_m_per_s), False)


@pytest.mark.parametrize("table", [NEAREST, STATIONS, AREAS, HOURS, CHANGES])
def test_examples_can_be_read(table):
    values = {p.name: p.example for p in table if p.example}
    assert values.keys() <= read(values, table).values.keys()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bbox", "113,28,114,29", (113, 28, 114, 29)),
        ("bbox", " 179 , -90 , -179 , 90 ", (179, -90, -179, 90)),
        ("limit", "5", 5),
        ("needs", "toilet, ,aed", {"toilet", "aed"}),
        ("after", "s-1", "s-1"),
    ],
)
def test_values_are_read_by_their_kind(name, text, value):
    assert read({name: text}, STATIONS).values[name] == value


def test_only_what_may_be_lowered_is():
    asked = read({"limit": "99999"}, STATIONS)
    assert (asked.values["limit"], asked.lowered) == (1000, {"limit"})
    with pytest.raises(QueryError):
        read({"since": str(2**60)}, CHANGES)


@pytest.mark.parametrize(
    ("table", "name", "text"),
    [
        (STATIONS, "bbox", "1,2,3"),
        (STATIONS, "bbox", "1,2,3,x"),
        (STATIONS, "bbox", "0,2,1,1"),
        (STATIONS, "bbox", "-181,0,1,1"),
        (STATIONS, "bbox", "0,nan,1,1"),
        (STATIONS, "bbox", "1_0,2,13,4"),
        (STATIONS, "limit", "0"),
        (STATIONS, "limit", "1_0"),
        (STATIONS, "limit", "１０"),
        (NEAREST, "lon", "1_13"),
        (NEAREST, "lon", "１１３"),
        (STATIONS, "limit", "1.5"),
        (STATIONS, "categories", "tent"),
        (HOURS, "from", "2026-W10-1"),
        (HOURS, "from", "20261120"),
        (HOURS, "from", "2026-02-30"),
        (HOURS, "from", "1850-01-01"),
        (HOURS, "from", "٢٠٢٦-01-01"),
        (CHANGES, "since", "-1"),
        (CHANGES, "since", "1e400"),
    ],
)
def test_wrong_value_is_refused_by_its_name(table, name, text):
    with pytest.raises(QueryError) as caught:
        read({"since": "0"} | {name: text} if table is CHANGES else {name: text}, table)
    assert caught.value.field == name
    assert caught.value.mend


def test_day_is_a_date():
    assert read({"from": "2026-11-20"}, HOURS).values == {"from": date(2026, 11, 20)}


def test_every_parameter_is_explained():
    for parameter in (*NEAREST, *STATIONS, *AREAS, *HOURS, *CHANGES):
        assert parameter.help
        assert parameter.choices or parameter.kind is not Kind.CODES
