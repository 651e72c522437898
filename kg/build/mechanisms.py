"""Read curated mechanisms: paths and small graphs that an expert drew.

Two kinds of files are taken. A table of paths has a path a row or line: the table that MechKG
writes (`entity_1`, `entity_2`, ...), rows of identifiers without a header, or JSON Lines with
`path` or `paths`. Any other file is read as a load reads it (DrugMechDB, GO-CAM, KGX, a table of
statements); its statements belong to the record that each piece of evidence names as its place, or
to the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from mechkg.kg.build.load import load
from mechkg.kg.errors import DataError
from mechkg.kg.model.mechanisms import Mechanism, Step
from mechkg.kg.model.schema import Schema
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.formats import Format
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

__all__ = ["read_mechanisms"]

MAX_TABLE: Final = 1 << 28
"""Bytes of a table of paths, at most."""

LINES: Final = (".jsonl", ".ndjson")
TABLES: Final = (".tsv", ".csv", ".txt")
NAMES: Final = ("id", "query_id", "name")
"""Members of a line of JSON that name a mechanism."""


def read_mechanisms(
    paths: Sequence[Path], schema: Schema, formats: Sequence[Format]
) -> tuple[Mechanism, ...]:
    r"""Return the mechanisms of some files, in their order; raises `DataError`, `LoadRefused`.

    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "paths.tsv")
    ...     _ = file.write_text("DRUGBANK:DB00945\tHGNC:9605\tMONDO:0005178\n")
    ...     [step.object for step in read_mechanisms([file], Schema(), ())[0].steps]
    ['HGNC:9605', 'MONDO:0005178']
    """
    found: list[Mechanism] = []
    for path in paths:
        file = SourceFile(path)
        listed = _listed(file)
        made = _of_graph(file, schema, formats) if listed is None else list(_of_paths(file, listed))
        if not any(mechanism.steps for mechanism in made):
            raise file.error(None, "it holds no mechanism")
        found += made
    return tuple(found)


def _listed(file: SourceFile) -> Iterable[tuple[str, Sequence[Sequence[str]]]] | None:
    """Return the paths of a table of paths with the names of their mechanisms, else None."""
    name, head = file.plain_name.lower(), file.head()
    if name.endswith(LINES) and (b'"paths"' in head or b'"path"' in head):
        return _of_lines(file)
    if name.endswith(TABLES):
        first = head.split(b"\n", 1)[0].decode("utf-8", "replace")
        cells = next(csv.reader([first], delimiter=_separator(first)), [])
        if "entity_1" in cells or (len(cells) > 1 and all(map(_is_curie, cells))):
            return _of_rows(file, cells)
    return None


def _separator(line: str) -> str:
    return "\t" if "\t" in line else ","


def _is_curie(text: str) -> bool:
    """Say whether a cell names an entity; the cells behind a shorter path are empty."""
    return not text.strip() or (":" in text and " " not in text.strip())


def _of_rows(file: SourceFile, header: Sequence[str]) -> Iterator[tuple[str, list[list[str]]]]:
    text = file.document(MAX_TABLE).decode("utf-8", "replace")
    rows = csv.reader(io.StringIO(text), delimiter=_separator(text.split("\n", 1)[0]))
    columns = [place for place, name in enumerate(header) if name.startswith("entity_")]
    if columns:
        next(rows)
    for number, row in enumerate(rows, 1):
        cells = [row[place] for place in columns if place < len(row)] if columns else row
        yield f"{file.plain_name}:{number}", [[cell.strip() for cell in cells if cell.strip()]]


def _of_lines(file: SourceFile) -> Iterator[tuple[str, list[list[str]]]]:
    for number, line in enumerate(file.document(MAX_TABLE).splitlines(), 1):
        if not line.strip():
            continue
        try:
            record: Mapping[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
            paths = record["paths"] if "paths" in record else [record["path"]]
            texts = msgspec.convert(paths, list[list[str]])
        except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
            raise file.error(number, f"it is no line with paths ({error})") from error
        name = next((str(record[key]) for key in NAMES if record.get(key)), "")
        yield name or f"{file.plain_name}:{number}", texts


def _of_paths(
    file: SourceFile, listed: Iterable[tuple[str, Sequence[Sequence[str]]]]
) -> Iterator[Mechanism]:
    for name, paths in listed:
        steps = dict.fromkeys(Step(one, other) for path in paths for one, other in pairwise(path))
        yield Mechanism(name, file.name, tuple(steps))


def _of_graph(file: SourceFile, schema: Schema, formats: Sequence[Format]) -> list[Mechanism]:
    """Return the mechanisms of a file that a load reads, by record or for the whole file."""
    with TemporaryDirectory() as folder:
        made = load(
            [file.path], Path(folder), name="mechanisms", schema=schema, formats=formats,
            corroborate="off",
        )  # fmt: skip
        return list(_of_snapshot(file, open_snapshot(made.path)))


def _of_snapshot(file: SourceFile, snapshot: Snapshot) -> Iterator[Mechanism]:
    steps: dict[str, dict[Step, None]] = {}
    for row in range(snapshot.index.carrying):
        said = snapshot.records.statement(row)
        if said.derived_from:
            continue
        step = Step(said.subject, said.object, said.predicate)
        for name in {piece.location or file.name: None for piece in said.evidence}:
            steps.setdefault(name, {})[step] = None
    if not steps:
        raise DataError(file.name, None, "it holds no statement that a mechanism could use")
    for name, some in sorted(steps.items()):
        yield Mechanism(name, file.name, tuple(some))
