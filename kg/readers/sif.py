"""SIF, Cytoscape's simple interaction format: node, interaction, node, and further nodes.

manual.cytoscape.org, Supported Network File Formats: cells are parted by tabs where the file has
any, else by blanks; a line of one cell is a node on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.headers import named_columns
from mechkg.kg.readers.kgx import batches

__all__ = ["fits", "read"]

PAIR: Final = 2


def fits(head: bytes) -> bool:
    r"""Say whether some bytes can be SIF: no line has exactly two cells.

    >>> fits(b"a\tpp\tb\n"), fits(b"a\tb\n")
    (True, False)
    """
    lines = head.decode(errors="replace").split("\n")[:100]
    separator = "\t" if b"\t" in head else None
    return all(len(line.split(separator)) != PAIR for line in lines[:-1] or lines)


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a SIF file; a line with several targets is as many statements."""
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    separator = "\t" if b"\t" in file.head() else None
    rows = (
        (line, [cell.strip() for cell in text.split(separator) if cell.strip()])
        for block in file.blocks()
        for line, text in enumerate(block.data.decode().split("\n")[:-1], block.line)
    )
    for line, cells in rows:
        if line == 1 and _is_header(cells):
            continue
        if len(cells) == 1:
            yield line, {"id": cells[0]}
        elif len(cells) == PAIR:
            file.see("statement")
            file.refuse(line, "it has two cells: the target is missing", "statement")
        for target in cells[2:]:
            yield line, {"subject": cells[0], "predicate": cells[1], "object": target}


def _is_header(cells: list[str]) -> bool:
    """Say whether cells name columns, as in the files of Hetionet; the format has no header.

    >>> _is_header(["source", "metaedge", "target"]), _is_header(["a", "binds", "b"])
    (True, False)
    """
    return len(cells) == len(_TRIPLE) and named_columns(cells) is not None


_TRIPLE: Final = ("source", "interaction", "target")
