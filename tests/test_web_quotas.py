"""Who asks too often waits; a key lets one ask more; and only as many proxies as are named are believed."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from web_town import AT, small_town, written

from locator.errors import Unauthorized
from locator.store import Key, digest, new_key, open_store
from locator.web import create_app
from locator.web.quotas import Quotas, key_of

KEY, GONE = "loc_" + "k" * 43, "loc_" + "g" * 43


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = written(str(tmp_path_factory.mktemp("quotas") / "q.db"), small_town())
    with open_store(path) as store:
        store.add_key("riders", hashed=digest(KEY), quota="5 per minute", at=AT)
        store.add_key("gone", hashed=digest(GONE), quota="5 per minute", at=AT)
        store.revoke_key("gone", at=AT)
    return path


@pytest.fixture
def client(database):
    return create_app({"DATABASE": database, "RATE_LIMIT": "2 per minute", "REFRESH_S": 0}).test_client()


def statuses(client, times, path="/api/v1/facilities", **options):
    return [client.get(path, **options).status_code for _ in range(times)]


def test_one_too_many_is_told_how_long_to_wait(client):
    assert statuses(client, 2) == [200, 200]
    answer = client.get("/api/v1/nearest?lon=1&lat=2")
    assert (answer.status_code, answer.mimetype, answer.json["status"]) == (429, "application/problem+json", 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_pages_probes_and_preflights_are_not_counted(client):
    for path in ("/", "/healthz", "/readyz"):
        assert statuses(client, 3, path) == [200] * 3
    for _ in range(4):
        assert client.options("/api/v1/nearest").status_code == 200
    assert statuses(client, 3) == [200, 200, 429]


def test_gis_programs_are_counted_too(client):
    assert statuses(client, 3, "/ogc/collections") == [200, 200, 429]
    answer = client.get("/ogc/collections", headers={"Accept": "*/*"})
    assert answer.mimetype == "application/problem+json"
    assert "Retry-After" in answer.headers


def test_each_client_has_its_own(client):
    assert statuses(client, 3, environ_base={"REMOTE_ADDR": "10.0.0.1"}) == [200, 200, 429]
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "10.0.0.2"}) == [200]


def test_addresses_of_one_ipv6_network_are_one_client(client):
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3%eth0"):
        client.get("/api/v1/facilities", environ_base={"REMOTE_ADDR": address})
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "2001:db8::4"}) == [429]
    assert statuses(client, 1, environ_base={"REMOTE_ADDR": "2001:db8:1::4"}) == [200]
    assert statuses(client, 3, environ_base={"REMOTE_ADDR": "::ffff:10.0.0.9"}) == [200, 200, 429]


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}])
def test_key_raises_the_quota_for_all_who_show_it(client, headers):
    assert statuses(client, 3, headers=headers) == [200] * 3
    assert statuses(client, 3, headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.3"}) == [200, 200, 429]


@pytest.mark.parametrize("key", [GONE, "loc_x", "", "é", "x" * 10_000])
def test_key_that_opens_nothing_is_refused_and_counted(client, key):
    answer = client.get("/api/v1/facilities", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert key not in answer.text or not key
    assert statuses(client, 2, headers={"Authorization": f"Bearer {key}"}) == [401, 429]


def test_key_is_good_as_soon_as_it_is_made(client, database):
    key = new_key()
    assert client.get("/api/v1/facilities", headers={"X-API-Key": key}).status_code == 401
    with open_store(database) as store:
        store.add_key(key[-8:], hashed=digest(key), quota="9 per day", at=AT)
    assert client.get("/api/v1/facilities", headers={"X-API-Key": key}).status_code == 200


def test_no_limit_is_no_limit(database):
    client = create_app({"DATABASE": database, "RATE_LIMIT": ""}).test_client()
    assert set(statuses(client, 700)) == {200}


def test_counting_needs_no_request():
    quotas = Quotas("1 per minute", list, refresh_s=0)
    assert quotas.check("a", None) is None
    assert 1 <= quotas.check("a", None) <= 60
    with pytest.raises(Unauthorized):
        quotas.check("b", "loc_unknown")
    assert quotas.check("b", None) >= 1


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (0, [200, 200, 429]),  # what anybody claims to be is not believed
        (1, [200, 200, 200]),
    ],
)
def test_only_proxies_that_are_named_are_believed(database, proxies, expected):
    settings = {"DATABASE": database, "RATE_LIMIT": "2 per minute", "TRUSTED_PROXIES": proxies}
    client = create_app(settings).test_client()
    found = [
        client.get("/api/v1/facilities", headers={"X-Forwarded-For": f"9.9.9.9, 10.0.0.{n}"}).status_code
        for n in range(3)
    ]
    assert found == expected
    forged = {"X-Forwarded-For": "10.1.1.1", "X-Forwarded-Host": "evil.example"}
    assert "evil" not in client.get("/api/v1/docs", headers=forged).text


def test_keys_in_headers():
    assert key_of("Bearer abc", None) == "abc"
    assert key_of("bearer  abc ", "other") == "abc"
    assert key_of("Basic abc", "other") == "other"
    assert key_of(None, None) is None
    assert key_of("", "") is None


def test_key_is_good_while_the_keys_are_still_being_read():
    def slowly():
        time.sleep(0.1)
        return [Key("riders", digest(KEY), "100 per minute", AT, None)]

    quotas = Quotas("1 per minute", slowly, refresh_s=60)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: quotas.check("10.0.0.1", KEY), range(4))) == [None] * 4
