"""The language of a page: asked for in the URL, remembered, or the browser's."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from locator.translation import LANGUAGES, Translator, translator
from locator.web.headers import is_embed

__all__ = ["accepted_language", "page_translator", "speak", "speak_languages"]

_COOKIE = "lang"
_YEAR_S = 365 * 24 * 3600


def page_translator() -> Translator:
    """Return the translator into the language of the request that is answered now."""
    if "translate" not in g:
        g.translate = translator(_language())
    found: Translator = g.translate
    return found


def speak(language: object) -> None:
    """Answer this request in a language that its body asks for; one that there is not changes nothing."""
    if isinstance(language, str) and language in LANGUAGES:
        g.translate = translator(language)


def speak_languages(app: Flask) -> None:
    """Give templates `_`, `lang` and `other_language`, and remember a language that the URL asks for."""
    app.context_processor(_words)
    app.after_request(_remember)


def _language() -> str:
    asked = request.args.get("lang", "")
    # Inside another site's page nothing is remembered, and what is remembered elsewhere does not count.
    remembered = "" if is_embed(request.path) else request.cookies.get(_COOKIE, "")
    for code in (asked, remembered):
        if code in LANGUAGES:
            return code
    return accepted_language(request.headers.get("Accept-Language", ""), str(current_app.config["LANGUAGE"]))


@lru_cache(maxsize=1_000)
def accepted_language(accepted: str, default: str) -> str:
    """Return the language that a header `Accept-Language` likes best, of those that there are."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or default


def _words() -> dict[str, object]:
    translate = page_translator()
    other = next(code for code in LANGUAGES if code != translate.language)
    arguments = {**request.args.to_dict(flat=False), "lang": [other]}
    # One slash: an address that begins with two names another server.
    path = quote("/" + request.path.lstrip("/"))
    return {
        "_": translate,
        "lang": translate.language,
        "other_language": other,
        "other_language_url": f"{path}?{urlencode(arguments, doseq=True)}",
    }


def _remember(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.content_language.add(page_translator().language)
        response.vary.update(("Accept-Language", "Cookie"))
    asked = request.args.get("lang", "")
    if asked in LANGUAGES and response.mimetype == "text/html" and not is_embed(request.path):
        response.set_cookie(
            _COOKIE, asked, max_age=_YEAR_S, secure=request.is_secure, httponly=True, samesite="Lax"
        )
    return response
