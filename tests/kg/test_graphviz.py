"""Graphviz in a process: the same places whether it is kept or not, and no process left behind."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechkg.kg.draw import Layout, layout
from mechkg.kg.draw.graphviz import Dot, place_by_dot
from mechkg.kg.model.values import Subgraph
from tests.kg.subgraphs import HOSTILE, SCHEMA, SMALL, subgraphs

ARROW = "digraph { a -> b }"


def children() -> set[int]:
    """Return the processes that this one has started, by any thread, and not seen end."""
    found = set()
    # Not /proc/self/task/*/children: proc(5) says that it may miss some while others end.
    for told in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(told.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(told.parent.name))
    return found


@pytest.fixture
def started() -> Iterator[set[int]]:
    """The processes of others; every test ends without any of its own."""
    others = children()
    yield others
    assert children() == others


@pytest.mark.usefixtures("started")
def test_graphviz_is_given_up_when_it_takes_too_long_or_fails() -> None:
    assert place_by_dot(ARROW) is not None
    assert place_by_dot(ARROW, seconds=0.001) is None
    assert place_by_dot("digraph { a -> b [label=<<table>] }") is None


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(subgraphs(), min_size=1, max_size=3))
def test_a_kept_process_places_every_graph_as_one_of_its_own_does(started, graphs) -> None:
    dot = Dot()
    for graph in (*graphs, SMALL, HOSTILE):
        with dot.in_use():
            kept = layout(graph, SCHEMA)
        assert kept == layout(graph, SCHEMA)
    assert len(children() - started) <= 1
    dot.close()


def test_a_kept_process_may_fail_and_the_next_figure_is_right(started) -> None:
    apart = place_by_dot(ARROW)
    assert apart
    dot = Dot()
    with dot.in_use():
        assert place_by_dot(ARROW) == apart
        assert place_by_dot("digraph { a -> b [label=<<table>] }") is None
        assert place_by_dot(ARROW) == apart
        assert place_by_dot(ARROW, seconds=0) is None
        assert place_by_dot(ARROW) == apart
        for child in children() - started:
            os.kill(child, signal.SIGKILL)
        assert place_by_dot(ARROW) == apart
        assert len(children() - started) == 1
    dot.close()


def test_a_process_that_was_started_beforehand_places_the_first_figure(started) -> None:
    dot = Dot()
    dot.start()
    (early,) = children() - started
    dot.start()
    with dot.in_use():
        assert place_by_dot(ARROW) is not None
    assert children() - started == {early}
    dot.close()


def test_a_figure_that_is_interrupted_leaves_no_answer_to_the_next(started) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    apart = place_by_dot(ARROW)
    # Far more than 50 ms of work, so that the signal comes while the answer is waited for.
    slow = "".join(f"a{i % 89} -> a{i * i % 97};" for i in range(600))
    dot = Dot()
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with dot.in_use():
            assert place_by_dot(ARROW) == apart
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                place_by_dot(f"digraph {{ {slow} }}", seconds=60)
            assert children() == started
            assert place_by_dot(ARROW) == apart
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    dot.close()


def test_threads_share_a_kept_process_without_waiting_for_it(started) -> None:
    graphs = [SMALL, HOSTILE] * 6
    apart = [layout(graph, SCHEMA) for graph in graphs]
    dot = Dot()

    def drawn(graph: Subgraph) -> Layout:
        with dot.in_use():
            return layout(graph, SCHEMA)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(drawn, graphs)) == apart
    assert len(children() - started) == 1
    dot.close()


def test_a_kept_process_ends_with_what_keeps_it(started) -> None:
    dot = Dot()
    with dot.in_use():
        assert place_by_dot(ARROW) is not None
    assert len(children() - started) == 1
    del dot
    gc.collect()
    assert children() == started


def test_a_fork_leaves_the_kept_process_to_its_parent(started) -> None:
    dot = Dot()
    with dot.in_use():
        assert place_by_dot(ARROW) is not None
        (kept,) = children() - started
        child = os.fork()
        if child == 0:
            right = place_by_dot(ARROW) is not None and kept not in children()
            dot.close()
            os._exit(0 if right else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert children() - started == {kept}
        assert place_by_dot(ARROW) is not None
        assert children() - started == {kept}
    dot.close()
