"""What is seen in a SPARQL text before it is parsed, and that the documentation says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from mechkg.kg.errors import ForbiddenQuery, MalformedQuery, QueryError, TooCostly
from mechkg.ontology.sparql import path_patterns as sparql_paths
from mechkg.ontology.sparql import query_text as sparql_text
from mechkg.ontology.sparql.query_text import Text
from tests.sparql.test_w3c import expected_failures

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "sparql.md").read_text()

HARMLESS = st.sampled_from(
    (
        '"SERVICE <http://a/> { }"',
        "'SERVICE'",
        '"""LOAD "x" SERVICE"""',
        "'''it's SERVICE'''",
        '"a\\"SERVICE"',
        "<http://a/SERVICE>",
        "?SERVICE",
        "$service",
        "service:SERVICE",
        "_:SERVICE",
        "# SERVICE { {\n 1",
        '"x"@en',
        "1.5e3",
        "true",
    )
)
GAPS = st.sampled_from((" ", "\n", "\t", " # SERVICE (\n", " #\r"))


@given(st.lists(st.tuples(HARMLESS, GAPS), min_size=1, max_size=8))
def test_words_in_strings_names_and_comments_are_no_keywords(parts: list[tuple[str, str]]) -> None:
    terms = "".join(f"{gap}?s ?p{gap}{term}{gap}." for term, gap in parts)
    query = f"PREFIX service: <http://a/> SELECT * {{ {terms} }}"
    assert Text(query).form == "SELECT"
    assert list(Store().query(query)) == []


@given(
    st.lists(st.tuples(HARMLESS, GAPS), max_size=6),
    st.sampled_from(("SERVICE", "service", "SerVice")),
    st.sampled_from(("<http://a/>", "?x", "a:b", ":b", "SILENT <http://a/>", "SILENTa:b")),
)
def test_no_surrounding_hides_a_service(
    parts: list[tuple[str, str]], word: str, place: str
) -> None:
    terms = "".join(f"{gap}?s ?p{gap}{term}{gap}." for term, gap in parts)
    with pytest.raises(ForbiddenQuery):
        Text(f"PREFIX a: <http://a/> SELECT * {{ {terms} {word}{place} {{ ?s ?p ?o }} }}")


@given(st.text(max_size=400))
def test_any_text_is_taken_or_refused_by_name(text: str) -> None:
    try:
        found = Text(text)
        assert found.form in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
        assert len(found.without_dataset()) == len(text)
    except (QueryError, TooCostly):
        return


@given(st.integers(1, 150), st.sampled_from(("{}", "()", "[]")))
def test_nesting_is_counted_as_written(levels: int, pair: str) -> None:
    query = f"SELECT * {{ {pair[0] * levels}{pair[1] * levels} }}"
    if levels < sparql_text.MAX_NESTING:
        assert Text(query).form == "SELECT"
    else:
        with pytest.raises(TooCostly):
            Text(query)


def test_dataset_is_read_with_prefixes_and_base_and_blanked() -> None:
    query = (
        "BASE <http://b/x/> PREFIX g: <http://g/>\n"
        "SELECT * FROM <one> from named g:two FROM NAMED <http://c/three> { ?FROM ?p 'FROM <a>' }"
    )
    text = Text(query)
    assert text.dataset == (("http://b/x/one",), ("http://g/two", "http://c/three"))
    rest = text.without_dataset()
    assert len(rest) == len(query)
    assert Text(rest).dataset is None
    assert "'FROM <a>'" in rest
    with pytest.raises(MalformedQuery):
        Text("SELECT * FROM { }").dataset  # noqa: B018


def test_limits_and_failures_are_documented() -> None:
    for limit in (
        f"{sparql_text.MAX_BYTES:,} bytes",
        f"{sparql_text.MAX_NESTING} levels",
        f"| {sparql_text.MAX_PATTERNS}; data in VALUES",
        f"| operators | {sparql_text.MAX_OPERATORS} |",
        f"LIMIT is 1 to {sparql_paths.MAX_PATHS}",
        f"at most {sparql_paths.MAX_FINDS} such searches",
        f"The {len(expected_failures())} that fail",
    ):
        assert limit in REFERENCE
    for iri in (*sparql_paths.FINDS, *sparql_paths.STEPS):
        assert f"path:{iri.rpartition('/')[2]} " in REFERENCE


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX a: <http://b/> SELECT * { SERVICEa:b { ?s ?p ?o } }",
        "PREFIX : <http://b/> PREFIX service: <http://x/> SELECT * { service:b { ?s ?p ?o } }",
        "PREFIX a: <http://b/> SELECT * { ?s ?p trueSERVICEa:b { ?s ?p ?o } }",
        "SELECT * { ?s ?p falseSERVICE<http://b/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE<http://b/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1.SERVICESILENT<http://b/>{ ?s ?p ?o } }",
        "SELECT*{{}SERVICE<http://b/>{?s ?p ?o}}",
    ],
)
def test_service_glued_to_its_neighbours_is_seen(query: str) -> None:
    with pytest.raises(ForbiddenQuery):
        Text(query)


def test_a_graph_may_be_called_service() -> None:
    query = "PREFIX service: <http://x/> SELECT * { GRAPH service:b { ?s service:p ?o } }"
    assert list(Store().query(query)) == []
    assert Text(query).form == "SELECT"
