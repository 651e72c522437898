"""A graph goes to other processes as its path and hash."""

import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from mechkg.kg.build.load import load
from mechkg.kg.errors import SnapshotError
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.schema import Schema


@pytest.fixture(scope="module")
def graph(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def best(graph: Graph, target: str) -> tuple[str, ...]:
    found = graph.find_paths(source="NSC", target=target, max_hops=2, limit=3)
    return (str(id(graph)), *(path.explanation for path in found.paths))


def test_a_pickled_graph_is_small_and_the_same(graph: Graph) -> None:
    sent = pickle.dumps(graph)
    assert len(sent) < 1_000
    back = pickle.loads(sent)
    assert back.manifest == graph.manifest
    assert back.snapshot.path == graph.snapshot.path
    assert pickle.loads(sent) is back


def test_processes_answer_from_a_graph_that_is_sent_to_them(graph: Graph) -> None:
    targets = ["neuron", "astrocyte", "Remyelination", "neuron"]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(best, [graph] * len(targets), targets))
    assert len({identity for identity, *_ in answers}) == 1
    assert [rest for _, *rest in answers] == [list(best(graph, t)[1:]) for t in targets]


def test_a_pickled_graph_of_another_version_or_none_is_refused(
    graph: Graph, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(graph.snapshot.path, copy)
    sent = pickle.dumps(open_graph(copy))
    edges = tmp_path / "edges.tsv"
    edges.write_text("subject\tpredicate\tobject\nX:1\taffects\tX:2\n")
    shutil.rmtree(copy)
    shutil.copytree(load([edges], tmp_path / "data", name="other", schema=Schema()).path, copy)
    with pytest.raises(SnapshotError, match="which was pickled"):
        pickle.loads(sent)
    shutil.rmtree(copy)
    with pytest.raises(SnapshotError):
        pickle.loads(sent)
