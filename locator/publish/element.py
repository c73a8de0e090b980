"""The script of the element `station-map` for a site of files, whose map is a file with an ending."""

from __future__ import annotations

from locator.assets import asset_folder
from locator.errors import StoreError
from locator.translation import N_

__all__ = ["element_script"]

_SERVED, _FILE = 'const PAGE = "map";', 'const PAGE = "map.html";'


def element_script() -> bytes:
    """Return the script; where it stands the map stands beside it.

    Raises
    ------
    StoreError
        The script no longer says in one line where its map is.
    """
    text = (asset_folder("static") / "js" / "station-map-element.js").read_text(encoding="utf-8")
    if text.count(_SERVED) != 1:
        raise StoreError(
            N_("does not say where its map is"), field="station-map-element.js", mend=N_("report this as a defect")
        )
    return text.replace(_SERVED, _FILE).encode()
