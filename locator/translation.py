"""What users read, in their language: Chinese first, English second.

Message ids are the English texts in the code, marked with `N_` (translated later) or `_` (now). The
catalogues are plain `.po` files, read as they are: there is no compiled twin to forget.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path

__all__ = ["LANGUAGES", "N_", "Translator", "best_language", "translator"]

LANGUAGES = {"zh": "zh_CN", "en": "en"}
"""Language code as it stands in URLs and `lang=`, and the name of its catalogue; the first is the default."""

_CATALOGUES = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802 - the customary name, which message extractors know
    """Mark a message id that is translated where it is shown."""
    return message


class Translator:
    """Translate message ids into one language; call it like `_`."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue
        self._known: dict[str, str] = {}  # message ids are those of the code, so there is an end to them

    def __call__(self, message: str, **details: object) -> str:
        """Return the text for a message id, its `{name}` placeholders filled from `details`."""
        text = self._known.get(message)
        if text is None:
            text = self._known[message] = self._catalogue.gettext(message) if message else ""
        return text.format(**details) if details else text


@lru_cache
def translator(language: str) -> Translator:
    """Return the translator into `zh` or `en`; an unknown language gives the default one."""
    if language not in LANGUAGES:
        language = next(iter(LANGUAGES))
    # Imported here: the command line answers `--help` without it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = _CATALOGUES / LANGUAGES[language] / "LC_MESSAGES" / "messages.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))


def best_language(wanted: Iterable[str]) -> str:
    """Return the first of the wanted language tags (`zh-CN`, `en_GB.UTF-8`, …) that there is a catalogue for."""
    for tag in wanted:
        code = tag.replace("_", "-").split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return next(iter(LANGUAGES))
