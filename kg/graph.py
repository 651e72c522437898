"""`Graph`: an opened snapshot with all queries, the public face of the core.

`Graph` joins an opened snapshot with the questions of `mechkg.kg.model.queries`. Every method
takes either a query type or its fields as keywords, so that a notebook writes
`graph.find_paths(source="NSC", target="neuron")` where a server passes the `PathQuery` that it has
decoded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import msgspec

import mechkg.kg.interop.notebook  # noqa: F401  (gives the values their representations)
from mechkg.kg.analysis.overview import Overview, overview
from mechkg.kg.errors import SnapshotError, UnknownTerm
from mechkg.kg.model.decoders import prebuild_decoders
from mechkg.kg.model.queries import (
    CompareQuery,
    NeighbourhoodQuery,
    OpenEndsQuery,
    PathQuery,
    SearchQuery,
    SignificanceQuery,
    SubgraphQuery,
)
from mechkg.kg.model.query_fields import query_of
from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    NeighbourhoodResult,
    OpenEndsResult,
    PathResult,
    Preview,
    SearchResult,
    Significance,
    WhyNot,
)
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph
from mechkg.kg.progress import Cancel
from mechkg.kg.search.sentences import statement_sentence
from mechkg.kg.snapshot.metagraph import Metagraph, metagraph
from mechkg.kg.snapshot.snapshot import Manifest, Snapshot, open_snapshot
from mechkg.kg.subgraph import (
    chosen_subgraph,
    entity_subgraph,
    induced_subgraph,
    neighbourhood_subgraph,
    open_ends_subgraph,
    path_subgraph,
    statement_subgraph,
    whole_graph,
)

if TYPE_CHECKING:
    import networkx

    from mechkg.kg.neighbourhood.list import NeighbourTable
    from mechkg.kg.search.list_open_ends import EndTable
    from mechkg.kg.search.list_paths import PathTable
    from mechkg.kg.search.stream_paths import PathStream

__all__ = ["Graph", "open_graph"]


def open_graph(path: FilePath | str) -> Graph:
    """Open a snapshot directory, such as `data/ms-nsc/current`.

    Arrays are mapped, not read: a graph of 10 million statements opens in well under a second.
    Raises `SnapshotError`.

    >>> open_graph("nowhere")
    Traceback (most recent call last):
    mechkg.kg.errors.SnapshotError: ...
    """
    prebuild_decoders("mechkg")
    return Graph(open_snapshot(FilePath(path)))


@lru_cache(maxsize=4)
def _reopen(path: FilePath, version: str) -> Graph:
    """Return the graph that was pickled; one process opens it once, however often it is sent."""
    graph = open_graph(path)
    if graph.manifest.hash != version:
        raise SnapshotError(
            f"{path} holds version {graph.manifest.hash}, not {version}, which was pickled.",
            hint="Open the graph again and send that.",
        )
    return graph


class Graph:
    """An immutable graph, safe to share between threads.

    It pickles as the path and the content hash of its snapshot, so `multiprocessing` and joblib
    can send it to processes that see the same files; each opens it once and shares its pages.
    In the examples below, `graph` is the bundled ontology.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._is_warm = False

    def __reduce__(self) -> tuple[Callable[[FilePath, str], Graph], tuple[FilePath, str]]:
        return _reopen, (self.snapshot.path, self.manifest.hash)

    @property
    def manifest(self) -> Manifest:
        """Name, content hash, counts, sources and licences.

        >>> graph.manifest.name
        'ms-nsc'
        """
        return self.snapshot.manifest

    @property
    def schema(self) -> Schema:
        """Categories and predicates.

        >>> graph.schema.predicate("secretes").label
        'secretes'
        """
        return self.snapshot.schema

    def find_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> PathResult:
        """Return the best paths from `source` to `target`, best first, and what was cut.

        Raises `QueryError` or one of its kinds. The cost is that of
        `kg.search.find_paths.find_paths`.

        >>> found = graph.find_paths(source="NSC", target="neuron", max_hops=2)
        >>> found.paths[0].explanation
        'Neural stem cells develop into neurons. ...'
        >>> found.complete, found.truncated_by
        (True, None)
        """
        # The kernels bring numba, a second to import: searching by name does not wait for it.
        from mechkg.kg.search.find_paths import find_paths

        return find_paths(self._warm(), query_of(PathQuery, query, fields), cancel)

    def list_paths(
        self,
        query: PathQuery | None = None,
        /,
        *,
        most: int = 1_000_000,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> PathTable:
        """Return all paths from `source` to `target` by name, unranked, fewest hops first.

        Each row is a plain tuple; many times faster than `find_paths` where all paths are wanted.

        >>> table = graph.list_paths(source="NSC", target="neuron", max_hops=2)
        >>> [getattr(step, "name", step) for step in table.rows[0]]
        ['neural stem cell', 'develops_into', 'neuron']
        >>> table.complete
        True
        """
        from mechkg.kg.search.list_paths import list_paths  # numba, as above

        return list_paths(self._warm(), query_of(PathQuery, query, fields), most, cancel)

    def stream_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> PathStream:
        """Return the same paths as an iterator, each as soon as it is proven.

        Its `summary` says what was left out. Asking it for more resumes the search.

        >>> paths = graph.stream_paths(source="NSC", target="neuron", max_hops=2)
        >>> next(paths).length
        1
        """
        from mechkg.kg.search.stream_paths import stream_paths  # numba, as above

        return stream_paths(self._warm(), query_of(PathQuery, query, fields), cancel)

    def preview_paths(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Preview:
        """Return how many paths a query has and what they cost, without finding them.

        >>> graph.preview_paths(source="NSC", target="neuron", max_hops=2).total_is_exact
        True
        """
        from mechkg.kg.analysis.preview import preview  # numba, as above

        return preview(self._warm(), query_of(PathQuery, query, fields), cancel)

    def why_not(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> WhyNot:
        """Return which constraint of a query keeps paths out.

        >>> graph.why_not(source="GDNF", target="NSC", max_hops=1).relaxations[0].parameter
        'direction'
        """
        from mechkg.kg.analysis.why_not import why_not  # numba, as above

        return why_not(self._warm(), query_of(PathQuery, query, fields), cancel)

    def open_ends(
        self, query: OpenEndsQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> OpenEndsResult:
        """Return the entities of an open side, ranked by their best paths to the other side.

        One of `source` and `target` is a category, `NAME*` or `*`. Raises `QueryError` or one of
        its kinds. The cost is that of `kg.search.open_ends.find_open_ends`.

        >>> found = graph.open_ends(source="NSC", target="Disease", max_hops=2)
        >>> {end.entity.category for end in found.ends}
        {'biolink:Disease'}
        """
        from mechkg.kg.search.open_ends import find_open_ends  # numba, as above

        return find_open_ends(self._warm(), query_of(OpenEndsQuery, query, fields), cancel)

    def list_open_ends(
        self,
        query: OpenEndsQuery | None = None,
        /,
        *,
        counted: bool = True,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> EndTable:
        """Return all ends of an open side, ranked, without their paths and sentences.

        Each row is a tuple; many times faster than `open_ends` where all ends are wanted.

        >>> table = graph.list_open_ends(source="NSC", target="Disease", max_hops=2)
        >>> table.rows[0].score >= table.rows[-1].score, table.complete
        (True, True)
        """
        from mechkg.kg.search.list_open_ends import list_open_ends  # numba, as above

        asked = query_of(OpenEndsQuery, query, fields)
        return list_open_ends(self._warm(), asked, counted=counted, cancel=cancel)

    def compare(
        self, query: CompareQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Comparison:
        """Return what `left` and `right` share on their way to `target`, and what only one has.

        Without a target, their neighbours are compared. Raises `QueryError` or one of its kinds.

        >>> found = graph.compare(left="NSC", right="MSC", target="neuron", max_hops=2)
        >>> found.mediators[0].entity.name
        'inflammatory response'
        """
        from mechkg.kg.analysis.compare import compare  # numba, as above

        return compare(self._warm(), query_of(CompareQuery, query, fields), cancel)

    def chokepoints(
        self, query: PathQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Chokepoints:
        """Return the entities and statements that most paths of a query lead through.

        >>> graph.chokepoints(source="NSC", target="neuron", max_hops=2).entities[0].entity.name
        'inflammatory response'
        """
        from mechkg.kg.analysis.chokepoints import find_chokepoints  # numba, as above

        return find_chokepoints(self._warm(), query_of(PathQuery, query, fields), cancel)

    def significance(
        self,
        query: SignificanceQuery | None = None,
        /,
        *,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> Significance:
        """Return how many paths there are, and how many the degrees alone lead to expect.

        >>> graph.significance(source="NSC", target="neuron", max_hops=2, samples=50).samples
        50
        """
        from mechkg.kg.analysis.significance import find_significance  # numba, as above

        return find_significance(self._warm(), query_of(SignificanceQuery, query, fields), cancel)

    def neighbourhood(
        self,
        query: NeighbourhoodQuery | None = None,
        /,
        *,
        cancel: Cancel | None = None,
        **fields: Any,
    ) -> NeighbourhoodResult:
        """Return the neighbourhood of `entity`: groups with counts, then members, nearest first.

        >>> graph.neighbourhood(entity="GDNF").groups[0].predicate
        'promotes'
        """
        from mechkg.kg.neighbourhood.find import find_neighbourhood  # numba, as above

        return find_neighbourhood(
            self.snapshot, query_of(NeighbourhoodQuery, query, fields), cancel
        )

    def list_neighbourhood(
        self, query: NeighbourhoodQuery | None = None, /, *, most: int = 10_000, **fields: Any
    ) -> NeighbourTable:
        """Return the first `most` statements around `entity` by name, nearest first, and counts.

        Each row is a plain tuple; many times faster than `neighbourhood` for large ones.

        >>> graph.list_neighbourhood(entity="GDNF", most=3).rows[0][1]
        'activates'
        """
        from mechkg.kg.neighbourhood.list import list_neighbourhood  # numba, as above

        return list_neighbourhood(self.snapshot, query_of(NeighbourhoodQuery, query, fields), most)

    def search(self, query: SearchQuery | str, /, **fields: Any) -> SearchResult:
        """Return entities with a name, synonym or identifier like a text.

        >>> graph.search("gdnf").matches[0].name
        'GDNF'
        """
        if isinstance(query, str):
            query = query_of(SearchQuery, None, {"q": query, **fields})
        return self.snapshot.names.search(query)

    def entity(self, text: str) -> Entity:
        """Return an entity by CURIE or name; raises `UnknownEntity` or `AmbiguousName`.

        >>> graph.entity("GDNF").id
        'HGNC:4232'
        """
        return self.snapshot.records.entity(self.snapshot.names.ground(text, "entity"))

    def statement(self, identifier: str) -> Statement:
        """Return a statement with its evidence; raises `UnknownTerm`.

        >>> statement = graph.statement("SC043")
        >>> statement.subject, statement.predicate, statement.object
        ('CL:0000047', 'develops_into', 'CL:0000540')
        """
        return self.snapshot.statement(self._statement_row(identifier))

    def sentence(self, statement: Statement) -> str:
        """Return a statement of the graph as a sentence, in the words of a path of this one hop.

        Raises `UnknownEntity` where the graph lacks its subject or object.

        >>> graph.sentence(graph.statement("SC043"))
        'Neural stem cells develop into neurons.'
        """
        records, ground = self.snapshot.records, self.snapshot.names.ground
        rows = [
            ground(end) if (row := records.entity_row(end)) is None else row
            for end in (statement.subject, statement.object)
        ]
        subject, target = map(records.path_entity, rows)
        predicate = self.schema.predicate(statement.predicate)
        return statement_sentence(statement, subject, target, predicate)

    def subgraph(
        self, query: SubgraphQuery | None = None, /, *, cancel: Cancel | None = None, **fields: Any
    ) -> Subgraph:
        """Return the statements between `entities` and `targets`, inferred ones left out.

        With `statements`, it is exactly those and the entities. Raises `QueryError` or one of its
        kinds, and `TooLarge`.

        >>> found = graph.subgraph(entities=["NSC"], targets=["neuron"])
        >>> [statement.id for statement in found.statements]
        ['SC043', 'SC121']
        """
        asked = query_of(SubgraphQuery, query, fields).checked()
        ground = self.snapshot.names.ground
        sources = [ground(text, "entities") for text in asked.entities]
        targets = [ground(text, "targets") for text in asked.targets]
        if asked.statements is None:
            return induced_subgraph(self.snapshot, sources, asked.title, targets, cancel=cancel)
        chosen = [self._statement_row(text, "statements") for text in asked.statements]
        return chosen_subgraph(self.snapshot, sources, chosen, asked.title, targets, cancel=cancel)

    def around(self, text: str, *, cancel: Cancel | None = None) -> Subgraph:
        """Return an entity with the statements that it takes part in.

        >>> graph.around("GDNF").entities[0].name
        'GDNF'
        """
        row = self.snapshot.names.ground(text, "entity")
        return entity_subgraph(self.snapshot, row, cancel=cancel)

    def about(self, identifier: str, *, cancel: Cancel | None = None) -> Subgraph:
        """Return a statement with its two entities and what it was derived from.

        >>> [entity.name for entity in graph.about("SC043").entities]
        ['neural stem cell', 'neuron']
        """
        return statement_subgraph(self.snapshot, self._statement_row(identifier), cancel)

    def drawn(
        self,
        result: PathResult | OpenEndsResult | NeighbourhoodResult | Comparison,
        *,
        cancel: Cancel | None = None,
    ) -> Subgraph:
        """Return the entities and statements of an answer as one subgraph.

        >>> found = graph.find_paths(source="NSC", target="neuron", max_hops=1)
        >>> [entity.name for entity in graph.drawn(found).entities]
        ['neural stem cell', 'neuron']
        """
        if isinstance(result, Comparison):
            from mechkg.kg.analysis.compare import comparison_subgraph  # numba, as above

            return comparison_subgraph(self.snapshot, result, cancel)
        if isinstance(result, PathResult):
            return path_subgraph(self.snapshot, result, cancel)
        if isinstance(result, OpenEndsResult):
            return open_ends_subgraph(self.snapshot, result, cancel)
        return neighbourhood_subgraph(self.snapshot, result, cancel)

    def whole(self, *, cancel: Cancel | None = None) -> Subgraph:
        """Return every entity and statement, negated and inferred ones included.

        >>> len(graph.whole().entities) == graph.manifest.counts.entities
        True
        """
        return whole_graph(self.snapshot, cancel=cancel)

    def metagraph(self) -> Metagraph:
        """Return which categories are joined by which predicates, and how often.

        >>> graph.metagraph().edges[0].subject
        'biolink:Gene'
        """
        return metagraph(self.snapshot)

    def overview(self) -> Overview:
        """Return the graph at a glance: counts, sources, most linked entities, questions.

        >>> graph.overview().graph
        'ms-nsc'
        """
        return overview(self.snapshot)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return the whole graph for networkx, keyed by statement identifier.

        >>> graph.to_networkx().number_of_nodes() == graph.manifest.counts.entities
        True
        """
        from mechkg.kg.interop.networkx import (
            to_networkx,  # networkx takes 0.2 s to import; servers never ask
        )

        return to_networkx(self.whole())

    def _warm(self) -> Snapshot:
        """Return the snapshot once kernels are compiled: compiling is not charged to a timeout."""
        if not self._is_warm:
            from mechkg.kg.warmup import make_warm  # numba, as above

            make_warm(self.snapshot)
            self._is_warm = True
        return self.snapshot

    def _statement_row(self, identifier: str, parameter: str = "statement") -> int:
        row = self.snapshot.records.statement_row(identifier)
        if row is None:
            raise UnknownTerm(parameter, identifier)
        return row

    def __repr__(self) -> str:
        counts = self.manifest.counts
        return (
            f"<Graph {self.manifest.name} {self.manifest.hash}: "
            f"{counts.entities} entities, {counts.statements} statements>"
        )

    def _repr_html_(self) -> str:
        counts = msgspec.structs.asdict(self.manifest.counts)
        rows = "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td>{value:,}</td></tr>"
            for name, value in counts.items()
        )
        caption = f"{escape(self.manifest.name)} {escape(self.manifest.hash)}"
        return f"<table><caption>{caption}</caption>{rows}</table>"
