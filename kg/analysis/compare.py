"""`compare`: mediators and metapaths that two sources share on the way to a target, or do not.

All paths of each side are enumerated where that is possible (`kg.analysis.all_paths`), so that
shared and distinct mediators and metapaths are exact; where it is not, the answer says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.analysis.all_paths import PathSet, enumerate_paths, hops_of
from mechkg.kg.kernels.search import Answer
from mechkg.kg.model.grounding import Closure, Grounding
from mechkg.kg.model.queries import CompareQuery
from mechkg.kg.model.results import (
    Comparison,
    Mediator,
    MetapathShare,
    Origin,
    PathsThrough,
    Side,
    TruncatedBy,
)
from mechkg.kg.model.values import Path, Subgraph
from mechkg.kg.neighbourhood.compare import compare_neighbours
from mechkg.kg.progress import Cancel
from mechkg.kg.search.closure import with_subclasses
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.hierarchy import split_suffix
from mechkg.kg.search.resolve import ground_all, named_rows
from mechkg.kg.search.sentences import capitalised, named, noun_phrase
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.kg.subgraph import subgraph_of

__all__ = ["compare", "comparison_subgraph"]

Key = TypeVar("Key")
Metapath = tuple[str, ...]


def compare(snapshot: Snapshot, query: CompareQuery, cancel: Cancel | None = None) -> Comparison:
    """Return what two sides share and what only one has, on their way to a target or next to them.

    On the way to a target both sides take in the subclasses of what they name, but for `NAME!`:
    the answer says who has no path.
    Raises what `find_paths` raises, naming `left`, `right` or `target`. Costs what
    `mechkg.kg.analysis.all_paths.enumerate_paths` costs, twice; `timeout` bounds each side.
    """
    query = query.checked()
    context = SearchContext.of(snapshot)
    given = (("left", query.left), ("right", query.right))
    if not query.target:
        curie = snapshot.records.curie
        sides = [
            tuple(curie(int(row)) for row in ground_all(context, texts, parameter))
            for parameter, texts in given
        ]
        return compare_neighbours(snapshot, query, sides[0], sides[1], cancel)
    left, right = (
        _SidePaths(
            query,
            named_rows(context, texts, parameter),
            enumerate_paths(
                snapshot, query.side(with_subclasses(context, texts, parameter)), cancel
            ),
        )
        for parameter, texts in given
    )
    comparison = _comparison(snapshot, query, left, right)
    closures = tuple(_of_sides(query, left.closures, right.closures))
    # The effects of the sides say of their own ends what was taken in.
    further = [c.sentence for c in closures if _begin(c.sentence) not in comparison.sentence]
    return msgspec.structs.replace(
        comparison,
        sentence=" ".join([comparison.sentence, *further]),
        groundings=tuple(_of_sides(query, left.groundings, right.groundings)),
        closures=closures,
    )


def _begin(sentence: str) -> str:
    """Return what a closure says before it names subclasses."""
    return sentence.partition(":")[0].rstrip(".")


Note = TypeVar("Note", Grounding, Closure)


def _of_sides(query: CompareQuery, left: Iterable[Note], right: Iterable[Note]) -> Iterator[Note]:
    """Yield what both sides say of the names of a query, each name by its own parameter, once."""
    for parameter, notes in (("left", left), ("right", right)):
        for note in notes:
            if note.parameter != "source":  # both sides share the other parameters
                if parameter == "left":
                    yield note
                continue
            changed: dict[str, Any] = {"parameter": parameter}
            name, _ = split_suffix(note.given)
            given: tuple[str, ...] = getattr(query, parameter)
            if "reason" in note.__struct_fields__ and name in given:
                changed |= {"given": name, "reason": "compared"}
            yield msgspec.structs.replace(note, **changed)


def comparison_subgraph(
    snapshot: Snapshot, result: Comparison, cancel: Cancel | None = None
) -> Subgraph:
    """Return the best paths of both sides, or the statements to the neighbours, as one graph."""
    records = snapshot.records
    ids: dict[str, None] = {}
    for side in (result.left, result.right):
        ids |= {s.id: None for path in side.paths for hop in path.hops for s in hop.statements}
    for neighbour in result.neighbours:
        ids |= dict.fromkeys((*neighbour.left, *neighbour.right))
    sources = [entity.id for side in (result.left, result.right) for entity in side.entities]
    sources += [path.entities[0].id for s in (result.left, result.right) for path in s.paths]
    targets = {path.entities[-1].id for side in (result.left, result.right) for path in side.paths}

    def rows(curies: Iterable[str]) -> list[int]:
        return [row for row in map(records.entity_row, curies) if row is not None]

    return subgraph_of(
        snapshot,
        (),
        [row for row in map(records.statement_row, ids) if row is not None],
        _title(snapshot, result, targets),
        sources=rows(dict.fromkeys(sources)),
        targets=rows(sorted(targets)),
        cancel=cancel,
    )


def _title(snapshot: Snapshot, result: Comparison, targets: Iterable[str]) -> str:
    left, right = (", ".join(e.name for e in s.entities[:3]) for s in (result.left, result.right))
    rows = map(snapshot.records.entity_row, sorted(targets)[:3])
    names = ", ".join(snapshot.records.name(row) for row in rows if row is not None)
    return f"{left} against {right}" + (f" on the way to {names}" if names else "")


@dataclass(frozen=True, slots=True)
class _Best:
    """The paths through a mediator by sign, and the place of the best of them."""

    by_sign: NDArray[np.int64]
    place: int


class _SidePaths:
    """One side: its paths, its mediators and its metapaths."""

    def __init__(self, query: CompareQuery, named: Sequence[int], found: PathSet) -> None:
        self.found = found
        self._named = named
        self._builder = found.prepared.path_builder()
        self.mediators = self._mediators()
        self.metapaths = _metapaths(found.prepared.snapshot, found)
        self._limit = query.paths

    @property
    def groundings(self) -> tuple[Grounding, ...]:
        """How the names of this side were read."""
        return self.found.prepared.groundings()

    @property
    def closures(self) -> tuple[Closure, ...]:
        """Which subclasses were taken in, those that are on the best paths."""
        return self.found.prepared.closures(self.side().paths)

    def _mediators(self) -> dict[int, _Best]:
        places, rows = self.found.inner
        distinct, first, where = np.unique(rows, return_index=True, return_inverse=True)
        by_sign = np.zeros((len(distinct), 4), np.int64)
        np.add.at(by_sign, (where, self.found.signs[places]), 1)
        best = places[first].tolist()
        return {int(v): _Best(by_sign[i], best[i]) for i, v in enumerate(distinct)}

    def paths(self, places: Sequence[int]) -> tuple[Path, ...]:
        """Return the paths at some places in full."""
        found, chosen = self.found, np.array(places, np.int64)
        nodes, keys = found.nodes[chosen], found.keys[chosen]
        return self._builder.paths(Answer(nodes, keys, None, found.counts, exact=found.exact), 0)

    def through(self, rows: Iterable[int]) -> dict[int, PathsThrough]:
        """Return how the paths of this side use some mediators."""
        known = [(row, self.mediators[row]) for row in rows if row in self.mediators]
        paths = self.paths([best.place for _, best in known])
        return {row: _through(best, path) for (row, best), path in zip(known, paths, strict=True)}

    def side(self) -> Side:
        """Return the side as part of an answer."""
        found, prepared = self.found, self.found.prepared
        records = prepared.snapshot.records
        return Side(
            entities=tuple(map(records.path_entity, self._named)),
            total=found.total,
            total_is_exact=found.exact,
            mediators=len(self.mediators),
            net_effect=prepared.net_effect(found.counts.tolist(), exact=found.exact),
            paths=self.paths(range(min(self._limit, len(found.keys)))),
        )


def _through(best: _Best, path: Path) -> PathsThrough:
    neutral, supports, opposes, unknown = best.by_sign.tolist()
    return PathsThrough(
        paths=neutral + supports + opposes + unknown,
        supports=supports,
        opposes=opposes,
        neutral=neutral,
        unknown=unknown,
        entities=tuple(entity.id for entity in path.entities),
        statements=tuple(s.id for hop in path.hops for s in hop.statements),
        sign=path.sign,
        score=path.score,
        explanation=path.explanation,
    )


def _comparison(
    snapshot: Snapshot, query: CompareQuery, left: _SidePaths, right: _SidePaths
) -> Comparison:
    sides = left.side(), right.side()
    counts = [
        {row: int(best.by_sign.sum()) for row, best in side.mediators.items()}
        for side in (left, right)
    ]
    ordered = _ordered(*counts)
    origins = Counter(origin for _, origin in ordered)
    listed = ordered[: query.limit]
    metapaths = _ordered(left.metapaths, right.metapaths)
    exact = left.found.exact and right.found.exact
    whole = len(listed) == len(ordered) and len(metapaths) <= query.limit
    cut: TruncatedBy | None = left.found.truncated_by or right.found.truncated_by
    return Comparison(
        query=query,
        left=sides[0],
        right=sides[1],
        mediators=_mediators_of(snapshot, left, right, listed),
        metapaths=tuple(
            MetapathShare(
                metapath=path,
                origin=origin,
                left=left.metapaths.get(path, 0),
                right=right.metapaths.get(path, 0),
            )
            for path, origin in metapaths[: query.limit]
        ),
        neighbours=(),
        shared=origins["both"],
        only_left=origins["left"],
        only_right=origins["right"],
        sentence=_sentence(snapshot, sides, ordered, exact=exact),
        complete=exact and whole,
        truncated_by=cut or (None if whole else "limit"),
        total=len(ordered),
        total_is_exact=exact,
        snapshot=snapshot.manifest.hash,
    )


def _mediators_of(
    snapshot: Snapshot, left: _SidePaths, right: _SidePaths, listed: Sequence[tuple[int, Origin]]
) -> tuple[Mediator, ...]:
    rows = [row for row, _ in listed]
    of_left, of_right = left.through(rows), right.through(rows)
    return tuple(
        Mediator(
            entity=snapshot.records.path_entity(row),
            origin=origin,
            left=of_left.get(row),
            right=of_right.get(row),
        )
        for row, origin in listed
    )


def _ordered(left: Mapping[Key, int], right: Mapping[Key, int]) -> list[tuple[Key, Origin]]:
    """Return all keys with whom they belong to: shared ones first, the most used first."""
    groups: list[tuple[Origin, Iterable[Key]]] = [
        ("both", left.keys() & right.keys()),
        ("left", left.keys() - right.keys()),
        ("right", right.keys() - left.keys()),
    ]
    return [
        (key, origin)
        for origin, keys in groups
        for key in sorted(keys, key=lambda k: (-left.get(k, 0) - right.get(k, 0), k))
    ]


def _metapaths(snapshot: Snapshot, found: PathSet) -> dict[Metapath, int]:
    """Return how many paths of each kind there are. O(paths * hops)."""
    hops = hops_of(found)
    words = [_words(snapshot, hops.refs[a:b]) for a, b in pairwise(hops.ptr.tolist())]
    category = {
        int(row): snapshot.records.path_entity(int(row)).category
        for row in np.unique(found.nodes[found.nodes >= 0])
    }
    kinds: Counter[Metapath] = Counter()
    ends, places = hops.ends.tolist(), hops.place.tolist()
    bounds = np.searchsorted(hops.of_path, np.arange(len(found.keys) + 1)).tolist()
    for a, b in pairwise(bounds):
        kind = [category[ends[places[a]][0]]]
        for place in places[a:b]:
            kind += (words[place], category[ends[place][1]])
        kinds[tuple(kind)] += 1
    return dict(kinds)


def _words(snapshot: Snapshot, refs: NDArray[np.int32]) -> str:
    """Return the predicates of a hop, `^` before one that it walks in reverse."""
    predicates, index = snapshot.schema.predicates, snapshot.index
    said = set()
    for ref in refs.tolist():
        predicate = predicates[int(index.predicate[~ref if ref < 0 else ref])]
        said.add(f"{'^' if ref < 0 and not predicate.symmetric else ''}{predicate.id}")
    return "|".join(sorted(said))


def _sentence(
    snapshot: Snapshot,
    sides: tuple[Side, Side],
    ordered: Sequence[tuple[int, Origin]],
    *,
    exact: bool,
) -> str:
    among = "" if exact else "Among the best paths only: "
    parts = []
    (left, many), (right, more) = (named(side.entities) for side in sides)
    for origin, said, nothing in (
        ("both", f"{left} and {right} share", f"{left} and {right} share no mediator"),
        ("left", f"only {left} {_have(plural=many)}", f"none belongs to {left} alone"),
        ("right", f"only {right} {_have(plural=more)}", f"none belongs to {right} alone"),
    ):
        rows = [row for row, whose in ordered if whose == origin]
        shown = map(snapshot.records.path_entity, rows[:3])
        names = ", ".join(noun_phrase(entity)[0] for entity in shown)
        noun = "mediator" if len(rows) == 1 else "mediators"
        further = " and more" if len(rows) > 3 else ""
        parts.append(f"{said} {len(rows):,} {noun} ({names}{further})" if rows else nothing)
    effects = " ".join(side.net_effect.sentence for side in sides if side.net_effect)
    return f"{capitalised(among + '; '.join(parts))}. {effects}"


def _have(*, plural: bool) -> str:
    return "have" if plural else "has"
