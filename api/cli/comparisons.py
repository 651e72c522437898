"""`mechkg compare`, `chokepoints` and `significance`: analyses of all paths of a query."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mechkg.api.cli.options import as_json, engine, query_options, snapshot
from mechkg.api.cli.questions import answer, ready, with_ends
from mechkg.api.cli.tables import CUT, SIGNS, print_line, print_table
from mechkg.kg.model.queries import CompareQuery, PathQuery, SignificanceQuery
from mechkg.kg.model.results import (
    Chokepoints,
    Comparison,
    Expectation,
    PathsThrough,
    Significance,
)

__all__ = ["chokepoints", "compare", "significance"]


@click.command()
@click.argument("left_name", metavar="LEFT", required=False)
@click.argument("right_name", metavar="RIGHT", required=False)
@click.argument("target_name", metavar="[TARGET]", required=False)
@query_options(CompareQuery)
@engine
@snapshot
@as_json
def compare(
    data: Path, graph: str, *, engine: str, mapping: Path | None, as_json: bool, **fields: Any
) -> None:
    """Compare how LEFT and RIGHT lead to TARGET: what they share, and what only one has.

    All are CURIEs or names; --left, --right and --target add more of them. Without a target, the
    neighbours of the two are compared.
    """
    for name in ("left", "right", "target"):
        given = fields.pop(f"{name}_name")
        fields[name] = (*((given,) if given else ()), *fields[name])
    answer(ready(data, graph, engine, mapping).compare(**fields), print_comparison, as_json)


@click.command()
@click.argument("source_name", metavar="[SOURCE]", required=False)
@click.argument("target_name", metavar="[TARGET]", required=False)
@query_options(PathQuery, leave=("cursor", "diverse"))
@engine
@snapshot
@as_json
def chokepoints(
    source_name: str | None,
    target_name: str | None,
    data: Path,
    graph: str,
    *,
    engine: str,
    mapping: Path | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """List the entities and statements that most paths from SOURCE to TARGET lead through."""
    asked = with_ends(source_name, target_name, fields)
    found = ready(data, graph, engine, mapping).chokepoints(**asked)
    answer(found, print_chokepoints, as_json)


@click.command()
@click.argument("source_name", metavar="[SOURCE]", required=False)
@click.argument("target_name", metavar="[TARGET]", required=False)
@query_options(SignificanceQuery)
@snapshot
@as_json
def significance(
    source_name: str | None,
    target_name: str | None,
    data: Path,
    graph: str,
    as_json: bool,
    **fields: Any,
) -> None:
    """Hold the paths from SOURCE to TARGET against what the degrees alone lead to expect.

    They are counted again in rewired graphs, in which every entity keeps its number of statements
    of each type and partners are random: all of them, those through each mediator, and those of
    each metapath.
    """
    asked = with_ends(source_name, target_name, fields)
    answer(ready(data, graph).significance(**asked), print_significance, as_json)


def print_comparison(result: Comparison) -> None:
    """Print what two sides share, then what each has alone."""
    print_line(result.sentence)
    if result.mediators:
        print_table(
            ("mediator", "name", "has it", "left", "sign", "right", "sign"),
            (
                (m.entity.id, m.entity.name, m.origin, *_number(m.left), *_number(m.right))
                for m in result.mediators
            ),
        )
    if result.neighbours:
        print_table(
            ("predicate", "direction", "neighbour", "name", "has it", "left", "right"),
            (
                (n.predicate, n.direction, n.entity.id, n.entity.name, n.origin, *map(_ids, (
                    n.left, n.right)))
                for n in result.neighbours
            ),
        )  # fmt: skip
    _print_cut(result)


def print_chokepoints(result: Chokepoints) -> None:
    """Print the entities, then the statements, that most paths lead through."""
    print_line(result.sentence)
    if result.entities:
        print_table(
            ("entity", "name", "paths", "share", ""),
            (
                (e.entity.id, e.entity.name, e.paths, f"{e.share:.0%}", _every(cut=e.cut))
                for e in result.entities
            ),
        )
    if result.statements:
        print_table(
            ("statement", "says", "paths", "share", ""),
            (
                (s.id, f"{s.subject.name} {s.predicate} {s.object.name}", s.paths,
                 f"{s.share:.0%}", _every(cut=s.cut))
                for s in result.statements
            ),
        )  # fmt: skip
    _print_cut(result)


def print_significance(result: Significance) -> None:
    """Print mediators, then metapaths, the least likely by chance first."""
    print_line(result.sentence)
    columns = "paths", "expected", "times", "p"
    if result.mediators:
        print_table(
            ("mediator", "name", *columns),
            ((m.entity.id, m.entity.name, *_expected(m.paths)) for m in result.mediators),
        )
    if result.metapaths:
        print_table(
            ("metapath", *columns),
            ((" ".join(m.metapath), *_expected(m.paths)) for m in result.metapaths),
        )
    _print_cut(result)


def _expected(paths: Expectation) -> tuple[int, str, str, str]:
    error = f" ± {paths.standard_error:.1g}" if paths.standard_error else ""
    expected = "" if paths.expected is None else f"{paths.expected:.3g}{error}"
    times = "" if paths.ratio is None else f"{paths.ratio:.3g}"
    return paths.observed, expected, times, f"{paths.p:.2g}"


def _number(through: PathsThrough | None) -> tuple[int, str]:
    return (through.paths, SIGNS[through.sign]) if through else (0, "")


def _ids(statements: Iterable[str]) -> str:
    return ", ".join(statements)


def _every(*, cut: bool) -> str:
    return "every path" if cut else ""


def _print_cut(result: Comparison | Chokepoints | Significance) -> None:
    if not result.total_is_exact:
        print_line("Not all could be examined: counts are those of what was.")
    if not result.complete:
        print_line(f"Not all is shown: {CUT[result.truncated_by]}.")
