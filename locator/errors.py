"""What can go wrong, in one small family: every error names the field, the value and the mend."""

from __future__ import annotations

from collections.abc import Callable

__all__ = [
    "Conflict",
    "ImportRefused",
    "InvalidValue",
    "LocatorError",
    "MissingPart",
    "NotFound",
    "QueryError",
    "StoreError",
    "TooMany",
    "Unauthorized",
    "shortened",
]


class LocatorError(Exception):
    """Something that the user of this package can understand and mend.

    Parameters
    ----------
    reason
        What is wrong, as a message id (English, marked with `N_`); `{name}` placeholders are filled
        from `details`.
    field
        The field, parameter or option at fault; empty when there is none.
    value
        The value that was given.
    mend
        What to do about it, a message id like `reason`.
    """

    def __init__(
        self, reason: str, *, field: str = "", value: object = None, mend: str = "", **details: object
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.value = value
        self.mend = mend
        self.details = details

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the error as one line, each message id passed through `translate` first."""
        subject = self.field
        if self.value is not None:
            subject = f"{subject} {shortened(self.value)}".strip()
        reason = translate(self.reason).format(**self.details)
        mend = translate(self.mend).format(**self.details) if self.mend else ""
        return "; ".join(part for part in (f"{subject}: {reason}" if subject else reason, mend) if part)

    def __str__(self) -> str:
        return self.text()


class InvalidValue(LocatorError, ValueError):
    """A value from outside cannot be what it claims to be."""


class QueryError(InvalidValue):
    """A question cannot be answered as it was asked."""


class NotFound(LocatorError, LookupError):
    """What was asked for is not here."""


class Conflict(LocatorError):
    """Somebody else changed the record first."""


class ImportRefused(LocatorError):
    """A file was not taken; nothing of it was written."""


class StoreError(LocatorError):
    """A database cannot be opened, read or written."""


class Unauthorized(LocatorError):
    """A key opens nothing: it is not known, or no longer."""


class TooMany(LocatorError):
    """Somebody asks too often.

    Parameters
    ----------
    retry_after_s
        Whole seconds after which an answer is to be had again.
    """

    def __init__(self, reason: str, *, retry_after_s: int, mend: str = "") -> None:
        super().__init__(reason, mend=mend, seconds=retry_after_s)
        self.retry_after_s = retry_after_s


class MissingPart(LocatorError, ImportError):
    """An optional part is not installed."""


def shortened(value: object, limit: int = 80) -> str:
    """Return a value as it can stand in a message: quoted, on one line, never long."""
    shown = repr(value) if isinstance(value, str) else " ".join(str(value).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
