"""Records -> snapshot: the whole build, from iterables to a directory that opens.

The steps: collect (`kg.tables`), sort into row order (`kg.columns`), write each part in that
order, hash, sync, rename (`kg.workplace`). Nothing that depends on the order of the input
survives the sorting, so equal content has an equal hash. After an error nothing
is left behind; a killed build leaves a directory that does not open, which the next build in the
same place clears away.

Memory at the peak is some 220 bytes an entity and 100 a bare statement (1.1 GB for 1 and 10
million). Texts go to spool files, disk for twice their size, whose mapped pages the system may
drop; identifiers and evidence add what `kg.tables` states for them.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from hashlib import file_digest, sha256
from pathlib import Path
from types import TracebackType

import msgspec
import numpy as np
from numpy.typing import NDArray

from kg.columns import (
    Columns,
    canonical_order,
    index_of,
    looked_up,
    plain_in_row_order,
)
from kg.entity_files import write_entities
from kg.entity_table import EntityTable
from kg.errors import DataError, SnapshotError
from kg.kernels.adjacency import note_first
from kg.metagraph import METAGRAPH, count_metagraph
from kg.model import Entity, Statement
from kg.naming import NAMES, NameWriter
from kg.postings import write_postings
from kg.progress import Cancel, Progress, watched
from kg.records import identifier_hash
from kg.schema import Schema
from kg.snapshot import FORMAT_VERSION, MANIFEST, SCHEMA, Counts, Manifest, Source, open_snapshot
from kg.tables import MAX_TERMS, StatementTable
from kg.texts import TextWriter
from kg.workplace import Workplace

__all__ = ["Build", "build_snapshot"]

HASH_LENGTH = 12

HASHED = (
    "subject.npy", "predicate.npy", "object.npy", "sign.npy", "doubt.npy", "inferred.npy",
    "category.npy", "in_row.npy",
    "entity_labels.bin", "entity_labels_ptr.npy", "entity_description.npy",
    "entity_descriptions.bin", "entity_descriptions_ptr.npy",
    "statement_identifiers.bin", "statement_identifiers_ptr.npy", "statement_claim.npy",
    "statement_claims.bin", "statement_claims_ptr.npy", SCHEMA,
)  # fmt: skip
"""The files that hold the content; all others follow from them."""


def build_snapshot(
    directory: Path,
    *,
    name: str,
    entities: Iterable[Entity],
    statements: Iterable[Statement],
    schema: Schema,
    sources: Sequence[Source] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write a graph as `directory/<hash>` and return that path; reused where it already stands.

    Entities of one CURIE are merged (`kg.tables.merged`); an end of a statement that is no
    entity becomes a bare one. Statements equal throughout are one; equal ones with different
    identifiers stay apart. A bare statement without an identifier gets `row-<row>`.

    Raises `DataError`, `Cancelled`. Both iterables are read once; O(k log k) for k statements.

    >>> from tempfile import TemporaryDirectory
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
        Path(directory), name, schema, sources=sources, progress=progress, cancel=cancel
    ) as build:
        for entity in watched("reading entities", entities, progress, cancel):
            build.entities.add(entity)
        for statement in watched("reading statements", statements, progress, cancel):
            build.statements.add(statement)
        return build.finish()


class Build:
    """A snapshot being made: fill `entities` and `statements` inside `with`, then `finish`.

    For tables of triples, `entities.codes` and `statements.add_rows` take whole columns.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Build(Path(folder), "tiny", Schema()) as build:
    ...     rows = build.entities.codes(["a:1", "a:2"])
    ...     binds = build.statements.predicates.code("binds")
    ...     build.statements.add_rows(
    ...         rows[:1], np.array([binds], np.uint16), rows[1:], np.zeros(1, np.int8))
    ...     open_snapshot(build.finish()).records.statement(0).id
    'row-0'
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        schema: Schema,
        *,
        sources: Sequence[Source] = (),
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> None:
        self._name = name
        self._schema = schema
        self._sources = tuple(sources)
        self._progress = progress
        self._cancel = cancel
        self._workplace = Workplace(directory)

    def __enter__(self) -> Build:
        self._path = self._workplace.open()
        self.entities = EntityTable(self._path)
        self.statements = StatementTable(self._path, self.entities)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.statements.close()
        self.entities.close()
        self._workplace.close()

    def finish(self, schema: Schema | None = None) -> Path:
        """Write all parts and put the directory in its place; returns its path.

        A `schema` given here stands for the one of the start.
        """
        columns = self.statements.finish()
        rows = self.entities.finish()
        schema = (schema or self._schema).completed(
            self.entities.categories, self.statements.predicates.listed
        )
        if max(len(schema.categories), len(schema.predicates)) > MAX_TERMS:
            raise DataError(self._name, None, f"it has more than {MAX_TERMS:,} terms of a kind")
        self._report("sorting statements", len(columns))
        with (  # sorting, indexing and names need next to no interpreter
            closing(NameWriter(self._path / NAMES)) as names,
            ThreadPoolExecutor(1) as beside,
        ):
            ordering = beside.submit(self._in_row_order, columns, rows, schema)
            category = write_entities(
                self._path, self.entities, schema, names,
                lambda done: self._report("writing entities", len(rows), done),
            )  # fmt: skip
            named = names.finish()
            columns = ordering.result()
            self._report("writing the index", len(columns))
            index = index_of(columns, category)
            index.save(self._path)
            self._write_identifiers(columns.identifier)
            evidence = self._write_claims(columns.claim)
            _write_json(self._path / SCHEMA, schema)
            _write_json(self._path / METAGRAPH, count_metagraph(index, schema))
            manifest = self._manifest(_counted(columns, category, evidence))
            named.result()
        for spool in self._path.glob("spool_*"):
            spool.unlink()
        return self._publish(manifest)

    def _in_row_order(self, columns: Columns, rows: NDArray[np.int32], schema: Schema) -> Columns:
        """Return the distinct statements in row order, numbered as in the snapshot.

        In `claim` stand the ranks of `StatementTable.claim_ranks`.
        """
        numbers = {predicate.id: i for i, predicate in enumerate(schema.predicates)}
        known = self.statements.predicates.listed
        predicate = np.array([numbers[text] for text in known], np.uint16)
        columns = replace(
            columns,
            subject=rows[columns.subject],
            predicate=predicate[columns.predicate],
            object=rows[columns.object],
            claim=looked_up(self.statements.claim_ranks(), columns.claim),
        )
        identifiers = self.statements.identifiers

        def ranks(codes: NDArray[np.int32]) -> NDArray[np.int64]:
            texts = [text for part in identifiers.taken(codes) for text in part]
            places = {text: place for place, text in enumerate(sorted(set(texts)))}
            return np.array([places[text] for text in texts], np.int64)

        plain = plain_in_row_order(columns, len(rows))
        if plain is not None:
            return plain
        return columns.taken(canonical_order(columns, len(rows), ranks))

    def _write_identifiers(self, identifier: NDArray[np.int32]) -> None:
        """Write the identifiers in row order, if there are any, and their look-up by hash.

        Raises `DataError` where two statements have the same one.
        """
        hashes = np.zeros(len(identifier), np.uint64)
        texts = self.statements.identifiers
        with TextWriter(self._path, "statement_identifiers") as writer:
            if identifier.any():
                parts = texts.taken(identifier)
                stage = watched(
                    "writing identifiers", (text for part in parts for text in part),
                    self._progress, self._cancel, len(identifier),
                )  # fmt: skip
                for row, text in enumerate(stage):
                    writer.append(text)
                    hashes[row] = identifier_hash(text) if text else 0
        rows = np.flatnonzero(identifier)
        rows = rows[np.argsort(hashes[rows], kind="stable")].astype(np.int32)
        ordered = hashes[rows]
        for place in np.flatnonzero(ordered[1:] == ordered[:-1]).tolist():
            first, second = (texts[identifier[rows[place + step]]] for step in (0, 1))
            if first == second:
                raise DataError(
                    self._name,
                    None,
                    f"two different statements are called {first.decode()!r}",
                    hint="Give each statement its own identifier, or none.",
                )
        np.save(self._path / "identifier_hash.npy", ordered)
        np.save(self._path / "identifier_row.npy", rows)

    def _write_claims(self, claim: NDArray[np.int32]) -> int:
        """Write claims, by ranks in row order, and postings; returns the pieces of evidence."""
        self._report("writing evidence", len(claim))
        table = self.statements
        ranks = table.claim_ranks()
        code = _first_places(ranks, int(ranks.max(initial=0)) + 1)
        first = _first_places(claim, len(code))
        used = np.flatnonzero(first < len(claim))
        used = used[np.argsort(first[used])]
        used = used[used > 0]
        number = np.zeros(len(code), np.int32)
        number[used] = np.arange(1, len(used) + 1, dtype=np.int32)
        with TextWriter(self._path, "statement_claims") as writer:
            writer.append(b"")
            for part in table.claims.taken(code[used]):
                writer.extend(part)
        stored = number[claim] if len(used) else np.empty(0, np.int32)
        np.save(self._path / "statement_claim.npy", stored)
        codes = code.astype(np.int32)[claim]
        write_postings(self._path, codes, table.terms.listed, table.claim_terms)
        return int(table.evidence_counts()[code] @ np.bincount(claim, minlength=len(code)))

    def _manifest(self, counts: Counts) -> Manifest:
        """Return the manifest of what is written, but for the sizes of its files."""
        self._report("hashing")
        head = Manifest(
            format_version=FORMAT_VERSION, name=self._name, hash="", sha256="", counts=counts,
            sources=self._sources,
        )  # fmt: skip
        digest = _content_digest(self._path, head)
        return msgspec.structs.replace(
            head,
            hash=digest[:HASH_LENGTH],
            sha256=digest,
            built_with=f"numpy {np.__version__}, python {platform.python_version()}",
        )

    def _publish(self, manifest: Manifest) -> Path:
        files = {path.name: path.stat().st_size for path in sorted(self._path.iterdir())}
        _write_json(self._path / MANIFEST, msgspec.structs.replace(manifest, files=files))
        return self._workplace.publish(self._path, manifest.hash, _opens)

    def _report(self, stage: str, total: int | None = None, done: int = 0) -> None:
        if self._cancel is not None:
            self._cancel.check()
        if self._progress is not None:
            self._progress(stage, done, total)


def _counted(columns: Columns, category: NDArray[np.uint16], evidence: int) -> Counts:
    return Counts(
        entities=len(category),
        statements=int(np.count_nonzero(columns.inferred == 0)),
        inferred=int(np.count_nonzero(columns.inferred)),
        negated=int(np.count_nonzero((columns.negated != 0) & (columns.inferred == 0))),
        evidence=evidence,
        categories=int(np.count_nonzero(np.bincount(category))),
        predicates=int(np.count_nonzero(np.bincount(columns.predicate))),
    )


def _first_places(values: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Return where each of 0 .. count-1 first stands among values, their number if nowhere."""
    first = np.full(count, len(values), np.int64)
    note_first(values, first)
    return first


def _content_digest(path: Path, head: Manifest) -> str:
    digest = sha256(msgspec.json.encode(head))
    for name in HASHED:
        with (path / name).open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _write_json(path: Path, value: msgspec.Struct) -> None:
    text = msgspec.json.encode(value, order="deterministic")
    path.write_bytes(msgspec.json.format(text, indent=1))


def _opens(path: Path) -> bool:
    try:
        open_snapshot(path)
    except SnapshotError:
        return False
    return True
