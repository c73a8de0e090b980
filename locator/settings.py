"""Every knob: its name, its default, what it is for. Doors read them; nothing below a door does."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from locator.errors import InvalidValue
from locator.query import SPEEDS_M_PER_S
from locator.translation import LANGUAGES, N_

if TYPE_CHECKING:
    from locator.maps.base_maps import BaseMap

__all__ = [
    "CONFIG",
    "PREFIX",
    "SETTINGS",
    "Chosen",
    "Setting",
    "Value",
    "base_map_of",
    "cache_folder",
    "check_public_url",
    "check_quota",
    "choose_settings",
    "embedding_sites",
    "read_settings",
    "speeds_of",
]

PREFIX = "LOCATOR_"
CONFIG = PREFIX + "CONFIG"
"""The variable of the environment that names a file of settings."""

Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class Setting:
    """One knob; the type of its default is the type of its values."""

    name: str
    default: Value
    help: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value of a setting, and where it came from: option, environment, the name of a file, or default."""

    value: Value
    source: str


SETTINGS: tuple[Setting, ...] = (
    Setting("DATABASE", "locator.db", N_("the database: a file, or sqlite:/// and a file")),
    Setting("HOST", "127.0.0.1", N_("the address that the server listens on")),
    Setting("PORT", 8000, N_("the port that the server listens on")),
    Setting("WORKERS", 1, N_("how many processes serve")),
    Setting("LANGUAGE", "zh", N_("the language where nobody asks for another: zh or en")),
    Setting("REFRESH_S", 1.0, N_("how often, in seconds, a process looks for changed data")),
    Setting("WALK_M_PER_S", SPEEDS_M_PER_S["walk"], N_("metres a second on foot")),
    Setting("EBIKE_M_PER_S", SPEEDS_M_PER_S["ebike"], N_("metres a second by e-bike")),
    Setting("CAR_M_PER_S", SPEEDS_M_PER_S["car"], N_("metres a second by car")),
    Setting(
        "NETWORK",
        "",
        N_("what ways are measured along: an OpenStreetMap extract; streets: those of the data; empty: lines"),
    ),
    Setting("NETWORK_CACHE", "", N_("a folder in which networks of extracts are kept; empty: none is")),
    Setting(
        "HEAT_C",
        0,
        N_("today's highest temperature, °C: from 35 on the finder asks for cool places first"),
    ),
    Setting("MAX_AGE_S", 5, N_("how long, in seconds, an answer of the API may be used without asking again")),
    Setting("MAX_BODY_BYTES", 65_536, N_("the largest request body")),
    Setting("TRUSTED_HOSTS", "", N_("host names that are answered, separated by commas; empty: any")),
    Setting("TRUSTED_PROXIES", 0, N_("how many proxies stand before the server and tell it who asks")),
    Setting(
        "RATE_LIMIT",
        "600 per minute",
        N_("how often one client without a key may ask each process; empty: no limit"),
    ),
    Setting(
        "TICKET_LIMIT",
        "30 per hour",
        N_("how often one client may send reports or ratings to each process; empty: no limit"),
    ),
    Setting("TICKETS_A_DAY", 50, N_("how many reports of one station are kept in 24 hours")),
    Setting("PHOTO_BYTES", 8_000_000, N_("the largest photo that a report may carry; 0: none")),
    Setting("PHOTOS", "", N_("the folder with the photos that stations' pages show; empty: none are shown")),
    Setting("RATINGS_SHOWN_FROM", 5, N_("how many must have rated a station before the mean is shown")),
    Setting("PUBLIC_URL", "", N_("where the public finds this site, such as https://map.example.org")),
    Setting("REPORTS", "", N_("the folder where reports for planners are kept; empty: in the user's cache")),
    Setting("REPORTS_AT_ONCE", 1, N_("how many reports each process works on at a time")),
    Setting("REPORTS_KEPT", 40, N_("how many reports are kept, those that were looked at last")),
    Setting(
        "EDIT_SCENARIOS",
        0,
        N_("1: whoever reaches the server may change scenarios at /planner/scenarios; for planners' own servers"),
    ),
    Setting(
        "BASE_MAP",
        "none",
        N_("the base map: none (the data's own streets and water), osm, tianditu, tianditu_imagery, amap"),
    ),
    Setting("BASE_MAP_KEY", "", N_("the key that the base map's provider gave you; readers of a map can see it")),
    Setting("BASE_MAP_FILE", "", N_("a TOML file of further base maps")),
    Setting("REVIEW_NUMBER", "", N_("the number under which the map was reviewed, shown on every map")),
    Setting(
        "EMBED_SITES",
        "*",
        N_("sites that may show the map inside their pages, separated by commas: https://union.example; *: any"),
    ),
    Setting("METRICS", 0, N_("1: tell Prometheus at /metrics what was answered and how fast")),
    Setting("LOG_FORMAT", "text", N_("how log lines are written: text or json")),
    Setting("LOG_REQUESTS", 1, N_("1: a log line for each request, without address, position or who asked")),
)

_RANGES = (
    ("PORT", 1, 65_535),
    ("WORKERS", 1, 64),
    ("REFRESH_S", 0, 86_400),
    ("MAX_AGE_S", 0, 86_400),
    ("WALK_M_PER_S", 0.1, 100),
    ("EBIKE_M_PER_S", 0.1, 100),
    ("CAR_M_PER_S", 0.1, 100),
    ("HEAT_C", 0, 60),
    ("MAX_BODY_BYTES", 1_024, 10_000_000),
    ("TRUSTED_PROXIES", 0, 10),
    ("TICKETS_A_DAY", 1, 100_000),
    ("PHOTO_BYTES", 0, 40_000_000),
    ("RATINGS_SHOWN_FROM", 1, 1_000),
    ("REPORTS_AT_ONCE", 1, 16),
    ("REPORTS_KEPT", 1, 10_000),
    ("EDIT_SCENARIOS", 0, 1),
    ("METRICS", 0, 1),
    ("LOG_REQUESTS", 0, 1),
)
_SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?:\d{1,5}|\*))?")
_CHOICES = (("LANGUAGE", tuple(LANGUAGES)), ("LOG_FORMAT", ("text", "json")))
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
_QUOTA = re.compile(r"[1-9]\d{0,8} (?:per|/) (?:[1-9]\d{0,3} )?(?:second|minute|hour|day)s?")


def read_settings(environment: Mapping[str, str], *, file: str = "", **given: Value | None) -> dict[str, Value]:
    """Return every setting's value; see `choose_settings`."""
    chosen = choose_settings(environment, file=file, **given)
    return {name: choice.value for name, choice in chosen.items()}


def choose_settings(environment: Mapping[str, str], *, file: str = "", **given: Value | None) -> dict[str, Chosen]:
    """Return every setting: what is given, else the environment's `LOCATOR_…`, else the file's, else the default.

    Parameters
    ----------
    environment
        Variables by name.
    file
        A TOML file of `name = value`; empty: the one that `LOCATOR_CONFIG` names, if any.
    given
        Values by name in lower case; None: not given.

    Raises
    ------
    InvalidValue
        A name is not known, a value is not of the setting's type or range, or the file cannot be read.
    """
    file = file or environment.get(CONFIG, "")
    from_file = _read_file(file) if file else {}
    _check_names(from_file, file)
    _check_names(given, "")
    _check_environment(environment)
    chosen: dict[str, Chosen] = {}
    for setting in SETTINGS:
        name = setting.name.lower()
        places = (
            ("option", given.get(name)),
            ("environment", environment.get(PREFIX + setting.name)),
            (file, from_file.get(name)),
            ("default", setting.default),
        )
        source, value = next((source, value) for source, value in places if value is not None)
        chosen[setting.name] = Chosen(_typed(setting, value), source)
    _check({name: choice.value for name, choice in chosen.items()})
    return chosen


def speeds_of(settings: Mapping[str, Value]) -> dict[str, float]:
    """Return the metres a second of each mode of travel that has a setting."""
    return {
        mode: float(settings[name]) for mode in SPEEDS_M_PER_S if (name := f"{mode.upper()}_M_PER_S") in settings
    }


def base_map_of(settings: Mapping[str, Value]) -> BaseMap:
    """Return the base map that settings choose.

    Raises
    ------
    InvalidValue
        There is none of that name, it needs a key, or the file of base maps cannot be right.
    """
    # Imported here: it brings numpy and shapely, which most commands start without.
    from locator.maps.base_maps import choose_base_map

    return choose_base_map(
        str(settings["BASE_MAP"]),
        key=str(settings["BASE_MAP_KEY"]),
        file=str(settings["BASE_MAP_FILE"]),
        review_number=str(settings["REVIEW_NUMBER"]),
    )


def embedding_sites(text: str) -> tuple[str, ...]:
    """Return the sites that may show the map in their pages, as a Content-Security-Policy names them.

    Raises
    ------
    InvalidValue
        One is no origin.
    """
    sites = tuple(site.strip().rstrip("/").lower() for site in text.split(",") if site.strip())
    for site in sites:
        if site != "*" and not _SITE.fullmatch(site):
            raise InvalidValue(
                N_("is no address of a site"), field=PREFIX + "EMBED_SITES", value=site,
                mend=N_("write it like {example}"), example="https://union.example",
            )  # fmt: skip
    return sites


def cache_folder(given: str, environment: Mapping[str, str]) -> Path:
    """Return the folder for what can be made again: the one that is given, or the user's own."""
    if given:
        return Path(given)
    if base := environment.get("XDG_CACHE_HOME") or environment.get("HOME"):
        return Path(base) / ("" if environment.get("XDG_CACHE_HOME") else ".cache") / "station-locator"
    # A user without a home, as in a container.
    return Path(tempfile.gettempdir()) / f"station-locator-{os.getuid()}"


def check_quota(text: str, *, field: str) -> None:
    """Raise InvalidValue unless a text says how often somebody may ask."""
    if not _QUOTA.fullmatch(text):
        raise InvalidValue(
            N_("does not say how often"), field=field, value=text, mend=N_("write it like {example}"),
            example="600 per minute",
        )  # fmt: skip


def check_public_url(text: str, *, field: str) -> None:
    """Raise InvalidValue unless a text is an address under which a site can be found."""
    if not _PUBLIC_URL.fullmatch(text):
        raise InvalidValue(
            N_("is not the address of a site"), field=field, value=text, mend=N_("write it like {example}"),
            example="https://map.example.org",
        )  # fmt: skip


def _read_file(name: str) -> dict[str, Value]:
    try:
        document = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(
            N_("cannot be read as settings: {error}"),
            field="config",
            value=name,
            error=error.strerror if isinstance(error, OSError) else error,
            mend=N_("write {form}"),
            form="port = 8000",
        ) from error
    for key, value in document.items():
        if not isinstance(value, str | int | float):
            raise InvalidValue(
                N_("is neither text nor a number"), field=f"{name} {key}", value=value, mend=N_("correct it")
            )
    return {key.lower(): value for key, value in document.items()}


def _check_names(names: Iterable[str], file: str) -> None:
    for name in names:
        if name.upper() not in _DEFAULTS:
            raise _unknown(f"{file} {name}".strip(), _nearest(name, cutoff=0.0).lower())


def _check_environment(environment: Mapping[str, str]) -> None:
    """Refuse a variable that is a slip of the pen.

    Only those near to a known name: others with our prefix belong to others, as the ones that Kubernetes sets
    for a service called locator.
    """
    for variable in environment:
        name = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and name not in _DEFAULTS and (near := _nearest(name, cutoff=0.8)):
            raise _unknown(variable, PREFIX + near)


def _nearest(name: str, *, cutoff: float) -> str:
    return next(iter(get_close_matches(name.upper(), _DEFAULTS, n=1, cutoff=cutoff)), "")


def _unknown(field: str, near: str) -> InvalidValue:
    return InvalidValue(N_("is no setting"), field=field, mend=N_("did you mean {near}?"), near=near)


def _typed(setting: Setting, value: Value) -> Value:
    kind = type(setting.default)
    try:
        if kind is int and isinstance(value, float) and not value.is_integer():
            raise ValueError
        return kind(value)
    except (ValueError, OverflowError):
        raise InvalidValue(
            N_("is not a number"),
            field=PREFIX + setting.name,
            value=value,
            mend=N_("set it like {example}"),
            example=setting.default,
        ) from None


def _check(values: Mapping[str, Value]) -> None:
    for name, choices in _CHOICES:
        if values[name] not in choices:
            raise InvalidValue(
                N_("is not one of {choices}"),
                field=PREFIX + name,
                value=values[name],
                choices=", ".join(choices),
                mend=N_("choose one of them"),
            )
    for name in ("RATE_LIMIT", "TICKET_LIMIT"):
        if values[name]:
            check_quota(str(values[name]), field=PREFIX + name)
    if values["PUBLIC_URL"]:
        check_public_url(str(values["PUBLIC_URL"]), field=PREFIX + "PUBLIC_URL")
    if values["BASE_MAP"] != "none" or values["BASE_MAP_FILE"]:
        base_map_of(values)
    embedding_sites(str(values["EMBED_SITES"]))
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


_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
