"""Named graphs: evidence says in which one a triple is, and what that is derived from.

A graph is named by an IRI, of which triples may say where it comes from (RDF 1.1 Datasets, section
3.3; PROV-O: `prov:wasDerivedFrom`). Publications among these support each triple of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.columns.interner import Column
from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.content import Reading
from mechkg.kg.readers.kgx import LITERATURE
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.canonical_iris import canonical_iri
from mechkg.ontology.rdf.readers.nanopublications import DERIVED, PUBLICATION
from mechkg.ontology.rdf.triples import Triples, text_of

__all__ = ["Graphs", "read_support"]

_SUPPORT: Final = "the source of a named graph, which is evidence of its triples"


class Graphs:
    """The evidence that the graphs of a file give, by the numbers of a `Cutter`.

    `names` grows as the file is cut; "" stands for the default graph. `support` has the
    publications of graphs.

    >>> from mechkg.kg.model.schema import Schema
    >>> graphs = Graphs(["", "http://a/g"], Reading(Schema(), "x.nq"), {})
    >>> graphs.annotations("http://a/g").evidence[0].location
    'http://a/g'
    >>> graphs.said(np.array([0, 1]))[1].texts(), graphs.said(np.array([0, 0]))[1]
    (['', 'http://a/g'], None)
    """

    def __init__(
        self, names: Sequence[str], reading: Reading, support: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._names = names
        self._support = support
        self._reading = reading
        self._made: dict[str, Annotations] = {}

    def annotations(self, name: str) -> Annotations:
        """Return what a graph says of the triples in it, by listing them."""
        if not name:
            return self._reading.listed
        if name not in self._made:
            (listed,) = self._reading.listed.evidence
            publications = self._support.get(name, ())
            evidence = msgspec.structs.replace(
                listed, location=name, publications=publications,
                kind=LITERATURE if publications else listed.kind,
            )  # fmt: skip
            self._made[name] = Annotations(evidence=(evidence,))
        return self._made[name]

    def said(self, numbers: NDArray[np.int32] | None) -> tuple[Annotations, Column | None]:
        """Return the annotations of some triples, and the graph of each where they differ."""
        if numbers is None or not len(numbers):
            return self._reading.listed, None
        used, places = np.unique(numbers, return_inverse=True)
        names = [self._names[number] for number in used.tolist()]
        if len(set(names)) == 1:
            return self.annotations(names[0]), None
        return self._reading.listed, Column.of(names).take(places)

    def kept(
        self, numbers: NDArray[np.int32], wanted: NDArray[np.bool_], relates: NDArray[np.bool_]
    ) -> dict[str, bool]:
        """Return the named graphs of the wanted triples, and whether one of theirs relates."""
        relating = {self._names[number] for number in np.unique(numbers[relates]).tolist()}
        found = {self._names[number] for number in np.unique(numbers[wanted]).tolist()}
        return {name: name in relating for name in sorted(found) if name}


def read_support(
    triples: Triples, account: Account, graphs: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Take what named graphs are derived from out of a graph; returns their publications.

    `graphs` are further ones, of quads that are read elsewhere.
    """
    found: dict[str, tuple[str, ...]] = {}
    listings = triples.origins.listings if triples.origins is not None else []
    for graph in sorted({*graphs, *(graph for _, graph in listings)}):
        about = triples.by_subject.get(canonical_iri(graph)) if graph else None
        publications: set[str] = set()
        for name in DERIVED.intersection(about or ()):
            nodes = (about or {})[name]
            named = {node: registry().canonical(text_of(node)) for node in nodes}
            taken = {node for node, text in named.items() if PUBLICATION.fullmatch(text)}
            publications.update(named[node] for node in taken)
            (about or {})[name] = [node for node in nodes if node not in taken]
            account.merge(_SUPPORT, len(taken), canonical_iri(graph))
        if publications:
            found[graph] = tuple(sorted(publications))
    return found
