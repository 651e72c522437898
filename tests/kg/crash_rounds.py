"""Kill -9 of processes that write, at random moments, and a look at what is left.

They write changesets with the stores of their versions, load a graph and switch to it, make RDF
stores, and back all of it up: `python -m tests.kg.crash_rounds 200`, or with the names of some.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, TextIO

from pyoxigraph import Store

from mechkg.api.cli.loading import load_files
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.curation.backup import backup, restore
from mechkg.kg.curation.changes import AddStatement, CorrectStatement, RetractStatement
from mechkg.kg.curation.changes import StatementFields as Fields
from mechkg.kg.curation.store import Curation
from mechkg.kg.errors import MechKGError
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot, verify_snapshot
from mechkg.ontology.rdf.write import graph_quads
from mechkg.ontology.sparql.derive import store_beside
from mechkg.ontology.sparql.store import build_store, find_store, with_reifiers
from tests.kg.multigraphs import NODES, SCHEMA
from tests.kg.temporary import directory

Work = Callable[[Path, random.Random], Iterator[str]]
"""Works for ever; yields two words for each piece of work that is acknowledged."""

PAPER = (Evidence(kind="literature", source="infores:pubmed", publications=("PMID:1",)),)


@dataclass
class Outcome:
    """What the rounds gave: `faults` are sentences, none where all is well."""

    rounds: int = 0
    acknowledged: int = 0
    switched: int = 0
    faults: list[str] = field(default_factory=list)


def run(rounds: int, seed: int, works: Sequence[str] = ("changesets",)) -> Outcome:
    """Do some kinds of work in processes, kill each within some writes, compare; `rounds` times."""
    chance = random.Random(seed)
    outcome = Outcome()
    with directory() as data:
        begin(data)
        seconds = {work: _usual(data, WORKS[work]) for work in works}
        acknowledged: dict[str, dict[str, str]] = {work: {} for work in works}
        for number in range(rounds):
            work = works[number % len(works)]
            moment = chance.uniform(0, 2 * seconds[work])
            acknowledged[work] |= _killed(data, WORKS[work], moment, chance.randrange(10**9))
            outcome.rounds += 1
            outcome.acknowledged = sum(map(len, acknowledged.values()))
            in_process(look_at_stores, data, outcome.faults)
            for looked_at in works:
                LOOKS[looked_at](data, acknowledged[looked_at], outcome)
    return outcome


def run_apart(rounds: int, seed: int, works: Sequence[str] = ("changesets",)) -> Outcome:
    """Do rounds from a process without threads: those of a store that was open outlive no fork."""
    call = (
        "import json, sys; from dataclasses import asdict; from tests.kg.crash_rounds import run; "
        "print(json.dumps(asdict(run(*json.loads(sys.argv[1])))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", call, json.dumps([rounds, seed, list(works)])],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    return Outcome(**json.loads(ran.stdout.splitlines()[-1]))


def begin(data: Path) -> None:
    path = build_snapshot(
        data / "lab", name="lab", schema=SCHEMA,
        entities=[Entity(id=node, name=node) for node in NODES],
        statements=[Statement(id="S0", subject="X:a", predicate="binds", object="X:b", sign=0)],
    )  # fmt: skip
    Catalogue(data).publish("lab", path)
    in_process(_make_store, data, [])


def _make_store(data: Path, _: list[str]) -> None:
    build_store(open_snapshot(Catalogue(data).path("lab")))


def _usual(data: Path, work: Work) -> float:
    """Return how long a process takes until it has acknowledged two pieces of its work."""
    began = time.monotonic()
    child, reading = _started(data, work, seed=1)
    with reading:
        reading.readline()
        reading.readline()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.monotonic() - began


def _started(data: Path, work: Work, seed: int) -> tuple[int, TextIO]:
    """Work in a process of its own; what it acknowledges can be read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            for line in work(data, random.Random(seed)):
                os.write(writing, f"{line}\n".encode())
        except BrokenPipeError:
            pass
        finally:
            os._exit(1)
    os.close(writing)
    return child, os.fdopen(reading)


def _killed(data: Path, work: Work, seconds: float, seed: int) -> dict[str, str]:
    """Return what a process acknowledged (two words each) until it was killed."""
    child, reading = _started(data, work, seed)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with reading:
        return dict(line.split() for line in reading.read().split("\n")[:-1])


def in_process(look: Callable[[Path, list[str]], None], data: Path, faults: list[str]) -> None:
    """Look in a process of its own: a store has threads, which a process that forks must not."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        found: list[str] = []
        try:
            look(data, found)
        except BaseException as error:  # noqa: BLE001 - reported, and this process ends
            found.append(f"{type(error).__name__}: {error}")
        os.write(writing, "\n".join(found).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        faults += filter(None, stream.read().split("\n"))
    os.waitpid(child, 0)


# -- what is done -----------------------------------------------------------------------------


def _change(data: Path, chance: random.Random) -> Iterator[str]:
    """Add, correct and retract statements; the store of each version is made beside it."""
    curation = Curation(data, "lab", beside=store_beside)
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
                yield f"{done.id} {done.version}"


def _load(data: Path, chance: random.Random) -> Iterator[str]:
    """Load a table with another statement each time, and switch to it."""
    for _ in count():
        number = chance.randrange(10**12)
        table = data / "edges.tsv"
        table.write_text(f"subject\tpredicate\tobject\nX:{number}\tbiolink:affects\tX:b\n")
        loaded, _ = load_files([table], name="table", data=data)
        yield f"{number} {loaded.path.name}"


def _store(data: Path, _: random.Random) -> Iterator[str]:
    """Make the store of the current version anew, again and again."""
    for number in count():
        path = Catalogue(data).path("lab")
        shutil.rmtree(path / "sparql", ignore_errors=True)
        build_store(open_snapshot(path))
        yield f"{number} {path.name}"


def _back_up(data: Path, chance: random.Random) -> Iterator[str]:
    """Back all graphs up, each time to a file of its own."""
    while True:
        target = data.parent / f"{data.name}-{chance.randrange(10**12)}.tar"
        (held, *_) = (graph for graph in backup(data, target) if graph.name == "lab")
        yield f"{target} {held.version}"


WORKS: Final[dict[str, Work]] = {
    "changesets": _change, "loads": _load, "stores": _store, "backups": _back_up,
}  # fmt: skip


# -- what is looked at ------------------------------------------------------------------------


def look_at_stores(data: Path, faults: list[str]) -> None:
    """Note a store that is there and does not hold what its version says."""
    path = Catalogue(data).path("lab")
    found = find_store(path)
    if found is None:
        return
    records = open_snapshot(path).records
    said = with_reifiers(graph_quads(
        map(records.entity, range(open_snapshot(path).index.entities)),
        map(records.statement, range(open_snapshot(path).index.statements)),
        open_snapshot(path).schema,
    ))  # fmt: skip
    if set(Store.read_only(str(found))) != set(said):
        faults.append(f"the store of {path.name} is not that of its statements")


def _look_at_loads(data: Path, acknowledged: dict[str, str], outcome: Outcome) -> None:
    """Note a load that was acknowledged and is lost, or a version that is torn."""
    if not acknowledged:
        return
    try:
        path = Catalogue(data).path("table")
        for left in path.parent.glob("*"):
            if left.is_dir() and left.suffix != ".tmp" and not left.is_symlink():
                verify_snapshot(left)
        if path.name not in acknowledged.values() and not (path.parent / path.name).is_dir():
            outcome.faults.append(f"{path.name} is current and not there")
        lost = {v for v in acknowledged.values() if not (path.parent / v).is_dir()}
        outcome.faults += [f"version {version} was acknowledged and is lost" for version in lost]
    except MechKGError as error:
        outcome.faults.append(str(error))


def _look_at_backups(data: Path, acknowledged: dict[str, str], outcome: Outcome) -> None:
    """Restore what was acknowledged; a backup that is there is whole."""
    for file in sorted(data.parent.glob(f"{data.name}-*.tar")):
        with directory() as target:
            try:
                restore(file, target)
                verify_snapshot(Catalogue(target).path("lab"))
                wanted = acknowledged.pop(str(file), Catalogue(target).path("lab").name)
                if Catalogue(target).path("lab").name != wanted:
                    outcome.faults.append(f"{file.name} does not hold version {wanted}")
            except MechKGError as error:
                outcome.faults.append(f"{file.name}: {error}")
        file.unlink()
    outcome.faults += [f"the backup {name} was acknowledged and is lost" for name in acknowledged]
    acknowledged.clear()


def _look_at_changesets(data: Path, acknowledged: dict[str, str], outcome: Outcome) -> None:
    """Note what is lost, torn or wrong, and whether the switch had to be made."""
    outcome.switched += _look(data, acknowledged, outcome.faults)


def _nothing(_data: Path, _acknowledged: dict[str, str], _outcome: Outcome) -> None:
    """The store of the current version is looked at in every round."""


LOOKS: Final[dict[str, Callable[[Path, dict[str, str], Outcome], None]]] = {
    "changesets": _look_at_changesets, "loads": _look_at_loads, "stores": _nothing,
    "backups": _look_at_backups,
}  # fmt: skip


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
    kinds = sys.argv[2:] or list(WORKS)
    sys.stdout.write(f"{run(int(sys.argv[1]), time.time_ns(), kinds)}\n")
