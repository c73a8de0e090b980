"""The editor of scenarios: plain forms that work without a script, nobody else's pages, nobody's change lost."""

import html
import time
from datetime import UTC, datetime

import paper_town as town
import pytest
from test_web_planner import HOSTILE, awaited
from web_town import station

from locator.place import CandidateSite
from locator.record import place_to_record
from locator.store import open_store
from locator.web import create_app

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    path = str(tmp_path / "paper.db")
    sites = [
        CandidateSite(
            id="k1", name=HOSTILE, geometry=town.place(1000, 200), opening_hours="24/7", cost_cny_year=300
        )
    ]
    layers = {
        "areas": town.AREAS,
        "streets": town.LINES,
        "candidates": sites,
        "demand": town.study().demand_points,
    }
    with open_store(path, create=True) as store:
        store.write([(one, 0) for one in town.STATIONS], at=AT)
        store.write([(station("H", 113.07, 28.8, name=HOSTILE, opening_hours="24/7"), 0)], at=AT)
        for layer, places in layers.items():
            store.replace_places(layer, [(place_to_record(one), one.geometry) for one in places], at=AT)
        store.put_scenario("two", [], revision=store.revision, at=AT, note=HOSTILE)
    return path


@pytest.fixture
def client(database, tmp_path):
    return served(database, tmp_path)


def served(database, tmp_path, **settings):
    settings.setdefault("EDIT_SCENARIOS", 1)
    return create_app({"DATABASE": database, "REPORTS": str(tmp_path / "reports"), **settings}).test_client()


def sent(client, scenario="two", /, **form):
    return client.post(f"/planner/scenarios/{scenario}?lang=en", data=form)


def test_openings_become_planned_stations_all_or_none(client, database, tmp_path):
    sent(client, change="open", site="k1")
    sent(client, change="close", station="B")
    page = client.get("/planner/scenarios/two?lang=en").text
    assert "Turn into planned stations" in page
    with open_store(database) as store:
        before = store.revision
    answer = sent(client, change="stations", version=3)
    assert answer.status_code == 303
    with open_store(database) as store:
        assert store.station("k1").station.status == "planned"
        assert store.station("B").station.status == "operating"
        assert store.revision == before + 1
    told = client.get(answer.location).text
    assert f"locator undo {before + 1}" in html.unescape(told)
    assert "1 changes of stations that are there are not written" in told
    # Once is enough, and who looked at another version is told so.
    assert "Nothing new" in client.get(sent(client, change="stations").location).text
    assert sent(client, change="stations", version=1).status_code == 409
    with open_store(database) as store:
        assert store.revision == before + 1


def test_planned_stations_are_guarded_like_other_changes(database, tmp_path):
    closed = served(database, tmp_path, EDIT_SCENARIOS=0)
    assert sent(closed, change="stations").status_code == 403
    open_ = served(database, tmp_path)
    foreign = open_.post(
        "/planner/scenarios/two", data={"change": "stations"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403


SEARCH = {"name": "best", "model": "mclp", "p": "1", "within": "300m", "weight": "residents"}


def searched(client, **form):
    return client.post("/planner/searches?lang=en", data=SEARCH | form)


def ended(client, address, seconds=60):
    """Return what a search comes to: the page that it leads to, or that of its end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = client.get(address)
        if b"<progress" not in answer.data:
            return answer
        time.sleep(0.1)
    raise AssertionError("no end")


def test_sites_are_looked_for_beside_the_requests_and_become_a_scenario(client, database):
    assert "Look for sites" in client.get("/planner/scenarios?lang=en").text
    begun = searched(client)
    assert begun.status_code == 303
    answer = ended(client, begun.location)
    assert (answer.status_code, answer.location) == (303, "/planner/scenarios/best?lang=en")
    assert [(one["kind"], one["site"]) for one in kept(database, "best")] == [("open", "k1")]
    with open_store(database) as store:
        found = store.scenario("best")
    assert found.note == "locator site mclp --weight residents --within 300m -p 1"
    assert found.question == {"weight": "residents", "within": "300m", "model": "mclp", "p": "1"}
    page = client.get(answer.location).text
    assert "<code>locator site mclp" in page


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"p": ""}, 400, "the budget"),
        ({"p": "two"}, 400, "is not a number from 0 up"),
        ({"p": "1.5"}, 400, "is not a whole number"),
        ({"budget": "nan"}, 400, "is not a number from 0 up"),
        ({"model": "magic"}, 400, "is not one of"),
        ({"within": "near"}, 400, "within"),
        ({"name": "a b"}, 400, "cannot be a name"),
        ({"name": "two"}, 409, "is the name of another scenario"),
    ],
)
def test_search_that_cannot_be_is_refused_at_once(client, form, status, said):
    answer = searched(client, **form)
    assert said in html.unescape(answer.text)
    assert answer.status_code == status


def test_search_that_finds_nothing_says_why(client, database):
    with open_store(database) as store:
        store.replace_places("candidates", [], at=AT)
    assert "Look for sites" not in client.get("/planner/scenarios?lang=en").text
    answer = ended(client, searched(client).location)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "candidate" in answer.text
    with open_store(database) as store:
        assert [one.name for one in store.scenarios()] == ["two"]


def test_searches_are_guarded_like_changes(database, tmp_path):
    closed = served(database, tmp_path, EDIT_SCENARIOS=0)
    assert searched(closed).status_code == 403
    assert "Look for sites" not in closed.get("/planner/scenarios?lang=en").text
    open_ = served(database, tmp_path)
    foreign = open_.post("/planner/searches", data=SEARCH, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert open_.get("/planner/searches/00000000-0000-4000-8000-000000000000").status_code == 404
    assert open_.get("/planner/searches/..%2f..").status_code == 404


def kept(database, name="two"):
    with open_store(database) as store:
        return [dict(one) for one in store.scenario(name).edits]


def test_scenario_is_made_and_changed_by_forms_alone(client, database):
    made = client.post("/planner/scenarios?lang=en", data={"name": "one", "note": "for 2027"})
    assert made.status_code == 303
    spot = town.place(400, 0)
    forms = (
        {
            "change": "open",
            "lon": spot.x,
            "lat": spot.y,
            "name": "新站",
            "hours": "24/7",
            "has": ["toilet"],
            "cost": "2000",
        },
        {"change": "open", "site": "k1"},
        {"change": "close", "station": "B", "cost": "-500"},
        {"change": "hours", "station": "C", "hours": "Mo-Su 08:00-20:00"},
        {"change": "move", "station": "C", "lon": spot.x, "lat": spot.y},
        {
            "change": "facilities",
            "station": "A",
            "has_toilet": "no",
            "has_microwave": "yes",
            "has_heating": "same",
        },
    )
    for form in forms:
        assert sent(client, "one", **form).status_code == 303
    edits = kept(database, "one")
    assert [one["kind"] for one in edits] == ["open", "open", "close", "hours", "move", "facilities"]
    assert edits[0]["station"]["facilities"] == {"toilet": "yes"}
    assert (edits[1]["site"], edits[1]["cost_cny_year"]) == ("k1", 300)
    assert edits[5]["facilities"] == {"toilet": "no", "microwave": "yes"}
    page = client.get("/planner/scenarios/one?lang=en").text
    assert "新站" in page
    assert "-500 CNY a year" in page
    assert sent(client, "one", change="drop", number="1").status_code == 303
    assert len(kept(database, "one")) == 5
    assert sent(client, "one", change="note", note="other").status_code == 303
    assert "other" in client.get("/planner/scenarios?lang=en").text
    assert sent(client, "one", change="delete").status_code == 303
    assert client.get("/planner/scenarios/one").status_code == 404
    with open_store(database) as store:
        assert store.station("B").station.status == "operating"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"change": "close", "station": "Z"}, 404),
        ({"change": "hours", "station": "A", "hours": "noon"}, 400),
        ({"change": "move", "station": "A", "lon": "nan", "lat": "1"}, 400),
        ({"change": "move", "station": "A", "lon": "1", "lat": "95"}, 400),
        ({"change": "open"}, 400),
        ({"change": "open", "lon": "1", "lat": "1", "has": "sauna"}, 400),
        ({"change": "drop", "number": "9"}, 400),
        ({"change": "drop", "number": "inf"}, 400),
        ({"change": "burn", "station": "A"}, 400),
        ({"change": "note", "note": "x" * 501}, 400),
        ({"change": "close", "station": "A", "version": "7"}, 409),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(client, database, form, status):
    assert sent(client, **form).status_code == status
    assert kept(database) == []


def test_older_page_does_not_overwrite_a_newer_change(client, database):
    assert sent(client, change="close", station="A", version="1").status_code == 303
    assert sent(client, change="close", station="B", version="1").status_code == 409
    assert [one["id"] for one in kept(database)] == ["A"]


def test_pages_of_other_sites_change_nothing(client, database):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for address in ("/planner/scenarios", "/planner/scenarios/two"):
            answer = client.post(address, data={"name": "evil", "change": "delete"}, headers=headers)
            assert answer.status_code == 403
    assert kept(database) == []


def test_nobody_changes_anything_where_it_is_not_switched_on(database, tmp_path):
    client = served(database, tmp_path, EDIT_SCENARIOS=0)
    assert sent(client, change="close", station="A").status_code == 403
    assert client.post("/planner/scenarios", data={"name": "one"}).status_code == 403
    page = client.get("/planner/scenarios/two?lang=en").text
    assert "<button" not in page
    assert "EDIT_SCENARIOS" in page


def test_hostile_names_stay_text(client):
    page = client.get("/planner/scenarios/two?lang=en").text
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in page
    assert "alert(2)" in page


def test_changed_station_is_said_and_the_scenario_renewed(client, database):
    sent(client, change="hours", station="A", hours="Mo 08:00-10:00")
    with open_store(database) as store:
        before = store.station("A")
        store.write([(town.Station(id="A", name="改名", geometry=before.geometry), before.version)], at=AT)
    later = client.application
    later.extensions["locator"]._refresh_s = 0
    page = client.get("/planner/scenarios/two?lang=en").text
    assert "has changed since the scenario was made" in page
    assert sent(client, change="renew").status_code == 303
    assert "has changed since" not in client.get("/planner/scenarios/two?lang=en").text


def test_comparison_is_worked_out_beside_the_requests(client, database):
    spot = town.place(150, -300)
    sent(client, change="open", lon=spot.x, lat=spot.y, name=HOSTILE, hours="24/7", cost="2500")
    address = "/planner/case?scenario=two&on=2026-11-25&within=500m&straight=1&lang=en"
    page = awaited(client, address)
    assert 'class="report report-case"' in page.text
    assert "gain a station within 500 m" in page.text
    assert "<script" not in page.text
    nonce = page.headers["Content-Security-Policy"].split("style-src 'self' 'nonce-")[1].split("'")[0]
    assert f'<style nonce="{nonce}">' in page.text
    # Another version of the scenario is another question.
    sent(client, change="close", station="B")
    assert "data-progress" in client.get(address).text


def test_coverage_of_a_scenario_says_so(client):
    sent(client, change="close", station="A")
    page = awaited(client, "/planner?scenario=two&on=2026-11-25&within=500m&lang=en")
    assert "SCENARIO two" in page.text
    assert client.get("/planner?scenario=none").status_code == 404


# -- two scenarios side by side


def test_two_scenarios_are_compared_in_a_browser(database, tmp_path):
    """The first opens k1 (which costs 300) and closes B; the second opens a station at p4 (50 CNY)."""
    client = served(database, tmp_path)
    sent(client, change="open", site="k1")
    sent(client, change="close", station="B")
    spot = town.place(1000, 200)
    client.post("/planner/scenarios?lang=en", data={"name": "four"})
    sent(client, "four", change="open", lon=spot.x, lat=spot.y, name=HOSTILE, hours="24/7", cost="50")
    listed = client.get("/planner/scenarios?lang=en").text
    assert 'name="beside"' in listed
    assert "<option>four</option>" in listed
    address = "/planner/compare?beside=two&scenario=four&on=2026-11-25&within=500m&straight=1&lang=en"
    page = awaited(client, address)
    assert page.status_code == 200
    for heading in ("Who gains and who loses", "What it costs", "What two changes", "What four changes"):
        assert heading in page.text
    assert page.text.count("<svg") >= 3  # the difference, and both sides
    assert "<script>alert" not in page.text
    assert "STRAIGHT LINES" in page.text.split('id="maps"')[0]
    assert "It saves 250 CNY a year." in page.text
    assert "-250" in page.text.replace("−", "-")  # 50 CNY less 300
    swapped = awaited(client, address.replace("beside=two&scenario=four", "beside=four&scenario=two"))
    assert "From four to two" in swapped.text


def test_comparison_is_made_anew_when_either_scenario_changes(database, tmp_path):
    client = served(database, tmp_path)
    client.post("/planner/scenarios?lang=en", data={"name": "four"})
    address = "/planner/compare?beside=four&scenario=two&on=2026-11-25&within=500m&straight=1&lang=en"
    assert "Station that is new" not in awaited(client, address).text
    spot = town.place(1000, 200)
    made = sent(client, "four", change="open", lon=spot.x, lat=spot.y, name="Station that is new", hours="24/7")
    assert made.status_code == 303, made.text
    assert "Station that is new" in awaited(client, address).text


@pytest.mark.parametrize(
    ("arguments", "goes_to"),
    [
        ("scenario=two", "/planner/case"),
        ("scenario=two&beside=two", "/planner/case"),
        ("beside=two", "/planner"),
    ],
)
def test_comparison_of_one_scenario_is_that_with_the_present(client, arguments, goes_to):
    answer = client.get(f"/planner/compare?{arguments}&on=2026-11-25&straight=1&lang=en")
    assert answer.status_code == 302
    assert answer.headers["Location"].split("?")[0] == goes_to


def test_comparison_with_an_unknown_scenario_is_refused(client):
    assert client.get("/planner/compare?scenario=two&beside=nothing&lang=en").status_code == 404


def test_links_of_a_scenario_measure_by_what_it_was_found_for(database, tmp_path):
    with open_store(database) as store:
        store.put_scenario("best", [], revision=store.revision, at=AT,
                           question={"weight": "residents", "within": "500m", "between": "22-6", "model": "mclp"})  # fmt: skip
    page = served(database, tmp_path).get("/planner/scenarios/best?lang=en").text
    assert "scenario=best&amp;lang=en&amp;weight=residents&amp;within=500m&#34;" in page.replace('"', "&#34;")
