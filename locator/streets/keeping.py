"""Networks, and what lies between streets, kept in a folder, each by the hash of all that it is made of."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import StoreError
from locator.streets.graph import Network
from locator.translation import N_

__all__ = ["kept", "load_network", "load_shapes", "save_network", "save_shapes"]

_FORMAT = b"2"  # to be raised whenever a network of the same content would be made otherwise
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
    texts = {"names": network.names, "about": dict(network.about)}
    _save(path, texts, {name: getattr(network, name) for name in _ARRAYS})


def save_shapes(records: Sequence[Mapping[str, str]], shapes: Sequence[BaseGeometry], path: Path) -> None:
    """Write shapes and what is said of each, as `save_network` writes a network."""
    parts = [shapely.to_wkb(shape) for shape in shapes]
    offsets = np.cumsum([0, *map(len, parts)])
    _save(path, [dict(record) for record in records], {"wkb": _bytes(b"".join(parts)), "offsets": offsets})


def load_shapes(path: Path) -> list[tuple[dict[str, str], BaseGeometry]] | None:
    """Read shapes that `save_shapes` wrote; None where there are none, or they are damaged."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            records = json.loads(file["texts"].tobytes())
            wkb, offsets = file["wkb"].tobytes(), file["offsets"].tolist()
        shapes = [shapely.from_wkb(wkb[start:stop]) for start, stop in pairwise(offsets)]
        return list(zip(records, shapes, strict=True))
    except (*_DAMAGED, shapely.GEOSException):
        return None


def _save(path: Path, texts: object, arrays: Mapping[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".streets-", suffix=".npz", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(file, texts=_bytes(json.dumps(texts).encode()), **arrays)
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


def _bytes(content: bytes) -> Any:  # noqa: ANN401 - an array
    return np.frombuffer(content, np.uint8)


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
