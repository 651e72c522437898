"""`RemoteGraph`: a graph behind an engine with the questions of a `Graph`.

Servers, agents and formats ask a `Graph`. This one answers from an engine: paths, neighbourhoods
and ends by searches of their own, what needs all paths of a query from a part of the graph that
holds them (`kg.engine.cover`), what shows an answer from that answer alone. What would take the
whole graph is refused with `NotSupported`. A name means its entity alone: subclasses are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, NoReturn, TypeVar

import msgspec

from mechkg.kg.engine.contract import Meter
from mechkg.kg.engine.cover import Content, content_around, opened
from mechkg.kg.engine.graph import EngineGraph
from mechkg.kg.engine.why_not import engine_why_not, walks_between
from mechkg.kg.errors import NotSupported, QueryError, TooLarge, UnknownEntity, UnknownTerm
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import (
    CompareQuery,
    NeighbourhoodQuery,
    OpenEndsQuery,
    PathQuery,
    SearchQuery,
    SubgraphQuery,
)
from mechkg.kg.model.query_fields import query_of
from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    Match,
    NeighbourhoodResult,
    OpenEndsResult,
    PathResult,
    PathSummary,
    Preview,
    SearchResult,
    WhyNot,
)
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, HopStatement, Path, Statement, Subgraph
from mechkg.kg.progress import Cancel
from mechkg.kg.snapshot.metagraph import Metagraph
from mechkg.kg.snapshot.snapshot import Counts, Manifest, Snapshot

if TYPE_CHECKING:
    from mechkg.kg.analysis.overview import Overview
    from mechkg.kg.search.list_paths import PathTable

__all__ = ["QUESTIONS", "AnsweredPaths", "Questions", "RemoteGraph"]

MAX_PAIRS: Final = 10_000
"""Pairs of entities whose statements are fetched for one subgraph, at most."""
PAIRS: Final = 200
"""Pairs of one request."""

_SHARED: Final = ("id", "subject", "predicate", "object", "effect", "hedge", "modality", "context",
                  "qualifiers", "evidence")  # fmt: skip
"""What a statement of a hop says as it stands in the graph."""

Made = TypeVar("Made")


class Questions(NamedTuple):
    """Names of the questions of a server that an engine answers, and of those that it refuses."""

    answered: tuple[str, ...]
    refused: tuple[str, ...]


QUESTIONS: Final = Questions(
    answered=(
        "capabilities", "chokepoints", "compare", "entity", "neighbourhood", "open_ends",
        "overview", "paths", "preview_paths", "schema", "search", "statement", "stream_paths",
        "subgraph", "trapi", "why_not",
    ),
    refused=("curation", "graph", "linked_data", "metagraph", "sparql", "trapi_meta"),
)  # fmt: skip
"""What can be asked over an engine; `overview` gives counts alone, `compare` needs a target."""


class AnsweredPaths(Iterator[Path]):
    """The paths of an answer as a stream of paths: they are all proven before the first one.

    >>> AnsweredPaths.__name__
    'AnsweredPaths'
    """

    def __init__(self, result: PathResult, cancel: Cancel | None) -> None:
        self.cancel = cancel or Cancel()
        self._result, self._paths = result, iter(result.paths)
        self.returned = 0

    def __iter__(self) -> AnsweredPaths:
        return self

    def __next__(self) -> Path:
        """Return the next path; raises `Cancelled` once `cancel` is raised."""
        self.cancel.check()
        path = next(self._paths)
        self.returned += 1
        return path

    def close(self) -> None:
        """Leave the rest out."""
        self._paths = iter(())

    @property
    def summary(self) -> PathSummary:
        """What was left out, and the net effect."""
        said = msgspec.structs.asdict(self._result)
        del said["paths"]
        return PathSummary(returned=self.returned, **said)


class RemoteGraph(Graph):
    """A graph behind an engine, safe to share between threads.

    Raises `EngineError` where the engine does not answer, beside what `Graph` raises.
    """

    def __init__(self, remote: EngineGraph) -> None:
        self.remote = remote
        self._is_warm = False

    def __reduce__(self) -> NoReturn:
        raise _unsupported("Sending it to another process")

    @property
    def snapshot(self) -> Snapshot:  # type: ignore[override]
        """What an engine has not: raises `NotSupported`."""
        raise _unsupported("This question")

    def version(self) -> str:
        """Return a digest that changes whenever the content does; asked for once a minute."""
        return self.remote.engine.version(self._meter())

    @property
    def degrees(self) -> Literal["table", "counted"]:
        """Whether the degrees of all entities are known, or are counted as entities are met."""
        meter = self._meter()
        table = self.remote.table(self.remote.engine.version(meter), meter)
        return "counted" if table is None else "table"

    @property
    def manifest(self) -> Manifest:
        """Name, version and counts; entities are those that have statements, 0 if not counted."""
        meter = self._meter()
        version = self.remote.engine.version(meter)
        entities, statements = self.remote.counts(version, meter)
        schema = self.remote.engine.schema
        counts = Counts(
            entities=entities, statements=statements, inferred=0, negated=0, evidence=0,
            categories=len(schema.categories), predicates=len(schema.predicates),
        )  # fmt: skip
        return Manifest(
            format_version=0, name=self.remote.engine.name, hash=version, sha256="", counts=counts
        )

    @property
    def schema(self) -> Schema:
        """Categories, and the predicates that the engine has."""
        self.remote.engine.version(self._meter())
        return self.remote.engine.schema

    # -- searches of their own ----------------------------------------------------------------

    def find_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> PathResult:
        """Return the best paths, best first (`EngineGraph.answer`)."""
        return self.remote.find_paths(query_of(PathQuery, query, fields), cancel=cancel)

    def stream_paths(  # type: ignore[override]
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> AnsweredPaths:
        """Return the same paths as an iterator; `summary` says what was left out."""
        return AnsweredPaths(self.find_paths(query, cancel=cancel, **fields), cancel)

    def neighbourhood(
        self,
        query: NeighbourhoodQuery | None = None,
        /,
        *,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> NeighbourhoodResult:
        """Return the neighbours of an entity, grouped and ranked."""
        if cancel is not None:
            cancel.check()  # the rest is a few requests, each bounded in time
        return self.remote.neighbourhood(query_of(NeighbourhoodQuery, query, fields)).result

    def open_ends(
        self, query: OpenEndsQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> OpenEndsResult:
        """Return the entities of an open side, ranked (`EngineGraph.open_ends`)."""
        asked = query_of(OpenEndsQuery, query, fields)
        return self.remote.open_ends(asked, cancel=cancel).result

    # -- what needs all paths -----------------------------------------------------------------

    def preview_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Preview:
        """Return how many paths a query has, from the part of the graph that holds them."""
        return self._on_paths(Graph.preview_paths, query_of(PathQuery, query, fields), cancel)

    def chokepoints(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Chokepoints:
        """Return the entities and statements that most paths of a query lead through."""
        return self._on_paths(Graph.chokepoints, query_of(PathQuery, query, fields), cancel)

    def list_paths(
        self,
        query: PathQuery | None = None,
        /,
        *,
        most: int = 1_000_000,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> PathTable:
        """Return all paths by name, unranked, fewest hops first."""
        asked, meter = query_of(PathQuery, query, fields), self.remote.search_meter()

        def ask(version: str) -> PathTable:
            with self.remote.part_with_paths([asked], version, meter, cancel) as (part, read):
                return Graph(part).list_paths(read[0].query, most=most, cancel=cancel)

        return self.remote.of_one_version(ask, meter)

    def why_not(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> WhyNot:
        """Return which constraint of a query keeps paths out (`kg.engine.why_not`)."""
        return engine_why_not(self.remote, query_of(PathQuery, query, fields), cancel)

    def compare(
        self, query: CompareQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Comparison:
        """Return what two sides share on their way to a target; neighbours are not compared."""
        asked = query_of(CompareQuery, query, fields).checked()
        meter = self.remote.search_meter()
        for parameter in ("left", "right"):
            self._grounded(getattr(asked, parameter), parameter, meter)
        if not asked.target:
            raise _unsupported("A comparison of neighbours")

        def ask(version: str) -> Comparison:
            sides = [asked.side(asked.left), asked.side(asked.right)]
            with self.remote.part_with_paths(sides, version, meter, cancel) as (part, read):
                left, right = (one.query for one in read)
                named = {f: getattr(left, f) for f in ("target", "via", "avoid", "scorer")}
                posed = msgspec.structs.replace(
                    asked, left=left.source, right=right.source, **named
                )
                found = Graph(part).compare(posed, cancel=cancel)
            return msgspec.structs.replace(found, query=asked)

        return self.remote.of_one_version(ask, meter)

    def _on_paths(
        self,
        answer: Callable[..., Made],
        query: PathQuery,
        cancel: Cancel | None,
    ) -> Made:
        """Return an answer on the part of the graph that holds all paths of a query."""
        meter = self.remote.search_meter()

        def ask(version: str) -> Made:
            with self.remote.part_with_paths([query], version, meter, cancel) as (part, read):
                found: Any = answer(Graph(part), read[0].query, cancel=cancel)
            changed = {"query": query, "groundings": read[0].groundings}
            kept = {k: v for k, v in changed.items() if k in found.__struct_fields__}
            return msgspec.structs.replace(found, **kept)  # type: ignore[no-any-return]

        return self.remote.of_one_version(ask, meter)

    # -- entities, statements, and what shows an answer ---------------------------------------

    def search(self, query: SearchQuery | str, /, **fields: Any) -> SearchResult:
        """Return entities whose name, synonym or identifier is a text, or begins so."""
        if isinstance(query, str):
            query = query_of(SearchQuery, None, {"q": query, **fields})
        meter = self._meter()
        version = self.remote.engine.version(meter)
        matches = self._matches(query, version, meter)
        more = len(matches) > query.limit
        return SearchResult(
            query=query,
            matches=tuple(matches[: query.limit]),
            complete=not more,
            truncated_by="limit" if more else None,
            total=len(matches),
            total_is_exact=not more,
            snapshot=version,
        )

    def _matches(self, query: SearchQuery, version: str, meter: Meter) -> list[Match]:
        """Return one match more than wanted, where there are."""
        engine = self.remote.engine
        schema = engine.schema
        within = {c for text in query.category for c in schema.categories_under(text)}
        found = engine.matches(query.q, query.limit + 1, meter)
        entities = self._named([curie for curie, _ in found], meter)
        kept = [
            (entities[curie], said)
            for curie, said in found
            if not within or entities[curie].category in within
        ]
        degrees = self.remote.degrees([entity.id for entity, _ in kept], version, meter)
        return [
            Match(id=e.id, name=e.name, category=e.category, matched=said, degree=sum(degree))
            for (e, said), degree in zip(kept, degrees, strict=True)
        ]

    def entity(self, text: str) -> Entity:
        """Return an entity by identifier or name; raises `UnknownEntity` or `AmbiguousName`."""
        meter = self._meter()
        (grounding,) = self.remote.engine.search([text], "entity", meter)
        version = self.remote.engine.version(meter)
        entity = self._named([grounding.id], meter)[grounding.id]
        (degree,) = self.remote.degrees([grounding.id], version, meter)
        if entity.name == entity.id and not sum(degree):
            raise UnknownEntity("entity", text)
        return entity

    def statement(self, identifier: str) -> Statement:
        """Return a statement by its identifier; raises `UnknownTerm`."""
        with self._statements([identifier], "statement") as part:
            return Graph(part).statement(identifier)

    def around(self, text: str, *, cancel: Cancel | None = None) -> Subgraph:
        """Return an entity with the statements that it takes part in."""
        entity, meter = self.entity(text), self._meter()
        found = self.remote.statements_of(entity.id, meter)
        with self._part(found, [entity], meter) as part:
            return Graph(part).around(entity.id, cancel=cancel)

    def about(self, identifier: str, *, cancel: Cancel | None = None) -> Subgraph:
        """Return a statement with its two entities."""
        with self._statements([identifier], "statement") as part:
            return Graph(part).about(identifier, cancel=cancel)

    def sentence(self, statement: Statement) -> str:
        """Return a statement of the graph as a sentence."""
        with self._part([statement], (), self._meter()) as part:
            return Graph(part).sentence(statement)

    def subgraph(
        self, query: SubgraphQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Subgraph:
        """Return the statements between `entities` and `targets`, or those of `statements`."""
        asked, meter = query_of(SubgraphQuery, query, fields).checked(), self._meter()
        sources = [g.id for g in self._grounded(asked.entities, "entities", meter)]
        targets = [g.id for g in self._grounded(asked.targets, "targets", meter)]
        known = self._named([*sources, *targets], meter).values()
        posed = msgspec.structs.replace(asked, entities=tuple(sources), targets=tuple(targets))
        if asked.statements is None:
            found = self._between(sources, targets or sources, meter)
            with self._part(found, known, meter) as part:
                return Graph(part).subgraph(posed, cancel=cancel)
        with self._statements(asked.statements, "statements", known) as part:
            return Graph(part).subgraph(posed, cancel=cancel)

    def drawn(
        self,
        result: PathResult | OpenEndsResult | NeighbourhoodResult | Comparison,
        *,
        cancel: Cancel | None = None,
    ) -> Subgraph:
        """Return the entities and statements of an answer as one subgraph."""
        meter, statements = self._meter(), _statements_of(result)
        with self._part(statements, (), meter, _entities_of(result)) as part:
            return Graph(part).drawn(result, cancel=cancel)

    def overview(self) -> Overview:
        """Return name, version and counts; what would take a scan of the graph is left out."""
        counts = self.manifest.counts
        with self._part((), (), self._meter()) as part:
            found = Graph(part).overview()
        return msgspec.structs.replace(
            found, entities=counts.entities, statements=counts.statements
        )

    def whole(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: raises `NotSupported`."""
        raise _unsupported("The whole graph")

    def metagraph(self) -> Metagraph:
        """Refuse: raises `NotSupported`."""
        raise _unsupported("The metagraph")

    def significance(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: raises `NotSupported`."""
        raise _unsupported("The significance of paths")

    def list_open_ends(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: raises `NotSupported`."""
        raise _unsupported("A table of all ends")

    def list_neighbourhood(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: raises `NotSupported`."""
        raise _unsupported("A bulk listing of neighbours")

    # -- parts ---------------------------------------------------------------------------------

    @contextmanager
    def part_around(
        self, texts: Sequence[str], depth: int, cancel: Cancel | None = None
    ) -> Iterator[Snapshot]:
        """Give a snapshot of all statements within some hops of entities, walked either way.

        Identifiers that the graph lacks are left out. Raises `TooCostly`.
        """
        meter = self._meter()
        version = self.remote.engine.version(meter)
        ids = []
        for text in texts:
            with suppress(UnknownEntity):
                ids.append(self.remote.engine.search([text], "ids", meter)[0].id)
        table = self.remote.table(version, meter)
        content = content_around(self.remote.engine, ids, depth, meter, table=table, cancel=cancel)
        with opened(self.remote.engine, content, version, meter) as part:
            yield part

    @contextmanager
    def part_between(self, query: PathQuery, cancel: Cancel | None = None) -> Iterator[Snapshot]:
        """Give a snapshot of all walks between the ends of a query, of any predicates.

        Raises `TooCostly`, and `UnknownEntity` and its like for names.
        """
        meter = self._meter()
        version = self.remote.engine.version(meter)
        content = walks_between(self.remote, query, version, meter, cancel)[0].fetch()
        with opened(self.remote.engine, content, version, meter) as part:
            yield part

    def _meter(self) -> Meter:
        return Meter(self.remote.budget)

    @contextmanager
    def _part(
        self,
        statements: Iterable[Statement],
        entities: Iterable[Entity],
        meter: Meter,
        further: Iterable[str] = (),
    ) -> Iterator[Snapshot]:
        """Give a snapshot of some statements and entities."""
        engine = self.remote.engine
        content = Content(entities={entity.id: entity for entity in entities})
        content.add(statements, dict.fromkeys(further, 0))
        with opened(engine, content, engine.version(meter), meter) as part:
            yield part

    @contextmanager
    def _statements(
        self, identifiers: Sequence[str], parameter: str, entities: Iterable[Entity] = ()
    ) -> Iterator[Snapshot]:
        """Give a snapshot of statements by identifier; raises `UnknownTerm` for an unknown one."""
        meter, pairs = self._meter(), dict[tuple[str, str], None]()
        for text in identifiers:
            parts = text.split("~")
            if len(parts) < 3:  # subject, predicate, object
                raise UnknownTerm(parameter, text)
            pairs[parts[0], parts[2]] = None
        found = self._joining(list(pairs), meter)
        with self._part(found, entities, meter) as part:
            for text in identifiers:
                if part.records.statement_row(text) is None:
                    raise UnknownTerm(parameter, text)
            yield part

    def _between(
        self, sources: Sequence[str], targets: Sequence[str], meter: Meter
    ) -> list[Statement]:
        pairs = {(min(a, b), max(a, b)) for a in sources for b in targets if a != b}
        if len(pairs) > MAX_PAIRS:
            raise TooLarge(
                f"{len(pairs):,} pairs of entities are more than {MAX_PAIRS:,}.",
                hint="Name fewer entities.",
            )
        return self._joining(sorted(pairs), meter)

    def _joining(self, pairs: Sequence[tuple[str, str]], meter: Meter) -> list[Statement]:
        """Return the statements between pairs of entities, in either direction."""
        self.remote.engine.version(meter)
        return [
            statement
            for start in range(0, len(pairs), PAIRS)
            for statement in self.remote.engine.statements(pairs[start : start + PAIRS], meter)
        ]

    def _grounded(self, texts: Sequence[str], parameter: str, meter: Meter) -> list[Any]:
        if any(text.endswith("*") for text in texts):
            raise QueryError(parameter, "cannot take subclasses in with an engine")
        names = [text.rstrip("!") for text in texts]
        return self.remote.engine.search(names, parameter, meter) if names else []

    def _named(self, ids: Sequence[str], meter: Meter) -> Mapping[str, Entity]:
        size = self.remote.engine.limits.names
        distinct = list(dict.fromkeys(ids))
        batches = [distinct[start : start + size] for start in range(0, len(distinct), size)]
        return {
            entity.id: entity
            for batch in batches
            for entity in self.remote.engine.entities(batch, meter)
        }

    def __repr__(self) -> str:
        return f"<RemoteGraph {self.remote.engine.name}>"

    def _repr_html_(self) -> str:
        return ""


def _statements_of(
    result: PathResult | OpenEndsResult | NeighbourhoodResult | Comparison,
) -> list[Statement]:
    """Return the statements that an answer shows."""
    if isinstance(result, NeighbourhoodResult):
        shown = [s for member in result.neighbours for s in member.statements]
        return [*shown, *result.negated]
    distinct = {s.id: s for path in _paths_of(result) for hop in path.hops for s in hop.statements}
    return [_whole(statement) for statement in distinct.values()]


def _whole(said: HopStatement) -> Statement:
    """Return a statement of a hop as one of the graph."""
    return Statement(**{name: getattr(said, name) for name in _SHARED})


def _paths_of(result: PathResult | OpenEndsResult | Comparison) -> Sequence[Path]:
    if isinstance(result, PathResult):
        return result.paths
    if isinstance(result, OpenEndsResult):
        return [end.path for end in result.ends]
    return [path for side in (result.left, result.right) for path in side.paths]


def _entities_of(
    result: PathResult | OpenEndsResult | NeighbourhoodResult | Comparison,
) -> list[str]:
    """Return the entities that an answer shows."""
    if isinstance(result, NeighbourhoodResult):
        return [result.entity.id, *(member.entity.id for member in result.neighbours)]
    return [entity.id for path in _paths_of(result) for entity in path.entities]


def _unsupported(what: str) -> NotSupported:
    return NotSupported(
        f"{what} needs a snapshot, and this graph is behind an engine.",
        hint="Load the graph into a snapshot (mechkg load) to have it.",
    )
