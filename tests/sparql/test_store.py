"""The store of a snapshot and the processes that ask it, without a server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import Cancelled, MalformedQuery, TooCostly, TooLarge, UnknownTerm
from mechkg.kg.model.schema import Predicate, Schema
from mechkg.kg.model.values import Entity, Evidence, Qualifier, Statement
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.ontology.sparql.pool import Limits, Pool, Question
from mechkg.ontology.sparql.store import build_store, building, find_store
from tests.processes import running, until

ENTITIES = [
    Entity(id="EX:a", name="a", category="biolink:Gene", iri="http://example.org/a"),
    Entity(id="EX:b", name="b", category="biolink:Cell", iri="http://example.org/b"),
]
PROOF = Evidence(kind="literature", source="infores:x", publications=("PMID:1",))
STATEMENTS = [
    Statement(id="S1", subject="EX:a", predicate="helps", object="EX:b", evidence=(PROOF,),
              qualifiers=(Qualifier("species", "rat"),)),
    Statement(id="S2", subject="EX:b", predicate="helps", object="EX:a", negated=True),
    Statement(id="S3", subject="EX:b", predicate="meets", object="EX:a", derived_from=("S1",)),
]  # fmt: skip
SCHEMA = Schema(
    predicates=(Predicate(id="helps", label="helps"), Predicate(id="meets", label="meets")),
    prefixes={"EX": "http://example.org/"},
)
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }"


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    path = build_snapshot(
        tmp_path, name="own", entities=ENTITIES, statements=STATEMENTS, schema=SCHEMA
    )
    return open_snapshot(path)


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(1, Limits(seconds=3.0, rows=10, size=20_000, megabytes=128))
    yield pool
    pool.close()


def ask(pool: Pool, store: Path, query: str) -> list[str]:
    answer = pool.ask(Question(store=str(store), query=query, result="csv"), patience=5.0)
    return sorted(answer.body.decode().split()[1:])


def test_loaded_graph_has_triples_nodes_and_inferred_graph(snapshot: Snapshot, pool: Pool) -> None:
    store = build_store(snapshot)
    prefix = (
        "PREFIX e: <http://example.org/> PREFIX m: <https://w3id.org/mechkg/vocab/> "
        "PREFIX b: <https://w3id.org/biolink/vocab/> "
    )
    assert ask(pool, store, f"{prefix} SELECT ?x {{ e:a m:helps ?x }}") == ["http://example.org/b"]
    assert ask(pool, store, f"{prefix} SELECT ?x {{ e:b m:helps ?x }}") == []
    denied = f"{prefix} SELECT ?x {{ ?x b:negated true }}"
    assert ask(pool, store, denied) == ["https://w3id.org/mechkg/statement/S2"]
    inferred = f"{prefix} SELECT ?g {{ GRAPH ?g {{ e:b m:meets e:a }} }}"
    assert ask(pool, store, inferred) == ["https://w3id.org/mechkg/graph/inferred"]
    proof = f"{prefix} SELECT ?p {{ ?s m:evidence/b:publications ?p }}"
    assert len(ask(pool, store, proof)) == 1
    rat = "SELECT ?s { ?s <https://w3id.org/mechkg/qualifier/species> 'rat' }"
    assert ask(pool, store, rat) == ["https://w3id.org/mechkg/statement/S1"]


def test_store_is_made_once_and_stays_with_its_snapshot(snapshot: Snapshot) -> None:
    assert find_store(snapshot.path) is None
    command = [sys.executable, "-m", "mechkg.ontology.sparql.store", str(snapshot.path)]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert {process.wait() for process in processes} <= {0, 3}
    store = find_store(snapshot.path)
    assert store is not None
    assert store.is_relative_to(snapshot.path)
    assert build_store(snapshot) == store
    assert building(snapshot.path) == ""
    assert [p.name for p in store.parent.iterdir() if p.is_dir()] == [store.name]
    assert open_snapshot(snapshot.path).manifest == snapshot.manifest


def test_killed_build_leaves_nothing_that_counts(snapshot: Snapshot) -> None:
    command = [sys.executable, "-m", "mechkg.ontology.sparql.store", str(snapshot.path)]
    with running(command) as process:
        until(lambda: process.poll() is not None or any((snapshot.path / "sparql").glob("*.tmp")))
        process.kill()
        process.wait()
    made = find_store(snapshot.path)
    store = build_store(snapshot)
    assert made in {None, store}
    assert not any(store.parent.glob("*.tmp"))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * {", MalformedQuery),
        ("SELECT ?x { ?x ?y ?z }", TooLarge),
        ("CONSTRUCT WHERE { ?x ?y ?z }", TooLarge),
        (f"SELECT ('{'x' * 30_000}' AS ?x) {{}}", TooLarge),
        (
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p }",
            TooCostly,
        ),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?l", TooCostly),
        ("SELECT * { " + "{" * 20_000, TooCostly),
        ("SELECT (" + "(" * 50_000, TooCostly),
    ],
    ids=["syntax", "rows", "triples", "bytes", "time", "memory", "braces", "parentheses"],
)
def test_what_brings_a_process_down_is_told_and_the_next_answers(
    snapshot: Snapshot, pool: Pool, query: str, error: type[Exception]
) -> None:
    """Nothing has looked at these texts before: the process bears them alone."""
    store = build_store(snapshot)
    with pytest.raises(error):
        ask(pool, store, query)
    assert ask(pool, store, "SELECT (1 AS ?x) {}") == ["1"]


def test_process_cannot_reach_the_network(snapshot: Snapshot, pool: Pool) -> None:
    store = build_store(snapshot)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        place = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(MalformedQuery, match="cannot be answered"):
            ask(pool, store, f"SELECT * {{ SERVICE <{place}> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_unknown_graph_is_refused(snapshot: Snapshot, pool: Pool) -> None:
    store = build_store(snapshot)
    question = Question(store=str(store), query="ASK {}", default_graphs=("http://a/b",))
    with pytest.raises(UnknownTerm):
        pool.ask(question)


def test_pool_is_bounded_and_its_processes_can_be_killed(snapshot: Snapshot) -> None:
    store = build_store(snapshot)
    pool = Pool(2, Limits(seconds=5.0))
    question = Question(store=str(store), query=ENDLESS)
    with ThreadPoolExecutor(3) as threads:
        running = [threads.submit(pool.ask, question) for _ in range(2)]
        until(lambda: len(evaluating()) == 2)
        with pytest.raises(Cancelled):
            pool.ask(question, patience=0.1)
        assert all(isinstance(one.exception(), TooCostly) for one in running)
    assert ask(pool, store, "SELECT (1 AS ?x) {}") == ["1"]
    for child in evaluating():
        os.kill(child, signal.SIGKILL)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert ask(pool, store, "SELECT (1 AS ?x) {}") == ["1"]
    pool.close()


def evaluating() -> list[int]:
    """Return the living processes that this one has started to evaluate queries."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            status = (directory / "stat").read_text().rpartition(")")[2].split()
            command = (directory / "cmdline").read_bytes()
        except OSError:
            continue
        if (
            int(status[1]) == os.getpid()
            and status[0] != "Z"
            and b"ontology.sparql.worker" in command
        ):
            found.append(int(directory.name))
    return found
