"""Text that finds stations: Chinese in any width, its pinyin and its initials (归义: guiyi, gy)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from locator.station import Station
from locator.store.pinyin import spelled, syllables

__all__ = [
    "FOUND_BY",
    "normalised",
    "search_columns",
    "search_text",
    "search_texts",
    "spoken_forms",
    "syllables_of",
]

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # controls (SQLite's search stops at NUL), zero widths, half characters
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_SPOKEN = ("name", "community", "street")
FOUND_BY = (*_SPOKEN, "address", "id", "operator", "entry.host")
"""What of a station finds it."""

_fields = attrgetter(*FOUND_BY)


def search_texts(stations: Iterable[Station]) -> list[str]:
    """Return for each station everything that it is found by; see `search_columns`."""
    return search_columns(list(zip(*map(_fields, stations), strict=True)))


def search_columns(fields: Sequence[Sequence[str]]) -> list[str]:
    """Return for each row of the columns `FOUND_BY` one text, a `|` before each field and spelling."""
    spoken = [_each(_spoken, column) for column in fields[: len(_SPOKEN)]]
    written = [_each(_written, column) for column in fields[len(_SPOKEN) :]]
    return list(map("".join, zip(*spoken, *written, strict=True)))


def search_text(station: Station) -> str:
    """Return everything that one station is found by; see `search_texts`."""
    return search_texts([station])[0]


def normalised(text: str) -> str:
    """Return a text as it is compared: half width, lower case, the common misspelling put right, single spaces.

    What cannot be seen is a space.
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    folded = _folded(text)
    if "|" in folded or not folded.isprintable():  # else there is nothing to take out
        folded = "".join(" " if char == "|" or unicodedata.category(char) in _UNSEEN else char for char in folded)
    return " ".join(folded.split())


def _folded(text: str) -> str:
    # 汩罗 is the common misspelling of 汨罗.
    return unicodedata.normalize("NFKC", text).casefold().replace("汩", "汨")


def _each(read: Callable[[list[str]], Sequence[str]], column: Sequence[str]) -> list[str]:
    """Return what `read` makes of each text of a column; names of streets come again and again."""
    texts = list(dict.fromkeys(column))
    if len(texts) == len(column):
        return list(read(texts))
    forms = dict(zip(texts, read(texts), strict=True))
    return [forms[text] for text in column]


def _lines(texts: Sequence[str]) -> str | None:
    """Return texts normalised all at once, a line each; None where one needs to be looked at by itself."""
    folded = _folded("\n".join(texts))
    plain = "|" not in folded and folded.count("\n") == len(texts) - 1 and folded.replace("\n", "").isprintable()
    return folded if plain else None


def _written(texts: Sequence[str]) -> list[str]:
    """Return texts as they are found."""
    lines = _lines(texts)
    if lines is None:
        return [_marked(normalised(text).replace(" ", "")) for text in texts]
    return list(map(_marked, lines.replace(" ", "").split("\n")))


def _spoken(texts: Sequence[str]) -> list[str]:
    """Return texts as they are found, in pinyin and by initials too."""
    lines = _lines(texts)
    if lines is None:
        forms = list(map(normalised, texts))
        every = [(form.replace(" ", ""), *spoken_forms(form)) for form in forms]
    else:
        whole, initials, phrased = spelled(lines)
        if phrased:
            forms = lines.split("\n")
            for line in phrased:
                whole[line], initials[line] = spoken_forms(forms[line])
        every = list(zip(lines.replace(" ", "").split("\n"), whole, initials, strict=True))
        if all(whole):
            return list(map("|%s|%s|%s".__mod__, every))
    return [f"|{form}|{whole}|{first}" if whole else _marked(form) for form, whole, first in every]


def _marked(form: str) -> str:
    return f"|{form}" if form else ""


def spoken_forms(text: str) -> tuple[str, str]:
    """Return a normalised text in pinyin, whole and as initials."""
    spoken = syllables_of(text)
    whole, initials = "".join(spoken), "".join([syllable[0] for syllable in spoken])
    return normalised(whole).replace(" ", ""), normalised(initials).replace(" ", "")


def syllables_of(text: str) -> list[str]:
    """Return the syllables of the Chinese characters in a normalised text.

    Digits and letters divide it: what stands on one side is not read by what stands on the other.
    """
    return [syllable for run in _NOT_ASCII.findall(text) for syllable in syllables(run)]
