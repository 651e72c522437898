"""The trace of a walk: what it counts, and that the walk of a request is the same each time."""

from bench.walks import Walk, of_load, of_request, walking
from mechkg.kg.model.cursor import read_cursor
from mechkg.kg.model.queries import SearchQuery


def test_a_move_is_a_call_into_another_module() -> None:
    query = SearchQuery(q="cell")
    with walking() as walk:
        read_cursor(query, "c0ffee")
        read_cursor(query, "c0ffee")
    assert list(walk.modules) == ["kg.model.cursor"]
    assert (walk.moves, len(walk.functions), walk.functions.total()) == (0, 1, 2)


def steady(walk: Walk) -> dict[tuple[str, str, int], int]:
    """Return the calls of a walk, but what a latency does that is the first of its bucket."""
    return {name: calls for name, calls in walk.functions.items() if name[1] != "Counters._append"}


def test_a_request_walks_the_same_way_each_time_and_through_every_stage() -> None:
    first, second = of_request(), of_request()
    assert (first.moves, steady(first)) == (second.moves, steady(second))
    order = [name for name in first.modules if name.startswith(("api.http.dec", "kg.search"))]
    assert order.index("api.http.decoding") < order.index("kg.search.prepare")
    assert order.index("kg.search.prepare") < order.index("kg.search.path_builder")
    assert first.moves < first.functions.total()


def test_a_load_walks_from_the_command_to_the_builder() -> None:
    modules = list(of_load().modules)
    assert modules[0].startswith("api.cli")
    assert modules.index("kg.build.load") < modules.index("kg.build.builder")
