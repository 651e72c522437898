"""What lines say of answers that are not whole."""

from pathlib import Path

import msgspec
import pytest

from mechkg.api.mcp.text import tell_neighbourhood, tell_paths
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.values import PathEntity
from mechkg.kg.search.net_effect import net_effect_of
from mechkg.kg.search.verdict import Decision
from mechkg.kg.search.verdict_words import End


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def test_a_search_that_ran_out_of_time_is_told_so(graph):
    found = graph.find_paths(source="NSC", target="neuron", max_hops=3)
    cut = msgspec.structs.replace(
        found, complete=False, truncated_by="time", total=len(found.paths), total_is_exact=False
    )
    shown = len(found.paths)
    assert list(tell_paths(cut))[-1] == f"[{shown} of at least {shown} shown: cut by time.]"


def test_nothing_found_in_time_is_not_told_as_no_path(graph):
    found = graph.find_paths(source="neuron", target="NSC", max_hops=1)
    assert not found.paths
    assert any(line.startswith("No path.") for line in tell_paths(found))
    effect = net_effect_of(
        Decision(verdict="none", basis="none"),
        (0, 0, 0, 0),
        exact=False,
        source=End((PathEntity("CL:0000540", "neuron", "biolink:Cell"),)),
        target=End((PathEntity("CL:0000047", "neural stem cell", "biolink:Cell"),)),
    )
    cut = msgspec.structs.replace(
        found, complete=False, truncated_by="time", total_is_exact=False, net_effect=effect
    )
    assert list(tell_paths(cut)) == [
        "No path from neurons to neural stem cells was found before the search was cut.",
        "[0 of at least 0 shown: cut by time.]",
    ]


def test_what_is_whole_is_not_told_as_cut(graph):
    around = graph.neighbourhood(entity="GDNF", limit=1000)
    assert around.complete
    assert not any("shown: cut by" in line for line in tell_neighbourhood(around))
