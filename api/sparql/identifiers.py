"""Linked data: what an IRI of an entity or statement leads to, and what there is altogether."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlencode

from flask import Blueprint, Response, request

from mechkg.api.http.respond import Responder, fresh
from mechkg.api.sparql.description import dataset_description
from mechkg.api.sparql.formats import GRAPHS, choose
from mechkg.kg.errors import UnknownTerm
from mechkg.ontology.rdf.vocabulary import ENTITY, EVIDENCE, STANDARD_PREFIXES, STATEMENT, Codec

__all__ = ["identifiers_blueprint"]

HTML = "text/html"
OWN = "https://w3id.org/mechkg/"


def identifiers_blueprint(exchange: Responder) -> Blueprint:
    """Return the routes of identifiers and of the data's description."""
    blueprint = Blueprint("identifiers", __name__)

    @blueprint.get("/.well-known/void")
    def describe() -> Response:
        form = choose(GRAPHS, request.args.get("format", ""), request.accept_mimetypes)
        root = request.root_url.rstrip("/")
        body = dataset_description(root, exchange.served.graph(), form)
        return fresh(Response(body, mimetype=form.media_type))

    @blueprint.get("/id/<path:curie>")
    def lead(curie: str) -> Response:
        response = Response(status=303)
        response.location = _address(exchange, curie)
        return fresh(response)

    return blueprint


def _address(exchange: Responder, identifier: str) -> str:
    """Return where an identifier's description is, in the format that the client accepts.

    `identifier` is a CURIE, or an IRI of our own namespace without its start: `statement/SC061`.
    Raises `UnknownEntity` or `UnknownTerm` for what is not in the graph.
    """
    graph = exchange.served.graph()
    codec = Codec(STANDARD_PREFIXES | graph.schema.prefixes)
    iri = OWN + identifier if "/" in identifier.partition(":")[0] else codec.iri(identifier)
    records = graph.snapshot.records
    curie = codec.curie(iri)
    if records.entity_row(curie) is not None:
        return _route(exchange, "entities", curie)
    name = _statement_of(iri)
    if name:
        if records.statement_row(name) is None:
            raise UnknownTerm("curie", identifier)
        return _route(exchange, "statements", name)
    if iri.startswith(OWN) and not ENTITY.holds(iri):
        # Terms, sentences and graphs have no address of their own: the store describes them.
        return f"/sparql?{urlencode({'query': f'DESCRIBE <{iri}>'})}"
    raise UnknownTerm("curie", identifier)


def _statement_of(iri: str) -> str:
    """Return the identifier of the statement that an IRI names, or whose evidence it names."""
    if STATEMENT.holds(iri):
        return unquote(iri.removeprefix(STATEMENT.start))
    if EVIDENCE.holds(iri):
        return unquote(iri.removeprefix(EVIDENCE.start).rpartition("-")[0])
    return ""


def _route(exchange: Responder, kind: str, name: str) -> str:
    accept = request.accept_mimetypes
    formats = exchange.formats
    place = f"/api/v1/{kind}/{quote(name, safe=':')}"
    wants_page = accept[HTML] > max((accept[f.media_type] for f in formats.all), default=0)
    if wants_page and kind == "entities":
        return f"/?{urlencode({'source': name})}"
    chosen = formats.choose("", "", accept)
    return place if chosen is formats.all[0] else f"{place}.{chosen.suffix}"
