"""Scenarios: `locator scenario list|show|new|edit|compare|renew|stations|delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from locator.cli.changing import change_scenario, edit, scenario_options
from locator.cli.shared import base_map_option, now, opened, padded, print_json
from locator.cli.study import (
    LIMITS,
    as_found,
    ask_criteria,
    ask_present,
    present_asked,
    scenario_kept,
    show_results,
)
from locator.translation import N_, Translator

if TYPE_CHECKING:
    from locator.coverage.edits import Edit
    from locator.coverage.scenario import Scenario
    from locator.snapshot import Snapshot
    from locator.store import Store

__all__ = ["scenario"]


@click.group(help=N_("What if: stations opened, closed, moved or changed in thought, and what that would do."))
def scenario() -> None:
    """Hold the commands."""


@scenario.command("list", help=N_("Show the scenarios. Example: locator scenario list"))
@scenario_options
def list_(translate: Translator, /, database: str, as_json: bool) -> None:
    """Show the scenarios."""
    with opened(database) as store:
        kept = store.scenarios()
    if as_json:
        print_json([_told(one) for one in kept])
        return
    for one in kept:
        changes = translate(
            N_("{count} changes over revision {revision}"), count=len(one.edits), revision=one.revision
        )
        click.echo(f"{padded(one.name, 20)} {changes}  {' '.join(one.note.split())}".rstrip())


@scenario.command(
    help=N_("Show what a scenario changes, and what stands in its way. Example: locator scenario show three")
)
@click.argument("name")
@scenario_options
def show(translate: Translator, /, name: str, database: str, as_json: bool) -> None:
    """Show one scenario."""
    from locator.coverage.proposal import edit_table
    from locator.coverage.scenario import scenario_of, troubles
    from locator.coverage.writing import table_as_json
    from locator.snapshot import load_snapshot

    with opened(database) as store:
        kept, snapshot = store.scenario(name), load_snapshot(store)
    found = scenario_of(kept)
    wrong = {place + 1: error.text(translate) for place, error in troubles(snapshot, found.edits)}
    table = edit_table(snapshot, found.edits)
    if as_json:
        rows = table_as_json(table, translate)
        print_json(_told(kept) | {"changes": rows, "troubles": wrong, "data_revision": snapshot.revision})
        return
    click.echo(translate(N_("{name}: {count} changes over revision {revision} of {now}"), name=name,
                         count=len(found.edits), revision=found.revision, now=snapshot.revision))  # fmt: skip
    if found.note:
        click.echo(" ".join(found.note.split()))
    for row in table_as_json(table, translate):
        cost = "" if row["cost"] is None else translate(N_("{cost} CNY a year"), cost=f"{row['cost']:,.0f}")
        parts = (str(row["number"]), row["change"], row["id"], row["name"], row["detail"], cost)
        click.echo("  ".join(" ".join(str(part).split()) for part in parts if part))
        if row["number"] in wrong:
            click.echo(f"   ! {wrong[row['number']]}")


@scenario.command(
    help=N_("Make an empty scenario, or a copy of one. Example: locator scenario new three --note 'for 2027'")
)
@click.argument("name")
@click.option("--note", default="", help=N_("What it is for."))
@click.option("--copy", metavar="NAME", help=N_("Begin with the changes of this scenario."))
@scenario_options
def new(translate: Translator, /, name: str, note: str, copy: str | None, database: str, as_json: bool) -> None:
    """Make a scenario."""
    from locator.coverage.scenario import check_name

    check_name(name)
    with opened(database) as store:
        before = store.scenario(copy) if copy else None
        store.put_scenario(
            name,
            before.edits if before else (),
            revision=before.revision if before else store.revision,
            note=note or (before.note if before else ""),
            question=before.question if before else None,
            at=now(),
        )
        kept = store.scenario(name)
    print_json(_told(kept)) if as_json else click.echo(translate(N_("kept as scenario {name}"), name=name))


@scenario.command(help=N_("Delete a scenario. Example: locator scenario delete three"))
@click.argument("name")
@scenario_options
def delete(translate: Translator, /, name: str, database: str, as_json: bool) -> None:
    """Delete a scenario."""
    with opened(database) as store:
        store.remove_scenario(name)
    print_json({"name": name, "deleted": True}) if as_json else click.echo(
        translate(N_("{name} is deleted"), name=name)
    )


@scenario.command(
    help=N_(
        "Look at stations that have changed, and let the scenario mean them as they are now. "
        "Example: locator scenario renew three"
    )
)
@click.argument("name")
@scenario_options
def renew(translate: Translator, /, name: str, database: str, as_json: bool) -> None:
    """Renew a scenario over the data as it is."""
    from locator.coverage.edits import edit_to_record
    from locator.coverage.scenario import renewed

    lost: list[Edit] = []

    def change(store: Store, found: Scenario, snapshot: Snapshot) -> Scenario:
        result, gone = renewed(found, snapshot)
        lost.extend(gone)
        return result

    found = change_scenario(database, name, change)
    if as_json:
        print_json({"name": name, "changes": len(found.edits), "given_up": [edit_to_record(one) for one in lost]})
        return
    click.echo(translate(N_("{name}: {count} changes over revision {revision}"), name=name, count=len(found.edits),
                         revision=found.revision))  # fmt: skip
    for one in lost:
        click.echo(translate(N_("given up: {change} of {id}"), change=one.kind, id=one.id))


@scenario.command(
    help=N_(
        "Put what a scenario opens into the list of stations, as planned ones; 'locator undo' takes it back. "
        "Example: locator scenario stations three"
    )
)
@click.argument("name")
@scenario_options
def stations(translate: Translator, /, name: str, database: str, as_json: bool) -> None:
    """Write planned stations, all or none."""
    from locator.coverage.planned import write_planned
    from locator.coverage.scenario import scenario_of

    with opened(database) as store:
        done = write_planned(store, scenario_of(store.scenario(name)), at=now())
    if as_json:
        told = {"planned": list(done.ids), "not_written": done.rest, "revision": done.revision}
        print_json({"name": name} | told)
        return
    if not done.is_new:
        click.echo(translate(N_("Nothing new: all of it is in the list of stations.")))
    else:
        click.echo(translate(
            N_("{count} planned stations are in the list, in revision {revision}; "
               "'locator undo {revision}' takes them back."), count=len(done.ids), revision=done.revision,
        ))  # fmt: skip
    if done.rest:
        text = N_("{count} changes of stations that are there are not written: change these in their list.")
        click.echo(translate(text, count=done.rest))


@scenario.command(
    help=N_(
        "Compare a scenario with the present, or two scenarios. "
        "Example: locator scenario compare three four --within 500m -o difference.html"
    )
)
@click.argument("name")
@click.argument("other", required=False)
@ask_criteria()
@base_map_option
@ask_present
def compare(translate: Translator, /, name: str, other: str | None, **asked: Any) -> None:
    """Compare."""
    from locator.coverage.comparison import compare as compared
    from locator.coverage.supposing import supposed

    present = present_asked(as_found(asked, asked["database"], *((name, other) if other else (name,))))
    _ = present.distances  # measured once; what a scenario leaves is not measured again
    first = present if other is None else supposed(present, scenario_kept(asked["database"], name))
    second = supposed(present, scenario_kept(asked["database"], other or name))
    show_results([compared(first, second)], second, translate, asked)


@scenario.command(
    help=N_(
        "Explain a scenario: whom each station serves and when, other sites as good, what more are worth. "
        "Example: locator scenario explain three --within 500m"
    )
)
@click.argument("name")
@click.option("--time-limit", "time_limit_s", type=float, default=60, show_default=True,
              help=N_("Seconds after which the best answer until then is given."))  # fmt: skip
@click.option(
    "--between", metavar="HOURS", help=N_("Other sites and the best ones are judged in these hours: 0-24, 22-6.")
)
@ask_criteria(*LIMITS)
@ask_present
def explain(translate: Translator, /, name: str, time_limit_s: float, between: str | None, **asked: Any) -> None:
    """Explain."""
    import time

    from locator.coverage.criteria import parse_hours
    from locator.coverage.proposal import explain as explained
    from locator.coverage.siting.solving import Search
    from locator.coverage.supposing import supposed

    asked = as_found(asked | {"between": between or ""}, asked["database"], name)
    present = present_asked(asked)
    _ = present.distances
    after = supposed(present, scenario_kept(asked["database"], name))
    with opened(asked["database"]) as store:
        candidates = store.candidates()
    search = Search(time_limit_s=time_limit_s, gap=1e-3, started_s=time.monotonic())
    hours = parse_hours(asked["between"]) if asked["between"] else None
    show_results([explained(present, after, candidates, search=search, hours=hours)], after, translate, asked)


scenario.add_command(edit)


def _told(kept: Any) -> dict[str, Any]:
    return {
        "name": kept.name,
        "note": kept.note,
        "version": kept.version,
        "revision": kept.revision,
        "question": dict(kept.question),
        "created_at": kept.created_at.isoformat(),
        "changed_at": kept.changed_at.isoformat(),
        "edits": [dict(one) for one in kept.edits],
    }
