"""Linked data: what an IRI of an entity or statement leads to, and what there is altogether.

An IRI leads by 303 to a description in the format that the client accepts: of entities and
statements to /api/v1, of other terms to what the store says of them, for a browser to a page. Names
that only occur as properties or graphs are described here; what nothing is said of is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote, urlencode

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.exceptions import NotFound, ServiceUnavailable

from mechkg.api.http.respond import Responder, fresh
from mechkg.api.sparql.description import dataset_description, write_graph
from mechkg.api.sparql.endpoint import Endpoint
from mechkg.api.sparql.formats import GRAPHS, Form, choose
from mechkg.api.sparql.pages import (
    Part,
    Row,
    Value,
    described_page,
    entity_page,
    statement_page,
    triples_page,
)
from mechkg.kg.errors import Cancelled, UnknownTerm
from mechkg.kg.graph import Graph
from mechkg.ontology.rdf.vocabulary import (
    ENTITY,
    EVIDENCE,
    RDF,
    RDFS,
    STANDARD_PREFIXES,
    STATEMENT,
    Codec,
    is_iri,
)
from mechkg.ontology.sparql.pool import Question

__all__ = ["identifiers_blueprint"]

HTML = "text/html"
OWN = "https://w3id.org/mechkg/"

GRAPH_TITLES = {
    "asserted": "What sources state: the default graph of the store",
    "inferred": "What follows from the asserted statements by reasoning",
    "reified": "Which triple each statement reifies (RDF 1.2)",
}


def identifiers_blueprint(exchange: Responder, endpoint: Endpoint) -> Blueprint:
    """Return the routes of identifiers and of the data's description."""
    blueprint = Blueprint("identifiers", __name__, template_folder="../http/pages")
    data = _Identifiers(exchange, endpoint)
    routes: tuple[tuple[str, Callable[..., Response]], ...] = (
        ("/.well-known/void", data.describe),
        ("/id/<path:identifier>", data.lead),
        ("/about/<path:identifier>", data.show),
    )
    for rule, view in routes:
        blueprint.add_url_rule(rule, view.__name__, view)
    return blueprint


class _Identifiers:
    """What the routes share: the graph, and its store."""

    def __init__(self, exchange: Responder, endpoint: Endpoint) -> None:
        self._exchange, self._endpoint = exchange, endpoint

    def describe(self) -> Response:
        """Describe the data: in RDF, for a browser as a page."""
        graph = self._exchange.served.graph()
        named = request.args.get("format", "")
        if not named and _wants_page():
            return _page(_data_page(graph))
        form = choose(GRAPHS, named, request.accept_mimetypes)
        root = request.url_root.rstrip("/")
        return _rdf(dataset_description(root, graph, form), form)

    def lead(self, identifier: str) -> Response:
        """Lead from an identifier to its description.

        `identifier` is a CURIE, or an IRI of our own without its start: `statement/SC061`.
        """
        graph = self._exchange.served.graph()
        iri, curie, statement = _named(graph, identifier)
        if curie:
            return _see_other(self._address("entities", curie))
        if statement:
            return _see_other(self._address("statements", statement))
        if self._asks(graph, f"{{ <{iri}> ?p ?o }} UNION {{ GRAPH ?g {{ <{iri}> ?p ?o }} }}"):
            if _wants_page():
                return _see_other(f"/about/{quote(iri.removeprefix(OWN), safe=':/')}")
            return _see_other(f"/sparql?{urlencode({'query': f'DESCRIBE <{iri}>'})}")
        triples = self._own_description(graph, iri)
        if _wants_page():
            rows = [Row("comment", [Value(t.object.value)]) for t in triples
                    if isinstance(t.object, Literal)]  # fmt: skip
            return _page(described_page(identifier, iri, rows))
        form = choose(GRAPHS, "", request.accept_mimetypes)
        return _rdf(write_graph(iter(triples), form), form)

    def show(self, identifier: str) -> Response:
        """Return the page about an entity, a statement or a term."""
        graph = self._exchange.served.graph()
        iri, curie, statement = _named(graph, identifier)
        if curie:
            part = Part(*(request.args.get(name, "") for name in Part._fields))
            whole = not (part.predicate and part.direction)
            return _page(entity_page(graph, curie, None if whole else part))
        if statement:
            return _page(statement_page(graph, graph.statement(statement)))
        text = f"SELECT ?p ?o {{ {{ <{iri}> ?p ?o }} UNION {{ GRAPH ?g {{ <{iri}> ?p ?o }} }} }}"
        page = triples_page(iri, self._ask(graph, text))
        if page is None:
            raise NotFound(f"Nothing is said of {iri} here.")
        return _page(page)

    def _own_description(self, graph: Graph, iri: str) -> list[Triple]:
        """Describe a name that no triple has as its subject; raises `NotFound`."""
        kind, _, name = iri.removeprefix(OWN).partition("/")
        node, comment = NamedNode(iri), NamedNode(RDFS["comment"])
        if kind == "graph" and name in GRAPH_TITLES:
            return [Triple(node, comment, Literal(GRAPH_TITLES[name]))]
        if kind == "path":
            raise NotFound("A path has its name within one answer; ask for it again.")
        if self._asks(graph, f"{{ ?s <{iri}> ?o }} UNION {{ GRAPH ?g {{ ?s <{iri}> ?o }} }}"):
            told = f"A property that this graph uses: {unquote(name)}."
            kinds = NamedNode(RDF["type"]), NamedNode(RDF["Property"])
            return [Triple(node, *kinds), Triple(node, comment, Literal(told))]
        raise NotFound(f"Nothing is said of {iri} here.")

    def _asks(self, graph: Graph, pattern: str) -> bool:
        return b"true" in self._ask(graph, f"ASK {{ {pattern} }}")

    def _ask(self, graph: Graph, query: str) -> bytes:
        store, _ = self._endpoint.store(graph)
        try:
            return self._endpoint.pool.ask(Question(store=str(store), query=query)).body
        except Cancelled as error:
            raise ServiceUnavailable(f"{error} Ask again soon.", retry_after=5) from None

    def _address(self, kind: str, name: str) -> str:
        """Return where an entity or a statement is, in the format that the client accepts."""
        if _wants_page():
            about = (
                quote(name, safe=":") if kind == "entities" else f"statement/{quote(name, safe='')}"
            )
            return f"/about/{about}"
        formats = self._exchange.formats
        chosen = formats.choose("", "", request.accept_mimetypes)
        place = f"/api/v1/{kind}/{quote(name, safe=':')}"
        return place if chosen is formats.all[0] else f"{place}.{chosen.suffix}"


def _named(graph: Graph, identifier: str) -> tuple[str, str, str]:
    """Return the IRI of an identifier, and the entity or the statement that it names, if one.

    Raises `UnknownTerm` for what cannot be in the graph.
    """
    codec = Codec(STANDARD_PREFIXES | graph.schema.prefixes)
    iri = OWN + identifier if "/" in identifier.partition(":")[0] else codec.iri(identifier)
    records = graph.snapshot.records
    curie = codec.curie(iri)
    if records.entity_row(curie) is not None:
        return iri, curie, ""
    name = _statement_of(iri)
    known = records.statement_row(name) is not None if name else iri.startswith(OWN)
    if not known or ENTITY.holds(iri) or not is_iri(iri):
        raise UnknownTerm("identifier", identifier)
    return iri, "", name


def _statement_of(iri: str) -> str:
    """Return the identifier of the statement that an IRI names, or whose evidence it names."""
    if STATEMENT.holds(iri):
        return unquote(iri.removeprefix(STATEMENT.start))
    if EVIDENCE.holds(iri):
        return unquote(iri.removeprefix(EVIDENCE.start).rpartition("-")[0])
    return ""


def _data_page(graph: Graph) -> str:
    manifest = graph.manifest
    counts = manifest.counts
    numbers = {
        "entities": counts.entities,
        "statements": counts.statements,
        "inferred statements": counts.inferred,
        "pieces of evidence": counts.evidence,
    }
    rows = [Row("version", [Value(manifest.hash)])]
    rows += [Row(name, [Value(f"{number:,}")]) for name, number in numbers.items()]
    for source in manifest.sources:
        words = " ".join(filter(None, (source.name, source.version, source.licence)))
        link = source.url if source.url.startswith(("https://", "http://")) else ""
        rows.append(Row("source", [Value(words, link)]))
    dumps = [Value("Turtle", "/api/v1/graph.ttl"), Value("VoID", "/.well-known/void?format=turtle")]
    address = f"{request.root_url}.well-known/void"
    return described_page(f"MechKG: {manifest.name}", address, rows, dumps)


def _wants_page() -> bool:
    accept = request.accept_mimetypes
    return accept[HTML] > max(accept[kind] for kind in ("application/json", "text/turtle"))


def _see_other(address: str) -> Response:
    response = Response(status=303)
    response.location = address
    return fresh(response)


def _page(text: str) -> Response:
    return fresh(Response(text, mimetype=HTML))


def _rdf(body: bytes, form: Form) -> Response:
    return fresh(Response(body, mimetype=form.media_type))
