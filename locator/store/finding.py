"""Text that finds stations: Chinese in any width, its pinyin and its initials (归义: guiyi, gy)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from locator.station import Station

__all__ = ["normalised", "search_text"]

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # controls (SQLite's search stops at NUL), zero widths, half characters
_SAME = str.maketrans({"汩": "汨"})  # 汩罗 is the common misspelling of 汨罗

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def search_text(station: Station) -> str:
    """Return everything that a station is found by, in one text; a `|` stands before each field and spelling."""
    spelled = [station.name, station.community, station.street]
    others = [station.address, station.id, station.operator, station.entry.host]
    forms = [_joined(text) for text in (*spelled, *others) if text]
    for text in spelled:
        if text:
            forms += _pinyin_forms(text)
    return "".join(f"|{form}" for form in dict.fromkeys(forms) if form)


def normalised(text: str) -> str:
    """Return a text as it is compared: half width, lower case, the common misspelling put right, single spaces.

    What cannot be seen is a space.
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_SAME)
    if "|" in folded or not folded.isprintable():  # else there is nothing to take out
        folded = "".join(" " if char == "|" or unicodedata.category(char) in _UNSEEN else char for char in folded)
    return " ".join(folded.split())


# Names of streets, communities and operators come again and again.
@lru_cache(maxsize=10_000)
def _joined(text: str) -> str:
    return normalised(text).replace(" ", "")


@lru_cache(maxsize=10_000)
def _pinyin_forms(text: str) -> tuple[str, ...]:
    """Return a text in pinyin, whole and as initials."""
    syllables = _pinyin(text)
    forms = "".join(syllables), "".join(syllable[0] for syllable in syllables)
    return tuple(normalised(form).replace(" ", "") for form in forms)


def _pinyin(text: str) -> list[str]:
    """Return the syllables of the Chinese characters in a text.

    Digits and letters divide it: what stands on one side is not read by what stands on the other.
    """
    return [syllable for run in _NOT_ASCII.findall(normalised(text)) for syllable in _syllables(run)]


@lru_cache(maxsize=10_000)
def _syllables(run: str) -> tuple[str, ...]:
    # Imported here: its tables take a third of a second, and only writing needs them.
    from pypinyin.seg.simpleseg import seg

    return tuple(syllable for word in seg(run) for syllable in _syllables_of_word(word))


@lru_cache(maxsize=10_000)
def _syllables_of_word(word: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(s for s in lazy_pinyin(word, style=Style.NORMAL, errors="ignore") if s)
