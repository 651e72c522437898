"""What the probes of attacks share: data, servers, clients that ask cheap questions beside."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import requests

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.sparql.store import build_store
from tests.api.servers import ROOT, Service, serving, until

PATHS: Final = "/api/v1/paths?source=NSC&target=GDNF&max_hops=2"
SECONDS: Final = 240.0
"""Longest wait for one answer."""
WORKERS: Final = 2
CHEAP_SECONDS: Final = 5.0
"""A cheap request that takes longer counts as not answered."""
PATH_FIND: Final = """PREFIX path: <https://w3id.org/mechkg/path/>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
SELECT ?position ?from ?to { ("X:0" "X:1" 2) path:find ?path .
  ?path path:statement (?position ?st) . ?st biolink:subject ?from ; biolink:object ?to }"""
CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"

Outcome = tuple[str, bool]


class Lab:
    """What the probes share: a folder, the bundled ontology, a graph of 40,000 statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        command("warm", "--data", str(folder / "warm"))  # kernels are kept beside the source

    @cached_property
    def bundle(self) -> Path:
        """A data directory with the bundled ontology, and its store."""
        path = compile_bundle(self.folder / "bundle")
        build_store(open_snapshot(path))
        return self.folder / "bundle"

    @cached_property
    def wide(self) -> Path:
        """A data directory with a graph of 4,000 entities, ten of them hubs, and its store."""
        chance = random.Random(4)
        evidence = (Evidence(kind="literature", source="infores:test", publications=("PMID:1",)),)
        entities = [Entity(id=f"X:{n}", name=f"thing {n}", category="biolink:Gene")
                    for n in range(4_000)]  # fmt: skip
        statements = [
            Statement(
                id=f"S{n}", subject=f"X:{chance.choice((n % 10, chance.randrange(4_000)))}",
                predicate="affects", object=f"X:{chance.randrange(4_000)}", sign=1,
                effect="raises", evidence=evidence,
            )
            for n in range(40_000)
        ]  # fmt: skip
        path = build_snapshot(self.folder / "wide" / "wide", name="wide", entities=entities,
                              statements=statements, schema=biolink_schema())  # fmt: skip
        Catalogue(self.folder / "wide").publish("wide", path)
        build_store(open_snapshot(path))
        return self.folder / "wide"

    def fresh(self) -> Path:
        """A new folder."""
        self._count += 1
        path = self.folder / f"own{self._count}"
        path.mkdir()
        return path

    @contextmanager
    def server(
        self, data: Path, *, before: tuple[str, ...] = (), **settings: object
    ) -> Iterator[Service]:
        """A server with two workers, whose kernels are compiled; `before` starts its command."""
        self._count += 1
        log = self.folder / f"log{self._count}"
        with serving(data, log, before=before, workers=WORKERS, **settings) as service:
            until(lambda: len(workers(service)) == WORKERS)
            yield service


# -- helpers ----------------------------------------------------------------------------------


def workers(service: Service) -> list[int]:
    """The worker processes of a server."""
    master = service.process.pid
    listed = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    own = _command_line(master)
    return sorted(pid for pid in map(int, listed) if _command_line(pid) == own)


def _command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def resident(service: Service) -> int:
    """MiB of anonymous memory of the workers of a server."""
    total = 0
    for pid in workers(service):
        with suppress(OSError):
            text = Path(f"/proc/{pid}/status").read_text()
            total += int(text.partition("RssAnon:")[2].split()[0])
    return total // 1024


class Cheap:
    """Asks cheap questions while a block runs; `said` counts the statuses, `slowest` seconds."""

    def __init__(self, service: Service, *paths: str) -> None:
        self._service, self._paths = service, paths
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.said: Counter[str] = Counter()
        self.slowest = 0.0

    def __enter__(self) -> Cheap:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        for path in cycle(self._paths):
            if self._stop.wait(0.05):
                return
            began = time.monotonic()
            try:
                status = str(requests.get(self._service.url + path, timeout=CHEAP_SECONDS)
                             .status_code)  # fmt: skip
            except requests.RequestException as error:
                status = type(error).__name__
            self.said[status] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    @property
    def words(self) -> str:
        """What came, in words."""
        return f"cheap: {statuses(self.said)}, slowest {self.slowest:.1f} s"

    @property
    def right(self) -> bool:
        """Whether each was answered."""
        return set(self.said) == {"200"}


def statuses(said: Counter[str]) -> str:
    """Counted statuses as text."""
    return ", ".join(f"{count} x {status}" for status, count in sorted(said.items()))


def asked_at_once(count: int, ask: Callable[[int], requests.Response]) -> Counter[str]:
    """Ask so many times at once; returns the statuses."""

    def one(number: int) -> str:
        try:
            with ask(number) as answer:
                for _ in answer.iter_content(1 << 20):
                    pass
                return str(answer.status_code)
        except requests.RequestException as error:
            return type(error).__name__

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


def connection(service: Service, sent: bytes = b"", buffer: int = 0) -> socket.socket:
    """Connect and send; a small buffer makes a slow reader."""
    sock = socket.socket()
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.settimeout(SECONDS)
    sock.connect(("127.0.0.1", service.port))
    sock.sendall(sent)
    return sock


def http(path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    """A request as bytes."""
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: a\r\n"
    if body:
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def command(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run `mechkg` in a process of its own; returns its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "mechkg", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200",
             **environment},
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def hop(data: Path, middle: str, count: int = 2) -> Path:
    """A graph in which X:0 leads to X:1 through an entity; statements have equal names."""
    entities = [Entity(id=text, name=text) for text in ("X:0", "X:1", middle)]
    ends = [("X:0", middle), (middle, "X:1"), *[(middle, "X:0")] * (count - 2)]
    statements = [Statement(id=f"S{n}", subject=a, predicate="affects", object=b)
                  for n, (a, b) in enumerate(ends)]  # fmt: skip
    return build_snapshot(data / "own", name="own", entities=entities, statements=statements,
                          schema=biolink_schema())  # fmt: skip


def trapi(edges: int) -> dict[str, Any]:
    """A query graph with parallel edges."""
    return {"message": {"query_graph": {
        "nodes": {"a": {"ids": ["CL:0000047"]}, "b": {"categories": ["biolink:NamedThing"]}},
        "edges": {f"e{n}": {"subject": "a", "object": "b"} for n in range(edges)},
    }}}  # fmt: skip
