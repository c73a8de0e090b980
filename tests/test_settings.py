"""The knobs: what is given, else the environment, else the default; and nothing that cannot be right."""

import pytest

from locator.errors import InvalidValue
from locator.settings import CONFIG, PREFIX, SETTINGS, choose_settings, read_settings
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
        ("RATE_LIMIT", "often"),
        ("RATE_LIMIT", "0 per minute"),
        ("TICKET_LIMIT", "often"),
        ("PHOTO_BYTES", "-1"),
        ("RATINGS_SHOWN_FROM", "0"),
        ("PUBLIC_URL", "map.example.org"),
        ("PUBLIC_URL", "https://map.example.org/?a=<b>"),
        ("LOG_FORMAT", "xml"),
        ("METRICS", "2"),
        ("MAX_AGE_S", "-1"),
        ("TRUSTED_PROXIES", "many"),
    ],
)
def test_wrong_value_is_refused_by_its_name(name, value):
    with pytest.raises(InvalidValue) as caught:
        read_settings({PREFIX + name: value})
    assert caught.value.field == PREFIX + name
    assert caught.value.mend


def test_file_goes_before_the_default_and_the_environment_before_the_file(tmp_path):
    file = tmp_path / "locator.toml"
    file.write_text('port = 9000\nWORKERS = 2\nrefresh_s = 3\nlanguage = "en"\n', encoding="utf-8")
    chosen = choose_settings({"LOCATOR_PORT": "9001", CONFIG: str(file)}, language="zh")
    assert (chosen["PORT"].value, chosen["PORT"].source) == (9001, "environment")
    assert (chosen["WORKERS"].value, chosen["WORKERS"].source) == (2, str(file))
    assert (chosen["REFRESH_S"].value, chosen["REFRESH_S"].source) == (3.0, str(file))
    assert (chosen["LANGUAGE"].value, chosen["LANGUAGE"].source) == ("zh", "option")
    assert (chosen["HOST"].value, chosen["HOST"].source) == ("127.0.0.1", "default")
    assert choose_settings({CONFIG: "none.toml"}, file=str(file))["PORT"].value == 9000


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("prot = 1", "port"),
        ("trusted_host = 1", "trusted_hosts"),
        ("port = [1]", "port"),
        ("port = 1.5", "PORT"),
        ("port = inf", "PORT"),
        ("[server]\nport = 1", "server"),
        ("port = ", "config"),
        ("\xff", "config"),
    ],
)
def test_wrong_file_is_refused_and_the_nearest_name_named(tmp_path, text, word):
    file = tmp_path / "l.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(InvalidValue) as caught:
        read_settings({}, file=str(file))
    assert word in str(caught.value)


def test_missing_file_is_refused():
    with pytest.raises(InvalidValue, match=r"none\.toml"):
        read_settings({CONFIG: "none.toml"})


def test_slip_of_the_pen_in_the_environment_is_refused_and_what_is_not_ours_passed_over():
    with pytest.raises(InvalidValue, match="LOCATOR_WORKERS"):
        read_settings({"LOCATOR_WORKER": "2"})
    with pytest.raises(InvalidValue, match="port"):
        read_settings({}, prot=1)
    # As Kubernetes sets them for a service of this name.
    others = {"LOCATOR_SERVICE_HOST": "10.0.0.1", "LOCATOR_PORT_80_TCP_ADDR": "10.0.0.1", "LOCATOR_REAL_DATA": "x"}
    assert read_settings(others) == read_settings({})
