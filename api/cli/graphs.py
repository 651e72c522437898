"""`mechkg load`, `validate`, `info` and `warm`: graphs as a whole."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from api.cli.options import as_json, data, snapshot
from api.cli.tables import print_facts, print_line, print_table

__all__ = ["info", "load", "validate", "warm"]

FILES = click.argument(
    "files",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=True, readable=True, path_type=Path),
)


@click.command()
@FILES
@click.option("--name", required=True, help="Name of the graph; an older one of it is replaced.")
@data
def load(files: tuple[Path, ...], name: str, data: Path) -> None:
    """Load FILES into a graph.

    The suffix of a file says how it is read. Nothing changes if any of them is wrong.
    """
    if not files:
        raise click.UsageError("Nothing to load: name at least one file.")
    # Parsers, numpy and the compiled builder, which --help need not wait for.
    from api.cli.loading import load_files
    from api.cli.progress import shown

    with shown() as progress:
        manifest = load_files(files, name=name, data=data, progress=progress)
    print_line(
        f"Loaded {manifest.name}: {manifest.counts.entities:,} entities, "
        f"{manifest.counts.statements:,} statements, snapshot {manifest.hash}."
    )


@click.command()
@FILES
def validate(files: tuple[Path, ...]) -> None:
    """Check FILES, or the bundled ontology.

    Syntax, shapes and freedom from contradiction are checked; each finding names its node.
    """
    # rdflib, pyshacl and the reasoner, which --help need not wait for.
    from kg.errors import ValidationError
    from ontology.bundle import bundled_files
    from ontology.validate import validate as check

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
    from api.cli.snapshots import current  # numpy, which --help need not wait for
    from kg.snapshot import open_snapshot

    manifest = open_snapshot(current(data, graph)).manifest
    if as_json:
        click.echo(msgspec.json.encode(manifest))
        return
    counts = msgspec.structs.asdict(manifest.counts)
    print_facts({"name": manifest.name, "snapshot": manifest.hash, **counts})
    print_table(
        ("source", "licence"), ((source.name, source.licence) for source in manifest.sources)
    )


@click.command()
@data
def warm(data: Path) -> None:
    """Compile kernels and the bundled ontology ahead of use."""
    # numba and the parsers: this command is for waiting once.
    from api import warming
    from api.cli.progress import shown
    from kg.graph import open_graph
    from ontology.bundle import compile_bundle

    with shown() as progress:
        path = compile_bundle(data, progress)
    warming.warm(open_graph(path))
