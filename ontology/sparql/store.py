"""The RDF store of a snapshot: an Oxigraph database that follows from the graph and is only read.

::

    <snapshot>/sparql/
      <digest>/       the store, never changed; named by the code that writes it
      <digest>.json   what it has of each predicate and class (`counts`)
      building        locked by the process that makes it; says how far it is

A statement is a direct triple and a `biolink:Association` node. What follows by reasoning is
in the named graph `https://w3id.org/mechkg/graph/inferred`, all else in the default graph. The
store of the bundled ontology holds its files as they are written, sentences and axioms included.
A graph of its own says of each statement which triple it reifies (RDF 1.2), for queries with
`<< >>` or `{| |}`; others do not see it.

Run as `python -m mechkg.ontology.sparql.store SNAPSHOT` it makes the store, unless another process
does. With `--for-parent` it gives up when its standard input ends, as it does with the process that
started it. It exits with 3 where it gave way, and with 4 where the system would not let it.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from mechkg.kg.errors import Cancelled
from mechkg.kg.progress import Cancel, Progress, watched
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.snapshot.staging import StagingDirectory
from mechkg.ontology.bundle import is_bundle
from mechkg.ontology.compile_bundle import bundled_quads
from mechkg.ontology.rdf.vocabulary import BIOLINK, RDF
from mechkg.ontology.rdf.write import graph_quads
from mechkg.ontology.sparql.counts import Counts, count_store, write_counts

__all__ = [
    "GRAPH_REIFIED", "build_store", "building", "find_store", "main", "making", "with_reifiers",
]  # fmt: skip

GRAPH_REIFIED: Final = "https://w3id.org/mechkg/graph/reified"
_REIFIED: Final = NamedNode(GRAPH_REIFIED)
_REIFIES: Final = NamedNode(RDF["reifies"])
_PARTS: Final = (BIOLINK["subject"], BIOLINK["predicate"], BIOLINK["object"])

SIDE: Final = "sparql"
MARK: Final = "building"

PARTING_SECONDS: Final = 2.0
"""Until a process whose parent is gone ends in whatever it does; what it leaves does not count."""


def find_store(snapshot: Path) -> Path | None:
    """Return the store of a snapshot directory, None where it has not been made yet."""
    path = snapshot / SIDE / _digest()
    return path if path.is_dir() else None


def building(snapshot: Path) -> str:
    """Return how far the store that is being made is (`"40 %"`), an empty text if none is."""
    try:
        descriptor = os.open(snapshot / SIDE / MARK, os.O_RDWR)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.read(descriptor, 40).decode() or "0 %"
    finally:
        os.close(descriptor)
    return ""


def build_store(snapshot: Snapshot, progress: Progress | None = None) -> Path:
    """Make the store of a snapshot and return its directory, or the one that is there.

    It appears whole, by one rename, or not at all. Raises `Cancelled` where another process is
    at it. About 0.6 s for the bundled ontology and 2 minutes for a million statements, some
    15 triples a statement; memory does not grow with the graph.
    """
    found = find_store(snapshot.path)
    if found is not None:
        return found
    with making(snapshot) as (path, publish):
        mark = snapshot.path / SIDE / MARK
        return publish(_fill(path, snapshot, progress, mark))


@contextmanager
def making(snapshot: Snapshot) -> Iterator[tuple[Path, Callable[[Counts | None], Path]]]:
    """Hold the making of the store of a snapshot; gives a directory for it, and what publishes it.

    What publishes takes the counts of the store and returns its directory. Raises `Cancelled` where
    another process makes it.
    """
    directory = snapshot.path / SIDE
    directory.mkdir(exist_ok=True)
    lock = os.open(directory / MARK, os.O_RDWR | os.O_CREAT, 0o644)
    staging = StagingDirectory(directory)

    def publish(counts: Counts | None) -> Path:
        if counts is not None:
            write_counts(directory / _digest(), counts)
        return staging.publish(path, _digest(), Path.is_dir)

    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Cancelled("Another process makes this store.") from None
        path = staging.open()
        yield path, publish
    finally:
        staging.close()
        os.close(lock)


def _fill(path: Path, snapshot: Snapshot, progress: Progress | None, mark: Path) -> Counts | None:
    def report(stage: str, done: int, total: int | None) -> None:
        far = f"{100 * done // max(total or 1, 1):3} %"
        with mark.open("r+") as file:
            file.write(far)
        if progress is not None:
            progress(stage, done, total)

    store = Store(path)
    written = bundled_quads() if is_bundle(snapshot.path) else _quads(snapshot, report)
    store.bulk_extend(with_reifiers(written))
    store.optimize()
    store.flush()
    return count_store(store)


def with_reifiers(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield quads, and after each statement's node the triple that it reifies.

    Parts of a statement follow each other, so that few are waited for. A statement that is not
    asserted (negated) has its triple there, too: that a triple is reified does not assert it.
    """
    parts: dict[NamedNode | BlankNode | Triple, dict[str, Any]] = {}
    for quad in quads:
        yield quad
        if quad.predicate.value in _PARTS:
            known = parts.setdefault(quad.subject, {})
            known[quad.predicate.value] = quad.object
            if len(known) == len(_PARTS):
                del parts[quad.subject]
                triple = Triple(*(known[part] for part in _PARTS))
                yield Quad(quad.subject, _REIFIES, triple, _REIFIED)


def _quads(snapshot: Snapshot, progress: Progress) -> Iterator[Quad]:
    """Yield all that a snapshot says, a row at a time."""
    records, index = snapshot.records, snapshot.index
    entities = map(records.entity, range(index.entities))
    statements = map(records.statement, range(index.statements))
    told = watched("writing triples", statements, progress, total=index.statements)
    return graph_quads(entities, told, snapshot.schema)


@cache
def _digest() -> str:
    """Return a hash of the code that a store follows from."""
    digest = sha256(version("pyoxigraph").encode())
    code = Path(__file__).parents[1].glob("rdf/**/*.py")
    for path in (*sorted(code), Path(__file__)):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def main() -> None:
    """Make the store of the snapshot directory that the first argument names."""
    cancel = Cancel()
    if "--for-parent" in sys.argv[2:]:
        threading.Thread(target=_follow_parent, args=(cancel,), daemon=True).start()

    def report(stage: str, done: int, total: int | None) -> None:  # noqa: ARG001 - Progress
        cancel.check()

    try:
        build_store(open_snapshot(Path(sys.argv[1])), report)
    except Cancelled:
        sys.exit(3)
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        sys.exit(4)


def _follow_parent(cancel: Cancel) -> None:
    """Stop the work when the pipe from the parent ends; at the latest a few seconds later."""
    while os.read(0, 1024):  # unbuffered: a lock on `sys.stdin` would abort the process at its end
        pass
    cancel.cancel()
    time.sleep(PARTING_SECONDS)
    os._exit(3)  # the store's own code does not look at the flag


if __name__ == "__main__":
    main()
