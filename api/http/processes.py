"""The processes of a server, with the memory that each kind of them takes, read from /proc."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["KINDS", "memory_of_tree", "process_tree"]

KINDS: Final = {"anonymous": ("RssAnon",), "shared": ("RssFile", "RssShmem")}
"""Kinds of memory, and the fields of /proc/PID/status (proc(5)) that they are made of."""

_FIELD: Final = re.compile(r"^(Rss\w+):\s+(\d+) kB$", re.MULTILINE)
_LEVELS: Final = ("master", "worker", "helper")


def memory_of_tree(root: int) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Return the processes from `root` down, counted by what they are, and their bytes by kind.

    Both are empty where the system has no /proc. A shared page is counted in each process that has
    it. O(processes and threads).

    >>> import os
    >>> counts, held = memory_of_tree(os.getpid())
    >>> counts["master"], held["master", "anonymous"] > 0
    (1, True)
    """
    counts: Counter[str] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    for process, depth in process_tree(root, 0):
        level = _LEVELS[min(depth, len(_LEVELS) - 1)]
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:  # it has ended meanwhile
            continue
        counts[level] += 1
        fields = {name: int(kib) << 10 for name, kib in _FIELD.findall(status)}
        for kind, names in KINDS.items():
            held[level, kind] += sum(fields.get(name, 0) for name in names)
    return counts, held


def process_tree(process: int, depth: int = 0) -> Iterator[tuple[int, int]]:
    """Yield a process and those below it, as far as they can be read, each with its depth.

    >>> import os
    >>> next(process_tree(os.getpid())) == (os.getpid(), 0)
    True
    """
    yield process, depth
    children: list[str] = []
    for task in Path(f"/proc/{process}/task").glob("*"):  # each thread has children of its own
        try:
            children += (task / "children").read_text().split()
        except OSError:
            continue
    for child in children:
        yield from process_tree(int(child), depth + 1)
