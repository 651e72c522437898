"""A user's own predicates in RDF: labels, signs, inverses and what else a schema says of them."""

from __future__ import annotations

from pathlib import Path

from mechkg.kg.errors import DataError
from mechkg.kg.model.schema import Predicate
from mechkg.ontology.rdf.schema import read_prefixes, read_schema
from mechkg.ontology.rdf.triples import read_documents, read_triples
from mechkg.ontology.rdf.vocabulary import Codec

__all__ = ["read_predicates"]


def read_predicates(path: Path) -> tuple[Predicate, ...]:
    """Return the object properties that an RDF file describes, with `mechkg:sign` and the like.

    The identifier of each is its `skos:notation`, else its CURIE by the prefixes of the file.
    Raises `DataError`. O(size of the file).
    """
    triples = read_triples(read_documents([path]))
    predicates = read_schema(triples, Codec(read_prefixes(triples), registered=False)).predicates
    if not predicates:
        raise DataError(
            str(path),
            None,
            "the file declares no predicates",
            hint="Type each as owl:ObjectProperty and give it rdfs:label and mechkg:sign.",
        )
    return predicates
