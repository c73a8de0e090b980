"""OWSLib, the client that many Python programs use."""

import pytest

from locator.store import COLLECTIONS

features_of = pytest.importorskip("owslib.ogcapi.features", reason="OWSLib is not installed").Features


@pytest.fixture(scope="module")
def client(server):
    # As people write it: with the slash.
    return features_of(f"{server}/")


def test_everything_is_found_from_the_landing_page(client):
    assert client.feature_collections() == list(COLLECTIONS)
    assert client.api()["openapi"] == "3.0.3"
    assert any(name.endswith("/features-filter") for name in client.conformance()["conformsTo"])
    assert client.collection("streets")["id"] == "streets"
    assert "must_cover" in client.collection_queryables("streets")["properties"]


def test_features_by_page_box_and_equality(client, features):
    page = client.collection_items("stations", limit=3)
    assert [one["id"] for one in page["features"]] == [one.id for one in features("stations")][:3]
    assert page["numberMatched"] == len(features("stations"))
    assert [one["id"] for one in client.collection_items("stations", bbox=[179, -20, 180, 0])["features"]] == [
        "x-4"
    ]
    equal = client.collection_items("stations", limit=100, category="station")["features"]
    assert [one["id"] for one in equal] == [
        one.id for one in features("stations") if one.properties["category"] == "station"
    ]
    assert client.collection_items("stations", datetime="2026-02-28T00:00:00Z/2026-02-28T00:00:00Z", id="x-2")["numberMatched"] == 0  # fmt: skip


def test_filter_in_cql2(client):
    found = client.collection_items("stations", filter="name LIKE 'two%' OR capacity = 0")["features"]
    assert [one["id"] for one in found] == ["x-2", "x-3"]


def test_one_feature(client):
    assert client.collection_item("stations", "x-3")["geometry"]["type"] == "MultiPoint"
