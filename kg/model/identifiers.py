"""Identifiers: one registry of prefixes, and the one form in which spellings of a thing meet.

Files write one identifier in many ways: `cl:0000540`, `CL_0000540`,
`http://purl.obolibrary.org/obo/CL_0000540`, `https://identifiers.org/CL:0000540`,
`HGNC:HGNC:4232`. What a file declares as a prefix is only its shorthand (RDF 1.1 Turtle, section
2.4) and never decides what is meant; the registry does. What it does not hold stays as written:
an IRI stays an IRI, a CURIE of an unknown prefix stays that CURIE.

`prefixes.tsv` was compiled from the namespaces of `ontology/mechanism.ttl`, the prefixes of the
Biolink Model 4.4.6 (CC0-1.0), and, for the OBO Foundry and for further namespaces and synonyms,
the Bioregistry as packaged in bioregistry 0.15.6 (CC0-1.0). Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Final
from urllib.parse import unquote

__all__ = ["OBO", "VOCABULARIES", "Prefix", "Registry", "registry"]

VOCABULARIES: Final = {
    "attribute": "https://w3id.org/mechkg/attribute/",
    "bp": "http://www.biopax.org/release/biopax-level3.owl#",
    "context": "https://w3id.org/mechkg/context/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "evidence": "https://w3id.org/mechkg/evidence/",
    "ex": "http://example.org/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "genid": "https://w3id.org/mechkg/.well-known/genid/",
    "mechkg": "https://w3id.org/mechkg/vocab/",
    "np": "http://www.nanopub.org/nschema#",
    "oboInOwl": "http://www.geneontology.org/formats/oboInOwl#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "qualifier": "https://w3id.org/mechkg/qualifier/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "reference": "https://w3id.org/mechkg/reference/",
    "schema": "http://schema.org/",
    "sentence": "https://w3id.org/mechkg/sentence/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": "https://w3id.org/mechkg/source/",
    "statement": "https://w3id.org/mechkg/statement/",
    "wp": "http://vocabularies.wikipathways.org/wp#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Namespaces of vocabularies, MechKG and examples (RFC 2606); their prefixes count as written."""

_IRI: Final = re.compile(r"https?://(.+)", re.DOTALL)
_CURIE: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]*):(.+)", re.DOTALL)
OBO: Final = "obo"
"""The prefix by which OBO files write the last part of a PURL: `obo:CL_0000540`."""
OWN: Final = "w3id.org/mechkg/entity/"
"""Where the IRIs begin that MechKG makes of identifiers without one, and without a scheme."""
_OBO_ADDRESS: Final = "purl.obolibrary.org/obo/"
_PURL: Final = re.compile(r"purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9-]*)_([^\s#/?]+)")
_RESOLVER: Final = re.compile(r"(?:identifiers\.org|bioregistry\.io)/([A-Za-z0-9._-]+)[:/](.+)")
_RESOLVERS: Final = ("identifiers.org/", "bioregistry.io/")
_UNDERSCORE: Final = re.compile(r"([A-Za-z]+)_(\d{4,})")
_LOCAL: Final = re.compile(r"[^\s/?#<>\"{}|\\^`]+")
_PATH: Final = re.compile(r"[^\s?#<>\"{}|\\^`]+")
_SEPARATORS: Final = "/#_=:"
_WITH_SLASHES: Final = frozenset(("DOI", "INCHI", "reference", "sentence", "source", "statement"))
_AS_WRITTEN: Final = _WITH_SLASHES | {"ex"}
"""Namespaces of which an address with one slash more is another: example.org is anyone's."""
"""Prefixes whose local identifiers may hold slashes."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix with its namespace; `synonyms` in lower case, `others` without `http(s)://`."""

    prefix: str
    namespace: str
    synonyms: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Registry:
    """Which namespace a prefix stands for, and every other way to write it.

    >>> known = registry()
    >>> [known.canonical(text) for text in ("cl:0000540", "CL_0000540", "HGNC:HGNC:4232",
    ...     "http://purl.obolibrary.org/obo/CL_0000540", "http://identifiers.org/pubmed/123")]
    ['CL:0000540', 'CL:0000540', 'HGNC:4232', 'CL:0000540', 'PMID:123']
    >>> known.canonical("http://a.example.org/1"), known.canonical("lab:7"), known.iri("CL:0000540")
    ('http://a.example.org/1', 'lab:7', 'http://purl.obolibrary.org/obo/CL_0000540')
    >>> known.canonical("https://w3id.org/mechkg/entity/lab%3A7")
    'lab:7'
    """

    def __init__(self, prefixes: tuple[Prefix, ...]) -> None:
        self._prefixes = prefixes
        self._by_name: dict[str, str] = {}
        self._by_stem: dict[str, str] = {}
        for known in prefixes:
            for name in (known.prefix.casefold(), *known.synonyms):
                self._by_name.setdefault(name, known.prefix)
            for stem in (_without_scheme(known.namespace), *known.others):
                self._by_stem.setdefault(stem, known.prefix)
        for name, namespace in VOCABULARIES.items():
            self._by_stem.setdefault(_without_scheme(namespace), name)

    @cached_property
    def namespaces(self) -> Mapping[str, str]:
        """The namespace of each prefix, as a prefix map."""
        return VOCABULARIES | {known.prefix: known.namespace for known in self._prefixes}

    @cached_property
    def _synonyms(self) -> Mapping[str, tuple[str, ...]]:
        return {known.prefix: known.synonyms for known in self._prefixes}

    def prefix(self, name: str) -> str:
        """Return the prefix that a spelling of it means (`hgnc` is `HGNC`), "" for none."""
        return self._by_name.get(name.casefold(), "")

    def canonical(self, text: str) -> str:
        """Return the one form of an identifier: a CURIE where the registry knows its namespace.

        O(length).
        """
        address = _IRI.fullmatch(text)
        if address:
            if address[1].startswith(OWN):
                own = unquote(address[1].removeprefix(OWN))
                return own if own == text else self.canonical(own)
            return self._of_address(address[1]) or text
        curie = _CURIE.fullmatch(text)
        if curie:
            prefix = self.prefix(curie[1])
            if prefix:
                return f"{prefix}:{self._local(prefix, curie[2])}"
            whole = curie[1].casefold() == OBO and self._of_address(f"{_OBO_ADDRESS}{curie[2]}")
            return whole or text
        flat = _UNDERSCORE.fullmatch(text)
        prefix = self.prefix(flat[1]) if flat else ""
        if flat and prefix and self.namespaces[prefix].endswith("_"):
            return f"{prefix}:{flat[2]}"
        return text

    def may_hold(self, stem: str) -> bool:
        """Say whether an IRI up to its last `/` or `#` can lie in a namespace; O(length).

        >>> registry().may_hold("http://purl.obolibrary.org/obo/"), registry().may_hold("http://a/")
        (True, False)
        """
        rest = _without_scheme(stem)
        above = rest[: rest.rfind("/", 0, -1) + 1]  # an address may end in one slash more
        return not self._levels.isdisjoint((rest, above)) or rest.startswith(self._deep)

    @cached_property
    def _levels(self) -> frozenset[str]:
        """All namespaces up to their last `/` or `#`."""
        return frozenset(s[: max(s.rfind("/"), s.rfind("#")) + 1] for s in self._by_stem)

    @cached_property
    def _deep(self) -> tuple[str, ...]:
        """The beginnings of addresses after which more of `/` may come."""
        own = (stem for stem, prefix in self._by_stem.items() if prefix in _WITH_SLASHES)
        return (OWN, *_RESOLVERS, *own)

    def iri(self, curie: str) -> str:
        """Return the IRI of a CURIE of the registry, "" for another text."""
        prefix, colon, local = curie.partition(":")
        namespace = self.namespaces.get(prefix)
        return namespace + local if colon and namespace and local else ""

    def address(self, identifier: str) -> str:
        """Return the IRI for which an identifier stands, "" where the registry knows none.

        >>> registry().address("HGNC:4232"), registry().address("http://a/x")
        ('http://identifiers.org/hgnc/4232', 'http://a/x')
        >>> registry().address("lab:7")
        ''
        """
        form = self.canonical(identifier)
        if "://" in form:
            return form
        found = self.iri(form)
        return found if found and self.canonical(found) == form else ""

    def spellings(self, text: str) -> tuple[str, ...]:
        """Return the forms under which a graph may hold an identifier, the likeliest first.

        A graph whose files all write `UniProtKB:` keeps that prefix.

        >>> registry().spellings("http://purl.uniprot.org/uniprot/P05231")[1:3]
        ('UniProt:P05231', 'swissprot:P05231')
        """
        found = self.canonical(text)
        prefix, _, local = found.partition(":")
        others = (f"{name}:{local}" for name in self._synonyms.get(prefix, ()))
        return tuple(dict.fromkeys((text, found, *others)))

    def _of_address(self, rest: str) -> str:
        """Return the CURIE of an address without its scheme, "" where no namespace holds it."""
        for cut in range(len(rest) - 1, 0, -1):
            if rest[cut - 1] not in _SEPARATORS or cut == len(rest):
                continue
            prefix = self._by_stem.get(rest[:cut])
            if prefix:
                return self._curie(prefix, rest[cut:])
        purl = _PURL.fullmatch(rest)
        if purl:
            return f"{self.prefix(purl[1]) or purl[1]}:{purl[2]}"
        resolver = _RESOLVER.fullmatch(rest)
        if resolver:
            prefix = self.prefix(resolver[1].removeprefix("obo."))
            return self._curie(prefix, resolver[2]) if prefix else ""
        return ""

    def _curie(self, prefix: str, local: str) -> str:
        allowed = _PATH if prefix in _WITH_SLASHES else _LOCAL
        local = local if prefix in _AS_WRITTEN else local.removesuffix("/")
        return f"{prefix}:{self._local(prefix, local)}" if allowed.fullmatch(local) else ""

    def _local(self, prefix: str, local: str) -> str:
        """Return a local identifier without a prefix that says the same once more."""
        while True:
            doubled = _CURIE.fullmatch(local)
            if doubled is None or self.prefix(doubled[1]) != prefix:
                return local
            local = doubled[2]


def _without_scheme(namespace: str) -> str:
    return namespace.partition("://")[2]


@cache
def registry() -> Registry:
    """Return the registry of this package. Some 3 ms the first time.

    >>> registry().namespaces["GO"]
    'http://purl.obolibrary.org/obo/GO_'
    """
    text = files(__package__).joinpath("prefixes.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return Registry(
        tuple(
            Prefix(prefix, namespace, _several(synonyms), _several(others))
            for prefix, namespace, synonyms, others in rows
        )
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split("|")) if text else ()
