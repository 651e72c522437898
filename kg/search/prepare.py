"""Check and compile a path query: what every question about paths does first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from mechkg.kg.kernels.engine import Engine
from mechkg.kg.kernels.search import (
    COUNT_PATHS,
    COUNT_WORK,
    Answer,
    Task,
    search,
    survey_paths,
    watch_for,
)
from mechkg.kg.kernels.types import FINISHED, Watch
from mechkg.kg.model.grounding import Closure, Grounding, NameMatch
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.results import Applied, NetEffect
from mechkg.kg.model.values import Path
from mechkg.kg.progress import Cancel
from mechkg.kg.ranking import DEFAULT, default_scorer
from mechkg.kg.ranking.costs import Costs
from mechkg.kg.ranking.learned import CANDIDATES, LEARNED
from mechkg.kg.ranking.specific import SPECIFIC
from mechkg.kg.search.closure import ClosedQuery, close_query, closures_of
from mechkg.kg.search.compile_query import compile_query
from mechkg.kg.search.composition import Composition, composition_for
from mechkg.kg.search.consistent import (
    InContext,
    best_in_context,
    check_consistent,
    is_consistent,
)
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.direct_claims import direct_claims
from mechkg.kg.search.diverse import Ordering, ordered
from mechkg.kg.search.net_effect import MAX_WEIGHED, net_effect_of, silent_chain
from mechkg.kg.search.path_builder import PathBuilder
from mechkg.kg.search.rerank import LearnedAnswer, learned_fits, rerank
from mechkg.kg.search.resolve import named_rows
from mechkg.kg.search.sentences import MAX_NAMED
from mechkg.kg.search.verdict import MAX_CHAINS, Chain, Claim, Decision, decide
from mechkg.kg.search.verdict_words import End
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["Compiler", "PreparedQuery", "prepare"]

Compiler = Callable[[SearchContext, PathQuery, Costs], Task]
"""What makes the task of a query, with the costs of its scorer: `compile_query`, or like it."""

LOOSE: Final[frozenset[NameMatch]] = frozenset(
    ("brand", "broad", "narrow", "related", "word order", "typing error")
)
"""Readings of a name that the sentence of an answer mentions."""
REFUSED: Final = "What links the two does not add up to an effect of one on the other."
CONSISTENT_ONLY: Final = "Only paths that can hold in one context count."


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A checked query with all that its search needs.

    `scorer` names what ranks its paths, `closed` is the query with the subclasses that it takes
    in, `task` that in rows and masks, `costs` what its scorer charges, `composition` the grammar
    that its paths are held to. `watch` stops kernels at the deadline of the query (`timeout` after
    `prepare`) or when `cancel` is raised. `compiled` makes its tasks.
    """

    context: SearchContext
    query: PathQuery
    closed: ClosedQuery
    scorer: str
    costs: Costs
    watch: Watch
    cancel: Cancel | None
    composition: Composition | None = None
    refused: bool = False
    compiled: Compiler = compile_query

    @property
    def task(self) -> Task:
        """The query in rows and masks."""
        return self.closed.task

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

    @property
    def is_consistent(self) -> bool:
        """Whether only paths count that can hold in one context."""
        return is_consistent(self.query)

    @property
    def learns(self) -> bool:
        """Whether the best paths are put in learned order."""
        return self.scorer == LEARNED.name and not self.query.diverse

    def ranked_by(self, answer: Answer) -> str:
        """Return the name of the scorer that ranked an answer to the query."""
        cut = self.learns and len(answer.keys) > 0 and not isinstance(answer, LearnedAnswer)
        return SPECIFIC.name if cut else self.scorer

    def best(self, k: int) -> Answer:
        """Return at least the `k` best paths by the scorer of the query, as far as there are any.

        The learned scorer looks at all its candidates, however few paths are wanted; a search that
        was cut short keeps the unlearned order.
        """
        if self.is_consistent:
            self.announce()
            builder = self.path_builder()
            return best_in_context(self.engine, self.task, k, self.watch, builder)
        check = None if self.cancel is None else self.cancel.check
        if not self.learns:
            return search(self.engine, self.task, k, self.watch, check)
        answer = search(self.engine, self.task, max(k, CANDIDATES), self.watch, check)
        return rerank(self.snapshot, self.task, answer)

    @property
    def weighed(self) -> int:
        """How many of the best paths the verdict looks for its chains among."""
        return MAX_CHAINS if self._is_silent else MAX_WEIGHED

    @property
    def _is_silent(self) -> bool:
        """Whether a chain of the query can only be shorter or longer than another."""
        return self.composition is None and self.context.is_silent

    def check_cancelled(self) -> None:
        """Raise `Cancelled` once the caller has cancelled."""
        if self.cancel is not None:
            self.cancel.check()

    def announce(self) -> None:
        """Tell the caller that a search takes long, where its paths cannot be counted soon."""
        if self.cancel is None or not self.has_ends:
            return
        found = survey_paths(self.engine, self.task, 0, COUNT_PATHS, COUNT_WORK, self.watch)
        if found.status != FINISHED:
            self.cancel.expect_long()

    def end_names(self) -> tuple[str, str]:
        """Return the names of the sources and those of the targets, as sentences use them."""
        return self.end_name("source"), self.end_name("target")

    def end_name(self, parameter: Literal["source", "target"]) -> str:
        """Return the names of one side, as sentences use them."""
        return self._end(parameter).phrase()[0]

    def _end(self, parameter: Literal["source", "target"], spoken: Sequence[str] = ()) -> End:
        """Return one side as sentences name it; a class that is widened, not its subclasses.

        `spoken` are the identifiers of those that a verdict is about.
        """
        records = self.snapshot.records
        rows = (self.task.sources if parameter == "source" else self.task.targets).tolist()
        widened = any(w.parameter == parameter for w in self.closed.widened)
        if widened:
            rows = named_rows(self.context, getattr(self.query, parameter), parameter)
        about = [row for row in map(records.entity_row, spoken) if row is not None]
        return End(
            entities=tuple(map(records.path_entity, rows[:MAX_NAMED])),
            count=len(rows),
            widened=widened,
            spoken=tuple(map(records.path_entity, about)),
        )

    def groundings(self) -> tuple[Grounding, ...]:
        """Return how the names of the query were read, where that is not plain."""
        return self.closed.groundings

    def closures(self, paths: Sequence[Path] = ()) -> tuple[Closure, ...]:
        """Return which subclasses were taken in, those named that are on some paths."""
        return closures_of(self.context, self.closed.widened, paths)

    def notes(self, paths: Sequence[Path] = ()) -> list[str]:
        """Return what a reader should know of loose names and of the subclasses taken in."""
        loose = [g.sentence for g in self.groundings() if g.match in LOOSE or self._is_bare(g.id)]
        kept = [CONSISTENT_ONLY] if self.is_consistent else []
        return [*loose, *(closure.sentence for closure in self.closures(paths)), *kept]

    def _is_bare(self, curie: str) -> bool:
        """Say whether no statement is made about an entity: then its reading explains an answer."""
        row = self.snapshot.records.entity_row(curie)
        return row is not None and not self.snapshot.index.degree[row]

    def net_effect(
        self,
        counts: Sequence[int],
        *,
        exact: bool,
        paths: Sequence[Path] = (),
        associations: int = 0,
        answer: Answer | None = None,
        builder: PathBuilder | None = None,
    ) -> NetEffect:
        """Return the verdict of the query and the counts of all its paths.

        `counts` are those of the paths that are neutral, raise, lower or have no single direction.
        `answer` may hold the best paths where they were searched for; else the best
        `weighed` are, so that the verdict does not depend on how many paths are asked for.
        `builder` may be one that has built paths of the query before.
        `associations` are how many of those without direction are direct associations.
        With `min_hops` above 1 the question is one of chains, and direct claims decide nothing.
        Its sentence ends with the notes.
        """
        effect = self.verdict(
            counts, exact=exact, answer=answer, builder=builder, associations=associations
        )
        notes = self.notes(paths)
        if self.refused and any(counts):
            notes.insert(0, REFUSED)
        if not notes:
            return effect
        return msgspec.structs.replace(effect, sentence=" ".join([effect.sentence, *notes]))

    def verdict(
        self,
        counts: Sequence[int],
        *,
        exact: bool,
        answer: Answer | None,
        builder: PathBuilder | None,
        direct: Decision | None = None,
        associations: int = 0,
    ) -> NetEffect:
        """Return the net effect as `net_effect` does, its sentence without the notes.

        `direct` is what direct claims decide (`direct_decision`), where that is known.
        """
        if self.refused:
            counts = (0, 0, 0, sum(map(int, counts)))
        decision = direct or self.direct_decision()
        if decision.basis == "none":
            chains = self._chains(answer, builder)
            decision = decide(self.claims() if decision.open else (), chains)
        return self.worded(decision, counts, exact=exact, associations=associations)

    def direct_decision(self) -> Decision:
        """Return what direct claims decide; its basis is `none` where they do not."""
        return decide(self.claims(), ())

    def worded(
        self, decision: Decision, counts: Sequence[int], *, exact: bool, associations: int = 0
    ) -> NetEffect:
        """Return a decision on the query with the counts of all paths, in words."""
        source = self._end("source", decision.sources)
        target = self._end("target", decision.targets)
        return net_effect_of(
            decision,
            counts,
            exact=exact,
            source=source,
            target=target,
            associations=associations,
        )

    def claims(self) -> list[Claim]:
        """Return the direct claims on the ends; none where the question is one of chains."""
        return direct_claims(self.context, self.task) if self.query.min_hops == 1 else []

    def _chains(self, answer: Answer | None, builder: PathBuilder | None) -> list[Chain]:
        """Return the best paths as the verdict weighs them; none where they pass no effect on."""
        if self.refused or not self.has_ends:
            return []
        if answer is None:
            answer = self.best(self.weighed)
        best = answer.nodes[: self.weighed]
        if len(best) and self._is_silent:
            return [silent_chain(int((best >= 0).sum(axis=1).min()) - 1)]
        return (builder or self.path_builder()).chains(answer, self.weighed)

    def without_composition(self) -> PreparedQuery | None:
        """Return the same query with any hop after any other, None where that is so already.

        What it finds passes no effect on: `refused` is set.
        """
        if self.composition is None:
            return None
        query = msgspec.structs.replace(self.closed.query, composition="off")
        closed = replace(self.closed, task=self.compiled(self.context, query, self.costs))
        return replace(self, closed=closed, composition=None, refused=True)

    def path_builder(self, *, consistent: bool = True) -> PathBuilder:
        """Return what makes `Path` objects from rows, in one context where the query asks for it.

        Without `consistent` it takes all statements in any case.
        """
        return PathBuilder(
            self.context,
            self.task,
            self.costs,
            self.composition,
            refused=self.refused,
            consistent=consistent and self.is_consistent,
        )

    def ordered(self, k: int, builder: PathBuilder) -> Ordering | InContext:
        """Return the k best paths in order, each as soon as it is proven; none is learned."""
        if self.is_consistent:
            return InContext(self.engine, self.task, k, self.watch, builder)
        return ordered(self.engine, self.task, self.query.diverse, k, self.watch)

    def applied(self) -> Applied:
        """Return whether paths are held to the grammar of composition."""
        if self.refused:
            return "refused"
        return "off" if self.composition is None else "applied"


def prepare(
    snapshot: Snapshot,
    query: PathQuery,
    cancel: Cancel | None = None,
    *,
    compiled: Compiler = compile_query,
    learned: bool = True,
) -> PreparedQuery:
    """Check a query, resolve its names, compile its filters and start its clock.

    `compiled` makes its tasks; without `learned`, the learned order is not taken by default.
    Raises `UnknownEntity`, `AmbiguousName`, `UnknownTerm` or `QueryError`. The cost is that of
    `mechkg.kg.search.compile_query.compile_query` and `mechkg.kg.search.closure.close_query`.
    """
    query = query.checked()
    consistent = check_consistent(query)
    context = SearchContext.of(snapshot)
    scorer = query.scorer
    if scorer == DEFAULT:
        scorer = default_scorer(snapshot.schema)
    costs = context.costs(scorer, query.weights)
    composition = composition_for(context, query, costs)
    free = composition is None and not (query.diverse or query.weights or consistent)
    learns = query.scorer == DEFAULT and scorer == SPECIFIC.name and free and query.max_hops > 1
    if learned and learns and learned_fits(snapshot):
        scorer = LEARNED.name
        costs = context.costs(scorer)
    watch = watch_for(query.timeout, cancel.flag if cancel else None)
    return PreparedQuery(
        context=context,
        query=query,
        closed=close_query(context, query, lambda q: compiled(context, q, costs), watch),
        scorer=scorer,
        costs=costs,
        watch=watch,
        cancel=cancel,
        composition=composition,
        compiled=compiled,
    )
