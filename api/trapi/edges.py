"""Statements and entities as TRAPI's edges and nodes.

An edge is encoded once and kept with the snapshot, at most `KEPT` of them: answers are put together
from texts. What TRAPI and Biolink have a field for is written to it; all else to attributes
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
from mechkg.kg.model.biolink_qualifiers import (
    ASPECT_SLOTS,
    CONTEXT_SLOTS,
    DIRECTIONS,
    aspect_value,
    slot_qualifiers,
)
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Evidence, Statement
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["INFORES", "Attribute", "Edge", "Node", "Qualifier", "Source", "EdgeEncoder", "infores"]

INFORES: Final = "infores:mechkg"
KEPT: Final = 50_000

_INFORES: Final = re.compile(r"infores:[a-z0-9][a-z0-9_.-]*")
_SLOT: Final = re.compile(r"(?:[a-z]+_)+qualifier|qualified_predicate")
_CONTEXTS: Final = {
    "species": "species_context_qualifier",
    "anatomical_context": "anatomical_context_qualifier",
    "disease_context": "disease_context_qualifier",
}
DIRECTED: Final = frozenset(("biolink:affects", "biolink:regulates"))
"""Predicates that Biolink completes by aspects and a direction."""

_DIRECTION_OF: Final = {"raises": "increased", "lowers": "decreased"}


class Attribute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A key and value that an edge, node or analysis has beyond its fields."""

    attribute_type_id: str
    value: Any
    original_attribute_name: str | UnsetType = UNSET
    value_type_id: str | UnsetType = UNSET
    attribute_source: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


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
            qualifiers=list(_qualifiers(predicate, emitted, statement)) or UNSET,
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


def _qualifiers(predicate: Predicate, emitted: str, statement: Statement) -> Iterator[Qualifier]:
    """Yield what completes an edge in Biolink: effect, aspects, contexts, other slots.

    What a statement has in a slot of its own wins over its effect and aspects, and these over
    what its predicate has. An effect with a direction is one that is caused.
    """
    stated = [(slot, q.value) for q in statement.qualifiers if (slot := _slot(q.type))]
    stated += [(q.type, q.value) for q in slot_qualifiers(statement.context)]
    slots = {slot for slot, _ in stated}
    values = _effect_values(predicate, emitted, statement)
    pairs = [pair for pair in values.items() if pair[0] not in slots] + stated
    slots |= values.keys()
    is_directed = emitted == "biolink:affects" and "object_direction_qualifier" in slots
    if is_directed and "qualified_predicate" not in slots:
        pairs.append(("qualified_predicate", "biolink:causes"))
    for slot, value in dict.fromkeys(pairs):
        yield Qualifier(f"biolink:{slot}", value)


def _effect_values(predicate: Predicate, emitted: str, statement: Statement) -> dict[str, str]:
    """Return effect and aspects of a statement as Biolink's qualifiers, without prefix.

    They go with predicates that say that something is affected; others, such as
    `biolink:treats`, have their effect in themselves.
    """
    values = dict(predicate.biolink_qualifiers)
    own = DIRECTIONS.get(values.get("object_direction_qualifier", ""))
    if own != statement.effect:
        values.pop("object_direction_qualifier", None)
        if emitted in DIRECTED and statement.effect in _DIRECTION_OF:
            values["object_direction_qualifier"] = _DIRECTION_OF[statement.effect]
    if emitted in DIRECTED:
        aspects = (statement.subject_aspect, statement.object_aspect)
        for slot, aspect in zip(ASPECT_SLOTS, aspects, strict=True):
            if value := aspect_value(aspect):
                values[slot] = value
    return values


def _slot(kind: str) -> str | None:
    """Return the slot of Biolink for a kind of qualifier, without prefix; None if it has none."""
    local = kind.removeprefix("biolink:")
    return _CONTEXTS.get(local) or (local if _SLOT.fullmatch(local) else None)


def _attributes(statement: Statement, emitted: str) -> Iterator[Attribute]:
    publications = dict.fromkeys(p for e in statement.evidence for p in e.publications)
    passages = dict.fromkeys(e.location for e in statement.evidence if e.location)
    original = statement.predicate
    facts: tuple[tuple[str, Any], ...] = (
        ("biolink:publications", list(publications)),
        ("biolink:original_predicate", "" if emitted == f"biolink:{original}" else original),
        ("mechkg:statement", statement.id),
        ("mechkg:effect", statement.effect),
        ("mechkg:subject_aspect", statement.subject_aspect),
        ("mechkg:object_aspect", statement.object_aspect),
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
    yield from _conditions(statement)
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


def _conditions(statement: Statement) -> Iterator[Attribute]:
    """Yield the contexts and qualifiers of a statement that Biolink has no slot for."""
    for context in statement.context:
        if context.type not in CONTEXT_SLOTS:
            yield Attribute(
                attribute_type_id="mechkg:context",
                original_attribute_name=context.type,
                value=context.value,
                description=context.label or UNSET,
            )
    for qualifier in statement.qualifiers:
        if _slot(qualifier.type) is None:
            yield Attribute(
                attribute_type_id="mechkg:qualifier",
                original_attribute_name=qualifier.type,
                value=qualifier.value,
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
