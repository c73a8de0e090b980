"""Networks kept in a folder, each by the hash of all that it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path
from types import MappingProxyType

import numpy as np

from locator.errors import StoreError
from locator.streets.graph import Network
from locator.translation import N_

__all__ = ["kept", "load_network", "save_network"]

_FORMAT = b"1"  # to be raised whenever a network of the same content would be made otherwise
_ARRAYS = ("nodes", "ends", "length_m", "forward", "backward", "vertices", "offsets", "code", "name")
_DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def kept(folder: Path, *content: bytes) -> Path:
    """Return the file in a folder for a network that is made of some content."""
    digest = hashlib.sha256(_FORMAT)
    for part in content:
        digest.update(hashlib.sha256(part).digest())
    return folder / f"streets-{digest.hexdigest()[:32]}.npz"


def save_network(network: Network, path: Path) -> None:
    """Write a network, whole or not at all; the folder is made where there is none.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    texts = json.dumps({"names": network.names, "about": dict(network.about)}).encode()
    arrays = {name: getattr(network, name) for name in _ARRAYS}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".streets-", suffix=".npz", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(file, texts=np.frombuffer(texts, np.uint8), **arrays)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            N_("cannot be written: {error}"),
            field="cache",
            value=str(path.parent),
            error=error.strerror,
            mend=N_("choose another folder"),
        ) from error


def load_network(path: Path) -> Network | None:
    """Read a network that `save_network` wrote; None where there is none, or it is damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            texts = json.loads(file["texts"].tobytes())
            arrays = {name: file[name] for name in _ARRAYS}
        network = Network(**arrays, names=tuple(texts["names"]), about=MappingProxyType(texts["about"]))
    except _DAMAGED:
        return None
    return network if _fits(network) else None


def _fits(network: Network) -> bool:
    edges = len(network.ends)
    return (
        edges > 0
        and all(
            len(getattr(network, name)) == edges for name in ("length_m", "forward", "backward", "code", "name")
        )
        and len(network.offsets) == edges + 1
        and int(network.offsets[-1]) == len(network.vertices)
        and 0 <= int(network.ends.min()) <= int(network.ends.max()) < len(network.nodes)
    )
