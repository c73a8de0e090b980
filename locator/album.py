"""Photos of stations: files of one folder, each under a name that tells its content and its size in pixels."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from locator.errors import InvalidValue, NotFound
from locator.translation import N_

__all__ = ["ADDRESS", "MOST_BYTES", "Shown", "add_photo", "named", "photo_file", "photo_folder", "remove_photo"]

ADDRESS = "/photos/"
"""What the address of such a photo begins with, in a station's record."""

MOST_BYTES = 8_000_000
"""A larger file is not handed out."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,119}\.(jpe?g|png|webp)")
_SIZE = re.compile(r".*-([1-9]\d{0,4})x([1-9]\d{0,4})\.\w+")
_MEDIA = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo that can be shown: its name, its type, its size in pixels where the name tells it."""

    name: str
    media: str
    size: tuple[int, int] | None


def photo_folder(setting: str) -> Path:
    """Return the folder of photos that a setting names.

    Raises
    ------
    InvalidValue
        It names none.
    """
    if not setting:
        raise InvalidValue(
            N_("no folder for photos is set"), field="PHOTOS", mend=N_("set LOCATOR_PHOTOS, or give --photos")
        )
    return Path(setting)


def named(address: str) -> str | None:
    """Return the name of the photo that a record's address means; None: it means none of these."""
    name = address.removeprefix(ADDRESS)
    return name if address.startswith(ADDRESS) and _NAME.fullmatch(name) else None


def photo_file(folder: str, name: str) -> tuple[Path, Shown] | None:
    """Return the file of a photo in the folder; None: there is none that may be handed out.

    Names are plain: no folders, no dot in front. A file that is a link, is larger than `MOST_BYTES`, or does not
    begin as its name says is none.
    """
    found = _NAME.fullmatch(name)
    if not folder or found is None:
        return None
    path = Path(folder) / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return None
    media = _MEDIA[found[1]]
    with path.open("rb") as file:
        if _media_of(file.read(16)) != media:
            return None
    size = _SIZE.fullmatch(name)
    return path, Shown(name, media, (int(size[1]), int(size[2])) if size else None)


def add_photo(folder: Path, jpeg: bytes) -> str:
    """Keep a photo that `cleaned_photo` made, and return its address; the same photo is kept once."""
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        width, height = picture.size
    name = f"{hashlib.sha256(jpeg).hexdigest()[:20]}-{width}x{height}.jpg"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).exists():
        # Whole or not at all: the server may look at any moment.
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as file:
            file.write(jpeg)
        Path(file.name).chmod(0o644)
        os.replace(file.name, folder / name)  # noqa: PTH105 - over one that came meanwhile
    return ADDRESS + name


def remove_photo(folder: Path, address: str) -> None:
    """Delete the file of a photo.

    Raises
    ------
    NotFound
        The address means none of the folder's photos.
    """
    name = named(address)
    if name is None or not (folder / name).is_file():
        raise NotFound(
            N_("there is no such photo"), field="photo", value=address, mend=N_("look at 'locator photo list'")
        )
    (folder / name).unlink()


def _media_of(start: bytes) -> str | None:
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "image/webp" if start[:4] == b"RIFF" and start[8:12] == b"WEBP" else None
