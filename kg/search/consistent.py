"""`context=consistent`: the best paths whose hops can all hold in one species.

A path is consistent where some species admits a statement of each hop: one that names it, or that
names none and so may hold in any. There is one search for each species that statements name, with
all other statements hidden (`species~=VALUE`), so that ranking, composition and the statements
shown are those of that species; a path that several admit is returned once, as it ranks best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from mechkg.kg.errors import QueryError
from mechkg.kg.model.cursor import read_cursor, write_cursor
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import NetEffect, PathResult
from mechkg.kg.model.values import Path
from mechkg.kg.search.context_filter import CONSISTENT
from mechkg.kg.search.contexts import firmest
from mechkg.kg.search.hierarchy import split_suffix
from mechkg.kg.search.net_effect import chain_of
from mechkg.kg.search.prepare import PreparedQuery
from mechkg.kg.search.verdict import Chain, decide
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["find_consistent", "without_consistent"]

MOST: Final = 1_000
"""Paths of one species that are merged, at most, beyond those of the page."""

SIGNS: Final = ("none", "raises", "lowers")
"""Effects in the order of an answer's counts; all others count as unknown."""


def find_consistent(
    prepared: PreparedQuery, query: PathQuery, find: Callable[[PathQuery], PathResult]
) -> PathResult:
    """Return the consistent paths of a query.

    Parameters
    ----------
    prepared : PreparedQuery
        The query without `consistent`; its names, closures and direct claims are used.
    query : PathQuery
        The query as it was given.
    find : callable
        Answers a query that does not ask for consistency.

    Returns
    -------
    PathResult
        One search for each species that statements name. Raises `QueryError` beside `diverse`,
        and what `find` raises.
    """
    if query.diverse:
        raise QueryError("diverse", f"cannot be combined with context={CONSISTENT}")
    version = prepared.snapshot.manifest.hash
    offset = read_cursor(query, version)
    closed = _pinned(prepared.closed.query, offset + query.limit + MOST)
    answers = [find(one) for one in _variants(prepared.snapshot, closed)]
    composed = [answer for answer in answers if answer.composition != "refused" and answer.total]
    answers = composed or answers
    merged = _merged(answers)
    exact = all(answer.complete for answer in answers)
    total = len(merged) if exact else max(len(merged), *(answer.total for answer in answers))
    page = tuple(merged[offset : offset + query.limit])
    end = offset + len(page)
    more = not exact or end < total
    late = any(answer.truncated_by == "time" for answer in answers)
    return PathResult(
        query=query,
        paths=page,
        net_effect=_net_effect(prepared, merged, exact=exact),
        complete=offset == 0 and not more,
        truncated_by="time" if late else "limit" if more or offset else None,
        total=total,
        total_is_exact=exact,
        cursor=write_cursor(query, version, end) if more and page else None,
        snapshot=version,
        bound=min((a.bound for a in answers if a.bound is not None), default=None),
        groundings=prepared.groundings(),
        closures=prepared.closures(page),
        composition=answers[0].composition,
        scorer=answers[0].scorer,
    )


def without_consistent(query: PathQuery) -> PathQuery:
    """Return the query without `consistent`, itself where it does not ask for that."""
    rest = tuple(text for text in query.context if text.casefold() != CONSISTENT)
    if len(rest) == len(query.context):
        return query
    return msgspec.structs.replace(query, context=rest)


def _pinned(query: PathQuery, limit: int) -> PathQuery:
    """Return a closed query whose ends no search widens further."""
    fields = {
        name: tuple(text if split_suffix(text)[1] else f"{text}!" for text in getattr(query, name))
        for name in ("source", "target")
    }
    return msgspec.structs.replace(query, **fields, limit=limit, cursor="")


def _variants(snapshot: Snapshot, query: PathQuery) -> list[PathQuery]:
    """Return the query for each species, the query itself where statements name none."""
    postings = snapshot.postings
    keys = [key.partition("=")[2] for key in postings.keys("qualifier:species=")]
    distinct = {postings.rows(f"qualifier:species={key}").tobytes(): key for key in keys}
    return [
        msgspec.structs.replace(
            query,
            context=(*query.context, f"species~={value}"),
            timeout=query.timeout / len(distinct),
        )
        for value in sorted(distinct.values())
    ] or [query]


def _merged(answers: Sequence[PathResult]) -> list[Path]:
    """Return the paths of all answers once, best first."""
    best: dict[tuple[str, ...], Path] = {}
    for answer in answers:
        for path in answer.paths:
            key = tuple(entity.id for entity in path.entities)
            if key not in best or path.score > best[key].score:
                best[key] = path
    return [best[key] for key in sorted(best, key=lambda k: (-best[k].score, len(k), k))]


def _net_effect(prepared: PreparedQuery, paths: Sequence[Path], *, exact: bool) -> NetEffect:
    counts = [0, 0, 0, 0]
    for path in paths:
        counts[SIGNS.index(path.effect) if path.effect in SIGNS else 3] += 1
    decision = decide(prepared.claims(), ())
    if decision.basis == "none" and not all(path.effect == "unknown" for path in paths):
        decision = decide((), [_chain(path) for path in paths[: prepared.weighed]])
    effect = prepared.worded(decision, counts, exact=exact)
    notes = [*prepared.notes(paths), "Only paths that can hold in one species count."]
    return msgspec.structs.replace(effect, sentence=" ".join([effect.sentence, *notes]))


def _chain(path: Path) -> Chain:
    best = [firmest(hop) for hop in path.hops]
    ids = [entity.id for entity in path.entities]
    return chain_of(ids, path.hops, best, path.effect, path.assumptions)
