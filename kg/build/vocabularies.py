"""Count how the predicates of a graph were understood: presets, Biolink, files of a user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.load_report import Vocabulary
from mechkg.kg.model.presets import preset_of
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.snapshot.metagraph import Metagraph

__all__ = ["vocabularies"]


def vocabularies(
    metagraph: Metagraph, schema: Schema, declared: Mapping[str, str]
) -> tuple[Vocabulary, ...]:
    """Return the vocabularies of the predicates of a graph, the most used first.

    `declared` has the file that declared a predicate, by its identifier. O(joins + predicates).
    """
    biolink = {p.id for p in biolink_schema().predicates}
    used: Counter[str] = Counter()
    for edge in metagraph.edges:
        used[edge.predicate] += edge.statements
    predicates: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for predicate in schema.predicates:
        if predicate.id in used:
            name = declared.get(predicate.id) or _vocabulary(predicate, biolink)
            predicates[name] += 1
            statements[name] += used[predicate.id]
    order = sorted(predicates, key=lambda name: (-statements[name], name))
    return tuple(Vocabulary(name, predicates[name], statements[name]) for name in order)


def _vocabulary(predicate: Predicate, biolink: set[str]) -> str:
    if predicate.id.removeprefix("biolink:") in biolink or predicate.id in biolink:
        return "biolink"
    return preset_of(predicate.id)
