"""The table of attacks: `python -m bench.attacks [FINDING...]`.

Each finding of the reviews of reliability and of the doors is tried again on a real server, or in a
process of its own, and the answer is held against what is right. The table says the finding, what
was sent, what came, and whether it is right; `--write` puts it into bench/attacks.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.attacks.lab import (
    Lab,
)
from bench.attacks.table import ATTACKS, Attack
from tests.api.servers import ROOT


def run(chosen: Sequence[str]) -> list[tuple[Attack, str, bool, float]]:
    """Try findings, all by default; returns what came, whether it is right, and the seconds."""
    found = []
    with TemporaryDirectory(prefix="attacks-") as folder:
        lab = Lab(Path(folder))
        lab.folder.chmod(0o755)
        for attack in ATTACKS:
            if chosen and not set(chosen) & set(attack.finding.split(", ")):
                continue
            began = time.monotonic()
            try:
                came, right = attack.probe(lab)
            except Exception as error:  # noqa: BLE001 - the table says so, and goes on
                came, right = f"{type(error).__name__}: {error}"[:200], False
            took = time.monotonic() - began
            found.append((attack, came, right, took))
            print(f"{'right' if right else 'WRONG'} {attack.finding}: {attack.sent}\n      {came} "
                  f"({took:.0f} s)", flush=True)  # fmt: skip
    return found


def table(found: Sequence[tuple[Attack, str, bool, float]]) -> str:
    """The table in Markdown."""
    right = sum(row[2] for row in found)
    words = (
        "Written by `python -m bench.attacks --write`: the findings of the reviews of reliability "
        "(A, B, C)\nand of the doors, tried again on real servers with two workers. "
        f"{right} of {len(found)} are right."
    )
    lines = ["# Attacks", "", words, "", "| finding | sent | came | right | kept by |",
             "|---|---|---|---|---|"]  # fmt: skip
    for attack, came, good, _ in found:
        said = came.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {attack.finding} | {attack.sent} | {said} | {'yes' if good else '**no**'} "
                     f"| {attack.test} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Try findings and print them; returns how many are not right."""
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    parser.add_argument("finding", nargs="*", help="A1, B3, C, 'doors A1' ...; all unless given")
    parser.add_argument("--write", action="store_true", help="write bench/attacks.md")
    given = parser.parse_args(arguments)
    found = run(given.finding)
    if given.write:
        (ROOT / "bench" / "attacks.md").write_text(table(found))
    return sum(not row[2] for row in found)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
