"""An endpoint behind a proxy that breaks answers: a true partial answer or one clear problem."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress

import msgspec
import pytest

from mechkg import EngineError, Graph, MechKGError, PathQuery
from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.graph import EngineGraph
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.http import Credentials
from mechkg.ontology.endpoint.mapping import EndpointMapping
from tests.engine.conftest import MAPPING
from tests.engine.proxy import FAULTS, _Proxy, proxy_of
from tests.engine.test_snapshot_engine import shown

SECONDS = 0.4
BUDGET = Budget(requests=60, bytes=2_000_000, seconds=3 * SECONDS)
PATIENCE = 30.0
"""Far above what budgets allow for on the slowest machine, far below a hang."""

QUERY = PathQuery(
    source=("HGNC:4232!",), target=("CL:0000540!",), max_hops=3, direction="undirected",
    scorer="specific", timeout=60,
)  # fmt: skip


@pytest.fixture(scope="module")
def proxy(plain_endpoint: str) -> Iterator[_Proxy]:
    with proxy_of(plain_endpoint) as running:
        yield running


def opened(proxy: _Proxy, *, wants_table: bool) -> SparqlEngine:
    mapping = msgspec.convert(MAPPING | {"request_seconds": SECONDS}, EndpointMapping)
    return SparqlEngine(proxy.url, mapping, wants_table=wants_table)


@pytest.fixture(scope="module")
def expected(plain_graph: Graph) -> list[dict[str, object]]:
    return shown(plain_graph.find_paths(QUERY, limit=50))


@pytest.mark.parametrize(
    ("fault", "count"),
    [*((fault, 1) for fault in FAULTS), *((fault, 1000) for fault in list(FAULTS)[::3])],
)
def test_every_answer_is_true(
    proxy: _Proxy, expected: list[dict[str, object]], fault: str, count: int
) -> None:
    """Broken at each kind of request: version, predicates, degrees, statements, names."""
    turn = list(FAULTS).index(fault) % 2
    for first in (1, 5) if count == 1000 else ((2, 5)[turn],):
        proxy.set_up(fault, first, count)
        begun = time.monotonic()
        with closing(opened(proxy, wants_table=False)) as engine:
            answer = None
            with suppress(MechKGError):
                answer = EngineGraph(engine, BUDGET).answer(QUERY)
        assert time.monotonic() - begun < PATIENCE
        if answer is None:
            continue
        found = shown(answer.result)
        if answer.reason:
            assert answer.result.bound is not None
            assert not answer.result.complete
            bound = answer.result.bound
            better = [path["entities"] for path in expected if path["score"] > bound]
            assert [path["score"] for path in found if path["score"] > bound] == [
                path["score"] for path in expected[: len(better)]
            ][: QUERY.limit]
        else:
            assert found == expected[: QUERY.limit]


def test_a_moment_of_failure_is_got_over(proxy: _Proxy, expected: list[dict[str, object]]) -> None:
    for fault in ("503", "reset"):
        proxy.set_up(fault, 4, 2)
        with closing(opened(proxy, wants_table=False)) as engine:
            answer = EngineGraph(engine, Budget(seconds=60)).answer(QUERY)
        assert answer.reason == ""
        assert shown(answer.result) == expected[: QUERY.limit]


def test_an_endpoint_that_is_not_there_is_one_clear_problem() -> None:
    engine = SparqlEngine("http://127.0.0.1:9/sparql", msgspec.convert(MAPPING, EndpointMapping))
    with (
        closing(engine),
        pytest.raises(EngineError, match=r"127\.0\.0\.1:9/sparql does not answer"),
    ):
        EngineGraph(engine).find_paths(QUERY)


def test_a_token_is_sent_and_is_in_no_message(proxy: _Proxy) -> None:
    proxy.set_up("500", 1, 1000)
    mapping = msgspec.convert(MAPPING, EndpointMapping)
    given = Credentials(kind="bearer", token="a-secret-token")
    engine = SparqlEngine(proxy.url, mapping, given)
    with closing(engine), pytest.raises(EngineError) as refused:
        EngineGraph(engine).find_paths(QUERY)
    assert "secret" not in str(refused.value)
    assert proxy.authorization == "Bearer a-secret-token"
