"""`?format=` wins over a suffix, a suffix over Accept, and JSON is the answer to no wish."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

from mechkg.api.http.formats import JSON, Formats
from mechkg.kg.errors import UnknownTerm
from mechkg.kg.writers import FORMATS as GRAPH_FORMATS
from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS

ALL = Formats([*GRAPH_FORMATS[:1], *RDF_FORMATS, *GRAPH_FORMATS[1:]])
NO_WISH = MIMEAccept([])


def test_names_and_suffixes_are_those_of_one_format():
    assert len({f.name for f in ALL.all}) == len(ALL.all) == len(ALL.by_suffix)
    for one in ALL.all:
        assert ALL.named(one.name) is ALL.named(one.suffix) is ALL.by_suffix[one.suffix] is one


def test_the_order_of_precedence():
    turtle = MIMEAccept([("text/turtle", 1)])
    assert ALL.choose("svg", "ttl", turtle).name == "svg"
    assert ALL.choose("", "ttl", MIMEAccept([("image/svg+xml", 1)])).name == "turtle"
    assert ALL.choose("", "", turtle).name == "turtle"
    assert ALL.choose("", "", NO_WISH) is JSON


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ([("*/*", 1)], "json"),
        ([("text/html", 1), ("application/xhtml+xml", 1), ("*/*", 0.8)], "json"),
        ([("text/turtle", 0.5), ("application/ld+json", 0.9)], "jsonld"),
        ([("application/json", 0.1), ("image/*", 0.9)], "svg"),
    ],
)
def test_accept_is_weighed(accept, name):
    assert ALL.choose("", "", MIMEAccept(accept)).name == name


def test_what_cannot_be_written_is_refused():
    with pytest.raises(NotAcceptable):
        ALL.choose("", "", MIMEAccept([("application/zip", 1)]))
    with pytest.raises(UnknownTerm, match="docx"):
        ALL.choose("docx", "", NO_WISH)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("CL:0000047.ttl", ("CL:0000047", "ttl")),
        ("CL:0000047", ("CL:0000047", "")),
        ("X:1.5", ("X:1.5", "")),
        (".ttl", (".ttl", "")),
        ("interleukin 1.svg", ("interleukin 1", "svg")),
        ("CL:0000047.kgx.tsv.tar.gz", ("CL:0000047", "kgx.tsv.tar.gz")),
    ],
)
def test_a_suffix_is_cut_from_an_identifier(text, parts):
    assert ALL.split(text) == parts
