"""Graphviz' `dot`, through the library in the pygraphviz wheel, in a process of its own.

The library ends its process on some graphs (an assertion about labels of edges within a layer, in
14.1) and cannot be stopped once it works, so that it must not run where requests are served.
The process gets one graph, bounded time and memory, and ends.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

__all__ = ["SECONDS", "place_by_dot"]

SECONDS: Final = 5
"""The longest that one graph may take."""

_BYTES: Final = 1 << 30
"""The most memory (address space) that one graph may take."""

_PROGRAM: Final = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({_BYTES}, {_BYTES}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.path.insert(0, sys.argv[1])
from pygraphviz import AGraph
sys.stdout.buffer.write(AGraph(sys.stdin.read()).draw(format="json0", prog="dot"))
"""


def place_by_dot(graph: str, seconds: float = SECONDS) -> dict[str, Any] | None:
    """Return Graphviz' `json0` of a graph in DOT, or None where it failed or took too long.

    >>> place_by_dot("digraph {}")["directed"], place_by_dot("digraph {") is None
    (True, True)
    """
    found = find_spec("pygraphviz")
    if found is None or found.origin is None:
        return None
    try:
        run = subprocess.run(  # noqa: S603 - our own program, in the Python that runs already
            [sys.executable, "-I", "-S", "-c", _PROGRAM, str(Path(found.origin).parents[1])],
            input=graph.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if run.returncode:
        return None
    placed: dict[str, Any] = msgspec.json.decode(run.stdout)
    return placed
