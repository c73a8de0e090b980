"""A tree of CQL2 into a condition of SQL: only the columns of a collection, every value bound.

The logic is that of SQL: what is compared with the unknown is unknown, and the unknown is not found.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue, QueryError
from locator.store.properties import Collection
from locator.translation import N_
from locator.validity import read_geometry

__all__ = ["GEOMETRY", "Condition", "add_functions", "condition_of"]

GEOMETRY = "geometry"
_MAX_DEPTH = 40
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_EXAMPLE = "category = 'station' AND toilet = true"

Value: TypeAlias = str | float | int | bytes


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL and the values that are bound to its question marks."""

    sql: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A property or a literal: its kind, its SQL, and the literal itself."""

    kind: str
    sql: str
    values: tuple[Value, ...] = ()
    literal: Any = None


def condition_of(tree: object, collection: Collection) -> Condition:
    """Return the condition that a CQL2 filter sets to the rows of a collection.

    Comparisons, AND, OR, NOT, IS NULL, LIKE, BETWEEN, IN, CASEI and S_INTERSECTS; texts are compared by their
    code points. A text is taken for the date or moment that it is compared with.

    Parameters
    ----------
    tree
        CQL2 JSON.

    Raises
    ------
    QueryError
        It has an operator or a property that there is not, or compares what cannot be compared.
    """
    return _Compiler(collection).predicate(tree, 0)


def add_functions(connection: sqlite3.Connection) -> None:
    """Teach a connection the functions that the conditions use."""
    connection.create_function("folded", 1, _folded, deterministic=True)
    connection.create_function("utc", 1, _utc, deterministic=True)
    connection.create_function("meets", 2, _meets, deterministic=True)


class _Compiler:
    """One filter over one collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def predicate(self, node: object, depth: int) -> Condition:
        """Return the condition of what is true, false or unknown."""
        if depth > _MAX_DEPTH:
            raise _refusal(N_("is nested too deeply"), "…")
        if isinstance(node, bool):
            return Condition("1" if node else "0")
        if isinstance(node, Mapping) and "property" in node:
            scalar = self._scalar(node)
            if scalar.kind == "boolean":
                return Condition(scalar.sql)
        op, args = _operation(node)
        if op in ("and", "or"):
            return self._joined(op, args, depth)
        if op == "not":
            inner = self.predicate(_exactly(op, args, 1)[0], depth + 1)
            return Condition(f"NOT ({inner.sql})", inner.values)
        if op in _COMPARISONS:
            left, right = self._comparable(_exactly(op, args, 2))
            return Condition(f"{left.sql} {op} {right.sql}", left.values + right.values)
        compiled = _PREDICATES.get(op)
        if compiled is None:
            raise _refusal(N_("has an operator that is not answered here"), op)
        return compiled(self, args)

    def _joined(self, op: str, args: Sequence[object], depth: int) -> Condition:
        if not args:
            raise _refusal(N_("has an operator with a wrong number of operands"), op)
        parts = [self.predicate(arg, depth + 1) for arg in args]
        return Condition(
            "(" + f" {op.upper()} ".join(f"({part.sql})" for part in parts) + ")",
            tuple(value for part in parts for value in part.values),
        )

    def is_null(self, args: Sequence[object]) -> Condition:
        """`a IS NULL`; every feature has a geometry."""
        (arg,) = _exactly("isNull", args, 1)
        if arg == {"property": GEOMETRY}:
            return Condition("0")
        scalar = self._scalar(arg)
        return Condition(f"{scalar.sql} IS NULL", scalar.values)

    def like(self, args: Sequence[object]) -> Condition:
        """`a LIKE 'b%'`, as GLOB: SQLite's own LIKE does not tell A from a."""
        value, pattern = map(self._scalar, _exactly("like", args, 2))
        for scalar in (value, pattern):
            if scalar.kind != "string":
                raise _refusal(N_("compares what is not text with LIKE"), scalar.literal)
        if not isinstance(pattern.literal, str):
            raise _refusal(N_("has no pattern in quotation marks after LIKE"), None)
        return Condition(f"{value.sql} GLOB ?", (*value.values, _glob(pattern.literal)))

    def between(self, args: Sequence[object]) -> Condition:
        """`a BETWEEN 1 AND 2`, both included."""
        value, low, high = self._comparable(_exactly("between", args, 3))
        return Condition(f"{value.sql} BETWEEN {low.sql} AND {high.sql}", value.values + low.values + high.values)

    def among(self, args: Sequence[object]) -> Condition:
        """`a IN (1, 2)`."""
        value, listed = _exactly("in", args, 2)
        if not isinstance(listed, list) or not listed:
            raise _refusal(N_("has no list after IN"), None)
        scalar, *members = self._comparable([value, *listed])
        places = ", ".join(member.sql for member in members)
        return Condition(
            f"{scalar.sql} IN ({places})", scalar.values + tuple(v for member in members for v in member.values)
        )

    def intersects(self, args: Sequence[object]) -> Condition:
        """`S_INTERSECTS(geometry, …)`: by the bounds where they decide, else by the shapes themselves."""
        pair = _exactly("s_intersects", args, 2)
        others = [arg for arg in pair if arg != {"property": GEOMETRY}]
        if len(others) != 1:
            raise _refusal(N_("needs the property geometry and a shape in S_INTERSECTS"), None)
        shape = _shape(others[0])
        exact = Condition("meets(geometry, ?)", (shapely.to_wkb(shape),))
        if not self._collection.has_bounds:
            return exact
        parts = [_within_bounds(part, exact) for part in shapely.get_parts(shape)]
        return Condition(
            "(" + " OR ".join(part.sql for part in parts) + ")", tuple(v for part in parts for v in part.values)
        )

    def _comparable(self, nodes: Sequence[object]) -> list[_Scalar]:
        """Return values of one kind: texts read as the dates or moments that they are compared with."""
        scalars = [self._scalar(node) for node in nodes]
        times = {scalar.kind for scalar in scalars if scalar.kind in ("date", "timestamp")}
        if len(times) == 1:
            (kind,) = times
            scalars = [_as_time(scalar, kind) for scalar in scalars]
        if any(scalar.kind == "boolean" for scalar in scalars):
            scalars = [_as_boolean(scalar) for scalar in scalars]
        kinds = {_NUMBERS.get(scalar.kind, scalar.kind) for scalar in scalars}
        if len(kinds) > 1:
            raise _refusal(N_("compares {kinds}, which are not of one kind"), None, kinds=", ".join(sorted(kinds)))
        return scalars

    def _scalar(self, node: object) -> _Scalar:
        if isinstance(node, bool):
            return _Scalar("boolean", "?", (int(node),), node)
        if isinstance(node, (int, float)):
            return _Scalar("number", "?", (_number(node),), node)
        if isinstance(node, str):
            text = _whole(node)
            return _Scalar("string", "?", (text,), text)
        if node is None:
            raise _refusal(N_("compares with NULL; write IS NULL"), None)
        if isinstance(node, Mapping):
            if "property" in node:
                return self._property(node["property"])
            for kind in ("date", "timestamp"):
                if isinstance(node.get(kind), str):
                    return _as_time(_Scalar("string", "?", (), node[kind]), kind)
        op, args = _operation(node)
        if op != "casei":
            raise _refusal(N_("has an operator that is not answered here"), op)
        return self._case_ignored(self._scalar(_exactly(op, args, 1)[0]))

    def _case_ignored(self, scalar: _Scalar) -> _Scalar:
        if scalar.kind != "string":
            raise _refusal(N_("has what is not text in CASEI"), scalar.literal)
        if isinstance(scalar.literal, str):
            folded = scalar.literal.casefold()
            return replace(scalar, values=(folded,), literal=folded)
        return replace(scalar, sql=f"folded({scalar.sql})")

    def _property(self, name: object) -> _Scalar:
        found = self._collection.properties.get(name) if isinstance(name, str) else None
        if found is None:
            reason = (
                N_("compares a geometry; write S_INTERSECTS") if name == GEOMETRY else N_("has no such property")
            )
            raise QueryError(
                reason,
                field="filter",
                value=name,
                mend=N_("use {choices}"),
                choices=", ".join([*self._collection.properties, GEOMETRY]),
            )
        return _Scalar(found.kind, f"utc({found.sql})" if found.kind == "timestamp" else found.sql)


_NUMBERS = {"integer": "number"}
_PREDICATES: dict[str, Callable[[_Compiler, Sequence[object]], Condition]] = {
    "isnull": _Compiler.is_null,
    "like": _Compiler.like,
    "between": _Compiler.between,
    "in": _Compiler.among,
    "s_intersects": _Compiler.intersects,
}


# -- the tree


def _operation(node: object) -> tuple[str, Sequence[object]]:
    """Return an operator in lower case and what it is applied to."""
    if isinstance(node, Mapping) and isinstance(node.get("op"), str) and isinstance(node.get("args"), list):
        return node["op"].lower(), node["args"]
    raise _refusal(N_("has a value where something true or false is needed, or the reverse"), node)


def _exactly(op: str, args: Sequence[object], count: int) -> Sequence[object]:
    if len(args) != count:
        raise _refusal(N_("has an operator with a wrong number of operands"), op)
    return args


def _refusal(reason: str, value: object, **details: object) -> QueryError:
    return QueryError(
        reason,
        field="filter",
        value=value,
        mend=N_("write CQL2 such as {example}"),
        example=_EXAMPLE,
        **details,
    )


# -- values


def _number(number: float) -> float:
    """Return a number as SQLite can compare it; a whole one of a thousand digits is just very large."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _whole(text: str) -> str:
    """Return a text that UTF-8 has; JSON can write half a character, which no feature has."""
    return text.encode(errors="replace").decode()


def _as_boolean(scalar: _Scalar) -> _Scalar:
    """Return 1 and 0 as true and false, which GDAL has no words for; anything else as it is."""
    return replace(scalar, kind="boolean") if scalar.kind == "number" and scalar.literal in (0, 1) else scalar


def _as_time(scalar: _Scalar, kind: str) -> _Scalar:
    """Return a text as a date or a moment; anything else as it is."""
    if scalar.kind != "string" or scalar.literal is None:
        return scalar
    try:
        said = str(scalar.literal)
        value = _day(said) if kind == "date" else _moment(said)
    except (ValueError, OverflowError):
        raise _refusal(
            N_("is not a date such as 2026-11-20")
            if kind == "date"
            else N_("is not a moment such as 2026-11-20T04:10:00Z"),
            scalar.literal,
        ) from None
    return _Scalar(kind, "?", (value,), value)


def _day(text: str) -> str:
    """Return the day of a text; GDAL ends it with a T, before which nothing is missing."""
    return date.fromisoformat(text.removesuffix("T")).isoformat()


def _moment(text: str) -> str:
    """Return the moment of a text in UTC; a day that GDAL compares with a moment is its first moment there."""
    if len(text) == len("2026-11-20T") and text.endswith("T"):
        text += "00:00:00Z"
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return _in_utc(moment)


def _glob(pattern: str) -> str:
    """Return a pattern of LIKE (`%`, `_`, and a backslash before what is meant as it stands) as one of GLOB."""
    wild = {"%": "*", "_": "?"}
    own = {"*": "[*]", "?": "[?]", "[": "[[]"}
    parts = re.findall(r"\\.|.", _whole(pattern), re.DOTALL)
    return "".join(
        own.get(part[-1], part[-1]) if len(part) > 1 else wild.get(part, own.get(part, part)) for part in parts
    )


# -- shapes


def _shape(node: object) -> BaseGeometry:
    """Return the shape of a literal: GeoJSON, a collection of such, or a box that may span 180°."""
    try:
        if isinstance(node, Mapping):
            if "bbox" in node:
                return _box(node["bbox"])
            if str(node.get("op")).lower() == "envelope":
                return _box(node.get("args"))
            members = node.get("geometries") if node.get("type") == "GeometryCollection" else None
            if isinstance(members, list) and members:
                return shapely.GeometryCollection([read_geometry(one, field="filter") for one in members])
        return read_geometry(node, field="filter")
    except InvalidValue as error:
        if isinstance(error, QueryError):
            raise
        raise QueryError(
            error.reason, field="filter", value=error.value, mend=error.mend, **error.details
        ) from None


def _box(numbers: object) -> BaseGeometry:
    """Return a box of four numbers, or of six with heights, which are passed over."""
    known = isinstance(numbers, list) and all(
        isinstance(n, (int, float)) and not isinstance(n, bool) and math.isfinite(_number(n)) for n in numbers
    )
    if isinstance(numbers, list) and known and len(numbers) in (4, 6):
        half = len(numbers) // 2
        (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
        if south <= north:
            if west <= east:
                return _rectangle(west, south, east, north)
            return shapely.MultiPolygon(
                [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
            )
    raise _refusal(N_("has a box that is not west, south, east, north"), numbers)


def _rectangle(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Return a box; of no width or no height it is a line, of neither a point."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    corners = [(west, south), (east, north)]
    return shapely.Point(corners[0]) if corners[0] == corners[1] else shapely.LineString(corners)


def _within_bounds(part: BaseGeometry, exact: Condition) -> Condition:
    """Return the exact condition for one part of a shape, asked only where the bounds do not decide."""
    west, south, east, north = shapely.bounds(part).tolist()
    # What begins within the box, and the few that reach into it from the west: an index finds each.
    tall = "north >= ? AND south <= ?"
    near = Condition(
        f"(west BETWEEN ? AND ? AND {tall} OR east > west AND west < ? AND east >= ? AND {tall})",
        (west, east, south, north, west, west, south, north),
    )
    # What lies within a box that is the shape itself meets it.
    if part.geom_type == "Polygon" and part.equals(shapely.envelope(part)):
        inside = "west >= ? AND east <= ? AND south >= ? AND north <= ?"
        return Condition(
            f"({near.sql} AND ({inside} OR {exact.sql}))",
            (*near.values, west, east, south, north, *exact.values),
        )
    return Condition(f"({near.sql} AND {exact.sql})", near.values + exact.values)


# -- functions of the connection


def _folded(text: object) -> str | None:
    return text.casefold() if isinstance(text, str) else None


@lru_cache(maxsize=1_000)
def _utc(text: str | None) -> str | None:
    """Return a moment in UTC with a fixed number of digits, so that texts compare as moments do."""
    if text is None:
        return None
    return _in_utc(datetime.fromisoformat(text))


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=32)
def _prepared(wkb: bytes) -> BaseGeometry:
    shape = shapely.from_wkb(wkb)
    shapely.prepare(shape)
    return shape


def _meets(wkb: bytes, shape: bytes) -> bool:
    return bool(shapely.intersects(_prepared(shape), shapely.from_wkb(wkb)))
