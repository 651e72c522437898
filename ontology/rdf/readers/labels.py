"""The name of each subject: of several labels the preferred language first, the rest synonyms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from mechkg.kg.readers.content import LANGUAGES
from mechkg.ontology.rdf.languages import language_rank
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add
from mechkg.ontology.rdf.roles import DESCRIPTIONS, NAMES
from mechkg.ontology.rdf.triples import Node, Triples
from mechkg.ontology.rdf.vocabulary import BIOLINK, MECHKG, RDF, RDFS, SKOS

__all__ = ["NO_TEXT", "Ranks", "choose_labels", "description_rank", "name_rank"]

NO_TEXT: Final = "a name or description that is no text"


@dataclass(frozen=True, slots=True)
class Ranks:
    """How wanted the name and description of each subject are, and its further descriptions."""

    names: dict[str, int]
    descriptions: dict[str, list[tuple[int, str]]]


def name_rank(place: int, language: str | None, preferred: Sequence[str] = LANGUAGES) -> int:
    """Return the rank of a name by its language and the place of its property in `NAMES`.

    >>> name_rank(0, "en"), name_rank(0, None) < name_rank(0, "de")
    (0, True)
    """
    return language_rank(language, preferred) * len(NAMES) + place


def description_rank(place: int, language: str | None, preferred: Sequence[str] = LANGUAGES) -> int:
    """Return the rank of a description by the place of its property, then its language."""
    return place * (len(preferred) + 2) + language_rank(language, preferred)


def choose_labels(
    triples: Triples, account: Account, preferred: Sequence[str] = LANGUAGES
) -> Ranks:
    """Leave each subject one label and one description; returns the ranks of both.

    Further labels become synonyms. The rank of a label is that of its language, then that of its
    property (`mechkg.ontology.rdf.roles`); of equal ones the first text counts, so the order of
    triples says nothing. Statement and evidence nodes keep their texts. What names or describes a
    subject and is no text is passed over. O(triples).
    """
    ranks = Ranks({}, {})
    for subject, about in triples.by_subject.items():
        if BIOLINK["subject"] in about or NamedNode(MECHKG["Evidence"]) in about.get(
            RDF["type"], ()
        ):
            continue
        _leave_texts(about, account, subject)
        _choose_label(triples, subject, preferred, ranks)
        described = _ranked(about, DESCRIPTIONS, preferred, description_rank)
        if described:
            ranks.descriptions[subject] = [(rank, text) for rank, text, _ in described]
            for name in DESCRIPTIONS:
                about.pop(name, None)
            about[DESCRIPTIONS[0]] = [described[0][2]]
    return ranks


def _leave_texts(about: dict[str, list[Node]], account: Account, subject: str) -> None:
    """Take away names and descriptions that are no texts, or blank ones."""
    for name in (*NAMES, *DESCRIPTIONS):
        nodes = about.get(name)
        if nodes is None:
            continue
        about[name] = [n for n in nodes if isinstance(n, Literal) and n.value.strip()]
        account.pass_over(NO_TEXT, sum(not isinstance(n, Literal) for n in nodes), subject)
        if not about[name]:
            del about[name]


def _choose_label(triples: Triples, subject: str, preferred: Sequence[str], ranks: Ranks) -> None:
    about = triples.by_subject[subject]
    labels = _ranked(about, NAMES, preferred, name_rank)
    if not labels:
        return
    (ranks.names[subject], _, best), *others = labels
    for name in NAMES:
        about.pop(name, None)
    about[RDFS["label"]] = [best]
    for _, text, node in others:
        if text != best.value:
            add(triples, subject, SKOS["altLabel"], node)


def _ranked(
    about: dict[str, list[Node]],
    properties: Sequence[str],
    preferred: Sequence[str],
    rank: Callable[[int, str | None, Sequence[str]], int],
) -> list[tuple[int, str, Literal]]:
    """Return the texts of some properties, the most wanted first."""
    found = [
        (rank(place, node.language, preferred), node.value, node)
        for place, name in enumerate(properties)
        for node in about.get(name, ())
        if isinstance(node, Literal)
    ]
    return sorted(found, key=lambda label: label[:2])
