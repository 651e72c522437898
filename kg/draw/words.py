"""How predicates and categories read."""

from __future__ import annotations

from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.schema import Schema

__all__ = ["category_label", "predicate_label"]


def predicate_label(predicate: str, schema: Schema) -> str:
    """Return how a predicate reads, its id's words where the schema does not know it.

    >>> predicate_label("develops_into", Schema())
    'develops into'
    """
    try:
        return schema.predicate(predicate).label
    except UnknownTerm:
        return predicate.rpartition(":")[2].replace("_", " ")


def category_label(category: str, schema: Schema) -> str:
    """Return how a category reads, its id's local part where the schema does not know it.

    >>> category_label("biolink:Cell", Schema())
    'Cell'
    """
    try:
        return schema.category(category).label
    except UnknownTerm:
        return category.rpartition(":")[2]
