"""Files as a changeset: what they add to a graph, through the readers of a load.

The files are compiled like a load, into a snapshot of their own that is thrown away, so that
identifiers, predicates and categories are read as they always are. Nothing is fetched, and no file
but those that are handed in is opened. Time goes by the size of the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import msgspec

from mechkg.kg.build import load as bulk
from mechkg.kg.curation.changes import AddEntity, AddStatement, Change
from mechkg.kg.curation.overlay import Tick
from mechkg.kg.errors import (
    ChangesRefused,
    DataError,
    EditConflict,
    Finding,
    LoadRefused,
    TooLarge,
)
from mechkg.kg.model.identifiers import VOCABULARIES, registry
from mechkg.kg.model.load_report import LoadReport
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Entity, Evidence, Statement
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.formats import Format
from mechkg.kg.snapshot.records import Records
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.snapshot.statement_ids import parts_of

__all__ = ["MAX_BYTES", "Upload", "read_upload"]

MAX_BYTES: Final = 1 << 26
"""Bytes that the files of a changeset may have, decompressed: 64 MiB."""
MAX_NAMED: Final = 5
"""Entities or statements that a finding names."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The changes that files come to, and what is not among them."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def read_upload(
    files: Sequence[tuple[str, bytes]],
    snapshot: Snapshot,
    formats: Sequence[Format],
    *,
    source: str = "",
    max_bytes: int = MAX_BYTES,
    tick: Tick = lambda: None,
) -> Upload:
    """Return what files, by name and content, add to a graph: entities, then statements.

    The end of a name says the format. `source` is cited for statements for which a file cites no
    other; without it the file is. What the graph has already is left out, and said. Raises
    `ChangesRefused` with each record that cannot be read, `TooLarge`, `EditConflict` where nothing
    is left, and what `tick` raises.
    """
    with TemporaryDirectory(prefix="mechkg-upload-") as folder:
        paths = _written(files, Path(folder), max_bytes)
        reports: list[LoadReport] = []
        try:
            loaded = bulk.load(
                paths, Path(folder, "snapshot"), name="upload", schema=_addressed(snapshot.schema),
                formats=formats, on_report=reports.append, progress=lambda *_: tick(),
            )  # fmt: skip
        except DataError as error:
            raise ChangesRefused(list(_refusals(error))) from error
        found = open_snapshot(loaded.path, check_bytes=0)
        names = {path.name for path in paths} | {cited.name for cited in loaded.manifest.sources}
        return _additions(found, snapshot, names, source, reports[-1])


def _addressed(schema: Schema) -> Schema:
    """Return a schema whose predicates have the IRI that RDF exports name them by."""
    start = VOCABULARIES["mechkg"]
    predicates = (
        predicate if predicate.iri or ":" in predicate.id
        else msgspec.structs.replace(predicate, iri=start + quote(predicate.id, safe=""))
        for predicate in schema.predicates
    )  # fmt: skip
    return msgspec.structs.replace(schema, predicates=tuple(predicates))


def _written(files: Sequence[tuple[str, bytes]], folder: Path, max_bytes: int) -> list[Path]:
    """Write files without their compression, under their own names, below a folder."""
    paths, size = [], 0
    for number, (name, content) in enumerate(files):
        stored = folder / f"{number}.stored"
        stored.write_bytes(content)
        file = SourceFile(stored, name=Path(name).name)
        path = folder / str(number) / file.plain_name
        path.parent.mkdir()
        try:
            with path.open("wb") as plain:
                for chunk in file.chunks():
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge(
                            f"The files of a changeset hold at most {max_bytes:,} bytes, "
                            "decompressed.", hint="Split them.",
                        )  # fmt: skip
                    plain.write(chunk)
        except DataError as error:
            raise ChangesRefused(list(_refusals(error))) from error
        stored.unlink()
        paths.append(path)
    return paths


def _refusals(error: DataError) -> Iterator[Finding]:
    """Yield each record that cannot be read as an error."""
    for refusal in error.refusals if isinstance(error, LoadRefused) else (error,):
        where = "" if refusal.line is None else f"line {refusal.line}"
        yield Finding(severity="error", check="record", message=str(refusal), where=where)


def _additions(
    found: Snapshot, snapshot: Snapshot, names: set[str], source: str, report: LoadReport
) -> Upload:
    records, there = found.records, snapshot.records
    entities = [e for e in map(records.entity, range(found.index.entities)) if _has_record(e)]
    statements = [records.statement(row) for row in range(found.index.statements)]
    known = {entity.id: _known_as(there, entity.id) for entity in entities}
    cited = [_citing(said, names, source) for said in statements if not said.derived_from]
    fresh = [said for said in cited if not _is_there(there, said)]
    changes: list[Change] = [_added_entity(e) for e in entities if known[e.id] is None]
    changes += map(_added_statement, fresh)
    if not changes:
        raise EditConflict("The files say nothing that the graph does not have.")
    more = [e.id for e in entities if _says_more(e, known[e.id])]
    return Upload(tuple(changes), tuple(_left_out(
        report, more, len(cited) - len(fresh), len(statements) - len(cited)
    )))  # fmt: skip


def _has_record(entity: Entity) -> bool:
    """Say whether a file says more of an entity than that a statement is about it."""
    return msgspec.structs.replace(entity, iri="") != Entity(id=entity.id, name=entity.id)


def _known_as(there: Records, curie: str) -> Entity | None:
    """Return the entity that the graph has under a spelling of an identifier."""
    rows = (there.entity_row(form) for form in registry().spellings(curie))
    row = next((row for row in rows if row is not None), None)
    return None if row is None else there.entity(row)


def _says_more(entity: Entity, known: Entity | None) -> bool:
    """Say whether a record says of an entity what the graph does not."""
    if known is None:
        return False
    names = {known.id, known.name, *known.synonyms}
    return (
        not names.issuperset({entity.name, *entity.synonyms})
        or not set(known.xrefs).issuperset(entity.xrefs)
        or entity.description not in {"", known.description}
        or entity.category not in {"biolink:NamedThing", known.category}
    )


def _is_there(there: Records, said: Statement) -> bool:
    """Say whether the graph has a statement, with all its evidence."""
    row = there.statement_row(said.id)
    if row is None:
        return False
    known = there.statement(row)
    bare = msgspec.structs.replace(said, evidence=known.evidence)
    return bare == known and set(known.evidence).issuperset(said.evidence)


def _citing(said: Statement, names: set[str], source: str) -> Statement:
    """Return a statement that cites a source where it would cite a file."""
    if not source:
        return said
    pieces: Iterable[Evidence] = (
        msgspec.structs.replace(piece, source=source) if piece.source in names else piece
        for piece in said.evidence
    )
    return msgspec.structs.replace(said, evidence=tuple(pieces))


def _added_entity(entity: Entity) -> AddEntity:
    return AddEntity(**{name: getattr(entity, name) for name in AddEntity.__struct_fields__})


def _added_statement(said: Statement) -> AddStatement:
    fields = {name: getattr(said, name) for name in AddStatement.__struct_fields__}
    own = "" if parts_of(said.id) is not None else said.id
    return AddStatement(**fields | {"id": own})


def _left_out(
    report: LoadReport, more: Sequence[str], known: int, inferred: int
) -> Iterator[Finding]:
    """Yield what files say and a changeset of them does not."""
    for count in report.files:
        for reason in count.reasons:
            if reason.outcome == "passed_over":
                yield _note(f"{count.file}: {_counted(reason.count, count.kind)} not taken: "
                            f"{reason.reason}.")  # fmt: skip
    if more:
        others = " and others" if len(more) > MAX_NAMED else ""
        listed = ", ".join(more[:MAX_NAMED])
        yield _note(
            f"The graph has {listed}{others} already; what the files say otherwise is not taken."
        )
    if known:
        yield _note(f"{_counted(known, 'statement')} in the graph already, with this evidence.")
    if inferred:
        yield _note(f"{_counted(inferred, 'inferred statement')} not taken.")


def _counted(count: int, kind: str) -> str:
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"1 {kind} is" if count == 1 else f"{count:,} {plural} are"


def _note(message: str) -> Finding:
    return Finding(severity="warning", check="record", message=message)
