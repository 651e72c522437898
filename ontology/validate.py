"""Is a graph sound? Its shapes, its identifiers and its consistency, in plain sentences.

Slow beside the rest (some seconds: pyshacl), so it is for curators, `mechkg validate` and the
tests, never for serving. Nothing is fetched: files are parsed by pyoxigraph, no `owl:imports` is
followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from mechkg.kg.errors import ValidationError
from mechkg.ontology.rdf.formats import RdfGraph, graph_of
from mechkg.ontology.rdf.schema import read_prefixes
from mechkg.ontology.rdf.triples import Document, Triples, read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import MECHKG, OWL, RDF, SH, STATEMENT, XSD, Codec
from mechkg.ontology.reason import check_consistency

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = [
    "ShapeResult",
    "check_identifiers",
    "check_shapes",
    "patterns_of",
    "shape_results",
    "validate",
]

Finding = tuple[str, str]


class ShapeResult(NamedTuple):
    """A node that breaks a shape, by its IRI, and the value that does, if it is one value.

    A breach that is no violation (`sh:Warning`) breaks the form of the bundled files, not the
    meaning of a statement.
    """

    focus: str
    message: str
    value: str
    is_violation: bool


_HEADER: Final = "https://w3id.org/mechkg/"
_TERMS: Final = "mechanism.ttl"
_SOURCES: Final = "ms-nsc/sources.ttl"


def validate(paths: Sequence[Path]) -> RdfGraph:
    """Return the graph of some RDF files, or raise `ValidationError` with all findings.

    Where the files are without the ontology's terms or sentences, those of the bundle are added.
    Raises `DataError` where a file cannot be read. Some seconds a thousand statements.
    """
    documents = read_documents(paths)
    triples = read_triples(documents)
    missing = [*_missing(triples)]
    if missing:
        documents = [*documents, *missing]
        triples = read_triples(documents)
    graph = graph_of(triples)
    name = ", ".join(str(p) for p in paths)
    findings = [*check_shapes(triples), *check_identifiers(graph, triples)]
    try:
        names = {e.id: e.name for e in graph.entities}
        check_consistency(graph.statements, graph.axioms, names, name=name)
    except ValidationError as error:
        findings.extend(error.findings)
    if findings:
        raise ValidationError(name, findings)
    return graph


def check_shapes(triples: Triples) -> list[Finding]:
    """Return what breaks `shapes.ttl`: focus node and sentence, sorted, each once."""
    codec = Codec(read_prefixes(triples), registered=False)
    return sorted({(_short(result.focus, codec), _sentence(result, codec))
                   for result in shape_results(triples)})  # fmt: skip


def shape_results(triples: Triples) -> list[ShapeResult]:
    """Return each way in which triples break `shapes.ttl`; some 4 ms a statement."""
    # Only here, since rdflib and pyshacl take a second to import.
    import pyshacl
    from rdflib import Graph

    with as_file(files("mechkg.ontology") / "shapes.ttl") as path:
        shapes = _with_targets(Graph().parse(path))
    conforms, report, _text = pyshacl.validate(
        _rdflib_graph(triples), shacl_graph=shapes, do_owl_imports=False, inference=None
    )
    return [] if conforms or not isinstance(report, Graph) else list(_results(report))


def _with_targets(shapes: Graph) -> Graph:
    """Return shapes whose property shapes have the target classes of their node shapes.

    The results are the same: a property shape validates the focus nodes of its node shape (SHACL
    4.8.1). But pySHACL validates a nested shape once a focus node, and one with targets once for
    all of them, which takes a fifth of the time.
    """
    from rdflib import SH as TERMS

    for node, kind in [*shapes.subject_objects(TERMS.targetClass)]:
        for part in [*shapes.objects(node, TERMS.property)]:
            shapes.add((part, TERMS.targetClass, kind))
            shapes.remove((node, TERMS.property, part))
    return shapes


def check_identifiers(graph: RdfGraph, triples: Triples) -> list[Finding]:
    """Return every identifier whose prefix is not declared or whose form is not the prefix's.

    A web page is no identifier: it must be described as one (`mechkg:WebPage`).

    The patterns (`mechkg:identifierPattern`) are those of the Bioregistry. O(identifiers).
    """
    patterns = patterns_of(triples)
    declared = {triples.value(s, SH["prefix"]) for s in triples.by_subject} - {""}
    found = []
    for focus, identifier in sorted(set(_identifiers(graph))):
        prefix, _, local = identifier.partition(":")
        if "://" in identifier:
            if MECHKG["WebPage"] not in triples.values(identifier, RDF["type"]):
                found.append((focus, f"uses {identifier}, a web page that is not described"))
        elif prefix not in declared:
            found.append((focus, f"uses {identifier}, whose prefix is not declared"))
        elif prefix in patterns and not patterns[prefix].search(local):
            form = patterns[prefix].pattern
            found.append((focus, f"uses {identifier}, which is not of the form {form}"))
    return found


def patterns_of(triples: Triples) -> dict[str, re.Pattern[str]]:
    """Return the form of the local identifiers of each prefix that has one."""
    return {
        triples.value(subject, SH["prefix"]): re.compile(pattern)
        for subject in triples.by_subject
        if (pattern := triples.value(subject, MECHKG["identifierPattern"]))
    }


def _identifiers(graph: RdfGraph) -> Iterator[tuple[str, str]]:
    for entity in graph.entities:
        yield from ((entity.id, used) for used in (entity.id, *entity.xrefs))
    for statement in graph.statements:
        for evidence in statement.evidence:
            for used in filter(None, (evidence.source, *evidence.publications)):
                yield statement.id, used


def _missing(triples: Triples) -> Iterator[Document]:
    described = OWL["Ontology"] in triples.values(_HEADER, RDF["type"])
    types = (t for p in triples.by_subject.values() for t in p.get(RDF["type"], ()))
    sentences = any(getattr(t, "value", "") == MECHKG["Sentence"] for t in types)
    for name, present in ((_TERMS, described), (_SOURCES, sentences)):
        if not present:
            with as_file(files("mechkg.ontology") / name) as path:
                yield from read_documents([path])


def _results(report: Graph) -> Iterator[ShapeResult]:
    from rdflib import SH as TERMS

    for result in report.subjects(TERMS.focusNode, None):
        focus = str(report.value(result, TERMS.focusNode))
        found = report.value(result, TERMS.value)
        value = "" if found is None else str(found)
        component = report.value(result, TERMS.sourceConstraintComponent)
        if component == TERMS.SPARQLConstraintComponent or STATEMENT.holds(value):
            focus, value = value, ""
        yield ShapeResult(
            focus=focus,
            message=str(report.value(result, TERMS.resultMessage)),
            value="" if value == focus else value,
            is_violation=report.value(result, TERMS.resultSeverity) == TERMS.Violation,
        )


def _sentence(result: ShapeResult, codec: Codec) -> str:
    return f"{result.message}: {_short(result.value, codec)}" if result.value else result.message


def _short(text: str, codec: Codec) -> str:
    return text.removeprefix(STATEMENT.start) if STATEMENT.holds(text) else codec.curie(text)


def _rdflib_graph(triples: Triples) -> Graph:
    from rdflib import BNode, Graph, URIRef
    from rdflib import Literal as Text

    def node(term: object) -> Node:
        if isinstance(term, Literal):
            if term.language:
                return Text(term.value, lang=term.language)
            # To rdflib a plain literal and an xsd:string are two terms; Turtle means one.
            kind = None if term.datatype.value == XSD["string"] else URIRef(term.datatype.value)
            return Text(term.value, datatype=kind)
        if isinstance(term, NamedNode):
            return URIRef(term.value)
        return BNode(term.value if isinstance(term, BlankNode) else str(term))

    graph = Graph()
    for subject, predicates in triples.by_subject.items():
        start = BNode(subject[2:]) if subject.startswith("_:") else URIRef(subject)
        for predicate, objects in predicates.items():
            for term in objects:
                graph.add((start, URIRef(predicate), node(term)))
    return graph
