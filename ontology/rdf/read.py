"""From triples to entities and statements.

Two shapes of a statement are read. A node with `biolink:subject`, `biolink:predicate` and
`biolink:object` is a statement with whatever it carries. A plain triple between two IRIs is a
statement without evidence, unless such a node says the same already, or its predicate belongs to
the vocabularies that describe things (labels, types, mappings, provenance).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast
from urllib.parse import unquote

import msgspec
from pyoxigraph import Literal, NamedNode

from mechkg.kg.model.biolink_qualifiers import contexts_of
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import (
    ASSERTED,
    CONTEXT_TYPES,
    Context,
    Entity,
    Evidence,
    Qualifier,
    Sign,
    Statement,
)
from mechkg.kg.readers.content import LANGUAGES
from mechkg.ontology.rdf.languages import language_key
from mechkg.ontology.rdf.roles import DESCRIPTIONS, NAMES, XREFS, describes
from mechkg.ontology.rdf.triples import Node, Triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    ATTRIBUTE,
    BIOLINK,
    CONTEXT,
    DCTERMS,
    MECHKG,
    OBOINOWL,
    OWL,
    PROV,
    QUALIFIER,
    RDF,
    RDFS,
    SENTENCE,
    SH,
    SKOS,
    STATEMENT,
    SYNONYM_PROPERTIES,
    Codec,
    key_of,
)

__all__ = ["Reader"]

_MACHINERY_TYPES: Final = frozenset(
    (
        BIOLINK["Association"],
        MECHKG["Evidence"],
        MECHKG["Sentence"],
        MECHKG["WebPage"],
        OWL["AnnotationProperty"],
        OWL["DatatypeProperty"],
        OWL["NegativePropertyAssertion"],
        OWL["ObjectProperty"],
        OWL["Ontology"],
        PROV["Agent"],
        PROV["Entity"],
        RDF["Property"],
    )
)
_THINGS: Final = frozenset((OWL["Class"], OWL["NamedIndividual"], RDFS["Class"]))
_PROVIDERS: Final = (DCTERMS["source"], BIOLINK["provided_by"])
_DESCRIBED: Final = frozenset(
    (*NAMES, *DESCRIPTIONS, *XREFS, *SYNONYM_PROPERTIES, *_PROVIDERS, OBOINOWL["hasOBONamespace"])
)
_SIGNS: Final = {"-1": -1, "0": 0, "1": 1, "+1": 1}
_SEMANTICS: Final = {
    "effect": MECHKG["effect"],
    "subject_aspect": MECHKG["subjectAspect"],
    "object_aspect": MECHKG["objectAspect"],
    "action": MECHKG["action"],
    "hedge": MECHKG["hedge"],
}
_NUMBER: Final = re.compile(r"\d+\Z")


@dataclass(frozen=True)
class Reader:
    """Reads entities and statements from triples, under a prefix map and a schema."""

    triples: Triples
    codec: Codec
    schema: Schema
    languages: tuple[str, ...] = LANGUAGES
    documents: dict[str, tuple[int, ...]] = field(init=False, default_factory=dict)
    """The documents that say a statement, by its identifier, where the triples know them."""
    _predicate_ids: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._predicate_ids.update({p.iri: p.id for p in self.schema.predicates if p.iri})

    def statements(self) -> tuple[Statement, ...]:
        """Return all statements, by id. O(triples); raises `DataError`."""
        described = [self._statement(iri) for iri in self._associations]
        known = {(s.subject, s.predicate, s.object) for s in described}
        return tuple(sorted((*described, *self._plain(known)), key=lambda s: s.id))

    def entities(self, statements: Iterable[Statement]) -> tuple[Entity, ...]:
        """Return the described entities and the ends of statements, by id. O(triples)."""
        found = {self.codec.iri(end) for s in statements for end in (s.subject, s.object)}
        for iri in self.triples.by_subject:
            if iri.startswith("_:") or iri in self.machinery:
                continue
            if self.is_described(iri):
                found.add(iri)
        return tuple(sorted(map(self._entity, found), key=lambda e: e.id))

    def is_described(self, iri: str) -> bool:
        """Say whether anything names, describes or classifies a subject."""
        predicates = self.triples.by_subject.get(iri, {})
        if not _DESCRIBED.isdisjoint(predicates) or any(map(ATTRIBUTE.holds, predicates)):
            return True
        types = self.triples.values(iri, RDF["type"])
        return not _THINGS.isdisjoint(types) or bool(self._categories(iri))

    @cached_property
    def _associations(self) -> list[str]:
        needed = (BIOLINK["subject"], BIOLINK["predicate"], BIOLINK["object"])
        return [
            iri
            for iri, predicates in self.triples.by_subject.items()
            if any(p in predicates for p in needed)
            or BIOLINK["Association"] in self.triples.values(iri, RDF["type"])
        ]

    @cached_property
    def machinery(self) -> frozenset[str]:
        """What describes statements and vocabulary, hence is no entity itself."""
        found = {c.id for c in self.schema.categories}
        found = {self.codec.iri(c) for c in found} | {p.iri for p in self.schema.predicates}
        found.update(self._associations, self._inverses)
        found.update((BIOLINK["Association"], MECHKG["Evidence"]))
        found.update((MECHKG["Sentence"], MECHKG["WebPage"]))
        for iri, predicates in self.triples.by_subject.items():
            types = map(text_of, predicates.get(RDF["type"], ()))
            if SH["prefix"] in predicates or not _MACHINERY_TYPES.isdisjoint(types):
                found.add(iri)
        return frozenset(found)

    @cached_property
    def predicate_names(self) -> dict[str, str]:
        """The predicate id of each property that the schema describes."""
        return dict(self._predicate_ids)

    @property
    def inverses(self) -> dict[str, str]:
        """The predicate id of each property that is read backwards."""
        return self._inverses

    @cached_property
    def _inverses(self) -> dict[str, str]:
        """The predicate id of each property that is an inverse."""
        return {
            inverse: predicate.id
            for predicate in self.schema.predicates
            for inverse in self.triples.values(predicate.iri, OWL["inverseOf"])
        }

    # -- entities ---------------------------------------------------------------------------

    def _entity(self, iri: str) -> Entity:
        identifier = self.codec.curie(iri)
        categories = self._categories(iri)
        return Entity(
            id=identifier,
            name=next(iter(self._texts(iri, NAMES)), identifier),
            category=self._most_specific(categories) if categories else "biolink:NamedThing",
            synonyms=tuple(sorted(set(self._texts(iri, SYNONYM_PROPERTIES)))),
            synonym_kinds={
                text: kind
                for name, kind in SYNONYM_PROPERTIES.items()
                if kind is not None
                for text in sorted(self.triples.values(iri, name))
            },
            description=next(iter(self._texts(iri, DESCRIPTIONS)), ""),
            xrefs=tuple(sorted({self.codec.curie(x) for x in self._texts(iri, XREFS)})),
            provided_by=tuple(sorted(set(self._texts(iri, _PROVIDERS)))),
            iri=iri,
            attributes=self._attributes(iri) | self._names_by_language(iri),
        )

    def _names_by_language(self, iri: str) -> dict[str, str]:
        """Return the names in languages that are not preferred, by attribute."""
        about = self.triples.by_subject.get(iri, {})
        found: dict[str, set[str]] = {}
        for name in (*NAMES, *SYNONYM_PROPERTIES):
            for node in about.get(name, ()):
                key = isinstance(node, Literal) and language_key(node.language, self.languages)
                if key:
                    found.setdefault(key, set()).add(text_of(node))
        return {key: "|".join(sorted(texts)) for key, texts in sorted(found.items())}

    def _attributes(self, iri: str) -> dict[str, str]:
        predicates = self.triples.by_subject.get(iri, {})
        return {
            key_of(ATTRIBUTE, name): "|".join(sorted(set(map(text_of, predicates[name]))))
            for name in sorted(predicates)
            if ATTRIBUTE.holds(name)
        }

    def _texts(self, iri: str, properties: Iterable[str]) -> Iterator[str]:
        for name in properties:
            yield from self.triples.values(iri, name)

    def _categories(self, iri: str) -> list[str]:
        names = (RDF["type"], BIOLINK["category"])
        return [
            self.codec.curie(value)
            for value in self._texts(iri, names)
            if not OWL.holds(value) and not RDFS.holds(value) and not value.startswith("_:")
        ]

    def _most_specific(self, categories: list[str]) -> str:
        """Return the category that has none of the others below it; of several, the first."""
        above = {parent for c in categories for parent in self._above.get(c, ())}
        return min(c for c in categories if c not in above)

    @cached_property
    def _above(self) -> dict[str, set[str]]:
        parents = {c.id: c.parents for c in self.schema.categories}

        def climb(category: str) -> set[str]:
            found: set[str] = set()
            rest = list(parents.get(category, ()))
            while rest:
                parent = rest.pop()
                if parent not in found:
                    found.add(parent)
                    rest.extend(parents.get(parent, ()))
            return found

        return {category: climb(category) for category in parents}

    # -- statements -------------------------------------------------------------------------

    def _statement(self, iri: str) -> Statement:
        subject, predicate, target = (
            self._one(iri, BIOLINK[name]) for name in ("subject", "predicate", "object")
        )
        identifier = _identifier(iri, self.codec)
        claim = (subject, predicate, NamedNode(target))
        name = self._predicate_ids.get(predicate) or self.codec.curie(predicate)
        if predicate in self._inverses and not self._is_one_sided(iri):
            subject, name, target = target, self._inverses[predicate], subject
        sources = self.triples.values(iri, PROV["wasDerivedFrom"])
        qualifiers = self._qualifiers(iri)
        slots, qualifiers = contexts_of(qualifiers)
        fields = {
            "id": identifier,
            "subject": self.codec.curie(subject),
            "predicate": name,
            "object": self.codec.curie(target),
            "sign": self._sign(iri),
            **self._semantics(iri),
            "negated": self.triples.value(iri, BIOLINK["negated"]) in {"true", "1"},
            "modality": self.triples.value(iri, MECHKG["modality"]) or ASSERTED,
            "context": (*self._context(iri), *slots),
            "qualifiers": qualifiers,
            "evidence": self._evidence(iri),
            "derived_from": tuple(sorted(_identifier(s, self.codec) for s in sources)),
            "note": self.triples.value(iri, SKOS["editorialNote"]),
            "attributes": self._attributes(iri),
        }
        origins = self.triples.origins
        if origins is not None:
            described = (iri, BIOLINK["subject"], NamedNode(claim[0]))
            self.documents[identifier] = (
                origins.of_triple(*described)[:1]
                if origins.knows(iri)
                else origins.of_triple(*claim)
            )
        try:
            return msgspec.convert(fields, Statement, from_attributes=True)
        except ValueError as error:
            raise self.triples.error(iri, f"statement {identifier}: {error}") from error

    def _is_one_sided(self, iri: str) -> bool:
        """Say whether a statement says something of one of its ends, or which way it acts."""
        return any(
            (QUALIFIER.holds(name) or MECHKG.holds(name))
            and name.rpartition("/")[2].startswith(("subject", "object", "sign", "effect"))
            for name in self.triples.by_subject[iri]
        )

    def _qualifiers(self, iri: str) -> tuple[Qualifier, ...]:
        """Return the qualifiers of a statement, by type and value."""
        predicates = self.triples.by_subject[iri]
        found = []
        for name, nodes in predicates.items():
            if QUALIFIER.holds(name):
                found += [Qualifier(key_of(QUALIFIER, name), text_of(node)) for node in nodes]
            elif _is_slot(name):
                kind = name.removeprefix(BIOLINK.start)
                found += [Qualifier(kind, self._value(node)) for node in nodes]
        return tuple(sorted(found, key=lambda q: (q.type, q.value)))

    def _semantics(self, iri: str) -> dict[str, Any]:
        """Return effect, aspects, action, weight and hedge, where they are stated."""
        stated = {
            field: text_of(nodes[0])
            for field, name in _SEMANTICS.items()
            if (nodes := self.triples.by_subject[iri].get(name))
        }
        weight = self.triples.value(iri, MECHKG["weight"])
        return {**stated, "weight": float(weight)} if weight else stated

    def _context(self, iri: str) -> tuple[Context, ...]:
        """Return the contexts of a statement, by type, then value."""
        predicates = self.triples.by_subject[iri]
        return tuple(
            Context(kind, self._value(node), self._context_label(node))
            for kind in CONTEXT_TYPES
            for node in sorted(predicates.get(CONTEXT[kind], ()), key=text_of)
        )

    def _value(self, node: Node) -> str:
        """Return the CURIE of an IRI, the text of a literal."""
        return self.codec.curie(node.value) if isinstance(node, NamedNode) else text_of(node)

    def _context_label(self, node: Node) -> str:
        if not isinstance(node, NamedNode):
            return ""
        return next(self._texts(node.value, (MECHKG["contextLabel"], *NAMES)), "")

    def _one(self, iri: str, name: str) -> str:
        """Return the one IRI that a property of a statement has, or raise `DataError`."""
        nodes = self.triples.by_subject[iri].get(name, [])
        word = name.rpartition("/")[2]
        label = _identifier(iri, self.codec)
        if len({text_of(n) for n in nodes}) != 1:
            count = "no" if not nodes else "more than one"
            raise self.triples.error(iri, f"statement {label} has {count} {word}")
        if not isinstance(nodes[0], NamedNode):
            raise self.triples.error(iri, f"the {word} of statement {label} is not an IRI")
        return nodes[0].value

    def _sign(self, iri: str) -> Sign | None:
        nodes = self.triples.by_subject[iri].get(MECHKG["sign"], [])
        if not nodes:
            return None
        text = text_of(nodes[0])
        if len(nodes) > 1 or text not in _SIGNS or not isinstance(nodes[0], Literal):
            label = _identifier(iri, self.codec)
            raise self.triples.error(iri, f"the sign of statement {label} is not one of -1, 0, 1")
        return cast("Sign", _SIGNS[text])

    def _plain(self, known: set[tuple[str, str, str]]) -> Iterator[Statement]:
        """Yield a statement for each plain triple that no statement node says."""
        symmetric = {p.id for p in self.schema.predicates if p.symmetric}
        found: dict[tuple[str, str, str], tuple[int, ...]] = {}
        for claim, documents in self._plain_triples():
            turned = claim[::-1]
            is_symmetric = claim[1] in symmetric
            if claim in known or (is_symmetric and turned in known):
                continue
            chosen = turned if is_symmetric and turned in found else claim
            before = found.get(chosen, documents)
            found[chosen] = documents if before == documents else (*before, *documents)
        for (subject, predicate, target), documents in found.items():
            text = f"{subject}\t{predicate}\t{target}"
            identifier = f"T-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
            if self.triples.origins is not None:
                self.documents[identifier] = tuple(sorted(set(documents)))
            yield Statement(
                id=identifier,
                subject=subject,
                predicate=predicate,
                object=target,
                sign=self._default_signs.get(predicate),
            )

    def _plain_triples(self) -> Iterator[tuple[tuple[str, str, str], tuple[int, ...]]]:
        """Yield the triples that relate two entities, with the documents that say each."""
        origins = self.triples.origins
        for iri, predicates in sorted(self.triples.by_subject.items(), key=_subject):
            if iri.startswith("_:") or iri in self.machinery:
                continue
            subject = self.codec.curie(iri)
            for name, nodes in predicates.items():
                if not self.relates(name):
                    continue
                for node in nodes:
                    if not isinstance(node, NamedNode) or node.value in self.machinery:
                        continue
                    documents = () if origins is None else origins.of_triple(iri, name, node)
                    yield self._claim(subject, name, self.codec.curie(node.value)), documents

    def _claim(self, subject: str, name: str, target: str) -> tuple[str, str, str]:
        """Return a triple by CURIEs and the id of its predicate, turned for an inverse."""
        if name in self._inverses:
            return target, self._inverses[name], subject
        return subject, self._predicate_ids.get(name) or self.codec.curie(name), target

    def relates(self, name: str) -> bool:
        """Say whether a property relates entities, rather than describing one."""
        if name in self._predicate_ids or name in self._inverses or name == RDFS["subClassOf"]:
            return True
        if describes(name):
            return False
        described = (BIOLINK["category"], BIOLINK["xref"], BIOLINK["provided_by"])
        return name not in described and name not in self.machinery

    @cached_property
    def _default_signs(self) -> dict[str, Sign | None]:
        return {p.id: p.sign for p in self.schema.predicates}

    # -- evidence ---------------------------------------------------------------------------

    def _evidence(self, iri: str) -> tuple[Evidence, ...]:
        nodes = self.triples.values(iri, MECHKG["evidence"])
        if nodes:
            return tuple(self._one_evidence(iri, node) for node in sorted(nodes, key=_numbered))
        if self.triples.values(iri, BIOLINK["publications"]):
            return (self._read_evidence(iri, "literature"),)
        return ()

    def _one_evidence(self, statement: str, node: str) -> Evidence:
        if node not in self.triples.by_subject:
            label = _identifier(statement, self.codec)
            reason = f"statement {label} names evidence that is not described: {node}"
            raise self.triples.error(statement, reason)
        return self._read_evidence(node, "not_provided")

    def _read_evidence(self, iri: str, kind: str) -> Evidence:
        value = self.triples.value
        source = value(iri, BIOLINK["primary_knowledge_source"])
        sentence = value(iri, PROV["wasDerivedFrom"])
        location = value(iri, MECHKG["location"])
        if SENTENCE.holds(sentence):
            location = sentence.removeprefix(SENTENCE.start)
        publications, titles = self._publications(iri)
        if not publications and (article := value(sentence, DCTERMS["isPartOf"])):
            publications = (self.codec.curie(article),)
            titles = tuple(self._texts(article, NAMES))[:1]
        return Evidence(
            kind=value(iri, MECHKG["kind"]) or kind,
            source=self.codec.curie(source) if source else "",
            publications=publications,
            titles=titles,
            location=location,
            knowledge_level=value(iri, BIOLINK["knowledge_level"]) or "not_provided",
            agent_type=value(iri, BIOLINK["agent_type"]) or "not_provided",
            seen_in=value(iri, MECHKG["seenIn"]),
            context=self._context(iri),
        )

    def _publications(self, iri: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return publications and titles: in the stated order, else sorted."""
        ordered = self.triples.value(iri, MECHKG["orderedPublications"])
        if ordered:
            try:
                publications, titles = json.loads(ordered)
                return tuple(map(str, publications)), tuple(map(str, titles))
            except (ValueError, TypeError) as error:
                reason = "the ordered publications of an evidence are not two JSON lists"
                raise self.triples.error(iri, reason) from error
        publications = map(self.codec.curie, self.triples.values(iri, BIOLINK["publications"]))
        titles = self.triples.values(iri, DCTERMS["title"])
        return tuple(sorted(publications)), tuple(sorted(titles))


def _subject(item: tuple[str, object]) -> str:
    return item[0]


def _is_slot(name: str) -> bool:
    """Say whether a property is one of Biolink's qualifiers."""
    slot = name.endswith("_qualifier") or name == BIOLINK["qualified_predicate"]
    return slot and BIOLINK.holds(name)


def _identifier(iri: str, codec: Codec) -> str:
    if STATEMENT.holds(iri):
        return unquote(iri.removeprefix(STATEMENT.start))
    return codec.curie(iri)


def _numbered(iri: str) -> tuple[str, int]:
    match = _NUMBER.search(iri)
    return (iri[: match.start()], int(match[0])) if match else (iri, 0)
