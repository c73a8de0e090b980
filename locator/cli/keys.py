"""Keys of the API: `locator key add`, `list`, `revoke`."""

from __future__ import annotations

import click

from locator.cli.shared import database_option, json_option, language_option, now, opened, padded, print_json
from locator.translation import N_, Translator

__all__ = ["key"]


@click.group(
    help=N_(
        "Give keys for asking the API more often. Example: locator key add riders-app --quota '6000 per minute'"
    )
)
def key() -> None:
    """Hold the commands."""


@key.command(help=N_("Make a key and show it, this once. Example: locator key add riders-app"))
@click.argument("name")
@click.option("--quota", default="6000 per minute", show_default=True, help=N_("How often it may ask."))
@database_option
@json_option
@language_option
@click.pass_obj
def add(translate: Translator, /, name: str, quota: str, database: str, as_json: bool) -> None:
    """Keep the hash of a new key."""
    from locator.settings import check_quota
    from locator.store import digest, new_key

    check_quota(quota, field="quota")
    made = new_key()
    with opened(database) as store:
        store.add_key(name, hashed=digest(made), quota=quota, at=now())
    if as_json:
        print_json({"name": name, "quota": quota, "key": made})
        return
    click.echo(made)
    click.echo(translate("Write it down: only its hash is kept."), err=True)


@key.command("list", help=N_("Show the keys: name, quota, since when, and whether taken back."))
@database_option
@json_option
@language_option
@click.pass_obj
def list_(translate: Translator, /, database: str, as_json: bool) -> None:
    """Show the keys."""
    with opened(database) as store:
        keys = store.keys()
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "quota": one.quota,
                    "created_at": one.created_at.isoformat(),
                    "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
                }
                for one in keys
            ]
        )
        return
    for one in keys:
        state = translate("taken back {day}", day=f"{one.revoked_at:%Y-%m-%d}") if one.revoked_at else ""
        line = f"{padded(one.name, 20)} {padded(one.quota, 18)} {one.created_at:%Y-%m-%d} {state}"
        click.echo(line.rstrip())


@key.command(help=N_("Take a key back. Example: locator key revoke riders-app"))
@click.argument("name")
@database_option
@json_option
@language_option
@click.pass_obj
def revoke(translate: Translator, /, name: str, database: str, as_json: bool) -> None:
    """Take a key back."""
    with opened(database) as store:
        store.revoke_key(name, at=now())
    print_json({"name": name, "revoked": True}) if as_json else click.echo(
        translate("{name} opens nothing now", name=name)
    )
