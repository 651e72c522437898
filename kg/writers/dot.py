r"""Graphviz DOT (https://graphviz.org/doc/info/lang.html).

Every text is a quoted string. A backslash is doubled, which `label` and the like read as one; line
breaks become `\n`. Statement attributes are kept under their own names, which Graphviz passes over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mechkg.kg.draw.style import Effect, effect_of, family_of
from mechkg.kg.draw.text import clean
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Subgraph
from mechkg.kg.writers.texts import Scalar, entity_fields, statement_fields

__all__ = ["write"]

_HEADS: Final = {1: "normal", -1: "tee", 0: "vee", 2: "vee"}
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": " "})
_MOST_QUOTED: Final = 2_000
"""Graphviz' scanner takes no quoted string longer than 16 kB."""
_LEFT_OUT: Final = ("evidence_json", "context_json", "attributes_json", "id")


def write(subgraph: Subgraph, schema: Schema) -> bytes:
    r"""Return a subgraph as a DOT digraph that Graphviz draws from left to right.

    >>> print(write(Subgraph(entities=(), statements=(), title='A "B"'), Schema()).decode())
    digraph mechkg {
      graph [rankdir="LR", label="A \"B\"", snapshot="", fontname="Helvetica"];
      node [shape="box", style="filled", fontname="Helvetica"];
      edge [fontname="Helvetica", fontsize="10"];
    }
    <BLANKLINE>
    """
    about = {
        "rankdir": "LR",
        "label": clean(subgraph.title),
        "snapshot": clean(subgraph.snapshot),
        "fontname": "Helvetica",
    }
    lines = [
        "digraph mechkg {",
        f"  graph {_list(about)};",
        '  node [shape="box", style="filled", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize="10"];',
    ]
    for entity in subgraph.entities:
        family = family_of(entity.category, schema)
        look = {"label": clean(entity.name or entity.id), "fillcolor": family.fill,
                "color": family.stroke}  # fmt: skip
        lines.append(f"  {_quote(clean(entity.id))} {_list(look | entity_fields(entity))};")
    for statement in subgraph.statements:
        fields = statement_fields(statement, schema)
        kept = {name: value for name, value in fields.items() if name not in _LEFT_OUT}
        ends = f"{_quote(clean(statement.subject))} -> {_quote(clean(statement.object))}"
        look = {"id": clean(statement.id), "key": clean(statement.id)}
        lines.append(f"  {ends} {_list(look | kept | _look(effect_of(statement)))};")
    return "\n".join([*lines, "}", ""]).encode()


def _look(effect: Effect) -> dict[str, str]:
    style = "dotted" if effect.dotted else "dashed" if effect.inferred else "solid"
    return {"color": effect.colour, "arrowhead": _HEADS[effect.sign], "style": style}


def _list(fields: Mapping[str, Scalar]) -> str:
    return "[" + ", ".join(f"{name}={_quote(_text(value))}" for name, value in fields.items()) + "]"


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quote(text: str) -> str:
    """Return a text as a quoted string, a long one as a sum of several."""
    pieces = [text[i : i + _MOST_QUOTED] for i in range(0, len(text), _MOST_QUOTED)] or [""]
    return " + ".join(f'"{piece.translate(_ESCAPES)}"' for piece in pieces)
