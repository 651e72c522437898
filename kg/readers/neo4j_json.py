"""Neo4j's JSON Lines, as APOC exports them (and SPOKE publishes them): nodes and relationships.

neo4j.com/docs/apoc, apoc.export.json: an object a line with `type`, `id`, `labels` or `label`, and
`properties`; a relationship names its ends by Neo4j's own numbers. A node's identifier is its
property `identifier`, `curie` or `id`; one without a prefix gets its label as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mechkg.kg.readers.content import Batch, Reading
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import shape_of
from mechkg.kg.readers.kgx import batches, json_lines

__all__ = ["fits", "read"]

_IDENTIFIERS: Final = ("curie", "identifier", "id")


def fits(head: bytes) -> bool:
    """Say whether some bytes begin Neo4j's JSON Lines."""
    shape = shape_of(head)
    node = shape.has("type", "id", "labels")
    return shape.kind == "{" and (node or shape.has("type", "id", "label", "start", "end"))


def read(file: SourceFile, reading: Reading) -> Iterator[Batch]:
    """Read nodes and relationships; one whose nodes come later is held in memory until the end."""
    file.format = "neo4j-json"
    yield from batches(_records(file), file, reading)


def _records(file: SourceFile) -> Iterator[tuple[int, Mapping[str, Any]]]:
    ids: dict[str, str] = {}
    held: list[tuple[int, Mapping[str, Any]]] = []
    for line, record in json_lines(file):
        properties = record.get("properties") or {}
        if record.get("type") == "relationship":
            if all(number in ids for number in _ends(record).values()):
                yield line, _relationship(record, ids)
            else:
                held.append((line, record))
            continue
        labels = [str(label) for label in record.get("labels") or ()]
        identifier = _identifier(record, properties, labels)
        ids[str(record.get("id"))] = identifier
        yield line, {**properties, "id": identifier, "category": labels}
    yield from ((line, _relationship(record, ids)) for line, record in held)


def _ends(record: Mapping[str, Any]) -> dict[str, str]:
    """Return Neo4j's numbers of the ends of a relationship."""
    return {
        name: str(record[end]["id"])
        for name, end in (("subject", "start"), ("object", "end"))
        if isinstance(record.get(end), dict) and "id" in record[end]
    }


def _relationship(record: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    ends = {name: ids.get(number, number) for name, number in _ends(record).items()}
    properties = record.get("properties") or {}
    return {**properties, "subject": "", **ends, "predicate": record.get("label")}


def _identifier(record: Mapping[str, Any], properties: Mapping[str, Any], labels: list[str]) -> str:
    found = next((properties[name] for name in _IDENTIFIERS if properties.get(name)), None)
    text = str(record.get("id") if found is None else found)
    return text if ":" in text or not labels else f"{labels[0]}:{text}"
