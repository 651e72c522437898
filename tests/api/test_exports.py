"""Every format of one path query and of the whole graph, read back by an independent parser."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import tarfile
import warnings
import zlib
from collections.abc import Callable
from xml.etree import ElementTree

import bibtexparser
import msgspec
import networkx
import pygraphviz
import pyoxigraph
import pypdf
import pytest
import rdflib
from ndex2.cx2 import CX2Network

from mechkg.kg.model.values import Statement, Subgraph
from mechkg.ontology.rdf.formats import read_graph
from tests.api.servers import Service

PATHS = "/api/v1/paths?source=neural+stem+cell&target=neuron&max_hops=2&limit=20"
GRAPH = "/api/v1/graph"
ASSOCIATION = "https://w3id.org/biolink/vocab/Association"
SVG = "{http://www.w3.org/2000/svg}"

Found = tuple[set[str], set[str]]
"""The identifiers of entities and of statements that a parser found."""


def of_json(text: bytes) -> Found:
    graph = json.loads(text)
    if "entities" not in graph:  # an answer of paths
        entities = {e["id"] for p in graph["paths"] for e in p["entities"]}
        hops = [h for p in graph["paths"] for h in p["hops"]]
        return entities, {s["id"] for h in hops for s in h["statements"]}
    return {e["id"] for e in graph["entities"]}, {s["id"] for s in graph["statements"]}


def of_oxigraph(syntax: pyoxigraph.RdfFormat) -> Callable[[bytes], Found]:
    return lambda text: _associations(
        (q.subject.value, q.predicate.value, q.object.value)
        for q in pyoxigraph.parse(text, format=syntax)
        if not isinstance(q.subject, pyoxigraph.BlankNode)
    )


def of_rdflib(syntax: str) -> Callable[[bytes], Found]:
    def read(text: bytes) -> Found:
        with warnings.catch_warnings():  # rdflib's own parsers use what it deprecates
            warnings.simplefilter("ignore", DeprecationWarning)
            dataset = rdflib.Dataset()
            dataset.parse(data=text, format=syntax)
            quads = list(dataset.quads())
        return _associations((str(s), str(p), str(o)) for s, p, o, _ in quads)

    return read


def _associations(triples) -> Found:
    """Return the named ends of the association nodes, as far as RDF says them."""
    seen = list(triples)
    nodes = {s for s, p, o in seen if p.endswith("#type") and o == ASSOCIATION}
    ends = {o for s, p, o in seen if s in nodes and p.rpartition("/")[2] in {"subject", "object"}}
    return ends, {node.rpartition("/statement/")[2] for node in nodes}


def of_networkx(graph: networkx.Graph) -> Found:
    return set(map(str, graph.nodes)), {
        str(data.get("id", key)) for _, _, key, data in graph.edges(keys=True, data=True)
    }


def of_gexf(text: bytes) -> Found:
    graph = networkx.read_gexf(io.BytesIO(text))
    ids = {str(data["id"]) for _, _, data in graph.edges(data=True)}
    return set(graph.nodes), ids


def of_cytoscape(text: bytes) -> Found:
    document = json.loads(text)
    for node in document["elements"]["nodes"]:
        node["data"]["value"] = node["data"]["id"]  # networkx insists on it, Cytoscape.js does not
    for edge in document["elements"]["edges"]:
        edge["data"]["key"] = edge["data"]["id"]  # else networkx keeps one of parallel edges
    graph = networkx.cytoscape_graph({"directed": True, "multigraph": True, **document})
    return set(graph.nodes), {d["statement"] for _, _, d in graph.edges(data=True)}


def of_dot(text: bytes) -> Found:
    graph = pygraphviz.AGraph(string=text.decode())
    assert graph.directed
    return {str(n) for n in graph.nodes()}, {str(e.attr["id"] or e.key) for e in graph.edges()}


def of_mermaid(text: bytes) -> Found:
    lines = text.decode().splitlines()
    assert lines[0] == "flowchart LR"
    named = [re.fullmatch(r"%% n\d+ is (\S+)", line) for line in lines]
    edges = [line for line in lines if re.match(r'n\d+ \S+\|".*"\| n\d+$', line)]
    found = {m[1].replace("#58;", ":") for m in named if m}
    return found, {str(number) for number in range(len(edges))}


def of_svg(text: bytes) -> Found:
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    for element in root.iter():
        assert element.tag != f"{SVG}script"
        assert not any(name.startswith("on") for name in element.attrib)
    return set(), set()


def of_pdf(text: bytes) -> Found:
    (page,) = pypdf.PdfReader(io.BytesIO(text), strict=True).pages
    assert "MechKG · snapshot" in page.extract_text()
    return set(), set()


def of_png(text: bytes) -> Found:
    assert text.startswith(b"\x89PNG\r\n\x1a\n")
    kinds, data, at = [], b"", 8
    while at < len(text):
        length, kind = struct.unpack(">I4s", text[at : at + 8])
        content = text[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", text[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + content)
        kinds.append(kind)
        data += content if kind == b"IDAT" else b""
        at += 12 + length
    assert (kinds[0], kinds[-1]) == (b"IHDR", b"IEND")
    assert len(zlib.decompress(data)) > 10_000
    return set(), set()


def _members(text: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(text), mode="r:gz") as archive:
        files = [m for m in archive.getmembers() if m.isfile()]
        return {
            "nodes" if "node" in m.name else "edges": archive.extractfile(m).read() for m in files
        }


def _rows(text: bytes) -> list[dict[str, str]]:
    lines = io.StringIO(text.decode(), newline="")
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def of_kgx_tsv(text: bytes) -> Found:
    members = _members(text)
    return {r["id"] for r in _rows(members["nodes"])}, {r["id"] for r in _rows(members["edges"])}


def of_kgx_jsonl(text: bytes) -> Found:
    nodes, edges = (
        {json.loads(line)["id"] for line in _members(text)[name].splitlines()}
        for name in ("nodes", "edges")
    )
    return nodes, edges


def of_tsv(text: bytes) -> Found:
    rows = _rows(text)
    return {r[end] for r in rows for end in ("subject", "object")}, {r["id"] for r in rows}


def of_layout(text: bytes) -> Found:
    figure = json.loads(text)
    entities = {e["id"] for e in figure["entities"]}
    return entities, {s for edge in figure["edges"] for s in edge["statements"]}


def of_cx2(text: bytes) -> Found:
    network = CX2Network()
    network.create_from_raw_cx2(json.loads(text))
    entities = {node["v"]["represents"] for node in network.get_nodes().values()}
    return entities, {edge["v"]["statement"] for edge in network.get_edges().values()}


def of_bibtex(text: bytes) -> Found:
    library = bibtexparser.parse_string(text.decode())
    assert not library.failed_blocks
    assert library.entries
    return set(), set()


PARSERS: dict[str, tuple[Callable[[bytes], Found], ...]] = {
    "json": (of_json,),
    "turtle": (of_oxigraph(pyoxigraph.RdfFormat.TURTLE), of_rdflib("turtle")),
    "ntriples": (of_oxigraph(pyoxigraph.RdfFormat.N_TRIPLES), of_rdflib("nt")),
    "jsonld": (of_oxigraph(pyoxigraph.RdfFormat.JSON_LD), of_rdflib("json-ld")),
    "rdfxml": (of_oxigraph(pyoxigraph.RdfFormat.RDF_XML), of_rdflib("xml")),
    "trig": (of_oxigraph(pyoxigraph.RdfFormat.TRIG), of_rdflib("trig")),
    "graphml": (lambda text: of_networkx(networkx.parse_graphml(text, force_multigraph=True)),),
    "gexf": (of_gexf,),
    "cytoscape": (of_cytoscape,),
    "dot": (of_dot,),
    "mermaid": (of_mermaid,),
    "svg": (of_svg,),
    "png": (of_png,),
    "pdf": (of_pdf,),
    "layout": (of_layout,),
    "cx2": (of_cx2,),
    "bibtex": (of_bibtex,),
    "kgx-tsv": (of_kgx_tsv,),
    "kgx-jsonl": (of_kgx_jsonl,),
    "tsv": (of_tsv,),
}


@pytest.fixture(scope="module", params=[PATHS, GRAPH], ids=["paths", "graph"])
def asked(request, service: Service) -> tuple[str, Found]:
    return request.param, of_json(service.get(request.param).content)


def in_format(service: Service, path: str, name: str) -> bytes:
    answer = service.get(f"{path}{'&' if '?' in path else '?'}format={name}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_every_format_that_is_offered_is_parsed_here(service: Service):
    known = service.get(f"{GRAPH}?format=?").json()["known"]
    assert set(known) == set(PARSERS)


@pytest.mark.parametrize("name", PARSERS)
def test_a_format_holds_the_entities_and_statements(service: Service, asked, name):
    path, (entities, statements) = asked
    text = in_format(service, path, name)
    for parse in PARSERS[name]:
        found_entities, found_statements = parse(text)
        if found_statements and name != "mermaid":
            assert found_statements == statements
        if name == "mermaid":
            assert len(found_statements) == len(statements)
        if name in {
            "graphml",
            "gexf",
            "cytoscape",
            "dot",
            "mermaid",
            "layout",
            "kgx-tsv",
            "kgx-jsonl",
        }:
            assert found_entities == entities


@pytest.mark.parametrize("name", ["turtle", "ntriples", "jsonld", "rdfxml", "trig"])
def test_rdf_loads_again_to_the_same_statements(service: Service, name, tmp_path):
    suffix = {"turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf"}.get(name, name)
    file = tmp_path / f"graph.{suffix}"
    file.write_bytes(in_format(service, GRAPH, name))
    whole = msgspec.json.decode(in_format(service, GRAPH, "json"), type=Subgraph)
    again = {s.id: s for s in read_graph([file]).statements}
    assert set(again) == {s.id for s in whole.statements}
    for statement in whole.statements:
        assert essence(again[statement.id]) == essence(statement)
    with_evidence = [s for s in again.values() if s.evidence and not s.derived_from]
    assert len(with_evidence) >= 667


def essence(statement: Statement) -> tuple[object, ...]:
    """Return what must survive, in an order of its own."""
    return (
        statement.subject,
        statement.predicate,
        statement.object,
        statement.sign,
        statement.negated,
        statement.modality,
        sorted((q.type, q.value) for q in statement.qualifiers),
        sorted((e.kind, e.source, e.location, sorted(e.publications)) for e in statement.evidence),
        sorted(statement.derived_from),
    )
