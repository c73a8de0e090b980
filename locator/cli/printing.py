"""What is printed: `locator poster`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, print_json
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.posters.page import Poster

__all__ = ["poster"]


@click.command(
    help=N_(
        "Make posters with QR codes, of the stations named or of all: one .pdf or .html, or a folder with a PDF "
        "each. Example: locator poster 430681-0001 --address https://map.example.org -o poster.pdf"
    )
)
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True,
    help=N_("The .pdf or .html file to write, or a folder for one PDF a station."),
)  # fmt: skip
@click.option("--size", type=click.Choice(["a4", "a5"]), default="a4", show_default=True, help=N_("The paper."))
@click.option(
    "--address", envvar="LOCATOR_PUBLIC_URL", metavar="URL", required=True,
    help=N_("Where the public finds the site; the QR codes lead there."),
)  # fmt: skip
@database_option
@json_option
@language_option
@click.pass_obj
def poster(
    translate: Translator, /, codes: tuple[str, ...], output: Path, size: str, address: str, database: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Write posters."""
    from locator.errors import InvalidValue
    from locator.posters.page import posters_page
    from locator.posters.pdf import pdf_of
    from locator.settings import check_public_url

    check_public_url(address, field="address")
    kind = output.suffix.lower()
    if kind not in (".pdf", ".html", ""):
        raise InvalidValue(
            N_("is neither .pdf, .html nor a folder"),
            field="output",
            value=str(output),
            mend=N_("name another file"),
        )
    posters, site = _posters(codes, address.rstrip("/"), database, translate)

    def page(some: list[Poster]) -> str:
        return posters_page(some, translate, size=size, site=site)

    if kind == ".html":
        output.write_text(page(posters), encoding="utf-8")
    elif kind == ".pdf":
        output.write_bytes(pdf_of(page(posters)))
    else:
        output.mkdir(parents=True, exist_ok=True)
        for one in posters:
            (output / f"{one.code}.pdf").write_bytes(pdf_of(page([one])))
    text = translate("{count} posters in {file}", count=len(posters), file=output)
    print_json({"posters": len(posters), "file": str(output)}) if as_json else click.echo(text)


def _posters(
    codes: tuple[str, ...], address: str, database: str, translate: Translator
) -> tuple[list[Poster], str]:
    """Return the posters of the stations named, else of all that are not closed for good, and whose they are."""
    from urllib.parse import quote

    from locator.hours import time_zone
    from locator.posters.page import poster_of
    from locator.snapshot import load_snapshot

    with opened(database) as store:
        snapshot, site = load_snapshot(store), store.meta().get("name", {})
    day = now().astimezone(time_zone(snapshot.zone)).date()
    rows = [snapshot.known_row(code) for code in codes] or range(len(snapshot.ids))
    posters = []
    for row in rows:
        station = snapshot.stations[row]
        if codes or station.status != "closed":
            url = f"{address}/s/{quote(station.id)}"
            hours = snapshot.hours[int(snapshot.hours_row[row])]
            posters.append(poster_of(station, hours, day, url, translate))
    return posters, site.get(translate.language, "")
