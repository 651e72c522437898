"""Statements and entities as TRAPI's edges and nodes.

An edge is encoded once and kept with the snapshot, at most `KEPT` of them: answers are put together
from texts. What TRAPI and Biolink have a place for stands there; all else stands in attributes
under MechKG's own terms (`mechkg:` is https://w3id.org/mechkg/vocab/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, UnsetType

from mechkg.api.trapi.biolink import AGENT_TYPES, KNOWLEDGE_LEVELS, Terms, terms_of
from mechkg.kg.errors import UnknownEntity, UnknownTerm
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Evidence, Statement
from mechkg.kg.model.values import Qualifier as OwnQualifier
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["INFORES", "Attribute", "Edge", "Node", "Qualifier", "Source", "EdgeEncoder", "infores"]

INFORES: Final = "infores:mechkg"
KEPT: Final = 50_000

_INFORES: Final = re.compile(r"infores:[a-z0-9][a-z0-9_.-]*")
_SLOT: Final = re.compile(r"(?:[a-z]+_)+qualifier|qualified_predicate")
_CONTEXTS: Final = {
    "species": "biolink:species_context_qualifier",
    "anatomical_context": "biolink:anatomical_context_qualifier",
    "disease_context": "biolink:disease_context_qualifier",
}


class Attribute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A key and value that an edge, node or analysis has beyond its fields."""

    attribute_type_id: str
    value: Any
    original_attribute_name: str | UnsetType = UNSET
    value_type_id: str | UnsetType = UNSET
    attribute_source: str | UnsetType = UNSET


class Qualifier(msgspec.Struct, frozen=True, gc=False):
    """A refinement of what an edge says."""

    qualifier_type_id: str
    qualifier_value: str


class Source(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What part an information resource has in an edge."""

    resource_id: str
    resource_role: str
    upstream_resource_ids: list[str] | UnsetType = UNSET


class Edge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A statement, as TRAPI 2.0 has it."""

    subject: str
    predicate: str
    object: str
    knowledge_level: str
    agent_type: str
    sources: list[Source]
    qualifiers: list[Qualifier] | UnsetType = UNSET
    attributes: list[Attribute] | UnsetType = UNSET


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entity, as TRAPI 2.0 has it; `is_set` where it stands for several."""

    name: str | UnsetType = UNSET
    categories: list[str]
    attributes: list[Attribute] | UnsetType = UNSET
    is_set: bool | UnsetType = UNSET


class EncodedEdge(msgspec.Struct, frozen=True, gc=False):
    """An edge as text, with its ends and the statements that support it."""

    text: Raw
    subject: str
    object: str
    support: tuple[str, ...]


class EdgeEncoder:
    """Edges and nodes of one snapshot; kept with it, safe between threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.terms: Terms = terms_of(snapshot)
        self._codes = {p.id: code for code, p in enumerate(snapshot.schema.predicates)}
        self._encode = msgspec.json.Encoder().encode
        self._edges: dict[str, EncodedEdge] = {}
        self._nodes: dict[str, Raw] = {}

    @classmethod
    def of(cls, snapshot: Snapshot) -> EdgeEncoder:
        """Return the edges and nodes of a snapshot, made on first use and kept with it."""
        return snapshot.cached(cls)

    def encoded_edge(self, identifier: str) -> EncodedEdge:
        """Return the edge of a statement that there is, as text."""
        found = self._edges.get(identifier)
        if found is None:
            statement = self._statement(identifier)
            found = EncodedEdge(
                Raw(self._encode(self.edge(statement))),
                statement.subject,
                statement.object,
                statement.derived_from,
            )
            if len(self._edges) >= KEPT:
                self._edges.clear()
            self._edges[identifier] = found
        return found

    def node(self, curie: str) -> Raw:
        """Return the node of an entity that there is, as text."""
        found = self._nodes.get(curie)
        if found is None:
            found = Raw(self._encode(self.node_of(curie)))
            if len(self._nodes) >= KEPT:
                self._nodes.clear()
            self._nodes[curie] = found
        return found

    def _statement(self, identifier: str) -> Statement:
        row = self.snapshot.records.statement_row(identifier)
        if row is None:
            raise UnknownTerm("statement", identifier)
        return self.snapshot.records.statement(row)

    def node_of(self, curie: str) -> Node:
        """Return the node of an entity that there is."""
        row = self.snapshot.records.entity_row(curie)
        if row is None:
            raise UnknownEntity("entity", curie)
        entity = self.snapshot.records.entity(row)
        more = [
            Attribute(attribute_type_id=kind, value=value)
            for kind, value in (
                ("biolink:description", entity.description),
                ("biolink:synonym", entity.synonyms),
                ("biolink:xref", entity.xrefs),
            )
            if value
        ]
        return Node(
            name=entity.name or UNSET,
            categories=[self.terms.category[self.snapshot.index.category[row]]],
            attributes=more or UNSET,
        )

    def edge(self, statement: Statement) -> Edge:
        """Return the edge of a statement."""
        predicate = self.snapshot.schema.predicates[self._codes[statement.predicate]]
        lead = min(statement.evidence, key=_rank, default=Evidence(kind="", source=INFORES))
        agent = lead.agent_type if lead.agent_type in AGENT_TYPES else "not_provided"
        level = lead.knowledge_level
        emitted = self.terms.predicate[self._codes[statement.predicate]]
        return Edge(
            subject=statement.subject,
            predicate=emitted,
            object=statement.object,
            knowledge_level=level if level in KNOWLEDGE_LEVELS else "not_provided",
            agent_type=agent,
            sources=list(_sources(lead, statement.evidence)),
            qualifiers=list(_qualifiers(predicate, emitted, _stated(statement))) or UNSET,
            attributes=list(_attributes(statement, emitted)) or UNSET,
        )


def infores(source: str) -> str:
    """Return the information resource of a source; one that has no infores gets its name's form.

    >>> infores("infores:ctd"), infores("source:liana"), infores("My table.tsv")
    ('infores:ctd', 'infores:liana', 'infores:my-table.tsv')
    """
    if _INFORES.fullmatch(source):
        return source
    name = re.sub(r"[^a-z0-9_.-]+", "-", source.rpartition(":")[2].casefold()).strip("-._")
    return f"infores:{name}" if name else INFORES


def _rank(evidence: Evidence) -> int:
    level = evidence.knowledge_level
    return KNOWLEDGE_LEVELS.index(level) if level in KNOWLEDGE_LEVELS else len(KNOWLEDGE_LEVELS)


def _sources(lead: Evidence, evidence: Iterable[Evidence]) -> Iterator[Source]:
    """Yield the one primary source, others that support it, and MechKG, which brings them."""
    primary = infores(lead.source)
    yield Source(resource_id=primary, resource_role="primary_knowledge_source")
    others = dict.fromkeys(infores(e.source) for e in evidence)
    upstream = [name for name in others if name != INFORES] or [primary]
    for other in upstream:
        if other != primary:
            yield Source(resource_id=other, resource_role="supporting_data_source")
    if primary != INFORES:
        yield Source(
            resource_id=INFORES,
            resource_role="aggregator_knowledge_source",
            upstream_resource_ids=upstream,
        )


def _qualifiers(
    predicate: Predicate, emitted: str, qualifiers: Iterable[OwnQualifier]
) -> Iterator[Qualifier]:
    """Yield what Biolink has a slot for; an effect with a direction is one that is caused."""
    own = predicate.biolink_qualifiers
    slots = {_slot(q.type) for q in qualifiers}
    directed = emitted == "biolink:affects" and "object_direction_qualifier" in own
    if directed and "biolink:qualified_predicate" not in slots:
        yield Qualifier("biolink:qualified_predicate", "biolink:causes")
    for kind, value in own.items():
        if f"biolink:{kind}" not in slots:
            yield Qualifier(f"biolink:{kind}", value)
    for qualifier in qualifiers:
        if slot := _slot(qualifier.type):
            yield Qualifier(slot, qualifier.value)


def _stated(statement: Statement) -> list[OwnQualifier]:
    return [*statement.qualifiers, *(OwnQualifier(c.type, c.value) for c in statement.context)]


def _slot(kind: str) -> str | None:
    plain = kind.removeprefix("biolink:")
    return _CONTEXTS.get(plain) or (f"biolink:{plain}" if _SLOT.fullmatch(plain) else None)


def _attributes(statement: Statement, emitted: str) -> Iterator[Attribute]:
    publications = dict.fromkeys(p for e in statement.evidence for p in e.publications)
    passages = dict.fromkeys(e.location for e in statement.evidence if e.location)
    original = statement.predicate
    facts: tuple[tuple[str, Any], ...] = (
        ("biolink:publications", list(publications)),
        ("biolink:original_predicate", "" if emitted == f"biolink:{original}" else original),
        ("mechkg:statement", statement.id),
        ("mechkg:effect", statement.effect),
        ("mechkg:hedge", statement.hedge),
        ("mechkg:modality", statement.modality),
        ("mechkg:source_passage", list(passages)),
        ("mechkg:note", statement.note),
    )
    for kind, value in facts:
        if value:
            yield Attribute(attribute_type_id=kind, value=value)
    if statement.sign is not None:
        yield Attribute(attribute_type_id="mechkg:sign", value=statement.sign)
    for qualifier in _stated(statement):
        if _slot(qualifier.type) is None:
            yield Attribute(
                attribute_type_id="mechkg:qualifier",
                original_attribute_name=qualifier.type,
                value=qualifier.value,
            )
    for name, value in statement.attributes.items():
        yield Attribute(
            attribute_type_id="mechkg:attribute", original_attribute_name=name, value=value
        )
    for evidence in statement.evidence:
        yield Attribute(
            attribute_type_id="mechkg:evidence",
            value=_filled(evidence),
            attribute_source=infores(evidence.source),
        )
    if statement.derived_from:
        yield Attribute(
            attribute_type_id="biolink:support_graphs", value=[support_name(statement.id)]
        )


def support_name(identifier: str) -> str:
    """Return the key of the auxiliary graph that supports an edge.

    >>> support_name("INF-1")
    'support-INF-1'
    """
    return f"support-{identifier}"


def _filled(evidence: Evidence) -> dict[str, Any]:
    values = msgspec.structs.asdict(evidence)
    return {name: value for name, value in values.items() if value}
