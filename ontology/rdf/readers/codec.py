"""CURIEs of a load: made by the registry of prefixes, never by what a file declares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, unquote

from mechkg.kg.model.identifiers import registry
from mechkg.kg.readers.obo import PURL
from mechkg.ontology.rdf.triples import Triples
from mechkg.ontology.rdf.vocabulary import ENTITY, PREFIX, SH, STANDARD_PREFIXES, Codec, is_iri

__all__ = ["RegistryCodec", "spellings"]


class RegistryCodec(Codec):
    """CURIE <-> IRI under the registry; an IRI of no registered namespace is its own identifier.

    `spelt` has other spellings of its prefixes, which are shown. `found` collects the namespaces
    of OBO prefixes that the registry does not hold.

    >>> codec = RegistryCodec()
    >>> codec.curie("http://purl.obolibrary.org/obo/CL_0000540"), codec.curie("http://a/x")
    ('CL:0000540', 'http://a/x')
    >>> codec.curie("http://purl.obolibrary.org/obo/ABC_1"), codec.iri("ABC:1")
    ('ABC:1', 'http://purl.obolibrary.org/obo/ABC_1')
    """

    def __init__(self, spelt: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(STANDARD_PREFIXES)
        self._registry = registry()
        self._spelt = spelt
        self.found: dict[str, str] = {}

    def _expand(self, curie: str) -> str:
        prefix, colon, local = curie.partition(":")
        if colon and prefix in self.found:
            return self.found[prefix] + local
        iri = self._registry.iri(self._registry.canonical(curie)) or curie
        if is_iri(iri) and "://" in iri and self.curie(iri) == curie:
            return iri
        standard = super()._expand(curie)
        return standard if self.curie(standard) == curie else ENTITY[quote(curie, safe="")]

    def _compress(self, iri: str) -> str:
        if ENTITY.holds(iri):
            return unquote(iri.removeprefix(ENTITY.start))
        curie = self._registry.canonical(iri)
        if curie == iri:
            curie = super()._compress(iri)
        if curie == iri:
            return iri
        prefix, _, local = curie.partition(":")
        if iri == f"{PURL}{prefix}_{local}" and not self._registry.prefix(prefix):
            self.found[prefix] = f"{PURL}{prefix}_"
        if prefix in self._spelt:
            curie = f"{self._spelt[prefix]}:{local}"
        return curie


def spellings(triples: Triples) -> dict[str, str]:
    """Return how documents that MechKG wrote spell prefixes of the registry, by its spelling.

    This is for show: identity is decided by the registry all the same.
    """
    found: dict[str, str] = {}
    for subject in sorted(triples.by_subject):
        name = triples.value(subject, SH["prefix"]) if PREFIX.holds(subject) else ""
        prefix = registry().prefix(name)
        if prefix not in ("", name):
            found.setdefault(prefix, name)
    return found
