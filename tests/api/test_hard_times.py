"""A server on a machine that takes away its temporary files, its descriptors, or its master."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp

import pytest

from mechkg.api.http.counters import Counters
from tests.api.servers import Service, serving, until
from tests.processes import PATIENCE

NARROW = 96
"""Descriptors of a process: a worker needs about half for itself."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files of processes that are started from here."""
    path = Path(mkdtemp(dir=tmp_path))
    monkeypatch.setenv("TMPDIR", str(path))
    return path


def workers(service: Service) -> list[int]:
    """The workers of a server that serve by now, by their names in the table of processes."""
    found = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text()
    return [int(text) for text in found.split()]


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)


def counted(service: Service) -> float:
    lines = service.get("/metrics").text.splitlines()
    total = 'mechkg_requests_total{method="GET",route="/healthz",status="200"} '
    return sum(float(line.removeprefix(total)) for line in lines if line.startswith(total))


def test_counts_need_no_files_and_survive_workers(data_directory, tmp_path, temporary):
    with serving(data_directory, tmp_path / "log", workers=2) as service:
        assert not list(temporary.iterdir())
        shutil.rmtree(temporary)
        for _ in range(6):
            assert service.get("/healthz").status_code == 200
        until(lambda: len(workers(service)) == 2)
        before = workers(service)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        until(lambda: len(set(workers(service)) - set(before)) == 2)
        assert service.get("/healthz").status_code == 200
        assert counted(service) == 7
        first = "/api/v1/paths?source=NSC&target=GDNF&max_hops=1"
        assert service.get(first).status_code == 200
        assert service.get("/nope").status_code == 404


def test_a_server_starts_at_once_after_its_master_was_killed(data_directory, tmp_path, temporary):
    with ExitStack() as stack:
        service = stack.enter_context(serving(data_directory, tmp_path / "log", workers=2))
        idle = stack.enter_context(connect(service))
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(100)
        os.kill(service.process.pid, signal.SIGKILL)
        service.process.wait()
        again = serving(data_directory, tmp_path / "again", workers=1, port=service.port)
        with again as restarted:
            assert restarted.get("/readyz").status_code == 200
            assert not list(temporary.iterdir())


def test_idle_connections_beyond_the_descriptors_end_no_worker(data_directory, tmp_path):
    log = tmp_path / "log"
    with serving(data_directory, log, workers=1, idle_seconds=1) as service:
        until(lambda: workers(service))
        (worker,) = workers(service)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (NARROW, NARROW))
        with ExitStack() as idle:
            for _ in range(2 * NARROW):
                idle.enter_context(connect(service))
            until(lambda: "connections are held" in log.read_text())
        assert service.get("/healthz").status_code == 200
        assert workers(service) == [worker]


def test_no_request_forges_a_line_of_the_log(data_directory, tmp_path):
    log = tmp_path / "log"
    data = tmp_path / "data"
    shutil.copytree(data_directory / "ms-nsc", data / "ms-nsc", symlinks=True)
    with serving(data, log, workers=1, graph="ms-nsc") as service:
        (data / "ms-nsc" / "current").unlink()
        forged = "/api/v1/entities/x%0d[2026]%20CRITICAL%20forged%1b[2J%e2%80%a8%c2%85end"
        assert service.get(forged).status_code == 503
    (line,) = [line for line in log.read_text().split("\n") if "forged" in line and "GET /" in line
               and "HTTP/1.1" not in line]  # fmt: skip
    assert line.isprintable()
    assert line.rstrip().count("[2026]") == 1


def test_what_does_not_fit_is_not_counted():
    counters = Counters(parts=2, part_bytes=256)
    for number in range(100):
        counters.add("series", (str(number),))
    counters.add("series", ("0",))
    totals = counters.totals()
    assert 0 < len(totals) < 100
    assert totals["series", ("0",)] == 2
    counters.take(1)
    counters.add("series", ("0",))
    counters.take(None)
    counters.add("series", ("0",))
    assert counters.totals()["series", ("0",)] == 3
    counters.take(0)
    counters.add("series", ("0",))
    assert counters.totals()["series", ("0",)] == 4
