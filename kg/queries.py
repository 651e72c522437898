"""The questions that a graph answers, and the shape of each answer.

What is valid is said here, once: HTTP, the command line and Python all build these types, and
the OpenAPI text is made from them. Ranges are `msgspec.Meta` constraints, so that they appear in
the JSON Schema; `PathQuery.checked` holds what spans several fields.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kg.errors import QueryError
from kg.model import Path, PathEntity, Statement

__all__ = [
    "MAX_HOPS",
    "MAX_LIMIT",
    "MAX_SET",
    "Match",
    "NeighbourGroup",
    "Neighbour",
    "NeighbourhoodQuery",
    "NeighbourhoodResult",
    "NetEffect",
    "PathQuery",
    "PathResult",
    "SearchQuery",
    "SearchResult",
    "SubgraphQuery",
    "TruncatedBy",
]

MAX_HOPS = 8
MAX_LIMIT = 10_000
MAX_SET = 1_000
"""The most entities that a query may name in one parameter."""

TruncatedBy = Literal["limit", "time", "hub"]

Names = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...],
                  Meta(max_length=MAX_SET)]
Hops = Annotated[int, Meta(ge=1, le=MAX_HOPS)]
Limit = Annotated[int, Meta(ge=1, le=MAX_LIMIT)]
Seconds = Annotated[float, Meta(gt=0, le=300)]


class PathQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How does a source lead to a target? Sets are unordered, a path joins any pair of them.

    `source` and `target` take CURIEs or names. `predicate` and `category` admit a term and all
    below it; `category` filters the entities between the ends. Every entity, category or class
    subtree in `via` must lie on a path, none in `avoid` may. `evidence` admits statements with
    evidence of one of these kinds, sources, publications, passages or knowledge levels;
    `modality` admits modalities; `qualifier` (`species=rat`, or `species`) admits statements
    that carry one of them. With no `predicate`, generic relations (subclass_of, related_to ...)
    do not count as mechanism; with no `evidence`, inferred statements stay out.

    >>> PathQuery(source=("NSC",), target=("neuron",)).checked().max_hops
    3
    """

    source: Annotated[Names, Meta(min_length=1)]
    target: Annotated[Names, Meta(min_length=1)]
    min_hops: Hops = 1
    max_hops: Hops = 3
    direction: Literal["directed", "undirected"] = "directed"
    predicate: Names = ()
    category: Names = ()
    via: Names = ()
    avoid: Names = ()
    evidence: Names = ()
    modality: Names = ()
    qualifier: Names = ()
    metapath: Annotated[str, Meta(max_length=1000)] = ""
    scorer: Annotated[str, Meta(max_length=100)] = "mechanism"
    limit: Limit = 10
    cursor: Annotated[str, Meta(max_length=500)] = ""
    timeout: Seconds = 10.0

    def checked(self) -> PathQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> PathQuery(source=("a",), target=("b",), min_hops=3, max_hops=2).checked()
        Traceback (most recent call last):
        kg.errors.QueryError: Parameter min_hops must not exceed max_hops (3 > 2).
        """
        if self.min_hops > self.max_hops:
            raise QueryError(
                "min_hops", f"must not exceed max_hops ({self.min_hops} > {self.max_hops})"
            )
        return self


class NetEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What all paths of a query, not only the returned ones, say together.

    `supports` counts paths of sign +1, `opposes` -1, `neutral` 0, `unknown` the rest; `exact`
    is False where counting was cut short. `verdict` is decided by supports against opposes.

    >>> NetEffect(supports=3, opposes=1, neutral=0, unknown=2, exact=True, verdict="supports",
    ...           sentence="").verdict
    'supports'
    """

    supports: int
    opposes: int
    neutral: int
    unknown: int
    exact: bool
    verdict: Literal["supports", "opposes", "mixed", "unknown"]
    sentence: str


class PathResult(msgspec.Struct, frozen=True, kw_only=True):
    """The best paths, best first, and what was left out.

    `complete` is True only if nothing was left out before or after these paths; `total` counts
    all admissible paths and is a lower bound where `total_is_exact` is False; `bound` is the
    best score that a path not returned could still have (None: proven that none is better).
    """

    query: PathQuery
    paths: tuple[Path, ...]
    net_effect: NetEffect
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    cursor: str | None
    snapshot: str
    bound: float | None = None


class NeighbourhoodQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around an entity? Groups by predicate and direction, counted before paging.

    >>> NeighbourhoodQuery(entity="GDNF").depth
    1
    """

    entity: Annotated[str, Meta(min_length=1, max_length=500)]
    depth: Annotated[int, Meta(ge=1, le=3)] = 1
    direction: Literal["out", "in", "both"] = "both"
    predicate: Names = ()
    category: Names = ()
    limit: Limit = 100
    cursor: Annotated[str, Meta(max_length=500)] = ""


class NeighbourGroup(msgspec.Struct, frozen=True):
    """How many statements and distinct neighbours one predicate and direction have."""

    predicate: str
    direction: Literal["out", "in"]
    statements: int
    entities: int


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An entity at `distance` hops, with the statements that reach it from one hop nearer."""

    entity: PathEntity
    distance: int
    statements: tuple[Statement, ...]


class NeighbourhoodResult(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of the whole neighbourhood, then one page of members, nearest and best first.

    `negated` are statements that deny a relation of the entity; they never make a neighbour.
    """

    query: NeighbourhoodQuery
    entity: PathEntity
    groups: tuple[NeighbourGroup, ...]
    neighbours: tuple[Neighbour, ...]
    negated: tuple[Statement, ...]
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    cursor: str | None
    snapshot: str


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entities have a name like this? Prefixes match, so it serves autocompletion.

    >>> SearchQuery(q="gdn").limit
    20
    """

    q: Annotated[str, Meta(min_length=1, max_length=200)]
    category: Names = ()
    limit: Annotated[int, Meta(ge=1, le=1000)] = 20
    cursor: Annotated[str, Meta(max_length=500)] = ""


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An entity found by name; `matched` is the name or synonym that fitted."""

    id: str
    name: str
    category: str
    matched: str
    synonyms: tuple[str, ...] = ()
    degree: int = 0


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """Matches, best first: exact names, exact synonyms, prefixes, then words."""

    query: SearchQuery
    matches: tuple[Match, ...]
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    cursor: str | None
    snapshot: str


class SubgraphQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which statements join these entities?

    >>> SubgraphQuery(entities=("NSC", "GDNF")).entities
    ('NSC', 'GDNF')
    """

    entities: Annotated[Names, Meta(min_length=1)]


