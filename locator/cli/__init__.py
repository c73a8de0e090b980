"""The command line: one module for each group of commands."""

from __future__ import annotations

import io
import os
import sys

import click

from locator import __version__
from locator.cli.asking import nearest, search
from locator.cli.coverage import coverage
from locator.cli.data import check, export, import_, init, undo
from locator.cli.doors import config, map_, serve
from locator.cli.keys import key
from locator.cli.photos import photo
from locator.cli.printing import poster
from locator.cli.proposing import report_on_scenarios
from locator.cli.publishing import publish
from locator.cli.report import report as coverage_report
from locator.cli.scenario import scenario
from locator.cli.shared import EXIT_REFUSED
from locator.cli.siting import site
from locator.cli.tickets import ratings, report
from locator.cli.usage import speak_of_usage
from locator.cli.visits import code, visits
from locator.errors import LocatorError
from locator.translation import N_, Translator, best_language, translator

__all__ = ["cli", "main"]


def main() -> None:
    """Run the command line; an error that the user can mend is one line and exit status 2."""
    translate = translator(_language())
    _speak(cli, translate)
    speak_of_usage(translate)
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


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]}, help=N_("The open map of workers' service stations.")
)
@click.version_option(__version__)
def cli() -> None:
    """Hold the commands."""


coverage.add_command(coverage_report)
report_on_scenarios(report)
for command in (
    init,
    import_,
    export,
    undo,
    check,
    nearest,
    search,
    coverage,
    map_,
    serve,
    publish,
    config,
    key,
    site,
    scenario,
    report,
    ratings,
    visits,
    code,
    photo,
    poster,
):
    cli.add_command(command)
