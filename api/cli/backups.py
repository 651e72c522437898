"""`mechkg backup`, `restore` and `pin`: what is kept of graphs, and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechkg.api.cli.options import data, snapshot
from mechkg.api.cli.tables import print_line, print_table

if TYPE_CHECKING:
    from mechkg.kg.curation.backup import Held

__all__ = ["backup", "pin", "restore"]

file = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
graphs = click.option(
    "--graph", "graphs", multiple=True, help="Name of a graph; all if none is given. Repeatable."
)
tokens = click.option("--tokens", is_flag=True, help="The digests of curators' tokens, too.")


@click.command()
@file
@graphs
@tokens
@data
def backup(file: Path, graphs: tuple[str, ...], data: Path, *, tokens: bool) -> None:
    """Write the current versions of graphs and the logs of their changes to FILE, a new tar file.

    Servers and curators go on meanwhile: each graph is as it was at one moment.
    """
    from mechkg.kg.curation import backup as work

    _print_held("Backed up", work.backup(data, file, graphs, tokens=tokens))


@click.command()
@file
@graphs
@tokens
@data
def restore(file: Path, graphs: tuple[str, ...], data: Path, *, tokens: bool) -> None:
    """Bring the graphs of FILE, a backup, back; nothing that is there is overwritten."""
    from mechkg.kg.curation import backup as work

    _print_held("Restored", work.restore(file, data, graphs, tokens=tokens))


@click.command()
@click.argument("version")
@click.option("--remove", is_flag=True, help="Keep it no longer.")
@snapshot
def pin(version: str, data: Path, graph: str, *, remove: bool) -> None:
    """Keep VERSION of a graph, at least 8 digits of it, whatever prune removes: it is cited."""
    from mechkg.kg.snapshot.catalogue import Catalogue

    catalogue = Catalogue(data)
    name = catalogue.path(graph or None).parent.name
    found = catalogue.pin(name, version, keep=not remove)
    print_line(f"Version {found} of {name} is {'no longer ' if remove else ''}pinned.")


def _print_held(done: str, held: Sequence[Held]) -> None:
    rows = [(graph.name, graph.version, graph.bytes, graph.changes) for graph in held]
    print_table(("graph", "version", "bytes", "changesets"), rows)
    noun = "graph" if len(held) == 1 else "graphs"
    print_line(f"{done} {len(held):,} {noun}.")
