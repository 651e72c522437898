"""`owl:inverseOf` is symmetric: of two properties that name each other one is kept.

OWL 2 Structural Specification, section 9.2.4. The other's triples are read backwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from pyoxigraph import NamedNode

from mechkg.ontology.rdf.readers.edits import add
from mechkg.ontology.rdf.triples import Node, Triples
from mechkg.ontology.rdf.vocabulary import OWL, RDF

__all__ = ["settle_inverses"]

_PASSIVE: Final = re.compile(r"(?:by|of|from|in)$", re.IGNORECASE)


def settle_inverses(triples: Triples, known: Collection[str]) -> None:
    """Leave one direction of each pair of inverses; a property that is its own is symmetric.

    `known` are the IRIs of predicates that the schema has, which are kept before others.
    O(properties).
    """
    index = triples.by_subject
    pairs = {
        (subject, node.value)
        for subject, about in index.items()
        if OWL["inverseOf"] in about and not subject.startswith("_:")
        for node in about[OWL["inverseOf"]]
        if isinstance(node, NamedNode)
    }
    for first, second in sorted(pairs):
        if first == second:
            _forget(triples, first, second)
            add(triples, first, RDF["type"], NamedNode(OWL["SymmetricProperty"]))
        elif (second, first) in pairs and first < second:
            kept, other = sorted((first, second), key=lambda iri: _rank(iri, known))
            _forget(triples, other, kept)
            add(triples, kept, RDF["type"], NamedNode(OWL["ObjectProperty"]))


def _rank(iri: str, known: Collection[str]) -> tuple[bool, bool, int, str]:
    """Return what a property is sorted by: known ones, then active and short names."""
    local = re.split(r"[/#:]", iri)[-1]
    return iri not in known, _PASSIVE.search(local) is not None, len(local), iri


def _forget(triples: Triples, subject: str, target: str) -> None:
    nodes: list[Node] = triples.by_subject[subject][OWL["inverseOf"]]
    nodes.remove(NamedNode(target))
    if not nodes:
        del triples.by_subject[subject][OWL["inverseOf"]]
