"""Graphs as plain triples, and servers of SPARQL that tests start on them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mechkg import Entity, Evidence, Graph, Schema, Statement, open_graph
from mechkg.kg.build.builder import build_snapshot
from mechkg.ontology.rdf.vocabulary import RDF, RDFS, Codec

EVIDENCE = (Evidence(kind="database", source="infores:endpoint"),)
"""What an endpoint that lists a statement and says no more gives as its evidence."""


def plain(graph: Graph) -> list[Statement]:
    """The asserted statements of a graph as triples say them: once each, by their predicate."""
    effect = {p.id: p.effect for p in graph.schema.predicates}
    triples = {
        (s.subject, s.predicate, s.object)
        for s in graph.whole().statements
        if not s.negated and not s.derived_from and s.subject != s.object
    }
    return [
        Statement(id="", subject=s, predicate=p, object=o, effect=effect[p], evidence=EVIDENCE)
        for s, p, o in sorted(triples)
    ]


def snapshot_of(
    folder: Path, entities: Iterable[Entity], statements: Iterable[Statement], schema: Schema
) -> Graph:
    """The same statements as a local snapshot, with names and categories alone."""
    bare = [Entity(id=e.id, name=e.name, category=e.category) for e in entities]
    path = build_snapshot(folder, name="plain", entities=bare, statements=statements, schema=schema)
    return open_graph(path)


def triples_of(graph: Graph) -> Iterator[str]:
    """The lines of N-Triples that say a plain graph: types, labels and statements."""
    codec = Codec(graph.schema.prefixes)
    iri = {p.id: p.iri or codec.iri(f"mechkg:{p.id}") for p in graph.schema.predicates}
    for entity in graph.whole().entities:
        subject, label = codec.iri(entity.id), entity.name.replace("\\", "\\\\").replace('"', '\\"')
        yield f"<{subject}> <{RDF['type']}> <{codec.iri(entity.category)}> ."
        yield f'<{subject}> <{RDFS["label"]}> "{label}" .'
    for s in graph.whole().statements:
        yield f"<{codec.iri(s.subject)}> <{iri[s.predicate]}> <{codec.iri(s.object)}> ."


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def oxigraph(folder: Path, lines: Iterable[str]) -> Iterator[str]:
    """Give the address of an Oxigraph server that holds some triples."""
    program = str(Path(sys.executable).with_name("oxigraph"))
    file, store = folder / "graph.nt", str(folder / "store")
    file.write_text("\n".join(lines) + "\n")
    subprocess.run(
        [program, "load", "--location", store, "--file", str(file)], check=True, capture_output=True
    )
    port = free_port()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"],
            stdout=log,
            stderr=log,
        )
    try:
        answers(port, process)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server takes connections."""
    for _ in range(200):
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")
