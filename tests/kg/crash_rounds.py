"""Kill -9 of a process that writes changesets, at random moments, and a look at what is left.

python -m tests.kg.crash_rounds 200
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.curation.changes import AddStatement, CorrectStatement, RetractStatement
from mechkg.kg.curation.changes import StatementFields as Fields
from mechkg.kg.curation.store import Curation
from mechkg.kg.errors import MechKGError
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot, verify_snapshot
from tests.kg.multigraphs import NODES, SCHEMA
from tests.kg.temporary import directory

PAPER = (Evidence(kind="literature", source="infores:pubmed", publications=("PMID:1",)),)


@dataclass
class Outcome:
    """What the rounds gave: `faults` are sentences, none where all is well."""

    rounds: int = 0
    acknowledged: int = 0
    switched: int = 0
    faults: list[str] = field(default_factory=list)


def run(rounds: int, seed: int) -> Outcome:
    """Write changesets in a process, kill it within some writes, compare; `rounds` times."""
    chance = random.Random(seed)
    outcome = Outcome()
    with directory() as data:
        _begin(data)
        began = time.monotonic()
        for note in ("a", "b"):
            correct = CorrectStatement(id="S0", set=Fields(note=note), evidence=PAPER)
            Curation(data, "lab").propose([correct], author="a", reason="b", accept=True)
        seconds = 2 * (time.monotonic() - began)
        acknowledged: dict[str, str] = {}
        for _ in range(rounds):
            acknowledged |= _killed(data, chance.uniform(0, seconds), chance.randrange(10**9))
            outcome.rounds += 1
            outcome.acknowledged = len(acknowledged)
            outcome.switched += _look(data, acknowledged, outcome.faults)
    return outcome


def _begin(data: Path) -> None:
    path = build_snapshot(
        data / "lab", name="lab", schema=SCHEMA,
        entities=[Entity(id=node, name=node) for node in NODES],
        statements=[Statement(id="S0", subject="X:a", predicate="binds", object="X:b", sign=0)],
    )  # fmt: skip
    Catalogue(data).publish("lab", path)


def _killed(data: Path, seconds: float, seed: int) -> dict[str, str]:
    """Return what a process acknowledged (changeset and version) until it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _write_for_ever(Curation(data, "lab"), writing, random.Random(seed))
        finally:
            os._exit(1)
    os.close(writing)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading) as acknowledged:
        whole = [line.split() for line in acknowledged.read().split("\n")[:-1]]
    return dict(whole)


def _write_for_ever(curation: Curation, acknowledgements: int, chance: random.Random) -> None:
    while True:
        subject, obj = chance.choices(NODES, k=2)
        name = f"N{chance.randrange(10**12)}"
        new = AddStatement(id=name, subject=subject, predicate="promotes", object=obj,
                           evidence=PAPER)  # fmt: skip
        for changes in (
            [new],
            [CorrectStatement(id=name, set=Fields(note=name))],
            [RetractStatement(id=name)] if chance.random() < 0.5 else None,
        ):
            if changes is not None:
                done = curation.propose(changes, author="a", reason="b", accept=True)
                os.write(acknowledgements, f"{done.id} {done.version}\n".encode())


def _look(data: Path, acknowledged: dict[str, str], faults: list[str]) -> int:
    """Note what is lost, torn or wrong; returns whether the switch had to be made."""
    try:
        open_snapshot(Catalogue(data).path("lab"))  # what readers have before anything is mended
        curation = Curation(data, "lab")
        recovered = curation.recover()
        ledger = curation.ledger
        path = Catalogue(data).path("lab")
        verify_snapshot(path)
        snapshot = open_snapshot(path)
        for name, version in acknowledged.items():
            found = ledger.changesets.get(name)
            if found is None or found.version != version:
                faults.append(f"changeset {name} was acknowledged and is lost")
        if ledger.head is not None and ledger.head.version != path.name:
            faults.append(f"{path.name} is current, not {ledger.head.version}")
        records = snapshot.records
        rows = range(snapshot.index.statements)
        graph = {s.id: s for s in (records.statement(row) for row in rows)}
        expected = _replayed(ledger.changesets.values())
        if graph != expected:
            faults.append(f"{len(graph)} statements, not the {len(expected)} of the log")
        for left in path.parent.glob("*"):
            if left.is_dir() and left.suffix != ".tmp" and not left.is_symlink():
                verify_snapshot(left)
    except MechKGError as error:
        faults.append(str(error))
        return 0
    return int(recovered)


def _replayed(changesets) -> dict[str, Statement]:
    """Return the statements that the edits of the log make, one after the other."""
    graph = {"S0": Statement(id="S0", subject="X:a", predicate="binds", object="X:b", sign=0)}
    for changeset in changesets:
        for edit in changeset.edits:
            if edit.statement_before is not None:
                assert graph.pop(edit.statement_before.id) == edit.statement_before
            if edit.statement_after is not None:
                graph[edit.statement_after.id] = edit.statement_after
    return graph


if __name__ == "__main__":
    sys.stdout.write(f"{run(rounds=int(sys.argv[1]), seed=time.time_ns())}\n")
