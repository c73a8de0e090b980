"""What users told, for staff: `locator report` and `ratings`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from locator.cli.shared import (
    database_option,
    json_option,
    language_option,
    local_text,
    now,
    opened,
    padded,
    print_json,
    zone_of,
)
from locator.ticket import HANDLED, KINDS, STATES, Ticket
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.store import Store

__all__ = ["ratings", "report"]

answer_option = click.option(
    "--answer", metavar="TEXT", help=N_("What everybody may read of it on the page of the station.")
)
number_argument = click.argument("number", type=click.IntRange(1, (1 << 63) - 1))


@click.group(
    help=N_(
        "Handle what users report; or, with --scenario, write the report on a scenario. "
        "Examples: locator report confirm 12 --answer 'The lock is changed'; "
        "locator report --scenario three --within 10min -o report.pdf"
    )
)
def report() -> None:
    """Hold the commands."""


@report.command("list", help=N_("Show the reports, newest first. Example: locator report list --state received"))
@click.option("--station", metavar="CODE", help=N_("Only of this station."))
@click.option(
    "--state",
    "states",
    type=click.Choice(list(STATES)),
    multiple=True,
    help=N_("Only in this state; may be repeated."),
)
@click.option("--open", "only_open", is_flag=True, help=N_("Only those that are not handled yet."))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help=N_("At most so many."))
@database_option
@json_option
@language_option
@click.pass_obj
def list_(
    translate: Translator, /, station: str | None, states: tuple[str, ...], only_open: bool, limit: int,
    database: str, as_json: bool,
) -> None:  # fmt: skip
    """Show the tickets."""
    wanted = set(states or STATES) - (set(HANDLED) if only_open else set())
    with opened(database) as store:
        tickets = store.tickets.all(station=station, states=sorted(wanted), limit=limit)
        zone = zone_of(store)
    if as_json:
        print_json([_plain(ticket) for ticket in tickets])
        return
    for ticket in tickets:
        click.echo(_line(ticket, zone, translate))


@report.command(help=N_("Show one report with every step. Example: locator report show 12 --photo door.jpg"))
@number_argument
@click.option("--photo", type=click.Path(path_type=Path), help=N_("Write its photo to this file."))
@database_option
@json_option
@language_option
@click.pass_obj
def show(translate: Translator, /, number: int, photo: Path | None, database: str, as_json: bool) -> None:
    """Show a ticket."""
    with opened(database) as store:
        ticket, steps, zone = store.tickets.one(number), store.tickets.steps(number), zone_of(store)
        picture = store.tickets.photo(number) if photo else None
    if photo and picture:
        photo.write_bytes(picture)
    if as_json:
        told = [{"state": state, "at": at.isoformat(), "answer": answer} for state, at, answer in steps]
        print_json({**_plain(ticket), "steps": told})
        return
    click.echo(_line(ticket, zone, translate))
    if ticket.text:
        click.echo(ticket.text)
    for state, at, answer in steps:
        click.echo(f"  {local_text(at, zone)} {padded(translate(STATES[state]), 24)} {answer}".rstrip())


def _add_move(name: str, state: str, text: str) -> None:
    """Add the command that brings a ticket into a state."""

    @report.command(name, help=text)
    @number_argument
    @answer_option
    @database_option
    @json_option
    @language_option
    @click.pass_obj
    def move(translate: Translator, /, number: int, answer: str | None, database: str, as_json: bool) -> None:
        _move(translate, number, state, answer, database, as_json)


_add_move(
    "confirm",
    "confirmed",
    N_("Say that it is so. Example: locator report confirm 12 --answer 'Repaired by Friday'"),
)
_add_move("correct", "corrected", N_("Say that it is corrected. Example: locator report correct 12"))
_add_move("reject", "rejected", N_("Say that there is nothing to correct. Example: locator report reject 12"))
_add_move("reopen", "received", N_("Take up again what was handled. Example: locator report reopen 12"))


@report.command(help=N_("Say that another report tells the same. Example: locator report duplicate 12 --of 9"))
@number_argument
@click.option("--of", "first", type=click.IntRange(1, (1 << 63) - 1), required=True, help=N_("The first report."))
@answer_option
@database_option
@json_option
@language_option
@click.pass_obj
def duplicate(
    translate: Translator, /, number: int, first: int, answer: str | None, database: str, as_json: bool
) -> None:
    """Bring a ticket into the state `duplicate`."""
    _move(translate, number, "duplicate", answer, database, as_json, first=first)


@report.command("forget-photo", help=N_("Delete the photo of a report. Example: locator report forget-photo 12"))
@number_argument
@database_option
@json_option
@language_option
@click.pass_obj
def forget_photo(translate: Translator, /, number: int, database: str, as_json: bool) -> None:
    """Delete a photo."""
    with opened(database) as store:
        store.tickets.drop_photo(number)
    print_json({"number": number, "photo": False}) if as_json else click.echo(
        translate("report {number} has no photo now", number=number)
    )


@report.command(
    "forget-photos",
    help=N_(
        "Delete the photos of reports that were handled before a moment. "
        "Example: locator report forget-photos --handled-before 2026-10-01"
    ),
)
@click.option("--handled-before", "before", metavar="TIME", required=True, help=N_("Before this moment."))
@database_option
@json_option
@language_option
@click.pass_obj
def forget_photos(translate: Translator, /, before: str, database: str, as_json: bool) -> None:
    """Delete the photos that nobody needs any more."""
    from locator.query import parse_moment

    with opened(database) as store:
        count = store.tickets.drop_photos(parse_moment(before, zone_of(store)))
    print_json({"photos": count}) if as_json else click.echo(translate("photos deleted: {count}", count=count))


@report.command(
    help=N_("Write all reports to a file. Example: locator report export -o reports.xlsx --photos photos")
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help=N_("The .csv, .xlsx or .json to write.")
)
@click.option("--photos", type=click.Path(path_type=Path), help=N_("A folder for the photos, by number."))
@database_option
@json_option
@language_option
@click.pass_obj
def export(translate: Translator, /, output: Path, photos: Path | None, database: str, as_json: bool) -> None:
    """Write every ticket, handled ones too."""
    import json

    from locator.errors import InvalidValue

    kind = output.suffix.lower()
    if kind not in (".csv", ".xlsx", ".json"):
        raise InvalidValue(
            N_("is none of {endings}"), field="output", value=str(output), endings=".csv, .xlsx, .json",
            mend=N_("name another file"),
        )  # fmt: skip
    with opened(database) as store:
        tickets = store.tickets.all()[::-1]
        if photos:
            _write_photos(store, tickets, photos)
    if kind == ".json":
        output.write_text(json.dumps([_plain(one) for one in tickets], ensure_ascii=False, indent=2), "utf-8")
    else:
        _write_table(tickets, output, kind, translate)
    text = translate("{count} reports in {file}", count=len(tickets), file=output)
    print_json({"reports": len(tickets), "file": str(output)}) if as_json else click.echo(text)


@click.command(help=N_("Show how visits were rated. Example: locator ratings --json"))
@database_option
@json_option
@language_option
@click.pass_obj
def ratings(translate: Translator, /, database: str, as_json: bool) -> None:
    """Show the ratings of each station."""
    with opened(database) as store:
        found = store.ratings.all()
    if as_json:
        print_json(
            [{"station": code, "ratings": one.count, "mean": one.mean(least=1)} for code, one in found.items()]
        )
        return
    for station, one in found.items():
        mean = translate("{mean} of 5", mean=f"{one.mean(least=1):.1f}")
        click.echo(f"{padded(station, 24)} {mean}  {translate('Ratings: {count}', count=one.count)}")


def _move(
    translate: Translator,
    number: int,
    to: str,
    answer: str | None,
    database: str,
    as_json: bool,
    first: int | None = None,
) -> None:
    with opened(database) as store:
        ticket = store.tickets.move(number, to, at=now(), answer=answer, duplicate_of=first)
        zone = zone_of(store)
    print_json(_plain(ticket)) if as_json else click.echo(_line(ticket, zone, translate))


def _write_photos(store: Store, tickets: list[Ticket], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for ticket in tickets:
        picture = store.tickets.photo(ticket.number)
        if picture is not None:
            (folder / f"{ticket.number}.jpg").write_bytes(picture)


def _write_table(tickets: list[Ticket], output: Path, kind: str, translate: Translator) -> None:
    from locator.datum import Datum
    from locator.exchange.sheets import Sheet
    from locator.exchange.writing import FORMATS

    rows = [_plain(ticket) for ticket in tickets]
    headings = {
        "number": translate("Report"), "station": translate("Code"), "kind": translate("Kind"),
        "state": translate("State"), "text": translate("Text"), "answer": translate("Answer"),
        "photo": translate("Photo"), "duplicate_of": translate("Same as"),
        "reported_at": translate("Reported at"), "changed_at": translate("Changed at"),
    }  # fmt: skip
    sheet = Sheet(
        layer="reports",
        title=translate("Reports"),
        headings=headings,
        blocks=lambda: iter([[[row[name] for row in rows] for name in headings]]),
        features=(),
        shapes=(),
        is_drawn=False,
    )
    FORMATS[kind](output, [sheet], Datum.WGS84, {})


def _plain(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "station": ticket.station,
        "kind": ticket.kind,
        "state": ticket.state,
        "text": ticket.text,
        "answer": ticket.answer,
        "photo": ticket.has_photo,
        "duplicate_of": ticket.duplicate_of,
        "reported_at": ticket.reported_at.isoformat(),
        "changed_at": ticket.changed_at.isoformat(),
    }


def _line(ticket: Ticket, zone: str, translate: Translator) -> str:
    text = " ".join(ticket.text.split())
    columns = [
        f"{ticket.number:>5}", padded(ticket.station, 16), padded(translate(KINDS[ticket.kind]), 22),
        padded(translate(STATES[ticket.state]), 24), local_text(ticket.reported_at, zone),
        translate("photo") if ticket.has_photo else "", text if len(text) <= 60 else text[:59] + "…",
    ]  # fmt: skip
    return " ".join(column for column in columns if column).rstrip()
