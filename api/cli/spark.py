"""`mechkg spark`: compile a lake, and search between sets, on a cluster of Spark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mechkg.api.cli.graphs import load_options, run_load
from mechkg.api.cli.options import query_options, snapshot
from mechkg.api.cli.questions import ready
from mechkg.kg.model.queries import PathQuery

if TYPE_CHECKING:
    from mechkg.kg.build.load import Feed
    from mechkg.kg.graph import Graph
    from mechkg.kg.progress import Cancel, Progress

__all__ = ["spark"]

Command = TypeVar("Command", bound=Callable[..., Any])

NAMES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def spark() -> None:
    """Work on a cluster of Spark: compile a lake, search between sets of entities."""


def cluster_options(command: Command) -> Command:
    """Add what says where the cluster is."""
    for decorate in reversed(
        (
            click.option("--master", default="", help="Address of a master: spark://HOST:7077."),
            click.option("--remote", default="", help="Address of Spark Connect: sc://HOST:15002."),
            click.option("--conf", multiple=True, help="Setting of Spark, NAME=VALUE."),
        )
    ):
        command = decorate(command)
    return command


def _settings(conf: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in conf]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not NAME=VALUE.", param_hint="--conf")
    return {name: value for name, _, value in pairs}


@spark.command("compile")
@load_options
@cluster_options
@click.option(
    "--staging",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory that the cluster and this machine see, for what is shuffled; else --data.",
)
@click.option(
    "--share",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="MiB of a file that one task reads.",
)
def compile_lake(
    files: tuple[Path, ...],
    *,
    data: Path,
    master: str,
    remote: str,
    conf: tuple[str, ...],
    staging: Path | None,
    share: int,
    **options: Any,
) -> None:
    """Compile FILES into a graph, as load does, reading them on a cluster.

    The cluster must see the files, and --staging, under the paths that they have here.
    """
    from mechkg.api.cli.loading import formats  # parsers and numpy, which --help need not wait for
    from mechkg.api.spark.session import connected

    with connected(master, remote, _settings(conf)) as session:

        def feed(progress: Progress, cancel: Cancel) -> Feed:
            from mechkg.api.spark.feed import SparkFeed  # pyarrow, of an extra

            place = staging or data
            place.mkdir(parents=True, exist_ok=True)
            return SparkFeed(
                session, formats, place.absolute(), share << 20, progress=progress, cancel=cancel
            )

        run_load(files, data=data, feed=feed, **options)


def set_options(command: Command) -> Command:
    """Add the two sets and where the table is written."""
    for decorate in reversed(
        (
            cluster_options,
            click.option(
                "--sources", type=NAMES, required=True, help="File of names or CURIEs, one a line."
            ),
            click.option(
                "--targets", type=NAMES, required=True, help="File of names or CURIEs, one a line."
            ),
            click.option(
                "--output",
                type=click.Path(path_type=Path),
                required=True,
                help="Directory to write, as Parquet; it must not be there yet.",
            ),
            snapshot,
        )
    ):
        command = decorate(command)
    return command


@spark.command()
@set_options
@query_options(PathQuery, leave=("source", "target", "cursor"))
def pairs(
    data: Path,
    graph: str,
    *,
    master: str,
    remote: str,
    conf: tuple[str, ...],
    sources: Path,
    targets: Path,
    output: Path,
    **fields: Any,
) -> None:
    """Find the best paths of each pair of two sets of entities.

    The cluster must see --data and --output under the paths that they have here.
    """
    from mechkg.api.spark.session import connected
    from mechkg.kg.model.query_fields import query_of  # as above

    opened = ready(data.absolute(), graph)
    ends = [
        _named(opened, path, name) for path, name in ((sources, "sources"), (targets, "targets"))
    ]
    query = query_of(PathQuery, None, {**fields, "source": ends[0][:1], "target": ends[1][:1]})
    with connected(master, remote, _settings(conf)) as session:
        from mechkg.api.spark.pairs import write_pairs  # pyarrow, of an extra

        rows = write_pairs(session, opened, query, sources=ends[0], targets=ends[1], output=output)
    click.echo(f"{rows:,} rows for {len(ends[0]) * len(ends[1]):,} pairs in {output}")


@spark.command()
@set_options
@click.option(
    "--metapath", "patterns", multiple=True, required=True, help="Metapath to count, as of paths."
)
@click.option(
    "--damping",
    type=click.FloatRange(0),
    default=0.4,
    show_default=True,
    help="Exponent of the degrees by which paths through hubs count less.",
)
def metapaths(
    data: Path,
    graph: str,
    *,
    master: str,
    remote: str,
    conf: tuple[str, ...],
    sources: Path,
    targets: Path,
    output: Path,
    patterns: tuple[str, ...],
    damping: float,
) -> None:
    """Count the paths of each metapath between two sets, and weight them by degrees (DWPC).

    The cluster must see --data and --output under the paths that they have here.
    """
    from mechkg.api.spark.session import connected  # as above

    opened = ready(data.absolute(), graph)
    ends = _named(opened, sources, "sources"), _named(opened, targets, "targets")
    with connected(master, remote, _settings(conf)) as session:
        from mechkg.api.spark.metapaths import write_metapaths  # pyarrow, of an extra

        rows = write_metapaths(
            session, opened, patterns, sources=ends[0], targets=ends[1], output=output,
            damping=damping,
        )  # fmt: skip
    click.echo(f"{rows:,} rows for {len(patterns):,} metapaths in {output}")


def _named(graph: Graph, path: Path, name: str) -> tuple[str, ...]:
    """Return the identifiers of the entities that a file names; raises `QueryError`."""
    texts = [line.strip() for line in path.read_text("utf-8").splitlines()]
    found = tuple(dict.fromkeys(graph.entity(text).id for text in texts if text))
    if not found:
        raise click.BadParameter(f"{path} names no entity.", param_hint=f"--{name}")
    return found
