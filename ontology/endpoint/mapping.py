"""The mapping of an endpoint: which of its triples are statements, and what its terms mean.

A TOML file of an operator; without one, every triple between two IRIs is a statement whose property
is not of a vocabulary that describes (RDF, RDFS, OWL, SKOS ...). Predicates are described by the
presets of `mechkg.kg.model.presets`, by the bundled ontology (`preset = "mechanism"`), or here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from mechkg.kg.errors import DataError
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Effect, Evidence
from mechkg.ontology.compile_bundle import bundled_graph
from mechkg.ontology.endpoint.dialects import DIALECTS
from mechkg.ontology.rdf.roles import DESCRIBING
from mechkg.ontology.rdf.vocabulary import RDF, RDFS, SKOS, Codec, is_iri

__all__ = ["EndpointMapping", "Terms", "read_mapping"]

_UNSAFE: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')

_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


class StatementMapping(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Which triples are statements: those of some properties and namespaces, or all but some.

    `properties` and `namespaces` name properties by IRI and by its beginning; where neither is
    given, all count but those of the namespaces `without`. `kind` and `source` are the evidence of
    each statement.
    """

    properties: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    without: tuple[str, ...] = tuple(vocabulary.start for vocabulary in DESCRIBING)
    kind: str = "database"
    source: str = ""


class EndpointMapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mapping file says; see docs/how-to/query-an-endpoint.md.

    >>> msgspec.convert({"dialect": "virtuoso"}, EndpointMapping).labels
    ('http://www.w3.org/2000/01/rdf-schema#label',)
    """

    name: str = ""
    dialect: str = "sparql"
    preset: Literal["", "mechanism"] = ""
    graph: str = ""
    version: str = ""
    auth: Literal["", "basic", "digest", "bearer"] = ""
    labels: tuple[str, ...] = (RDFS["label"],)
    synonyms: tuple[str, ...] = (SKOS["altLabel"],)
    types: tuple[str, ...] = (RDF["type"],)
    languages: tuple[str, ...] = ("en",)
    prefixes: dict[str, str] = msgspec.field(default_factory=dict)
    categories: dict[str, str] = msgspec.field(default_factory=dict)
    statements: StatementMapping = StatementMapping()
    predicates: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    max_rows: int | None = None
    request_seconds: float = 20.0


def read_mapping(path: Path | None) -> EndpointMapping:
    """Return the mapping of a file, or that of any endpoint. Raises `DataError`.

    >>> read_mapping(None).dialect
    'sparql'
    """
    if path is None:
        return EndpointMapping()
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        mapping = msgspec.convert(content, EndpointMapping)
    except OSError as error:
        raise DataError(str(path), None, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise DataError(str(path), None, str(error)) from error
    if mapping.dialect not in DIALECTS:
        raise DataError(
            str(path), None, f"there is no dialect {mapping.dialect!r}",
            hint=f"Known dialects: {', '.join(DIALECTS)}.",
        )  # fmt: skip
    for language in mapping.languages:
        if not _LANGUAGE.fullmatch(language):
            raise DataError(str(path), None, f"{language!r} is no language tag")
    stated = mapping.statements
    groups = (
        mapping.labels, mapping.synonyms, mapping.types, mapping.prefixes.values(),
        mapping.categories, mapping.predicates, stated.properties, stated.namespaces,
        stated.without, (mapping.graph or RDF.start,),
    )  # fmt: skip
    for iri in (text for group in groups for text in group):
        if _UNSAFE.search(iri) or not is_iri(iri):
            raise DataError(str(path), None, f"{iri!r} is no IRI")
    return mapping


class Terms:
    """IRIs of an endpoint <-> identifiers, predicates and categories of a schema.

    An identifier is the CURIE of an IRI where that leads back to the same IRI, else the IRI.
    """

    def __init__(self, mapping: EndpointMapping) -> None:
        self._codec = Codec(mapping.prefixes)
        known = bundled_graph().schema if mapping.preset else known_schema()
        self._starts = mapping.statements.namespaces
        self._categories = mapping.categories
        self._names = {p.iri: p.id for p in known.predicates if p.iri}
        self._known = {p.id: p for p in known.predicates}
        listed = [self._described(iri, said) for iri, said in mapping.predicates.items()]
        self._names |= dict(zip(mapping.predicates, [p.id for p in listed], strict=True))
        self._known |= {p.id: p for p in listed}
        self._iris = {name: iri for iri, name in self._names.items()}
        added = set(mapping.categories.values()) - {c.id for c in known.categories}
        bare = tuple(Category(id=c, label=c.rpartition(":")[2]) for c in sorted(added))
        self.schema = msgspec.structs.replace(
            known,
            categories=(*known.categories, *bare),
            predicates=tuple(self._known.values()),
            prefixes=known.prefixes | mapping.prefixes,
        )
        self._ranks = _depths(self.schema)

    def _described(self, iri: str, said: dict[str, Any]) -> Predicate:
        """Return a predicate of the mapping, filled in from the preset of its identifier."""
        name = str(said.get("id") or self._names.get(iri) or self._local(iri))
        base = msgspec.to_builtins(self._known[name]) if name in self._known else {}
        if "sign" in said or "effect" in said:
            base = {key: v for key, v in base.items() if key not in ("sign", "effect")}
        label = re.split(r"[/#:]", name)[-1].replace("_", " ")
        return msgspec.convert({"label": label, **base, **said, "id": name, "iri": iri}, Predicate)

    def _local(self, iri: str) -> str:
        """Return the identifier of a predicate: its end if a preset has that, else its CURIE."""
        for start in self._starts:
            local = iri.removeprefix(start)
            if local != iri and local in self._known:
                return local
        return self.identifier(iri)

    def used(self, predicates: Iterable[str]) -> Schema:
        """Return the schema with some predicates and those above them alone."""
        waiting, kept = list(predicates), set()
        while waiting:
            name = waiting.pop()
            if name not in kept:
                kept.add(name)
                waiting += self._known[name].parents if name in self._known else ()
        bare = [Predicate(id=name, label=name) for name in sorted(kept - self._known.keys())]
        chosen = [p for p in self.schema.predicates if p.id in kept]
        return msgspec.structs.replace(self.schema, predicates=(*chosen, *bare))

    def predicate(self, iri: str) -> str:
        """Return the identifier of a property; O(1) after the first time."""
        name = self._names.get(iri)
        if name is None:
            name = self._local(iri)
            if len(self._names) < MAX_PREDICATES:
                self._names[iri] = name
                self._iris.setdefault(name, iri)
        return name

    def property(self, predicate: str) -> str:
        """Return the IRI of a predicate."""
        return self._iris.get(predicate) or self.iri(predicate)

    def identifier(self, iri: str) -> str:
        """Return the identifier of an entity."""
        curie = self._codec.curie(iri)
        return curie if curie == iri or self._codec.iri(curie) == iri else iri

    def effect(self, predicate: str) -> Effect:
        """Return what a predicate does, where a statement says nothing of its own."""
        known = self._known.get(predicate)
        return known.effect if known else "unknown"

    def iri(self, identifier: str) -> str:
        """Return the IRI of an identifier; never one that leaves the brackets of SPARQL."""
        if "://" in identifier and not _UNSAFE.search(identifier) and is_iri(identifier):
            return identifier
        return self._codec.iri(identifier)

    def category(self, types: Iterable[str]) -> str:
        """Return the most specific of some types that is a category, `biolink:NamedThing` if none.

        The first by identifier where several are as deep.
        """
        found = {self._categories.get(iri) or self.identifier(iri) for iri in types}
        known = sorted(found & self._ranks.keys(), key=lambda c: (-self._ranks[c], c))
        return known[0] if known else "biolink:NamedThing"

    def types(self, categories: Iterable[str]) -> list[str]:
        """Return the IRIs of types that mean one of some categories."""
        wanted = set(categories)
        mapped = [iri for iri, category in self._categories.items() if category in wanted]
        return sorted({*mapped, *map(self.iri, wanted)})

    def evidence(self, mapping: EndpointMapping) -> tuple[Evidence, ...]:
        """Return the evidence of each statement: that the endpoint lists it."""
        stated = mapping.statements
        return (Evidence(kind=stated.kind, source=stated.source),) if stated.source else ()


MAX_PREDICATES: Final = 10_000
"""Properties whose identifiers are remembered."""


def _depths(schema: Schema) -> dict[str, int]:
    """Return how far each category lies below those without a parent."""
    parents = {c.id: c.parents for c in schema.categories}
    depths: dict[str, int] = {}

    def depth(name: str, seen: frozenset[str]) -> int:
        if name not in depths:
            above = [p for p in parents.get(name, ()) if p not in seen]
            depths[name] = 1 + max((depth(p, seen | {name}) for p in above), default=0)
        return depths[name]

    for name in parents:
        depth(name, frozenset())
    return depths
