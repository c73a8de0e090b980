"""Every text that users read is there in every language."""

import string
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import locator
from locator.translation import LANGUAGES, best_language, translator

PACKAGE = Path(locator.__file__).parent
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"N_": None, "_": None, "translate": None}


def messages_in_code() -> set[str]:
    options = {"**/templates/**.html": {"silent": "false", "extensions": "locator.web.kept.Kept"}}
    found = extract_from_dir(PACKAGE, METHODS, options, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found if isinstance(message, str)}


def catalogue(name: str) -> dict[str, str]:
    content = (PACKAGE / "translations" / name / "LC_MESSAGES" / "messages.po").read_bytes()
    return {message.id: message.string for message in read_po(BytesIO(content)) if message.id}


def placeholders(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("name", LANGUAGES.values())
def test_catalogue_has_just_the_texts_of_the_code(name):
    in_code, translated = messages_in_code(), catalogue(name)
    assert in_code - translated.keys() == set(), "to be translated: run make messages"
    assert translated.keys() - in_code == set(), "nobody says this any more: run make messages"
    assert [message for message, text in translated.items() if not text] == []


@pytest.mark.parametrize("name", LANGUAGES.values())
def test_translation_keeps_the_placeholders(name):
    different = {m: t for m, t in catalogue(name).items() if placeholders(m) != placeholders(t)}
    assert different == {}


def test_chinese_is_not_english():
    same = [message for message, text in catalogue("zh_CN").items() if text == message and len(message) > 5]
    assert same == []


def test_unknown_language_gives_chinese():
    assert translator("xx").language == "zh"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["en_GB.UTF-8"], "en"),
        (["fr", "en-US"], "en"),
        (["zh-Hans-CN"], "zh"),
        (["C.UTF-8", ""], "zh"),
        ([], "zh"),
    ],
)
def test_first_known_language_is_taken(wanted, language):
    assert best_language(wanted) == language


def test_placeholders_are_filled():
    assert translator("en")("until {time}", time="22:00") == "until 22:00"
