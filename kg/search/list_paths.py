"""`list_paths`: unranked bulk listing of all paths of a query as tuples.

It is `find_paths` without ranking, evidence, scores and sentences. The kernels return whole columns
(`kg.kernels.list_columns`), each entity of an answer is made once and each path is one tuple; the
statements of a path are read on demand.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.c_tuples import MADE, NO_MEMORY, address_of, fill_rows
from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.list_columns import Cells, listed
from mechkg.kg.kernels.search import Task, hop_statements
from mechkg.kg.kernels.types import FINISHED, STOPPED, VIA, Watch
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import TruncatedBy
from mechkg.kg.model.values import Hop
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.diverse import is_late
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.prepare import PreparedQuery, prepare
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_PATHS", "PathRow", "PathTable", "list_paths"]

MAX_PATHS: Final = 1_000_000
"""Paths of one table by default: some 300 MB."""

FIRST_CAPACITY: Final = 1 << 12
"""Paths that memory is allocated for at once; more are counted first."""

ALL_WORK: Final = 1 << 40

LOOKED_AT: Final = 1_000
"""Paths whose contexts are compared between two looks at the clock."""

PathRow = tuple[Any, ...]
"""(entity, predicate, entity, ...): `PathEntity` and `str` in turns."""


class PathTable(msgspec.Struct, frozen=True):
    """All paths of a query as `rows`, fewest hops first, otherwise in no particular order.

    A row is (entity, predicate, entity, ...) with a `PathEntity` and the identifier of a predicate
    in turns. A hop names the predicate of one of its statements, with `^` before it where the path
    walks it in reverse; `hops` has them all. `complete` is False where paths are missing, and
    `truncated_by` says why.
    """

    rows: list[PathRow]
    complete: bool
    truncated_by: TruncatedBy | None
    snapshot: str
    _cells: Cells
    _origin: tuple[SearchContext, Task, Costs]
    _consistent: bool = False

    def hops(self, position: int) -> tuple[Hop, ...]:
        """Return the hops of `rows[position]` with all their statements; microseconds.

        Raises `IndexError`.
        """
        position += len(self) if position < 0 else 0
        for nodes in _blocks(self._cells):
            if 0 <= position < nodes.shape[1]:
                builder = PathBuilder(*self._origin, consistent=self._consistent)
                return builder.hops(nodes[:, position].tolist())
            position -= nodes.shape[1]
        raise IndexError(position)

    def products(self) -> NDArray[np.int64]:
        """Return how many ways each path can be walked by choosing one statement for each hop."""
        if self._consistent:
            hops_of = map(self.hops, range(len(self)))
            return np.array([prod(len(h.statements) for h in hops) for hops in hops_of], np.int64)
        many = [np.empty(0, np.int64)]
        for nodes in _blocks(self._cells):
            hops = np.stack((nodes[:-1].ravel(), nodes[1:].ravel()))
            pairs, place = np.unique(hops, axis=1, return_inverse=True)
            ptr, _ = hop_statements(self._origin[1], pairs[0].copy(), pairs[1].copy())
            many.append(np.diff(ptr)[place.ravel()].reshape(len(nodes) - 1, -1).prod(axis=0))
        return np.concatenate(many)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<PathTable of {len(self.rows):,} paths{'' if self.complete else ', cut'}>"


def list_paths(
    snapshot: Snapshot, query: PathQuery, most: int = MAX_PATHS, cancel: Cancel | None = None
) -> PathTable:
    """Return all paths of a query by name, up to `most`, without any ranking.

    `limit`, `cursor`, `scorer` and `diverse` do not matter. Raises as `find_paths` does.
    O(entries scanned + paths); 300 bytes per path, and the scratch space of `Engine`.
    """
    prepared = prepare(snapshot, query, cancel)
    task = prepared.task
    predicates = len(snapshot.schema.predicates)
    cells = _listed(prepared.engine, task, predicates, most, prepared.watch)
    if prepared.is_consistent:
        cells = _in_context(cells, prepared)
    prepared.check_cancelled()
    cut = cells.status != FINISHED
    return PathTable(
        rows=_rows(snapshot, cells),
        complete=not cut,
        truncated_by=("time" if cells.status == STOPPED else "limit") if cut else None,
        snapshot=snapshot.manifest.hash,
        _cells=cells,
        _origin=(prepared.context, task, prepared.costs),
        _consistent=prepared.is_consistent,
    )


def _listed(engine: Engine, task: Task, predicates: int, most: int, watch: Watch) -> Cells:
    """Run the kernel, with memory for few paths first."""
    room = engine.borrow()
    for bit, rows in enumerate(task.via):
        room.scratch.marks[VIA, rows] |= np.uint8(1 << bit)
    ends, keep = (task.sources, task.targets, task.banned), min(most, FIRST_CAPACITY)
    while True:
        bounds = keep, most, ALL_WORK
        cells = Cells(
            *listed(task.packed, room.packed, ends, task.max_hops, predicates, bounds, (*watch,))
        )
        if cells.total <= keep or keep == most or cells.status == STOPPED:
            break
        keep = min(cells.total, most)
    for rows in task.via:
        room.scratch.marks[VIA, rows] = 0
    engine.give_back(room)
    return cells


def _in_context(cells: Cells, prepared: PreparedQuery) -> Cells:
    """Return those of some paths that can hold in one context; STOPPED where time ran out."""
    builder, snapshot = prepared.path_builder(), prepared.snapshot
    many, entities, labels = cells.many.copy(), [cells.entities[:0]], [cells.labels[:0]]
    status = cells.status
    for nodes in _blocks(cells):
        kept = []
        for start in range(0, nodes.shape[1], LOOKED_AT):
            if is_late(prepared.watch):
                status = STOPPED
                break
            extra = builder.in_context(nodes[:, start : start + LOOKED_AT].T)
            kept += [start + place for place, more in enumerate(extra) if more is not None]
        some = np.ascontiguousarray(nodes[:, kept])
        many[len(nodes) - 1] = len(kept)
        entities.append(some.ravel())
        labels.append(_labels(builder, snapshot, some))
    joined = np.concatenate(entities), np.concatenate(labels)
    return Cells(status, int(many.sum()), many, *joined)


def _labels(
    builder: PathBuilder, snapshot: Snapshot, nodes: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the labels of some paths, hop by hop, each of the first statement that holds."""
    walked = [[refs[0] for refs in builder.statements(row)] for row in nodes.T.tolist()]
    refs = np.array(walked, np.int64).reshape(-1, len(nodes) - 1)
    rows, turned = np.where(refs < 0, ~refs, refs), refs < 0
    predicate, predicates = snapshot.index.predicate, len(snapshot.schema.predicates)
    labels = predicate[rows].astype(np.int32) + predicates * turned
    return np.ascontiguousarray(labels.T, np.int32).ravel()


def _rows(snapshot: Snapshot, cells: Cells) -> list[PathRow]:
    """Return one tuple per path; raises `MemoryError`."""
    rows: list[Any] = [None] * sum(cells.many.tolist())
    labels, known = SearchContext.of(snapshot).hop_labels, snapshot.records.known()
    while True:
        values = known.values  # held, as another thread may put a larger array in its place
        state = fill_rows(
            id(rows), cells.many, cells.entities, cells.labels, known.place,
            address_of(values), len(values), address_of(labels),
        )  # fmt: skip
        if state == MADE:
            return rows
        if state == NO_MEMORY:
            raise MemoryError(f"There is no memory for {len(rows):,} paths; ask for fewer.")
        known = snapshot.records.known(cells.entities)


def _blocks(cells: Cells) -> Iterator[NDArray[np.int32]]:
    """Yield the entities of the paths of each length that occurs, one column per path."""
    at = 0
    for length, many in enumerate(cells.many.tolist()):
        if many:
            wide = (length + 1) * many
            yield cells.entities[at : at + wide].reshape(length + 1, many)
            at += wide
