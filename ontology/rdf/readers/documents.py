"""RDF documents -> records, through pyoxigraph and `mechkg.ontology.rdf.read`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import unquote

import msgspec
from pyoxigraph import RdfFormat

from mechkg.kg.model.biolink_qualifiers import effect_of_qualifiers
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement, sign_of
from mechkg.kg.readers.content import DATABASE, Batch, RankedEntity, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import LITERATURE, most_specific
from mechkg.kg.readers.obo import curie_of, predicate_name, term_category
from mechkg.ontology.rdf.guard import MAX_BYTES
from mechkg.ontology.rdf.origins import Origins
from mechkg.ontology.rdf.read import Reader
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.codec import RegistryCodec, spellings
from mechkg.ontology.rdf.readers.expressions import Axiom, axioms
from mechkg.ontology.rdf.readers.graph_names import read_support
from mechkg.ontology.rdf.readers.labels import Ranks
from mechkg.ontology.rdf.readers.normalise import normalise
from mechkg.ontology.rdf.readers.unread import count_unread, report
from mechkg.ontology.rdf.schema import read_schema
from mechkg.ontology.rdf.triples import Document, Triples, read_triples, text_of
from mechkg.ontology.rdf.vocabulary import (
    ENTITY,
    MECHKG,
    OBOINOWL,
    OWL,
    RDF,
    STATEMENT,
    Codec,
)

__all__ = ["Content", "read_document", "records_of"]

Term = TypeVar("Term", Category, Predicate)
Item = TypeVar("Item")

AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
BATCH: Final = 4096
WITH_GRAPHS: Final = (RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD)
"""The syntaxes whose documents may have named graphs."""
_FIXED: Final = {"mechkg:type": "type"}
"""Relations that every reader of ontologies calls by a name of their own."""
_NAMED_HERE: Final = re.compile(r"T-[0-9a-f]{12}|_:.*")
"""Identifiers that the reader made for statements without one."""


def read_document(file: SourceFile, reading: Reading, *, syntax: RdfFormat) -> Iterator[Batch]:
    """Read a whole document: at most 512 MiB of text, and some 1 KB of memory a triple."""
    account = Account()
    document = Document(file.name, file.document(MAX_BYTES), syntax)
    yield from records_of(document, reading, account)
    report(file, account)


def records_of(document: Document, reading: Reading, account: Account) -> Iterator[Batch]:
    """Yield what a document in memory says, some thousand records at a time.

    `account` counts its triples and what became of them.

    >>> text = b"<http://a/x> <http://a/heals> <http://a/y> ."
    >>> batches = list(records_of(Document("x.nt", text, RdfFormat.N_TRIPLES),
    ...                           Reading(Schema(), "x.nt"), Account()))
    >>> batches[-1].statements[0][0].evidence[0].source
    'x.nt'
    """
    origins = Origins() if document.syntax in WITH_GRAPHS else None
    content = Content(read_triples([document], origins), reading, account)
    yield content.definitions
    yield from content.batches(0)
    account.graphs |= content.graphs(0)
    count_unread(content.reader, account)


class Content:
    """What the triples of one or several documents say together.

    `support` has the publications that named graphs are derived from. `definitions` are the terms
    that they define, `names` the predicate of each IRI, `inverses` that of each IRI that is read
    backwards; `batches` gives the records of one document. `reading` holds the terms known before,
    `graphs` the named graphs of lines that are read beside the documents.
    """

    def __init__(
        self, triples: Triples, reading: Reading, account: Account, graphs: Iterable[str] = ()
    ) -> None:
        _order(triples)
        schema = reading.schema
        found = normalise(triples, schema, account, reading.languages)
        self.triples = triples
        self.codec = RegistryCodec(spellings(triples))
        self._ranks = found.ranks
        self._reading = reading
        own = read_schema(triples, self.codec)
        predicates = _first((*own.predicates, *found.predicates))
        own = msgspec.structs.replace(own, predicates=predicates, prefixes={})
        terms = Schema(
            categories=_first((*own.categories, *schema.categories)),
            predicates=_first((*own.predicates, *schema.predicates)),
            prefixes=own.prefixes,
        )
        self._names = {p.id: _predicate_id(p, self._reading) for p in own.predicates} | _FIXED
        renamed = tuple(_renamed(predicate, self._names) for predicate in own.predicates)
        self.reader = Reader(triples, self.codec, terms, reading.languages)
        self.support = read_support(triples, account, graphs)
        self._listed = _listed(triples, self.support)
        self._stated = frozenset(
            unquote(subject.removeprefix(STATEMENT.start))
            for subject in triples.by_subject
            if STATEMENT.holds(subject)
        )
        statements = self.reader.statements()
        self._entities = self._parted(self.reader.entities(statements), self._of_entity)
        self._statements = self._parted(statements, self._of_statement)
        self._axioms = self._parted(axioms(triples, found.notes, account), self._of_axiom)
        defined = msgspec.structs.replace(own, predicates=renamed, prefixes=self.codec.found)
        self.definitions = Records(defined=defined)

    @property
    def names(self) -> dict[str, str]:
        """The id of the predicate that each property is."""
        return {iri: self._named(name) for iri, name in self.reader.predicate_names.items()}

    @property
    def inverses(self) -> dict[str, str]:
        """The id of the predicate of which each property is the inverse."""
        return {iri: self._named(name) for iri, name in self.reader.inverses.items()}

    def batches(self, document: int) -> Iterator[Records]:
        """Yield entities, statements and axioms that a document says first."""
        for entities in _chunks(self._entities[document]):
            records = (
                r for e in entities for r in _entity(e, self.reader, self._ranks, self._reading)
            )
            yield Records(entities=tuple(records))
        for said in _chunks(self._statements[document]):
            yield Records(statements=tuple(self._said(statement) for statement in said))
        for part in _chunks(self._axioms[document]):
            yield Records(statements=tuple(self._from_axiom(axiom) for axiom in part))

    def ids(self, document: int) -> list[str]:
        """Return the identifiers of the entities that a document describes first."""
        return [curie_of(entity.id) for entity in self._entities[document]]

    def _named(self, name: str) -> str:
        return self._names.get(name, curie_of(name))

    def _parted(
        self, items: Iterable[Item], documents_of: Callable[[Item], Sequence[int]]
    ) -> list[tuple[Item, ...]]:
        """Return the items of each document."""
        parts: list[list[Item]] = [[] for _ in self.triples.documents]
        origins = self.triples.origins
        for item in items:
            listing = documents_of(item)[0]
            parts[listing if origins is None else origins.document(listing)].append(item)
        return [tuple(part) for part in parts]

    def graphs(self, document: int) -> dict[str, bool]:
        """Return the named graphs of a document, and whether a relation keeps the name."""
        origins = self.triples.origins
        if origins is None:
            return {}
        used = {n for numbers in self.reader.documents.values() for n in numbers}
        used |= {n for part in self._axioms for axiom in part for n in self._of_axiom(axiom)}
        return {
            graph: number in used
            for number, (of, graph) in enumerate(origins.listings)
            if of == document and graph
        }

    def _of_entity(self, entity: Entity) -> Sequence[int]:
        origins = self.triples.origins
        return (0,) if origins is None else (origins.first(entity.iri),)

    def _of_statement(self, statement: Statement) -> Sequence[int]:
        return self.reader.documents.get(statement.id, (0,))

    def _of_axiom(self, axiom: Axiom) -> Sequence[int]:
        origins = self.triples.origins
        return (0,) if origins is None else origins.of_triple(*axiom.triple)

    def _said(self, statement: Statement) -> Said:
        listed = self._listings(self._of_statement(statement))
        return _said(statement, self._names, self._stated, listed)

    def _from_axiom(self, axiom: Axiom) -> Said:
        listed = self._listings(self._of_axiom(axiom))
        return _from_axiom(axiom, self.codec, self._names, self._reading, listed)

    def _listings(self, numbers: Sequence[int]) -> list[Evidence]:
        """Return the evidence that listings give, in an order that is not that of the files."""
        return sorted(map(self._listed.__getitem__, numbers), key=lambda e: (e.source, e.location))


def _order(triples: Triples) -> None:
    """Put the objects of each property in order, so that the order of lines says nothing."""
    for about in triples.by_subject.values():
        for nodes in about.values():
            if len(nodes) > 1:
                nodes.sort(key=str)


def _listed(triples: Triples, support: Mapping[str, tuple[str, ...]]) -> list[Evidence]:
    """Return the evidence that each document or named graph gives by listing a statement."""
    found = []
    ontologies = {
        number
        for subject, about in triples.by_subject.items()
        for node in about.get(RDF["type"], ())
        if text_of(node) == OWL["Ontology"]
        for number in (
            (0,)
            if triples.origins is None
            else triples.origins.of_triple(subject, RDF["type"], node)
        )
    }
    origins = triples.origins
    listings = [(number, "") for number in range(len(triples.documents))]
    if origins is not None and origins.listings:
        listings = origins.listings
        ontologies = {origins.document(number) for number in ontologies}
    for number, graph in listings:
        publications = support.get(graph, ())
        kind = LITERATURE if publications else AXIOM if number in ontologies else DATABASE
        source = triples.documents[number].name
        found.append(Evidence(kind=kind, source=source, location=graph, publications=publications))
    return found


def _from_axiom(
    axiom: Axiom, codec: Codec, names: dict[str, str], reading: Reading, listed: Sequence[Evidence]
) -> Said:
    subject, relation, target = (
        codec.curie(iri) for iri in (axiom.subject, axiom.relation, axiom.target)
    )
    if axiom.relation == OWL["equivalentClass"]:
        relation = "same_as"
    evidence = tuple(
        Evidence(
            kind=DEFINITION if axiom.defines else AXIOM,
            source=listing.source,
            location=listing.location,
            publications=tuple(axiom.note.publications),
        )
        for listing in listed
    )
    statement = Statement(
        id="",
        subject=curie_of(subject),
        predicate=names.get(relation) or _known_id(relation, reading),
        object=curie_of(target),
        evidence=evidence,
        attributes=axiom.note.attributes,
    )
    return statement, False


def _entity(
    entity: Entity, reader: Reader, ranks: Ranks, reading: Reading
) -> Iterator[RankedEntity]:
    """Yield the record of an entity, and one of each further description.

    Of the mere end of a statement there is none.
    """
    curie = curie_of(entity.id)
    category = most_specific([entity.category], reading.depths)
    if category == "biolink:NamedThing":
        namespace = reader.triples.value(entity.iri, OBOINOWL["hasOBONamespace"])
        category = term_category(curie, namespace, reading)
    described = reader.is_described(entity.iri)
    if not described and category == "biolink:NamedThing":
        return  # the end of a statement, of which nothing is said
    iri = _stated_iri(entity.iri, reader.triples) if described else ""
    fields = msgspec.structs.asdict(entity) | {"id": curie, "category": category, "iri": iri}
    fields["name"] = curie if entity.name == entity.id else entity.name
    descriptions = ranks.descriptions.get(entity.iri, [(0, "")])
    yield RankedEntity(
        **fields,
        name_rank=ranks.names.get(entity.iri, 0),
        description_rank=descriptions[0][0],
    )
    for rank, text in descriptions[1:]:
        yield RankedEntity(id=curie, name="", iri=iri, description=text, description_rank=rank)


def _stated_iri(iri: str, triples: Triples) -> str:
    """Return the IRI that an entity came with, "" for one that its identifier alone was made of."""
    return triples.value(iri, MECHKG["iri"]) or ("" if ENTITY.holds(iri) else iri)


def _said(
    statement: Statement, names: dict[str, str], stated: frozenset[str], listed: Sequence[Evidence]
) -> Said:
    predicate = statement.predicate
    made = _NAMED_HERE.fullmatch(statement.id) is not None
    stated_sign = statement.id in stated or statement.sign is not None
    effect = statement.effect
    if not stated_sign:
        directed = effect_of_qualifiers({q.type: q.value for q in statement.qualifiers})
        stated_sign = directed is not None
        effect = directed or "unknown"
    evidence = tuple(
        e if e.source else msgspec.structs.replace(e, source=listed[0].source)
        for e in statement.evidence
    )
    settled = msgspec.structs.replace(
        statement,
        id="" if made else statement.id,
        subject=curie_of(statement.subject),
        predicate=names.get(predicate, curie_of(predicate)),
        object=curie_of(statement.object),
        sign=sign_of(effect),
        effect=effect,
        evidence=evidence or tuple(listed),
    )
    return settled, stated_sign


def _renamed(predicate: Predicate, names: dict[str, str]) -> Predicate:
    above = tuple(names.get(parent, curie_of(parent)) for parent in predicate.parents)
    above = tuple(parent for parent in above if parent != names[predicate.id])
    mappings = dict.fromkeys((*predicate.mappings, curie_of(predicate.id)))
    return msgspec.structs.replace(
        predicate,
        id=names[predicate.id],
        label=curie_of(predicate.label),
        parents=above,
        inverse=names.get(predicate.inverse, curie_of(predicate.inverse)),
        mappings=tuple(m for m in mappings if m != names[predicate.id]),
    )


def _predicate_id(predicate: Predicate, reading: Reading) -> str:
    """Return the id of a relation: the one that the document states, the schema's, or its CURIE."""
    if predicate.id != registry().canonical(predicate.iri):
        return predicate.id
    return _known_id(predicate.id, reading)


def _known_id(curie: str, reading: Reading) -> str:
    return predicate_name(curie_of(curie), "", reading)


def _first(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return the first term of each id."""
    found: dict[str, Term] = {}
    for term in terms:
        found.setdefault(term.id, term)
    return tuple(found.values())


def _chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for begin in range(0, len(items), BATCH):
        yield items[begin : begin + BATCH]
