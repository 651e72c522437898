"""Files -> snapshot: the whole of a load, from what readers hand on.

A thread of its own reads ahead: it decompresses and cuts one block into fields while the fields
of the last are numbered (both without the interpreter's lock), so two cores have work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import msgspec

from mechkg.kg.build.adjacency_kernels import fill_reverse_keys
from mechkg.kg.build.builder import Build, Corroborate
from mechkg.kg.build.collector import Collector
from mechkg.kg.build.corroboration_kernels import corroborate_range
from mechkg.kg.build.read_ahead import ahead
from mechkg.kg.build.shared_identifiers import SharedIdentifier, located
from mechkg.kg.build.vocabularies import vocabularies
from mechkg.kg.columns.interner import Column, Numbered
from mechkg.kg.columns.text_kernels import intern_slices
from mechkg.kg.errors import DataError, LoadRefused
from mechkg.kg.jit import is_compiled
from mechkg.kg.model.load_report import CuratedMethod, Example, LoadReport, RecordCount
from mechkg.kg.model.mechanisms import Mechanism
from mechkg.kg.model.schema import Schema
from mechkg.kg.progress import Cancel, Progress
from mechkg.kg.readers import FORMATS, Format, recognise
from mechkg.kg.readers.content import (
    LANGUAGES,
    Batch,
    DatasetReader,
    EntityRows,
    Reading,
    StatementRows,
)
from mechkg.kg.readers.files import SourceFile
from mechkg.kg.readers.folders import members_of
from mechkg.kg.readers.split_headers import give_headers
from mechkg.kg.readers.sssom import Equivalences, read
from mechkg.kg.snapshot.metagraph import metagraph
from mechkg.kg.snapshot.snapshot import Counts, Manifest, Snapshot, Source, open_snapshot

__all__ = [
    "DEFINING", "Feed", "Loaded", "Tally", "is_warm", "load", "read_files", "refuse_left",
    "refuse_rest", "warm",
]  # fmt: skip

NOTHING_DECLARED: Final[Mapping[str, str]] = MappingProxyType({})
PLAIN: Final = 2_000
"""Lines of a table with more texts than an `Interner` has room for at first."""


DEFINING: Final = frozenset(("obographs", "obo"))
"""Formats that define predicates, which are read before those that may use them."""
LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
"""A triple of this names an entity, which takes loops that a relation does not."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one file gave: its format, and how many records of each kind."""

    file: str
    format: str
    entities: int
    statements: int
    evidence: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A finished load: where the snapshot is, what each file gave, what was joined.

    `equivalences` counts identifiers that a mapping replaced by another, `other_mappings` the
    rows of mappings that are no exact match and so were left out. `report` says what became of
    every record.
    """

    path: Path
    manifest: Manifest
    files: tuple[Tally, ...]
    equivalences: int
    other_mappings: int
    report: LoadReport


Feed = Callable[
    [Collector, Sequence[tuple[SourceFile, Format]], tuple[str, ...]], Iterator[tuple[int, Tally]]
]
"""Reads files with their formats, names in some languages, into a build; yields the `id` of each
file with its tally."""


def load(
    paths: Sequence[Path],
    directory: Path,
    *,
    name: str,
    schema: Schema,
    formats: Sequence[Format] = FORMATS,
    mappings: Sequence[Path] = (),
    strict: bool = False,
    languages: Sequence[str] = LANGUAGES,
    declared: Mapping[str, str] = NOTHING_DECLARED,
    corroborate: Corroborate = "auto",
    mechanisms: Sequence[Mechanism] = (),
    feed: Feed | None = None,
    on_report: Callable[[LoadReport], None] = lambda _report: None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Loaded:
    r"""Compile files into one snapshot `directory/<hash>`; see `kg.build.builder.build_snapshot`.

    A folder stands for the files in it whose names end in a known suffix; the others are passed
    over. All formats are recognised before anything is read. Entities are merged by CURIE, and by
    the exact matches of SSSOM `mappings`; each statement names the file that listed it as its
    source unless the file names its own. `languages` are those of names, the preferred first.
    Nothing is written where anything is refused or, with `strict`, passed over: the rest is still
    read, so that one attempt shows all that is wrong.

    `corroborate` says whether statements are corroborated (`kg.build.corroborate`): `auto`, `on` or
    `off`. `mechanisms` mark the statements that they use (`kg.snapshot.curated`). `declared` names
    the file that declared a predicate of the schema, for the load report. `feed` reads the files
    into the build, `read_files` unless another is given.
    `on_report` gets the load report before an error is raised, too.

    Raises `DataError` for a file that is of no known format, `LoadRefused` with file, line and
    reason of each refusal, `Cancelled`. For bare statements O(bytes) and
    one sort, in parts; what it takes of memory and disk is said in `mechkg.kg.build.builder`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     edges = Path(folder, "edges.tsv")
    ...     _ = edges.write_text("subject\tpredicate\tobject\nCL:1\tsecretes\tHGNC:2\n")
    ...     load([edges], Path(folder, "data"), name="tiny", schema=Schema()).files[0].statements
    1
    """
    suffixes = tuple(suffix for known in formats for suffix in known.suffixes)
    folders, members = members_of(paths, suffixes)
    files = _opened(members, progress, cancel)
    if not files:
        raise DataError(name, None, "no file was named")
    pairs = [(file, recognise(file, formats)) for file in files]
    mapping_files = [_watched(path, progress, cancel) for path in mappings]
    same = Equivalences()
    others = sum(read(file, same) for file in mapping_files)
    with Build(
        directory, name=name, schema=schema, corroborate=corroborate, mechanisms=mechanisms,
        progress=progress, cancel=cancel,
    ) as build:  # fmt: skip
        build.statements.unites = True
        collector = Collector(build, schema, same)
        taken = dict((feed or read_files)(collector, pairs, tuple(languages)))
        tallies = tuple(taken[id(file)] for file in files)
        same.report()
        counted = _counts(files, tallies, [*folders, *mapping_files])
        report = LoadReport(files=counted, graph=())
        _refuse_loss([*files, *mapping_files], report, on_report, strict=strict)
        described = build.entities.described
        cited = collector.cited
        sources = {file.name for file, how in pairs if _lists(file, how, cited)}
        try:
            path = build.finish(collector.used_schema(), [Source(name=n) for n in sorted(sources)])
        except SharedIdentifier as error:
            raise located(error, files) from error
    snapshot = open_snapshot(path)
    report = msgspec.structs.replace(
        report,
        vocabularies=vocabularies(metagraph(snapshot), snapshot.schema, declared),
        graph=_graph_counts(name, counted, described, snapshot.manifest.counts),
        ends_without_record=snapshot.manifest.counts.entities - described,
        corroboration=snapshot.corroboration.method if snapshot.corroboration else None,
        curated=_curated(snapshot),
    )
    on_report(report)
    return Loaded(path, snapshot.manifest, tallies, same.replaced, others, report)


def _curated(snapshot: Snapshot) -> CuratedMethod | None:
    """Return how much of its mechanisms a graph says, None where it was given none."""
    uses = snapshot.curated
    if uses is None:
        return None
    return CuratedMethod(
        mechanisms=len(uses.mechanisms), steps=uses.steps, found=uses.found,
        statements=len(uses.of_row),
    )  # fmt: skip


def _counts(
    files: Sequence[SourceFile], tallies: Sequence[Tally], others: Sequence[SourceFile]
) -> tuple[RecordCount, ...]:
    """Return the counts of all files, each with the name of its format."""
    known = [(file, tally.format) for file, tally in zip(files, tallies, strict=True)]
    known += [(file, file.format or "sssom") for file in others]
    return tuple(count for file, name in known for count in file.outcomes.counts(file.name, name))


def _refuse_loss(
    files: Sequence[SourceFile],
    report: LoadReport,
    on_report: Callable[[LoadReport], None],
    *,
    strict: bool,
) -> None:
    """Raise `LoadRefused` where a record was refused or, if `strict`, passed over."""
    refusals = [refusal for file in files for refusal in file.refusals]
    if strict and report.lost and not refusals:
        lost = next(count for count in report.files if count.passed_over)
        reason = f"{lost.passed_over:,} of {lost.seen:,} records ({lost.kind}) were passed over"
        hint = "Load without --strict to accept this; the load report says which they are."
        refusals = [DataError(lost.file, None, reason, hint=hint)]
    if refusals:
        on_report(report)
        raise LoadRefused(refusals)


def _graph_counts(
    name: str, files: Sequence[RecordCount], described: int, counts: Counts
) -> tuple[RecordCount, ...]:
    """Return what the records of all files became together."""

    def total(kind: str, *outcomes: str) -> int:
        return sum(getattr(c, outcome) for c in files if c.kind == kind for outcome in outcomes)

    found = (
        ("entity", total("entity", "kept", "merged", "replaced"), described),
        ("statement", total("statement", "kept"), counts.statements + counts.inferred),
    )
    return tuple(
        RecordCount(
            file=name, format="graph", kind=kind, seen=seen, kept=kept, merged=seen - kept
        )
        for kind, seen, kept in found
    )  # fmt: skip


def _lists(file: SourceFile, how: Format, cited: Set[str]) -> bool:
    """Say whether a file is a source: of a dataset that names its own, its files are none."""
    return how.together is None or file.name in cited


def read_files(
    collector: Collector,
    files: Sequence[tuple[SourceFile, Format]],
    languages: tuple[str, ...],
) -> Iterator[tuple[int, Tally]]:
    """Read files into a build, in an order that is not that of the caller.

    Datasets come first, which define terms that tables use, then formats that define some, then
    the others by name. Yields the `id` of each file with its tally.
    """
    ordered = sorted(files, key=lambda pair: (pair[1].name not in DEFINING, *_named(pair[0])))
    apart = []
    datasets: dict[DatasetReader, list[tuple[SourceFile, Format]]] = {}
    for file, how in ordered:
        if how.together is None:
            apart.append((file, how))
        else:
            datasets.setdefault(how.together, []).append((file, how))
    for together, members in datasets.items():
        if len(members) == 1:
            apart[:0] = members
            continue
        formats = {id(file): how for file, how in members}
        named = [(file, how.name) for file, how in members]
        for file, batches in together(named, Reading(collector.schema, "", languages)):
            yield id(file), _take(collector, file, formats.pop(id(file)), batches)
        yield from ((number, _tally_of_none(file, how)) for file, how in members
                    if (number := id(file)) in formats)  # fmt: skip
    for file, how in apart:
        batches = how.read(file, Reading(collector.schema, file.name, languages))
        yield id(file), _take(collector, file, how, batches)


def _named(file: SourceFile) -> tuple[str, str]:
    return file.name, str(file.path)


def _tally_of_none(file: SourceFile, how: Format) -> Tally:
    return Tally(file.name, file.format or how.name, 0, 0, 0)


def _take(collector: Collector, file: SourceFile, how: Format, batches: Iterator[Batch]) -> Tally:
    """Enter the batches of a file; what is refused is in `file.refusals`."""
    collector.begin(file)
    try:
        with closing(ahead(_hashed(batches))) as waiting:
            for batch in waiting:
                collector.take(batch)
    except DataError as error:
        refuse_rest(file, error)
        refuse_left(file)
    file.refusals.sort(key=lambda refusal: refusal.line or 0)
    name = file.format or how.name
    return Tally(file.name, name, collector.entities, collector.statements, collector.evidence)


OF_A_BUILD: Final = frozenset({"entities", "statements"})
"""What errors name that have to do with all files together; they arose at one of them."""


def refuse_rest(file: SourceFile, error: DataError) -> None:
    """Note the error that ended the reading of a file."""
    if error.file in OF_A_BUILD:
        error = DataError(file.name, error.line, error.reason, hint=error.hint)
    if error not in file.refusals:
        example = Example(error.file, error.line)
        file.outcomes.add("file", "refused", reason=error.reason, example=example)
        file.refusals.append(error)


def refuse_left(file: SourceFile) -> None:
    """Refuse the records that the end of the reading left without an outcome."""
    for count in file.outcomes.counts(file.name, ""):
        left = count.seen - count.accounted_for
        if left > 0:
            reason = "the reading of the file ended before it"
            file.outcomes.add(count.kind, "refused", left, reason=reason)


def _hashed(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Hash the texts of batches, which their columns remember: the reader has time for it."""
    for batch in batches:
        columns: Iterable[Column | Numbered] = ()
        if isinstance(batch, EntityRows):
            columns = batch.columns.values()
        elif isinstance(batch, StatementRows):
            columns = batch.subject, batch.predicate, batch.object
        for column in columns:
            if isinstance(column, Column):
                column.hashes()
        yield batch


def _opened(
    paths: Sequence[Path], progress: Progress | None, cancel: Cancel | None
) -> list[SourceFile]:
    """Return files to be read, each with the header that another one has for it."""
    files = [_watched(path, progress, cancel) for path in paths]
    give_headers(files)
    return files


def _watched(path: Path, progress: Progress | None, cancel: Cancel | None) -> SourceFile:
    def look(done: int, size: int) -> None:
        if cancel is not None:
            cancel.check()
        if progress is not None:
            progress(f"reading {path.name}", done, size)

    return SourceFile(Path(path), look)


def is_warm() -> bool:
    """Say whether the loops that every load needs were compiled before."""
    return all(map(is_compiled, (intern_slices, fill_reverse_keys, corroborate_range)))


def warm(formats: Sequence[Format] = FORMATS) -> None:
    """Compile the loops that a load needs, so that no load waits for a compiler.

    Loads some lines in each form that has loops of its own, and a plain table that outgrows the
    first tables; some 10 s the first time on a machine, nothing worth naming later.
    """
    head = "subject\tpredicate\tobject"
    lines = {
        "nodes.tsv": "id\tname\tcategory\nCL:1\tx\tCell\n",
        "edges.tsv": f"{head}\tp_value\tscore\nCL:1\tp\tCL:2\t1\t2\n",
        "lines.nt": f'<a:s> <a:p> <a:o> .\n<a:s> <{LABEL}> "x" .\n',
    }
    plain = "".join(f"CL:{i}\tp\tCL:{i + 1}\n" for i in range(PLAIN))
    for texts in (lines, {"plain.tsv": f"{head}\n{plain}"}):
        with TemporaryDirectory() as folder:
            paths = []
            for name, text in texts.items():
                path = Path(folder, name)
                path.write_text(text, "utf-8")
                if any(name.endswith(known.suffixes) for known in formats):
                    paths.append(path)
            load(paths, Path(folder, "data"), name="warm", schema=Schema(), formats=formats)
