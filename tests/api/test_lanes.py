"""Lanes share their places fairly, and move what takes long out of the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask import Request
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import EnvironBuilder

from mechkg.api.http.clients import Clients
from mechkg.api.http.lanes import SHORT_SECONDS, Lane, Lanes, Turn
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.errors import Cancelled
from tests.processes import PATIENCE, until


def waiting(lane: Lane) -> int:
    return len(lane._queue)


class Queue:
    """Threads that wait in a lane; `order` has their clients as they got in."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._threads: list[threading.Thread] = []
        self.order: list[str] = []
        self.refused: list[str] = []
        self.expected: list[float] = []

    def add(self, client: str, expected: float = 0.0) -> None:
        """Let a thread wait, and return once it does, or another was refused for it."""
        before = waiting(self._lane) + 2 * len(self.refused)
        thread = threading.Thread(target=self._enter, args=(client, expected), daemon=True)
        thread.start()
        self._threads.append(thread)
        until(lambda: waiting(self._lane) + 2 * len(self.refused) > before, 30)

    def _enter(self, client: str, expected: float) -> None:
        try:
            self._lane.enter(client, PATIENCE, expected)
            self.expected.append(expected)
            self.order.append(client)
        except TooManyRequests:
            self.refused.append(client)

    def served(self, first: str) -> list[str]:
        """Give places back: that of `first`, then of each who got in; returns the order."""
        self._lane.leave(first, 0.1)
        for thread_count in range(1, len(self._threads) - len(self.refused) + 1):
            until(lambda count=thread_count: len(self.order) == count, 30)
            self._lane.leave(self.order[-1], 0.1)
        return self.order


def test_the_next_is_of_the_client_that_holds_fewest_places():
    lane = Lane(3, waiting=10, seconds=PATIENCE)
    for client in ("many", "many", "other"):
        lane.enter(client)
    queue = Queue(lane)
    for client in ("many", "many", "new"):
        queue.add(client)
    lane.leave("many", 0.1)
    until(lambda: queue.order, 30)
    for client in ("new", "other", "many"):  # the last place waits for a client that holds none
        lane.leave(client, 0.1)
    until(lambda: len(queue.order) == 3, 30)
    assert queue.order == ["new", "many", "many"]


def test_the_last_place_is_for_another_client():
    lane = Lane(2, waiting=0, seconds=PATIENCE)
    lane.enter("one")
    with pytest.raises(TooManyRequests) as raised:
        lane.enter("one")
    assert raised.value.retry_after >= 1
    lane.enter("other")
    assert not lane.try_enter("third")
    lane.leave("one", 0.1)
    assert lane.try_enter("third")


def test_in_a_full_queue_the_client_with_most_requests_gives_way():
    lane = Lane(1, waiting=3, seconds=PATIENCE)
    lane.enter("first")
    queue = Queue(lane)
    for client in ("busy", "busy", "busy", "busy", "rare"):
        queue.add(client)
    until(lambda: len(queue.refused) == 2, 30)
    assert queue.refused == ["busy", "busy"]
    assert queue.served("first") == ["busy", "busy", "rare"]


def test_who_waits_too_long_is_refused_and_leaves_nothing_behind():
    lane = Lane(1, waiting=1, seconds=0.01)
    lane.enter("one")
    with pytest.raises(TooManyRequests):
        lane.enter("other")
    assert waiting(lane) == 0
    lane.leave("one", 0.1)
    lane.enter("other")


def long_enough(turn: Turn) -> None:
    end = time.thread_time() + SHORT_SECONDS
    while time.thread_time() <= end:
        pass
    turn.check()


def test_work_that_takes_long_moves_on_and_is_known_as_long_the_next_time():
    lanes = Lanes(4, 0, 0.01, lambda _seconds: (1, 1))
    with lanes.turn("kind", "one") as turn:
        assert lanes.short.try_enter("two")
        assert not lanes.short.try_enter("three")
        long_enough(turn)
        assert lanes.short.try_enter("three")
        with pytest.raises(TooManyRequests), lanes.turn("other", "four"):
            pass
        with lanes.turn("kind", "four"):  # its kind is known to be long by now
            pass
    lanes.expected.note("slow", 1.0)
    lanes.long.enter("two")
    lanes.long.enter("three")
    with pytest.raises(TooManyRequests), lanes.turn("slow", "one"):
        pass


def test_work_that_waits_for_a_processor_is_not_long():
    lanes = Lanes(4, 0, 0.01, lambda _seconds: (1, 1))
    with lanes.turn("kind", "one") as turn:
        time.sleep(2 * SHORT_SECONDS)
        turn.check()
        assert lanes.short.try_enter("two")
        assert not lanes.short.try_enter("three")
    assert lanes.expected.seconds("kind") < SHORT_SECONDS
    with lanes.sparql("query", "one"):  # its process is another one
        time.sleep(SHORT_SECONDS)
    assert lanes.expected.seconds("query") >= SHORT_SECONDS


def test_of_one_client_the_shortest_is_next():
    lane = Lane(1, waiting=2, seconds=PATIENCE)
    lane.enter("one")
    queue = Queue(lane)
    queue.add("one", 1.0)
    queue.add("one", 5.0)
    queue.add("one", 0.01)  # the longest gives way
    until(lambda: queue.refused, 30)
    lane.leave("one", 0.1)
    until(lambda: queue.expected == [0.01], 30)
    lane.leave("one", 0.1)
    until(lambda: queue.expected == [0.01, 1.0], 30)


def test_a_turn_that_rests_holds_no_place_and_can_be_cancelled():
    lanes = Lanes(4, 0, 0.01, lambda _seconds: (1, 1))
    with ExitStack() as stack:
        turns = [stack.enter_context(lanes.turn("kind", name)) for name in ("one", "two")]
        with pytest.raises(TooManyRequests):
            stack.enter_context(lanes.turn("kind", "three"))
        turns[0].rest()
        third = stack.enter_context(lanes.turn("kind", "three"))
        with pytest.raises(TooManyRequests):
            turns[0].resume()
        third.rest()
        turns[0].resume()
        turns[0].cancel()
        with pytest.raises(Cancelled):
            turns[0].check()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "named"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "2001:db8::1:2", "2001:db8::/64"),
    ],
)
def test_clients_are_told_apart_by_address(tmp_path, proxies, forwarded, named):
    builder = EnvironBuilder(
        headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": "192.0.2.1"}
    )
    assert Clients(Tokens(tmp_path), proxies).name(Request(builder.get_environ())) == named


def test_holders_of_tokens_are_clients_of_their_own(tmp_path):
    secret = Tokens(tmp_path).add("ada", "read")
    name: Callable[[str], str] = lambda given: Clients(Tokens(tmp_path), 0).name(  # noqa: E731
        Request(EnvironBuilder(
            headers={"Authorization": f"Bearer {given}"},
            environ_base={"REMOTE_ADDR": "192.0.2.1"},
        ).get_environ())
    )  # fmt: skip
    assert name(secret) == "token ada"
    assert name("guess") == "192.0.2.1"
