"""RDF documents -> records, through pyoxigraph and `mechkg.ontology.rdf.read`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar
from urllib.parse import unquote

import msgspec
from pyoxigraph import RdfFormat

from mechkg.kg.model.biolink_qualifiers import effect_of_qualifiers
from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement, sign_of
from mechkg.kg.readers.content import DATABASE, Batch, Reading, Records, Said
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.kgx import most_specific
from mechkg.kg.readers.obo import PURL, curie_of, predicate_name, term_category
from mechkg.ontology.rdf.guard import MAX_BYTES
from mechkg.ontology.rdf.read import Reader
from mechkg.ontology.rdf.readers.shapes import Axiom, axioms, reshape
from mechkg.ontology.rdf.schema import read_prefixes, read_schema
from mechkg.ontology.rdf.triples import Document, Triples, read_triples
from mechkg.ontology.rdf.vocabulary import OBOINOWL, OWL, RDF, RDFS, STATEMENT, Codec

__all__ = ["read_document", "records_of"]

Term = TypeVar("Term", Category, Predicate)
Item = TypeVar("Item")

AXIOM: Final = "ontology_axiom"
DEFINITION: Final = "ontology_definition"
BATCH: Final = 4096
_NAMED_HERE: Final = re.compile(r"T-[0-9a-f]{12}|_:.*")
"""Identifiers that the reader made for statements without one."""


def read_document(file: SourceFile, reading: Reading, *, syntax: RdfFormat) -> Iterator[Batch]:
    """Read a whole document: at most 512 MiB of text, and some 1 KB of memory a triple."""
    yield from records_of(Document(file.name, file.document(MAX_BYTES), syntax), reading)


def records_of(document: Document, reading: Reading) -> Iterator[Batch]:
    """Yield what a document in memory says, some thousand records at a time.

    >>> text = b"<http://a/x> <http://a/heals> <http://a/y> ."
    >>> batches = list(records_of(Document("x.nt", text, RdfFormat.N_TRIPLES),
    ...                           Reading(Schema(), "x.nt")))
    >>> batches[-1].statements[0][0].evidence[0].source
    'x.nt'
    """
    triples = read_triples([document])
    reshape(triples)
    prefixes = reading.schema.prefixes | read_prefixes(triples)
    codec = Codec({name: start for name, start in prefixes.items() if start != PURL})
    own = read_schema(triples, codec)
    terms = Schema(
        categories=_first((*own.categories, *reading.schema.categories)),
        predicates=_first((*own.predicates, *reading.schema.predicates)),
        prefixes=own.prefixes,
    )
    names = {p.id: predicate_name(curie_of(p.id), _label(p), reading) for p in own.predicates}
    renamed = tuple(_renamed(predicate, names) for predicate in own.predicates)
    yield Records(defined=msgspec.structs.replace(own, predicates=renamed))
    reader = Reader(triples, codec, terms)
    statements = reader.statements()
    for entities in _chunks(reader.entities(statements)):
        yield Records(entities=tuple(_entity(entity, triples, reading) for entity in entities))
    kind = AXIOM if _is_ontology(triples) else DATABASE
    listed = Evidence(kind=kind, source=reading.source)
    stated = frozenset(
        unquote(subject.removeprefix(STATEMENT.start))
        for subject in triples.by_subject
        if STATEMENT.holds(subject)
    )
    for chunk in _chunks(statements):
        yield Records(statements=tuple(_said(s, names, stated, listed) for s in chunk))
    for part in _chunks(tuple(axioms(triples))):
        yield Records(statements=tuple(_from_axiom(a, triples, codec, reading) for a in part))


def _from_axiom(axiom: Axiom, triples: Triples, codec: Codec, reading: Reading) -> Said:
    subject, relation, target = (
        curie_of(codec.curie(iri)) for iri in (axiom.subject, axiom.relation, axiom.target)
    )
    if axiom.relation == OWL["equivalentClass"]:
        relation = "same_as"
    else:
        label = triples.value(axiom.relation, RDFS["label"])
        relation = predicate_name(relation, label, reading)
    evidence = Evidence(kind=DEFINITION if axiom.defines else AXIOM, source=reading.source)
    statement = Statement(
        id="", subject=subject, predicate=relation, object=target, evidence=(evidence,)
    )
    return statement, False


def _entity(entity: Entity, triples: Triples, reading: Reading) -> Entity:
    curie = curie_of(entity.id)
    category = most_specific([entity.category], reading.depths)
    if category == "biolink:NamedThing":
        namespace = triples.value(entity.iri, OBOINOWL["hasOBONamespace"])
        category = term_category(curie, namespace, reading)
    name = curie if entity.name == entity.id else entity.name
    return msgspec.structs.replace(entity, id=curie, name=name, category=category)


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
    mappings = dict.fromkeys((*predicate.mappings, curie_of(predicate.id)))
    return msgspec.structs.replace(
        predicate,
        id=names[predicate.id],
        label=curie_of(predicate.label),
        parents=above,
        inverse=names.get(predicate.inverse, curie_of(predicate.inverse)),
        mappings=tuple(m for m in mappings if m != names[predicate.id]),
    )


def _label(predicate: Predicate) -> str:
    """Return what a predicate is called by: its short name, else its label, else nothing."""
    foreign = "://" in predicate.id
    name = predicate.label if foreign else predicate.id
    return "" if "://" in name else name


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
