"""The command: `python -m bench`, `make bench`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from bench.graphs import CACHE, HETIO, checked_name
from bench.peers import PEERS
from bench.plot import write_plot
from bench.report import PLOT, write_report
from bench.results import Plan, Results
from bench.run import measure

FULL = Plan(
    graphs=(HETIO, "synthetic-1M", "synthetic-10M", "synthetic-50M", "synthetic-100M"),
    peers=tuple(PEERS),
    rounds=5,
    seconds=10.0,
    budget=8.0,
)
QUICK = msgspec.structs.replace(
    FULL, graphs=(HETIO,), rounds=2, seconds=2.0, budget=6.0, questions=12
)


def main(arguments: list[str]) -> int:
    """Measure and write the report; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few questions on the real graph")
    parser.add_argument(
        "--graphs",
        nargs="+",
        type=_graph,
        metavar="NAME",
        help="hetio, synthetic-1M, synthetic-100M ...",
    )
    parser.add_argument(
        "--peers", nargs="+", choices=list(PEERS), metavar="NAME", help=", ".join(PEERS)
    )
    parser.add_argument(
        "--workloads", nargs="+", metavar="NAME", help="W1, W3, N2 ...; all of them unless given"
    )
    parser.add_argument("--budget", type=float, help="seconds for a peer and workload")
    parser.add_argument("--seconds", type=float, help="seconds for one question")
    parser.add_argument("--rounds", type=int, help="how often each question is asked")
    parser.add_argument("--questions", type=int, help="how many of each set are asked")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where graphs are kept")
    parser.add_argument(
        "--output", type=Path, help="where to write; RESULTS.md here, in the cache with --quick"
    )
    parser.add_argument(
        "--go-on", action="store_true", help="measure what a run that was cut short left out"
    )
    parser.add_argument(
        "--again", action="store_true", help="only write the report of the last run"
    )
    given = parser.parse_args(arguments)
    plan = _plan(given)
    given.cache.mkdir(parents=True, exist_ok=True)
    saved = given.cache / "results.json"
    if not given.again:
        done = _read(saved) if given.go_on and saved.exists() else None
        measure(plan, given.cache, keep=lambda made: _write(made, saved), done=done)
    results = _read(saved)
    home = given.cache if given.quick else Path(__file__).parent
    written = write_report(results, given.output or home / "RESULTS.md")
    write_plot(results, written.with_name(PLOT))
    print(f"Wrote {written}.")
    return 0


def _graph(name: str) -> str:
    try:
        return checked_name(name)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from wrong


def _read(saved: Path) -> Results:
    return msgspec.json.decode(saved.read_bytes(), type=Results)


def _write(results: Results, saved: Path) -> None:
    saved.write_bytes(msgspec.json.encode(results))


def _plan(given: argparse.Namespace) -> Plan:
    """Return the plan of a command line: what was given, else that of the mode."""
    chosen = {field: getattr(given, field, None) for field in Plan.__struct_fields__}
    values = {
        field: tuple(value) if isinstance(value, list) else value
        for field, value in chosen.items()
        if value is not None
    }
    return msgspec.structs.replace(QUICK if given.quick else FULL, **values)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
