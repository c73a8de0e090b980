"""How another machine spells Chinese in pinyin: what a phone needs that searches a list by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import NamedTuple

from locator.store.finding import normalised, spoken_forms, syllables_of

__all__ = ["Spelling", "spelling_of"]


class Spelling(NamedTuple):
    """How to spell texts in pinyin without a dictionary.

    Attributes
    ----------
    characters
        Each Chinese character and its syllable; others have none.
    texts
        The normalised texts, without spaces, that are read otherwise than their characters: whole, and the first
        letters.
    """

    characters: dict[str, str]
    texts: dict[str, tuple[str, str]]


def spelling_of(texts: Iterable[str]) -> Spelling:
    """Return how to spell some texts, so that another machine can search them as `search_texts` lets ours.

    A process that has no dictionaries of pinyin lets another one look: they would stay in its memory, 54 MiB for
    what is asked once in each version of the data.
    """
    listed = sorted(set(texts))
    if "pypinyin" in sys.modules:
        return _spelling_here(listed)
    command = [sys.executable, "-m", __name__]
    done = subprocess.run(command, input=json.dumps(listed).encode(), stdout=subprocess.PIPE, check=True)  # noqa: S603
    characters, other = json.loads(done.stdout)
    return Spelling(characters, {text: (whole, first) for text, (whole, first) in other.items()})


def _spelling_here(texts: list[str]) -> Spelling:
    forms = {normalised(text) for text in texts}
    alone = {char: "".join(syllables_of(char)) for char in sorted(set("".join(forms))) if not char.isascii()}
    characters = {char: syllable for char, syllable in alone.items() if syllable}
    other = {}
    for form in sorted(forms):
        syllables = [characters[char] for char in form if char in characters]
        spelled = ("".join(syllables), "".join(syllable[0] for syllable in syllables))
        if (said := spoken_forms(form)) != spelled:
            other[form.replace(" ", "")] = said
    return Spelling(characters, other)


if __name__ == "__main__":
    print(json.dumps(_spelling_here(json.load(sys.stdin))))
