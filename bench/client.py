"""The asking side of a worker: starts it, waits, and kills it past its time or memory."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedWriter, RawIOBase
from pathlib import Path
from types import TracebackType
from typing import cast

import msgspec

from bench import worker
from bench.graphs import CHECKOUT
from bench.measure import resident
from bench.worker import Answered, Ask, Build, Failed, Open, Passed, Ready

__all__ = ["Client"]

POLL = 0.01
"""Seconds between two looks for replies: to be woken by each would take the peer's processor."""

LOOKS = 20
"""How many of them go by between two looks at the memory."""

GRACE = 3.0
"""Seconds past the alarm before a question that lets no signal through is killed."""

ENDED = Failed("Ended", "the process had ended")


class Client:
    """One worker process. `megabytes` is the most memory it may take while it works."""

    def __init__(self, name: str, log: Path, megabytes: float) -> None:
        self.name = name
        self.megabytes = megabytes
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bench.worker", name],
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONHASHSEED": "0"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
            )
        assert self.process.stdin, "a pipe was asked for"
        assert self.process.stdout, "a pipe was asked for"
        self.requests = BufferedWriter(cast(RawIOBase, self.process.stdin))
        # Unbuffered, so that waiting for the pipe misses no reply that came with the one before.
        self.replies = self.process.stdout

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def call(self, request: Build | Open, seconds: float) -> Ready | Failed:
        """Send a request and wait; a worker that overruns is killed, which its reply says."""
        reply = self._reply(seconds) if self._sent(request) else ENDED
        assert isinstance(reply, Ready | Failed), "this is not a question"
        return reply

    def ask(self, request: Ask, grace: float = 0.0) -> Iterator[Answered | Failed | Passed]:
        """Send questions and yield the reply to each, within `grace` seconds of its time.

        The replies end early with a worker that overran and was killed: its reply is the last.
        """
        sent = self._sent(request)
        for _ in request.queries:
            reply = self._reply(request.seconds + grace) if sent else ENDED
            assert not isinstance(reply, Ready), "this is a question"
            yield reply
            if not sent or not self.alive:
                return

    def close(self) -> None:
        """Let the worker end, or kill it after the grace."""
        with suppress(BrokenPipeError):
            self.requests.close()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.replies.close()

    def _sent(self, request: msgspec.Struct) -> bool:
        try:
            worker.send(self.requests, request)
        except BrokenPipeError:
            return False
        return True

    def _reply(self, seconds: float) -> Ready | Answered | Failed | Passed:
        if reason := self._wait(time.monotonic() + seconds + GRACE):
            self.process.kill()
            self.process.wait()
            return Failed(*reason)
        body = worker.receive(self.replies)
        if body is None:
            return Failed("Ended", f"the process ended with status {self.process.wait()}")
        reply: Ready | Answered | Failed | Passed = worker.REPLY.decode(body)
        return reply

    def _wait(self, until: float) -> tuple[str, str] | None:
        """Wait for a reply or the end; return why the worker must be killed, if it must."""
        looks = 0
        with selectors.DefaultSelector() as replies:
            replies.register(self.replies, selectors.EVENT_READ)
            while not replies.select(0):
                if time.monotonic() > until:
                    return "TimeoutError", "not done in the time given"
                looks += 1
                if looks % LOOKS == 0 and (taken := resident(self.process.pid)) > self.megabytes:
                    return "MemoryError", f"took {taken:,.0f} MB, more than it was allowed"
                time.sleep(POLL)
        return None
