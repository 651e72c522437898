"""`copy_endpoint`: the statements behind a SPARQL endpoint as a snapshot.

A small graph is better loaded than queried afar. One request for each property gives its
statements, two more their number, so that an answer that was cut is noticed; one for each property
that names entities or says their type. What is copied is what an engine sees: the same statements,
effects, evidence and names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mechkg.kg.build.builder import Corroborate, build_snapshot
from mechkg.kg.engine.contract import Budget, EngineRefusal, Meter, Usage
from mechkg.kg.errors import TooLarge
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.progress import Progress
from mechkg.ontology.endpoint.engine import SparqlEngine

__all__ = ["MAX_COPIED", "STATEMENT_BYTES", "break_even", "copy_endpoint"]

MAX_COPIED: Final = 10_000_000
"""Statements of an endpoint that are copied, at most: 100 bytes of memory each."""

STATEMENT_BYTES: Final = 80
"""Bytes that a statement takes on its way, measured on 765,796 of the Hetionet part."""

BUDGET: Final = Budget(requests=100_000, bytes=10**11, seconds=6 * 3600.0)


def break_even(triples: int, usage: Usage) -> int | None:
    """Return after how many queries like one a copy has taken no more bytes; None if unknown.

    `triples` are those of the endpoint, an upper bound of its statements; a local query takes no
    bytes. None for more than `MAX_COPIED`.

    >>> break_even(100_000, Usage(received=400_000))
    20
    """
    if not 0 < triples <= MAX_COPIED or not usage.received:
        return None
    return math.ceil(triples * STATEMENT_BYTES / usage.received)


def copy_endpoint(
    engine: SparqlEngine,
    directory: Path,
    *,
    name: str,
    corroborate: Corroborate = "auto",
    progress: Progress | None = None,
) -> tuple[Path, Usage]:
    """Build a snapshot of all statements of an endpoint; returns its directory and what it took.

    Entities are those that have statements. Raises `EngineError` where the endpoint does not
    answer or cuts an answer (`EngineRefusal`), `TooLarge` for more than `MAX_COPIED` statements.
    """
    meter = Meter(BUDGET)
    version = engine.version(meter)
    count = engine.count_statements(meter)
    if count > MAX_COPIED:
        raise TooLarge(
            f"The endpoint has {count:,} statements, and at most {MAX_COPIED:,} are copied.",
            hint="Load the files that it was made of (mechkg load), or query it as it is.",
        )
    columns = _columns(engine, count, meter, progress)
    ends = dict.fromkeys([end for s, _, o in columns for end in (s, o)])
    named = engine.every_entity(ends, meter)
    if engine.version(meter) != version:
        raise EngineRefusal("The graph behind the endpoint changed while it was copied.")
    path = build_snapshot(
        directory, name=name, entities=_entities(named, ends), corroborate=corroborate,
        statements=_statements(engine, columns), schema=engine.schema,
    )  # fmt: skip
    return path, meter.usage


def _columns(
    engine: SparqlEngine, count: int, meter: Meter, progress: Progress | None
) -> list[tuple[str, str, str]]:
    """Return subject, predicate and object of all statements, each once."""
    found: dict[tuple[str, str, str], None] = {}
    for rows in engine.every_statement(meter):
        found |= dict.fromkeys(rows)
        if progress is not None:
            progress("copying statements", len(found), count)
    if len(found) != count:
        raise EngineRefusal(
            f"The endpoint gave {len(found):,} statements where it counts {count:,}.",
            hint="It may cut answers: raise its row limit, or load the files it was made of.",
        )
    return sorted(found)


def _entities(named: dict[str, Entity], ends: dict[str, None]) -> Iterator[Entity]:
    for curie in ends:
        yield named.get(curie) or Entity(id=curie, name=curie)


def _statements(engine: SparqlEngine, columns: list[tuple[str, str, str]]) -> Iterator[Statement]:
    for subject, predicate, obj in columns:
        yield engine.statement(subject, predicate, obj)
