"""Checks of a changeset against the ontology: its shapes, and the forms of identifiers.

The shapes hold for graphs in the ontology's own vocabulary, such as a fork of the bundled one. Only
what a changeset edits is checked, with its ends and the ontology's terms. Nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import as_file, files
from re import Pattern
from typing import Final
from urllib.parse import unquote

import msgspec
from pyoxigraph import NamedNode, RdfFormat

from mechkg.kg.curation.changes import Edit
from mechkg.kg.curation.checks import finding, schema_findings
from mechkg.kg.curation.overlay import Overlay
from mechkg.kg.errors import Finding
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement, Subgraph
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.compile_bundle import bundled_graph
from mechkg.ontology.rdf.triples import Document, Triples, read_documents, read_triples, text_of
from mechkg.ontology.rdf.vocabulary import EVIDENCE, OWL, RDF, STATEMENT, Codec
from mechkg.ontology.rdf.write import write_rdf
from mechkg.ontology.shacl import Shape, breaches, read_shapes
from mechkg.ontology.validate import ShapeResult, patterns_of

__all__ = ["ontology_findings"]

MAX_SHAPED: Final = 20_000
"""Statements of one changeset that are held against the shapes: some 10 s."""
MAX_FORM: Final = 500
"""Characters of an identifier of which the form is looked at."""

_TERMS: Final = ("mechanism.ttl", "sources.ttl")


def ontology_findings(overlay: Overlay, edits: Sequence[Edit]) -> Iterator[Finding]:
    """Yield what the ontology finds in edits.

    Identifiers are checked in any graph. A graph in the ontology's vocabulary is held against its
    shapes; any other against the domains, ranges and effects of its own schema.
    """
    yield from _identifiers(overlay, edits)
    if not has_own_vocabulary(overlay.snapshot.schema):
        yield from schema_findings(overlay, edits)
        return
    statements = _to_check(overlay, edits)
    if len(statements) > MAX_SHAPED:
        said = f"{len(statements):,} statements are more than the shapes are asked for at once, "
        said += f"{MAX_SHAPED:,}: split the changeset."
        yield Finding(severity="error", check="shape", message=said)
        return
    yield from _shapes(overlay, edits, statements)


def has_own_vocabulary(schema: Schema) -> bool:
    """Say whether a graph has the predicates of the bundled ontology, as that describes them."""
    there = {predicate.id: predicate for predicate in schema.predicates}
    return all(there.get(own.id) == own for own in bundled_schema().predicates)


@cache
def bundled_schema() -> Schema:
    """Return the categories and predicates of the bundled ontology."""
    return bundled_graph().schema


# -- shapes -----------------------------------------------------------------------------------


def _to_check(overlay: Overlay, edits: Sequence[Edit]) -> list[Statement]:
    """Return the statements that edits made, and those about an entity of another category."""
    found = {e.statement_after.id: e.statement_after for e in edits if e.statement_after}
    for edit in edits:
        before, after = edit.entity_before, edit.entity_after
        if before is None or after is None or before.category == after.category:
            continue
        for name in overlay.about(after.id):
            statement = overlay.statement(name)
            if statement is not None:
                found.setdefault(name, statement)
            if len(found) > MAX_SHAPED:
                break
    return list(found.values())


def _shapes(
    overlay: Overlay, edits: Sequence[Edit], statements: Sequence[Statement]
) -> Iterator[Finding]:
    """Yield breaches of shapes; one that was there before the edit is no error of the edit."""
    after = _breaches(overlay, statements)
    earlier: set[tuple[str, str]] = set()
    if any(result.is_violation for _, result in after):
        renamed = {e.statement_before.id: e.statement_after.id
                   for e in edits if e.statement_before and e.statement_after}  # fmt: skip
        before = [e.statement_before for e in edits if e.statement_before and e.statement_after]
        earlier = {
            (renamed.get(about, about), r.message) for about, r in _breaches(overlay, before)
        }
    codec = Codec(overlay.snapshot.schema.prefixes)
    for about, result in sorted(set(after)):
        value = f" ({codec.curie(result.value)})" if result.value else ""
        found = finding(overlay, about, "shape", f"{about} {result.message}{value}.")
        if result.is_violation and (about, result.message) not in earlier:
            found = msgspec.structs.replace(found, severity="error")
        yield found


def _breaches(overlay: Overlay, statements: Sequence[Statement]) -> list[tuple[str, ShapeResult]]:
    """Return what breaks shapes in statements, with the statement or entity that it is about."""
    if not statements:
        return []
    schema = overlay.snapshot.schema
    ends = dict.fromkeys(end for said in statements for end in (said.subject, said.object))
    entities = [overlay.entity(end) or Entity(id=end, name=end) for end in ends]
    shown = Subgraph(entities=tuple(entities), statements=tuple(statements))
    written = write_rdf(shown, schema, RdfFormat.N_TRIPLES)
    triples = _with_terms(read_triples([Document("changes", written, RdfFormat.N_TRIPLES)]))
    codec = Codec(schema.prefixes)
    own = {*ends, *(said.id for said in statements)}
    found = [(_about(result.focus, codec), result) for result in _results(triples)]
    return [(about, result) for about, result in found if about in own]


def _results(triples: Triples) -> Iterator[ShapeResult]:
    """Yield what `ontology.validate.shape_results` returns, in a hundredth of the time."""
    for breach in breaches(triples, _read_shapes()):
        focus, value = text_of(breach.focus), text_of(breach.value) if breach.value else ""
        if breach.in_sparql or STATEMENT.holds(value):
            focus, value = value, ""
        value = "" if value == focus else value
        yield ShapeResult(focus, breach.message, value, breach.is_violation)


@cache
def _read_shapes() -> list[Shape]:
    with as_file(files("mechkg.ontology") / "shapes.ttl") as path:
        return read_shapes(read_triples(read_documents([path])))


def _with_terms(changes: Triples) -> Triples:
    """Return triples with those of the ontology that describe what they name, and all categories.

    The rest of the ontology is sound, and takes most of the time.
    """
    terms = _terms().by_subject
    objects = (o for by in changes.by_subject.values() for nodes in by.values() for o in nodes)
    named = {node.value for node in objects if isinstance(node, NamedNode)}
    joined = {subject: dict(by) for subject, by in changes.by_subject.items()}
    for subject, by in terms.items():
        types = {node.value for node in by.get(RDF["type"], ()) if isinstance(node, NamedNode)}
        if subject in joined or subject in named or OWL["Class"] in types:
            known = joined.setdefault(subject, {})
            for predicate, nodes in by.items():
                known[predicate] = [*known.get(predicate, ()), *nodes]
    return Triples(documents=changes.documents, by_subject=joined, prefixes=changes.prefixes)


@cache
def _terms() -> Triples:
    """Return the triples of the ontology's terms and of the sentences that evidence cites."""
    return read_triples(read_documents([p for p in bundled_files() if p.name in _TERMS]))


def _about(focus: str, codec: Codec) -> str:
    """Return the statement or entity that a node belongs to."""
    if STATEMENT.holds(focus):
        return unquote(focus.removeprefix(STATEMENT.start))
    if EVIDENCE.holds(focus):
        return unquote(focus.removeprefix(EVIDENCE.start).rpartition("-")[0])
    return codec.curie(focus)


# -- identifiers ------------------------------------------------------------------------------


@cache
def _patterns() -> dict[str, Pattern[str]]:
    terms = [path for path in bundled_files() if path.name == _TERMS[0]]
    return patterns_of(read_triples(read_documents(terms)))


def _identifiers(overlay: Overlay, edits: Iterable[Edit]) -> Iterator[Finding]:
    """Yield the identifiers that edits bring in and that are not of the form of their prefix."""
    for edit in edits:
        after = edit.statement_after or edit.entity_after
        before = edit.statement_before or edit.entity_before
        if after is None:
            continue
        for used in sorted(_used(after) - (_used(before) if before is not None else set())):
            wrong = _wrong_form(used)
            if wrong:
                found = finding(overlay, after.id, "identifier", f"{after.id} uses {wrong}")
                yield msgspec.structs.replace(found, severity="error")
            elif isinstance(after, Statement) and ":" not in used:
                said = f"{after.id} cites {used}, which is no identifier."
                yield finding(overlay, after.id, "identifier", said)


def _used(value: Statement | Entity) -> set[str]:
    """Return the identifiers that a statement cites, or an entity has."""
    if isinstance(value, Entity):
        return {value.id, *value.xrefs}
    return {text for piece in value.evidence for text in piece.publications}


def _wrong_form(identifier: str) -> str:
    """Return an identifier that is not of its prefix's form with that form, else nothing."""
    prefix, colon, local = registry().canonical(identifier).partition(":")
    pattern = _patterns().get(prefix) if colon else None
    if pattern is None or (len(local) <= MAX_FORM and pattern.search(local)):
        return ""
    return f"{identifier[:MAX_FORM]}, which is not of the form {prefix}:{pattern.pattern}."
