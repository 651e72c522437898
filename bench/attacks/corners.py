"""Findings C of the review of reliability: protocol, logs, numbers, settings."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from bench.attacks.lab import (
    PATHS,
    Lab,
    Outcome,
    command,
    connection,
    hop,
    trapi,
)
from mechkg.kg.snapshot.catalogue import Catalogue


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
