"""Jobs: answered later, bounded, and sent to nobody who is not on the list."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mechkg.api.trapi.callbacks import Refused, is_public, send, target_of
from mechkg.api.trapi.jobs import jobs_directory
from tests.api.servers import Service, serving, until
from tests.trapi.questions import GDNF, NEURON, NSC, hop, ids, path

GRAPH = hop(ids(NSC), ids(GDNF))


def take(service: Service, callback: str, graph=GRAPH, version="2.0"):
    body = {"message": {"query_graph": graph}, "callback": callback}
    return service.post(f"/trapi/{version}/asyncquery", json=body)


def finished(service: Service, job: str, version="2.0"):
    def status():
        return service.get(f"/trapi/{version}/asyncquery_status/{job}").json()

    until(lambda: status()["status"] in {"Completed", "Failed"})
    return status()


@contextmanager
def listening(status: int = 200, **headers: str) -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes answers: its port, and what came."""
    came: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_without_a_list_the_answer_is_kept_and_the_reply_says_so(trapi, specification, semantics):
    with listening() as (port, came):
        reply = take(trapi, f"http://127.0.0.1:{port}/answer").json()
        specification("AsyncQueryResponse", reply)
        assert "sends nothing to 127.0.0.1" in reply["description"]
        status = finished(trapi, reply["job_id"])
        specification("AsyncQueryStatusResponse", status)
        assert status["status"] == "Completed"
        assert came == []
    response = trapi.get(status["response_url"].removeprefix(trapi.url)).json()
    specification("Response", response)
    semantics("Response", response)
    direct = trapi.post("/trapi/2.0/query", json={"message": {"query_graph": GRAPH}}).json()
    assert response == direct


def test_every_worker_knows_every_job(trapi):
    names = [take(trapi, "https://ars.example.org/").json()["job_id"] for _ in range(6)]
    assert all(finished(trapi, name)["status"] == "Completed" for name in names)


def test_jobs_of_1_6_answer_in_1_6(trapi):
    reply = take(trapi, "https://ars.example.org/", path(NSC, NEURON, constraints=None), "1.6")
    status = finished(trapi, reply.json()["job_id"], "1.6")
    response = trapi.get(status["response_url"].removeprefix(trapi.url)).json()
    assert response["schema_version"] == "1.6.0"
    assert response["message"]["results"][0]["node_bindings"]["s"][0]["id"] == NSC


@pytest.fixture
def listed(data_directory: Path, tmp_path: Path):
    """Starts a server that may send to some hosts."""

    @contextmanager
    def start(hosts: str, **settings: object) -> Iterator[Service]:
        log = tmp_path / "server.log"
        with serving(
            data_directory, log, graph="ms-nsc", workers=1, callback_hosts=hosts, **settings
        ) as running:
            yield running

    return start


def test_a_listed_host_gets_the_answer_and_no_redirect_is_followed(listed, specification):
    import json

    with listening() as (port, came), listening(302, Location=f"http://127.0.0.1:{port}/") as other:
        hosts = f"127.0.0.1:{port},127.0.0.1:{other[0]},localhost:{port}"
        with listed(hosts) as service:
            reply = take(service, f"http://127.0.0.1:{port}/answer").json()
            assert "will be sent" in reply["description"]
            status = finished(service, reply["job_id"])
            assert "returned 200" in status["description"]
            (body,) = came
            specification("Response", json.loads(body))

            moved = take(service, f"http://127.0.0.1:{other[0]}/answer").json()
            assert "returned 302" in finished(service, moved["job_id"])["description"]
            private = take(service, f"http://localhost:{port}/answer").json()
            assert "not public" in finished(service, private["job_id"])["description"]
            assert len(came) == 1
            assert len(other[1]) == 2


def test_there_are_only_so_many_places_and_jobs_expire(dense):
    graph = hop(ids("X:1"), None)
    taken = [take(dense, "https://ars.example.org/", graph) for _ in range(3)]
    assert [answer.status_code for answer in taken] == [200] * 3
    refused = take(dense, "https://ars.example.org/", graph)
    assert refused.status_code == 429
    assert refused.json()["type"].endswith("/too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0


def test_an_expired_job_is_gone(listed):
    with listed("", job_kept_seconds=1) as service:
        name = take(service, "https://ars.example.org/").json()["job_id"]
        address = f"/trapi/2.0/asyncquery_status/{name}"
        until(lambda: service.get(address).status_code == 404)


@pytest.mark.parametrize("name", ["nope", "..%2F..%2Fdefault", "a" * 22, "lock"])
def test_what_is_no_job_is_not_found(trapi, name):
    for address in ("asyncquery_status", "asyncquery_response"):
        assert trapi.get(f"/trapi/2.0/{address}/{name}").status_code == 404


def test_a_callback_is_needed(trapi):
    answer = trapi.post("/trapi/2.0/asyncquery", json={"message": {"query_graph": GRAPH}})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "callback")


LISTED = ["ars.example.org", "ars.example.org:8443", "10.0.0.7"]


@pytest.mark.parametrize(
    "callback",
    [
        "http://ars.example.org:81/",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://ars.example.org/",
        "file:///etc/passwd",
        "http://user@ars.example.org/",
        "http://ars.example.org@evil.example/",
        "http://evil.example/?ars.example.org",
        "http://[::1]/",
        "http://ars.example.org:notaport/",
        "https://ars.example.org/a\r\nX: y",
        "//ars.example.org/",
        "//ars.example.org:80/",
        "gopher://ars.example.org:80/",
        "gopher://ars.example.org:8443/",
        "ars.example.org:8443",
        "HTTP:/ars.example.org",
        "http://ars.example.org:99999999999/",
        "http://[ars.example.org/",
        "",
    ],
)
def test_a_callback_that_is_not_listed_is_refused(callback):
    with pytest.raises(Refused):
        target_of(callback, LISTED)


@pytest.mark.parametrize(
    "callback",
    ["https://ars.example.org/x?y=1", "HTTPS://ARS.example.org:8443", "http://10.0.0.7/"],
)
def test_a_callback_that_is_listed_is_not(callback):
    assert target_of(callback, LISTED).host in {"ars.example.org", "10.0.0.7"}


def test_a_host_that_does_not_answer_is_said_so():
    with listening() as (port, _):
        pass
    assert "failed" in send(target_of(f"http://127.0.0.1:{port}/", [f"127.0.0.1:{port}"]), b"{}")


@pytest.mark.parametrize(
    "address",
    ["224.0.0.1", "ff02::1", "ff0e::1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1",
     "2002:7f00:1::", "2002:a00:1::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
     "2001:0:4136:e378:8000:63bf:3fff:fdd2", "240.0.0.1", "192.88.99.1", "fec0::1", "fe80::1%eth0",
     "fd00::1", "100.64.0.1", "10.0.0.1", "169.254.169.254", "127.0.0.1", "::1", "::", "0.0.0.0"],
)  # fmt: skip
def test_what_is_no_public_host_gets_nothing(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_a_public_host_may_be_listed(address):
    assert is_public(address)


def test_a_host_that_drips_its_answer_does_not_hold_the_job():
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not stop.wait(0.05):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            target = target_of(f"http://127.0.0.1:{port}/", [f"127.0.0.1:{port}"])
            assert send(target, b"{}", seconds=0.5).endswith("not end within 0.5 seconds.")
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize(
    "callback", ["gopher://127.0.0.1:70/x", "//127.0.0.1:80", "//127.0.0.1", "ftp://a:21/", "x:1"]
)
def test_a_callback_of_another_kind_is_told_and_the_answer_kept(trapi, callback):
    reply = take(trapi, callback)
    assert reply.status_code == 200, reply.text
    assert "must be http or https" in reply.json()["description"]
    assert finished(trapi, reply.json()["job_id"])["status"] == "Completed"


def test_jobs_of_read_only_data_are_kept_where_no_other_user_can_enter(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    missing = tmp_path / "missing"  # nobody can write into it
    assert jobs_directory(tmp_path) == tmp_path / ".jobs"
    kept = jobs_directory(missing)
    assert kept.parent == tmp_path
    assert kept.stat().st_mode & 0o777 == 0o700
    kept.chmod(0o755)
    assert jobs_directory(missing) == missing / ".jobs"
    kept.rmdir()
    kept.symlink_to(tmp_path)
    assert jobs_directory(missing) == missing / ".jobs"


def test_where_nothing_can_be_written_jobs_are_refused_with_the_reason(data_directory, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for entry in data_directory.iterdir():
        if entry.name != ".jobs":
            (data / entry.name).symlink_to(entry)
    (data / ".jobs").write_text("in its place")
    with serving(data, tmp_path / "log", graph="ms-nsc", workers=1) as service:
        reply = take(service, "https://ars.example.org/")
        assert reply.status_code == 503
        assert reply.json()["type"].endswith("/jobs-unavailable")
        assert "cannot keep jobs: File exists." in reply.json()["detail"]
        direct = service.post("/trapi/2.0/query", json={"message": {"query_graph": GRAPH}})
        assert direct.status_code == 200
