"""Extended SIF of Pathway Commons: a table of interactions, then one of their participants.

pathwaycommons.org, SIF format with metadata: both tables have a header; `;` parts the values of a
cell. A participant is named as in the interactions (a gene symbol or a ChEBI identifier).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.headers import first_line
from mechkg.kg.readers.kgx import batches
from mechkg.kg.readers.known_tables import plain_rows

__all__ = ["fits", "read"]

Row = Mapping[str, str]
_TRIPLE: Final = ("participant_a", "interaction_type", "participant_b")
_PARTICIPANT: Final = "participant"
_TYPES: Final = {
    "proteinreference": "biolink:Protein", "smallmoleculereference": "biolink:SmallMolecule",
    "dnareference": "biolink:Gene", "rnareference": "biolink:RNAProduct",
    "complex": "biolink:MacromolecularComplex",
}  # fmt: skip


def fits(head: bytes) -> bool:
    r"""Say whether some bytes begin extended SIF.

    >>> fits(b"PARTICIPANT_A\tINTERACTION_TYPE\tPARTICIPANT_B\n"), fits(b"a\tpp\tb\n")
    (True, False)
    """
    return _names(first_line(head).split("\t"))[:3] == list(_TRIPLE)


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read interactions as statements, with their sources and articles, and participants."""
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    names: list[str] = []
    for line, cells in plain_rows(file.blocks(), "\t", file):
        found = _names(cells)
        if found[:3] == list(_TRIPLE) or found[0] == _PARTICIPANT:
            names = found
            continue
        kind = "entity" if names[0] == _PARTICIPANT else "statement"
        if len(cells) > len(names) and any(cells[len(names) :]):
            file.see(kind)
            file.refuse(line, f"it has {len(cells)} fields, the header has {len(names)}", kind)
            continue
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
        yield line, _node(row) if kind == "entity" else _edge(row)


def _names(cells: Sequence[str]) -> list[str]:
    return [cell.strip().casefold() for cell in cells]


def _edge(row: Row) -> dict[str, Any]:
    """Return an interaction in the words of KGX.

    >>> row = {"participant_a": "TP53", "interaction_type": "controls-expression-of",
    ...        "participant_b": "MDM2", "interaction_pubmed_id": "1;2"}
    >>> _edge(row)["publications"]
    ['PMID:1', 'PMID:2']
    """
    fields = dict(row)
    subject, predicate, object_ = (fields.pop(name, "") for name in _TRIPLE)
    articles = _several(fields.pop("interaction_pubmed_id", ""))
    sources = _several(fields.pop("interaction_data_source", ""))
    return {
        **fields,
        "subject": subject,
        "predicate": predicate,
        "object": object_,
        "publications": [f"PMID:{a}" if a.isdigit() else a for a in articles],
        "primary_knowledge_source": sources,
    }


def _node(row: Row) -> dict[str, Any]:
    fields = dict(row)
    kind = fields.pop("participant_type", "")
    return {
        "id": fields.pop(_PARTICIPANT, ""),
        "name": fields.pop("participant_name", ""),
        "category": _TYPES.get(kind.casefold(), kind),
        "xref": _several(fields.pop("unification_xref", "")),
        **fields,
    }


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]
