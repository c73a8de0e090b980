"""Population grids: the cells that have somebody, each where the grid's own CRS puts it."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from shapely.geometry import shape

from locator.errors import InvalidValue
from locator.exchange.reading import Limits, read_file

PEOPLE = np.array([[0.0, 12.5, -1.0], [np.nan, 3.0, np.inf]], dtype="float32")


def grid(tmp_path, values=PEOPLE, crs="EPSG:4326", transform=None, name="people.tif", **options):
    path = tmp_path / name
    profile = {"driver": "GTiff", "height": values.shape[-2], "width": values.shape[-1], "dtype": values.dtype}
    bands = values if values.ndim == 3 else values[None]
    placed = Affine(0.01, 0, 113.0, 0, -0.01, 29.0) if transform is None else transform
    profile |= {"count": len(bands), "crs": crs, "transform": placed}
    with rasterio.open(path, "w", **(profile | options)) as file:
        file.write(bands)
    return path


def test_cells_with_somebody_are_polygons(tmp_path):
    file = read_file(grid(tmp_path))
    assert [(row.id, row.values["weight"]) for row in file.rows] == [("cell/0/1", 12.5), ("cell/1/1", 3.0)]
    assert shape(file.rows[0].geometry).bounds == pytest.approx((113.01, 28.99, 113.02, 29.0))
    assert file.crs == "EPSG:4326"


def test_what_stands_for_nothing_is_nothing(tmp_path):
    values = np.array([[7, 255]], dtype="uint8")
    assert [row.values["weight"] for row in read_file(grid(tmp_path, values, nodata=255)).rows] == [7.0]


def test_grid_may_be_turned(tmp_path):
    turned = Affine(60, 80, 500_000, 80, -60, 3_180_000)  # 100 m a side
    file = read_file(grid(tmp_path, crs="EPSG:4547", transform=turned))
    assert file.crs == "EPSG:4547"
    assert shape(file.rows[0].geometry).area == pytest.approx(100 * 100)


def test_large_grid_is_read_in_windows_and_limited(tmp_path):
    values = np.zeros((3_000, 1_000), dtype="uint8")
    values[::1000, 500] = 1
    path = grid(tmp_path, values, compress="deflate")
    assert [row.id for row in read_file(path).rows] == ["cell/0/500", "cell/1000/500", "cell/2000/500"]
    with pytest.raises(InvalidValue, match="more than 2 rows"):
        read_file(path, limits=Limits(rows=2))


def test_grid_of_many_bands_is_refused(tmp_path):
    with pytest.raises(InvalidValue, match="has 2 bands"):
        read_file(grid(tmp_path, np.zeros((2, 2, 2), dtype="uint8")))


def test_grid_without_crs_states_none(tmp_path):
    assert read_file(grid(tmp_path, crs=None)).crs is None


def test_files_beside_the_grid_say_nothing(tmp_path):
    path = grid(tmp_path)
    (tmp_path / "people.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3857</SRS></PAMDataset>")
    (tmp_path / "people.tfw").write_text("1\n0\n0\n-1\n0\n0\n")
    assert read_file(path).crs == "EPSG:4326"
    assert shape(read_file(path).rows[0].geometry).bounds[0] == pytest.approx(113.01)


@pytest.mark.parametrize(
    "content",
    [
        b"II*\0",
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand><SourceFilename>/etc/passwd</SourceFilename>'
        b"</VRTRasterBand></VRTDataset>",
        b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 200,
    ],
)
def test_what_is_no_grid_is_refused(tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(InvalidValue):
        read_file(path)


def test_enormous_grid_of_nothing_ends_soon(tmp_path):
    path = tmp_path / "a.tif"
    profile = {"driver": "GTiff", "height": 2_000_000, "width": 2_000_000, "count": 1, "dtype": "uint8"}
    with rasterio.open(
        path,
        "w",
        **profile,
        tiled=True,
        sparse_ok=True,
        bigtiff="yes",
        blockxsize=8192,
        blockysize=8192,
        crs="EPSG:4326",
        transform=Affine(1e-5, 0, 0, 0, -1e-5, 0),
    ):
        pass  # fmt: skip
    with pytest.raises(InvalidValue):
        read_file(path, limits=Limits(cpu_seconds=5, wall_seconds=20))
