"""Compare the direct neighbours of two sources: shared and distinct ones by predicate."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from mechkg.kg.model.queries import MAX_LIMIT, CompareQuery, NeighbourhoodQuery
from mechkg.kg.model.results import (
    Comparison,
    NeighbourhoodResult,
    NeighbourShare,
    Origin,
    Side,
    TruncatedBy,
)
from mechkg.kg.model.values import PathEntity
from mechkg.kg.neighbourhood.find import find_neighbourhood
from mechkg.kg.progress import Cancel
from mechkg.kg.search.sentences import capitalised, named
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["compare_neighbours"]

Where = tuple[str, Literal["out", "in"], str]
"""Predicate, direction and identifier of a neighbour."""

MAX_NEIGHBOURS: Final = 200_000
"""Neighbours of one side that are looked at, but for the last page: some 100 MB."""

_ORIGINS: Final[tuple[Origin, ...]] = ("both", "left", "right")


class _Around:
    """The neighbours of one side with the statements to them; `cut` says why some are missing."""

    def __init__(
        self,
        snapshot: Snapshot,
        query: CompareQuery,
        curies: Sequence[str],
        cancel: Cancel | None,
    ) -> None:
        rows = map(snapshot.records.entity_row, curies)
        self.entities = [snapshot.records.path_entity(row) for row in rows if row is not None]
        self.known: dict[str, PathEntity] = {}
        self.statements: dict[Where, list[str]] = defaultdict(list)
        self.cut: TruncatedBy | None = None
        deadline, looked_at = time.monotonic() + query.timeout, 0
        for place, curie in enumerate(curies, 1):
            for page in _pages(snapshot, query, curie, cancel):
                self._take(page)
                looked_at += len(page.neighbours)
                is_last = page.cursor is None and place == len(curies)
                if not is_last and looked_at >= MAX_NEIGHBOURS:
                    self.cut = "limit"
                    return
                if not is_last and time.monotonic() > deadline:
                    self.cut = "time"
                    return

    def _take(self, page: NeighbourhoodResult) -> None:
        for neighbour in page.neighbours:
            self.known[neighbour.entity.id] = neighbour.entity
            for said in neighbour.statements:
                way: Literal["out", "in"] = "out" if said.subject == page.entity.id else "in"
                self.statements[said.predicate, way, neighbour.entity.id].append(said.id)

    @property
    def side(self) -> Side:
        """The side as part of an answer: neighbours instead of paths."""
        return Side(
            entities=tuple(self.entities),
            total=0,
            total_is_exact=True,
            mediators=0,
            net_effect=None,
            paths=(),
        )


def _pages(
    snapshot: Snapshot, query: CompareQuery, curie: str, cancel: Cancel | None
) -> Iterator[NeighbourhoodResult]:
    asked = NeighbourhoodQuery(
        entity=curie,
        direction="out" if query.direction == "directed" else "both",
        predicate=query.predicate,
        category=query.category,
        context=query.context,
        limit=MAX_LIMIT,
    )
    page = find_neighbourhood(snapshot, asked, cancel)
    yield page
    while page.cursor is not None:
        further = msgspec.structs.replace(asked, cursor=page.cursor)
        page = find_neighbourhood(snapshot, further, cancel)
        yield page


def compare_neighbours(
    snapshot: Snapshot,
    query: CompareQuery,
    left: Sequence[str],
    right: Sequence[str],
    cancel: Cancel | None = None,
) -> Comparison:
    """Return the neighbours of two sides: those that both have by one predicate, then the others.

    At most `limit` neighbours of each origin are listed. Costs a neighbourhood an entity, up to
    `timeout` and `MAX_NEIGHBOURS` each side. Raises `Cancelled`.
    """
    one, other = (_Around(snapshot, query, curies, cancel) for curies in (left, right))
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
    cut = one.cut or other.cut
    complete = not cut and len(listed) == len(shares)
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
        truncated_by=cut or (None if complete else "limit"),
        total=len(shares),
        total_is_exact=not cut,
        snapshot=snapshot.manifest.hash,
    )


def _origin(of_left: bool, of_right: bool) -> Origin:
    if of_left and of_right:
        return "both"
    return "left" if of_left else "right"


def _sentence(one: _Around, other: _Around, counts: Counter[Origin]) -> str:
    (left, many), (right, more) = (named(some.entities) for some in (one, other))
    among = "Among the neighbours looked at: " if one.cut or other.cut else ""
    shared = f"{counts['both'] or 'no'} neighbour{'s' if counts['both'] > 1 else ''}"
    parts = [f"{left} and {right} share {shared} by the same predicate"]
    for name, plural, alone in ((left, many, counts["left"]), (right, more, counts["right"])):
        have = "have" if plural else "has"
        parts.append(f"only {name} {have} {alone:,}" if alone else f"none is of {name} alone")
    return capitalised(f"{among}{'; '.join(parts)}.")
