"""The address /sparql: a query by GET or POST, the service's description, the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotAcceptable, ServiceUnavailable

from mechkg.api.http.built import built_page, is_built
from mechkg.api.http.problems import refuse
from mechkg.api.http.respond import confirmed, fresh
from mechkg.api.http.tracing import step
from mechkg.api.sparql.description import service_description
from mechkg.api.sparql.endpoint import Endpoint
from mechkg.api.sparql.formats import GRAPHS, RESULTS, Form, choose
from mechkg.api.sparql.protocol import SparqlRequest, read_request
from mechkg.kg.curation.changes import Change as CuratorChange
from mechkg.kg.errors import Cancelled, MalformedQuery
from mechkg.kg.graph import Graph
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES
from mechkg.ontology.sparql.counts import read_counts, rewrite_counts
from mechkg.ontology.sparql.pool import Question
from mechkg.ontology.sparql.query_text import Text
from mechkg.ontology.sparql.update import changes_of
from mechkg.ontology.sparql.update_text import read_update

__all__ = ["Change", "answer", "sparql_blueprint"]

Change = Callable[[Callable[[Snapshot, str], tuple[CuratorChange, ...]], str], Response]
"""Enters what a function makes of the current version as a changeset, for a reason."""

VARYING = frozenset(("NOW", "RAND", "UUID", "STRUUID"))
"""Functions whose answers no cache may keep."""

NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""What an XML 1.0 document cannot hold (section 2.2), in UTF-8."""

PAGE = "sparql.html"


def sparql_blueprint(endpoint: Endpoint, update: Change) -> Blueprint:
    """Return the endpoint's routes; `update` makes what an update comes to a changeset."""
    blueprint = Blueprint("sparql", __name__, template_folder="../http/static")

    @blueprint.route("/sparql", methods=["GET", "POST"])
    def ask() -> Response:
        asked = read_request(request, endpoint.body_bytes)
        if asked.update:
            return _changed(endpoint, asked, update)
        return answer(endpoint, asked) if asked.query else _describe(asked)

    return blueprint


def _changed(endpoint: Endpoint, asked: SparqlRequest, update: Change) -> Response:
    """Answer an update: with the changeset that it was entered as."""
    parts = read_update(asked.update)

    def changes(snapshot: Snapshot, source: str) -> tuple[CuratorChange, ...]:
        def construct(query: str) -> bytes:
            text = Text(query, request.base_url)
            with endpoint.taken(text) as turn:
                store, _ = endpoint.store(Graph(snapshot))
                nothing = SparqlRequest(query=query)
                (form,) = (form for form in GRAPHS if form.name == "ntriples")
                asked = _question(text, query, store, nothing, form)
                return endpoint.pool.ask(asked, turn).body

        return changes_of(parts, snapshot, construct, source=source)

    return update(changes, asked.reason.strip() or "SPARQL update")


def _describe(asked: SparqlRequest) -> Response:
    """Answer a GET without a query: a page for a browser, RDF for a program."""
    accept = request.accept_mimetypes
    wants_page = accept["text/html"] > max(accept[form.media_type] for form in GRAPHS)
    if wants_page and not asked.format and is_built(PAGE):
        return built_page(PAGE)
    form = choose(GRAPHS, asked.format, accept)
    body = service_description(request.base_url, form)
    response = Response(body, mimetype=form.media_type)
    return fresh(response)


def answer(endpoint: Endpoint, asked: SparqlRequest) -> Response:
    """Return the answer to a query of the current request."""
    text = Text(asked.query, request.base_url)
    forms = RESULTS if text.form in {"SELECT", "ASK"} else GRAPHS
    form = choose(forms, asked.format, request.accept_mimetypes)
    with endpoint.taken(text) as turn:
        graph = endpoint.graph()  # one for all of the answer, whatever is loaded meanwhile
        store, content = endpoint.store(graph)
        tag = _tag(content, asked, form, endpoint.version)
        varies = any(token.text in VARYING for token in text.tokens)
        if not varies and (copy := confirmed(tag)):
            return copy
        query = endpoint.rewrite(text, graph)
        if (counts := read_counts(store)) is not None and not _has_dataset(text, asked):
            query = rewrite_counts(text, counts) or query
        try:
            with step("search"):
                found = endpoint.pool.ask(_question(text, query, store, asked, form), turn)
        except MalformedQuery as error:
            raise _with_prefixes(error, text) from error
        except Cancelled as error:
            raise ServiceUnavailable(
                f"{error} Ask again in a few seconds.", retry_after=5
            ) from None
    if form.name in {"xml", "rdfxml"} and NOT_XML.search(found.body):
        raise refuse(
            NotAcceptable,
            "The answer holds control characters, which XML 1.0 has no way to write. Ask for "
            "another format.",
            known=tuple(f.media_type for f in forms if f is not form),
        )
    response = Response(found.body, mimetype=form.media_type)
    if varies or request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
        return response
    response.set_etag(tag)
    return fresh(response)


def _has_dataset(text: Text, asked: SparqlRequest) -> bool:
    return bool(text.dataset or asked.default_graphs or asked.named_graphs)


def _question(text: Text, query: str, store: Path, asked: SparqlRequest, form: Form) -> Question:
    dataset = text.dataset
    if asked.default_graphs or asked.named_graphs:
        dataset = asked.default_graphs, asked.named_graphs
    default, named = dataset or (None, ())
    return Question(
        store=str(store),
        query=query,
        base=text.base,
        default_graphs=default,
        named_graphs=named,
        result=form.name if form in RESULTS else "json",
        graph=form.name if form in GRAPHS else "turtle",
        prefixes=text.prefixes if form in GRAPHS else {},
        quotes=text.quotes,
    )


def _with_prefixes(error: MalformedQuery, text: Text) -> MalformedQuery:
    """Return a parser's complaint with the declarations that the text lacks."""
    known = STANDARD_PREFIXES
    lines = [f"PREFIX {name}: <{known[name]}>" for name in text.undeclared if name in known]
    unknown = [f"{name}:" for name in text.undeclared if name not in known]
    if not lines and not unknown:
        return error
    hint = f"Declare {', '.join(unknown)}." if unknown else ""
    hint = f"{hint} Put in front: {' '.join(lines)}" if lines else hint
    return MalformedQuery("uses a prefix that it does not declare", hint=hint.strip())


def _tag(content: str, asked: SparqlRequest, form: Form, version: str) -> str:
    parts = (asked, form.name, request.base_url, version)
    return f"{content}-{blake2b(msgspec.json.encode(parts), digest_size=12).hexdigest()}"
