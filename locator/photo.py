"""A photo from a stranger's phone, made anew of its pixels alone: no place, no camera, no comment stays in it.

Read in a process of its own, bounded in memory and time: a picture of a few kilobytes can ask for gigabytes.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from pathlib import Path

from locator.errors import InvalidValue, TooMany
from locator.translation import N_

__all__ = ["FORMATS", "LONGEST_SIDE", "cleaned_photo", "main"]

FORMATS = ("JPEG", "PNG", "WEBP")
"""What is read, as Pillow calls it."""

LONGEST_SIDE = 1_600
"""Pixels of the longer side of a photo as it is kept."""

# JPEG is read at a fraction of its size; MPO is one with more pictures inside, as phones write it.
_MOST_PIXELS = {"JPEG": 120_000_000, "MPO": 120_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
_QUALITY = 82
_MEMORY_BYTES = 768 << 20
_CPU_S = 8
_WAIT_S = 20
_TURNS = threading.BoundedSemaphore(2)  # so many at once in each process, for memory
_REFUSED, _TOO_LARGE = 3, 4


def cleaned_photo(given: bytes) -> bytes:
    """Return a photo as a new JPEG of its pixels, upright, at most `LONGEST_SIDE` long.

    Nothing else of the file is taken over: no Exif with its place and camera, no comment, no preview, no profile.

    Parameters
    ----------
    given
        A JPEG, PNG or WebP, as large as the door lets in.

    Raises
    ------
    InvalidValue
        It is none of these, is broken, or has more pixels than any phone takes.
    TooMany
        Two others are being read, and take long.
    """
    if not _TURNS.acquire(timeout=_WAIT_S):
        raise TooMany(
            N_("too many photos at once"), retry_after_s=_WAIT_S, mend=N_("send the report without one, or later")
        )
    try:
        return _cleaned(given)
    finally:
        _TURNS.release()


def _cleaned(given: bytes) -> bytes:
    package = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {package!r})\n{_START}"]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what is given is its input
            command, input=given, capture_output=True, timeout=_WAIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused() from None
    if done.returncode == _TOO_LARGE:
        raise InvalidValue(
            N_("has too many pixels"), field="photo", mend=N_("send a smaller photo, or the report without one")
        )
    if done.returncode or not done.stdout:
        raise _refused()
    return done.stdout


_START = "from locator.photo import main\nmain()"


def main() -> None:
    """Read a photo from standard input and write it anew to standard output; the exit status says why not."""
    _bound()
    try:
        made = _made_anew(sys.stdin.buffer.read())
    except _TooLargeError:
        sys.exit(_TOO_LARGE)
    # Pillow raises what it pleases over hostile files; whatever it is, there is no photo.
    except Exception:
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(made)


class _TooLargeError(Exception):
    pass


def _made_anew(given: bytes) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # counted here, by format, before anything is decoded
    with Image.open(io.BytesIO(given), formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > _MOST_PIXELS[str(picture.format)] or not width or not height:
            raise _TooLargeError
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a half, a quarter or an eighth
        turned = ImageOps.exif_transpose(picture)
        turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        pixels = turned.convert("RGBA")
    fresh = Image.new("RGB", pixels.size, "white")
    fresh.paste(pixels, mask=pixels.getchannel("A"))
    written = io.BytesIO()
    fresh.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()


def _bound() -> None:
    import resource

    for what, bound in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (bound, bound))


def _refused() -> InvalidValue:
    return InvalidValue(
        N_("is not a photo that can be read"),
        field="photo",
        mend=N_("send a JPEG, a PNG, or the report without one"),
    )
