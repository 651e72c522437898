"""Nanopublications: the assertion is what is stated, the provenance its evidence.

A nanopublication (nanopub.net/guidelines, *head*, *assertion*, *provenance*, *publication info* as
four named graphs) says in the head which graph is what. Only assertions are read as statements;
what the provenance names becomes their publications, its agents and methods their attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, associate
from mechkg.ontology.rdf.readers.owl_syntax import is_expression
from mechkg.ontology.rdf.roles import describes
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    DC,
    DCTERMS,
    OWL,
    PROV,
    RDF,
    RDFS,
    Namespace,
    keyed,
)

__all__ = ["DERIVED", "PUBLICATION", "read_nanopublications"]

NP: Final = Namespace("http://www.nanopub.org/nschema#")
PAV: Final = Namespace("http://purl.org/pav/")
DERIVED: Final = frozenset(
    (
        PROV["wasDerivedFrom"], PROV["hadPrimarySource"], PROV["wasQuotedFrom"], DCTERMS["source"],
        DC["source"], DCTERMS["references"], DCTERMS["isReferencedBy"], PAV["derivedFrom"],
        PAV["retrievedFrom"],
    )
)  # fmt: skip
"""Properties that lead from what is stated to where it comes from."""
_HEAD: Final = "the head of a nanopublication"
_INFO: Final = "publication info of a nanopublication"
_PROVENANCE: Final = "provenance of a nanopublication that has no place in the model"
PUBLICATION: Final = re.compile(r"(?:PMID|PMCID|DOI|ISBN|arxiv):.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The names of the graphs of one nanopublication."""

    name: str
    head: str
    assertion: str
    provenance: tuple[str, ...]
    info: tuple[str, ...]


def read_nanopublications(triples: Triples, account: Account) -> None:
    """Leave of each nanopublication its assertion, as statement nodes with evidence. O(triples)."""
    number = 0
    for parts in _parts(triples):
        publications, attributes = _evidence(triples, parts, account)
        statements = triples.graphs.get(parts.assertion, [])
        attributes = {"nanopublication": registry().canonical(parts.name), **attributes}
        reified = {subject for subject, name, _ in statements if _is_reified(name)}
        for subject in sorted(reified):
            _support(triples, subject, publications, parts.assertion, attributes)
        for subject, name, node in statements:
            if not _relates(triples, subject, name, node) or subject in reified:
                continue
            number += 1
            associate(
                triples,
                f"_:nanopub{number}",
                (subject, name, text_of(node)),
                kind="literature" if publications else "database",
                publications=publications,
                source=parts.assertion,
                attributes=attributes,
            )
        account.pass_over(_HEAD, _remove(triples, parts.head), parts.name)
        for graph in parts.info:
            account.pass_over(_INFO, _remove(triples, graph), parts.name)


def _is_reified(name: str) -> bool:
    """Say whether a property makes its subject a statement node, which is read as such."""
    reifying = (*(space["subject"] for space in (BIOLINK, RDF)), RDF["reifies"])
    return name in (*reifying, OWL["sourceIndividual"], OWL["annotatedSource"])


def _relates(triples: Triples, subject: str, name: str, node: Node) -> bool:
    """Say whether a triple of an assertion relates two things."""
    if isinstance(node, Literal | Triple) or (describes(name) and name != RDFS["subClassOf"]):
        return False
    blank = (key for key in (subject, text_of(node)) if key.startswith("_:"))
    return not any(is_expression(triples, key) or _is_cell(triples, key) for key in blank)


def _is_cell(triples: Triples, key: str) -> bool:
    return RDF["first"] in triples.by_subject.get(key, {})


def _support(
    triples: Triples,
    subject: str,
    publications: list[str],
    source: str,
    attributes: Mapping[str, str],
) -> None:
    """Say of a statement node what the provenance says of the whole assertion."""
    for publication in publications:
        add(triples, subject, BIOLINK["publications"], Literal(publication))
    if BIOLINK["primary_knowledge_source"] not in triples.by_subject.get(subject, {}):
        add(triples, subject, BIOLINK["primary_knowledge_source"], NamedNode(source))
    for name, text in attributes.items():
        add(triples, subject, keyed(ATTRIBUTE, name), Literal(text))


def _parts(triples: Triples) -> list[_Parts]:
    found = []
    for graph, statements in sorted(triples.graphs.items()):
        for subject, name, node in statements:
            if name == NP["hasAssertion"]:
                said = [(p, text_of(o)) for s, p, o in statements if s == subject]
                found.append(
                    _Parts(
                        subject,
                        graph,
                        text_of(node),
                        tuple(o for p, o in said if p == NP["hasProvenance"]),
                        tuple(o for p, o in said if p == NP["hasPublicationInfo"]),
                    )
                )
    return found


def _evidence(
    triples: Triples, parts: _Parts, account: Account
) -> tuple[list[str], dict[str, str]]:
    """Take the provenance out of the graph; returns publications and attributes."""
    publications: set[str] = set()
    others: dict[str, set[str]] = {}
    for graph in parts.provenance:
        for subject, name, node in triples.graphs.get(graph, ()):
            text = registry().canonical(text_of(node))
            about_it = subject == parts.assertion
            if (about_it or subject.startswith("_:")) and name in DERIVED and _is_named(node):
                if PUBLICATION.fullmatch(text):
                    publications.add(text)
                else:
                    others.setdefault("derived_from", set()).add(text)
            elif about_it and name != RDF["type"] and not isinstance(node, BlankNode):
                others.setdefault(re.split(r"[/#]", name)[-1], set()).add(text)
            else:
                account.pass_over(_PROVENANCE, example=parts.name)
        _remove(triples, graph)
    return sorted(publications), {key: "|".join(sorted(texts)) for key, texts in others.items()}


def _is_named(node: Node) -> bool:
    return not isinstance(node, BlankNode)


def _remove(triples: Triples, graph: str) -> int:
    """Take the triples of a graph out of the index; returns how many there were."""
    count = 0
    for subject, name, node in triples.graphs.pop(graph, ()):
        nodes = triples.by_subject.get(subject, {}).get(name, [])
        if node in nodes:
            nodes.remove(node)
            count += 1
        if not nodes and name in triples.by_subject.get(subject, {}):
            del triples.by_subject[subject][name]
        if subject in triples.by_subject and not triples.by_subject[subject]:
            del triples.by_subject[subject]
    return count
