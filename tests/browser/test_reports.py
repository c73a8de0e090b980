"""A report is sent in two taps on a real phone, with JavaScript and without; the photo leaves without its place."""

import io

import pytest
from PIL import Image

from locator.store import open_store

STATION = "430681-0001"


def tickets(database):
    with open_store(str(database)) as store:
        return store.tickets.all()


@pytest.mark.parametrize("script", [True, False])
def test_a_report_in_two_taps(phone, database, script):
    before = len(tickets(database))
    page = phone(f"/stations/{STATION}?lang=en", java_script_enabled=script)
    page.get_by_role("link", name="Something is wrong").click()
    page.get_by_role("button", name="Locked or closed").click()
    page.get_by_text("Thank you. Staff will look at it").wait_for()
    kept = tickets(database)
    assert len(kept) == before + 1
    assert (kept[0].station, kept[0].kind, kept[0].state) == (STATION, "locked", "received")
    page.get_by_role("link", name="Back to the station").click()
    assert page.locator(".ticket", has_text="Locked or closed").first.is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_report_with_words_and_a_photo(phone, database, script, heard):
    exif = Image.Exif()
    exif[0x010F] = "SpyPhone"
    exif.get_ifd(0x8825)[2] = (28.0, 48.0, 24.0)
    written = io.BytesIO()
    Image.effect_noise((3000, 2000), 90).convert("RGB").save(written, "JPEG", exif=exif, quality=60)
    page = phone(f"/report/{STATION}?lang=en", java_script_enabled=script)
    page.get_by_text("First add words or a photo").click()
    page.get_by_label("What happened?").fill("chained <b>shut</b>")
    page.get_by_label("A photo").set_input_files(
        {"name": "home.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}
    )
    marked = len(heard)
    page.get_by_role("button", name="Something else").click()
    page.get_by_text("Thank you. Staff will look at it").wait_for()
    sent = [told for told in heard[marked:] if told.startswith(f"/report/{STATION}?")]
    # With a script, place and camera do not even leave the phone.
    assert any("SpyPhone" in told for told in sent) is not script
    (ticket, *_) = tickets(database)
    assert ticket.text == "chained <b>shut</b>"
    with open_store(str(database)) as store:
        kept = store.tickets.photo(ticket.number)
    assert b"SpyPhone" not in kept
    with Image.open(io.BytesIO(kept)) as photo:
        assert max(photo.size) == 1600


def test_a_rating_in_two_taps(phone, database):
    page = phone("/stations/430681-0002?lang=en")
    page.get_by_role("link", name="Rate a visit").click()
    page.get_by_role("button", name="4 · good").click()
    page.get_by_text("Your rating counts").wait_for()
    with open_store(str(database)) as store:
        assert store.ratings.of("430681-0002").total == 4


def test_hostile_names_stay_text_on_every_page_of_reports(phone, database):
    with open_store(str(database)) as store:
        name = store.station("hostile").station.name
    for path in ("/report/hostile", "/rate/hostile", "/poster/hostile", "/stations/hostile"):
        page = phone(f"{path}?lang=en")
        assert page.get_by_text(name, exact=True).first.is_visible(), path


def test_a_poster_is_what_is_printed(phone):
    page = phone(f"/poster/{STATION}?lang=zh&size=a5")
    # On a screen it is as wide as there is room.
    assert page.locator(".poster").bounding_box()["width"] == page.viewport_size["width"]
    page.emulate_media(media="print")
    assert page.locator(".poster").bounding_box()["width"] == pytest.approx(148 * 96 / 25.4, abs=1)
    assert not page.locator("nav").is_visible()
    assert page.locator(".qr").is_visible()


def test_a_code_leads_to_its_station_with_a_connection_and_without(phone, database):
    page = phone("/?lang=zh")
    page.evaluate("navigator.serviceWorker.ready")
    kept = "caches.open('data').then(c => c.keys()).then(all => all.map(r => new URL(r.url).pathname))"
    page.wait_for_function(f"async () => (await {kept}).includes('/api/v1/snapshot')")
    page.goto(page.home + f"s/{STATION}")
    assert page.url == page.home + f"stations/{STATION}"
    with open_store(str(database)) as store:
        assert [visits.count for visits in store.visits.all()] == [1]
    page.context.set_offline(True)
    page.goto(page.home + f"s/{STATION}")
    page.wait_for_selector(f".card[data-id='{STATION}'] .apps")
    assert page.url == page.home + f"stations/{STATION}"
    with open_store(str(database)) as store:
        assert [visits.count for visits in store.visits.all()] == [1]
