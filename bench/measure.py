"""What a process has used: memory and processor time, read from /proc (Linux)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

__all__ = ["Memory", "cpu_seconds", "memory", "peak", "resident"]

TICK = os.sysconf("SC_CLK_TCK")


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Megabytes of one or several processes.

    `resident` counts shared pages fully, `proportional` by the number of sharers; `private` is
    what no other process could share, dirty or clean; `anonymous` leaves mapped files out; `peak`
    is the highest `resident`.
    """

    resident: float
    proportional: float
    private: float
    anonymous: float
    peak: float


def memory(pids: Iterable[int]) -> Memory:
    """Return the memory of some processes together."""
    fields = [_fields(pid, "smaps_rollup") | _fields(pid, "status") for pid in pids]

    def total(*names: str) -> float:
        return sum(found.get(name, 0) for found in fields for name in names) / 1024

    return Memory(
        resident=total("Rss"),
        proportional=total("Pss"),
        private=total("Private_Clean", "Private_Dirty"),
        anonymous=total("Anonymous"),
        peak=total("VmHWM"),
    )


def peak(pids: Iterable[int]) -> float:
    """Return `Memory.peak` alone, which costs no walk through the page tables."""
    return sum(_fields(pid, "status").get("VmHWM", 0) for pid in pids) / 1024


def resident(pid: int) -> float:
    """Return the resident megabytes of a process, 0 where it is gone; cheap enough to poll."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(pid: int) -> float:
    """Return the processor time of another process, all threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def _fields(pid: int, file: str) -> dict[str, int]:
    """Return the sizes that a file of /proc names, in kB."""
    found = {}
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        key, _, value = line.partition(":")
        if value.endswith(" kB"):
            found[key] = int(value[:-3])
    return found
