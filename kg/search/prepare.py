"""Check and compile a path query: what every question about paths does first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.search import Task, watch_for
from mechkg.kg.kernels.types import Watch
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import NetEffect
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.explain import net_effect
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["PreparedQuery", "prepare"]


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A checked query with all that its search needs.

    `task` is the query in rows and masks, `costs` what its scorer charges. `watch` stops kernels
    at the deadline of the query (`timeout` after `prepare`) or when `cancel` is raised.
    """

    context: SearchContext
    query: PathQuery
    task: Task
    costs: Costs
    watch: Watch
    cancel: Cancel | None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that is searched."""
        return self.context.snapshot

    @property
    def engine(self) -> Engine:
        """The snapshot's arrays as kernels take them."""
        return self.context.engine

    @property
    def has_ends(self) -> bool:
        """Whether sources and targets are left once `avoid` is taken out of them."""
        return len(self.task.sources) > 0 and len(self.task.targets) > 0

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the caller has asked to stop."""
        if self.cancel is not None:
            self.cancel.check()

    def end_names(self) -> tuple[str, str]:
        """Return the names of the sources and those of the targets, as sentences use them."""
        return self.context.names(self.task.sources), self.context.names(self.task.targets)

    def net_effect(self, counts: Sequence[int], *, exact: bool) -> NetEffect:
        """Return what paths of these counts (neutral, raising, lowering, unknown) say together."""
        source, target = self.end_names()
        return net_effect(counts, exact=exact, source=source, target=target)

    def path_builder(self) -> PathBuilder:
        """Return what makes `Path` objects from rows."""
        return PathBuilder(self.snapshot, self.task, self.costs)


def prepare(snapshot: Snapshot, query: PathQuery, cancel: Cancel | None = None) -> PreparedQuery:
    """Check a query, resolve its names, compile its filters and start its clock.

    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm` or `QueryError`. The cost is that of
    `mechkg.kg.search.compile_query.compile_query`.
    """
    query = query.checked()
    context = SearchContext.of(snapshot)
    costs = context.costs(query.scorer)
    return PreparedQuery(
        context=context,
        query=query,
        task=compile_query(context, query, costs),
        costs=costs,
        watch=watch_for(query.timeout, cancel.flag if cancel else None),
        cancel=cancel,
    )
