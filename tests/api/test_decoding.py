"""Addresses and bodies become the query types of the core, or a sentence that helps."""

from __future__ import annotations

import string
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from mechkg.api.http.app import ROUTES
from mechkg.api.http.decoding import decode_address, decode_request
from mechkg.api.http.requests import Presentation
from mechkg.api.http.routes import curation
from mechkg.kg.errors import QueryError, UnknownParameter, UnknownTerm
from mechkg.kg.model.queries import NeighbourhoodQuery, PathQuery

BASE = [("source", "NSC"), ("target", "neuron")]


def path_query(*pairs: tuple[str, str]) -> PathQuery:
    return decode_address(PathQuery, MultiDict([*BASE, *pairs]), {})


def test_an_address_gives_the_query_with_its_defaults():
    asked = path_query(("source", "MSC"), ("max_hops", "4"), ("timeout", "2.5"))
    assert asked == PathQuery(source=("NSC", "MSC"), target=("neuron",), max_hops=4, timeout=2.5)


def test_the_path_of_an_address_gives_its_fields():
    asked = decode_address(
        NeighbourhoodQuery, MultiDict([("depth", "2")]), {"entity": "CL:0000047"}
    )
    assert (asked.entity, asked.depth) == ("CL:0000047", 2)


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        (("max_hops", "99"), "Parameter max_hops must be at most 8, not '99'."),
        (("max_hops", "0"), "Parameter max_hops must be at least 1, not '0'."),
        (("max_hops", "two"), "Parameter max_hops must be a whole number, not 'two'."),
        (("max_hops", ""), "Parameter max_hops must be a whole number, not ''."),
        (("timeout", "nan"), "Parameter timeout must be more than 0.0, not 'nan'."),
        (("timeout", "inf"), "Parameter timeout must be at most 300.0, not 'inf'."),
        (("source", ""), "Parameter source[1] must not be empty."),
        (("via", "x" * 501), "Parameter via[0] must be at most 500 characters long."),
        (
            ("direction", "up"),
            "Parameter direction has no value 'up'. Known values: directed, undirected.",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_bound(pair, sentence):
    with pytest.raises(QueryError) as caught:
        path_query(pair)
    assert str(caught.value) == sentence


def test_a_missing_parameter_is_named():
    with pytest.raises(QueryError, match="Parameter target is missing"):
        decode_address(PathQuery, MultiDict([("source", "NSC")]), {})


def test_a_parameter_of_one_value_given_twice_is_refused():
    with pytest.raises(QueryError, match="max_hops takes one value and was given 2 times"):
        path_query(("max_hops", "2"), ("max_hops", "3"))


def test_an_unknown_parameter_is_named_with_the_known_ones():
    with pytest.raises(UnknownParameter) as caught:
        path_query(("hops", "2"))
    assert caught.value.parameter == "hops"
    assert "max_hops" in caught.value.known


def test_what_the_path_says_is_not_a_parameter_as_well():
    with pytest.raises(UnknownParameter):
        decode_address(NeighbourhoodQuery, MultiDict([("entity", "x")]), {"entity": "y"})


def posted(body: bytes, kind: str = "application/json", **options) -> PathQuery:
    builder = EnvironBuilder(method="POST", data=body, content_type=kind, **options)
    environ = {**builder.get_environ(), "CONTENT_LENGTH": str(len(body))}
    return decode_request(PathQuery, Request(environ), {}, 1000)[0]


@pytest.mark.parametrize(
    ("body", "error", "sentence"),
    [
        (b"{", BadRequest, "The body is not JSON: Input data was truncated."),
        (b"", BadRequest, "The body is not JSON: Input data was truncated."),
        (b'{"source":["\xff"]}', BadRequest, "The body is not JSON"),
        (b"[]", QueryError, "Parameter body must be a JSON object."),
        (b'{"source":' + b"[" * 900, BadRequest, "The body is not JSON: Input data was truncated."),
        (
            b'{"source":' + b"[" * 90 + b"]" * 90 + b"}",
            QueryError,
            r"source\[0\] must be text, not",
        ),
        (b'{"source":[null]}', QueryError, r"Parameter source\[0\] must be text, not null\."),
        (b'{"source":["a"]}', QueryError, "Parameter target is missing."),
        (b'{"source":"a","target":["b"]}', QueryError, "source must be a list, not 'a'."),
        (b'{"source":[],"target":["b"]}', QueryError, "source needs at least 1 value."),
        (b'{"source":["a", 3],"target":["b"]}', QueryError, r"source\[1\] must be text, not 3."),
        (b'{"source":["a"],"target":["b"],"max_hops":"3"}', QueryError, "whole number, not '3'"),
        (b'{"source":["a"],"target":["b"],"hops":3}', UnknownParameter, "hops is not known"),
        (b'{"source":["a"],"target":["b"],"direction":"up"}', UnknownTerm, "no value 'up'"),
    ],
)
def test_a_wrong_body_is_said(body, error, sentence):
    with pytest.raises((QueryError, HTTPException), match=sentence) as caught:
        posted(body)
    assert isinstance(caught.value, error)


def test_a_body_needs_its_type_its_length_and_its_bounds():
    body = b'{"source":["a"],"target":["b"],"format":"ttl"}'
    assert posted(body).target == ("b",)
    assert posted(body, "application/json; charset=utf-8").source == ("a",)
    with pytest.raises(UnsupportedMediaType):
        posted(body, "text/plain")
    with pytest.raises(RequestEntityTooLarge):
        posted(b" " * 1001)
    builder = EnvironBuilder(method="POST", data=body, content_type="application/json")
    environ = builder.get_environ()
    del environ["CONTENT_LENGTH"]
    with pytest.raises(LengthRequired):
        decode_request(PathQuery, Request(environ), {}, 1000)
    with pytest.raises(QueryError, match="belongs in the body"):
        posted(body, query_string="limit=3")


names = st.text(string.printable + "é\u202e\u0000🧠", min_size=1, max_size=20)


@given(
    source=st.lists(names, min_size=1, max_size=4),
    max_hops=st.integers(1, 8),
    timeout=st.floats(0.1, 300),
    direction=st.sampled_from(["directed", "undirected"]),
)
def test_address_and_body_say_the_same(source, max_hops, timeout, direction):
    query = PathQuery(
        source=tuple(source),
        target=("b",),
        max_hops=max_hops,
        timeout=timeout,
        direction=direction,
    )
    pairs = [("target", "b"), ("max_hops", str(max_hops)), ("timeout", repr(timeout))]
    pairs += [("direction", direction), *(("source", text) for text in source)]
    from_address = decode_address(PathQuery, MultiDict(pairs), {})
    body = msgspec.json.encode(query)
    request = Request(
        EnvironBuilder(method="POST", data=body, content_type="application/json").get_environ()
    )
    assert decode_request(PathQuery, request, {}, 10_000) == (from_address, Presentation())
    assert from_address == query


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_how_an_answer_is_wanted_is_read_beside_its_query(method):
    wanted = {"format": "ttl", "snapshot": "0123456789"}
    if method == "GET":
        builder = EnvironBuilder(query_string=MultiDict([*BASE, *wanted.items()]))
    else:
        builder = EnvironBuilder(
            method="POST", json={"source": ["NSC"], "target": ["neuron"], **wanted}
        )
    request = Request(builder.get_environ())
    query, presentation = decode_request(PathQuery, request, {}, 1000)
    assert query == PathQuery(source=("NSC",), target=("neuron",))
    assert presentation == Presentation(**wanted)
    request = Request(EnvironBuilder(query_string=[*BASE, ("hops", "3")]).get_environ())
    with pytest.raises(UnknownParameter) as caught:
        decode_request(PathQuery, request, {}, 1000)
    assert {"source", "format", "snapshot"} <= set(caught.value.known)


def kinds() -> list[type[msgspec.Struct]]:
    """All query types that an address is decoded to."""
    return sorted(
        {route.query for route in ROUTES} | {curation.ListQuery, curation.HistoryQuery,
         curation.DiffQuery, curation.UploadQuery, Presentation},
        key=lambda kind: kind.__name__,
    )  # fmt: skip


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("text", ["none-such", "", "true", "0.5", "[]"])
def test_whatever_text_a_parameter_has_is_taken_or_refused_in_words(kind, text):
    """A choice that may also be left out once gave 500 for another text."""
    required = {f.name: "NSC" for f in msgspec.structs.fields(kind) if f.required}
    for name in kind.__struct_fields__:
        with suppress(QueryError):
            decode_address(kind, MultiDict({**required, name: text}), {})


def test_a_choice_that_may_be_left_out_names_what_there_is():
    with pytest.raises(UnknownTerm, match=r"Known values: proposed, accepted, rejected\."):
        decode_address(curation.ListQuery, MultiDict({"status": "open"}), {})
