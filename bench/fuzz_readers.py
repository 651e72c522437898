"""Mutation fuzz of every reader: `python -m bench.fuzz_readers [SECONDS] [READER...]`.

`SECONDS` is for each reader, 60 where nothing is said. Each round takes a sample of a format,
changes some bytes (flipped, deleted, doubled, swapped lines, inserted text of trouble), and loads
it. A load may succeed or be refused with a `DataError`; every other exception is a finding, and so
is a report whose counts do not add up.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from mechkg.kg import readers
from mechkg.kg.build.load import load
from mechkg.kg.errors import DataError
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.load_report import LoadReport
from mechkg.ontology.rdf import readers as rdf_readers

__all__ = ["findings_of", "mutated"]

FORMATS: Final = (*readers.FORMATS, *rdf_readers.FORMATS)
TROUBLE: Final = (
    b"\0", b"\r", b"\n", b"\t", b'"', b"'", b"\\", b"|", b"[", b"]", b"{", b"}", b"NaN", b"null",
    b"-1", b"1e999", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"#", b"!", b":", b"::", b"<", b">",
    b"&", b"http://a/b c", b"[]", b"{}", b"true", b" " * 50, b"(" * 50, b"[" * 2000,
)  # fmt: skip


def mutated(content: bytes, random: random.Random) -> bytes:
    """Return a text with one to five random changes."""
    data = bytearray(content)
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(data) + 1)
        until = min(len(data), at + random.randint(1, 20))
        choice = random.randrange(6)
        if choice == 0:
            data[at:at] = random.choice(TROUBLE)
        elif choice == 1:
            del data[at:until]
        elif choice == 2:
            data[at:at] = data[at:until]
        elif choice == 3 and at < len(data):
            data[at] = random.randrange(256)
        elif choice == 4:
            lines = data.split(b"\n")
            random.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        else:
            data[at:until] = random.choice(TROUBLE)
    return bytes(data)


def fault_of(path: Path, folder: Path) -> str:
    """Load a file and return what is wrong with how it went, "" for nothing."""
    reports: list[LoadReport] = []
    try:
        with suppress(DataError):
            load([path], folder / "data", name="g", schema=biolink_schema(),
                 formats=FORMATS, on_report=reports.append)  # fmt: skip
    except Exception as error:  # noqa: BLE001 - every other error is what is looked for
        return f"{type(error).__name__}: {error}"
    for report in reports:
        for count in (*report.files, *report.graph):
            if count.seen != count.accounted_for:
                return f"{count.kind}: {count.seen} seen, {count.accounted_for} accounted for"
    return ""


def findings_of(
    samples: Mapping[str, tuple[str, bytes]],
    seed: int,
    stop: Callable[[int], bool],
) -> list[tuple[str, str, bytes]]:
    """Return name, fault and file of each mutation that goes wrong; `stop` gets the round."""
    chance = random.Random(seed)
    found: list[tuple[str, str, bytes]] = []
    rounds = 0
    with TemporaryDirectory() as folder:
        while not stop(rounds):
            for name, (file, content) in samples.items():
                path = Path(folder, file)
                path.write_bytes(mutated(content, chance))
                fault = fault_of(path, Path(folder))
                if fault:
                    found.append((name, fault, path.read_bytes()))
            rounds += 1
    return found


def main(arguments: Sequence[str]) -> int:
    """Fuzz for some seconds a reader, print a row each; returns how many findings there are."""
    from tests.kg.readers.samples import samples  # the samples of the tests
    from tests.ontology.readers.samples import rdf_samples

    seconds = float(arguments[0]) if arguments else 60.0
    known = samples() | rdf_samples()
    total = 0
    sys.stdout.write("| sample | files loaded | findings |\n|---|---|---|\n")
    for name, sample in known.items():
        if arguments[1:] and name not in arguments[1:]:
            continue
        ends, rounds = monotonic() + seconds, [0]

        def stop(number: int, ends: float = ends, rounds: list[int] = rounds) -> bool:
            rounds[0] = number
            return monotonic() > ends

        found = findings_of({name: sample}, int(monotonic()), stop)
        sys.stdout.write(f"| {name} | {rounds[0]:,} | {len(found)} |\n")
        for _, fault, content in found[:5]:
            sys.stdout.write(f"{fault}\n  {content[:3000]!r}\n")
        sys.stdout.flush()
        total += len(found)
    return total


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
