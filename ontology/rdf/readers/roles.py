"""N-Triples cut into columns of terms, a block at a time, each line with its role."""

from __future__ import annotations

import re
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
from mechkg.ontology.rdf.readers.canonical_iris import canonical_iri
from mechkg.ontology.rdf.readers.nanopublications import DERIVED
from mechkg.ontology.rdf.roles import (
    ALTERNATIVES,
    DEPRECATED,
    DESCRIPTIONS,
    NAMES,
    REPLACED_BY,
    XREFS,
    describes,
)
from mechkg.ontology.rdf.triples import named_graph
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    CONTEXT,
    DCTERMS,
    MECHKG,
    OBOINOWL,
    OWL,
    QUALIFIER,
    RDF,
    RDFS,
    SH,
    SYNONYM_PROPERTIES,
    Namespace,
)  # fmt: skip

__all__ = [
    "ABOUT", "DESCRIPTION", "LITERAL", "NAME", "NAMESPACE", "NODE", "OTHER", "PLAIN", "PROVIDED",
    "RELATES", "SYNONYM_ROLES", "TYPE", "XREF", "Cut", "Cutter", "is_node_vocabulary",
]  # fmt: skip

PLAIN, LITERAL, OTHER = 1, 2, 3
"""Kinds of lines: three IRIs; a literal as object; what only a full parser should judge."""
RELATES, TYPE, XREF, NAMESPACE, *_SYNONYMS = range(12)
PROVIDED, NAME, DESCRIPTION, NODE, ABOUT = 50, 100, 150, 200, 201
"""Roles of predicates: what a property means for its subject. Those of names and descriptions go
on from `NAME` and `DESCRIPTION` in the order of `mechkg.ontology.rdf.roles`."""

SYNONYM_ROLES: Final[Mapping[SynonymKind | None, int]] = dict(
    zip((None, *get_args(SynonymKind)), _SYNONYMS, strict=True)
)
"""The role of the properties that give each kind of synonym, None for exact ones."""

_ROLES: Final = {
    RDF["type"]: TYPE,
    BIOLINK["category"]: TYPE,
    **{name: SYNONYM_ROLES[kind] for name, kind in SYNONYM_PROPERTIES.items()},
    **{name: DESCRIPTION + place for place, name in enumerate(DESCRIPTIONS)},
    **{name: NAME + place for place, name in enumerate(NAMES)},
    **dict.fromkeys((*XREFS, *ALTERNATIVES), XREF),
    OBOINOWL["hasOBONamespace"]: NAMESPACE,
    DCTERMS["source"]: PROVIDED,
    BIOLINK["provided_by"]: PROVIDED,
    RDFS["subClassOf"]: RELATES,
}
"""`NODE` makes the subject a node of its own kind; what is named nowhere relates entities."""
_NODE_PROPERTIES: Final = frozenset(
    {
        *(v[name] for v in (RDF, BIOLINK) for name in ("subject", "predicate", "object")),
        *(OWL[name] for name in (
            "inverseOf", "someValuesFrom", "equivalentClass", "annotatedSource",
            "sourceIndividual", "onProperty", "intersectionOf",
        )),
        RDF["reifies"], RDF["first"], RDFS["subPropertyOf"], SH["prefix"], DEPRECATED, *REPLACED_BY,
    }
)  # fmt: skip
_NODE_VOCABULARIES: Final = (
    MECHKG, QUALIFIER, ATTRIBUTE, CONTEXT,
    *map(Namespace, (
        "http://www.biopax.org/release/biopax-level3.owl#", "http://purl.org/oban/",
        "http://vocabularies.wikipathways.org/", "http://geneontology.org/lego/",
        "http://www.nanopub.org/nschema#", "http://www.w3.org/2008/05/skos-xl#",
    )),
)  # fmt: skip
NEWLINE: Final = 10
_GRAPH: Final = re.compile(r"<([^<>]*)>[ \t]*\.[ \t]*(?:#.*)?\Z")
"""The graph of a quad, in what follows its object."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The lines of a block: three columns of terms, and the kind of each line.

    `rows` are the lines that hold a triple; `predicates` and `roles` say what relates its ends.
    `graphs` are the numbers of its named graphs where the file may have some.
    """

    block: Block
    terms: tuple[Column, Column, Column]
    kind: NDArray[np.uint8]
    rows: NDArray[np.intp]
    predicates: NDArray[np.int32]
    roles: NDArray[np.uint8]
    graphs: NDArray[np.int32] | None = None

    def relating(self) -> NDArray[np.bool_]:
        """Say of each triple whether it relates two entities."""
        return np.asarray((self.roles == RELATES) & (self.kind[self.rows] == PLAIN))


def is_node_vocabulary(iri: str) -> bool:
    """Say whether a term belongs to a vocabulary that the full reader must see as a whole."""
    return any(vocabulary.holds(iri) for vocabulary in _NODE_VOCABULARIES)


def _role(iri: str, *, quads: bool) -> int:
    if quads and iri in DERIVED:  # a graph may be its subject
        return NODE
    if iri in _ROLES:
        return _ROLES[iri]
    if iri in _NODE_PROPERTIES or is_node_vocabulary(iri):
        return NODE
    return ABOUT if describes(iri) else RELATES


class Cutter:
    r"""Cuts blocks; knows the distinct predicates, by number, and the role of each.

    Of `quads` it knows the graphs, too.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "graph.nt")
    ...     _ = path.write_text("<a:s> <a:p> <a:o> .\n# a comment\n")
    ...     [(cut.terms[0].text(0), cut.kind.tolist()) for cut in Cutter().cuts(SourceFile(path))]
    [('a:s', [1, 0])]
    """

    def __init__(self, *, quads: bool = False) -> None:
        self.predicates: list[str] = []
        self.graphs: list[str] = []
        self._interner = Interner()
        self._roles = np.empty(0, np.uint8)
        self._tails = Interner() if quads else None

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
        self._roles = np.append(
            self._roles,
            np.array(
                [_role(canonical_iri(t), quads=self._tails is not None) for t in fresh], np.uint8
            ),
        )
        self.predicates += fresh
        graphs = None if self._tails is None else self._graphs(buffer, target, rows)
        terms = (subject, predicate, target)
        return Cut(block, terms, kind, rows, numbers, self._roles[numbers], graphs)

    def _graphs(
        self, buffer: NDArray[np.uint8], target: Column, rows: NDArray[np.intp]
    ) -> NDArray[np.int32]:
        """Return the number of the graph of each quad; `graphs` has the names, "" for none."""
        stops = np.flatnonzero(buffer == NEWLINE)
        tails = self._tails or Interner()
        numbers = tails.intern(Column(buffer, target.end[rows], stops[rows]))
        fresh = tails.column.take(slice(len(self.graphs), None)).texts()
        found = (_GRAPH.search(tail) for tail in fresh)
        self.graphs += [named_graph(match[1]) if match else "" for match in found]
        return numbers
