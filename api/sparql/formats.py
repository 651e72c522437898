"""The formats of SPARQL answers, and how Accept or `format` chooses one of each kind."""

from __future__ import annotations

import msgspec
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

from mechkg.api.http.problems import refuse
from mechkg.kg.errors import UnknownTerm

__all__ = ["GRAPHS", "RESULTS", "Form", "choose"]


class Form(msgspec.Struct, frozen=True):
    """A format: its name, its media type, others that ask for it, its IRI in descriptions."""

    name: str
    media_type: str
    others: tuple[str, ...]
    iri: str


FORMATS = "http://www.w3.org/ns/formats/"

RESULTS = (
    Form(
        "json",
        "application/sparql-results+json",
        ("application/json",),
        FORMATS + "SPARQL_Results_JSON",
    ),
    Form(
        "xml",
        "application/sparql-results+xml",
        ("application/xml", "text/xml"),
        FORMATS + "SPARQL_Results_XML",
    ),
    Form("csv", "text/csv", (), FORMATS + "SPARQL_Results_CSV"),
    Form("tsv", "text/tab-separated-values", (), FORMATS + "SPARQL_Results_TSV"),
)
"""For SELECT and ASK."""

GRAPHS = (
    Form("turtle", "text/turtle", ("application/x-turtle", "text/n3"), FORMATS + "Turtle"),
    Form(
        "ntriples",
        "application/n-triples",
        ("text/plain", "application/n-quads"),
        FORMATS + "N-Triples",
    ),
    Form(
        "rdfxml",
        "application/rdf+xml",
        ("application/xml", "text/xml"),
        FORMATS + "RDF_XML",
    ),
    Form("jsonld", "application/ld+json", ("application/json",), FORMATS + "JSON-LD"),
)
"""For CONSTRUCT and DESCRIBE, and for descriptions of the service and the data."""

_ANY = frozenset(("auto", "html", "text/html", "*/*"))
"""Names that leave the choice to Accept."""

_ALIASES = {
    "ttl": "turtle", "n3": "turtle", "nt": "ntriples", "n-triples": "ntriples", "nq": "ntriples",
    "n-quads": "ntriples", "rdf": "rdfxml", "rdf+xml": "rdfxml", "rdf-xml": "rdfxml",
    "rdf/xml": "rdfxml", "json-ld": "jsonld", "ld+json": "jsonld", "srj": "json", "srx": "xml",
    "sparql-results+json": "json", "sparql-results+xml": "xml", "sparql": "xml",
}  # fmt: skip
"""Names that SPARQLWrapper, Virtuoso and Fuseki have for these formats."""


def choose(forms: tuple[Form, ...], named: str, accept: MIMEAccept) -> Form:
    """Return the format of an answer: the one named, else what Accept likes best, else the first.

    A name that fits the other kind of answer (`json` for a graph, `turtle` for solutions) takes
    what is nearest to it; `auto` leaves the choice to Accept. Raises `UnknownTerm` and
    `NotAcceptable`.

    >>> choose(RESULTS, "", MIMEAccept([("text/csv", 1)])).name
    'csv'
    >>> choose(GRAPHS, "json", MIMEAccept()).name
    'jsonld'
    """
    if named and (form := _named(forms, named)) is not None:
        return form
    if not accept:
        return forms[0]
    types = {t: form for form in reversed(forms) for t in (*form.others, form.media_type)}
    ordered = [t for form in forms for t in (form.media_type, *form.others)]
    best = accept.best_match(ordered)
    if best is None:
        known = tuple(form.media_type for form in forms)
        raise refuse(
            NotAcceptable,
            f"Accept admits none of the formats of this answer: {', '.join(known)}.",
            known=known,
        )
    return types[best]


def _named(forms: tuple[Form, ...], named: str) -> Form | None:
    """Return the format of a name; None for one that leaves it to Accept (`auto`)."""
    name = _ALIASES.get(named.lower(), named.lower())
    if name in _ANY:
        return None
    for form in forms:
        if name in {form.name, form.media_type, *form.others} or form.name == f"{name}ld":
            return form
    if any(name in {f.name, f.media_type} for f in (*RESULTS, *GRAPHS)):
        return forms[0]
    raise UnknownTerm("format", named, [form.name for form in forms])
