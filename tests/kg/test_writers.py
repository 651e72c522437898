"""Every form parses with a parser of its own kind and holds the same statements."""

import csv
import io
import json
import re
import tarfile
from collections.abc import Callable
from xml.etree import ElementTree

import msgspec
import networkx
import pygraphviz
import pytest
from bibtexparser import parse_string
from hypothesis import HealthCheck, given, settings
from ndex2.cx2 import CX2Network

from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import Evidence, PathMembers, Statement, Subgraph
from mechkg.kg.writers import FORMATS, Format
from mechkg.kg.writers.tsv import cell
from tests.kg.subgraphs import EMPTY, GDNF, HOSTILE, HOSTILE_TEXTS, NSC, SCHEMA, SMALL, subgraphs

BY_NAME = {form.name: form for form in FORMATS}
PICTURES = {"svg", "png", "pdf", "layout"}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def written(name: str, subgraph: Subgraph) -> bytes:
    return BY_NAME[name].write(subgraph, SCHEMA)


def packed(archive: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        members = {m.name: tar.extractfile(m) for m in tar.getmembers()}
        return {name: file.read().decode() for name, file in members.items() if file}


def unquoted(text: str) -> list[dict[str, str]]:
    """Rows of a table as KGX and pandas (quoting=3, lineterminator LF) read it."""
    header, *lines = text.removesuffix("\n").split("\n")
    names = header.split("\t")
    rows = [line.split("\t") for line in lines]
    assert all(len(row) == len(names) for row in rows)
    return [dict(zip(names, row, strict=True)) for row in rows]


def json_ids(data: bytes) -> list[str]:
    return [s["id"] for s in json.loads(data)["statements"]]


def graphml_ids(data: bytes) -> list[str]:
    graph = networkx.read_graphml(io.BytesIO(data), force_multigraph=True)
    return [key for _, _, key in graph.edges(keys=True)]


def gexf_ids(data: bytes) -> list[str]:
    edges = ElementTree.fromstring(data).iter("{http://gexf.net/1.3}edge")
    return [edge.attrib["id"] for edge in edges]


def cytoscape_ids(data: bytes) -> list[str]:
    return [edge["data"]["statement"] for edge in json.loads(data)["elements"]["edges"]]


def cx2_ids(data: bytes) -> list[str]:
    """Read by the client of NDEx, which checks every value against its declared type."""
    document = json.loads(data)
    network = CX2Network()
    network.create_from_raw_cx2(document)
    aspects = {name: rows for part in document for name, rows in part.items()}
    for counted in aspects["metaData"]:
        assert counted["elementCount"] == len(aspects[counted["name"]])
    declared = aspects["attributeDeclarations"][0]
    for aspect in ("nodes", "edges"):
        known = set(declared[aspect]) | {d.get("a") for d in declared[aspect].values()}
        assert all(row["v"].keys() <= known for row in aspects[aspect])
    assert set(aspects["networkAttributes"][0]) <= set(declared["networkAttributes"])
    return [edge["v"]["statement"] for edge in network.get_edges().values()]


def dot_ids(data: bytes) -> list[str]:
    graph = pygraphviz.AGraph(data.decode())
    ids = [edge.attr["id"] for edge in graph.edges()]
    graph.close()
    return ids


MERMAID_EDGE = re.compile(r'n\d+ (?:-->|--x|-\.->|-\.-x)\|"([^"`<>]*)"\| n\d+')
MERMAID_NODE = re.compile(r'n\d+\["([^"`<>]+)"\]:::\w+')
MERMAID_OTHER = re.compile(r"flowchart LR|%% .*|classDef \w+ [\w:,#]+")


def mermaid_ids(data: bytes) -> list[str]:
    lines = data.decode().removesuffix("\n").split("\n")
    shapes = (MERMAID_EDGE, MERMAID_NODE, MERMAID_OTHER)
    assert all(any(shape.fullmatch(line) for shape in shapes) for line in lines)
    records = [json.loads("{" + line[3:] + "}") for line in lines if line.startswith('%% "id"')]
    assert len(records) == sum(bool(MERMAID_EDGE.fullmatch(line)) for line in lines)
    return [record["id"] for record in records]


def kgx_tsv_ids(data: bytes) -> list[str]:
    return [row["id"] for row in unquoted(packed(data)["mechkg_edges.tsv"])]


def kgx_jsonl_ids(data: bytes) -> list[str]:
    lines = packed(data)["mechkg_edges.jsonl"].split("\n")
    return [json.loads(line)["id"] for line in lines if line]


def tsv_ids(data: bytes) -> list[str]:
    reader = csv.DictReader(io.StringIO(data.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row["id"] for row in reader]


def svg_ids(data: bytes) -> list[str]:
    titles = ElementTree.fromstring(data).iter("{http://www.w3.org/2000/svg}title")
    return [i for title in titles for i in re.findall(r"\[([\w-]+)\]", title.text or "")]


def layout_ids(data: bytes) -> list[str]:
    edges = json.loads(data)["edges"]
    assert len({edge["key"] for edge in edges}) == len(edges)
    return [i for edge in edges for i in edge["statements"]]


READ: dict[str, Callable[[bytes], list[str]]] = {
    "json": json_ids,
    "graphml": graphml_ids,
    "gexf": gexf_ids,
    "cytoscape": cytoscape_ids,
    "cx2": cx2_ids,
    "dot": dot_ids,
    "mermaid": mermaid_ids,
    "kgx-tsv": kgx_tsv_ids,
    "kgx-jsonl": kgx_jsonl_ids,
    "tsv": tsv_ids,
    "svg": svg_ids,
    "layout": layout_ids,
}


RANKED = msgspec.structs.replace(
    SMALL,
    paths=(
        PathMembers(1, -1.0, (NSC.id, GDNF.id), (SMALL.statements[0].id,)),
        PathMembers(3, -2.0, (GDNF.id, NSC.id), (SMALL.statements[0].id,) * 2),
    ),
)
"""A graph of which an answer's first and third path are."""


def fields_of(name: str) -> dict[str, tuple[object, object]]:
    """Return what a form holds of ranks, by the name of an entity or the id of a statement."""
    data = written(name, RANKED)
    if name == "graphml":
        graph = networkx.read_graphml(io.BytesIO(data), force_multigraph=True)
        edges = {key: fields for _, _, key, fields in graph.edges(keys=True, data=True)}
        rows = {**dict(graph.nodes(data=True)), **edges}
    elif name == "gexf":
        rows = gexf_fields(data)
    elif name == "cx2":
        aspects = {key: value for part in json.loads(data) for key, value in part.items()}
        rows = {node["v"]["r"]: node["v"] for node in aspects["nodes"]}
        rows |= {edge["v"]["statement"]: edge["v"] for edge in aspects["edges"]}
    else:
        elements = json.loads(data)["elements"]
        rows = {item["data"]["id"]: item["data"] for kind in elements.values() for item in kind}
    found = {key: (row.get("path_rank"), row.get("path_ranks")) for key, row in rows.items()}
    return {key: value for key, value in found.items() if value != (None, None)}


def gexf_fields(data: bytes) -> dict[str, dict[str, object]]:
    root = ElementTree.fromstring(data)
    space = "{http://gexf.net/1.3}"
    found: dict[str, dict[str, object]] = {}
    for kind in ("node", "edge"):
        (declared,) = (a for a in root.iter(f"{space}attributes") if a.get("class") == kind)
        names = {a.get("id"): (a.get("title"), a.get("type")) for a in declared}
        for element in root.iter(f"{space}{kind}"):
            fields = found.setdefault(str(element.get("id")), {})
            for value in element.iter(f"{space}attvalue"):
                title, type_ = names[value.get("for")]
                text = str(value.get("value"))
                fields[str(title)] = int(text) if type_ == "integer" else text
    return found


@pytest.mark.parametrize("name", ["graphml", "gexf", "cx2", "cytoscape"])
def test_the_paths_of_an_answer_are_attributes(name: str) -> None:
    ranks = [1, 3] if name in {"cx2", "cytoscape"} else "1 | 3"
    members = (NSC.id, GDNF.id, SMALL.statements[0].id)
    assert fields_of(name) == dict.fromkeys(members, (1, ranks))
    assert b"path_rank" not in written(name, SMALL) or name == "cx2"


def test_the_table_of_formats_has_no_doubles() -> None:
    assert set(BY_NAME) == set(READ) | {"png", "pdf", "bibtex"}
    for part in ("name", "suffix", "media_type", "label"):
        assert len({getattr(form, part) for form in FORMATS}) == len(FORMATS)
    assert not any(form.suffix.startswith(".") for form in FORMATS)


@pytest.mark.parametrize("name", READ)
def test_each_form_holds_every_statement(name: str) -> None:
    assert sorted(READ[name](written(name, SMALL))) == sorted(s.id for s in SMALL.statements)


@pytest.mark.parametrize("name", READ)
def test_an_empty_subgraph_is_written_too(name: str) -> None:
    assert READ[name](written(name, EMPTY)) == []


@pytest.mark.parametrize("name", READ)
def test_hostile_texts_break_no_form(name: str) -> None:
    data = written(name, HOSTILE)
    if name == "layout":
        assert sorted(READ[name](data)) == sorted(s.id for s in HOSTILE.statements)
    elif name != "svg":  # hostile texts hold brackets of their own
        assert READ[name](data) == [s.id for s in HOSTILE.statements]
    elif ElementTree.fromstring(data) is not None:
        assert b"<script" not in data


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_equal_subgraphs_give_equal_bytes(form: Format) -> None:
    again = msgspec.json.decode(msgspec.json.encode(SMALL), type=Subgraph)
    assert form.write(SMALL, SCHEMA) == form.write(again, SCHEMA)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(subgraphs())
def test_any_subgraph_is_written_by_any_form(subgraph: Subgraph) -> None:
    expected = sorted(s.id for s in subgraph.statements)
    for name in READ.keys() - PICTURES:
        assert sorted(READ[name](written(name, subgraph))) == expected, name


def test_json_reads_back_to_the_same_subgraph() -> None:
    for subgraph in (SMALL, HOSTILE, EMPTY):
        assert msgspec.json.decode(written("json", subgraph), type=Subgraph) == subgraph


def test_graphml_carries_evidence_sign_and_denial() -> None:
    graph = networkx.read_graphml(io.BytesIO(written("graphml", SMALL)), force_multigraph=True)
    edge = graph.edges[NSC.id, GDNF.id, "SC061"]
    assert (edge["predicate"], edge["sign"], edge["negated"]) == ("secretes", 0, False)
    assert (edge["context"], edge["qualifiers"]) == ("species=mouse", "clone=C17.2")
    assert edge["publications"] == "PMID:1 | PMID:2"
    assert edge["locations"] == "P4S3"
    assert [e["kind"] for e in json.loads(edge["evidence_json"])] == ["literature", "article"]
    denied = graph.edges[NSC.id, "CL:0000540", "N1"]
    assert (denied["negated"], denied["sign"]) == (True, -1)
    assert "sign" not in graph.edges[NSC.id, "CL:0000540", "INF-1"]
    assert graph.graph["snapshot"] == SMALL.snapshot
    assert graph.nodes[NSC.id]["synonyms"] == "NSC | NSCs"


def test_gexf_declares_what_it_uses() -> None:
    space = {"g": "http://gexf.net/1.3"}
    root = ElementTree.fromstring(written("gexf", SMALL))
    declared = {
        kind: {a.attrib["id"]: a.attrib for a in root.findall(
            f".//g:attributes[@class='{kind}']/g:attribute", space)}
        for kind in ("node", "edge")
    }  # fmt: skip
    nodes = {n.attrib["id"] for n in root.iterfind(".//g:node", space)}
    for edge in root.iterfind(".//g:edge", space):
        assert {edge.attrib["source"], edge.attrib["target"]} <= nodes
        values = {
            declared["edge"][v.attrib["for"]]["title"]: v.attrib["value"]
            for v in edge.iterfind("g:attvalues/g:attvalue", space)
        }
        assert values["predicate"] == edge.attrib["kind"]
        if edge.attrib["id"] == "N1":
            assert (values["negated"], values["sign"]) == ("true", "-1")
    types = {a["title"]: a["type"] for a in declared["edge"].values()}
    assert (types["negated"], types["sign"], types["titles"]) == ("boolean", "integer", "string")


def test_gexf_is_read_by_networkx() -> None:
    graph = networkx.read_gexf(io.BytesIO(written("gexf", SMALL)), version="1.3")
    assert graph.number_of_edges() == len(SMALL.statements)
    assert graph.nodes[NSC.id]["label"] == "neural stem cell"


def test_cytoscape_ids_are_unique_over_nodes_and_edges() -> None:
    clash = msgspec.structs.replace(SMALL.statements[0], id=NSC.id)
    subgraph = msgspec.structs.replace(SMALL, statements=(clash, *SMALL.statements[1:]))
    elements = json.loads(written("cytoscape", subgraph))["elements"]
    ids = [item["data"]["id"] for kind in ("nodes", "edges") for item in elements[kind]]
    assert len(ids) == len(set(ids))
    nodes = {item["data"]["id"] for item in elements["nodes"]}
    for item in elements["edges"]:
        assert {item["data"]["source"], item["data"]["target"]} <= nodes
    first = elements["edges"][0]["data"]
    assert first["statement"] == NSC.id
    assert first["evidence"][1]["location"] == "P4S3"
    assert first["context"] == [{"type": "species", "value": "NCBITaxon:10090", "label": "mouse"}]


def test_dot_keeps_texts_whole_and_shows_the_effect() -> None:
    graph = pygraphviz.AGraph(written("dot", HOSTILE).decode())
    assert graph.number_of_nodes() == len(HOSTILE_TEXTS)
    labels = [graph.get_node(f"X:{i}").attr["label"] for i in range(len(HOSTILE_TEXTS))]
    assert labels[HOSTILE_TEXTS.index('"]; evil [label="')] == '"]; evil [label="'
    assert labels[HOSTILE_TEXTS.index("back\\slash \\N \\")] == "back\\\\slash \\\\N \\\\"
    graph.close()
    graph = pygraphviz.AGraph(written("dot", SMALL).decode())
    heads = {edge.attr["id"]: edge.attr["arrowhead"] for edge in graph.edges()}
    styles = {edge.attr["id"]: edge.attr["style"] for edge in graph.edges()}
    graph.close()
    assert (heads["MK001"], heads["N1"], heads["SC061"]) == ("normal", "tee", "vee")
    assert styles["INF-1"] == "dotted"


def test_mermaid_holds_no_directive_and_no_markup() -> None:
    text = written("mermaid", HOSTILE).decode()
    assert "%%{" not in text
    assert not CONTROL.search(text)
    for line in text.split("\n"):
        if not line.startswith("%%"):
            assert "<" not in line
            assert "`" not in line


def test_kgx_is_biolink_with_the_graphs_own_terms_beside() -> None:
    members = packed(written("kgx-tsv", SMALL))
    assert set(members) == {"mechkg_nodes.tsv", "mechkg_edges.tsv"}
    nodes = {row["id"]: row for row in unquoted(members["mechkg_nodes.tsv"])}
    assert nodes[NSC.id]["category"] == "biolink:Cell"
    assert nodes[NSC.id]["synonym"].split("|") == ["NSC", "NSCs"]
    edges = {row["id"]: row for row in unquoted(members["mechkg_edges.tsv"])}
    first = edges["SC061"]
    assert (first["predicate"], first["original_predicate"]) == ("biolink:produces", "secretes")
    assert (first["subject"], first["object"]) == (NSC.id, GDNF.id)
    # The article is the stronger evidence, so the source is its own.
    assert first["knowledge_level"] == "knowledge_assertion"
    assert first["agent_type"] == "manual_agent"
    assert first["primary_knowledge_source"] == "infores:mechkg"
    assert first["publications"] == "PMID:1|PMID:2"
    assert first["titles"] == "One / two|Three"
    assert first["species_context_qualifier"] == "NCBITaxon:10090"
    assert edges["MK001"]["object_direction_qualifier"] == "increased"
    assert edges["MK001"]["species_context_qualifier"] == ""
    assert edges["N1"]["negated"] == "true"
    assert edges["INF-1"]["predicate"] == "biolink:related_to"
    assert edges["INF-1"]["knowledge_level"] == "not_provided"


def test_kgx_json_lines_keep_lists_and_types() -> None:
    members = packed(written("kgx-jsonl", SMALL))
    edges = [json.loads(line) for line in members["mechkg_edges.jsonl"].splitlines()]
    by_id = {edge["id"]: edge for edge in edges}
    assert by_id["SC061"]["publications"] == ["PMID:1", "PMID:2"]
    assert by_id["SC061"]["sign"] == 0
    assert by_id["N1"]["negated"] is True
    assert by_id["SC061"]["evidence"][1]["location"] == "P4S3"
    nodes = [json.loads(line) for line in members["mechkg_nodes.jsonl"].splitlines()]
    assert nodes[0]["category"] == ["biolink:Cell"]


def test_a_spreadsheet_runs_no_cell() -> None:
    table = written("tsv", HOSTILE).decode()
    cells = [cell for line in table.splitlines() for cell in line.split("\t")]
    assert not any(re.match(r"\s*[=+@]|\s*-\D", text) for text in cells)
    assert "'=cmd|' /C calc'!A0" in cells
    assert (cell(-1), cell("-1 or so"), cell(" =x")) == ("-1", "'-1 or so", "' =x")


def test_the_table_names_both_entities_and_the_evidence() -> None:
    reader = csv.DictReader(io.StringIO(written("tsv", SMALL).decode()), delimiter="\t")
    first = next(row for row in reader if row["id"] == "SC061")
    assert first["subject_name"] == "neural stem cell"
    assert first["object_name"] == "GDNF"
    assert (first["sign"], first["negated"], first["evidence"]) == ("0", "false", "2")
    assert first["locations"] == "P4S3"


def test_unknown_terms_need_no_schema() -> None:
    for form in FORMATS:
        assert form.write(SMALL, Schema())


def test_graphml_labels_what_gephi_shows() -> None:
    graph = networkx.read_graphml(io.BytesIO(written("graphml", SMALL)), force_multigraph=True)
    assert {node: data["label"] for node, data in graph.nodes(data=True)} == {
        entity.id: entity.name for entity in SMALL.entities
    }
    assert {data["label"] for *_, data in graph.edges(data=True)} >= {"secretes", "promotes"}


def test_cx2_stands_where_the_picture_stands_and_names_what_it_represents() -> None:
    network = CX2Network()
    network.create_from_raw_cx2(json.loads(written("cx2", SMALL)))
    told = {e["id"]: e for e in json.loads(written("layout", SMALL))["entities"]}
    for node in network.get_nodes().values():
        entity = told[node["v"]["represents"]]
        assert (node["x"], node["y"], node["v"]["name"]) == (
            entity["x"], entity["y"], entity["name"]
        )  # fmt: skip
    secretes = network.get_edge(0)["v"]
    assert (secretes["interaction"], secretes["sign"], secretes["negated"]) == (
        "secretes", 0, False
    )  # fmt: skip
    assert secretes["publications"] == ["PMID:1", "PMID:2"]


def test_bibtex_has_one_entry_a_publication() -> None:
    library = parse_string(written("bibtex", SMALL).decode())
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == ["infores-mechkg", "pmid-1", "pmid-2"]
    source, first, _ = library.entries
    assert source["note"] == "Evidence of SC061 (P4S3), MK001 (P4S3), N1 (P4S3)"
    assert first.entry_type == "article"
    assert (first["title"], first["pmid"]) == ("{One | two}", "1")
    assert first["note"] == "Evidence of SC061, XC0001"
    assert written("bibtex", EMPTY) == b""


@given(subgraphs())
@settings(max_examples=30, deadline=None)
def test_bibtex_is_empty_only_where_no_statement_has_evidence(subgraph: Subgraph) -> None:
    cited = any(statement.evidence for statement in subgraph.statements)
    assert bool(written("bibtex", subgraph)) == cited


def test_bibtex_holds_hostile_titles_as_text() -> None:
    library = parse_string(written("bibtex", HOSTILE).decode())
    assert not library.failed_blocks
    assert len(library.entries) == len(HOSTILE_TEXTS)
    assert len({entry.key for entry in library.entries}) == len(HOSTILE_TEXTS)


def test_bibtex_titles_close_no_entry() -> None:
    title = "} }\n@misc{evil, title = {"
    seen = Evidence(kind="literature", source="x", publications=("PMID:1",), titles=(title,))
    said = Statement(id="S1", subject="X:1", predicate="p", object="X:1", evidence=(seen,))
    text = written("bibtex", Subgraph(entities=(), statements=(said,))).decode()
    depths = [text[:end].count("{") - text[:end].count("}") for end in range(1, len(text))]
    assert depths.index(0, text.index("{")) == text.rindex("}"), "BibTeX counts escaped braces too"


@pytest.mark.parametrize(
    ("publication", "kind", "field", "value"),
    [
        ("DOI:10.1000/a_b(c)", "article", "doi", r"10.1000/a\_b(c)"),
        ("PMC:PMC12", "article", "pmcid", "PMC12"),
        ("https://example.org/x", "online", "url", "https://example.org/x"),
    ],
)
def test_bibtex_knows_identifiers(publication: str, kind: str, field: str, value: str) -> None:
    seen = Evidence(kind="literature", source="x", publications=(publication,))
    said = Statement(id="s", subject=NSC.id, predicate="p", object=NSC.id, evidence=(seen,))
    data = written("bibtex", Subgraph(entities=(NSC,), statements=(said,)))
    (entry,) = parse_string(data.decode()).entries
    assert (entry.entry_type, entry[field], "title" in entry) == (kind, value, False)
