"""Which triples have no part in the graph, for the load report: nothing is lost in silence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from pyoxigraph import Literal, Triple

from mechkg.kg.readers.files import SourceFile
from mechkg.ontology.rdf.read import Reader
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.owl_syntax import is_expression
from mechkg.ontology.rdf.roles import DESCRIPTIONS, NAMES, XREFS, describes
from mechkg.ontology.rdf.triples import text_of
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    DCTERMS,
    MECHKG,
    OBOINOWL,
    OWL,
    RDF,
    SYNONYM_PROPERTIES,
)

__all__ = ["DESCRIBING", "LITERAL", "count_unread", "report"]

LITERAL: Final = "the object is a text, and the property names or describes nothing"
DESCRIBING: Final = "the property describes its subject in a way that the model has no place for"
_DOCUMENT: Final = "it is about the document or the vocabulary"
_BLANK: Final = "a blank node that no relation leads to"
_GRAPH: Final = "its triples are read, but none relates two entities, whose evidence has the name"
_TO_MACHINERY: Final = "the object is a statement or a term of the vocabulary, no entity"

_READ: Final = frozenset(
    (
        *NAMES, *DESCRIPTIONS, *XREFS, *SYNONYM_PROPERTIES, RDF["type"], BIOLINK["category"],
        BIOLINK["provided_by"], DCTERMS["source"], OWL["equivalentClass"],
        OBOINOWL["hasOBONamespace"], OWL["deprecated"], MECHKG["iri"],
        MECHKG["contextLabel"],
    )
)  # fmt: skip
_DOCUMENTS: Final = frozenset((OWL["Ontology"],))


def count_unread(reader: Reader, account: Account) -> None:
    """Note the triples of a document that became part of nothing. O(triples)."""
    machinery = reader.machinery
    for subject, about in reader.triples.by_subject.items():
        if subject in machinery:
            types = set(map(text_of, about.get(RDF["type"], ())))
            if types & _DOCUMENTS:
                rest = sum(len(nodes) for name, nodes in about.items() if name != RDF["type"])
                account.pass_over(_DOCUMENT, rest, subject)
        elif subject.startswith("_:"):
            if not is_expression(reader.triples, subject) and not _is_part(about):
                account.pass_over(_BLANK, sum(map(len, about.values())), subject)
        else:
            for name in about:
                _count(reader, account, subject, name)


def _is_part(about: Collection[str]) -> bool:
    """Say whether a blank node is a statement, evidence, or a cell of a list of OWL."""
    return any(name in about for name in (BIOLINK["subject"], RDF["first"])) or any(
        name.startswith("https://w3id.org/mechkg/") for name in about
    )


def _count(reader: Reader, account: Account, subject: str, name: str) -> None:
    nodes = reader.triples.by_subject[subject][name]
    if name in _READ or ATTRIBUTE.holds(name):
        return
    if not reader.relates(name):
        reason = DESCRIBING if describes(name) else _DOCUMENT
        account.pass_over(reason, len(nodes), subject)
        return
    literals = sum(isinstance(node, Literal) for node in nodes)
    account.pass_over(LITERAL, literals, subject)
    pointing = sum(isinstance(n, Triple) or text_of(n) in reader.machinery for n in nodes)
    account.pass_over(_TO_MACHINERY, pointing, subject)


def report(file: SourceFile, account: Account) -> None:
    """Hand an account on to the load report of a file."""
    file.see("triple", account.seen)
    file.keep("triple", account.kept)
    for reason, count in sorted(account.passed.items()):
        example = next(iter(account.examples.get(reason, ())), "")
        file.pass_over("triple", None, reason, count, example)
    for reason, count in sorted(account.merged.items()):
        example = next(iter(account.examples.get(reason, ())), "")
        file.merge("triple", None, reason, count, example)
    for graph, kept in sorted(account.graphs.items()):
        file.see("named graph")
        if kept:
            file.keep("named graph")
        else:
            file.pass_over("named graph", None, _GRAPH, example=graph)
