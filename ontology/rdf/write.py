"""From a subgraph to RDF: Turtle, TriG, N-Triples, JSON-LD and RDF/XML.

A document is complete: it declares its prefixes and describes the categories and
predicates that it uses, so that reading it needs nothing else. Inferred statements are in
their own graph in TriG. Order is fixed by the subgraph, so that equal subgraphs give equal bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Set
from itertools import islice, takewhile
from typing import Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from mechkg.kg.errors import DataError
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Context, Entity, Evidence, Statement, Subgraph
from mechkg.kg.writers.rows import GraphRows
from mechkg.ontology.rdf.schema import ASPECT_PROPERTIES, SEMANTIC_PROPERTIES, VERB_PROPERTIES
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    CONTEXT,
    DCTERMS,
    EVIDENCE,
    GRAPH_INFERRED,
    MECHKG,
    OWL,
    PREFIX,
    PROV,
    QUALIFIER,
    RDF,
    RDFS,
    SENTENCE,
    SH,
    SKOS,
    STANDARD_PREFIXES,
    STATEMENT,
    SYNONYM_PROPERTIES,
    XSD,
    Codec,
    ends_in_xml_name,
    keyed,
)

__all__ = [
    "Fact",
    "facts_of",
    "graph_quads",
    "inferred_quads",
    "predicate_iri",
    "stream_rdf",
    "write_rdf",
]

_SENTENCE_NAME: Final = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)
_XML_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DECLARES: Final = re.compile(rb"@prefix ")

_OWN_PREFIXES: Final = {"prefix": PREFIX.start, "sh": SH.start, "xsd": XSD.start}

STREAMED: Final = 20_000
"""Triples of a stream that are written at once."""


class Fact(NamedTuple):
    """A triple; `inferred` says that it belongs to the graph of inferred statements."""

    subject: str
    predicate: str
    object: NamedNode | Literal
    inferred: bool = False


def write_rdf(subgraph: Subgraph, schema: Schema, syntax: RdfFormat) -> bytes:
    """Return a subgraph in an RDF syntax; reading it gives equal entities and statements.

    Qualifiers and other sets come back sorted. In RDF/XML, characters that XML cannot hold
    become U+FFFD; a predicate that XML cannot name raises `DataError`. O(size of the subgraph).
    """
    codec = Codec(STANDARD_PREFIXES | schema.prefixes)
    facts = list(facts_of(subgraph, schema, codec))
    used = {c for f in facts for c in (codec.curie(f.subject), codec.curie(f.predicate))}
    used |= {codec.curie(f.object.value) for f in facts if isinstance(f.object, NamedNode)}
    names = {curie.partition(":")[0] for curie in used}
    prefixes = {p: start for p, start in sorted(codec.prefixes.items()) if p in names}
    registered = {p: start for p, start in _registered(codec).items() if p in codec.expanded}
    facts = [*_prefix_facts(registered | prefixes), *facts]
    if syntax == RdfFormat.RDF_XML:
        facts = list(map(_for_xml, facts))
    rows: Iterable[Triple] | Iterable[Quad] = map(_triple, facts)
    if syntax == RdfFormat.TRIG:
        rows = map(_quad, sorted(facts, key=lambda f: f.inferred))
    shown = registered | prefixes | _OWN_PREFIXES
    written = bytes(serialize(rows, format=syntax, prefixes=shown) or b"")
    # A carriage return as such would be read as a line feed (XML 1.0, section 2.11).
    return written.replace(b"\r", b"&#13;") if syntax == RdfFormat.RDF_XML else written


def facts_of(subgraph: Subgraph, schema: Schema, codec: Codec) -> Iterator[Fact]:
    """Yield the triples of a subgraph: terms, then entities, then each statement's block."""
    categories = {e.category for e in subgraph.entities}
    predicates = {s.predicate for s in subgraph.statements}
    schema = schema.completed(categories, predicates)
    iris = {p.id: predicate_iri(p, codec) for p in schema.predicates}
    yield from _term_facts(schema, categories, predicates, iris, codec)
    for entity in subgraph.entities:
        yield from _entity_facts(entity, codec)
    for statement in subgraph.statements:
        yield from _statement_facts(statement, iris[statement.predicate], codec)


def stream_rdf(rows: GraphRows, schema: Schema, syntax: RdfFormat) -> Iterator[bytes]:
    """Yield the document of a whole graph in a syntax; O(1) memory.

    It holds the triples of `write_rdf`, and declares all prefixes of the schema; those of the
    registry that it used come last. Raises `DataError` as that does.
    """
    codec = Codec(STANDARD_PREFIXES | schema.prefixes)
    shown = _registered(codec) | codec.prefixes | _OWN_PREFIXES
    facts = _row_facts(rows, schema, codec)
    if syntax == RdfFormat.RDF_XML:
        facts = map(_for_xml, facts)
    parts = None
    while batch := list(islice(facts, STREAMED)):
        written: Iterable[Triple] | Iterable[Quad] = map(_triple, batch)
        if syntax == RdfFormat.TRIG:
            written = map(_quad, sorted(batch, key=lambda f: f.inferred))
        text = bytes(serialize(written, format=syntax, prefixes=shown) or b"")
        if syntax == RdfFormat.RDF_XML:
            text = text.replace(b"\r", b"&#13;")
        if parts is None:
            parts = _parts(text, syntax)
            yield parts.head
        elif syntax == RdfFormat.JSON_LD:
            yield b","
        yield text.removeprefix(parts.head).removesuffix(parts.tail)
    yield bytes(serialize([], format=syntax) or b"") if parts is None else parts.tail


class _Parts(NamedTuple):
    """How documents of a syntax begin and end."""

    head: bytes
    tail: bytes


def _parts(text: bytes, syntax: RdfFormat) -> _Parts:
    """Return what documents of the same prefixes have in common."""
    if syntax == RdfFormat.JSON_LD:
        return _Parts(b"[", b"]")
    if syntax == RdfFormat.RDF_XML:
        first, _, rest = text.partition(b"<rdf:RDF")
        return _Parts(first + b"<rdf:RDF" + rest[: rest.index(b">") + 1], b"</rdf:RDF>")
    return _Parts(b"".join(takewhile(_DECLARES.match, text.splitlines(keepends=True))), b"")


def _row_facts(rows: GraphRows, schema: Schema, codec: Codec) -> Iterator[Fact]:
    schema = schema.completed(rows.categories, rows.predicates)
    iris = {p.id: predicate_iri(p, codec) for p in schema.predicates}
    yield from _prefix_facts(dict(sorted(schema.prefixes.items())))
    yield from _term_facts(schema, rows.categories, rows.predicates, iris, codec)
    for entity in rows.entities():
        yield from _entity_facts(entity, codec)
    for statement in rows.statements():
        yield from _statement_facts(statement, iris[statement.predicate], codec)
    used = codec.expanded
    yield from _prefix_facts({p: start for p, start in _registered(codec).items() if p in used})


def _term_facts(
    schema: Schema, categories: Set[str], predicates: Set[str], iris: dict[str, str], codec: Codec
) -> Iterator[Fact]:
    """Yield what describes some categories and predicates, and those above them."""
    used = _with_ancestors(set(categories), {c.id: c.parents for c in schema.categories})
    for category in schema.categories:
        if category.id in used:
            yield from _category_facts(category, codec)
    used = _with_ancestors(set(predicates), {p.id: p.parents for p in schema.predicates})
    for predicate in schema.predicates:
        if predicate.id in used:
            yield from _predicate_facts(predicate, iris, codec)


def graph_quads(
    entities: Iterable[Entity], statements: Iterable[Statement], schema: Schema
) -> Iterator[Quad]:
    """Yield a graph of any size: all terms of its schema, then entities, then statements.

    Memory does not grow with the number of entities and statements.
    """
    codec = Codec(STANDARD_PREFIXES | schema.prefixes)
    iris = {p.id: predicate_iri(p, codec) for p in schema.predicates}
    for category in schema.categories:
        yield from map(_quad, _category_facts(category, codec))
    for predicate in schema.predicates:
        yield from map(_quad, _predicate_facts(predicate, iris, codec))
    for entity in entities:
        yield from map(_quad, _entity_facts(entity, codec))
    for statement in statements:
        yield from map(_quad, _statement_facts(statement, iris[statement.predicate], codec))


def inferred_quads(
    inferred: Iterable[Statement], turned: Iterable[tuple[str, str, str]], schema: Schema
) -> Iterator[Quad]:
    """Yield the graph of inferred statements: their triples, and what says others in reverse.

    `turned` are (object, property IRI or predicate id, subject), as `ontology.reason.mirrored`
    gives them.
    """
    codec = Codec(STANDARD_PREFIXES | schema.prefixes)
    iris = {p.id: predicate_iri(p, codec) for p in schema.predicates}
    for statement in inferred:
        for fact in _statement_facts(statement, iris[statement.predicate], codec):
            yield _quad(fact._replace(inferred=True))
    for start, name, end in turned:
        yield _quad(Fact(codec.iri(start), iris.get(name, name), _named(codec.iri(end)), True))


def _registered(codec: Codec) -> dict[str, str]:
    """Return the prefixes of the registry for namespaces that a codec has no prefix of its own."""
    own = set(codec.prefixes.values())
    known = registry().namespaces
    return {p: known[p] for p in sorted(known) if p not in codec.prefixes and known[p] not in own}


def _with_ancestors(used: set[str], parents: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    rest = list(used)
    while rest:
        term = rest.pop()
        if term not in found:
            found.add(term)
            rest.extend(parents.get(term, ()))
    return found


def predicate_iri(predicate: Predicate, codec: Codec) -> str:
    """Return the IRI under which a predicate is written."""
    if predicate.iri:
        return predicate.iri
    if ":" in predicate.id:
        return codec.iri(predicate.id)
    return MECHKG[quote(predicate.id, safe="")]


def _prefix_facts(prefixes: dict[str, str]) -> Iterator[Fact]:
    for prefix, start in prefixes.items():
        if prefix not in STANDARD_PREFIXES:
            subject = PREFIX[quote(prefix, safe="")]
            yield Fact(subject, SH["prefix"], Literal(prefix))
            yield Fact(subject, SH["namespace"], Literal(start, datatype=_named(XSD["anyURI"])))


def _category_facts(category: Category, codec: Codec) -> Iterator[Fact]:
    iri = codec.iri(category.id)
    yield Fact(iri, RDF["type"], _named(OWL["Class"]))
    if not BIOLINK.holds(iri):  # else it would be read as an entity
        yield Fact(iri, RDF["type"], _named(MECHKG["Category"]))
    yield Fact(iri, RDFS["label"], Literal(category.label))
    for parent in category.parents:
        yield Fact(iri, RDFS["subClassOf"], _named(codec.iri(parent)))
    if category.description:
        yield Fact(iri, RDFS["comment"], Literal(category.description))


def _predicate_facts(predicate: Predicate, iris: dict[str, str], codec: Codec) -> Iterator[Fact]:
    iri = iris[predicate.id]
    kind = RDF["Property"] if iri == RDFS["subClassOf"] else OWL["ObjectProperty"]
    yield Fact(iri, RDF["type"], _named(kind))
    if predicate.symmetric:
        yield Fact(iri, RDF["type"], _named(OWL["SymmetricProperty"]))
    if predicate.transitive:
        yield Fact(iri, RDF["type"], _named(OWL["TransitiveProperty"]))
    texts = {
        SKOS["notation"]: predicate.id,
        RDFS["label"]: predicate.label,
        RDFS["comment"]: predicate.description,
        MECHKG["inverse"]: predicate.inverse,
        MECHKG["inverseLabel"]: predicate.inverse_label,
        MECHKG["valence"]: predicate.valence,
        **{VERB_PROPERTIES[k]: v for k, v in predicate.verbs.items() if k in VERB_PROPERTIES},
        **{ASPECT_PROPERTIES[k]: v for k, v in predicate.biolink_qualifiers.items()
           if k in ASPECT_PROPERTIES},
        **{term: getattr(predicate, name) for name, term in SEMANTIC_PROPERTIES.items()},
    }  # fmt: skip
    yield from (Fact(iri, name, Literal(text)) for name, text in texts.items() if text)
    if predicate.sign is not None:
        yield Fact(iri, MECHKG["sign"], Literal(predicate.sign))
    if predicate.generic:
        yield Fact(iri, MECHKG["generic"], Literal(True))
    yield Fact(iri, MECHKG["biolinkPredicate"], _named(codec.iri(predicate.biolink)))
    terms = [
        *((RDFS["subPropertyOf"], iris.get(p) or codec.iri(p)) for p in predicate.parents),
        *((MECHKG["domain"], codec.iri(c)) for c in predicate.domain),
        *((MECHKG["range"], codec.iri(c)) for c in predicate.range),
        *((SKOS["relatedMatch"], codec.iri(m)) for m in predicate.mappings),
    ]
    yield from (Fact(iri, name, _named(term)) for name, term in terms if term != iri)


_SYNONYM_PROPERTY: Final = {kind: name for name, kind in reversed(list(SYNONYM_PROPERTIES.items()))}
"""The property that states each kind of synonym; the first of several."""


def _entity_facts(entity: Entity, codec: Codec) -> Iterator[Fact]:
    iri = codec.iri(entity.id)
    yield Fact(iri, RDF["type"], _named(codec.iri(entity.category)))
    yield Fact(iri, RDFS["label"], Literal(entity.name))
    for text in entity.synonyms:
        yield Fact(iri, _SYNONYM_PROPERTY[entity.synonym_kinds.get(text)], Literal(text))
    if entity.iri not in ("", iri):
        yield Fact(iri, MECHKG["iri"], Literal(entity.iri, datatype=_named(XSD["anyURI"])))
    if entity.description:
        yield Fact(iri, DCTERMS["description"], Literal(entity.description))
    yield from (Fact(iri, SKOS["exactMatch"], _named(codec.iri(x))) for x in entity.xrefs)
    yield from (Fact(iri, DCTERMS["source"], Literal(text)) for text in entity.provided_by)
    for key, value in entity.attributes.items():
        yield Fact(iri, keyed(ATTRIBUTE, key), Literal(value))


def _statement_facts(statement: Statement, predicate: str, codec: Codec) -> Iterator[Fact]:
    ends = _named(codec.iri(statement.subject)), _named(codec.iri(statement.object))
    local = quote(statement.id, safe="")
    inferred = bool(statement.derived_from)
    if not statement.negated:
        yield Fact(ends[0].value, predicate, ends[1], inferred)
    node = STATEMENT[local]
    for name, value in _association(statement, predicate, ends):
        yield Fact(node, name, value, inferred)
    yield from _contexts(node, statement.context, codec, inferred)
    for number, evidence in enumerate(statement.evidence, 1):
        each = EVIDENCE[f"{local}-{number}"]
        yield Fact(node, MECHKG["evidence"], _named(each), inferred)
        for name, value in _evidence(evidence, codec):
            yield Fact(each, name, value, inferred)
        yield from _contexts(each, evidence.context, codec, inferred)


def _contexts(
    node: str, contexts: Iterable[Context], codec: Codec, inferred: bool
) -> Iterator[Fact]:
    """Yield the contexts of a statement or of its evidence, with the labels of terms."""
    for context in contexts:
        # A value with a label is a term, even where its prefix is unknown.
        term = codec.iri(context.value) if context.label else codec.term(context.value)
        value = Literal(context.value) if term is None else _named(term)
        yield Fact(node, CONTEXT[context.type], value, inferred)
        if term is not None and context.label:
            yield Fact(term, MECHKG["contextLabel"], Literal(context.label), inferred)


def _association(
    statement: Statement, predicate: str, ends: tuple[NamedNode, NamedNode]
) -> Iterator[tuple[str, NamedNode | Literal]]:
    yield RDF["type"], _named(BIOLINK["Association"])
    yield BIOLINK["subject"], ends[0]
    yield BIOLINK["predicate"], _named(predicate)
    yield BIOLINK["object"], ends[1]
    if statement.negated:
        yield BIOLINK["negated"], Literal(True)
        yield RDF["type"], _named(OWL["NegativePropertyAssertion"])
        yield OWL["sourceIndividual"], ends[0]
        yield OWL["assertionProperty"], _named(predicate)
        yield OWL["targetIndividual"], ends[1]
    if statement.sign is not None:
        yield MECHKG["sign"], Literal(statement.sign)
    for name, text in (
        ("effect", statement.effect),
        ("subjectAspect", statement.subject_aspect),
        ("objectAspect", statement.object_aspect),
        ("action", statement.action),
        ("hedge", statement.hedge),
        ("modality", statement.modality),
    ):
        if text:
            yield MECHKG[name], Literal(text)
    if statement.weight != 1.0:
        yield MECHKG["weight"], Literal(statement.weight)
    for qualifier in statement.qualifiers:
        yield keyed(QUALIFIER, qualifier.type), Literal(qualifier.value)
    for key, value in statement.attributes.items():
        yield keyed(ATTRIBUTE, key), Literal(value)
    for source in statement.derived_from:
        yield PROV["wasDerivedFrom"], _named(STATEMENT[quote(source, safe="")])
    if statement.note:
        yield SKOS["editorialNote"], Literal(statement.note)


def _evidence(evidence: Evidence, codec: Codec) -> Iterator[tuple[str, NamedNode | Literal]]:
    yield RDF["type"], _named(MECHKG["Evidence"])
    yield MECHKG["kind"], Literal(evidence.kind)
    if _SENTENCE_NAME.match(evidence.location):
        yield PROV["wasDerivedFrom"], _named(SENTENCE[evidence.location])
    elif evidence.location:
        yield MECHKG["location"], Literal(evidence.location)
    for publication in evidence.publications:
        yield BIOLINK["publications"], _named(codec.iri(publication))
    for title in evidence.titles:
        yield DCTERMS["title"], Literal(title)
    if any(list(x) != sorted(set(x)) for x in (evidence.publications, evidence.titles)) or (
        len(evidence.titles) > 1
    ):
        # A set of triples has no order, so it is written beside them where it matters.
        ordered = json.dumps([evidence.publications, evidence.titles], ensure_ascii=False)
        yield MECHKG["orderedPublications"], Literal(ordered)
    yield BIOLINK["knowledge_level"], Literal(evidence.knowledge_level)
    yield BIOLINK["agent_type"], Literal(evidence.agent_type)
    if evidence.source:
        yield BIOLINK["primary_knowledge_source"], _named(codec.iri(evidence.source))
    if evidence.seen_in:
        yield MECHKG["seenIn"], Literal(evidence.seen_in)


def _named(iri: str) -> NamedNode:
    return NamedNode(iri)


def _triple(fact: Fact) -> Triple:
    return Triple(_named(fact.subject), _named(fact.predicate), fact.object)


def _quad(fact: Fact) -> Quad:
    triple = (_named(fact.subject), _named(fact.predicate), fact.object)
    return Quad(*triple, _named(GRAPH_INFERRED)) if fact.inferred else Quad(*triple)


def _for_xml(fact: Fact) -> Fact:
    if not ends_in_xml_name(fact.predicate):
        raise DataError(
            "RDF/XML", None, f"no XML name can be made of the predicate {fact.predicate}",
            hint="Use Turtle.",
        )  # fmt: skip
    if isinstance(fact.object, NamedNode):
        return fact
    text = _XML_FORBIDDEN.sub("\ufffd", fact.object.value)
    return fact._replace(object=Literal(text, datatype=fact.object.datatype))
