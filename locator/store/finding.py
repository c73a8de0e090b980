"""Text that finds stations: Chinese in any width, its pinyin and its initials (归义: guiyi, gy)."""

from __future__ import annotations

import unicodedata

from locator.station import Station

__all__ = ["normalised", "search_text"]

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # controls (SQLite's search stops at NUL), zero widths, half characters
_SAME = str.maketrans({"汩": "汨"})  # 汩罗 is the common misspelling of 汨罗


def search_text(station: Station) -> str:
    """Return everything that a station is found by, in one text; a `|` stands before each field and spelling."""
    spelled = [station.name, station.community, station.street]
    forms = [*spelled, station.address, station.id, station.operator, station.entry.host]
    for text in spelled:
        syllables = _pinyin(text)
        if syllables:
            forms += ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    return "".join(f"|{form}" for form in dict.fromkeys(normalised(f).replace(" ", "") for f in forms) if form)


def normalised(text: str) -> str:
    """Return a text as it is compared: half width, lower case, the common misspelling put right, single spaces.

    What cannot be seen is a space.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_SAME)
    seen = "".join(" " if char == "|" or unicodedata.category(char) in _UNSEEN else char for char in folded)
    return " ".join(seen.split())


def _pinyin(text: str) -> list[str]:
    # Imported here: its tables take a third of a second, and only writing needs them.
    from pypinyin import Style, lazy_pinyin

    folded = normalised(text)
    return [s for s in lazy_pinyin(folded, style=Style.NORMAL, errors="ignore") if s]
