"""A plug-in of MechKG: statements as arrows, read and written, and a scorer.

A line is `subject -predicate-> object`, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement, Subgraph
from mechkg.kg.ranking import Part, Scorer
from mechkg.kg.readers.content import Batch, Reading, Records
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.formats import Format as Readable
from mechkg.kg.snapshot.index import Index
from mechkg.kg.writers import Format as Writable

__all__ = ["READER", "SCORER", "WRITER"]

ARROW: Final = re.compile(r"(\S+) -(\S+)-> (\S+)")


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read statements; raises `DataError` for a line that is no arrow."""
    statements = []
    for number, line in enumerate(file.document().decode().splitlines(), 1):
        arrow = ARROW.fullmatch(line)
        if arrow is None:
            raise file.error(number, "a line is: subject -predicate-> object")
        subject, predicate, object = arrow.groups()
        statement = Statement(
            id="",
            subject=subject,
            predicate=reading.predicate(predicate) or predicate,
            object=object,
            evidence=reading.listed.evidence,
        )
        statements.append((statement, False))
    yield Records(statements=tuple(statements))


def write(subgraph: Subgraph, _: Schema) -> bytes:
    """Return a subgraph as one arrow per statement; denied statements are left out."""
    lines = (
        f"{s.subject} -{s.predicate}-> {s.object}\n" for s in subgraph.statements if not s.negated
    )
    return "".join(sorted(lines)).encode()


def ones(index: Index) -> NDArray[np.float64]:
    """Return 1 for each entity: what counts the entities between the ends of a path."""
    return np.ones(index.entities)


READER = Readable("arrows", "arrows", (".arrows",), lambda head: b"->" in head, read)
WRITER = Writable("arrows", "arrows", "text/vnd.mechkg.arrows", "Arrows", write)
SCORER = Scorer(
    "few-entities",
    "Paths through few entities first.",
    (Part("entities", "entity", -1.0, ones),),
)
