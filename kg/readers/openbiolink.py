"""OpenBioLink: tables with tabs and no header, `node, EDGE_TYPE, node, score, source`.

github.com/OpenBioLink/OpenBioLink, graph files `edges.csv` and `nodes.csv` (identifier, TYPE);
types are words in capitals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.known_tables import plain_rows

__all__ = ["fits", "read"]

_EDGE: Final = re.compile(
    r"[^\t\n]+\t[A-Z]+(?:_[A-Z]+)+\t[^\t\n]+\t(?:[\d.]+|None|)(?:\t[^\t\n]*)?"
)
_NODE: Final = re.compile(r"[^\t\n]+:[^\t\n]+\t[A-Z]{2,}")
_TYPES: Final[Mapping[str, str]] = {
    "GENE": "biolink:Gene", "DRUG": "biolink:Drug", "DIS": "biolink:Disease",
    "PHENOTYPE": "biolink:PhenotypicFeature", "PATHWAY": "biolink:Pathway",
    "ANATOMY": "biolink:AnatomicalEntity", "GO": "biolink:BiologicalProcess",
}  # fmt: skip
NODE_CELLS: Final = 2


def fits(head: bytes) -> bool:
    r"""Say whether some bytes begin a file of OpenBioLink.

    >>> fits(b"CL:1\tANATOMY_GENE\tNCBIGENE:2\tNone\tBgee\n"), fits(b"CL:1\tCELL\n")
    (True, True)
    """
    line = head.partition(b"\n")[0].decode(errors="replace").rstrip("\r")
    return _EDGE.fullmatch(line) is not None or _NODE.fullmatch(line) is not None


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a file of nodes or of edges."""
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, cells in plain_rows(file.blocks(), "\t", file):
        if len(cells) == NODE_CELLS and "_" in cells[1]:
            file.see("statement")
            file.refuse(line, "it has two cells: the target is missing", "statement")
            continue
        if len(cells) == NODE_CELLS:
            kind = cells[1].strip()
            yield line, {"id": cells[0], "category": _TYPES.get(kind, kind)}
            continue
        subject, predicate, target, score, source = (*cells, "", "", "", "")[:5]
        yield line, {
            "subject": subject, "predicate": predicate, "object": target,
            "qscore": "" if score == "None" else score, "openbiolink_source": source,
            "further_cells": cells[5:],
        }  # fmt: skip
