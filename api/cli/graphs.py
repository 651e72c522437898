"""`mechkg load`, `validate`, `verify`, `info`, `prune` and `warm`: graphs as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from mechkg.api.cli.options import as_json, data, snapshot
from mechkg.api.cli.tables import print_facts, print_line, print_table

if TYPE_CHECKING:
    from mechkg.kg.build.builder import Corroborate
    from mechkg.kg.build.load import Feed, Loaded
    from mechkg.kg.errors import LoadRefused
    from mechkg.kg.model.load_report import LoadReport
    from mechkg.kg.progress import Cancel, Progress
    from mechkg.kg.snapshot.catalogue import Catalogue
    from mechkg.kg.snapshot.snapshot import Manifest

__all__ = [
    "info", "load", "load_options", "prune", "run_load", "validate", "verify", "warm",
]  # fmt: skip

Command = TypeVar("Command", bound=Callable[..., Any])

WHOLE = "whole"
"""The state of a version whose files are those that were written."""

MAX_SHOWN = 20
"""Refusals that a table shows."""

FILES = click.argument(
    "files",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=True, readable=True, path_type=Path),
)

STRICT = click.option(
    "--strict", is_flag=True, help="Refuse files of which any record is passed over."
)


LOAD_OPTIONS = (
    FILES,
    click.option(
        "--name", required=True, help="Name of the graph; an older one of it is replaced."
    ),
    click.option(
        "--mapping",
        "mappings",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="SSSOM file whose exact matches make entities one.",
    ),
    click.option(
        "--language",
        "languages",
        multiple=True,
        default=("en",),
        help="Language of names, the preferred first, as a tag: en, de, pt-BR.",
    ),
    click.option(
        "--predicates",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="YAML or RDF file that says what predicates mean: label, verbs, sign, "
        "symmetry, inverse.",
    ),
    click.option(
        "--corroboration",
        "corroborate",
        type=click.Choice(("auto", "on", "off")),
        default="auto",
        show_default=True,
        help="Count the routes that support each statement; auto: of at most 2 million statements.",
    ),
    click.option(
        "--mechanisms",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Curated mechanisms that mark the statements they use: DrugMechDB, GO-CAM, paths.",
    ),
    STRICT,
    data,
    click.option("--json", "as_json", is_flag=True, help="Print all counts and refusals as JSON."),
)
"""The files of a load, and the options that say how they are read."""


def load_options(command: Command) -> Command:
    """Add `LOAD_OPTIONS` to a command."""
    for decorate in reversed(LOAD_OPTIONS):
        command = decorate(command)
    return command


@click.command()
@load_options
def load(files: tuple[Path, ...], *, as_json: bool, **options: Any) -> None:
    """Load FILES into a graph.

    What a file is, its suffix and its first bytes say. Nothing changes if any of them is wrong.
    """
    run_load(files, as_json=as_json, **options)


def run_load(
    files: tuple[Path, ...],
    *,
    as_json: bool,
    feed: Callable[[Progress, Cancel], Feed] | None = None,
    **options: Any,
) -> None:
    """Load files with the options of `load_options`, and print what became of them.

    `feed` makes what reads them, where that is not the usual.
    """
    if not files:
        raise click.UsageError("Nothing to load: name at least one file.")
    # Parsers, numpy and the compiled builder, which --help need not wait for.
    from mechkg.api.cli.loading import load_files, ready, stoppable
    from mechkg.api.cli.progress import shown
    from mechkg.kg.errors import Cancelled, LoadRefused

    ready()
    reports: list[LoadReport] = []
    try:
        with shown() as progress, stoppable() as cancel:
            loaded, manifest = load_files(
                files, **options, feed=feed(progress, cancel) if feed else None,
                on_report=reports.append, progress=progress, cancel=cancel,
            )  # fmt: skip
    except Cancelled:
        raise KeyboardInterrupt from None
    except LoadRefused as error:
        _print_refused(error, reports, as_json)
        raise
    if as_json:
        answer = {"graph": manifest, "loaded": loaded, "refusals": []}
        click.echo(msgspec.json.encode(answer, enc_hook=str))
        return
    _print_loaded(
        loaded, manifest, has_mappings=bool(options["mappings"]),
        counts_routes=options["corroborate"],
    )  # fmt: skip


def _print_loaded(
    loaded: Loaded, manifest: Manifest, *, has_mappings: bool, counts_routes: Corroborate
) -> None:
    from mechkg.api.cli.load_report import loss_sentence, print_report
    from mechkg.kg.build.builder import CORROBORATED

    print_report(loaded.report)
    if counts_routes == "auto" and manifest.counts.statements > CORROBORATED:
        print_line(
            f"Routes that support statements were not counted: there are more than "
            f"{CORROBORATED:,} statements. --corroboration on counts them."
        )
    if has_mappings:
        print_line(
            f"Mappings: {loaded.equivalences:,} identifiers replaced by an exact match, "
            f"{loaded.other_mappings:,} other mappings left out."
        )
    counts = manifest.counts
    print_line(
        f"Loaded {manifest.name}: {counts.entities:,} entities, {counts.statements:,} statements, "
        f"{counts.evidence:,} pieces of evidence, snapshot {manifest.hash}. "
        f"{loss_sentence(loaded.report)}"
    )


def _print_refused(error: LoadRefused, reports: Sequence[LoadReport], as_json: bool) -> None:
    from mechkg.api.cli.load_report import print_report

    refusals = [
        {"file": refusal.file, "line": refusal.line, "reason": refusal.reason}
        for refusal in error.refusals
    ]
    if as_json:
        answer = {
            "graph": None, "loaded": None, "refusals": refusals,
            "report": reports[0] if reports else None,
        }  # fmt: skip
        click.echo(msgspec.json.encode(answer))
        return
    for report in reports:
        print_report(report)
    if len(refusals) > 1:
        rows = ((r["file"], r["line"] or "", r["reason"]) for r in refusals[:MAX_SHOWN])
        print_table(("file", "line", "refused because"), rows)
        if len(refusals) > MAX_SHOWN:
            print_line(f"{len(refusals) - MAX_SHOWN:,} more; --json gives all.")


@click.command()
@FILES
@STRICT
def validate(files: tuple[Path, ...], *, strict: bool) -> None:
    """Check FILES, or the bundled ontology.

    RDF: syntax, shapes and freedom from contradiction are checked; each finding names its node.
    Other files, and with --strict all, are read as by `load`, and what became of every record is
    shown.
    """
    # rdflib, pyshacl and the reasoner, which --help need not wait for.
    from mechkg.api.cli.loading import rdf_files

    rdf = rdf_files(files)
    others = [path for path in files if strict or path not in rdf]
    if others:
        _validate_load(others, strict=strict)
    if rdf or not files:
        _validate_ontology(rdf)


def _validate_load(files: Sequence[Path], *, strict: bool) -> None:
    from mechkg.api.cli.load_report import loss_sentence, print_report
    from mechkg.api.cli.loading import check_files, ready
    from mechkg.kg.errors import LoadRefused

    ready()
    reports: list[LoadReport] = []
    try:
        check_files(files, strict=strict, on_report=reports.append)
    except LoadRefused as error:
        _print_refused(error, reports, as_json=False)
        raise
    print_report(reports[0])
    print_line(f"Readable. {loss_sentence(reports[0])}")


def _validate_ontology(files: Sequence[Path]) -> None:
    from mechkg.kg.errors import ValidationError
    from mechkg.ontology.bundle import bundled_files
    from mechkg.ontology.validate import validate as check

    try:
        found = check(files or bundled_files())
    except ValidationError as error:
        print_table(("node", "finding"), error.findings)
        raise
    print_line(
        f"Sound: {len(found.entities):,} entities, {len(found.statements):,} statements, "
        f"{len(found.schema.predicates):,} predicates."
    )


@click.command()
@snapshot
@as_json
def info(data: Path, graph: str, as_json: bool) -> None:
    """Say what a graph holds: counts, sources, snapshot."""
    from mechkg.api.cli.load_report import corroboration_sentence
    from mechkg.api.cli.snapshots import current  # numpy, which --help need not wait for
    from mechkg.kg.snapshot.snapshot import open_snapshot

    opened = open_snapshot(current(data, graph))
    manifest = opened.manifest
    if as_json:
        click.echo(msgspec.json.encode(manifest))
        return
    counts = msgspec.structs.asdict(manifest.counts)
    method = opened.corroboration.method if opened.corroboration else None
    print_facts(
        {
            "name": manifest.name, "snapshot": manifest.hash, **counts,
            "corroboration": corroboration_sentence(method),
        }
    )  # fmt: skip
    print_table(
        ("source", "licence"), ((source.name, source.licence) for source in manifest.sources)
    )


@click.command()
@data
@click.option("--graph", default="", help="Name of the graph; all graphs if not given.")
@click.option("--keep", type=click.IntRange(0), default=0, show_default=True,
              help="Old versions of each graph to keep, the latest.")  # fmt: skip
@click.option("--days", type=click.FloatRange(0), default=0, show_default=True,
              help="Keep versions that were written in the last days.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print graph, snapshot and bytes as JSON.")
def prune(data: Path, graph: str, *, keep: int, days: float, dry_run: bool, as_json: bool) -> None:
    """Remove versions of graphs that are neither current nor pinned."""
    from mechkg.kg.snapshot.catalogue import Catalogue  # numpy, which --help need not wait for

    catalogue = Catalogue(data)
    remove = catalogue.old if dry_run else catalogue.remove_old
    removed = [
        {"graph": name, "snapshot": version, "bytes": size}
        for name in ([graph] if graph else catalogue.names())
        for version, size in remove(name, keep=keep, days=days).items()
    ]
    if as_json:
        click.echo(msgspec.json.encode(removed))
        return
    if removed:
        print_table(("graph", "snapshot", "bytes"), (tuple(one.values()) for one in removed))
    total = sum(size for one in removed if isinstance(size := one["bytes"], int))
    noun = "version" if len(removed) == 1 else "versions"
    done = "Would remove" if dry_run else "Removed"
    print_line(f"{done} {len(removed):,} old {noun}, {total:,} bytes.")


@click.command()
@data
@click.option("--graph", default="", help="Name of the graph; all graphs if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of versions as JSON.")
def verify(data: Path, graph: str, *, as_json: bool) -> None:
    """Compare every file of all versions of graphs with the digest it was written with."""
    from mechkg.api.cli.progress import shown  # numpy, which --help need not wait for
    from mechkg.kg.errors import SnapshotError
    from mechkg.kg.snapshot.catalogue import Catalogue

    catalogue = Catalogue(data)
    with shown() as progress:
        found = [
            state
            for name in ([graph] if graph else catalogue.linked())
            for state in _states(catalogue, name, progress)
        ]
    if as_json:
        click.echo(msgspec.json.encode(found))
    elif found:
        print_table(("graph", "snapshot", "state"), (tuple(one.values()) for one in found))
    bad = sum(one["state"] != WHOLE for one in found)
    if bad:
        raise SnapshotError(
            f"{bad:,} of {len(found):,} versions are torn.", hint="Load these graphs again."
        )
    if not as_json:
        print_line(f"{len(found):,} versions are whole.")


def _states(catalogue: Catalogue, name: str, progress: Progress) -> Iterator[dict[str, str]]:
    """Yield each version of a graph, with what is wrong with it."""
    from mechkg.kg.errors import SnapshotError
    from mechkg.kg.snapshot.snapshot import verify_snapshot

    try:
        versions = catalogue.versions(name)
    except SnapshotError as error:
        yield {"graph": name, "snapshot": "current", "state": error.detail}
        return
    for path in versions:
        try:
            verify_snapshot(path, progress)
            state = WHOLE
        except SnapshotError as error:
            state = error.detail
        yield {"graph": name, "snapshot": path.name, "state": state}


@click.command()
@data
def warm(data: Path) -> None:
    """Compile the kernels, and the bundled ontology with its RDF store, ahead of use."""
    # numba and the parsers: this command is for waiting once.
    from mechkg.api.cli.progress import shown
    from mechkg.kg.build import load as bulk
    from mechkg.kg.snapshot.snapshot import open_snapshot
    from mechkg.kg.warmup import compile_kernels
    from mechkg.ontology.compile_bundle import compile_bundle
    from mechkg.ontology.sparql.store import build_store

    bulk.warm()
    with shown() as progress:
        path = compile_bundle(data, progress)
        build_store(open_snapshot(path), progress)
        compile_kernels(path, progress)
