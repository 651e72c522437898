"""What the log of a graph says: its changesets, the history of a thing, versions compared."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mechkg.kg.curation.changes import Accepted, Changeset, Edit, Event, Proposed, Rejected
from mechkg.kg.curation.overlay import folded
from mechkg.kg.errors import Finding, QueryError, SnapshotGone

__all__ = ["Difference", "Ledger", "sentences"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions of a graph: one edit a statement or entity."""

    start: str
    end: str
    edits: tuple[Edit, ...]


class Ledger:
    """The changesets of a log, by identifier, in the order in which they came."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.changesets: dict[str, Changeset] = {}
        self.requests: dict[tuple[str, str], Proposed] = {}
        self._accepted: list[Accepted] = []
        self._take(events)

    def extended(self, events: Iterable[Event]) -> Ledger:
        """Return a ledger with what came since; this one, which others may read, stays."""
        grown = Ledger(())
        grown.changesets = dict(self.changesets)
        grown.requests = dict(self.requests)
        grown._accepted = list(self._accepted)
        grown._take(events)
        return grown

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Proposed):
                self._propose(event)
            elif isinstance(event, Accepted):
                self._accept(event)
            else:
                self._reject(event)

    @property
    def head(self) -> Accepted | None:
        """The change that was accepted last."""
        return self._accepted[-1] if self._accepted else None

    @property
    def next_id(self) -> str:
        """The identifier of the changeset to come."""
        return str(len(self.changesets) + 1)

    def versions(self) -> list[str]:
        """Return the versions that changes led through, first to last."""
        if not self._accepted:
            return []
        return [self._accepted[0].base, *(event.version for event in self._accepted)]

    def edited_since(self, base: str) -> set[str] | None:
        """Return the identifiers that were edited after a version, None for one it does not know.

        Of a version that the graph came back to, it is the last time that counts.
        """
        versions = self.versions()
        places = [i for i, version in enumerate(versions) if version.startswith(base)]
        if not places:
            return None
        later = self._accepted[places[-1] :]
        return {name for event in later for edit in event.edits for name in edit.names}

    def history(self, identifier: str) -> list[Changeset]:
        """Return the accepted changesets that edited a thing, under any name that it had.

        Each with the edits of that thing alone; O(edits).
        """
        names = {identifier}
        edits = [edit for event in self._accepted for edit in event.edits]
        grown = True
        while grown:
            grown = False
            for edit in edits:
                if not names.isdisjoint(edit.names) and not names.issuperset(edit.names):
                    names.update(edit.names)
                    grown = True
        found = []
        for event in self._accepted:
            own = tuple(edit for edit in event.edits if not names.isdisjoint(edit.names))
            if own:
                changeset = self.changesets[event.id]
                found.append(msgspec.structs.replace(changeset, edits=own, changes=()))
        return found

    def difference(self, start: str, end: str) -> Difference:
        """Return what differs between two versions that changes led through; O(edits).

        Raises `SnapshotGone` for a version that is none of these, `QueryError` for one that is
        ambiguous.
        """
        first, last = self._place(start), self._place(end)
        low, high = sorted((first, last))
        edits = [edit for event in self._accepted[low:high] for edit in event.edits]
        if first > last:
            edits = [edit.reverse for edit in reversed(edits)]
        versions = self.versions()
        return Difference(start=versions[first], end=versions[last], edits=tuple(folded(edits)))

    def _place(self, version: str) -> int:
        versions = self.versions()
        places = [i for i, known in enumerate(versions) if known.startswith(version)]
        if len({versions[i] for i in places}) > 1:
            raise QueryError("version", f"fits several: {version!r}", hint="Give more digits.")
        if not places:
            raise SnapshotGone(version, versions[-1] if versions else "none")
        return places[-1]

    def _propose(self, event: Proposed) -> None:
        self.changesets[event.id] = Changeset(
            id=event.id,
            status="proposed",
            author=event.author,
            time=event.time,
            reason=event.reason,
            changes=event.changes,
            undoes=event.undoes,
            base=event.base,
            findings=event.findings,
            warnings=sentences(event.findings),
        )
        if event.key:
            self.requests[event.author, event.key] = event

    def _accept(self, event: Accepted) -> None:
        self._accepted.append(event)
        self._review(
            event, status="accepted", version=event.version, edits=event.edits,
            findings=event.findings, warnings=event.warnings or sentences(event.findings),
        )  # fmt: skip

    def _reject(self, event: Rejected) -> None:
        self._review(event, status="rejected", review_reason=event.reason)

    def _review(self, event: Accepted | Rejected, **fields: object) -> None:
        self.changesets[event.id] = msgspec.structs.replace(
            self.changesets[event.id],
            reviewer=event.reviewer,
            review_time=event.time,
            **fields,
        )


def sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return what findings say."""
    return tuple(finding.message for finding in findings)
