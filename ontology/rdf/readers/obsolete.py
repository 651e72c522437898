"""Obsolete terms: marked, with what replaces them; the mark makes no relation of a term."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.edits import add
from mechkg.ontology.rdf.roles import ALTERNATIVES, DEPRECATED, REPLACED_BY, XREFS
from mechkg.ontology.rdf.triples import Triples, text_of
from mechkg.ontology.rdf.vocabulary import ATTRIBUTE, OWL, RDF, keyed

__all__ = ["mark_obsolete"]

_DEPRECATED_TYPES: Final = (OWL["DeprecatedClass"], OWL["DeprecatedProperty"])


def mark_obsolete(triples: Triples) -> None:
    """Keep what is said of obsolete terms as attributes of them, not as relations.

    Identifiers that were merged into a term become its cross-references. O(triples).
    """
    for subject, about in list(triples.by_subject.items()):
        types = set(map(text_of, about.get(RDF["type"], ())))
        stated = any(text_of(node) in ("true", "1") for node in about.get(DEPRECATED, ()))
        if stated or not types.isdisjoint(_DEPRECATED_TYPES):
            add(triples, subject, keyed(ATTRIBUTE, "deprecated"), Literal("true"))
        for name, key in REPLACED_BY.items():
            targets = sorted(registry().canonical(text_of(n)) for n in about.pop(name, ()))
            if targets:
                known = [text_of(n) for n in about.get(keyed(ATTRIBUTE, key), ())]
                about[keyed(ATTRIBUTE, key)] = [Literal("|".join(dict.fromkeys(known + targets)))]
        for name in ALTERNATIVES:
            about.setdefault(XREFS[1], []).extend(about.pop(name, ()))
            if not about[XREFS[1]]:
                del about[XREFS[1]]
