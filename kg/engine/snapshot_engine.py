"""A snapshot on this machine as an engine: what others are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.engine.contract import Columns, Degree, Expansion, Limits, Meter
from mechkg.kg.model.grounding import Grounding
from mechkg.kg.model.queries import SearchQuery
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.index import entries_of
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["SnapshotEngine"]

Rows = NDArray[np.int64]


class SnapshotEngine:
    """A snapshot behind the contract of `mechkg.kg.engine.contract.GraphEngine`.

    Only asserted statements are given, so a degree is that of the index.
    """

    def __init__(self, snapshot: Snapshot, limits: Limits | None = None) -> None:
        self._snapshot = snapshot
        self._limits = limits or Limits()

    @property
    def name(self) -> str:
        """The name of the graph."""
        return self._snapshot.manifest.name

    @property
    def schema(self) -> Schema:
        """Categories and predicates."""
        return self._snapshot.schema

    @property
    def least_doubt(self) -> float:
        """The least doubt of the statements that can carry a path."""
        index = self._snapshot.index
        return float(index.doubt[: index.carrying].min(initial=1.0))

    @property
    def is_bare(self) -> bool:
        """Whether statements say no more than their triple: no."""
        return False

    @property
    def limits(self) -> Limits:
        """What one request may hold."""
        return self._limits

    def close(self) -> None:
        """Leave the snapshot open: it is its owner's."""

    def version(self, meter: Meter) -> str:
        """Return the content hash of the snapshot; no request."""
        meter.check()
        return self._snapshot.manifest.hash

    def search(self, texts: Sequence[str], parameter: str, meter: Meter) -> list[Grounding]:
        """Return the one entity that each text names; raises as `Names.resolve` does."""
        self._count(meter, len(texts))
        return [self._snapshot.names.resolve(text, parameter)[1] for text in texts]

    def degrees(self, ids: Sequence[str], meter: Meter) -> list[Degree]:
        """Return the degrees of some entities; O(ids and their statements)."""
        self._count(meter, len(ids))
        rows = [self._snapshot.records.entity_row(curie) for curie in ids]
        return [Degree(0, 0) if row is None else self._degree(row) for row in rows]

    def _degree(self, row: int) -> Degree:
        out, into = self._entries(np.array([row], np.int64), np.array([row], np.int64))
        return Degree(len(out), len(into))

    def degree_table(self, meter: Meter) -> Mapping[str, Degree] | None:
        """Return the degrees of all entities that have statements; O(statements)."""
        index, records = self._snapshot.index, self._snapshot.records
        linked = np.flatnonzero(index.degree)
        self._count(meter, len(linked))
        return {records.curie(row): self._degree(row) for row in linked.tolist()}

    def expand(
        self,
        outward: Sequence[str],
        inward: Sequence[str],
        predicates: Sequence[str] | None,
        meter: Meter,
    ) -> Expansion:
        """Return the statements of some subjects and of some objects; O(their statements)."""
        out, into = self._entries(self._rows(outward), self._rows(inward))
        if predicates is not None:
            wanted = np.array([p.id in predicates for p in self.schema.predicates], np.bool_)
            column = self._snapshot.index.predicate
            out, into = out[wanted[column[out]]], into[wanted[column[into]]]
        self._count(meter, len(out) + len(into))
        return _Rows(self._snapshot, out, into)

    def statements(self, pairs: Sequence[tuple[str, str]], meter: Meter) -> list[Statement]:
        """Return the statements between pairs of entities, in either direction, by row."""
        rows = [self._rows(pair) for pair in pairs]
        found: set[int] = set()
        index = self._snapshot.index
        for pair in rows:
            if len(pair) == 2:
                out, into = self._entries(pair[:1], pair[:1])
                found.update(out[index.object[out] == pair[1]].tolist())
                found.update(into[index.subject[into] == pair[1]].tolist())
        self._count(meter, len(found))
        return [self._snapshot.records.statement(row) for row in sorted(found)]

    def entities(self, ids: Sequence[str], meter: Meter) -> list[Entity]:
        """Return some entities; raises `KeyError` for one that the graph lacks."""
        self._count(meter, len(ids))
        return [self._snapshot.records.entity(int(row)) for row in self._rows(ids)]

    def matches(self, text: str, limit: int, meter: Meter) -> list[tuple[str, str]]:
        """Return what a search by name finds, best first."""
        found = self._snapshot.names.search(SearchQuery(q=text, limit=limit)).matches
        self._count(meter, len(found))
        return [(match.id, match.matched) for match in found]

    def count_statements(self, meter: Meter) -> int:
        """Return how many statements are asserted of two different entities; O(statements)."""
        self._count(meter, 1)
        return len(self._kept(np.arange(self._snapshot.index.carrying)))

    def count_members(self, categories: Sequence[str], meter: Meter) -> int:
        """Return how many entities have one of some categories; O(entities)."""
        self._count(meter, 1)
        codes = [n for n, c in enumerate(self.schema.categories) if c.id in categories]
        return int(np.isin(self._snapshot.index.category, codes).sum())

    def _rows(self, ids: Sequence[str]) -> Rows:
        found = map(self._snapshot.records.entity_row, ids)
        return np.array([row for row in found if row is not None], np.int64)

    def _entries(self, subjects: Rows, objects: Rows) -> tuple[Rows, Rows]:
        """Return the rows of asserted statements of two entities: by subject, and by object."""
        index = self._snapshot.index
        out = entries_of(index.out_ptr, subjects)
        into = index.in_row[entries_of(index.in_ptr, objects)].astype(np.int64)
        return self._kept(out), self._kept(into)

    def _kept(self, rows: Rows) -> Rows:
        index = self._snapshot.index
        kept = (index.inferred[rows] == 0) & (index.subject[rows] != index.object[rows])
        return np.compress(kept, rows)

    def _count(self, meter: Meter, rows: int) -> None:
        meter.check()
        meter.count(rows=rows)


class _Rows:
    """Statements of a snapshot as an `Expansion`."""

    def __init__(self, snapshot: Snapshot, out: Rows, into: Rows) -> None:
        self._snapshot = snapshot
        self._all = np.concatenate([out, into])
        self.outward, self.inward = self._columns(out), self._columns(into)
        self.doubt: NDArray[np.float32] = snapshot.index.doubt[self._all]

    def _columns(self, rows: Rows) -> Columns:
        index, curie = self._snapshot.index, self._snapshot.records.curie
        names = [predicate.id for predicate in self._snapshot.schema.predicates]
        return Columns(
            [curie(row) for row in index.subject[rows].tolist()],
            [names[code] for code in index.predicate[rows].tolist()],
            [curie(row) for row in index.object[rows].tolist()],
        )

    def statements(self, positions: Iterable[int]) -> list[Statement]:
        """Return statements by position, with evidence."""
        return [self._snapshot.records.statement(int(self._all[i])) for i in positions]
