"""Whole graphs as streams: the documents that writers give at once, in constant memory."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.errors import TooLarge
from mechkg.kg.graph import Graph, open_graph
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.values import Context, Entity, Evidence, Qualifier, Statement
from mechkg.kg.subgraph import whole_graph, whole_rows
from mechkg.kg.writers import formats
from mechkg.ontology.rdf.formats import FORMATS as RDF_FORMATS

STREAMED = [form for form in (*formats(), *RDF_FORMATS) if form.stream is not None]
SYNTAX = {
    "ntriples": RdfFormat.N_TRIPLES,
    "turtle": RdfFormat.TURTLE,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "rdfxml": RdfFormat.RDF_XML,
}


def build(data: Path, count: int) -> Graph:
    """A graph with all kinds of statements: qualified, denied, inferred, of several sources."""
    entities = [
        Entity(id=f"X:{n}", name=f'a "{n}"\tb', category="biolink:Gene", synonyms=("a|b",))
        for n in range(count)
    ]  # fmt: skip
    statements = [
        Statement(
            id=f"S{n}", subject=f"X:{n}", predicate="biolink:affects",
            object=f"X:{(n + 1) % count}", sign=(1, -1, 0, None)[n % 4],
            effect=("raises", "lowers", "none", "unknown")[n % 4],
            negated=n % 7 == 3, derived_from=("S0",) if n % 5 == 4 else (),
            qualifiers=(Qualifier("dose", f"{n} mg"),) if n % 2 else (),
            context=(Context("cell", "CL:0000540", "neuron"),) if n % 3 else (),
            evidence=(Evidence(kind="publication", source=f"infores:s{n % 3}",
                               publications=(f"PMID:{n}",)),),
        )
        for n in range(count)
    ]  # fmt: skip
    return open_graph(
        build_snapshot(
            data, name="own", entities=entities, statements=statements, schema=biolink_schema()
        )
    )


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return build(tmp_path_factory.mktemp("graph"), 120)


def streamed(form, graph: Graph) -> bytes:
    return b"".join(form.stream(whole_rows(graph.snapshot), graph.schema))


def members(packed: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive.getmembers()}


@pytest.mark.parametrize("form", STREAMED, ids=lambda form: form.name)
def test_a_stream_holds_what_the_document_holds(graph: Graph, form, monkeypatch) -> None:
    monkeypatch.setattr("mechkg.ontology.rdf.write.STREAMED", 100)
    found, wanted = streamed(form, graph), form.write(graph.whole(), graph.schema)
    if form.name in SYNTAX:
        triples = [set(parse(text, format=SYNTAX[form.name])) for text in (found, wanted)]
        assert triples[1] <= triples[0]
        assert {t.predicate.value.rpartition("#")[2] for t in triples[0] - triples[1]} <= {
            "prefix", "namespace",
        }  # fmt: skip
    elif form.name.startswith("kgx"):
        assert members(found) == members(wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize("form", STREAMED, ids=lambda form: form.name)
def test_memory_does_not_grow_with_the_graph(tmp_path: Path, form, monkeypatch) -> None:
    monkeypatch.setattr("mechkg.ontology.rdf.write.STREAMED", 500)
    monkeypatch.setattr("mechkg.ontology.rdf.vocabulary.MAX_REMEMBERED", 100)
    peaks = []
    for count in (400, 1600):
        graph = build(tmp_path / str(count), count)
        rows = whole_rows(graph.snapshot)
        for piece in form.stream(rows, graph.schema):  # what is kept on first use
            del piece
        tracemalloc.start()
        size = sum(map(len, form.stream(rows, graph.schema)))
        peaks.append((size, tracemalloc.get_traced_memory()[1]))
        tracemalloc.stop()
    assert peaks[1][1] < 1.5 * peaks[0][1] + 100_000, peaks


def test_a_graph_too_large_to_hold_names_the_formats_that_are_streams(graph: Graph) -> None:
    with pytest.raises(TooLarge, match="trig, jsonld, rdfxml, json, tsv, kgx-jsonl or kgx-tsv"):
        whole_graph(graph.snapshot, at_most=3)
    assert {form.name for form in STREAMED} == {
        "ntriples", "turtle", "trig", "jsonld", "rdfxml", "json", "tsv", "kgx-jsonl", "kgx-tsv",
    }  # fmt: skip
