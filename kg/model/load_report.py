"""The load report: what became of every record of every file.

Every record that a reader sees has exactly one outcome, so that for each file and kind of record
`seen == kept + merged + replaced + passed_over + refused`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "CorroborationMethod",
    "CuratedMethod",
    "Example",
    "LoadReport",
    "Outcome",
    "Reason",
    "RecordCount",
    "Vocabulary",
]

Outcome = Literal["kept", "merged", "replaced", "passed_over", "refused"]
"""What became of a record: *kept* as a record of the graph; *merged* with another record of the
same entity or statement, without loss; *replaced*: kept under another identifier by a mapping;
*passed over*: not read, on purpose; *refused*: wrong, so that nothing is loaded."""


class CorroborationMethod(msgspec.Struct, frozen=True, kw_only=True):
    """How the statements of a graph were corroborated (`mechkg.kg.build.corroborate`).

    Routes lead through entities of at most `most_neighbours`. `share` of the hops between these
    were looked at, 1 for all; `error` is the root mean square error of the scores that follows,
    as a share of their own root mean square: 0 where all were.

    >>> CorroborationMethod(most_neighbours=300).share
    1.0
    """

    most_neighbours: int
    share: float = 1.0
    error: float = 0.0


class CuratedMethod(msgspec.Struct, frozen=True, kw_only=True):
    """How many curated mechanisms a graph was given, and how much of them it says.

    `found` of their `steps` are statements of the graph, `statements` in all.

    >>> CuratedMethod(mechanisms=2, steps=9, found=6, statements=7).found
    6
    """

    mechanisms: int
    steps: int
    found: int
    statements: int


class Example(msgspec.Struct, frozen=True):
    """Where a record stands in a source; `line` is None where the source has no lines.

    >>> Example("a.tsv", 3).line
    3
    """

    file: str
    line: int | None = None
    text: str = ""


class Reason(msgspec.Struct, frozen=True):
    """Why some records have an outcome, how many there are, and the first of them.

    >>> Reason("passed_over", "the class has no label", 2).count
    2
    """

    outcome: Outcome
    reason: str
    count: int
    examples: tuple[Example, ...] = ()


class RecordCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of one kind a file has, by outcome.

    >>> RecordCount(file="a.tsv", format="kgx-tsv", kind="entity", seen=2, kept=2).accounted_for
    2
    """

    file: str
    format: str
    kind: str
    seen: int
    kept: int = 0
    merged: int = 0
    replaced: int = 0
    passed_over: int = 0
    refused: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def accounted_for(self) -> int:
        """The number of records with an outcome; equal to `seen`."""
        return self.kept + self.merged + self.replaced + self.passed_over + self.refused


class Vocabulary(msgspec.Struct, frozen=True):
    """Where the meaning of some predicates of a graph comes from, and how often they are used.

    `name` is that of a preset (`hetionet`, `drugmechdb`, `signor`, `ro`, `indra`), `biolink`, the
    file that declared them, or empty for predicates of which nothing is known but their name.

    >>> Vocabulary("hetionet", 2, 10).statements
    10
    """

    name: str
    predicates: int
    statements: int


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all records of a load.

    `files` has one count per file and kind of record, in the order of the files. `graph` counts
    what these files say together: statements that say the same are merged across files.
    `vocabularies` says how its predicates were understood.
    `corroboration` says how statements were corroborated, None where they were not; `curated` how
    much of the curated mechanisms of the load the graph says, None where it was given none.
    `ends_without_record` is the number of entities that statements name and no record describes.

    >>> LoadReport(files=(), graph=()).lost
    0
    """

    files: tuple[RecordCount, ...]
    graph: tuple[RecordCount, ...]
    vocabularies: tuple[Vocabulary, ...] = ()
    ends_without_record: int = 0
    corroboration: CorroborationMethod | None = None
    curated: CuratedMethod | None = None

    @property
    def lost(self) -> int:
        """The number of records that were passed over or refused."""
        return sum(count.passed_over + count.refused for count in self.files)
