"""The addresses under /ogc, each with and without a slash at its end."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from locator.errors import NotFound
from locator.store import COLLECTIONS, Collection
from locator.translation import N_
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.ogc import descriptions, schemas
from locator.web.ogc.answering import SCHEMA, address, answered
from locator.web.ogc.asking import check_parameters, read_items
from locator.web.ogc.items import item, items
from locator.web.ogc.openapi import openapi

__all__ = ["blueprint"]

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc", template_folder="templates")


@blueprint.get("", strict_slashes=False)
def landing_page() -> Response:
    """Show where everything is."""
    check_parameters(request.args)
    translate = page_translator()
    return answered(lambda store: descriptions.landing(store, translate), "landing.html")


@blueprint.get("/conformance", strict_slashes=False)
def conformance_page() -> Response:
    """Show the classes of the standards that hold here."""
    check_parameters(request.args)
    return answered(lambda _: descriptions.conformance(), "conformance.html")


@blueprint.get("/api", strict_slashes=False)
def api() -> Response:
    """Show the description of the interface."""
    check_parameters(request.args)
    translate = page_translator()
    return answered(lambda _: openapi(translate), "api.html", mimetype=descriptions.OPENAPI)


@blueprint.get("/collections", strict_slashes=False)
def collections_page() -> Response:
    """Show the collections."""
    check_parameters(request.args)
    translate = page_translator()
    return answered(lambda store: descriptions.collections(store, translate), "collections.html")


@blueprint.get("/collections/<collection_id>", strict_slashes=False)
def collection_page(collection_id: str) -> Response:
    """Show a collection."""
    collection, translate = _collection(collection_id), page_translator()
    check_parameters(request.args)
    return answered(
        lambda store: descriptions.collection_document(store, collection, translate), "collection.html"
    )


@blueprint.get("/collections/<collection_id>/queryables", strict_slashes=False)
def queryables_page(collection_id: str) -> Response:
    """Show what can be asked for."""
    collection, translate = _collection(collection_id), page_translator()
    check_parameters(request.args)
    here = address("queryables_page", collection_id=collection_id)
    return answered(lambda _: schemas.queryables(collection, here, translate), "schema.html", mimetype=SCHEMA)


@blueprint.get("/collections/<collection_id>/schema", strict_slashes=False)
def schema_page(collection_id: str) -> Response:
    """Show what is answered."""
    collection, translate = _collection(collection_id), page_translator()
    check_parameters(request.args)
    here = address("schema_page", collection_id=collection_id)
    return answered(lambda _: schemas.returnables(collection, here, translate), "schema.html", mimetype=SCHEMA)


@blueprint.get("/collections/<collection_id>/geojson-schema", strict_slashes=False)
def feature_schema_page(collection_id: str) -> Response:
    """Show what a feature is as GeoJSON has it."""
    collection, translate = _collection(collection_id), page_translator()
    check_parameters(request.args)
    here = address("feature_schema_page", collection_id=collection_id)
    return answered(lambda _: schemas.feature_schema(collection, here, translate), "schema.html", mimetype=SCHEMA)


@blueprint.get("/collections/<collection_id>/items", strict_slashes=False)
def items_page(collection_id: str) -> Response:
    """Show features, a page at a time."""
    collection, translate = _collection(collection_id), page_translator()
    asked = read_items(request.args, collection, zone=data().snapshot().zone)
    first = {key: value for key, value in request.args.items() if key != "after"}
    return answered(
        lambda store: items(store, collection, asked, translate),
        "items.html",
        mimetype=descriptions.GEOJSON,
        context={
            "collection": collection,
            "first_url": address("items_page", collection_id=collection_id, **first),
        },
    )


@blueprint.get("/collections/<collection_id>/items/<path:feature_id>", strict_slashes=False)
def item_page(collection_id: str, feature_id: str) -> Response:
    """Show one feature."""
    collection, translate = _collection(collection_id), page_translator()
    check_parameters(request.args)
    code = feature_id.removesuffix("/")
    return answered(
        lambda store: item(store, collection, code, translate),
        "item.html",
        mimetype=descriptions.GEOJSON,
        context={"collection": collection},
    )


def _collection(name: str) -> Collection:
    found = COLLECTIONS.get(name)
    if found is None:
        raise NotFound(
            N_("there is no such collection"),
            field="collection",
            value=name,
            mend=N_("use {choices}"),
            choices=", ".join(COLLECTIONS),
        )
    return found
