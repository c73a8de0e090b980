"""CQL2 text and JSON into a tree, within bounds that are checked before anything is parsed.

The parser is a program of its own that nothing stops once it runs. Deep nesting and long chains of operators
overflow its stack, which ends the whole process; where a text fails inside parentheses it reads them again, twice
for each level. All numbers come out as floats, and functions that nobody defined are let through: the tree says
what was written, not that it means anything.
"""

from __future__ import annotations

import json
import re
from typing import Any

from locator.errors import QueryError
from locator.translation import N_

__all__ = ["MAX_LENGTH", "parse_json", "parse_text"]

MAX_LENGTH = 1_500
MAX_DEPTH = 16
MAX_CHAIN = 8
MAX_WORK = 100_000
"""Characters times two to the power of their depth: what a text that fails costs. Measured: 0.2 s at most."""

_EXAMPLE = "category = 'station' AND toilet = true"
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\W\d][\w.:]*|\s+|.""", re.DOTALL)
_ILIKE = re.compile(
    r"""("[^"]*"|[^\W\d][\w.:]*)\s+(NOT\s+)?ILIKE\s+('(?:[^']|'')*')|'(?:[^']|'')*'""", re.IGNORECASE
)
"""An ILIKE; or a text in quotation marks, in which there is none."""
_NEW_CHAIN = frozenset({"and", "or", ","})
_IN_CHAIN = frozenset({"not", "like", "ilike", "in", "is", "between", "div", *"+-*/%^=<>!|"})
_PLACE = re.compile(r"-->\s*\d+:(\d+)")


def parse_text(text: str) -> object:
    """Return what a text in CQL2 says, as the tree that CQL2 JSON would be.

    `ILIKE`, which GDAL writes and CQL2 does not have, is LIKE between two `CASEI`.

    Raises
    ------
    QueryError
        The text is too long or too deep, or it is not CQL2.
    """
    # Imported here: only who filters needs it.
    import cql2

    _check_length(text)
    _check_tokens(text)
    try:
        return cql2.parse_text(_ILIKE.sub(_without_ilike, text)).to_json()
    except cql2.ParseError as error:
        place = _PLACE.search(str(error))
        raise _refusal(
            N_("is not understood at character {place}"), text, place=int(place[1]) if place else 1
        ) from None
    except Exception as error:
        # No kind of its own: the parser raises Exception itself for what it cannot make a tree of.
        raise _refusal(N_("is not understood at character {place}"), text, place=1) from error


def parse_json(text: str) -> object:
    """Return what a text in CQL2 JSON says.

    Raises
    ------
    QueryError
        The text is too long, or it is not JSON.
    """
    _check_length(text)
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise QueryError(
            N_("is not JSON"), field="filter", value=text, mend=N_("correct it, or write CQL2 text")
        ) from None


def _no_number(name: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(name)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise QueryError(
            N_("is longer than {limit} characters"),
            field="filter",
            value=text,
            limit=MAX_LENGTH,
            mend=N_("shorten it"),
        )


def _check_tokens(text: str) -> None:
    """Refuse what the parser would not survive, or would take long to refuse itself."""
    chains = [0]
    work = 0
    for token in _TOKEN.findall(text):
        word = token.lower()
        if word in ("'", '"'):
            raise _refusal(N_("has a quotation mark without its other half"), text)
        if word == "(":
            chains.append(0)
        elif word == ")" and len(chains) > 1:
            chains.pop()
        elif word in _NEW_CHAIN:
            chains[-1] = 0
        elif word in _IN_CHAIN:
            chains[-1] += 1
        work += len(token) << len(chains)
        if len(chains) > MAX_DEPTH or work > MAX_WORK:
            raise _refusal(N_("has too many parentheses within parentheses"), text)
        if chains[-1] > MAX_CHAIN:
            raise _refusal(N_("has too many operators in a row"), text)


def _without_ilike(found: re.Match[str]) -> str:
    name, negated, pattern = found.groups()
    return f"CASEI({name}) {negated or ''}LIKE CASEI({pattern})" if name else found.group()


def _refusal(reason: str, text: str, **details: object) -> QueryError:
    return QueryError(
        reason, field="filter", value=text, mend=N_("write CQL2 such as {example}"), example=_EXAMPLE, **details
    )
