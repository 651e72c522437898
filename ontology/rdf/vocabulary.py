"""The IRIs that statements are written in, and the way between identifiers and IRIs.

An identifier is a CURIE; what a prefix map cannot expand to a well-formed IRI is kept under
`https://w3id.org/mechkg/entity/`, percent-encoded, so that no identifier is lost or altered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from curies import Converter
from pyoxigraph import NamedNode

from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.values import SynonymKind

__all__ = [
    "GRAPH_INFERRED",
    "SYNONYM_PROPERTIES",
    "Codec",
    "Namespace",
    "key_of",
    "keyed",
]


class Namespace:
    """A namespace whose terms are read as items: `OWL["Class"]`.

    >>> Namespace("http://www.w3.org/2002/07/owl#")["Class"]
    'http://www.w3.org/2002/07/owl#Class'
    """

    __slots__ = ("start",)

    def __init__(self, start: str) -> None:
        self.start = start

    def __getitem__(self, name: str) -> str:
        return self.start + name

    def holds(self, iri: str) -> bool:
        """Say whether an IRI stands in this namespace."""
        return iri.startswith(self.start)


RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
DCTERMS: Final = Namespace("http://purl.org/dc/terms/")
DC: Final = Namespace("http://purl.org/dc/elements/1.1/")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
OBOINOWL: Final = Namespace("http://www.geneontology.org/formats/oboInOwl#")
BIOLINK: Final = Namespace("https://w3id.org/biolink/vocab/")
MECHKG: Final = Namespace("https://w3id.org/mechkg/vocab/")

SYNONYM_PROPERTIES: Final[Mapping[str, SynonymKind | None]] = {
    SKOS["altLabel"]: None,
    OBOINOWL["hasExactSynonym"]: None,
    BIOLINK["synonym"]: None,
    OBOINOWL["hasBroadSynonym"]: "broad",
    OBOINOWL["hasNarrowSynonym"]: "narrow",
    OBOINOWL["hasRelatedSynonym"]: "related",
    **dict.fromkeys(
        (
            SKOS["hiddenLabel"],
            OBOINOWL["hasSynonym"],
            DCTERMS["alternative"],
            "http://schema.org/alternateName",
            "http://purl.obolibrary.org/obo/IAO_0000118",
            "http://www.ebi.ac.uk/efo/alternative_term",
        )
    ),
    MECHKG["abbreviation"]: "abbreviation",
    MECHKG["brandName"]: "brand",
    MECHKG["pluralForm"]: "plural",
    MECHKG["ambiguousName"]: "ambiguous",
}
"""The properties of other names and the kind of name each gives, None for an exact synonym."""

STATEMENT: Final = Namespace("https://w3id.org/mechkg/statement/")
EVIDENCE: Final = Namespace("https://w3id.org/mechkg/evidence/")
QUALIFIER: Final = Namespace("https://w3id.org/mechkg/qualifier/")
CONTEXT: Final = Namespace("https://w3id.org/mechkg/context/")
ATTRIBUTE: Final = Namespace("https://w3id.org/mechkg/attribute/")
SENTENCE: Final = Namespace("https://w3id.org/mechkg/sentence/")
PREFIX: Final = Namespace("https://w3id.org/mechkg/prefix/")
ENTITY: Final = Namespace("https://w3id.org/mechkg/entity/")

GRAPH_INFERRED: Final = "https://w3id.org/mechkg/graph/inferred"

STANDARD_PREFIXES: Final = {
    "attribute": ATTRIBUTE.start,
    "context": CONTEXT.start,
    "dcterms": DCTERMS.start,
    "evidence": EVIDENCE.start,
    "mechkg": MECHKG.start,
    "owl": OWL.start,
    "prefix": PREFIX.start,
    "prov": PROV.start,
    "qualifier": QUALIFIER.start,
    "rdf": RDF.start,
    "rdfs": RDFS.start,
    "sentence": SENTENCE.start,
    "sh": SH.start,
    "skos": SKOS.start,
    "statement": STATEMENT.start,
    "xsd": XSD.start,
    "biolink": BIOLINK.start,
}

_XML_NAME_END = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


MAX_REMEMBERED: Final = 1 << 17
"""Identifiers that a codec remembers before it begins anew: some 50 MB."""


class Codec:
    """CURIE <-> IRI under a prefix map, then the registry; the last answers are remembered.

    With `registered` False the prefix map alone counts: a source must declare its prefixes.

    >>> codec = Codec({"CL": "http://purl.obolibrary.org/obo/CL_"})
    >>> codec.iri("CL:0000540"), codec.curie("http://purl.obolibrary.org/obo/CL_0000540")
    ('http://purl.obolibrary.org/obo/CL_0000540', 'CL:0000540')
    >>> codec.iri("my cell"), codec.curie(codec.iri("my cell"))
    ('https://w3id.org/mechkg/entity/my%20cell', 'my cell')
    """

    def __init__(self, prefixes: Mapping[str, str], *, registered: bool = True) -> None:
        self.prefixes = dict(prefixes)
        self._registered = registered
        self._converter = Converter.from_prefix_map(dict(self.prefixes))
        self._iris: dict[str, str] = {}
        self._curies: dict[str, str] = {}
        self._expanded: set[str] = set()

    @property
    def expanded(self) -> frozenset[str]:
        """The prefixes of the registry under which CURIEs were expanded so far."""
        return frozenset(self._expanded)

    def iri(self, curie: str) -> str:
        """Return the IRI of an identifier; the way back gives the identifier again. O(length)."""
        found = self._iris.get(curie)
        if found is None:
            if len(self._iris) >= MAX_REMEMBERED:
                self._iris.clear()
            found = self._iris[curie] = self._expand(curie)
        return found

    def term(self, text: str) -> str | None:
        """Return the IRI of a text that is a CURIE of a known prefix, None for any other text.

        >>> codec = Codec({"CL": "http://purl.obolibrary.org/obo/CL_"})
        >>> codec.term("CL:0000540") == codec.iri("CL:0000540"), codec.term("phase: 2")
        (True, None)
        """
        iri = self.iri(text) if ":" in text else None
        return None if iri is None or ENTITY.holds(iri) else iri

    def curie(self, iri: str) -> str:
        """Return the identifier of an IRI: a CURIE, or the IRI itself. O(length)."""
        found = self._curies.get(iri)
        if found is None:
            if len(self._curies) >= MAX_REMEMBERED:
                self._curies.clear()
            found = self._curies[iri] = self._compress(iri)
        return found

    def _expand(self, curie: str) -> str:
        iri: str | None = self._converter.expand(curie) if ":" in curie else None
        if iri is None and self._registered and (known := registry().iri(curie)):
            iri = known
            self._expanded.add(curie.partition(":")[0])
        if iri is None and curie.startswith(("http://", "https://", "urn:")):
            iri = curie
            if is_iri(iri) and self._converter.compress(iri) is None and not ENTITY.holds(iri):
                return iri
        if iri is not None and is_iri(iri) and self.curie(iri) == curie and _comes_back(curie, iri):
            return iri
        return ENTITY[quote(curie, safe="")]

    def _compress(self, iri: str) -> str:
        if ENTITY.holds(iri):
            return unquote(iri.removeprefix(ENTITY.start))
        return self._converter.compress(iri) or (_own_curie(iri) if self._registered else iri)


def _comes_back(curie: str, iri: str) -> bool:
    """Say whether the IRI of a prefix that is spelt in another way means the same to the registry.

    It does not where the rest of the CURIE has characters that no CURIE of the registry has.
    """
    name = curie.partition(":")[0]
    known = registry().prefix(name)
    return known in ("", name) or registry().canonical(iri) == registry().canonical(curie)


def _own_curie(iri: str) -> str:
    """Return the CURIE of an IRI that is the registry's own, any other IRI as it is."""
    curie = registry().canonical(iri)
    return curie if registry().iri(curie) == iri else iri


def is_iri(text: str) -> bool:
    """Say whether a text is a well-formed absolute IRI (RFC 3987).

    >>> is_iri("https://w3id.org/mechkg/"), is_iri("https://a b/"), is_iri("neuron")
    (True, False, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def keyed(namespace: Namespace, key: str) -> str:
    """Return the property of a qualifier or attribute key; it can be written in RDF/XML, too.

    >>> keyed(QUALIFIER, "disease_context"), keyed(QUALIFIER, "2 h")
    ('https://w3id.org/mechkg/qualifier/disease_context', 'https://w3id.org/mechkg/qualifier/2%20h')
    >>> keyed(QUALIFIER, "24")
    'https://w3id.org/mechkg/qualifier/24_'
    """
    local = quote(key, safe="")
    if local.endswith("_") or not _XML_NAME_END.search(local):
        local += "_"
    return namespace[local]


def key_of(namespace: Namespace, iri: str) -> str:
    """Return the key that `keyed` made this property of.

    >>> key_of(QUALIFIER, keyed(QUALIFIER, "24")), key_of(QUALIFIER, keyed(QUALIFIER, "a_"))
    ('24', 'a_')
    """
    return unquote(iri.removeprefix(namespace.start).removesuffix("_"))


def ends_in_xml_name(iri: str) -> bool:
    """Say whether a property can be written in RDF/XML: its end is an XML name.

    >>> ends_in_xml_name("http://a/b"), ends_in_xml_name("http://a/1")
    (True, False)
    """
    return bool(_XML_NAME_END.search(iri))
