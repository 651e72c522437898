"""Place graphs with Graphviz: the program that `mechkg.kg.draw.graphviz` runs in its own process.

It is run by path in an isolated Python, with the folder of pygraphviz as its only import path, so
it imports nothing of MechKG and starts in some milliseconds. It reads graphs in DOT from standard
input and writes Graphviz' `json0` of each to standard output, both preceded by their length. It
ends with its input, with a graph that Graphviz fails on, and at its limits of memory and time.
"""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

__all__ = ["LENGTH_BYTES", "arguments", "main"]

LENGTH_BYTES = 4
"""Bytes of a length, the most significant first."""


def arguments(packages: str, max_bytes: int, seconds: int) -> list[str]:
    """Return the command that follows the interpreter: this file and what `main` takes.

    packages is the folder that holds pygraphviz, max_bytes the address space of the process, and
    seconds the time that one graph may take.

    >>> arguments("site-packages", 1024, 5)[-3:]
    ['site-packages', '1024', '5']
    """
    return [__file__, packages, str(max_bytes), str(seconds)]


def main(packages: str, max_bytes: str, seconds: str) -> None:
    """Limit the process, then place graphs until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (int(max_bytes), int(max_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.path.insert(0, packages)
    from pygraphviz import AGraph  # found only now, and loaded within the limits

    def place(text: str) -> bytes:
        graph = AGraph(text)
        placed: bytes = graph.draw(format="json0", prog="dot")
        graph.close()
        return placed

    _serve(sys.stdin.buffer, sys.stdout.buffer, place, int(seconds))


def _serve(source: BinaryIO, sink: BinaryIO, place: Callable[[str], bytes], seconds: int) -> None:
    while head := source.read(LENGTH_BYTES):
        text = source.read(int.from_bytes(head, "big"))
        # The caller ends a slow process sooner; the alarm does where no caller is left.
        signal.alarm(seconds + 1)
        placed = place(text.decode())
        signal.alarm(0)
        sink.write(len(placed).to_bytes(LENGTH_BYTES, "big") + placed)
        sink.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
