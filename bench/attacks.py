"""The table of attacks: `python -m bench.attacks [FINDING...]`.

Each finding of the reviews of reliability and of the doors is tried again on a real server, or in a
process of its own, and the answer is held against what is right. The table says the finding, what
was sent, what came, and whether it is right; `--write` puts it into bench/attacks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import requests

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import MechKGError
from mechkg.kg.graph import open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.sparql.store import build_store
from tests.api.servers import ROOT, Service, SourceAddress, serving

__all__ = ["ATTACKS", "Attack", "Lab", "run"]

PATHS: Final = "/api/v1/paths?source=NSC&target=GDNF&max_hops=2"
SECONDS: Final = 240.0
"""Longest wait for one answer."""
CHEAP_SECONDS: Final = 5.0
"""A cheap request that takes longer counts as not answered."""
PATH_FIND: Final = """PREFIX path: <https://w3id.org/mechkg/path/>
PREFIX biolink: <https://w3id.org/biolink/vocab/>
SELECT ?position ?from ?to { ("X:0" "X:1" 2) path:find ?path .
  ?path path:statement (?position ?st) . ?st biolink:subject ?from ; biolink:object ?to }"""
CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?f) }"

Outcome = tuple[str, bool]


@dataclass(frozen=True)
class Attack:
    """A finding: what is sent, what tries it, and the test of the suite that keeps it mended."""

    finding: str
    sent: str
    probe: Callable[[Lab], Outcome]
    test: str = ""


class Lab:
    """What the probes share: a folder, the bundled ontology, a graph of 40,000 statements."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

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
    def server(self, data: Path, **settings: object) -> Iterator[Service]:
        """A server with two workers, whose kernels are compiled."""
        self._count += 1
        log = self.folder / f"log{self._count}"
        with serving(data, log, **settings) as service:
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


# -- reliability A ----------------------------------------------------------------------------


def temporary_files_gone(lab: Lab) -> Outcome:
    folder = lab.fresh()
    before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(folder)
    try:
        with lab.server(lab.bundle) as service:
            left = len(list(folder.iterdir()))
            shutil.rmtree(folder)
            for pid in workers(service):
                os.kill(pid, signal.SIGKILL)
            time.sleep(2)
            said = Counter(str(service.get(p).status_code)
                           for p in ("/readyz", PATHS, "/metrics", "/healthz") * 10)  # fmt: skip
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
    return f"{left} files in it; {statuses(said)}", said == {"200": 40} and not left


def sparql_switch(lab: Lab) -> Outcome:
    data = lab.fresh()
    versions = {hop(data, middle): middle for middle in ("Y:0", "Z:0")}
    for path in versions:
        build_store(open_snapshot(path))
        Catalogue(data).publish("own", path)
    by_hash = {open_snapshot(path).manifest.hash: middle for path, middle in versions.items()}
    mixed, said, stop = 0, Counter[str](), threading.Event()

    def switch() -> None:
        for path in cycle(versions):
            if stop.wait(0.05):
                return
            Catalogue(data).publish("own", path)

    with lab.server(data, graph="own") as service:
        thread = threading.Thread(target=switch)
        thread.start()
        for _ in range(56):
            answer = service.get("/sparql", params={"query": PATH_FIND})
            said[str(answer.status_code)] += 1
            rows = answer.json()["results"]["bindings"]
            version = answer.headers["ETag"].strip('"').partition("-")[0]
            middle = by_hash[version].partition(":")[0]
            mixed += not all(middle in r["from"]["value"] + r["to"]["value"] for r in rows)
        stop.set()
        thread.join()
    return f"{statuses(said)}; {mixed} mixed", said == {"200": 56} and not mixed


def bit_flips(lab: Lab, rounds: int = 6) -> Outcome:
    copy = lab.fresh() / "copy"
    whole = Catalogue(lab.bundle).path("ms-nsc")
    shutil.copytree(whole, copy, ignore=shutil.ignore_patterns("sparql"))
    right = _six_answers(copy)
    found: Counter[str] = Counter()
    chance = random.Random(3)
    for file in sorted(f for f in copy.iterdir() if f.is_file() and f.stat().st_size):
        written = file.read_bytes()
        for _ in range(rounds):
            bit = chance.randrange(8 * len(written))
            turned = bytearray(written)
            turned[bit // 8] ^= 1 << bit % 8
            file.write_bytes(turned)
            try:
                found["unchanged" if _six_answers(copy) == right else "WRONG"] += 1
            except MechKGError:
                found["a sentence"] += 1
            except Exception:  # noqa: BLE001 - that is what is looked for
                found["TRACEBACK"] += 1
        file.write_bytes(written)
    return statuses(found), not {"WRONG", "TRACEBACK"} & set(found)


def _six_answers(path: Path) -> list[str]:
    graph = open_graph(path)
    asked = (("NSC", "neuron"), ("GDNF", "neuron"))
    found = [str(graph.find_paths(PathQuery(source=(a,), target=(b,), max_hops=2)).paths)
             for a, b in asked]  # fmt: skip
    return [*found, str(graph.search("stem")), str(graph.metagraph()), str(graph.schema),
            str(graph.whole())]  # fmt: skip


def exports_at_once(lab: Lab) -> Outcome:
    with lab.server(lab.wide, graph="wide") as service:
        before, peak = workers(service), 0
        with Cheap(service, "/api/v1/paths?source=X:11&target=X:12&max_hops=1") as cheap:

            def ask(_: int) -> requests.Response:
                nonlocal peak
                peak = max(peak, resident(service))
                return requests.get(f"{service.url}/api/v1/graph.rdf", stream=True,
                                    timeout=SECONDS)  # fmt: skip

            thread = ThreadPoolExecutor(1).submit(asked_at_once, 12, ask)
            while not thread.done():
                peak = max(peak, resident(service))
                time.sleep(0.2)
            said = thread.result()
        right = cheap.right and set(said) <= {"200", "429", "503"} and workers(service) == before
    return f"{statuses(said)}; peak {peak} MiB; {cheap.words}", right and peak < 1_000


def many_edges(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        before, began = workers(service), time.monotonic()
        said = [
            service.post("/trapi/2.0/query", json=trapi(n)).status_code for n in (3_000, 18_000)
        ]
        took = time.monotonic() - began
        right = workers(service) == before and set(said) <= {200, 409, 413, 422} and took < 65
    return f"{said} in {took:.1f} s", right


def abandoned(lab: Lab) -> Outcome:
    long = json.dumps({"source": [f"X:{n}" for n in range(500)], "max_hops": 8, "limit": 1000,
                       "target": [f"X:{n}" for n in range(600, 1100)], "diverse": "metapath",
                       "timeout": 30}).encode()  # fmt: skip
    words, right = [], True
    with lab.server(lab.wide, graph="wide") as service:
        for sent in (http("/api/v1/graph.rdf"), http("/api/v1/paths", long)):
            for _ in range(14):
                connection(service, sent).close()
            with Cheap(service, "/api/v1/paths?source=X:11&target=X:12&max_hops=1") as cheap:
                time.sleep(6)
            words.append(cheap.words)
            right &= cheap.right
    return "; ".join(words), right


def slow_readers(lab: Lab) -> Outcome:
    with lab.server(lab.wide, graph="wide") as service, ExitStack() as stack:
        for _ in range(20):
            sent = http("/api/v1/entities/X:1/neighbourhood?limit=10000")
            stack.enter_context(connection(service, sent, buffer=4096))
        time.sleep(1)
        asked = ("/healthz", "/api/v1/search?q=thing",
                 "/api/v1/paths?source=X:11&target=X:12&max_hops=1")  # fmt: skip
        with Cheap(service, *asked) as cheap:
            time.sleep(6)
    return cheap.words, cheap.right


def idle_connections(lab: Lab) -> Outcome:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, limits[1]))
        try:
            service = stack.enter_context(lab.server(lab.bundle, idle_seconds=2))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        before = workers(service)
        for pid in before:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (128, 128))
        with ExitStack() as idle:
            for _ in range(400):
                idle.enter_context(connection(service))
            time.sleep(3)
        status = service.get("/healthz").status_code
        same = workers(service) == before
    return f"{status}, workers {'the same' if same else 'replaced'}", status == 200 and same


def read_only(lab: Lab) -> Outcome:
    """Serve a directory that belongs to another user, as the image does."""
    data = lab.fresh()
    shutil.copytree(lab.bundle, data, symlinks=True, dirs_exist_ok=True)
    log = lab.folder / "read-only.log"
    code = (f"import os; os.setgid(65534); os.setuid(65534); os.chdir('/');"
            f"import runpy, sys; sys.argv = 'mechkg serve --port 0 --data {data}'.split();"
            f"runpy.run_module('mechkg', run_name='__main__')")  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": "/tmp/attacks-numba"}
    if os.getuid():
        return "not tried: needs root", False
    with log.open("w") as errors:
        process = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE,
                                   stderr=errors, env=environment, text=True)  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = line.rpartition(" at ")[2].strip().rstrip("/")
            sparql = requests.get(f"{url}/sparql", params={"query": "ASK {}"}, timeout=SECONDS)
            body = {**trapi(1), "callback": "http://127.0.0.1:9/"}
            job = requests.post(f"{url}/trapi/2.0/asyncquery", json=body, timeout=SECONDS)
            ready = requests.get(f"{url}/readyz", timeout=SECONDS)
        finally:
            process.terminate()
            process.wait()
    said = f"SPARQL {sparql.status_code}, job {job.status_code}, ready {ready.status_code}"
    return said, (sparql.status_code, ready.status_code) == (200, 200) and job.status_code in {
        200,
        503,
    }


# -- reliability B ----------------------------------------------------------------------------


def reloads(lab: Lab) -> Outcome:
    data = lab.fresh()
    shutil.copytree(lab.wide, data, symlinks=True, dirs_exist_ok=True)
    table = data / "edges.tsv"
    said: Counter[str] = Counter()
    with lab.server(data, graph="wide") as service:
        service.get("/sparql", params={"query": "ASK {}"})
        stop = threading.Event()

        def ask() -> None:
            while not stop.wait(0.1):
                answer = service.get("/sparql", params={"query": "ASK { ?s ?p ?o }"})
                said[str(answer.status_code)] += 1

        thread = threading.Thread(target=ask)
        thread.start()
        codes = []
        for turn in range(2):
            rows = "".join(f"Y:{n}\tbiolink:affects\tY:{(7 * n + turn) % 20_000}\n"
                           for n in range(20_000))  # fmt: skip
            table.write_text(f"subject\tpredicate\tobject\n{rows}")
            codes.append(command("load", str(table), "--name", "wide", "--data", str(data))[0])
            command("prune", "--data", str(data), "--graph", "wide")
            time.sleep(3)
        stop.set()
        thread.join()
    return f"loads {codes}; SPARQL {statuses(said)}", set(said) == {"200"} and codes == [0, 0]


def store_in_the_way(lab: Lab) -> Outcome:
    data = lab.fresh()
    path = hop(data, "Y:0")
    Catalogue(data).publish("own", path)
    (path / "sparql").write_text("in its place")
    with lab.server(data, graph="own") as service:
        answers = [service.get("/sparql", params={"query": "ASK {}"}) for _ in range(6)]
    detail = answers[-1].json()["detail"]
    log = Path(service.log).read_text().count("File exists")
    right = all(a.status_code == 503 for a in answers) and "cannot be made" in detail and log <= 2
    return f"6 x 503: {detail} ({log} builds)", right


def heavy_beside_cheap(lab: Lab) -> Outcome:
    words, right = [], True
    cheap_path = "/api/v1/paths?source=X:11&target=X:12&max_hops=1"
    with lab.server(lab.wide, graph="wide") as service:
        compare = {"left": ["X:1"], "right": ["X:2"], "target": ["X:3"], "max_hops": 5}
        with Cheap(service, cheap_path) as cheap:
            said = asked_at_once(16, lambda _: requests.post(
                f"{service.url}/api/v1/compare", json=compare, timeout=SECONDS))  # fmt: skip
        words.append(f"16 compare ({statuses(said)}): {cheap.words}")
        right &= cheap.right and not {"500", "502"} & set(said)
        with Cheap(service, "/sparql?query=ASK%7B%7D") as cheap:
            said = asked_at_once(6, lambda _: requests.get(
                f"{service.url}/sparql", params={"query": CROSS}, timeout=SECONDS))  # fmt: skip
        words.append(f"6 cross products ({statuses(said)}): {cheap.words}")
        right &= cheap.right
    return "; ".join(words), right


def all_jobs(lab: Lab) -> Outcome:
    data = lab.fresh()
    shutil.copytree(lab.bundle, data, symlinks=True, dirs_exist_ok=True)
    with lab.server(data) as service:
        body = {**trapi(1), "callback": "http://127.0.0.1:9/"}
        said = Counter(str(service.post("/trapi/2.0/asyncquery", json=body).status_code)
                       for _ in range(110))  # fmt: skip
        with requests.Session() as other:
            other.mount("http://", SourceAddress("127.0.0.2"))
            status = other.post(f"{service.url}/trapi/2.0/asyncquery", json=body,
                                timeout=SECONDS).status_code  # fmt: skip
    return f"{statuses(said)}; another client: {status}", status == 200


def numbers_and_callbacks(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        said = [
            service.post(
                "/trapi/2.0/asyncquery", json={**trapi(1), "callback": callback}
            ).status_code
            for callback in (
                "gopher://127.0.0.1/x",
                "//127.0.0.1",
                "http://[::1",
                "http://a:99999/",
            )
        ]
        for hops in ("9" * 5_000, "1e5000", "-1", "0.5"):
            query = PATH_FIND.replace(" 2)", f" {hops})")
            said.append(service.post("/sparql", data={"query": query}).status_code)
    return str(said), all(status in {200, 400, 422} for status in said)


BROKEN: Final = {
    "rows.tsv.tar": b"subject\tpredicate\tobject\nX:1\tbiolink:affects\n",
    "graph.json": b'{"graphs":[{"nodes":[{"id":"http://a/\xff","lbl":"x"}]}]}',
    "terms.json": b'[{"id":"CL:0000540","label":"\xff"}]',
    "return.csv": b"subject,pre\rdicate,object\nX:1,biolink:affects,X:2\n",
    "blank.jsonld": b'{"@id":"http://a/b","https://w3id.org/mechkg/weight":{"@id":"_:x"}}',
}


def broken_files(lab: Lab) -> Outcome:
    folder, said = lab.fresh(), []
    for name, content in BROKEN.items():
        path = folder / name
        path.write_bytes(content)
        if name.endswith(".tar"):
            inner = folder / "rows.tsv"
            inner.write_bytes(content)
            with tarfile.open(path, "w") as archive:
                archive.add(inner, "rows.tsv")
        code, errors = command("load", str(path), "--name", "x", "--data", str(folder / "data"))
        said.append(code if "Traceback" not in errors else "TRACEBACK")
    return f"exit {said}", all(code in {0, 2} for code in said)


def restart(lab: Lab) -> Outcome:
    with ExitStack() as stack:
        service = stack.enter_context(lab.server(lab.bundle))
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        began = time.monotonic()
        again = stack.enter_context(lab.server(lab.bundle, port=service.port))
        status, took = again.get("/readyz").status_code, time.monotonic() - began
    return f"{status} after {took:.1f} s", status == 200


def public_mcp(lab: Lab) -> Outcome:
    code, said = command("mcp", "--transport", "http", "--host", "0.0.0.0", "--data",
                         str(lab.bundle), "--graph", "ms-nsc")  # fmt: skip
    return f"exit {code}: {said.strip()[:120]}", code == 2 and "token" in said


def origins(lab: Lab) -> Outcome:
    with lab.server(
        lab.bundle, allow_origins="", allow_hosts="kg.example.org,127.0.0.1"
    ) as service:
        answer = service.get(PATHS, headers={"Origin": "http://evil.example"})
        other = service.get("/healthz", headers={"Host": "evil.example"})
    shared = answer.headers.get("Access-Control-Allow-Origin")
    said = f"Access-Control-Allow-Origin: {shared}; foreign Host {other.status_code}"
    return said, shared is None and other.status_code == 421


def stable_names(lab: Lab) -> Outcome:
    data = lab.fresh()
    names = []
    for extra in ("", "X:0\tbiolink:affects\tX:9\n"):
        table = data / "edges.tsv"
        table.write_text(f"subject\tpredicate\tobject\n{extra}X:1\tbiolink:affects\tX:2\n")
        command("load", str(table), "--name", "own", "--data", str(data / "data"))
        graph = open_graph(Catalogue(data / "data").path("own"))
        names.append({s.id for s in graph.whole().statements if s.subject == "X:1"})
    return f"{names[0]} and {names[1]}", names[0] == names[1]


def readiness(lab: Lab) -> Outcome:
    data = lab.fresh()
    shutil.copytree(lab.bundle, data, symlinks=True, dirs_exist_ok=True)
    path = Catalogue(data).path("ms-nsc")
    with lab.server(data) as service:
        before = service.get("/readyz").status_code
        kept = (path / "names.sqlite").read_bytes()
        (path / "names.sqlite").write_bytes(kept[: len(kept) // 2])
        cut = service.get("/readyz").status_code
        shutil.rmtree(path)
        gone = service.get("/readyz").status_code
    return f"{before}, truncated {cut}, deleted {gone}", (before, cut, gone) == (200, 503, 503)


def access_log(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        answer = service.get(PATHS, headers={"X-Request-ID": "made-by-me-1"})
        own = service.get("/healthz").headers.get("X-Request-ID", "")
        time.sleep(0.5)
        line = next((text for text in Path(service.log).read_text().splitlines()
                     if "/api/v1/paths" in text), "")  # fmt: skip
    back = answer.headers.get("X-Request-ID")
    right = bool(line) and "GDNF" not in line and back == "made-by-me-1" in line and bool(own)
    return f"{line[:110]!r}; returned {back}", right


def whole_picture(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        began = time.monotonic()
        answer = service.get("/api/v1/graph?format=png")
        took = time.monotonic() - began
    return f"{answer.status_code} in {took:.1f} s", answer.status_code == 200 and took < 11


# -- reliability C ----------------------------------------------------------------------------


def left_by_kills(lab: Lab) -> Outcome:
    folder = lab.fresh()
    before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(folder)
    try:
        for _ in range(2):
            with lab.server(lab.bundle) as service:
                service.get(PATHS)
                os.kill(service.process.pid, signal.SIGKILL)
                service.process.wait()
    finally:
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before
    left = len(list(folder.iterdir()))
    return f"{left} files", not left


def orphaned_builds(lab: Lab) -> Outcome:
    data = lab.fresh()
    path = hop(data, "Y:0", 60_000)
    Catalogue(data).publish("own", path)
    with lab.server(data, graph="own") as service:
        service.get("/sparql", params={"query": "ASK {}"})
    time.sleep(5)
    left = [p for p in Path("/proc").glob("[0-9]*") if _command_of(p, str(path))]
    return f"{len(left)} processes after SIGTERM", not left


def _command_of(process: Path, path: str) -> bool:
    with suppress(OSError):
        text = (process / "cmdline").read_bytes()
        return b"sparql.store" in text and path.encode() in text
    return False


def log_lines(lab: Lab) -> Outcome:
    data = lab.fresh()
    shutil.copytree(lab.bundle, data, symlinks=True, dirs_exist_ok=True)
    with lab.server(data, graph="ms-nsc") as service:
        (data / "ms-nsc" / "current").unlink()
        service.get("/api/v1/entities/x%0d[2026]%20CRITICAL%20forged%1b[2J%e2%80%a8end")
        time.sleep(0.5)
        text = Path(service.log).read_text()
    raw = [c for c in "\r\x1b\u2028" if c in text]
    return f"raw marks in the log: {raw}", not raw


def encodings(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        none = service.get(
            "/api/v1/schema", headers={"Accept-Encoding": "br;q=0, gzip;q=0, zstd;q=0"}
        )
        packed = service.post("/api/v1/paths", data=b"\x1f\x8b", headers={
            "Content-Type": "application/json", "Content-Encoding": "gzip"})  # fmt: skip
        with connection(service, b"GET /healthz HTTP/1.1\r\n\r\n") as sock:
            no_host = sock.recv(100).split()[1].decode()
    encoding = none.headers.get("Content-Encoding")
    said = f"encoding {encoding}; gzip body {packed.status_code}; no Host {no_host}"
    return said, encoding is None and packed.status_code == 415 and no_host == "400"


def json_and_names(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        twice = service.post("/api/v1/paths", headers={"Content-Type": "application/json"}, data=(
            b'{"source": ["NSC"], "source": ["MSC"], "target": ["neuron"]}'))  # fmt: skip
        marked = service.post("/api/v1/paths", json={"source": ["N\u0000SC\u202e"],
                                                     "target": ["neuron"]})  # fmt: skip
    said = f"twice {twice.status_code}, control characters {marked.status_code}"
    return said, twice.status_code in {400, 422} and marked.status_code == 422


def columns_and_pipes(lab: Lab) -> Outcome:
    folder = lab.fresh()
    os.mkfifo(folder / "pipe.tsv")
    began = time.monotonic()
    pipe, _ = command("load", str(folder / "pipe.tsv"), "--name", "x", "--data", str(folder / "d"))
    names = "\t".join(("subject", "predicate", "object", *(f"c{n}" for n in range(16_000))))
    cells = "\t".join(("X:1", "biolink:affects", "X:2", *["v"] * 16_000))
    (folder / "wide.tsv").write_text(f"{names}\n{cells}\n")
    wide, _ = command("load", str(folder / "wide.tsv"), "--name", "x", "--data", str(folder / "d"))
    took = time.monotonic() - began
    return f"pipe exit {pipe}, 16,000 columns exit {wide}, {took:.0f} s", pipe == 2 and took < 60


def job_rights(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        service.post("/trapi/2.0/asyncquery", json={**trapi(1), "callback": "http://127.0.0.1:9/"})
        time.sleep(1)
        modes = {oct(p.stat().st_mode & 0o777) for p in (lab.bundle / ".jobs").glob("*.json")}
    return f"job files {sorted(modes)}", modes == {"0o600"}


def settings(lab: Lab) -> Outcome:
    said = []
    for name, value in (("WORKERS", "two"), ("BODY_BYTES", "9" * 30),
                        ("CALLBACK_HOSTS", "http://x")):  # fmt: skip
        code, text = command("serve", "--data", str(lab.bundle), **{f"MECHKG_{name}": value})
        said.append((code, "Expected `" in text))
    return f"(exit, says msgspec's words): {said}", all(code == 2 and not own for code, own in said)


def functions_of_control(lab: Lab) -> Outcome:
    """SPARQL results with characters that XML has no way to write."""
    with lab.server(lab.bundle) as service:
        query = 'SELECT ("a\\u0008b" AS ?x) {}'
        answer = service.get("/sparql", params={"query": query, "format": "xml"})
    return str(answer.status_code), answer.status_code == 406 or b"\x08" not in answer.content


# -- doors A ----------------------------------------------------------------------------------


def large_export(lab: Lab) -> Outcome:
    data, count = lab.fresh(), 260_000
    table = data / "edges.tsv"
    rows = "".join(f"X:{n % 5_000}\tbiolink:affects\tX:{n // 5_000}\n" for n in range(count))
    table.write_text(f"subject\tpredicate\tobject\n{rows}")
    command("load", str(table), "--name", "own", "--data", str(data))
    said = []
    for form in ("ntriples", "kgx-tsv"):
        code, _ = command("export", "--graph", "own", "--data", str(data), "--format", form,
                             "--output", str(data / f"out.{form}"))  # fmt: skip
        said.append(code)
    with lab.server(data, graph="own", export_statements=1_000_000) as service:
        answer = requests.get(f"{service.url}/api/v1/graph.nt", stream=True, timeout=SECONDS)
        size = sum(map(len, answer.iter_content(1 << 20)))
    said.append(answer.status_code)
    return f"exit {said[:2]}; HTTP {said[2]}, {size >> 20} MiB", said == [0, 0, 200]


def other_version(lab: Lab) -> Outcome:
    with lab.server(lab.bundle) as service:
        said = []
        for member in ({"attribute_constraints": [{"id": "biolink:publications", "name": "x",
                                                   "operator": "matches", "value": "^nope"}]},
                       {"qualifier_constraints": [{"qualifier_set": []}]}, {"predicate": "x"},
                       {"exclude": True}):  # fmt: skip
            query = trapi(1)
            query["message"]["query_graph"]["edges"]["e0"] |= member
            answer = service.post("/trapi/2.0/query", json=query)
            said.append(answer.status_code)
    return str(said), all(status == 400 for status in said)


def turned_round(lab: Lab) -> Outcome:
    data = lab.fresh()
    rows = "X:1\tbiolink:treats\tX:9\nX:2\tbiolink:studied_to_treat\tX:9\n"
    (data / "edges.tsv").write_text(f"subject\tpredicate\tobject\n{rows}")
    command("load", str(data / "edges.tsv"), "--name", "own", "--data", str(data))
    found = []
    with lab.server(data, graph="own") as service:
        for predicate, subject, obj in (("treats", "b", "a"), ("treated_by", "a", "b")):
            graph = {"nodes": {"a": {"ids": ["X:9"]}, "b": {"categories": ["biolink:NamedThing"]}},
                     "edges": {"e": {"subject": subject, "object": obj,
                                     "predicates": [f"biolink:{predicate}"]}}}  # fmt: skip
            answer = service.post("/trapi/2.0/query", json={"message": {"query_graph": graph}})
            results = answer.json()["message"]["results"] or []
            found.append(sorted(json.dumps(r["node_bindings"]["b"]) for r in results))
    return str(found), found[0] == found[1]


def import_names(_: Lab) -> Outcome:
    done = subprocess.run([sys.executable, "-c", "import mechkg; print(mechkg.__version__)"],
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    wheel = 'only-include = ["mechkg"' in (ROOT / "pyproject.toml").read_text()
    return f"import mechkg: {done.stdout.strip()}", done.returncode == 0 and wheel


def container_volume(_: Lab) -> Outcome:
    text = (ROOT / "Dockerfile").read_text()
    right = "VOLUME /data" in text and "/data" in text.partition("USER mechkg")[0]
    return "the image makes /data for its user" if right else "the image has no /data", right


ATTACKS: Final = (
    Attack("A1", "TMPDIR removed under a running server, its workers killed", temporary_files_gone,
           "api/test_hard_times.py"),
    Attack("A2", "56 path:find while two versions are switched every 50 ms", sparql_switch,
           "sparql/test_stores.py"),
    Attack("A3", "6 single bits of each file of a snapshot turned over", bit_flips,
           "kg/test_digests.py"),
    Attack("A4, doors A2", "12 x graph.rdf of 40,000 statements at once", exports_at_once,
           "api/test_fairness.py"),
    Attack("A5", "TRAPI with 3,000 and 18,000 parallel edges", many_edges, "trapi/test_limits.py"),
    Attack("A6", "14 graph.rdf, then 14 POST /paths of 500 x 500, abandoned", abandoned,
           "api/test_slow_clients.py"),
    Attack("A7", "20 clients that never read 4 MB", slow_readers, "api/test_slow_clients.py"),
    Attack("A8", "400 idle connections at 128 descriptors", idle_connections,
           "api/test_hard_times.py"),
    Attack("A9, doors A5", "the data of another user: SPARQL, asyncquery", read_only,
           "trapi/test_jobs.py"),
    Attack("B1", "two loads and prunes; SPARQL asked all the while", reloads,
           "sparql/test_stores.py"),
    Attack("B2", "a store that cannot be made, 6 requests", store_in_the_way,
           "sparql/test_stores.py"),
    Attack("B3", "16 compare of hubs, 6 cross products, cheap ones beside", heavy_beside_cheap,
           "api/test_fairness.py"),
    Attack("B4", "110 jobs of one client, one of another", all_jobs, "trapi/test_jobs.py"),
    Attack("B5", "odd callbacks, hops of 5,000 digits", numbers_and_callbacks,
           "trapi/test_jobs.py, sparql/test_paths.py"),
    Attack("B6", "five broken files", broken_files, "kg/readers/test_hostile_files.py"),
    Attack("B7", "kill -9 of the master, a start at once", restart, "api/test_hard_times.py"),
    Attack("B8", "mcp on 0.0.0.0 without a token", public_mcp, "mcp/test_mcp.py"),
    Attack("B9", "a foreign origin and Host, both closed by settings", origins,
           "api/test_origins.py"),
    Attack("B10", "a table loaded again with a row more", stable_names, "kg/test_statement_ids.py"),
    Attack("B11", "a file truncated, then all gone: /readyz", readiness,
           "api/test_broken_versions.py"),
    Attack("B13", "a request with an identifier, its line in the log", access_log,
           "api/test_service.py"),
    Attack("B14", "the whole ontology as PNG", whole_picture, "api/test_exports.py"),
    Attack("C", "two masters killed: files in TMPDIR", left_by_kills, "api/test_hard_times.py"),
    Attack("C", "SIGTERM while a store is made", orphaned_builds, "sparql/test_stores.py"),
    Attack("C", "CR, ESC, U+2028 in an address", log_lines, "api/test_hard_times.py"),
    Attack("C", "q=0 of all encodings; gzip body; no Host", encodings, "api/test_http.py"),
    Attack("C", "a key twice; control characters in a name", json_and_names,
           "api/test_decoding.py"),
    Attack("C", "a pipe; a table of 16,000 columns", columns_and_pipes,
           "kg/readers/test_hostile_files.py"),
    Attack("C", "rights of job files", job_rights, "trapi/test_jobs.py"),
    Attack("C", "wrong settings", settings, "api/test_settings.py"),
    Attack("C", "a control character in SPARQL results as XML", functions_of_control,
           "sparql/test_protocol.py"),
    Attack("doors A1", "260,000 statements out by CLI and HTTP", large_export,
           "api/test_streamed_exports.py"),
    Attack("doors A3", "TRAPI constraints in the other version's spelling", other_version,
           "trapi/test_refusals.py"),
    Attack("doors A4", "treats, and treated_by", turned_round, "trapi/test_lookup.py"),
    Attack("doors A6", "load into a named volume: the Dockerfile", container_volume,
           "test_house.py"),
    Attack("doors A7", "the one import name", import_names, "test_wheel.py"),
)  # fmt: skip


def run(chosen: Sequence[str]) -> list[tuple[Attack, str, bool, float]]:
    """Try findings, all by default; returns what came, whether it is right, and the seconds."""
    found = []
    with TemporaryDirectory(prefix="attacks-") as folder:
        lab = Lab(Path(folder))
        lab.folder.chmod(0o755)
        for attack in ATTACKS:
            if chosen and not set(chosen) & set(attack.finding.split(", ")):
                continue
            began = time.monotonic()
            try:
                came, right = attack.probe(lab)
            except Exception as error:  # noqa: BLE001 - the table says so, and goes on
                came, right = f"{type(error).__name__}: {error}"[:200], False
            took = time.monotonic() - began
            found.append((attack, came, right, took))
            print(f"{'right' if right else 'WRONG'} {attack.finding}: {attack.sent}\n      {came} "
                  f"({took:.0f} s)", flush=True)  # fmt: skip
    return found


def table(found: Sequence[tuple[Attack, str, bool, float]]) -> str:
    """The table in Markdown."""
    right = sum(row[2] for row in found)
    words = (
        "Written by `python -m bench.attacks --write`: the findings of the reviews of reliability "
        "(A, B, C)\nand of the doors, tried again on real servers with two workers. "
        f"{right} of {len(found)} are right."
    )
    lines = ["# Attacks", "", words, "", "| finding | sent | came | right | kept by |",
             "|---|---|---|---|---|"]  # fmt: skip
    for attack, came, good, _ in found:
        said = came.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {attack.finding} | {attack.sent} | {said} | {'yes' if good else '**no**'} "
                     f"| {attack.test} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Try findings and print them; returns how many are not right."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    parser.add_argument("finding", nargs="*", help="A1, B3, C, 'doors A1' ...; all unless given")
    parser.add_argument("--write", action="store_true", help="write bench/attacks.md")
    given = parser.parse_args(arguments)
    found = run(given.finding)
    if given.write:
        (ROOT / "bench" / "attacks.md").write_text(table(found))
    return sum(not row[2] for row in found)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
