"""Pathfinder: the best paths between two entities, whatever way their statements point.

All of `mechkg.kg.find_paths` holds: the answer is exact, a path's entities are distinct, statements
between the same two entities stay together. What TRAPI adds:

- paths are undirected, and `predicates` filters nothing;
- each item of `constraints` is a search of its own, whose categories must all lie between the
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
from mechkg.api.trapi.deadline import Deadline, DeadlineExceeded
from mechkg.api.trapi.edges import INFORES, Attribute
from mechkg.api.trapi.identifiers import Identifiers
from mechkg.api.trapi.knowledge_graph import KnowledgeGraphBuilder
from mechkg.api.trapi.lookup import Found
from mechkg.api.trapi.remarks import Remarks
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
from mechkg.kg.search.hierarchy import BELOW, ONLY, Hierarchy
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["MAX_PAIRS", "find"]

MAX_PAIRS: Final = 25
"""Pairs of ends of one question, each a result of its own."""

MAX_SEARCHES: Final = 32
"""Searches for one pair of ends: one for each item of `constraints`."""

GRACE: Final = 2.0
"""Seconds past the deadline in which paths that were found in time are written."""

DEFAULT_LIMIT: Final = 100

SEARCH: Final = (
    "min_hops", "max_hops", "limit", "via", "avoid", "scorer", "composition", "context",
)  # fmt: skip
"""Properties of a path search that are those of a `PathQuery`."""

METHOD: Final = (
    "mechkg {scorer}: the sum of value * weight over the parts in mechkg:score_parts; 0 at best"
)


def find(
    knowledge: KnowledgeGraphBuilder,
    nodes: Mapping[str, QNode],
    paths: Mapping[str, QPath],
    parameters: Parameters,
) -> Found:
    """Return one result for each pair of ends that paths join, its analyses best first.

    Raises what `kg.find_paths` raises, `TooLarge`, and `DeadlineExceeded` where time runs out
    before any path is found.
    """
    ((key, asked),) = paths.items()
    sides = asked.subject, asked.object
    identifiers = Identifiers(knowledge.snapshot, knowledge.remarks)
    known, unknown = [], {}
    spelled: dict[str, str] = {}
    for which, side in zip(("subject", "object"), sides, strict=True):
        texts = _end(nodes, key, asked, which)
        rows = {text: identifiers.row(text, f"nodes.{side}") for text in texts}
        curies = (knowledge.snapshot.records.curie(r) for r in rows.values() if r is not None)
        known.append([*dict.fromkeys(curies)])
        spelled |= {
            knowledge.snapshot.records.curie(row): text
            for text, row in rows.items()
            if row is not None and knowledge.snapshot.records.curie(row) not in texts
        }
        if absent := [text for text, row in rows.items() if row is None]:
            unknown[side] = absent
    pairs = [(source, target) for source in known[0] for target in known[1]]
    if len(pairs) > MAX_PAIRS:
        raise TooLarge(f"The path has {len(pairs)} pairs of ends; {MAX_PAIRS} is the most.")
    for source, target in pairs:
        if source == target:
            raise QueryError(f"paths.{key}", f"leads from {source} to itself")
    _check_terms(knowledge, nodes, key, asked)
    queries, limit = _queries(knowledge, key, asked, parameters)
    found = Found([], 0, unknown)
    marks = _marks(asked, parameters)
    search = _Search(knowledge, key, queries, limit, spelled=spelled, marks=marks)
    for number, ends in enumerate(pairs):
        search.add_result(found, sides, ends, pairs_left=len(pairs) - number)
    if found.cut_by_time and not found.results:
        raise DeadlineExceeded
    return found


def _check_terms(
    knowledge: KnowledgeGraphBuilder, nodes: Mapping[str, QNode], key: str, asked: QPath
) -> None:
    """Check what a path query names besides its ends; none of it filters anything."""
    terms = terms_of(knowledge.snapshot)
    if asked.predicates:
        terms.predicates(asked.predicates, f"paths.{key}.predicates", Remarks())
    for name, node in nodes.items():
        terms.categories(node.categories, f"nodes.{name}.categories", Remarks())
        if node.constraints and name in {asked.subject, asked.object}:
            raise QueryError(
                f"nodes.{name}.constraints",
                "cannot be given for the end of a path, which is pinned",
            )


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


def _marks(asked: QPath, parameters: Parameters) -> tuple[str, str]:
    """Return what forces or forbids the subclasses of each end, as behind its name elsewhere."""
    otherwise = UNSET if parameters.subclass else False
    said = (asked.subject_subclass, asked.object_subclass)
    taken = [otherwise if one is UNSET else one for one in said]
    subject, target = ("" if one is UNSET else BELOW if one else ONLY for one in taken)
    return subject, target


def _queries(
    knowledge: KnowledgeGraphBuilder, key: str, asked: QPath, parameters: Parameters
) -> tuple[list[PathQuery], int]:
    """Return one search for each way to stand the constraints, ends to be filled in, and a limit.

    There is none where a constraint asks for what the graph does not have.
    """
    snapshot = knowledge.snapshot
    fields: dict[str, Any] = {"limit": DEFAULT_LIMIT, "max_hops": 3}
    for name in SEARCH:
        own, general = getattr(asked, name), getattr(parameters, name)
        if (value := general if own is UNSET else own) is not UNSET:
            fields[name] = value
    generic = parameters.generic if asked.generic is UNSET else asked.generic
    predicates = snapshot.schema.predicates
    if generic is not UNSET:  # otherwise they count as everywhere else: at a cost
        fields["predicate"] = tuple(p.id for p in predicates if generic or not p.generic)
    if fields.setdefault("min_hops", 1) > fields["max_hops"]:
        raise QueryError(
            f"paths.{key}.min_hops",
            f"must not exceed max_hops ({fields['min_hops']} > {fields['max_hops']})",
        )
    via = fields.pop("via", ())
    base = PathQuery(source=("?",), target=("?",), direction="undirected", **fields)
    if not asked.constraints:
        return [msgspec.structs.replace(base, via=via)], base.limit
    ways = list(islice(_ways(knowledge, key, asked.constraints), MAX_SEARCHES + 1))
    if len(ways) > MAX_SEARCHES:
        raise TooLarge(f"The constraints make more than {MAX_SEARCHES} searches.")
    if any(len(way) + len(via) > MAX_VIA for way in ways):
        raise QueryError(
            f"paths.{key}.constraints", f"ask for more than {MAX_VIA} things between the ends"
        )
    return [msgspec.structs.replace(base, via=(*via, *way)) for way in ways], base.limit


def _ways(
    knowledge: KnowledgeGraphBuilder, key: str, constraints: Iterable[PathConstraint]
) -> Iterator[tuple[str, ...]]:
    """Yield the categories that must stand between the ends, in the graph's own terms.

    A Biolink term that the graph does not have is any of the highest that it has below it.
    """
    terms = terms_of(knowledge.snapshot)
    for number, constraint in enumerate(constraints):
        where = f"paths.{key}.constraints[{number}]"
        asked = constraint.required_intermediate_categories + constraint.intermediate_categories
        if not asked:
            raise QueryError(where, "asks for nothing: name required_intermediate_categories")
        roots = [
            terms.category_roots(text, where, knowledge.remarks) for text in dict.fromkeys(asked)
        ]
        yield from product(*roots)


class _Search:
    """The searches of one question, done for each pair of ends."""

    def __init__(
        self,
        knowledge: KnowledgeGraphBuilder,
        key: str,
        queries: list[PathQuery],
        limit: int,
        *,
        spelled: Mapping[str, str],
        marks: tuple[str, str],
    ) -> None:
        self._knowledge, self._key, self._spelled = knowledge, key, spelled
        self._marks = marks
        self._queries, self._limit = queries, limit
        self._deadline = knowledge.deadline
        # Paths that are found when time runs out are still written, which takes time as well.
        self._written_by = Deadline(self._deadline.left + GRACE, self._deadline.cancel)
        knowledge.deadline = Deadline(float("inf"), self._deadline.cancel)  # no path is left torn

    def add_result(
        self, found: Found, sides: tuple[str, str], ends: tuple[str, str], *, pairs_left: int
    ) -> None:
        """Add the result of a pair of ends to what was found, if there is a path."""
        self._knowledge.deadline.check()
        if self._deadline.left <= 0:
            found.cut_by_time = True
            return
        searched, direct = self._search(ends, self._deadline.left / pairs_left)
        paths = _best(self._knowledge.snapshot, found, searched, direct)[: self._limit]
        self._knowledge.remarks.debug(
            "PathSearch", f"{ends[0]} to {ends[1]}: {len(paths):,} paths."
        )
        scorer = searched[0].scorer if searched else ""
        analyses = []
        for path in paths:
            if self._written_by.left <= 0:
                found.cut_by_time = True
                break
            analyses.append(_analysis(self._knowledge, self._key, path, scorer, ends))
        if analyses:
            bindings = {s: self._binding(end) for s, end in zip(sides, ends, strict=True)}
            found.results.append(Result(bindings, analyses))

    def _binding(self, end: str) -> Binding:
        asked = self._spelled.get(end)
        return Binding([end], UNSET if asked is None else {end: asked})

    def _search(
        self, ends: tuple[str, str], seconds: float
    ) -> tuple[list[PathResult], PathResult | None]:
        """Return the answers of all searches between two ends, and the direct edges of any kind."""
        snapshot, cancel = self._knowledge.snapshot, self._deadline.cancel
        part = max(seconds / max(1, len(self._queries)), 1e-3)
        source, target = ((end + mark,) for end, mark in zip(ends, self._marks, strict=True))
        fill = {"source": source, "target": target, "timeout": part}
        asked = [msgspec.structs.replace(query, **fill) for query in self._queries]
        found = [find_paths(snapshot, query, cancel=cancel) for query in asked]
        every = tuple(p.id for p in snapshot.schema.predicates)
        if not asked or asked[0].via or asked[0].predicate == every or asked[0].min_hops > 1:
            return found, None
        for closure in found[0].closures:
            self._knowledge.remarks.info("SubclassesTakenIn", closure.sentence)
        widened = {closure.parameter for closure in found[0].closures}
        alike = {
            field: (end + (BELOW if field in widened else ONLY),)
            for field, end in zip(("source", "target"), ends, strict=True)
        }
        direct = msgspec.structs.replace(asked[0], max_hops=1, predicate=every, **alike)
        return found, find_paths(snapshot, direct, cancel=cancel)


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
        is_new = _name(path) not in best  # the search has its own direct associations
        found.total += is_new and all(s.predicate in generic for s in path.hops[0].statements)
        best[_name(path)] = path  # with its generic statements, which the search has left out
    return sorted(best.values(), key=lambda path: (-path.score, path.length, _name(path)))


def _subclass_chain(snapshot: Snapshot, member: str, root: str) -> list[str]:
    """Return the statements that put an entity below a class."""
    records = snapshot.records
    rows = records.entity_row(member), records.entity_row(root)
    if member == root or rows[0] is None or rows[1] is None:
        return []
    return [records.statement_id(row) for row in Hierarchy.of(snapshot).chain(rows[0], rows[1])]


def _name(path: Path) -> tuple[str, ...]:
    return tuple(entity.id for entity in path.entities)


def _analysis(
    knowledge: KnowledgeGraphBuilder, key: str, path: Path, scorer: str, ends: tuple[str, str]
) -> Analysis:
    """Return a path as an analysis; one that begins or ends below an end is joined to it."""
    name = f"path-{len(knowledge.auxiliary)}"
    edges = [knowledge.add_edge(s.id) for hop in path.hops for s in hop.statements]
    for entity, end in zip((path.entities[0], path.entities[-1]), ends, strict=True):
        chain = _subclass_chain(knowledge.snapshot, entity.id, end)
        edges += [knowledge.add_edge(identifier) for identifier in chain]
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
