"""How names are resolved: `python -m bench.names GRAPH` prints a table over `names.tsv`.

GRAPH is a snapshot directory. `names.tsv` holds names of the field of multiple sclerosis and neural
stem cells, and variants of names of the bundled ontology (Greek letters, brands, abbreviations,
typing errors, order of words), each with the entity that a reader means; none for names of what the
graph does not hold. Written and judged by hand.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from mechkg.kg.errors import AmbiguousName, UnknownEntity
from mechkg.kg.graph import Graph, open_graph

__all__ = ["Asked", "judge", "questions", "table"]

OUTCOMES = ("right", "refused, right one first", "refused, right one listed", "refused", "wrong")


@dataclass(frozen=True)
class Asked:
    """A name, where it comes from, what kind it is, and the entity meant, "" for none."""

    text: str
    set: str
    kind: str
    expected: str


def questions() -> list[Asked]:
    """Return the names of `names.tsv`."""
    lines = Path(__file__).with_name("names.tsv").read_text().splitlines()[1:]
    return [Asked(*line.split("\t")) for line in lines]


def judge(graph: Graph, asked: Asked) -> str:
    """Return the outcome of one name: one of `OUTCOMES`."""
    try:
        found = graph.entity(asked.text).id
    except AmbiguousName as error:
        return _refused([curie for curie, _ in error.candidates], asked)
    except UnknownEntity as error:
        return _refused([curie for curie, _ in error.suggestions], asked)
    return "right" if found == asked.expected else "wrong"


def _refused(listed: Sequence[str], asked: Asked) -> str:
    if not asked.expected:
        return "right"
    if asked.expected in listed[:1]:
        return "refused, right one first"
    return "refused, right one listed" if asked.expected in listed else "refused"


def table(graph: Graph) -> Iterator[str]:
    """Yield the lines of a table: one row for each set and kind, and the times."""
    yield f"| names | number | {' | '.join(OUTCOMES)} |"
    yield f"|---|---|{'---|' * len(OUTCOMES)}"
    counts: dict[str, Counter[str]] = {}
    seconds = []
    for asked in questions():
        began = perf_counter()
        outcome = judge(graph, asked)
        seconds.append(perf_counter() - began)
        for row in (f"of the field: {asked.kind}" if asked.set == "field" else asked.kind, "all"):
            counts.setdefault(row, Counter())[outcome] += 1
    counts["all"] = counts.pop("all")
    for row, counter in counts.items():
        cells = " | ".join(str(counter[outcome]) for outcome in OUTCOMES)
        yield f"| {row} | {counter.total()} | {cells} |"
    seconds.sort()
    yield ""
    yield (
        f"Time for one name: median {1000 * seconds[len(seconds) // 2]:.2f} ms, "
        f"longest {1000 * seconds[-1]:.1f} ms."
    )


if __name__ == "__main__":
    print("\n".join(table(open_graph(Path(sys.argv[1])))))
