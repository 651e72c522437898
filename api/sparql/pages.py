"""Pages for people at the identifiers of statements, terms and data: what is known, with links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from flask import render_template

from mechkg.kg.errors import UnknownTerm
from mechkg.kg.graph import Graph
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.subgraph import following
from mechkg.ontology.rdf.vocabulary import STANDARD_PREFIXES, STATEMENT, Codec

__all__ = ["Row", "Value", "described_page", "entity_page", "statement_page", "triples_page"]

OWN = "https://w3id.org/mechkg/"

MAX_NEIGHBOURS: Final = 200
"""Neighbours whose statements the page of an entity writes out; it links to the others."""


class Value(NamedTuple):
    """A text, and where it leads; only addresses of the web and of this server are links."""

    text: str
    link: str = ""


class Row(NamedTuple):
    """A property with its values."""

    name: str
    values: Sequence[Value]


def described_page(title: str, iri: str, rows: Iterable[Row], others: Sequence[Value] = ()) -> str:
    """Return a page about one thing; everything in it is escaped."""
    return render_template(
        "described.html", title=title, iri=iri, rows=[r for r in rows if r.values], others=others
    )


def statement_page(graph: Graph, statement: Statement) -> str:
    """Return the page of a statement: what it says, how firmly, and on which evidence."""
    codec = Codec(STANDARD_PREFIXES | graph.schema.prefixes)
    address = f"/api/v1/statements/{quote(statement.id, safe='')}"
    pinned = f"snapshot={graph.manifest.hash}"
    others = [
        Value(label, f"{address}?format={name}&{pinned}")
        for label, name in (("JSON", "json"), ("Turtle", "turtle"), ("BibTeX", "bibtex"))
    ]
    return described_page(
        graph.sentence(statement).removesuffix("."),
        STATEMENT[quote(statement.id, safe="")],
        [*_statement_rows(graph, statement, codec), *_following_rows(graph, statement)],
        others,
    )


class Part(NamedTuple):
    """The statements of an entity by one predicate in one direction, from a cursor on."""

    predicate: str
    direction: str
    cursor: str = ""


def entity_page(graph: Graph, curie: str, part: Part | None = None) -> str:
    """Return the page of an entity: its names, its place among others, what is said of it.

    With `part` the page has these statements alone, as many as it holds, and a link to the rest.
    """
    entity = graph.entity(curie)
    codec = Codec(STANDARD_PREFIXES | graph.schema.prefixes)
    iri = entity.iri or codec.iri(entity.id)
    address = f"/api/v1/entities/{quote(entity.id, safe='')}"
    others = [
        Value(label, f"{address}?format={name}&snapshot={graph.manifest.hash}")
        for label, name in (("JSON", "json"), ("Turtle", "turtle"))
    ]
    if part:
        rows = list(_part_rows(graph, entity, part))
    else:
        rows = [*_entity_rows(graph, entity, codec), *_neighbour_rows(graph, entity)]
    return described_page(entity.name, iri, rows, others)


def _entity_rows(graph: Graph, entity: Entity, codec: Codec) -> Iterator[Row]:
    quoted = quote(entity.id, safe="")
    yield Row(
        "mechanisms",
        [
            Value(f"What does {entity.name} lead to?", f"/?source={quoted}"),
            Value(f"What leads to {entity.name}?", f"/?target={quoted}"),
        ],
    )
    yield Row("identifier", [Value(entity.id, _web(entity.iri or codec.iri(entity.id)))])
    yield Row("category", [Value(graph.schema.category(entity.category).label)])
    yield Row("description", [Value(entity.description)] if entity.description else [])
    kinds = entity.synonym_kinds
    yield Row(
        "synonyms", [Value(f"{s} ({kinds[s]})" if s in kinds else s) for s in entity.synonyms]
    )
    yield Row("the same elsewhere", [Value(x, _web(codec.iri(x))) for x in entity.xrefs])
    yield Row("named by", [Value(source) for source in entity.provided_by])
    yield Row("other fields", [Value(f"{k}: {v}") for k, v in entity.attributes.items()])


def _neighbour_rows(graph: Graph, entity: Entity) -> Iterator[Row]:
    """Yield a row for each predicate and direction, with statements as links to their pages."""
    around = graph.neighbourhood(entity=entity.id, limit=MAX_NEIGHBOURS)
    said: dict[tuple[str, bool], list[Statement]] = {}
    for statement in (one for neighbour in around.neighbours for one in neighbour.statements):
        said.setdefault((statement.predicate, statement.subject == entity.id), []).append(statement)
    for group in around.groups:
        leads_out = group.direction == "out"
        predicate = graph.schema.predicate(group.predicate)
        shown = said.get((group.predicate, leads_out), [])
        name = f"{predicate.label}, {'from' if leads_out else 'to'} it ({group.statements:,})"
        values = [_sentence(graph, statement) for statement in shown]
        if left := group.statements - len(shown):
            whole = Part(group.predicate, group.direction)
            values.append(Value(f"{left:,} more", _part_address(entity, whole)))
        yield Row(name, values)
    yield Row("denied", [_sentence(graph, statement) for statement in around.negated])


def _part_rows(graph: Graph, entity: Entity, part: Part) -> Iterator[Row]:
    """Yield the statements of a part of an entity's page, and where it goes on."""
    yield Row("entity", [Value(f"All of {entity.name}", f"/about/{quote(entity.id, safe=':')}")])
    around = graph.neighbourhood(
        entity=entity.id,
        predicate=(part.predicate,),
        direction=part.direction,
        cursor=part.cursor,
        limit=MAX_NEIGHBOURS,
    )
    label = graph.schema.predicate(part.predicate).label
    said = [one for neighbour in around.neighbours for one in neighbour.statements]
    name = f"{label}, {'from' if part.direction == 'out' else 'to'} it ({around.total:,} entities)"
    yield Row(name, [_sentence(graph, statement) for statement in said])
    if around.cursor:
        following = part._replace(cursor=around.cursor)
        yield Row("more", [Value("The next", _part_address(entity, following))])


def _part_address(entity: Entity, part: Part) -> str:
    query = {name: value for name, value in part._asdict().items() if value}
    return f"/about/{quote(entity.id, safe=':')}?{urlencode(query)}"


def _following_rows(graph: Graph, statement: Statement) -> Iterator[Row]:
    """Yield what a statement follows from, what follows from it, and a question about paths."""
    yield Row("follows from", [_known(graph, name) for name in statement.derived_from])
    found, whole = following(graph.snapshot, statement)
    values = [_sentence(graph, one) for one in found]
    rest = [] if whole else [Value("Not all inferred statements were looked at.")]
    yield Row("what follows from it", [*values, *rest])
    query = urlencode({"source": statement.subject, "target": statement.object})
    yield Row("mechanisms", [Value("Paths between its two entities", f"/?{query}")])


def _known(graph: Graph, name: str) -> Value:
    """Return a statement in words with a link, its identifier where it is not in the graph."""
    try:
        return _sentence(graph, graph.statement(name))
    except UnknownTerm:
        return Value(name)


def _sentence(graph: Graph, statement: Statement) -> Value:
    return Value(graph.sentence(statement), f"/about/statement/{quote(statement.id, safe='')}")


def _statement_rows(graph: Graph, statement: Statement, codec: Codec) -> Iterator[Row]:
    yield Row("statement", [Value(statement.id)])
    for name in ("subject", "object"):
        entity = graph.entity(getattr(statement, name))
        words = f"{entity.name} ({entity.id})" if entity.name else entity.id
        yield Row(name, [Value(words, f"/about/{quote(entity.id, safe=':')}")])
    label = graph.schema.predicate(statement.predicate).label
    same = label.replace(" ", "_") == statement.predicate
    yield Row("predicate", [Value(label if same else f"{label} ({statement.predicate})")])
    for name in ("effect", "subject_aspect", "object_aspect", "hedge", "modality", "note"):
        text = str(getattr(statement, name))
        yield Row(name.replace("_", " "), [Value(text)] if text else [])
    yield Row("denied", [Value("yes")] if statement.negated else [])
    contexts = [
        Value(f"{c.type}: {c.label or c.value}", _local(c.value)) for c in statement.context
    ]
    yield Row("context", contexts)
    yield Row("qualifiers", [Value(f"{q.type}: {q.value}") for q in statement.qualifiers])
    for number, evidence in enumerate(statement.evidence, 1):
        yield Row(f"evidence {number}", list(_evidence(evidence, codec)))
    yield Row("other fields", [Value(f"{k}: {v}") for k, v in statement.attributes.items()])


def _evidence(evidence: Evidence, codec: Codec) -> Iterator[Value]:
    yield Value(", ".join(filter(None, (evidence.kind, evidence.source, evidence.location))))
    titles = dict(zip(evidence.publications, evidence.titles, strict=False))
    for publication in evidence.publications:
        yield Value(
            " ".join(filter(None, (publication, titles.get(publication, "")))),
            _web(codec.iri(publication)),
        )


def triples_page(iri: str, body: bytes) -> str | None:
    """Return the page of a term, None where nothing is said of it.

    `body` are SPARQL results with the variables `p` and `o`, in JSON.
    """
    found: dict[str, list[Value]] = {}
    title = iri.rpartition("/")[2]
    for row in msgspec.json.decode(body)["results"]["bindings"]:
        name, value = row["p"]["value"], row["o"]
        found.setdefault(_short(name), []).append(_value(value))
        if _short(name) == "label":
            title = value["value"]
    rows = [Row(name, values) for name, values in found.items()]
    return described_page(title, iri, rows) if rows else None


def _value(term: dict[str, Any]) -> Value:
    text = str(term["value"])
    return Value(text, _web(text)) if term["type"] == "uri" else Value(text)


def _web(iri: str) -> str:
    """Return where an IRI leads: our own to this server, others of the web to themselves."""
    if iri.startswith(OWN):
        return _local(iri.removeprefix(OWN))
    return iri if iri.startswith(("https://", "http://")) else ""


def _local(identifier: str) -> str:
    return f"/id/{quote(identifier, safe=':/')}" if ":" in identifier or "/" in identifier else ""


def _short(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2] or iri
