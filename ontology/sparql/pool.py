"""SPARQL over the store of a snapshot, in processes of its own that can be killed.

A query may hold a processor for ever, take all memory, or end the process that runs it; nothing
inside a process can stop one. So a small pool of processes evaluates them (`sparql_process`), each
started when it is first needed, and replaced when a query has brought it down::

    ask -> a free process, or a new one -> answer in time? -> back to the pool
                                              `-> no, or dead: reaped, its place is free
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
import weakref
from multiprocessing.connection import Connection
from queue import Empty, LifoQueue
from typing import Any, Final, Protocol

import msgspec

from mechkg.kg.errors import (
    Cancelled,
    MalformedQuery,
    MechKGError,
    TooCostly,
    TooLarge,
    UnknownTerm,
)

__all__ = ["Answer", "Limits", "Pace", "Pool", "Question"]

KNOWN_GRAPHS: Final = (
    "https://w3id.org/mechkg/graph/asserted",
    "https://w3id.org/mechkg/graph/inferred",
)
PROGRAM: Final = "mechkg.ontology.sparql.worker"

SHORT_SECONDS, START_SECONDS = 1.0, 5.0
"""A query that takes longer must be let to go on; so long a process may take to start before."""


LOOK_SECONDS: Final = 0.1
"""Between two looks at whether anybody waits for an answer."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a query may take: seconds, rows (or triples), bytes of its answer, MiB of memory."""

    seconds: float = 10.0
    rows: int = 100_000
    size: int = 16 * 2**20
    megabytes: int = 1024


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A query to a store, and the form of its answer.

    `default_graphs` None takes the dataset of the store; `result` and `graph` name the formats
    for solutions and for triples; `prefixes` are those that Turtle and RDF/XML declare;
    with `quotes` the query sees which triples statements reify.
    """

    store: str
    query: str
    base: str = ""
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] = ()
    result: str = "json"
    graph: str = "turtle"
    prefixes: dict[str, str] = msgspec.field(default_factory=dict)
    quotes: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What a query gives: the serialized answer and its number of rows or triples."""

    body: bytes
    rows: int


class Pace(Protocol):
    """What decides whether a query that turns out to be long may go on.

    Once it is `cancelled`, nobody waits for the answer any more.
    """

    @property
    def cancelled(self) -> bool:
        """Whether the query is to end."""

    def lengthen(self, *, wait: bool = True) -> bool:
        """Say whether it may; with `wait`, once it may."""


class _Ended(Exception):
    """The process ended while it answered, or was ended; `code` as `subprocess` gives it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _MustWaitError(Exception):
    """A query takes long, and may not go on now."""


class Pool:
    """At most `count` processes that evaluate queries; safe between threads.

    None is started before the first question, so that a server forks without them.
    """

    def __init__(self, count: int, limits: Limits) -> None:
        self.limits = limits
        self._places: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(count):
            self._places.put(None)

    def ask(
        self, question: Question, pace: Pace | None = None, *, patience: float = 10.0
    ) -> Answer:
        """Return the answer to a question.

        Waits at most `patience` seconds for a free process. A query that takes more than
        `SHORT_SECONDS` goes on where `pace` lets it; else it is stopped, and begun again once it
        does. Where `pace` is cancelled the process is ended. Raises `MalformedQuery`, `TooCostly`,
        `TooLarge`, what `pace` raises, or `Cancelled`, also where no process came free.
        """
        try:
            head, body = self._asked(question, pace, patience)
        except _MustWaitError:
            if pace is not None:
                pace.lengthen()
            head, body = self._asked(question, pace, patience)
        if "rows" in head:
            return Answer(body, head["rows"])
        raise self._refused(head)

    def _asked(
        self, question: Question, pace: Pace | None, patience: float
    ) -> tuple[dict[str, Any], bytes]:
        process = self._free(pace, patience)
        try:
            if process is None or process.ended():
                process = _Process(self.limits.megabytes)
            return process.ask(question, self.limits, pace)
        except _Ended as ended:
            process = None
            raise self._explained(ended.code) from None
        except (_MustWaitError, Cancelled):
            process = None
            raise
        finally:
            self._places.put(process)

    def _free(self, pace: Pace | None, patience: float) -> _Process | None:
        """Take a process that is free, None for one that is yet to start; raises `Cancelled`."""
        deadline = time.monotonic() + patience
        while True:
            _check(pace)
            left = max(deadline - time.monotonic(), 0.0)
            with contextlib.suppress(Empty):
                return self._places.get(timeout=min(left, LOOK_SECONDS))
            if not left:
                raise Cancelled("All places for SPARQL queries are taken.")

    def close(self) -> None:
        """End all processes; questions asked later start new ones."""
        for _ in range(self._places.qsize()):
            with contextlib.suppress(Empty):
                process = self._places.get_nowait()
                if process is not None:
                    process.end()
                self._places.put(None)

    def _refused(self, head: dict[str, Any]) -> MechKGError:
        limits = self.limits
        if "malformed" in head:
            return MalformedQuery(f"is not SPARQL 1.1: {_shortened(head['malformed'])}")
        if "unknown" in head:
            return UnknownTerm("graph", head["unknown"], KNOWN_GRAPHS)
        if "failed" in head:
            return MalformedQuery(f"cannot be answered: {_shortened(head['failed'])}")
        if head["excess"] == "memory":
            return self._explained(-signal.SIGABRT)
        most = f"{limits.rows:,} rows" if head["excess"] == "rows" else f"{limits.size:,} bytes"
        return TooLarge(f"An answer holds at most {most}.", hint="Page it with LIMIT and OFFSET.")

    def _explained(self, code: int) -> TooCostly:
        limits = self.limits
        if code == -signal.SIGALRM:
            detail, limit = f"took longer than {limits.seconds:g} s", f"{limits.seconds:g} s"
        elif code == -signal.SIGABRT:
            detail, limit = f"took more than {limits.megabytes} MiB", f"{limits.megabytes} MiB"
        else:
            detail, limit = f"ended the process that evaluated it ({code})", "1 process"
        return TooCostly(
            f"The query {detail} and was stopped.", limit=limit, hint="Narrow it, or add a LIMIT."
        )


class _Process:
    """One process, and the socket that it is asked over."""

    def __init__(self, megabytes: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                [sys.executable, "-P", "-m", PROGRAM, str(theirs.fileno()), str(megabytes)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._connection = Connection(ours.detach())
        self._is_warm = False
        weakref.finalize(self, _let_go, self._process, self._connection)

    def ask(
        self, question: Question, limits: Limits, pace: Pace | None
    ) -> tuple[dict[str, Any], bytes]:
        """Return the head and body of an answer.

        Raises `_Ended`, `Cancelled`, and `_MustWaitError` where it takes long and may not; then it
        is of no use.
        """
        asked = msgspec.structs.asdict(question)
        asked |= {"seconds": limits.seconds, "rows": limits.rows, "bytes": limits.size}
        try:
            self._connection.send_bytes(msgspec.msgpack.encode(asked))
            patience = SHORT_SECONDS + (0.0 if self._is_warm else START_SECONDS)
            if pace is not None and not self._has_answered(patience, pace):
                self._go_on(pace)
            self._is_warm = True
            # The process ends itself in time; should it be unable to, it is ended here.
            if not self._has_answered(limits.seconds + 2, pace):
                raise _Ended(self.end(signal.SIGALRM))
            head = msgspec.msgpack.decode(self._connection.recv_bytes())
            return head, self._connection.recv_bytes()
        except (EOFError, OSError):
            raise _Ended(self.end()) from None

    def _has_answered(self, seconds: float, pace: Pace | None) -> bool:
        """Wait for an answer; ends the process and raises `Cancelled` where nobody else does."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._connection.poll(min(left, LOOK_SECONDS)):
                return True
            try:
                _check(pace)
            except Cancelled:
                self._process.kill()
                self.end()
                raise
        return False

    def _go_on(self, pace: Pace) -> None:
        """Go on with a long query if it may, else end the process and raise `_MustWaitError`."""
        if not pace.lengthen(wait=False):
            self._process.kill()
            self.end()
            raise _MustWaitError

    def ended(self) -> bool:
        """Say whether the process has ended without being asked, by a signal from elsewhere."""
        return self._process.poll() is not None

    def end(self, taken_for: int = 0) -> int:
        """End the process; returns its exit code, or `-taken_for`."""
        self._connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=2.0)
            return -taken_for if taken_for else code
        self._process.kill()
        code = self._process.wait()
        return -taken_for if taken_for else code


def _check(pace: Pace | None) -> None:
    if pace is not None and pace.cancelled:
        raise Cancelled("The query was stopped; nobody waits for its answer.")


def _let_go(process: subprocess.Popen[bytes], connection: Connection) -> None:
    """End a process that nothing refers to any more: its pool was dropped, not closed."""
    connection.close()
    if process.poll() is None:
        process.kill()
        process.wait()


def _shortened(text: str) -> str:
    """Return a parser's complaint without the classes of characters that it expected."""
    text = " ".join(text.split())
    place, _, expected = text.partition("expected one of ")
    if not expected:
        return text if len(text) <= 300 else f"{text[:297]}..."
    known = [word for word in expected.split(", ") if "\\u{" not in word and ".." not in word]
    return f"{place}expected one of {', '.join(known[:24])}"
