"""A graph's categories and predicates in Biolink's words.

A query names Biolink terms, classes and mixins alike, and means everything below them; a graph has
terms of its own, each with one in Biolink. `Terms` joins the two for a snapshot. What it emits is
always a valid Biolink term: `biolink:related_to` and `biolink:NamedThing` where nothing closer is
known.

Biolink Model 4.4.6 gives hierarchy, inverses and symmetry (`kg/biolink.tsv`); `mixins.tsv` has what
its categories inherit besides (from the same `biolink_model.yaml`, CC0-1.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

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

    def categories(self, texts: Sequence[str], where: str) -> Mask | None:
        """Return which category codes are at or below one of some terms, None for no terms.

        Raises `UnknownTerm` for what is no Biolink category.
        """
        if not texts:
            return None
        for text in texts:
            if text not in _biolink_categories():
                raise UnknownTerm(where, text)
        wanted = set(texts)
        mask = [not wanted.isdisjoint(self._above[c.id]) for c in self._schema.categories]
        return np.array(mask, np.uint8)

    def category_roots(self, text: str, where: str) -> list[str]:
        """Return the fewest categories of the graph that, with those below, make up a term."""
        self.categories((text,), where)
        left = {c.id for c in self._schema.categories if text in self._above[c.id]}
        roots = []
        for name in sorted(left, key=lambda n: (n != text, len(self._above[n]), n)):
            if name in left:
                roots.append(name)
                left -= self._schema.categories_under(name)
        return roots

    def walked(self, texts: Sequence[str], where: str) -> tuple[Mask, Mask]:
        """Return which predicates answer a query edge along and against their direction.

        Without terms any does, either way. A statement answers in reverse where its predicate,
        or one above it, is symmetric or has an inverse at or below a term. Raises `UnknownTerm`.
        """
        for text in texts:
            if _plain(text) not in _predicate_ancestors() or _plain(text) == text:
                raise UnknownTerm(where, text)
        wanted = {_plain(text) for text in texts or (_ROOT,)}
        names = [_plain(name) for name in self.predicate]
        along = [not wanted.isdisjoint(_predicate_ancestors()[name]) for name in names]
        against = [not wanted.isdisjoint(_turned(name)) for name in names]
        return np.array(along, np.uint8), np.array(against, np.uint8)


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
    return predicate.biolink if _plain(predicate.biolink) in _predicate_ancestors() else _ROOT


@cache
def values_under(kind: str, value: str) -> frozenset[str]:
    """Return a qualifier's value and all below it.

    >>> sorted(values_under("biolink:object_direction_qualifier", "increased"))
    ['increased', 'upregulated']
    """
    if kind == "biolink:qualified_predicate":
        below = {f"biolink:{n}" for n, up in _predicate_ancestors().items() if _plain(value) in up}
        return frozenset(below | {value})
    found = {value}
    while more := {low for low, high in _NARROWER.items() if high in found} - found:
        found |= more
    return frozenset(found)


def _plain(text: str) -> str:
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
def _turned(name: str) -> frozenset[str]:
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
