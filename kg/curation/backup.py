"""Backup and restore of a data directory while it is served and edited.

A backup is a tar file: `backup.json`, then for each graph its current version and the log of its
changes up to the moment at which the two fit. Both are held by hard links while they are copied, so
that neither a curator nor a removal of old versions waits for, or disturbs, the copy. What is
restored is compared with the digests it was written with before it is published.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Final

import msgspec

from mechkg.kg.curation.changes import Accepted, Proposed
from mechkg.kg.curation.log import LOG, Log, read_log
from mechkg.kg.errors import DataError, QueryError, SnapshotError
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import MANIFEST, open_snapshot, verify_snapshot
from mechkg.kg.snapshot.staging import SUFFIX, StagingDirectory, sync

__all__ = ["Held", "backup", "restore"]

INDEX: Final = "backup.json"
FORMAT: Final = 1
TOKENS: Final = ".tokens.json"
MAX_INDEX: Final = 1 << 26
"""Bytes of the list of files: 64 MiB."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A graph of a backup: its version, and the bytes and changesets of its log."""

    name: str
    version: str
    bytes: int
    changes: int


class _File(msgspec.Struct, frozen=True, kw_only=True):
    size: int
    sha256: str


class _Index(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    time: str
    graphs: tuple[Held, ...]
    default: str
    files: dict[str, _File]


@dataclass(frozen=True, slots=True)
class _Part:
    """A file that is held for a backup, under its name in it."""

    name: str
    path: Path


def backup(
    data: Path, target: Path, names: Sequence[str] = (), *, tokens: bool = False
) -> tuple[Held, ...]:
    """Write graphs of a data directory, all by default, to the new file `target`.

    Each is consistent: its version is the one that the last change of its log gave. With `tokens`,
    the digests of curators' tokens, too. The file is on the disk, whole, when this returns; where
    this fails there is none. Raises `SnapshotError`, `QueryError` where `target` exists. O(bytes).
    """
    catalogue = Catalogue(data)
    if target.exists():
        raise QueryError("file", f"exists already: {target}", hint="Choose another.")
    chosen = list(dict.fromkeys(names)) or catalogue.names()
    if not chosen:
        raise SnapshotError(f"{data} holds no graph.", hint="There is nothing to back up.")
    fresh = target.with_name(f".{target.name}.{os.getpid()}{SUFFIX}")
    try:
        with _all_held(catalogue, chosen) as (graphs, parts):
            if tokens and (data / TOKENS).is_file():
                parts.append(_Part(TOKENS, data / TOKENS))
            files = {part.name: _described(part.path) for part in parts}
            default = catalogue.default() or ""
            index = _Index(
                format=FORMAT, time=datetime.now(UTC).isoformat(timespec="seconds"),
                graphs=tuple(graphs), default=default if default in chosen else "", files=files,
            )  # fmt: skip
            with fresh.open("xb") as stream:
                fresh.chmod(0o600)
                _write(stream, index, parts)
                stream.flush()
                os.fsync(stream.fileno())
        os.link(fresh, target)  # never over a file that came meanwhile
        sync(target.parent)
    except FileExistsError as error:
        raise QueryError("file", f"exists already: {target}", hint="Choose another.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return tuple(graphs)


@contextmanager
def _all_held(
    catalogue: Catalogue, names: Sequence[str]
) -> Iterator[tuple[list[Held], list[_Part]]]:
    """Hold the files of graphs by links until the block ends."""
    stagings: list[StagingDirectory] = []
    graphs: list[Held] = []
    parts: list[_Part] = []
    try:
        for name in names:
            staging = StagingDirectory(catalogue.directory(name))
            catalogue.path(name)  # before a directory is made for a graph that is not there
            stagings.append(staging)
            graph, held = _hold(catalogue, name, staging.open())
            graphs.append(graph)
            parts += held
        yield graphs, parts
    finally:
        for staging in stagings:
            staging.close()


def _hold(catalogue: Catalogue, name: str, folder: Path) -> tuple[Held, list[_Part]]:
    """Link the files of a graph into a folder; its log and version fit while they are taken."""
    directory = catalogue.directory(name)
    if not (directory / LOG).exists():
        return _held_version(catalogue.path(name), name, folder, 0, [])
    with Log.held(directory) as log:
        head = next((e for e in reversed(log.records.events) if isinstance(e, Accepted)), None)
        current = catalogue.path(name)
        if head is not None and current.name not in {head.version, head.base}:
            raise SnapshotError(
                f"{name} was loaded anew after its last change.", hint="Recover it first."
            )
        version = current if head is None else directory / head.version
        copy = folder / LOG
        with (directory / LOG).open("rb") as stream, copy.open("wb") as written:
            written.write(stream.read(log.records.size))
        changes = sum(isinstance(event, Proposed) for event in log.records.events)
        return _held_version(version, name, folder, changes, [_Part(f"{name}/{LOG}", copy)])


def _held_version(
    version: Path, name: str, folder: Path, changes: int, parts: list[_Part]
) -> tuple[Held, list[_Part]]:
    manifest = open_snapshot(version, check_bytes=0).manifest
    for file in sorted((MANIFEST, *manifest.files)):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(version / file, path)
        except OSError:  # a file system without links
            shutil.copyfile(version / file, path)
        parts.append(_Part(f"{name}/{version.name}/{file}", path))
    size = sum(part.path.stat().st_size for part in parts)
    return Held(name=name, version=version.name, bytes=size, changes=changes), parts


def _described(path: Path) -> _File:
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return _File(size=path.stat().st_size, sha256=digest)


def _write(stream: IO[bytes], index: _Index, parts: Sequence[_Part]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        text = msgspec.json.format(msgspec.json.encode(index))
        _append(archive, INDEX, BytesIO(text), len(text))
        for part in parts:
            with part.path.open("rb") as content:
                _append(archive, part.name, content, index.files[part.name].size)


def _append(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


# -- restore ----------------------------------------------------------------------------------


def restore(
    source: Path, data: Path, names: Sequence[str] = (), *, tokens: bool = False
) -> tuple[Held, ...]:
    """Bring graphs of a backup, all by default, back into a data directory.

    Nothing is overwritten: a graph of the same name, or with `tokens` tokens that are there, raise
    `QueryError` before anything is written. Every file is compared with its digest, each version
    and log as a whole; a graph appears at once and whole, or not at all. Raises `DataError`,
    `SnapshotError`. O(bytes).
    """
    catalogue = Catalogue(data)
    try:
        with source.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            index = _read_index(archive, source.name)
            graphs = _chosen(index, names, source.name)
            for graph in graphs:
                if os.path.lexists(catalogue.directory(graph.name)):
                    raise QueryError(
                        "name", f"is taken: there is {graph.name!r} already in {data}",
                        hint="Restore into another data directory, or move that graph away.",
                    )  # fmt: skip
            if tokens and (data / TOKENS).exists():
                raise QueryError("tokens", f"are there already in {data}")
            staging = StagingDirectory(data)
            try:
                folder = staging.open()  # clears away what a killed restore has left
                _extract(archive, index, graphs, folder, source.name, tokens=tokens)
                _publish(catalogue, index, graphs, folder, tokens=tokens)
            finally:
                staging.close()
    except (tarfile.TarError, EOFError) as error:
        raise DataError(source.name, None, f"it is no backup, or broken ({error})") from error
    return graphs


def _read_index(archive: tarfile.TarFile, file: str) -> _Index:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.isreg() else None
    if first is None or content is None or first.name != INDEX or first.size > MAX_INDEX:
        raise DataError(file, None, f"it is no backup: it does not begin with {INDEX}")
    try:
        index = msgspec.json.decode(content.read(), type=_Index)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(file, None, f"{INDEX} cannot be read ({error})") from error
    if index.format != FORMAT:
        raise DataError(file, None, f"it is a backup of format {index.format}, not {FORMAT}")
    return index


def _chosen(index: _Index, names: Sequence[str], file: str) -> tuple[Held, ...]:
    known = {graph.name: graph for graph in index.graphs}
    missing = [name for name in names if name not in known]
    if missing:
        listed = ", ".join(known)
        raise QueryError("graph", f"is not in {file}: {missing[0]!r}", hint=f"It has {listed}.")
    return tuple(known[name] for name in dict.fromkeys(names)) if names else index.graphs


def _extract(
    archive: tarfile.TarFile, index: _Index, graphs: Sequence[Held], folder: Path, file: str,
    *, tokens: bool,
) -> None:  # fmt: skip
    """Write the members of some graphs below a folder; each must be listed, and as listed."""
    wanted = {graph.name: graph for graph in graphs}
    left = {name for name in index.files if _is_wanted(name, wanted, tokens=tokens)}
    while (member := archive.next()) is not None:
        listed = index.files.get(member.name)
        content = archive.extractfile(member) if member.isreg() else None
        if listed is None or content is None or member.size != listed.size:
            raise DataError(file, None, f"it has a member that it does not list: {member.name!r}")
        if member.name not in left:
            continue
        left.remove(member.name)
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            path.chmod(0o600 if member.name == TOKENS else 0o644)
            shutil.copyfileobj(content, stream, 1 << 20)
            stream.flush()
            os.fsync(stream.fileno())
        if _described(path) != listed:
            raise DataError(file, None, f"{member.name} has changed since it was written")
    if left:
        raise DataError(file, None, f"it lacks {min(left)}")


def _is_wanted(name: str, wanted: dict[str, Held], *, tokens: bool) -> bool:
    """Say whether a listed file is to be written: one of a wanted version, its log, or tokens."""
    if name == TOKENS:
        return tokens
    graph, _, rest = name.partition("/")
    if graph not in wanted:
        return False
    version, _, file = rest.partition("/")
    if rest != LOG and (version != wanted[graph].version or not _is_plain(file)):
        raise DataError(INDEX, None, f"it lists a file that no backup has: {name!r}")
    return True


def _is_plain(file: str) -> bool:
    """Say whether a name stays below its folder."""
    path = PurePosixPath(file)
    return bool(file) and not path.is_absolute() and not {"..", "."} & set(file.split("/"))


def _publish(
    catalogue: Catalogue, index: _Index, graphs: Sequence[Held], folder: Path, *, tokens: bool
) -> None:
    """Check what was extracted, and move it to where it is served from."""
    for graph in graphs:
        version = folder / graph.name / graph.version
        verify_snapshot(version)
        if open_snapshot(version).manifest.hash != graph.version:
            raise SnapshotError(f"{graph.name} of the backup is not version {graph.version}.")
        read_log(folder / graph.name / LOG)
        for path in (version, folder / graph.name):
            sync(path)
    for graph in graphs:
        directory = catalogue.directory(graph.name)
        (folder / graph.name).rename(directory)
        sync(catalogue.data)
        first = catalogue.default() is None or graph.name == index.default
        catalogue.publish(graph.name, directory / graph.version, default=first)
    if tokens and (folder / TOKENS).exists():
        (folder / TOKENS).rename(catalogue.data / TOKENS)
        sync(catalogue.data)
