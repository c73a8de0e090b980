"""Who follows the changes has what there is, whatever happens between two pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_town import AT, station, written

from locator.store import open_store
from locator.web import create_app


@pytest.fixture
def database(tmp_path):
    return written(str(tmp_path / "c.db"), [station(code) for code in "abc"])


@pytest.fixture
def client(database):
    return create_app({"DATABASE": database, "REFRESH_S": 0, "RATE_LIMIT": ""}).test_client()


def test_changes_in_the_order_of_their_revisions(client, database):
    with open_store(database) as store:
        store.write([(station("a", name="two"), 1)], at=AT)
        store.write(removals=[("b", 1)], at=AT)
        store.set_meta({"name": "town"}, at=AT)
    answer = client.get("/api/v1/changes?since=0").json
    assert [(one["id"], one["revision"], one["version"], one["deleted"]) for one in answer["changes"]] == [
        ("c", 1, 1, False), ("a", 2, 2, False), ("b", 3, 2, True),
    ]  # fmt: skip
    assert answer["changes"][1]["station"]["properties"]["name"] == "two"
    assert answer["changes"][2]["station"] is None
    assert (answer["revision"], answer["next"]) == (4, None)
    assert client.get("/api/v1/changes?since=4").json["changes"] == []


def test_page_says_only_what_is_surely_told(client):
    answer = client.get("/api/v1/changes?since=0&limit=2").json
    assert (len(answer["changes"]), answer["revision"]) == (2, 0)
    last = client.get(answer["next"]).json
    assert ([one["id"] for one in last["changes"]], last["revision"], last["next"]) == (["c"], 1, None)


def test_revision_that_was_never_is_told(client):
    answer = client.get("/api/v1/changes?since=99")
    assert (answer.status_code, answer.json["parameter"]) == (400, "since")
    for after in ("x", "1", "1:\n", "99999999999999999999:a"):
        answer = client.get("/api/v1/changes", query_string={"since": 0, "after": after})
        assert (answer.status_code, answer.json["parameter"]) == (400, "after")


CODES = st.sampled_from("abcdef")
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "page"]), CODES, st.text("xyz", min_size=1)), max_size=25
)


@settings(max_examples=12, deadline=None)
@given(STEPS, st.integers(1, 3))
def test_copy_that_follows_page_by_page_is_the_same(tmp_path_factory, steps, limit):
    path = written(str(tmp_path_factory.mktemp("copy") / "c.db"), [])
    client = create_app({"DATABASE": path, "REFRESH_S": 0, "RATE_LIMIT": ""}).test_client()
    copy: dict[str, str] = {}
    start = address = f"/api/v1/changes?since=0&limit={limit}"

    def page(address):
        answer = client.get(address).json
        for one in answer["changes"]:
            copy.pop(one["id"], None)
            if not one["deleted"]:
                copy[one["id"]] = one["station"]["properties"]["name"]
        return answer["next"], f"/api/v1/changes?since={answer['revision']}&limit={limit}"

    with open_store(path) as store:
        for what, code, name in steps:
            if what == "put":
                store.write([(station(code, name=name), None)], at=AT)
            elif what == "remove" and store.stations(ids=[code]):
                store.write(removals=[(code, None)], at=AT)
            else:
                following, start = page(address)
                address = following or start
        while True:
            following, start = page(address)
            if not following:
                break
            address = following
        assert copy == {kept.id: kept.station.name for kept in store.stations()}
