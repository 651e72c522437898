"""The data directory: which graphs there are, and which version of each is current.

::

    DATA/
      default -> NAME         the graph that was published last
      NAME/
        current -> <hash>     the version that new readers open
        pinned                versions that are never removed
        <hash>/               a snapshot, never changed
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from mechkg.kg.errors import QueryError, SnapshotError
from mechkg.kg.snapshot.snapshot import MANIFEST
from mechkg.kg.snapshot.staging import SUFFIX, locked, sync

__all__ = ["Catalogue"]

CURRENT = "current"
DEFAULT = "default"
PINNED = "pinned"
DAY = 86_400 * 10**9
"""Nanoseconds of a day."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Catalogue:
    """The graphs of a data directory; holds nothing but its path.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Catalogue(Path(folder)).names()
    []
    """

    def __init__(self, data: Path) -> None:
        self.data = Path(data)

    def names(self) -> list[str]:
        """Return the names of all graphs that have a current version, sorted."""
        if not self.data.is_dir():
            return []
        return sorted(
            path.name
            for path in self.data.iterdir()
            if path.name != DEFAULT and NAME.fullmatch(path.name) and (path / CURRENT).is_dir()
        )

    def versions(self, name: str) -> list[Path]:
        """Return the directories of all versions of a graph, current or not, whole or not.

        Raises `SnapshotError` where there is none, or the current one is missing.
        """
        directory = self.directory(name)
        self.path(name)
        return sorted(
            path for path in directory.iterdir()
            if path.is_dir() and not path.is_symlink() and path.suffix != SUFFIX
        )  # fmt: skip

    def linked(self) -> list[str]:
        """Return the names of all graphs that once had a current version, sorted."""
        links = self.data.glob(f"*/{CURRENT}") if self.data.is_dir() else ()
        return sorted(
            link.parent.name for link in links if link.is_symlink() and not link.parent.is_symlink()
        )

    def default(self) -> str | None:
        """Return the name of the graph that was published last, None if there is none."""
        try:
            return (self.data / DEFAULT).readlink().name
        except OSError:
            return None

    def directory(self, name: str) -> Path:
        """Return where the versions of a graph stand, whether or not there are any.

        Raises `QueryError` for a name that could lead elsewhere.

        >>> Catalogue(Path("data")).directory("../etc")
        Traceback (most recent call last):
        mechkg.kg.errors.QueryError: Parameter name must be ...
        """
        if not NAME.fullmatch(name) or name in {CURRENT, DEFAULT}:
            raise QueryError(
                "name",
                f"must be 1 to 64 letters, digits, '.', '_' or '-', not beginning with a mark, "
                f"and not {CURRENT!r} or {DEFAULT!r}: {name[:80]!r}",
            )
        return self.data / name

    def path(self, name: str | None = None) -> Path:
        """Return the current version of a graph, of the default one for None.

        The path names the version itself: it stays good for its readers after a switch. Raises
        `SnapshotError` where there is none, `QueryError` for a name that cannot be one.
        """
        chosen = self.default() if name is None else name
        if chosen is None:
            raise SnapshotError(f"{self.data} holds no graph.", hint="Load one first.")
        current = self.directory(chosen) / CURRENT
        if not current.is_dir():
            listed = ", ".join(self.names()) or "none"
            raise SnapshotError(
                f"{self.data} holds no graph {chosen!r} (it holds: {listed}).",
                hint="Load it first.",
            )
        return current.resolve()

    def publish(self, name: str, path: Path, *, default: bool = True) -> None:
        """Make a version the current one of a graph, and the graph the default one.

        Each is one atomic rename, on the disk when this returns; readers of an earlier version
        finish undisturbed. Raises `SnapshotError` where `path` is no version in the graph's
        directory.
        """
        directory = self.directory(name)
        path = Path(path)
        if path.parent.resolve() != directory.resolve() or not (path / MANIFEST).is_file():
            raise SnapshotError(
                f"{path} is no snapshot in {directory}.", hint="Build it there, then publish it."
            )
        _point(directory / CURRENT, path.name)
        if default:
            _point(self.data / DEFAULT, name)

    def pinned(self, name: str) -> list[str]:
        """Return the versions of a graph that are kept whatever else is removed, sorted."""
        try:
            return sorted(set((self.directory(name) / PINNED).read_text("ascii").split()))
        except FileNotFoundError:
            return []

    def pin(self, name: str, version: str, *, keep: bool = True) -> str:
        """Keep a version, by at least 8 digits of its hash, or with `keep` False no longer.

        Returns its hash. Raises `QueryError` where there is none, or several.
        """
        known = self.pinned(name)
        found = {v for v in (known if not keep else self._whole(name)) if v.startswith(version)}
        if len(version) < 8 or len(found) != 1:
            fits = "fits several" if len(found) > 1 else "names no version that is kept"
            raise QueryError("version", f"{fits} of {name}: {version[:80]!r}")
        (chosen,) = found
        kept = sorted({*known, chosen} if keep else set(known) - {chosen})
        path = self.directory(name) / PINNED
        fresh = path.with_name(f".{PINNED}.{os.getpid()}")
        fresh.write_text("".join(f"{one}\n" for one in kept), "ascii")
        sync(fresh)
        fresh.replace(path)
        sync(path.parent)
        return chosen

    def _whole(self, name: str) -> list[str]:
        return [path.name for path in self.versions(name) if (path / MANIFEST).is_file()]

    def old(self, name: str, *, keep: int = 0, days: float = 0) -> dict[str, int]:
        """Return the hash and the bytes of each version that may be removed, sorted.

        Those that were current once, but for the pinned ones, the `keep` that were written last,
        and those written in the last `days`. A version written since the last switch is not among
        them: its load may be about to end.
        """
        directory = self.directory(name)
        self.path(name)
        # Before the version is read: a switch in between leaves the new one to the next removal.
        switched = (directory / CURRENT).lstat().st_mtime_ns
        current = self.path(name).name
        versions = (path for path in self.versions(name) if path.name != current)
        manifests = (path / MANIFEST for path in versions)
        written = {
            manifest.parent: manifest.stat().st_mtime_ns
            for manifest in manifests
            if manifest.is_file() and manifest.stat().st_mtime_ns <= switched
        }
        latest = sorted(written, key=lambda path: (written[path], path.name), reverse=True)
        since = time.time_ns() - int(days * DAY)
        pinned = self.pinned(name)
        return {
            path.name: _bytes(path)
            for path in sorted(latest[keep:])
            if path.name not in pinned and not (days and written[path] > since)
        }

    def remove_old(self, name: str, *, keep: int = 0, days: float = 0) -> dict[str, int]:
        """Remove the versions that `old` returns; returns them, with their bytes.

        Each disappears at once, and readers that have it open keep it until they close it. What a
        killed removal leaves behind, the next build clears away.
        """
        old = self.old(name, keep=keep, days=days)
        removed = {}
        for version, size in old.items():
            path = self.directory(name) / version
            gone = path.with_name(f"{version}{SUFFIX}")
            with locked(path.parent):
                if not self._is_old(name, path):
                    continue
                path.rename(gone)
            with suppress(FileNotFoundError):  # the next build clears it away, too
                shutil.rmtree(gone)
            removed[version] = size
        return removed

    def _is_old(self, name: str, path: Path) -> bool:
        """Say whether a version is still one to remove: an undo may have led back to it."""
        switched = (path.parent / CURRENT).lstat().st_mtime_ns
        if path.name == self.path(name).name or path.name in self.pinned(name):
            return False
        try:
            return (path / MANIFEST).stat().st_mtime_ns <= switched
        except FileNotFoundError:
            return False


def _bytes(directory: Path) -> int:
    return sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file())


def _point(link: Path, target: str) -> None:
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    sync(link.parent)
