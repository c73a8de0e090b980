"""How much of a file from outside is taken, and every sentence that refuses one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["Limits", "Refusal", "refused"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading; each is inclusive.

    Attributes
    ----------
    file_bytes
        Of the file as it is given.
    rows, columns
        Rows (features) without the headings, and headings.
    cell_characters
        Of one text: a cell, a property, a heading.
    members
        Files in a zipped Shapefile or a KMZ.
    workbook_members
        Parts of an XLSX file, each pasted picture being one.
    expanded_bytes, expansion
        What an archive holds unpacked, in bytes, and, where that is over 1 MB, as a multiple of its packed size.
    vertices, total_vertices
        Of one geometry, and of all geometries.
    depth
        Lists and objects within each other, in a geometry or a property. The shell of a MultiPolygon needs 5.
    output_bytes
        What the reading process may hand over.
    memory_bytes
        Address space of the reading process, libraries included (170 MB with GDAL, 30 MB without).
    cpu_seconds, wall_seconds
        Of the reading process.
    """

    file_bytes: int = 200_000_000
    rows: int = 500_000
    columns: int = 300
    cell_characters: int = 10_000
    members: int = 50
    workbook_members: int = 1_000
    expanded_bytes: int = 500_000_000
    expansion: int = 200
    vertices: int = 10_000
    total_vertices: int = 5_000_000
    depth: int = 8
    output_bytes: int = 1_000_000_000
    memory_bytes: int = 2 << 30
    cpu_seconds: int = 90
    wall_seconds: float = 180


_SPLIT = N_("split it into smaller files")
_AGAIN = N_("save it again with the program that made it")
_PACK = N_("pack it again, with plain files only")


class Refusal(Enum):
    """Why a file is not read, and the mend: message ids. The reading process may say these and nothing else."""

    MISSING = N_("there is no such file"), N_("check the name")
    NOT_PLAIN = N_("is not a plain file"), N_("check the name")
    NOT_OPENED = N_("cannot be opened: {error}"), N_("check who may read it")
    KIND = N_("is a kind of file that cannot be read"), N_("give one of {endings}")
    OLD_WORKBOOK = N_("is a workbook in the format of before 2007"), N_("save it again as .xlsx")
    CONTENT = N_("is not what its name says: inside it is {found}"), _AGAIN
    NO_ROWS = N_("has no rows"), N_("give a table with headings")
    SIZE = N_("is larger than {limit} bytes"), _SPLIT
    ROWS = N_("has more than {limit} rows"), _SPLIT
    COLUMNS = N_("has more than {limit} columns"), N_("leave out those that nobody needs")
    CELL = N_("row {number} has a text longer than {limit} characters: {column}"), N_("shorten it")
    SURPLUS = (
        N_("line {number} has more cells than there are headings"),
        N_("put cells that hold a comma in quotes"),
    )
    HEADING_TWICE = N_("has the heading {heading} twice"), N_("rename one of the two")
    TABLE = N_("cannot be read as a table: {error}"), N_("save it again as CSV")
    ENCODING = N_("is neither UTF-8 nor GB18030 text"), N_("save it as CSV UTF-8 in the spreadsheet")
    NO_SHEET = N_("has no sheet {sheet}"), N_("give one of {sheets}")
    NO_LAYER = N_("has no layer {layer}"), N_("give one of {layers}")
    ARCHIVE = N_("is a damaged archive: {error}"), _PACK
    MEMBERS = N_("is an archive of more than {limit} files"), N_("pack only what is needed")
    EXPANDED = N_("expands to more than {limit} bytes"), _SPLIT
    EXPANSION = N_("expands to more than {limit} times its size"), _AGAIN
    MEMBER_NAME = N_("holds a name that leads out of the archive: {member}"), _PACK
    LINK = N_("holds a link: {member}"), _PACK
    NESTED = N_("holds an archive in the archive: {member}"), _PACK
    ENCRYPTED = N_("is locked with a password"), N_("save it without a password")
    NO_SHAPEFILE = N_("is an archive without {missing}"), N_("pack .shp, .shx, .dbf and .prj together")
    NO_KML = N_("is an archive without {missing}"), _AGAIN
    DOCTYPE = N_("is XML that defines a document type or entities"), _AGAIN
    XML = N_("is not the XML that it should be: {error}"), _AGAIN
    JSON = N_("is not JSON: {error}"), N_("export it again as GeoJSON")
    CONSTANT = N_("has {name} in the place of a number"), N_("export it again as GeoJSON")
    NOT_GEOJSON = (
        N_("is not a GeoJSON FeatureCollection"),
        N_("export it again as GeoJSON, with a list of features"),
    )
    NOT_TEXT = N_("has a text that is not Unicode"), _AGAIN
    DEPTH = N_("is nested more than {limit} deep"), N_("check type and brackets")
    VERTICES = N_("row {number} has a geometry of more than {limit} vertices"), N_("simplify it")
    TOTAL_VERTICES = N_("has more than {limit} vertices"), N_("simplify it")
    GEOMETRY = N_("row {number} has a geometry that cannot be read: {error}"), _AGAIN
    NOT_GEOPACKAGE = N_("is not a GeoPackage: {error}"), _AGAIN
    NOT_TABLE = (
        N_("has a view, or a table that computes, in the place of a plain table: {name}"),
        N_("export the layer to a new GeoPackage"),
    )
    CRS = (
        N_("states a coordinate reference system that is not read from files"),
        N_("remove it from the file and give its code, such as EPSG:4490"),
    )
    PART = N_("cannot be read without {part}"), N_("install {part}")
    EXTRA = N_("cannot be read without {part}"), N_("install it: pip install 'station-locator[{extra}]'")
    BANDS = N_("has {count} bands"), N_("give a grid of one band")
    UNREADABLE = N_("cannot be read: {error}"), _AGAIN
    TIME = N_("takes too long to read"), _SPLIT
    MEMORY = N_("needs too much memory"), _SPLIT
    OUTPUT = N_("holds more than is taken from one file"), _SPLIT
    CRASH = N_("made the reader stop"), _AGAIN


def refused(refusal: Refusal, **details: object) -> InvalidValue:
    """Return the error that refuses a file; the door adds the file's name."""
    reason, mend = refusal.value
    return InvalidValue(reason, field="file", mend=mend, **details)
