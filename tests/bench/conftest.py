"""A small graph of the benchmark, and its questions."""

from __future__ import annotations

import pytest

from bench.graphs import Graph, make_graph
from bench.queries import draw_queries
from bench.workloads import Query


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="session")
def small(cache) -> Graph:
    return make_graph("synthetic-20k", cache)


@pytest.fixture(scope="session")
def questions(small: Graph) -> dict[str, tuple[Query, ...]]:
    return draw_queries(small)
