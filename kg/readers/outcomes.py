"""The growing account of a file's records, from which the load report is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final, get_args

from mechkg.kg.model.load_report import Example, Outcome, Reason, RecordCount

__all__ = ["MAX_EXAMPLES", "MAX_REASONS", "Outcomes"]

MAX_EXAMPLES: Final = 5
"""Examples that are kept of each reason."""
MAX_REASONS: Final = 1000
"""Distinct reasons that are kept of a file; further ones are counted together."""
OTHER_REASONS: Final = "other reasons"


class Outcomes:
    """Counts records by kind and outcome; safe to use from the reader's and the loader's thread.

    >>> outcomes = Outcomes()
    >>> outcomes.add("entity", "kept", 2)
    >>> outcomes.add("entity", "passed_over", reason="no label", example=Example("a.ttl", 3))
    >>> (count,) = outcomes.counts("a.ttl", "turtle")
    >>> count.seen, count.kept, count.reasons[0].examples[0].line
    (3, 2, 3)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: Counter[str] = Counter()
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._reasons: dict[tuple[str, Outcome, str], tuple[int, tuple[Example, ...]]] = {}

    def see(self, kind: str, count: int = 1) -> None:
        """Note that the file has so many more records of a kind, whatever becomes of them."""
        with self._lock:
            self._seen[kind] += count

    @property
    def seen(self) -> dict[str, int]:
        """The number of records that a reader said to have seen, by kind."""
        with self._lock:
            return dict(self._seen)

    def join(self, seen: Mapping[str, int], counts: Iterable[RecordCount]) -> None:
        """Add the account of another part of the same file."""
        for kind, count in seen.items():
            self.see(kind, count)
        for part in counts:
            left = {outcome: getattr(part, outcome) for outcome in get_args(Outcome)}
            for reason in part.reasons:
                left[reason.outcome] -= reason.count
                first, *others = reason.examples or (None,)
                self.add(
                    part.kind, reason.outcome, reason.count, reason=reason.reason, example=first
                )
                for example in others:
                    self.add(part.kind, reason.outcome, 0, reason=reason.reason, example=example)
            for outcome, count in left.items():
                if count:
                    self.add(part.kind, outcome, count)

    def add(
        self,
        kind: str,
        outcome: Outcome,
        count: int = 1,
        *,
        reason: str = "",
        example: Example | None = None,
    ) -> None:
        """Note the outcome of some records of a kind, with the reason and one example."""
        with self._lock:
            self._counts[kind, outcome] += count
            if not reason:
                return
            key = kind, outcome, reason
            if key not in self._reasons and len(self._reasons) >= MAX_REASONS:
                key = kind, outcome, OTHER_REASONS
            known, examples = self._reasons.get(key, (0, ()))
            if example is not None and len(examples) < MAX_EXAMPLES:
                examples = (*examples, example)
            self._reasons[key] = known + count, examples

    def counts(self, file: str, format: str) -> tuple[RecordCount, ...]:
        """Return the counts of each kind; `seen` is their sum where the reader did not count."""
        with self._lock:
            kinds = dict.fromkeys((*self._seen, *(kind for kind, _ in self._counts)))
            return tuple(self._count(file, format, kind) for kind in kinds)

    def _count(self, file: str, format: str, kind: str) -> RecordCount:
        outcomes = {outcome: n for (of, outcome), n in self._counts.items() if of == kind}
        return RecordCount(
            file=file,
            format=format,
            kind=kind,
            seen=self._seen.get(kind, sum(outcomes.values())),
            **{str(outcome): n for outcome, n in outcomes.items()},
            reasons=tuple(
                Reason(outcome, reason, count, examples)
                for (of, outcome, reason), (count, examples) in self._reasons.items()
                if of == kind
            ),
        )
