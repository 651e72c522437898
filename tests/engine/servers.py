"""Graphs as plain triples, and servers of SPARQL that tests start on them."""

import io
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import rdflib

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
def running(command: Sequence[str], folder: Path, port: int) -> Iterator[None]:
    """Run a server until it is no longer needed; its output is in `log` of its folder."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        answers(port, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
    command = [program, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"]
    with running(command, folder, port):
        yield f"http://127.0.0.1:{port}/query"


VIRTUOSO_GRAPH = "http://example.org/graph"
VIRTUOSO_SETTINGS = """
[Database]
DatabaseFile = v.db
ErrorLogFile = v.log
LockFile = v.lck
TransactionFile = v.trx
xa_persistent_file = v.pxa
[TempDatabase]
DatabaseFile = t.db
TransactionFile = t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 1000000
"""


@contextmanager
def virtuoso(folder: Path, lines: Iterable[str]) -> Iterator[str]:
    """Give the address of a Virtuoso server that holds some triples in `VIRTUOSO_GRAPH`."""
    program, client = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if program is None or client is None:
        pytest.skip("Virtuoso is not installed: requirements/virtuoso installs Debian's package")
    file = folder / "graph.nt"
    file.write_text("\n".join(lines) + "\n")
    port, sql = free_port(), free_port()
    settings = VIRTUOSO_SETTINGS.format(folder=folder, port=port, sql=sql)
    (folder / "v.ini").write_text(settings)
    command = [program, "+configfile", "v.ini", "+foreground"]
    with running(command, folder, port):
        load = f"DB.DBA.TTLP_MT(file_open('{file}'), '', '{VIRTUOSO_GRAPH}');"
        loaded = subprocess.run(
            [client, f"127.0.0.1:{sql}", "dba", "dba", f"exec={load}"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert "Done" in loaded.stdout, loaded.stdout
        yield f"http://127.0.0.1:{port}/sparql"


class _Evaluator(BaseHTTPRequestHandler):
    """Answers queries (SPARQL 1.1 Protocol, by POST) as CSV."""

    server: "_Endpoint"
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Evaluate the query of a form."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status, media, body = 200, "text/csv", io.BytesIO()
        try:
            with self.server.lock:
                self.server.graph.query(form["query"][0]).serialize(body, format="csv")
        except Exception as error:  # noqa: BLE001 - whatever the evaluator raises
            status, media, body = 400, "text/plain", io.BytesIO(str(error).encode())
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body.getvalue())))
        self.end_headers()
        self.wfile.write(body.getvalue())


class _Endpoint(ThreadingHTTPServer):
    """A graph of rdflib behind HTTP: an evaluator that shares no code with Oxigraph's."""

    daemon_threads = True

    def __init__(self, graph: rdflib.Graph) -> None:
        super().__init__(("127.0.0.1", 0), _Evaluator)
        self.graph, self.lock = graph, threading.Lock()


@contextmanager
def evaluator(folder: Path, lines: Iterable[str]) -> Iterator[str]:
    """Give the address of an endpoint on rdflib that holds some triples."""
    file, graph = folder / "graph.nt", rdflib.Graph()
    file.write_text("\n".join(lines) + "\n")
    graph.parse(file, format="nt")
    endpoint = _Endpoint(graph)
    thread = threading.Thread(target=endpoint.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{endpoint.server_address[1]}/sparql"
    finally:
        endpoint.shutdown()
        endpoint.server_close()
        thread.join(5)


ENDPOINTS = {"oxigraph": oxigraph, "virtuoso": virtuoso, "rdflib": evaluator}
"""The servers that the contract is tested on, by name."""


def answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server takes connections."""
    for _ in range(1200):
        assert process.poll() is None, "the server has ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")
