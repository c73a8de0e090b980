"""Features as GeoJSON: one of them, or a page of them with the link to the next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import shapely
from flask import request

from locator.store import Collection, Feature, Store
from locator.translation import Translator
from locator.web.ogc.answering import JSON, Document, address, form_links, link, remembered
from locator.web.ogc.asking import Asked
from locator.web.ogc.descriptions import GEOJSON

__all__ = ["item", "items"]


def items(store: Store, collection: Collection, asked: Asked, translate: Translator) -> Document:
    """Return the page of features that is asked for, and how many there are in all."""
    matched = remembered(
        store,
        ("count", collection.name, json.dumps(asked.tree)),
        lambda: store.features.count(collection, asked.tree),
    )
    features = store.features.page(
        collection, asked.tree, after=asked.after, limit=asked.limit + 1, matched=matched
    )
    shown = features[: asked.limit]
    links = [*form_links(GEOJSON), _collection_link(collection, translate)]
    if len(features) > asked.limit:
        # Without this link GDAL takes the first page for everything there is, and says nothing.
        links.append(link("next", _next_address(collection, asked, shown[-1].id), GEOJSON, translate("Next page")))
    document: Document = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": matched,
        "numberReturned": len(shown),
        "links": links,
        "features": [_feature(feature) for feature in shown],
    }
    return document | ({"limit": asked.limit, "limit_lowered": True} if asked.limit_lowered else {})


def item(store: Store, collection: Collection, code: str, translate: Translator) -> Document:
    """Return one feature.

    Raises
    ------
    NotFound
        The collection has no such feature.
    """
    found = store.features.one(collection, code)
    return _feature(found) | {"links": [*form_links(GEOJSON), _collection_link(collection, translate)]}


def _feature(feature: Feature) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": feature.id,
        "geometry": json.loads(shapely.to_geojson(feature.geometry)),
        "properties": feature.properties,
    }


def _collection_link(collection: Collection, translate: Translator) -> dict[str, str]:
    return link(
        "collection", address("collection_page", collection_id=collection.name), JSON, translate(collection.title)
    )


def _next_address(collection: Collection, asked: Asked, last: str) -> str:
    """Return the address of the next page: what is asked now, from the last feature on."""
    values = {**request.args.to_dict(), "limit": str(asked.limit), "after": last}
    return address("items_page", collection_id=collection.name, **values)
