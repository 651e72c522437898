"""Which blank nodes belong to the syntax of OWL, hence are no things of their own."""

from __future__ import annotations

from typing import Final

from mechkg.ontology.rdf.triples import Triples, text_of
from mechkg.ontology.rdf.vocabulary import OWL, RDF

__all__ = ["is_expression"]

_STRUCTURE: Final = frozenset(
    OWL[name]
    for name in (
        "onProperty", "onProperties", "intersectionOf", "unionOf", "complementOf", "oneOf",
        "members", "distinctMembers", "annotatedSource", "sourceIndividual", "onDatatype",
        "withRestrictions", "inverseOf", "datatypeComplementOf",
    )
)  # fmt: skip


def is_expression(triples: Triples, key: str) -> bool:
    """Say whether a blank node is part of OWL's syntax: a class expression, an axiom and the like.

    >>> is_expression(Triples((), {"_:b": {OWL["unionOf"]: []}}), "_:b")
    True
    """
    about = triples.by_subject.get(key, {})
    if not _STRUCTURE.isdisjoint(about):
        return True
    types = {text_of(node) for node in about.get(RDF["type"], ())}
    return any(OWL.holds(name) and name != OWL["NamedIndividual"] for name in types)
