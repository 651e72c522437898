"""What stands next to two sources: shared and distinct neighbours by predicate."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, Literal

from kg.model import PathEntity
from kg.neighbourhood import find_neighbourhood
from kg.queries import MAX_LIMIT, NeighbourhoodQuery
from kg.questions import CompareQuery, Comparison, NeighbourShare, Origin, Side
from kg.snapshot import Snapshot

__all__ = ["compare_neighbours"]

Where = tuple[str, Literal["out", "in"], str]
"""Predicate, direction and identifier of a neighbour."""

_ORIGINS: Final[tuple[Origin, ...]] = ("both", "left", "right")


class _Around:
    """The neighbours of one side with the statements to them."""

    def __init__(self, snapshot: Snapshot, query: CompareQuery, curies: Sequence[str]) -> None:
        self.entities: list[PathEntity] = []
        self.known: dict[str, PathEntity] = {}
        self.statements: dict[Where, list[str]] = defaultdict(list)
        self.complete = True
        for curie in curies:
            self._take(snapshot, query, curie)

    def _take(self, snapshot: Snapshot, query: CompareQuery, curie: str) -> None:
        asked = NeighbourhoodQuery(
            entity=curie,
            direction="out" if query.direction == "directed" else "both",
            predicate=query.predicate,
            category=query.category,
            limit=MAX_LIMIT,
        )
        result = find_neighbourhood(snapshot, asked)
        self.complete &= result.complete
        self.entities.append(result.entity)
        for neighbour in result.neighbours:
            self.known[neighbour.entity.id] = neighbour.entity
            for said in neighbour.statements:
                way: Literal["out", "in"] = "out" if said.subject == curie else "in"
                self.statements[said.predicate, way, neighbour.entity.id].append(said.id)

    @property
    def side(self) -> Side:
        """The side as an answer tells it: neighbours instead of paths."""
        return Side(
            entities=tuple(self.entities),
            total=0,
            total_is_exact=True,
            mediators=0,
            net_effect=None,
            paths=(),
        )


def compare_neighbours(
    snapshot: Snapshot, query: CompareQuery, left: Sequence[str], right: Sequence[str]
) -> Comparison:
    """Return the neighbours of two sides: those that both have by one predicate, then the others.

    At most `limit` neighbours of each origin are listed. Costs two neighbourhoods an entity.
    """
    one, other = _Around(snapshot, query, left), _Around(snapshot, query, right)
    known = one.known | other.known
    shares = [
        NeighbourShare(
            predicate=where[0],
            direction=where[1],
            entity=known[where[2]],
            origin=_origin(where in one.statements, where in other.statements),
            left=tuple(one.statements.get(where, ())),
            right=tuple(other.statements.get(where, ())),
        )
        for where in sorted(one.statements.keys() | other.statements.keys())
    ]
    counts = Counter(share.origin for share in shares)
    listed = [
        share for origin in _ORIGINS
        for share in [s for s in shares if s.origin == origin][: query.limit]
    ]  # fmt: skip
    exact = one.complete and other.complete
    complete = exact and len(listed) == len(shares)
    return Comparison(
        query=query,
        left=one.side,
        right=other.side,
        mediators=(),
        metapaths=(),
        neighbours=tuple(listed),
        shared=counts["both"],
        only_left=counts["left"],
        only_right=counts["right"],
        sentence=_sentence(one, other, counts),
        complete=complete,
        truncated_by=None if complete else "limit",
        total=len(shares),
        total_is_exact=exact,
        snapshot=snapshot.manifest.hash,
    )


def _origin(of_left: bool, of_right: bool) -> Origin:
    if of_left and of_right:
        return "both"
    return "left" if of_left else "right"


def _sentence(one: _Around, other: _Around, counts: Counter[Origin]) -> str:
    left, right = (", ".join(e.name for e in some.entities[:3]) for some in (one, other))
    noun = "neighbour" if counts["both"] == 1 else "neighbours"
    return (
        f"{left} and {right} share {counts['both']:,} {noun} by the same predicate; "
        f"only {left} has {counts['left']:,}, only {right} {counts['right']:,}."
    )
