"""Remarks on how an answer came about, as TRAPI's log entries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from mechkg.api.trapi.types import LogEntry

__all__ = ["LEVELS", "Remarks"]

LEVELS: Final = ("ERROR", "WARNING", "INFO", "DEBUG")
"""Remarks levels, the gravest first."""


class Remarks:
    """Remarks of one answer; those below its level are not kept.

    >>> remarks = Remarks("WARNING")
    >>> remarks.info("PredicateExpansion", "Not kept.")
    >>> remarks.warning("Timeout", "Kept.")
    >>> [entry.code for entry in remarks.entries]
    ['Timeout']
    """

    def __init__(self, level: str = "WARNING") -> None:
        self.entries: list[LogEntry] = []
        self.level = level

    def error(self, code: str, message: str) -> None:
        """Add why there is no answer."""
        self._add("ERROR", code, message)

    def warning(self, code: str, message: str) -> None:
        """Add what changes the meaning or the completeness of the answer."""
        self._add("WARNING", code, message)

    def info(self, code: str, message: str) -> None:
        """Add how the question was read."""
        self._add("INFO", code, message)

    def debug(self, code: str, message: str) -> None:
        """Add what a step of the work cost or gave."""
        self._add("DEBUG", code, message)

    def at(self, level: str) -> Remarks:
        """Return the same remarks down to a level, which later ones are held to."""
        remarks = Remarks(level)
        remarks.entries = [e for e in self.entries if LEVELS.index(e.level) <= LEVELS.index(level)]
        return remarks

    def _add(self, level: str, code: str, message: str) -> None:
        if LEVELS.index(level) <= LEVELS.index(self.level):
            now = datetime.now(UTC).isoformat()
            self.entries.append(LogEntry(timestamp=now, level=level, code=code, message=message))
