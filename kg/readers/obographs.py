"""OBO Graphs JSON: classes and individuals as entities, edges and axioms as statements.

The format is github.com/geneontology/obographs (README-owlmapping.md): an edge stands for a
SubClassOf axiom, to a class (`is_a`) or to an existential restriction (`someValuesFrom`), which
both become statements. Logical definitions give their genus and differentia as statements too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

import msgspec

from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.content import Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.obo import curie_of, predicate_name, term_category

__all__ = ["read"]

Item = TypeVar("Item")

AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
BATCH: Final = 4096
_NAMESPACE: Final = "http://www.geneontology.org/formats/oboInOwl#hasOBONamespace"
_FIXED: Final = {"is_a": "subclass_of", "type": "type"}
_ABOUT_PROPERTIES: Final = frozenset(("subPropertyOf", "inverseOf"))


class _Value(msgspec.Struct):
    val: str = ""
    pred: str = ""
    xrefs: list[str] = []


class _Meta(msgspec.Struct):
    definition: _Value | None = None
    synonyms: list[_Value] = []
    xrefs: list[_Value] = []
    basicPropertyValues: list[_Value] = []  # noqa: N815 - the format's name
    version: str = ""


class _Node(msgspec.Struct):
    id: str
    lbl: str = ""
    type: str = "CLASS"
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Edge(msgspec.Struct):
    sub: str
    pred: str
    obj: str
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Restriction(msgspec.Struct):
    propertyId: str  # noqa: N815
    fillerId: str  # noqa: N815


class _Definition(msgspec.Struct):
    definedClassId: str  # noqa: N815
    genusIds: list[str] = []  # noqa: N815
    restrictions: list[_Restriction | None] = []


class _EquivalentSet(msgspec.Struct):
    nodeIds: list[str] = []  # noqa: N815


class _Graph(msgspec.Struct):
    id: str = ""
    meta: _Meta = msgspec.field(default_factory=_Meta)
    nodes: list[_Node] = []
    edges: list[_Edge] = []
    logicalDefinitionAxioms: list[_Definition] = []  # noqa: N815
    equivalentNodesSets: list[_EquivalentSet] = []  # noqa: N815


class _Document(msgspec.Struct):
    graphs: list[_Graph]


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read an OBO Graphs document, which is held in memory: at most 1 GiB of text."""
    text = file.document()
    try:
        document = msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        raise file.error(None, f"it is no OBO Graphs document ({error})") from error
    del text
    for graph in document.graphs:
        yield from _batches(graph, file, reading)


def _batches(graph: _Graph, file: SourceFile, reading: Reading) -> Iterator[Batch]:
    relations = {node.id: _predicate(node, reading) for node in graph.nodes if _is_relation(node)}
    yield Records(defined=Schema(predicates=tuple(relations.values())))
    source = graph.id.rpartition("/")[2] or reading.source
    entities = (_entity(node, source, reading) for node in graph.nodes if not _is_relation(node))
    for held in _chunks(entities):
        yield Records(entities=tuple(held))
    names = {iri: predicate.id for iri, predicate in relations.items()}
    try:
        for said in _chunks(_statements(graph, source, names, reading)):
            yield Records(statements=tuple(said))
    except ValueError as error:
        raise file.error(None, str(error)) from error


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    held: list[Item] = []
    for item in items:
        held.append(item)
        if len(held) == BATCH:
            yield held
            held = []
    if held:
        yield held


def _is_relation(node: _Node) -> bool:
    return node.type.upper() == "PROPERTY"


def _predicate(node: _Node, reading: Reading) -> Predicate:
    curie = curie_of(node.id)
    return Predicate(
        id=predicate_name(curie, node.lbl, reading),
        label=node.lbl or curie,
        iri=node.id,
        mappings=(curie,),
        description=node.meta.definition.val if node.meta.definition else "",
    )


def _entity(node: _Node, source: str, reading: Reading) -> Entity:
    curie = curie_of(node.id)
    namespace = next((v.val for v in node.meta.basicPropertyValues if v.pred == _NAMESPACE), "")
    return Entity(
        id=curie,
        name=node.lbl or curie,
        category=term_category(curie, namespace, reading),
        synonyms=tuple(dict.fromkeys(s.val for s in node.meta.synonyms if s.val != node.lbl)),
        description=node.meta.definition.val if node.meta.definition else "",
        xrefs=tuple(dict.fromkeys(x.val for x in node.meta.xrefs)),
        provided_by=(source,),
        iri=node.id if node.id != curie else "",
    )


def _statements(
    graph: _Graph, source: str, names: Mapping[str, str], reading: Reading
) -> Iterator[Said]:
    for subject, predicate, target, kind, xrefs in _claims(graph):
        if not (subject and predicate and target):
            raise ValueError("an edge has an empty end")
        name = _FIXED.get(predicate) or names.get(predicate)
        evidence = Evidence(
            kind=kind,
            source=source,
            publications=tuple(xref.val for xref in xrefs),
            location=graph.meta.version,
            knowledge_level="knowledge_assertion",
            agent_type="manual_agent",
        )
        statement = Statement(
            id="",
            subject=curie_of(subject),
            predicate=name or predicate_name(curie_of(predicate), "", reading),
            object=curie_of(target),
            evidence=(evidence,),
        )
        yield statement, False


def _claims(graph: _Graph) -> Iterator[tuple[str, str, str, str, list[_Value]]]:
    """Yield subject, predicate, object, kind of evidence and references of each claim."""
    for edge in graph.edges:
        if edge.pred not in _ABOUT_PROPERTIES:
            yield edge.sub, edge.pred, edge.obj, AXIOM, edge.meta.xrefs
    for definition in graph.logicalDefinitionAxioms:
        for genus in definition.genusIds:
            yield definition.definedClassId, "is_a", genus, DEFINITION, []
        for part in definition.restrictions:
            if part is not None:
                yield definition.definedClassId, part.propertyId, part.fillerId, DEFINITION, []
    for same in graph.equivalentNodesSets:
        for other in same.nodeIds[1:]:
            yield same.nodeIds[0], "same_as", other, AXIOM, []
