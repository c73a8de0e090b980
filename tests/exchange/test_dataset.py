"""A folder of layers: everything is read and checked before the first of it is written."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from locator.assets import asset_folder
from locator.errors import LocatorError
from locator.exchange.dataset import load_dataset
from locator.store import open_store

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
MILUO = asset_folder("geodata") / "miluo"


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the small layers: stations, areas, candidates and water."""
    copy = tmp_path / "town"
    copy.mkdir()
    for name in ("stations", "communities", "candidates", "water"):
        shutil.copy(MILUO / f"{name}.geojson", copy)
    describe(copy)
    return copy


def describe(folder, layers=None):
    described = {
        "timezone": "Asia/Shanghai",
        "layers": {
            "stations": "stations.geojson",
            "areas": "communities.geojson",
            "candidates": "candidates.geojson",
        }
        | {"water": "water.geojson"}
        | (layers or {}),
    }
    (folder / "dataset.json").write_text(json.dumps(described), encoding="utf-8")


def mend(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document["features"])
    path.write_text(json.dumps(document), encoding="utf-8")


def assert_nothing_written(store):
    assert (store.count(), store.revision, store.meta()) == (0, 0, {})
    assert store.areas() == []


def test_miluo_loads_and_a_second_time_changes_nothing(store):
    report = load_dataset(store, MILUO, at=AT)
    assert (report.counts["added"], report.written) == (32, True)
    assert (store.count(), len(store.areas())) == (32, 22)
    assert {street.name for street in store.streets()} >= {"人民路"}
    assert len(store.places("demand")) > 500
    assert len(store.places("candidates")) == 30
    kinds = {record["kind"] for record, _ in store.places("background")}
    assert kinds == {"water", "railway", "boundary"}
    meta = store.meta()
    assert (meta["timezone"], meta["country"], meta["illustrative"]) == ("Asia/Shanghai", "CN", True)
    revision = store.revision
    again = load_dataset(store, MILUO, at=AT)
    assert again.counts["unchanged"] == 32
    assert store.revision == revision


@pytest.mark.parametrize(
    "name", ["../elsewhere.geojson", "/etc/hostname", "none.geojson", "", ".", "a\0b", 5, None, ["x"]]
)
def test_layer_outside_the_folder_or_missing_is_refused(store, folder, name):
    shutil.copy(MILUO / "water.geojson", folder.parent / "elsewhere.geojson")
    describe(folder, {"areas": name})
    with pytest.raises(LocatorError):
        load_dataset(store, folder, at=AT)
    assert_nothing_written(store)


def test_link_out_of_the_folder_is_refused(store, folder):
    (folder / "communities.geojson").unlink()
    (folder / "communities.geojson").symlink_to(MILUO / "communities.geojson")
    with pytest.raises(LocatorError):
        load_dataset(store, folder, at=AT)
    assert_nothing_written(store)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("stations", lambda f: f[1].update(geometry=None)),
        ("stations", lambda f: f[1]["properties"].update(category="castle")),
        ("communities", lambda f: f[1].update(geometry={"type": "Point", "coordinates": [113, 28]})),
        ("communities", lambda f: f[1]["properties"].update(name="")),
        ("communities", lambda f: f[1]["properties"].update(id=f[0]["properties"]["id"])),
        ("candidates", lambda f: f[1]["properties"].update(name="\ud800")),
        ("candidates", lambda f: f[1].update(geometry={"type": "Point", "coordinates": [28, 113]})),
        ("water", lambda f: f[0].update(geometry=None)),
        ("water", lambda f: f.append("x")),
    ],
)
def test_broken_layer_keeps_everything_out(store, folder, file, change):
    mend(folder / f"{file}.geojson", change)
    with pytest.raises(LocatorError) as caught:
        load_dataset(store, folder, at=AT)
    assert "\n" not in str(caught.value)
    assert_nothing_written(store)


@pytest.mark.parametrize(
    "members",
    [{"timezone": "Mars/Olympus"}, {"timezone": 8}, {"layers": {}}, {"layers": []}, {"layers": {"stations": 1}}],
)
def test_description_that_cannot_be_right_is_refused(store, folder, members):
    described = json.loads((folder / "dataset.json").read_text(encoding="utf-8")) | members
    (folder / "dataset.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(LocatorError):
        load_dataset(store, folder, at=AT)
    assert_nothing_written(store)


def test_unknown_layer_is_refused(store, folder):
    describe(folder, {"castles": "water.geojson"})
    with pytest.raises(LocatorError, match="castles"):
        load_dataset(store, folder, at=AT)
    assert_nothing_written(store)


@pytest.mark.parametrize("content", ["", "[", "[]", "null", "[" * 100_000, b"\xff"])
def test_description_that_is_none_is_refused(store, folder, content):
    (folder / "dataset.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(LocatorError, match=r"dataset\.json"):
        load_dataset(store, folder, at=AT)
    assert_nothing_written(store)
