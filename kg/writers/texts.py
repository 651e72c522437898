"""Entities and statements as flat attributes, for the forms that have no lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from mechkg.kg.draw.text import clean
from mechkg.kg.draw.words import predicate_label
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph

__all__ = ["Ranks", "Scalar", "entity_fields", "ranks_of", "statement_fields"]

Scalar = str | int | float | bool


class Ranks(NamedTuple):
    """The ranks of the paths of an answer that entities and statements lie on, by identifier."""

    entity: Mapping[str, tuple[int, ...]]
    statement: Mapping[str, tuple[int, ...]]

    def fields(self, one: Entity | Statement) -> dict[str, Scalar]:
        """Return `path_rank`, that of the best path, and `path_ranks`, those of all; else nothing.

        >>> Ranks({"CL:1": (2, 5)}, {}).fields(Entity(id="CL:1", name=""))
        {'path_rank': 2, 'path_ranks': '2 | 5'}
        """
        ranks = self._of(one)
        if not ranks:
            return {}
        return {"path_rank": ranks[0], "path_ranks": " | ".join(map(str, ranks))}

    def lists(self, one: Entity | Statement) -> dict[str, int | list[int]]:
        """Return the same for forms that have lists.

        >>> Ranks({"CL:1": (2, 5)}, {}).lists(Entity(id="CL:1", name=""))
        {'path_rank': 2, 'path_ranks': [2, 5]}
        """
        ranks = self._of(one)
        return {"path_rank": ranks[0], "path_ranks": list(ranks)} if ranks else {}

    def _of(self, one: Entity | Statement) -> tuple[int, ...]:
        return (self.entity if isinstance(one, Entity) else self.statement).get(one.id, ())


def ranks_of(subgraph: Subgraph) -> Ranks:
    """Return on which paths of an answer the parts of a subgraph lie; O(size of the paths)."""
    found: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    for path in subgraph.paths:
        for ranks, members in zip(found, (path.entities, path.statements), strict=True):
            for member in dict.fromkeys(members):
                ranks.setdefault(member, []).append(path.rank)
    return Ranks(*({name: tuple(ranks) for name, ranks in side.items()} for side in found))


def entity_fields(entity: Entity) -> dict[str, Scalar]:
    """Return an entity as flat, non-empty attributes; lists are joined by ` | `.

    A list with a text that would not come back from that is there as JSON, too.

    >>> entity_fields(Entity(id="CL:0000540", name="neuron", synonyms=("a", "b")))["synonyms"]
    'a | b'
    """
    return _filled(
        name=entity.name,
        category=entity.category,
        synonyms=_joined(entity.synonyms),
        description=entity.description,
        xrefs=_joined(entity.xrefs),
        provided_by=_joined(entity.provided_by),
        iri=entity.iri,
        synonym_kinds_json=_json(entity.synonym_kinds),
        attributes_json=_json(entity.attributes),
        **_awkward(
            {"synonyms": entity.synonyms, "xrefs": entity.xrefs, "provided_by": entity.provided_by}
        ),
    )


def statement_fields(statement: Statement, schema: Schema) -> dict[str, Scalar]:
    """Return a statement as flat, non-empty attributes, without its subject and object.

    Lists are joined by ` | `. An unknown sign and the usual weight are left out. `context_json` and
    `evidence_json` hold contexts and evidence whole; the attributes before them show what people
    look for.

    >>> s = Statement(id="SC061", subject="a", predicate="secretes", object="b", sign=0)
    >>> statement_fields(s, Schema())["sign"]
    0
    """
    evidence = statement.evidence
    fields = _filled(
        id=statement.id,
        predicate=statement.predicate,
        label=predicate_label(statement.predicate, schema),
        sign=statement.sign,
        effect=statement.effect,
        subject_aspect=statement.subject_aspect,
        object_aspect=statement.object_aspect,
        action=statement.action,
        hedge=statement.hedge,
        negated=statement.negated,
        modality=statement.modality,
        context=_joined(f"{c.type}={c.label or c.value}" for c in statement.context),
        qualifiers=_joined(f"{q.type}={q.value}" for q in statement.qualifiers),
        evidence=len(evidence),
        evidence_kinds=_joined(e.kind for e in evidence),
        sources=_joined(e.source for e in evidence),
        publications=_joined(p for e in evidence for p in e.publications),
        titles=_joined(t for e in evidence for t in e.titles),
        locations=_joined(e.location for e in evidence),
        knowledge_levels=_joined(e.knowledge_level for e in evidence),
        agent_types=_joined(e.agent_type for e in evidence),
        derived_from=_joined(statement.derived_from),
        note=statement.note,
    )
    if statement.attributes:
        text = msgspec.json.encode(statement.attributes, order="sorted").decode()
        fields["attributes_json"] = clean(text)
    if statement.weight != 1:
        fields["weight"] = statement.weight
    pairs = tuple(f"{q.type}={q.value}" for q in statement.qualifiers)
    fields |= _awkward({"qualifiers": pairs, "derived_from": statement.derived_from})
    if statement.context:
        fields["context_json"] = clean(msgspec.json.encode(statement.context).decode())
    if evidence:
        fields["evidence_json"] = clean(msgspec.json.encode(evidence).decode())
    return fields


def _awkward(lists: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return as JSON the lists of which a text holds a bar, a bracket or blanks at its ends."""
    return {
        f"{name}_json": msgspec.json.encode(texts).decode()
        for name, texts in lists.items()
        if any("|" in text or text[:1] == "[" or text != text.strip() for text in texts)
    }


def _json(values: Mapping[str, str]) -> str:
    return msgspec.json.encode(values, order="sorted").decode() if values else ""


def _joined(texts: Iterable[str]) -> str:
    return " | ".join(text for text in dict.fromkeys(texts) if text)


def _filled(**fields: Scalar | None) -> dict[str, Scalar]:
    return {
        name: clean(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if value is not None and value != ""
    }
