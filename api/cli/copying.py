"""`mechkg copy`: the graph behind an endpoint as a snapshot."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
import msgspec

from mechkg.api.cli.options import data, engine
from mechkg.api.cli.tables import print_line
from mechkg.kg.errors import QueryError

__all__ = ["copy"]


@click.command()
@click.option("--name", required=True, help="Name of the graph; an older one of it is replaced.")
@engine
@data
@click.option("--json", "as_json", is_flag=True, help="Print the manifest and the cost as JSON.")
def copy(name: str, engine: str, mapping: Path | None, data: Path, *, as_json: bool) -> None:
    """Copy the graph behind an endpoint into a snapshot.

    Below some ten million statements that pays after few queries; `mechkg paths --engine` says how
    many.
    """
    if not engine:
        raise QueryError("engine", "is missing", hint="Give the address of a SPARQL endpoint.")
    # The compiled builder, which --help need not wait for.
    from mechkg.api.cli.loading import free_name
    from mechkg.api.cli.progress import shown
    from mechkg.kg.snapshot.catalogue import Catalogue
    from mechkg.kg.snapshot.snapshot import open_snapshot
    from mechkg.ontology.endpoint.copy import copy_endpoint
    from mechkg.ontology.endpoint.open import sparql_engine

    catalogue = Catalogue(data)
    directory = free_name(catalogue, name)
    with shown() as progress, closing(sparql_engine(engine, mapping)) as source:
        path, usage = copy_endpoint(source, directory, name=name, progress=progress)
    catalogue.publish(name, path)
    manifest = open_snapshot(path).manifest
    if as_json:
        click.echo(msgspec.json.encode({"graph": manifest, "usage": usage}))
        return
    counts = manifest.counts
    print_line(
        f"Copied {counts.statements:,} statements of {counts.entities:,} entities into {name} "
        f"{manifest.hash}: {usage.requests:,} requests, {usage.received:,} bytes, "
        f"{usage.seconds:.1f} s."
    )
