"""From files to a published snapshot: read, build, switch."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import current_thread, main_thread
from types import FrameType
from typing import Final

import click

from mechkg.kg import readers
from mechkg.kg.build import load as bulk
from mechkg.kg.build.builder import Corroborate
from mechkg.kg.build.mechanisms import read_mechanisms
from mechkg.kg.curation.log import LOG
from mechkg.kg.errors import Cancelled, QueryError, SnapshotError
from mechkg.kg.model.load_report import LoadReport
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.schema import Predicate
from mechkg.kg.progress import Cancel, Progress
from mechkg.kg.readers.content import LANGUAGES
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.formats import Format, recognise
from mechkg.kg.readers.predicates import read_predicates, with_predicates
from mechkg.kg.readers.split_headers import give_headers
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Manifest, open_snapshot
from mechkg.ontology.bundle import BUNDLE
from mechkg.ontology.rdf import readers as rdf_readers
from mechkg.ontology.rdf.predicates import read_predicates as rdf_predicates

__all__ = [
    "check_files",
    "declared_predicates",
    "formats",
    "free_name",
    "load_files",
    "rdf_files",
    "ready",
    "stoppable",
]


YAML: Final = frozenset({".yaml", ".yml"})
"""Suffixes of files of predicates that are no RDF."""


def formats() -> tuple[Format, ...]:
    """Return all that can be loaded, in the order in which a file is compared."""
    return (*readers.formats(), *rdf_readers.FORMATS)


def ready() -> None:
    """Compile what loading needs, where that was never done, and say so."""
    if not bulk.is_warm():
        click.echo(
            "Compiling the loading kernels; this is done once and takes half a minute.", err=True
        )
        bulk.warm(formats())


def load_files(
    files: Sequence[Path],
    *,
    name: str,
    data: Path,
    mappings: Sequence[Path] = (),
    predicates: Path | None = None,
    strict: bool = False,
    languages: Sequence[str] = LANGUAGES,
    corroborate: Corroborate = "auto",
    mechanisms: Sequence[Path] = (),
    feed: bulk.Feed | None = None,
    on_report: Callable[[LoadReport], None] = lambda _report: None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[bulk.Loaded, Manifest]:
    """Read files into one snapshot and publish it as `name`; returns what each gave.

    Raises `QueryError` for a name that cannot be one, or is that of the bundled ontology or of a
    graph that curators changed,
    `DataError` for files that cannot be loaded, `Cancelled`; after any of these, what was
    published before is still published.
    """
    catalogue = Catalogue(data)
    directory = free_name(catalogue, name)
    declared = declared_predicates(predicates) if predicates else ()
    schema = with_predicates(known_schema(), declared)
    loaded = bulk.load(
        files, directory, name=name, schema=schema, formats=formats(), mappings=mappings,
        strict=strict, languages=languages,
        corroborate=corroborate, mechanisms=read_mechanisms(mechanisms, schema, formats()),
        declared={predicate.id: predicates.name for predicate in declared} if predicates else {},
        feed=feed, on_report=on_report, progress=progress, cancel=cancel,
    )  # fmt: skip
    _make_store(catalogue, name, loaded.path, progress)
    if cancel is not None:
        cancel.check()
    catalogue.publish(name, loaded.path)
    return loaded, loaded.manifest


def free_name(catalogue: Catalogue, name: str) -> Path:
    """Return the directory of a graph that may be loaded; raises `QueryError` for its name."""
    directory = catalogue.directory(name)
    if name == BUNDLE:
        raise QueryError(
            "name",
            f"cannot be {BUNDLE!r}, which is kept for the bundled ontology",
            hint="Choose another name; the bundled ontology needs no loading.",
        )
    if (directory / LOG).exists():
        raise QueryError(
            "name",
            f"is that of a graph with changes of curators, which a load would leave out: {name!r}",
            hint=f"Load it under another name; to give the changes up, remove {LOG} there first.",
        )
    return directory


def _make_store(catalogue: Catalogue, name: str, path: Path, progress: Progress | None) -> None:
    """Make the RDF store of a version before it is served, where the one before it has one.

    So SPARQL never waits for it. One that cannot be made is left to the server, which says why.
    """
    # pyoxigraph: most loads make no store.
    from mechkg.ontology.sparql.store import build_store, find_store

    try:
        before = catalogue.path(name)
    except SnapshotError:
        return
    if find_store(before) is not None:
        with suppress(OSError, Cancelled):
            build_store(open_snapshot(path, check_bytes=0), progress)


def declared_predicates(path: Path) -> tuple[Predicate, ...]:
    """Return the predicates that a file of a user declares, in YAML or RDF; raises `DataError`."""
    if path.suffix.lower() in YAML:
        return read_predicates(path)
    return rdf_predicates(path)


def rdf_files(paths: Sequence[Path]) -> list[Path]:
    """Return those files that are read as RDF; raises `DataError` for one of no known format."""
    files = [SourceFile(path) for path in paths if not path.is_dir()]
    give_headers(files)
    return [file.path for file in files if recognise(file, formats()) in rdf_readers.FORMATS]


def check_files(
    files: Sequence[Path],
    *,
    strict: bool = False,
    on_report: Callable[[LoadReport], None] = lambda _report: None,
) -> None:
    """Read files as a load does, keep nothing, and report what a load would keep.

    Raises `DataError` for files that cannot be loaded.
    """
    with TemporaryDirectory() as folder:
        bulk.load(
            files, Path(folder), name="graph", schema=known_schema(), formats=formats(),
            strict=strict, corroborate="off", on_report=on_report,
        )  # fmt: skip


@contextmanager
def stoppable() -> Iterator[Cancel]:
    """Give a flag that the first Ctrl-C raises, so that work ends where nothing is half done.

    A second Ctrl-C ends it at once. Only the main thread of a process is told of such keys.
    """
    cancel = Cancel()
    if current_thread() is not main_thread():
        yield cancel
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        cancel.cancel()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
