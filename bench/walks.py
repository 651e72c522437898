"""Trace how far a request and a load walk through the modules of MechKG.

`python -m bench.walks` prints, for a warm GET of paths and for `mechkg load` of a table of three
lines: the modules entered, the moves (calls in another module than the call before), and the
distinct functions and calls. Only this project's own functions count.
`--order` also lists the modules in the order in which they are entered first.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

__all__ = ["Walk", "main", "of_load", "of_request", "walking"]

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("kg", "ontology", "api", "mechkg")

REQUEST = "/api/v1/paths?source=NSC&target=neuron&max_hops=2&limit=5"
TABLE = (
    "subject\tpredicate\tobject\n"
    "CL:0000047\tRO:0002202\tCL:0000540\n"
    "HGNC:4232\tRO:0002213\tCL:0000540\n"
)


@dataclass
class Walk:
    """The modules that were entered, in order, the moves between them, and the functions called."""

    modules: dict[str, None] = field(default_factory=dict)
    moves: int = 0
    functions: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{len(self.modules)} modules, {self.moves} moves, {len(self.functions)} functions, "
            f"{self.functions.total()} calls"
        )


class _Tracer:
    """A profile function for one thread: where its last call of ours went."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._here: str | None = None

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        module = _module_of(frame.f_code.co_filename) if event == "call" else None
        if module is not None:
            code = frame.f_code
            self._walk.modules.setdefault(module)
            self._walk.functions[module, code.co_qualname, code.co_firstlineno] += 1
            self._walk.moves += self._here not in (None, module)
            self._here = module


_known: dict[str, str | None] = {}


def _module_of(filename: str) -> str | None:
    """Return the module of a file of this project, else None."""
    if filename not in _known:
        path = Path(filename).resolve()
        own = path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS
        _known[filename] = ".".join(path.relative_to(ROOT).with_suffix("").parts) if own else None
    return _known[filename]


@contextmanager
def walking() -> Iterator[Walk]:
    """Trace what runs within, in this thread and in those that it starts."""
    walk = Walk()

    def begin(frame: FrameType, event: str, argument: Any) -> None:
        tracer = _Tracer(walk)
        sys.setprofile(tracer)
        tracer(frame, event, argument)

    threading.setprofile(begin)
    sys.setprofile(_Tracer(walk))
    try:
        yield walk
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def of_request(address: str = REQUEST) -> Walk:
    """Trace a GET that was answered before, on the bundled ontology."""
    app_module, settings_module, bundle = (
        _import("mechkg.api.http.app", "api.app"),
        _import("mechkg.api.http.settings", "api.settings"),
        _import("mechkg.ontology.compile_bundle", "ontology.compile_bundle"),
    )
    with TemporaryDirectory() as data:
        bundle.compile_bundle(Path(data))
        settings = settings_module.Settings(data=Path(data), graph="ms-nsc")
        client = app_module.create_app(settings).test_client()
        for _ in range(2):
            assert client.get(address).status_code == 200
        with walking() as walk:
            response = client.get(address)
        assert response.status_code == 200
    return walk


def of_load(table: str = TABLE) -> Walk:
    """Trace the command that loads a small table, after one that did the same."""
    cli = _import("mechkg.api.cli", "api.cli")
    with TemporaryDirectory() as folder:
        file = Path(folder, "three.tsv")
        file.write_text(table, "utf-8")

        def load(name: str) -> None:
            arguments = ["load", str(file), "--name", name, "--data", folder]
            with suppress(SystemExit), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                cli.main(arguments)
            assert Path(folder, name, "current").exists()

        load("first")
        with walking() as walk:
            load("second")
    return walk


def _import(name: str, name_before: str) -> Any:
    """Import a module; `name_before` is its name before the code moved below `mechkg`."""
    return import_module(name if (ROOT / "mechkg" / "__init__.py").exists() else name_before)


def main(arguments: list[str]) -> int:
    """Print the walks; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.walks", description=__doc__)
    parser.add_argument("--order", action="store_true", help="list the modules in order")
    chosen = parser.parse_args(arguments)
    walks: dict[str, Callable[[], Walk]] = {
        f"GET {REQUEST}": of_request,
        "mechkg load, three lines": of_load,
    }
    for name, trace in walks.items():
        walk = trace()
        print(f"{name}: {walk}")
        if chosen.order:
            print(*(f"  {module}" for module in walk.modules), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
