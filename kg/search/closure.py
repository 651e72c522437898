"""Closure over subclasses: when the entities below a class of a query are taken in for it.

One rule for every question about paths and every parameter. `NAME*` takes subclasses in, `NAME!`
never does. Of a bare name they are taken in where the answer would otherwise be silent about what
the graph says of them:

1. no statement that the query may use is about the class itself, but some are about subclasses;
2. no statement joins the ends directly, but one does with subclasses;
3. no path joins the ends, but one does with subclasses.

Rules 2 and 3 widen the targets if that suffices, else the sources, else both and `via`. `avoid`
follows rule 1 alone: it would have no effect otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import UnknownEntity
from mechkg.kg.kernels.search import Task, best_paths
from mechkg.kg.kernels.types import Watch
from mechkg.kg.model.grounding import Closure, ClosureReason
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Path, PathEntity
from mechkg.kg.search.context import SearchContext
from mechkg.kg.search.hierarchy import Hierarchy, Rows
from mechkg.kg.search.resolve import BELOW, split_suffix

__all__ = [
    "ClosedQuery",
    "Widened",
    "close_entity",
    "close_query",
    "closures_of",
    "with_subclasses",
]

MAX_BELOW: Final = 1_000
"""Subclasses of a class, at most, that are taken in unasked."""

MAX_MEMBERS: Final = 20
"""Subclasses that an answer names."""
MAX_NAMED: Final = 5
"""Subclasses that a sentence names."""

Field = Literal["source", "target", "via", "avoid", "entity"]
FIELDS: Final[tuple[Field, ...]] = ("source", "target", "via", "avoid")
WIDER: Final[tuple[tuple[Field, ...], ...]] = (
    ("target",), ("source",), ("source", "target"), ("source", "target", "via"),
)  # fmt: skip

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Widened:
    """A class whose subclasses are taken in: where it is named, its row, and why."""

    parameter: Field
    given: str
    row: int
    reason: ClosureReason


@dataclass(frozen=True, slots=True)
class ClosedQuery:
    """A query in which each class that is widened ends in `*`, its task, and these classes."""

    query: PathQuery
    task: Task
    widened: tuple[Widened, ...]


def close_query(
    context: SearchContext, query: PathQuery, compiled: Callable[[PathQuery], Task], watch: Watch
) -> ClosedQuery:
    """Return a query with the subclasses that it takes in; `compiled` makes its tasks.

    Raises what `compiled` raises. Up to eight searches for one path, where a class is named that
    has subclasses; none otherwise.
    """
    widened = list(_asked(context, query))
    unstated = list(_unstated(context, query))
    query = _wider(query, unstated)
    widened += unstated
    task = compiled(query)
    open_ = list(_open(context, query))
    levels: tuple[tuple[ClosureReason, int], ...] = (
        ("no direct statement", 1), ("no path", query.max_hops),
    )  # fmt: skip
    for reason, hops in levels:
        if not open_ or hops < query.min_hops or _has_path(context, task, hops, watch):
            continue
        for fields in WIDER:
            some = [replace(one, reason=reason) for one in open_ if one.parameter in fields]
            if not any(one.parameter == fields[-1] for one in some):
                continue
            wider = _wider(query, some)
            wider_task = compiled(wider)
            if _has_path(context, wider_task, hops, watch):
                return ClosedQuery(wider, wider_task, (*widened, *some))
    return ClosedQuery(query, task, tuple(widened))


def _asked(context: SearchContext, query: PathQuery) -> Iterator[Widened]:
    """Yield the classes whose subclasses are asked for."""
    for field in FIELDS:
        for text in getattr(query, field):
            name, suffix = split_suffix(text)
            if suffix == BELOW:
                yield Widened(field, text, context.row(name, field), "asked")


def _unstated(context: SearchContext, query: PathQuery) -> Iterator[Widened]:
    """Yield the classes that the query can use no statement of, but some of their subclasses'."""
    usable = _usable(context, query.predicate, has_metapath=bool(query.metapath))
    for one in _open(context, query, FIELDS):
        below = Hierarchy.of(context.snapshot).below(one.row)
        if not _is_stated(context, one.row, usable) and any(
            _is_stated(context, row, usable) for row in below.tolist()
        ):
            yield replace(one, reason="no statement")


def _open(
    context: SearchContext, query: PathQuery, fields: Sequence[Field] = FIELDS[:3]
) -> Iterator[Widened]:
    """Yield the classes with subclasses, not too many, that a query leaves the choice for."""
    hierarchy = Hierarchy.of(context.snapshot)
    for field in fields:
        for text in getattr(query, field):
            if split_suffix(text)[1] or text.startswith("biolink:"):
                continue
            try:
                row = context.row(text, field)
            except UnknownEntity:  # a category, or refused when the query is compiled
                continue
            if 1 < len(hierarchy.below(row)) <= MAX_BELOW + 1:
                yield Widened(field, text, row, "no path")


def _wider(query: PathQuery, widened: Sequence[Widened]) -> PathQuery:
    """Return a query with `*` behind some names."""
    if not widened:
        return query
    changed = {(one.parameter, one.given) for one in widened}
    fields = {
        field: tuple(
            text + BELOW if (field, text) in changed else text for text in getattr(query, field)
        )
        for field in FIELDS
    }
    return msgspec.structs.replace(query, **fields)


def _usable(
    context: SearchContext, predicates: Sequence[str], *, has_metapath: bool = False
) -> Mask:
    """Return which predicates a query can walk."""
    schema = context.snapshot.schema
    if has_metapath:
        return np.ones(len(schema.predicates), np.uint8)
    if not predicates:
        return context.engine.mechanism
    wanted = {p for text in predicates for p in schema.predicates_under(text)}
    return np.array([p.id in wanted for p in schema.predicates], np.uint8)


def _is_stated(context: SearchContext, row: int, usable: Mask) -> bool:
    """Say whether a usable statement is about an entity; O(its statements)."""
    index = context.snapshot.index
    out = index.predicate[index.out_ptr[row] : index.out_ptr[row + 1]]
    into = index.in_pred[index.in_ptr[row] : index.in_ptr[row + 1]]
    return bool(usable[out].any() or usable[into].any())


def _has_path(context: SearchContext, task: Task, hops: int, watch: Watch) -> bool:
    """Say whether a task has a path of at most some hops; one that is late has none."""
    if not len(task.sources) or not len(task.targets):
        return False
    return (
        len(best_paths(context.engine, msgspec.structs.replace(task, max_hops=hops), 1, watch).keys)
        > 0
    )


def close_entity(
    context: SearchContext, text: str, predicates: Sequence[str]
) -> tuple[int, Rows, tuple[Widened, ...]]:
    """Return the row of an entity, those of it and the subclasses taken in, and why they are.

    Rule 1 holds for statements of some predicates and all below them, of mechanisms where there
    are none. Raises as `Names.ground` does.
    """
    name, suffix = split_suffix(text)
    row = context.row(name, "entity")
    alone = np.array([row], np.int32)
    below = Hierarchy.of(context.snapshot).below(row)
    if suffix == BELOW:
        return row, below, (Widened("entity", text, row, "asked"),)
    if suffix or not 1 < len(below) <= MAX_BELOW + 1:
        return row, alone, ()
    usable = _usable(context, predicates)
    if _is_stated(context, row, usable):
        return row, alone, ()
    if not any(_is_stated(context, other, usable) for other in below.tolist()):
        return row, alone, ()
    return row, below, (Widened("entity", text, row, "no statement"),)


def with_subclasses(
    context: SearchContext, texts: Sequence[str], parameter: str
) -> tuple[str, ...]:
    """Return names with `*` behind those of classes that leave the choice; raises as grounding."""
    hierarchy = Hierarchy.of(context.snapshot)
    return tuple(
        text + BELOW
        if not split_suffix(text)[1]
        and 1 < len(hierarchy.below(context.row(text, parameter))) <= MAX_BELOW + 1
        else text
        for text in texts
    )


def closures_of(
    context: SearchContext, widened: Sequence[Widened], paths: Sequence[Path]
) -> tuple[Closure, ...]:
    """Return what an answer says of the classes that were widened, their members from its paths."""
    return tuple(_closure(context, one, paths) for one in widened)


def _closure(context: SearchContext, widened: Widened, paths: Sequence[Path]) -> Closure:
    records = context.snapshot.records
    rows = Hierarchy.of(context.snapshot).below(widened.row)
    below = {records.curie(row) for row in rows.tolist()} - {records.curie(widened.row)}
    root = records.path_entity(widened.row)
    used: dict[str, PathEntity] = {}
    for path in paths:
        for entity in _ends(path, widened.parameter):
            if entity.id in below:
                used.setdefault(entity.id, entity)
    if not paths or widened.parameter == "avoid":
        stated = [row for row in rows.tolist() if row != widened.row][:MAX_MEMBERS]
        used = {entity.id: entity for entity in map(records.path_entity, stated)}
    members = tuple(used.values())[:MAX_MEMBERS]
    return Closure(
        parameter=widened.parameter,
        given=widened.given,
        id=root.id,
        name=root.name,
        reason=widened.reason,
        count=len(below),
        members=members,
        sentence=_sentence(root.name, widened, [entity.name for entity in members]),
    )


def _ends(path: Path, parameter: Field) -> Sequence[PathEntity]:
    return {
        "source": path.entities[:1],
        "target": path.entities[-1:],
        "via": path.entities,
        "avoid": (),
        "entity": (),
    }[parameter]


def _sentence(name: str, widened: Widened, members: Sequence[str]) -> str:
    """Say in words what was taken in for a class, and why."""
    begin = {
        "asked": f"{name} stands for its subclasses, too",
        "compared": f"{name} stands for its subclasses, too",
        "no statement": f"The graph states nothing of this kind about {name} itself, so its "
        "subclasses were taken in",
        "no direct statement": f"Direct statements are about subclasses of {name}, which were "
        "taken in",
        "no path": f"No path joins {name} itself, so its subclasses were taken in",
    }[widened.reason]
    if not members:
        return f"{begin}."
    listed = ", ".join(members[:MAX_NAMED])
    more = len(members) - MAX_NAMED
    return f"{begin}: {listed}{f' and {more} more' if more > 0 else ''}."
