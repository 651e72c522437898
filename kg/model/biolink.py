"""The Biolink Model's categories and predicates as a `Schema`, for graphs that use them.

`biolink.tsv` is an extract of identifiers from Biolink Model 4.4.6 (`biolink_model.yaml` in the
PyPI package biolink-model, CC0-1.0): all classes below *named thing*, all slots below *related
to*, with `is_a` and mixins as parents, inverse, symmetry and exact mappings to RO, RDFS and OWL.
The sign is that of the predicates of the bundled ontology (`ontology/mechanism.ttl`) that are
exchanged under this one, where these agree; a test holds the two together. Everywhere else it is
unknown. `generic` marks relations that say nothing about how. `biolink_verbs.tsv` has, for the
predicates whose label is no verb phrase, the phrase of a sentence; the passive is the phrase of the
inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Sign

__all__ = ["biolink_schema"]

VOCABULARY: Final = "https://w3id.org/biolink/vocab/"
_SIGNS: Final[Mapping[str, Sign | None]] = {"-1": -1, "0": 0, "1": 1, "": None}


@cache
def biolink_schema() -> Schema:
    """Return the schema; predicates are named without their prefix, as MechKG names them.

    >>> schema = biolink_schema()
    >>> schema.category("Cell").parents, schema.predicate("biolink:treats").sign
    (('biolink:AnatomicalEntity',), -1)
    >>> "ameliorates_condition" in schema.predicates_under("affects")
    True
    """
    rows = _rows("biolink.tsv")
    labels = {row[1]: row[2] for row in rows if row[0] == "predicate"}
    verbs = labels | {row[0]: row[1] for row in _rows("biolink_verbs.tsv")}
    return Schema(
        categories=tuple(_category(row) for row in rows if row[0] == "category"),
        predicates=tuple(_predicate(row, verbs) for row in rows if row[0] == "predicate"),
        prefixes={"biolink": VOCABULARY},
    )


def _rows(name: str) -> list[list[str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def _category(row: list[str]) -> Category:
    _, name, label, parents, *_ = row
    return Category(id=name, label=label, parents=_several(parents))


_DIRECTED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "affects": ("has a positive effect on", "has a negative effect on"),
        "regulates": ("upregulates", "downregulates"),
        "affects_likelihood_of": ("raises the likelihood of", "lowers the likelihood of"),
        "affects_sensitivity_to": ("raises the sensitivity to", "lowers the sensitivity to"),
        "associated_with": ("is positively associated with", "is negatively associated with"),
        "correlated_with": ("is positively correlated with", "is negatively correlated with"),
        "interacts_with": ("interacts positively with", "interacts negatively with"),
    }
)
"""How statements of a predicate read that raise and that lower, where it says no direction."""


def _predicate(row: list[str], verbs: Mapping[str, str]) -> Predicate:
    _, name, label, parents, inverse, sign, flags, mappings = row
    raises, lowers = _DIRECTED.get(name, ("", ""))
    phrases = {
        "singular": verbs[name],
        "passive": verbs.get(inverse, ""),
        "raises": raises,
        "lowers": lowers,
    }
    return Predicate(
        id=name,
        label=label,
        iri=VOCABULARY + name,
        parents=_several(parents),
        inverse=inverse,
        inverse_label=inverse.replace("_", " "),
        sign=_SIGNS[sign],
        symmetric="symmetric" in flags,
        generic="generic" in flags,
        mappings=_several(mappings),
        biolink=f"biolink:{name}",
        verbs={form: phrase for form, phrase in phrases.items() if phrase},
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()
