"""Rows of a table read by columns, thousands at a time: the plain ones, and nine of ten rows are.

What a row means is said in `cells`, and what a record is in `record`. Here each column is looked at as a whole, or
each text of it once. A row that has anything out of the ordinary is left to `cells`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from json.encoder import encode_basestring
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import LocatorError
from locator.exchange.cells import made_code
from locator.exchange.columns import Columns
from locator.exchange.crs import Reference
from locator.exchange.listed import Listed
from locator.exchange.parts import GROUPS, Part, PartReader
from locator.exchange.positions import read_decimals
from locator.exchange.raw import RawBlock
from locator.record import STATION_FIELDS
from locator.station import is_code, is_plain_text
from locator.store import Drafts
from locator.store.jsontext import json_text

__all__ = ["BlockReader", "ReadBlock"]

_TEXTS = ("name", "address", "community", "street", "operator", "phone", "note")
_SOURCES = ("source", "source_id")
_ODD = frozenset({"wkt", "coordinates", "deleted", "closures", "photos", "extra"})
_ORIGINAL = ("original", "original_datum")

_Mask: TypeAlias = npt.NDArray[np.bool_]
_Pairs: TypeAlias = npt.NDArray[np.float64]
_Column: TypeAlias = tuple[str, Sequence[str]]
"""How a row's text is written, `%s` in its place, and the text of each row."""


@dataclass(slots=True)
class BlockReader:
    """Reads the blocks of one table.

    Parameters
    ----------
    source
        What the records' source is called where no column says it.
    kept
        Codes of the stations in the store; rows that change one are left to `cells`.
    """

    columns: Columns
    reference: Reference
    source: str
    kept: Collection[str]
    _parts: dict[tuple[str, ...], PartReader] = field(init=False)

    def __post_init__(self) -> None:
        self._parts = {fields: PartReader(fields, self.columns) for fields in GROUPS}

    def can_read(self) -> bool:
        """Whether nothing in headings, mapping or source asks for a look at each row."""
        columns = self.columns
        headings = [*columns.fields.values(), *columns.facilities.values(), *columns.weekdays.values()]
        headings += columns.others
        words = [*columns.constants.values(), self.source]
        words += [word for meanings in columns.values.values() for word in meanings.values()]
        return (
            len(set(headings)) == len(headings)
            and all(map(is_plain_text, [*headings, *words]))
            and all(word == word.strip() for word in words)
            and not {*_ORIGINAL} & (columns.fields.keys() | columns.constants.keys())
        )

    def read(self, block: RawBlock) -> ReadBlock:
        """Return the plain rows of a block."""
        size = len(block.numbers)
        texts = {name: self._said(name, block) for name in (*_TEXTS, *_SOURCES)}
        given_codes = self._said("id", block)
        codes = given_codes
        if not all(codes):
            named = zip(codes, texts["name"], texts["address"], strict=True)
            codes = [code or made_code(name, address) for code, name, address in named]
        if "source" not in self.columns.fields:
            texts["source"] = [text or self.source for text in texts["source"]]
        if "source_id" not in self.columns.fields:
            texts["source_id"] = [text or code for text, code in zip(texts["source_id"], given_codes, strict=True)]
        parts = {
            fields: reader.read(
                [self._said(name, block) for name in reader.names]
                + [list(map(str.strip, block.columns[heading])) for heading in reader.headings],
                size,
            )
            for fields, reader in self._parts.items()
        }
        others = {heading: block.columns[heading] for heading in self.columns.others}
        given = np.column_stack([read_decimals(self._said(name, block)) for name in ("lon", "lat")])
        places, plain = self._placed(given)
        plain &= np.fromiter(map(is_code, codes), np.bool_, size)
        if self.kept:
            plain &= np.fromiter((code not in self.kept for code in codes), np.bool_, size)
        plain &= np.fromiter(map(bool, texts["name"]), np.bool_, size)
        for column in (*texts.values(), *others.values()):
            plain &= _plain(column)
        for column in others.values():
            plain &= np.fromiter((text.strip() == text for text in column), np.bool_, size)
        for odd in _ODD & (self.columns.fields.keys() | self.columns.constants.keys()):
            plain &= np.fromiter((not text for text in self._said(odd, block)), np.bool_, size)
        known = {fields: [part for part in column if part is not None] for fields, column in parts.items()}
        if any(len(column) < size for column in known.values()):
            plain &= np.array([None not in row for row in zip(*parts.values(), strict=True)], dtype=np.bool_)
        if not plain.all():
            rows = np.flatnonzero(plain).tolist()
            return replace(self.read(block.chosen(rows)), rows=rows)
        shapes = np.asarray(shapely.points(places))
        return ReadBlock(
            rows=range(size),
            codes=codes,
            texts=texts,
            parts=known,
            others=others,
            given=shapes if self.reference.is_wgs84 else np.asarray(shapely.points(given)),
            shapes=shapes,
            datum="" if self.reference.is_wgs84 else self.reference.name,
        )

    def _said(self, name: str, block: RawBlock) -> list[str]:
        """Return what each row says of a field, as `Cells.text` does."""
        constant = self.columns.constants.get(name, "")
        heading = self.columns.fields.get(name)
        if heading is None:
            return [constant] * len(block.numbers)
        said = list(map(str.strip, block.columns[heading]))
        if words := self.columns.values.get(name):
            said = [words.get(text, text) for text in said]
        return [text or constant for text in said] if constant else said

    def _placed(self, given: _Pairs) -> tuple[_Pairs, _Mask]:
        """Return pairs in WGS84, and which of them are on earth, before and after."""
        plain = ~np.isnan(given).any(axis=1)
        if self.reference.is_degrees:
            plain &= _on_earth(given)
        places = np.zeros_like(given)
        places[plain] = self.reference.convert(given[plain])
        return places, plain & _on_earth(places)


@dataclass(frozen=True)
class ReadBlock:
    """The plain rows of a block, by columns.

    Attributes
    ----------
    rows
        Their places in the block; the others are left to `cells`.
    parts
        Fields of the record to what each row says of them.
    others
        Heading to texts that are no field.
    given, shapes
        Points, as they were given and in WGS84.
    datum
        What they were given in; empty: WGS84.
    """

    rows: Sequence[int]
    codes: Sequence[str]
    texts: Mapping[str, Sequence[str]]
    parts: Mapping[tuple[str, ...], Sequence[Part]]
    others: Mapping[str, Sequence[str]]
    given: npt.NDArray[np.object_]
    shapes: npt.NDArray[np.object_]
    datum: str

    @cached_property
    def stations(self) -> list[Listed]:
        """The stations, as far as checks ask for them."""
        columns = (
            self.codes,
            self.texts["name"],
            self.shapes.tolist(),
            self.texts["community"],
            self.texts["street"],
            [part.entry for part in self.parts["entry",]],
            [part.provenance for part in self.parts["provenance",]],
        )
        return list(map(Listed._make, zip(*columns, strict=True)))

    @property
    def geometries(self) -> list[BaseGeometry]:
        """The points as they were given."""
        return list(self.given)

    @property
    def warnings(self) -> list[tuple[LocatorError, ...]]:
        """What of each row was not understood."""
        told = [[part.warnings for part in column] for column in self.parts.values()]
        said = [column for column in told if any(column)]
        return [sum(row, ()) for row in zip(*said, strict=True)] if said else [()] * len(self.codes)

    def drafts(self) -> Drafts:
        """Return the stations as a store takes them."""
        hosts = [part.entry.host for part in self.parts["entry",]]
        texts = self.texts
        found_by = (
            texts["name"],
            texts["community"],
            texts["street"],
            texts["address"],
            self.codes,
            texts["operator"],
        )
        return Drafts(self.codes, self.records(), self.shapes, (*found_by, hosts))

    def records(self) -> list[str]:
        """Return the records as JSON, each what `json_text` makes of it."""
        columns = {name: _member(name, self.texts[name]) for name in _TEXTS}
        for group, parts in self.parts.items():
            is_one = parts.count(parts[0]) == len(parts)  # where no column speaks of it
            for name in group:
                one = parts[0].members.get(name, "")
                said = [one] * len(parts) if is_one else [part.members.get(name, "") for part in parts]
                columns[name] = "%s", said
        columns["extra"] = "%s", self._extra()
        _, dates = columns.pop("provenance")
        fields = [columns[name] for name in STATION_FIELDS if name in columns]
        return _written([(',"id":"%s"', self.codes), *fields, *self._provenance(dates)])

    def _extra(self) -> list[str]:
        beside = [[part.extra for part in column] for column in self.parts.values()]
        beside = [column for column in beside if any(column)]
        if not beside and not self.others:
            return []
        rows = [{heading: text for heading, text in zip(self.others, row, strict=True) if text}
                for row in zip(*self.others.values(), strict=True)] or [{} for _ in self.codes]  # fmt: skip
        for column in beside:
            for row, extra in zip(rows, column, strict=True):
                row.update(extra)
        return [f',"extra":{json_text(dict(sorted(row.items())))}' if row else "" for row in rows]

    def _provenance(self, dates: Sequence[str]) -> list[_Column]:
        columns = [_member(name, self.texts[name]) for name in _SOURCES]
        if self.datum:
            start = (
                f',"original":{{"datum":{encode_basestring(self.datum)},"geometry":{{"type":"Point","coordinates":'
            )
            pairs = shapely.get_coordinates(self.given).tolist()
            columns.append(("%s", [f"{start}[{lon!r},{lat!r}]}}}}" for lon, lat in pairs]))
        columns.append(("%s", dates))
        inside = _written(columns)
        if all(said != "{}" for said in inside):
            return [(',"provenance":%s', inside)]
        return [("%s", [f',"provenance":{said}' if said != "{}" else "" for said in inside])]


def _member(name: str, column: Sequence[str]) -> _Column:
    """Return texts as members of JSON objects, a comma before each; empty ones are left out."""
    every = "".join(column)
    has_escapes = '"' in every or "\\" in every
    if not has_escapes and all(column):
        return f',"{name}":"%s"', column
    if has_escapes:
        return "%s", [f',"{name}":{encode_basestring(text)}' if text else "" for text in column]
    return "%s", [f',"{name}":"{text}"' if text else "" for text in column]


def _written(columns: Sequence[_Column]) -> list[str]:
    """Return the JSON objects that columns of members make."""
    said = [column for column in columns if any(column[1])]
    if not said:
        return ["{}"] * len(columns[0][1])
    form = "".join([form for form, _ in said])
    rows = zip(*(column for _, column in said), strict=True)
    if form.startswith(","):  # a member that every row has
        return list(map(f"{{{form[1:]}}}".__mod__, rows))
    return [f"{{{(form % row)[1:]}}}" for row in rows]


def _plain(column: Sequence[str]) -> _Mask:
    """Return which texts can be those of any field."""
    if "".join(column).isprintable() and is_plain_text(max(column, key=len, default="")):
        return np.ones(len(column), np.bool_)
    return np.fromiter(map(is_plain_text, column), np.bool_, len(column))


def _on_earth(pairs: _Pairs) -> _Mask:
    return np.asarray((np.abs(pairs) <= (180, 90)).all(axis=1))
