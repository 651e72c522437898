"""Questions about all paths of a query at once, and the shape of their answers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mechkg.kg.errors import QueryError
from mechkg.kg.model.queries import Hops, Limit, Names, NetEffect, PathQuery, Seconds, TruncatedBy
from mechkg.kg.model.values import Path, PathEntity, Sign

__all__ = [
    "Chokepoint",
    "Chokepoints",
    "CompareQuery",
    "Comparison",
    "Mediator",
    "MetapathShare",
    "NeighbourShare",
    "PathsThrough",
    "Side",
    "StatementChokepoint",
]

Origin = Literal["both", "left", "right"]
"""Who has something: both sides, or one of them only."""


class CompareQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How do two sources differ in how they lead to a target?

    `left` and `right` are sets as `source` of a `PathQuery` is, and the other parameters mean what
    they mean there; each side is asked alone. Without a `target` the neighbours of the two sides
    are compared, predicate by predicate; then, of these, only `direction`, `predicate`, `category`
    and `timeout` count. `limit` bounds the mediators and metapaths that are listed, and the
    neighbours of each side; `paths` is how many of the best paths of each side are told in full.

    >>> CompareQuery(left=("NSC",), right=("MSC",)).checked().max_hops
    3
    """

    left: Annotated[Names, Meta(min_length=1)]
    right: Annotated[Names, Meta(min_length=1)]
    target: Names = ()
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
    paths: Annotated[int, Meta(ge=0, le=100)] = 5
    limit: Limit = 100
    timeout: Seconds = 10.0

    def checked(self) -> CompareQuery:
        """Return the query itself, or raise `QueryError` for what spans several fields.

        >>> CompareQuery(left=("a",), right=("b",), via=("c",)).checked()
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter via asks about paths, which need a target. ...
        """
        if self.min_hops > self.max_hops:
            raise QueryError(
                "min_hops", f"must not exceed max_hops ({self.min_hops} > {self.max_hops})"
            )
        if not self.target:
            for name in ("via", "avoid", "evidence", "modality", "qualifier", "metapath"):
                if getattr(self, name):
                    raise QueryError(
                        name,
                        "asks about paths, which need a target",
                        hint="Name a target, or leave it out.",
                    )
        return self

    def side(self, source: Names) -> PathQuery:
        """Return the question of one side."""
        own = {"left", "right", "paths", "limit"}
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name not in own}
        return PathQuery(source=source, limit=max(1, self.paths), **fields)


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: its paths to the target in number and the best of them in full."""

    entities: tuple[PathEntity, ...]
    total: int
    total_is_exact: bool
    mediators: int
    net_effect: NetEffect | None
    paths: tuple[Path, ...]


class PathsThrough(msgspec.Struct, frozen=True, kw_only=True):
    """The paths of one side through a mediator, and the best of them in short."""

    paths: int
    supports: int
    opposes: int
    neutral: int
    unknown: int
    entities: tuple[str, ...]
    statements: tuple[str, ...]
    sign: Sign | None
    score: float
    explanation: str


class Mediator(msgspec.Struct, frozen=True, kw_only=True):
    """An entity between a side and the target; `origin` says whose paths it lies on.

    A side without a path through it is None.
    """

    entity: PathEntity
    origin: Origin
    left: PathsThrough | None
    right: PathsThrough | None


class MetapathShare(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of path, as categories and predicates in turns, and how many paths each side has.

    A hop's predicates are joined by `|`, with `^` before one that is walked in reverse.
    """

    metapath: tuple[str, ...]
    origin: Origin
    left: int
    right: int


class NeighbourShare(msgspec.Struct, frozen=True, kw_only=True):
    """A neighbour by one predicate, with the statements that each side has to it."""

    predicate: str
    direction: Literal["out", "in"]
    entity: PathEntity
    origin: Origin
    left: tuple[str, ...]
    right: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What two sources share on their way to a target, and what only one of them has.

    Mediators, metapaths and neighbours come shared ones first, then those of the left and of the
    right side, by falling numbers of paths. `total` counts all mediators (without a target, all
    neighbours), `shared`, `only_left` and `only_right` by whom they belong to. Where not all
    paths could be listed, `total_is_exact` is False: then these are the mediators of the best
    paths of each side (or the neighbours that were looked at), and one that seems to belong to one
    side may belong to both.
    """

    query: CompareQuery
    left: Side
    right: Side
    mediators: tuple[Mediator, ...]
    metapaths: tuple[MetapathShare, ...]
    neighbours: tuple[NeighbourShare, ...]
    shared: int
    only_left: int
    only_right: int
    sentence: str
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    snapshot: str


class Chokepoint(msgspec.Struct, frozen=True, kw_only=True):
    """An entity between the ends and the paths through it.

    `share` is `paths` divided by all; 1 means that every path leads through it (`cut`).
    """

    entity: PathEntity
    paths: int
    share: float
    cut: bool
    supports: int
    opposes: int
    neutral: int
    unknown: int


class StatementChokepoint(msgspec.Struct, frozen=True, kw_only=True):
    """A statement and the paths whose hop it is part of.

    `sole` counts those whose hop has no other statement: without this one they would be gone.
    `cut` says that this is true of all paths.
    """

    id: str
    subject: PathEntity
    predicate: str
    object: PathEntity
    paths: int
    share: float
    sole: int
    cut: bool


class Chokepoints(msgspec.Struct, frozen=True, kw_only=True):
    """Through which entities and statements the paths of a query lead, the most used first.

    `total` counts the paths, `through` the distinct entities between the ends and
    `statements_through` the distinct statements, of which at most `limit` each are listed. Where
    `total_is_exact` is False not all paths could be looked at, and shares are those of the best.
    """

    query: PathQuery
    entities: tuple[Chokepoint, ...]
    statements: tuple[StatementChokepoint, ...]
    through: int
    statements_through: int
    sentence: str
    complete: bool
    truncated_by: TruncatedBy | None
    total: int
    total_is_exact: bool
    snapshot: str
