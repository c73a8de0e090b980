"""A grid of population (GeoTIFF): every cell that has somebody, as a polygon with its value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from locator.exchange.reading.limits import Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["read_raster"]

_AT_ONCE = 1 << 20  # cells
_AROUND = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))


def read_raster(path: Path, writer: Writer) -> None:
    """Write the cells of the one band whose value is above zero, row by row, from the first corner on."""
    with (
        rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED=False),
        rasterio.open(path, driver="GTiff") as grid,
    ):
        if grid.count != 1:
            raise refused(Refusal.BANDS, count=grid.count)
        for number, (row, column, value) in enumerate(_cells(grid), start=1):
            corners = [_corner(grid, column + x, row + y) for x, y in _AROUND]
            geometry = {"type": "Polygon", "coordinates": [corners]}
            writer.feature(number, {"weight": value}, geometry, f"cell/{row}/{column}")
        code = grid.crs.to_epsg() if grid.crs else None
        crs = f"EPSG:{code}" if code else grid.crs.to_wkt() if grid.crs else None
    writer.end(crs=crs)


def _corner(grid: rasterio.DatasetReader, column: int, row: int) -> tuple[float, float]:
    a, b, c, d, e, f = grid.transform[:6]
    return a * column + b * row + c, d * column + e * row + f


def _cells(grid: rasterio.DatasetReader) -> Iterator[tuple[int, int, float]]:
    height = max(1, _AT_ONCE // grid.width)
    for start in range(0, grid.height, height):
        window = Window(0, start, grid.width, min(height, grid.height - start))
        values = grid.read(1, window=window, masked=True).astype("float64").filled(0)
        # Not a number is no amount either.
        for row, column in np.argwhere(np.nan_to_num(values, posinf=0) > 0).tolist():
            yield start + row, column, float(values[row, column])
