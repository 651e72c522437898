"""What each format cannot hold of a graph, reported before it is written.

A `Limit` is one field of which something is lost or changed, and how to see that in a record. Each
format of the tables has its own; `losses` counts what of a subgraph they touch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Qualifier, Statement, Subgraph

__all__ = ["DEFINITIONS", "EVERY", "KGX", "KGX_TSV", "RDF", "RDF_XML", "XML", "Limit", "Loss",
           "losses", "shows"]  # fmt: skip

Record = Entity | Statement
EVERY: Final = "all-else"
"""The field of a limit that touches every record: what a format does not show is not in it."""


class Limit(msgspec.Struct, frozen=True):
    """A field that a format cannot hold whole, what becomes of it, and which records it touches.

    `field` is a word without blanks; `touches` gets an entity, a statement or a used predicate.
    """

    field: str
    becomes: str
    touches: Callable[[Record | Predicate], bool]


class Loss(msgspec.Struct, frozen=True):
    """What is lost or changed of a graph in a format: how many records, and the first of them.

    >>> Loss("name", "tabs become blanks", 2, "CL:1").records
    2
    """

    field: str
    becomes: str
    records: int
    first: str


def losses(limits: Sequence[Limit], subgraph: Subgraph, schema: Schema) -> tuple[Loss, ...]:
    r"""Return what a format of these limits cannot hold of a subgraph; O(its size).

    >>> graph = Subgraph(entities=(Entity(id="CL:1", name="a\tb"),), statements=())
    >>> losses(KGX_TSV, graph, Schema())[0].field
    'name'
    """
    if not limits:
        return ()
    records: list[Entity | Statement | Predicate] = [
        *subgraph.entities, *subgraph.statements, *_used(subgraph, schema)
    ]  # fmt: skip
    found = []
    for limit in limits:
        touched = [record.id for record in records if limit.touches(record)]
        if touched:
            found.append(Loss(limit.field, limit.becomes, len(touched), touched[0]))
    return tuple(found)


def _used(subgraph: Subgraph, schema: Schema) -> Iterator[Predicate]:
    """Yield the predicates of a subgraph that the schema defines."""
    used = {statement.predicate for statement in subgraph.statements}
    return (predicate for predicate in schema.predicates if predicate.id in used)


_BREAKS: Final = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BAR: Final = re.compile(r"\||\A\[|\A\s|\s\Z")
_TEXTS: Final = ("name", "description", "note", "modality", "action")
_LISTS: Final = ("synonyms", "xrefs", "provided_by", "derived_from")
_FIELDS: Final = (*_TEXTS, *_LISTS, "qualifiers")
"""Fields that flat formats hold as bare texts; the others are JSON within them."""


def _texts(record: Record | Predicate, field: str) -> Sequence[str]:
    if isinstance(record, Predicate):
        return ()
    return list(_within(getattr(record, field, ())))


def _within(value: object) -> Iterator[str]:
    """Yield the texts of a field; a qualifier is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Qualifier):
        yield f"{value.type}={value.value}"
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for text in pair)
    elif isinstance(value, (tuple, list)):
        yield from (text for item in value for text in _within(item))
    elif isinstance(value, msgspec.Struct):
        yield from _within(msgspec.structs.astuple(value))


def _holds(record: Record | Predicate, *, field: str, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(text) for text in _texts(record, field))


def _of_fields(fields: Sequence[str], becomes: str, pattern: re.Pattern[str]) -> tuple[Limit, ...]:
    return tuple(Limit(f, becomes, partial(_holds, field=f, pattern=pattern)) for f in fields)


def _types_with_sign(record: Record | Predicate) -> bool:
    return isinstance(record, Statement) and any("=" in q.type for q in record.qualifiers)


def _registered_addresses(record: Record | Predicate, *, field: str) -> bool:
    return any(
        "://" in text and registry().canonical(text) != text for text in _texts(record, field)
    )


def _defines_itself(record: Record | Predicate) -> bool:
    """Say whether a graph says more of a predicate than a load knows without it."""
    if not isinstance(record, Predicate):
        return False
    bare = Schema().completed((), (record.id,)).predicates[0]
    known = next((p for p in known_schema().predicates if p.id == record.id), bare)
    return _without_own_names(record) not in (bare, _without_own_names(known))


def _without_own_names(predicate: Predicate) -> Predicate:
    """Return a predicate without the names that mean itself, which say nothing of it."""
    own = {predicate.iri, predicate.biolink, registry().canonical(predicate.iri)}
    mappings = tuple(sorted(set(predicate.mappings) - own))
    return msgspec.structs.replace(predicate, iri="", mappings=mappings)


def _is_record(record: Record | Predicate) -> bool:
    return not isinstance(record, Predicate)


DEFINITIONS: Final = (
    Limit(
        "predicate-definitions",
        "labels, verbs, effects and parents of predicates are not in it: RDF holds them, "
        "or give them to a load by --predicates",
        _defines_itself,
    ),
)
"""The limit of all formats but RDF."""

_QUALIFIERS: Final = Limit(
    "qualifiers", "what follows an equals sign in a type moves into the value", _types_with_sign
)  # fmt: skip
_NO_XML: Final = "characters that XML does not allow become U+FFFD"
KGX: Final = (_QUALIFIERS, *DEFINITIONS)
XML: Final = (*_of_fields(_FIELDS, _NO_XML, _ILLEGAL), *KGX)
KGX_TSV: Final = (
    *_of_fields(
        _FIELDS, "tabs and line breaks become blanks, control characters U+FFFD",
        re.compile(f"{_BREAKS.pattern}|{_ILLEGAL.pattern}"),
    ),
    *_of_fields(
        (*_LISTS, "qualifiers"),
        "a bar becomes a slash; brackets and blanks around a text are let go", _BAR,
    ),
    *KGX,
)  # fmt: skip
RDF: Final = tuple(
    Limit(
        field,
        "an address in a registered namespace becomes its CURIE",
        partial(_registered_addresses, field=field),
    )
    for field in ("xrefs", "evidence")
)
RDF_XML: Final = (
    *RDF, *_of_fields((*_FIELDS, "evidence", "context", "attributes"), _NO_XML, _ILLEGAL)
)  # fmt: skip


def shows(what: str) -> tuple[Limit, ...]:
    """Return the limit of a format that shows some of a graph to people.

    >>> shows("a picture of names")[0].becomes
    'it is a picture of names, without all else that is known'
    """
    return (Limit(EVERY, f"it is {what}, without all else that is known", _is_record),)
