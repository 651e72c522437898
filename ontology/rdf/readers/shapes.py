"""Other ways to say a statement in RDF, brought into the one that `mechkg.ontology.rdf.read` reads.

Three shapes become a node with `biolink:subject`, `biolink:predicate`, `biolink:object`: the
reification of RDF 1.0 (`rdf:Statement`), the reifier of RDF 1.2 (`rdf:reifies`, in Turtle
`<< s p o >>` and `{| ... |}`), and both with Biolink's own properties for publications, knowledge
level and qualifiers. What else such a node says becomes an attribute. What is said of a triple
whose object is a text, or of a triple within a triple, is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.content import DATABASE
from mechkg.kg.readers.kgx import LITERATURE
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.assertions import DENIED
from mechkg.ontology.rdf.readers.edits import drop, node_of
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    CONTEXT,
    DC,
    DCTERMS,
    MECHKG,
    OBOINOWL,
    OWL,
    PROV,
    QUALIFIER,
    RDF,
    SENTENCE,
    SKOS,
    STATEMENT,
    keyed,
)

__all__ = ["reshape"]

_TERMS: Final = ("subject", "predicate", "object")
_SUPPORT: Final = (
    "publications", "knowledge_level", "agent_type", "primary_knowledge_source"
)  # fmt: skip
_DERIVED_FROM: Final = PROV["wasDerivedFrom"]
_OWN: Final = (MECHKG, QUALIFIER, ATTRIBUTE, CONTEXT)
"""Vocabularies of which the reader knows every property."""
_READ: Final = frozenset(
    {
        *(BIOLINK[name] for name in (*_TERMS, *_SUPPORT, "negated", "qualified_predicate")),
        *(RDF[name] for name in (*_TERMS, "type", "reifies")),
        *(OWL[n] for n in ("sourceIndividual", "assertionProperty", "targetIndividual")),
        _DERIVED_FROM, SKOS["editorialNote"], DCTERMS["title"],
    }
)  # fmt: skip
"""Further properties of a statement node that the reader knows."""
_SOURCES: Final = (
    _DERIVED_FROM, PROV["hadPrimarySource"], DCTERMS["source"], DC["source"],
    DCTERMS["references"], OBOINOWL["source"], OBOINOWL["hasDbXref"],
)  # fmt: skip
"""Properties that name what a statement comes from: publications, or its source."""
_PUBLICATION: Final = re.compile(
    r"(?:PMID|PMC|PMCID|DOI|ISBN|arxiv|clinicaltrials):.+", re.IGNORECASE
)
_PLAIN_TYPES: Final = frozenset((RDF["Statement"], BIOLINK["Association"]))
_NO_STATEMENT: Final = "an annotation of a triple that is no relation between two entities"
_BLANK: Final = "a blank node that a statement node names"


def reshape(triples: Triples, account: Account) -> None:
    """Rewrite the statement nodes of a graph in place. O(triples).

    Raises `DataError` for a node that reifies something else than one triple.
    """
    stated = {subject for subject, about in triples.by_subject.items() if _states(about)}
    for subject, predicates in list(triples.by_subject.items()):
        seen = sum(map(len, predicates.values()))
        if RDF["reifies"] in predicates:
            _take_reifier(triples, subject, predicates)
        elif all(RDF[name] in predicates for name in _TERMS):
            for name in _TERMS:
                predicates[BIOLINK[name]] = predicates.pop(RDF[name])
        elif not all(BIOLINK[name] in predicates for name in _TERMS):
            continue
        if not all(_can_be_ends(predicates[BIOLINK[name]], stated) for name in _TERMS):
            account.pass_over(_NO_STATEMENT, seen, subject)
            drop(triples, subject)
            continue
        _take_qualifiers(predicates)
        _take_sources(triples, predicates)
        _keep_the_rest(predicates, account, subject)
        _link_evidence(subject, predicates)


def _take_reifier(triples: Triples, subject: str, predicates: dict[str, list[Node]]) -> None:
    reified = predicates.pop(RDF["reifies"])
    if len(reified) != 1 or not isinstance(reified[0], Triple):
        raise triples.error(subject, f"{subject} reifies something else than one triple")
    triple = reified[0]
    parts = triple.subject, triple.predicate, triple.object
    for name, node in zip(_TERMS, parts, strict=True):
        predicates[BIOLINK[name]] = [node]


def _states(about: Mapping[str, Sequence[Node]]) -> bool:
    """Say whether a node states something: it is a statement node in one of the shapes."""
    return RDF["reifies"] in about or any(space["subject"] in about for space in (BIOLINK, RDF))


def _can_be_ends(nodes: Sequence[Node], stated: Collection[str]) -> bool:
    """Say whether any of some nodes can be an end of a statement: no text, nor a statement."""
    return any(
        isinstance(node, NamedNode) or (isinstance(node, BlankNode) and text_of(node) not in stated)
        for node in nodes
    )


def _take_qualifiers(predicates: dict[str, list[Node]]) -> None:
    for name in [n for n in predicates if BIOLINK.holds(n) and n.endswith("_qualifier")]:
        key = keyed(QUALIFIER, name.removeprefix(BIOLINK.start))
        values = [Literal(_short(text_of(node))) for node in predicates.pop(name)]
        predicates.setdefault(key, []).extend(values)


def _take_sources(triples: Triples, predicates: dict[str, list[Node]]) -> None:
    """Put what a statement comes from in its field: publications, statements, or its source."""
    for name in [name for name in _SOURCES if name in predicates]:
        for node in predicates.pop(name):
            text = text_of(node)
            field = BIOLINK["primary_knowledge_source"]
            if _PUBLICATION.fullmatch(registry().canonical(text)):
                field = BIOLINK["publications"]
            elif name == _DERIVED_FROM and _is_statement(triples, text):
                field = _DERIVED_FROM
            elif field in predicates or isinstance(node, BlankNode):
                field = name.replace("#", "/")  # no field of the reader: an attribute
            predicates.setdefault(field, []).append(node)


def _is_statement(triples: Triples, iri: str) -> bool:
    own = STATEMENT.holds(iri) or SENTENCE.holds(iri)
    return own or _states(triples.by_subject.get(iri, {}))


def _keep_the_rest(predicates: dict[str, list[Node]], account: Account, subject: str) -> None:
    """Turn properties of a statement node that the reader does not know into attributes."""
    kinds = [n for n in predicates.get(RDF["type"], ()) if _tells(text_of(n))]
    if kinds:
        names = [Literal(registry().canonical(text_of(node))) for node in kinds]
        predicates.setdefault(keyed(ATTRIBUTE, "category"), []).extend(names)
    for name in [n for n in predicates if n not in _READ and not any(v.holds(n) for v in _OWN)]:
        local = name.rstrip("/#").replace("#", "/").rpartition("/")[2]
        nodes = predicates.pop(name)
        blank = [node for node in nodes if isinstance(node, BlankNode | Triple)]
        account.pass_over(_BLANK, len(blank), subject)
        values = [node for node in nodes if node not in blank]
        if local in DENIED:
            predicates.setdefault(BIOLINK["negated"], []).extend(values)
        elif values:
            predicates.setdefault(keyed(ATTRIBUTE, local or name), []).extend(values)


def _tells(kind: str) -> bool:
    """Say whether a type of a statement node says more than that it is one."""
    return kind not in _PLAIN_TYPES and not OWL.holds(kind) and not MECHKG.holds(kind)


def _link_evidence(subject: str, predicates: dict[str, list[Node]]) -> None:
    """Let a statement node that names its support itself be its own evidence."""
    if MECHKG["evidence"] in predicates or not any(BIOLINK[n] in predicates for n in _SUPPORT):
        return
    predicates[MECHKG["evidence"]] = [node_of(subject)]
    kind = LITERATURE if BIOLINK["publications"] in predicates else DATABASE
    predicates.setdefault(MECHKG["kind"], [Literal(kind)])


def _short(text: str) -> str:
    return text.removeprefix(BIOLINK.start)
