"""Lanes: work that is soon done is not kept waiting by work that takes long.

Every request that works on the graph begins in a lane by what it is expected to cost: by what such
requests took before. What is not known to be long begins in the lane of short work, and has to move
to the lane of long work once it has taken `SHORT_SECONDS`; look-ups have a lane of their own. Each
lane works on few requests at once and has a bounded queue. Where several clients wait, the next is
the one that holds the fewest places, and the last free place of a lane is never taken by a client
that holds another. A request that would wait for too long is answered 429, with Retry-After.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from mechkg.kg.errors import Cancelled
from mechkg.kg.progress import Cancel

__all__ = ["LANES", "SHORT_SECONDS", "CountLane", "Expected", "Lane", "Lanes", "Turn"]

CountLane = Callable[[str, str, float], None]
"""Counts what happens in a lane, by its name: `working` and `waiting` go up and down, `waits`,
`wait_seconds`, `refused` and `cancelled` grow."""


def _uncounted(_lane: str, _what: str, _amount: float) -> None:
    return


LANES: Final = 6
"""Lanes with a queue."""

SHORT_SECONDS: Final = 0.1
"""Work that takes longer goes on in the lane of long work."""

COMPILE_PATIENCE: Final = 15.0
"""Seconds that a search waits for kernels: less than a worker may be held by a request."""

SHORT_QUERY_SECONDS: Final = 1.0
"""The same of a SPARQL query, for which a place is a process."""

LOOK_SECONDS: Final = 0.25
"""Between two looks at whether the client of a request that waits is still there."""

MAX_RETRY_AFTER: Final = 60
"""Seconds that Retry-After names, at most."""


@dataclass(eq=False, slots=True)
class _Waiter:
    """A request that waits for a place; `refused` where another client's took its turn."""

    client: str
    expected: float
    called: threading.Event = field(default_factory=threading.Event)
    refused: bool = False


def _stays() -> bool:
    return False


def _waited(called: threading.Event, seconds: float, is_gone: Callable[[], bool]) -> bool:
    """Wait for an event for some seconds; returns whether the client went away meanwhile."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not called.wait(min(left, LOOK_SECONDS)):
        if is_gone():
            return True
    return False


Clock = Callable[[], float]


class Lane:
    """Places of one process for requests of one kind, shared fairly between clients.

    At most `places` hold one, at most `waiting` wait, for at most `seconds`. Of those of one
    client, the next is the one that is expected to take the shortest. Where the queue is full, the
    client with the most waiting requests gives way to one with fewer, and long work to short work.

    >>> lane = Lane(2, waiting=0, seconds=1.0)
    >>> lane.enter("one")
    >>> lane.enter("one")  # the last place is for others
    Traceback (most recent call last):
    werkzeug.exceptions.TooManyRequests: 429 ...
    >>> lane.enter("other")
    """

    def __init__(
        self,
        places: int,
        waiting: int,
        seconds: float,
        name: str = "",
        count: CountLane = _uncounted,
    ) -> None:
        self._places, self._waiting, self._seconds = places, waiting, seconds
        self.count: Callable[[str, float], None] = partial(count, name)
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._queue: list[_Waiter] = []
        self._usual = 0.1

    def enter(
        self,
        client: str,
        seconds: float | None = None,
        expected: float = 0.0,
        is_gone: Callable[[], bool] = _stays,
    ) -> None:
        """Take a place, or wait for one.

        `expected` is how long it will be held; who is gone waits no longer. Raises
        `TooManyRequests` where no place comes free in time, and `Cancelled`.
        """
        with self._lock:
            if self._may_take(client):
                self._hold(client)
                return
            waiter = self._queued(_Waiter(client, expected))
        gone = self._wait(waiter, self._seconds if seconds is None else seconds, is_gone)
        with self._lock:
            if waiter.called.is_set() and not waiter.refused:
                return
            if waiter in self._queue:
                self._queue.remove(waiter)
            raise Cancelled("The client is gone.") if gone else self._too_many()

    def try_enter(self, client: str) -> bool:
        """Take a place if one is free and nobody waits for it."""
        with self._lock:
            if self._queue or not self._may_take(client):
                return False
            self._hold(client)
            return True

    def leave(self, client: str, held: float) -> None:
        """Give a place back that was held for some seconds; calls who is next."""
        with self._lock:
            self._usual += 0.2 * (held - self._usual)
            self._held[client] -= 1
            self.count("working", -1)
            if not self._held[client]:
                del self._held[client]
            while self._queue:
                fitting = [w for w in self._queue if self._may_take(w.client)]
                if not fitting:
                    return
                called = min(fitting, key=lambda w: (self._held[w.client], w.expected))
                self._queue.remove(called)
                self._hold(called.client)
                called.called.set()

    def _hold(self, client: str) -> None:
        self._held[client] += 1
        self.count("working", 1)

    def _wait(self, waiter: _Waiter, patience: float, is_gone: Callable[[], bool]) -> bool:
        """Wait until a waiter is called, or its patience is at an end, or its client is gone.

        Returns whether the client is gone.
        """
        began = time.monotonic()
        self.count("waiting", 1)
        gone = _waited(waiter.called, patience, is_gone)
        self.count("waiting", -1)
        self.count("waits", 1)
        self.count("wait_seconds", time.monotonic() - began)
        return gone

    def _may_take(self, client: str) -> bool:
        free = self._places - self._held.total()
        return free > 1 or (free == 1 and (self._places == 1 or client not in self._held))

    def _queued(self, waiter: _Waiter) -> _Waiter:
        """Append a waiter; one of the client with the most of them may have to go."""
        if len(self._queue) >= self._waiting:
            counts = Counter(w.client for w in self._queue)
            busiest, most = max(counts.items(), key=lambda pair: pair[1], default=("", 0))
            own = counts[waiter.client]
            of_it = [w for w in reversed(self._queue) if w.client == busiest]
            last = max(of_it, key=lambda w: w.expected, default=waiter)
            shorter = most == own and waiter.expected < last.expected
            if most <= own + 1 and not shorter:
                raise self._too_many()
            self._queue.remove(last)
            last.refused = True
            last.called.set()
        self._queue.append(waiter)
        return waiter

    def _too_many(self) -> TooManyRequests:
        self.count("refused", 1)
        ahead = self._usual * (len(self._queue) + 1) / self._places
        return TooManyRequests(
            "As many requests of this kind are under way, and waiting, as may be. Ask again later.",
            retry_after=min(max(1, math.ceil(ahead)), MAX_RETRY_AFTER),
        )


class Expected:
    """What requests are expected to take, by a key: a mean of those before, the last ones most.

    >>> expected = Expected()
    >>> expected.note("compare", 2.0)
    >>> expected.seconds("compare"), expected.seconds("search")
    (2.0, 0.0)
    """

    MAX_KEYS: Final = 4_096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._means: OrderedDict[Hashable, float] = OrderedDict()

    def seconds(self, key: Hashable, unknown: float = 0.0) -> float:
        """Return what a request of a key is expected to take, `unknown` where none is known."""
        return self._means.get(key, unknown)

    def note(self, key: Hashable, seconds: float) -> None:
        """Take note of what a request took."""
        with self._lock:
            mean = self._means.pop(key, seconds)
            self._means[key] = mean + 0.3 * (seconds - mean)
            if len(self._means) > self.MAX_KEYS:
                self._means.popitem(last=False)


class Turn(Cancel):
    """A request's place in a lane, and the flag that stops its work.

    `long_word` is called when it turns out to be long. Work calls `check` now and then: there it
    moves to the lane of long work when it has taken `SHORT_SECONDS`, and waits for a place. Work
    that waits for its client rests in between.

    Seconds are those of the processor that this thread had: on a machine with much else to do short
    work stays short. Where another process works, `clock` is the time of day.
    """

    __slots__ = (
        "_began", "_client", "_clock", "_expected", "_held", "_is_gone", "_lane", "_long",
        "_seconds", "_since", "_spent", "long_word",
    )  # fmt: skip

    def __init__(
        self,
        client: str,
        lane: Lane,
        long: Lane | None,
        seconds: float | None = None,
        *,
        expected: float = 0.0,
        is_gone: Callable[[], bool] = _stays,
        clock: Clock = time.thread_time,
    ) -> None:
        super().__init__()
        self._clock, self._since = clock, 0.0
        self._is_gone = is_gone
        self._client, self._lane, self._long, self._seconds = client, lane, long, seconds
        self._expected = expected
        self.long_word: Callable[[], None] = lambda: None
        self._held, self._spent, self._began = False, 0.0, 0.0
        self.resume()

    def check(self) -> None:
        """Raise `Cancelled` once the client is gone; move to long work where it is time."""
        super().check()
        spent = self._spent + self._clock() - self._began
        if self._long is not None and self._held and spent > SHORT_SECONDS:
            self.lengthen()

    def expect_long(self) -> None:
        """Move to the lane of long work."""
        self.lengthen()

    def lengthen(self, *, wait: bool = True) -> bool:
        """Move to the lane of long work; returns whether the request is there.

        Without `wait` it stays where it is if no place is free. Raises `TooManyRequests`.
        """
        long = self._long
        if long is None:
            return True
        self.long_word()
        if not wait and not long.try_enter(self._client):
            return False
        self.rest()
        self._lane, self._long = long, None
        if wait:
            self.resume()
        else:
            self._begin()
        return True

    def resume(self) -> None:
        """Take a place again after a rest; raises `TooManyRequests`."""
        if not self._held:
            self._lane.enter(self._client, self._seconds, self._expected, self._is_gone)
            self._begin()

    def rest(self) -> float:
        """Give the place back, if one is held; returns the seconds worked so far, without waits."""
        if self._held:
            self._held, self._spent = False, self._spent + self._clock() - self._began
            self._lane.leave(self._client, time.monotonic() - self._since)
        return self._spent

    def end(self) -> float:
        """Give the place back for good, as `rest` does; counts work whose client has gone."""
        if self.cancelled:
            self._lane.count("cancelled", 1)
        return self.rest()

    def _begin(self) -> None:
        self._held, self._began, self._since = True, self._clock(), time.monotonic()


class Lanes:
    """The lanes of one process, by how many requests it works on at once (`threads`).

    `waiting` and `seconds` are those of each lane's queue. `compiled` waits for kernels, and
    returns how many of how many are there. `count` is called with what happens in each lane.
    """

    MAX_EXPORTS: Final = 16
    """Exports that are open at once, most of them waiting for their clients."""

    def __init__(
        self,
        threads: int,
        waiting: int,
        seconds: float,
        compiled: Callable[[float], tuple[int, int]],
        count: CountLane = _uncounted,
    ) -> None:
        def lane(name: str, places: int, queue: int = waiting) -> Lane:
            return Lane(places, queue, seconds, name, count)

        self.look_ups = lane("look_ups", max(2, threads // 2))
        self.short = lane("short", max(2, threads // 2))
        self.long = lane("long", max(2, threads // 4))
        self.pieces = lane("pieces", 1)
        self.exports = lane("exports", self.MAX_EXPORTS, 0)
        self.short_sparql = lane("short_sparql", max(2, threads // 2))
        self.long_sparql = lane("long_sparql", max(1, threads // 8))
        self.expected = Expected()
        self._compiled = compiled
        self._warm = False

    @contextmanager
    def turn(
        self,
        key: Hashable,
        client: str,
        *,
        light: bool = False,
        unknown: float = 0.0,
        is_gone: Callable[[], bool] = _stays,
    ) -> Iterator[Turn]:
        """Hold a place for a request of a kind, which is expected to take the seconds `unknown`.

        What it took is noted. Those that are `light` look things up; all others need kernels.
        `is_gone` says whether its client has gone, for whom no place is waited for.
        Raises `TooManyRequests`, `Cancelled`, and `ServiceUnavailable` while the kernels of a first
        start are being compiled.
        """
        begins = self.look_ups if light else self.short
        with self._turn(key, client, begins, self.long, is_gone, unknown=unknown) as turn:
            if not light:
                self._wait_for_kernels()
            yield turn

    @contextmanager
    def sparql(
        self, key: Hashable, client: str, is_gone: Callable[[], bool] = _stays
    ) -> Iterator[Turn]:
        """Hold a place for a SPARQL query."""
        lanes, short = (self.short_sparql, self.long_sparql), SHORT_QUERY_SECONDS
        clock = time.monotonic
        with self._turn(key, client, *lanes, is_gone, short=short, clock=clock) as turn:
            yield turn

    @contextmanager
    def background(self, client: str) -> Iterator[Turn]:
        """Hold a place for work that nobody waits for, however long it takes to get one."""
        turn = Turn(client, self.long, None, seconds=math.inf)
        try:
            self._wait_for_kernels()
            yield turn
        finally:
            turn.end()

    @contextmanager
    def _turn(
        self,
        key: Hashable,
        client: str,
        begins: Lane,
        long: Lane,
        is_gone: Callable[[], bool],
        *,
        unknown: float = 0.0,
        short: float = SHORT_SECONDS,
        clock: Clock = time.thread_time,
    ) -> Iterator[Turn]:
        def is_long() -> bool:
            return self.expected.seconds(key, unknown) > short

        expected = self.expected.seconds(key, unknown)
        if is_long():
            begins, long_later = long, None
        else:
            long_later = long
        turn = Turn(client, begins, long_later, expected=expected, is_gone=is_gone, clock=clock)
        turn.long_word = lambda: self.expected.note(key, max(expected, 2 * short))
        try:
            if is_long():  # others of its kind have turned out to be, while it waited
                turn.lengthen()
            yield turn
        finally:
            self.expected.note(key, turn.end())

    def _wait_for_kernels(self) -> None:
        if self._warm:
            return
        done, total = self._compiled(COMPILE_PATIENCE)
        if done < total:
            raise ServiceUnavailable(
                f"The search kernels of this first start are being compiled: {done} of {total}. "
                "Look-ups are answered; ask again in a few seconds.",
                retry_after=5,
            )
        self._warm = True
