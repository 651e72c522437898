"""A graph's categories and predicates in Biolink's terms.

A query names Biolink terms, classes and mixins alike, and means everything below them; a graph has
terms of its own, each with one in Biolink. `Terms` joins the two for a snapshot. What it emits is
always a valid Biolink term: `biolink:related_to` and `biolink:NamedThing` where nothing closer is
known.

Biolink Model 4.4.6 gives hierarchy, inverses and symmetry (`kg/model/biolink.tsv`). From the same
`biolink_model.yaml` (CC0-1.0) come `mixins.tsv`, what its categories inherit besides, and
`canonical.tsv`, the inverse pairs with the predicate that is annotated `canonical_predicate`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.api.trapi.remarks import Remarks
from mechkg.api.trapi.retired import Successor, successors
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.snapshot.snapshot import Snapshot

__all__ = [
    "AGENT_TYPES",
    "BIOLINK_VERSION",
    "KNOWLEDGE_LEVELS",
    "Terms",
    "emitted",
    "terms_of",
    "values_under",
]

BIOLINK_VERSION: Final = "4.4.6"

KNOWLEDGE_LEVELS: Final = (
    "knowledge_assertion",
    "observation",
    "statistical_association",
    "logical_entailment",
    "prediction",
    "text_co_occurrence",
    "not_provided",
)
"""Biolink's knowledge levels, strongest first."""

AGENT_TYPES: Final = frozenset(
    (
        "manual_agent", "automated_agent", "data_analysis_pipeline", "computational_model",
        "text_mining_agent", "image_processing_agent", "manual_validation_of_automated_agent",
        "not_provided",
    )
)  # fmt: skip

_NARROWER: Final[Mapping[str, str]] = {
    "upregulated": "increased", "downregulated": "decreased",
    "abundance": "activity_or_abundance", "activity": "activity_or_abundance",
    "expression": "abundance", "synthesis": "abundance", "hydrolysis": "cleavage",
    "secretion": "transport", "uptake": "transport",
    "guanyl_nucleotide_exchange": "molecular_interaction",
    "adenyl_nucleotide_exchange": "molecular_interaction",
    **dict.fromkeys((
        "acetylation", "acylation", "alkylation", "amination", "carbamoylation", "ethylation",
        "glutathionylation", "glycation", "glycosylation", "glucuronidation",
        "n_linked_glycosylation", "o_linked_glycosylation", "hydroxylation", "lipidation",
        "farnesylation", "geranoylation", "myristoylation", "palmitoylation", "prenylation",
        "methylation", "nitrosation", "nucleotidylation", "phosphorylation", "ribosylation",
        "ADP-ribosylation", "sulfation", "sumoylation", "ubiquitination", "oxidation", "reduction",
        "carboxylation",
    ), "molecular_modification"),
}  # fmt: skip
"""Values of direction and aspect qualifiers with the value above them."""

_ROOT: Final = "biolink:related_to"

Mask = NDArray[np.uint8]


@dataclass(frozen=True)
class PredicateMatch:
    """How statements answer one predicate of a query edge.

    `along` and `against` (uint8, one per predicate code) say which predicates answer it in the
    direction of the statement and in reverse; a statement must have all of `qualifiers`, too.
    """

    along: Mask
    against: Mask
    qualifiers: Mapping[str, str]


class Terms:
    """The terms of a snapshot's schema; `category` and `predicate` give what is emitted by code."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._above = _category_ancestors(schema)
        known = {c.id for c in biolink_schema().categories}
        self.category = [
            c.id if c.id in known else _nearest(c.parents, known) for c in schema.categories
        ]
        self.predicate = [emitted(p) for p in schema.predicates]
        self.subclass = np.array([p == "biolink:subclass_of" for p in self.predicate], np.uint8)
        self._answers = [_answers(_local(name)) for name in self.predicate]

    def categories(self, texts: Sequence[str], where: str, remarks: Remarks) -> Mask | None:
        """Return which category codes are at or below one of some terms, None for no terms.

        A retired term means its successor; of several terms, those that Biolink does not have
        match nothing. Both are logged. Raises `UnknownTerm` where Biolink has none of them.
        """
        if not texts:
            return None
        wanted = {
            s.term for s in _resolved(texts, _biolink_categories(), "category", where, remarks)
        }
        below = [c.id for c in self._schema.categories if not wanted.isdisjoint(self._above[c.id])]
        remarks.info("CategoryExpansion", f"{where}: in this graph {', '.join(below) or 'none'}.")
        return np.array([c.id in below for c in self._schema.categories], np.uint8)

    def category_roots(self, text: str, where: str, remarks: Remarks) -> list[str]:
        """Return the fewest categories of the graph that, with those below, make up a term."""
        ((term, *_),) = _resolved((text,), _biolink_categories(), "category", where, remarks)
        left = {c.id for c in self._schema.categories if term in self._above[c.id]}
        roots = []
        for name in sorted(left, key=lambda n: (n != term, len(self._above[n]), n)):
            if name in left:
                roots.append(name)
                left -= self._schema.categories_under(name)
        return roots

    def predicates(
        self, texts: Sequence[str], where: str, remarks: Remarks
    ) -> list[PredicateMatch]:
        """Return how predicates answer the terms of a query edge, which are alternatives.

        Without terms any predicate does, either way. An inverse (`treated_by`) is turned to its
        canonical predicate first, so that the question turned round has the same answer; then
        the term and all below it answer. A statement answers in reverse where its predicate, or
        one above it, is symmetric or has an inverse at or below the term. Retired and unknown
        terms are as for `categories`. Raises `UnknownTerm`.
        """
        known = {f"biolink:{name}" for name in _predicate_ancestors()}
        found = _resolved(texts or (_ROOT,), known, "predicate", where, remarks)
        matches: dict[tuple[tuple[str, str], ...], list[tuple[Mask, Mask]]] = {}
        for term, qualifiers, _ in found:
            matches.setdefault(tuple(qualifiers.items()), []).append(self._match(_local(term)))
        merged = [
            PredicateMatch(
                np.bitwise_or.reduce([along for along, _ in masks]),
                np.bitwise_or.reduce([against for _, against in masks]),
                dict(qualifiers),
            )
            for qualifiers, masks in matches.items()
        ]
        self._report(merged, where, remarks)
        return merged

    def _match(self, name: str) -> tuple[Mask, Mask]:
        canonical = _canonical().get(name)
        wanted = canonical or name
        along = np.array([wanted in answers[0] for answers in self._answers], np.uint8)
        against = np.array([wanted in answers[1] for answers in self._answers], np.uint8)
        return (against, along) if canonical else (along, against)

    def _report(self, matches: Sequence[PredicateMatch], where: str, remarks: Remarks) -> None:
        for way, masks in (
            ("as stated", [match.along for match in matches]),
            ("in reverse", [match.against for match in matches]),
        ):
            codes = np.flatnonzero(np.bitwise_or.reduce(masks)).tolist()
            names = ", ".join(self._schema.predicates[code].id for code in codes)
            remarks.info(
                "PredicateExpansion", f"{where}: {way} by {names or 'none'} of this graph."
            )


def terms_of(snapshot: Snapshot) -> Terms:
    """Return the terms of a snapshot, made on first use and kept with it."""
    return snapshot.cached(_terms)


def _terms(snapshot: Snapshot) -> Terms:
    return Terms(snapshot.schema)


def emitted(predicate: Predicate) -> str:
    """Return the Biolink predicate of a graph's own.

    >>> emitted(Predicate(id="GiG", label="interacts"))
    'biolink:related_to'
    """
    return predicate.biolink if _local(predicate.biolink) in _predicate_ancestors() else _ROOT


@cache
def values_under(kind: str, value: str) -> frozenset[str]:
    """Return a qualifier's value and all below it.

    >>> sorted(values_under("biolink:object_direction_qualifier", "increased"))
    ['increased', 'upregulated']
    """
    if kind == "biolink:qualified_predicate":
        below = {f"biolink:{n}" for n, up in _predicate_ancestors().items() if _local(value) in up}
        return frozenset(below | {value})
    found = {value}
    while more := {low for low, high in _NARROWER.items() if high in found} - found:
        found |= more
    return frozenset(found)


def _local(text: str) -> str:
    return text.removeprefix("biolink:")


@cache
def _biolink_categories() -> dict[str, set[str]]:
    """Return all Biolink categories, mixins included, with those right above."""
    found = {c.id: set(c.parents) for c in biolink_schema().categories}
    rows = files(__package__).joinpath("mixins.tsv").read_text("utf-8").splitlines()[1:]
    for category, parent in (row.split("\t") for row in rows):
        found.setdefault(category, set()).add(parent)
        found.setdefault(parent, set())
    return found


def _category_ancestors(schema: Schema) -> dict[str, frozenset[str]]:
    parents = {name: set(above) for name, above in _biolink_categories().items()}
    for category in schema.categories:
        parents.setdefault(category.id, set()).update(category.parents)
    return {c.id: _closed({c.id}, parents) for c in schema.categories}


@cache
def _predicate_ancestors() -> dict[str, frozenset[str]]:
    parents = {p.id: set(p.parents) for p in biolink_schema().predicates}
    return {name: _closed({name}, parents) for name in parents}


@cache
def _reversed(name: str) -> frozenset[str]:
    """Return all predicates that hold from object to subject where one holds the usual way."""
    known = {p.id: p for p in biolink_schema().predicates}
    starts = set()
    for above in _predicate_ancestors()[name] & known.keys():
        if known[above].symmetric:
            starts.add(above)
        if known[above].inverse:
            starts.add(known[above].inverse)
    ancestors = _predicate_ancestors()
    return frozenset(up for start in starts for up in ancestors.get(start, frozenset({start})))


@cache
def _canonical() -> dict[str, str]:
    """Return the predicates that are not canonical, each with its canonical inverse."""
    rows = files(__package__).joinpath("canonical.tsv").read_text("utf-8").splitlines()[1:]
    return {_local(inverse): _local(name) for inverse, name in (row.split("\t") for row in rows)}


def _answers(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return which predicates a statement's predicate answers as stated, and which in reverse."""
    canonical = _canonical().get(name)
    along, against = _predicate_ancestors()[canonical or name], _reversed(canonical or name)
    return (against, along) if canonical else (along, against)


def _resolved(
    texts: Sequence[str], known: Iterable[str], kind: str, where: str, remarks: Remarks
) -> list[Successor]:
    """Return terms that Biolink has in place of some that a query names."""
    known = set(known)
    found, unknown = [], []
    for text in dict.fromkeys(texts):
        if text in known:
            found.append(Successor(text, {}, exact=True))
        elif successor := successors(kind).get(text):
            found.append(successor)
            remarks.warning("RetiredTerm", f"{where}: Biolink has no {text} any more; {successor}.")
        else:
            unknown.append(text)
    for text in unknown:
        near = difflib.get_close_matches(text, known, n=3)
        if not found:
            raise UnknownTerm(where, text, near)
        remarks.warning("UnknownTerm", f"{where}: Biolink has no {text}; it matches nothing.")
    return found


def _closed(start: set[str], parents: Mapping[str, set[str]]) -> frozenset[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return frozenset(found)


def _nearest(parents: Iterable[str], known: set[str]) -> str:
    return next((p for p in parents if p in known), "biolink:NamedThing")
