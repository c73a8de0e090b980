"""The command line: `locator init`, `import`, `export`, `nearest`, `search`, `map`, `serve`, `config`."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator import __version__
from locator.errors import InvalidValue, LocatorError
from locator.translation import LANGUAGES, N_, Translator, best_language, translator

if TYPE_CHECKING:
    from datetime import datetime

    from locator.exchange.report import Report
    from locator.query import Match
    from locator.store import Store

__all__ = ["cli", "main"]

EXIT_REFUSED = 2
_PATIENCE_S = 2.0
_STAGES = {
    "read": N_("reading the file"),
    "check": N_("checking each row"),
    "compare": N_("comparing the stations"),
    "write": N_("writing"),
}


def main() -> None:
    """Run the command line; an error that the user can mend is one line and exit status 2."""
    translate = translator(_language())
    _speak(cli, translate)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no Chinese characters gets their codes, not a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        cli(standalone_mode=False, obj=translate)
    except LocatorError as error:
        _fail(f"locator: {error.text(translate)}")
    except click.exceptions.NoArgsIsHelpError as error:
        _fail(error.format_message())
    except click.ClickException as error:
        _fail(f"locator: {error.format_message()}")
    except (click.Abort, KeyboardInterrupt):
        _fail("")
    except BrokenPipeError:
        # The reader, such as `head`, has what it wanted.
        sys.stderr.close()
    except OSError as error:
        _fail(f"locator: {error.filename}: {error.strerror}")


def _fail(line: str) -> None:
    if line:
        click.echo(line, err=True)
    sys.exit(EXIT_REFUSED)


def _language() -> str:
    """Return the language asked for by `--lang`, the settings or the system's locale."""
    for position, word in enumerate(sys.argv):
        if word == "--lang" and position + 1 < len(sys.argv):
            return sys.argv[position + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    wanted = (os.environ.get(name, "") for name in ("LOCATOR_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return best_language(wanted)


def _speak(command: click.Command, translate: Translator) -> None:
    """Put every help text into a language."""
    if command.help:
        command.help = translate(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = translate(parameter.help)
    for child in getattr(command, "commands", {}).values():
        _speak(child, translate)


# -- what commands share

_database = click.option(
    "--database",
    envvar="LOCATOR_DATABASE",
    default="locator.db",
    show_default=True,
    metavar="FILE|URL",
    help=N_("The database: a file, or sqlite:/// and a file."),
)
_LAYERS = ("stations", "areas", "streets", "demand", "candidates")
_as_json = click.option("--json", "as_json", is_flag=True, help=N_("Answer as JSON, for programs."))
_lang = click.option(
    "--lang", type=click.Choice(list(LANGUAGES)), expose_value=False, help=N_("The language of the answer.")
)


@contextmanager
def _open(database: str, *, create: bool = False) -> Iterator[Store]:
    from locator.store import open_store

    with open_store(database, create=create) as store:
        yield store


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]}, help=N_("The open map of workers' service stations.")
)
@click.version_option(__version__)
def cli() -> None:
    """Hold the commands."""


# -- data in and out


@cli.command(
    help=N_(
        "Make a database from a folder of layers, such as the pilot's. "
        "Example: locator init miluo --database my.db"
    )
)
@click.argument("dataset", default="miluo")
@_database
@_as_json
@_lang
@click.pass_obj
def init(translate: Translator, /, dataset: str, database: str, as_json: bool) -> None:
    """Load a data set into a database that holds no stations yet."""
    from locator.exchange.dataset import load_dataset

    folder = _dataset_folder(dataset)
    with _open(database, create=True) as store:
        kept = store.count()
        if kept:
            text = translate(
                "{database} has {count} stations already; nothing was changed.", database=database, count=kept
            )
            _print_json({"stations": kept, "written": False}) if as_json else click.echo(text)
            return
        report = load_dataset(store, folder, at=_now())
    if as_json:
        _print_json(report.as_json(translate))
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


@cli.command(
    "import",
    help=N_(
        "Load stations from a file (CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefile, KML): all of them, or none. "
        "Example: locator import list.xlsx --datum gcj02 --dry-run"
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layer",
    type=click.Choice(_LAYERS),
    default="stations",
    show_default=True,
    help=N_("What the file is a list of. From OpenStreetMap extracts (.osm, .osm.pbf) it takes that layer."),
)
@click.option("--datum", default="", help=N_("What the coordinates mean: wgs84, gcj02, bd09 or cgcs2000."))
@click.option("--crs", default="", help=N_("Their coordinate reference system, such as EPSG:2263."))
@click.option("--source", default="", help=N_("Name of the source; without it the name of the file."))
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
@_database
@_as_json
@_lang
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
    how["mapping"] = read_mapping(mapping, PLACE_FIELDS.get(layer, FIELDS)) if mapping else None
    load = import_stations if layer == "stations" else partial(import_places, layer=layer)
    if how["dry_run"] and not Path(database.removeprefix("sqlite:///")).exists():
        database = ":memory:"  # a rehearsal leaves nothing behind
    with _open(database, create=True) as store, _progress(translate) as progress:
        report = load(store, file, at=_now(), crs=datum or crs, progress=progress, **how)
    if report_file:
        write_report(report, report_file, translate)
    if save_mapping:
        write_mapping(save_mapping, report.found, crs=report.reference, source=how["source"])
    _show_report(report, translate, as_json)
    if report.refused:
        sys.exit(EXIT_REFUSED)


def _show_report(report: Report, translate: Translator, as_json: bool) -> None:
    if as_json:
        _print_json(report.as_json(translate))
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


@cli.command(
    help=N_(
        "Write the data to a file; its ending says the format: .csv .xlsx .geojson .gpkg .kml. "
        "Example: locator export stations.xlsx --datum gcj02"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layer",
    type=click.Choice(_LAYERS),
    help=N_("What to write; without it the stations, into .xlsx and .gpkg everything."),
)
@click.option(
    "--datum", default="wgs84", show_default=True, help=N_("The datum to write: wgs84, gcj02, bd09, cgcs2000.")
)
@click.option(
    "--updated-since", type=click.IntRange(0), help=N_("Only what changed after this revision, deletions too.")
)
@_database
@_as_json
@_lang
@click.pass_obj
def export(
    translate: Translator, /, file: Path, layer: str | None, datum: str, updated_since: int | None, database: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Export the data."""
    from locator.datum import parse_datum
    from locator.exchange.exporting import export_data
    from locator.exchange.sheets import TITLES

    with _open(database) as store:
        written = export_data(
            store, file, translate, layer=layer, datum=parse_datum(datum), updated_since=updated_since
        )
    if as_json:
        told = {"deleted": written.deleted, "revision": written.revision, "file": str(file)}
        _print_json(written.counts | told)
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


@cli.command(help=N_("Take a change of the data back by its revision number. Example: locator undo 12"))
@click.argument("revision", type=click.IntRange(1))
@_database
@_as_json
@_lang
@click.pass_obj
def undo(translate: Translator, /, revision: int, database: str, as_json: bool) -> None:
    """Undo one change."""
    with _open(database) as store:
        undone = store.undo(revision, at=_now())
    text = translate(
        "Revision {revision} is taken back; the data is at revision {now}.", revision=revision, now=undone
    )
    _print_json({"undone": revision, "revision": undone}) if as_json else click.echo(text)


@cli.command(
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
@_database
@_as_json
@_lang
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
    from locator.snapshot import DEFAULT_ZONE

    files = rules or sorted((asset_folder("geodata") / "rules").glob("*.toml"))
    with _open(database) as store:
        zone = store.meta().get("timezone", DEFAULT_ZONE)
        today = (parse_moment(day, zone) if day else _now().astimezone(time_zone(zone))).date()
        stations = [kept.station for kept in store.stations() if kept.station]
        areas = store.areas(on=today)
    board = assess(stations, areas, [read_rules(file) for file in files], today=today)
    if as_json:
        _print_json(board.as_json(translate))
    else:
        click.echo("\n".join(board.lines(translate)))


# -- questions


@cli.command(
    help=N_(
        "Find the nearest usable stations to a place, WGS84 degrees. "
        "Example: locator nearest 113.0742 28.8069 --at 2026-11-20T12:10 --need toilet -k 3"
    ),
    # Longitudes west of Greenwich begin with a minus sign.
    context_settings={"ignore_unknown_options": True},
)
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--at", metavar="TIME", help=N_("The moment, such as 2026-11-20T12:10; without it now."))
@click.option("--minutes", type=float, default=0, help=N_("How long one wants to stay."))
@click.option(
    "--need", "needs", metavar="LIST", default="", help=N_("Facilities that must be there: microwave,toilet")
)
@click.option("--h24", is_flag=True, help=N_("Only stations that never close."))
@click.option(
    "--category", "categories", metavar="LIST", default="", help=N_("Only these categories: station,mobile")
)
@click.option("--radius", "radius_m", type=float, help=N_("No further than so many metres."))
@click.option("-k", "--limit", type=int, default=5, show_default=True, help=N_("At most so many answers."))
@_database
@_as_json
@_lang
@click.pass_obj
def nearest(
    translate: Translator, /, lon: float, lat: float, at: str | None, needs: str, categories: str, database: str,
    as_json: bool, **asked: Any,
) -> None:  # fmt: skip
    """Answer where to go."""
    from locator.answer import answer_to_geojson
    from locator.nearest import nearest as nearest_stations
    from locator.query import Query, parse_moment
    from locator.snapshot import load_snapshot

    with _open(database) as store:
        snapshot = load_snapshot(store)
    query = Query(
        lon=lon,
        lat=lat,
        at=parse_moment(at, snapshot.zone) if at else _now(),
        needs=_words(needs),
        categories=_words(categories),
        **asked,
    )
    matches = nearest_stations(snapshot, query)
    if as_json:
        _print_json(
            answer_to_geojson(matches, query, zone=snapshot.zone, revision=snapshot.revision, translate=translate)
        )
        return
    if not matches:
        click.echo(translate("No station qualifies: ask for fewer facilities, another time or a larger radius."))
    for number, match in enumerate(matches, start=1):
        click.echo("\n".join(_match_lines(number, match, query.at, snapshot.zone, translate)))


def _match_lines(number: int, match: Match, at: datetime, zone: str, translate: Translator) -> Iterator[str]:
    from locator.wording import distance_text, entry_text, state_text

    walk = translate("about {minutes} min on foot (straight line)", minutes=match.walk_minutes)
    mark = translate("illustrative data") if match.station.provenance.is_illustrative else ""
    yield f"{number}. {_padded(match.station.name, 34)} {distance_text(match.distance_m):>7}  {walk}"
    parts = [
        state_text(match.outlook, at, match.station, zone, translate),
        entry_text(match.station.entry, translate),
        mark,
    ]
    yield "   " + " | ".join(part for part in parts if part)


def _padded(text: str, width: int) -> str:
    """Return a text filled up to a width on the screen, where a Chinese character takes two places."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(0, width - taken)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


@cli.command(
    help=N_("Find stations by name, community, street, pinyin or initials. Example: locator search guiyi")
)
@click.argument("text")
@click.option(
    "-k",
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help=N_("At most so many answers."),
)
@_database
@_as_json
@_lang
@click.pass_obj
def search(translate: Translator, /, text: str, limit: int, database: str, as_json: bool) -> None:
    """Answer which stations a text means."""
    from locator.record import station_to_record
    from locator.wording import category_text

    with _open(database) as store:
        found = store.search(text, limit=limit)
    if as_json:
        _print_json([station_to_record(station) for station in found])
        return
    for station in found:
        category = category_text(station, translate)
        click.echo(f"{_padded(station.id, 16)} {_padded(station.name, 34)} {category}  {station.address}")
    if not found:
        click.echo(translate("Nothing is called that."))


# -- doors


@cli.command("map", help=N_("Draw the stations on a map that stands alone. Example: locator map -o map.html"))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=N_("The HTML file to write."))
@click.option("--at", metavar="TIME", help=N_("The moment, such as 2026-11-20T12:10; without it now."))
@_database
@_as_json
@_lang
@click.pass_obj
def map_(translate: Translator, /, output: Path, at: str | None, database: str, as_json: bool) -> None:
    """Write a map."""
    from locator.hours import time_zone
    from locator.maps.base import standalone
    from locator.maps.stations import station_map
    from locator.maps.surroundings import load_surroundings
    from locator.query import parse_moment
    from locator.snapshot import load_snapshot

    with _open(database) as store:
        snapshot, surroundings = load_snapshot(store), load_surroundings(store)
    moment = parse_moment(at, snapshot.zone) if at else _now().astimezone(time_zone(snapshot.zone))
    page = station_map(snapshot, moment, translate, surroundings=surroundings)
    output.write_text(standalone(page, translate.language), encoding="utf-8")
    text = translate("{count} stations drawn in {file}", count=len(snapshot.stations), file=output)
    _print_json({"stations": len(snapshot.stations), "file": str(output)}) if as_json else click.echo(text)


@cli.command(help=N_("Serve the finder, the map and the API. Example: locator serve --port 8000 --workers 2"))
@click.option("--host", help=N_("The address to listen on."))
@click.option("--port", type=int, help=N_("The port to listen on."))
@click.option("--workers", type=int, help=N_("How many processes serve."))
@click.option("--database", metavar="FILE|URL", help=N_("The database: a file, or sqlite:/// and a file."))
@_lang
@click.pass_obj
def serve(translate: Translator, /, **given: Any) -> None:
    """Serve until stopped."""
    from locator.serving import serve as serve_forever
    from locator.settings import read_settings

    settings = read_settings(os.environ, **given)
    with _open(str(settings["DATABASE"])):
        pass  # a database that cannot be served is said here, not by a process that dies
    address = f"http://{settings['HOST']}:{settings['PORT']}"
    serve_forever(
        settings, ready=lambda: click.echo(translate("Serving at {address} (stop with Ctrl+C)", address=address))
    )


@cli.command(help=N_("Show every setting, its value and what it is for. Example: locator config --json"))
@_as_json
@_lang
@click.pass_obj
def config(translate: Translator, /, as_json: bool) -> None:
    """Show the settings."""
    from locator.settings import PREFIX, SETTINGS, read_settings

    values = read_settings(os.environ)
    if as_json:
        _print_json(values)
        return
    for setting in SETTINGS:
        value = str(values[setting.name])
        click.echo(f"{_padded(PREFIX + setting.name, 26)} {_padded(value, 16)} {translate(setting.help)}")
