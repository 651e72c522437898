"""Two servers of one snapshot behind nginx: a switch of versions under load, a server that dies.

`python -m bench.balanced` takes the configuration of nginx from docs/scaling.md, starts two
`mechkg serve` with a data directory each, and writes balanced.md: requests that failed, and answers
that are not wholly of the version that they name.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

__all__ = ["main"]

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "scaling.md"
NAME, THREADS, WAIT = "chains", 3, 300.0
QUERY = "/api/v1/paths?source=HGNC:1&target=HGNC:2&max_hops=2&composition=off&limit=100"
FRAME = "daemon off; pid nginx.pid; error_log stderr; events {{}} http {{ access_log off; {0} }}"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def load(data: Path, paths: int) -> None:
    """Load a graph with so many paths of two hops between the ends of the query."""
    file = data.with_name("edges.tsv")  # the name of a file is part of the version
    rows = [f"HGNC:1\taffects\tHGNC:{n}\nHGNC:{n}\taffects\tHGNC:2\n" for n in range(3, 3 + paths)]
    file.write_text("subject\tpredicate\tobject\n" + "".join(rows))
    command = [sys.executable, "-m", "mechkg", "load", str(file), "--name", NAME]
    subprocess.run([*command, "--data", str(data)], check=True, capture_output=True)


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it takes connections when the block begins."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until(lambda: answers(port))
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def answers(port: int) -> bool:
    """Say whether a server is ready to answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    """Wait for what other processes do."""
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("A server did not get ready.")
        time.sleep(0.1)


def served(data: Path, port: int) -> list[str]:
    """Return the command of a server with one worker."""
    command = [sys.executable, "-m", "mechkg", "serve", "--port", str(port), "--workers", "1"]
    return [*command, "--data", str(data), "--graph", NAME]


def configured(folder: Path, ports: Sequence[int], front: int) -> list[str]:
    """Return the command of nginx with the configuration of the page, on other ports."""
    (text,) = re.findall(r"^```nginx\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for old, new in zip(("10.0.0.1:8000", "10.0.0.2:8000", "8080"), (*ports, front), strict=True):
        text = text.replace(old, f"127.0.0.1:{new}")
    (folder / "nginx.conf").write_text(FRAME.format(text))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


class Load:
    """Threads that ask the same question again and again, and count what comes back."""

    def __init__(self, front: int) -> None:
        self._url = f"http://127.0.0.1:{front}{QUERY}"
        self._stop = threading.Event()
        self.failed: Counter[str] = Counter()
        self.answers: Counter[tuple[str, int]] = Counter()
        self._threads = [threading.Thread(target=self._ask) for _ in range(THREADS)]

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                with urllib.request.urlopen(self._url, timeout=60) as answer:
                    body = msgspec.json.decode(answer.read())
                self.answers[body["snapshot"], body["total"]] += 1
            except (OSError, ValueError) as error:
                self.failed[f"{error}"] += 1

    def __enter__(self) -> Load:
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self.seconds = time.monotonic() - self._begun

    def row(self, title: str, known: dict[str, int]) -> str:
        """Return a line of the table; `known` has the total of each version."""
        count = sum(self.answers.values())
        mixed = sum(n for (mark, total), n in self.answers.items() if known.get(mark) != total)
        versions = len({mark for mark, _ in self.answers})
        return (
            f"| {title} | {count + sum(self.failed.values()):,} | {count / self.seconds:,.0f} | "
            f"{versions} | {sum(self.failed.values())} | {mixed} |"
        )


def version(port: int) -> tuple[str, int]:
    """Return the version that one server has, and its total."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{QUERY}", timeout=60) as answer:
        body = msgspec.json.decode(answer.read())
    return body["snapshot"], body["total"]


def put(builder: Path, data: Path) -> None:
    """Copy the version of a builder to the data directory of a server, and switch it over."""
    version = (builder / NAME / "current").readlink()
    shutil.copytree(builder / NAME / version, data / NAME / version)
    (data / NAME / "next").symlink_to(version)
    (data / NAME / "next").rename(data / NAME / "current")


def rounds(base: Path, seconds: float) -> list[str]:
    """Return the lines of the table."""
    builder, data = base / "builder", [base / "a", base / "b"]
    ports, front = [free_port(), free_port()], free_port()
    load(builder, 20)
    rows = []
    with ExitStack() as stack:
        servers = []
        for one, port in zip(data, ports, strict=True):
            put(builder, one)
            servers.append(stack.enter_context(running(served(one, port), port)))
        stack.enter_context(running(configured(base, ports, front), front))
        known = dict([version(port) for port in ports])
        with Load(front) as alone:
            time.sleep(seconds)
        rows.append(alone.row("two servers", known))
        with Load(front) as switched:
            load(builder, 30)
            for one in data:
                put(builder, one)
                time.sleep(seconds / 2)
        known |= dict([version(port) for port in ports])
        rows.append(switched.row("the version is switched on one after the other", known))
        with Load(front) as cut:
            time.sleep(seconds / 2)
            os.killpg(servers[1].pid, signal.SIGKILL)
            time.sleep(seconds / 2)
        rows.append(cut.row("one server is killed", known))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args(argv)
    before = os.getloadavg()[0]
    with TemporaryDirectory() as folder:
        rows = rounds(Path(folder), options.seconds)
    after = os.getloadavg()[0]
    (HERE / "balanced.md").write_text(
        "# Servers behind a balancer\n\n"
        "Two `mechkg serve` of one worker each, with a data directory each, behind nginx with the "
        f"configuration of docs/scaling.md, all on one machine of {os.cpu_count()} cores that had "
        f"other work (load average {before:.1f} at the start, {after:.1f} at the end), "
        f"asked by {THREADS} clients without pause. Written by `python -m bench.balanced`.\n\n"
        "*Mixed* counts answers whose paths are not those of the version that they name.\n\n"
        "| | requests | answers a second | versions seen | failed | mixed |\n"
        "|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "Not measured: several machines, a network between them, more than two servers, haproxy. "
        "The rate is that of a busy machine, and says nothing of what a second server adds.\n"
    )


if __name__ == "__main__":
    main()
