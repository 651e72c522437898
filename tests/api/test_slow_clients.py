"""Clients that send or take slowly hold no thread; what is not HTTP gets a problem."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack

import pytest
import requests

from tests.api.servers import Service, SourceAddress, serving, until
from tests.processes import PATIENCE

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
SHORT = "/api/v1/paths?source=NSC&target=GDNF&max_hops=1"
POST = b"POST /api/v1/subgraph HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def narrow(data_directory, tmp_path_factory) -> Iterator[Service]:
    """A server with one worker of two threads, and little patience."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(
        data_directory, log, workers=1, threads=2, arrival_seconds=1, idle_seconds=1
    ) as running:
        yield running


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)


def read_all(sock: socket.socket) -> bytes:
    found = b""
    while data := sock.recv(65_536):
        found += data
    return found


def exchange(service: Service, sent: bytes) -> bytes:
    with connect(service) as sock:
        sock.sendall(sent)
        return read_all(sock)


@pytest.mark.parametrize(
    "begun",
    [b"", b"G", GET, POST + b"Content-Length: 1000\r\n\r\n{", POST + b"Content-Length: 9\r\n"],
    ids=["nothing", "a letter", "half a header", "half a body", "half a POST header"],
)
def test_others_are_answered_while_many_dawdle(narrow: Service, begun):
    with ExitStack() as stack:
        slow = [stack.enter_context(connect(narrow)) for _ in range(60)]
        for sock in slow:
            sock.sendall(begun)
        for _ in range(5):
            assert narrow.get("/healthz").status_code == 200
        answer = read_all(slow[0])
        if begun:
            assert answer.startswith(b"HTTP/1.1 408")
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 408
        else:
            assert answer == b""


def test_a_request_in_drips_is_whole_in_the_end(narrow: Service):
    with connect(narrow) as sock:
        for byte in GET + b"Connection: close\r\n\r\n":
            sock.sendall(bytes([byte]))
            time.sleep(0.005)
        assert b'{"status":"ok"}' in read_all(sock)


def test_requests_one_behind_the_other_on_one_connection(narrow: Service):
    answer = exchange(narrow, (GET + b"\r\n") * 3 + GET + b"Connection: close\r\n\r\n")
    assert answer.count(b'{"status":"ok"}') == 4


def test_a_client_that_waits_is_told_to_go_on(narrow: Service):
    body = b'{"entities": ["NSC"]}'
    head = POST + b"Connection: close\r\nExpect: 100-continue\r\n"
    with connect(narrow) as sock:
        sock.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        sock.sendall(body)
        assert b"200 OK" in read_all(sock)


def test_a_body_that_will_not_come_is_refused_at_its_header(narrow: Service):
    begin = POST + b"Content-Length: 2000000\r\n\r\n"
    answer = exchange(narrow, begin)
    assert answer.startswith(b"HTTP/1.1 413")
    assert narrow.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (GET + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (GET + b"X: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (GET + b"X: " + b"a" * 80_000, 431),
    ],
    ids=[
        "no HTTP",
        "no Host",
        "length and chunks",
        "two lengths",
        "long address",
        "long header",
        "no end",
    ],
)
def test_what_is_not_proper_http_gets_a_problem(narrow: Service, sent, status):
    head, _, body = exchange(narrow, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d" % status)
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == status


def test_many_that_do_not_take_their_answers_stop_no_others(narrow: Service):
    with ExitStack() as stack:
        for _ in range(12):
            sock = stack.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", narrow.port))
            sock.sendall(b"GET /api/v1/graph HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        for path in ("/healthz", "/api/v1/search?q=GDNF", "/healthz", SHORT):
            assert narrow.get(path).status_code == 200


def test_one_that_takes_its_answer_late_gets_all_of_it(narrow: Service):
    wanted = narrow.get("/api/v1/graph", headers={"Accept-Encoding": "identity"}).content
    with connect(narrow) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        sock.sendall(b"GET /api/v1/graph HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert narrow.get(SHORT).status_code == 200
        assert read_all(sock).endswith(b"\r\n\r\n" + wanted)


def test_a_stopped_server_ends_and_says_nothing_bad(data_directory, tmp_path):
    log = tmp_path / "server.log"
    with serving(data_directory, log, workers=2) as running:
        assert running.get("/readyz").status_code == 200
        with connect(running) as idle:
            idle.sendall(GET)
            running.process.terminate()
            until(lambda: running.process.poll() is not None)
    assert running.process.returncode == 0
    assert "Traceback" not in log.read_text()


def test_streams_that_wait_for_their_clients_leave_room_for_the_rest(data_directory, tmp_path):
    log = tmp_path / "server.log"
    long = {"source": ["NSC"], "target": ["neuron"], "max_hops": 8, "direction": "undirected"}
    with serving(data_directory, log, workers=1, threads=3) as running, ExitStack() as stack:
        for _ in range(4):
            streamed = stack.enter_context(running.post(
                "/api/v1/paths/stream", json={**long, "limit": 10_000}, stream=True))  # fmt: skip
            lines = streamed.iter_lines()  # kept: dropping it would close the connection
            stack.callback(lines.close)
            assert next(lines)
        for other in (SHORT, "/api/v1/entities/NSC", "/api/v1/search?q=GDNF", "/healthz"):
            assert running.get(other).status_code == 200


def test_long_work_waits_for_its_turn_and_is_refused_with_a_word(data_directory, tmp_path):
    long = {"source": ["NSC"], "target": ["neuron"], "max_hops": 8, "direction": "undirected",
            "limit": 1000, "diverse": "metapath", "timeout": 30}  # fmt: skip
    settings = {"workers": 1, "threads": 3, "queue": 2, "queue_seconds": 2}
    with (
        serving(data_directory, tmp_path / "log", **settings) as running,
        ThreadPoolExecutor(6) as pool,
        requests.Session() as other,
    ):
        other.mount("http://", SourceAddress("127.0.0.2"))
        asked = [pool.submit(running.post, "/api/v1/paths", json=long) for _ in range(6)]
        refused = next(a for a in map(Future.result, as_completed(asked)) if a.status_code != 200)
        assert refused.status_code == 429
        assert refused.json()["type"].endswith("/too-many-requests")
        assert int(refused.headers["Retry-After"]) > 0
        for path in (SHORT, "/api/v1/entities/NSC", "/api/v1/search?q=GDNF", "/healthz"):
            assert other.get(running.url + path, timeout=PATIENCE).status_code == 200
        assert {answer.result().status_code for answer in asked} <= {200, 429}


def test_a_search_that_nobody_waits_for_ends(data_directory, tmp_path):
    long = {"source": ["NSC"], "target": ["neuron"], "max_hops": 8, "direction": "undirected",
            "limit": 1000, "diverse": "metapath", "timeout": 30}  # fmt: skip
    body = json.dumps(long).encode()
    head = POST.replace(b"subgraph", b"paths") + b"Content-Length: %d\r\n\r\n" % len(body)
    ended = 'mechkg_requests_total{method="POST",route="/api/v1/paths",status="503"}'
    with serving(data_directory, tmp_path / "log", workers=1, threads=3) as running:
        with connect(running) as sock:
            sock.sendall(head + body)
        until(lambda: "/api/v1/paths" in running.get("/metrics").text)
        assert ended in running.get("/metrics").text
