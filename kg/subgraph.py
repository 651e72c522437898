"""Subgraphs with full entities and statements, as writers and pictures take them.

Negated statements are part of what a graph says and are kept; inferred ones are left out but in
`whole_graph`, where they come last, and where a path or a statement names them. Nothing is cut
short: what is larger than `at_most` statements is refused with `TooLarge`. With `cancel` the work
ends with `Cancelled` once that is raised, and so does whatever reads the subgraph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import TooLarge
from mechkg.kg.model.queries import OpenEndsQuery, PathQuery
from mechkg.kg.model.results import NeighbourhoodResult, OpenEndsResult, PathResult
from mechkg.kg.model.values import Entity, Path, PathMembers, Statement, Subgraph
from mechkg.kg.progress import FEW, Cancel, Progress, WatchedTuple, watched
from mechkg.kg.snapshot.index import entries_of
from mechkg.kg.writers.rows import GraphRows

if TYPE_CHECKING:
    from mechkg.kg.snapshot.snapshot import Snapshot, Source

__all__ = [
    "MAX_STATEMENTS",
    "chosen_subgraph",
    "entity_subgraph",
    "following",
    "induced_subgraph",
    "is_streamed",
    "neighbourhood_subgraph",
    "path_subgraph",
    "statement_subgraph",
    "subgraph_of",
    "whole_graph",
    "whole_rows",
]

Item = TypeVar("Item")

MAX_STATEMENTS = 250_000
"""Statements that a subgraph holds by default, at most: some 300 MB with their evidence."""


MAX_HELD = 20_000
"""Entities and statements of a graph that is written as a whole, whatever the format."""

STREAMED = 1 << 16
"""Rows that are numbered as Python integers at once."""


def subgraph_of(
    snapshot: Snapshot,
    entity_rows: Iterable[int] = (),
    statement_rows: Iterable[int] = (),
    title: str = "",
    *,
    sources: Iterable[int] = (),
    targets: Iterable[int] = (),
    cancel: Cancel | None = None,
) -> Subgraph:
    """Return entities and statements by row, in the order given, each once.

    `sources` and `targets` are entity rows. They come first, then the entities named, then the ends
    of the statements. O(result).
    """
    sources, targets = dict.fromkeys(map(int, sources)), dict.fromkeys(map(int, targets))
    index, records = snapshot.index, snapshot.records
    statements = list(dict.fromkeys(map(int, statement_rows)))
    entities = dict.fromkeys((*sources, *targets, *map(int, entity_rows)))
    ends = np.stack((index.subject[statements], index.object[statements]), axis=1)
    entities.update(dict.fromkeys(ends.ravel().tolist()))
    written = _read(records.statement, statements, cancel)
    return Subgraph(
        entities=_read(records.entity, list(entities), cancel),
        statements=written,
        title=title,
        snapshot=snapshot.manifest.hash,
        sources=tuple(map(records.curie, sources)),
        targets=tuple(map(records.curie, targets)),
        credits=_credits(written, snapshot.manifest.sources),
    )


def _read(
    read: Callable[[int], Item], rows: Sequence[int], cancel: Cancel | None
) -> tuple[Item, ...]:
    """Return the records of some rows."""
    found = WatchedTuple(map(read, watched("reading records", rows, cancel=cancel, every=FEW)))
    found.cancel = cancel
    return found if cancel is not None else tuple(found)


def path_subgraph(snapshot: Snapshot, result: PathResult, cancel: Cancel | None = None) -> Subgraph:
    """Return the union of the paths of an answer, with their first and last entities as ends."""
    return _union(snapshot, result.paths, result.query, cancel)


def open_ends_subgraph(
    snapshot: Snapshot, result: OpenEndsResult, cancel: Cancel | None = None
) -> Subgraph:
    """Return the union of the best paths of the ends of an answer, as `path_subgraph` does."""
    return _union(snapshot, [end.path for end in result.ends], result.query, cancel)


def _union(
    snapshot: Snapshot,
    paths: Sequence[Path],
    query: PathQuery | OpenEndsQuery,
    cancel: Cancel | None,
) -> Subgraph:
    """Return the union of some paths of a query, with their first and last entities as ends."""
    row_of = snapshot.records.entity_row
    found = subgraph_of(
        snapshot,
        _known(row_of(entity.id) for path in paths for entity in path.entities),
        _known(
            snapshot.records.statement_row(statement.id)
            for path in paths
            for hop in path.hops
            for statement in hop.statements
        ),
        title=f"{_counted(len(paths), 'path')} from {_listed(query.source)} "
        f"to {_listed(query.target)}",
        sources=_known(row_of(path.entities[0].id) for path in paths),
        targets=_known(row_of(path.entities[-1].id) for path in paths),
        cancel=cancel,
    )
    return msgspec.structs.replace(found, paths=tuple(map(_members, count(1), paths)))


def _members(rank: int, path: Path) -> PathMembers:
    return PathMembers(
        rank,
        path.score,
        tuple(entity.id for entity in path.entities),
        tuple(statement.id for hop in path.hops for statement in hop.statements),
    )


def neighbourhood_subgraph(
    snapshot: Snapshot, result: NeighbourhoodResult, cancel: Cancel | None = None
) -> Subgraph:
    """Return the entity of an answer, its members, their statements, and the negated ones."""
    records = snapshot.records
    statements = [s for member in result.neighbours for s in member.statements]
    entities = (result.entity, *(member.entity for member in result.neighbours))
    return subgraph_of(
        snapshot,
        _known(records.entity_row(entity.id) for entity in entities),
        _known(records.statement_row(s.id) for s in (*statements, *result.negated)),
        title=f"Neighbourhood of {result.entity.name}",
        sources=_known([records.entity_row(result.entity.id)]),
        cancel=cancel,
    )


def entity_subgraph(
    snapshot: Snapshot,
    row: int,
    *,
    at_most: int = MAX_STATEMENTS,
    cancel: Cancel | None = None,
) -> Subgraph:
    """Return an entity with the statements that it takes part in, negated ones last.

    Raises `TooLarge`. O(degree + negated statements of the graph).
    """
    index = snapshot.index
    outward = np.arange(index.out_ptr[row], index.out_ptr[row + 1])
    inward = index.in_row[index.in_ptr[row] : index.in_ptr[row + 1]].astype(np.int64)
    denied = (index.subject[index.carrying :] == row) | (index.object[index.carrying :] == row)
    rows = np.concatenate((outward, inward, np.flatnonzero(denied) + index.carrying))
    rows = rows[index.inferred[rows] == 0]
    _check_size(len(rows), at_most, "Ask for its neighbourhood, which comes in pages.")
    name = snapshot.records.name(row)
    return subgraph_of(snapshot, (), rows.tolist(), name, sources=[row], cancel=cancel)


def statement_subgraph(snapshot: Snapshot, row: int, cancel: Cancel | None = None) -> Subgraph:
    """Return a statement, its two entities, and all that it was derived from, step by step."""
    records = snapshot.records
    rows = {int(row): None}
    waiting = [int(row)]
    while waiting:
        claim = records.annotations(waiting.pop())
        new = [r for r in _known(map(records.statement_row, claim.derived_from)) if r not in rows]
        rows.update(dict.fromkeys(new))
        waiting += new
    index = snapshot.index
    return subgraph_of(
        snapshot,
        (),
        rows,
        records.statement_id(row),
        sources=[int(index.subject[row])],
        targets=[int(index.object[row])],
        cancel=cancel,
    )


def following(
    snapshot: Snapshot, statement: Statement, *, at_most: int = 5_000
) -> tuple[list[Statement], bool]:
    """Return the inferred statements that follow from a statement, and whether these are all.

    Those of its two entities are looked at first, then the others, `at_most` in all. O(statements).
    """
    index, records = snapshot.index, snapshot.records
    inferred = np.flatnonzero(index.inferred)
    ends = list(_known(map(records.entity_row, (statement.subject, statement.object))))
    around = np.isin(index.subject[inferred], ends) | np.isin(index.object[inferred], ends)
    rows = np.concatenate([inferred[around], inferred[~around]])
    found = [snapshot.statement(int(row)) for row in rows[:at_most]]
    return [one for one in found if statement.id in one.derived_from], len(rows) <= at_most


def chosen_subgraph(
    snapshot: Snapshot,
    sources: Sequence[int],
    statements: Sequence[int],
    title: str = "",
    targets: Sequence[int] = (),
    *,
    cancel: Cancel | None = None,
) -> Subgraph:
    """Return exactly these statements with their ends, and these entities; all are rows."""
    title = title or _counted(len(set(statements)), "statement")
    ends = {"sources": sources, "targets": targets}
    return subgraph_of(snapshot, (), statements, title, **ends, cancel=cancel)


def induced_subgraph(
    snapshot: Snapshot,
    sources: Sequence[int],
    title: str = "",
    targets: Sequence[int] = (),
    *,
    at_most: int = MAX_STATEMENTS,
    cancel: Cancel | None = None,
) -> Subgraph:
    """Return some entities and all statements between two of them, in row order.

    Raises `TooLarge`. O(statements that leave or enter the entities, whichever are fewer).
    """
    index = snapshot.index
    chosen = np.zeros(index.entities, np.bool_)
    chosen[[*sources, *targets]] = True
    wanted = np.flatnonzero(chosen)
    outward, inward = (
        int((ptr[wanted + 1] - ptr[wanted]).sum()) for ptr in (index.out_ptr, index.in_ptr)
    )
    if outward <= inward:
        found = entries_of(index.out_ptr, wanted)
        found = found[chosen[index.object[found]]]
    else:
        entry = entries_of(index.in_ptr, wanted)
        found = np.sort(index.in_row[entry[chosen[index.in_nbr[entry]]]].astype(np.int64))
    denied = chosen[index.subject[index.carrying :]] & chosen[index.object[index.carrying :]]
    found = np.concatenate((found, np.flatnonzero(denied) + index.carrying))
    found = found[index.inferred[found] == 0]
    _check_size(len(found), at_most, "Name fewer entities.")
    title = title or f"Statements between {_counted(len(wanted), 'entity', 'entities')}"
    ends = {"sources": sources, "targets": targets}
    return subgraph_of(snapshot, (), found.tolist(), title, **ends, cancel=cancel)


def whole_graph(
    snapshot: Snapshot,
    *,
    inferred: bool = True,
    at_most: int = MAX_STATEMENTS,
    cancel: Cancel | None = None,
) -> Subgraph:
    """Return every entity and statement: asserted, then negated, then inferred ones.

    An inferred statement shows itself by its `derived_from`. Raises `TooLarge`. O(graph).
    """
    rows = _whole(snapshot, inferred=inferred)
    _check_size(
        max(len(rows), snapshot.index.entities), at_most,
        "Ask for a part, or for a format that is written as a stream: ntriples, turtle, trig, "
        "jsonld, rdfxml, json, tsv, kgx-jsonl or kgx-tsv.",
    )  # fmt: skip
    everything = range(snapshot.index.entities)
    name = snapshot.manifest.name
    return subgraph_of(snapshot, everything, rows.tolist(), name, cancel=cancel)


def is_streamed(snapshot: Snapshot) -> bool:
    """Say whether the whole graph is written a row at a time where the format can."""
    return snapshot.index.entities + snapshot.index.statements > MAX_HELD


def whole_rows(snapshot: Snapshot, progress: Progress | None = None) -> GraphRows:
    """Return the rows of `whole_graph`, to be written without holding them. O(statements / 8)."""
    index, records, schema = snapshot.index, snapshot.records, snapshot.schema
    rows = _whole(snapshot, inferred=True)

    def entities() -> Iterator[Entity]:
        each = map(records.entity, range(index.entities))
        return watched("writing entities", each, progress, total=index.entities)

    def statements() -> Iterator[Statement]:
        parts = np.split(rows, range(STREAMED, len(rows), STREAMED))
        each = (records.statement(row) for part in parts for row in part.tolist())
        return watched("writing statements", each, progress, total=len(rows))

    def name(curie: str) -> str:
        row = records.entity_row(curie)
        return "" if row is None else records.name(row)

    categories = np.flatnonzero(np.bincount(index.category, minlength=1))
    predicates = np.flatnonzero(np.bincount(index.predicate, minlength=1))
    return GraphRows(
        title=snapshot.manifest.name,
        snapshot=snapshot.manifest.hash,
        entities=entities,
        statements=statements,
        name=name,
        categories=frozenset(schema.categories[code].id for code in categories.tolist()),
        predicates=frozenset(schema.predicates[code].id for code in predicates.tolist()),
        credits=lambda used: _credits_of(used, snapshot.manifest.sources),
    )


def _whole(snapshot: Snapshot, *, inferred: bool) -> NDArray[np.intp]:
    """Return all statement rows: asserted, then negated, then inferred ones."""
    derived = np.asarray(snapshot.index.inferred) != 0
    rows: NDArray[np.intp] = np.flatnonzero(~derived)
    return np.concatenate((rows, np.flatnonzero(derived))) if inferred else rows


def _credits(statements: Iterable[Statement], sources: Iterable[Source]) -> tuple[str, ...]:
    used = Counter(evidence.source for one in statements for evidence in one.evidence)
    return _credits_of(used, sources)


def _credits_of(used: Counter[str], sources: Iterable[Source]) -> tuple[str, ...]:
    """Name the sources of statements, the most used first, each with its licence if known.

    A statement's evidence gives its source as `infores:NAME`; the manifest has the source by
    that name, or by an address that ends in it.
    """
    known = {
        key.casefold(): source
        for source in sources
        for key in (source.url.rpartition("/")[2], source.name.partition(" (")[0])
    }
    return tuple(
        _credit(name, known.get(name.rpartition(":")[2].casefold()))
        for name, _ in sorted(used.items(), key=lambda one: (-one[1], one[0]))
    )


def _credit(name: str, source: Source | None) -> str:
    """Return `MechKG (CC BY 4.0)`: what a licence says beside its name stays in the manifest."""
    if source is None:
        return name
    licence = re.split(r"[;(]", source.licence)[0].strip()
    return source.name.partition(" (")[0] + (f" ({licence})" if licence else "")


def _check_size(found: int, at_most: int, hint: str) -> None:
    if found > at_most:
        raise TooLarge(f"It holds {found:,} statements; one answer carries {at_most:,}.", hint=hint)


def _known(rows: Iterable[int | None]) -> Iterable[int]:
    return (row for row in rows if row is not None)


def _counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:3])
    return shown if len(texts) <= 3 else f"{shown} and {len(texts) - 3} more"
