"""What the ontology knows for curators: what follows from statements, and changes as RDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from pyoxigraph import RdfFormat

from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.history import Difference
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph
from mechkg.ontology.axioms import Axioms
from mechkg.ontology.compile_bundle import bundled_graph
from mechkg.ontology.rdf.write import write_rdf
from mechkg.ontology.reason import infer

__all__ = ["conclusions", "rdf_patch", "turtle"]


def conclusions(statements: Sequence[Statement], schema: Schema) -> Iterable[Statement]:
    """Return what follows from statements by the axioms of the bundled ontology, by id."""
    known = {predicate.id for predicate in schema.predicates}
    found = infer([s for s in statements if s.predicate in known], _axioms())
    return [s for s in found if s.predicate in known]


@cache
def _axioms() -> Axioms:
    return bundled_graph().axioms


def turtle(difference: Difference, schema: Schema) -> bytes:
    """Return the statements and entities that edits left, as Turtle that can be loaded."""
    return write_rdf(_after(difference.edits), schema, RdfFormat.TURTLE)


def rdf_patch(difference: Difference, schema: Schema) -> bytes:
    """Return edits as an RDF Patch: triples that went (D) and came (A), sorted.

    The format is that of https://afs.github.io/rdf-patch/.
    """
    before = _lines(_after([edit.reverse for edit in difference.edits]), schema)
    after = _lines(_after(difference.edits), schema)
    head = [f"H version <urn:mechkg:{difference.end}> .", "TX ."]
    gone = [f"D {line}" for line in sorted(before - after)]
    come = [f"A {line}" for line in sorted(after - before)]
    return "\n".join([*head, *gone, *come, "TC .", ""]).encode()


def _lines(subgraph: Subgraph, schema: Schema) -> set[str]:
    text = write_rdf(subgraph, schema, RdfFormat.N_TRIPLES).decode()
    return set(filter(None, text.split("\n")))


def _after(edits: Iterable[Edit]) -> Subgraph:
    """Return what edits left: statements, their ends by identifier, and entities."""
    listed = list(edits)
    statements = [e.statement_after for e in listed if e.statement_after is not None]
    entities = {e.entity_after.id: e.entity_after for e in listed if e.entity_after is not None}
    for statement in statements:
        for curie in (statement.subject, statement.object):
            entities.setdefault(curie, Entity(id=curie, name=curie))
    return Subgraph(entities=tuple(entities.values()), statements=tuple(statements))
