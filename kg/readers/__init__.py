"""Readers: one file a format, each a generator of bounded batches.

`FORMATS` is the table of what the core reads; RDF and OWL are read by `ontology`, whose formats a
caller puts beside these. A file's format is told from its first bytes and, where those leave it
open, from its name without the suffix of a compression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kg.readers import drugmechdb, kgx, obographs, tables
from kg.readers.content import Reader
from kg.readers.files import SourceFile

__all__ = ["FORMATS", "Format", "recognise"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be read.

    `fits` is asked with the first bytes of a file (up to 64 KiB, decompressed) whose name ends
    in one of `suffixes`; the first format of a table that fits is the one.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]
    read: Reader


def _is_table(separator: str) -> Callable[[bytes], bool]:
    def fits(head: bytes) -> bool:
        names = tables.header_of(head, separator)
        return tables.is_edge_header(names) or tables.is_node_header(names)

    return fits


def _is_triples(head: bytes) -> bool:
    return len(tables.header_of(head)) == 3


def _is_json_lines(head: bytes) -> bool:
    first = head.lstrip().partition(b"\n")[0].strip()
    return first.startswith(b"{") and (first.endswith(b"}") or len(first) > 4096)


def _is_obographs(head: bytes) -> bool:
    return b'"graphs"' in head


def _is_record(head: bytes) -> bool:
    return drugmechdb.is_archive(head) or (b"nodes:" in head or b"graph:" in head)


_TABLE_SUFFIXES: Final = (".tsv", ".txt", ".tab")

FORMATS: Final = (
    Format("kgx-tsv", "node or edge table, KGX TSV", _TABLE_SUFFIXES, _is_table("\t"),
           tables.read_tsv),
    Format("triples-tsv", "three columns without a header", _TABLE_SUFFIXES, _is_triples,
           tables.read_triples),
    Format("kgx-csv", "node or edge table with commas", (".csv",), _is_table(","),
           tables.read_csv),
    Format("kgx-jsonl", "KGX JSON Lines", (".jsonl", ".ndjson"), _is_json_lines, kgx.read_jsonl),
    Format("obographs", "OBO Graphs JSON", (".json",), _is_obographs, obographs.read),
    Format("drugmechdb", "DrugMechDB records", (".yaml", ".yml", ".tar"), _is_record,
           drugmechdb.read),
)  # fmt: skip
"""What the core reads, in the order in which a file is compared."""


def recognise(file: SourceFile, formats: Sequence[Format] = FORMATS) -> Format:
    r"""Return the format of a file; raises `DataError` where no format fits.

    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "nodes.tsv")
    ...     _ = path.write_text("id\tname\tcategory\n")
    ...     recognise(SourceFile(path)).name
    'kgx-tsv'
    """
    head = file.head()
    name = file.plain_name.lower()
    named = [f for f in formats if name.endswith(f.suffixes)]
    found = next((f for f in named if f.fits(head)), None)
    if found is not None:
        return found
    if not head:
        raise file.error(None, "the file is empty")
    if named:
        labels = " nor ".join(f.label for f in named)
        raise file.error(1, f"it does not begin as {labels}", hint=_known(formats))
    raise file.error(None, "its name ends in no known suffix", hint=_known(formats))


def _known(formats: Sequence[Format]) -> str:
    return "Known: " + "; ".join(f"{f.label} ({', '.join(f.suffixes)})" for f in formats) + "."
