"""Statements that share a line: those between the same two entities that are drawn alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from mechkg.kg.draw.style import Effect, effect_of
from mechkg.kg.draw.text import text_width, wrap
from mechkg.kg.draw.words import predicate_label
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import ASSERTED, Statement

__all__ = ["Bundle", "Label", "bundles_of", "label_size"]

LABEL_SIZE: Final = 11.0
LABEL_LEADING: Final = 14.0
_MOST_LABELS: Final = 3
_MOST_WIDTH: Final = 150.0


class Label(msgspec.Struct, frozen=True):
    """One line beside an edge: what it says, and in grey how much stands behind it.

    `count` is `×3` for three statements, then `· 5` for five pieces of evidence.
    """

    text: str
    count: str = ""

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


def bundles_of(statements: Iterable[Statement], schema: Schema) -> tuple[Bundle, ...]:
    """Group statements by subject, object and effect, in order of first appearance. O(m).

    >>> a, b = (Statement(id=i, subject="x", predicate=p, object="y", sign=1)
    ...         for i, p in (("1", "promotes"), ("2", "protects")))
    >>> [[label.text for label in bundle.labels] for bundle in bundles_of([a, b], Schema())]
    [['promotes', 'protects']]
    """
    groups: dict[tuple[str, str, Effect], list[Statement]] = {}
    for statement in statements:
        key = (statement.subject, statement.object, effect_of(statement))
        groups.setdefault(key, []).append(statement)
    return tuple(
        Bundle(subject, object_, effect, tuple(members), _labels(members, schema))
        for (subject, object_, effect), members in groups.items()
    )


def label_size(labels: Sequence[Label]) -> tuple[float, float]:
    """Return the width and height in pixels of labels under each other, with a small margin.

    >>> label_size(()), label_size((Label("p"),))[1]
    ((0.0, 0.0), 18.0)
    """
    if not labels:
        return 0.0, 0.0
    return max(label.width for label in labels) + 14, len(labels) * LABEL_LEADING + 4


def _labels(statements: list[Statement], schema: Schema) -> tuple[Label, ...]:
    """One label a wording, in order of first appearance; past three, the last says how many."""
    wordings: dict[str, list[Statement]] = {}
    for statement in statements:
        wordings.setdefault(_wording(statement, schema), []).append(statement)
    shown = list(wordings.items())
    hidden = len(shown) - _MOST_LABELS
    labels = [
        Label(wrap(text, _MOST_WIDTH, LABEL_SIZE, lines=1)[0], _count(members))
        for text, members in shown[: _MOST_LABELS if hidden <= 0 else _MOST_LABELS - 1]
    ]
    if hidden > 0:
        rest = [s for _, members in shown[_MOST_LABELS - 1 :] for s in members]
        labels.append(Label(f"and {hidden + 1} more", _count(rest)))
    return tuple(labels)


def _wording(statement: Statement, schema: Schema) -> str:
    words = predicate_label(statement.predicate, schema)
    if statement.negated:
        words = f"not: {words}"
    elif statement.modality != ASSERTED:
        words = f"{words} ({statement.modality.replace('_', ' ')})"
    return " ".join(words[:200].split())


def _count(statements: list[Statement]) -> str:
    evidence = sum(len(statement.evidence) for statement in statements)
    parallel = f"×{len(statements)} " if len(statements) > 1 else ""
    return f"{parallel}· {evidence}"
