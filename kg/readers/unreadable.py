"""Recognise files that are not read by their first bytes, and name what converts them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["unreadable"]


class _Known(NamedTuple):
    pattern: re.Pattern[bytes]
    name: str
    advice: str


def _known(pattern: bytes, name: str, advice: str) -> _Known:
    return _Known(re.compile(pattern, re.DOTALL), name, advice)


LOOKED_AT: Final = 4096
"""Bytes that are looked at."""
_SPACE: Final = rb"(?:\xef\xbb\xbf)?\s*"
_XML: Final = _SPACE + rb"(?:<\?xml[^>]*>\s*)?(?:<!--(?:[^-]|-(?!->))*-->\s*|<!DOCTYPE[^>]*>\s*)*"
_FILES: Final = (
    _known(rb"PK\x03\x04.{26}(?:\[Content_Types\]|xl/|_rels/)", "an Excel workbook",
           "Save its sheet as CSV or tab-separated text."),
    _known(rb"PK[\x03\x05\x07]", "a zip archive", "Unpack it, and load the files in it."),
    _known(rb"\xd0\xcf\x11\xe0", "an old Excel or Word file",
           "Save its sheet as CSV or tab-separated text."),
    _known(rb"%PDF", "a PDF document", "Load the table that it was made from."),
    _known(rb"SQLite format 3\0", "an SQLite database",
           "Export its tables, or use OAK's runoak for a Semantic SQL ontology."),
    _known(rb"\x89HDF\r\n", "an HDF5 file (AnnData, Loom)", "Export its tables with pandas."),
    _known(rb"Rar!|7z\xbc\xaf", "a packed archive", "Unpack it, and load the files in it."),
    _known(rb"(?:\xff\xfe|\xfe\xff)", "UTF-16 text", "Save it as UTF-8, for instance with iconv."),
    _known(rb"\x80[\x02-\x05]", "a Python pickle",
           "Pickles run code when they are opened: export the graph as GraphML or KGX instead."),
    _known(_SPACE + rb"<(?i:!DOCTYPE html|html\b)", "a web page, not the file behind it",
           "Fetch the raw file."),
    _known(_XML + rb"<(?:\w+:)?sbml\b", "SBML", "Convert it with sbml2biopax or libSBML."),
    _known(_XML + rb"<(?:\w+:)?sbgn\b", "SBGN-ML", "Convert it with PyBEL or ySBGN to GraphML."),
    _known(_XML + rb"<(?:\w+:)?entrySet\b", "PSI-MI XML", "Convert it with psimi or INDRA."),
    _known(_XML + rb"<(?:\w+:)?Pathway\b[^>]*GPML", "GPML of WikiPathways",
           "Take the RDF that WikiPathways publishes."),
    _known(_XML + rb"<pathway\b[^>]*org=", "KGML of KEGG", "Convert it with graphite or PyBEL."),
    _known(_SPACE + rb"(?:#[^\n]*\n\s*)*SET DOCUMENT ", "BEL Script",
           "Convert it with PyBEL: pybel convert to node-link JSON."),
    _known(_SPACE + rb"(?:Creator[^\n]*\n\s*|Version[^\n]*\n\s*|#[^\n]*\n\s*)*graph\s*\[", "GML",
           "Convert it with networkx: read_gml, write_graphml."),
    _known(_SPACE + rb"\*(?:Vertices|Network)\b", "a Pajek network",
           "Convert it with networkx: read_pajek, write_graphml."),
    _known(_SPACE + rb"(?:strict\s+)?(?:di)?graph\s+[\w\"]*\s*\{", "Graphviz DOT",
           "Convert it with networkx: read_dot, write_graphml."),
    _known(rb"#?ID\(?s?\)? interactor A\t|#ID Interactor A\t", "PSI-MITAB",
           "Convert it with INDRA or psimi to one of the tables."),
    _known(rb"C\d{7}\|", "a file of UMLS (RRF)", "Convert it with umls2rdf to Turtle."),
    _known(rb"version https://git-lfs\.github\.com/", "a pointer of Git LFS, not the file itself",
           "Fetch the file: git lfs pull."),
    _known(rb"\$HDT", "RDF in HDT", "Convert it with hdt2rdf to N-Triples."),
    _known(rb"ARROW1\0\0|\xff{4}.{3}\0", "an Arrow file",
           "Write it as Parquet: pyarrow.parquet.write_table."),
    _known(rb"Obj\x01", "an Avro file", "Write it as Parquet or KGX."),
    _known(rb"RD[AX][23]\n|\x1f\x9d", "data of R or of compress",
           "Write its tables as tab-separated text."),
    _known(_XML + rb"<(?:\w+:)?drugbank\b", "XML of DrugBank",
           "Take its tables, or build a graph of it with Koza or BioCypher."),
    _known(_XML + rb"<(?:\w+:)?uniprot\b", "XML of UniProt",
           "Take the RDF that UniProt publishes."),
    _known(_SPACE + rb"\{.{0,4000}\"phenopacketSchemaVersion\"|"
           + _SPACE + rb"\{.{0,4000}\"phenotypicFeatures\"", "a phenopacket",
           "A phenopacket is about one patient: load the diseases and phenotypes as KGX."),
    _known(_SPACE + rb"\{\s*\"head\"\s*:.{0,4000}\"vars\"",
           "the result of a SPARQL query", "Ask with CONSTRUCT, and load the Turtle."),
    _known(_SPACE + rb"(?:#[^\n]*\n)*database_id\tdisease_name\tqualifier\thpo_id",
           "the annotations of the HPO (phenotype.hpoa)",
           "Convert it with Koza to KGX."),
    _known(rb"#BioGRID Interaction ID\t", "a table of BioGRID",
           "Convert it with INDRA or Koza to KGX."),
    _known(rb"(?:#[^\n]*\n)*# ?(?:ChemicalName|GeneSymbol|DiseaseName)[,\t]", "a table of CTD",
           "Convert it with Koza to KGX."),
)  # fmt: skip


def unreadable(head: bytes) -> tuple[str, str] | None:
    r"""Return what a file is that no reader takes, and what to do; None for an unknown one.

    >>> unreadable(b"PK\x03\x04")[0], unreadable(b"id\tname")
    ('a zip archive', None)
    """
    return next(((k.name, k.advice) for k in _FILES if k.pattern.match(head[:LOOKED_AT])), None)
