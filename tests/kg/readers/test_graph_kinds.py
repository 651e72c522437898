"""Kinds of graph files that lost or merged something once: OBO, XML, CX, JSON."""

import json
from itertools import permutations
from pathlib import Path

import pytest

from mechkg.kg.build.load import load
from mechkg.kg.errors import DataError
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.schema import Schema
from mechkg.kg.snapshot.snapshot import open_snapshot
from mechkg.kg.subgraph import whole_graph
from mechkg.kg.writers import FORMATS as WRITERS
from tests.kg.readers.loading import read
from tests.kg.readers.test_load_report import assert_accounted_for

OBO = """format-version: 1.2
import: http://example.org/other.owl

[Term]
id: A:1
name: one
name: uno
def: "First." []
def: "Second." []
exact_synonym: "i" []
broad_synonym: "number" []
synonym: "eins" EXACT []
unknown_tag: x
is_a: A:2

[Annotation]
id: nothing
"""


def test_obo_terms_keep_second_names_and_count_unknown_tags(tmp_path: Path) -> None:
    (tmp_path / "a.obo").write_text(OBO)
    found = read(tmp_path / "a.obo")
    term = found.entities["A:1"]
    assert (term.name, term.synonyms) == ("one", ("eins", "i", "number", "uno"))
    assert term.synonym_kinds == {"number": "broad"}
    assert {term.description, term.attributes["description"]} == {"First.", "Second."}
    assert set(found.entities) == {"A:1", "A:2"}
    assert found.loaded.report.lost == 3  # the import, the tag, the stanza
    assert_accounted_for(found.loaded.report)


GRAPHML = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{}</graphml>'
CATEGORY = '<key id="c" for="node" attr.name="category"><default>Gene</default></key>'
PREDICATE = '<key id="p" for="edge" attr.name="predicate"><default>affects</default></key>'
NODES = '<node id="{0}1"><data key="n">a</data></node><node id="{0}2"/>'
EDGE = '<edge source="{0}1" target="{0}2"/>'
NAME = '<key id="n" for="node" attr.name="name"/>'
GEXF = """<gexf><graph defaultedgetype="directed">
<attributes class="node"><attribute id="0" title="category"><default>Gene</default></attribute>
</attributes><nodes><node id="{0}1" label="a"/><node id="{0}2" label="b"/></nodes>
<edges><edge source="{0}1" target="{0}2" label="affects" type="{1}"/></edges></graph></gexf>"""
CX2 = [
    {"CXVersion": "2.0"},
    {"attributeDeclarations": [{"nodes": {"category": {"d": "string", "v": "Gene"}},
                                "edges": {"interaction": {"a": "i", "v": "affects"}}}]},
    {"nodes": [{"id": 1, "v": {"name": "a"}}, {"id": 2, "v": {"name": "a"}}]},
    {"edges": [{"id": 0, "s": 1, "t": 2}]},
]  # fmt: skip


def graphs(prefix: str) -> dict[str, str]:
    """Return a graph of two genes, one of which affects the other, in several forms."""
    keys, nodes, edge = CATEGORY + PREDICATE + NAME, NODES.format(prefix), EDGE.format(prefix)
    graph = f"<graph edgedefault='directed'>{nodes}{edge}</graph>"
    undirected = graph.replace("'directed'", "'undirected'")
    return {
        "a.graphml": GRAPHML.format(keys + graph),
        "keys_last.graphml": GRAPHML.format(graph + keys),
        "undirected.graphml": GRAPHML.format(keys + undirected),
        "a.gexf": GEXF.format(prefix, "directed"),
        "undirected.gexf": GEXF.format(prefix, "undirected"),
    }


@pytest.mark.parametrize("name", graphs(""))
def test_defaults_and_directions_of_xml_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(graphs("A:")[name])
    found = read(tmp_path / name)
    assert found.triples == {("A:1", "affects", "A:2")}
    assert {entity.category for entity in found.entities.values()} == {"biolink:Gene"}
    (statement,) = found.statements
    assert bool(statement.attributes) == name.startswith("undirected")


NUMBERED: dict[str, object] = {
    "a.graphml": graphs("n")["a.graphml"], "a.gexf": graphs("n")["a.gexf"], "a.cx2": CX2,
    "a.cx": [{"metaData": []}, {"nodes": [{"@id": 1}, {"@id": 2}]},
             {"edges": [{"@id": 3, "s": 1, "t": 2, "i": "affects"}]}],
    "links.json": {"nodes": [{"name": "a"}, {"name": "b"}],
                   "links": [{"source": 0, "target": 1, "relation": "affects"}]},
    "a.cyjs": {"elements": [{"data": {"id": "1"}}, {"data": {"id": "2"}},
                            {"data": {"source": "1", "target": "2", "interaction": "affects"}}]},
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERED)
def test_numbers_of_nodes_mean_something_in_their_file_only(tmp_path: Path, name: str) -> None:
    content = NUMBERED[name]
    text = content if isinstance(content, str) else json.dumps(content)
    paths = [tmp_path / name, tmp_path / f"other_{name}"]
    for path in paths:
        path.write_text(text)
    found = [read(*order) for order in permutations(paths)]
    assert (len(found[0].entities), found[0].counts.statements) == (4, 2)
    assert found[0].hash == found[1].hash


@pytest.mark.parametrize("form", ["graphml", "gexf", "cx2", "cytoscape"])
def test_numbers_that_mechkg_wrote_are_identifiers(tmp_path: Path, form: str) -> None:
    (tmp_path / "e.tsv").write_text("subject\tpredicate\tobject\n1\taffects\t2\n")
    loaded = load([tmp_path / "e.tsv"], tmp_path, name="g", schema=biolink_schema())
    (writer,) = (w for w in WRITERS if w.name == form)
    path = tmp_path / f"g.{writer.suffix}"
    path.write_bytes(writer.write(whole_graph(open_snapshot(loaded.path)), Schema()))
    assert read(path).triples == {("1", "affects", "2")}


def test_nodes_of_one_name_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "a.cx2").write_text(json.dumps(CX2))
    found = read(tmp_path / "a.cx2")
    assert [entity.name for entity in found.entities.values()] == ["a", "a"]
    assert {entity.category for entity in found.entities.values()} == {"biolink:Gene"}
    assert [s.predicate for s in found.statements] == ["affects"]


def test_an_edge_to_no_node_is_refused_by_its_number(tmp_path: Path) -> None:
    broken = [*CX2[:3], {"edges": [{"id": 0, "s": 1, "t": 9}]}]
    (tmp_path / "a.cx2").write_text(json.dumps(broken))
    with pytest.raises(DataError, match="the node 9, which is not there"):
        read(tmp_path / "a.cx2")


def test_citations_of_cx_are_publications(tmp_path: Path) -> None:
    (tmp_path / "a.cx").write_text(json.dumps([
        {"metaData": []}, {"nodes": [{"@id": 1, "r": "A:1"}, {"@id": 2, "r": "A:2"}]},
        {"edges": [{"@id": 7, "s": 1, "t": 2, "i": "affects"}]},
        {"citations": [{"@id": 3, "dc:identifier": "PMID:5"}]},
        {"edgeCitations": [{"po": [7], "citations": [3]}]},
        {"supports": [{"@id": 4, "text": "said"}]},
        {"edgeSupports": [{"po": [7], "supports": [4]}]},
    ]))  # fmt: skip
    (statement,) = read(tmp_path / "a.cx").statements
    assert statement.evidence[0].publications == ("PMID:5",)
    assert statement.attributes == {"supporting_text": "said"}


def test_statements_by_hash_are_those_of_a_list(tmp_path: Path) -> None:
    agents = {name: {"name": name, "db_refs": {"HGNC": name}} for name in ("subj", "obj")}
    statement = {"id": "1", "type": "Activation", **agents}
    for statements in ([statement], {"-123": statement}):
        (tmp_path / "i.json").write_text(json.dumps({"statements": statements}))
        assert read(tmp_path / "i.json").triples == {("HGNC:subj", "affects", "HGNC:obj")}


@pytest.mark.parametrize("suffix", ["jsonl", "tsv"])
def test_two_statements_of_one_identifier_are_refused_with_both_lines(
    tmp_path: Path, suffix: str
) -> None:
    edges = [("e1", "A:2"), ("e10", "A:3"), ("e1", "A:4")]
    rows = [f"{identifier}\tA:1\tp\t{end}" for identifier, end in edges]
    keys = ("id", "subject", "predicate", "object")
    lines = [json.dumps(dict(zip(keys, row.split("\t"), strict=True))) for row in rows]
    text = "\n".join(lines if suffix == "jsonl" else ["\t".join(keys), *rows])
    (tmp_path / f"e.{suffix}").write_text(text + "\n")
    with pytest.raises(DataError, match=r"called 'e1', the other in e\.\w+, line") as refused:
        read(tmp_path / f"e.{suffix}")
    assert refused.value.line == (1 if suffix == "jsonl" else 2)


YED = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://yed">
<key id="d6" for="node" yfiles.type="nodegraphics"/>
<key id="d9" for="edge" yfiles.type="edgegraphics"/>
<graph edgedefault="directed">
<node id="A:1"><data key="d6"><y:ShapeNode><y:NodeLabel>aspirin</y:NodeLabel></y:ShapeNode></data>
<graph edgedefault="directed"><node id="A:2"/></graph></node>
<edge source="A:1" target="A:2"><data key="d9"><y:Line><y:EdgeLabel>inhibits</y:EdgeLabel></y:Line>
</data></edge></graph></graphml>"""


def test_labels_that_yed_draws_are_names(tmp_path: Path) -> None:
    (tmp_path / "y.graphml").write_text(YED)
    found = read(tmp_path / "y.graphml")
    assert found.triples == {("A:1", "inhibits", "A:2")}
    assert (found.entities["A:1"].name, found.entities["A:1"].attributes) == ("aspirin", {})
