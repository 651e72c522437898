"""Work ends once nobody waits for it: looks at the flag are counted, not seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mechkg.kg.draw.graphviz import Dot, place_by_dot
from mechkg.kg.errors import Cancelled
from mechkg.kg.graph import Graph
from mechkg.kg.progress import FEW, Cancel
from mechkg.kg.writers import formats
from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS

Ask = Callable[[Graph, Cancel], Any]


@pytest.fixture
def graph(graph_of_examples: Graph) -> Graph:
    return graph_of_examples


class Counted(Cancel):
    """A flag that counts the looks at it, and is raised at one of them."""

    __slots__ = ("_last", "looks")

    def __init__(self, last: int = 1 << 60) -> None:
        super().__init__()
        self.looks, self._last = 0, last

    def check(self) -> None:
        """Count a look."""
        self.looks += 1
        if self.looks >= self._last:
            self.cancel()
        super().check()


ASKS: dict[str, Ask] = {
    "neighbourhood": lambda g, c: g.neighbourhood(entity="NSC", limit=1000, cancel=c),
    "neighbourhood of two steps": lambda g, c: g.neighbourhood(
        entity="GDNF", depth=2, limit=1000, cancel=c
    ),
    "compare neighbours": lambda g, c: g.compare(left="NSC", right="MSC", cancel=c),
    "subgraph": lambda g, c: g.subgraph(entities=["NSC", "neuron", "GDNF"], cancel=c),
    "around": lambda g, c: g.around("NSC", cancel=c),
    "about": lambda g, c: g.about("SC043", cancel=c),
    "whole": lambda g, c: g.whole(cancel=c),
    "paths": lambda g, c: g.find_paths(source="NSC", target="neuron", max_hops=3, cancel=c),
    "chokepoints": lambda g, c: g.chokepoints(source="NSC", target="neuron", cancel=c),
    "open ends": lambda g, c: g.open_ends(source="NSC", target="Disease", max_hops=2, cancel=c),
    "compare": lambda g, c: g.compare(left="NSC", right="MSC", target="neuron", cancel=c),
    "why not": lambda g, c: g.why_not(source="GDNF", target="NSC", max_hops=1, cancel=c),
    "drawn": lambda g, c: g.drawn(g.neighbourhood(entity="NSC", limit=1000), cancel=c),
}  # fmt: skip


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_work_ends_at_any_look_at_the_flag(graph: Graph, ask: Ask) -> None:
    whole = Counted()
    ask(graph, whole)
    assert whole.looks
    for last in {1, (whole.looks + 1) // 2, whole.looks}:
        flag = Counted(last)
        with pytest.raises(Cancelled):
            ask(graph, flag)
        assert flag.looks == last


def test_the_larger_an_answer_the_more_looks(graph: Graph) -> None:
    flag = Counted()
    found = graph.whole(cancel=flag)
    items = len(found.entities) + len(found.statements)
    assert flag.looks >= items // FEW


SLOW = [form for form in (*formats(), *RDF_FORMATS) if form.name != "json"]
"""JSON is written by one call, at a gigabyte in a few seconds."""


@pytest.mark.parametrize("form", SLOW, ids=lambda form: form.name)
def test_no_format_writes_on(graph: Graph, form) -> None:
    flag = Cancel()
    found = graph.around("GDNF", cancel=flag)
    assert form.write(found, graph.schema) == form.write(graph.around("GDNF"), graph.schema)
    flag.cancel()
    with pytest.raises(Cancelled):
        form.write(found, graph.schema)


def test_no_figure_is_waited_for() -> None:
    dot, flag = Dot(), Counted(2)
    with dot.in_use(flag.check), pytest.raises(Cancelled):
        place_by_dot("digraph { a -> b }")
    with dot.in_use(Cancel().check):
        assert place_by_dot("digraph { a -> b }") is not None
    dot.close()
