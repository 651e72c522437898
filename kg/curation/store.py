"""The curation of one graph of a data directory: propose, review, apply, undo, look back.

A changeset becomes part of the graph in this order: the new version is built beside the current
one, with its RDF store where that has one, and is on the disk; the log records it (from this moment
on it holds); the link to the current version is moved. Only then it is acknowledged. A process that
is killed between the last two leaves the link behind, which the next one to write, or a server that
starts, moves on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from mechkg.kg.curation.changes import (
    MAX_CHANGES,
    Accepted,
    Change,
    Changeset,
    Edit,
    Proposed,
    Rejected,
)
from mechkg.kg.curation.checks import Check, common_findings, schema_findings
from mechkg.kg.curation.history import Difference, Ledger, sentences
from mechkg.kg.curation.log import LOG, Log, Records, read_log
from mechkg.kg.curation.overlay import Overlay, Tick
from mechkg.kg.curation.rebuild import Reasoner, dependents, rebuild
from mechkg.kg.curation.upload import MAX_BYTES, read_upload
from mechkg.kg.errors import (
    ChangesRefused,
    EditConflict,
    Finding,
    LogError,
    MechKGError,
    QueryError,
    SnapshotGone,
    StaleBase,
    TooCostly,
    UnknownTerm,
)
from mechkg.kg.progress import Progress
from mechkg.kg.readers.formats import Format
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

__all__ = ["Curation", "fork"]

MAX_SECONDS: Final = 60.0
"""Time that working out and checking one changeset may take."""
MAX_FINDINGS: Final = 1_000
"""Findings that are kept with a changeset."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What a client asks to be entered; `digest` tells a repeated request from another one.

    That of a file is by its `content`, as a graph that has it already has no changes of it.
    """

    author: str
    reason: str
    key: str
    expected: str
    changes: tuple[Change, ...] = ()
    undoes: str = ""
    content: str = ""

    @property
    def digest(self) -> str:
        asked = self.content or self.changes
        text = msgspec.json.encode((asked, self.reason, self.undoes), order="sorted")
        return sha256(text).hexdigest()


@dataclass(frozen=True, slots=True)
class _Review:
    """What was worked out of a changeset against the current version."""

    current: Snapshot
    edits: list[Edit]
    findings: tuple[Finding, ...]


_decode: Final = msgspec.json.Decoder(tuple[Change, ...]).decode
Beside = Callable[[Snapshot, Snapshot, Sequence[Edit]], None]
"""Makes what stands beside a version that edits made of another, before it is switched to."""

_Work = Callable[[Overlay, Tick], list[Edit]]
"""Lays changes over a snapshot; returns what they come to."""


class Curation:
    """The changesets of a graph. Safe between threads and processes: one writes at a time.

    `infer` says what follows from the statements of a graph that has inferred ones, `check` what
    is to be said of edits: an error refuses them. `beside` makes what other doors need of a new
    version, before it is switched to. `fixed` names a graph that takes no changes.
    """

    def __init__(
        self,
        data: Path,
        name: str,
        *,
        infer: Reasoner | None = None,
        check: Check = schema_findings,
        beside: Beside | None = None,
        fixed: str = "",
    ) -> None:
        self._catalogue = Catalogue(data)
        self.name = name
        self._directory = self._catalogue.directory(name)
        self._infer, self._check, self._beside, self._fixed = infer, check, beside, fixed
        self._read = Records.none(), Ledger(())

    @property
    def ledger(self) -> Ledger:
        """What the log says now; only what came since is read. Raises `SnapshotError`."""
        return self._said(read_log(self._directory / LOG, self._read[0]))

    def _said(self, records: Records) -> Ledger:
        """Return what a log says; what it said before is not worked through again."""
        known, ledger = self._read
        count = len(known.events)
        grown = 0 < count <= len(records.events) and records.events[count - 1] is known.events[-1]
        if records.events is not known.events:
            new = records.events[count:] if grown else records.events
            ledger = ledger.extended(new) if grown else Ledger(new)
        self._read = records, ledger
        return ledger

    def changeset(self, identifier: str) -> Changeset:
        """Return a changeset; raises `UnknownTerm`."""
        found = self.ledger.changesets.get(identifier)
        if found is None:
            raise UnknownTerm("changeset", identifier)
        return found

    def history(self, identifier: str) -> list[Changeset]:
        """Return the accepted changesets that edited a statement or entity, under any name."""
        return self.ledger.history(identifier)

    def review(self, identifier: str) -> Changeset:
        """Return a changeset; a proposed one with what it would do to the graph as it is now.

        What would refuse it is an error among its findings. Raises `UnknownTerm`.
        """
        found = self.changeset(identifier)
        if found.status != "proposed":
            return found
        try:
            review = self._work(self.ledger, found)
        except ChangesRefused as error:
            return msgspec.structs.replace(found, **_found(error.findings))
        except MechKGError as error:
            refused = Finding(severity="error", check="change", message=str(error))
            return msgspec.structs.replace(found, **_found([*found.findings, refused]))
        return msgspec.structs.replace(found, edits=tuple(review.edits), **_found(review.findings))

    def difference(self, start: str = "", end: str = "") -> Difference:
        """Return what differs between two versions that changes led through.

        By default, the first of these and the current one. Raises `SnapshotGone`, `QueryError`.
        """
        ledger = self.ledger
        if ledger.head is None:
            current = self._catalogue.path(self.name).name
            for version in filter(None, (start, end)):
                if not current.startswith(version):
                    raise SnapshotGone(version, current)
            return Difference(start=current, end=current, edits=())
        return ledger.difference(start or ledger.versions()[0], end or ledger.head.version)

    def recover(self) -> bool:
        """Move the link to the version of the last accepted changeset, if a killed process did not.

        Returns whether it did. Raises `SnapshotError` where that version is not there.
        """
        head = self.ledger.head
        if head is None or self._catalogue.path(self.name).name != head.base:
            return False
        with Log.held(self._directory, self._read[0]) as log:
            return self._caught_up(self._said(log.records))

    def propose(
        self,
        changes: Sequence[Change],
        *,
        author: str,
        reason: str,
        base: str = "",
        expected: str = "",
        key: str = "",
        accept: bool = False,
    ) -> Changeset:
        """Enter a changeset, and with `accept` apply it at once: all of it, or nothing.

        `base` is the version that the author saw: nothing that the changes name may have been
        edited since. `expected` is what the current version must be, whatever was edited. A `key`
        that the author has used before gives the changeset of that time.
        Raises `QueryError`, `EditConflict`, `StaleBase`, `SnapshotError`. Durable on return.
        """
        request = _Request(author, reason, key, expected, changes=tuple(changes))
        return self._proposed(request, base, (), accept=accept)

    def upload(
        self,
        files: Sequence[tuple[str, bytes]],
        formats: Sequence[Format],
        *,
        author: str,
        reason: str,
        source: str = "",
        max_bytes: int = MAX_BYTES,
        base: str = "",
        expected: str = "",
        key: str = "",
        accept: bool = False,
    ) -> Changeset:
        """Enter what files add to the graph as a changeset; see `read_upload` and `propose`."""
        _require(reason, None)
        asked = sha256(msgspec.json.encode((files, source))).hexdigest()
        request = _Request(author, reason, key, expected, content=asked)
        if (earlier := _repeated(self.ledger, request)) is not None:
            return earlier
        current = open_snapshot(self._catalogue.path(self.name), check_bytes=0)
        tick = _until(time.monotonic() + MAX_SECONDS)
        found = read_upload(files, current, formats, source=source, max_bytes=max_bytes, tick=tick)
        request = replace(request, changes=found.changes)
        return self._proposed(request, base, found.findings, accept=accept)

    def undo(
        self,
        identifier: str,
        *,
        author: str,
        reason: str,
        expected: str = "",
        key: str = "",
        accept: bool = False,
    ) -> Changeset:
        """Enter a changeset that takes an accepted one back; raises as `propose` does."""
        _require(reason, None)
        request = _Request(author, reason, key, expected, undoes=identifier)

        def work(ledger: Ledger) -> _Review:
            return self._undone(ledger, identifier)

        return self._entered(request, work, accept=accept)

    def accept(self, identifier: str, *, reviewer: str, expected: str = "") -> Changeset:
        """Apply a proposed changeset to the current version; raises as `propose` does."""
        with Log.held(self._directory, self._read[0]) as log:
            ledger = self._begun(log)
            found = _open(ledger, identifier)
            self._expect(expected)
            review = self._work(ledger, found)
            self._apply(log, (), identifier, reviewer, review)
        return self.changeset(identifier)

    def reject(self, identifier: str, *, reviewer: str, reason: str) -> Changeset:
        """Close a proposed changeset without applying it."""
        _require(reason, None)
        with Log.held(self._directory, self._read[0]) as log:
            _open(self._begun(log), identifier)
            log.append(
                [Rejected(id=identifier, reviewer=reviewer, time=_now(), reason=reason.strip())]
            )
        return self.changeset(identifier)

    # -- under the lock ---------------------------------------------------------------------

    def _begun(self, log: Log) -> Ledger:
        """Return what the log says; the current version is that of its last change."""
        if self.name == self._fixed:
            raise EditConflict(
                f"The bundled graph {self.name} takes no changes.",
                hint="Edit a copy: mechkg fork.",
            )
        ledger = self._said(log.records)
        self._caught_up(ledger)
        current, head = self._catalogue.path(self.name).name, ledger.head
        if head is not None and head.version != current:
            raise LogError(
                f"{self.name} was loaded anew ({current}) after its last change ({head.version}).",
                hint="Load it under another name, or put version "
                f"{head.version} back: its changes are in {LOG}.",
            )
        return ledger

    def _expect(self, version: str) -> None:
        if version and self._catalogue.path(self.name).name != version:
            raise StaleBase(version, ())

    def _caught_up(self, ledger: Ledger) -> bool:
        head = ledger.head
        if head is None or head.base == head.version:
            return False
        current = self._catalogue.path(self.name).name
        if current != head.base or current == head.version:
            return False
        path = self._directory / head.version
        open_snapshot(path)
        self._catalogue.publish(self.name, path, default=False)
        return True

    def _work(self, ledger: Ledger, proposed: Changeset) -> _Review:
        if proposed.undoes:
            return self._undone(ledger, proposed.undoes)
        review = self._reviewed(ledger, proposed.base, _taking(proposed.changes))
        of_files = [finding for finding in proposed.findings if finding.check == "record"]
        return replace(review, findings=(*_kept(of_files), *review.findings))

    def _undone(self, ledger: Ledger, identifier: str) -> _Review:
        """Work out what taking a changeset back comes to; findings do not refuse it."""

        def work(overlay: Overlay, _tick: Tick) -> list[Edit]:
            return self._taken_back(ledger, overlay, identifier)

        return self._reviewed(ledger, "", work, refuse=False)

    def _reviewed(self, ledger: Ledger, base: str, work: _Work, *, refuse: bool = True) -> _Review:
        """Work out what changes come to on the current version; raises where they may not be."""
        tick = _until(time.monotonic() + MAX_SECONDS)
        current = open_snapshot(self._catalogue.path(self.name), check_bytes=0)
        overlay = Overlay(current)
        since = _since(ledger, base, current.manifest.hash)
        edits = work(overlay, tick)
        if since:
            met = sorted(since.intersection(name for edit in edits for name in edit.names))
            if met:
                raise StaleBase(base, met[:5])
        if not edits:
            raise EditConflict("The changes come to nothing: the graph stays as it is.")
        found = [*common_findings(overlay, edits, tick), *self._check(overlay, edits)]
        tick()
        if refuse and any(finding.severity == "error" for finding in found):
            raise ChangesRefused(found)
        edits += dependents(current, edits, reasons=self._infer is not None)
        return _Review(current, edits, _kept(found))

    def _taken_back(self, ledger: Ledger, overlay: Overlay, identifier: str) -> list[Edit]:
        found = ledger.changesets.get(identifier)
        if found is None:
            raise UnknownTerm("changeset", identifier)
        if found.status != "accepted":
            raise EditConflict(
                f"Changeset {identifier} is {found.status}; there is nothing to undo."
            )
        return overlay.restore(found.edits, identifier)

    def _proposed(
        self, request: _Request, base: str, findings: Sequence[Finding], *, accept: bool
    ) -> Changeset:
        """Enter changes; `findings` are of the files that they were read from."""
        _require(request.reason, request.changes)
        _require_recordable(request.changes)

        def work(ledger: Ledger) -> _Review:
            review = self._reviewed(ledger, base, _taking(request.changes))
            return replace(review, findings=(*_kept(findings), *review.findings))

        return self._entered(request, work, accept=accept)

    def _entered(
        self, request: _Request, work: Callable[[Ledger], _Review], *, accept: bool
    ) -> Changeset:
        """Enter a changeset, or return the one of an earlier request that is repeated."""
        with Log.held(self._directory, self._read[0]) as log:
            ledger = self._begun(log)
            if (earlier := _repeated(ledger, request)) is not None:
                return earlier
            self._expect(request.expected)
            review = work(ledger)
            event = Proposed(
                id=ledger.next_id, author=request.author, time=_now(),
                reason=request.reason.strip(), base=review.current.manifest.hash,
                changes=request.changes, undoes=request.undoes, key=request.key,
                request=request.digest if request.key else "", findings=review.findings,
            )  # fmt: skip
            if accept:
                self._apply(log, (event,), event.id, event.author, review)
            else:
                log.append([event])
        found = self.changeset(event.id)
        if accept:
            return found
        return msgspec.structs.replace(found, edits=tuple(review.edits))

    def _apply(
        self, log: Log, before: tuple[Proposed, ...], identifier: str, reviewer: str,
        review: _Review,
    ) -> None:  # fmt: skip
        """Build the new version, record it, and make it the current one."""
        path = rebuild(
            review.current, review.edits, self._directory, name=self.name, infer=self._infer
        )
        built = open_snapshot(path, check_bytes=0)
        if self._beside is not None:
            self._beside(review.current, built, review.edits)
        accepted = Accepted(
            id=identifier,
            reviewer=reviewer,
            time=_now(),
            base=review.current.manifest.hash,
            version=path.name,
            edits=tuple(_as_held(built, review.edits)),
            findings=review.findings,
        )
        log.append([*before, accepted])
        self._catalogue.publish(self.name, path, default=False)


def fork(
    data: Path,
    source: str,
    name: str,
    *,
    infer: Reasoner | None = None,
    progress: Progress | None = None,
) -> Path:
    """Make a graph that begins as the current version of another; returns its version's path.

    Raises `QueryError` where there is one of this name already.
    """
    catalogue = Catalogue(data)
    directory = catalogue.directory(name)
    if directory.exists():
        raise QueryError("name", f"is taken: there is {name!r} already", hint="Choose another.")
    snapshot = open_snapshot(catalogue.path(source))
    path = rebuild(snapshot, (), directory, name=name, infer=infer, progress=progress)
    catalogue.publish(name, path, default=False)
    return path


def _as_held(snapshot: Snapshot, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield edits with what they made as a version holds it, which an undo is compared with."""
    records = snapshot.records
    for edit in edits:
        statement, entity = edit.statement_after, edit.entity_after
        if statement is not None and (row := records.statement_row(statement.id)) is not None:
            yield msgspec.structs.replace(edit, statement_after=records.statement(row))
        elif entity is not None and (row := records.entity_row(entity.id)) is not None:
            yield msgspec.structs.replace(edit, entity_after=records.entity(row))
        else:
            yield edit


def _since(ledger: Ledger, base: str, current: str) -> set[str]:
    """Return what was edited after the version that an author saw; raises `StaleBase`."""
    if not base or current.startswith(base):
        return set()
    edited = ledger.edited_since(base)
    if edited is None:
        raise StaleBase(base, ())
    return edited


def _open(ledger: Ledger, identifier: str) -> Changeset:
    """Return a changeset that waits for review; raises `UnknownTerm` or `EditConflict`."""
    found = ledger.changesets.get(identifier)
    if found is None:
        raise UnknownTerm("changeset", identifier)
    if found.status != "proposed":
        raise EditConflict(f"Changeset {identifier} is {found.status} already.")
    return found


def _taking(changes: Sequence[Change]) -> _Work:
    return lambda overlay, tick: overlay.take(changes, tick)


def _until(deadline: float) -> Tick:
    """Return what raises `TooCostly` after a time of the monotonic clock."""

    def tick() -> None:
        if time.monotonic() > deadline:
            raise TooCostly(
                f"Checking the changeset took longer than {MAX_SECONDS:.0f} s.",
                limit=f"{MAX_SECONDS:.0f} s", hint="Split it.",
            )  # fmt: skip

    return tick


def _kept(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings as warnings, at most `MAX_FINDINGS`; the last says how many more there are.

    That an undo leads back to what a check would refuse is for its reviewer to know.
    """
    kept = [msgspec.structs.replace(f, severity="warning") for f in findings[:MAX_FINDINGS]]
    if len(findings) > MAX_FINDINGS:
        left = len(findings) - MAX_FINDINGS
        more = f"{left:,} more {'finding is' if left == 1 else 'findings are'} not listed."
        kept.append(Finding(severity="warning", check="change", message=more))
    return tuple(kept)


def _found(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the members of a changeset that hold what checks found."""
    return {"findings": tuple(findings), "warnings": sentences(findings)}


def _repeated(ledger: Ledger, request: _Request) -> Changeset | None:
    """Return the changeset of an earlier request of the same key; raises `EditConflict`."""
    earlier = ledger.requests.get((request.author, request.key)) if request.key else None
    if earlier is None:
        return None
    if earlier.request != request.digest:
        raise EditConflict(f"The key {request.key!r} was used for another changeset.")
    return ledger.changesets[earlier.id]


def _require(reason: str, changes: Sequence[Change] | None) -> None:
    if not reason.strip():
        raise QueryError("reason", "is missing: say why")
    if changes is not None and not changes:
        raise QueryError("changes", "is empty")
    if changes is not None and len(changes) > MAX_CHANGES:
        raise QueryError("changes", f"has {len(changes):,} items; {MAX_CHANGES:,} is the most")


def _require_recordable(changes: Sequence[Change]) -> None:
    """Raise `QueryError` for changes that the log could not give back: too long, or no Unicode."""
    try:
        _decode(msgspec.json.encode(changes))
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        problem, _, where = str(error).partition(" - at `$[")
        place = f"changes[{where.rstrip('`')}" if where else "changes"
        raise QueryError(place, f"cannot be recorded: {problem}") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
