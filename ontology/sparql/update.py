"""SPARQL updates as changes of curators: what is taken out, and what is added.

What may be deleted: the triple between two entities (all asserted statements that say it are
retracted), the type of a statement's node (that statement is retracted), and the type of an entity.
What else is said of a retracted statement or entity goes with it. All else of a statement is
corrected by a changeset, not triple by triple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from mechkg.kg.curation.changes import Change, RetractEntity, RetractStatement
from mechkg.kg.curation.upload import MAX_BYTES, read_upload
from mechkg.kg.errors import EditConflict, MalformedQuery
from mechkg.kg.snapshot.snapshot import Snapshot
from mechkg.ontology.rdf.vocabulary import BIOLINK, EVIDENCE, RDF, STATEMENT, Codec
from mechkg.ontology.rdf.write import predicate_iri
from mechkg.ontology.sparql.update_text import Part, Update
from mechkg.ontology.uploads import upload_formats

__all__ = ["Construct", "changes_of"]

Construct = Callable[[str], bytes]
"""Returns what a CONSTRUCT query comes to, in N-Triples."""


def changes_of(
    update: Update, snapshot: Snapshot, construct: Construct, *, source: str
) -> tuple[Change, ...]:
    """Return the changes that an update comes to: retractions, then what is added.

    `source` is cited for statements for which the update cites none. Raises `MalformedQuery`,
    `EditConflict` for what cannot be deleted, what `read_upload` raises and what `construct` does.
    """
    deleted = [triple for part in update.deletes for triple in _triples(part, construct)]
    changes: list[Change] = list(_retractions(deleted, snapshot))
    documents = [_document(part, construct) for part in update.inserts]
    files = [(f"{number}.ttl", text) for number, text in enumerate(documents) if text.strip()]
    if files:
        found = read_upload(files, snapshot, upload_formats(), source=source, max_bytes=MAX_BYTES)
        changes += found.changes
    if not changes:
        raise EditConflict("The update comes to nothing: the graph stays as it is.")
    return tuple(changes)


def _document(part: Part, construct: Construct) -> bytes:
    return construct(part.text) if part.is_query else part.text.encode()


def _triples(part: Part, construct: Construct) -> list[Triple]:
    try:
        quads = list(parse(_document(part, construct), format=RdfFormat.TURTLE))
    except SyntaxError as error:
        raise MalformedQuery(f"has data that cannot be read: {error}") from error
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in quads]


def _retractions(triples: Sequence[Triple], snapshot: Snapshot) -> Iterable[Change]:
    """Yield the retractions that deleted triples come to; raises `EditConflict` for others."""
    codec = Codec(snapshot.schema.prefixes)
    predicates = {predicate_iri(p, codec): p.id for p in snapshot.schema.predicates}
    nodes = {
        _statement_of(triple.subject)
        for triple in triples
        if triple.predicate.value == RDF["type"] and _value(triple.object) == BIOLINK["Association"]
    } - {""}
    gone = dict.fromkeys(sorted(nodes))
    entities: dict[str, None] = {}
    for triple in triples:
        subject, value = codec.curie(_value(triple.subject)), codec.curie(_value(triple.object))
        predicate = predicates.get(triple.predicate.value)
        if predicate is not None:
            said = _saying(snapshot, subject, predicate, value)
            gone |= dict.fromkeys(said if gone.keys().isdisjoint(said) else ())
        elif triple.predicate.value == RDF["type"] and _is_entity(snapshot, subject):
            entities[subject] = None
    for triple in triples:
        about, subject = _statement_of(triple.subject), codec.curie(_value(triple.subject))
        if (
            about not in gone
            and subject not in entities
            and (triple.predicate.value not in predicates)
        ):
            raise EditConflict(
                f"{triple} cannot be deleted by itself.",
                hint="Delete the triple of a statement, the type of its node or that of an entity; "
                "correct what else is said of it by a changeset.",
            )
    yield from (RetractStatement(id=name) for name in gone)
    yield from (RetractEntity(id=curie) for curie in entities)


def _saying(snapshot: Snapshot, subject: str, predicate: str, value: str) -> list[str]:
    """Return the asserted statements that say a triple. O(statements of the subject)."""
    records, index = snapshot.records, snapshot.index
    rows = records.entity_row(subject), records.entity_row(value)
    if rows[0] is None or rows[1] is None:
        return []
    start, end = index.out_ptr[rows[0]], index.out_ptr[rows[0] + 1]
    found = [
        row
        for row in range(int(start), int(end))
        if index.object[row] == rows[1]
        and not index.inferred[row]
        and snapshot.schema.predicates[index.predicate[row]].id == predicate
    ]
    return [records.statement_id(row) for row in found]


def _is_entity(snapshot: Snapshot, curie: str) -> bool:
    return snapshot.records.entity_row(curie) is not None


def _statement_of(node: object) -> str:
    """Return the statement whose node, or whose evidence's node, this is."""
    iri = _value(node)
    if STATEMENT.holds(iri):
        return unquote(iri.removeprefix(STATEMENT.start))
    if EVIDENCE.holds(iri):
        return unquote(iri.removeprefix(EVIDENCE.start).rpartition("-")[0])
    return ""


def _value(node: object) -> str:
    return str(node.value) if isinstance(node, NamedNode) else ""
