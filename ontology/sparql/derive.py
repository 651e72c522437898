"""The RDF store of a version that edits made: that of the version before, with what they changed.

The files of a store are never changed, so that a copy of one shares the large ones (hard links; a
database of RocksDB writes new files beside them). From the copy go the quads of what was edited, as
it was, and to it come those of what it is now. A triple that something else says as well stays.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import numpy as np
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.rebuild import own_rows
from mechkg.kg.errors import Cancelled
from mechkg.kg.model.values import Context
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.ontology.rdf.triples import text_of
from mechkg.ontology.rdf.vocabulary import (
    CONTEXT,
    EVIDENCE,
    GRAPH_INFERRED,
    MECHKG,
    RDF,
    STANDARD_PREFIXES,
    STATEMENT,
    Codec,
)
from mechkg.ontology.rdf.write import graph_quads, predicate_iri
from mechkg.ontology.sparql.counts import MAX_TERMS, Counts, read_counts
from mechkg.ontology.sparql.store import build_store, find_store, making, with_reifiers

__all__ = ["SMALL", "derive_store", "store_beside"]

SMALL: Final = 5_000
"""Statements of a graph whose store is made anew where it cannot be derived: some seconds."""

_LABEL: Final = NamedNode(MECHKG["contextLabel"])
_TYPE: Final = NamedNode(RDF["type"])


def store_beside(before: Snapshot, after: Snapshot, edits: Sequence[Edit]) -> None:
    """Make the store of a version that edits made, where the version before it has one.

    One that cannot be made, or that takes long, is left to who serves the graph, and says why it
    cannot: a change does not fail for it.
    """
    if find_store(before.path) is None:
        return
    with suppress(OSError, ValueError, RuntimeError, Cancelled):  # a damaged store
        if derive_store(before, after, edits) is None and after.index.statements <= SMALL:
            build_store(after)


def derive_store(before: Snapshot, after: Snapshot, edits: Sequence[Edit]) -> Path | None:
    """Make the store of `after` from that of `before`, and return its directory.

    None where the first is missing, or the versions differ in more than the edits and what our own
    reasoner inferred. It appears whole or not at all. Raises `OSError`, and `Cancelled` where
    another process makes it. O(edits and inferred statements), and O(degree) for each triple that
    goes.
    """
    found = find_store(after.path)
    source = find_store(before.path)
    if found is not None or source is None:
        return found
    changed = _Changed(before, after, edits)
    if not changed.is_all:
        return None
    with making(after) as (path, publish):
        copy_store(source, path)
        store = Store(str(path))
        counted = _Counted(read_counts(source))
        changed.apply(store, counted)
        store.flush()
        del store  # closes it
        return publish(counted.counts())


def copy_store(source: Path, target: Path) -> None:
    """Copy a store that nobody writes to into a directory; its tables are linked, where they can.

    A table is written once; of the rest, some kilobytes, RocksDB goes on with some files.
    """
    for file in source.iterdir():
        if file.name == "LOCK" or file.name.startswith("LOG"):
            continue
        if file.suffix == ".sst":
            with suppress(OSError):
                (target / file.name).hardlink_to(file)
                continue
        shutil.copyfile(file, target / file.name)


class _Changed:
    """What differs between two versions, as quads; `is_all` says whether that is all of it."""

    def __init__(self, before: Snapshot, after: Snapshot, edits: Sequence[Edit]) -> None:
        self._after = after
        self._codec = Codec(STANDARD_PREFIXES | after.schema.prefixes)
        names = {n for e in edits if e.statement_before or e.statement_after for n in e.names}
        names |= {s.records.statement_id(row) for s in (before, after) for row in own_rows(s)}
        curies = {n for e in edits if e.entity_before or e.entity_after for n in e.names}
        gone, come = (_rows(s, names, curies) for s in (before, after))
        self.is_all = before.schema == after.schema and all(
            old - len(lost) == new - len(made)
            for old, new, lost, made in (
                (before.index.statements, after.index.statements, gone[0], come[0]),
                (before.index.entities, after.index.entities, gone[1], come[1]),
            )
        )
        self._gone, self._come = (
            dict.fromkeys(_quads(s, *rows)) for s, rows in ((before, gone), (after, come))
        )
        self._curies = {
            NamedNode(self._codec.iri(end)): end
            for row in gone[0]
            for end in (before.records.curie(before.index.subject[row]),
                        before.records.curie(before.index.object[row]))
        } | {NamedNode(self._codec.iri(curie)): curie for curie in curies}  # fmt: skip

    def apply(self, store: Store, counted: _Counted) -> None:
        """Take out of a store what is no longer said, and put in what is said now."""
        gone = [quad for quad in self._gone if quad not in self._come]
        own = [quad for quad in gone if _is_own(quad)]
        for quad in own:
            store.remove(quad)
        shared = [q for q in gone if not _is_own(q) and not self._is_said(store, q)]
        for quad in shared:
            store.remove(quad)
        come = [q for q in self._come if q not in self._gone and q not in store]
        store.extend(come)
        counted.take((*own, *shared), -1)
        counted.take(come, 1)

    def _is_said(self, store: Store, quad: Quad) -> bool:
        """Say whether the new version says a triple that what was edited says no more."""
        if quad.predicate == _LABEL:
            return self._is_labelled(store, quad)
        row, end = self._row(quad.subject), self._row(quad.object)
        if row is None:
            return False
        described = (self._after.records.entity(row),)
        if quad in set(graph_quads(described, (), self._after.schema)):
            return True
        return end is not None and any(quad == said for said in self._direct(row, end))

    def _row(self, node: object) -> int | None:
        """Return the row of the entity that a node stands for in the new version."""
        if not isinstance(node, NamedNode):
            return None
        curie = self._curies.get(node) or self._codec.curie(node.value)
        return self._after.records.entity_row(curie)

    def _direct(self, row: int, end: int) -> Iterator[Quad]:
        """Yield the triples that statements between two entities say."""
        index, records, schema = self._after.index, self._after.records, self._after.schema
        first, last = index.out_ptr[row], index.out_ptr[row + 1]
        ends = [NamedNode(self._codec.iri(records.curie(entity))) for entity in (row, end)]
        for place in (np.flatnonzero(index.object[first:last] == end) + first).tolist():
            predicate = predicate_iri(schema.predicates[index.predicate[place]], self._codec)
            derived = bool(records.annotations(place).derived_from)
            graph = NamedNode(GRAPH_INFERRED) if derived else DefaultGraph()
            yield Quad(ends[0], NamedNode(predicate), ends[1], graph)

    def _is_labelled(self, store: Store, quad: Quad) -> bool:
        """Say whether a context that is left gives a term its label."""
        for used in store.quads_for_pattern(None, None, quad.subject, quad.graph_name):
            if CONTEXT.holds(used.predicate.value) and any(
                context.label == text_of(quad.object)
                and NamedNode(self._codec.iri(context.value)) == quad.subject
                for context in self._contexts(text_of(used.subject))
            ):
                return True
        return False

    def _contexts(self, node: str) -> Iterator[Context]:
        """Yield the contexts of the statement that a node is, or is evidence of."""
        name = node.removeprefix(STATEMENT.start)
        if EVIDENCE.holds(node):
            name = node.removeprefix(EVIDENCE.start).rpartition("-")[0]
        row = self._after.records.statement_row(unquote(name))
        if row is not None:
            statement = self._after.records.statement(row)
            yield from statement.context
            for piece in statement.evidence:
                yield from piece.context


class _Counted:
    """The counts of a store whose quads change."""

    def __init__(self, counts: Counts | None) -> None:
        self._known = counts is not None
        self._predicates = Counter(counts.predicates if counts else {})
        self._classes = Counter(counts.classes if counts else {})

    def take(self, quads: Sequence[Quad], number: int) -> None:
        """Count quads that came (1) or went (-1)."""
        for quad in quads:
            if quad.graph_name == DefaultGraph():
                self._predicates[quad.predicate.value] += number
                if quad.predicate == _TYPE:
                    self._classes[text_of(quad.object)] += number

    def counts(self) -> Counts | None:
        """Return the counts, None where they are not known or have too many terms."""
        predicates, classes = (
            {term: count for term, count in table.items() if count > 0}
            for table in (self._predicates, self._classes)
        )
        if not self._known or max(len(predicates), len(classes)) > MAX_TERMS:
            return None
        return Counts(sum(predicates.values()), predicates, classes)


def _rows(snapshot: Snapshot, names: set[str], curies: set[str]) -> tuple[list[int], list[int]]:
    """Return the rows of the statements and entities of some names that a version has."""
    records = snapshot.records
    statements = map(records.statement_row, sorted(names))
    entities = map(records.entity_row, sorted(curies))
    return [r for r in statements if r is not None], [r for r in entities if r is not None]


def _quads(snapshot: Snapshot, statements: list[int], entities: list[int]) -> Iterator[Quad]:
    records = snapshot.records
    return with_reifiers(
        graph_quads(
            map(records.entity, entities), map(records.statement, statements), snapshot.schema
        )
    )


def _is_own(quad: Quad) -> bool:
    """Say whether a quad is about a statement or its evidence, which nothing else says."""
    subject = text_of(quad.subject)
    return STATEMENT.holds(subject) or EVIDENCE.holds(subject)
