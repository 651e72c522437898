"""The process of one peer: reads requests from its standard input, replies on its output.

A message is its length in four bytes and a msgpack body. What libraries print goes to standard
error. A question is stopped by an alarm where the library lets Python's signals through; the
asking side kills the process where it does not.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from bench.answers import Answer
from bench.graphs import Graph
from bench.measure import Memory, cpu_seconds, memory, peak
from bench.peers import LOADERS, PEERS, make_peer
from bench.peers.peer import Loader, Peer
from bench.workloads import Query, Workload

__all__ = [
    "REPLY",
    "REQUEST",
    "Answered",
    "Ask",
    "Build",
    "Failed",
    "Open",
    "Passed",
    "Ready",
    "receive",
    "send",
]

SIZE = struct.Struct(">I")


class Build(msgspec.Struct, frozen=True, tag=True):
    """Write the peer's store of a graph into an empty directory."""

    graph: Graph
    store: str


class Open(msgspec.Struct, frozen=True, tag=True):
    """Make ready to answer some workloads."""

    graph: Graph
    store: str
    workloads: tuple[Workload, ...]


class Ask(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Answer questions one after the other, each within some `seconds`, with a reply to each.

    When `left` seconds are used up, the others are passed over. `check` wants the answers, not
    only their times.
    """

    workload: Workload
    queries: tuple[Query, ...]
    seconds: float
    left: float = math.inf
    check: bool = False


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What building or opening took, with the memory before and after the library's import."""

    version: str
    about: str
    lacks: dict[str, str]
    answers: frozenset[str]
    threads: int
    compiles: bool
    import_seconds: float
    seconds: float
    cpu: float
    before: Memory
    imported: Memory
    after: Memory
    stored: int


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How long a question took; what was answered, and the most memory so far, if wanted.

    `foretold`: the paths and milliseconds that the peer expected, where it can say.
    """

    seconds: float
    cpu: float
    peak: float = 0.0
    answer: Answer | None = None
    foretold: tuple[float, float] | None = None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A request that was not carried out; `kind` is the name of the exception."""

    kind: str
    reason: str


class Passed(msgspec.Struct, frozen=True, tag=True):
    """A question that was not asked, as the seconds for its like were used up."""


REQUEST = msgspec.msgpack.Decoder(Build | Open | Ask)
REPLY = msgspec.msgpack.Decoder(Ready | Answered | Failed | Passed)


def send(stream: BinaryIO, message: msgspec.Struct) -> None:
    """Write one message."""
    body = msgspec.msgpack.encode(message)
    stream.write(SIZE.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one message, from a stream with or without a buffer; None at the end of it."""
    head = _exactly(stream, SIZE.size)
    return None if head is None else _exactly(stream, SIZE.unpack(head)[0])


def _exactly(stream: BinaryIO, size: int) -> bytes | None:
    parts = []
    while size:
        part = stream.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Session:
    """One peer in this process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.peer: Loader | None = None
        self.opened: Peer | None = None

    def build(self, request: Build) -> Ready:
        store = Path(request.store)
        ready = self._measured(lambda peer: peer.build(request.graph, store))
        stored = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
        return msgspec.structs.replace(ready, stored=stored)

    def open(self, request: Open) -> Ready:
        store = Path(request.store)

        def work(peer: Loader) -> None:
            assert isinstance(peer, Peer), "a loader is only built"
            peer.open(request.graph, store, request.workloads)
            self.opened = peer

        ready = self._measured(work)
        gc.collect()
        gc.freeze()
        return ready

    def ask(self, request: Ask) -> Iterator[msgspec.Struct]:
        """Yield the reply to each question, be it an error."""
        end = time.monotonic() + request.left
        for query in request.queries:
            if time.monotonic() >= end:
                yield Passed()
                continue
            try:
                yield self._asked(request, query)
            except Exception as error:  # noqa: BLE001 - whatever a library raises becomes a row
                yield _failed(error)

    def _asked(self, request: Ask, query: Query) -> Answered:
        peer = self.opened
        assert peer, "open comes before ask"
        signal.setitimer(signal.ITIMER_REAL, request.seconds)
        try:
            cpu, start = self._cpu(), time.perf_counter()
            found = peer.ask(request.workload, query, request.seconds)
            seconds, cpu = time.perf_counter() - start, self._cpu() - cpu
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if not request.check:
            return Answered(seconds=seconds, cpu=cpu)
        answer, most = peer.answer(request.workload, query, found), peak(self._pids())
        foretold = peer.foretell(request.workload, query)
        return Answered(seconds=seconds, cpu=cpu, peak=most, answer=answer, foretold=foretold)

    def _measured(self, work: Callable[[Loader], None]) -> Ready:
        before = memory([os.getpid()])
        start = time.perf_counter()
        peer = self.peer = make_peer(self.name)
        import_seconds, imported = time.perf_counter() - start, memory([os.getpid()])
        start, cpu = time.perf_counter(), time.process_time()
        work(peer)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        cpu += sum(map(cpu_seconds, peer.servers()))
        return Ready(
            version=_version((PEERS | LOADERS)[self.name].distribution),
            about=peer.about,
            lacks=peer.lacks,
            answers=peer.answers,
            threads=peer.threads,
            compiles=peer.compiles,
            import_seconds=import_seconds,
            seconds=seconds,
            cpu=cpu,
            before=before,
            imported=imported,
            after=memory(self._pids()),
            stored=0,
        )

    def _cpu(self) -> float:
        servers = self.peer.servers() if self.peer else ()
        return time.process_time() + sum(map(cpu_seconds, servers))

    def _pids(self) -> list[int]:
        return [os.getpid(), *(self.peer.servers() if self.peer else ())]


def serve(name: str, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more."""
    session = Session(name)
    does: dict[type, Callable[[Any], msgspec.Struct]] = {Build: session.build, Open: session.open}
    while (body := receive(requests)) is not None:
        request = REQUEST.decode(body)
        if isinstance(request, Ask):
            for reply in session.ask(request):
                send(replies, reply)
            continue
        try:
            send(replies, does[type(request)](request))
        except Exception as error:  # noqa: BLE001 - whatever a library raises becomes a row
            send(replies, _failed(error))
    if session.opened:
        session.opened.close()


def _failed(error: Exception) -> Failed:
    return Failed(type(error).__name__, str(error)[:500])


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "from the checkout"


def _stop(*_: object) -> None:
    raise TimeoutError("not done in the time given")


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, _stop)
    reply_to = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, reply_to)
