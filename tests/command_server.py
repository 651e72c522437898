"""The command `mechkg`, run in forks of one process that has imported it: a start takes no second.

A program asks over a socket (`CLIENT`): its arguments, folder, environment and open files go to the
server, which forks; the child runs the command as `python -m mechkg` does, and its exit code goes
back. Nothing that a call does is seen by the next one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.processes import running

__all__ = ["forked_command"]

ROOT = Path(__file__).parents[1]
CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
    server.connect({address!r})
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(call)
    sys.exit(int.from_bytes(server.recv(1), "big"))
"""


@contextmanager
def forked_command(folder: Path) -> Iterator[Path]:
    """Give a program that is the command `mechkg`, for as long as the block lasts."""
    with TemporaryDirectory() as short:  # the address of a socket has at most 107 characters
        address = f"{short}/s"
        command = [sys.executable, "-m", "tests.command_server", address]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with running(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            program = folder / "mechkg"
            program.write_text(CLIENT.format(python=sys.executable, address=address))
            program.chmod(0o700)
            yield program


def serve(address: str) -> None:
    """Answer one call after the other; imports all that commands import on their own."""
    from mechkg.api.cli import main
    from mechkg.kg.build.load import warm
    from mechkg.kg.readers import FORMATS
    from mechkg.ontology.rdf.readers import FORMATS as RDF_FORMATS

    warm((*FORMATS, *RDF_FORMATS))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who answer
        while True:
            client, _ = listening.accept()
            with client:
                if os.fork() == 0:
                    _answer(client, main)


def _answer(client: socket.socket, main: Callable[[], object]) -> None:
    """Answer one call in a process of its own, for the next one may be at the end of its pipe."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        client.sendall(bytes([_called(client, main)]))
    finally:
        os._exit(0)


def _called(client: socket.socket, main: Callable[[], object]) -> int:
    """Run a call in a fork; returns its exit code."""
    head, files, _, _ = socket.recv_fds(client, 4, 3)
    left = int.from_bytes(head, "big")
    parts = []
    while left:
        parts.append(client.recv(left))
        left -= len(parts[-1])
    arguments, folder, environment = json.loads(b"".join(parts))
    child = os.fork()
    if child == 0:
        _run(files, arguments, folder, environment, main)
    for file in files:
        os.close(file)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF


def _run(
    files: list[int],
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    main: Callable[[], object],
) -> None:
    """Be the command in this process, and end it."""
    code = 1
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["mechkg", *arguments]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - shown as a process shows it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
