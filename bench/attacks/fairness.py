"""Findings B of the review of reliability: stores, fairness, jobs, files, names, readiness."""

from __future__ import annotations

import os
import shutil
import signal
import tarfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import requests

from bench.attacks.lab import (
    CROSS,
    PATH_FIND,
    PATHS,
    SECONDS,
    Cheap,
    Lab,
    Outcome,
    asked_at_once,
    command,
    hop,
    statuses,
    trapi,
)
from mechkg.kg.graph import open_graph
from mechkg.kg.snapshot.catalogue import Catalogue
from tests.api.servers import SourceAddress


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
