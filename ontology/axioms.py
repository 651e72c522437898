"""What may be concluded from statements: the axioms of a graph's predicates."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import BlankNode

from mechkg.kg.model.schema import Schema
from mechkg.ontology.rdf.triples import Triples, text_of
from mechkg.ontology.rdf.vocabulary import OWL, RDF, Codec

__all__ = ["Axioms", "Chain", "read_axioms"]


@dataclass(frozen=True, slots=True)
class Chain:
    """`first` o `second` -> `conclusion`: a s b and b t c give a u c."""

    first: str
    second: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class Axioms:
    """The axioms that reasoning uses, over predicate ids.

    `parents` are the direct super-properties, `chains` the property chains (transitive
    predicates among them), `inverses` the IRI of each predicate's inverse property, `signs` the
    sign that statements of a predicate have by default, `disjoint` pairs of entities that no
    third may stand under both of.
    """

    parents: dict[str, tuple[str, ...]]
    symmetric: frozenset[str]
    chains: tuple[Chain, ...]
    inverses: dict[str, str]
    signs: dict[str, int | None]
    disjoint: tuple[tuple[str, str], ...] = ()


def read_axioms(triples: Triples, codec: Codec, schema: Schema) -> Axioms:
    """Return the axioms of a graph; raises `DataError` for a chain of other than two links."""
    ids = {p.iri: p.id for p in schema.predicates if p.iri}
    chains = [Chain(p.id, p.id, p.id) for p in schema.predicates if p.transitive]
    for iri, name in ids.items():
        for node in triples.by_subject.get(iri, {}).get(OWL["propertyChainAxiom"], ()):
            links = _items(triples, node)
            if len(links) != 2:
                raise triples.error(iri, f"the property chain of {name} has not two links")
            first, second = (ids.get(link, codec.curie(link)) for link in links)
            chains.append(Chain(first, second, name))
    return Axioms(
        parents={p.id: p.parents for p in schema.predicates},
        symmetric=frozenset(p.id for p in schema.predicates if p.symmetric),
        chains=tuple(sorted(chains, key=lambda c: (c.conclusion, c.first, c.second))),
        inverses={
            name: inverse
            for iri, name in ids.items()
            if (inverse := triples.value(iri, OWL["inverseOf"]))
        },
        signs={p.id: p.sign for p in schema.predicates},
        disjoint=tuple(
            (codec.curie(subject), codec.curie(other))
            for subject in triples.by_subject
            for other in triples.values(subject, OWL["disjointWith"])
        ),
    )


def _items(triples: Triples, node: object) -> list[str]:
    """Return the members of an RDF list; a list that never ends is cut at a hundred."""
    items: list[str] = []
    while isinstance(node, BlankNode) and len(items) < 100:
        cell = triples.by_subject.get(str(node), {})
        items.extend(map(text_of, cell.get(RDF["first"], ())))
        node = next(iter(cell.get(RDF["rest"], ())), None)
    return items
