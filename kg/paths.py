"""`find_paths`: from the words of a query to ranked, explained paths with their evidence.

Names are resolved and filters turned into masks (`kg.admission`), the kernels rank integers
(`kg.kernels`), and only the paths that are returned get names, statements and evidence.

Between the ends stand neither sources nor targets: a path runs from one source to one target and
ends at the first target that it meets, as the A-B paths of graph theory do (Diestel, Graph Theory,
1.3). So no path of an answer contains another. An entity that is source and target both may begin
a path or end one, never both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.admission import admit
from kg.cursor import read_cursor, write_cursor
from kg.explain import conflict_of, explain_path, hop_phrase, hop_sign, net_effect, path_sign
from kg.index import UNKNOWN_SIGN
from kg.kernels.engine import Engine
from kg.kernels.search import Answer, Task, hop_statements, search, watch_for
from kg.model import Hop, HopStatement, Path, PathEntity, Sign
from kg.progress import Cancel
from kg.queries import PathQuery, PathResult, TruncatedBy
from kg.ranking import scorer
from kg.ranking.costs import Costs, costs_of, score_of
from kg.schema import Predicate
from kg.snapshot import Snapshot

__all__ = ["engine_of", "find_paths"]


def find_paths(
    snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None
) -> PathResult:
    """Return the best paths of a query, best first, and what was left out.

    The paths are the best of all admissible ones: higher score first, then fewer hops, then by
    the identifiers of their entities. All paths are counted where that is cheap
    (`kg.kernels.search.COUNT_WORK`); else `total` and the net effect are lower bounds, and say so.
    A query that runs out of time returns what it has, with `bound`.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm`, `StaleCursor`, `QueryError`, and
    `Cancelled` if asked to stop. Time and memory: see `kg.kernels.search.search`.
    """
    query = query.checked()
    mark = snapshot.manifest.hash
    offset = read_cursor(query, mark)
    engine, costs = engine_of(snapshot), _costs(snapshot, query.scorer)
    task = admit(snapshot, engine, query, costs)
    watch = watch_for(query.timeout, cancel.flag if cancel else None)
    answer = search(engine, task, offset + query.limit, watch)
    if cancel is not None:
        cancel.check()
    paths = _Telling(snapshot, task, costs).paths(answer, offset)
    end = offset + len(paths)
    more = answer.bound is not None or not answer.exact or end < answer.total
    ends = (", ".join(_names(snapshot, rows)) for rows in (task.sources, task.targets))
    return PathResult(
        query=query,
        paths=paths,
        net_effect=net_effect(answer.counts.tolist(), exact=answer.exact, source=next(ends),
                              target=next(ends)),
        complete=offset == 0 and not more,
        truncated_by=_cut(answer, offset, more=more),
        total=answer.total,
        total_is_exact=answer.exact,
        cursor=write_cursor(query, mark, end) if more and paths else None,
        snapshot=mark,
        bound=None if answer.bound is None else score_of(answer.bound),
    )


def engine_of(snapshot: Snapshot) -> Engine:
    """Return the kernels' view of a snapshot, made on first use and kept with it."""
    engine = snapshot.memo.get("engine")
    if engine is None:
        predicates = snapshot.schema.predicates
        made = Engine(
            snapshot.index,
            np.array([p.symmetric for p in predicates], np.uint8),
            np.array([not p.generic for p in predicates], np.uint8),
        )
        engine = snapshot.memo.setdefault("engine", made)
    assert isinstance(engine, Engine)
    return engine


def _costs(snapshot: Snapshot, name: str) -> Costs:
    costs = snapshot.memo.get(f"costs:{name}")
    if costs is None:
        made = costs_of(snapshot.index, scorer(name))
        costs = snapshot.memo.setdefault(f"costs:{name}", made)
    assert isinstance(costs, Costs)
    return costs


def _cut(answer: Answer, offset: int, *, more: bool) -> TruncatedBy | None:
    if answer.bound is not None:
        return "time"
    return "limit" if more or offset else None


def _names(snapshot: Snapshot, rows: NDArray[np.int32]) -> list[str]:
    """Return the names of some entities, shortened to three and a count."""
    names = [snapshot.records.name(int(row)) for row in rows[:3]]
    return names if len(rows) <= 3 else [*names, f"{len(rows) - 3} more"]


@dataclass(frozen=True, slots=True)
class _Told:
    """A hop in words and with its sign."""

    hop: Hop
    sign: Sign | None
    doubt: float
    phrase: str
    conflict: str


class _Telling:
    """What the paths of one answer share: each entity and each hop is made once."""

    def __init__(self, snapshot: Snapshot, task: Task, costs: Costs) -> None:
        self._snapshot = snapshot
        self._task = task
        self._costs = costs
        self._predicates: tuple[Predicate, ...] = snapshot.schema.predicates
        self._by_id = {p.id: p for p in self._predicates}
        self._entities: dict[int, PathEntity] = {}
        self._hops: dict[tuple[int, int], _Told] = {}

    def paths(self, answer: Answer, offset: int) -> tuple[Path, ...]:
        """Return the paths of an answer from `offset` on."""
        nodes = answer.nodes[offset:]
        self._tell(nodes)
        rows = nodes.tolist()
        keys = answer.keys[offset:].tolist()
        return tuple(self._path(row, key) for row, key in zip(rows, keys, strict=True))

    def _path(self, nodes: list[int], key: int) -> Path:
        nodes = [v for v in nodes if v >= 0]
        told = [self._hops[hop] for hop in zip(nodes, nodes[1:], strict=False)]
        entities = tuple([self._entities[v] for v in nodes])
        doubts = [t.doubt for t in told]
        return Path(
            entities=entities,
            hops=tuple([t.hop for t in told]),
            length=len(told),
            sign=path_sign([t.sign for t in told]),
            score=score_of(key),
            score_parts=self._costs.score_parts(nodes, doubts),
            explanation=explain_path(
                entities, [t.phrase for t in told], doubts, [t.conflict for t in told]
            ),
        )

    def _tell(self, nodes: NDArray[np.int32]) -> None:
        """Make all entities and hops of some paths."""
        tail, head = nodes[:, :-1][nodes[:, 1:] >= 0], nodes[:, 1:][nodes[:, 1:] >= 0]
        pairs = list(dict.fromkeys(zip(tail.tolist(), head.tolist(), strict=True)))
        for v in {v for pair in pairs for v in pair}:
            self._entities[v] = self._snapshot.records.path_entity(v)
        if not pairs:
            return
        ends = np.array(pairs, np.int32)
        ptr, refs = hop_statements(self._task, ends[:, 0].copy(), ends[:, 1].copy())
        starts, statements = ptr.tolist(), refs.tolist()
        for i, pair in enumerate(pairs):
            self._hops[pair] = self._hop(*pair, statements[starts[i] : starts[i + 1]])

    def _hop(self, v: int, w: int, refs: list[int]) -> _Told:
        index = self._snapshot.index
        rows = [ref if ref >= 0 else ~ref for ref in refs]
        statements = [self._statement(v, w, ref) for ref in refs]
        doubts = [index.doubt[row].item() for row in rows]
        effects = [
            (s.sign, s.direction == "reverse" and not self._by_id[s.predicate].symmetric)
            for s in statements
        ]
        one, other = self._entities[v].name, self._entities[w].name
        return _Told(
            hop=Hop(tuple(statements)),
            sign=hop_sign(effects),
            doubt=min(doubts),
            phrase=hop_phrase(statements, doubts, self._by_id),
            conflict=conflict_of(statements, self._by_id, one, other),
        )

    def _statement(self, v: int, w: int, ref: int) -> HopStatement:
        snapshot = self._snapshot
        row = ref if ref >= 0 else ~ref
        ends = (v, w) if ref >= 0 else (w, v)
        sign = snapshot.index.sign[row].item()
        claim = snapshot.records.claim(row)
        return HopStatement(
            id=snapshot.records.statement_id(row),
            subject=self._entities[ends[0]].id,
            predicate=self._predicates[snapshot.index.predicate[row]].id,
            object=self._entities[ends[1]].id,
            direction="forward" if ref >= 0 else "reverse",
            sign=None if sign == UNKNOWN_SIGN else sign,
            modality=claim.modality,
            qualifiers=claim.qualifiers,
            evidence=claim.evidence,
            derived_from=claim.derived_from,
        )
