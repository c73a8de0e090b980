"""The OpenAPI document says what is answered: schemathesis asks everything that it allows, and some more."""

import json
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from web_town import small_town, written

from locator.translation import LANGUAGES
from locator.web import create_app
from locator.web.endpoints import ENDPOINTS
from locator.web.params import LANG

# Left out: the checks that every allowed value is accepted and every other refused. Days of 1900 are days too,
# and we take more than we promise: `yes` for true, what is empty for what is not given.
CHECKS = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    path = written(str(tmp_path_factory.mktemp("openapi") / "o.db"), small_town())
    return create_app({"DATABASE": path, "RATE_LIMIT": ""})


@pytest.fixture(scope="module")
def described(app):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


OPERATIONS = [(one.path, method) for one in ENDPOINTS for method in ("GET", *(["POST"] if one.post else []))]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_answers_are_as_described(described, path, method, mode):
    operation = described[path][method]

    @settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    ask()


GOOD = [
    ("/nearest?lon=113.07&lat=28.8", "NearestCollection"),
    (
        "/nearest?lon=113.07&lat=28.8&usable_only=false&limit=99&mode=there&at=2026-11-20T12:00",
        "NearestCollection",
    ),
    ("/stations?limit=3", "StationCollection"),
    ("/stations", "StationCollection"),
    ("/stations/a", "Station"),
    ("/stations/a/hours", "Week"),
    ("/stations/b/hours?from=2026-11-20", "Week"),
    ("/changes?since=0", "Changes"),
    ("/snapshot", "Snapshot"),
    ("/facilities", "Facilities"),
    ("/areas", "AreaCollection"),
]


@pytest.mark.parametrize(("path", "name"), GOOD)
def test_good_answer_has_its_schema(app, described, path, name):
    answer = app.test_client().get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    template = re.sub(r"/stations/\w+", "/stations/{id}", path.split("?")[0])
    operation = described[template]["GET"]
    operation.validate_response(answer)
    responses = operation.definition.raw["responses"]["200"]["content"]
    assert [content["schema"]["$ref"] for content in responses.values()] == [f"#/components/schemas/{name}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_document_is_in_the_readers_language(app, language):
    answer = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": language})
    document = answer.json
    assert document["openapi"] == "3.0.3"
    assert {"Accept-Language", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))
    chinese = re.search("[\u4e00-\u9fff]", json.dumps(document["paths"], ensure_ascii=False))
    assert bool(chinese) == (language == "zh")


def test_document_describes_just_what_is_answered(app):
    routes = {
        re.sub("<code>", "{id}", str(rule)).removeprefix("/api/v1")
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/") and not str(rule).endswith(("/docs", "/openapi.json"))
    }
    assert {endpoint.path for endpoint in ENDPOINTS} == routes
    document = app.test_client().get("/api/v1/openapi.json").json
    for endpoint in ENDPOINTS:
        operation = document["paths"][endpoint.path]["get"]
        names = [p.name for p in (*endpoint.in_path, *endpoint.parameters, LANG)]
        assert [p["name"] for p in operation["parameters"]] == names


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/docs"])
def test_page_for_people_loads_nothing_from_elsewhere(app, path):
    client = app.test_client()
    page = client.get(path, headers={"Accept-Language": "en"})
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for endpoint in ENDPOINTS:
        assert f"/api/v1{endpoint.path}" in page.text
    for name in re.findall(r'href="#([\w-]+)"', page.text):
        assert f'id="{name}"' in page.text
    assert "椭球面" in client.get(path, headers={"Accept-Language": "zh"}).text


def test_commands_on_the_page_are_answered(app):
    client = app.test_client()
    page = client.get("/api/v1/docs").text
    addresses = re.findall(r"curl &#39;http://localhost(/api/v1[^&]*(?:&amp;[^&]*)*)&#39;", page)
    assert len(addresses) == len(ENDPOINTS)
    for address in addresses:
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.status_code in (200, 404), (address, answer.text)
