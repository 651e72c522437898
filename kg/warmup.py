"""Compile the search kernels before the first query.

They are compiled on their first call, which takes more than a minute of one processor, and kept on
disk from then on. Compile time is not charged to a query's timeout, and nothing is compiled twice:
who compiles holds a lock on the folder of the compiled kernels, others wait for it.

A server starts `compile_kernels` in processes of its own and answers look-ups meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

import msgspec
import numpy as np
from numba.core.dispatcher import Dispatcher

from mechkg.kg import kernels
from mechkg.kg.analysis.preview import Effort, draw_estimate
from mechkg.kg.analysis.why_not import why_not
from mechkg.kg.errors import MechKGError
from mechkg.kg.jit import is_compiled
from mechkg.kg.kernels.choose import choose
from mechkg.kg.kernels.each_end import EachEnd
from mechkg.kg.kernels.search import (
    COUNT_PATHS,
    COUNT_WORK,
    KEPT_PATHS,
    best_paths,
    hop_statements,
    survey_paths,
)
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery
from mechkg.kg.neighbourhood.list import list_neighbourhood
from mechkg.kg.progress import Progress
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.list_paths import list_paths
from mechkg.kg.search.prepare import prepare
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

__all__ = [
    "compile_group",
    "compile_kernels",
    "compile_lock",
    "is_warm",
    "make_warm",
    "open_lock",
    "search_kernels",
    "wait_for_kernels",
    "warm",
]

PATIENCE: Final = 300.0
"""Seconds: compiling is not cut short, for it would begin anew the next time."""
EVERY: Final = 0.25
"""Seconds between two looks at how far the compiling is."""
LOCK: Final = "compile.lock"
COMPOSITIONS: Final = ("strict", "off")


def search_kernels() -> tuple[Any, ...]:
    """Return the kernels that Python calls for a search: those that numba keeps on disk."""
    found: dict[int, Any] = {}
    for module in pkgutil.iter_modules(kernels.__path__):
        for kernel in vars(import_module(f"{kernels.__name__}.{module.name}")).values():
            if isinstance(kernel, Dispatcher) and kernel.stats.cache_path:
                found[id(kernel)] = kernel
    return tuple(found.values())


def is_warm() -> bool:
    """Say whether the search kernels were compiled before."""
    return all(map(is_compiled, search_kernels()))


def open_lock() -> IO[bytes] | None:
    """Return the open file whose lock (flock) says who compiles, None where none can be had.

    Where nobody may write beside the compiled kernels, nothing is kept that could be shared.
    """
    folder = Path(search_kernels()[0].stats.cache_path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / LOCK).open("ab")
    except OSError:
        return None


@contextmanager
def compile_lock(descriptor: int = -1) -> Iterator[None]:
    """Hold the lock of who compiles; a process that inherited a held one gives its `descriptor`."""
    file = os.fdopen(descriptor, "ab") if descriptor >= 0 else open_lock()
    if file is None:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_for_kernels(seconds: float) -> tuple[int, int]:
    """Wait while another process compiles the search kernels.

    Returns how many are compiled and how many there are: fewer where the time did not suffice.
    """
    end = time.monotonic() + seconds
    while not is_warm() and _is_locked() and time.monotonic() < end:
        time.sleep(EVERY)
    done = list(map(is_compiled, search_kernels()))
    return (sum(done), len(done)) if _is_locked() else (len(done), len(done))


def _is_locked() -> bool:
    file = open_lock()
    if file is None:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def make_warm(snapshot: Snapshot) -> None:
    """Compile the search kernels if they never were; several threads may call it at once."""
    context = SearchContext.of(snapshot)
    if not context.is_warm:
        if not is_warm():
            with compile_lock():
                if not is_warm():
                    warm(snapshot)
        context.is_warm = True


def compile_kernels(path: Path, progress: Progress, *, lock: int = -1) -> None:
    """Compile the search kernels in as many processes as there are groups of them.

    `path` is a snapshot with a statement, `lock` a held lock's descriptor. Reports how many
    kernels are compiled. Raises `MechKGError` where a process fails; what others compiled is kept.
    """
    with compile_lock(lock):
        if is_warm():
            return
        started = [_start_group(path, group) for group in GROUPS]
        try:
            while None in (codes := [process.poll() for process in started]) and not any(codes):
                _report(progress)
                time.sleep(EVERY)
        finally:
            for process in started:
                process.kill()
                process.wait()
        _report(progress)
    if any(process.returncode for process in started):
        raise MechKGError("The search kernels could not be compiled.", hint="See above.")


def _report(progress: Progress) -> None:
    done = list(map(is_compiled, search_kernels()))
    progress("compiling the search kernels", sum(done), len(done))


def _start_group(path: Path, group: str) -> subprocess.Popen[bytes]:
    program = f"from {__name__} import compile_group; compile_group({str(path)!r}, {group!r})"
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-P", "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def compile_group(path: str, group: str) -> None:
    """Compile one group of kernels, by calling them on a snapshot."""
    snapshot = open_snapshot(Path(path))
    if snapshot.index.carrying:
        GROUPS[group](snapshot, _query(snapshot))


def warm(snapshot: Snapshot) -> None:
    """Call every search kernel once, on one statement of a graph; does nothing without any.

    A second or less where the kernels were compiled before.
    """
    if snapshot.index.carrying:
        query = _query(snapshot)
        for call in GROUPS.values():
            call(snapshot, query)


def _query(snapshot: Snapshot) -> PathQuery:
    """Return a query whose answer is the first statement of a graph."""
    index = snapshot.index
    source, target = (
        f"{snapshot.records.curie(int(end[0]))}!" for end in (index.subject, index.object)
    )
    return PathQuery(source=(source,), target=(target,), max_hops=1, limit=1, timeout=PATIENCE)


def _call_counting(snapshot: Snapshot, query: PathQuery) -> None:
    """Call what counts and lists paths and neighbours: `survey` alone takes most of this."""
    prepared = prepare(snapshot, query)
    watch = prepared.watch
    survey_paths(prepared.engine, prepared.task, KEPT_PATHS, COUNT_PATHS, COUNT_WORK, watch)
    list_paths(snapshot, query)
    list_neighbourhood(snapshot, NeighbourhoodQuery(entity=query.source[0]))
    why_not(snapshot, query)


def _call_ranking(snapshot: Snapshot, query: PathQuery) -> None:
    """Call what reads statements, ranks paths that are too many to count, and estimates them.

    Under transitions first, which the bundled ontology has by default; other graphs may not.
    """
    for composition in COMPOSITIONS:
        prepared = prepare(snapshot, msgspec.structs.replace(query, composition=composition))
        task = prepared.task
        hop_statements(task, task.sources[:1], task.targets[:1])
        if composition == "strict":
            choose(task.packed, task.sources[:1], np.zeros(1, np.int64), np.empty(0, np.int32))
        best_paths(prepared.engine, task, 1, prepared.watch, sample=0)
        with EachEnd(
            prepared.engine, task, open_targets=False, named=0, watch=prepared.watch
        ) as search:
            search.keys(task.sources)
    draw_estimate(prepared.engine, task, prepared.watch, Effort())


GROUPS: Final = MappingProxyType({"counting": _call_counting, "ranking": _call_ranking})
"""What is compiled side by side: no kernel is in two groups, and each takes half of the time."""
