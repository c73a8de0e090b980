"""Photos of stations: they come in without what they tell, and nothing but photos goes out."""

import io
import json
import re

import pytest
from click.testing import CliRunner
from PIL import Image
from web_town import station, written

from locator.album import add_photo, photo_file, remove_photo
from locator.cli import cli
from locator.errors import InvalidValue, NotFound
from locator.store import open_store
from locator.translation import translator
from locator.web import create_app


def camera(size=(2400, 1200)) -> bytes:
    """Return a photo as a phone writes it: turned, with its place."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "SpyCamera"
    exif.get_ifd(0x8825)[2] = (28.0, 48.0, 24.0)
    made = io.BytesIO()
    Image.new("RGB", size, "green").save(made, "JPEG", exif=exif)
    return made.getvalue()


@pytest.fixture
def town(tmp_path, monkeypatch):
    """Return what runs `locator` on a town with two stations, its database and its folder of photos."""
    path, folder = written(str(tmp_path / "p.db"), [station("p"), station("q")]), tmp_path / "photos"
    monkeypatch.setenv("LOCATOR_DATABASE", path)
    monkeypatch.setenv("LOCATOR_PHOTOS", str(folder))
    (tmp_path / "door.jpg").write_bytes(camera())

    def run(*words: str) -> str:
        answer = CliRunner().invoke(cli, ["photo", *words], obj=translator("en"))
        if answer.exception and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer.output

    run.door, run.path, run.folder = str(tmp_path / "door.jpg"), path, folder
    return run


def test_a_photo_comes_in_anew_and_stands_on_the_page(town):
    address = json.loads(town("add", "p", town.door, "--json"))["photo"]
    client = create_app({"DATABASE": town.path, "PHOTOS": str(town.folder), "LANGUAGE": "en"}).test_client()
    page = client.get("/stations/p").text
    (tag,) = re.findall(r'<img src="/photos/[^>]+>', page)
    assert f'src="{address}"' in tag
    assert 'alt="Photo of 站p"' in tag
    assert 'width="800" height="1600"' in tag, "upright, 1,600 pixels long"
    assert 'loading="lazy"' in tag
    answer = client.get(address)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    picture = Image.open(io.BytesIO(answer.data))
    assert picture.size == (800, 1600)
    assert dict(picture.getexif()) == {}
    assert b"SpyCamera" not in answer.data


def test_order_list_and_removal(town):
    (town.folder.parent / "other.jpg").write_bytes(camera((100, 80)))
    first = json.loads(town("add", "p", town.door, "--json"))["photo"]
    town("add", "q", town.door)
    second = json.loads(town("add", "p", str(town.folder.parent / "other.jpg"), "--first", "--json"))["photo"]
    assert [one["photo"] for one in json.loads(town("list", "p", "--json"))] == [second, first]
    town("remove", "p", first)
    assert (town.folder / first.rpartition("/")[2]).exists(), "another station shows it"
    town("remove", "q", first)
    assert not (town.folder / first.rpartition("/")[2]).exists()
    with open_store(town.path) as store:
        assert store.station("p").station.photos == (second,)
        assert len(store.history("p")) == 4, "every change is kept"
    (town.folder / second.rpartition("/")[2]).unlink()
    assert "the file is not there" in town("list")
    with pytest.raises(InvalidValue, match="photo"):
        town("remove", "q", second)


def test_what_is_no_photo_or_no_station_is_refused_and_changes_nothing(town, monkeypatch):
    (town.folder.parent / "door.txt").write_text("<svg onload=alert(1)>")
    with pytest.raises(InvalidValue):
        town("add", "p", str(town.folder.parent / "door.txt"))
    with pytest.raises(NotFound):
        town("add", "none", town.door)
    monkeypatch.delenv("LOCATOR_PHOTOS")
    with pytest.raises(InvalidValue, match="LOCATOR_PHOTOS"):
        town("add", "p", town.door)
    with open_store(town.path) as store:
        assert store.station("p").version == 1
    assert not town.folder.exists()


@pytest.mark.parametrize(
    "name",
    ["../p.db", "..%2Fp.db", ".hidden.jpg", "page.html", "page.svg", "html.jpg", "link.jpg", "large.jpg", "none.jpg",
     "folder.jpg", "a.jpg/../b.jpg"],
)  # fmt: skip
def test_nothing_but_photos_is_handed_out(town, name):
    town.folder.mkdir()
    (town.folder.parent / "secret.jpg").write_bytes(camera((10, 10)))
    (town.folder / ".hidden.jpg").write_bytes(camera((10, 10)))
    for page in ("page.html", "page.svg", "html.jpg"):
        (town.folder / page).write_text("<script>alert(1)</script>")
    (town.folder / "link.jpg").symlink_to(town.folder.parent / "secret.jpg")
    (town.folder / "large.jpg").write_bytes(camera((10, 10)) + bytes(8_000_000))
    (town.folder / "folder.jpg").mkdir()
    client = create_app({"DATABASE": town.path, "PHOTOS": str(town.folder)}).test_client()
    assert client.get(f"/photos/{name}").status_code == 404
    (town.folder / "fine.jpg").write_bytes(camera((10, 10)))
    answer = client.get("/photos/fine.jpg")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"], "its name does not tell its content"
    assert create_app({"DATABASE": town.path}).test_client().get("/photos/fine.jpg").status_code == 404


def test_the_same_photo_is_kept_once_and_removed_once(tmp_path):
    made = io.BytesIO()
    Image.new("RGB", (30, 20)).save(made, "JPEG")
    address = add_photo(tmp_path, made.getvalue())
    assert add_photo(tmp_path, made.getvalue()) == address
    assert [path.name for path in tmp_path.iterdir()] == [address.removeprefix("/photos/")]
    assert photo_file(str(tmp_path), address.removeprefix("/photos/"))[1].size == (30, 20)
    remove_photo(tmp_path, address)
    for wrong in (address, "/photos/../x.jpg", "https://elsewhere.example/x.jpg"):
        with pytest.raises(NotFound):
            remove_photo(tmp_path, wrong)
