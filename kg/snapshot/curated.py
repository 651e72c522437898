"""Which statements of a snapshot curated mechanisms use.

``mechanisms.json`` lists the mechanisms that a load was given (`kg.build.mechanisms`); a snapshot
that was loaded without has none. A step uses the statements between its two entities that have its
predicate, or all where none has it or the step names none: sources word one relation in several
ways. Direction does not count. Denied and inferred statements are not used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.mechanisms import Mechanism, Step
from mechkg.kg.model.values import CuratedUse
from mechkg.kg.snapshot.digests import broken

if TYPE_CHECKING:
    from mechkg.kg.snapshot.index import Index
    from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = ["FILE", "CuratedUses", "curated_uses", "read_curated", "uses_of", "write_curated"]

FILE: Final = "mechanisms.json"

NAMED: Final = 5
"""Mechanisms that a statement names; more are counted."""


@dataclass(frozen=True, slots=True)
class CuratedUses:
    """The mechanisms of a snapshot and what they use.

    `of_row` has the positions of the mechanisms that use a statement, by its row; `count` (int32)
    how many there are for each statement that can carry a path. `members` has the entities (rows)
    of each mechanism. `found` is the number of `steps` that some statement says.
    """

    mechanisms: tuple[Mechanism, ...]
    of_row: dict[int, tuple[int, ...]]
    count: NDArray[np.int32]
    members: tuple[frozenset[int], ...]
    steps: int
    found: int

    def of(self, row: int) -> CuratedUse | None:
        """Return what uses a statement, None where nothing does."""
        users = self.of_row.get(row)
        if users is None:
            return None
        return CuratedUse(len(users), tuple(self.mechanisms[i].id for i in users[:NAMED]))

    def with_member(self, row: int, entity: int) -> int:
        """Return how many of the mechanisms that use a statement lead over an entity (row)."""
        return sum(entity in self.members[i] for i in self.of_row.get(row, ()))


def write_curated(directory: Path, mechanisms: Sequence[Mechanism]) -> None:
    """Write the file into an existing directory."""
    (directory / FILE).write_bytes(msgspec.json.encode(mechanisms))


def read_curated(directory: Path) -> tuple[Mechanism, ...]:
    """Return the mechanisms of a snapshot; raises `SnapshotError` where the file is torn."""
    path = directory / FILE
    if not path.exists():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Mechanism, ...])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(path, error) from error


def curated_uses(snapshot: Snapshot) -> CuratedUses | None:
    """Return what the mechanisms of a snapshot use, None where it has none.

    Call it by `snapshot.cached`.
    """
    mechanisms = read_curated(snapshot.path)
    return uses_of(snapshot, mechanisms) if mechanisms else None


def uses_of(snapshot: Snapshot, mechanisms: tuple[Mechanism, ...]) -> CuratedUses:
    """Return what some mechanisms use; O(degree of the first entity) a step."""
    users: dict[int, dict[int, None]] = defaultdict(dict)
    steps = found = 0
    for number, mechanism in enumerate(mechanisms):
        for step in mechanism.steps:
            rows = list(_rows(snapshot, step))
            steps += 1
            found += bool(rows)
            for row in rows:
                users[row][number] = None
    of_row = {row: tuple(some) for row, some in users.items()}
    count = np.zeros(snapshot.index.carrying, np.int32)
    for row, some in of_row.items():
        count[row] = len(some)
    members = tuple(_members(snapshot, mechanism) for mechanism in mechanisms)
    return CuratedUses(mechanisms, of_row, count, members, steps, found)


def _members(snapshot: Snapshot, mechanism: Mechanism) -> frozenset[int]:
    row_of = snapshot.records.entity_row
    ends = (row_of(end) for step in mechanism.steps for end in (step.subject, step.object))
    return frozenset(row for row in ends if row is not None)


def _rows(snapshot: Snapshot, step: Step) -> Iterator[int]:
    """Yield the statements that a step uses."""
    row_of = snapshot.records.entity_row
    ends = row_of(step.subject), row_of(step.object)
    if ends[0] is None or ends[1] is None:
        return
    index, predicates = snapshot.index, snapshot.schema.predicates
    rows = _between(index, ends[0], ends[1])
    same = [row for row in rows if predicates[index.predicate[row]].id == step.predicate]
    yield from same or rows


def _between(index: Index, one: int, other: int) -> list[int]:
    """Return the asserted statements of two entities that can carry a path, either way round."""
    found = []
    for subject, obj in dict.fromkeys(((one, other), (other, one))):
        start, end = index.out_ptr[subject : subject + 2].tolist()
        found += (start + np.flatnonzero(index.object[start:end] == obj)).tolist()
    return [row for row in found if not index.inferred[row]]
