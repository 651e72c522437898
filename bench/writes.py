"""How long a change takes: `python -m bench.writes [STATEMENTS...] [--write]`.

Curators change a fork of the bundled ontology, and graphs of so many statements, on a server of two
workers, by HTTP. A changeset adds one statement, or 1,000; it is acknowledged when its answer
comes, and visible when all doors asked after that (statement, neighbourhood, SPARQL) show it from
the version that it gave. Beside them a reader asks for paths, which it does alone before.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import requests

from bench.exports import ROOT, ran, table_of
from mechkg.kg.curation.store import fork
from mechkg.kg.curation.tokens import Tokens
from mechkg.kg.snapshot.catalogue import Catalogue
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.curation import conclusions
from mechkg.ontology.sparql.store import build_store
from tests.api.servers import Service, serving

ROUNDS: Final = {1: 40, 1_000: 8}
"""Changesets of so many statements."""
PATIENCE: Final = 120.0
EVIDENCE: Final = [{"kind": "literature", "source": "infores:test", "publications": ["PMID:1"],
                    "seen_in": "abstract", "knowledge_level": "knowledge_assertion",
                    "agent_type": "manual_agent"}]  # fmt: skip
OWN: Final = ("secretes", "CL:0000047", "HGNC:4232", "source=NSC&target=neuron&limit=5")
OTHER: Final = ("affects", "X:11", "X:12", "source=X:11&target=X:12&max_hops=2&limit=5")
"""Predicate, subject and object of what is added, and the question beside it."""


class Curator:
    """Adds statements and waits until all doors show them."""

    def __init__(self, service: Service, secret: str, parts: tuple[str, str, str, str]) -> None:
        self._service, self._session = service, requests.Session()
        self._session.headers["Authorization"] = f"Bearer {secret}"
        self._predicate, self._subject, self._object, self._paths = parts
        self._made = 0

    def add(self, count: int) -> tuple[float, float]:
        """Return the seconds until a changeset of some statements is acknowledged, and visible."""
        names = [f"XC{self._made + n:07}" for n in range(count)]
        self._made += count
        changes = [
            {"op": "add_statement", "id": name, "subject": self._subject, "object": self._object,
             "predicate": self._predicate, "evidence": EVIDENCE, "note": name}
            for name in names
        ]  # fmt: skip
        began = time.monotonic()
        answer = self._session.post(
            f"{self._service.url}/api/v1/changesets", timeout=PATIENCE,
            json={"reason": "bench", "changes": changes, "accept": True},
        )  # fmt: skip
        acknowledged = time.monotonic() - began
        if answer.status_code != 200:
            raise SystemExit(answer.text)
        version = answer.json()["version"]
        while not all(self._shown(names[-1], version)):
            time.sleep(0.01)
        return acknowledged, time.monotonic() - began

    def _shown(self, name: str, version: str) -> Iterator[bool]:
        iri = f"https://w3id.org/mechkg/statement/{name}"
        for path, query in (
            (f"/api/v1/statements/{name}", {}),
            (f"/api/v1/entities/{self._subject}/neighbourhood", {"limit": "1"}),
            ("/sparql", {"query": f"ASK {{ <{iri}> ?p ?o }}"}),
        ):  # fmt: skip
            found = self._session.get(self._service.url + path, params=query, timeout=PATIENCE)
            right = found.headers.get("ETag", "").strip('"').startswith(version)
            yield right and found.status_code == 200 and b": false" not in found.content

    def read(self) -> float:
        """Return the seconds of a question for paths."""
        began = time.monotonic()
        requests.get(
            self._service.url + "/api/v1/paths?" + self._paths, timeout=PATIENCE
        ).raise_for_status()
        return time.monotonic() - began


class Reader:
    """Asks for paths while a block runs."""

    def __init__(self, curator: Curator) -> None:
        self.seconds: list[float] = []
        self._curator, self._stop = curator, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(0.02):
            self.seconds.append(self._curator.read())


def measured(name: str, curator: Curator) -> list[str]:
    """Return the rows of one graph."""
    curator.add(1)
    alone = [curator.read() for _ in range(60)]
    rows = []
    for count, rounds in ROUNDS.items():
        with Reader(curator) as reader:
            times = [curator.add(count) for _ in range(rounds)]
        columns = [*zip(*times, strict=True), reader.seconds, alone]
        cells = " | ".join(" / ".join(f"{value:.2f}" for value in np.percentile(column, (50, 99)))
                           for column in columns)  # fmt: skip
        rows.append(f"| {name} | {count:,} | {rounds} | {cells} |")
        print(rows[-1], flush=True)
    return rows


@contextmanager
def curated(data: Path, name: str, parts: tuple[str, str, str, str]) -> Iterator[Curator]:
    """Serve a graph, whose RDF store is made."""
    build_store(open_snapshot(Catalogue(data).path(name)))
    secret = Tokens(data).add("ada", "accept")
    with serving(data, data / "log", graph=name, workers=2) as service:
        yield Curator(service, secret, parts)


def forked(data: Path) -> None:
    compile_bundle(data)
    fork(data, "ms-nsc", "ours", infer=conclusions)


def loaded(data: Path, count: int) -> None:
    table = data / "edges.tsv"
    table_of(table, count)
    ran("-m", "mechkg", "load", str(table), "--name", "large", "--data", str(data))
    table.unlink()


def main(arguments: Sequence[str]) -> int:
    """Measure and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.writes", description=__doc__)
    parser.add_argument("statements", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--write", action="store_true", help="write bench/writes.md")
    given = parser.parse_args(arguments)
    rows = []
    with TemporaryDirectory(prefix="writes-") as folder:
        data = Path(folder, "own")
        data.mkdir()
        forked(data)
        with curated(data, "ours", OWN) as curator:
            rows += measured("fork of ms-nsc", curator)
        for count in given.statements:
            data = Path(folder, str(count))
            data.mkdir()
            loaded(data, count)
            with curated(data, "large", OTHER) as curator:
                rows += measured(f"{count:,} statements", curator)
    if given.write:
        head = (
            "# Writes\n\nWritten by `python -m bench.writes --write`: seconds, p50 / p99, of "
            "changesets that add statements.\nBeside them one reader asks for paths.\n\n| graph | "
            "statements added | changesets | acknowledged | visible at all doors | paths beside | "
            "paths alone |\n|---|--:|--:|--:|--:|--:|--:|\n"
        )
        (ROOT / "bench" / "writes.md").write_text(head + "\n".join(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
