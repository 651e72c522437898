"""From files to a published snapshot: read, build, switch.

`READERS` is the table of what can be read: a file's suffix chooses its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from kg.builder import build_snapshot
from kg.catalogue import Catalogue
from kg.errors import DataError
from kg.model import Entity, Statement
from kg.progress import Progress, watched
from kg.schema import Schema
from kg.snapshot import Manifest, Source, open_snapshot
from ontology.rdf import read_graph

__all__ = ["READERS", "Content", "Reader", "load_files", "reader_of"]


class Content(Protocol):
    """What a reader gives: entities, statements, and the terms that these use."""

    @property
    def entities(self) -> Sequence[Entity]:
        """Things that statements are about."""

    @property
    def statements(self) -> Sequence[Statement]:
        """What is said."""

    @property
    def schema(self) -> Schema:
        """Categories and predicates."""


@dataclass(frozen=True)
class Reader:
    """A way to read files: its name for people, the suffixes that choose it, and what reads.

    `read` takes the files of one load and raises `DataError` with file, line and reason.
    """

    label: str
    suffixes: tuple[str, ...]
    read: Callable[[Sequence[Path]], Content]


READERS = (
    Reader("RDF", (".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".xml", ".jsonld"), read_graph),
)


def reader_of(file: Path) -> Reader:
    """Return the reader that a file's suffix chooses; raises `DataError` where there is none.

    >>> reader_of(Path("cells.ttl")).label
    'RDF'
    """
    for reader in READERS:
        if file.suffix.lower() in reader.suffixes or file.is_dir():
            return reader
    known = ", ".join(suffix for reader in READERS for suffix in reader.suffixes)
    raise DataError(
        str(file), None, f"no reader for the suffix {file.suffix!r}", hint=f"Known: {known}."
    )


def load_files(
    files: Sequence[Path], *, name: str, data: Path, progress: Progress | None = None
) -> Manifest:
    """Read files into one snapshot and publish it as `name`; returns its manifest.

    Raises `QueryError` for a name that cannot be one and `DataError` for a file that cannot be
    read; then, as after an interruption, what was published before is still published.
    """
    catalogue = Catalogue(data)
    directory = catalogue.directory(name)
    chosen: dict[Reader, list[Path]] = {}
    for file in files:
        chosen.setdefault(reader_of(file), []).append(file)
    contents = [
        reader.read(group)
        for reader, group in watched("reading files", chosen.items(), progress, total=len(chosen))
    ]
    path = build_snapshot(
        directory,
        name=name,
        entities=chain.from_iterable(content.entities for content in contents),
        statements=chain.from_iterable(content.statements for content in contents),
        schema=contents[0].schema,
        sources=[Source(name=file.name) for file in files],
        progress=progress,
    )
    catalogue.publish(name, path)
    return open_snapshot(path).manifest
