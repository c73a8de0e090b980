"""What the coordinates of a file mean: a Chinese datum, or any coordinate reference system by its EPSG code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from locator.datum import Datum, convert, parse_datum
from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["Reference", "read_reference"]


@dataclass(frozen=True)
class Reference:
    """A datum, or a coordinate reference system; exactly one of the two."""

    datum: Datum | None = None
    crs: CRS | None = None

    @property
    def name(self) -> str:
        """How it is written: wgs84, gcj02, …, or EPSG:2263."""
        if self.datum is not None:
            return str(self.datum)
        assert self.crs is not None  # noqa: S101 - one of the two
        authority = self.crs.to_authority()
        return ":".join(authority) if authority else self.crs.name

    @property
    def is_degrees(self) -> bool:
        """Whether coordinates are longitudes and latitudes."""
        return self.datum is not None or (self.crs is not None and self.crs.is_geographic)

    @property
    def is_wgs84(self) -> bool:
        """Whether coordinates need no conversion."""
        return self.datum is Datum.WGS84

    def to_wgs84(self, geometries: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        """Return geometries converted to WGS84, lon before lat, all of them in one go."""
        if self.is_wgs84 or not geometries:
            return list(geometries)
        array = np.array([None, *geometries], dtype=object)[1:]
        return list(shapely.transform(array, self.convert))

    def convert(self, pairs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return pairs of coordinates, a row each, as lon, lat of WGS84."""
        if self.is_wgs84:
            return pairs
        if self.datum is not None:
            lon, lat = convert(pairs[:, 0], pairs[:, 1], self.datum, Datum.WGS84)
        else:
            lon, lat = self._transformer.transform(pairs[:, 0], pairs[:, 1])
        return np.column_stack([lon, lat])

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)


def read_reference(text: str) -> Reference:
    """Return the reference that a text names: `gcj02`, `EPSG:2263`, a WKT definition from a file.

    Raises
    ------
    InvalidValue
        There is no such datum or reference system.
    """
    try:
        return Reference(datum=parse_datum(text))
    except InvalidValue:
        pass
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        raise InvalidValue(
            N_("is no coordinate reference system"),
            field="crs",
            value=text,
            mend=N_("give a code like EPSG:4490, or one of wgs84, gcj02, bd09, cgcs2000"),
        ) from None
    known = {4326: Datum.WGS84, 4490: Datum.CGCS2000}.get(crs.to_epsg() or 0)
    return Reference(datum=known) if known else Reference(crs=crs)
