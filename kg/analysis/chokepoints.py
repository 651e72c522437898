"""`find_chokepoints`: dominators and most used entities and statements of the paths of a query.

An entity that all paths from the sources to the targets lead through dominates the targets
(Prosser 1959, Lowry and Medlock 1969) among the admissible paths; one that most of them lead
through is listed with its share. Counted over all paths, so that every constraint counts.
"""

from __future__ import annotations

import numpy as np

from mechkg.kg.analysis.all_paths import PathSet, enumerate_paths, hops_of
from mechkg.kg.model.nouns import listed
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import Chokepoint, Chokepoints, StatementChokepoint
from mechkg.kg.progress import Cancel
from mechkg.kg.search.sentences import capitalised, noun_phrase
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["find_chokepoints"]


def find_chokepoints(
    snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None
) -> Chokepoints:
    """Return the entities and statements that most paths of a query lead through, at most `limit`.

    Cursor and `diverse` are ignored. Raises and costs what `enumerate_paths` does.
    """
    found = enumerate_paths(snapshot, query, cancel)
    entities, through = _entities(snapshot, found, query.limit)
    statements, statements_through = _statements(snapshot, found, query.limit)
    listed = len(entities) == through and len(statements) == statements_through
    return Chokepoints(
        query=query,
        entities=entities,
        statements=statements,
        through=through,
        statements_through=statements_through,
        sentence=" ".join([_sentence(found, entities, through), *found.prepared.notes()]),
        complete=found.exact and listed,
        truncated_by=found.truncated_by or (None if listed else "limit"),
        total=found.total,
        total_is_exact=found.exact,
        snapshot=snapshot.manifest.hash,
        groundings=found.prepared.groundings(),
        closures=found.prepared.closures(),
    )


def _entities(snapshot: Snapshot, found: PathSet, limit: int) -> tuple[tuple[Chokepoint, ...], int]:
    """Return the entities with the most paths, then by identifier, and how many there are."""
    places, rows = found.inner
    distinct, where = np.unique(rows, return_inverse=True)
    by_sign = np.zeros((len(distinct), 4), np.int64)
    np.add.at(by_sign, (where, found.signs[places]), 1)
    paths = by_sign.sum(axis=1)
    records, total = snapshot.records, len(found.keys)
    order = sorted(range(len(distinct)), key=lambda i: (-paths[i], records.curie(int(distinct[i]))))
    listed = []
    for i in order[:limit]:
        neutral, supports, opposes, unknown = by_sign[i].tolist()
        listed.append(
            Chokepoint(
                entity=records.path_entity(int(distinct[i])),
                paths=int(paths[i]),
                share=int(paths[i]) / total,
                cut=found.exact and int(paths[i]) == total,
                supports=supports,
                opposes=opposes,
                neutral=neutral,
                unknown=unknown,
            )
        )
    return tuple(listed), len(distinct)


def _statements(
    snapshot: Snapshot, found: PathSet, limit: int
) -> tuple[tuple[StatementChokepoint, ...], int]:
    """Return the statements with the most paths, and how many there are."""
    hops = hops_of(found)
    uses = np.bincount(hops.place, minlength=len(hops.ends))
    parallel = np.diff(hops.ptr)
    of_hop = np.repeat(np.arange(len(parallel)), parallel)
    rows = np.where(hops.refs < 0, ~hops.refs, hops.refs)
    distinct, where = np.unique(rows, return_inverse=True)
    paths, sole = np.zeros((2, len(distinct)), np.int64)
    np.add.at(paths, where, uses[of_hop])
    np.add.at(sole, where, np.where(parallel == 1, uses, 0)[of_hop])
    records, index, total = snapshot.records, snapshot.index, len(found.keys)
    order = sorted(
        range(len(distinct)),
        key=lambda i: (-paths[i], -sole[i], records.statement_id(int(distinct[i]))),
    )
    listed = []
    for i in order[:limit]:
        row = int(distinct[i])
        listed.append(
            StatementChokepoint(
                id=records.statement_id(row),
                subject=records.path_entity(int(index.subject[row])),
                predicate=snapshot.schema.predicates[int(index.predicate[row])].id,
                object=records.path_entity(int(index.object[row])),
                paths=int(paths[i]),
                share=int(paths[i]) / total,
                sole=int(sole[i]),
                cut=found.exact and int(sole[i]) == total,
            )
        )
    return tuple(listed), len(distinct)


def _sentence(found: PathSet, entities: tuple[Chokepoint, ...], through: int) -> str:
    total = len(found.keys)
    if not total:
        return found.prepared.net_effect(found.counts.tolist(), exact=found.exact).sentence
    sources, targets = found.prepared.end_names()
    ends = f"from {sources} to {targets}"
    cuts = [noun_phrase(one.entity)[0] for one in entities if one.cut]
    one = total == 1
    every = "the only path" if one else "both paths" if total == 2 else f"all {total:,} paths"
    every = every if found.exact else f"the {total:,} best paths"
    if not through:
        return capitalised(f"{every} {ends} join{'s' if one else ''} them directly.")
    if cuts:
        return capitalised(f"{every} {ends} lead{'s' if one else ''} through {listed(cuts)}.")
    most = entities[0]
    return (
        f"Of {every} {ends}, no entity lies on each; the most, "
        f"{most.paths:,} ({most.share:.0%}), lead through {noun_phrase(most.entity)[0]}."
    )
