"""Readers: one file a format, each a generator of bounded batches.

`FORMATS` is the table of what the core reads; RDF and OWL are read by `ontology`, whose formats a
caller puts beside these. A file's format is told from its first bytes and, where those leave it
open, from its name without the suffix of a compression.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from mechkg.kg.readers import archives, drugmechdb, kgx, obographs, tables, termlists
from mechkg.kg.readers.formats import Format, recognise

__all__ = ["FORMATS", "Format", "recognise"]


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


def _is_terms(head: bytes) -> bool:
    return re.match(rb"\s*\[\s*\{", head) is not None and b'"id"' in head and b"@id" not in head


def _is_record(head: bytes) -> bool:
    return b"nodes:" in head or b"graph:" in head


_TABLE_SUFFIXES: Final = (".tsv", ".txt", ".tab")

_FILES: Final = (
    Format("kgx-tsv", "node or edge table, KGX TSV", _TABLE_SUFFIXES, _is_table("\t"),
           tables.read_tsv),
    Format("triples-tsv", "three columns without a header", _TABLE_SUFFIXES, _is_triples,
           tables.read_triples),
    Format("kgx-csv", "node or edge table with commas", (".csv",), _is_table(","),
           tables.read_csv),
    Format("kgx-jsonl", "KGX JSON Lines", (".jsonl", ".ndjson"), _is_json_lines, kgx.read_jsonl),
    Format("obographs", "OBO Graphs JSON", (".json",), _is_obographs, obographs.read),
    Format("terms", "list of ontology terms in JSON", (".json",), _is_terms, termlists.read),
    Format("drugmechdb", "DrugMechDB records", (".yaml", ".yml"), _is_record,
           drugmechdb.read),
)  # fmt: skip

FORMATS: Final = (
    *_FILES,
    Format(
        "archive",
        "tar archive of such files",
        (".tar", ".tgz"),
        archives.is_archive,
        partial(archives.read, formats=_FILES),
    ),
)
"""What the core reads, in the order in which a file is compared."""
