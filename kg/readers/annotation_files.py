"""Gene association files: GAF 2.x and GPAD 1.x and 2.0 of the Gene Ontology.

geneontology.org/docs/go-annotation-file-gaf-format-2.2 and .../gene-product-association-data-gpad:
a row says that a gene product has a function, takes part in a process or is in a component; of GAF
a row also describes the product. `NOT` denies a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.known_tables import OF_EDGE, fresh, plain_rows

__all__ = ["fits_gaf", "fits_gpad", "read_gaf", "read_gpad"]

_GAF: Final = (
    "db", "local", "symbol", "relation", "term", "references", "evidence_code", "with_or_from",
    "aspect", "full_name", "synonym", "type", "in_taxon", "date", "assigned_by",
    "annotation_extension", "gene_product_form",
)  # fmt: skip
_GPAD1: Final = (
    "db", "local", "relation", "term", "references", "evidence_code", "with_or_from",
    "interacting_taxon", "date", "assigned_by", "annotation_extension", "annotation_properties",
)  # fmt: skip
_GPAD2: Final = (
    "subject", "negation", "relation", "term", "references", "evidence_code", "with_or_from",
    "interacting_taxon", "date", "assigned_by", "annotation_extension", "annotation_properties",
)  # fmt: skip
_ASPECTS: Final = {"F": "enables", "P": "involved_in", "C": "located_in"}
"""The relation of a GAF row that names none, by the branch of its term."""
_TYPES: Final = {
    "protein": "biolink:Protein", "gene": "biolink:Gene", "gene_product": "biolink:GeneProduct",
    "protein_complex": "biolink:MacromolecularComplex", "complex": "biolink:MacromolecularComplex",
    "protein_coding_gene": "biolink:Gene", "miRNA": "biolink:MicroRNA",
}  # fmt: skip
MIN_CELLS: Final = 10
_GAF_VERSION: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:!(?!gaf-v)[^\n]*\n\s*)*!gaf-version")
_GPAD_VERSION: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:!(?!gpa)[^\n]*\n\s*)*!gpad?-version")
"""The line of the version, after other lines of comments."""


def fits_gaf(head: bytes) -> bool:
    """Say whether some bytes begin a GAF file."""
    return _GAF_VERSION.match(head) is not None


def fits_gpad(head: bytes) -> bool:
    """Say whether some bytes begin a GPAD file."""
    return _GPAD_VERSION.match(head) is not None


def read_gaf(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a GAF file: gene products and their annotations."""
    yield from batches(_records(file, _GAF), file, reading)


def read_gpad(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read a GPAD file of either version, which describes no gene product."""
    version = re.search(rb"!gpad?-version:\s*(\d)", file.head())
    columns = _GPAD1 if version is not None and version[1] == b"1" else _GPAD2
    yield from batches(_records(file, columns), file, reading)


def _records(file: SourceFile, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    known: set[bytes] = set()
    for line, cells in plain_rows(file.blocks(), "\t", file):
        if cells[0].startswith("!"):
            continue
        if len(cells) < MIN_CELLS or any(cells[len(columns) :]):
            file.see("statement")
            reason = f"it has {len(cells)} fields, the format has {len(columns)}"
            file.refuse(line, reason, "statement")
            continue
        filled = [*cells, *[""] * (len(columns) - len(cells))]
        row = {name: cell.strip() for name, cell in zip(columns, filled, strict=False)}
        if "subject" not in row:
            row["subject"] = _subject(row)
        if "symbol" in row and row["subject"]:
            yield from fresh([_node(row)], line, known)
        yield line, _edge(row)


def _subject(row: Mapping[str, str]) -> str:
    local = row["local"]
    if not local or not row["db"]:
        return ""
    return local if local.startswith(f"{row['db']}:") else f"{row['db']}:{local}"


def _node(row: Mapping[str, str]) -> dict[str, Any]:
    return {
        OF_EDGE: True, "id": row["subject"], "name": row["symbol"], "full_name": row["full_name"],
        "synonym": row["synonym"], "category": _TYPES.get(row["type"], ""),
        "product_type": row["type"],
        "in_taxon": row["in_taxon"].partition("|")[0].replace("taxon:", "NCBITaxon:"),
    }  # fmt: skip


def _edge(row: Mapping[str, str]) -> dict[str, Any]:
    words = [word for word in re.split(r"[|\s]+", row["relation"]) if word]
    negated = "NOT" in words or row.get("negation") == "NOT"
    relation = next((word for word in words if word not in {"NOT", "contributes_to_"}), "")
    references = [text for text in row["references"].split("|") if text]
    own = {
        "db", "local", "symbol", "relation", "term", "references", "full_name", "synonym", "type",
        "in_taxon", "subject", "negation",
    }  # fmt: skip
    taxon = row.get("in_taxon", "").partition("|")[0].replace("taxon:", "NCBITaxon:")
    return {
        **{key: value for key, value in row.items() if key not in own},
        "subject": row["subject"],
        "predicate": relation or _ASPECTS.get(row.get("aspect", ""), ""),
        "object": row["term"],
        "negated": negated,
        "publications": references,
        "primary_knowledge_source": "infores:goa" if row["assigned_by"] == "UniProt" else "",
        "species_context_qualifier": taxon,
    }
