"""Readers: one file a format, each a generator of bounded batches.

`FORMATS` is the table of what the core reads; RDF and OWL are read by `ontology`, whose formats a
caller puts beside these. A file's format is recognised by its first bytes and, where those leave it
open, from its name without the suffix of a compression.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from mechkg.kg import plugins
from mechkg.kg.readers import (
    annotation_files,
    archives,
    drugmechdb,
    extended_sif,
    graph_xml,
    json_graphs,
    kgx,
    known_tables,
    neo4j_json,
    obo_flat,
    obographs,
    openbiolink,
    parquet,
    sif,
    tables,
    termlists,
)
from mechkg.kg.readers.formats import Format, recognise
from mechkg.kg.readers.headers import find_header, is_triple_table
from mechkg.kg.readers.json_shape import shape_of

__all__ = ["FORMATS", "Format", "formats", "recognise"]


TABS: Final = "\t,;|"
COMMAS: Final = ",;\t|"
"""Separators of tables by suffix, the likeliest first."""


def _is_table(separators: str) -> Callable[[bytes], bool]:
    return lambda head: find_header(head, separators) is not None


def _is_json_lines(head: bytes) -> bool:
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0].strip()
    return first.startswith(b"{") and (first.endswith(b"}") or len(first) > 4096)


def _is_several_lines(head: bytes) -> bool:
    """Say whether some bytes are objects of JSON, each in a line of its own."""
    lines = head.removeprefix(b"\xef\xbb\xbf").strip().split(b"\n")[:3]
    whole = [line.strip() for line in (lines if len(lines) < 3 else lines[:2])]
    return len(lines) > 1 and all(t.startswith(b"{") and t.endswith(b"}") for t in whole)


def _is_obographs(head: bytes) -> bool:
    return "graphs" in shape_of(head).keys


def _is_terms(head: bytes) -> bool:
    shape = shape_of(head)
    own = {"namespace", "relations", "alt_ids", "xrefs"} & shape.keys.keys()
    return shape.kind == "[" and "id" in shape.keys and bool(own) and not json_graphs.fits(head)


def _is_record(head: bytes) -> bool:
    return b"nodes:" in head or b"graph:" in head


def _is_json_record(head: bytes) -> bool:
    shape = shape_of(head)
    return shape.has("graph", "nodes", "links") and "_id" in shape.inner.get("graph", {})


_TABLE_SUFFIXES: Final = (".tsv", ".txt", ".tab")
_LINES: Final = (".jsonl", ".ndjson")

_FILES: Final = (
    Format("extended-sif", "extended SIF of Pathway Commons", (".sif", *_TABLE_SUFFIXES),
           extended_sif.fits, extended_sif.read),
    Format("known-table", "table of PrimeKG, SIGNOR, OmniPath or Neo4j",
           (*_TABLE_SUFFIXES, ".csv"), known_tables.fits, known_tables.read),
    Format("gaf", "gene association file", (".gaf", *_TABLE_SUFFIXES), annotation_files.fits_gaf,
           annotation_files.read_gaf),
    Format("gpad", "gene product association data", (".gpad", ".gpa", *_TABLE_SUFFIXES),
           annotation_files.fits_gpad, annotation_files.read_gpad),
    Format("openbiolink", "table of OpenBioLink", (*_TABLE_SUFFIXES, ".csv"), openbiolink.fits,
           openbiolink.read),
    Format("kgx-tsv", "node or edge table, KGX TSV", _TABLE_SUFFIXES, _is_table(TABS),
           partial(tables.read_table, separators=TABS),
           lines=partial(tables.table_lines, separators=TABS)),
    Format("triples-tsv", "three columns without a header", _TABLE_SUFFIXES, is_triple_table,
           tables.read_triples, lines=tables.triple_lines),
    Format("kgx-csv", "node or edge table with commas", (".csv",), _is_table(COMMAS),
           partial(tables.read_table, separators=COMMAS)),
    Format("obographs", "OBO Graphs JSON", (".json",), _is_obographs, obographs.read),
    Format("json-graph", "graph in JSON", (".json", ".cyjs", ".cx", ".cx2", *_LINES),
           json_graphs.fits, json_graphs.read),
    Format("neo4j-json", "Neo4j's JSON Lines", (".json", *_LINES), neo4j_json.fits,
           neo4j_json.read),
    Format("kgx-jsonl", "KGX JSON Lines", _LINES, _is_json_lines, kgx.read_jsonl,
           lines=kgx.json_records),
    Format("kgx-jsonl", "KGX JSON Lines", (".json",), _is_several_lines, kgx.read_jsonl,
           lines=kgx.json_records),
    Format("kgx-json", "edge of KGX in JSON", (".json",), json_graphs.fits_record,
           json_graphs.read_record),
    Format("terms", "list of ontology terms in JSON", (".json",), _is_terms, termlists.read),
    Format("obo", "OBO flat file", (".obo", ".owl"), obo_flat.fits, obo_flat.read),
    Format("parquet", "Parquet file of nodes or edges", (".parquet", ".pq"), parquet.fits,
           parquet.read),
    Format("sif", "simple interaction format", (".sif",), sif.fits, sif.read),
    Format("graphml", "GraphML", (".graphml", ".xml"), graph_xml.fits_graphml,
           graph_xml.read_graphml),
    Format("gexf", "GEXF", (".gexf", ".xml"), graph_xml.fits_gexf, graph_xml.read_gexf),
    Format("drugmechdb", "DrugMechDB records", (".yaml", ".yml"), _is_record,
           drugmechdb.read),
    Format("drugmechdb", "DrugMechDB records in JSON", (".json",), _is_json_record,
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


def formats() -> tuple[Format, ...]:
    """Return the formats of files: ours, then those of plug-ins (group `mechkg.readers`)."""
    return (*FORMATS, *plugins.plugins("mechkg.readers", Format))
