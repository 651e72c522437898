"""The rows in which the reference pages describe the parameters of a query."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import inspect

from mechkg.kg.model.queries import Parameter, parameters


def http_rows(query: type[msgspec.Struct], *leave: str) -> list[str]:
    """Return one row per parameter: name (* if repeatable), default, values, meaning."""
    return [
        f"| `{p.name}`{'*' * p.repeatable} | {_default(p)} | {_values(p.kind)} | {p.meaning} |"
        for p in parameters(query)
        if p.name not in leave
    ]


def cli_rows(query: type[msgspec.Struct]) -> list[str]:
    """Return one row per option: name (* if repeatable), default, meaning."""
    return [
        f"| `--{p.name.replace('_', '-')}`{'*' * p.repeatable} | {shown} | {p.meaning} |"
        for p in parameters(query)
        for shown in ["" if p.required else _default(p)]
    ]


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.default in {(), "", None} else f"`{_number(parameter.default)}`"


def _values(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.LiteralType):
        return ", ".join(f"`{value}`" for value in kind.values if value)
    low, high = getattr(kind, "ge", None), getattr(kind, "le", None)
    if low is not None:
        return f"{low} to {high:,}"
    return f"up to {high}" if high is not None else ""


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
