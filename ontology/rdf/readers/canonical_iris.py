"""One IRI for each thing: other addresses of a registered namespace are rewritten to its own."""

from __future__ import annotations

from pyoxigraph import NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.edits import rename
from mechkg.ontology.rdf.triples import Triples
from mechkg.ontology.rdf.vocabulary import ENTITY

__all__ = ["canonical_iri", "unify_iris"]

PURL = "http://purl.obolibrary.org/obo/"


def canonical_iri(iri: str) -> str:
    """Return the IRI under which the registry knows a thing, any other IRI as it is.

    >>> canonical_iri("https://identifiers.org/CL:0000540")
    'http://purl.obolibrary.org/obo/CL_0000540'
    >>> canonical_iri("https://purl.obolibrary.org/obo/ABC_1"), canonical_iri("http://a/x")
    ('http://purl.obolibrary.org/obo/ABC_1', 'http://a/x')
    """
    curie = registry().canonical(iri)
    if curie == iri or ENTITY.holds(iri):
        return iri
    own = registry().iri(curie)
    if own:
        return own
    return PURL + curie.replace(":", "_", 1)


def unify_iris(triples: Triples) -> None:
    """Rewrite the IRIs of a document in place; O(triples)."""
    index = triples.by_subject
    iris = {subject for subject in index if not subject.startswith("_:")}
    for about in index.values():
        iris.update(about)
        iris.update(n.value for nodes in about.values() for n in nodes if isinstance(n, NamedNode))
    names = {iri: own for iri in iris if (own := canonical_iri(iri)) != iri}
    if not names:
        return
    rename(triples, names)
    for subject, about in index.items():
        for predicate in [predicate for predicate in about if predicate in names]:
            if triples.origins is not None:
                triples.origins.move_predicate(index, subject, predicate, names[predicate])
            known = about.get(names[predicate], [])
            about[names[predicate]] = list(dict.fromkeys((*known, *about.pop(predicate))))
