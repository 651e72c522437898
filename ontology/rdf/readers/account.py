"""What becomes of the triples of a document: how many are seen, merged, passed over, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Account", "SharedAccount"]

MAX_EXAMPLES = 3
"""Examples that are kept of each reason."""


@dataclass(slots=True)
class Account:
    """Counts of the triples of one document.

    `passed` holds, by reason, the triples that have no part in the graph; `merged` those that say
    what others say. All others of `seen` became part of an entity, a statement or a term.

    >>> account = Account(seen=3)
    >>> account.pass_over("a literal", example="a:x")
    >>> account.kept, account.examples["a literal"]
    (2, ['a:x'])
    """

    seen: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    merged: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    graphs: dict[str, bool] = field(default_factory=dict)
    """The named graphs, and whether the evidence of a statement keeps the name."""

    @property
    def kept(self) -> int:
        """The triples that became part of the graph."""
        return max(0, self.seen - self.passed.total() - self.merged.total())

    def add(self, other: Account) -> None:
        """Add the counts of another account to these."""
        self.seen += other.seen
        for graph, kept in other.graphs.items():
            self.graphs[graph] = kept or self.graphs.get(graph, False)
        for own, counts in ((self.passed, other.passed), (self.merged, other.merged)):
            for reason, count in counts.items():
                self._note(own, reason, count, next(iter(other.examples.get(reason, ())), ""))

    def pass_over(self, reason: str, count: int = 1, example: str = "") -> None:
        """Note triples that have no part in the graph; `example` is the subject of one."""
        self._note(self.passed, reason, count, example)

    def merge(self, reason: str, count: int = 1, example: str = "") -> None:
        """Note triples that say what others say."""
        self._note(self.merged, reason, count, example)

    def _note(self, counter: Counter[str], reason: str, count: int, example: str) -> None:
        if not count:
            return
        counter[reason] += count
        examples = self.examples.setdefault(reason, [])
        if example and len(examples) < MAX_EXAMPLES:
            examples.append(example)


@dataclass(slots=True)
class SharedAccount(Account):
    """The account of several documents that are read as one: each triple counts for its own.

    `parts` are the accounts of the documents, `document_of` gives the number of the document of
    a subject.
    """

    parts: list[Account] = field(default_factory=list)
    document_of: Callable[[str], int] = lambda _subject: 0

    def pass_over(self, reason: str, count: int = 1, example: str = "") -> None:
        """Note triples for the document of their subject."""
        self.parts[self.document_of(example)].pass_over(reason, count, example)

    def merge(self, reason: str, count: int = 1, example: str = "") -> None:
        """Note triples for the document of their subject."""
        self.parts[self.document_of(example)].merge(reason, count, example)

    def settle(self) -> None:
        """Move what a document has more than it has triples to those that have room.

        A subject that several documents describe is noted for the first of them alone.
        """
        for part in self.parts:
            for name in ("passed", "merged"):
                counter: Counter[str] = getattr(part, name)
                for reason in sorted(counter):
                    self._move(part, name, reason)

    def _move(self, part: Account, name: str, reason: str) -> None:
        example = next(iter(part.examples.get(reason, ())), "")
        for other in self.parts:
            excess = part.passed.total() + part.merged.total() - part.seen
            count = min(excess, getattr(part, name)[reason], other.kept)
            if count > 0 and other is not part:
                getattr(part, name)[reason] -= count
                note = other.pass_over if name == "passed" else other.merge
                note(reason, count, example)
