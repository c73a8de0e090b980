"""Chinese in pinyin, as pypinyin reads it: by single characters wherever no phrase asks for another reading."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from operator import add

__all__ = ["first_letters", "has_phrase", "load", "spelled", "syllables"]


def load() -> None:
    """Load the dictionaries, which takes a third of a second; another thread can while one waits for a file."""
    _of_word("一")
    _telling_pairs()


@lru_cache(maxsize=10_000)
def syllables(run: str) -> tuple[str, ...]:
    """Return the syllables of the Chinese characters in a text without tones; other characters have none."""
    if not has_phrase(run):
        return tuple(syllable for char in run for syllable in _of_word(char))
    # Imported here: its tables take a third of a second, and only writing needs them.
    from pypinyin.seg.simpleseg import seg

    return tuple(syllable for word in seg(run) for syllable in _of_word(word))


def has_phrase(text: str) -> bool:
    """Whether a text may have a phrase that is read otherwise than its characters, such as 会计 kuaiji.

    Where it has none, each character is read as if it stood alone, and nothing has to be cut into phrases, which
    takes nine tenths of pypinyin's time.
    """
    return not _telling_pairs().isdisjoint(map(add, text, text[1:]))


def spelled(lines: str) -> str:
    """Return the syllables of a text without phrases, one after the other; of other characters line ends alone."""
    return lines.translate(_spelling())


def first_letters(lines: str) -> str:
    """Return what `spelled` does with nothing but the first letter of each syllable."""
    return lines.translate(_initial())


class _Table(dict[int, str]):
    """Character to what a text has in its place; each is looked up once."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__({ord("\n"): "\n"} | {code: "" for code in range(128) if code != ord("\n")})
        self._read = read

    def __missing__(self, code: int) -> str:
        self[code] = self._read(chr(code))
        return self[code]


@cache
def _spelling() -> _Table:
    return _Table(lambda char: "".join(_of_word(char)))


@cache
def _initial() -> _Table:
    return _Table(lambda char: "".join([syllable[0] for syllable in _of_word(char)]))


@lru_cache(maxsize=10_000)
def _of_word(word: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(s for s in lazy_pinyin(word, style=Style.NORMAL, errors="ignore") if s)


@cache
def _telling_pairs() -> frozenset[str]:
    """Return from each phrase that is read otherwise than its characters two neighbours, one of which is.

    A text without any of these pairs has none of the phrases.
    """
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    toneless = cache(to_normal)
    alone = {code: toneless(readings.partition(",")[0]) for code, readings in PINYIN_DICT.items()}
    pairs = set()
    for phrase, readings in PHRASES_DICT.items():
        said = [toneless(reading[0]) for reading in readings]
        plain = [alone.get(ord(char)) for char in phrase]
        if said != plain and len(phrase) > 1:  # what is but one character is read so alone
            differ = (at for at, (one, other) in enumerate(zip(said, plain, strict=False)) if one != other)
            pairs.add(phrase[max(next(differ, 0) - 1, 0) :][:2])
    return frozenset(pairs)
