"""One table of the RDF properties that say something of an entity, for every reader of RDF.

What a property does: it names its subject, gives it a synonym, a description, a cross-reference, a
category; it describes without a place in the model; or it relates two entities, as every property
does that is not in the table nor in a vocabulary that describes.
"""

from __future__ import annotations

from typing import Final

from mechkg.ontology.rdf.vocabulary import (
    BIOLINK,
    DC,
    DCTERMS,
    FOAF,
    OBOINOWL,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    SKOS,
    Namespace,
)

__all__ = [
    "ALTERNATIVES", "DEPRECATED", "DESCRIBING", "DESCRIPTIONS", "NAMES", "RELATIONS", "REPLACED_BY",
    "XREFS", "describes",
]  # fmt: skip

OBO: Final = Namespace("http://purl.obolibrary.org/obo/")
BP: Final = Namespace("http://www.biopax.org/release/biopax-level3.owl#")
SCHEMA: Final = Namespace("http://schema.org/")

NAMES: Final = (
    RDFS["label"], SKOS["prefLabel"], BIOLINK["name"], BP["displayName"], BP["standardName"],
    BP["name"], SCHEMA["name"], DCTERMS["title"], DC["title"], FOAF["name"],
)  # fmt: skip
"""Properties whose text names their subject, the most telling first."""
DESCRIPTIONS: Final = (
    DCTERMS["description"], OBO["IAO_0000115"], SKOS["definition"], RDFS["comment"],
    DC["description"], SCHEMA["description"],
)  # fmt: skip
"""Properties whose text describes their subject, the most telling first."""
XREFS: Final = (SKOS["exactMatch"], OWL["sameAs"], OBOINOWL["hasDbXref"], BIOLINK["xref"])
"""Properties that name the same thing elsewhere."""
ALTERNATIVES: Final = (OBOINOWL["hasAlternativeId"],)
"""Properties that name identifiers which were merged into that of their subject."""
DEPRECATED: Final = OWL["deprecated"]
REPLACED_BY: Final = {
    OBO["IAO_0100001"]: "replaced_by",
    DCTERMS["isReplacedBy"]: "replaced_by",
    OBOINOWL["replacedBy"]: "replaced_by",
    OBOINOWL["consider"]: "consider",
}
"""Properties that lead from an obsolete term to another, with the attribute that keeps it."""

RELATIONS: Final = frozenset(SKOS[name] for name in ("broader", "narrower", "related"))
"""Properties of vocabularies that describe, which relate entities nevertheless (SKOS Reference,
section 8). Those that map to other vocabularies (section 10) do not."""
DESCRIBING: Final = (RDF, RDFS, OWL, SKOS, DCTERMS, DC, PROV, SH, FOAF, OBOINOWL)
"""Vocabularies of which no property relates entities, unless the schema has it."""
_ABOUT: Final = frozenset(
    {
        *NAMES, *DESCRIPTIONS, *REPLACED_BY, SCHEMA["url"], SCHEMA["image"], SCHEMA["identifier"],
        *(OBO[f"IAO_0000{n}"] for n in (
            "111", "112", "114", "116", "117", "118", "119", "231", "232", "233", "411", "412",
            "424", "425", "589", "600", "601", "602", "700",
        )),
    }
)  # fmt: skip
"""Further properties that describe: annotation properties of the Information Artifact Ontology."""


def describes(iri: str) -> bool:
    """Say whether a property describes its subject rather than relating it to another entity.

    >>> describes(RDFS["seeAlso"]), describes(OBO["IAO_0000114"]), describes(OBO["RO_0002213"])
    (True, True, False)
    """
    if iri in RELATIONS:
        return False
    return iri in _ABOUT or any(vocabulary.holds(iri) for vocabulary in DESCRIBING)
