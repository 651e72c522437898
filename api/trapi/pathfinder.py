"""Pathfinder: the best paths between two entities, whatever way their statements point.

All of `mechkg.kg.find_paths` holds: the answer is exact, a path's entities are distinct, statements
between the same two entities stay together. What TRAPI adds:

- paths are undirected, and `predicates` filters nothing;
- each item of `constraints` is a search of its own, whose categories must all stand between the
  ends; the answer holds the best of all these searches (any one of them may admit a path);
- a direct edge is a path, whatever its predicate, unless a constraint asks for something between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any, Final

import msgspec
from msgspec import UNSET

from mechkg.api.trapi.biolink import terms_of
from mechkg.api.trapi.deadline import Late
from mechkg.api.trapi.edges import INFORES, Attribute
from mechkg.api.trapi.knowledge_graph import Knowledge
from mechkg.api.trapi.lookup import Found
from mechkg.api.trapi.types import (
    Analysis,
    AuxiliaryGraph,
    Binding,
    Parameters,
    PathConstraint,
    QNode,
    QPath,
    Result,
)
from mechkg.kg.errors import QueryError, TooLarge
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import PathResult
from mechkg.kg.model.values import Path
from mechkg.kg.search.compile_query import MAX_VIA
from mechkg.kg.search.find_paths import find_paths
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MOST_PAIRS", "find"]

MOST_PAIRS: Final = 25
"""Pairs of ends of one question, each a result of its own."""

MOST_SEARCHES: Final = 32
"""Searches for one pair of ends: one for each item of `constraints`."""

DEFAULT_LIMIT: Final = 100

METHOD: Final = (
    "mechkg {scorer}: the sum of value * weight over the parts in mechkg:score_parts; 0 at best"
)


def find(
    knowledge: Knowledge,
    nodes: Mapping[str, QNode],
    paths: Mapping[str, QPath],
    parameters: Parameters,
    seconds: float,
) -> Found:
    """Return one result for each pair of ends that paths join, its analyses best first.

    Raises what `kg.find_paths` raises, `TooLarge`, and `Late` where time runs out before any path
    is found.
    """
    ((key, asked),) = paths.items()
    snapshot = knowledge.snapshot
    sides = asked.subject, asked.object
    known, unknown = [], {}
    for which, side in zip(("subject", "object"), sides, strict=True):
        texts = _end(nodes, key, asked, which)
        known.append([t for t in texts if snapshot.records.entity_row(t) is not None])
        if absent := [t for t in texts if t not in known[-1]]:
            unknown[side] = absent
    pairs = [(source, target) for source in known[0] for target in known[1]]
    if len(pairs) > MOST_PAIRS:
        raise TooLarge(f"The path has {len(pairs)} pairs of ends; {MOST_PAIRS} is the most.")
    terms_of(snapshot).walked(asked.predicates, f"paths.{key}.predicates")
    queries, limit = _queries(snapshot, key, asked, parameters)
    scorer = queries[0].scorer if queries else ""
    found = Found([], knowledge, 0, unknown)
    for ends in pairs:
        if ends[0] == ends[1]:
            raise QueryError(f"paths.{key}", f"leads from {ends[0]} to itself")
        searched, direct = _search(snapshot, queries, ends, seconds / len(pairs))
        if paths_found := _best(snapshot, found, searched, direct)[:limit]:
            bindings = {w: Binding([e]) for w, e in zip(sides, ends, strict=True)}
            analyses = [_analysis(knowledge, key, path, scorer) for path in paths_found]
            found.results.append(Result(bindings, analyses))
    if found.cut_by_time and not found.results:
        raise Late
    return found


def _end(nodes: Mapping[str, QNode], key: str, asked: QPath, which: str) -> tuple[str, ...]:
    name = getattr(asked, which)
    if name not in nodes:
        raise QueryError(f"paths.{key}.{which}", f"names no node: {name!r}")
    if not nodes[name].ids:
        raise QueryError(f"nodes.{name}.ids", "must be given: both ends of a path are pinned")
    if nodes[name].set_interpretation != "BATCH":
        raise QueryError(
            f"nodes.{name}.set_interpretation", "can only be BATCH at the end of a path"
        )
    return tuple(dict.fromkeys(nodes[name].ids))


def _queries(
    snapshot: Snapshot, key: str, asked: QPath, parameters: Parameters
) -> tuple[list[PathQuery], int]:
    """Return one search for each way to stand the constraints, ends to be filled in, and a limit.

    There is none where a constraint asks for what the graph does not have.
    """
    fields: dict[str, Any] = {"limit": DEFAULT_LIMIT, "max_hops": 3}
    for name in ("min_hops", "max_hops", "limit", "via", "avoid", "scorer"):
        own, general = getattr(asked, name), getattr(parameters, name)
        if (value := general if own is UNSET else own) is not UNSET:
            fields[name] = value
    generic = parameters.generic if asked.generic is UNSET else asked.generic
    if generic is True:
        fields["predicate"] = tuple(p.id for p in snapshot.schema.predicates)
    if fields.setdefault("min_hops", 1) > fields["max_hops"]:
        raise QueryError(
            f"paths.{key}.min_hops",
            f"must not exceed max_hops ({fields['min_hops']} > {fields['max_hops']})",
        )
    via = fields.pop("via", ())
    base = PathQuery(source=("?",), target=("?",), direction="undirected", **fields)
    if not asked.constraints:
        return [msgspec.structs.replace(base, via=via)], base.limit
    ways = list(islice(_ways(snapshot, key, asked.constraints), MOST_SEARCHES + 1))
    if len(ways) > MOST_SEARCHES:
        raise TooLarge(f"The constraints make more than {MOST_SEARCHES} searches.")
    if any(len(way) + len(via) > MAX_VIA for way in ways):
        raise QueryError(
            f"paths.{key}.constraints", f"ask for more than {MAX_VIA} things between the ends"
        )
    return [msgspec.structs.replace(base, via=(*via, *way)) for way in ways], base.limit


def _ways(
    snapshot: Snapshot, key: str, constraints: Iterable[PathConstraint]
) -> Iterator[tuple[str, ...]]:
    """Yield the categories that must stand between the ends, in the graph's own terms.

    A Biolink term that the graph does not have is any of the highest that it has below it.
    """
    terms = terms_of(snapshot)
    for number, constraint in enumerate(constraints):
        where = f"paths.{key}.constraints[{number}]"
        asked = constraint.required_intermediate_categories + constraint.intermediate_categories
        if not asked:
            raise QueryError(where, "asks for nothing: name required_intermediate_categories")
        roots = [terms.category_roots(text, where) for text in dict.fromkeys(asked)]
        yield from product(*roots)


def _search(
    snapshot: Snapshot, queries: list[PathQuery], ends: tuple[str, str], seconds: float
) -> tuple[list[PathResult], PathResult | None]:
    """Return the answers of all searches between two ends, and the direct edges of any kind."""
    part = max(seconds / max(1, len(queries)), 1e-3)
    fill = {"source": ends[:1], "target": ends[1:], "timeout": part}
    asked = [msgspec.structs.replace(query, **fill) for query in queries]
    found = [find_paths(snapshot, query) for query in asked]
    if not asked or asked[0].via or asked[0].predicate or asked[0].min_hops > 1:
        return found, None
    every = tuple(p.id for p in snapshot.schema.predicates)
    direct = msgspec.structs.replace(asked[0], max_hops=1, predicate=every)
    return found, find_paths(snapshot, direct)


def _best(
    snapshot: Snapshot, found: Found, searched: list[PathResult], direct: PathResult | None
) -> list[Path]:
    """Return all paths of some searches, best first, each once; `found` counts them."""
    best = {_name(path): path for result in searched for path in result.paths}
    found.cut_by_time |= any(result.truncated_by == "time" for result in searched)
    if len(searched) == 1:
        found.total += searched[0].total
        found.total_is_exact &= searched[0].total_is_exact
    else:  # a path may stand several constraints
        found.total += max([len(best), *(result.total for result in searched)])
        found.total_is_exact &= all(result.complete for result in searched)
    for path in direct.paths if direct else ():
        generic = {p.id for p in snapshot.schema.predicates if p.generic}
        found.total += all(s.predicate in generic for s in path.hops[0].statements)
        best[_name(path)] = path  # with its generic statements, which the search has left out
    return sorted(best.values(), key=lambda path: (-path.score, path.length, _name(path)))


def _name(path: Path) -> tuple[str, ...]:
    return tuple(entity.id for entity in path.entities)


def _analysis(knowledge: Knowledge, key: str, path: Path, scorer: str) -> Analysis:
    name = f"path-{len(knowledge.auxiliary)}"
    edges = [knowledge.add_edge(s.id) for hop in path.hops for s in hop.statements]
    knowledge.auxiliary[name] = AuxiliaryGraph(edges)
    attributes = [
        Attribute(attribute_type_id="mechkg:score_parts", value=path.score_parts),
        Attribute(attribute_type_id="mechkg:explanation", value=path.explanation),
    ]
    if path.sign is not None:
        attributes.append(Attribute(attribute_type_id="mechkg:sign", value=path.sign))
    return Analysis(
        resource_id=INFORES,
        path_bindings={key: Binding([name])},
        score=path.score,
        scoring_method=METHOD.format(scorer=scorer),
        attributes=attributes,
    )
