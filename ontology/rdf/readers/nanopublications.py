"""Nanopublications: the assertion is what is stated, the provenance its evidence.

A nanopublication (nanopub.net/guidelines, *head*, *assertion*, *provenance*, *publication info* as
four named graphs) says in the head which graph is what. Only assertions are read as statements;
what the provenance names becomes their publications, its agents and methods their attributes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import associate
from mechkg.ontology.rdf.roles import describes
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import BIOLINK, DC, DCTERMS, PROV, RDF, Namespace

__all__ = ["read_nanopublications"]

NP: Final = Namespace("http://www.nanopub.org/nschema#")
PAV: Final = Namespace("http://purl.org/pav/")
_DERIVED: Final = frozenset(
    (
        PROV["wasDerivedFrom"], PROV["hadPrimarySource"], PROV["wasQuotedFrom"], DCTERMS["source"],
        DC["source"], DCTERMS["references"], DCTERMS["isReferencedBy"], PAV["derivedFrom"],
        PAV["retrievedFrom"],
    )
)  # fmt: skip
_HEAD: Final = "the head of a nanopublication"
_INFO: Final = "publication info of a nanopublication"
_PROVENANCE: Final = "provenance of a nanopublication that has no place in the model"
_PUBLICATION: Final = re.compile(r"(?:PMID|PMCID|DOI|ISBN|arxiv):.+", re.IGNORECASE)


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
        for subject, name, node in statements:
            if describes(name) or (BIOLINK.holds(name) and name.endswith(("subject", "object"))):
                continue
            if isinstance(node, NamedNode) and not subject.startswith("_:"):
                number += 1
                associate(
                    triples,
                    f"_:nanopub{number}",
                    (subject, name, node.value),
                    kind="literature" if publications else "database",
                    publications=publications,
                    source=parts.assertion,
                    attributes={"nanopublication": registry().canonical(parts.name), **attributes},
                )
        account.pass_over(_HEAD, _remove(triples, parts.head), parts.name)
        for graph in parts.info:
            account.pass_over(_INFO, _remove(triples, graph), parts.name)


def _is_reified(name: str) -> bool:
    """Say whether a property belongs to a statement node, which is read as such."""
    return BIOLINK.holds(name) and name.endswith(("subject", "predicate", "object"))


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
            if (about_it or subject.startswith("_:")) and name in _DERIVED and _is_named(node):
                if _PUBLICATION.fullmatch(text):
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
