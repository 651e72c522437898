"""The entities of a snapshot on disk: labels and descriptions by row, names to be searched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from mechkg.kg.build.entity_table import Chunk, EntityTable
from mechkg.kg.build.name_writer import Named, NameWriter
from mechkg.kg.columns.interner import Column
from mechkg.kg.columns.npy import write_array
from mechkg.kg.columns.strings import TextWriter
from mechkg.kg.model.identifiers import registry
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity
from mechkg.kg.snapshot.records import BARE_DESCRIPTION, Description
from mechkg.kg.snapshot.staging import Parts

__all__ = ["write_entities"]

FILES = (
    "entity_labels.bin", "entity_labels_ptr.npy", "entity_descriptions.bin",
    "entity_descriptions_ptr.npy", "entity_description.npy",
)  # fmt: skip

SHARED_DESCRIPTIONS = 1 << 16
"""Descriptions of entities that are remembered to be stored once."""


def write_entities(
    path: Path,
    entities: EntityTable,
    schema: Schema,
    names: NameWriter,
    *,
    parts: Parts,
    report: Callable[[int], None],
) -> NDArray[np.uint16]:
    """Write the texts of the entities and hand on their names.

    `report` is called with the number of entities that are written. Returns their categories in
    row order.
    """
    numbers = {category.id: i for i, category in enumerate(schema.categories)}
    number = np.array([numbers.get(text, 0) for text in entities.listed], np.uint16)
    category = np.empty(len(entities), np.uint16)
    description = np.zeros(len(entities), np.int32)
    shared = _Shared()
    with (
        TextWriter(path, "entity_labels") as labels,
        TextWriter(path, "entity_descriptions") as descriptions,
    ):
        descriptions.append(b"")
        for chunk in entities.chunks():
            report(chunk.first)
            labels.extend_column(chunk.labels)
            rows = slice(chunk.first, chunk.first + len(chunk.categories))
            category[rows] = number[chunk.categories]
            places = [shared.place(entity, descriptions) for entity in chunk.records or ()]
            description[rows] = places or 0
            names.add(_named(chunk, category[rows]))
    report(len(entities))
    write_array(path / "entity_description.npy", description)
    parts.done(*FILES)
    return category


class _Shared:
    """Descriptions already written, so that equal ones are stored once; forgets when full."""

    def __init__(self) -> None:
        self._encode = msgspec.msgpack.Encoder(order="deterministic").encode
        self._places: dict[bytes, int] = {}

    def place(self, entity: Entity, writer: TextWriter) -> int:
        more = Description(
            entity.synonyms,
            entity.description,
            entity.xrefs,
            entity.provided_by,
            entity.iri if entity.iri and entity.iri != registry().address(entity.id) else "",
            synonym_kinds=entity.synonym_kinds,
            attributes=entity.attributes,
        )
        if more == BARE_DESCRIPTION:
            return 0
        text = self._encode(more)
        place = self._places.get(text)
        if place is None:
            if len(self._places) >= SHARED_DESCRIPTIONS:
                self._places.clear()
            place = self._places[text] = writer.append(text)
        return place


def _named(chunk: Chunk, categories: NDArray[np.uint16]) -> Named:
    """Return the names of some entities."""
    curies, names = (chunk.labels.take(slice(i, None, 2)) for i in range(2))
    return Named(chunk.first, _prefixes(curies), names, categories, chunk.records or ())


def _prefixes(curies: Column) -> set[str]:
    """Return the prefixes of CURIEs in their order."""
    ends = {curies.text(0).partition(":")[:2], curies.text(len(curies) - 1).partition(":")[:2]}
    # Whatever stands between two texts in the order of texts begins as both do.
    found = ends if len(ends) == 1 else {text.partition(":")[:2] for text in curies.texts()}
    return {prefix for prefix, colon in found if colon}
