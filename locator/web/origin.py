"""Whether a request comes from a page of ours: others may not make a browser change anything here.

One rule for all that changes something. A browser says with each request from where it is sent
(`Sec-Fetch-Site`), which no page can change: that decides. One that is too old for it says of what a form sends
the origin of its page, which has to be a host of ours, by the name that was asked for or by that of `PUBLIC_URL`.
Who says neither is no browser of these ten years, or no browser.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, current_app, request

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["allow_scenario_changes", "check_sender", "may_change_scenarios", "refuse_other_sites"]


def refuse_other_sites() -> None:
    """Answer 403 to what a page of another site has sent."""
    if _is_foreign():
        abort(403)


def may_change_scenarios() -> bool:
    """Whether who reaches this server may change scenarios on its pages."""
    return bool(current_app.config["EDIT_SCENARIOS"])


def allow_scenario_changes() -> None:
    """Answer 403 to what a page of another site has sent, and to everybody where nobody may change scenarios."""
    refuse_other_sites()
    if not may_change_scenarios():
        abort(403)


def check_sender() -> None:
    """Refuse a form that a page of another site has sent, and say how it is sent instead.

    Raises
    ------
    InvalidValue
        The browser says that it comes from elsewhere.
    """
    if _is_foreign():
        raise InvalidValue(
            N_("this form was sent by another site"),
            mend=N_("open the page of the station and send it from there"),
        )


def _is_foreign() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and urlsplit(origin).netloc not in _own_hosts()


def _own_hosts() -> tuple[str, ...]:
    return request.host, urlsplit(str(current_app.config["PUBLIC_URL"])).netloc or request.host
