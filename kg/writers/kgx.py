"""KGX, the exchange format of Biolink graphs, as TSV and as JSON Lines.

A KGX graph is two files, one of nodes and one of edges
(https://github.com/biolink/kgx/blob/master/specification/kgx-format.md); both forms are a
`.tar.gz` holding them. KGX's own TSV reader takes such an archive as it is (`--input-compression
tar.gz`); its JSON Lines reader takes the two files, unpacked.

Predicates and categories are Biolink's; `original_predicate` keeps the graph's own. Where the
pieces of evidence of a statement differ, `knowledge_level`, `agent_type` and
`primary_knowledge_source` are those of the strongest (`_LEVELS`), and `evidence` holds all of them.
Columns that are not Biolink's: sign, effect, subject_aspect, object_aspect, action, weight, hedge,
modality, context, titles, locations, note, derived_from, evidence, attributes.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from mechkg.kg.draw.text import clean
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.biolink_qualifiers import slot_qualifiers
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Statement, Subgraph
from mechkg.kg.writers.rows import GraphRows, archive

__all__ = ["stream_jsonl", "stream_tsv", "write_jsonl", "write_tsv"]

_LEVELS: Final = (
    "knowledge_assertion",
    "observation",
    "statistical_association",
    "logical_entailment",
    "prediction",
    "not_provided",
)
"""Biolink's knowledge levels, strongest first."""

_NODE_COLUMNS: Final = (
    "id", "category", "name", "description", "synonym", "xref", "provided_by", "iri",
    "attributes", "synonym_kinds",
)  # fmt: skip
_EDGE_COLUMNS: Final = (
    "id", "subject", "predicate", "object", "category", "original_predicate", "negated",
    "knowledge_level", "agent_type", "primary_knowledge_source", "publications", "qualifiers",
    "sign", "effect", "subject_aspect", "object_aspect", "hedge", "modality", "context", "titles",
    "locations", "derived_from", "note", "evidence", "attributes",
)  # fmt: skip

_DIRECTIONS: Final = {"raises": "increased", "lowers": "decreased"}
_BREAKS: Final = re.compile(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def write_tsv(subgraph: Subgraph, schema: Schema) -> bytes:
    r"""Return a `.tar.gz` of `mechkg_nodes.tsv` and `mechkg_edges.tsv`.

    As KGX reads them: no quoting, lists joined by `|` (a `|` within a text becomes `/`), tabs and
    line breaks within a text become spaces.

    >>> write_tsv(Subgraph(entities=(), statements=()), Schema())[:2]
    b'\x1f\x8b'
    """
    nodes = [_node(entity) for entity in subgraph.entities]
    edges = [_edge(statement, schema) for statement in subgraph.statements]
    return _archive({
        "mechkg_nodes.tsv": _table(nodes, _NODE_COLUMNS),
        "mechkg_edges.tsv": _table(edges, _EDGE_COLUMNS),
    })  # fmt: skip


def write_jsonl(subgraph: Subgraph, schema: Schema) -> bytes:
    r"""Return a `.tar.gz` of `mechkg_nodes.jsonl` and `mechkg_edges.jsonl`.

    >>> write_jsonl(Subgraph(entities=(), statements=()), Schema())[:2]
    b'\x1f\x8b'
    """
    encoder = msgspec.json.Encoder()
    return _archive({
        "mechkg_nodes.jsonl": encoder.encode_lines(map(_node, subgraph.entities)),
        "mechkg_edges.jsonl": encoder.encode_lines(
            _edge(statement, schema) for statement in subgraph.statements
        ),
    })  # fmt: skip


def stream_tsv(rows: GraphRows, schema: Schema) -> Iterator[bytes]:
    """Yield the archive of a whole graph; holds the files of `write_tsv`. O(1) memory."""

    def nodes() -> Iterator[dict[str, Any]]:
        return map(_node, rows.entities())

    def edges() -> Iterator[dict[str, Any]]:
        return (_edge(statement, schema) for statement in rows.statements())

    return archive({
        "mechkg_nodes.tsv": _table_lines(nodes, _NODE_COLUMNS),
        "mechkg_edges.tsv": _table_lines(edges, _EDGE_COLUMNS),
    })  # fmt: skip


def stream_jsonl(rows: GraphRows, schema: Schema) -> Iterator[bytes]:
    """Yield the archive of a whole graph; holds the files of `write_jsonl`. O(1) memory."""
    encode = msgspec.json.Encoder().encode

    def nodes() -> Iterator[bytes]:
        return (encode(_node(entity)) + b"\n" for entity in rows.entities())

    def edges() -> Iterator[bytes]:
        return (encode(_edge(statement, schema)) + b"\n" for statement in rows.statements())

    return archive({"mechkg_nodes.jsonl": nodes, "mechkg_edges.jsonl": edges})


def _table_lines(
    rows: Callable[[], Iterator[Mapping[str, Any]]], columns: Sequence[str]
) -> Callable[[], Iterator[bytes]]:
    """Return what gives the lines of `_table`; further columns are looked for in all rows."""
    more: set[str] = set()
    for row in rows():
        more.update(row)
    header = [*columns, *sorted(more - set(columns))]

    def lines() -> Iterator[bytes]:
        yield "\t".join(header).encode() + b"\n"
        for row in rows():
            yield "\t".join(_cell(name, row.get(name, "")) for name in header).encode() + b"\n"

    return lines


def _node(entity: Entity) -> dict[str, Any]:
    return _filled(
        id=entity.id,
        category=[entity.category],
        name=entity.name,
        description=entity.description,
        synonym=list(entity.synonyms),
        xref=list(entity.xrefs),
        provided_by=list(entity.provided_by),
        iri=entity.iri,
        attributes=dict(entity.attributes) or None,
        synonym_kinds=dict(entity.synonym_kinds) or None,
    )


def _edge(statement: Statement, schema: Schema) -> dict[str, Any]:
    predicate = _predicate(statement.predicate, schema)
    evidence = statement.evidence
    lead = min(evidence, key=_rank, default=Evidence(kind="", source=""))
    edge = _filled(
        id=statement.id,
        subject=statement.subject,
        predicate=predicate.biolink,
        object=statement.object,
        category=["biolink:Association"],
        original_predicate=statement.predicate,
        negated=statement.negated,
        knowledge_level=lead.knowledge_level,
        agent_type=lead.agent_type,
        primary_knowledge_source=lead.source,
        publications=_distinct(p for e in evidence for p in e.publications),
        qualifiers=[f"{q.type}={q.value}" for q in statement.qualifiers],
        sign=statement.sign,
        effect=statement.effect,
        subject_aspect=statement.subject_aspect,
        object_aspect=statement.object_aspect,
        action=statement.action,
        weight=None if statement.weight == 1.0 else statement.weight,
        hedge=statement.hedge,
        modality=statement.modality,
        context=msgspec.to_builtins(statement.context),
        titles=_distinct(t for e in evidence for t in e.titles),
        locations=_distinct(e.location for e in evidence),
        derived_from=list(statement.derived_from),
        note=statement.note,
        evidence=msgspec.to_builtins(evidence),
        attributes=dict(statement.attributes) or None,
    )
    return edge | _biolink_qualifiers(statement, predicate)


def _biolink_qualifiers(statement: Statement, predicate: Predicate) -> dict[str, str]:
    """Return what completes the Biolink predicate: its own qualifiers, effect, context.

    The direction is that of the statement where it differs from its predicate's.
    """
    qualifiers = dict(predicate.biolink_qualifiers)
    direction = _DIRECTIONS.get(statement.effect)
    if "object_direction_qualifier" in qualifiers and statement.effect != predicate.effect:
        del qualifiers["object_direction_qualifier"]
        if direction:
            qualifiers["object_direction_qualifier"] = direction
    for slot in slot_qualifiers(statement.context):
        qualifiers.setdefault(slot.type, slot.value)
    return qualifiers


def _predicate(name: str, schema: Schema) -> Predicate:
    try:
        return schema.predicate(name)
    except UnknownTerm:
        return Predicate(id=name, label=name)


def _rank(evidence: Evidence) -> int:
    level = evidence.knowledge_level
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Write a table of the given columns, then of those that only some rows have, by name."""
    more = sorted({name for row in rows for name in row} - set(columns))
    header = [*columns, *more]
    lines = ["\t".join(header)]
    lines += ["\t".join(_cell(name, row.get(name, "")) for name in header) for row in rows]
    return "\n".join([*lines, ""]).encode()


def _cell(name: str, value: Any) -> str:
    if name in {"evidence", "attributes", "context", "synonym_kinds"}:
        return _flat(msgspec.json.encode(value).decode()) if value else ""
    if isinstance(value, list):
        return "|".join(_flat(item).replace("|", "/") for item in value)
    return str(value).lower() if isinstance(value, bool) else _flat(str(value))


def _flat(text: str) -> str:
    return _BREAKS.sub(" ", clean(text))


def _archive(members: Mapping[str, bytes]) -> bytes:
    """Pack files with no date and no owner, so that equal graphs give equal bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
