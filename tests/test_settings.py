"""The knobs: what is given, else the environment, else the default; and nothing that cannot be right."""

import pytest

from locator.errors import InvalidValue
from locator.settings import PREFIX, SETTINGS, read_settings
from locator.translation import LANGUAGES, translator


def test_defaults_are_valid_and_explained():
    assert read_settings({}) == {setting.name: setting.default for setting in SETTINGS}
    for language in LANGUAGES:
        assert all(translator(language)(setting.help) for setting in SETTINGS)


def test_given_goes_before_the_environment_and_that_before_the_default():
    environment = {"LOCATOR_PORT": "9000", "LOCATOR_WORKERS": "3", "PORT": "1"}
    values = read_settings(environment, port=9001, workers=None)
    assert (values["PORT"], values["WORKERS"], values["HOST"]) == (9001, 3, "127.0.0.1")


def test_values_have_the_type_of_their_default():
    values = read_settings({"LOCATOR_REFRESH_S": "2", "LOCATOR_PORT": " 80 "})
    assert (values["REFRESH_S"], values["PORT"]) == (2.0, 80)
    assert {name: type(value) for name, value in values.items()} == {s.name: type(s.default) for s in SETTINGS}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", ""),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("PORT", "9" * 400),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("WORKERS", "100000"),
        ("MAX_BODY_BYTES", "1"),
        ("REFRESH_S", "nan"),
        ("REFRESH_S", "inf"),
        ("REFRESH_S", "-1"),
        ("LANGUAGE", "fr"),
        ("LANGUAGE", ""),
        ("HOST", ""),
    ],
)
def test_wrong_value_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidValue) as caught:
        read_settings({PREFIX + name: value})
    assert caught.value.field == PREFIX + name
    assert caught.value.mend
