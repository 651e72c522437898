"""RDF documents -> records, through pyoxigraph and `mechkg.ontology.rdf.read`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
from mechkg.kg.readers.kgx import most_specific
from mechkg.kg.readers.obo import curie_of, predicate_name, term_category
from mechkg.ontology.rdf.guard import MAX_BYTES
from mechkg.ontology.rdf.read import Reader
from mechkg.ontology.rdf.readers.account import Account
from mechkg.ontology.rdf.readers.codec import RegistryCodec
from mechkg.ontology.rdf.readers.expressions import Axiom, axioms
from mechkg.ontology.rdf.readers.labels import Ranks
from mechkg.ontology.rdf.readers.normalise import normalise
from mechkg.ontology.rdf.readers.unread import count_unread, report
from mechkg.ontology.rdf.schema import read_schema
from mechkg.ontology.rdf.triples import Document, Triples, read_triples
from mechkg.ontology.rdf.vocabulary import (
    OBOINOWL,
    OWL,
    RDF,
    STATEMENT,
    Codec,
)

__all__ = ["read_document", "records_of"]

Term = TypeVar("Term", Category, Predicate)
Item = TypeVar("Item")

AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
BATCH: Final = 4096
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
    triples = read_triples([document])
    found = normalise(triples, reading.schema, account)
    codec = RegistryCodec()
    own = read_schema(triples, codec)
    predicates = _first((*own.predicates, *found.predicates))
    own = msgspec.structs.replace(own, predicates=predicates, prefixes={})
    terms = Schema(
        categories=_first((*own.categories, *reading.schema.categories)),
        predicates=_first((*own.predicates, *reading.schema.predicates)),
        prefixes=own.prefixes,
    )
    names = {p.id: _predicate_id(p, reading) for p in own.predicates} | _FIXED
    renamed = tuple(_renamed(predicate, names) for predicate in own.predicates)
    yield Records(defined=msgspec.structs.replace(own, predicates=renamed))
    reader = Reader(triples, codec, terms)
    statements = reader.statements()
    for entities in _chunks(reader.entities(statements)):
        records = (r for e in entities for r in _entity(e, reader, found.ranks, reading))
        yield Records(entities=tuple(records))
    kind = AXIOM if _is_ontology(triples) else DATABASE
    listed = Evidence(kind=kind, source=reading.source)
    stated = frozenset(
        unquote(subject.removeprefix(STATEMENT.start))
        for subject in triples.by_subject
        if STATEMENT.holds(subject)
    )
    for chunk in _chunks(statements):
        yield Records(statements=tuple(_said(s, names, stated, listed) for s in chunk))
    for part in _chunks(tuple(axioms(triples, found.notes, account))):
        yield Records(statements=tuple(_from_axiom(a, codec, names, reading) for a in part))
    count_unread(reader, account)


def _from_axiom(axiom: Axiom, codec: Codec, names: dict[str, str], reading: Reading) -> Said:
    subject, relation, target = (
        codec.curie(iri) for iri in (axiom.subject, axiom.relation, axiom.target)
    )
    if axiom.relation == OWL["equivalentClass"]:
        relation = "same_as"
    evidence = Evidence(
        kind=DEFINITION if axiom.defines else AXIOM,
        source=reading.source,
        publications=tuple(axiom.note.publications),
    )
    statement = Statement(
        id="",
        subject=curie_of(subject),
        predicate=names.get(relation) or _known_id(relation, reading),
        object=curie_of(target),
        evidence=(evidence,),
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
    iri = entity.iri if described else ""
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


def _said(
    statement: Statement, names: dict[str, str], stated: frozenset[str], listed: Evidence
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
        e if e.source else msgspec.structs.replace(e, source=listed.source)
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
        evidence=evidence or (listed,),
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


def _is_ontology(triples: Triples) -> bool:
    return any(
        OWL["Ontology"] in triples.values(subject, RDF["type"]) for subject in triples.by_subject
    )


def _first(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return the first term of each id."""
    found: dict[str, Term] = {}
    for term in terms:
        found.setdefault(term.id, term)
    return tuple(found.values())


def _chunks(items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for begin in range(0, len(items), BATCH):
        yield items[begin : begin + BATCH]
