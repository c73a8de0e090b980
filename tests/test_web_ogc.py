"""OGC API - Features: what the standard asks for, and what real clients stumble over."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from shapely import LineString, Point, box

from locator.place import Area, Street
from locator.record import place_to_record
from locator.station import Station
from locator.store import COLLECTIONS, open_store
from locator.store.cql import MAX_LENGTH
from locator.translation import translator
from locator.web import create_app
from locator.web.ogc.values import value_text

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ITEMS = "/ogc/collections/stations/items"
PAGES = [
    "/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/stations",
    "/ogc/collections/stations/queryables", "/ogc/collections/stations/schema",
    "/ogc/collections/stations/geojson-schema", ITEMS, f"{ITEMS}/s00", "/ogc/collections/areas/items",
    "/ogc/collections/streets/items", "/ogc/collections/station-areas/items",
]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("ogc") / "o.db")
    with open_store(path, create=True) as store:
        stations = [
            Station(
                id=f"s{n:02}", name=f"站 {n}", geometry=Point(113 + n / 100, 28), capacity=n,
                category="mobile" if n == 3 else "station", facilities={"toilet": n % 2 == 0, "shower": True},
                valid_from=date(2026, 6, 1) if n == 1 else None, valid_to=date(2026, 6, 30) if n == 2 else None,
            )
            for n in range(25)
        ]  # fmt: skip
        stations.append(Station(id="park", name="<script>alert(1)</script>", geometry=box(113, 28, 113.1, 28.1)))
        stations.append(Station(id="west", name="W", geometry=Point(-179.5, 0)))
        store.write([(one, 0) for one in stations], at=datetime(2026, 11, 20, tzinfo=UTC))
        areas = [Area(id="归义/1", name="归义", geometry=box(113, 28, 113.2, 28.2), residents=5)]
        streets = [Street(id="1", name="人民路", geometry=LineString([(113, 28), (113.1, 28.1)]), must_cover=True)]
        for layer, places in (("areas", areas), ("streets", streets)):
            store.replace_places(
                layer, [(place_to_record(one), one.geometry) for one in places], at=datetime.now(UTC)
            )
    return path


@pytest.fixture(scope="module")
def app(database):
    return create_app({"DATABASE": database, "REFRESH_S": 0})


@pytest.fixture
def client(app):
    return app.test_client()


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


def links(document) -> dict[str, dict[str, str]]:
    return {link["rel"]: link for link in document["links"]}


# -- forms, slashes, headers


@pytest.mark.parametrize("address", PAGES)
def test_both_slash_forms_answer_in_both_forms(client, address):
    for path in (address, address + "/"):
        assert client.get(path, headers={"Accept": "*/*"}).is_json
        assert client.get(path).is_json
        page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert '<html lang="zh">' in page.text
        assert "?f=json" in page.text


@pytest.mark.parametrize("address", PAGES)
def test_form_in_the_address_goes_before_the_header(client, address):
    assert client.get(f"{address}?f=json", headers={"Accept": "text/html"}).is_json
    assert client.get(f"{address}?f=html", headers={"Accept": "application/json"}).mimetype == "text/html"
    assert client.get(address, headers={"Accept": "application/geo+json, application/json"}).is_json


@pytest.mark.parametrize("address", PAGES)
def test_documents_link_to_themselves_and_to_what_answers(client, address):
    document = client.get(address).json
    if "links" in document:
        assert links(document)["self"]["href"] == f"http://localhost{address}"
        for link in document["links"]:
            answer = client.get(link["href"])
            assert answer.status_code == 200
            assert link.get("type", "").split(";")[0] in ("", answer.mimetype)


@pytest.mark.parametrize("address", PAGES)
def test_unchanged_answer_is_not_sent_twice(client, address):
    first = client.get(address)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(address, headers={"Accept-Language": "en"}).headers["ETag"] != tag


def test_other_data_of_the_same_revision_are_not_taken_for_these(tmp_path):
    paths = [tmp_path / "a.db", tmp_path / "b.db"]
    for path, codes in zip(paths, ("a", "bc"), strict=True):
        with open_store(str(path), create=True) as store:
            stations = [Station(id=code, name=code, geometry=Point(1, 1)) for code in codes]
            store.write([(one, 0) for one in stations], at=datetime.now(UTC))
    client = create_app({"DATABASE": str(paths[0]), "REFRESH_S": 0}).test_client()
    before = client.get(ITEMS)
    paths[1].replace(paths[0])
    after = client.get(ITEMS, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert (before.json["numberMatched"], after.json["numberMatched"]) == (1, 2)


def test_tag_changes_with_the_data(tmp_path):
    path = str(tmp_path / "t.db")
    with open_store(path, create=True) as store:
        store.write([(Station(id="a", name="A", geometry=Point(1, 1)), 0)], at=datetime.now(UTC))
    client = create_app({"DATABASE": path, "REFRESH_S": 0}).test_client()
    before = client.get(ITEMS)
    with open_store(path) as store:
        store.write([(Station(id="b", name="B", geometry=Point(2, 2)), 0)], at=datetime.now(UTC))
    after = client.get(ITEMS, headers={"If-None-Match": before.headers["ETag"]})
    assert ids(after) == ["a", "b"]
    assert (before.json["numberMatched"], after.json["numberMatched"]) == (1, 2)
    extent = client.get("/ogc/collections/stations").json["extent"]["spatial"]["bbox"]
    assert extent == [[1, 1, 2, 2]]


@pytest.mark.parametrize("address", [*PAGES, "/ogc/nothing", f"{ITEMS}?limit=x"])
def test_json_is_for_any_site_and_pages_for_none(client, address):
    answer = client.get(address)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Accept", "Accept-Language"} <= set(answer.headers["Vary"].split(", "))
    page = client.get(address, headers={"Accept": "text/html"})
    assert "Access-Control-Allow-Origin" not in page.headers
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_titles_are_in_the_language_asked_for(client):
    assert client.get("/ogc/collections/streets").json["title"] == "街道"
    assert client.get("/ogc/collections/streets?lang=en").json["title"] == "Streets"


def test_pages_write_names_as_text(client):
    for address in ("/ogc/collections/station-areas/items", "/ogc/collections/station-areas/items/park"):
        page = client.get(address, headers={"Accept": "text/html"}).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


# -- documents


def test_landing_page_leads_everywhere(client):
    found = links(client.get("/ogc").json)
    assert found["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert {"self", "alternate", "service-doc", "conformance", "data"} <= found.keys()
    answer = client.get(found["service-desc"]["href"])
    assert answer.content_type == found["service-desc"]["type"]


def test_qgis_finds_the_four_classes_that_it_filters_by(client):
    claimed = client.get("/ogc/conformance").json["conformsTo"]
    for part in ("ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
                 "cql2/1.0/conf/cql2-text", "cql2/1.0/conf/basic-cql2"):  # fmt: skip
        assert f"http://www.opengis.net/spec/{part}" in claimed


def test_collections_tell_where_they_are_and_what_they_have(client):
    listed = client.get("/ogc/collections").json["collections"]
    assert [one["id"] for one in listed] == list(COLLECTIONS)
    for one in listed:
        assert one["itemType"] == "feature"
        assert one["crs"] == [CRS84]
        assert one["extent"]["spatial"]["crs"] == CRS84
        assert one["extent"]["temporal"]["interval"] == [[None, None]]
        rels = [link["rel"] for link in one["links"]]
        assert {"self", "items", "http://www.opengis.net/def/rel/ogc/1.0/queryables"} <= set(rels)
    assert listed[1]["extent"]["spatial"]["bbox"] == [[113, 28, 113.1, 28.1]]


def test_collection_without_features_has_no_extent(tmp_path):
    with open_store(str(tmp_path / "e.db"), create=True):
        pass
    client = create_app({"DATABASE": str(tmp_path / "e.db")}).test_client()
    for one in client.get("/ogc/collections").json["collections"]:
        assert "spatial" not in one["extent"]
        answer = client.get(f"/ogc/collections/{one['id']}/items")
        assert (ids(answer), answer.json["numberMatched"]) == ([], 0)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_one_table_makes_queryables_schema_parameters_and_answers(client, name):
    root = f"/ogc/collections/{name}"
    queryables, schema = client.get(f"{root}/queryables"), client.get(f"{root}/schema")
    assert queryables.mimetype == schema.mimetype == "application/schema+json"
    names = list(COLLECTIONS[name].properties)
    assert list(queryables.json["properties"]) == list(schema.json["properties"]) == [*names, "geometry"]
    assert queryables.json["additionalProperties"] is False
    assert queryables.json["$id"] == f"http://localhost{root}/queryables"
    assert queryables.json["properties"]["geometry"]["format"].startswith("geometry-")
    assert schema.json["properties"]["id"]["x-ogc-role"] == "id"
    document = client.get("/ogc/api").json
    listed = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
    assert [one["name"] for one in listed if "name" in one] == names
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool}
    for feature in client.get(f"{root}/items").json["features"]:
        assert list(feature["properties"]) == names
        for key, value in feature["properties"].items():
            assert value is None or type(value) is kinds[schema.json["properties"][key]["type"]]


def test_openapi_document_is_valid(client):
    document = client.get("/ogc/api").json
    OpenAPIV30SpecValidator(document).validate()
    assert document["openapi"] == "3.0.3"
    assert document["servers"] == [{"url": "http://localhost/ogc"}]


# -- features


def test_feature_has_flat_properties(client):
    answer = client.get(f"{ITEMS}/s02")
    assert answer.mimetype == "application/geo+json"
    feature = answer.json
    assert (feature["type"], feature["id"]) == ("Feature", "s02")
    assert feature["geometry"] == {"type": "Point", "coordinates": [113.02, 28]}
    said = {key: value for key, value in feature["properties"].items() if value is not None}
    assert said == {
        "id": "s02", "name": "站 2", "category": "station", "status": "operating", "facilities": "toilet,shower",
        "toilet": True, "capacity": 2, "valid_to": "2026-06-30", "version": 1, "revision": 1,
        "recorded_at": "2026-11-20T00:00:00+00:00",
    }  # fmt: skip
    assert feature["properties"]["registration"] is None
    assert links(feature)["collection"]["href"] == "http://localhost/ogc/collections/stations"


def test_feature_whose_id_has_a_slash_has_an_address(client):
    (feature,) = client.get("/ogc/collections/areas/items").json["features"]
    assert client.get("/ogc/collections/areas/items/归义/1").json["id"] == feature["id"] == "归义/1"
    page = client.get("/ogc/collections/areas/items", headers={"Accept": "text/html"}).text
    assert "/ogc/collections/areas/items/%E5%BD%92%E4%B9%89/1" in page


def test_pages_follow_each_other_and_miss_nothing(client):
    seen, address, pages = [], f"{ITEMS}?limit=7&lang=en", 0
    while address:
        answer = client.get(address)
        seen += ids(answer)
        assert answer.json["numberMatched"] == 26
        assert answer.json["numberReturned"] == len(answer.json["features"]) <= 7
        assert datetime.fromisoformat(answer.json["timeStamp"]).tzinfo is UTC
        address = links(answer.json).get("next", {}).get("href")
        pages += 1
    assert pages == 4
    assert seen == sorted(set(seen))
    assert len(seen) == 26


def test_next_page_asks_the_same_question(client):
    asked = {"limit": "2", "filter": "recorded_at > TIMESTAMP('2026-11-20T07:00:00+08:00')", "toilet": "true"}
    answer = client.get(ITEMS, query_string=asked)
    following = parse_qs(urlsplit(links(answer.json)["next"]["href"]).query)
    assert following == {name: [value] for name, value in asked.items()} | {"after": ["s02"]}
    assert ids(client.get(links(answer.json)["next"]["href"])) == ["s04", "s06"]


def test_change_between_two_pages_hides_nothing(tmp_path):
    path = str(tmp_path / "p.db")

    def write(*codes: str) -> None:
        with open_store(path, create=True) as store:
            store.write([(Station(id=c, name=c, geometry=Point(1, 1)), 0) for c in codes], at=datetime.now(UTC))

    write("b", "c", "d", "e")
    client = create_app({"DATABASE": path, "REFRESH_S": 0}).test_client()
    first = client.get(f"{ITEMS}?limit=2")
    write("a")
    assert ids(first) + ids(client.get(links(first.json)["next"]["href"])) == ["b", "c", "d", "e"]


def test_limit_above_the_maximum_is_lowered_and_said(client):
    answer = client.get(f"{ITEMS}?limit=1000000").json
    assert (answer["limit"], answer["limit_lowered"]) == (1000, True)
    assert "limit_lowered" not in client.get(f"{ITEMS}?limit=1000").json


@pytest.mark.parametrize(
    ("bbox", "expected"),
    [
        ("113,28,113.02,28", ["s00", "s01", "s02"]),
        ("113,28,-5,113.02,28,99", ["s00", "s01", "s02"]),
        ("113.015,27,113.025,29", ["s02"]),
        ("170,-10,-170,10", ["west"]),
        ("-180,-90,180,90", None),
        ("0,0,1,1", []),
    ],
)
def test_box(client, bbox, expected):
    answer = client.get(ITEMS, query_string={"bbox": bbox, "bbox-crs": CRS84, "crs": CRS84})
    assert ids(answer) == (ids(client.get(ITEMS)) if expected is None else expected)


@pytest.mark.parametrize(
    ("when", "missing"),
    [
        ("2026-06-15T12:00:00Z", set()),
        ("2026-05-31", {"s01"}),
        ("2026-06-01", set()),
        ("2026-05-31T15:59:59Z", {"s01"}),  # a second before midnight in Shanghai
        ("2026-05-31T16:00:00Z", set()),
        ("2026-06-30T23:59:59+08:00", set()),
        ("2026-07-01T00:00:00+08:00", {"s02"}),
        ("2026-07-01/..", {"s02"}),
        ("../2026-05-01", {"s01"}),
        ("/2026-05-01T00:00:00Z", {"s01"}),
        ("../..", set()),
        ("2026-01-01/2026-12-31", set()),
        ("0000-01-01T00:00:00Z/2026-05-01T00:00:00Z", {"s01"}),
        ("0000-01-01T00:00:00Z/..", set()),
        ("2026-07-01T00:00:00Z/9999-12-31T23:59:59Z", {"s02"}),
    ],
)
def test_what_exists_at_some_time(client, when, missing):
    # A plus sign that a client did not encode arrives as a space.
    answers = [client.get(ITEMS, query_string={"datetime": when}), client.get(f"{ITEMS}?datetime={when}")]
    everything = ids(client.get(ITEMS))
    assert [set(everything) - set(ids(answer)) for answer in answers] == [missing, missing]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"name": "站 3"}, ["s03"]),
        ({"category": "mobile"}, ["s03"]),
        ({"capacity": "4"}, ["s04"]),
        ({"capacity": "-84740239757"}, []),
        ({"toilet": "true", "bbox": "113,28,113.03,28"}, ["s00", "s02"]),
        ({"valid_from": "2026-06-01"}, ["s01"]),
        ({"recorded_at": "2026-11-20T08:00:00+08:00", "id": "s05"}, ["s05"]),
        ({"recorded_at": "2026-11-21T08:00:00Z"}, []),
        ({"name": ""}, []),
        ({"filter": "capacity < 2"}, ["s00", "s01"]),
        ({"filter": "capacity < 2", "filter-lang": "cql-text"}, ["s00", "s01"]),
        ({"filter": "capacity < 2", "filter-lang": "cql2-text", "filter-crs": CRS84, "toilet": "false"}, ["s01"]),
        ({"filter": json.dumps({"op": "<", "args": [{"property": "capacity"}, 2]}), "filter-lang": "cql2-json"},
         ["s00", "s01"]),
    ],
)  # fmt: skip
def test_filters(client, asked, expected):
    answer = client.get(ITEMS, query_string=asked)
    assert ids(answer) == expected
    assert answer.json["numberMatched"] == len(expected)


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=²", "limit"),
        ("limit=1&limit=2", "limit"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,4,5", "bbox"),
        ("bbox=1,2,3,x", "bbox"),
        ("bbox=1,2,3,nan", "bbox"),
        ("bbox=1,2,3,inf", "bbox"),
        ("bbox=1,5,3,4", "bbox"),
        ("bbox=", "bbox"),
        ("bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "bbox-crs"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/3857", "crs"),
        ("filter-crs=EPSG:4326", "filter-crs"),
        ("datetime=yesterday", "datetime"),
        ("datetime=", "datetime"),
        ("datetime=..", "datetime"),
        ("datetime=2026-01-01/2025-01-01", "datetime"),
        ("datetime=2026-01-01/2026-02-01/2026-03-01", "datetime"),
        ("datetime=2026-01-01T00:00:00", "datetime"),
        ("datetime=2026-13-01", "datetime"),
        ("filter=colour='red'", "filter"),
        ("filter=" + "(" * 700 + "a=1" + ")" * 700, "filter"),
        ("filter=" + "a" * (MAX_LENGTH + 1), "filter"),
        ("filter=", "filter"),
        ("filter=true&filter-lang=sql", "filter-lang"),
        ('filter={"property": "\\ud800"}&filter-lang=cql2-json', "filter"),
        ("filter-lang=sql", "filter-lang"),
        ("capacity=many", "capacity"),
        ("area_m2=inf", "area_m2"),
        ("toilet=maybe", "toilet"),
        ("category=palace", "category"),
        ("valid_from=2026-02-30", "valid_from"),
        ("recorded_at=2026-11-20", "recorded_at"),
        ("colour=red", "colour"),
        ("offset=10", "offset"),
        ("f=xml", "f"),
        ("lang=fr", "lang"),
    ],
)
def test_refusal_names_the_parameter(client, asked, parameter):
    answer = client.get(f"{ITEMS}?{asked}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    problem = answer.json
    assert (problem["parameter"], problem["status"]) == (parameter, 400)
    assert parameter in problem["detail"]
    page = client.get(f"{ITEMS}?{asked}", headers={"Accept": "text/html"})
    assert page.status_code == 400


@pytest.mark.parametrize("address", [a for a in PAGES if not a.endswith("items")])
def test_unknown_parameter_is_refused_everywhere(client, address):
    answer = client.get(f"{address}?colour=red")
    assert (answer.status_code, answer.json["parameter"]) == (400, "colour")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/ogc/nothing", 404),
        ("get", "/ogc/collections/nothing", 404),
        ("get", "/ogc/collections/nothing/items", 404),
        ("get", "/ogc/collections/demand/items", 404),
        ("get", f"{ITEMS}/nobody", 404),
        ("get", f"{ITEMS}/park", 404),
        ("post", ITEMS, 405),
        ("delete", f"{ITEMS}/s00", 405),
    ],
)
def test_other_errors_are_problems_too(client, method, path, status):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_list_of_codes_is_told_in_words(client):
    page = client.get(f"{ITEMS}/s02?lang=en", headers={"Accept": "text/html"}).text
    assert "<dd>toilet, shower</dd>" in page


def test_filters_of_the_guide_are_answered(client):
    guide = (Path(__file__).parents[1] / "docs" / "guide.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `filter` \|.*: (.*) \|$", guide, re.MULTILINE)
    shown = [*re.findall(r"`([^`]+)`", row), *re.findall(r"`(facilities LIKE [^`]+)`", guide)]
    assert len(shown) == 5
    for text in shown:
        answers = [
            client.get(f"/ogc/collections/{name}/items", query_string={"filter": text}) for name in COLLECTIONS
        ]
        assert 200 in {answer.status_code for answer in answers}, text


def test_interface_as_a_page_explains_every_parameter(client):
    page = client.get("/ogc/api?f=html&lang=en").text
    for name in ("datetime", "filter-lang", "must_cover", "featureId"):
        assert f"<dt><code>{name}</code></dt><dd>" in page
    assert "<dd></dd>" not in page
    assert "<p></p>" not in page


def test_page_of_features_leads_on_and_back(client):
    page = client.get(f"{ITEMS}?limit=5&f=html&lang=en&name=站+1&after=a").text
    assert "1 of 1 features on this page" in page
    assert 'href="http://localhost/ogc/collections/stations/items?' in page
    page = client.get(f"{ITEMS}?limit=5&f=html").text
    assert 'rel="next"' in page


def test_serving_features_loads_no_heavy_part(database):
    import subprocess
    import sys

    code = f"""
import sys
from locator.web import create_app
client = create_app({{"DATABASE": {database!r}}}).test_client()
assert client.get("/ogc/collections/stations/items").status_code == 200
assert "cql2" not in sys.modules
assert client.get("/ogc/collections/stations/items?filter=toilet=true").status_code == 200
print(sorted({{"pandas", "geopandas", "folium", "sqlite_utils"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value", "english", "chinese"),
    [
        ("facilities", "drinking_water,toilet", "drinking water, toilet", "饮用水、卫生间"),
        ("facilities_absent", "haircut", "haircut", "理发"),
        ("ways_in", "qr_code,id_card", "door QR code, ID card", "门口扫码、刷身份证"),
        ("ways_in", "made_up", "made_up", "made_up"),
        ("source", "illustrative", "illustrative data", "示意数据"),
        ("source", "a, list", "a, list", "a, list"),
        ("registration", True, "yes", "是"),
        ("area_m2", 22.0, "22", "22"),
        ("capacity", None, "–", "–"),
        ("recorded_at", "2026-11-25T20:44:20.135196+00:00", "2026-11-26 04:44", "2026-11-26 04:44"),
    ],
)
def test_values_are_told_to_people_in_words(name, value, english, chinese):
    column = COLLECTIONS["stations"].properties[name]
    assert value_text(column, value, translator("en"), "Asia/Shanghai") == english
    assert value_text(column, value, translator("zh"), "Asia/Shanghai") == chinese
