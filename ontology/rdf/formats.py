"""RDF in and out: graphs read from files, subgraphs written in five syntaxes.

`read_graph` takes Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML; `FORMATS` is the table
of what is written. Both go through pyoxigraph; nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.writers import Format
from mechkg.kg.writers.limits import RDF, RDF_XML
from mechkg.ontology.axioms import Axioms, read_axioms
from mechkg.ontology.rdf.read import Reader
from mechkg.ontology.rdf.schema import read_prefixes, read_schema
from mechkg.ontology.rdf.triples import Document, Triples, read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import Codec
from mechkg.ontology.rdf.write import stream_rdf, write_rdf

__all__ = ["FORMATS", "RdfGraph", "graph_of", "parse_graph", "read_graph"]


@dataclass(frozen=True, slots=True)
class RdfGraph:
    """What RDF documents say: entities and statements, each by id, their terms and axioms."""

    entities: tuple[Entity, ...]
    statements: tuple[Statement, ...]
    schema: Schema
    axioms: Axioms


def read_graph(paths: Sequence[Path], *, schema: Schema | None = None) -> RdfGraph:
    """Read RDF files, or the Turtle files of directories, as one graph.

    Terms that the files do not describe are taken from `schema`. Raises `DataError` with the
    file, line and reason. O(size of the files).
    """
    return parse_graph(read_documents(paths), schema=schema)


def parse_graph(documents: Sequence[Document], *, schema: Schema | None = None) -> RdfGraph:
    """Read RDF documents in memory as one graph; see `read_graph`.

    >>> text = b"<http://a/x> <http://a/heals> <http://a/y> ."
    >>> graph = parse_graph([Document("x.nt", text, RdfFormat.N_TRIPLES)])
    >>> [(s.subject, s.predicate, s.object) for s in graph.statements]
    [('http://a/x', 'http://a/heals', 'http://a/y')]
    """
    return graph_of(read_triples(documents), schema=schema)


def graph_of(triples: Triples, *, schema: Schema | None = None) -> RdfGraph:
    """Return what triples say; see `read_graph`."""
    known = schema or Schema()
    codec = Codec(known.prefixes | read_prefixes(triples), registered=False)
    terms = _joined(read_schema(triples, codec), known)
    reader = Reader(triples, codec, terms)
    statements = reader.statements()
    entities = reader.entities(statements)
    used = terms.completed((e.category for e in entities), (s.predicate for s in statements))
    return RdfGraph(entities, statements, used, read_axioms(triples, codec, used))


def _joined(schema: Schema, known: Schema) -> Schema:
    categories = {c.id: c for c in (*known.categories, *schema.categories)}
    predicates = {p.id: p for p in (*known.predicates, *schema.predicates)}
    return Schema(
        categories=tuple(categories[c] for c in sorted(categories)),
        predicates=tuple(predicates[p] for p in sorted(predicates)),
        prefixes=schema.prefixes,
    )


FORMATS: Final = tuple(
    Format(
        name, suffix, media_type, label, partial(write_rdf, syntax=syntax),
        partial(stream_rdf, syntax=syntax),
        RDF_XML if syntax == RdfFormat.RDF_XML else RDF,
    )
    for name, suffix, media_type, label, syntax in (
        ("turtle", "ttl", "text/turtle", "Turtle", RdfFormat.TURTLE),
        ("ntriples", "nt", "application/n-triples", "N-Triples", RdfFormat.N_TRIPLES),
        ("jsonld", "jsonld", "application/ld+json", "JSON-LD", RdfFormat.JSON_LD),
        ("rdfxml", "rdf", "application/rdf+xml", "RDF/XML", RdfFormat.RDF_XML),
        ("trig", "trig", "application/trig", "TriG", RdfFormat.TRIG),
    )
)  # fmt: skip
"""The RDF forms of a subgraph, each the `Format` type of `mechkg.kg.writers`."""
