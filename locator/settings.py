"""Every knob: its name, its default, what it is for. Doors read them; nothing below a door does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from locator.errors import InvalidValue
from locator.query import SPEEDS_M_PER_S
from locator.translation import LANGUAGES, N_

__all__ = ["SETTINGS", "Setting", "read_settings", "speeds_of"]

PREFIX = "LOCATOR_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One knob; the type of its default is the type of its values."""

    name: str
    default: str | int | float
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("DATABASE", "locator.db", N_("the database: a file, or sqlite:/// and a file")),
    Setting("HOST", "127.0.0.1", N_("the address that the server listens on")),
    Setting("PORT", 8000, N_("the port that the server listens on")),
    Setting("WORKERS", 1, N_("how many processes serve")),
    Setting("LANGUAGE", "zh", N_("the language where nobody asks for another: zh or en")),
    Setting("REFRESH_S", 1.0, N_("how often, in seconds, a process looks for changed data")),
    Setting("WALK_M_PER_S", SPEEDS_M_PER_S["walk"], N_("metres a second on foot, along the straight line")),
    Setting("EBIKE_M_PER_S", SPEEDS_M_PER_S["ebike"], N_("metres a second by e-bike, along the straight line")),
    Setting("CAR_M_PER_S", SPEEDS_M_PER_S["car"], N_("metres a second by car, along the straight line")),
    Setting("MAX_BODY_BYTES", 65_536, N_("the largest request body")),
    Setting("TRUSTED_HOSTS", "", N_("host names that are answered, separated by commas; empty: any")),
)

_RANGES = (
    ("PORT", 1, 65_535),
    ("WORKERS", 1, 64),
    ("REFRESH_S", 0, 86_400),
    ("WALK_M_PER_S", 0.1, 100),
    ("EBIKE_M_PER_S", 0.1, 100),
    ("CAR_M_PER_S", 0.1, 100),
    ("MAX_BODY_BYTES", 1_024, 10_000_000),
)


def read_settings(
    environment: Mapping[str, str], **given: str | int | float | None
) -> dict[str, str | int | float]:
    """Return every setting: what is given, else the environment's `LOCATOR_…`, else the default.

    Raises
    ------
    InvalidValue
        A value is not of the setting's type or range.
    """
    values: dict[str, str | int | float] = {}
    for setting in SETTINGS:
        value = given.get(setting.name.lower())
        if value is None:
            value = environment.get(PREFIX + setting.name, setting.default)
        values[setting.name] = _typed(setting, value)
    _check(values)
    return values


def speeds_of(settings: Mapping[str, str | int | float]) -> dict[str, float]:
    """Return the metres a second of each mode of travel that has a setting."""
    return {
        mode: float(settings[name]) for mode in SPEEDS_M_PER_S if (name := f"{mode.upper()}_M_PER_S") in settings
    }


def _typed(setting: Setting, value: str | int | float) -> str | int | float:
    kind = type(setting.default)
    try:
        return kind(value)
    except ValueError:
        raise InvalidValue(
            N_("is not a number"),
            field=PREFIX + setting.name,
            value=value,
            mend=N_("set it like {example}"),
            example=setting.default,
        ) from None


def _check(values: Mapping[str, str | int | float]) -> None:
    if values["LANGUAGE"] not in LANGUAGES:
        raise InvalidValue(
            N_("is not one of {choices}"),
            field=PREFIX + "LANGUAGE",
            value=values["LANGUAGE"],
            choices=", ".join(LANGUAGES),
            mend=N_("choose one of them"),
        )
    if not values["HOST"]:
        raise InvalidValue(N_("is empty"), field=PREFIX + "HOST", mend=N_("correct it"))
    for name, low, high in _RANGES:
        number = values[name]
        if isinstance(number, str) or not low <= number <= high:
            raise InvalidValue(
                N_("is not between {low} and {high}"),
                field=PREFIX + name,
                value=number,
                low=low,
                high=high,
                mend=N_("correct it"),
            )
