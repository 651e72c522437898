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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.errors import UnknownEntity
from mechkg.kg.kernels.search import Task, best_paths
from mechkg.kg.kernels.types import Watch
from mechkg.kg.model.grounding import Closure, ClosureReason, Grounding
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Path, PathEntity
from mechkg.kg.search.context import Named, SearchContext
from mechkg.kg.search.hierarchy import BELOW, Rows
from mechkg.kg.search.sentences import capitalised, noun_phrase

__all__ = [
    "ClosedQuery",
    "Widened",
    "close_entity",
    "close_query",
    "closures_of",
    "notable",
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
    """A query in which each class that is widened ends in `*`, its task, and these classes.

    `groundings` say how its names were read, where that is not plain.
    """

    query: PathQuery
    task: Task
    widened: tuple[Widened, ...]
    groundings: tuple[Grounding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Class:
    """What a text of a query names, and the rows of it and all below it."""

    parameter: Field
    text: str
    named: Named
    below: Rows

    @property
    def is_open(self) -> bool:
        """Whether the query leaves it open if its subclasses are taken in, and they are few."""
        return not self.named.suffix and 1 < len(self.below) <= MAX_BELOW + 1

    def widened(self, reason: ClosureReason) -> Widened:
        """Return the class as one whose subclasses are taken in."""
        return Widened(self.parameter, self.text, self.named.row, reason)


def close_query(
    context: SearchContext, query: PathQuery, compiled: Callable[[PathQuery], Task], watch: Watch
) -> ClosedQuery:
    """Return a query with the subclasses that it takes in; `compiled` makes its tasks.

    Raises what `compiled` raises. Up to eight searches for one path, where a class is named that
    has subclasses; none otherwise.
    """
    named = list(_named(context, query))
    widened = [one.widened("asked") for one in named if one.named.suffix == BELOW]
    open_ = [one for one in named if one.is_open]
    unstated = _unstated(context, query, open_)
    widened += [one.widened("no statement") for one in unstated]
    query = _wider(query, unstated)
    task = compiled(query)
    groundings = notable(one.named.grounding for one in named)
    open_ = [one for one in open_ if one not in unstated and one.parameter != "avoid"]
    levels: tuple[tuple[ClosureReason, int], ...] = (
        ("no direct statement", 1), ("no path", query.max_hops),
    )  # fmt: skip
    for reason, hops in levels:
        if not open_ or hops < query.min_hops or _has_path(context, task, hops, watch):
            continue
        for fields in WIDER:
            some = [one for one in open_ if one.parameter in fields]
            if not any(one.parameter == fields[-1] for one in some):
                continue
            wider = _wider(query, some)
            wider_task = compiled(wider)
            if _has_path(context, wider_task, hops, watch):
                widened += [one.widened(reason) for one in some]
                return ClosedQuery(wider, wider_task, tuple(widened), groundings)
    return ClosedQuery(query, task, tuple(widened), groundings)


def _named(context: SearchContext, query: PathQuery) -> Iterator[_Class]:
    """Yield what the texts of a query name, but for categories."""
    for field in FIELDS:
        for text in getattr(query, field):
            if text.startswith("biolink:") and not text.endswith(BELOW):
                continue
            try:
                named = context.named(text, field)
            except UnknownEntity:  # a category, or refused when the query is compiled
                continue
            yield _Class(field, text, named, context.hierarchy.below(named.row))


def notable(groundings: Iterable[Grounding]) -> tuple[Grounding, ...]:
    """Return those readings of names that are not plain: no identifier, and not the very name."""
    return tuple(g for g in groundings if g.match not in {"identifier", "name"} or g.sentence)


def _unstated(context: SearchContext, query: PathQuery, open_: Sequence[_Class]) -> list[_Class]:
    """Return the classes that the query can use no statement of, but some of their subclasses'."""
    if not open_:
        return []
    usable = _usable(context, query.predicate, has_metapath=bool(query.metapath))
    return [one for one in open_ if _is_unstated(context, one, usable)]


def _is_unstated(context: SearchContext, one: _Class, usable: Mask) -> bool:
    """Say whether usable statements are about what is below a class, and none about itself."""
    return not _is_stated(context, one.named.row, usable) and any(
        _is_stated(context, row, usable) for row in one.below.tolist()
    )


def _wider(query: PathQuery, classes: Sequence[_Class]) -> PathQuery:
    """Return a query with `*` behind the names of some classes."""
    if not classes:
        return query
    changed = {(one.parameter, one.text) for one in classes}
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
    named = context.named(text, "entity")
    row, below = named.row, context.hierarchy.below(named.row)
    entity = _Class("entity", text, named, below)
    if named.suffix == BELOW:
        return row, below, (entity.widened("asked"),)
    if entity.is_open and _is_unstated(context, entity, _usable(context, predicates)):
        return row, below, (entity.widened("no statement"),)
    return row, np.array([row], np.int32), ()


def with_subclasses(
    context: SearchContext, texts: Sequence[str], parameter: str
) -> tuple[str, ...]:
    """Return names with `*` behind those of classes that leave the choice; raises as grounding."""
    named = [context.named(text, parameter) for text in texts]
    classes = [
        _Class("entity", text, one, context.hierarchy.below(one.row))
        for text, one in zip(texts, named, strict=True)
    ]
    return tuple(one.text + BELOW if one.is_open else one.text for one in classes)


def closures_of(
    context: SearchContext, widened: Sequence[Widened], paths: Sequence[Path]
) -> tuple[Closure, ...]:
    """Return what an answer says of the classes that were widened, their members from its paths."""
    return tuple(_closure(context, one, paths) for one in widened)


def _closure(context: SearchContext, widened: Widened, paths: Sequence[Path]) -> Closure:
    records = context.snapshot.records
    rows = context.hierarchy.below(widened.row)
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
        sentence=_sentence(root, widened, members),
    )


def _ends(path: Path, parameter: Field) -> Sequence[PathEntity]:
    return {
        "source": path.entities[:1],
        "target": path.entities[-1:],
        "via": path.entities,
        "avoid": (),
        "entity": (),
    }[parameter]


def _sentence(root: PathEntity, widened: Widened, members: Sequence[PathEntity]) -> str:
    """Say in words what was taken in for a class, and why."""
    name, plural = noun_phrase(root)
    stand, itself, its = ("stand", "themselves", "their") if plural else ("stands", "itself", "its")
    begin = {
        "asked": f"{name} {stand} for {its} subclasses, too",
        "compared": f"{name} {stand} for {its} subclasses, too",
        "no statement": f"the graph states nothing of this kind about {name} {itself}, so {its} "
        "subclasses were taken in",
        "no direct statement": f"direct statements are about subclasses of {name}, which were "
        "taken in",
        "no path": f"no path joins {name} {itself}, so {its} subclasses were taken in",
    }[widened.reason]
    if not members:
        return f"{capitalised(begin)}."
    nouns = ", ".join(noun_phrase(entity)[0] for entity in members[:MAX_NAMED])
    more = len(members) - MAX_NAMED
    return f"{capitalised(begin)}: {nouns}{f' and {more} more' if more > 0 else ''}."
