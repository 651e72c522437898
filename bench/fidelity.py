"""Count what real files of each kind give: `python -m bench.fidelity FILE...`.

Each file is loaded alone, written as KGX JSON Lines and loaded again; the table says how many
entities, statements, pieces of evidence and refusals there were, and whether anything was lost on
the way through KGX JSONL (the digest of everything that the model has).
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from mechkg.kg import readers
from mechkg.kg.build.load import load
from mechkg.kg.errors import LoadRefused
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.subgraph import whole_graph
from mechkg.kg.writers import FORMATS as WRITERS
from mechkg.ontology.rdf import readers as rdf_readers

FORMATS = (*readers.FORMATS, *rdf_readers.FORMATS)


def content(snapshot: Snapshot) -> str:
    """Return a digest of all entities and statements, their identifiers left out if made here."""
    digest = sha256()
    texts = [
        msgspec.json.encode(snapshot.records.entity(row)) for row in range(snapshot.index.entities)
    ]
    for row in range(snapshot.index.statements):
        statement = snapshot.records.statement(row)
        named = "" if statement.id.startswith("row-") else statement.id
        texts.append(msgspec.json.encode(msgspec.structs.replace(statement, id=named)))
    for text in sorted(texts):
        digest.update(text)
    return digest.hexdigest()


def row(path: Path) -> str:
    """Return a file's row of the table."""
    (kgx,) = (writer for writer in WRITERS if writer.name == "kgx-jsonl")
    with TemporaryDirectory() as folder:
        began = perf_counter()
        try:
            loaded = load(
                [path], Path(folder, "a"), name="a", schema=biolink_schema(), formats=FORMATS
            )
        except LoadRefused as error:
            return f"| {path.name} | | | | | {len(error.refusals):,} | | |"
        seconds = perf_counter() - began
        snapshot = open_snapshot(loaded.path)
        again = Path(folder, "again.jsonl.tar.gz")
        again.write_bytes(kgx.write(whole_graph(snapshot, at_most=10**8), snapshot.schema))
        back = load([again], Path(folder, "b"), name="b", schema=snapshot.schema)
        same = content(snapshot) == content(open_snapshot(back.path))
        counts = snapshot.manifest.counts
    return (
        f"| {path.name} | {loaded.files[0].format} | {counts.entities:,} | {counts.statements:,} "
        f"| {counts.evidence:,} | 0 | {'nothing' if same else 'SOMETHING'} | {seconds:.1f} |"
    )


if __name__ == "__main__":
    sys.stdout.write(
        "| file | format | entities | statements | evidence | refusals | lost | seconds |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    for name in sys.argv[1:]:
        sys.stdout.write(f"{row(Path(name))}\n")
        sys.stdout.flush()
