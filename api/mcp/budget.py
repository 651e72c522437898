"""Answers within a number of tokens: whole lines, and at the end what was cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

__all__ = ["TOKENS", "fit", "tokens"]

TOKENS = 1200
"""What an answer may hold, unless a call says otherwise."""

BYTES_A_TOKEN = 3
"""Names and identifiers break into small tokens: English prose has four bytes and more in one."""


def tokens(text: str) -> int:
    """Return how many tokens a text has at most, whatever the model's vocabulary.

    >>> tokens("GDNF"), tokens("")
    (2, 0)
    """
    return ceil(len(text.encode()) / BYTES_A_TOKEN)


def fit(lines: Iterable[str], most: int, *, more: str = "Ask for fewer, or raise `tokens`.") -> str:
    r"""Return the first lines that have `most` tokens together, then how many were left out.

    The line that says so is within `most`. The first line is always there, cut inside if it must.

    >>> print(fit(["one two three"] * 20, 50))
    one two three
    one two three
    one two three
    one two three
    [Cut at 50 tokens, 16 lines before the end. Ask for fewer, or raise `tokens`.]
    """
    waiting = list(lines)
    if sum(tokens(line + "\n") for line in waiting) <= most:
        return "\n".join(waiting)
    kept = list(_until(waiting, most - tokens(_cut(len(waiting), most, more))))
    if not kept:
        room = max(0, most - tokens(_cut(len(waiting), most, more)) - 2) * BYTES_A_TOKEN
        kept = [waiting[0].encode()[:room].decode(errors="ignore") + " ..."]
    return "\n".join([*kept, _cut(len(waiting) - len(kept), most, more)])


def _until(lines: list[str], most: int) -> Iterator[str]:
    spent = 0
    for line in lines:
        spent += tokens(line + "\n")
        if spent > most:
            return
        yield line


def _cut(left: int, most: int, more: str) -> str:
    return f"[Cut at {most} tokens, {left} lines before the end. {more}]"
