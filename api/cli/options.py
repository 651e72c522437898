"""Options that several commands share, and options made from a query type.

The options of a query have the names and meanings of the HTTP parameters, because both are made
from the same fields: `PathQuery.max_hops` is `max_hops=` there and `--max-hops` here. The type
constrains values, which are checked when the query is sent to the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec
from msgspec import inspect

from mechkg.kg.model.queries import Parameter, parameters

__all__ = ["as_json", "data", "engine", "graph", "query_options", "snapshot"]

Command = TypeVar("Command", bound=Callable[..., Any])

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
    help="Name of the graph; the latest loaded if not given.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the JSON of the HTTP answer.")


def engine(command: Command) -> Command:
    """Add `--engine` and `--mapping`, which choose a graph behind an endpoint instead."""
    address = click.option(
        "--engine",
        default="",
        envvar="MECHKG_ENGINE",
        help="Address of a SPARQL endpoint that holds the graph, instead of a snapshot.",
    )
    mapping = click.option(
        "--mapping",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="MECHKG_MAPPING",
        help="File (TOML) that says what the triples of the engine mean.",
    )
    return address(mapping(command))


def snapshot(command: Command) -> Command:
    """Add `--data` and `--graph`, which choose the graph."""
    return data(graph(command))


def query_options(
    kind: type[msgspec.Struct], *, leave: tuple[str, ...] = ()
) -> Callable[[Command], Command]:
    """Return a decorator that adds one option for each field of a query type but `leave`."""
    options = [_option(p) for p in parameters(kind) if p.name not in leave]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _option(parameter: Parameter) -> Callable[[Command], Command]:
    absent = parameter.required or parameter.repeatable
    flag = f"--{parameter.name.replace('_', '-')}"
    switch = isinstance(parameter.kind, inspect.BoolType)
    return click.option(
        f"{flag}/--no-{flag.removeprefix('--')}" if switch else flag,
        parameter.name,
        type=_click_type(parameter.kind),
        multiple=parameter.repeatable,
        default=None if absent else parameter.default,
        show_default=not absent and parameter.default != "",
        help=_help(parameter),
    )


def _help(parameter: Parameter) -> str:
    """Return the meaning of a parameter as terminals show it: names without back-quotes."""
    meaning = parameter.meaning.replace("`", "")
    return f"{meaning} May be repeated.".strip() if parameter.repeatable else meaning


def _click_type(described: inspect.Type) -> click.ParamType[Any]:
    if isinstance(described, inspect.LiteralType):
        return click.Choice([str(value) for value in described.values])
    for kind, of_click in _CLICK_TYPES:
        if isinstance(described, kind):
            return of_click
    return click.STRING


_CLICK_TYPES: Final[tuple[tuple[type[inspect.Type], click.ParamType[Any]], ...]] = (
    (inspect.BoolType, click.BOOL),
    (inspect.IntType, click.INT),
    (inspect.FloatType, click.FLOAT),
)
