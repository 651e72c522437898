"""All paths as plain tuples: the words of `find_paths`, in objects that Python counts rightly."""

from __future__ import annotations

import gc
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import mechkg
from mechkg.kg.graph import Graph
from mechkg.kg.kernels.c_tuples import address_of
from mechkg.kg.search import list_paths as listing
from mechkg.kg.snapshot import records

ENDS = {"source": "NSC", "target": "neuron", "max_hops": 4}


@pytest.fixture
def graph(data_directory) -> Graph:
    """A graph that remembers nothing yet."""
    return mechkg.open_graph(data_directory / "ms-nsc" / "current")


def said(graph: Graph) -> set[tuple[str, ...]]:
    """Return the entities of all paths as `find_paths` tells them."""
    found = graph.find_paths(**ENDS, limit=10_000)
    assert found.complete
    return {tuple(entity.id for entity in path.entities) for path in found.paths}


def listed(graph: Graph) -> set[tuple[str, ...]]:
    """Return the entities of all paths as `list_paths` does."""
    return {tuple(entity.id for entity in row[::2]) for row in graph.list_paths(**ENDS).rows}


def test_rows_are_the_paths_in_entities_and_predicates(graph: Graph) -> None:
    table = graph.list_paths(**ENDS)
    assert listed(graph) == said(graph)
    assert len(table.rows) == len(table) > 10
    for at, row in enumerate(table.rows):
        assert type(row) is tuple
        for hop, entity, label, following in zip(
            table.hops(at), row[::2], row[1::2], row[2::2], strict=False
        ):
            ways = {("^" * (s.direction == "reverse")) + s.predicate for s in hop.statements}
            assert label in ways
            assert {hop.statements[0].subject, hop.statements[0].object} == {
                entity.id,
                following.id,
            }
    assert [len(row) for row in table.rows] == sorted(len(row) for row in table.rows)
    assert table.hops(-1) == table.hops(len(table) - 1)
    assert len(table.hops(-1)) == len(table.rows[-1]) // 2
    for beyond in (len(table), -len(table) - 1):
        with pytest.raises(IndexError):
            table.hops(beyond)


def test_rows_hold_their_objects_and_let_them_go(graph: Graph) -> None:
    rows = graph.list_paths(**ENDS).rows
    entity, label = rows[-1][2], rows[-1][1]
    before = sys.getrefcount(entity), sys.getrefcount(label)
    held = [thing for row in graph.list_paths(**ENDS).rows for thing in row]
    many = sum(thing is entity for thing in held), sum(thing is label for thing in held)
    assert min(many) > 0
    del held
    for _ in range(3):
        again = graph.list_paths(**ENDS).rows
        after = sys.getrefcount(entity), sys.getrefcount(label)
        assert (after[0] - before[0], after[1] - before[1]) == many
        assert any(entity is row[2] for row in again)
        del again
    assert (sys.getrefcount(entity), sys.getrefcount(label)) == before


def test_rows_survive_a_collector_that_runs_at_every_object(graph: Graph) -> None:
    thresholds = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    try:
        rows = graph.list_paths(**ENDS).rows
    finally:
        gc.set_threshold(*thresholds)
    assert {tuple(entity.id for entity in row[::2]) for row in rows} == said(graph)


def test_what_is_forgotten_is_told_anew(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_KNOWN", 3)
    wanted = said(graph)
    first = graph.list_paths(**ENDS).rows
    graph.list_paths(source="MSC", target="neuron", max_hops=4)
    assert listed(graph) == wanted
    assert graph.list_paths(**ENDS).rows == first


def test_threads_share_what_is_remembered(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "FIRST_KNOWN", 2)
    wanted = said(mechkg.open_graph(data_directory / "ms-nsc" / "current"))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            graph = mechkg.open_graph(data_directory / "ms-nsc" / "current")
            every = np.arange(graph.manifest.counts.entities, dtype=np.int32)
            gate = threading.Barrier(4)

            def ask(
                number: int,
                graph: Graph = graph,
                every: NDArray[np.int32] = every,
                gate: threading.Barrier = gate,
            ) -> None:
                gate.wait()
                for size in range(number + 1, len(every), 37):
                    found = graph.snapshot.records.path_entities(every[:size])
                    assert found[-1] == graph.snapshot.records.path_entity(size - 1)
                    assert listed(graph) == wanted

            with ThreadPoolExecutor(4) as threads:
                list(threads.map(ask, range(4)))
            known = graph.snapshot.records.known(every)
            assert known.used == len(every) + 1
            assert sorted(known.place) == list(range(1, known.used))
    finally:
        sys.setswitchinterval(interval)


def test_an_array_that_another_thread_replaces_is_not_read_past_its_end(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "FIRST_KNOWN", 2)
    graph = mechkg.open_graph(data_directory / "ms-nsc" / "current")
    wanted = said(mechkg.open_graph(graph.snapshot.path))
    every = np.arange(graph.manifest.counts.entities, dtype=np.int32)

    def address(objects: NDArray[np.object_]) -> int:
        found = address_of(objects)
        graph.snapshot.records.known(every)
        return found

    monkeypatch.setattr(listing, "address_of", address)
    assert listed(graph) == wanted
