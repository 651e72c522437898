"""`open_engine`: the graph behind an endpoint, queried as a snapshot is."""

from __future__ import annotations

import os
from pathlib import Path

from mechkg.kg.engine.contract import Budget
from mechkg.kg.engine.graph import EngineGraph
from mechkg.ontology.endpoint.engine import SparqlEngine
from mechkg.ontology.endpoint.http import Credentials
from mechkg.ontology.endpoint.mapping import read_mapping

__all__ = ["credentials_of", "open_engine", "sparql_engine"]


def credentials_of(environment: dict[str, str]) -> Credentials:
    """Return the user, password and token of an environment; the mapping says which are sent.

    >>> credentials_of({"MECHKG_ENGINE_USER": "ann", "MECHKG_ENGINE_PASSWORD": "secret"}).user
    'ann'
    """
    return Credentials(
        user=environment.get("MECHKG_ENGINE_USER", ""),
        password=environment.get("MECHKG_ENGINE_PASSWORD", ""),
        token=environment.get("MECHKG_ENGINE_TOKEN", ""),
    )


def open_engine(
    url: str,
    mapping: Path | str | None = None,
    *,
    budget: Budget | None = None,
    degree_table: bool = True,
) -> EngineGraph:
    """Return the graph behind a SPARQL endpoint; nothing is sent before the first query.

    `mapping` is a TOML file that says what its triples mean. With `degree_table` the number of
    statements of every entity is fetched at the first query (one scan, some 80 bytes an entity),
    which makes all others many times faster; without, they are counted as they are met. Credentials
    are those of the environment: `MECHKG_ENGINE_USER`, `MECHKG_ENGINE_PASSWORD`,
    `MECHKG_ENGINE_TOKEN`, and `MECHKG_ENGINE_CA` is a file of certificates.

    Raises `EngineError` for an address that is never called, `DataError` for the mapping.

    >>> with open_engine("https://sparql.example.org/sparql") as graph:
    ...     graph.capabilities.subclasses
    False
    """
    return EngineGraph(sparql_engine(url, mapping, degree_table=degree_table), budget)


def sparql_engine(
    url: str, mapping: Path | str | None = None, *, degree_table: bool = True
) -> SparqlEngine:
    """Return the engine of an endpoint, with the credentials of the environment.

    Raises as `open_engine` does.

    >>> sparql_engine("https://sparql.example.org/sparql").triples
    0
    """
    given = credentials_of(dict(os.environ))
    read = read_mapping(None if mapping is None else Path(mapping))
    return SparqlEngine(
        url,
        read,
        Credentials(kind=read.auth, user=given.user, password=given.password, token=given.token),
        ca=os.environ.get("MECHKG_ENGINE_CA") or None,
        wants_table=degree_table,
    )
