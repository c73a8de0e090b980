"""What is here: the landing page, the classes of the standards that hold, the collections."""

from __future__ import annotations

from typing import Any

from locator.store import COLLECTIONS, Collection, Store
from locator.translation import N_, Translator
from locator.web.ogc.answering import JSON, SCHEMA, Document, address, form_links, link, remembered
from locator.web.ogc.asking import CRS84

__all__ = ["CONFORMANCE", "GEOJSON", "OPENAPI", "collection_document", "collections", "conformance", "landing"]

GEOJSON = "application/geo+json"
# QGIS and others look for exactly this text.
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"

_OGC = "http://www.opengis.net/spec"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
CONFORMANCE = (
    *(f"{_OGC}/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30", "html")),
    # QGIS filters on the server only where filter, features-filter, cql2-text and basic-cql2 are all there.
    *(
        f"{_OGC}/ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_OGC}/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus",
        )
    ),
    *(
        f"{_OGC}/ogcapi-features-5/1.0/conf/{name}"
        for name in ("schemas", "core-roles-features", "returnables-and-receivables")
    ),
)  # fmt: skip


_HTML = "text/html"
_PARTS: tuple[tuple[str, str, dict[str, str], str, str], ...] = (
    ("self", "collection_page", {}, JSON, N_("Collection")),
    ("items", "items_page", {}, GEOJSON, N_("Features")),
    ("items", "items_page", {"f": "html"}, _HTML, N_("Features as a page")),
    (f"{_REL}/queryables", "queryables_page", {}, SCHEMA, N_("What can be asked for")),
    (f"{_REL}/schema", "schema_page", {}, SCHEMA, N_("What is answered")),
    # Written so, for GDAL compares letter by letter.
    ("describedBy", "feature_schema_page", {}, SCHEMA, N_("A feature as GeoJSON")),
)
"""What belongs to a collection: relation, page, its form, media type, title."""


def landing(store: Store, translate: Translator) -> Document:
    """Return the landing page, from which everything else is found."""
    about = store.meta().get("name")
    name = about.get(translate.language, "") if isinstance(about, dict) else ""
    return {
        "title": " · ".join(part for part in (translate("Stations"), name) if part),
        "description": translate("Workers' service stations, the areas and streets around them, for GIS."),
        "links": [
            *form_links(),
            link("service-desc", address("api", f="json"), OPENAPI, translate("Description of the interface")),
            link("service-doc", address("api", f="html"), "text/html", translate("The interface as a page")),
            link("conformance", address("conformance_page"), JSON, translate("Classes of the standards")),
            link("data", address("collections_page"), JSON, translate("Collections")),
        ],
    }


def conformance() -> Document:
    """Return the classes of the standards that hold here."""
    return {"links": form_links(), "conformsTo": list(CONFORMANCE)}


def collections(store: Store, translate: Translator) -> Document:
    """Return all collections."""
    return {
        "links": form_links(),
        "collections": [_collection(store, one, translate) for one in COLLECTIONS.values()],
    }


def collection_document(store: Store, collection: Collection, translate: Translator) -> Document:
    """Return one collection."""
    document = _collection(store, collection, translate)
    return document | {"links": [*form_links(), *document["links"][1:]]}


def _collection(store: Store, collection: Collection, translate: Translator) -> dict[str, Any]:
    name = collection.name
    bounds = remembered(store, ("bounds", name), lambda: store.features.bounds(collection))
    # A feature without a first or last day has no bound in time.
    extent: dict[str, Any] = {"temporal": {"interval": [[None, None]]}}
    if bounds is not None:
        extent["spatial"] = {"bbox": [list(bounds)], "crs": CRS84}
    links = [
        link(rel, address(page, collection_id=name, **form), mimetype, translate(title))
        for rel, page, form, mimetype, title in _PARTS
    ]
    licence = store.meta().get("licence")
    if isinstance(licence, str) and licence.startswith("https://"):
        links.append(link("license", licence))
    return {
        "id": name,
        "title": translate(collection.title),
        "description": translate(collection.description),
        "extent": extent,
        "itemType": "feature",
        "crs": [CRS84],
        "links": links,
    }
