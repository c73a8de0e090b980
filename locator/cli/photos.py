"""`locator photo`: photos of stations come in, made anew, and go."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, print_json
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.station import Station
    from locator.store import Store

__all__ = ["photo"]

_MOST_PHOTOS = 12
_photos_option = click.option(
    "--photos", metavar="FOLDER", default=None, help=N_("The folder of photos; without it LOCATOR_PHOTOS.")
)


@click.group(
    help=N_(
        "Keep the photos that pages of stations show, in the folder LOCATOR_PHOTOS. "
        "Example: locator photo add 430681-0001 door.jpg"
    )
)
def photo() -> None:
    """Hold the commands."""


@photo.command(
    help=N_(
        "Show a photo on a station's page, made anew without its place and camera. "
        "Example: locator photo add 430681-0001 door.jpg --first"
    )
)
@click.argument("station")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--first", is_flag=True, help=N_("Before the others, not after them."))
@_photos_option
@database_option
@json_option
@language_option
@click.pass_obj
def add(translate: Translator, /, station: str, file: Path, first: bool, photos: str | None, database: str,
        as_json: bool) -> None:  # fmt: skip
    """Take a photo in."""
    from locator.album import MOST_BYTES, add_photo
    from locator.photo import cleaned_photo

    folder = _folder(photos)
    with opened(database) as store:
        known, version = _known(store, station)
        if len(known.photos) >= _MOST_PHOTOS:
            raise InvalidValue(
                N_("has {most} photos already"), field="station", value=station, most=_MOST_PHOTOS,
                mend=N_("remove one: locator photo remove"),
            )  # fmt: skip
        with file.open("rb") as opened_file:
            given = opened_file.read(5 * MOST_BYTES + 1)
        if len(given) > 5 * MOST_BYTES:
            raise InvalidValue(
                N_("is larger than {limit} MB"), field="file", value=str(file), limit=5 * MOST_BYTES // 10**6,
                mend=N_("give a smaller photo"),
            )  # fmt: skip
        address = add_photo(folder, cleaned_photo(given))
        others = tuple(one for one in known.photos if one != address)
        shown = (address, *others) if first else (*others, address)
        store.write([(replace(known, photos=shown), version)], at=now(), note=f"photo of {station}")
    print_json({"station": station, "photo": address}) if as_json else click.echo(
        translate("{station} shows {photo}", station=station, photo=address)
    )


@photo.command("list", help=N_("Show the photos of a station, or of all. Example: locator photo list 430681-0001"))
@click.argument("station", required=False)
@_photos_option
@database_option
@json_option
@language_option
@click.pass_obj
def list_(translate: Translator, /, station: str | None, photos: str | None, database: str, as_json: bool) -> None:
    """Show the addresses, and which files are not there."""
    folder = str(_folder(photos))
    with opened(database) as store:
        found = [store.station(station)] if station else store.stations()
    told = [
        {"station": kept.id, "photo": address, "missing": _is_missing(folder, address)}
        for kept in found
        for address in (kept.station.photos if kept.station else ())
    ]
    if as_json:
        print_json(told)
        return
    for one in told:
        missing = translate("the file is not there") if one["missing"] else ""
        click.echo("  ".join(str(part) for part in (one["station"], one["photo"], missing) if part))


@photo.command(
    help=N_(
        "Take a photo off a station's page. Example: locator photo remove 430681-0001 /photos/ab12-800x600.jpg"
    )
)
@click.argument("station")
@click.argument("address")
@_photos_option
@database_option
@json_option
@language_option
@click.pass_obj
def remove(translate: Translator, /, station: str, address: str, photos: str | None, database: str,
           as_json: bool) -> None:  # fmt: skip
    """Take a photo off; its file goes too, unless another station shows it."""
    from locator.album import named, photo_file, remove_photo

    folder = _folder(photos)
    with opened(database) as store:
        known, version = _known(store, station)
        if address not in known.photos:
            raise InvalidValue(
                N_("is no photo of this station"),
                field="photo",
                value=address,
                mend=N_("look at 'locator photo list'"),
            )
        others = tuple(one for one in known.photos if one != address)
        store.write([(replace(known, photos=others), version)], at=now(), note=f"photo of {station}")
        is_elsewhere = any(address.encode() in record for _, record, _ in store.rows())
    name = named(address)
    if name and not is_elsewhere and photo_file(str(folder), name):
        remove_photo(folder, address)
    print_json({"station": station, "removed": address}) if as_json else click.echo(
        translate("{station} no longer shows {photo}", station=station, photo=address)
    )


def _is_missing(folder: str, address: str) -> bool:
    from locator.album import named, photo_file

    name = named(address)
    return name is not None and photo_file(folder, name) is None


def _known(store: Store, code: str) -> tuple[Station, int]:
    from locator.station import no_such_station

    kept = store.station(code)
    if kept.station is None:
        raise no_such_station(code)
    return kept.station, kept.version


def _folder(given: str | None) -> Path:
    from locator.album import photo_folder
    from locator.settings import read_settings

    return photo_folder(str(read_settings(os.environ, photos=given)["PHOTOS"]))
