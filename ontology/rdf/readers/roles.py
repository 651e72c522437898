"""N-Triples cut into columns of terms, a block at a time, each line with its role."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.read_ahead import ahead
from mechkg.kg.columns.interner import Column, Interner
from mechkg.kg.columns.text_kernels import cut_triples
from mechkg.kg.model.values import SynonymKind
from mechkg.kg.readers.files import Block, SourceFile
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    DC,
    DCTERMS,
    FOAF,
    MECHKG,
    OBOINOWL,
    OWL,
    PROV,
    QUALIFIER,
    RDF,
    RDFS,
    SH,
    SKOS,
    SYNONYM_PROPERTIES,
)  # fmt: skip

__all__ = ["ABOUT", "DESCRIPTION", "LITERAL", "NAME", "NAMESPACE", "NODE", "OTHER", "PLAIN",
           "RELATES", "SYNONYM_ROLES", "TYPE", "XREF", "Cut", "Cutter"]  # fmt: skip

PLAIN, LITERAL, OTHER = 1, 2, 3
"""Kinds of lines: three IRIs; a literal as object; what only a full parser should judge."""
RELATES, TYPE, NAME, DESCRIPTION, XREF, NAMESPACE, *_SYNONYMS = range(14)
NODE, ABOUT = 14, 15
"""Roles of predicates: what a property means for its subject."""

SYNONYM_ROLES: Final[Mapping[SynonymKind | None, int]] = dict(
    zip((None, *get_args(SynonymKind)), _SYNONYMS, strict=True)
)
"""The role of the properties that give each kind of synonym, None for exact ones."""

_ROLES: Final = {
    RDF["type"]: TYPE,
    BIOLINK["category"]: TYPE,
    RDFS["label"]: NAME,
    SKOS["prefLabel"]: NAME,
    BIOLINK["name"]: NAME,
    **{name: SYNONYM_ROLES[kind] for name, kind in SYNONYM_PROPERTIES.items()},
    DCTERMS["description"]: DESCRIPTION,
    "http://purl.obolibrary.org/obo/IAO_0000115": DESCRIPTION,
    RDFS["comment"]: DESCRIPTION,
    SKOS["exactMatch"]: XREF,
    OBOINOWL["hasDbXref"]: XREF,
    BIOLINK["xref"]: XREF,
    OBOINOWL["hasOBONamespace"]: NAMESPACE,
    RDFS["subClassOf"]: RELATES,
}
"""`NODE` makes the subject a node of its own kind; what is named nowhere relates entities."""
_NODE_PROPERTIES: Final = frozenset(
    {
        *(v[name] for v in (RDF, BIOLINK) for name in ("subject", "predicate", "object")),
        RDF["reifies"], RDFS["subPropertyOf"], SH["prefix"], OWL["inverseOf"],
        OWL["someValuesFrom"], OWL["equivalentClass"],
    }
)  # fmt: skip
_NODE_VOCABULARIES: Final = (MECHKG, QUALIFIER, ATTRIBUTE)
_DESCRIBING: Final = (RDF, RDFS, OWL, SKOS, DCTERMS, DC, PROV, SH, FOAF, OBOINOWL)


@dataclass(frozen=True, slots=True)
class Cut:
    """The lines of a block: three columns of terms, and the kind of each line.

    `rows` are the lines that hold a triple; `predicates` and `roles` say what relates its ends.
    """

    block: Block
    terms: tuple[Column, Column, Column]
    kind: NDArray[np.uint8]
    rows: NDArray[np.intp]
    predicates: NDArray[np.int32]
    roles: NDArray[np.uint8]

    def relating(self) -> NDArray[np.bool_]:
        """Say of each triple whether it relates two entities."""
        return np.asarray((self.roles == RELATES) & (self.kind[self.rows] == PLAIN))


def _role(iri: str) -> int:
    if iri in _ROLES:
        return _ROLES[iri]
    if iri in _NODE_PROPERTIES or any(v.holds(iri) for v in _NODE_VOCABULARIES):
        return NODE
    return ABOUT if any(v.holds(iri) for v in _DESCRIBING) else RELATES


class Cutter:
    r"""Cuts blocks; knows the distinct predicates, by number, and the role of each.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "graph.nt")
    ...     _ = path.write_text("<a:s> <a:p> <a:o> .\n# a comment\n")
    ...     [(cut.terms[0].text(0), cut.kind.tolist()) for cut in Cutter().cuts(SourceFile(path))]
    [('a:s', [1, 0])]
    """

    def __init__(self) -> None:
        self.predicates: list[str] = []
        self._interner = Interner()
        self._roles = np.empty(0, np.uint8)

    def cuts(self, file: SourceFile) -> Generator[Cut]:
        """Yield the blocks of a file, cut by a thread that ends when this is closed; O(bytes)."""
        return ahead(map(self._cut, file.blocks()))

    def _cut(self, block: Block) -> Cut:
        buffer = np.frombuffer(block.data, np.uint8)
        start = np.zeros((3, block.lines), np.int64)
        end = np.zeros_like(start)
        kind = np.empty(start.shape[1], np.uint8)
        cut_triples(buffer, start, end, kind)
        subject, predicate, target = (Column(buffer, start[i], end[i]) for i in range(3))
        for column in (subject, target):
            column.hashes()
        rows = np.flatnonzero((kind == PLAIN) | (kind == LITERAL))
        numbers = self._interner.intern(predicate.take(rows))
        fresh = self._interner.column.take(slice(len(self._roles), None)).texts()
        self._roles = np.append(self._roles, np.array([_role(t) for t in fresh], np.uint8))
        self.predicates += fresh
        return Cut(block, (subject, predicate, target), kind, rows, numbers, self._roles[numbers])
