"""The client of a SPARQL endpoint (SPARQL 1.1 Protocol): queries by POST, answers as CSV.

An answer is refused unless it is whole: right media type, right variables, right number of columns
in each row, an end of line at its end, no header and no text by which servers mark an answer that
they gave up on with status 200. Time and bytes are bounded by the meter of the query.

The address is the operator's. Redirects are not followed, proxies and netrc of the environment are
not used, certificates are verified, and credentials are sent over TLS or to this machine alone.
"""

from __future__ import annotations

import csv
import io
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

from mechkg.kg.engine.contract import BudgetSpent, EngineRefusal, Meter
from mechkg.kg.errors import EngineError
from mechkg.ontology.endpoint.dialects import CSV, Dialect
from mechkg.ontology.endpoint.http import (
    Answer,
    Connections,
    Credentials,
    Dropped,
    TooLong,
    TooMuch,
)

__all__ = ["EndpointClient"]

RETRIED: Final = frozenset((429, 502, 503, 504))
"""Statuses after which the same request may succeed."""

GIVEN_UP: Final = frozenset((400, 413, 414, 500))
"""Statuses by which servers refuse a request that is too large or takes too long."""

ATTEMPTS: Final = 3
FIRST_PAUSE: Final = 0.2
"""Seconds before the second attempt; doubled before the third."""
MAX_PAUSE: Final = 5.0
IN_FLIGHT: Final = 4
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]+")


class _Again(Exception):
    """The same request may succeed after some seconds; `problem` says what went wrong."""

    def __init__(self, problem: EngineError, wait: float = 0.0) -> None:
        super().__init__(str(problem))
        self.problem, self.wait = problem, wait


class EndpointClient:
    """Sends queries to one address, at most `in_flight` at once. Safe under threads."""

    def __init__(
        self,
        url: str,
        dialect: Dialect,
        credentials: Credentials | None = None,
        *,
        graph: str = "",
        seconds: float = 20.0,
        in_flight: int = IN_FLIGHT,
        ca: str | None = None,
    ) -> None:
        self._connections = Connections(url, credentials or Credentials(), ca)
        self.name = f"The endpoint {url}"
        self._dialect = dialect
        self._form = dialect.form | ({"default-graph-uri": graph} if graph else {})
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(in_flight)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._connections.close()

    def select(self, query: str, variables: tuple[str, ...], meter: Meter) -> list[list[str]]:
        """Return the rows of a query with some variables.

        Raises `EngineRefusal` where the server gave up on the query or cut its answer,
        `EngineError` where it cannot be had, `BudgetSpent`.
        """
        body = urlencode({**self._form, "query": query}).encode()
        attempt, pause = 1, FIRST_PAUSE
        while True:
            meter.check()
            try:
                with self._slot(meter):
                    answer = self._sent(body, meter)
                return self._rows(answer, variables, meter)
            except _Again as failure:
                wait = max(pause, min(failure.wait, MAX_PAUSE))
                if attempt == ATTEMPTS or meter.remaining <= wait:
                    raise failure.problem from None
                time.sleep(wait)
            attempt, pause = attempt + 1, 2 * pause

    @contextmanager
    def _slot(self, meter: Meter) -> Iterator[None]:
        """Wait until fewer than `in_flight` requests are under way."""
        if not self._slots.acquire(timeout=max(meter.remaining, 0.001)):
            raise BudgetSpent("The query has waited too long for its turn at the endpoint.")
        try:
            yield
        finally:
            self._slots.release()

    def _sent(self, body: bytes, meter: Meter) -> Answer:
        """Return an answer of status 200, or raise what is wrong with it."""
        seconds = max(min(self._seconds, meter.remaining), 0.001)
        received = 0
        headers = {"Accept": CSV, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = self._connections.post(body, headers, seconds, meter.room())
            received = len(answer.body)
        except TooLong as error:
            received = error.received
            raise EngineRefusal(
                f"{self.name} took longer than {seconds:.3g} s for one request."
            ) from None
        except TooMuch as error:
            received = error.received
            raise EngineRefusal(f"{self.name} sent more bytes than the query may have.") from None
        except Dropped as error:
            received = error.received
            raise _Again(EngineError(f"{self.name} does not answer: {error}.")) from None
        finally:
            meter.count(sent=len(body), received=received)
        if answer.status == 200:
            return answer
        raise self._failure(answer)

    def _failure(self, answer: Answer) -> Exception:
        """Return what an answer of another status than 200 means."""
        said = f"{self.name} answered {answer.status}: {_excerpt(answer.body)}".rstrip(": .") + "."
        if answer.status in RETRIED:
            after = answer.headers.get("retry-after", "")
            problem = EngineError(said, hint="Try again later.")
            return _Again(problem, float(after) if after.isdigit() else 0.0)
        if answer.status in GIVEN_UP:
            return EngineRefusal(said)
        if answer.status in (401, 403):
            return EngineError(said, hint="Check the credentials of the endpoint.")
        return EngineError(said, hint="Check the address of the endpoint.")

    def _rows(self, answer: Answer, variables: tuple[str, ...], meter: Meter) -> list[list[str]]:
        """Return the rows of a CSV answer (SPARQL 1.1 Query Results CSV), or refuse it."""
        for header in self._dialect.partial:
            if header.lower() in answer.headers:
                raise EngineRefusal(f"{self.name} cut its answer ({header}).")
        media = answer.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if media != CSV:
            raise EngineError(
                f"{self.name} answered {_excerpt(media.encode()) or 'no media type'} where {CSV} "
                "was wanted.",
                hint="Check the address and the dialect of the endpoint.",
            )
        rows = self._parsed(answer.body)
        if tuple(name.lstrip("?") for name in rows[0]) != variables:
            raise EngineRefusal(f"{self.name} answered other variables than the query has.")
        width = len(variables)
        if any(len(row) != width for row in rows):
            raise EngineRefusal(f"{self.name} sent rows of another number of columns.")
        meter.add_rows(len(rows) - 1)
        return rows[1:]

    def _parsed(self, body: bytes) -> list[list[str]]:
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise EngineRefusal(f"{self.name} sent text that is not UTF-8.") from None
        for mark in self._dialect.failed:
            if mark in text[-2_000:]:
                raise EngineRefusal(f"{self.name} gave up: {mark}.")
        if not text.endswith("\n"):
            raise EngineRefusal(f"{self.name} ended its answer within a line.")
        try:
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            raise EngineRefusal(f"{self.name} sent no proper CSV: {error}.") from None


def _excerpt(body: bytes) -> str:
    """Return the beginning of a body as one printable line."""
    return _UNPRINTABLE.sub(" ", body[:200].decode("utf-8", "replace")).strip()
