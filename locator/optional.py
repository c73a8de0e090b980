"""Optional parts: imported where they are needed, by one helper that says what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from locator.errors import MissingPart
from locator.translation import N_

__all__ = ["optional_part"]


def optional_part(module: str, extra: str, *, field: str = "") -> Any:  # noqa: ANN401 - whatever the module is
    """Import a module that an extra of the package brings.

    Parameters
    ----------
    field
        What asked for it, such as the name of a setting; empty: the module itself.

    Raises
    ------
    MissingPart
        It is not installed; the mend names the extra.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingPart(
            N_("needs the part {part}"),
            field=field or module.partition(".")[0],
            part=extra,
            mend=N_("pip install 'station-locator[{part}]'"),
        ) from error
