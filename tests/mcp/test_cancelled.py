"""A call that its client has given up ends: the flag that its work looks at is raised."""

from __future__ import annotations

import asyncio
import threading

from mechkg.api.mcp.tools import Tools
from mechkg.kg.errors import Cancelled
from mechkg.kg.graph import Graph
from tests.processes import PATIENCE


def test_a_call_that_is_cancelled_stops_its_work(graph_of_examples: Graph) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()
    how: list[BaseException | None] = []

    class Watched(Graph):
        """The graph, which tells how a search in it ended."""

        def find_paths(self, *args, **fields):  # type: ignore[no-untyped-def]
            begun.set()
            assert go_on.wait(PATIENCE)
            try:
                found = super().find_paths(*args, **fields)
            except Cancelled as error:
                how.append(error)
                raise
            finally:
                ended.set()
            return found

    (find_paths,) = (
        tool
        for tool in Tools(lambda: Watched(graph_of_examples.snapshot)).all()
        if tool.__name__ == "find_paths"
    )

    async def given_up() -> None:
        call = asyncio.create_task(find_paths(source=("NSC",), target=("neuron",)))
        await asyncio.to_thread(begun.wait, PATIENCE)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        go_on.set()
        await asyncio.to_thread(ended.wait, PATIENCE)

    asyncio.run(given_up())
    assert [type(error) for error in how] == [Cancelled]
