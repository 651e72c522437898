"""RDF files as an index of subject -> predicate -> objects, read with pyoxigraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from mechkg.kg.errors import DataError
from mechkg.ontology.rdf.guard import check_document
from mechkg.ontology.rdf.origins import Origins

__all__ = [
    "SYNTAXES", "Document", "Node", "Triples", "named_graph", "parse_document", "read_documents",
    "read_triples", "settle",
]  # fmt: skip

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
NANOPUBLICATIONS: Final = b"http://www.nanopub.org/nschema#"

OWN_GRAPHS: Final = "https://w3id.org/mechkg/graph/"

Node = NamedNode | BlankNode | Literal | Triple

SYNTAXES: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
}
"""The syntax of a file by its suffix."""


@dataclass(frozen=True, slots=True)
class Document:
    """An RDF document in memory; `name` is how errors call it."""

    name: str
    data: bytes
    syntax: RdfFormat


@dataclass(frozen=True, slots=True)
class Triples:
    """All triples of some documents, whatever graph they stand in.

    `by_subject` maps a subject to its predicates and those to their objects, in the order of
    the documents; blank nodes have the key `_:name`. `prefixes` are those that the documents
    declare. `graphs` holds the triples of each named graph once more, where a document has
    nanopublications, whose graphs mean different things. `origins` says which documents say a
    triple, where that is wanted.
    """

    documents: tuple[Document, ...]
    by_subject: dict[str, dict[str, list[Node]]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    graphs: dict[str, list[tuple[str, str, Node]]] = field(default_factory=dict)
    origins: Origins | None = None

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the objects of a subject and predicate as texts."""
        return [text_of(node) for node in self.by_subject.get(subject, {}).get(predicate, ())]

    def value(self, subject: str, predicate: str) -> str:
        """Return the first object, or an empty text."""
        nodes = self.by_subject.get(subject, {}).get(predicate)
        return text_of(nodes[0]) if nodes else ""

    def error(self, subject: str, reason: str) -> DataError:
        """Return a `DataError` about a subject, with the file and line that first name it."""
        local = re.split(r"[/#]", subject)[-1]
        pattern = re.compile(rb"(?<![\w-])" + re.escape(local.encode()) + rb"(?![\w-])")
        for document in self.documents:
            for number, line in enumerate(document.data.splitlines(), 1):
                if not line.startswith(b"#") and pattern.search(line):
                    return DataError(document.name, number, reason)
        return DataError(self.documents[0].name, None, reason)


def text_of(node: Node) -> str:
    """Return an IRI, the text of a literal, or `_:name` of a blank node.

    >>> text_of(Literal("x")), text_of(NamedNode("http://a/b"))
    ('x', 'http://a/b')
    """
    return str(node) if isinstance(node, BlankNode | Triple) else node.value


def read_documents(paths: Sequence[Path]) -> list[Document]:
    """Read files into memory; a directory stands for the Turtle files in it, by name.

    Raises `DataError` for a file that is missing or whose suffix names no RDF syntax.
    """
    files = [f for p in paths for f in (sorted(p.glob("*.ttl")) if p.is_dir() else [p])]
    documents = []
    for path in files:
        syntax = SYNTAXES.get(path.suffix.lower())
        if syntax is None:
            known = ", ".join(SYNTAXES)
            raise DataError(
                str(path), None, "the suffix names no RDF syntax", hint=f"Known suffixes: {known}."
            )
        try:
            documents.append(Document(str(path), path.read_bytes(), syntax))
        except OSError as error:
            raise DataError(str(path), None, error.strerror or str(error)) from error
    return documents


def read_triples(documents: Sequence[Document], origins: Origins | None = None) -> Triples:
    """Parse documents into one index; raises `DataError` with file and line. O(triples).

    Nothing is fetched: a JSON-LD context must stand in the document. `origins` learns which
    documents and graphs say a triple.
    """
    triples = Triples(tuple(documents), origins=origins)
    for number, document in enumerate(documents):
        parse_document(triples, document, number if len(documents) > 1 else None)
    settle(triples)
    return triples


def parse_document(triples: Triples, document: Document, number: int | None = None) -> None:
    """Add the triples of one document; `number` is its number among several.

    Raises `DataError` with file and line.
    """
    check_document(document.data, document.syntax, document.name)
    try:
        _add(triples, document, number)
    except SyntaxError as error:
        raise DataError(document.name, error.lineno, _reason(error)) from error
    except ValueError as error:
        raise DataError(document.name, None, str(error)) from error


def settle(triples: Triples) -> None:
    """Leave a triple that is said twice once, in place; to be called after the last document."""
    for predicates in triples.by_subject.values():
        for predicate, objects in predicates.items():
            if len(objects) > 1:
                predicates[predicate] = list(dict.fromkeys(objects))


def _add(triples: Triples, document: Document, number: int | None) -> None:
    # Blank nodes of different files may have the same name, hence the file's number in the key.
    mark = "" if number is None else f"{number}."
    data = document.data.removeprefix(BYTE_ORDER_MARK)
    parser = parse(data, format=document.syntax, base_iri=_base(document))
    index, origins = triples.by_subject, triples.origins
    has_graphs = NANOPUBLICATIONS in data
    listing = origins.listing(number or 0) if origins is not None else 0
    listings: dict[str, int] = {}
    for quad in parser:
        subject = quad.subject
        if isinstance(subject, NamedNode):
            key = subject.value
        elif isinstance(subject, BlankNode):
            key = f"_:{mark}{subject.value}"
        else:
            continue
        target = quad.object
        if mark and isinstance(target, BlankNode | Triple):
            target = _marked(target, mark)
        predicate = quad.predicate.value
        objects = index.setdefault(key, {}).setdefault(predicate, [])
        graph = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
        if origins is not None:
            if graph and graph not in listings:
                name = "" if has_graphs else named_graph(graph)
                listings[graph] = origins.listing(number or 0, name)
            origins.note(key, predicate, target, listings.get(graph, listing), objects)
        objects.append(target)
        if graph and has_graphs:
            triples.graphs.setdefault(graph, []).append((key, predicate, target))
    triples.prefixes.update(parser.prefixes)


def named_graph(iri: str) -> str:
    """Return the name of a graph, "" for those by which MechKG parts what it writes.

    >>> named_graph("http://a/g"), named_graph("https://w3id.org/mechkg/graph/inferred")
    ('http://a/g', '')
    """
    return "" if iri.startswith(OWN_GRAPHS) else iri


def _marked(node: Node, mark: str) -> Node:
    """Return a node with its blank nodes called after their file, too."""
    if isinstance(node, BlankNode):
        return BlankNode(mark + node.value)
    if isinstance(node, Triple):
        subject, target = (_marked(end, mark) for end in (node.subject, node.object))
        if isinstance(subject, NamedNode | BlankNode):
            return Triple(subject, node.predicate, target)
    return node


def _base(document: Document) -> str | None:
    """Return what relative IRIs are resolved against: the name of the file, without its folder."""
    if document.syntax in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        return None
    return f"file:///{quote(Path(document.name).name)}"


def _reason(error: SyntaxError) -> str:
    text = error.msg or str(error)
    if "LoadDocumentCallback" in text:
        return "a JSON-LD context from elsewhere is not fetched; put the context into the document"
    return re.sub(r"^Parser error at line \d+ (?:between columns [^:]*|column[^:]*): ", "", text)
