"""A photo keeps its pixels and loses where, when and with what it was taken; what is no photo is refused unread."""

import io
import struct
import zlib

import pytest
from PIL import Image

from locator.errors import InvalidValue
from locator.photo import LONGEST_SIDE, cleaned_photo


def jpeg(size=(400, 300), *, colour=(200, 30, 30), **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG", **options)
    return written.getvalue()


def with_place(orientation: int = 1) -> bytes:
    """Return a JPEG as a phone writes it: place, camera, comment, profile."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "SpyPhone", "Model-SN-12345", orientation
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", (28.0, 48.0, 24.0), "E", (113.0, 4.0, 26.0)
    return jpeg(exif=exif, comment=b"my home is here", icc_profile=b"PROFILE-SECRET")


def test_place_camera_comment_and_profile_are_gone():
    given = with_place()
    with Image.open(io.BytesIO(given)) as before:
        assert before.getexif().get_ifd(0x8825)[2] == (28.0, 48.0, 24.0)
    made = cleaned_photo(given)
    with Image.open(io.BytesIO(made)) as photo:
        assert (photo.format, photo.size) == ("JPEG", (400, 300))
        assert not photo.getexif()
        assert not photo.getexif().get_ifd(0x8825)
        assert set(photo.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        red, green, blue = photo.getpixel((200, 150))
        assert red > 190
        assert max(green, blue) < 50
    for secret in (b"SpyPhone", b"12345", b"my home", b"PROFILE", b"Exif"):
        assert secret in given
        assert secret not in made


def test_text_in_a_png_is_gone_and_clear_parts_are_white():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Location", "home-secret")
    written = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(written, "PNG", pnginfo=info)
    made = cleaned_photo(written.getvalue())
    assert b"home-secret" not in made
    with Image.open(io.BytesIO(made)) as photo:
        assert min(photo.getpixel((5, 5))) > 250


def test_a_photo_taken_sideways_stands_upright():
    with Image.open(io.BytesIO(cleaned_photo(with_place(orientation=6)))) as photo:
        assert photo.size == (300, 400)


def test_a_large_photo_becomes_small():
    with Image.open(io.BytesIO(cleaned_photo(jpeg((4000, 3000))))) as photo:
        assert photo.size == (LONGEST_SIDE, 1200)


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that promises so many pixels, in a few hundred bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20_000, 20_000), (2_000_000_000, 1), (100_000, 100_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises(InvalidValue, match="photo"):
        cleaned_photo(png_of(*size))


def test_a_text_that_unfolds_to_gigabytes_is_refused():
    body = b"k\0\0" + zlib.compress(bytes(300 << 20))
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    honest = png_of(10, 10)
    with pytest.raises(InvalidValue):
        cleaned_photo(honest[:33] + chunk + honest[33:])


@pytest.mark.parametrize(
    "given",
    [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", jpeg()[:200], b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)
def test_what_is_no_photo_is_refused(given):
    with pytest.raises(InvalidValue) as refused:
        cleaned_photo(given)
    assert refused.value.field == "photo"


def test_other_formats_are_not_even_tried():
    written = io.BytesIO()
    Image.new("RGB", (9, 9)).save(written, "GIF")
    with pytest.raises(InvalidValue):
        cleaned_photo(written.getvalue())


def test_a_photo_with_more_pictures_inside_is_read_as_phones_write_it():
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    written = io.BytesIO()
    first.save(written, "MPO", save_all=True, append_images=[second])
    with Image.open(io.BytesIO(cleaned_photo(written.getvalue()))) as photo:
        assert (photo.format, photo.size) == ("JPEG", (40, 30))
        red, _, blue = photo.getpixel((20, 15))
    assert red > 200 > 100 > blue
