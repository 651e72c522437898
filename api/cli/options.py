"""Options that several commands share, and options made from a query type.

The options of a question carry the names of the HTTP parameters, because both are made from the
same fields: `PathQuery.max_hops` is `max_hops=` there and `--max-hops` here. What a value may be
is said by the type and checked when the question is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import click
import msgspec
from msgspec import inspect

__all__ = ["as_json", "data", "graph", "query_options", "snapshot"]

Command = TypeVar("Command", bound=Callable[..., Any])

MEANINGS: Mapping[str, str] = {
    "source": "Where paths start: CURIE or name.",
    "left": "One side: CURIE or name.",
    "right": "The other side: CURIE or name.",
    "paths": "How many of the best paths of each side are told.",
    "target": "Where paths end: CURIE or name.",
    "min_hops": "Fewest hops of a path.",
    "max_hops": "Most hops of a path, at most 8.",
    "depth": "How many hops away a neighbour may be, at most 3.",
    "direction": "How statements may be walked.",
    "predicate": "Admit this predicate and all below it.",
    "category": "Admit entities of this category and all below it.",
    "via": "What a path must pass: an entity, NAME* for all below it, or a category.",
    "avoid": "What no path may pass, written as for --via.",
    "evidence": "Admit statements with this kind of evidence, source, publication or passage.",
    "modality": "Admit statements of this modality.",
    "qualifier": "Admit statements with this qualifier: TYPE or TYPE=VALUE.",
    "metapath": "The sequence of categories and predicates that a path must follow.",
    "scorer": "How paths are ranked.",
    "diverse": "The best path of each metapath, or paths that share no mediator.",
    "limit": "Most results of this answer.",
    "cursor": "Where an earlier answer was cut.",
    "timeout": "Seconds after which the search says what it has.",
}

data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    envvar="MECHKG_DATA",
    show_default=True,
    help="Directory that holds the snapshots.",
)
graph = click.option(
    "--graph",
    default="",
    envvar="MECHKG_GRAPH",
    help="Name of the graph to ask; the latest loaded if not given.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the JSON of the HTTP answer.")


def snapshot(command: Command) -> Command:
    """Add `--data` and `--graph`, which say what is asked."""
    return data(graph(command))


def query_options(
    kind: type[msgspec.Struct], *, leave: tuple[str, ...] = ()
) -> Callable[[Command], Command]:
    """Return a decorator that adds one option for each field of a query type but `leave`."""
    described = cast(inspect.StructType, inspect.type_info(kind))
    options = [_option(field) for field in described.fields if field.name not in leave]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _option(field: inspect.Field) -> Callable[[Command], Command]:
    several = isinstance(field.type, inspect.VarTupleType)
    shown = not field.required and field.default not in ((), "")
    return click.option(
        f"--{field.name.replace('_', '-')}",
        field.name,
        type=_click_type(field.type),
        multiple=several,
        default=None if field.required or several else field.default,
        show_default=shown,
        help=MEANINGS[field.name] + (" May be repeated." if several else ""),
    )


def _click_type(described: inspect.Type) -> click.ParamType[Any]:
    if isinstance(described, inspect.LiteralType):
        return click.Choice([str(value) for value in described.values])
    if isinstance(described, inspect.IntType):
        return click.INT
    return click.FLOAT if isinstance(described, inspect.FloatType) else click.STRING
