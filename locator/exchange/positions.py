"""Positions as people write them: decimal degrees, degrees-minutes-seconds, two in one cell, WKT."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.station import GEOMETRY_KINDS
from locator.translation import N_
from locator.validity import check_geometry, parse_wkt, read_wkt

__all__ = ["read_decimals", "read_degrees", "read_pair", "read_point", "read_shape"]

_MAX_TEXT = 100
_WORDS = str.maketrans({"度": "°", "º": "°", "分": "'", "′": "'", "’": "'", "秒": '"', "″": '"', "”": '"'})
_COMPASS = {"东经": "E", "西经": "W", "北纬": "N", "南纬": "S", "东": "E", "西": "W", "北": "N", "南": "S"}
_DECIMAL = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?(?:e-[0-9]{1,3})?")  # nine of ten
_DECIMALS = re.compile(rf"(?:{_DECIMAL.pattern}\n)*+")
_NUMBER = r"\d+(?:\.\d+)?"
_SEXAGESIMAL = re.compile(rf"({_NUMBER})°\s*(?:({_NUMBER})'\s*)?(?:({_NUMBER})(?:\"|'')\s*)?")


def read_point(lon: str, lat: str, *, projected: bool = False) -> BaseGeometry:
    """Return the point that two cells give.

    Parameters
    ----------
    projected
        The numbers are metres or feet of a projected CRS: any size, no degrees.

    Raises
    ------
    InvalidValue
        One is missing, is no number, or out of range.
    """
    point = shapely.Point(read_degrees(lon, "lon"), read_degrees(lat, "lat"))
    return point if projected else check_geometry(point)


def read_pair(text: str, *, projected: bool = False) -> BaseGeometry:
    """Return the point that one cell gives: `lon,lat`, or any order where compass letters say which is which."""
    folded = _folded(text, "coordinates").strip("()[]")
    parts = _two_parts(folded)
    if len(parts) != 2:
        raise InvalidValue(
            N_("is not a longitude and a latitude"),
            field="coordinates",
            value=text,
            mend=N_("write them like 113.0742,28.8069"),
        )
    first, second = parts
    if re.search("[NS]", first) or re.search("[EW]", second):
        first, second = second, first
    return read_point(first, second, projected=projected)


def _two_parts(text: str) -> list[str]:
    """Return the parts of a pair: between them a mark, or a compass letter that leads or trails each."""
    if re.search("[NSEW]", text):
        pieces = re.split("(?=[NSEW])" if text[0] in "NSEW" else "(?<=[NSEW])", text)
    else:
        pieces = re.split(r"[,;、\s]+", text)
    return [piece.strip(" ,;、") for piece in pieces if piece.strip(" ,;、")]


def read_shape(text: str, *, kinds: Collection[str] = GEOMETRY_KINDS, projected: bool = False) -> BaseGeometry:
    """Return the geometry that a cell of WKT gives; for `projected` see `read_point`."""
    return parse_wkt(text) if projected else read_wkt(text, kinds=kinds)


def read_degrees(text: str, field: str) -> float:
    """Return a number of degrees: 113.0742, 113.0742E, 113°04'27.1"E, 东经113度4分27秒.

    West and south are negative.

    Raises
    ------
    InvalidValue
        It is none of these.
    """
    if _DECIMAL.fullmatch(text):
        return float(text)
    folded = _folded(text, field)
    letters = re.findall("[NSEW]", folded)
    bare = re.sub("[NSEW]", "", folded).strip()
    negative = bare.startswith("-") or bool(letters and letters[0] in "SW")
    value = _magnitude(bare.lstrip("+-").strip())
    if value is None or len(letters) > 1 or not _fits(letters, field):
        raise InvalidValue(
            N_("is not a number of degrees"), field=field, value=text, mend=N_("write it like 113.0742")
        )
    return -value if negative else value


def read_decimals(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return what `read_degrees` does of plain decimal numbers; of what is written otherwise, NaN."""
    if _DECIMALS.fullmatch("\n".join([*texts, ""])):
        return np.array(list(map(float, texts)), dtype=np.float64)
    return np.array([float(text) if _DECIMAL.fullmatch(text) else math.nan for text in texts], dtype=np.float64)


def _fits(letters: list[str], field: str) -> bool:
    """Whether a compass letter is one of the axis."""
    return not letters or letters[0] in {"lon": "EW", "lat": "NS"}.get(field, "NSEW")


def _magnitude(text: str) -> float | None:
    if re.fullmatch(_NUMBER + "°?", text):
        return float(text.rstrip("°"))
    found = _SEXAGESIMAL.fullmatch(text)
    if not found:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in found.groups())
    return degrees + minutes / 60 + seconds / 3600 if minutes < 60 and seconds < 60 else None


def _folded(text: str, field: str) -> str:
    if len(text) > _MAX_TEXT:
        raise InvalidValue(
            N_("is longer than {limit} characters"),
            field=field,
            value=text,
            limit=_MAX_TEXT,
            mend=N_("shorten it"),
        )
    folded = unicodedata.normalize("NFKC", text).translate(_WORDS).strip()
    for word, letter in _COMPASS.items():
        folded = folded.replace(word, letter)
    return re.sub("[nsew]", lambda found: found.group().upper(), folded)
