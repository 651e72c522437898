"""A plug-in of MechKG: the simple interaction format (SIF) read and written, and a scorer.

A line of SIF is an interaction: subject, predicate, and one or more objects, between tabs
(https://manual.cytoscape.org/en/stable/Supported_Network_File_Formats.html).
"""

from __future__ import annotations

from collections.abc import Iterator

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


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read interactions; raises `DataError` for a line of fewer than three fields."""
    statements = []
    for number, line in enumerate(file.document().decode().splitlines(), 1):
        subject, *rest = line.split("\t")
        if len(rest) < 2:
            raise file.error(number, "an interaction has subject, predicate and object")
        predicate, *objects = rest
        statements += [
            Statement(
                id="",
                subject=subject,
                predicate=reading.predicate(predicate) or predicate,
                object=object,
                evidence=reading.listed.evidence,
            )
            for object in objects
        ]
    yield Records(statements=tuple((statement, False) for statement in statements))


def write(subgraph: Subgraph, _: Schema) -> bytes:
    """Return a subgraph as one interaction per statement; denied statements are left out."""
    rows = (
        f"{s.subject}\t{s.predicate}\t{s.object}\n" for s in subgraph.statements if not s.negated
    )
    return "".join(sorted(rows)).encode()


def ones(index: Index) -> NDArray[np.float64]:
    """Return 1 for each entity: what counts the entities between the ends of a path."""
    return np.ones(index.entities)


READER = Readable("sif", "simple interaction format", (".sif",), lambda head: b"\t" in head, read)
WRITER = Writable("sif", "sif", "text/vnd.cytoscape.sif", "Simple interaction format", write)
SCORER = Scorer(
    "few-entities",
    "Paths through few entities first.",
    (Part("entities", "entity", -1.0, ones),),
)
