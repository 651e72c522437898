"""MechKG's own JSON: `entities` and `statements` with every field of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.readers.content import Batch, Reading, Records
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.json_shape import Shape

__all__ = ["fits", "read"]

Items = TypeVar("Items")

BATCH: Final = 4096


def fits(shape: Shape) -> bool:
    """Say whether a document is the JSON of a subgraph.

    >>> fits(Shape("{", {"entities": "[", "statements": "["}))
    True
    """
    return shape.kind == "{" and shape.has("entities", "statements")


def read(value: Any, file: SourceFile, _reading: Reading) -> Iterator[Batch]:
    """Yield the entities and statements; title, focus and credits belong to no record.

    Fields that this version does not know are passed over.
    """
    entities, statements = value["entities"], value["statements"]
    _pass_over(entities, Entity, file)
    _pass_over(statements, Statement, file)
    file.see("entity", len(entities))
    file.see("statement", len(statements))
    for begin in range(0, len(entities), BATCH):
        yield Records(entities=_read(entities[begin : begin + BATCH], tuple[Entity, ...]))
    for begin in range(0, len(statements), BATCH):
        part = _read(statements[begin : begin + BATCH], tuple[Statement, ...])
        yield Records(statements=tuple((statement, True) for statement in part))


def _pass_over(records: Any, kind: type[Entity | Statement], file: SourceFile) -> None:
    """Count the fields of records that the model does not have."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    unknown = Counter(key for record in records for key in record if key not in known)
    for key, count in sorted(unknown.items()):
        file.see("field", count)
        file.pass_over("field", None, f"the model has no field {key!r}", count)


def _read(records: Any, kind: type[Items]) -> Items:
    """Return records of the model; numbers that kept their text become numbers."""
    return msgspec.json.decode(msgspec.json.encode(records), type=kind)
