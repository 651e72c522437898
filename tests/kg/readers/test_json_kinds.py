"""Kinds of JSON that lost something once: keys that come twice, lists of attributes."""

import json
from pathlib import Path

import pytest

from mechkg.kg.errors import MechKGError
from tests.kg.readers.loading import read

EDGE = '{"subject": "A:1", "predicate": "affects", "object": "A:2"'
TWICE = {
    "a line": ("a.jsonl", EDGE + ', "object": "A:3"}\n'),
    "a nested object": ("a.jsonl", EDGE + ', "x": {"a": 1, "a": 2}}\n'),
    "blanks before colons": ("a.jsonl", EDGE + ', "object" : "A:3"}\n'),
    "a key in a text": ("a.jsonl", EDGE + ', "x": "\\":", "object": "A:3"}\n'),
    "beside NaN": ("a.jsonl", EDGE + ', "x": NaN, "object": "A:3"}\n'),
    "a document": ("a.json", f'{{"nodes": [], "edges": [{EDGE}, "object": "A:3"}}]}}'),
    "nodes by identifier": (
        "t.json",
        '{"message": {"knowledge_graph": {"edges": {}, "nodes": {"A:1": {}, "A:1": {"a": 1}}}}}',
    ),
    "OBO Graphs": ("o.json", '{"graphs": [{"nodes": [{"id": "A:1", "lbl": "a", "lbl": "b"}]}]}'),
    "terms": ("m.json", '[{"id": "1", "namespace": "x", "name": "a", "name": "b", "xrefs": []}]'),
    "YAML": ("d.yaml", "graph: {_id: x}\nnodes: [{id: 'A:1', name: a, name: b}]\nlinks: []\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TWICE)
def test_a_key_with_two_values_is_refused(kind: str, tmp_path: Path) -> None:
    name, text = TWICE[kind]
    (tmp_path / name).write_text(text)
    with pytest.raises(MechKGError, match="twice"):
        read(tmp_path / name)


def test_a_key_with_the_same_value_twice_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(EDGE + ', "object": "A:2"}\n')
    assert read(tmp_path / "a.jsonl").triples == {("A:1", "affects", "A:2")}


ATTRIBUTES = [
    {"attribute_type_id": "biolink:publications", "value": ["PMID:1"]},
    {"attribute_type_id": "biolink:knowledge_level", "value": "prediction"},
    {"attribute_type_id": "biolink:has_attribute", "original_attribute_name": "score", "value": 1},
    {"attribute_type_id": "biolink:p_value", "value": 0.5, "attribute_source": "infores:x"},
    {"attribute_type_id": "biolink:publications", "value": "PMID:2"},
]


@pytest.mark.parametrize("form", ["line", "cell"])
def test_attributes_as_trapi_lists_them_are_read(form: str, tmp_path: Path) -> None:
    edge = {"subject": "A:1", "predicate": "biolink:affects", "object": "A:2",
            "publications": ["PMID:3"], "attributes": ATTRIBUTES}  # fmt: skip
    path = tmp_path / ("e.jsonl" if form == "line" else "e.tsv")
    cells = (value if isinstance(value, str) else json.dumps(value) for value in edge.values())
    table = "\t".join(edge) + "\n" + "\t".join(cells) + "\n"
    path.write_text(json.dumps(edge) if form == "line" else table)
    (statement,) = read(path).statements
    (evidence,) = statement.evidence
    assert set(evidence.publications) == {"PMID:1", "PMID:2", "PMID:3"}
    assert evidence.knowledge_level == "prediction"
    details = json.loads(statement.attributes.pop("attribute_details"))
    assert details == [{"name": "p_value", "attribute_source": "infores:x"}]
    assert statement.attributes == {"score": "1", "p_value": "0.5"}


def test_attributes_of_a_node_are_fields_of_it(tmp_path: Path) -> None:
    listed = [{"attribute_type_id": "biolink:xref", "value": ["B:1"]},
              {"attribute_type_id": "biolink:symbol", "value": "S"}]  # fmt: skip
    node = {"id": "A:1", "name": "a", "symbol": "T", "attributes": listed}
    (tmp_path / "n.jsonl").write_text(json.dumps(node))
    entity = read(tmp_path / "n.jsonl").entities["A:1"]
    assert (entity.xrefs, entity.attributes) == (("B:1",), {"symbol": "T", "symbol_": "S"})


def test_an_attribute_without_a_type_is_refused(tmp_path: Path) -> None:
    listed = [*ATTRIBUTES, {"value": 5}]
    (tmp_path / "e.jsonl").write_text(f'{EDGE}, "attributes": {json.dumps(listed)}}}')
    with pytest.raises(MechKGError, match="attribute_type_id"):
        read(tmp_path / "e.jsonl")


LINK = {"source": "A:1", "target": "A:2", "relation": "affects", "w": 1}
FORMS = {
    "a list of edges": [LINK],
    "JSON Graph Format 2": {"graph": {"nodes": {"A:1": {"label": "a", "metadata": {"x": 1}}},
                                      "edges": [LINK]}},
    "JSON Graph Format 1": {"graph": {"nodes": [{"id": "A:1", "label": "a"}], "edges": [LINK]}},
    "one KGX edge": json.loads(EDGE + "}"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_further_forms_of_graphs_are_read(form: str, tmp_path: Path) -> None:
    (tmp_path / "g.json").write_text(json.dumps(FORMS[form], indent=1))
    found = read(tmp_path / "g.json")
    assert found.triples == {("A:1", "affects", "A:2")}
    assert found.loaded.report.lost == 0


def test_hetnets_are_read(tmp_path: Path) -> None:
    node = {"kind": "Gene", "identifier": 9021, "name": "SOCS3", "data": {"chromosome": "17"}}
    edge = {"source_id": ["Gene", 9021], "target_id": ["Disease", "DOID:1"], "kind": "associates",
            "direction": "both", "data": {"unbiased": False}}  # fmt: skip
    graph = {"metanode_kinds": ["Gene"], "nodes": [node], "edges": [edge]}
    (tmp_path / "h.json").write_text(json.dumps(graph))
    found = read(tmp_path / "h.json")
    assert found.triples == {("Gene::9021", "associates", "Disease::DOID:1")}
    assert found.entities["Gene::9021"].attributes == {"chromosome": "17"}
    assert found.statements[0].attributes == {"direction": "both", "unbiased": "false"}


def test_drugmechdb_in_json_is_read(tmp_path: Path) -> None:
    nodes = [{"id": f"A:{n}", "label": "Drug", "name": "x"} for n in (1, 2)]
    record = {"graph": {"_id": "x", "drug": "x", "disease": "y"}, "nodes": nodes,
              "links": [{"source": "A:1", "key": "treats", "target": "A:2"}]}  # fmt: skip
    (tmp_path / "d.json").write_text(json.dumps([record]))
    assert read(tmp_path / "d.json").triples == {("A:1", "treats", "A:2")}


def test_keys_that_obo_graphs_does_not_have_are_counted(tmp_path: Path) -> None:
    meta = {"x": 1, "synonyms": [{"pred": "hasExactSynonym", "val": "s", "y": 2}]}
    graph = {"nodes": [{"id": "A:1", "lbl": "a", "z": 3, "meta": meta}], "edges": []}
    (tmp_path / "o.json").write_text(json.dumps({"graphs": [graph]}))
    (fields,) = (c for c in read(tmp_path / "o.json").loaded.report.files if c.kind == "field")
    assert {reason.reason[-9:-6] for reason in fields.reasons} == {"'x'", "'y'", "'z'"}


def test_prefixes_of_two_networks_stay_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        network = [{"metaData": []}, {"@context": {"q": f"http://{name}.org/"}},
                   {"nodes": [{"@id": 0, "n": name, "r": "q:1"}]}]  # fmt: skip
        (tmp_path / f"{name}.cx").write_text(json.dumps(network))
    found = read(tmp_path / "one.cx", tmp_path / "two.cx")
    assert set(found.entities) == {"http://one.org/1", "http://two.org/1"}


def test_several_primary_sources_are_kept(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text(f'{EDGE}, "primary_knowledge_source": ["a", "b"]}}')
    (statement,) = read(tmp_path / "e.jsonl").statements
    assert statement.evidence[0].source == "a"
    assert statement.attributes == {"primary_knowledge_source": "a|b"}
