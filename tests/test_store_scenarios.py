"""Scenarios in the store: kept beside the data, never another's change lost, planned stations to be undone."""

from datetime import UTC, datetime

import pytest

from locator.errors import Conflict, NotFound
from locator.store import open_store

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
EDITS = [{"kind": "close", "id": "a", "seen": ""}]


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as store:
        yield store


def test_scenarios_are_kept_by_name_and_make_no_revision(store):
    assert store.put_scenario("b", EDITS, revision=0, at=AT, note="why") == 1
    store.put_scenario("a", [], revision=0, at=AT)
    assert [one.name for one in store.scenarios()] == ["a", "b"]
    kept = store.scenario("b")
    assert (list(kept.edits), kept.note, kept.version, kept.created_at) == (EDITS, "why", 1, AT)
    assert (store.revision, store.stamp()) == (0, "")


def test_two_who_change_one_scenario_do_not_overwrite_each_other(store):
    store.put_scenario("a", [], revision=0, at=AT)
    assert store.put_scenario("a", EDITS, revision=0, at=AT, expected=1) == 2
    with pytest.raises(Conflict):
        store.put_scenario("a", [], revision=0, at=AT, expected=1)
    with pytest.raises(Conflict):
        store.put_scenario("a", [], revision=0, at=AT)
    with pytest.raises(Conflict):
        store.remove_scenario("a", expected=1)
    assert list(store.scenario("a").edits) == EDITS


def test_scenarios_that_are_not_there(store):
    for ask in (store.scenario, store.remove_scenario):
        with pytest.raises(NotFound):
            ask("none")
    with pytest.raises(NotFound):
        store.put_scenario("none", [], revision=0, at=AT, expected=3)


def test_scenarios_can_be_deleted_and_made_again(store):
    store.put_scenario("a", EDITS, revision=0, at=AT)
    store.remove_scenario("a")
    assert store.scenarios() == []
    assert store.put_scenario("a", [], revision=0, at=AT) == 1


def test_question_of_a_scenario_stays_until_another_is_given(store):
    store.put_scenario("a", [], revision=0, at=AT, question={"within": "500m"})
    store.put_scenario("a", EDITS, revision=0, at=AT, expected=1)
    assert store.scenario("a").question == {"within": "500m"}
    store.put_scenario("a", EDITS, revision=0, at=AT, question={}, expected=2)
    assert store.scenario("a").question == {}
