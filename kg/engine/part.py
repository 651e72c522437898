"""A part of a graph as a snapshot of its own, with the degrees of the whole graph.

What is known of a graph is searched, scored and put into words as any snapshot is: so an answer
over an engine follows the same code as one on this machine. Statements are not corroborated: that
would count the routes of the part.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import numpy as np

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

__all__ = ["part_of"]

MEMORY: Final = Path("/dev/shm")  # noqa: S108 (a directory of its own is made in it)
"""Where files are in memory: a part is small, and is read once."""


@contextmanager
def part_of(
    name: str,
    schema: Schema,
    entities: Iterable[Entity],
    statements: Iterable[Statement],
    degree: Mapping[str, int],
    *,
    version: str = "",
) -> Iterator[Snapshot]:
    """Give a snapshot of some statements that is removed afterwards.

    `degree` has the degree of each of its entities in the whole graph, whose `version` stands for
    that of the part. Some 20 ms and 40 us a statement.
    """
    folder = MEMORY if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(dir=folder, prefix="mechkg-part-") as directory:
        path = build_snapshot(
            Path(directory), name=name, entities=entities, statements=statements, schema=schema,
            corroborate="off",  # routes in a part say nothing of those in the whole
        )  # fmt: skip
        snapshot = open_snapshot(path, check_bytes=0)
        rows = range(snapshot.index.entities)
        degrees = [degree[snapshot.records.curie(row)] for row in rows]
        index = replace(snapshot.index, degree=np.array(degrees, np.int32))
        manifest = snapshot.manifest
        if version:
            manifest = msgspec.structs.replace(manifest, hash=version)
        yield replace(snapshot, index=index, manifest=manifest, _cache={})
