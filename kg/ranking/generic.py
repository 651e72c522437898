"""Generic relations: those that say that two things have to do with each other, and no more."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Predicate, Schema

__all__ = ["generic_relations", "is_classification"]

CLASSIFICATION: Final = frozenset(
    {
        "subclass_of", "superclass_of", "subClassOf", "same_as", "sameAs", "exact_match",
        "close_match", "broad_match", "narrow_match", "related_to_at_concept_level",
    }
)  # fmt: skip
"""Biolink's relations between concepts, and their names in RDFS and OWL: taxonomy, identity and
mapping. They say what a thing is, not what it does."""


def is_classification(predicate: Predicate) -> bool:
    """Say whether a generic predicate is one of taxonomy, identity or mapping.

    >>> is_classification(Predicate(id="is_a", label="is a", generic=True,
    ...                             biolink="biolink:subclass_of"))
    True
    >>> is_classification(Predicate(id="associated_with", label="is associated with", generic=True))
    False
    """
    names = (predicate.id, predicate.biolink, *predicate.mappings)
    return predicate.generic and any(n.rpartition(":")[2] in CLASSIFICATION for n in names)


def generic_relations(schema: Schema) -> NDArray[np.float64]:
    """Return 1 for each generic predicate that may join a path, else 0 (float64 a predicate)."""
    return np.array([p.generic and not is_classification(p) for p in schema.predicates], np.float64)
