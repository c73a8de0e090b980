"""Pages that say what went wrong: to people in sentences, under the town's own name."""

import re
from datetime import UTC, datetime

import pytest
from shapely import Point

from locator.errors import Conflict, NotFound, QueryError
from locator.station import Station
from locator.store import open_store
from locator.translation import translator
from locator.web import create_app
from locator.web.problems import sentences

NAMES = {"zh": "某城", "en": "Someplace"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("problems") / "p.db")
    with open_store(path, create=True) as store:
        store.write([(Station(id="a", name="甲", geometry=Point(113.07, 28.8)), 0)], at=datetime.now(UTC))
        store.set_meta({"name": NAMES, "illustrative": True}, at=datetime.now(UTC))
    return create_app({"DATABASE": path}).test_client()


def said(answer) -> str:
    main = answer.text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).strip()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["/s/nope", "/stations/nope", "/nothing", "/poster/nope", "/ogc/collections/no?f=html"]
)
def test_what_is_not_there_is_said_under_the_name_of_the_town(client, path, lang):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 404
    assert f'<span class="brand-place">{NAMES[lang]}</span>' in answer.text
    assert 'class="notice"' in answer.text
    assert 'href="/"' in answer.text.partition("<main")[2]
    assert 'href="/map"' in answer.text.partition("<main")[2]


@pytest.mark.parametrize("path", ["/s/nope", "/stations/nope", "/nothing", "/poster/nope"])
def test_sentences_are_those_of_the_language(client, path):
    chinese = said(client.get(f"{path}?lang=zh"))
    assert not re.search(r"[;:'\"]|\bid\b|\bcode\b", chinese)
    assert "。" in chinese
    english = said(client.get(f"{path}?lang=en"))
    assert not re.search(r"[。；：]|\bid\b", english)


def test_code_that_leads_nowhere_is_told_to_whoever_passes_by(client):
    assert said(client.get("/s/nope?lang=zh")).startswith("这个编码没有对应的驿站 编码可能输错了")
    assert "nope" not in said(client.get("/s/nope?lang=en"))


def test_programs_are_told_the_field(client):
    problem = client.get("/api/v1/stations/nope").json
    assert (problem["status"], problem["parameter"]) == (404, "id")
    assert problem["detail"].startswith("id ")


def test_a_broken_database_is_said_without_asking_it(client, tmp_path, monkeypatch):
    from locator.web.data import Data

    monkeypatch.setattr(Data, "about", lambda _: (_ for _ in ()).throw(AssertionError("asked")))
    monkeypatch.setattr(Data, "version", lambda _: (_ for _ in ()).throw(_broken()))
    assert client.get("/").status_code == 503


def _broken():
    from locator.errors import StoreError

    return StoreError("cannot be read", field="database")


@pytest.mark.parametrize(
    ("error", "names_field", "english", "chinese"),
    [
        (
            NotFound("there is no such station", field="id", value="x", mend="look its code up in the list"), False,
            "There is no such station: “x”. Look its code up in the list.", "没有这个站点：“x”。请在列表中查编码。",
        ),
        (
            NotFound("there is no such station", field="station", value="x"), True,
            "station “x”: there is no such station.", "station “x”：没有这个站点。",
        ),
        (QueryError("is missing", field="url"), False, "url: is missing.", "url：缺失。"),
        (Conflict("That did not work"), True, "That did not work.", "没有成功。"),
    ],
)  # fmt: skip
def test_error_becomes_sentences(error, names_field, english, chinese):
    assert sentences(error, translator("en"), names_field=names_field) == english
    found = sentences(error, translator("zh"), names_field=names_field)
    assert found.endswith("。")
    assert "；" not in found
    assert found == chinese
