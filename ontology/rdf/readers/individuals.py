"""What OWL says in a form of its own: of which classes individuals are, and rules.

OWL 2 Mapping to RDF Graphs, section 3: an individual of a class has it as its `rdf:type`. OBO and
OBO Graphs have a relation there (`instance_of`, `type`), so that an ontology gives the same from
each. Rules are those of SWRL (W3C Member Submission 2004, section 5): they say what follows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from pyoxigraph import NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, drop
from mechkg.ontology.rdf.triples import Triples
from mechkg.ontology.rdf.vocabulary import BIOLINK, MECHKG, OWL, PROV, RDF, RDFS, SKOS, Namespace

__all__ = ["drop_rules", "relate_individuals"]

SWRL: Final = Namespace("http://www.w3.org/2003/11/swrl#")
_RULE: Final = "a rule of SWRL"
_NO_CLASSES: Final = (OWL, RDF, RDFS, SKOS, MECHKG, BIOLINK, PROV)


def drop_rules(triples: Triples, account: Account) -> None:
    """Take the rules of an ontology out of a graph. O(triples)."""
    found = [
        subject
        for subject, about in triples.by_subject.items()
        if any(map(SWRL.holds, about)) or any(SWRL.holds(t) for t in _types(triples, subject))
    ]
    for subject in found:
        account.pass_over(_RULE, drop(triples, subject), subject)


def relate_individuals(triples: Triples, categories: Collection[str]) -> None:
    """Relate each named individual to its classes, but for those that are `categories`, by id.

    What the document declares to be a category is one, too. The class stays what the individual is
    shown with. O(triples).
    """
    for subject in list(triples.by_subject):
        types = _types(triples, subject)
        if OWL["NamedIndividual"] not in types or subject.startswith("_:"):
            continue
        for iri in types:
            told = registry().canonical(iri) in categories or iri.startswith("_:")
            own = MECHKG["Category"] in _types(triples, iri)
            if not (told or own or any(vocabulary.holds(iri) for vocabulary in _NO_CLASSES)):
                add(triples, subject, MECHKG["type"], NamedNode(iri))


def _types(triples: Triples, subject: str) -> list[str]:
    return triples.values(subject, RDF["type"])
