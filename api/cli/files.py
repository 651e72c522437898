"""`mechkg export` and `mechkg draw`: a part of the graph as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mechkg.api.cli.options import query_options, snapshot
from mechkg.api.cli.questions import opened, ready, with_ends
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.model.picture_style import PictureStyle
from mechkg.kg.model.queries import PathQuery

if TYPE_CHECKING:
    from mechkg.kg.graph import Graph
    from mechkg.kg.model.values import Subgraph
    from mechkg.kg.writers import Format

__all__ = ["draw", "export"]

Command = TypeVar("Command", bound=Callable[..., Any])

STANDARD_OUTPUT = Path("-")

PARTS = ("source_name", "target_name", "source", "target", "entity", "entities", "statements")
"""Parameters that ask for a part of the graph."""


def _choice_of_part(command: Command) -> Command:
    """Add what says which part of the graph is written."""
    for decorate in reversed(
        (
            click.argument("source_name", metavar="[SOURCE]", required=False),
            click.argument("target_name", metavar="[TARGET]", required=False),
            click.option(
                "--entities",
                multiple=True,
                help="Write the statements between these entities. May be repeated.",
            ),
            click.option(
                "--statements",
                multiple=True,
                help="Write exactly these statements, and --entities. May be repeated.",
            ),
            click.option("--title", default="", help="Title of --entities or --statements."),
            click.option("--entity", help="Write the neighbourhood of this entity."),
            query_options(PathQuery),
            click.option(
                "--output",
                type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
                default=STANDARD_OUTPUT,
                help="File to write; - is standard output, the default.",
            ),
            snapshot,
        )
    ):
        command = decorate(command)
    return command


@click.command()
@_choice_of_part
@click.option("--format", "format_name", help="Format; else the suffix of --output; else turtle.")
def export(output: Path, format_name: str | None, **asked: Any) -> None:
    """Write the graph, or a part of it, in one of many formats.

    With SOURCE and TARGET, the paths between them are written; with --entities, the statements
    between these; with --statements, these; with --entity, what stands around it; with none of
    them, the whole graph.
    """
    _write(output, format_name, asked, pictures=False)


@click.command()
@_choice_of_part
@click.option(
    "--format", "format_name", help="svg, png or pdf; else the suffix of --output; else svg."
)
@query_options(PictureStyle)
def draw(output: Path, format_name: str | None, **asked: Any) -> None:
    """Draw the paths from SOURCE to TARGET.

    With --entities, the statements between these are drawn; with --statements, these; with
    --entity, what stands around it.
    """
    _write(output, format_name, asked, pictures=True)


def _write(output: Path, format_name: str | None, asked: dict[str, Any], *, pictures: bool) -> None:
    form = _format(format_name, output, pictures=pictures)
    if pictures:
        style = {name: asked.pop(name) for name in PictureStyle.__struct_fields__}
        form = form.in_style(PictureStyle(**style))
    searched = any(asked[name] for name in ("source_name", "source", "entity"))
    opening = ready if searched else opened
    found = opening(asked.pop("data"), asked.pop("graph"))
    pieces = _pieces(
        form, found, asked, lambda text: None if pictures else click.echo(text, err=True)
    )
    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.flush()
        return
    beside = output.with_name(f".{output.name}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(pieces)
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)


def _pieces(
    form: Format, found: Graph, asked: dict[str, Any], say: Callable[[str], None]
) -> Iterable[bytes]:
    """Return what is written, piece by piece where it is the whole graph and the format can.

    `say` gets what the format cannot hold of it.
    """
    from mechkg.kg.subgraph import (  # numpy, which --help need not wait for
        is_streamed,
        whole_rows,
    )

    whole = not any(asked[name] for name in PARTS)
    if whole and form.stream is not None and is_streamed(found.snapshot):
        for limit in form.limits:
            say(f"{form.label} may not hold {limit.field}: {limit.becomes}.")
        return form.stream(whole_rows(found.snapshot), found.schema)
    part = _part(found, **asked)
    for loss in form.losses(part, found.schema):
        records = f"{loss.records:,} {'record' if loss.records == 1 else 'records'}"
        where = f"{loss.field} of {records}, {loss.first} the first"
        say(f"{form.label} does not hold {where}: {loss.becomes}.")
    return [form.write(part, found.schema)]


def _format(name: str | None, output: Path, *, pictures: bool) -> Format:
    """Return a named format, or the one of a file's suffix, or the first there is."""
    # Every writer and the drawing libraries, which no other command needs.
    from mechkg.kg.writers import formats as graph_formats
    from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS

    known = [
        form
        for form in (*RDF_FORMATS, *graph_formats())
        if not pictures or form.media_type.startswith("image/") or form.name == "pdf"
    ]
    if name is None and output == STANDARD_OUTPUT:
        return known[0]
    wanted = f".{(name or output.name).casefold()}"
    for form in sorted(known, key=lambda form: -len(form.suffix)):
        if wanted.endswith(f".{form.suffix}") or wanted == f".{form.name}":
            return form
    raise UnknownTerm("format", name or output.suffix, [form.name for form in known])


def _part(
    graph: Graph,
    *,
    source_name: str | None,
    target_name: str | None,
    entities: tuple[str, ...],
    statements: tuple[str, ...],
    entity: str | None,
    title: str,
    **fields: Any,
) -> Subgraph:
    if entities or statements:
        return graph.subgraph(entities=entities, statements=statements or None, title=title)
    if entity:
        return graph.drawn(graph.neighbourhood(entity=entity, limit=fields["limit"]))
    asked = with_ends(source_name, target_name, fields)
    if asked["source"] or asked["target"]:
        return graph.drawn(graph.find_paths(**asked))
    return graph.whole()
