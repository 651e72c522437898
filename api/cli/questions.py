"""`mechkg paths`, `neighbourhood` and `search`: the queries of the HTTP interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mechkg.api.cli.options import as_json, engine, query_options, snapshot
from mechkg.api.cli.tables import (
    print_neighbourhood,
    print_parts,
    print_paths,
    print_preview,
    print_search,
    print_why_not,
)
from mechkg.kg.errors import QueryError
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery, SearchQuery
from mechkg.kg.writers import PATH_TABLES

if TYPE_CHECKING:
    from mechkg.kg.engine.contract import Usage
    from mechkg.kg.graph import Graph
    from mechkg.kg.model.results import PathResult
    from mechkg.kg.model.schema import Schema
    from mechkg.kg.model.values import Statement

__all__ = ["neighbourhood", "opened", "paths", "ready", "search", "with_ends"]


def opened(data: Path, graph: str, url: str = "", mapping: Path | None = None) -> Graph:
    """Open the graph of a name, or the latest loaded one, or else the bundled ontology.

    With the address of an engine, it is the graph behind that.
    """
    if url:
        from mechkg.kg.engine.remote_graph import RemoteGraph  # the kernels, as below
        from mechkg.ontology.endpoint.open import open_engine

        remote = open_engine(url, mapping, degree_table=False)
        click.get_current_context().call_on_close(remote.close)
        return RemoteGraph(remote)
    from mechkg.api.cli.snapshots import current  # numpy, which --help need not wait for
    from mechkg.kg.graph import open_graph

    return open_graph(current(data, graph))


def ready(data: Path, graph: str, url: str = "", mapping: Path | None = None) -> Graph:
    """Open a graph for a search; kernels are compiled first, outside of any timeout."""
    from mechkg.kg.warmup import is_warm, warm  # numba, which names need not wait for

    found = opened(data, graph, url, mapping)
    if not is_warm() and not url:
        click.echo("Compiling the search kernels; this is done once and takes a minute.", err=True)
        warm(found.snapshot)
    return found


def with_ends(source: str | None, target: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """Join the ends given as arguments with those given as options."""
    fields["source"] = (*((source,) if source else ()), *fields["source"])
    fields["target"] = (*((target,) if target else ()), *fields["target"])
    return fields


def answer(result: msgspec.Struct, printer: Callable[[Any], None], as_json: bool) -> None:
    """Print an answer as JSON or as tables."""
    if as_json:
        click.echo(msgspec.json.encode(result))
    else:
        printer(result)


@click.command()
@click.argument("source_name", metavar="[SOURCE]", required=False)
@click.argument("target_name", metavar="[TARGET]", required=False)
@query_options(PathQuery)
@click.option("--preview", is_flag=True, help="Say how many paths there are and what they cost.")
@click.option("--why-not", is_flag=True, help="Say which constraint keeps paths out.")
@click.option("--parts", is_flag=True, help="Say how each score comes about, and what supports it.")
@click.option("--csv", "form", flag_value="csv", help="The same as --format csv.")
@click.option(
    "--format", "form", type=click.Choice([table.name for table in PATH_TABLES]),
    help="Print the paths as a table, one a row.",
)  # fmt: skip
@engine
@snapshot
@as_json
def paths(
    source_name: str | None,
    target_name: str | None,
    data: Path,
    graph: str,
    *,
    engine: str,
    mapping: Path | None,
    preview: bool,
    why_not: bool,
    parts: bool,
    form: str | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Find the best paths from SOURCE to TARGET.

    Both are CURIEs or names; --source and --target add more of them.
    """
    asked = with_ends(source_name, target_name, fields)
    if preview and why_not:
        raise QueryError("why_not", "and preview ask different things", hint="Give one of them.")
    if form and (preview or why_not or as_json):
        raise QueryError(
            "format", f"{form} is a form of paths alone",
            hint="Leave out --preview, --why-not and --json.",
        )  # fmt: skip
    printer = print_parts if parts else print_paths
    if engine and not preview and not why_not:
        paths_of_engine(engine, mapping, asked, as_json=as_json, form=form, printer=printer)
        return
    found = ready(data, graph, engine, mapping)
    if form:
        print_table_of(form, found.find_paths(**asked), found.schema)
    elif preview:
        answer(found.preview_paths(**asked), print_preview, as_json)
    elif why_not:
        answer(found.why_not(**asked), print_why_not, as_json)
    else:
        answer(found.find_paths(**asked), printer, as_json)


def paths_of_engine(
    url: str,
    mapping: Path | None,
    fields: dict[str, Any],
    *,
    as_json: bool,
    form: str | None,
    printer: Callable[[Any], None],
) -> None:
    """Print the best paths of a graph behind an endpoint; what they cost goes to standard error."""
    from mechkg.ontology.endpoint.copy import break_even
    from mechkg.ontology.endpoint.open import open_engine  # the kernels, which --help does without

    with open_engine(url, mapping, degree_table=False) as graph:
        found = graph.answer(**fields)
        if form:
            print_table_of(form, found.result, graph.engine.schema)
        else:
            answer(found.result, printer, as_json)
    degrees = {"table": "Degrees were known.", "counted": "Degrees were counted."}[found.degrees]
    said = cost_of(found.usage, found.reason, found.unfetched)
    click.echo(f"{said} {degrees}", err=True)
    triples = getattr(graph.engine, "triples", 0)
    if (queries := break_even(triples, found.usage)) is not None:
        click.echo(
            f"A copy of its {triples:,} triples takes as many bytes as some {queries:,} such "
            f"queries: mechkg copy --name NAME --engine {url}",
            err=True,
        )


def neighbourhood_of_engine(
    url: str, mapping: Path | None, fields: dict[str, Any], *, as_json: bool
) -> None:
    """Print the neighbours of an entity behind an endpoint; the cost goes to standard error."""
    from mechkg.kg.search.sentences import statement_sentence
    from mechkg.ontology.endpoint.open import open_engine  # the kernels, which --help does without

    with open_engine(url, mapping, degree_table=False) as graph:
        found = graph.neighbourhood(**fields)
        result, schema = found.result, graph.engine.schema
    named = {e.id: e for e in (result.entity, *(n.entity for n in result.neighbours))}

    def sentence(said: Statement) -> str:
        predicate = schema.predicate(said.predicate)
        return statement_sentence(said, named[said.subject], named[said.object], predicate)

    answer(result, partial(print_neighbourhood, sentence=sentence), as_json)
    click.echo(cost_of(found.usage, found.reason), err=True)


def print_table_of(form: str, result: PathResult, schema: Schema) -> None:
    """Write the paths of an answer to standard output as a table."""
    (table,) = (known for known in PATH_TABLES if known.name == form)
    click.echo(table.write(result, schema), nl=False)


def cost_of(usage: Usage, reason: str, unfetched: Sequence[str] = ()) -> str:
    """Return what an answer of an engine cost, and what ended it early."""
    noun = "request" if usage.requests == 1 else "requests"
    said = f"{usage.requests:,} {noun}, {usage.received:,} bytes, {usage.seconds:.2f} s."
    left = f" Not fetched: {', '.join(unfetched[:5])}." if unfetched else ""
    return f"{said} {reason}{left}".rstrip()


@click.command()
@click.argument("entity")
@query_options(NeighbourhoodQuery, leave=("entity",))
@engine
@snapshot
@as_json
def neighbourhood(
    entity: str,
    data: Path,
    graph: str,
    *,
    engine: str,
    mapping: Path | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Show the neighbourhood of ENTITY, a CURIE or a name."""
    if engine:
        neighbourhood_of_engine(engine, mapping, {"entity": entity, **fields}, as_json=as_json)
        return
    opened = ready(data, graph)
    found = opened.neighbourhood(entity=entity, **fields)
    answer(found, partial(print_neighbourhood, sentence=opened.sentence), as_json)


@click.command()
@click.argument("text")
@query_options(SearchQuery, leave=("q",))
@engine
@snapshot
@as_json
def search(
    text: str,
    data: Path,
    graph: str,
    *,
    engine: str,
    mapping: Path | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Find entities with a name, synonym or identifier like TEXT."""
    answer(opened(data, graph, engine, mapping).search(text, **fields), print_search, as_json)
