"""Answers as tables for people.

Colour and width follow the terminal, where long cells are folded, never cut. In a pipe there is
no colour (nor with `NO_COLOR`), and a row is one line unless `COLUMNS` says how wide a page is.
Names come from files that anybody may have written, so control characters are replaced before
they reach a terminal.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from mechkg.kg.model.results import (
    NeighbourhoodResult,
    OpenEnd,
    OpenEndsResult,
    PathResult,
    Preview,
    SearchResult,
    WhyNot,
)
from mechkg.kg.model.score_words import legend_of, score_words
from mechkg.kg.model.values import Hop, Path, Statement

__all__ = [
    "print_facts",
    "print_neighbourhood",
    "print_open_ends",
    "print_parts",
    "print_paths",
    "print_preview",
    "print_search",
    "print_table",
    "print_why_not",
    "printable",
]

PIPE_WIDTH = 10_000
SIGNS: Mapping[int | None, str] = {1: "+", -1: "−", 0: "0", None: "?"}
CUT: Mapping[str | None, str] = {
    "limit": "cut by --limit",
    "time": "cut by --timeout",
    "hub": "cut at an entity with very many statements",
    None: "not complete",
}


def printable(text: str) -> str:
    r"""Return a text without control and formatting characters, each replaced by U+FFFD.

    >>> printable("a\x1b[31mb")
    'a\ufffd[31mb'
    """
    return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf"} else c for c in text)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under column names; numbers are aligned right."""
    # rich takes a tenth of a second to import, which `--json` need not wait for.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [tuple(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, name in enumerate(columns):
        numeric = bool(listed) and all(isinstance(row[position], int | float) for row in listed)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        table.add_row(*(Text(_cell(value)) for value in row))
    on_terminal = sys.stdout.isatty() or "COLUMNS" in os.environ
    console = Console(width=None if on_terminal else PIPE_WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def print_facts(facts: Mapping[str, object]) -> None:
    """Print names and values, one pair a line."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        print_line(f"{name:<{width}}  {_cell(value)}")


def print_line(text: str) -> None:
    """Print one line of an answer."""
    sys.stdout.write(f"{printable(text)}\n")


def print_paths(result: PathResult) -> None:
    """Print the paths of an answer, what they say together, and what was left out."""
    if result.paths:
        print_table(
            ("#", "path", "sign", "score", "statements", "evidence"),
            (
                (number, _arrows(path), SIGNS[path.sign], path.score, _ids(path), _evidence(path))
                for number, path in enumerate(result.paths, 1)
            ),
        )
    print_line(result.net_effect.sentence)
    _print_extent("path", len(result.paths), result)


def print_parts(result: PathResult) -> None:
    """Print how the score of each path comes about, and what supports its hops."""
    print_paths(result)
    for number, path in enumerate(result.paths, 1):
        print_line(f"{number}. {score_words(path)}")
        for hop, (one, other) in zip(path.hops, pairwise(path.entities), strict=True):
            if said := "; ".join(_support(hop)):
                print_line(f"   {one.name} - {other.name}: {said}")
    if legend := legend_of(result.paths):
        print_line(legend)


def _support(hop: Hop) -> Iterator[str]:
    """Yield what supports a hop by its best supported statement, in words."""
    routes = [s.corroboration for s in hop.statements if s.corroboration is not None]
    uses = [s.curated for s in hop.statements if s.curated is not None]
    if any(one.routes for one in routes):
        yield max(routes, key=lambda one: one.routes).words
    if uses:
        yield max(uses, key=lambda one: one.count).words


def print_open_ends(result: OpenEndsResult) -> None:
    """Print the ends of an answer with their best paths, and what was left out."""
    print_line(result.sentence)
    if result.ends:
        print_table(
            ("#", "end", "name", "verdict", "paths", "score", "best path"),
            (
                (number, end.entity.id, end.entity.name, end.net_effect.verdict, _paths_of(end),
                 end.path.score, (end.supporting or end.path).explanation)
                for number, end in enumerate(result.ends, 1)
            ),
        )  # fmt: skip
    _print_extent("end", len(result.ends), result)


def _paths_of(end: OpenEnd) -> str:
    """Return how many paths an end has, in words where that is a lower bound."""
    return f"{'' if end.total_is_exact else 'at least '}{end.total:,}"


def print_preview(preview: Preview) -> None:
    """Print how many paths there are and what finding the best costs."""
    print_line(preview.sentence)
    if not preview.total_is_exact:
        print_line(f"Very likely between {preview.low:,} and {preview.high:,}.")
    time = "more than 100 s" if preview.seconds is None else f"at most {preview.seconds:g} s"
    print_line(f"A search looks at some {preview.entries:,} entries: {time}.")
    if not preview.complete:
        print_line(f"The estimate itself is {CUT[preview.truncated_by]}.")


def print_why_not(found: WhyNot) -> None:
    """Print what keeps paths out, then each constraint with the paths there would be without it."""
    print_line(found.sentence)
    if found.relaxations:
        print_table(
            ("constraint", "given", "instead", "paths", ""),
            (
                (r.parameter, r.given, r.instead, r.paths, "" if r.exact else "or more")
                for r in found.relaxations
            ),
        )
    if not found.complete:
        print_line(f"Not all was tried: {CUT[found.truncated_by]}.")


def print_neighbourhood(result: NeighbourhoodResult, sentence: Callable[[Statement], str]) -> None:
    """Print the groups of a neighbourhood, then its members; `sentence` words a statement."""
    print_line(f"{result.entity.name} ({result.entity.id}, {result.entity.category})")
    print_table(
        ("predicate", "direction", "statements", "entities"),
        ((g.predicate, g.direction, g.statements, g.entities) for g in result.groups),
    )
    print_table(
        ("neighbour", "name", "hops", "statements"),
        (
            (
                n.entity.id,
                n.entity.name,
                n.distance,
                " ".join(f"{sentence(said)} [{said.id}]" for said in n.statements),
            )
            for n in result.neighbours
        ),
    )
    for statement in result.negated:
        print_line(f"Denied: {sentence(statement)} [{statement.id}]")
    _print_extent("neighbour", len(result.neighbours), result)


def print_search(result: SearchResult) -> None:
    """Print the entities that have a name like the one asked for."""
    if result.matches:
        print_table(
            ("id", "name", "category", "matched", "statements"),
            ((m.id, m.name, m.category, m.matched, m.degree) for m in result.matches),
        )
    _print_extent("match", len(result.matches), result)


def _print_extent(
    noun: str,
    shown: int,
    result: PathResult | OpenEndsResult | NeighbourhoodResult | SearchResult,
) -> None:
    total = f"{'' if result.total_is_exact else 'at least '}{result.total:,}"
    plural = noun if result.total == 1 else f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    if result.complete:
        print_line(f"{total} {plural}, all shown.")
        return
    print_line(f"{shown:,} of {total} {plural}, {CUT[result.truncated_by]}.")
    if result.cursor:
        print_line(f"The next ones: --cursor {result.cursor}")


def _arrows(path: Path) -> str:
    """Write a path as `NSC -secretes-> GDNF`, an arrow back where a hop is walked in reverse."""
    parts = [path.entities[0].name]
    for (here, there), hop in zip(pairwise(path.entities), path.hops, strict=True):
        parts += [_arrow(hop, here.id), there.name]
    return " ".join(parts)


def _arrow(hop: Hop, here: str) -> str:
    forward = list(dict.fromkeys(s.predicate for s in hop.statements if s.subject == here))
    reverse = list(dict.fromkeys(s.predicate for s in hop.statements if s.subject != here))
    arrows = [f"-{'/'.join(forward)}->"] * bool(forward)
    arrows += [f"<-{'/'.join(reverse)}-"] * bool(reverse)
    return " ".join(arrows)


def _ids(path: Path) -> str:
    return " | ".join(" ".join(s.id for s in hop.statements) for hop in path.hops)


def _evidence(path: Path) -> str:
    """Name the sentences of the article and count the publications behind a path."""
    found = [e for hop in path.hops for s in hop.statements for e in s.evidence]
    places = list(dict.fromkeys(e.location for e in found if e.location))
    publications = {p for e in found for p in e.publications}
    counted = [f"{len(publications)} publ."] if publications else []
    return ", ".join([*places, *counted])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return printable(str(value))
