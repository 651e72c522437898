"""The graph that a server serves: whichever snapshot its name points to, request by request.

Switching is one atomic rename of a link in the data directory, so that following it costs one
system call a request. A request takes the `Graph` once and keeps it; an older snapshot stays mapped
until its last request ends. Where the version that the name points to is broken, the one before it
goes on being served, and readiness says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mechkg.kg.errors import QueryError, SnapshotError, SnapshotGone
from mechkg.kg.graph import Graph
from mechkg.kg.snapshot.digests import check_sizes
from mechkg.kg.snapshot.snapshot import MANIFEST, open_snapshot

__all__ = ["GraphProvider"]

CHECKED_BYTES: Final = 1 << 30
"""Bytes of a version whose digests a server checks when it opens it: some seconds."""

BROKEN_SECONDS: Final = 30.0
"""How long a version that could not be opened is not tried again, unless it was built anew."""


class GraphProvider:
    """Gives the graph to answer from; safe between threads, one for each process.

    `locate` returns the directory of the current snapshot, and raises `SnapshotError` where there
    is none.
    """

    def __init__(self, locate: Callable[[], Path]) -> None:
        self._locate = locate
        self._lock = threading.Lock()
        self._opened: tuple[Path, Graph] | None = None
        self._earlier: tuple[Path, Graph] | None = None
        self._broken: dict[_Identity, tuple[float, SnapshotError]] = {}

    def graph(self, snapshot: str = "") -> Graph:
        """Return the current graph, opened anew where the link has moved.

        `snapshot` asks for the version whose hash begins so: the current one, or one that is
        still kept beside it. Where the current one is broken, it is the last that was opened.
        Raises `SnapshotError`, `SnapshotGone`, and `QueryError` where several begin so.
        """
        path = self._locate()
        opened = self._opened
        if opened is None or opened[0] != path:
            opened = self._current()
        if snapshot and not opened[1].manifest.hash.startswith(snapshot):
            return self._kept(snapshot, opened)
        return opened[1]

    def check(self) -> str:
        """Return what is wrong with the version that is current, an empty text if nothing is.

        Raises `SnapshotError` where no later process could open what is served here. O(files).
        """
        graph = self.graph()
        check_sizes(graph.snapshot.path, graph.manifest.files)
        failed = self._broken.get(_identity(self._locate()))
        return f"{failed[1]} Version {graph.manifest.hash} is served." if failed else ""

    def _current(self) -> tuple[Path, Graph]:
        with self._lock:
            # Located again: the link may have moved on, and the version been removed, meanwhile.
            path = self._locate()
            if self._opened is None or self._opened[0] != path:
                try:
                    self._opened = (path, self._open(path))
                except SnapshotError:
                    if self._opened is None:
                        raise
            return self._opened

    def _open(self, path: Path) -> Graph:
        """Open a version; one that has failed fails again, unread, for a while."""
        identity = _identity(path)
        until, failed = self._broken.get(identity, (0.0, None))
        if failed is not None and time.monotonic() < until:
            raise failed.with_traceback(None)  # or each request would lengthen its traceback
        try:
            graph = Graph(open_snapshot(path, CHECKED_BYTES))
        except SnapshotError as error:
            if failed is None:
                logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - no traceback
            self._broken[identity] = (time.monotonic() + BROKEN_SECONDS, error)
            raise
        self._broken.pop(identity, None)
        return graph

    def _kept(self, snapshot: str, current: tuple[Path, Graph]) -> Graph:
        """Return an earlier version; the last one requested stays open."""
        beside = (one for one in current[0].parent.iterdir() if one.name.startswith(snapshot))
        found = [one for one in beside if (one / MANIFEST).is_file()]
        if not found:
            raise SnapshotGone(snapshot, current[1].manifest.hash)
        if len(found) > 1:
            raise QueryError("snapshot", f"fits {len(found)} versions", hint="Give more digits.")
        with self._lock:
            if self._earlier is None or self._earlier[0] != found[0]:
                self._earlier = (found[0], self._open(found[0]))
            return self._earlier[1]


_Identity = tuple[Path, int, int]


def _identity(path: Path) -> _Identity:
    """Return what a directory built anew in the place of another differs in from it."""
    try:
        found = path.stat()
    except OSError:
        return path, 0, 0
    return path, found.st_ino, found.st_mtime_ns
