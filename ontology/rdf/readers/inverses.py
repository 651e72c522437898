"""`owl:inverseOf` is symmetric: of two properties that name each other one is kept.

OWL 2 Structural Specification, section 9.2.4. The other's triples are read backwards.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from pyoxigraph import NamedNode

from mechkg.ontology.rdf.readers.edits import add
from mechkg.ontology.rdf.triples import Triples
from mechkg.ontology.rdf.vocabulary import MECHKG, OWL, RDF

__all__ = ["settle_inverses"]

_PASSIVE: Final = re.compile(r"(?:by|of|from|in)$", re.IGNORECASE)


def settle_inverses(triples: Triples, known: Collection[str]) -> None:
    """Leave one direction of each pair of inverses; a property that is its own is symmetric.

    `known` are the IRIs of predicates that the schema has, which are kept before others, then those
    that say more of themselves, then those that declare an inverse. Of a chain of inverses every
    second one is kept. O(properties * log(properties)).
    """
    described = {
        subject
        for subject, about in triples.by_subject.items()
        if OWL["inverseOf"] in about and any(map(MECHKG.holds, about))
    }
    declaring = {s for s, about in triples.by_subject.items() if OWL["inverseOf"] in about}
    inverses = _taken(triples)
    settled: set[str] = set()
    ranks = {
        iri: (iri not in known, iri not in described, iri not in declaring, *_form(iri))
        for iri in inverses
    }
    for kept in sorted(inverses, key=ranks.__getitem__):
        others = inverses[kept] - settled - {kept}
        if kept in inverses[kept]:
            add(triples, kept, RDF["type"], NamedNode(OWL["SymmetricProperty"]))
        if kept in settled:
            continue
        settled |= {kept, *others}
        add(triples, kept, RDF["type"], NamedNode(OWL["ObjectProperty"]))
        for other in sorted(others):
            add(triples, kept, OWL["inverseOf"], NamedNode(other))


def _taken(triples: Triples) -> dict[str, set[str]]:
    """Take the pairs of named inverses out of a graph; returns those of each property."""
    found: dict[str, set[str]] = {}
    for subject, about in triples.by_subject.items():
        nodes = about.get(OWL["inverseOf"], ())
        named = [node for node in nodes if isinstance(node, NamedNode)]
        if not named or subject.startswith("_:"):
            continue
        for node in named:
            found.setdefault(subject, set()).add(node.value)
            found.setdefault(node.value, set()).add(subject)
        about[OWL["inverseOf"]] = [node for node in nodes if node not in named]
        if not about[OWL["inverseOf"]]:
            del about[OWL["inverseOf"]]
    return found


def _form(iri: str) -> tuple[bool, int, str]:
    """Return what properties are sorted by where nothing else tells: active and short names."""
    local = re.split(r"[/#:]", iri)[-1]
    return _PASSIVE.search(local) is not None, len(local), iri
