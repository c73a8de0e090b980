"""Chinese in pinyin, as pypinyin reads it: by single characters wherever no phrase asks for another reading."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from operator import add
from types import ModuleType

import numpy as np
import numpy.typing as npt

__all__ = ["has_phrase", "load", "spelled", "syllables"]

_CODES = 0x110000
_END = ord("\n")
_IMPORTING = threading.Lock()


def load() -> None:
    """Load the dictionaries, which takes a third of a second; another thread can while one waits for a file."""
    _of_word("一")
    _tables()


@lru_cache(maxsize=10_000)
def syllables(run: str) -> tuple[str, ...]:
    """Return the syllables of the Chinese characters in a text without tones; other characters have none."""
    if not has_phrase(run):
        return tuple(syllable for char in run for syllable in _of_word(char))
    cut = _library().seg.simpleseg.seg
    return tuple(syllable for word in cut(run) for syllable in _of_word(word))


def has_phrase(text: str) -> bool:
    """Whether a text may have a phrase that is read otherwise than its characters, such as 会计 kuaiji.

    Where it has none, each character is read as if it stood alone, and nothing has to be cut into phrases, which
    takes nine tenths of pypinyin's time.
    """
    return not _telling_pairs().isdisjoint(map(add, text, text[1:]))


def spelled(lines: str) -> tuple[list[str], list[str], list[int]]:
    """Spell each line of a text by single characters; characters that are not Chinese are left out.

    Returns
    -------
    The syllables of each line one after the other, their first letters, and the numbers of the lines, from 0, of
    which `has_phrase` is true.
    """
    tables = _tables()
    codes = np.array([lines]).view(np.uint32)
    tables.look_up(codes)
    syllables = tables.syllables[codes]
    initials = syllables.view("S1")[:: syllables.itemsize]
    whole, first = (column.tobytes().replace(b"\0", b"").decode() for column in (syllables, initials))
    maybe = np.flatnonzero(tables.begins[codes[:-1]] & tables.ends[codes[1:]])
    pairs = _telling_pairs()
    told = [place for place in maybe.tolist() if lines[place : place + 2] in pairs]
    ends = np.flatnonzero(codes == _END)
    return whole.split("\n"), first.split("\n"), np.unique(np.searchsorted(ends, told)).tolist()


class _Tables:
    """Code point to its syllable, looked up once, and to whether a telling pair begins or ends with it."""

    def __init__(self) -> None:
        self.syllables = np.zeros(_CODES, "S6")  # zhuang; none is longer, and no character has two
        self.syllables[_END] = b"\n"
        self.begins, self.ends, self._known = np.zeros((3, _CODES), np.bool_)
        self._known[:128] = True
        for pair in _telling_pairs():
            self.begins[ord(pair[0])] = self.ends[ord(pair[1])] = True

    def look_up(self, codes: npt.NDArray[np.uint32]) -> None:
        new = np.unique(codes[~self._known[codes]])
        self.syllables[new] = ["".join(_of_word(chr(code))).encode() for code in new.tolist()]
        self._known[new] = True


@cache
def _tables() -> _Tables:
    return _Tables()


@lru_cache(maxsize=10_000)
def _of_word(word: str) -> tuple[str, ...]:
    library = _library()
    return tuple(s for s in library.lazy_pinyin(word, style=library.Style.NORMAL, errors="ignore") if s)


@cache
def _library() -> ModuleType:
    """Return pypinyin, whose tables take a third of a second and only writing needs.

    One thread at a time imports it: its parts import each other, and two threads would meet half of them.
    """
    with _IMPORTING:
        import pypinyin.contrib.tone_convert
        import pypinyin.seg.simpleseg

        return pypinyin


@cache
def _telling_pairs() -> frozenset[str]:
    """Return from each phrase that is read otherwise than its characters two neighbours, one of which is.

    A text without any of these pairs has none of the phrases.
    """
    library = _library()
    toneless = cache(library.contrib.tone_convert.to_normal)
    alone = {code: toneless(said.partition(",")[0]) for code, said in library.constants.PINYIN_DICT.items()}
    pairs = set()
    for phrase, readings in library.constants.PHRASES_DICT.items():
        said = [toneless(reading[0]) for reading in readings]
        plain = [alone.get(ord(char)) for char in phrase]
        if said != plain and len(phrase) > 1:  # what is but one character is read so alone
            differ = (at for at, (one, other) in enumerate(zip(said, plain, strict=False)) if one != other)
            pairs.add(phrase[max(next(differ, 0) - 1, 0) :][:2])
    return frozenset(pairs)
