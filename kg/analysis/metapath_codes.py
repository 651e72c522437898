"""The metapaths of paths as numbers that compare across graphs.

A metapath is the categories along a path and for each hop the predicate of one statement, with its
direction unless it is symmetric. A path whose hop has statements of several predicates is one of
several metapaths. Equal metapaths have equal codes; two others share one with a chance of 2 ** -64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mechkg.kg.kernels.search import Task, hop_statements
from mechkg.kg.model.schema import Schema
from mechkg.kg.search.limits import too_many_metapaths
from mechkg.kg.snapshot.index import entries_of

__all__ = ["MAX_CODES", "MetapathCodes", "codes_of", "words_of"]

MAX_CODES: Final = 5_000_000
"""Pairs of a path and a metapath, at most: 40 bytes each and as much again for each hop."""

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
"""An odd multiplier without pattern: 2 ** 64 divided by the golden ratio (Knuth 1973, 6.4)."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MetapathCodes:
    """Pairs of a path and one of its metapaths.

    code (uint64); step (pairs, hops; int64, -1 padded): (predicate * 2 + reversed) * categories +
    category of the entity that the hop leads to; begin (int64) is the category of the source.
    """

    code: NDArray[np.uint64]
    step: Rows
    begin: Rows


def codes_of(
    task: Task, nodes: NDArray[np.int32], category: NDArray[np.uint16], schema: Schema
) -> MetapathCodes:
    """Return the metapaths of some paths (k, hops+1; rows, -1 padded) of a task.

    O(pairs * hops). Raises `TooCostly` past `MAX_CODES` pairs.
    """
    categories = len(schema.categories)
    hop, ptr, label = _labels(task, nodes, schema)
    path = np.arange(len(nodes))
    steps = np.empty((len(nodes), 0), np.int64)
    for column in range(nodes.shape[1] - 1):
        here = hop[path, column]
        there = here >= 0
        count = np.where(there, ptr[here + 1] - ptr[here], 1)
        if int(count.sum()) > MAX_CODES:
            raise too_many_metapaths(MAX_CODES)
        again = np.repeat(np.arange(len(path)), count)
        fresh = np.full(len(again), -1, np.int64)
        fresh[there[again]] = label[entries_of(ptr, here[there])]
        path = path[again]
        head = category[np.maximum(nodes[path, column + 1], 0)].astype(np.int64)
        fresh = np.where(fresh < 0, -1, fresh * categories + head)
        steps = np.concatenate([steps[again], fresh[:, None]], axis=1)
    begin = category[nodes[path, 0]].astype(np.int64)
    code = (begin + 1).astype(np.uint64)
    for step in steps.T:
        code = code * _MIX + (step + 1).astype(np.uint64)
    return MetapathCodes(code, steps, begin)


def _labels(task: Task, nodes: NDArray[np.int32], schema: Schema) -> tuple[Rows, Rows, Rows]:
    """Return the hops of paths (k, hops; -1 for none), and the labels of hop h.

    These are label[ptr[h]:ptr[h+1]], distinct ones of predicate * 2 + reversed.
    """
    tails, heads = nodes[:, :-1], nodes[:, 1:]
    there = heads >= 0
    pairs = np.stack([tails[there], heads[there]], axis=1)
    ends, place = np.unique(pairs, axis=0, return_inverse=True)
    hop = np.full(tails.shape, -1, np.int64)
    hop[there] = place.ravel()
    ptr, refs = hop_statements(task, ends[:, 0].copy(), ends[:, 1].copy())
    symmetric = np.array([p.symmetric for p in schema.predicates], np.bool_)
    predicate = task.rules.columns.predicate[np.where(refs < 0, ~refs, refs)].astype(np.int64)
    label = predicate * 2 + ((refs < 0) & ~symmetric[predicate])
    width = 2 * len(schema.predicates)
    of_hop = np.repeat(np.arange(len(ends)), np.diff(ptr))
    distinct = np.unique(of_hop * width + label)
    count = np.bincount(distinct // width, minlength=len(ends))
    return hop, np.concatenate(([0], np.cumsum(count))), distinct % width


def words_of(schema: Schema, begin: int, steps: Rows) -> tuple[str, ...]:
    """Return a metapath as categories with predicates between them, `^` before reversed ones."""
    categories = [category.id for category in schema.categories]
    words = [categories[begin]]
    for step in steps[steps >= 0].tolist():
        label, category = divmod(step, len(categories))
        predicate, turned = divmod(label, 2)
        words += [f"{'^' if turned else ''}{schema.predicates[predicate].id}", categories[category]]
    return tuple(words)
