"""The tools: each asks the graph once and tells the answer within a number of tokens.

What is wrong with a call goes to the model as one sentence (`ToolError`), so that it can mend
the call: an ambiguous name comes back with its candidates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BeforeValidator, Field

from mechkg.api.mcp.budget import TOKENS, fit
from mechkg.api.mcp.text import (
    tell_chokepoints,
    tell_comparison,
    tell_entity,
    tell_evidence,
    tell_matches,
    tell_neighbourhood,
    tell_open_ends,
    tell_paths,
    tell_significance,
    tell_why_not,
)
from mechkg.kg.errors import MechKGError, UnknownTerm
from mechkg.kg.graph import Graph
from mechkg.kg.model.queries import (
    MAX_HOPS,
    CompareQuery,
    NeighbourhoodQuery,
    OpenEndsQuery,
    PathQuery,
    parameters,
)
from mechkg.kg.progress import Cancel

__all__ = ["Tools"]

Parameters = ParamSpec("Parameters")

MEANINGS = {
    parameter.name: parameter.meaning
    for query in (NeighbourhoodQuery, CompareQuery, PathQuery)
    for parameter in parameters(query)
}
"""The meanings of parameters; those of a path query come last and count where names recur."""

OPEN_MEANINGS = {parameter.name: parameter.meaning for parameter in parameters(OpenEndsQuery)}

Name = Annotated[str, Field(min_length=1, max_length=500, description="A CURIE or a name.")]


def listed(value: object) -> object:
    """Return a text alone as a list of one, the commonest slip of a model that calls a tool."""
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(listed)]


def _set(name: str) -> Any:
    return Field(max_length=100, description=MEANINGS[name])


Sources = Annotated[Names, _set("source")]
Targets = Annotated[Names, _set("target")]
OpenSources = Annotated[Names, Field(max_length=100, description=OPEN_MEANINGS["source"])]
OpenTargets = Annotated[Names, Field(max_length=100, description=OPEN_MEANINGS["target"])]
Verdicts = Annotated[
    Literal["", "raises", "lowers", "both", "unknown", "none"],
    Field(description=OPEN_MEANINGS["effect"]),
]
Via = Annotated[Names, _set("via")]
Avoid = Annotated[Names, _set("avoid")]
Predicates = Annotated[Names, _set("predicate")]
Contexts = Annotated[Names, _set("context")]
Statements = Annotated[
    Names,
    Field(min_length=1, max_length=50, description="Identifiers of statements, such as SC061."),
]
Hops = Annotated[int, Field(ge=1, le=MAX_HOPS, description=MEANINGS["max_hops"])]
Limit = Annotated[int, Field(ge=1, le=200, description="How many are returned at most.")]
Budget = Annotated[int, Field(ge=100, le=20_000, description="Most tokens of the answer.")]
Direction = Annotated[
    Literal["directed", "undirected"],
    Field(description=MEANINGS["direction"]),
]
Composition = Annotated[
    Literal["default", "off", "strict"],
    Field(description=MEANINGS["composition"]),
]
SECONDS = 20.0


_CANCEL: ContextVar[Cancel | None] = ContextVar("what ends a call", default=None)


def refusing(ask: Callable[Parameters, str]) -> Callable[Parameters, Awaitable[str]]:
    """Return a tool whose errors are sentences for the model.

    It works in a thread, and stops there once its call is cancelled or its client has gone.
    """

    @wraps(ask)
    async def tool(*args: Parameters.args, **kwargs: Parameters.kwargs) -> str:
        cancel = Cancel()
        _CANCEL.set(cancel)
        try:
            return await asyncio.to_thread(ask, *args, **kwargs)
        except MechKGError as error:
            raise ToolError(str(error)) from error
        finally:
            cancel.cancel()

    return tool


class Tools:
    """What an agent can ask of one graph; `opened` gives the graph, the latest at each call."""

    def __init__(self, opened: Callable[[], Graph]) -> None:
        self._opened = opened

    def all(self) -> tuple[Callable[..., Awaitable[str]], ...]:
        """Return the tools in the order in which an agent meets them."""
        return (
            self.ground,
            self.describe,
            self.find_paths,
            self.open_ends,
            self.neighbours,
            self.evidence,
            self.compare,
            self.why_not,
            self.chokepoints,
            self.significance,
        )

    @refusing
    def ground(self, text: Name, limit: Limit = 8, tokens: Budget = TOKENS) -> str:
        """Find which entities a name may mean. Ask this first where a name is uncertain."""
        return fit(tell_matches(self._opened().search(text, limit=limit)), tokens)

    @refusing
    def describe(self, entity: Name, tokens: Budget = TOKENS) -> str:
        """Say what an entity is, and count its statements by predicate and direction."""
        graph = self._opened()
        found = graph.entity(entity)
        around = graph.neighbourhood(entity=found.id, limit=1)
        return fit(tell_entity(found, around), tokens)

    @refusing
    def find_paths(
        self,
        *,
        source: Sources,
        target: Targets,
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        predicate: Predicates = (),
        context: Contexts = (),
        composition: Composition = "default",
        parts: Annotated[bool, Field(description="Say how each score comes about.")] = False,
        limit: Limit = 8,
        tokens: Budget = TOKENS,
    ) -> str:
        """Find how sources lead to targets: the best mechanism paths, exactly ranked.

        Begins with what all paths say together (net effect). Every hop cites its statements.
        """
        found = self._opened().find_paths(
            source=source,
            target=target,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            predicate=predicate,
            context=context,
            composition=composition,
            limit=limit,
            timeout=SECONDS,
            cancel=_CANCEL.get(),
        )
        return fit(tell_paths(found, parts=parts), tokens)

    @refusing
    def open_ends(
        self,
        *,
        source: OpenSources,
        target: OpenTargets,
        effect: Verdicts = "",
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        predicate: Predicates = (),
        context: Contexts = (),
        composition: Composition = "default",
        limit: Limit = 10,
        tokens: Budget = TOKENS,
    ) -> str:
        """Rank what leads to a target, or what a source leads to: which drugs, which diseases.

        One side is a category (Drug), NAME* or *. Each end comes with verdict, number of paths and
        best path; effect=lowers keeps those that lower the other side.
        """
        found = self._opened().open_ends(
            source=source,
            target=target,
            effect=effect,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            predicate=predicate,
            context=context,
            composition=composition,
            limit=limit,
            timeout=SECONDS,
            cancel=_CANCEL.get(),
        )
        return fit(tell_open_ends(found), tokens)

    @refusing
    def neighbours(
        self,
        *,
        entity: Name,
        direction: Annotated[Literal["out", "in", "both"], Field()] = "both",
        predicate: Predicates = (),
        context: Contexts = (),
        limit: Limit = 20,
        tokens: Budget = TOKENS,
    ) -> str:
        """List what stands one statement away from an entity, groups with counts first."""
        found = self._opened().neighbourhood(
            entity=entity,
            direction=direction,
            predicate=predicate,
            context=context,
            limit=limit,
            cancel=_CANCEL.get(),
        )
        return fit(tell_neighbourhood(found), tokens)

    @refusing
    def evidence(
        self,
        statements: Statements,
        tokens: Budget = TOKENS,
    ) -> str:
        """Show the evidence of statements by identifier (SC061): sources, passages, limits.

        Identifiers that the graph does not have are named first.
        """
        graph = self._opened()
        found, unknown = [], []
        for identifier in dict.fromkeys(statements):
            try:
                found.append(graph.statement(identifier))
            except UnknownTerm:
                unknown.append(identifier)
        if not found:
            raise UnknownTerm("statements", ", ".join(unknown))
        ends = {end for statement in found for end in (statement.subject, statement.object)}
        names = {end: graph.entity(end).name for end in ends}
        lines = [line for statement in found for line in tell_evidence(statement, names)]
        if unknown:
            lines.insert(0, f"Not in this graph: {', '.join(unknown)}.")
        return fit(lines, tokens)

    @refusing
    def compare(
        self,
        *,
        left: Annotated[Names, _set("left")],
        right: Annotated[Names, _set("right")],
        target: Targets = (),
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        context: Contexts = (),
        limit: Limit = 20,
        tokens: Budget = TOKENS,
    ) -> str:
        """Contrast two sources: what mediates between each and a target, together and alone.

        Without a target, their neighbours are contrasted.
        """
        found = self._opened().compare(
            left=left,
            right=right,
            target=target,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            context=context,
            paths=0,
            limit=limit,
            timeout=SECONDS,
            cancel=_CANCEL.get(),
        )
        return fit(tell_comparison(found), tokens)

    @refusing
    def why_not(
        self,
        *,
        source: Sources,
        target: Targets,
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        predicate: Predicates = (),
        context: Contexts = (),
        tokens: Budget = TOKENS,
    ) -> str:
        """Say why there are no paths, or few: what each constraint keeps out."""
        found = self._opened().why_not(
            source=source,
            target=target,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            predicate=predicate,
            context=context,
            timeout=SECONDS,
            cancel=_CANCEL.get(),
        )
        return fit(tell_why_not(found), tokens)

    @refusing
    def chokepoints(
        self,
        *,
        source: Sources,
        target: Targets,
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        predicate: Predicates = (),
        context: Contexts = (),
        limit: Limit = 10,
        tokens: Budget = TOKENS,
    ) -> str:
        """List the entities and statements that most paths from sources to targets lead through."""
        found = self._opened().chokepoints(
            source=source,
            target=target,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            predicate=predicate,
            context=context,
            limit=limit,
            timeout=SECONDS,
            cancel=_CANCEL.get(),
        )
        return fit(tell_chokepoints(found), tokens)

    @refusing
    def significance(
        self,
        *,
        source: Sources,
        target: Targets,
        max_hops: Hops = 3,
        direction: Direction = "directed",
        via: Via = (),
        avoid: Avoid = (),
        predicate: Predicates = (),
        context: Contexts = (),
        samples: Annotated[int, Field(ge=1, le=100_000)] = 1_000,
        limit: Limit = 10,
        tokens: Budget = TOKENS,
    ) -> str:
        """Say whether there are more paths than chance would give, by mediator and metapath.

        Expected is what rewired graphs hold, in which every entity keeps its degrees; p is the
        chance of as many paths or more.
        """
        found = self._opened().significance(
            source=source,
            target=target,
            max_hops=max_hops,
            direction=direction,
            via=via,
            avoid=avoid,
            predicate=predicate,
            context=context,
            samples=samples,
            limit=limit,
            timeout=SECONDS,
        )
        return fit(tell_significance(found), tokens)
