"""The graphs to measure on: node and edge tables on disk, with their columns as plain arrays.

Every graph is a directory of the cache: `nodes.tsv` (id, name, category), `edges.tsv` (subject,
predicate, object), the same as integer columns in `.npy` files, and `graph.json`, written last.
Rows of the arrays are positions in the tables. Peers that take arrays get the columns, so that
reading text is never counted against them.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench import synthetic

__all__ = [
    "CACHE",
    "HETIO",
    "Graph",
    "GraphMissing",
    "checked_name",
    "make_graph",
    "shared_directory",
    "write_triples",
]

CHECKOUT = Path(__file__).resolve().parent.parent
CACHE = CHECKOUT / "bench" / ".cache"
HETIO = "hetio"
ENTITY = "http://example.org/entity/"
TERM = "http://example.org/term/"

Rows = NDArray[np.int32]


class GraphMissing(Exception):
    """The data of a graph is not on this machine; the sentence says where it was looked for."""


class Graph(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A graph on disk; `numbered` is the prefix of identifiers that are their own row, or ""."""

    name: str
    directory: str
    entities: int
    statements: int
    predicates: tuple[str, ...]
    categories: tuple[str, ...]
    numbered: str = ""

    @property
    def nodes(self) -> Path:
        """The table of entities."""
        return Path(self.directory) / "nodes.tsv"

    @property
    def edges(self) -> Path:
        """The table of statements."""
        return Path(self.directory) / "edges.tsv"

    @property
    def triples(self) -> Path:
        """The statements as N-Triples, where `write_triples` has written them."""
        return Path(self.directory) / "edges.nt"

    def read_ahead(self) -> None:
        """Read the tables, so that no peer waits for the disk in place of those after it."""
        for path in (self.nodes, self.edges, self.triples):
            if path.is_file():
                with path.open("rb") as file:
                    while file.read(1 << 24):
                        pass

    def column(self, name: str) -> Rows:
        """Return subject, predicate, object (a statement each) or category (an entity each)."""
        column: Rows = np.load(Path(self.directory) / f"{name}.npy", mmap_mode="r")
        return column

    @cached_property
    def degree(self) -> NDArray[np.int64]:
        """The statements that each entity takes part in."""
        ends = (self.column("subject"), self.column("object"))
        return sum(np.bincount(end, minlength=self.entities) for end in ends)  # type: ignore[return-value]

    def identifier(self, row: int) -> str:
        """Return the identifier of an entity row."""
        return f"{self.numbered}{row}" if self.numbered else self._identifiers[row]

    def row(self, identifier: str) -> int:
        """Return the row of an identifier."""
        if self.numbered:
            return int(identifier.removeprefix(self.numbered))
        return self._rows[identifier]

    @cached_property
    def _identifiers(self) -> list[str]:
        return [row[0] for row in _rows_of(self.nodes)]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {identifier: row for row, identifier in enumerate(self._identifiers)}


def make_graph(name: str, cache: Path = CACHE) -> Graph:
    """Return a graph of the cache, making it first where it is not there.

    `name` is `hetio` or `synthetic-` with a size such as `1M`. Raises `GraphMissing`, and
    `ValueError` for another name.
    """
    directory = cache / checked_name(name)
    record = directory / "graph.json"
    if not record.exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        if name == HETIO:
            _unpack(_hetio_source(), directory)
            graph = index_tables(name, directory)
        else:
            graph = _generate(name, directory)
        record.write_bytes(msgspec.json.encode(graph))
    found = msgspec.json.decode(record.read_bytes(), type=Graph)
    return msgspec.structs.replace(found, directory=str(directory))


def checked_name(name: str) -> str:
    """Return the name of a graph that `make_graph` knows; raises `ValueError` for another."""
    if name != HETIO:
        kind, _, size = name.partition("-")
        if kind != "synthetic":
            raise ValueError(f"A graph is hetio or such as synthetic-1M, not {name!r}.")
        synthetic.Shape.of(size)
    return name


def shared_directory() -> Path:
    """Return the directory of handed data: MECHKG_SHARED, or `shared` beside the checkout."""
    return Path(os.environ.get("MECHKG_SHARED") or CHECKOUT.parent / "shared")


def write_triples(graph: Graph) -> None:
    """Write a graph's statements as N-Triples beside its tables, unless they are there."""
    if graph.triples.exists():
        return
    part = graph.triples.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        for subject, predicate, object_ in _rows_of(graph.edges):
            out.write(f"<{ENTITY}{subject}> <{TERM}{predicate}> <{ENTITY}{object_}> .\n")
    part.rename(graph.triples)


def index_tables(name: str, directory: Path) -> Graph:
    """Write the columns of two tables and return their graph; O(statements) in memory."""
    rows: dict[str, int] = {}
    terms: tuple[dict[str, int], dict[str, int]] = ({}, {})
    categories, predicates = terms
    category = []
    for identifier, _, text in _rows_of(directory / "nodes.tsv"):
        rows[identifier] = len(rows)
        category.append(categories.setdefault(text, len(categories)))
    columns = [
        (rows[subject], predicates.setdefault(text, len(predicates)), rows[object_])
        for subject, text, object_ in _rows_of(directory / "edges.tsv")
    ]
    table = np.array(columns, np.int32).reshape(-1, 3)
    for position, field in enumerate(("subject", "predicate", "object")):
        np.save(directory / f"{field}.npy", np.ascontiguousarray(table[:, position]))
    np.save(directory / "category.npy", np.array(category, np.int32))
    return Graph(
        name=name,
        directory=str(directory),
        entities=len(rows),
        statements=len(table),
        predicates=tuple(predicates),
        categories=tuple(categories),
    )


def _generate(name: str, directory: Path) -> Graph:
    shape = synthetic.Shape.of(name.removeprefix("synthetic-"))
    synthetic.write_graph(shape, directory)
    return Graph(
        name=name,
        directory=str(directory),
        entities=shape.entities,
        statements=shape.statements,
        predicates=tuple(relation.name for relation in synthetic.RELATIONS),
        categories=tuple(synthetic.CATEGORIES),
        numbered=synthetic.PREFIX,
    )


def _hetio_source() -> Path:
    source = shared_directory() / "data" / "hetio"
    if not (source / "edges.tsv.gz").exists():
        raise GraphMissing(
            f"The Hetionet part is not in {source}. Put the handed directory beside the checkout, "
            "or name it in MECHKG_SHARED; synthetic graphs need nothing."
        )
    return source


def _unpack(source: Path, directory: Path) -> None:
    for name in ("nodes.tsv", "edges.tsv"):
        with gzip.open(source / f"{name}.gz", "rb") as packed, (directory / name).open("wb") as out:
            shutil.copyfileobj(packed, out)


def _rows_of(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            yield line.rstrip("\n").split("\t")
