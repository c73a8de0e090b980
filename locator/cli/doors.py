"""Pictures and servers: `locator map`, `serve`, `config`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import click

from locator.cli.shared import (
    base_map_option,
    database_option,
    json_option,
    language_option,
    now,
    opened,
    padded,
    print_json,
)
from locator.translation import N_, Translator

__all__ = ["config", "map_", "serve"]


@click.command("map", help=N_("Draw the stations on a map that stands alone. Example: locator map -o map.html"))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=N_("The HTML file to write."))
@click.option("--at", metavar="TIME", help=N_("The moment, such as 2026-11-20T12:10; without it now."))
@base_map_option
@database_option
@json_option
@language_option
@click.pass_obj
def map_(
    translate: Translator, /, output: Path, at: str | None, base_map: str, database: str, as_json: bool
) -> None:
    """Write a map."""
    from locator.hours import time_zone
    from locator.maps.base import standalone
    from locator.maps.stations import station_map
    from locator.maps.surroundings import load_surroundings
    from locator.query import parse_moment
    from locator.settings import base_map_of, read_settings
    from locator.snapshot import load_snapshot

    with opened(database) as store:
        snapshot, surroundings = load_snapshot(store), load_surroundings(store)
    moment = parse_moment(at, snapshot.zone) if at else now().astimezone(time_zone(snapshot.zone))
    base = base_map_of(read_settings(os.environ, base_map=base_map))
    page = station_map(snapshot, moment, translate, surroundings=surroundings, base=base)
    output.write_text(standalone(page, translate.language), encoding="utf-8")
    text = translate("{count} stations drawn in {file}", count=len(snapshot.stations), file=output)
    print_json({"stations": len(snapshot.stations), "file": str(output)}) if as_json else click.echo(text)


config_option = click.option("--config", "file", metavar="FILE", default="", help=N_("A TOML file of settings."))


@click.command(help=N_("Serve the finder, the map and the API. Example: locator serve --port 8000 --workers 2"))
@click.option("--host", help=N_("The address to listen on."))
@click.option("--port", type=int, help=N_("The port to listen on."))
@click.option("--workers", type=int, help=N_("How many processes serve."))
@click.option("--database", metavar="FILE|URL", help=N_("The database: a file, or sqlite:/// and a file."))
@config_option
@language_option
@click.pass_obj
def serve(translate: Translator, /, file: str, **given: Any) -> None:
    """Serve until stopped."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the server is there to reload
    from locator.serving import serve as serve_forever
    from locator.settings import read_settings

    def read() -> dict[str, Any]:
        return read_settings(environment, file=file, **given)

    environment = dict(os.environ)  # what the server tells its processes is no setting of the next reading
    settings = read()
    with opened(str(settings["DATABASE"])):
        pass  # a database that cannot be served is said here, not by a process that dies
    address = f"http://{settings['HOST']}:{settings['PORT']}"
    serve_forever(
        settings,
        read_again=read,
        ready=lambda: click.echo(translate("Serving at {address} (stop with Ctrl+C)", address=address)),
    )


@click.command(
    help=N_("Show every setting, its value, where that is from and what it is for. Example: locator config --json")
)
@config_option
@json_option
@language_option
@click.pass_obj
def config(translate: Translator, /, file: str, as_json: bool) -> None:
    """Show the settings."""
    from locator.settings import PREFIX, SETTINGS, choose_settings

    chosen = choose_settings(os.environ, file=file)
    if as_json:
        print_json({name: {"value": choice.value, "source": choice.source} for name, choice in chosen.items()})
        return
    sources = {
        "option": translate("option"), "environment": translate("environment"), "default": translate("default")
    }  # fmt: skip
    for setting in SETTINGS:
        choice = chosen[setting.name]
        source = sources.get(choice.source, choice.source)
        columns = [(PREFIX + setting.name, 24), (str(choice.value), 16), (source, 12)]
        line = " ".join(padded(text, width) for text, width in columns)
        click.echo(f"{line} {translate(setting.help)}")
