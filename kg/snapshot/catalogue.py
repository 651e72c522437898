"""The data directory: which graphs there are, and which version of each is current.

::

    DATA/
      default -> NAME         the graph that was published last
      NAME/
        current -> <hash>     the version that new readers open
        <hash>/               a snapshot, never changed
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from mechkg.kg.errors import QueryError, SnapshotError
from mechkg.kg.snapshot.snapshot import MANIFEST
from mechkg.kg.snapshot.staging import SUFFIX, sync

__all__ = ["Catalogue"]

CURRENT = "current"
DEFAULT = "default"
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

    def old(self, name: str) -> dict[str, int]:
        """Return the hash and the bytes of each version that was current once, sorted.

        A version written since the last switch is not among them: its load may be about to end.
        """
        directory, current = self.directory(name), self.path(name).name
        switched = (directory / CURRENT).lstat().st_mtime_ns
        versions = (p for p in directory.iterdir() if p.name != current and not p.is_symlink())
        manifests = (path / MANIFEST for path in versions)
        return {
            manifest.parent.name: _bytes(manifest.parent)
            for manifest in sorted(manifests)
            if manifest.is_file() and manifest.stat().st_mtime_ns <= switched
        }

    def remove_old(self, name: str) -> dict[str, int]:
        """Remove the versions that `old` returns; returns them, with their bytes.

        Each disappears at once, and readers that have it open keep it until they close it. What a
        killed removal leaves behind, the next build clears away.
        """
        old = self.old(name)
        for version in old:
            path = self.directory(name) / version
            shutil.rmtree(path.rename(path.with_name(f"{version}{SUFFIX}")))
        return old


def _bytes(directory: Path) -> int:
    return sum(path.lstat().st_size for path in directory.rglob("*") if path.is_file())


def _point(link: Path, target: str) -> None:
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
    sync(link.parent)
