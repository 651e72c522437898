"""Counts of triples, predicates and classes, rewritten, against the store itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Store

from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.sparql.counts import read_counts, rewrite_counts
from mechkg.ontology.sparql.query_text import Text
from mechkg.ontology.sparql.store import build_store

PREFIX = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
ANSWERED = [
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . }",
    "select (count(?s) as ?n) where { ?s ?p ?o }",
    PREFIX + "SELECT (COUNT(*) AS ?n) { ?s a ?t }",
    "SELECT DISTINCT ?p { ?s ?p ?o }",
    "SELECT DISTINCT ?p WHERE { ?s ?p ?o } ORDER BY ?p LIMIT 7 OFFSET 2",
    PREFIX + "SELECT DISTINCT ?type WHERE { ?x rdf:type ?type . } ORDER BY DESC(?type)",
    "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n) ?p LIMIT 10",
    "SELECT (COUNT(?s) AS ?n) ?t { ?s a ?t } GROUP BY ?t",
]
NOT_ANSWERED = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p 'x' }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?r }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 0",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(?z) AS ?n) { ?s ?p ?o }",
    "SELECT DISTINCT ?s { ?s ?p ?o }",
    "SELECT DISTINCT ?o { ?s ?p ?o }",
    "SELECT ?p { ?s ?p ?o }",
    "SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s",
    "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING (COUNT(*) > 3)",
    "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY ?s",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "ASK { ?s ?p ?o }",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(open_snapshot(compile_bundle(tmp_path_factory.mktemp("counted"))))


def rows(store: Path, query: str) -> list[dict[str, Any]]:
    found = Store.read_only(str(store)).query(query)
    names = [v.value for v in found.variables]
    return [{name: row[name] for name in names} for row in found]


@pytest.mark.parametrize("query", ANSWERED)
def test_the_counts_answer_as_the_store_does(store: Path, query: str) -> None:
    counts = read_counts(store)
    assert counts is not None
    rewritten = rewrite_counts(Text(query), counts)
    assert rewritten is not None
    ours, theirs = rows(store, rewritten), rows(store, query)
    if "ORDER" not in query:
        ours, theirs = (sorted(found, key=str) for found in (ours, theirs))
    assert ours == theirs
    assert ours


@pytest.mark.parametrize("query", NOT_ANSWERED)
def test_what_the_counts_do_not_know_is_left_to_the_store(store: Path, query: str) -> None:
    counts = read_counts(store)
    assert counts is not None
    assert rewrite_counts(Text(query), counts) is None
