"""OBO Graphs JSON: classes and individuals as entities, edges and axioms as statements.

The format is github.com/geneontology/obographs (README-owlmapping.md): an edge is a
SubClassOf axiom, to a class (`is_a`) or to an existential restriction (`someValuesFrom`), which
both become statements. Logical definitions give their genus and differentia as statements too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.content import Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_text import refuse_repeated_keys
from mechkg.kg.readers.obo import (
    ANNOTATED,
    curie_of,
    has_known_type,
    predicate_name,
    synonym_kind,
    term_category,
)

__all__ = ["read"]

Item = TypeVar("Item")

AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
BATCH: Final = 4096
_NAMESPACE: Final = "http://www.geneontology.org/formats/oboInOwl#hasOBONamespace"
_OBOINOWL: Final = "http://www.geneontology.org/formats/oboInOwl#"
_ALTERNATIVE: Final = f"{_OBOINOWL}hasAlternativeId"
_ELSEWHERE: Final = frozenset((_ALTERNATIVE, "http://www.w3.org/2004/02/skos/core#exactMatch"))
"""Properties that name the same thing elsewhere, or once."""
_REFERENCES: Final = frozenset((f"{_OBOINOWL}source", f"{_OBOINOWL}hasDbXref",
                                "http://purl.org/dc/terms/source"))  # fmt: skip
_NAMES: Final = {
    "http://purl.obolibrary.org/obo/IAO_0100001": "replaced_by", f"{_OBOINOWL}consider": "consider",
}  # fmt: skip
_FIXED: Final = {"is_a": "subclass_of", "type": "type"}
_THING: Final = "http://www.w3.org/2002/07/owl#Thing"
_WORD: Final = "a subset, a type of synonyms or a term of RDF"
_VOCABULARIES: Final = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#",
)  # fmt: skip
_ABOUT_PROPERTIES: Final = frozenset(("subPropertyOf", "inverseOf"))


class _Value(msgspec.Struct):
    val: str = ""
    pred: str = ""
    xrefs: list[str] = []
    synonymType: str = ""  # noqa: N815 - the format's name
    meta: Any = None


class _Meta(msgspec.Struct):
    definition: _Value | None = None
    synonyms: list[_Value] = []
    xrefs: list[_Value] = []
    basicPropertyValues: list[_Value] = []  # noqa: N815 - the format's name
    subsets: list[str] = []
    comments: list[str] = []
    deprecated: bool = False
    version: str = ""


class _Node(msgspec.Struct):
    id: str
    lbl: str = ""
    type: str = ""
    propertyType: str = ""  # noqa: N815
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
    domainRangeAxioms: list[Any] = []  # noqa: N815
    propertyChainAxioms: list[Any] = []  # noqa: N815
    allValuesFromEdges: list[Any] = []  # noqa: N815


class _Document(msgspec.Struct):
    graphs: list[_Graph]


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read an OBO Graphs document, which is held in memory: at most 1 GiB of text."""
    document = _document(file)
    for graph in document.graphs:
        _pass_over(graph, file)
        yield from _batches(graph, file, reading)


def _document(file: SourceFile) -> _Document:
    """Return a document; keys that are null are as if they were not there."""
    text = file.document()
    try:
        value = msgspec.json.decode(text)
        refuse_repeated_keys(text, value)
        value = _without_nulls(value) if b"null" in text else value
        document = msgspec.convert(value, _Document)
    except (
        msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError, ValueError
    ) as error:  # fmt: skip
        raise file.error(None, f"it is no OBO Graphs document ({error})") from error
    _count_unknown(value, file)
    return document


_FIELDS: Final[Mapping[type[msgspec.Struct], frozenset[str]]] = {
    kind: frozenset(field.name for field in msgspec.structs.fields(kind))
    for kind in (_Graph, _Node, _Edge, _Meta, _Value)
}


def _count_unknown(document: Mapping[str, Any], file: SourceFile) -> None:
    """Count keys that this version of the format does not have, by their names."""
    unknown: Counter[str] = Counter()

    def look(record: Mapping[str, Any], kind: type[msgspec.Struct]) -> None:
        unknown.update(key for key in record if key not in _FIELDS[kind])
        meta = record.get("meta")
        if isinstance(meta, dict) and kind is not _Value:
            unknown.update(key for key in meta if key not in _FIELDS[_Meta])
            for part in ("synonyms", "xrefs", "basicPropertyValues"):
                for value in meta.get(part, ()):
                    look(value, _Value)

    for graph in document["graphs"]:
        look(graph, _Graph)
        for part, kind in (("nodes", _Node), ("edges", _Edge)):
            for record in graph.get(part, ()):
                look(record, kind)
    for key, count in sorted(unknown.items()):
        file.see("field", count)
        file.pass_over("field", None, f"the format has no key {key!r} there", count)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [item if item is None else _without_nulls(item) for item in value]
    return value


def _pass_over(graph: _Graph, file: SourceFile) -> None:
    """Count what an ontology says of its relations, and restrictions without a filler."""
    things = sum(edge.obj == _THING and edge.pred != "is_a" for edge in graph.edges)
    about = sum(edge.pred in _ABOUT_PROPERTIES for edge in graph.edges)
    about += len(graph.domainRangeAxioms) + len(graph.propertyChainAxioms)
    empty = sum(part is None for d in graph.logicalDefinitionAxioms for part in d.restrictions)
    texts = sum(map(_annotations, graph.nodes))
    counted = (
        (about, "an axiom about a relation"),
        (empty, "a restriction without a filler"),
        (things, "everything is an owl:Thing"),
        (len(graph.allValuesFromEdges), "that only some are related implies no relation"),
        (texts, ANNOTATED),
    )
    for count, reason in counted:
        if count:
            file.see("axiom", count)
            file.pass_over("axiom", None, reason, count)


def _annotations(node: _Node) -> int:
    """Return how many texts of a node are supported or typed, for which the model has no field."""
    meta = node.meta
    typed = (
        s for s in meta.synonyms if s.synonymType and not has_known_type(s.pred, s.synonymType)
    )
    texts = (*meta.synonyms, *meta.basicPropertyValues, meta.definition)
    return len({*(id(v) for v in texts if v is not None and v.xrefs), *map(id, typed)})


def _batches(graph: _Graph, file: SourceFile, reading: Reading) -> Iterator[Batch]:
    relations = {node.id: _predicate(node, reading) for node in graph.nodes if _is_relation(node)}
    yield Records(defined=Schema(predicates=tuple(relations.values())))
    source = graph.id.rpartition("/")[2] or reading.source
    words = _words_of_synonyms(graph)
    if words:
        file.pass_over("entity", None, _WORD, len(words), min(words))
    entities = (
        _entity(node, source, reading)
        for node in graph.nodes
        if not _is_relation(node) and node.id not in words
    )
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


def _words_of_synonyms(graph: _Graph) -> set[str]:
    """Return the nodes that are terms of RDF, subsets or types of synonyms: no classes.

    The last have no type where others have one, and nothing else leads to them.
    """
    words = {node.id for node in graph.nodes if node.id.startswith(_VOCABULARIES)}
    if not any(node.type for node in graph.nodes):
        return words
    words |= {node.id for node in graph.nodes if not node.type and _says_nothing(node.meta)}
    if words:
        for subject, _, target, *_ in _claims(graph):
            words -= {subject, target}
    return words


def _says_nothing(meta: _Meta) -> bool:
    """Say whether a node is not described, but for the scope of a type of synonyms."""
    scopes = [v for v in meta.basicPropertyValues if v.pred == f"{_OBOINOWL}hasScope"]
    return meta == _Meta(basicPropertyValues=scopes)


def _is_relation(node: _Node) -> bool:
    return node.type.upper() == "PROPERTY"


def _predicate(node: _Node, reading: Reading) -> Predicate:
    curie = registry().canonical(node.id)
    return Predicate(
        id=predicate_name(curie, node.lbl, reading),
        label=node.lbl or curie,
        iri=node.id,
        mappings=(curie,),
        description=node.meta.definition.val if node.meta.definition else "",
    )


def _entity(node: _Node, source: str, reading: Reading) -> Entity:
    curie = curie_of(node.id)
    meta = node.meta
    namespace = next((v.val for v in meta.basicPropertyValues if v.pred == _NAMESPACE), "")
    kinds = {s.val: synonym_kind(s.pred, s.synonymType) for s in meta.synonyms if s.val != node.lbl}
    others = [curie_of(v.val) for v in meta.basicPropertyValues if v.pred in _ELSEWHERE]
    return Entity(
        id=curie,
        name=node.lbl or curie,
        category=term_category(curie, namespace, reading),
        synonyms=tuple(kinds),
        synonym_kinds={text: kind for text, kind in sorted(kinds.items()) if kind},
        description=meta.definition.val if meta.definition else "",
        xrefs=tuple(dict.fromkeys((*(x.val for x in meta.xrefs), *others))),
        provided_by=(source,),
        iri=node.id if node.id != curie else "",
        attributes=_attributes(meta),
    )


def _attributes(meta: _Meta) -> dict[str, str]:
    """Return what a node says of itself that no field of an entity has."""
    found: dict[str, list[str]] = {
        "comment": meta.comments, "subset": [text.rpartition("#")[2] for text in meta.subsets]
    }  # fmt: skip
    for value in meta.basicPropertyValues:
        if value.pred not in {_NAMESPACE, *_ELSEWHERE}:
            name = _NAMES.get(value.pred) or re.split("[#/]", value.pred)[-1]
            found.setdefault(name, []).append(curie_of(value.val))
    if meta.deprecated:
        found["deprecated"] = ["true"]
    return {name: "|".join(dict.fromkeys(found[name])) for name in sorted(found) if found[name]}


def _statements(
    graph: _Graph, source: str, names: Mapping[str, str], reading: Reading
) -> Iterator[Said]:
    for subject, predicate, target, kind, meta in _claims(graph):
        if not (subject and predicate and target):
            raise ValueError("an edge has an empty end")
        references = [x.val for x in meta.xrefs]
        references += [v.val for v in meta.basicPropertyValues if v.pred in _REFERENCES]
        rest = [v for v in meta.basicPropertyValues if v.pred not in _REFERENCES]
        name = _FIXED.get(predicate) or names.get(predicate)
        evidence = Evidence(
            kind=kind,
            source=source,
            publications=tuple(dict.fromkeys(references)),
            location=graph.meta.version,
            knowledge_level="knowledge_assertion",
            agent_type="manual_agent",
        )
        statement = Statement(
            id="",
            subject=curie_of(subject),
            predicate=name or predicate_name(registry().canonical(predicate), "", reading),
            object=curie_of(target),
            evidence=(evidence,),
            attributes=_attributes(_Meta(basicPropertyValues=rest)) if rest else {},
        )
        yield statement, False


def _claims(graph: _Graph) -> Iterator[tuple[str, str, str, str, _Meta]]:
    """Yield subject, predicate, object, kind of evidence and annotations of each claim."""
    bare = _Meta()
    for edge in graph.edges:
        empty = edge.obj == _THING and edge.pred != "is_a"
        if edge.pred not in _ABOUT_PROPERTIES and not empty:
            yield edge.sub, edge.pred, edge.obj, AXIOM, edge.meta
    for definition in graph.logicalDefinitionAxioms:
        for genus in definition.genusIds:
            yield definition.definedClassId, "is_a", genus, DEFINITION, bare
        for part in definition.restrictions:
            if part is not None:
                yield definition.definedClassId, part.propertyId, part.fillerId, DEFINITION, bare
    for same in graph.equivalentNodesSets:
        for other in same.nodeIds[1:]:
            yield same.nodeIds[0], "same_as", other, AXIOM, bare
