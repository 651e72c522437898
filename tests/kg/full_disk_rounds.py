"""Work on a disk that becomes full, at random moments, and a look at what is left.

python -m tests.kg.full_disk_rounds 40

Each round has a small file system of its own (tmpfs, which needs root). Processes write changesets
with their stores, load, make stores and back up until nothing more fits; then it is made larger,
and the same work has to go on.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mechkg.kg.errors import MechKGError
from tests.kg.crash_rounds import (
    LOOKS,
    WORKS,
    Outcome,
    begin,
    in_process,
    look_at_stores,
)

ENOUGH: Final = "256m"
MANY: Final = 60
"""Pieces of work after which a disk that is not full stays so."""
PIECES: Final = 3
"""Pieces of work that have to be done once there is room again."""


def run(
    rounds: int, seed: int, works: Sequence[str] = tuple(WORKS)
) -> tuple[Outcome, Counter[str]]:
    """Fill a disk in each round by one kind of work; returns what is wrong, and what was said."""
    chance, outcome, said = random.Random(seed), Outcome(), Counter[str]()
    for number in range(rounds):
        work = works[number % len(works)]
        with small_disk() as disk:
            data = disk / "data"
            data.mkdir()
            begin(data)
            resize(disk, f"{used(disk) + chance.randrange(4_096, 1 << 20)}")
            acknowledged, words = _worked(data, work, chance.randrange(10**9), MANY, outcome)
            said.update(words)
            resize(disk, ENOUGH)
            outcome.rounds += 1
            _compared(data, work, acknowledged, outcome)
            more, _ = _worked(data, work, chance.randrange(10**9), PIECES, outcome)
            if len(more) < PIECES:
                outcome.faults.append(f"{work}: it does not go on once there is room")
            _compared(data, work, acknowledged | more, outcome)
    return outcome, said


def _compared(data: Path, work: str, acknowledged: dict[str, str], outcome: Outcome) -> None:
    """Compare what is left with what was acknowledged."""
    before = len(outcome.faults)
    in_process(look_at_stores, data, outcome.faults)
    LOOKS[work](data, dict(acknowledged), outcome)
    outcome.acknowledged += len(acknowledged)
    outcome.faults[before:] = [f"{work}: {fault}" for fault in outcome.faults[before:]]


def _worked(
    data: Path, work: str, seed: int, last: int, outcome: Outcome
) -> tuple[dict[str, str], list[str]]:
    """Work in a process until it fails or has done so many pieces.

    Returns what it acknowledged, and its last words.
    A failure has to be an error with a sentence, or one of the system that names the full disk.
    """
    lines: list[str] = []

    def worked(data: Path, lines: list[str]) -> None:
        try:
            for done, line in enumerate(WORKS[work](data, random.Random(seed)), 1):
                lines.append(f"done {line}")
                if done >= last:
                    return
        except MechKGError as error:
            lines.append(f"said {type(error).__name__}")
        except OSError as error:
            lines.append(f"said OSError {os.strerror(error.errno) if error.errno else error}")

    in_process(worked, data, lines)
    kinds = [line.split(" ", 1) for line in lines]
    words = [f"{work}: {rest}" for kind, rest in kinds if kind == "said"]
    outcome.faults += [f"{work}: {line}" for line in lines if line[:5] not in {"done ", "said "}]
    return dict(rest.split() for kind, rest in kinds if kind == "done"), words


@contextmanager
def small_disk() -> Iterator[Path]:
    """Mount a file system in memory until the block ends."""
    with TemporaryDirectory(prefix="full-") as folder:
        path = Path(folder, "disk")
        path.mkdir()
        _call("mount", "-t", "tmpfs", "-o", f"size={ENOUGH}", "tmpfs", str(path))
        try:
            yield path
        finally:
            _call("umount", "-l", str(path))


def resize(disk: Path, size: str) -> None:
    """Let a small disk hold so many bytes."""
    _call("mount", "-o", f"remount,size={size}", str(disk))


def used(disk: Path) -> int:
    """Return how many bytes of a small disk are taken."""
    found = os.statvfs(disk)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def _call(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    found = run(int(sys.argv[1]), time.time_ns(), sys.argv[2:] or tuple(WORKS))
    sys.stdout.write(f"{found[0]}\n{found[1]}\n")
