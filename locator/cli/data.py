"""Data in and out: `locator init`, `import`, `export`, `undo`, `check`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import (
    EXIT_REFUSED,
    LAYERS,
    database_option,
    json_option,
    language_option,
    now,
    opened,
    print_json,
    zone_of,
)
from locator.errors import InvalidValue
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.exchange.report import Report

__all__ = ["check", "export", "import_", "init", "undo"]

_PATIENCE_S = 2.0
_STAGES = {
    "read": N_("reading the file"),
    "check": N_("checking each row"),
    "compare": N_("comparing the stations"),
    "write": N_("writing"),
}


@click.command(
    help=N_(
        "Make a database from a folder of layers, such as the pilot's. "
        "Example: locator init miluo --database my.db"
    )
)
@click.argument("dataset", default="miluo")
@database_option
@json_option
@language_option
@click.pass_obj
def init(translate: Translator, /, dataset: str, database: str, as_json: bool) -> None:
    """Load a data set into a database that holds no stations yet."""
    from locator.exchange.dataset import load_dataset

    folder = _dataset_folder(dataset)
    with opened(database, create=True) as store:
        kept = store.count()
        if kept:
            text = translate(
                "{database} has {count} stations already; nothing was changed.", database=database, count=kept
            )
            print_json({"stations": kept, "written": False}) if as_json else click.echo(text)
            return
        report = load_dataset(store, folder, at=now())
    if as_json:
        print_json(report.as_json(translate))
    else:
        click.echo(next(report.lines(translate)))


def _dataset_folder(name: str) -> Path:
    """Return a folder by its path, or by its name in geodata/."""
    from locator.assets import asset_folder

    if os.sep in name or Path(name).is_dir():
        return Path(name)
    folder = asset_folder("geodata") / name
    if not folder.is_dir():
        raise InvalidValue(
            N_("there is no such data set"), field="dataset", value=name, mend=N_("give miluo, or a folder")
        )
    return folder


@click.command(
    "import",
    help=N_(
        "Load stations from a file (CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, KML): all of them, or none. "
        "Example: locator import list.xlsx --datum gcj02 --dry-run"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layer",
    type=click.Choice(LAYERS),
    default="stations",
    show_default=True,
    help=N_("What the file is a list of. From OpenStreetMap extracts (.osm, .osm.pbf) it takes that layer."),
)
@click.option("--datum", default="", help=N_("What the coordinates mean: wgs84, gcj02, bd09 or cgcs2000."))
@click.option("--crs", default="", help=N_("Their coordinate reference system, such as EPSG:2263."))
@click.option("--source", default="", help=N_("Name of the source; without it the name of the file."))
@click.option(
    "--date",
    "data_date",
    metavar="DATE",
    help=N_("Of which day the data is, such as 2020-12-31; of areas, streets, demand and candidates."),
)
@click.option(
    "--mapping", type=click.Path(path_type=Path), help=N_("A mapping file: which column is which field.")
)
@click.option(
    "--save-mapping",
    type=click.Path(path_type=Path),
    help=N_("Write what was found of the columns as a mapping file."),
)
@click.option("--sheet", help=N_("The sheet or layer to read; without it the first."))
@click.option("--full-list", is_flag=True, help=N_("The file has every station of its source: close the others."))
@click.option("--dry-run", is_flag=True, help=N_("Check and report, and write nothing."))
@click.option("--report", "report_file", type=click.Path(path_type=Path), help=N_("Write the report as XLSX too."))
@database_option
@json_option
@language_option
@click.pass_obj
def import_(
    translate: Translator, /, file: Path, layer: str, datum: str, crs: str, mapping: Path | None,
    save_mapping: Path | None, report_file: Path | None, database: str, as_json: bool, **how: Any,
) -> None:  # fmt: skip
    """Import a file of stations, or of another layer."""
    from locator.exchange.columns import FIELDS
    from locator.exchange.importing import import_stations
    from locator.exchange.mapping import read_mapping, write_mapping
    from locator.exchange.place_columns import PLACE_FIELDS
    from locator.exchange.places import import_places
    from locator.exchange.report import write_report

    if datum and crs:
        raise InvalidValue(N_("is given beside --crs"), field="datum", value=datum, mend=N_("give one of the two"))
    day = _data_date(how.pop("data_date"), layer)
    if day is not None:
        how["data_date"] = day
    how["mapping"] = read_mapping(mapping, PLACE_FIELDS.get(layer, FIELDS)) if mapping else None
    load = import_stations if layer == "stations" else partial(import_places, layer=layer)
    if how["dry_run"] and not Path(database.removeprefix("sqlite:///")).exists():
        database = ":memory:"  # a rehearsal leaves nothing behind
    with opened(database, create=True) as store, _progress(translate) as progress:
        report = load(store, file, at=now(), crs=datum or crs, progress=progress, **how)
    if report_file:
        write_report(report, report_file, translate)
    if save_mapping:
        write_mapping(save_mapping, report.found, crs=report.reference, source=how["source"])
    _show_report(report, translate, as_json)
    if report.refused:
        sys.exit(EXIT_REFUSED)


def _data_date(text: str | None, layer: str) -> date | None:
    """Return the day of a file's data."""
    if text is None:
        return None
    if layer == "stations":
        raise InvalidValue(
            N_("is not said of a list of stations"),
            field="date",
            value=text,
            mend=N_("give each station the day on which it was verified"),
        )
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            N_("is not a day"), field="date", value=text, mend=N_("write it like {example}"), example="2026-11-20"
        ) from None


def _show_report(report: Report, translate: Translator, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json(translate))
    else:
        click.echo("\n".join(report.lines(translate)))


@contextmanager
def _progress(translate: Translator) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows on a terminal how far a long job is, once it has taken two seconds."""
    began, shown = time.monotonic(), False

    def show(what: str, done: int, of: int) -> None:
        nonlocal shown
        if sys.stderr.isatty() and time.monotonic() - began > _PATIENCE_S:
            shown = True
            share = f" {done * 100 // of} %" if of else ""
            click.echo(f"\r{translate(_STAGES[what])}{share}   ", nl=False, err=True)

    yield show
    if shown:
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)


@click.command(
    help=N_(
        "Write the data to a file; its ending says the format: .csv .xlsx .geojson .gpkg .kml. "
        "Example: locator export stations.xlsx --datum gcj02"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layer",
    type=click.Choice(LAYERS),
    help=N_("What to write; without it the stations, into .xlsx and .gpkg everything."),
)
@click.option(
    "--datum", default="wgs84", show_default=True, help=N_("The datum to write: wgs84, gcj02, bd09, cgcs2000.")
)
@click.option(
    "--updated-since", type=click.IntRange(0), help=N_("Only what changed after this revision, deletions too.")
)
@database_option
@json_option
@language_option
@click.pass_obj
def export(
    translate: Translator, /, file: Path, layer: str | None, datum: str, updated_since: int | None, database: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Export the data."""
    from locator.datum import parse_datum
    from locator.exchange.exporting import export_data
    from locator.exchange.sheets import TITLES

    with opened(database) as store:
        written = export_data(
            store, file, translate, layer=layer, datum=parse_datum(datum), updated_since=updated_since
        )
    if as_json:
        told = {"deleted": written.deleted, "revision": written.revision, "file": str(file)}
        print_json(written.counts | told)
        return
    comma = translate(", ")
    what = comma.join(f"{translate(TITLES[name])} {count}" for name, count in written.counts.items())
    if written.deleted:
        what += comma + translate("{count} deleted", count=written.deleted)
    click.echo(
        translate(
            "{what} written to {file} (revision {revision})", what=what, file=file, revision=written.revision
        )
    )


@click.command(help=N_("Take a change of the data back by its revision number. Example: locator undo 12"))
@click.argument("revision", type=click.IntRange(1))
@database_option
@json_option
@language_option
@click.pass_obj
def undo(translate: Translator, /, revision: int, database: str, as_json: bool) -> None:
    """Undo one change."""
    with opened(database) as store:
        undone = store.undo(revision, at=now())
    text = translate(
        "Revision {revision} is taken back; the data is at revision {now}.", revision=revision, now=undone
    )
    print_json({"undone": revision, "revision": undone}) if as_json else click.echo(text)


@click.command(
    help=N_(
        "Show the data-quality board: stale, missing, suspect, doubled, and checklists. "
        "Example: locator check --json"
    )
)
@click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    help=N_("A checklist; without it those of geodata/rules."),
)
@click.option("--on", "day", metavar="DATE", help=N_("The day, such as 2026-11-20; without it today."))
@database_option
@json_option
@language_option
@click.pass_obj
def check(
    translate: Translator, /, rules: tuple[Path, ...], day: str | None, database: str, as_json: bool
) -> None:
    """Show what is wrong with the data."""
    from locator.assets import asset_folder
    from locator.hours import time_zone
    from locator.quality import assess
    from locator.query import parse_moment
    from locator.rules import read_rules

    files = rules or sorted((asset_folder("geodata") / "rules").glob("*.toml"))
    with opened(database) as store:
        zone = zone_of(store)
        today = (parse_moment(day, zone) if day else now().astimezone(time_zone(zone))).date()
        stations = [kept.station for kept in store.stations() if kept.station]
        areas = store.areas(on=today)
    board = assess(stations, areas, [read_rules(file) for file in files], today=today)
    if as_json:
        print_json(board.as_json(translate))
    else:
        click.echo("\n".join(board.lines(translate)))
