"""Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for Markdown pages.

Mermaid's text holds no attributes: an entity's identifier and a statement's record are in a
comment before the node or edge.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from mechkg.kg.draw.style import Effect, effect_of, family_of
from mechkg.kg.draw.text import clean
from mechkg.kg.draw.words import predicate_label
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement, Subgraph
from mechkg.kg.writers.texts import statement_fields

__all__ = ["write"]

_UNSAFE: Final = re.compile(r"""[^\w .,:;'/()+*=^°×·–’…-]|_(?=_)""")
"""What could end a label, open markup, or start a directive (`%%{`)."""


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    """Return a subgraph as a Mermaid flowchart from left to right.

    Mermaid has no bar: a lowering edge ends in a cross, one of unknown or denied effect is
    dotted.

    >>> print(write(Subgraph(entities=(), statements=(), title="A <b>"), Schema()).decode())
    flowchart LR
    %% MechKG: A #60;b#62;
    <BLANKLINE>
    """
    row = {entity.id: f"n{i}" for i, entity in enumerate(subgraph.entities)}
    heading = _safe(subgraph.title)
    lines = ["flowchart LR", f"%% MechKG: {heading}"]
    if subgraph.snapshot:
        lines.append(f"%% snapshot: {_safe(subgraph.snapshot)}")
    used = {}
    for entity in subgraph.entities:
        family = family_of(entity.category, schema)
        used[family.shape] = family
        name = _safe(entity.name) or _safe(entity.id)
        lines.append(f"%% {row[entity.id]} is {_safe(entity.id)}")
        lines.append(f'{row[entity.id]}["{name}"]:::{family.shape}')
    for statement in subgraph.statements:
        lines.append(f"%% {_record(statement, schema)}")
        arrow = _arrow(effect_of(statement))
        denial = "not: " if statement.negated else ""
        label = _safe(denial + predicate_label(statement.predicate, schema))
        lines.append(f'{row[statement.subject]} {arrow}|"{label}"| {row[statement.object]}')
    lines += [
        f"classDef {name} fill:{family.fill},stroke:{family.stroke},color:#1a1a1a"
        for name, family in used.items()
    ]
    return "\n".join([*lines, ""]).encode()


def _arrow(effect: Effect) -> str:
    dotted = effect.dotted or effect.inferred or effect.negated
    if effect.sign == -1:
        return "-.-x" if dotted else "--x"
    return "-.->" if dotted else "-->"


def _record(statement: Statement, schema: Schema) -> str:
    fields = statement_fields(statement, schema)
    fields.pop("evidence_json", None)
    fields.pop("context_json", None)
    text = msgspec.json.encode(fields).decode()
    return re.sub("[%{}<>&]|[^\\x20-\\x7e]", _json_escape, text[1:-1])


def _json_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _safe(text: str) -> str:
    """Return a text whose markup is written in Mermaid's character codes (`#60;`)."""
    flat = " ".join(clean(text).split())
    return _UNSAFE.sub(lambda match: f"#{ord(match.group())};", flat)
