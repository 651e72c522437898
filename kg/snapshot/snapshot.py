"""A snapshot: one immutable, content-hashed directory that holds a graph.

::

    <hash>/
      manifest.json   name, hash, counts, sources, sizes and digests of all files; written last
      schema.json     categories, predicates, prefixes
      semantics.json  aspects, hedges and actions that statements have by code (kg.records)
      metagraph.json  counted joins of categories
      names.sqlite    names and synonyms (kg.names)
      name_*.npy      spellings of names, cross-references (kg.build.name_folds)
      corroboration*  routes that support statements, where they were counted (kg.corroboration)
      mechanisms.json curated mechanisms that the load was given, if any (kg.curated)
      *.npy, *.bin    the index (kg.index), texts (kg.records) and postings (kg.postings)

Opening checks the digests of the smaller files and maps the others unread; processes share the
pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from mechkg.kg.errors import SnapshotError
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement
from mechkg.kg.progress import Progress
from mechkg.kg.snapshot.corroboration import Corroborations, open_corroborations
from mechkg.kg.snapshot.curated import FILE as CURATED
from mechkg.kg.snapshot.curated import CuratedUses, curated_uses
from mechkg.kg.snapshot.digests import (
    CHECKED_BYTES,
    broken,
    check_files,
    check_sizes,
    self_digest,
)
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.names import Names
from mechkg.kg.snapshot.postings import Postings
from mechkg.kg.snapshot.records import Records

__all__ = [
    "FORMAT_VERSION",
    "MANIFEST",
    "SCHEMA",
    "Counts",
    "Manifest",
    "Snapshot",
    "Source",
    "open_snapshot",
    "verify_snapshot",
]

Made = TypeVar("Made")

FORMAT_VERSION = 3
MANIFEST = "manifest.json"
SCHEMA = "schema.json"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a graph's statements come from and under which licence they stand.

    >>> Source(name="Hetionet", version="1.0", licence="CC0-1.0").url
    ''
    """

    name: str
    version: str = ""
    url: str = ""
    licence: str = ""
    attribution: str = ""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much a graph holds.

    `statements` are those that sources make, `negated` how many of them deny; `inferred` ones,
    added by reasoning, are counted beside them. `evidence` counts pieces of evidence of all.
    """

    entities: int
    statements: int
    inferred: int
    negated: int
    evidence: int
    categories: int
    predicates: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot says of itself; `hash` is the start of `sha256`, the digest of its content.

    `files` gives the size in bytes of every other file of the directory, `digests` the SHA-256 of
    its content, and `digest` that of the manifest without this member.
    """

    format_version: int
    name: str
    hash: str
    sha256: str
    counts: Counts
    sources: tuple[Source, ...] = ()
    built_with: str = ""
    files: dict[str, int] = msgspec.field(default_factory=dict)
    digests: dict[str, str] = msgspec.field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An opened snapshot: its parts share one mapped index. Safe under threads and forks.

    `cached` keeps what others compute from it on first use for as long as it is open.
    """

    path: Path
    manifest: Manifest
    schema: Schema
    index: Index
    records: Records
    postings: Postings
    names: Names
    corroboration: Corroborations | None = None
    _cache: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    def statement(self, row: int) -> Statement:
        """Return a statement with its evidence and what the graph says of it; some microseconds."""
        found = self.records.statement(row)
        if self.corroboration is not None:
            found = msgspec.structs.replace(found, corroboration=self.corroboration.of(row))
        if (curated := self.curated) is not None and (use := curated.of(row)) is not None:
            found = msgspec.structs.replace(found, curated=use)
        return found

    @property
    def curated(self) -> CuratedUses | None:
        """Which statements curated mechanisms use; looked up on first use, None without any."""
        return self.cached(curated_uses) if self.has_curated else None

    @property
    def has_curated(self) -> bool:
        """Whether the load was given curated mechanisms."""
        return CURATED in self.manifest.files

    def cached(self, make: Callable[[Snapshot], Made]) -> Made:
        """Return `make(self)`, made on first use and kept as long as the snapshot is open.

        `make` is a class or a function of a module, which is also the key. Threads that ask at
        once may each call it; all get the same value.
        """
        value = self._cache.get(make)
        if value is None:
            value = self._cache.setdefault(make, make(self))
        return cast("Made", value)


def open_snapshot(path: Path, check_bytes: int = CHECKED_BYTES) -> Snapshot:
    """Open a snapshot directory, and check the digests of its smaller files.

    O(`check_bytes`), whatever the number of statements; `verify_snapshot` reads all. Raises
    `SnapshotError` where the directory is missing, was written by another format version, or has
    a file of another size or content than its manifest says.
    """
    # Resolved once, so that a switch of `current` never mixes two versions.
    path = Path(path).resolve()
    manifest = _manifest(path)
    check_sizes(path, manifest.files)
    check_files(path, manifest.files, manifest.digests, check_bytes)
    try:
        schema = msgspec.json.decode((path / SCHEMA).read_bytes(), type=Schema)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(path / SCHEMA, error) from error
    index = Index.open(path)
    counts = manifest.counts
    if (index.entities, index.statements) != (counts.entities, counts.statements + counts.inferred):
        raise broken(path, "its counts do not fit its index")
    records = Records(path, index, schema)
    return Snapshot(
        path=path,
        manifest=manifest,
        schema=schema,
        index=index,
        records=records,
        postings=Postings(path, index.statements),
        names=Names(path, index, records, schema, manifest.hash),
        corroboration=open_corroborations(path, index.carrying),
    )


def verify_snapshot(path: Path, progress: Progress | None = None) -> int:
    """Compare every file of a snapshot with its digest; returns the number of bytes read.

    Raises `SnapshotError` that names the first file whose content is another. O(bytes).
    """
    path = Path(path).resolve()
    manifest = _manifest(path)
    check_sizes(path, manifest.files)
    total = sum(manifest.files.values())

    def report(done: int) -> None:
        if progress is not None:
            progress("verifying files", done, total)

    done = check_files(path, manifest.files, manifest.digests, report=report)
    open_snapshot(path, check_bytes=0)
    return done


def _manifest(path: Path) -> Manifest:
    file = path / MANIFEST
    try:
        text = file.read_bytes()
    except OSError as error:
        raise SnapshotError(
            f"{path} is no snapshot: it has no readable {MANIFEST}.", hint="Load a graph first."
        ) from error
    try:
        version = msgspec.json.decode(text, type=_Version).format_version
        if version == FORMAT_VERSION:
            return _whole(file, msgspec.json.decode(text, type=Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(file, error) from error
    raise SnapshotError(
        f"{path} has format version {version}, this program reads {FORMAT_VERSION}.",
        hint="Load the graph again.",
    )


def _whole(file: Path, manifest: Manifest) -> Manifest:
    if manifest.digest != self_digest(manifest):
        raise broken(file, "its content has changed since it was written")
    return manifest


class _Version(msgspec.Struct):
    format_version: int
