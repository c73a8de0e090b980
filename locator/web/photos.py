"""Photos of stations, from the folder that the setting `PHOTOS` names."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.wrappers import Response as BaseResponse

from locator.album import photo_file

__all__ = ["blueprint"]

blueprint = Blueprint("photos", __name__)

_DAY_S = 86_400


@blueprint.get("/photos/<name>")
def photo(name: str) -> BaseResponse:
    """Answer with a photo; nothing else that may lie in the folder is handed out."""
    found = photo_file(str(current_app.config["PHOTOS"]), name)
    if found is None:
        abort(404)
    path, shown = found
    response = Response(path.read_bytes(), mimetype=shown.media)
    # A name with a size is made from its content; one that somebody gave may get another content.
    response.headers["Cache-Control"] = (
        f"public, max-age={365 * _DAY_S}, immutable" if shown.size else f"public, max-age={_DAY_S}"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.add_etag()
    return response.make_conditional(request)
