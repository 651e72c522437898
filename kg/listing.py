"""`list_paths`: all paths of a query as plain tuples, for those who take many of them.

What is left of `find_paths` without ranking, evidence, scores and sentences. The kernels hand out
whole columns of codes (`kg.kernels.cells`), each entity of an answer is made once and each path
is one tuple; the statements of a path are read when they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.admission import admit
from kg.kernels.arrays import FINISHED, STOPPED, VIA, Watch
from kg.kernels.cells import Cells, listed
from kg.kernels.engine import Engine
from kg.kernels.search import Task, hop_statements, watch_for
from kg.model import Hop
from kg.paths import costs_for, engine_of
from kg.progress import Cancel
from kg.queries import PathQuery, TruncatedBy
from kg.ranking.costs import Costs
from kg.snapshot import Snapshot
from kg.telling import Telling

__all__ = ["MOST_PATHS", "PathRow", "PathTable", "list_paths"]

MOST_PATHS: Final = 1_000_000
"""Paths of one table, unless asked otherwise: some 300 MB."""

FEW: Final = 1 << 12
"""Paths that there is room for at once; more are counted first."""

ALL_WORK: Final = 1 << 40

PathRow = tuple[Any, ...]
"""(entity, predicate, entity, ...): `PathEntity` and `str` in turns."""


@dataclass(frozen=True, slots=True)
class PathTable:
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
    _origin: tuple[Snapshot, Task, Costs]

    def hops(self, position: int) -> tuple[Hop, ...]:
        """Return the hops of the path at a position with all their statements; microseconds."""
        nodes = self._cells.nodes[self._cells.order[position]]
        return Telling(*self._origin).hops([v for v in nodes.tolist() if v >= 0])

    def products(self) -> NDArray[np.int64]:
        """Return how many ways each path can be walked by choosing one statement for each hop."""
        nodes = self._cells.nodes[self._cells.order]
        hop = nodes[:, 1:] >= 0
        pairs, place = np.unique(
            np.stack((nodes[:, :-1][hop], nodes[:, 1:][hop]), 1), axis=0, return_inverse=True
        )
        ptr, _ = hop_statements(self._origin[1], pairs[:, 0].copy(), pairs[:, 1].copy())
        many = np.ones(hop.shape, np.int64)
        many[hop] = np.diff(ptr)[place.ravel()]
        products: NDArray[np.int64] = many.prod(axis=1)
        return products

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<PathTable of {len(self.rows):,} paths{'' if self.complete else ', cut'}>"


def list_paths(
    snapshot: Snapshot, query: PathQuery, most: int = MOST_PATHS, cancel: Cancel | None = None
) -> PathTable:
    """Return all paths of a query by name, up to `most`, without any ranking.

    `limit`, `cursor`, `scorer` and `diverse` do not matter. Raises as `find_paths` does.
    O(entries scanned + paths); 300 bytes a path, and what `Engine` lends.
    """
    query = query.checked()
    engine, costs = engine_of(snapshot), costs_for(snapshot, query.scorer)
    task = admit(snapshot, engine, query, costs)
    watch = watch_for(query.timeout, cancel.flag if cancel else None)
    cells = _listed(engine, task, len(snapshot.schema.predicates), most, watch)
    if cancel is not None:
        cancel.check()
    cut = cells.status != FINISHED
    return PathTable(
        rows=_rows(cells, _words(snapshot, cells)),
        complete=not cut,
        truncated_by=("time" if cells.status == STOPPED else "limit") if cut else None,
        snapshot=snapshot.manifest.hash,
        _cells=cells,
        _origin=(snapshot, task, costs),
    )


def _listed(engine: Engine, task: Task, predicates: int, most: int, watch: Watch) -> Cells:
    """Run the kernel, with room for few paths first."""
    ends = task.sources, task.targets, task.banned
    room = engine.borrow()
    via = room.scratch.marks[VIA]
    for bit, rows in enumerate(task.via):
        via[rows] |= np.uint8(1 << bit)
    keep = min(most, FEW)
    while True:
        bounds = keep, most, ALL_WORK
        cells: Cells = listed(
            task.packed, room.packed, ends, task.max_hops, predicates, bounds, watch
        )
        if cells.total <= keep or keep == most or cells.status == STOPPED:
            break
        keep = min(cells.total, most)
    for rows in task.via:
        via[rows] = 0
    engine.give_back(room)
    return cells


def _words(snapshot: Snapshot, cells: Cells) -> NDArray[np.object_]:
    """Return what each code stands for."""
    words = [*_labels(snapshot), *snapshot.records.path_entities(cells.entities.tolist())]
    return np.fromiter(words, object, len(words))


def _labels(snapshot: Snapshot) -> list[str]:
    """Return the words of predicates, then those of predicates in reverse."""
    labels: list[str] | None = snapshot.memo.get("hop_labels")
    if labels is None:
        names = [p.id for p in snapshot.schema.predicates]
        made = [*names, *(f"^{name}" for name in names)]
        labels = snapshot.memo.setdefault("hop_labels", made)
    return labels


def _rows(cells: Cells, words: NDArray[np.object_]) -> list[PathRow]:
    """Return one tuple a path, made column by column."""
    said = words[cells.codes]
    rows: list[PathRow] = []
    at = 0
    for length, many in enumerate(cells.many.tolist()):
        if many:
            wide = 2 * length + 1
            columns = said[at : at + wide * many].reshape(wide, many).tolist()
            rows += zip(*columns, strict=True)
            at += wide * many
    return rows
