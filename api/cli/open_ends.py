"""`mechkg open-ends`: the entities of a category or subtree, ranked by their best paths."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mechkg.api.cli.options import as_json, engine, query_options, snapshot
from mechkg.api.cli.questions import answer, ready, with_ends
from mechkg.api.cli.tables import print_open_ends
from mechkg.kg.errors import QueryError
from mechkg.kg.model.queries import OpenEndsQuery
from mechkg.kg.writers import OPEN_ENDS_TABLE

__all__ = ["open_ends"]


@click.command()
@click.argument("source_name", metavar="[SOURCE]", required=False)
@click.argument("target_name", metavar="[TARGET]", required=False)
@query_options(OpenEndsQuery)
@click.option("--csv", "as_csv", is_flag=True, help="Print the ends as a table, one a row (CSV).")
@engine
@snapshot
@as_json
def open_ends(
    source_name: str | None,
    target_name: str | None,
    data: Path,
    graph: str,
    *,
    engine: str,
    mapping: Path | None,
    as_csv: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    """Rank the entities of SOURCE or TARGET, whichever is open, by their best paths.

    One of them is a category (Drug), a class with all below it (NAME*) or * for any entity; the
    other is a CURIE or a name. --source and --target add more to each.
    """
    asked = with_ends(source_name, target_name, fields)
    if as_csv and as_json:
        raise QueryError("csv", "and json are two forms of the answer", hint="Give one of them.")
    found = ready(data, graph, engine, mapping)
    result = found.open_ends(**asked)
    if as_csv:
        click.echo(OPEN_ENDS_TABLE.write(result, found.schema), nl=False)
    else:
        answer(result, print_open_ends, as_json)
