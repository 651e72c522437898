"""The questions of `kg.model.queries` as they stand on the wire: with the format of the answer.

Each route reads one of these types, and the OpenAPI text is made from them.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery, SearchQuery, SubgraphQuery
from mechkg.kg.model.results import CompareQuery

__all__ = [
    "MEANINGS",
    "CompareRequest",
    "EntityRequest",
    "GraphRequest",
    "NeighbourhoodRequest",
    "PathRequest",
    "SearchRequest",
    "StatementRequest",
    "SubgraphRequest",
]

FormatName = Annotated[str, Meta(max_length=50)]
SnapshotHash = Annotated[str, Meta(pattern="^([0-9a-f]{8,64})?$")]
Name = Annotated[str, Meta(min_length=1, max_length=500)]


class SearchRequest(SearchQuery, frozen=True, kw_only=True):
    """`SearchQuery` with a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


class EntityRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entity by CURIE or name."""

    entity: Name
    format: FormatName = ""
    snapshot: SnapshotHash = ""


class NeighbourhoodRequest(NeighbourhoodQuery, frozen=True, kw_only=True):
    """`NeighbourhoodQuery` with a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


class PathRequest(PathQuery, frozen=True, kw_only=True):
    """`PathQuery` with a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


class CompareRequest(CompareQuery, frozen=True, kw_only=True):
    """`CompareQuery` with a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


class SubgraphRequest(SubgraphQuery, frozen=True, kw_only=True):
    """`SubgraphQuery` with a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


class StatementRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement by its identifier, such as `SC061`."""

    statement: Name
    format: FormatName = ""
    snapshot: SnapshotHash = ""


class GraphRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that takes nothing but a format."""

    format: FormatName = ""
    snapshot: SnapshotHash = ""


MEANINGS = {
    "q": "What the name begins with or holds.",
    "entity": "A CURIE (CL:0000047), or a name that fits one entity.",
    "entities": "CURIEs or names, at most 1,000; with `targets`, a figure draws them as sources.",
    "targets": "CURIEs or names, at most 1,000, which a figure draws as targets.",
    "statements": "Identifiers, at most 20,000: exactly these, instead of all between `entities`.",
    "title": "What the part shows, in words: the title of a picture.",
    "statement": "The identifier of a statement, such as SC061.",
    "source": "Where paths begin: CURIE or name; repeat it for a set.",
    "left": "One side of a comparison: where its paths begin, CURIE or name; repeat it for a set.",
    "right": "The other side: as `left`.",
    "paths": "How many of the best paths of each side are told in full.",
    "target": "Where paths end: CURIE or name; repeat it for a set.",
    "min_hops": "Fewest statements in a row.",
    "max_hops": "Most statements in a row.",
    "depth": "How many hops away from the entity.",
    "direction": "Whether statements are walked from subject to object only.",
    "predicate": "Admit this predicate and all below it: id, label, IRI, RO or Biolink CURIE.",
    "category": "Admit entities of this category and all below it: Cell or biolink:Cell.",
    "via": "Must lie on each path: CURIE, name, NAME* for all below a class, or a category.",
    "avoid": "Must not lie on a path: as `via`.",
    "evidence": (
        "Admit statements with this evidence: kind, source, publication, passage (P4S3) or "
        "knowledge level; `inferred` also admits what reasoning adds."
    ),
    "modality": "Admit statements of this modality, such as asserted or possible.",
    "qualifier": "Admit statements with this qualifier: species, or species=rat.",
    "metapath": "Categories and predicates that a path must follow in turn.",
    "scorer": "How paths are ranked.",
    "diverse": (
        "Thin the answer out: the best path of each `metapath`, or paths that share no `mediator`."
    ),
    "limit": "How many are returned.",
    "cursor": "Where to go on: the `cursor` of an earlier answer to the same question.",
    "timeout": "Seconds to search at most; the server has a bound of its own.",
    "snapshot": (
        "Answer from this version of the graph: its content hash, or at least 8 digits of it."
    ),
    "format": "Name or suffix of the format; wins over suffix and Accept.",
}
"""What each parameter means, for the OpenAPI text."""
