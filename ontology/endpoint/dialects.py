"""What is peculiar to servers of SPARQL, as data: how they are sent queries, and what they bear.

Virtuoso and Oxigraph are tested and were measured (0.8 to 2.9 million statements), as `sparql` is
on the evaluator of rdflib; the others follow their manuals. Any server that keeps to SPARQL 1.1
Protocol takes the dialect `sparql`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import msgspec

from mechkg.kg.engine.contract import Limits

__all__ = ["DIALECTS", "Dialect"]

CSV: Final = "text/csv"


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is sent queries: further form fields, limits of a request, signs of a failure.

    `partial` are headers that an incomplete answer has, `failed` are texts that end a body which
    was cut by an error.
    """

    name: str
    form: dict[str, str] = msgspec.field(default_factory=dict)
    limits: Limits = Limits()
    partial: tuple[str, ...] = ("X-SQL-State", "X-SPARQL-MaxRows")
    failed: tuple[str, ...] = ()


DIALECTS: Final = MappingProxyType(
    {
        d.name: d
        for d in (
            Dialect(name="sparql"),
            Dialect(name="oxigraph", failed=("The SPARQL operation has been cancelled",)),
            # JSON is many times slower there, and its TSV quotes IRIs wrongly.
            Dialect(name="virtuoso", form={"format": CSV}),
            Dialect(name="graphdb", failed=("QueryEvaluationException",)),
            Dialect(name="qlever", failed=("!!!!>># An error has occurred",)),
            Dialect(name="blazegraph", failed=("java.util.concurrent.TimeoutException",)),
        )
    }
)
"""All dialects by name."""
