"""Seeded scale-free graphs with the categories and relations of Hetionet.

The ends of each relation are drawn from a Pareto distribution over its categories, so that the
degree has a heavy tail; no statement is doubled and none joins an entity to itself. Relations are
made one after the other: memory is O(entities + the statements of the largest relation), a fifth
of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["CATEGORIES", "PREFIX", "RELATIONS", "Relation", "Shape", "write_graph"]

PREFIX = "SYN:"
SEED = 7
TAIL = 1.25
"""The exponent of the Pareto distribution: smaller means larger hubs."""
LARGEST_SHARE = 0.02
"""The most of its category's ends that one entity may hold."""
BLOCK = 500_000
SMALLEST = 10_000
"""Below, a relation may want more statements than its categories have pairs of entities."""
UNITS = {"k": 1_000, "M": 1_000_000}

CATEGORIES = {
    "Gene": 0.45,
    "Compound": 0.20,
    "Disease": 0.08,
    "Anatomy": 0.02,
    "BiologicalProcess": 0.12,
    "CellularComponent": 0.02,
    "MolecularFunction": 0.04,
    "Pathway": 0.03,
    "SideEffect": 0.02,
    "Symptom": 0.01,
    "PharmacologicClass": 0.01,
}
"""Each category's share of the entities."""


@dataclass(frozen=True)
class Relation:
    """A predicate, the categories that it joins and its share of the statements."""

    name: str
    subject: str
    object: str
    share: float


RELATIONS = (
    Relation("AdG", "Anatomy", "Gene", 0.05),
    Relation("AeG", "Anatomy", "Gene", 0.20),
    Relation("AuG", "Anatomy", "Gene", 0.05),
    Relation("CbG", "Compound", "Gene", 0.04),
    Relation("CcSE", "Compound", "SideEffect", 0.06),
    Relation("CdG", "Compound", "Gene", 0.02),
    Relation("CpD", "Compound", "Disease", 0.005),
    Relation("CrC", "Compound", "Compound", 0.02),
    Relation("CtD", "Compound", "Disease", 0.01),
    Relation("CuG", "Compound", "Gene", 0.02),
    Relation("DaG", "Disease", "Gene", 0.04),
    Relation("DdG", "Disease", "Gene", 0.01),
    Relation("DlA", "Disease", "Anatomy", 0.005),
    Relation("DpS", "Disease", "Symptom", 0.005),
    Relation("DrD", "Disease", "Disease", 0.005),
    Relation("DuG", "Disease", "Gene", 0.01),
    Relation("GcG", "Gene", "Gene", 0.05),
    Relation("GiG", "Gene", "Gene", 0.12),
    Relation("GpBP", "Gene", "BiologicalProcess", 0.13),
    Relation("GpCC", "Gene", "CellularComponent", 0.03),
    Relation("GpMF", "Gene", "MolecularFunction", 0.03),
    Relation("GpPW", "Gene", "Pathway", 0.03),
    Relation("GrG", "Gene", "Gene", 0.055),
    Relation("PCiC", "PharmacologicClass", "Compound", 0.005),
)
"""Hetionet's relations; the shares follow its counts, flattened a little."""


@dataclass(frozen=True)
class Shape:
    """How large a graph is: ten statements an entity, as in the baselines."""

    entities: int
    statements: int

    @classmethod
    def of(cls, size: str) -> Shape:
        """Read a size such as `20k`, `1M` or `10M` (statements); raises `ValueError`."""
        found = re.fullmatch(r"(\d{1,4})([kM])", size)
        statements = int(found[1]) * UNITS[found[2]] if found else 0
        if statements < SMALLEST:
            raise ValueError(f"A size is such as 20k or 10M, from 10k on, not {size!r}.")
        return cls(statements // 10, statements)

    def first_rows(self) -> dict[str, range]:
        """Return each category's rows; shares are rounded down, genes take the rest."""
        total = sum(CATEGORIES.values())
        counts = {name: int(share / total * self.entities) for name, share in CATEGORIES.items()}
        counts["Gene"] += self.entities - sum(counts.values())
        rows, start = {}, 0
        for name, count in counts.items():
            rows[name] = range(start, start + count)
            start += count
        return rows

    def counts(self) -> list[int]:
        """Return the statements of each relation; the most frequent one takes what is left."""
        total = sum(relation.share for relation in RELATIONS)
        counts = [int(relation.share / total * self.statements) for relation in RELATIONS]
        counts[1] += self.statements - sum(counts)
        return counts


def write_graph(shape: Shape, directory: Path) -> None:
    """Write both tables and their columns into a directory."""
    random = np.random.default_rng(SEED)
    rows = shape.first_rows()
    weights = {name: _ends(random, len(rows[name])) for name in CATEGORIES}
    _write_nodes(rows, directory)
    columns = {
        field: np.lib.format.open_memmap(
            directory / f"{field}.npy", "w+", dtype=np.int32, shape=(shape.statements,)
        )
        for field in ("subject", "predicate", "object")
    }
    start = 0
    with (directory / "edges.tsv").open("w", encoding="ascii", newline="\n") as out:
        out.write("subject\tpredicate\tobject\n")
        for position, (relation, count) in enumerate(zip(RELATIONS, shape.counts(), strict=True)):
            ends = _statements(random, relation, count, rows, weights)
            columns["subject"][start : start + count] = ends[0]
            columns["predicate"][start : start + count] = position
            columns["object"][start : start + count] = ends[1]
            start += count
            for block in _lines(relation.name, *ends):
                out.write(block)


def _ends(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return the cumulated weights of a category's entities."""
    weight = (1.0 - random.random(count)) ** (-1.0 / TAIL)
    weight = np.minimum(weight, weight.sum() * LARGEST_SHARE + 1)
    return np.asarray(np.cumsum(weight) / weight.sum(), np.float64)


def _statements(
    random: np.random.Generator,
    relation: Relation,
    count: int,
    rows: dict[str, range],
    weights: dict[str, NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw `count` distinct statements of a relation, in random order."""
    subjects, objects = rows[relation.subject], rows[relation.object]
    keys = np.empty(0, np.int64)
    while len(keys) < count:
        missing = int((count - len(keys)) * 1.1) + 16
        subject = np.searchsorted(weights[relation.subject], random.random(missing))
        object_ = np.searchsorted(weights[relation.object], random.random(missing))
        apart = subject + subjects.start != object_ + objects.start
        new = subject[apart] * len(objects) + object_[apart]
        keys = np.unique(np.concatenate([keys, new]))
    keys = random.permutation(keys)[:count]
    return keys // len(objects) + subjects.start, keys % len(objects) + objects.start


def _write_nodes(rows: dict[str, range], directory: Path) -> None:
    category = np.repeat(np.arange(len(rows), dtype=np.int32), [len(r) for r in rows.values()])
    np.save(directory / "category.npy", category)
    with (directory / "nodes.tsv").open("w", encoding="ascii", newline="\n") as out:
        out.write("id\tname\tcategory\n")
        for name, members in rows.items():
            for first in range(members.start, members.stop, BLOCK):
                block = range(first, min(first + BLOCK, members.stop))
                out.write(
                    "".join(f"{PREFIX}{row}\t{name.lower()} {row}\t{name}\n" for row in block)
                )


def _lines(name: str, subject: NDArray[np.int64], object_: NDArray[np.int64]) -> Iterator[str]:
    for first in range(0, len(subject), BLOCK):
        block = slice(first, first + BLOCK)
        pairs = zip(subject[block].tolist(), object_[block].tolist(), strict=True)
        yield "".join(f"{PREFIX}{a}\t{name}\t{PREFIX}{b}\n" for a, b in pairs)
