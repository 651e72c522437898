"""The legend of a figure: only what the figure holds, in rows that fit its width."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from mechkg.kg.draw.marks import box_mark, line_mark
from mechkg.kg.draw.scene import Layout
from mechkg.kg.draw.style import FAMILIES, UNKNOWN, Effect
from mechkg.kg.draw.text import text_width

__all__ = ["HEIGHT", "legend_rows"]

HEIGHT: Final = 24.0
_SIZE: Final = 11.0
_SAMPLE: Final = 38.0
_APART: Final = 22.0
_SIGNS: Final = {1: "raises", -1: "lowers", 0: "no effect meant", UNKNOWN: "direction unknown"}


def legend_rows(placed: Layout, width: float) -> list[str]:
    """Return the rows of the legend as SVG, each drawn from its own (0, 0) at mid-height."""
    rows, row, x = [], "", 0.0
    for sample, words in _items(placed):
        shift = _SAMPLE if sample else 0.0
        needed = shift + text_width(words, _SIZE)
        if row and x + needed > width:
            rows.append(row)
            row, x = "", 0.0
        row += (
            f'<g transform="translate({x:.1f} 8)">{sample}'
            f'<text x="{shift:g}" y="4">{escape(words)}</text></g>'
        )
        x += needed + _APART
    return [*rows, row] if row else rows


def _items(placed: Layout) -> Iterable[tuple[str, str]]:
    """Pairs of a sample and its meaning: families, then effects, then how to read counts."""
    used = {box.family for box in placed.boxes}
    for family in FAMILIES:
        if family in used:
            yield box_mark(family, (15, 0), (30, 16)), family.name
    effects = {line.effect for line in placed.lines}
    for effect, words in _effect_samples(effects):
        yield line_mark(((0, 0), (10, 0), (20, 0), (30, 0)), effect), words
    if not placed.labelled:
        yield "", "lines are unlabelled in an overview"
        return
    counts = " ".join(label.count for line in placed.lines for label in line.labels)
    if "·" in counts:
        yield "", "· n  pieces of evidence"
    if "×" in counts:
        yield "", "×n  parallel statements"


def _effect_samples(effects: set[Effect]) -> Iterable[tuple[Effect, str]]:
    """One sample for each trait that some line has, the other traits plain."""
    stated = [effect for effect in effects if not effect.negated]
    for sign, words in _SIGNS.items():
        if any(effect.sign == sign and not effect.headless for effect in stated):
            yield Effect(sign, inferred=False, negated=False, hedged=False), words
    if any(effect.headless for effect in stated):
        yield Effect(0, inferred=False, negated=False, hedged=False, headless=True), "symmetric"
    if any(effect.inferred for effect in effects):
        yield Effect(0, inferred=True, negated=False, hedged=False), "inferred"
    if any(effect.hedged for effect in effects):
        yield Effect(1, inferred=False, negated=False, hedged=True), "hypothesised"
    if any(effect.negated for effect in effects):
        yield Effect(0, inferred=False, negated=True, hedged=False), "denied"
