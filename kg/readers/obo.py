"""What all OBO ontologies share: identifiers in PURLs, a category for each prefix.

The rule for identifiers is the OBO Foundry's (http://obofoundry.org/id-policy): the PURL
`http://purl.obolibrary.org/obo/CL_0000540` means `CL:0000540`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mechkg.kg.model.values import SynonymKind
from mechkg.kg.readers.content import Reading
from mechkg.kg.readers.kgx import most_specific

__all__ = [
    "ANNOTATED", "PURL", "curie_of", "has_known_type", "predicate_name", "synonym_kind",
    "term_category",
]  # fmt: skip

ANNOTATED: Final = "an annotation of a text or of a term's own description"
"""Why what supports a name, synonym or definition has no part in the graph."""

PURL: Final = "http://purl.obolibrary.org/obo/"
_PURL: Final = re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9-]*)_([^#/?]+)")

_CATEGORIES: Final[Mapping[str, str]] = {
    "CHEBI": "ChemicalEntity",
    "CL": "Cell",
    "CLO": "CellLine",
    "DOID": "Disease",
    "ENVO": "EnvironmentalFeature",
    "FMA": "AnatomicalEntity",
    "HP": "PhenotypicFeature",
    "MONDO": "Disease",
    "MP": "PhenotypicFeature",
    "NCBITaxon": "OrganismTaxon",
    "PR": "Protein",
    "PW": "Pathway",
    "SO": "NamedThing",
    "UBERON": "AnatomicalEntity",
    "UPHENO": "PhenotypicFeature",
    "biological_process": "BiologicalProcess",
    "cellular_component": "CellularComponent",
    "molecular_function": "MolecularActivity",
}
"""Biolink categories by prefix, or by the Gene Ontology's namespace, which comes first."""


def curie_of(iri: str) -> str:
    """Return the CURIE of an OBO PURL, any other text as it is.

    >>> curie_of("http://purl.obolibrary.org/obo/CL_0000540"), curie_of("PMID:1")
    ('CL:0000540', 'PMID:1')
    """
    match = _PURL.fullmatch(iri)
    return f"{match[1]}:{match[2]}" if match else iri


def term_category(curie: str, namespace: str, reading: Reading) -> str:
    """Return the Biolink category of an ontology term by its prefix.

    >>> from mechkg.kg.model.schema import Schema
    >>> term_category("CL:0000540", "cell", Reading(Schema(), "cl.json"))
    'biolink:Cell'
    """
    name = _CATEGORIES.get(namespace) or _CATEGORIES.get(curie.partition(":")[0], "NamedThing")
    return most_specific([f"biolink:{name}"], reading.depths)


def predicate_name(curie: str, label: str, reading: Reading) -> str:
    """Return the id of an ontology's relation: the schema's, else its CURIE.

    A label names a relation, it does not tell it from others: two relations may have one label, and
    a file may leave it out.

    >>> from mechkg.kg.model.schema import Predicate, Schema
    >>> schema = Schema(predicates=(
    ...     Predicate(id="part_of", label="part of", mappings=("BFO:0000050",)),))
    >>> predicate_name("BFO:0000050", "", Reading(schema, "")), predicate_name(
    ...     "RO:0002202", "develops from", Reading(schema, ""))
    ('part_of', 'RO:0002202')
    """
    return reading.predicate(curie) or curie or label


_SCOPES: Final[Mapping[str, SynonymKind]] = {
    "broad": "broad", "narrow": "narrow", "related": "related",
}  # fmt: skip
_TYPES: Final[Mapping[str, SynonymKind]] = {
    "omo_0003000": "abbreviation", "omo_0003012": "abbreviation", "abbreviation": "abbreviation",
    "abbrev": "abbreviation", "acronym": "abbreviation", "plural": "plural",
    "plural_form": "plural", "brand_name": "brand",
}  # fmt: skip
"""Types of synonyms of the OBO Metadata Ontology, and those that ontologies define themselves."""


def synonym_kind(scope: str, type_: str = "") -> SynonymKind | None:
    """Return the kind of a synonym of a scope (`BROAD`, `hasBroadSynonym`), None for exact ones.

    That of an exact one is its type, where it says how the synonym is made.

    >>> synonym_kind("RELATED"), synonym_kind("hasNarrowSynonym"), synonym_kind("EXACT")
    ('related', 'narrow', None)
    >>> synonym_kind("EXACT", "OMO:0003000"), synonym_kind("BROAD", "ABBREVIATION")
    ('abbreviation', 'broad')
    """
    name = scope.rpartition("#")[2].removeprefix("has").removesuffix("Synonym")
    return _SCOPES.get(name.casefold()) or _TYPES.get(_local(type_))


def _local(type_: str) -> str:
    local = re.split(r"[/#]", type_)[-1].casefold()
    return local.replace(":", "_") if local.startswith("omo") else local.rpartition(":")[2]


def has_known_type(scope: str, type_: str) -> bool:
    """Say whether the type of a synonym is kept, as its kind.

    >>> has_known_type("EXACT", "ABBREVIATION"), has_known_type("EXACT", "LAYPERSON")
    (True, False)
    """
    return synonym_kind(scope, type_) is not None and synonym_kind(scope) is None
