"""JSON: the subgraph itself, field by field as in `mechkg.kg.model.values`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Statement, Subgraph
from mechkg.kg.writers.rows import GraphRows, joined

__all__ = ["stream", "write"]


def write(subgraph: Subgraph, schema: Schema) -> bytes:  # noqa: ARG001 - every writer takes one
    """Return a subgraph as one JSON object, which `msgspec.json.decode` reads back.

    >>> graph = Subgraph(entities=(), statements=(), title="Nothing")
    >>> msgspec.json.decode(write(graph, Schema()), type=Subgraph) == graph
    True
    """
    return msgspec.json.encode(subgraph)


def stream(rows: GraphRows, schema: Schema) -> Iterator[bytes]:  # noqa: ARG001 - as above
    """Yield the JSON object of a whole graph; equal to `write` of it. O(1) memory."""
    return joined(_parts(rows))


def _parts(rows: GraphRows) -> Iterator[bytes]:
    used: Counter[str] = Counter()

    def noted() -> Iterator[Statement]:
        for statement in rows.statements():
            used.update(evidence.source for evidence in statement.evidence)
            yield statement

    yield b'{"entities":['
    yield from _items(rows.entities())
    yield b'],"statements":['
    yield from _items(noted())
    rest = Subgraph(
        entities=(), statements=(), title=rows.title, snapshot=rows.snapshot,
        credits=rows.credits(used),
    )  # fmt: skip
    yield msgspec.json.encode(rest).removeprefix(b'{"entities":[],"statements":[')


def _items(values: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    between = b""
    for value in values:
        yield between + encoder.encode(value)
        between = b","
