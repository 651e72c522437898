"""The passes that bring the ways to say something in RDF into the one that is read.

Each pass is a module of its own and changes the triples of a document in memory; after them,
`mechkg.ontology.rdf.read` finds entities, plain triples and statement nodes. The order matters:
formats first, which know their own blank nodes and labels, then OWL, then what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.readers.content import LANGUAGES
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.assertions import (
    AxiomNotes,
    evidence_nodes,
    note_statements,
    read_axiom_notes,
    read_denials,
    read_oban,
)
from mechkg.ontology.rdf.readers.biopax import read_biopax
from mechkg.ontology.rdf.readers.blank_nodes import flatten_lists, name_blank_nodes
from mechkg.ontology.rdf.readers.canonical_iris import unify_iris
from mechkg.ontology.rdf.readers.edits import count_of
from mechkg.ontology.rdf.readers.go_cam import merge_molecules, read_go_cam
from mechkg.ontology.rdf.readers.individuals import drop_rules, relate_individuals
from mechkg.ontology.rdf.readers.inverses import settle_inverses
from mechkg.ontology.rdf.readers.labels import Ranks, choose_labels
from mechkg.ontology.rdf.readers.nanopublications import read_nanopublications
from mechkg.ontology.rdf.readers.obsolete import mark_obsolete
from mechkg.ontology.rdf.readers.shapes import reshape
from mechkg.ontology.rdf.readers.wikipathways import read_wikipathways
from mechkg.ontology.rdf.readers.xl_labels import read_xl_labels
from mechkg.ontology.rdf.triples import Triples

__all__ = ["Normalised", "normalise"]


@dataclass(frozen=True, slots=True)
class Normalised:
    """What the passes learnt beside the triples.

    `predicates` are relations that a format defines, `ranks` how wanted the name and description
    of each subject are (`mechkg.ontology.rdf.readers.labels`).
    """

    notes: AxiomNotes
    predicates: tuple[Predicate, ...]
    ranks: Ranks


def normalise(
    triples: Triples,
    schema: Schema,
    account: Account,
    languages: Sequence[str] = LANGUAGES,
) -> Normalised:
    """Rewrite the triples of a document in place. O(triples), and rounds over its blank nodes.

    `account` counts the triples and those that become part of nothing.

    Raises `DataError` for a node that reifies something else than one triple of IRIs.
    """
    account.seen += count_of(triples)
    read_nanopublications(triples, account)
    unify_iris(triples)
    merge_molecules(triples)
    evidence = frozenset(evidence_nodes(triples))
    notes = read_axiom_notes(triples, account)
    defined = [
        read_go_cam(triples, account, evidence),
        read_biopax(triples, account),
        read_wikipathways(triples, account),
    ]
    drop_rules(triples, account)
    relate_individuals(triples, {category.id for category in schema.categories})
    note_statements(triples, notes)
    read_denials(triples, account)
    read_oban(triples, account)
    settle_inverses(triples, {p.iri for p in schema.predicates if p.iri})
    mark_obsolete(triples)
    flatten_lists(triples, account)
    reshape(triples, account)
    read_xl_labels(triples, account)
    ranks = choose_labels(triples, account, languages)
    name_blank_nodes(triples)
    predicates = tuple(p for one in defined if one is not None for p in one.predicates)
    return Normalised(notes, predicates, ranks)
