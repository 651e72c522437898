"""The questions that a graph answers, and the shape of each answer.

What is valid is said here, once: HTTP, the command line and Python all build these types, and
the OpenAPI text is made from them. Ranges are `msgspec.Meta` constraints, so that they appear in
the JSON Schema; `PathQuery.checked` holds what spans several fields.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mechkg.kg.errors import QueryError
from mechkg.kg.model.values import Path, PathEntity, Statement

__all__ = [
    "MAX_HOPS",
    "MAX_LIMIT",
    "MAX_SET",
    "MAX_STATEMENTS",
    "Match",
    "NeighbourGroup",
    "Neighbour",
    "NeighbourhoodQuery",
    "NeighbourhoodResult",
    "NetEffect",
    "PathQuery",
    "PathResult",
    "PathSummary",
    "Preview",
    "Relaxation",
    "SearchQuery",
    "SearchResult",
    "SubgraphQuery",
    "TruncatedBy",
    "WhyNot",
]

MAX_HOPS = 8
MAX_LIMIT = 10_000
MAX_SET = 1_000
"""The most entities that a query may name in one parameter."""

MAX_STATEMENTS = 20_000
"""The most statements that a query may name: what a picture holds."""

TruncatedBy = Literal["limit", "time", "hub"]

Names = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=MAX_SET)
]
StatementIds = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=MAX_STATEMENTS)
]
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

    `diverse` thins the answer out: with `metapath` it holds the best path of each metapath (the
    categories along the path and, for each hop, its predicates and their directions), with
    `mediator` the best path, then the best of those that share no entity between the ends with
    it, then of those that share none with these two, and so on.

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
    diverse: Literal["", "metapath", "mediator"] = ""
    limit: Limit = 10
    cursor: Annotated[str, Meta(max_length=500)] = ""
    timeout: Seconds = 10.0

    def checked(self) -> PathQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> PathQuery(source=("a",), target=("b",), min_hops=3, max_hops=2).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter min_hops must not exceed max_hops (3 > 2).
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
    all admissible paths (with `diverse`, those that stand for the others) and is a lower bound
    where `total_is_exact` is False; `bound` is the best score that a path not returned could
    still have (None: proven that none is better).
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


class PathSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What stands at the end of a stream of paths: a `PathResult` without its paths.

    `returned` counts the paths of the stream; all of them are proven to be the best there are,
    in their order, whatever ended it.
    """

    query: PathQuery
    returned: int
    net_effect: NetEffect
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    cursor: str | None
    snapshot: str
    bound: float | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """How large and how dear an answer would be, told before it is asked for.

    `total` is the number of admissible paths, counted where `total_is_exact`, else estimated;
    `low` and `high` hold it with a probability of some 95 in 100 (both are `total` where exact).
    `entries` estimates how many entries of the adjacency a search looks at, `milliseconds` what the
    `limit` best take on one core, within a factor of 3 or so; `seconds` is the class of that time:
    at most 0.01, 0.1, 1, 10 or 100, or more (null). `complete` is False where time ran out before
    the estimate stood.
    """

    query: PathQuery
    total: int
    total_is_exact: bool
    low: int
    high: int
    entries: int
    milliseconds: float
    seconds: float | None
    sentence: str
    complete: bool
    truncated_by: TruncatedBy | None
    snapshot: str


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """How many paths there would be without one constraint, all others kept.

    `parameter` had the value `given`; `instead` says what was asked in its place. `paths` is a
    lower bound where `exact` is False.
    """

    parameter: str
    given: str
    instead: str
    paths: int
    exact: bool
    sentence: str


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """Why a query has no paths, or few: what each constraint costs.

    `total` counts the paths of the query as it stands. `distance` is the fewest statements, of any
    kind and walked either way, between a source and a target; None where nothing joins them, or
    where the search for it was cut (`connected` None). `relaxations` put what helps most first.
    `complete` is False where time ran out before all was tried.
    """

    query: PathQuery
    total: int
    total_is_exact: bool
    connected: bool | None
    distance: int | None
    relaxations: tuple[Relaxation, ...]
    sentence: str
    complete: bool
    truncated_by: TruncatedBy | None
    snapshot: str


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
    """Which statements join these entities, or how do these statements look together?

    Without `statements` the answer holds all between two of the `entities` and `targets`; with
    them, even with an empty list, exactly these and the entities, whether or not a statement names
    them. A figure draws `entities` as sources and `targets` as targets; without `targets` nothing
    has a side. `title` says what the part shows.

    >>> SubgraphQuery(entities=("NSC", "GDNF")).checked().entities
    ('NSC', 'GDNF')
    """

    entities: Names = ()
    targets: Names = ()
    statements: StatementIds | None = None
    title: Annotated[str, Meta(max_length=500)] = ""

    def checked(self) -> SubgraphQuery:
        """Return the query itself, or raise `QueryError` where it names nothing.

        >>> SubgraphQuery().checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter entities is missing. ...
        """
        if not (self.entities or self.targets or self.statements):
            raise QueryError("entities", "is missing", hint="Name entities, statements or both.")
        return self
