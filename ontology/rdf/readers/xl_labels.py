"""Labels that are nodes of their own, as SKOS-XL has them: their texts are names of the concept.

SKOS Reference, appendix B (`skosxl:prefLabel`, `altLabel`, `hiddenLabel`, `literalForm`); B.3.4.2
says that such a label implies the plain one of SKOS.
"""

from __future__ import annotations

from typing import Final

from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, drop
from mechkg.ontology.rdf.triples import Triples, text_of
from mechkg.ontology.rdf.vocabulary import RDF, SKOS, Namespace

__all__ = ["SKOSXL", "read_xl_labels"]

SKOSXL: Final = Namespace("http://www.w3.org/2008/05/skos-xl#")
_KINDS: Final = ("prefLabel", "altLabel", "hiddenLabel")
_MERGED: Final = "a label that is a node of its own, whose text is a name"


def read_xl_labels(triples: Triples, account: Account) -> None:
    """Give each subject the texts of its labels, and drop those that say no more. O(triples)."""
    index = triples.by_subject
    used: set[str] = set()
    for subject in list(index):
        for kind in _KINDS:
            for label in index[subject].pop(SKOSXL[kind], ()):
                key = text_of(label)
                used.add(key)
                account.merge(_MERGED, 1, subject)
                for text in index.get(key, {}).get(SKOSXL["literalForm"], ()):
                    add(triples, subject, SKOS[kind], text)
        if not index[subject]:
            del index[subject]
    for key in sorted(used):
        if index.get(key, {}).keys() <= {RDF["type"], SKOSXL["literalForm"]}:
            account.merge(_MERGED, drop(triples, key), key)
