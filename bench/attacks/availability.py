"""Findings A of the review of reliability: what takes a service down, or gives a wrong answer."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Final

import requests

from bench.attacks.lab import (
    PATH_FIND,
    PATHS,
    SECONDS,
    Cheap,
    Lab,
    Outcome,
    asked_at_once,
    connection,
    hop,
    http,
    resident,
    statuses,
    trapi,
    workers,
)
from mechkg.kg.errors import MechKGError
from mechkg.kg.graph import open_graph
from mechkg.kg.model.queries import PathQuery
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.sparql.store import build_store

OTHER_USER: Final = 65_534
WITHOUT_RIGHTS: Final = "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown"
"""What takes from root, whose files the interpreter may be, the right to write those of others."""


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
    if os.getuid():
        return "not tried: needs root", False
    data = lab.fresh()
    shutil.copytree(lab.bundle, data, symlinks=True, dirs_exist_ok=True)
    for path in (data, *data.rglob("*")):
        os.chown(path, OTHER_USER, OTHER_USER, follow_symlinks=False)
    with lab.server(data, before=("setpriv", WITHOUT_RIGHTS)) as service:
        sparql = service.get("/sparql", params={"query": "ASK {}"}).status_code
        body = {**trapi(1), "callback": "http://127.0.0.1:9/"}
        job = service.post("/trapi/2.0/asyncquery", json=body).status_code
        ready = service.get("/readyz").status_code
    left = [path for path in data.rglob("*") if path.lstat().st_uid != OTHER_USER]
    said = f"SPARQL {sparql}, job {job}, ready {ready}, {len(left)} files written"
    return said, (sparql, ready) == (200, 200) and job in {200, 503} and not left
