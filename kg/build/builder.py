"""Records -> snapshot: the whole build, from iterables to a directory that opens.

The steps: collect (`kg.build.statement_table`), sort into row order (`kg.build.statement_columns`,
bare statements `kg.build.bare_statements`), write each part in that order, hash and sync it while
the next is written, rename (`kg.snapshot.staging`). Nothing that depends on the order of the input
survives the sorting, so equal content has an equal hash. After an error nothing is left behind; a
killed build leaves a directory that does not open, which the next build in the same place clears
away.

Memory at the peak, beside some 300 MB for program and blocks (400 where these are N-Triples): 200
bytes an entity and 20 a bare statement, of these at most 340 MB up to some 500 million, as beyond
16.8 million they go through files (more take 0.6 bytes each, see `kg.build.bare_statements`). Texts
go to spool files, whose mapped pages the system may drop; identifiers and evidence add what
`kg.build.statement_table` states for them. Disk while it works: the snapshot, some 45 bytes a bare
statement and 150 an entity, and once more the texts of the entities.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.bare_statements import BareRows, BareTable, write_bare
from mechkg.kg.build.corroborate import corroborate
from mechkg.kg.build.entity_table import EntityTable
from mechkg.kg.build.name_writer import NameWriter
from mechkg.kg.build.statement_columns import Columns, canonical_order, key_widths
from mechkg.kg.build.statement_table import MAX_TERMS, StatementTable
from mechkg.kg.build.write_entities import write_entities
from mechkg.kg.build.write_statements import (
    Written,
    chunks_of,
    write_claims,
    write_columns,
    write_identifiers,
)
from mechkg.kg.columns.closing import close_all
from mechkg.kg.columns.npy import looked_up, write_array
from mechkg.kg.errors import DataError, SnapshotError
from mechkg.kg.model.mechanisms import Mechanism
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Cancel, Progress, Watch, watched
from mechkg.kg.ranking.generic import is_classification
from mechkg.kg.snapshot import corroboration, curated
from mechkg.kg.snapshot.digests import self_digest
from mechkg.kg.snapshot.index import Index
from mechkg.kg.snapshot.metagraph import METAGRAPH, count_metagraph
from mechkg.kg.snapshot.name_keys import FOLDS, IDENTIFIERS, NAMES
from mechkg.kg.snapshot.records import SEMANTICS
from mechkg.kg.snapshot.snapshot import (
    FORMAT_VERSION,
    MANIFEST,
    SCHEMA,
    Counts,
    Manifest,
    Source,
    verify_snapshot,
)
from mechkg.kg.snapshot.staging import Parts, StagingDirectory

__all__ = ["CORROBORATED", "Build", "Corroborate", "build_snapshot"]

HASH_LENGTH = 12

HASHED = (
    "subject.npy", "predicate.npy", "object.npy", "sign.npy", "doubt.npy", "inferred.npy",
    "semantics.npy", SEMANTICS, "category.npy", "in_row.npy",
    "entity_labels.bin", "entity_labels_ptr.npy", "entity_description.npy",
    "entity_descriptions.bin", "entity_descriptions_ptr.npy",
    "statement_identifiers.bin", "statement_identifiers_ptr.npy", "statement_claim.npy",
    "statement_claims.bin", "statement_claims_ptr.npy", SCHEMA,
)  # fmt: skip
"""The files that hold the content; all others follow from them."""

STATEMENT_TEXTS: Final = (
    "statement_identifiers.bin", "statement_identifiers_ptr.npy", "identifier_hash.npy",
    "identifier_row.npy", "statement_claim.npy", "statement_claims.bin",
    "statement_claims_ptr.npy", "terms.bin", "terms_ptr.npy", "postings.npy", "postings_ptr.npy",
)  # fmt: skip

CORROBORATED: Final = 2_000_000
"""Statements of a graph that are corroborated unless a load says otherwise, at most."""

Corroborate = Literal["auto", "on", "off"]
"""Whether statements are corroborated; `auto` does it in graphs of at most `CORROBORATED`."""

LOOK: Final = 0.1
"""Seconds between two reports on the work of another thread."""

Result = TypeVar("Result")


def build_snapshot(
    directory: Path,
    *,
    name: str,
    entities: Iterable[Entity],
    statements: Iterable[Statement],
    schema: Schema,
    sources: Sequence[Source] = (),
    corroborate: Corroborate = "auto",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write a graph as `directory/<hash>` and return that path; reused where it already stands.

    Entities of one CURIE are merged (`kg.build.statement_table.merged`); an end of a statement that
    is no entity becomes a bare one. Statements equal throughout are one; equal ones with different
    identifiers stay apart. Those without an identifier that differ in evidence alone become one
    with the evidence of all, and get an identifier derived from what they say
    (`mechkg.kg.snapshot.statement_ids`).

    Raises `DataError`, `Cancelled`. Both iterables are read once; O(k log k) for k statements.

    >>> from tempfile import TemporaryDirectory
    >>> from mechkg.kg.snapshot.snapshot import open_snapshot
    >>> with TemporaryDirectory() as folder:
    ...     path = build_snapshot(
    ...         Path(folder), name="tiny", schema=Schema(),
    ...         entities=[Entity(id="CL:0000540", name="neuron", category="biolink:Cell")],
    ...         statements=[Statement(id="S1", subject="HGNC:4232", predicate="protects",
    ...                               object="CL:0000540", sign=1)])
    ...     snapshot = open_snapshot(path)
    ...     snapshot.manifest.counts.entities, snapshot.records.statement(0).object
    (2, 'CL:0000540')
    """
    with Build(
        Path(directory), name, schema, sources=sources, corroborate=corroborate,
        progress=progress, cancel=cancel,
    ) as build:  # fmt: skip
        build.statements.unites = True
        for entity in watched("reading entities", entities, progress, cancel):
            build.entities.add(entity)
        for statement in watched("reading statements", statements, progress, cancel):
            build.statements.add(statement)
        return build.finish()


class Build:
    """A snapshot being made: fill `entities` and `statements` inside `with`, then `finish`.

    For tables of triples, `entities.codes` and `statements.add_rows` take whole columns.

    >>> from tempfile import TemporaryDirectory
    >>> from mechkg.kg.snapshot.snapshot import open_snapshot
    >>> with TemporaryDirectory() as folder, Build(Path(folder), "tiny", Schema()) as build:
    ...     rows = build.entities.codes(["a:1", "a:2"])
    ...     binds = build.statements.predicates.code("binds")
    ...     build.statements.add_rows(
    ...         rows[:1], np.array([binds], np.uint16), rows[1:], np.zeros(1, np.int8))
    ...     open_snapshot(build.finish()).records.statement(0).id
    'a:1~binds~a:2~285b9f06e41a487b'
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        schema: Schema,
        *,
        sources: Sequence[Source] = (),
        corroborate: Corroborate = "auto",
        mechanisms: Sequence[Mechanism] = (),
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        self._name = name
        self._corroborate = corroborate
        self._mechanisms = tuple(mechanisms)
        self._schema = schema
        self._sources = tuple(sources)
        self._progress = progress
        self._cancel = cancel
        self._staging = StagingDirectory(directory)

    def __enter__(self) -> Build:
        self._path = self._staging.open()
        self.entities = EntityTable(self._path)
        self.statements = StatementTable(self._path, self.entities)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        close_all(self.statements, self.entities, self._staging)

    def finish(self, schema: Schema | None = None, sources: Sequence[Source] | None = None) -> Path:
        """Write all parts and put the directory in its place; returns its path.

        A `schema` and `sources` given here stand for those of the start.
        """
        if sources is not None:
            self._sources = tuple(sources)
        statements = [self.statements.finish()]
        rows = self.entities.finish()
        schema = (schema or self._schema).completed(
            self.entities.categories, self.statements.predicates.listed
        )
        if max(len(schema.categories), len(schema.predicates)) > MAX_TERMS:
            raise DataError(self._name, None, f"it has more than {MAX_TERMS:,} terms of a kind")
        self._report("sorting statements", len(statements[0]))
        with closing(Parts(self._path)) as parts:
            counts = self._write(statements, rows, schema, parts)
            for spool in self._path.glob("spool_*"):
                spool.unlink()
            return self._publish(self._manifest(counts, parts), parts)

    def _write(
        self,
        statements: list[Columns | BareTable],
        rows: NDArray[np.int32],
        schema: Schema,
        parts: Parts,
    ) -> Counts:
        """Write all files but the manifest; sorting and names run beside the rest.

        The one item of `statements` is taken out of it, so that none but the sorting holds it.
        """
        watch = Watch(self._cancel)
        with (
            closing(NameWriter(self._path)) as names,
            ThreadPoolExecutor(1) as beside,
            closing(watch),
        ):
            ordering = beside.submit(self._ordered, statements, rows, schema, parts, watch)
            category = write_entities(
                self._path, self.entities, schema, names, parts=parts,
                report=lambda done: self._report("writing entities", len(self.entities), done),
            )  # fmt: skip
            named = names.finish()
            written = self._written(self._waited(ordering, watch), category, parts)
            corroborating = beside.submit(self._corroborated, schema, parts, watch)
            evidence = self._write_texts(written, parts)
            self._write_json(SCHEMA, schema, parts)
            self._write_json(SEMANTICS, self.statements.semantics.ordered(), parts)
            if self._mechanisms:
                curated.write_curated(self._path, self._mechanisms)
                parts.done(curated.FILE)
            metagraph = count_metagraph(category, chunks_of(self._path), schema)
            self._write_json(METAGRAPH, metagraph, parts)
            self._waited(corroborating, watch)
            watch("indexing names", 0, len(self.entities))
            self._waited(named, watch)
            parts.done(NAMES, FOLDS, IDENTIFIERS)
        return Counts(
            entities=len(category),
            statements=len(written) - written.inferred,
            inferred=written.inferred,
            negated=written.negated,
            evidence=evidence,
            categories=int(np.count_nonzero(np.bincount(category))),
            predicates=written.predicates,
        )

    def _ordered(
        self,
        taken: list[Columns | BareTable],
        rows: NDArray[np.int32],
        schema: Schema,
        parts: Parts,
        watch: Watch,
    ) -> Columns | BareRows:
        """Return the distinct statements in row order; plain ones are written already.

        They are numbered as in the snapshot; in `claim` stand the ranks of
        `StatementTable.claim_ranks`.
        """
        places = {predicate.id: i for i, predicate in enumerate(schema.predicates)}
        known = self.statements.predicates.listed
        numbers = np.array([places[text] for text in known], np.uint16)
        statements = taken.pop()
        if isinstance(statements, BareTable):
            if any(key_widths(len(self.entities), int(numbers.max()) + 1)):
                return write_bare(self._path, statements, rows, numbers, parts=parts, watch=watch)
            statements = statements.columns()
        columns = replace(
            statements,
            subject=rows[statements.subject],
            predicate=numbers[statements.predicate],
            object=rows[statements.object],
            semantics=looked_up(self.statements.semantics.ranks(), statements.semantics),
            claim=looked_up(self.statements.claim_ranks(), statements.claim),
        )
        del statements  # half of it is in other numbers now
        identifiers = self.statements.identifiers

        def ranks(codes: NDArray[np.int32]) -> NDArray[np.int64]:
            texts = [text for part in identifiers.taken(codes) for text in part]
            found = {text: place for place, text in enumerate(sorted(set(texts)))}
            return np.array([found[text] for text in texts], np.int64)

        return columns.taken(canonical_order(columns, len(self.entities), ranks))

    def _corroborated(self, schema: Schema, parts: Parts, watch: Watch) -> None:
        """Corroborate the statements of the written index, if that is wanted."""
        index = Index.open(self._path)
        most = {"auto": CORROBORATED, "on": index.carrying, "off": -1}[self._corroborate]
        if index.carrying > most:
            return
        counted = np.array([not is_classification(p) for p in schema.predicates], np.bool_)
        m = index.carrying
        made = corroborate(
            index,
            counted[index.predicate[:m]] & (index.inferred[:m] == 0),
            report=lambda done: watch("corroborating statements", done, index.entities),
        )
        corroboration.write_corroborations(self._path, made)
        parts.done(*corroboration.FILES)

    def _waited(self, task: Future[Result], watch: Watch) -> Result:
        """Return what a thread has worked out; tells meanwhile how far it is."""
        while not wait([task], LOOK).done:
            if watch.seen is not None and not task.done():
                stage, done, total = watch.seen
                self._report(stage, total, done)
        return task.result()

    def _written(
        self, ordered: Columns | BareRows, category: NDArray[np.uint16], parts: Parts
    ) -> Written:
        """Write what is not written yet of the index."""
        self._report("writing the index", len(ordered))
        if isinstance(ordered, BareRows):
            write_array(self._path / "category.npy", category)
            parts.done("category.npy")
            return Written.of_bare(ordered, self.statements.claim_ranks())
        written = write_columns(self._path, ordered, category)
        parts.done(*(f"{field.name}.npy" for field in fields(Index)))
        return written

    def _write_texts(self, written: Written, parts: Parts) -> int:
        """Write identifiers and evidence; returns how many pieces of evidence there are."""
        write_identifiers(
            self._path, written.identifier, self.statements.identifiers, self._name,
            lambda texts: watched(
                "writing identifiers", texts, self._progress, self._cancel, len(written)
            ),
        )  # fmt: skip
        self._report("writing evidence", len(written))
        evidence = write_claims(self._path, written.claim, self.statements)
        parts.done(*STATEMENT_TEXTS)
        return evidence

    def _manifest(self, counts: Counts, parts: Parts) -> Manifest:
        """Return the manifest of what is written, but for the sizes of its files."""
        self._report("hashing")
        head = Manifest(
            format_version=FORMAT_VERSION, name=self._name, hash="", sha256="", counts=counts,
            sources=self._sources,
        )  # fmt: skip
        digest = _content_digest(parts, head)
        return msgspec.structs.replace(
            head,
            hash=digest[:HASH_LENGTH],
            sha256=digest,
            built_with=f"numpy {np.__version__}, python {platform.python_version()}",
        )

    def _publish(self, manifest: Manifest, parts: Parts) -> Path:
        files = {path.name: path.stat().st_size for path in sorted(self._path.iterdir())}
        digests = {name: parts.digest(name).hex() for name in files}
        manifest = msgspec.structs.replace(manifest, files=files, digests=digests)
        manifest = msgspec.structs.replace(manifest, digest=self_digest(manifest))
        self._write_json(MANIFEST, manifest, parts)
        return self._staging.publish(self._path, manifest.hash, _opens, parts.settled())

    def _write_json(
        self, name: str, value: msgspec.Struct | Sequence[msgspec.Struct], parts: Parts
    ) -> None:
        text = msgspec.json.encode(value, order="deterministic")
        (self._path / name).write_bytes(msgspec.json.format(text, indent=1))
        parts.done(name)

    def _report(self, stage: str, total: int | None = None, done: int = 0) -> None:
        if self._cancel is not None:
            self._cancel.check()
        if self._progress is not None:
            self._progress(stage, done, total)


def _content_digest(parts: Parts, head: Manifest) -> str:
    digest = sha256(msgspec.json.encode(head))
    for name in HASHED:
        digest.update(parts.digest(name))
    for name in (*corroboration.FILES, curated.FILE):  # answers are others where they are there
        if parts.has(name):
            digest.update(parts.digest(name))
    return digest.hexdigest()


def _opens(path: Path) -> bool:
    try:
        verify_snapshot(path)
    except SnapshotError:
        return False
    return True
