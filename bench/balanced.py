"""Three servers of one snapshot behind nginx and haproxy, each in a network of its own.

`python -m bench.balanced` takes the configurations from docs/scaling.md, starts three `mechkg
serve` with a data directory and a network namespace each, and writes balanced.md: requests a second
with one, two and three servers, a switch of versions under load, a server that is killed, and a
host that is cut off. It counts requests that failed, and answers that are not wholly of the version
that they name. Namespaces and links take the rights of an administrator of the network.
"""

from __future__ import annotations

import argparse
import http.client
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
NAME, THREADS, WAIT = "chains", 6, 300.0
HOSTS, PORT = 3, 8000
KINDS = ("nginx", "haproxy")
QUERY = "/api/v1/paths?source=HGNC:1&target=HGNC:2&max_hops=2&composition=off&limit=100"
FRAME = (
    "daemon off; worker_processes 1; pid nginx.pid; error_log stderr; events {{}} "
    "http {{ access_log off; {0} }}"
)


class Host:
    """A network namespace with a link to this machine, which has its other end."""

    def __init__(self, number: int) -> None:
        self.name, self.link = (
            f"mechkg-{os.getpid()}-{number}",
            f"mk{os.getpid() % 10_000}-{number}",
        )
        self.gateway, self.address = f"10.77.{number}.1", f"10.77.{number}.2"

    def __enter__(self) -> Host:
        inner = f"{self.link}i"
        ip("netns", "add", self.name)
        ip("link", "add", self.link, "type", "veth", "peer", "name", inner, "netns", self.name)
        ip("addr", "add", f"{self.gateway}/24", "dev", self.link)
        ip("link", "set", self.link, "up")
        ip("-n", self.name, "addr", "add", f"{self.address}/24", "dev", inner)
        ip("-n", self.name, "link", "set", inner, "up")
        ip("-n", self.name, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_: object) -> None:
        ip("netns", "del", self.name)

    def cut(self, *, off: bool) -> None:
        """Take the link down, or put it up again."""
        ip("link", "set", self.link, "down" if off else "up")

    def inside(self, command: Sequence[str]) -> list[str]:
        """Return a command that runs in the namespace."""
        return ["ip", "netns", "exec", self.name, *command]


def ip(*arguments: str) -> None:
    """Set up a part of the network; ends the program where that is not allowed."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


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
def running(command: Sequence[str], address: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it takes connections when the block begins."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        until(lambda: answers(address))
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def answers(address: str) -> bool:
    """Say whether a server is ready to answer."""
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=30) as answer:
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


def served(data: Path) -> list[str]:
    """Return the command of a server with one worker."""
    command = [sys.executable, "-m", "mechkg", "serve", "--port", str(PORT), "--workers", "1"]
    return [*command, "--host", "0.0.0.0", "--data", str(data), "--graph", NAME]


def configured(kind: str, folder: Path, addresses: Sequence[str], front: int) -> list[str]:
    """Return the command of a balancer with the configuration of the page, of other addresses."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    for number in range(1, HOSTS + 1):
        old = f"10.0.0.{number}:8000"
        if number > len(addresses):
            text = "".join(line for line in text.splitlines(True) if old not in line)
        else:
            text = text.replace(old, addresses[number - 1])
    text = re.sub(r"(listen|bind) \S*8080", rf"\1 127.0.0.1:{front}", text)
    file = folder / f"{kind}-{len(addresses)}.conf"
    file.write_text(FRAME.format(text) if kind == "nginx" else text)
    if kind == "nginx":
        return ["nginx", "-p", str(folder), "-c", str(file)]
    return ["haproxy", "-db", "-q", "-f", str(file)]


class Load:
    """Threads that ask the same question again and again, and count what comes back."""

    def __init__(self, front: int) -> None:
        self._url = f"http://127.0.0.1:{front}{QUERY}"
        self._stop = threading.Event()
        self.failed: Counter[str] = Counter()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.slowest = 0.0
        self._threads = [threading.Thread(target=self._ask) for _ in range(THREADS)]

    def _ask(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                with urllib.request.urlopen(self._url, timeout=60) as answer:
                    body = msgspec.json.decode(answer.read())
                self.answers[body["snapshot"], body["total"]] += 1
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.failed[f"{error}"] += 1
            self.slowest = max(self.slowest, time.monotonic() - begun)

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
            f"{self.slowest:.1f} | {versions} | {sum(self.failed.values())} | {mixed} |"
        )


def version(address: str) -> tuple[str, int]:
    """Return the version that one server has, and its total."""
    with urllib.request.urlopen(f"http://{address}{QUERY}", timeout=60) as answer:
        body = msgspec.json.decode(answer.read())
    return body["snapshot"], body["total"]


def put(builder: Path, data: Path) -> None:
    """Copy the version of a builder to the data directory of a server, and switch it over."""
    version = (builder / NAME / "current").readlink()
    shutil.copytree(builder / NAME / version, data / NAME / version)
    (data / NAME / "next").symlink_to(version)
    (data / NAME / "next").rename(data / NAME / "current")


class Fleet:
    """Servers on hosts of their own, and the versions that they have had."""

    def __init__(self, base: Path, stack: ExitStack) -> None:
        self.base, self.builder = base, base / "builder"
        self.hosts = [stack.enter_context(Host(number)) for number in range(1, HOSTS + 1)]
        self.data = [base / host.name for host in self.hosts]
        self.addresses = [f"{host.address}:{PORT}" for host in self.hosts]
        self.known: dict[str, int] = {}
        self._stack, self._paths = stack, 20
        load(self.builder, self._paths)
        for one in self.data:
            put(self.builder, one)
        self.processes = [self._start(number) for number in range(HOSTS)]
        self.note()

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        command = self.hosts[number].inside(served(self.data[number]))
        return self._stack.enter_context(running(command, self.addresses[number]))

    def note(self) -> None:
        """Note which versions there are."""
        self.known |= dict([version(address) for address in self.addresses])

    def switch(self, pause: float) -> None:
        """Load another version, and put it on one host after the other."""
        self._paths += 10
        load(self.builder, self._paths)
        for one in self.data:
            put(self.builder, one)
            time.sleep(pause)

    def kill(self, number: int) -> None:
        """Kill a server without notice."""
        os.killpg(self.processes[number].pid, signal.SIGKILL)

    def restart(self, number: int) -> None:
        """Start a server that was killed."""
        self.processes[number] = self._start(number)


def rounds(kind: str, fleet: Fleet, seconds: float) -> list[str]:
    """Return the lines of the table for one balancer."""
    rows = []
    for count in range(1, HOSTS + 1):
        front = free_port()
        command = configured(kind, fleet.base, fleet.addresses[:count], front)
        with running(command, f"127.0.0.1:{front}"):
            with Load(front) as alone:
                time.sleep(seconds)
            noun = "server" if count == 1 else "servers"
            rows.append(alone.row(f"{kind}, {count} {noun}", fleet.known))
            if count == HOSTS:
                rows += troubles(kind, fleet, front, seconds)
    return rows


def troubles(kind: str, fleet: Fleet, front: int, seconds: float) -> list[str]:
    """Return the lines of what happens to three servers under load."""
    with Load(front) as switched:
        fleet.switch(seconds / 3)
    fleet.note()
    with Load(front) as killed:
        time.sleep(seconds / 2)
        fleet.kill(1)
        time.sleep(seconds / 2)
    fleet.restart(1)
    with Load(front) as cut:
        time.sleep(seconds / 2)
        fleet.hosts[2].cut(off=True)
        time.sleep(seconds)
        fleet.hosts[2].cut(off=False)
        time.sleep(seconds / 2)
    return [
        switched.row(f"{kind}, the version is switched host by host", fleet.known),
        killed.row(f"{kind}, one server is killed", fleet.known),
        cut.row(f"{kind}, one host is cut off for {seconds:.0f} s", fleet.known),
    ]


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args(argv)
    before = os.getloadavg()[0]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        fleet = Fleet(Path(folder), stack)
        rows = [row for kind in KINDS for row in rounds(kind, fleet, options.seconds)]
    after = os.getloadavg()[0]
    (HERE / "balanced.md").write_text(
        "# Servers behind a balancer\n\n"
        f"{HOSTS} `mechkg serve` of one worker each, with a data directory and a network namespace "
        "each, behind nginx and haproxy with the configurations of docs/scaling.md, all on one "
        f"machine of {os.cpu_count()} cores that had other work (load average {before:.1f} at the "
        f"start, {after:.1f} at the end), asked by {THREADS} clients without pause. Written by "
        "`python -m bench.balanced`.\n\n"
        "*Mixed* counts answers whose paths are not those of the version that they name; *slowest* "
        "is the longest that a client waited for an answer, in seconds. A host that is cut off "
        "neither answers nor refuses.\n\n"
        "| | requests | answers a second | slowest | versions seen | failed | mixed |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n"
        "Servers, balancer and clients share the cores, so that the rate does not grow with the "
        "number of servers. Not measured: several machines.\n"
    )


if __name__ == "__main__":
    main()
