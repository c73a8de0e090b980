"""What click itself says of a command that was not written rightly, in the user's language."""

from __future__ import annotations

import click

from locator.translation import N_, Translator

__all__ = ["speak_of_usage"]

_MODULES = (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types)
SAID = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Did you mean {possibility}?"),
    N_("(Did you mean one of: {possibilities}?)"),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Option {name!r} requires an argument."),
    N_("Option {name!r} does not take a value."),
    N_("{value!r} is not {choice}."),
    N_("{value!r} is not one of {choices}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("default: {default}"),
)
"""The message ids of click that its users meet here; what another version says otherwise stays English."""


def speak_of_usage(translate: Translator) -> None:
    """Let click say its own messages in a language: it reads them through names of its modules."""

    def counted(one: str, many: str, count: int) -> str:
        return translate(one if count == 1 else many)

    for module in _MODULES:
        if hasattr(module, "_"):
            setattr(module, "_", translate)  # noqa: B010 - click's types do not know the name
        if hasattr(module, "ngettext"):
            setattr(module, "ngettext", counted)  # noqa: B010
