"""Run the cases that are handed over beside the checkout: `python -m bench.cases FOLDER`.

A case is a folder with `run.sh`, which calls the command `$MECHKG`, and `expected.md`. The table
`CASES` says what the output of a case must hold, and must not; of other cases that need no server,
that no command ends in a traceback.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CASES", "Outcome", "run_case"]

TRACEBACK: Final = "Traceback (most recent call last)"

CASES: Final[Mapping[str, tuple[Sequence[str], Sequence[str]]]] = {
    "01": ((r"2 entities", r"'SUBJ:0001', 'name': 'asthma'", r"'OBJ:0002', 'name': 'fracture'"),
           ("1 entities",)),
    "05": ((r"S HGNC:1033 \S+ HGNC:8032", r"S A:1 affects A:2"), (r"'id': 'st1'", r"'id': 'e1'")),
    "07": ((r"S Gene::9021 GpBP", r"'id': 'A:1', 'name': 'alpha', 'category': 'biolink:Gene'"),
           (r"S source ", r"S head ", r"S Subject ", r"-alpha->")),
    "08": (("exit code 2", "a zip archive"), (TRACEBACK, "exit code 1")),
    "12": ((r"NCBIGene:7124.*UniProtKB:P01375", r"'synonyms': \['TNF-alpha'\]"), ()),
    "19": ((r"'category': 'biolink:Gene', 'synonyms': \['x', 'y'\]", r"PMID:3', 'PMID:4'"),
           (r"\[\"\['",)),
    "20": ((r"(?s)infores:ctd.*S A:1 affects A:2  \[\('infores:ctd'",), (r"\('edges.tsv'",)),
    "21": ((r"(?s)2 entities, 1 statements.*2 entities, 1 statements.*2 entities, 1 statements",),
           ("exit code 2",)),
    "28": ((r"(?s)exit code 0.*exit code 0",), ("exit code 2",)),
    "29": ((r"is a number", r"'p_value': '1e-400'", r"'q': '0.10'"), ("missing or empty",)),
    "32": (("1 entities",), ("2 entities",)),
    "36": ((r"primekg.csv exit code 0", r"neo4j-nodes.csv exit code 0", r"t.obo exit code 0",
            r"neo4j-edges.csv exit code 0", r"net.sif exit code 0", r"old.tsv exit code 0"),
           ("exit code 2",)),
    "37": ((r"E \{'id': 'A:1', 'name': 'alpha, the first'",), (r'"A:1"',)),
    "45": ((r"'id': 'A:1', 'name': 'a'", r"1 of 3 entities are named by statements only"),
           (r"'id': 'A:1 '",)),
    "p06": ((r"'category': 'biolink:Gene', 'synonyms': \['x', 'y'\]", r"treats A:2 negated"), ()),
    "p02": (("kgx.tsv.tar.gz same", "kgx.jsonl.tar.gz same"), ("differs",)),
}  # fmt: skip
"""By the number of a case: patterns that its output has, and patterns that it has not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case gave: whether it is as it must be, and the first thing that is not."""

    name: str
    passed: bool
    fault: str


def run_case(folder: Path, program: Path) -> Outcome:
    """Run a case with a program and compare what it prints with what it must."""
    done = subprocess.run(
        ["/bin/sh", "run.sh"], cwd=folder, check=False, text=True, capture_output=True,
        env=os.environ | {"MECHKG": str(program), "COLUMNS": "10000"},
    )  # fmt: skip
    output = done.stdout + done.stderr
    wanted, unwanted = CASES.get(folder.name.partition("-")[0], ((), (TRACEBACK,)))
    missing = [pattern for pattern in wanted if re.search(pattern, output) is None]
    extra = [pattern for pattern in unwanted if re.search(pattern, output) is not None]
    fault = f"lacks {missing[0]}" if missing else f"has {extra[0]}" if extra else ""
    return Outcome(folder.name, not fault, fault)


def without_server(folder: Path) -> bool:
    """Say whether a case needs no running service."""
    lines = (folder / "run.sh").read_text().splitlines()
    return not any("$URL" in line or "${URL" in line for line in lines if not line.startswith("#"))


def main(folder: Path) -> int:
    """Run all cases of a folder that need no server; returns how many are not as they must be."""
    program = Path(sys.executable).with_name("mechkg")
    outcomes = [run_case(p, program) for p in sorted(folder.iterdir()) if without_server(p)]
    for outcome in outcomes:
        sys.stdout.write(f"| {outcome.name} | {'right' if outcome.passed else outcome.fault} |\n")
    return sum(not outcome.passed for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) > 0)
