"""Statements that share a line: those between the same two entities that are drawn alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mechkg.kg.draw.style import Effect, effect_of
from mechkg.kg.draw.text import text_width, widest_word, wrap
from mechkg.kg.draw.words import predicate_label
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import ASSERTED, Statement

__all__ = ["LABEL_MARGIN", "LABEL_WIDTH", "Bundle", "Label", "afters", "bundles_of", "label_size"]

LABEL_SIZE: Final = 12.0
LABEL_LEADING: Final = 14.0
LABEL_MARGIN: Final = 4.0
"""What stays free on each side of a label."""
_MOST_LABELS: Final = 3
LABEL_WIDTH: Final = 84.0
"""Where the words of a label break, in pixels."""
_WIDEST_WORD: Final = 110.0
"""Words up to this width are not broken."""
_MOST_ROWS: Final = 4
"""Rows into which one wording breaks."""


class Label(msgspec.Struct, frozen=True):
    """One row on a line: what it says, and in grey how much stands behind it.

    `count` is `×3` for three statements, then `· 5` for five pieces of evidence; one of either is
    not counted. A row that `continues` goes on with the words of the row before.
    """

    text: str
    count: str = ""
    continues: bool = False

    @property
    def width(self) -> float:
        """The width in pixels."""
        gap = 4.0 if self.count else 0.0
        return text_width(self.text, LABEL_SIZE) + gap + text_width(self.count, LABEL_SIZE)


class Bundle(msgspec.Struct, frozen=True):
    """Parallel statements of one effect, in their order, with the labels of their line."""

    subject: str
    object: str
    effect: Effect
    statements: tuple[Statement, ...]
    labels: tuple[Label, ...]


def bundles_of(
    statements: Iterable[Statement], schema: Schema, width: float = LABEL_WIDTH
) -> tuple[Bundle, ...]:
    """Group statements by subject, object and effect, in order of first appearance. O(m).

    Those of a symmetric relation share a line whichever way they are stored. Labels break at
    `width` pixels.

    >>> a, b = (Statement(id=i, subject="x", predicate=p, object="y", sign=1)
    ...         for i, p in (("1", "promotes"), ("2", "protects")))
    >>> [[label.text for label in bundle.labels] for bundle in bundles_of([a, b], Schema())]
    [['promotes', 'protects']]
    """
    symmetric = {p.id for p in schema.predicates if p.symmetric or p.role == "binding"}
    groups: dict[tuple[str, str, Effect], list[Statement]] = {}
    for statement in statements:
        effect = effect_of(statement, symmetric=statement.predicate in symmetric)
        key = (statement.subject, statement.object, effect)
        turned = (statement.object, statement.subject, effect)
        groups.setdefault(turned if effect.headless and turned in groups else key, []).append(
            statement
        )
    return tuple(
        Bundle(subject, object_, effect, tuple(members), _labels(members, schema, width))
        for (subject, object_, effect), members in groups.items()
    )


def label_size(labels: Sequence[Label]) -> tuple[float, float]:
    """Return the width and height in pixels of labels under each other, with a small margin.

    >>> label_size(()), label_size((Label("p"),))[1]
    ((0.0, 0.0), 16.0)
    """
    if not labels:
        return 0.0, 0.0
    width = max(label.width for label in labels)
    return width + 2 * LABEL_MARGIN, len(labels) * LABEL_LEADING + 2


def afters(labels: Sequence[Label]) -> list[str]:
    """Return what follows the words of each row: its count, a comma where another wording follows.

    >>> afters((Label("is part of"), Label("regulates", "×2"), Label("binds")))
    [',', '×2,', '']
    """
    nexts = [*labels[1:], Label("", continues=True)] if labels else []
    return [
        label.count + ("" if following.continues else ",")
        for label, following in zip(labels, nexts, strict=True)
    ]


def _labels(statements: list[Statement], schema: Schema, width: float) -> tuple[Label, ...]:
    """One label a wording, in order of first appearance; past three, the last says how many."""
    wordings: dict[str, list[Statement]] = {}
    for statement in statements:
        wordings.setdefault(_wording(statement, schema), []).append(statement)
    shown = list(wordings.items())
    hidden = len(shown) - _MOST_LABELS
    labels = [
        label
        for text, members in shown[: _MOST_LABELS if hidden <= 0 else _MOST_LABELS - 1]
        for label in _rows(text, _count(members), width)
    ]
    if hidden > 0:
        rest = [s for _, members in shown[_MOST_LABELS - 1 :] for s in members]
        labels.append(Label(f"and {hidden + 1} more", _count(rest)))
    return tuple(labels)


def _rows(text: str, count: str, width: float) -> Iterable[Label]:
    """Break a wording into rows, the count behind the last."""
    whole = max(width, min(widest_word(text, LABEL_SIZE), _WIDEST_WORD))
    rows = wrap(text, whole, LABEL_SIZE, lines=_MOST_ROWS)
    for i, row in enumerate(rows):
        yield Label(row, count if i == len(rows) - 1 else "", continues=i > 0)


def _wording(statement: Statement, schema: Schema) -> str:
    words = predicate_label(statement.predicate, schema)
    if statement.negated:
        words = f"not: {words}"
    elif statement.modality != ASSERTED:
        words = f"{words} ({statement.modality.replace('_', ' ')})"
    return " ".join(words[:200].split())


def _count(statements: list[Statement]) -> str:
    evidence = sum(len(statement.evidence) for statement in statements)
    parallel = f"×{len(statements)}" if len(statements) > 1 else ""
    pieces = f"· {evidence}" if evidence > 1 else ""
    return f"{parallel} {pieces}".strip()
