"""CURIEs of a load: made by the registry of prefixes, never by what a file declares."""

from __future__ import annotations

from urllib.parse import quote, unquote

from mechkg.kg.model.identifiers import registry
from mechkg.ontology.rdf.vocabulary import ENTITY, STANDARD_PREFIXES, Codec, is_iri

__all__ = ["RegistryCodec"]


class RegistryCodec(Codec):
    """CURIE <-> IRI under the registry; an IRI of no registered namespace is its own identifier.

    >>> codec = RegistryCodec()
    >>> codec.curie("http://purl.obolibrary.org/obo/CL_0000540"), codec.curie("http://a/x")
    ('CL:0000540', 'http://a/x')
    >>> codec.curie("http://purl.obolibrary.org/obo/ABC_1"), codec.iri("ABC:1")
    ('ABC:1', 'http://purl.obolibrary.org/obo/ABC_1')
    """

    def __init__(self) -> None:
        super().__init__(STANDARD_PREFIXES)
        self._registry = registry()

    def _expand(self, curie: str) -> str:
        iri = self._registry.iri(curie) or curie
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
        if curie != iri:  # the way back, also for OBO prefixes that the registry does not hold
            self._iris.setdefault(curie, iri)
        return curie
