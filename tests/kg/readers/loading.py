"""How the readers' tests load files, and what they see of the snapshot."""

import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from mechkg.kg.build.load import Loaded, load
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.readers import FORMATS
from mechkg.kg.readers.formats import Format
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot

DATA = Path(__file__).parents[2] / "data"


class Read:
    """Everything that a load put into a snapshot."""

    def __init__(self, loaded: Loaded, snapshot: Snapshot) -> None:
        records = snapshot.records
        self.loaded = loaded
        self.counts = snapshot.manifest.counts
        self.hash = snapshot.manifest.hash
        self.schema = snapshot.schema
        self.entities: dict[str, Entity] = {
            entity.id: entity for entity in map(records.entity, range(snapshot.index.entities))
        }
        self.statements: list[Statement] = [
            records.statement(row) for row in range(snapshot.index.statements)
        ]

    @property
    def triples(self) -> set[tuple[str, str, str]]:
        return {(s.subject, s.predicate, s.object) for s in self.statements}


def read(
    *paths: Path,
    schema: Schema | None = None,
    formats: Sequence[Format] = FORMATS,
    mappings: Sequence[Path] = (),
) -> Read:
    with TemporaryDirectory() as folder:
        loaded = load(
            paths,
            Path(folder),
            name="g",
            schema=biolink_schema() if schema is None else schema,
            formats=formats,
            mappings=mappings,
        )
        return Read(loaded, open_snapshot(loaded.path))


def gzipped(text: str) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(text.encode())
    return packed.getvalue()
