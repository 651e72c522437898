"""Statements that OWL and OBAN say with a node of their own, as statement nodes.

Three shapes are read: `owl:NegativePropertyAssertion` (OWL 2, section 9.6.5), a denial; `owl:Axiom`
(OWL 2 Mapping to RDF Graphs, section 3.2.2), the annotations of a triple, which become its
evidence; and the associations of OBAN (Sarntivijai et al. 2016, J Biomed Semantics 7:55), in which
the Monarch Initiative writes its graphs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, Triple

from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.obo import ANNOTATED, has_known_type, synonym_kind
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.edits import add, associate, drop
from mechkg.ontology.rdf.readers.owl_syntax import is_expression
from mechkg.ontology.rdf.roles import describes
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    BIOLINK,
    DC,
    DCTERMS,
    MECHKG,
    OBOINOWL,
    OWL,
    RDF,
    RDFS,
    SYNONYM_PROPERTIES,
    Namespace,
)

__all__ = [
    "DENIED", "AxiomNotes", "Note", "evidence_nodes", "note_statements", "read_axiom_notes",
    "read_denials", "read_oban",
]  # fmt: skip

OBAN: Final = Namespace("http://purl.org/oban/")
LEGO_EVIDENCE: Final = "http://geneontology.org/lego/evidence"
HAS_EVIDENCE: Final = "http://purl.obolibrary.org/obo/RO_0002558"
ECO: Final = "http://purl.obolibrary.org/obo/ECO_"
AXIOM: Final = "ontology_axiom"

_ROLES_OF_AXIOM: Final = ("annotatedSource", "annotatedProperty", "annotatedTarget")
_ROLES_OF_DENIAL: Final = ("sourceIndividual", "assertionProperty", "targetIndividual")
_ROLES_OF_OBAN: Final = (
    ("association_has_subject",),
    ("association_has_predicate", "association_has_object_property"),
    ("association_has_object",),
)
_HAVE_SUPPORT: Final = (LEGO_EVIDENCE, HAS_EVIDENCE, OBAN["has_provenance"])
"""Properties that lead to a node of its own which says what supports something."""
_SUPPORT: Final = "a node of evidence or provenance, which is evidence of what names it"
_SUPPORTING: Final = frozenset(
    (
        DC["source"], DCTERMS["source"], DCTERMS["references"], OBOINOWL["hasDbXref"],
        OBOINOWL["source"], RDFS["isDefinedBy"], BIOLINK["publications"],
    )
)  # fmt: skip
"""Properties of an annotation or association that name what supports it."""
DENIED: Final = frozenset(("negated", "is_negated", "isNegated"))
"""Names of properties by which associations deny what they say."""
_IDENTIFIER: Final = re.compile(r"[A-Za-z][\w.-]*:\S+")
_BROKEN: Final = "an assertion without one subject, property and object that are IRIs"


@dataclass(slots=True)
class Note:
    """What annotations say of a triple: its publications and source, and further attributes."""

    publications: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    source: str = ""


AxiomNotes = dict[tuple[str, str, str], Note]
"""The notes on triples, by subject, property and target, each an IRI or the key of a blank node."""


def read_denials(triples: Triples, account: Account) -> None:
    """Turn negative property assertions into negated statement nodes. O(triples)."""
    wanted = [OWL[name] for name in _ROLES_OF_DENIAL]
    for number, subject in enumerate(_with(triples, OWL["sourceIndividual"])):
        about = triples.by_subject[subject]
        if BIOLINK["subject"] in about:  # a statement that MechKG wrote says both
            continue
        claim = _claim(triples, about, [(name,) for name in wanted])
        note = _note(triples, _without(about, [*wanted, RDF["type"]]))
        count = drop(triples, subject)
        if claim is None:
            account.pass_over(_BROKEN, count, subject)
            continue
        key = f"_:denial{number}"
        associate(
            triples, key, claim, kind=AXIOM, negated=True, publications=note.publications,
            attributes=note.attributes, source=note.source,
        )  # fmt: skip


def read_oban(triples: Triples, account: Account) -> None:
    """Turn OBAN associations into statement nodes with their evidence. O(triples)."""
    roles = [tuple(OBAN[name] for name in names) for names in _ROLES_OF_OBAN]
    support: set[str] = set()
    for number, subject in enumerate(_with(triples, OBAN["association_has_subject"])):
        about = triples.by_subject[subject]
        claim = _claim(triples, about, roles)
        if claim is None:
            account.pass_over(_BROKEN, drop(triples, subject), subject)
            continue
        used = [*(name for names in roles for name in names), RDF["type"]]
        support.update(text_of(node) for name in _HAVE_SUPPORT for node in about.get(name, ()))
        note = _note(triples, _without(about, used))
        drop(triples, subject)
        associate(
            triples,
            f"_:oban{number}",
            claim,
            kind="literature" if note.publications else "database",
            publications=note.publications,
            negated=_is_denied(note),
            attributes=note.attributes,
        )
    for node in sorted(support):
        if not node.startswith(ECO):
            account.merge(_SUPPORT, drop(triples, node), node)


def _is_denied(note: Note) -> bool:
    """Say whether an association denies its claim, and take that out of its attributes."""
    keys = [key for key in note.attributes if re.split("[:/#]", key)[-1] in DENIED]
    return not {"true", "1"}.isdisjoint({note.attributes.pop(key) for key in keys})


def read_axiom_notes(triples: Triples, account: Account) -> AxiomNotes:
    """Take the annotations of axioms out of a graph; returns what they say of each triple.

    Of a triple between two IRIs they are put into a statement node; those of a class expression
    are left to the reader of expressions, under the key of its blank node. O(triples).
    """
    notes: AxiomNotes = {}
    parts = [OWL[name] for name in _ROLES_OF_AXIOM]
    for subject in _with(triples, OWL["annotatedSource"]):
        about = triples.by_subject[subject]
        ends: list[list[Node]] = [about.get(name, []) for name in parts]
        rest = {n: v for n, v in about.items() if n not in parts and n != RDF["type"]}
        count = drop(triples, subject)
        if all(len(nodes) == 1 for nodes in ends) and _has_type(triples, ends, rest):
            continue
        if any(len(nodes) != 1 for nodes in ends) or isinstance(ends[2][0], Literal):
            account.pass_over(ANNOTATED, count, text_of(ends[0][0]) if ends[0] else "")
            continue
        source, name, target = (text_of(nodes[0]) for nodes in ends)
        if describes(name) and name not in (RDFS["subClassOf"], OWL["equivalentClass"]):
            account.pass_over(ANNOTATED, count, source)
            continue
        said = _note(triples, rest)
        note = notes.setdefault((source, name, target), Note())
        note.publications = sorted({*note.publications, *said.publications})
        note.attributes |= said.attributes
    return notes


def _has_type(triples: Triples, ends: list[list[Node]], rest: Mapping[str, list[Node]]) -> bool:
    """Give a synonym the kind that its annotation names; says whether that is all that is said."""
    (source,), (name,), (target,) = ends
    types = [text_of(node) for node in rest.get(OBOINOWL["hasSynonymType"], ())]
    if len(types) != 1 or not has_known_type(text_of(name), types[0]):
        return False
    kind = synonym_kind("EXACT", types[0])
    typed = next(iri for iri, other in SYNONYM_PROPERTIES.items() if other == kind)
    nodes = triples.by_subject.get(text_of(source), {}).get(text_of(name), [])
    if SYNONYM_PROPERTIES.get(text_of(name), kind) is not None or target not in nodes:
        return False
    nodes.remove(target)
    if not nodes:
        del triples.by_subject[text_of(source)][text_of(name)]
    add(triples, text_of(source), typed, target)
    return len(rest) == 1


def note_statements(triples: Triples, notes: AxiomNotes) -> None:
    """Put the notes on triples between two IRIs into statement nodes. O(notes)."""
    for number, ((source, name, target), note) in enumerate(sorted(notes.items(), key=_first)):
        if target.startswith("_:") or source.startswith("_:") or name == OWL["equivalentClass"]:
            continue
        associate(
            triples,
            f"_:axiom{number}",
            (source, name, target),
            kind=AXIOM,
            publications=note.publications,
            attributes=note.attributes,
        )


def _first(item: tuple[tuple[str, str, str], Note]) -> tuple[str, str, str]:
    return item[0]


def _with(triples: Triples, property_: str) -> list[str]:
    return sorted(s for s, about in triples.by_subject.items() if property_ in about)


def _without(about: Mapping[str, list[Node]], names: Collection[str]) -> dict[str, list[Node]]:
    return {name: nodes for name, nodes in about.items() if name not in names}


def _claim(
    triples: Triples, about: Mapping[str, list[Node]], roles: list[tuple[str, ...]]
) -> tuple[str, str, str] | None:
    """Return the keys of subject, property and object, None unless there is just one of each."""
    found = []
    for names in roles:
        nodes = list(dict.fromkeys(node for name in names for node in about.get(name, ())))
        if len(nodes) != 1 or isinstance(nodes[0], Literal | Triple):
            return None
        found.append(text_of(nodes[0]))
    blank = [key.startswith("_:") for key in found]
    if blank[1] or any(is_expression(triples, found[i]) for i in (0, 2) if blank[i]):
        return None
    return found[0], found[1], found[2]


def _note(triples: Triples, about: dict[str, list[Node]]) -> Note:
    """Return what the further properties of an assertion say."""
    note = Note()
    for name, nodes in sorted(about.items()):
        for node in sorted(nodes, key=text_of):
            text = text_of(node)
            if name in _HAVE_SUPPORT and not text.startswith(ECO):
                _add_evidence(triples, text, note)
            elif text.startswith(ECO):
                _add_attribute(note, "evidence_type", registry().canonical(text))
            elif name == BIOLINK["primary_knowledge_source"]:
                note.source = note.source or text
            elif name in _SUPPORTING and _IDENTIFIER.fullmatch(text):
                note.publications.append(registry().canonical(text))
            else:
                _add_attribute(note, name, registry().canonical(text))
    note.publications = sorted(set(note.publications))
    return note


def _add_evidence(triples: Triples, node: str, note: Note) -> None:
    """Add what an evidence individual says (GO-CAM, Monarch): its class, source and the rest."""
    for name, nodes in sorted(triples.by_subject.get(node, {}).items()):
        for value in sorted(map(text_of, nodes)):
            if name in _SUPPORTING:
                note.publications.append(registry().canonical(value))
            elif value.startswith(ECO):
                _add_attribute(note, "evidence_type", registry().canonical(value))
            elif name not in (RDF["type"], RDFS["label"]) and not value.startswith("_:"):
                _add_attribute(note, name, registry().canonical(value))


def _add_attribute(note: Note, name: str, value: str) -> None:
    key = re.split(r"[/#]", registry().canonical(name))[-1].removeprefix("attribute:")
    known = note.attributes.get(key)
    if known is None:
        note.attributes[key] = value
    elif value not in known.split("|"):
        note.attributes[key] = f"{known}|{value}"


def evidence_nodes(triples: Triples) -> Iterator[str]:
    """Yield the evidence individuals that annotations name, which are no entities."""
    for about in triples.by_subject.values():
        for name in (LEGO_EVIDENCE, MECHKG["evidence"]):
            yield from map(text_of, about.get(name, ()))
