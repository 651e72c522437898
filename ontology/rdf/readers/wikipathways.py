"""WikiPathways RDF (Waagmeester et al. 2016, PLoS Comput Biol 12:e1004989): the `wp` vocabulary.

An interaction has `wp:source` and `wp:target`; its class says what the one does to the other. Data
nodes, complexes and groups are entities with their cross-references; pathways have them as parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from pyoxigraph import Literal, NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Sign
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, associate, drop
from mechkg.ontology.rdf.roles import XREFS
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import ATTRIBUTE, BIOLINK, DCTERMS, RDF, Namespace, keyed

__all__ = ["read_wikipathways"]

WP: Final = Namespace("http://vocabularies.wikipathways.org/wp#")
GPML: Final = Namespace("http://vocabularies.wikipathways.org/gpml#")

_CATEGORIES: Final = {
    "Protein": "Protein", "GeneProduct": "GeneProduct", "Metabolite": "SmallMolecule",
    "Rna": "Transcript", "Complex": "MacromolecularComplex", "Pathway": "Pathway",
}  # fmt: skip
_GENERAL: Final = ("DataNode", "Group")
_WHOLES: Final = ("Pathway", "Complex", "Group")
_EFFECTS: Final[tuple[tuple[str, str, str, Sign | None], ...]] = (
    ("Inhibition", "Inhibition", "inhibits", -1),
    ("Stimulation", "Stimulation", "stimulates", 1),
    ("Catalysis", "Catalysis", "catalyzes", 1),
    ("TranscriptionTranslation", "TranscriptionTranslation", "is expressed as", 1),
    ("Conversion", "Conversion", "is converted to", None),
    ("Translocation", "Translocation", "is translocated to", None),
    ("ComplexBinding", "Binding", "binds", None),
    ("Binding", "Binding", "binds", None),
    ("DirectedInteraction", "DirectedInteraction", "acts on", None),
)  # fmt: skip
"""Classes of interactions, the most telling first: class, property, label, sign of the effect."""
_READ: Final = ("Interaction", *(name for name, *_ in _EFFECTS))
_READ_PARTS: Final = "the parts of a complex or group, read as statements"
_HELPERS: Final = frozenset((WP["PublicationReference"],))


def read_wikipathways(triples: Triples, account: Account) -> Schema | None:
    """Rewrite a document of WikiPathways in place as entities and statements. O(triples).

    None where the document is none.
    """
    interactions = _of_types(triples, {WP[name] for name in _READ})
    nodes = _of_types(triples, {WP[name] for name in (*_CATEGORIES, *_GENERAL)})
    if not interactions and not nodes:
        return None
    claims = [c for iri in interactions for c in _claims(triples, iri)]
    said = {origin for *_, origin in claims}
    claims += [claim for iri in nodes for claim in _parts(triples, iri)]
    for iri in nodes:
        parts = triples.by_subject[iri].pop(WP["participants"], ())
        account.merge(_READ_PARTS, len(parts), iri)
        _describe(triples, iri)
    for number, (subject, predicate, target, origin) in enumerate(dict.fromkeys(sorted(claims))):
        publications = _publications(triples, origin)
        associate(
            triples,
            f"_:wikipathways{number}",
            (subject, predicate, target),
            kind="literature" if publications else "database",
            publications=publications,
        )
    _clear(triples, account, interactions, said)
    return Schema(predicates=_predicates())


def _predicates() -> tuple[Predicate, ...]:
    """Return the relations that the classes of interactions stand for."""
    found = {
        name: Predicate(id=registry().canonical(WP[name]), label=label, iri=WP[name], sign=sign)
        for _, name, label, sign in _EFFECTS
    }
    return tuple(found[name] for name in sorted(found))


Claim = tuple[str, str, str, str]


def _of_types(triples: Triples, types: set[str]) -> list[str]:
    return sorted(
        subject
        for subject, about in triples.by_subject.items()
        if not types.isdisjoint(map(text_of, about.get(RDF["type"], ())))
    )


def _claims(triples: Triples, iri: str) -> Iterator[Claim]:
    """Yield what an interaction says of each source and target."""
    types = set(triples.values(iri, RDF["type"]))
    predicate = next((WP[name] for kind, name, *_ in _EFFECTS if WP[kind] in types), None)
    sources, targets = (_iris(triples, iri, name) for name in ("source", "target"))
    for source in sources:
        for target in targets:
            for final in _ends(triples, target):
                yield source, predicate or BIOLINK["interacts_with"], final, iri
    participants = _iris(triples, iri, "participants")
    if not sources and not targets:
        for first, second in combinations(participants, 2):
            yield first, predicate or BIOLINK["interacts_with"], second, iri


def _parts(triples: Triples, iri: str) -> Iterator[Claim]:
    """Yield the pathways, complexes and groups that a node is part of, and its own parts."""
    wholes = {WP[name] for name in _WHOLES}
    for node in triples.by_subject[iri].get(DCTERMS["isPartOf"], ()):
        whole = text_of(node)
        if not wholes.isdisjoint(triples.values(whole, RDF["type"])):
            yield whole, BIOLINK["has_part"], iri, iri
    if not wholes.isdisjoint(triples.values(iri, RDF["type"])):
        for part in _iris(triples, iri, "participants"):
            yield iri, BIOLINK["has_part"], part, iri


def _ends(triples: Triples, target: str) -> list[str]:
    """Return a target, or the targets of the interaction that it is (a catalysed conversion)."""
    inner = _iris(triples, target, "target")
    return inner or [target]


def _iris(triples: Triples, iri: str, name: str) -> list[str]:
    nodes = triples.by_subject.get(iri, {}).get(WP[name], ())
    return sorted(text_of(node) for node in nodes if isinstance(node, NamedNode))


def _describe(triples: Triples, iri: str) -> None:
    about = triples.by_subject[iri]
    kinds = [name for name in _CATEGORIES if WP[name] in triples.values(iri, RDF["type"])]
    category = _CATEGORIES[kinds[0]] if kinds else "NamedThing"
    about[RDF["type"]] = [NamedNode(BIOLINK[category])]
    for name in [n for n in about if WP.holds(n) and n.startswith(WP["bdb"])]:
        for node in about.pop(name):
            add(triples, iri, XREFS[1], _xref(node))
    for text in triples.values(iri, WP["organismName"]):
        add(triples, iri, keyed(ATTRIBUTE, "in_taxon_label"), Literal(text))


def _xref(node: Node) -> Literal:
    return Literal(registry().canonical(text_of(node)))


def _publications(triples: Triples, iri: str) -> list[str]:
    names = (DCTERMS["bibliographicCitation"], DCTERMS["references"])
    found = [_publication(triples, ref) for name in names for ref in triples.values(iri, name)]
    return sorted({curie for curie in found if curie})


def _publication(triples: Triples, reference: str) -> str:
    """Return the CURIE of a publication: its address, or its identifier in PubMed."""
    curie = registry().canonical(reference)
    if "://" not in curie and not curie.startswith("_:"):
        return curie
    local = triples.value(reference, DCTERMS["identifier"])
    return f"PMID:{local}" if local.isdecimal() else registry().canonical(local) or curie


def _clear(triples: Triples, account: Account, interactions: list[str], said: set[str]) -> None:
    """Take away what is said by now in other words, and the drawing of the pathway."""
    for iri in interactions:
        if iri in said:
            account.merge("an interaction, read as statements", drop(triples, iri), iri)
        else:
            account.pass_over("an interaction without two ends", drop(triples, iri), iri)
    for iri, about in list(triples.by_subject.items()):
        types = set(map(text_of, about.get(RDF["type"], ())))
        if types & _HELPERS:
            account.merge("a reference to a publication", drop(triples, iri), iri)
        elif any(GPML.holds(name) for name in types):
            account.pass_over("the drawing of a pathway (GPML)", drop(triples, iri), iri)
        else:
            for name in [n for n in about if WP.holds(n) or GPML.holds(n)]:
                account.pass_over("a detail of WikiPathways", len(about.pop(name)), iri)
