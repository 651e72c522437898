"""The kernels joined: what Python calls to count, list and rank paths.

A `Task` is a query in numbers. `survey_paths` counts and lists all paths, `best_paths` proves the
k best, `search` does what is cheaper, `hop_statements` fetches the statements of chosen hops. All
release the GIL and may run in any number of threads on one `Engine`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.best import BOUND, FOUND, HEAPED, LINKS, STORED, Frontier, best_first
from mechkg.kg.kernels.best_by_class import best_by_class
from mechkg.kg.kernels.collect import collect
from mechkg.kg.kernels.engine import Engine, Room
from mechkg.kg.kernels.enumerate import Found, survey
from mechkg.kg.kernels.potential import clear_labels, potential
from mechkg.kg.kernels.potential_by_class import potential_by_class
from mechkg.kg.kernels.task import Answer, Prepared, Rows, Task, watch_for
from mechkg.kg.kernels.types import FINISHED, FULL, INF, STOPPED, Watch

__all__ = [
    "FIRST_PREFIXES",
    "Answer",
    "Prepared",
    "Task",
    "advance",
    "best_paths",
    "bounded",
    "expand",
    "frontier",
    "hop_statements",
    "label",
    "larger",
    "search",
    "select",
    "survey_in",
    "survey_paths",
    "watch_for",
]

COUNT_WORK: Final = 250_000
"""Adjacency entries looked at to count all paths, at most: under a millisecond."""

COUNT_PATHS: Final = 1_000_000
"""Paths counted, at most."""

KEPT_PATHS: Final = 20_000
"""Paths that are kept while counting, so that they need no search of their own."""

BOUND_SAMPLE: Final = 5_000
"""Shortest paths that are listed to bound the k-th key."""

BOUND_WORK: Final = 8_000_000
"""Adjacency entries looked at for that bound, at most."""

MAX_LABELS: Final = 1 << 26
"""Potential labels (int32): 256 MiB."""

MAX_PREFIXES: Final = 1 << 22
"""Prefixes of a best-first search: 42 bytes each, 168 MiB."""

FIRST_PREFIXES: Final = 1 << 15

TRIAL: Final = 100_000_000
"""Nanoseconds of a best-first search before it asks whether to go on."""

Check = Callable[[], None]


def survey_paths(
    engine: Engine, task: Task, keep: int, max_paths: int, max_work: int, watch: Watch,
    hops: int | None = None,
) -> Found:
    """Count all paths of a task, or those of at most `hops` hops, and keep the first `keep`."""
    with Prepared(engine, task) as room:
        return survey_in(
            task, room, hops or task.max_hops, keep, max_paths, max_work, watch
        )


def search(
    engine: Engine, task: Task, k: int, watch: Watch, check: Check | None = None
) -> Answer:
    """Return the k best paths of a task, ordered by key, then row by row, and what there is in all.

    `check` is called once the search has taken `TRIAL`: it may wait, or raise.

    All paths are counted where that looks at no more than `COUNT_WORK` entries and there are no
    more than `COUNT_PATHS`; few are simply sorted. Else the k best are found best first: time is
    that of labelling entities up to half the k-th cost and of expanding every prefix that could
    still be among the k best, exponential in the hops in the worst case, so give a deadline.
    Memory: `MAX_LABELS` and `MAX_PREFIXES`; past the latter the answer is what was proven so far.
    """
    if len(task.sources) == 0 or len(task.targets) == 0:
        return Answer(*_nothing(task), None, np.zeros(4, np.int64), exact=True)
    with Prepared(engine, task) as room:
        keep = max(k, KEPT_PATHS)
        found = survey_in(task, room, task.max_hops, keep, COUNT_PATHS, COUNT_WORK, watch)
        total = int(found.counts.sum())
        exact = found.status == FINISHED
        if exact and len(found.keys) < total <= 20 * keep and k > KEPT_PATHS // 20:
            found = survey_in(
                task, room, task.max_hops, total, COUNT_PATHS, COUNT_WORK, watch
            )
        if exact and len(found.keys) == total:
            return Answer(*select(found, k), None, found.counts, exact=True)
        return _best(task, room, k, found, watch, BOUND_SAMPLE, check)


def best_paths(
    engine: Engine, task: Task, k: int, watch: Watch, sample: int = BOUND_SAMPLE
) -> Answer:
    """Return the k best paths as `search` does, without counting the others.

    `sample` paths are listed beforehand to bound the k-th key; with 0 the search goes unbounded.
    """
    with Prepared(engine, task) as room:
        nodes, keys = _nothing(task)
        none = Found(
            FULL, 0, np.zeros(4, np.int64), nodes, nodes, nodes.astype(np.uint8),
            keys.astype(np.int8), keys.astype(np.uint8), keys,
        )
        return _best(task, room, k, none, watch, sample)


def select(found: Found, k: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return nodes and keys of the k best kept paths, ordered by key, then row by row."""
    chosen = np.arange(len(found.keys))
    if len(chosen) > k:
        limit = np.partition(found.keys, k - 1)[k - 1]
        chosen = np.flatnonzero(found.keys <= limit)
    columns = tuple(found.nodes[chosen].T[::-1])
    order = chosen[np.lexsort((*columns, found.keys[chosen]))][:k]
    return found.nodes[order], found.keys[order]


def hop_statements(
    task: Task, tail: Rows, head: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the admitted statements of hops from tail[i] to head[i] as (ptr, refs).

    refs[ptr[i]:ptr[i+1]] are statement rows, or ~row where the hop walks one in reverse.
    """
    ptr, refs = collect(task.packed, tail, head)
    return ptr, refs


def survey_in(
    task: Task, room: Room, hops: int, keep: int, max_paths: int, max_work: int, watch: Watch
) -> Found:
    """Survey a task in prepared room, as `survey_paths` does."""
    found: Found = survey(
        task.packed, room.packed, task.sources, task.targets, hops, keep, max_paths, max_work,
        watch,
    )
    return found


def _nothing(task: Task) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return np.empty((0, task.max_hops + 1), np.int32), np.empty(0, np.int64)


def bounded(
    task: Task, room: Room, k: int, found: Found, watch: Watch, sample: int
) -> tuple[int, Found, bool]:
    """Return an upper bound on the k-th key, the best survey, and whether it holds all paths.

    The fewest hops that have k paths bound the k-th key; they are listed, not ranked.
    """
    keep = max(k, sample)
    # One hop has no more paths than there are pairs of ends.
    fewest = max(task.rules.min_hops, 1 if k <= len(task.sources) * len(task.targets) else 2)
    for hops in range(min(fewest, task.max_hops), task.max_hops + 1) if sample else ():
        seen = survey_in(task, room, hops, keep, keep, BOUND_WORK, watch)
        if seen.counts.sum() > found.counts.sum():
            found = seen
        if seen.status == FINISHED and hops == task.max_hops:
            return INF, seen, True
        if len(seen.keys) >= k:
            return int(np.partition(seen.keys, k - 1)[k - 1]), found, False
        if seen.status != FINISHED:
            break
    return INF, found, False


def _best(
    task: Task, room: Room, k: int, found: Found, watch: Watch, sample: int,
    check: Check | None = None,
) -> Answer:
    """Bound, label, then search best first."""
    counted = found.status == FINISHED
    upper, found, whole = bounded(task, room, k, found, watch, sample)
    if whole:
        return Answer(*select(found, k), None, found.counts, exact=True)
    radius = INF - 2 if upper >= INF else upper // 2
    trial = watch if check is None else watch._replace(
        deadline=min(watch.deadline, time.monotonic_ns() + TRIAL)
    )
    status, count = label(task, room, radius, trial)
    if status == STOPPED and check is not None and not _is_over(watch):
        clear_labels(room.packed, count)
        check()
        trial = watch
        status, count = label(task, room, radius, watch)
    while status == FULL:
        radius //= 2
        status, count = label(task, room, radius, watch)
    front = frontier(task, FIRST_PREFIXES, k, upper)
    if status == FINISHED:
        status, front = expand(task, room, radius, front, trial)
    if status == STOPPED and trial is not watch and check is not None and not _is_over(watch):
        check()
        status, front = expand(task, room, radius, front, watch)
    clear_labels(room.packed, count)
    n = int(front.head[FOUND])
    nodes, keys = front.out[:n], front.keys[:n]
    if status == FINISHED:
        return Answer(nodes, keys, None, found.counts, exact=counted or n < k)
    bound = int(front.first[0]) if front.head[HEAPED] else 0
    return Answer(*_with_unproven(nodes, keys, found, k), bound, found.counts, exact=counted)


def _is_over(watch: Watch) -> bool:
    return bool(watch.flag[0]) or time.monotonic_ns() > watch.deadline


def _with_unproven(
    nodes: NDArray[np.int32], keys: NDArray[np.int64], found: Found, k: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Add to proven paths the best others that a survey has seen, up to k in all."""
    proven = set(map(bytes, nodes))
    width = nodes.shape[1]
    more = np.full((len(found.keys), width), -1, np.int32)
    more[:, : found.nodes.shape[1]] = found.nodes
    fresh = [i for i, row in enumerate(more) if bytes(row) not in proven]
    order = sorted(fresh, key=lambda i: (int(found.keys[i]), more[i].tolist()))[: k - len(keys)]
    return np.concatenate([nodes, more[order]]), np.concatenate([keys, found.keys[order]])


def label(task: Task, room: Room, radius: int, watch: Watch) -> tuple[int, int]:
    """Run the potential in a room; after FULL nothing stays in its scratch."""
    run = potential_by_class if task.rules.transitions.on else potential
    status, count, room.pool = run(
        task.packed, room.packed, task.targets, task.max_hops, task.sets, radius, room.pool,
        MAX_LABELS, watch,
    )
    if status == FULL:
        clear_labels(room.packed, count)
    return status, count


def expand(
    task: Task, room: Room, radius: int, front: Frontier, watch: Watch
) -> tuple[int, Frontier]:
    """Go on with a search in a room that is labelled up to a radius; say how that ended."""
    while True:
        status = advance(task, room, radius, front, watch)
        if status != FULL or len(front.node) >= MAX_PREFIXES:
            return status, front
        front = larger(front)


def advance(task: Task, room: Room, radius: int, front: Frontier, watch: Watch) -> int:
    """Go on with a search as far as its memory goes; return the status."""
    run = best_by_class if task.rules.transitions.on else best_first
    status: int = run(
        task.packed, room.packed, task.sources, task.max_hops, task.sets, radius, room.pool,
        front, watch,
    )
    return status


def frontier(task: Task, room: int, k: int, upper: int) -> Frontier:
    """Return a search that has not begun, with room for some prefixes and `k` paths."""
    links = 2 * room if task.rules.transitions.on else 0
    front = Frontier(
        np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64),
        np.empty(room, np.int64), np.empty(room, np.uint8), np.empty(room, np.uint8),
        np.empty(room, np.int64), np.empty(room, np.int32), np.empty(links, np.int32),
        np.empty(links, np.int64), np.empty(links, np.int32), np.full(k, INF, np.int64),
        np.full((k, task.max_hops + 1), -1, np.int32), np.empty(k, np.int64), np.zeros(7, np.int64),
    )
    front.head[BOUND] = upper
    return front


def larger(front: Frontier) -> Frontier:
    """Return the same search with four times the room for prefixes."""
    prefixes, links = int(front.head[STORED]), int(front.head[LINKS])
    room = min(4 * len(front.node), MAX_PREFIXES)

    def moved(array: NDArray[Any], used: int, size: int) -> NDArray[Any]:
        copy = np.empty(size, array.dtype)
        copy[:used] = array[:used]
        return copy

    wide = 2 * room if len(front.link_key) else 0
    prefixed = "node", "parent", "key", "avail", "depth", "via", "first", "order"
    linked = "link_state", "link_key", "link_next"
    copies = {name: moved(getattr(front, name), prefixes, room) for name in prefixed}
    copies |= {name: moved(getattr(front, name), links, wide) for name in linked}
    return front._replace(**copies)
