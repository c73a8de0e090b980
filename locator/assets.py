"""Where the files that travel with the package lie: `static/` and `geodata/`.

In a checkout they stand beside the package, in an installed wheel inside it.
"""

from __future__ import annotations

from pathlib import Path

from locator.errors import StoreError
from locator.translation import N_

__all__ = ["asset_folder"]

_PACKAGE = Path(__file__).resolve().parent


def asset_folder(name: str) -> Path:
    """Return the folder `static` or `geodata`, wherever this copy of the package keeps it.

    Raises
    ------
    StoreError
        The folder is in neither place: the installation is incomplete.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise StoreError(
        N_("the folder is missing from this installation"),
        field=name,
        mend=N_("install the package again"),
    )
