"""Mixed load: `python -m bench.mixed_load [SECONDS] [--write]`.

Two servers of one worker each: one whose graph a reloader loads anew again and again, one whose
graph two curators edit. Ten readers ask both, over all doors, each from an address of its own; four
abusers do the worst of the findings (whole exports, abandoned searches, readers that never read,
comparisons of hubs and cross products). Turns with and without all but the readers follow each
other, so that what the machine does besides is the same for both. Every answer is compared with
what the version that it names gives in this process; latencies, memory and statuses are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import numpy as np
import pyoxigraph
import requests

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.sparql.store import build_store, find_store
from tests.api.servers import ROOT, Service, SourceAddress, serving

ENTITIES: Final = 4_000
STATEMENTS: Final = 40_000
HUBS: Final = 10
TURN: Final = 15.0
"""Seconds of a turn."""
PATIENCE: Final = 60.0

CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"
LABEL: Final = "SELECT ?x { <https://w3id.org/mechkg/entity/X%3A7> ?p ?x } ORDER BY ?x LIMIT 20"


@dataclass(frozen=True)
class Door:
    """A cheap question over one door, and what a version answers to it."""

    name: str
    path: str
    expected: Callable[[Graph], bytes]
    body: dict[str, Any] | None = None


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)


def lines(graph: Graph) -> bytes:
    stream = graph.stream_paths(source=("X:11",), target=("X:1",), max_hops=2, limit=5)
    return b"".join(encoded(path) + b"\n" for path in stream) + encoded(stream.summary) + b"\n"


def sparql(graph: Graph) -> bytes:
    path = find_store(graph.snapshot.path)
    store = pyoxigraph.Store.read_only(str(path))
    return store.query(LABEL).serialize(format=pyoxigraph.QueryResultsFormat.JSON) or b""


DOORS: Final = (
    Door("paths", "/api/v1/paths?source=X:11&target=X:1&max_hops=2&limit=5",
         lambda g: encoded(g.find_paths(source=("X:11",), target=("X:1",), max_hops=2, limit=5))),
    Door("paths by name", "/api/v1/paths?source=thing%2012&target=thing%202&max_hops=2&limit=3",
         lambda g: encoded(g.find_paths(source=("thing 12",), target=("thing 2",), max_hops=2,
                                        limit=3))),
    Door("search", "/api/v1/search?q=thing%2011&limit=10",
         lambda g: encoded(g.search("thing 11", limit=10))),
    Door("entity", "/api/v1/entities/X:11", lambda g: encoded(g.entity("X:11"))),
    Door("neighbourhood", "/api/v1/entities/X:11/neighbourhood?limit=20",
         lambda g: encoded(g.neighbourhood(entity="X:11", limit=20))),
    Door("stream", "/api/v1/paths/stream?source=X:11&target=X:1&max_hops=2&limit=5", lines),
    Door("sparql", f"/sparql?query={requests.utils.quote(LABEL)}", sparql),
    Door("metagraph", "/api/v1/metagraph", lambda g: encoded(g.metagraph())),
)  # fmt: skip


@dataclass
class Seen:
    """What was measured: by door and phase the seconds, statuses, and the answers to compare."""

    seconds: dict[tuple[str, bool], list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    answers: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    memory: list[tuple[float, int]] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    writes: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def graph_of(folder: Path, name: str) -> Path:
    chance = random.Random(4)
    evidence = (Evidence(kind="literature", source="infores:test", publications=("PMID:1",)),)
    entities = [Entity(id=f"X:{n}", name=f"thing {n}", category="biolink:Gene")
                for n in range(ENTITIES)]  # fmt: skip
    statements = [
        Statement(id=f"S{n}", subject=f"X:{chance.choice((n % HUBS, chance.randrange(ENTITIES)))}",
                  predicate="affects", object=f"X:{chance.randrange(ENTITIES)}", sign=1,
                  effect="raises", evidence=evidence)
        for n in range(STATEMENTS)
    ]  # fmt: skip
    path = build_snapshot(folder / name, name=name, entities=entities, statements=statements,
                          schema=biolink_schema())  # fmt: skip
    Catalogue(folder).publish(name, path)
    build_store(open_snapshot(path))
    return path


class Load:
    """Threads that work until they are stopped; those of `loaded` only in turns of load."""

    def __init__(self, services: Sequence[Service], tokens: Sequence[str], seen: Seen) -> None:
        self.services, self.tokens, self.seen = services, tokens, seen
        self.stop, self.loaded = threading.Event(), threading.Event()
        self.numbers = count()

    def read(self, address: str) -> None:
        """Ask one door after the other, on both servers."""
        session = requests.Session()
        session.mount("http://", SourceAddress(address))
        asked = [(service, door) for door in DOORS for service in self.services]
        random.Random(address).shuffle(asked)
        for service, door in cycle(asked):
            if self.stop.wait(0.08):
                return
            began, phase = time.monotonic(), self.loaded.is_set()
            try:
                answer = session.get(service.url + door.path, timeout=PATIENCE,
                                     headers={"Accept": "application/json"}
                                     if door.name != "sparql" else {})  # fmt: skip
                status, body = str(answer.status_code), answer.content
            except requests.RequestException as error:
                status, body, answer = type(error).__name__, b"", None
            took = time.monotonic() - began
            with self.seen.lock:
                if status != "200":
                    self.seen.failed[f"{door.name} {status}"] += 1
                    continue
                if phase == self.loaded.is_set():
                    self.seen.seconds[door.name, phase].append(took)
                version = version_of(answer, body)
                key = (str(service.data), version, door.name)
                digest = sha256(body).digest()
                if self.seen.answers.setdefault(key, digest) != digest:
                    self.seen.failed[f"{door.name} TWO ANSWERS"] += 1

    def reload(self) -> None:
        """Load the first graph anew, with one entity more each time."""
        service = self.services[0]
        for turn in count():
            if not self.wait():
                return
            rows = "".join(
                f"X:{(7 * n) % ENTITIES}\tbiolink:affects\tX:{(n + turn) % ENTITIES}\n"
                for n in range(STATEMENTS)
            )
            table = service.data / "edges.tsv"
            table.write_text(f"subject\tpredicate\tobject\n{rows}")
            nodes = service.data / "nodes.tsv"
            nodes.write_text("id\tname\tcategory\n" + "".join(
                f"X:{n}\tthing {n}\tbiolink:Gene\n" for n in range(ENTITIES)))  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-m", "mechkg", "load", str(nodes), str(table), "--name", "first",
                 "--data", str(service.data)],
                env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
            )  # fmt: skip
            self.seen.others[f"load exit {done.returncode}"] += 1

    def curate(self, number: int) -> None:
        """Add a statement, then take it out again."""
        service, session = self.services[1], requests.Session()
        head = {"Authorization": f"Bearer {self.tokens[number]}"}
        while self.wait():
            name = f"N{next(self.numbers)}"
            for change in (
                {"op": "add_statement", "id": name, "subject": f"X:{20 + number}",
                 "predicate": "affects", "object": "X:30",
                 "evidence": [{"kind": "literature", "source": "infores:test"}]},
                {"op": "retract_statement", "id": name},
            ):  # fmt: skip
                began = time.monotonic()
                body = {"reason": "bench", "changes": [change], "accept": True}
                url = f"{service.url}/api/v1/changesets"
                answer = session.post(url, headers=head, json=body, timeout=PATIENCE)
                self.seen.others[f"change {answer.status_code}"] += 1
                self.seen.writes.append(time.monotonic() - began)
                if self.stop.wait(1.0):
                    return

    def abuse(self, number: int) -> None:
        """Do the worst of the findings, one kind each."""
        address = f"127.0.0.{200 + number}"
        kinds = (self.export, self.abandon, self.dawdle, self.compare)
        session = requests.Session()
        session.mount("http://", SourceAddress(address))
        while self.wait():
            for service in self.services:
                with suppress(OSError, requests.RequestException):
                    kinds[number](service, session, address)

    def export(self, service: Service, session: requests.Session, _: str) -> None:
        with session.get(
            f"{service.url}/api/v1/graph.ttl", stream=True, timeout=PATIENCE
        ) as answer:
            for _piece in answer.iter_content(1 << 20):
                if self.stop.is_set():
                    return
        self.seen.others[f"export {answer.status_code}"] += 1

    def abandon(self, service: Service, _: requests.Session, address: str) -> None:
        body = json.dumps({"source": [f"X:{n}" for n in range(300)], "max_hops": 8, "limit": 1000,
                           "target": [f"X:{n}" for n in range(600, 900)], "diverse": "metapath",
                           "timeout": 30}).encode()  # fmt: skip
        head = (f"POST /api/v1/paths HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()  # fmt: skip
        for _number in range(14):
            with socket.create_connection(("127.0.0.1", service.port), PATIENCE,
                                          (address, 0)) as sock:  # fmt: skip
                sock.sendall(head + body)
        self.seen.others["abandoned"] += 14
        self.stop.wait(1.0)

    def dawdle(self, service: Service, _: requests.Session, address: str) -> None:
        with ExitStack() as stack:
            for _number in range(20):
                sock = stack.enter_context(socket.socket())
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                sock.bind((address, 0))
                sock.connect(("127.0.0.1", service.port))
                sock.sendall(b"GET /api/v1/entities/X:1/neighbourhood?limit=10000 HTTP/1.1\r\n"
                             b"Host: a\r\n\r\n")  # fmt: skip
            self.stop.wait(5.0)
        self.seen.others["slow readers"] += 20

    def compare(self, service: Service, session: requests.Session, _: str) -> None:
        body = {"left": ["X:1"], "right": ["X:2"], "target": ["X:3"], "max_hops": 5}
        said = [
            session.post(f"{service.url}/api/v1/compare", json=body, timeout=PATIENCE),
            session.get(f"{service.url}/sparql", params={"query": CROSS}, timeout=PATIENCE),
        ]
        for answer in said:
            self.seen.others[f"heavy {answer.status_code}"] += 1

    def wait(self) -> bool:
        """Wait for the next turn of load; returns whether there is one."""
        while not self.loaded.wait(0.2):
            if self.stop.is_set():
                return False
        return not self.stop.is_set()


def version_of(answer: Any, body: bytes) -> str:
    tag = answer.headers.get("ETag", "").removeprefix("W/").strip('"')
    if tag:
        return tag.partition("-")[0]
    return str(json.loads(body.splitlines()[-1])["snapshot"])


def memory(services: Sequence[Service]) -> int:
    """MiB of the servers' trees (PSS)."""
    total = 0
    for service in services:
        for pid in tree(service.process.pid):
            with suppress(OSError, IndexError, ValueError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(text.partition("Pss:")[2].split()[0])
    return total // 1024


def tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += tree(int(child))
    return found


def compared(seen: Seen) -> Counter[str]:
    """Compare every answer with that of its version in this process."""
    found: Counter[str] = Counter()
    doors = {door.name: door for door in DOORS}
    graphs: dict[Path, Graph | None] = {}
    for (data, version, name), digest in seen.answers.items():
        paths = list(Path(data).glob(f"*/{version}"))
        if not paths:
            found["version gone"] += 1
            continue
        if paths[0] not in graphs:
            graphs[paths[0]] = open_graph(paths[0])
        graph = graphs[paths[0]]
        assert graph is not None
        if name == "sparql" and find_store(paths[0]) is None:
            found["store gone"] += 1
            continue
        right = sha256(doors[name].expected(graph)).digest() == digest
        found["right" if right else f"WRONG {name}"] += 1
    return found


def report(seen: Seen, seconds: float, found: Counter[str]) -> str:
    rows = ["| door | quiet p50 / p99, ms | loaded p50 / p99, ms | p99 ratio | reads |",
            "|---|--:|--:|--:|--:|"]  # fmt: skip
    names = [door.name for door in DOORS]
    pooled: dict[bool, list[float]] = {False: [], True: []}
    for name in [*names, "all"]:
        both = []
        for phase in (False, True):
            times = seen.seconds[name, phase] if name != "all" else pooled[phase]
            if name != "all":
                pooled[phase] += times
            both.append(1000 * np.percentile(times or [0.0], [50, 99]))
        quiet, loaded = both
        reads = sum(len(seen.seconds[name, p]) for p in (False, True)) if name != "all" else sum(
            map(len, pooled.values()))  # fmt: skip
        ratio = loaded[1] / max(quiet[1], 0.1)
        words = (f"{a:.0f} / {b:.0f}" for a, b in both)
        rows.append(f"| {name} | {' | '.join(words)} | {ratio:.1f} | {reads:,} |")
    writes = np.percentile(seen.writes or [0.0], [50, 99])
    half = [m for t, m in seen.memory if t > 30] or [0]
    marks = ", ".join(f"{n} x {k}" for k, n in sorted(seen.others.items()))
    table = "\n".join(rows)
    return f"""# Mixed load

Written by `python -m bench.mixed_load {seconds:.0f} --write`: two servers of one worker, 10
readers, 2 curators, 1 reloader, 4 abusers; turns of load and of readers alone follow each other.

{table}

- Failed reads: {sum(seen.failed.values())} {dict(seen.failed) or ""}
- Answers compared with their version: {dict(found)}
- Changes acknowledged and visible: p50 {writes[0]:.2f} s, p99 {writes[1]:.2f} s
- Memory after 30 s: {min(half)} to {max(half)} MiB
- Besides: {marks}
"""


def main(arguments: Sequence[str]) -> int:
    """Run the load and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.mixed_load", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=120.0, help="of load")
    parser.add_argument("--write", action="store_true", help="write bench/mixed_load.md")
    given = parser.parse_args(arguments)
    seen = Seen()
    with TemporaryDirectory(prefix="mixed-") as name, ExitStack() as stack:
        folder = Path(name)
        for graph in ("first", "second"):
            (folder / graph).mkdir()
            graph_of(folder / graph, graph)
        tokens = [Tokens(folder / "second").add(f"curator{n}", "accept") for n in range(2)]
        services = [
            stack.enter_context(serving(folder / graph, folder / f"{graph}.log", graph=graph,
                                        workers=1, access_log=False))
            for graph in ("first", "second")
        ]  # fmt: skip
        load = Load(services, tokens, seen)
        work: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
            *((load.read, (f"127.0.0.{10 + n}",)) for n in range(10)),
            *((load.curate, (n,)) for n in range(2)), (load.reload, ()),
            *((load.abuse, (n,)) for n in range(4)),
        ]  # fmt: skip
        threads = [threading.Thread(target=target, args=args) for target, args in work]
        for thread in threads:
            thread.start()
        time.sleep(5)
        seen.seconds.clear()
        began, spent = time.monotonic(), 0.0
        while spent < given.seconds:
            time.sleep(TURN)
            load.loaded.set()
            for _ in range(int(TURN)):
                time.sleep(1)
                seen.memory.append((spent, memory(services)))
                spent += 1
            load.loaded.clear()
            time.sleep(1)
        load.stop.set()
        load.loaded.set()
        for thread in threads:
            thread.join()
        print(f"{time.monotonic() - began:.0f} s", flush=True)
        found = compared(seen)
        text = report(seen, given.seconds, found)
        print(text)
        for service in services:
            print(service.log.read_text()[-1500:])
        if given.write:
            (ROOT / "bench" / "mixed_load.md").write_text(text)
    return int(bool(seen.failed) or any("WRONG" in name for name in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
