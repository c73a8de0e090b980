"""Who may ask the APIs how often: so much for each client, more with a key."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Iterable

from flask import Flask, Response, current_app, request
from limits import RateLimitItem, parse

# The counting alone: Flask-Limiter wraps the same package for views, and what answers ahead of Flask has none.
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from locator.errors import TooMany, Unauthorized
from locator.store import Key, digest
from locator.translation import N_
from locator.web.forms import is_ogc

__all__ = ["Quotas", "Turns", "key_of", "limit_requests"]

_API = "/api/"


class Quotas:
    """Counts what each client asks of this process; other processes count for themselves.

    Parameters
    ----------
    anonymous
        How often a client without a key may ask, such as `600 per minute`; empty: without limit.
    read_keys
        Returns the keys that there are.
    refresh_s
        How often they are read again, while keys are shown.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        anonymous: str,
        read_keys: Callable[[], Iterable[Key]],
        *,
        refresh_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._anonymous = parse(anonymous) if anonymous else None
        self._read_keys = read_keys
        self._refresh_s = refresh_s
        self._clock = clock
        self._read_at = -math.inf
        self._quotas: dict[str, tuple[str, RateLimitItem]] = {}
        # A fixed window keeps one number for each client; windows that move keep a moment for each request.
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    def check(self, client: str, key: str | None) -> int | None:
        """Count one request, and return None; or the seconds to wait, when it is one too many.

        Parameters
        ----------
        client
            The address that asks.
        key
            The key that it shows, as it shows it; None: none.

        Raises
        ------
        Unauthorized
            The key is not known, or was taken back. It counts as asked without one.
        """
        if key is None:
            quota = self._anonymous
            return None if quota is None else self._count(quota, "client", _neighbourhood(client))
        known = self._known().get(digest(key))
        if known is not None:
            name, quota = known
            return self._count(quota, "key", name)
        wait = self._count(self._anonymous, "client", _neighbourhood(client))
        if wait is None:
            raise Unauthorized(
                N_("the key is not known, or no longer"), mend=N_("ask for a new one, or ask without")
            )
        return wait

    def _count(self, quota: RateLimitItem | None, *who: str) -> int | None:
        if quota is None or self._counter.hit(quota, *who):
            return None
        reset, _ = self._counter.get_window_stats(quota, *who)
        return max(1, math.ceil(reset - time.time()))

    def _known(self) -> dict[str, tuple[str, RateLimitItem]]:
        """Return name and quota of each good key by its hash."""
        if self._clock() - self._read_at >= self._refresh_s:
            # Two threads may both read; none may be told that it has read before it has.
            good = [key for key in self._read_keys() if key.revoked_at is None]
            self._quotas = {key.hashed: (key.name, parse(key.quota)) for key in good}
            self._read_at = self._clock()
        return self._quotas


class Turns:
    """Counts how often each client sends a form to this process.

    Parameters
    ----------
    quota
        How often it may, such as `30 per hour`; empty: without limit.
    """

    def __init__(self, quota: str) -> None:
        self._quota = parse(quota) if quota else None
        self._counter = FixedWindowRateLimiter(MemoryStorage())

    def take(self, client: str) -> None:
        """Count one form of the client at an address.

        Raises
        ------
        TooMany
            It is one too many.
        """
        who = ("form", _neighbourhood(client))
        if self._quota is None or self._counter.hit(self._quota, *who):
            return
        reset, _ = self._counter.get_window_stats(self._quota, *who)
        raise TooMany(
            N_("too many reports from here"),
            retry_after_s=max(1, math.ceil(reset - time.time())),
            mend=N_("wait {seconds} seconds"),
        )


def key_of(authorization: str | None, x_api_key: str | None) -> str | None:
    """Return the key that headers show: `Authorization: Bearer …` or `X-API-Key`; None: none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return x_api_key or None


def limit_requests(app: Flask, read_keys: Callable[[], Iterable[Key]]) -> None:
    """Let an application answer under /api and /ogc only as often as settings and keys allow."""
    app.extensions["quotas"] = Quotas(
        str(app.config["RATE_LIMIT"]), read_keys, refresh_s=float(app.config["REFRESH_S"])
    )
    app.before_request(_check)


def _check() -> Response | None:
    # A browser's preflight asks nothing, and cannot show a key.
    if not (request.path.startswith(_API) or is_ogc(request.path)) or request.method == "OPTIONS":
        return None
    key = key_of(request.headers.get("Authorization"), request.headers.get("X-API-Key"))
    quotas: Quotas = current_app.extensions["quotas"]
    wait = quotas.check(request.remote_addr or "", key)
    if wait is not None:
        raise TooMany(N_("too many requests"), retry_after_s=wait, mend=N_("wait {seconds} seconds, or use a key"))
    return None


def _neighbourhood(client: str) -> str:
    """Return the address that counts: who has an IPv6 address has the 2^64 beside it too."""
    if ":" not in client:
        return client
    try:
        address = ipaddress.IPv6Address(client.partition("%")[0])
    except ValueError:
        return client
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
