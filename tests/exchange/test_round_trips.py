"""Out and in again: through every format and every datum a station loses nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon
from strategies import codes, places, stations

from locator.datum import Datum
from locator.errors import InvalidValue
from locator.exchange.exporting import export_data
from locator.exchange.importing import import_stations
from locator.exchange.places import import_places
from locator.exchange.writing import FORMATS
from locator.place import PLACES, Area, DemandPoint
from locator.record import place_to_record
from locator.station import Entry, Provenance, Station
from locator.store import open_store
from locator.translation import translator

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
ENDINGS = sorted(set(FORMATS) - {".json"})
CENTIMETRE = 1e-7  # degrees
WRITTEN = {".kml": 1e-12}  # degrees; GDAL writes 15 digits of each


FEW = settings(
    max_examples=6,  # of several each: what takes time is the file
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def there_and_back(batch, path, language="zh", datum=Datum.WGS84):
    """Return the stations that a fresh store has after an export and an import."""
    with open_store(":memory:", create=True) as store, open_store(":memory:", create=True) as other:
        store.write([(station, 0) for station in batch], at=AT)
        export_data(store, path, translator(language), datum=datum)
        report = import_stations(other, path, at=AT, crs=str(datum))
        assert [row.error.text() for row in report.refused] == []
        return {kept.id: kept.station for kept in other.stations()}


def assert_same(before, after, tolerance=0.0):
    differences = after.changes_from(before)
    geometry = differences.pop("geometry", None)
    assert differences == {}, {k: [repr(v) for v in vs] for k, vs in differences.items()}
    if geometry:
        # A ring may be wound the other way; its shape is the same.
        assert shapely.hausdorff_distance(*map(shapely.normalize, geometry)) <= tolerance


@pytest.mark.parametrize("ending", ENDINGS)
@FEW
@given(
    batch=st.lists(codes(), min_size=4, max_size=9, unique=True).flatmap(
        lambda ids: st.tuples(*(stations(ids=st.just(code)) for code in ids))
    ),
    language=st.sampled_from(["zh", "en"]),
)
def test_any_stations_come_back_the_same(tmp_path, ending, batch, language):
    path = tmp_path / f"out{ending}"
    path.unlink(missing_ok=True)
    after = there_and_back(batch, path, language)
    assert after.keys() == {station.id for station in batch}
    for station in batch:
        assert_same(station, after[station.id], WRITTEN.get(ending, 0))


FULL = Station(
    id="430681-0001", name="归义社区工会驿站", geometry=Point(113.0742, 28.8069), category="mini_station",
    address="人民路1号", adcode="430681", community="归义社区", street="人民路", opening_hours="Mo-Fr 08:00-20:00; PH off",
    staffed_hours="Mo-Fr 09:00-17:00", entry=Entry(ways=("face", "open_door"), registration=True, admits="everyone", door="北门"),
    facilities={"microwave": True, "toilet": False}, capacity=12, area_m2=25.5, phone="0730-5222222", note="=1+1",
    provenance=Provenance(source="总工会", original=Point(113.0801, 28.8032), datum="gcj02"),
)  # fmt: skip
YARD = Station(id="b", name="院子", geometry=Polygon([(113, 28), (113.001, 28), (113.001, 28.001), (113, 28)]))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("datum", Datum)
def test_any_datum_comes_back_to_a_centimetre(tmp_path, ending, datum):
    after = there_and_back([FULL, YARD], tmp_path / f"out{ending}", datum=datum)
    assert_same(FULL, after[FULL.id], CENTIMETRE)
    assert_same(YARD, after[YARD.id], 0 if datum is Datum.WGS84 else CENTIMETRE)


def test_empty_store_comes_back_empty(tmp_path):
    for ending in ENDINGS:
        assert there_and_back([], tmp_path / f"empty{ending}") == {}


def several(layer):
    return st.lists(codes(), min_size=2, max_size=5, unique=True).flatmap(
        lambda ids: st.tuples(*(places(layer, st.just(code)) for code in ids))
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("layer", PLACES)
@FEW
@given(data=st.data(), language=st.sampled_from(["zh", "en"]))
def test_any_places_come_back_the_same(tmp_path, ending, layer, data, language):
    batch = data.draw(several(layer))
    path = tmp_path / f"places{ending}"
    with open_store(":memory:", create=True) as store, open_store(":memory:", create=True) as other:
        store.replace_places(layer, [(place_to_record(place), place.geometry) for place in batch], at=AT)
        export_data(store, path, translator(language), layer=layer)
        report = import_places(other, path, layer, at=AT, crs="wgs84")
        assert [row.error.text() for row in report.refused] == []
        after = {place.id: place for place in other.layer(layer)}
    for place in batch:
        again = after[place.id]
        apart = shapely.hausdorff_distance(shapely.normalize(place.geometry), shapely.normalize(again.geometry))
        assert apart <= WRITTEN.get(ending, 0)
        assert replace(again, geometry=place.geometry) == place


@pytest.mark.parametrize("ending", [".xlsx", ".gpkg"])
def test_one_file_has_a_sheet_for_every_layer_that_has_anything(tmp_path, ending):
    area = Area(id="a", name="归义社区", geometry=YARD.geometry, residents=4_200)
    point = DemandPoint(id="d", geometry=FULL.geometry, weights={"outdoor_workers": 12})
    with open_store(":memory:", create=True) as store, open_store(":memory:", create=True) as other:
        store.write([(FULL, 0)], at=AT)
        for layer, place in (("areas", area), ("demand", point)):
            store.replace_places(layer, [(place_to_record(place), place.geometry)], at=AT)
        written = export_data(store, tmp_path / f"all{ending}", translator("zh"))
        assert written.counts == {"stations": 1, "areas": 1, "demand": 1}
        import_stations(other, tmp_path / f"all{ending}", at=AT, crs="wgs84")
        for layer in ("areas", "demand"):  # the sheet that is called so, wherever it stands
            import_places(other, tmp_path / f"all{ending}", layer, at=AT, crs="wgs84")
        assert [kept.station.id for kept in other.stations()] == [FULL.id]
        assert (other.layer("areas"), other.layer("demand")) == ([area], [point])


@pytest.mark.parametrize(("layer", "since", "field"), [("roofs", None, "layer"), ("areas", 3, "layer")])
def test_layer_that_cannot_be_written_is_refused(tmp_path, layer, since, field):
    with open_store(":memory:", create=True) as store, pytest.raises(InvalidValue) as refusal:
        export_data(store, tmp_path / "out.csv", translator("en"), layer=layer, updated_since=since)
    assert refusal.value.field == field
    assert list(tmp_path.iterdir()) == []
